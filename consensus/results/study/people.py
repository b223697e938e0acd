"""Who answered what in which session, as people and not as seats: only to count somebody once who sat in two.

Nothing of it is told. What people said is not looked at, but for whether it was an answer at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

from consensus import models
from consensus.count import recount
from consensus.results.study.data import Cell, Placed
from rounds import KINDS
from rounds.contract import Role

Who = tuple[str, int]  # a person, or a seat that nobody's name is tied to
Answers = Mapping[tuple[str, tuple[str, ...]], frozenset[Who]]  # by statement of the study and block
Told = TypeVar("Told", Cell, Placed)


@dataclass(frozen=True, slots=True)
class Given:
    """scored, placed: who is counted in each cell of the last round that scored, and that ordered."""

    scored: Answers = field(default_factory=dict)
    placed: Answers = field(default_factory=dict)


async def given_in(session_id: int, rounds: Mapping[str, int], names: Mapping[str, str]) -> Given:
    """rounds: by field of Given, the row's number. names: what the study calls each statement. Where nobody of the
    session sits in another one of its study, nothing is counted, and everybody is whole."""
    seats = await models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT)
    mine = {seat.id: seat.person_id for seat in seats if seat.person_id is not None}
    elsewhere = models.Seat.filter(person_id__in=list(mine.values()), session__rehearses__isnull=True)
    if not mine or not await elsewhere.exclude(session_id=session_id).exists():
        return Given()
    who: dict[int, Who] = {seat.id: _who(seat) for seat in seats}
    return Given(**{name: await _answers(number, names, who) for name, number in rounds.items()})


def _who(seat: models.Seat) -> Who:
    return ("seat", seat.id) if seat.person_id is None else ("person", seat.person_id)


async def _answers(round_id: int, names: Mapping[str, str], who: Mapping[int, Who]) -> Answers:
    """Of the ballots that are counted and told."""
    row = await models.Round.get(id=round_id)
    kind, counted = KINDS[row.kind], (await recount(row)).take_stock()
    groups = {block.key: block.groups for block in counted.round.blocks}
    first = kind.columns(counted.round.settings)[0].part
    found: dict[tuple[str, tuple[str, ...]], set[Who]] = {}
    for ballot in counted.visible:
        seat = int(ballot.seat)
        if ballot.block not in groups or seat not in who:
            continue
        parts = kind.parts(ballot.marks)
        if not parts.get(first, any(parts.values()) and not first):
            continue
        for name in [ballot.slot] if ballot.slot in names else counted.round.ids if not ballot.slot else ():
            found.setdefault((names.get(str(name), str(name)), groups[str(ballot.block)]), set()).add(who[seat])
    return {cell: frozenset(people) for cell, people in found.items()}


def voices_of(cells: Sequence[Told], given: Mapping[str, Answers]) -> Iterator[Told]:
    """Each cell with its voices: one a person, shared between the sessions in which they answered the statement. What
    they said is weighed with their cell's, so that no sum is told but that of whole cells."""
    people = {
        place: given.get(cell.session, {}).get((cell.statement, cell.groups), frozenset())
        for place, cell in enumerate(cells)
    }
    times = Counter(_pairs(cells, people))
    for place, cell in enumerate(cells):
        shared = [Fraction(1, times[cell.statement, one]) for one in people[place]]
        yield replace(cell, voices=sum(shared, Fraction()) + max(0, cell.n - len(shared)))


def _pairs(cells: Sequence[Told], people: Mapping[int, Iterable[Who]]) -> Iterator[tuple[str, Who]]:
    for place, cell in enumerate(cells):
        yield from ((cell.statement, one) for one in people[place])
