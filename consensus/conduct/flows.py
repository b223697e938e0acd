"""Planned flows: which session of a study is to take what of which other; kept with the session that takes.

A plan passes nothing on by itself: once the giving session has closed, whoever runs it is offered the act
(conduct/passing.py) with one press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.together import desks
from consensus.house import House
from consensus.journal import head_of, write
from consensus.passed import Flow, flows_into

MOST = 20  # flows into one session


async def plan_flow(house: House, staff: models.Staff, study_id: int, to: int, flow: Flow) -> None:
    """One more flow into a session that has not taken it; twice the same is one."""

    async def job() -> None:
        taking, desk = await _taking(staff, study_id, to)
        if not await models.Session.exists(id=flow.session, study_id=study_id, rehearses=None) or flow.session == to:
            raise Refused("refused.no_such_session")
        if await _leads_to(study_id, to, flow.session):
            raise Refused("refused.flow_in_a_circle")
        flows = list(flows_into(taking))
        if flow in flows:
            return
        if len(flows) >= MOST:
            raise Refused("refused.too_many_flows", n=MOST)
        await _keep(taking, desk, [*flows, flow])

    await house.act(to, job)


async def drop_flow(house: House, staff: models.Staff, study_id: int, to: int, flow: Flow) -> None:
    async def job() -> None:
        taking, desk = await _taking(staff, study_id, to)
        flows = flows_into(taking)
        if flow not in flows:
            raise Refused("refused.no_such_flow")
        await _keep(taking, desk, [one for one in flows if one != flow])

    await house.act(to, job)


async def _taking(staff: models.Staff, study_id: int, to: int) -> tuple[models.Session, models.Seat]:
    await store.hold(head_of(to))
    desk = (await desks(staff, study_id)).get(to)
    if desk is None:
        raise Refused("refused.no_such_session")
    return await models.Session.get(id=to), desk


async def _leads_to(study_id: int, start: int, end: int) -> bool:
    """Does what the first session finds flow to the other, by plan?"""
    sessions = await models.Session.filter(study_id=study_id, rehearses=None)
    into = {session.id: {flow.session for flow in flows_into(session)} for session in sessions}
    waiting, seen = [end], set[int]()
    while waiting:
        here = waiting.pop()
        if here == start:
            return True
        waiting += into.get(here, set()) - seen
        seen.add(here)
    return False


async def _keep(taking: models.Session, desk: models.Seat, flows: Sequence[Flow]) -> None:
    taking.flows = [asdict(flow) for flow in flows] or None
    await taking.save(update_fields=["flows"])
    await write(head_of(taking.id), actor(desk), "plan_flows", {"n": len(flows)})
