"""Inside other acts: statements get their number in the study when they become cards, brought here or made here.

A rehearsal takes no number of the study: it is thrown away, and what it leaves is nobody's. What another session passed
on is numbered by passing.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from consensus import models, store
from consensus.conduct.acting import CLOCK, Refused, actor
from consensus.count import recount
from consensus.house import House
from consensus.journal import HOUSE, head_of, write
from consensus.numbers import brought_before, forget, kept_by, no_longer_same, number, numbers_of, twins_of
from consensus.passed import passed_into
from consensus.proposals import came_to, proposals_of
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Statement
from rounds.proposals import compiles


async def number_brought(session: models.Session, data: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The statements that a session holds once these were brought to it, instead of those brought before. What others
    passed on stays, and comes once where it is brought too."""
    passed = passed_into(session)
    stays = [one for one in session.imported if one["id"] in passed]
    known, numbers = await brought_before(session.study_id, session.id, data), await numbers_of(session.id)
    there = {numbers[one["id"]]: one["id"] for one in stays}
    again = {there[known[one["id"]]] for one in data if known.get(one["id"]) in there}
    new = [one for one in data if known.get(one["id"]) not in there]
    names = dict(zip((one["id"] for one in new), free_names(new, stays), strict=True))
    await forget(session.id, [name for name in numbers if name not in passed])
    for name, sessions in passed.items():
        source = None if name in again else sessions[0]
        await models.StudyNumber.filter(session_id=session.id, statement=name).update(passed_from=source)
    taken = {names[old]: known[old] for old in names if old in known}
    await number(session.study_id, session.id, list(names.values()), taken)
    return [*stays, *({**one, "id": names[one["id"]]} for one in new)]


def free_names(new: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[str]:
    """What they are called beside these: as they are called already, or by the next names that are free."""
    if not there:
        return [one["id"] for one in new]
    held = {one["id"] for one in there}
    free = (name for n in count(1) if (name := f"P{n:03}") not in held)
    return [next(free) for _ in new]


async def number_left(row: models.Round) -> None:
    """What a round leaves that goes on: not what people wrote and nobody has compiled."""
    session = await models.Session.get(id=row.session_id)
    if session.rehearses is not None:
        return
    left, theirs = proposals_of(row)
    cards = [statement for statement in left.statements if statement.id not in theirs]
    if compiles(KINDS[row.kind]):
        await forget(session.id, await no_longer_same(session, row, cards))
    same = kept_by(cards, came_to(row), await numbers_of(session.id))
    await number(session.study_id, session.id, [statement.id for statement in cards], same)


async def take_number(house: House, by: models.Seat, statement: str) -> int:
    """A statement of this session is the same as one that another has in the same words: it takes the number of that
    one, also while it is being compiled, as long as its words stay. Which; refused where another session took it from
    here, or the session is frozen."""

    async def job() -> int:
        await store.hold(head_of(by.session_id))
        session = await models.Session.get(id=by.session_id)
        twins = await twins_of(session, await _standing(session))
        twin = next((one for one in twins if one.statement == statement), None)
        if twin is None:
            raise Refused("refused.no_twin")
        is_given = twin.own and await models.StudyNumber.exists(passed_from=session.id, number=twin.own)
        if session.frozen_at or is_given:
            raise Refused("refused.twin_stands")
        if twin.own is None:
            await number(session.study_id, session.id, [statement], {statement: twin.number})
        await models.StudyNumber.filter(session_id=session.id, statement=statement).update(number=twin.number)
        said = {"statement": statement, "was": twin.own, "number": twin.number}
        await write(head_of(session.id), actor(by), "take_number", said)
        return twin.number

    return await house.act(by.session_id, job)


async def _standing(session: models.Session) -> tuple[Statement, ...]:
    """What a compilation that is open has made so far."""
    row = await models.Round.get_or_none(session_id=session.id, state=RoundState.OPEN)
    if row is None or not compiles(KINDS[row.kind]):
        return ()
    return (await recount(row)).take_stock().official.statements


async def number_older(house: House) -> int:
    """Sessions of before statements had a number of the study get theirs, oldest first; asked when the process starts.
    How many they were."""

    async def job() -> int:
        await store.hold(HOUSE)
        done = 0
        for session in await models.Session.filter(rehearses=None).order_by("id"):
            await store.hold(head_of(session.id))
            done += await _number_late(session)
        if done:
            await write(HOUSE, CLOCK, "number_statements", {"sessions": done})
        return done

    return await house.act(None, job)


async def _number_late(session: models.Session) -> bool:
    if await models.StudyNumber.exists(session_id=session.id):
        return False
    brought = [one["id"] for one in session.imported]
    known = await brought_before(session.study_id, session.id, session.imported)
    await number(session.study_id, session.id, brought, known)
    for row in await models.Round.filter(session_id=session.id, state=RoundState.CLOSED).order_by("position"):
        await number_left(row)
    return await models.StudyNumber.exists(session_id=session.id)
