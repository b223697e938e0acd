"""What became of what one person wrote: received, made into a statement, what the group did with it, its rank.

For its author alone, from their own ballots and from what closed rounds told everybody; so nothing is here before
everybody may know it. Never the other authors of a statement nor how many they are, and never who moved it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consensus import models
from consensus.journal import head_of
from consensus.proposals import proposals_of
from consensus.results.cards import Results
from consensus.results.histories import History, Stop
from consensus.results.reading import released
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.proposals import compiles, writes

RECEIVED, READ, MADE, LISTED, ENDED, ERASED = "received", "read", "made", "listed", "ended", "erased"
JOINED, PARTED, ALONE = "joined", "parted", "alone"
Ranks = Mapping[str, tuple[int | None, int]]


@dataclass(frozen=True, slots=True)
class Made:
    """A statement that an idea became. how: joined with others, a part of it (parted), or it alone. is_same: in the
    words that were there before. because: the reason as it was written, "" where there is none."""

    statement: Statement
    how: str
    is_same: bool
    because: str


@dataclass(frozen=True, slots=True)
class Fate:
    """One way of an idea to its end: what it became in turn, and what was said of it at the close of each round.

    state: listed, ended. rank: its place among so many (of) on the list; None where none is told.
    """

    steps: tuple[Made | Stop, ...]
    state: str
    rank: int | None = None
    of: int = 0

    @property
    def made(self) -> tuple[Made, ...]:
        return tuple(step for step in self.steps if isinstance(step, Made))

    @property
    def stops(self) -> tuple[Stop, ...]:
        return tuple(step for step in self.steps if isinstance(step, Stop))


@dataclass(frozen=True, slots=True)
class Idea:
    """One sentence as its author wrote it, "" once it was erased. at: the minute in which it came, UTC; "" where the
    journal does not say. state: of what has no fate yet (received, read: the team reads it now, erased), else made."""

    text: str
    language: str
    at: str
    state: str
    fates: tuple[Fate, ...] = ()


async def ideas_of(seat: models.Seat) -> tuple[Idea, ...]:
    """A participant's own, in the order in which they were last written."""
    rows = await models.Round.filter(session_id=seat.session_id).order_by("position")
    results, found = released(rows), list[Idea]()
    for place, row in enumerate(rows if seat.role == Role.PARTICIPANT else ()):
        if writes(KINDS[row.kind]) and row.state != RoundState.DRAFT:
            later = [one for one in rows[place + 1 :] if compiles(KINDS[one.kind]) and one.state != RoundState.DRAFT]
            left = proposals_of(row)[0].statements if row.state == RoundState.CLOSED else ()
            for ballot, at in await _written(row, seat):
                found += _followed(row, ballot, at, left, results, READ if later else RECEIVED)
    return tuple(found)


async def has_written(seat: models.Seat) -> bool:
    """Did this person ever write, in a round in which people write?"""
    rows = await models.Round.filter(session_id=seat.session_id).only("id", "kind")
    wrote = [row.id for row in rows if writes(KINDS[row.kind])]
    return bool(wrote) and await models.Ballot.filter(seat_id=seat.id, round_id__in=wrote).exists()


async def _written(row: models.Round, seat: models.Seat) -> list[tuple[models.Ballot, str]]:
    """The last ballot of each card, with the minute of its line in the journal."""
    last = {one.slot: one for one in await models.Ballot.filter(round_id=row.id, seat_id=seat.id).order_by("seq")}
    lines = models.Entry.filter(head=head_of(seat.session_id), seq__in=[one.seq for one in last.values()])
    at = {line.seq: line.at for line in await lines.only("id", "seq", "at")}
    return [(one, at.get(one.seq, "")) for one in sorted(last.values(), key=lambda one: one.seq)]


def _followed(
    row: models.Round, ballot: models.Ballot, at: str, left: Sequence[Statement], results: Results, waits: str
) -> Iterator[Idea]:
    """left: what everybody wrote. Of equal texts the first stands for all of their authors, so that none learns of
    the others."""
    if ballot.marks is None:
        yield Idea("", ballot.language, at, ERASED)
        return
    for answer in KINDS[row.kind].answers(json.loads(ballot.marks)):
        own = next((one for one in left if one.wordings.get(one.original) == answer.text), None)
        history = results.histories.get(own.id) if own else None
        if answer.text and history is None:
            yield Idea(answer.text, ballot.language, at, waits)
        elif answer.text and history is not None:
            fates = tuple(_fates(history, results, _ranks(results), ()))
            yield Idea(answer.text, ballot.language, at, MADE, fates)


def _fates(history: History, results: Results, ranks: Ranks, before: tuple[Made | Stop, ...]) -> Iterator[Fate]:
    """Each way from a statement to its end."""
    told = [stop for stop in history.path if stop.is_said and stop.row.id != history.met.id]
    steps = (*before, *told)
    if not history.became:
        name = history.last.id
        yield Fate(steps, LISTED, *ranks[name]) if name in ranks else Fate(steps, ENDED)
    for child, _ in history.became:
        found = results.histories[child]
        yield from _fates(found, results, ranks, (*steps, _made(history, found)))


def _made(history: History, found: History) -> Made:
    how = JOINED if len(found.parents) > 1 else PARTED if len(history.became) > 1 else ALONE
    because = next((stop.place.reason for stop in found.path if stop.row.id == found.met.id), "")
    is_same = set(history.last.wordings.values()) <= set(found.first.wordings.values())
    return Made(found.first, how, is_same, because)


def _ranks(results: Results) -> Ranks:
    """By statement of the list; of several lists each by itself."""
    return {
        card.statement.id: (card.rank, len(one.listed)) for one in results.lists or (results,) for card in one.listed
    }
