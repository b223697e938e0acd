"""What a session took of others, by statement, with the names of those sessions: for pages of its team.

Told from what was written when it was passed on (consensus/passed.py); nothing of the other session is read but its
title.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consensus import models
from consensus.facts import SessionFacts
from consensus.outcome import statement_from
from consensus.passed import Standing, taken_by
from rounds.contract import Statement


@dataclass(frozen=True, slots=True)
class Came:
    """Where a statement comes from. session: the one that passed it on; told: what it was worth there."""

    session: SessionFacts
    told: Standing


@dataclass(frozen=True, slots=True)
class Given:
    """All that one session passed on, in the order of its list: each as it is called here, and what it was worth."""

    session: SessionFacts
    rows: tuple[tuple[Statement, Standing], ...]


CameFrom = Mapping[str, tuple[Came, ...]]


async def came_into(session: models.Session) -> CameFrom:
    """By statement here, the sessions in the order in which they passed it on; of each what it told last."""
    entries = taken_by(session)
    if not entries:
        return {}
    rows = await models.Session.filter(id__in=[entry.session for entry in entries])
    known = {row.id: SessionFacts.of(row) for row in rows}
    found: dict[str, dict[int, Came]] = {}
    for entry in entries:
        for told in entry.statements:
            if entry.session in known:
                found.setdefault(told.statement, {})[entry.session] = Came(known[entry.session], told)
    return {statement: tuple(by_session.values()) for statement, by_session in found.items()}


async def by_session(session: models.Session) -> tuple[Given, ...]:
    """The same by the session that passed it on, in the order of its list."""
    held = {data["id"]: statement_from(data) for data in session.imported}
    told = {(one.session.id, one.told.statement): one for found in (await came_into(session)).values() for one in found}
    names = {(entry.session, one.statement): None for entry in taken_by(session) for one in entry.statements}
    by: dict[int, list[Came]] = {}
    for place in names:
        if place in told:
            by.setdefault(place[0], []).append(told[place])
    return tuple(
        Given(came[0].session, tuple((held[one.told.statement], one.told) for one in came)) for came in by.values()
    )
