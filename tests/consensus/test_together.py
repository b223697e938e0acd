"""Several sessions of a study are given a list, days and invitations at once: all of them, or none."""

from __future__ import annotations

import time

import pytest

from consensus import conduct, models
from consensus.conduct import Days, Guest, Refused
from consensus.numbers import numbers_of
from consensus.passed import Flow, flows_into, flows_left
from rounds.contract import Role
from tests.conftest import Table
from tests.consensus.test_numbers import LIST, another


async def _staff(table: Table) -> models.Staff:
    assert table.fay.staff_id
    return await models.Staff.get(id=table.fay.staff_id)


async def test_one_list_goes_to_all_ticked_sessions_under_the_same_numbers(table: Table) -> None:
    one, two, study = await another(table, "A"), await another(table, "B"), table.session.study_id
    sessions = [one.session_id, two.session_id]
    await conduct.bring_together(table.house, await _staff(table), study, sessions, LIST)
    assert await numbers_of(one.session_id) == await numbers_of(two.session_id) == {"P001": 1, "P002": 2, "P003": 3}
    await conduct.take_list_back(table.house, await _staff(table), study, sessions)
    assert not await numbers_of(one.session_id) and not (await models.Session.get(id=two.session_id)).imported


async def test_where_one_session_has_begun_no_session_gets_the_list(table: Table) -> None:
    new, study = await another(table, "A"), table.session.study_id
    await table.open("rating")
    with pytest.raises(Refused, match="one_has_begun"):
        await conduct.bring_together(
            table.house, await _staff(table), study, [new.session_id, table.session.id], LIST[:1]
        )
    assert (await models.Session.get(id=new.session_id)).imported == []


async def test_nobody_acts_on_a_session_that_they_do_not_run(table: Table) -> None:
    ada = await conduct.add_staff(table.house, "ada@example.org", "Ada", "correct horse battery")
    study, sessions = table.session.study_id, [table.session.id]
    for act in (
        conduct.bring_together(table.house, ada, study, sessions, LIST),
        conduct.take_list_back(table.house, ada, study, sessions),
        conduct.plan_days(table.house, ada, study, {table.session.id: Days("2030-01-01")}),
        conduct.invite_together(table.house, ada, study, sessions),
        conduct.plan_flow(table.house, ada, study, table.session.id, Flow(table.odile.session_id)),
    ):
        with pytest.raises(Refused, match="no_such_session"):
            await act
    with pytest.raises(Refused, match="no_such_session"):  # of another study
        await conduct.invite_together(table.house, await _staff(table), study, [table.odile.session_id])


async def test_days_and_moments_of_all_sessions_are_planned_at_once(table: Table) -> None:
    new, opens = await another(table), time.time() + 3600
    study, days = table.session.study_id, {table.session.id: Days("2030-01-01")}
    days[new.session_id] = Days("2030-02-01", opens, opens + 60)
    assert await conduct.plan_days(table.house, await _staff(table), study, days) == 2
    assert await conduct.plan_days(table.house, await _staff(table), study, days) == 0, "nothing is left to change"
    row = await models.Round.filter(session_id=new.session_id).order_by("position").first()
    assert row and (row.opens_at, row.closes_at) == (opens, opens + 60)
    wrong = {table.session.id: Days("2031-01-01"), new.session_id: Days("2031-02-01", opens, opens - 60)}
    with pytest.raises(Refused, match="closes_first"):
        await conduct.plan_days(table.house, await _staff(table), study, wrong)
    assert (await models.Session.get(id=table.session.id)).planned_on == "2030-01-01", "all or none"


async def test_everybody_who_is_not_invited_is_invited_once(table: Table) -> None:
    new, study = await another(table), table.session.study_id
    group = (await models.Study.get(id=study)).groups[0]["key"]
    for desk, mails in ((table.fay, "ab"), (new, "ac")):
        guests = [Guest(Role.PARTICIPANT, group, name=one, mail=f"{one}@example.org") for one in mails]
        await conduct.add_seats(table.house, desk, guests)
    sessions = [table.session.id, new.session_id]
    first = await conduct.invite_together(table.house, await _staff(table), study, sessions)
    assert first == 4
    assert await conduct.invite_together(table.house, await _staff(table), study, sessions) == 0


async def test_a_planned_flow_is_kept_once_never_in_a_circle_and_can_be_dropped(table: Table) -> None:
    new, study, fay = await another(table), table.session.study_id, await _staff(table)
    flow = Flow(table.session.id, "kept", 10)
    for _ in range(2):
        await conduct.plan_flow(table.house, fay, study, new.session_id, flow)
    taking = await models.Session.get(id=new.session_id)
    assert flows_into(taking) == (flow,) and flows_left(taking) == [flow]
    with pytest.raises(Refused, match="circle"):
        await conduct.plan_flow(table.house, fay, study, table.session.id, Flow(new.session_id))
    with pytest.raises(Refused, match="no_such_session"):
        await conduct.plan_flow(table.house, fay, study, new.session_id, Flow(table.odile.session_id))
    await conduct.drop_flow(table.house, fay, study, new.session_id, flow)
    assert not flows_into(await models.Session.get(id=new.session_id))
    with pytest.raises(Refused):
        await conduct.drop_flow(table.house, fay, study, new.session_id, flow)
