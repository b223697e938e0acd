"""Acts on a series of rounds of one kind that ends by a rule fixed before: one more round, and a departure from what
the rule says, for a reason.

What the rule says is worked out in consensus/stopping.py; opening asks it too.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from consensus import models, store
from consensus.conduct.acting import Refused, actor, round_in
from consensus.conduct.opening import note
from consensus.conduct.sessions import lay_round
from consensus.house import House
from consensus.journal import head_of, write
from consensus.outcome import digest
from consensus.protocol import plan_of
from consensus.states import RoundState
from consensus.stopping import DEPARTED, has_departed, said_of
from rounds.lineage import ALL


async def go_on(house: House, by: models.Seat, round_id: int) -> None:
    """One more round after this one: a copy of it that takes all its statements, to be changed until it opens."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        row = await round_in(by.session_id, round_id)
        rows = await models.Round.filter(session_id=by.session_id).order_by("position")
        said, later = said_of(rows, row), [one for one in rows if one.position > row.position]
        if said is None or any(one.state != RoundState.DRAFT for one in later):
            raise Refused("refused.no_series")
        if said.is_over and not has_departed(row):
            raise Refused("refused.series_over")
        if later and later[0].kind == row.kind:
            raise Refused("refused.goes_on")
        for one in reversed(later):
            one.position += 1
            await one.save(update_fields=["position"])
        known = {one.key for one in rows}
        key = next(name for n in count(2) if (name := f"{row.kind}{n}") not in known)
        plan = replace(plan_of(row), key=key, takes=ALL, takes_of="", title={})
        await lay_round(await models.Session.get(id=by.session_id), row.position + 1, plan)
        await write(head_of(by.session_id), actor(by), "go_on", {"round": key, "after": row.key})

    await house.act(by.session_id, job)


async def depart(house: House, by: models.Seat, round_id: int, reason: str) -> None:
    """Do otherwise than the rule says, for a reason that is printed as a deviation."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        said = said_of(await models.Round.filter(session_id=by.session_id).order_by("position"), row)
        if said is None:
            raise Refused("refused.no_series")
        if not reason:
            raise Refused("refused.why_depart")
        row.notes = [*row.notes, *note(DEPARTED, reason, ["over" if said.is_over else "more"])]
        await row.save(update_fields=["notes"])
        await write(head_of(by.session_id), actor(by), DEPARTED, {"round": row.key, "notes": digest(row.notes)})

    await house.act(by.session_id, job)
