"""Whether groups were heard alike, worked out once when the last round of a session has closed, among its findings.

Reads who wrote, who asked to speak and was heard; what leaves is counts by group from the floor on (results/voice.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consensus import models
from consensus.house import House
from consensus.outcome import left_by, tally_from
from consensus.proposals import came_to
from consensus.results import released
from consensus.results.voice import NOBODY, VOICE, Wrote, ancestors, final_of, spoken, survived
from consensus.states import CallState, RoundState
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.proposals import compiles, writes

FLOOR = "speak"


async def voices_of(house: House, closed: models.Round) -> list[dict[str, Any]]:
    """One finding, beside those of the last round; none of a session that goes on, or where nobody wrote or spoke."""
    rows = await models.Round.filter(session_id=closed.session_id).order_by("position")
    if rows[-1].id != closed.id or any(row.state != RoundState.CLOSED for row in rows):
        return []
    study = await models.Study.get(sessions__id=closed.session_id)
    people = await models.Seat.filter(session_id=closed.session_id, role=Role.PARTICIPANT, consented=True)
    groups = {seat.id: seat.group for seat in people}
    wrote = await _wrote(house, rows, groups)
    alive = _alive(rows, wrote) if wrote else {}
    stages = survived(wrote, alive, study.floor) if wrote and alive else []
    turns = await _turns(closed.session_id, groups)
    floor_taken = spoken(list(turns.values()), [groups[seat] for seat in turns], study.floor)
    if not stages and not floor_taken:
        return []
    n = len(wrote.group_of) if wrote else 0
    told = {"value": stages, "n": n, "method": VOICE, "parameters": {"floor": study.floor}}
    return [{"statement": "", "measure": VOICE, **told, "more": {"turns": floor_taken}, "reason": None, "flags": []}]


async def _wrote(house: House, rows: Sequence[models.Round], groups: dict[int, str]) -> Wrote | None:
    """Of the one round in which people wrote; None where there is none, or where several would mix their numbers."""
    writing = [row for row in rows if writes(KINDS[row.kind])]
    if len(writing) != 1:
        return None
    counted = await house.counts.now(writing[0])
    waiting: dict[tuple[str, str, str], list[str]] = {}
    for one in tally_from(left_by(writing[0].outcome)).statements:
        waiting.setdefault((one.original, one.wordings.get(one.original, ""), one.nature), []).append(one.id)
    group_of = {name: NOBODY for names in waiting.values() for name in names}
    authors: dict[str, set[int]] = {}
    for ballot in sorted(counted.standing, key=lambda one: groups.get(int(one.seat), NOBODY)):
        said = ballot.marks["lang"], ballot.marks["text"], ballot.marks["nature"]
        if ballot.marks["text"] and waiting.get(said) and int(ballot.seat) in groups:
            group = groups[int(ballot.seat)]
            group_of[waiting[said].pop(0)] = group
            authors.setdefault(group, set()).add(int(ballot.seat))
    people = {group: len(authors[group]) for group in sorted(authors)}
    return Wrote(people | ({NOBODY: 0} if NOBODY in group_of.values() else {}), group_of)


def _alive(rows: Sequence[models.Round], wrote: Wrote) -> dict[str, frozenset[str]]:
    """The proposals that live on, alone or joined: once compiled, on the list, and kept by its rule."""
    parents: dict[str, tuple[str, ...]] = {}
    compiled: frozenset[str] | None = None
    for row in rows:
        left = tally_from(left_by(row.outcome))
        for statement in (*came_to(row), *left.statements, *left.ended):
            parents.setdefault(statement.id, statement.parents)
        if compiled is None and compiles(KINDS[row.kind]):
            compiled = _ids(left.statements)
    results = released(rows)
    listed = frozenset(card.statement.id for card in results.listed)
    stages = {"compiled": compiled, "selected": listed, "final": final_of(results)}
    return {name: ancestors(stood, parents) & wrote.group_of.keys() for name, stood in stages.items() if stood}


def _ids(statements: Sequence[Statement]) -> frozenset[str]:
    return frozenset(statement.id for statement in statements)


async def _turns(session_id: int, groups: dict[int, str]) -> dict[int, int]:
    """Of everybody who agreed to take part, how often they asked to speak and were heard."""
    turns = dict.fromkeys(groups, 0)
    for call in await models.Call.filter(session_id=session_id, what=FLOOR, state=CallState.ANSWERED):
        if call.seat_id in turns:
            turns[call.seat_id] += 1
    return turns
