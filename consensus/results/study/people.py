"""Who answered what in which session, as people and not as seats: to count somebody once who sat in two, to divide
people by chance, to see who stayed from one moment to the next.

Only of ballots that are counted and told. Nothing of one person leaves here but into a figure over all told cells, and
only while these ballots still are those of the close: after an erasure no figure is worked out again without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from consensus import models
from consensus.count import recount
from consensus.results.study.data import Cell, Ordered, Placed
from consensus.sites import all_of
from rounds import KINDS
from rounds.contract import Ballot, Role

CUTS = ("language", "own_arm", "own_site")  # what of a person may cut a cell in parts
AND = "+"  # between the keys of the sites of somebody who belongs to several
Who = tuple[str, int]  # a person, or a seat that nobody's name is tied to
Told = TypeVar("Told", Cell, Placed, Ordered)


@dataclass(frozen=True, slots=True)
class Answered:
    """One person in one round. values: by statement of the study, a value of the scale, or a place from 1."""

    session: str
    who: Who
    groups: tuple[str, ...]
    values: Mapping[str, int]
    labels: tuple[str, ...] = ("", "", "")  # by CUTS


@dataclass(frozen=True, slots=True)
class Heard:
    """told: of ballots that are counted; unseen: valid answers of which nothing is counted, under the group that the
    person declared."""

    told: tuple[Answered, ...] = ()
    unseen: tuple[Answered, ...] = ()


async def heard_in(session: str, session_id: int, round_id: int | None, names: Mapping[str, str]) -> Heard:
    """Of one round, in an order of its own, whatever that of the ballots. names: the study's, of each statement."""
    if round_id is None:
        return Heard()
    seats = await models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT)
    who: dict[str, Who] = {
        str(seat.id): ("seat", seat.id) if seat.person_id is None else ("person", seat.person_id) for seat in seats
    }
    row, here = await models.Round.get(id=round_id), (await models.Session.get(id=session_id)).site
    kind, counted = KINDS[row.kind], (await recount(row)).take_stock()
    groups = {block.key: block.groups for block in counted.round.blocks}
    first = kind.columns(counted.round.settings)[0].part
    own = {str(seat.id): seat for seat in seats}

    def read(ballots: Iterable[Ballot], block_of: Callable[[Ballot], tuple[str, ...] | None]) -> tuple[Answered, ...]:
        found: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
        for ballot in ballots:
            block = block_of(ballot) if ballot.seat in who else None
            for one in kind.answers(ballot.marks) if block else ():
                if block and isinstance(one.value, int) and first in {"", one.criterion} and one.statement in names:
                    found.setdefault((ballot.seat, block), {})[names[one.statement]] = one.value
        rows = (
            Answered(session, who[of], block, dict(sorted(values.items())), _labels(own[of], here))
            for (of, block), values in found.items()
        )
        return tuple(sorted(rows, key=lambda one: (one.groups, list(one.values.items()), one.who)))

    seen = {(ballot.seat, ballot.slot) for ballot in counted.visible}
    held = [one for one in counted.standing if one.seat in own and (one.seat, one.slot) not in seen]
    return Heard(
        read(counted.visible, lambda ballot: groups.get(str(ballot.block))),
        read(held, lambda ballot: (own[ballot.seat].group,)),
    )


def _labels(seat: models.Seat, site: str) -> tuple[str, ...]:
    """site: the session's. Whoever belongs to several sites has all their keys, in one order, as one label."""
    return seat.language, seat.arm, AND.join(sorted(all_of(site, seat.sites)))


def with_voices(cells: Sequence[Told], answers: Sequence[Answered]) -> Iterator[Told]:
    """Each cell with its voices: one a person, shared between the sessions in which they answered the statement. What
    they said is weighed with their cell's, so that no sum is told but that of whole cells."""
    places = {(cell.session, cell.groups): cell for cell in cells}
    people: dict[tuple[str, tuple[str, ...], str], set[Who]] = {}
    asked: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for cell in cells:
        asked.setdefault((cell.session, cell.groups), set()).add(cell.statement)
    for one in answers:
        if (one.session, one.groups) in places:
            for statement in asked[one.session, one.groups] & one.values.keys():
                people.setdefault((one.session, one.groups, statement), set()).add(one.who)
    times = Counter((statement, of) for (_, _, statement), those in people.items() for of in those)
    for cell in cells:
        those = people.get((cell.session, cell.groups, cell.statement), set())
        shared = sum((Fraction(1, times[cell.statement, of]) for of in those), Fraction())
        yield replace(cell, voices=shared + max(0, cell.n - len(those)))


def is_as_told(cells: Sequence[Cell], answers: Sequence[Answered]) -> bool:
    """Do these answers still add up to what was told of each cell? Not where somebody's were erased since."""
    votes: dict[tuple[str, tuple[str, ...], str], Counter[int]] = {}
    for one in answers:
        for statement, value in one.values.items():
            votes.setdefault((one.session, one.groups, statement), Counter())[value] += 1
    return all(
        tuple(votes.get((cell.session, cell.groups, cell.statement), Counter())[at] for at in _scale(cell))
        == cell.votes
        for cell in cells
    )


def _scale(cell: Cell) -> range:
    return range(1, len(cell.votes) + 1)
