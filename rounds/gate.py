"""Which ballots of a round are counted: the one rule for what is told while it is open, at its close and later.

A cell is one block in one part of one slot: a card, one criterion of it. Its figures are always an ordinary count, of
k or more valid answers; they move only when at least k other valid answers came. Nothing here knows a kind of round,
a page or a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Protocol

from rounds.contract import TEAM, Ballot, Marks

_Whose = tuple[str | None, str | int, str]  # block, slot, seat; block None: acts of the team, which always count
NOTHING: Mapping[str, bool] = {}
Put = tuple[int, str, Ballot | None]  # number, seat, and what it said; None for what was erased since


class Parts(Protocol):
    """What a kind says of its ballots."""

    def parts(self, marks: Marks) -> Mapping[str, bool]:
        """The parts of its slot that a ballot answers, and whether with a valid answer: "I don't know" is none."""

    def cut(self, marks: Marks, parts: Set[str]) -> Marks:
        """The same ballot, with these of its parts alone."""


@dataclass(slots=True)  # never changed; to freeze it would cost a recount a tenth
class _Said:
    """A seat's answer in a cell. ballot: None where it is taken back, or was erased since."""

    seq: int
    ballot: Ballot | None
    is_valid: bool


@dataclass(slots=True)
class _Cell:
    """One block in one part of one slot. told: what was told last, by seat; waiting: what came since, oldest first;
    fresh: who waits with a valid answer, and its number.

    A state is told only if at least k valid answers of it were in no state told before. So of all states that are
    added or subtracted the latest brings k people who are in none of the others, and no sum speaks of fewer.
    maybe_told: the number in the journal up to which answers may have been told otherwise than in steps. is_torn: the
    told state holds an answer that was erased since.
    """

    told: dict[str, _Said] = field(default_factory=dict)
    waiting: dict[str, _Said] = field(default_factory=dict)
    fresh: dict[str, int] = field(default_factory=dict)
    maybe_told: int = 0
    is_torn: bool = False

    def put(self, seat: str, said: _Said) -> None:
        self.waiting.pop(seat, None)
        self.fresh.pop(seat, None)
        self.waiting[seat] = said
        if said.is_valid:
            self.fresh[seat] = said.seq

    def due(self, k: int, held: int) -> list[str]:
        """Whose answers may be told of those that wait: all but the newest valid ones, held in number, and what came
        after the first of these; nobody's where fewer than k valid ones are left."""
        if len(self.fresh) < k + held:
            return []
        if not held:
            return list(self.waiting)
        end = next(islice(reversed(self.fresh.values()), held - 1, None))
        return [seat for seat, _ in takewhile(lambda each: each[1].seq < end, self.waiting.items())]

    def tell(self, due: Iterable[str]) -> None:
        """The costs follow those whose answers move."""
        for seat in due:
            said = self.waiting.pop(seat)
            self.fresh.pop(seat, None)
            if said.ballot is not None:
                self.told[seat] = said
            else:
                self.told.pop(seat, None)
        self.is_torn = False

    def erase(self, seat: str, held: int | None) -> None:
        """A seat's answer is gone, and with it what would say which states were told: so every answer counts as told
        from here on that may have been. held: only so many of the newest were surely not; None: nothing was told."""
        for place in (self.told, self.waiting, self.fresh):
            place.pop(seat, None)
        if held is None:
            return
        standing = sorted({**self.told, **self.waiting}.items(), key=lambda each: each[1].seq)
        fresh = [whose for whose, said in standing if said.is_valid and said.seq > self.maybe_told]
        surely = set(fresh[max(0, len(fresh) - held) :])
        self.waiting = {whose: said for whose, said in standing if whose in surely}
        self.fresh = {whose: said.seq for whose, said in self.waiting.items()}
        self.told = {whose: said for whose, said in standing if whose not in surely and said.ballot is not None}
        self.is_torn = True


class Gate:
    """Which ballots of a round are counted, as they come, by block, slot and part.

    A cell is told from k valid answers on and moves by k; while the round is open its newest k answers stay out, so
    that the close can always tell them, unless everybody of the block has answered. The close obeys the same steps:
    what may not move stays as it was told, and newer answers are set aside. Nothing is told before speak() or the
    close. Acts of the team always count. The same events give the same state, also where an answer was erased since
    and comes back as None: a restart tells nothing that differs.

    k: people. kind: None where nothing is counted, but texts are handed on: then every ballot passes. seats: how many
    of each block could answer.
    """

    def __init__(self, k: int, kind: Parts | None, seats: Mapping[str, int], is_silent: bool = False) -> None:
        self.k = k
        self._kind = kind
        self._seats = seats
        self._cells: dict[tuple[str, str], dict[str, _Cell]] = {}  # (block, slot) -> part
        self._present: dict[str, Mapping[str, int]] = {}
        self._here: dict[tuple[str, str], set[str]] = {}  # (block, slot) -> who ever said something there
        self._team: dict[tuple[str, str | int], Ballot] = {}
        self._outside: dict[tuple[str, str], int] = {}  # ballots of people in no block
        self._told: dict[tuple[str, str], list[Ballot]] = {}  # by (block, slot), until it moves
        # What was told, when somebody last asked what moved, of those who moved since; None: all is to be read again.
        self._before: dict[_Whose, list[Ballot]] | None = None
        self._is_silent = is_silent  # nobody was shown a figure yet
        self._is_open = True
        self._was_closed = False
        self._last = 0

    def put(self, seat: str, block: str | None, slot: str | None, ballot: Ballot | None, seq: int) -> None:
        """A ballot came; None stands for one whose marks were erased since."""
        self._last = max(self._last, seq)
        if self._kind is None or slot is None or (ballot is not None and ballot.role in TEAM):
            if ballot is not None:
                place = seq if slot is None else slot
                self._note(None, place, [seat])
                self._team[seat, place] = ballot
            return
        if block is None:
            if ballot is not None:
                self._outside[seat, slot] = seq
            return
        cells, here = self._place(block, slot)
        filled = self._kind.parts(ballot.marks) if ballot is not None else NOTHING
        if seat in here:
            self._put_again(cells, seat, ballot, seq, filled)
        else:
            here.add(seat)
            self._put_first(cells, seat, ballot, seq, filled)
        self._step(block, slot)

    def put_all(self, block: str, slot: str, said: Sequence[Put]) -> None:
        """Several came from one block in one slot, oldest first: as if each were put."""
        assert self._kind is not None, "without a kind there is no cell"
        cells, here = self._place(block, slot)
        known: dict[int, Mapping[str, bool]] = {}  # by the marks themselves, which lie here meanwhile
        everybody = self._present.get(slot, self._seats).get(block, 0)
        is_still, enough, last = self._is_still, 2 * self.k, max(self._last, said[-1][0])
        for seq, seat, ballot in said:
            filled: Mapping[str, bool] | None = NOTHING if ballot is None else known.get(id(ballot.marks))
            if filled is None:
                assert ballot is not None, "what was erased fills nothing"
                filled = known[id(ballot.marks)] = self._kind.parts(ballot.marks)
            if seat in here:
                self._put_again(cells, seat, ballot, seq, filled)
            else:
                here.add(seat)
                self._put_first(cells, seat, ballot, seq, filled)
            if not is_still and (len(here) >= everybody or any(len(cell.fresh) >= enough for cell in cells.values())):
                self._last = seq
                self._step(block, slot)
        self._last = last

    def _put_first(
        self, cells: dict[str, _Cell], seat: str, ballot: Ballot | None, seq: int, filled: Mapping[str, bool]
    ) -> None:
        """Of whoever said nothing here before."""
        for part, is_valid in filled.items():
            cell = cells.get(part)
            if cell is None:
                cell = cells[part] = _Cell()
            cell.waiting[seat] = _Said(seq, ballot, is_valid)
            if is_valid:
                cell.fresh[seat] = seq

    def _put_again(
        self, cells: dict[str, _Cell], seat: str, ballot: Ballot | None, seq: int, filled: Mapping[str, bool]
    ) -> None:
        """Of whoever said something here before: what they leave open now is taken back."""
        for part in filled:
            if part not in cells:
                cells[part] = _Cell()
        for part, cell in cells.items():
            cell.put(seat, _Said(seq, ballot if part in filled else None, filled.get(part, False)))

    @property
    def _is_still(self) -> bool:
        """Does nothing move whatever comes?"""
        return self._is_silent or not self._is_open

    def _place(self, block: str, slot: str) -> tuple[dict[str, _Cell], set[str]]:
        cells, here = self._cells.get((block, slot)), self._here.get((block, slot))
        if cells is None or here is None:
            cells, here = self._cells.setdefault((block, slot), {}), self._here.setdefault((block, slot), set())
        return cells, here

    def _step(self, block: str, slot: str) -> None:
        """While it is open: by k, and the newest k stay out."""
        if self._is_still:
            return
        seats = self._present.get(slot, self._seats)
        is_full = len(self._here[block, slot]) >= seats.get(block, 0)
        for cell in self._cells[block, slot].values():
            if is_full:
                cell.maybe_told = self._last
            self._tell(block, slot, cell, 0 if is_full and not cell.told else self.k)

    def _tell(self, block: str, slot: str, cell: _Cell, held: int) -> None:
        if due := cell.due(self.k, held):
            self._note(block, slot, [*cell.told, *due] if cell.is_torn else due)
            cell.tell(due)
            self._told.pop((block, slot), None)

    @property
    def is_silent(self) -> bool:
        """Was nobody shown a figure yet while it was open?"""
        return self._is_silent

    def speak(self) -> None:
        """Somebody is shown figures from here on."""
        _done(self.speaking())

    def speaking(self) -> Iterator[None]:
        """The same, place by place."""
        if self._is_silent:
            self._is_silent, self._before = False, None
            for block, slot in self._cells:
                self._step(block, slot)
                yield

    def leave(self, seat: str) -> None:
        """A seat withdrew and had its answers erased: what counts them is hidden at once."""
        _done(self.leaving(seat))

    def leaving(self, seat: str) -> Iterator[None]:
        """The same, place by place."""
        self._team = {place: ballot for place, ballot in self._team.items() if place[0] != seat}
        self._outside = {place: seq for place, seq in self._outside.items() if place[0] != seat}
        held = None if self._is_silent and not self._was_closed else self.k - 1 if not self._is_silent else self.k
        self._told.clear()
        self._before = None
        for place, cells in self._cells.items():
            for cell in cells.values() if seat in self._here[place] else ():
                cell.erase(seat, held)
            yield

    def close(self) -> None:
        """The round closed: every cell tells what waits, where that are k answers."""
        _done(self.closing())

    def closing(self) -> Iterator[None]:
        """The same, place by place."""
        self._before = None  # so many move that whoever asks reads all
        yield from self._tell_all()
        self._is_open, self._was_closed = False, True

    def _tell_all(self) -> Iterator[None]:
        for (block, slot), cells in self._cells.items():
            for cell in cells.values():
                self._tell(block, slot, cell, 0)
                cell.maybe_told = self._last
            yield

    def ask(self, slot: str, present: Mapping[str, int]) -> None:
        """This slot is asked of those who are there now, by block, and not of all seats."""
        self._present[slot] = present

    def end(self) -> None:
        """What was asked until now is asked no more: a close of it alone."""
        if not self._is_silent:
            _done(self._tell_all())

    def reopen(self) -> None:
        """The close is taken back; what it set aside waits like any other answer."""
        self._is_open = True

    def emptied(self) -> Iterator[None]:
        """Nobody needs it any more: place by place, since all at once is a single step however much there is."""
        while self._cells:
            place, _ = self._cells.popitem()
            self._told.pop(place, None)
            yield

    def visible(self) -> list[Ballot]:
        """The ballots that are counted; never two of one seat in one part of a slot."""
        return [ballot for ballots in self.by_place() for ballot in ballots]

    def by_place(self) -> Iterator[Sequence[Ballot]]:
        """The same in pieces: acts of the team, then each block in each slot."""
        yield list(self._team.values())
        for place, cells in self._cells.items():
            if place not in self._told:
                self._told[place] = self._told_of(cells)
            yield self._told[place]

    def moved(self) -> list[tuple[int, Ballot]] | None:
        """What left (-1) and entered (+1) since this was last asked, in an order in which it can be counted; None where
        visible() is to be read whole: at first, after a look, a close and an erasure."""
        before, self._before = self._before, {}
        if before is None:
            return None
        return [
            (sign, ballot)
            for whose, were in before.items()
            for sign, ballots in ((-1, were), (+1, self._told_by(*whose)))
            for ballot in ballots
        ]

    def _note(self, block: str | None, slot: str | int, seats: Iterable[str]) -> None:
        """These are about to move: what was told of them until now. block None: acts of the team."""
        if self._before is not None:
            for seat in seats:
                if (block, slot, seat) not in self._before:
                    self._before[block, slot, seat] = self._told_by(block, slot, seat)

    def _told_by(self, block: str | None, slot: str | int, seat: str) -> list[Ballot]:
        """What is told of one seat in one slot."""
        if block is None or not isinstance(slot, str):
            return [self._team[seat, slot]] if (seat, slot) in self._team else []
        told: dict[int, tuple[Ballot, set[str]]] = {}
        for part, cell in self._cells[block, slot].items():
            said = cell.told.get(seat) if not cell.is_torn else None
            if said is not None and said.ballot is not None:
                told.setdefault(said.seq, (said.ballot, set()))[1].add(part)
        return [self._cut(ballot, parts) for ballot, parts in told.values()]

    def _told_of(self, cells: Mapping[str, _Cell]) -> list[Ballot]:
        if len(cells) == 1:  # nobody answered another part, so that no ballot is cut
            (cell,) = cells.values()
            return [] if cell.is_torn else [said.ballot for said in cell.told.values() if said.ballot is not None]
        told: dict[tuple[str, int], tuple[Ballot, set[str]]] = {}
        for part, cell in cells.items():
            for seat, said in () if cell.is_torn else cell.told.items():
                assert said.ballot is not None, "what is told was said"
                told.setdefault((seat, said.seq), (said.ballot, set()))[1].add(part)
        return [self._cut(ballot, parts) for ballot, parts in told.values()]

    def _cut(self, ballot: Ballot, parts: Set[str]) -> Ballot:
        assert self._kind is not None, "without a kind there is no cell"
        if self._kind.parts(ballot.marks).keys() <= parts:
            return ballot
        return ballot._replace(marks=self._kind.cut(ballot.marks, parts))

    def aside(self) -> frozenset[int]:
        """Standing ballots, given with an answer that counts, of which no part is told as it stands now."""
        found = set(self._outside.values())
        for cells in self._cells.values():
            told: set[int] = set()
            standing: set[int] = set()
            for cell in cells.values():
                told |= {said.seq for said in cell.told.values() if not cell.is_torn}
                standing |= {said.seq for said in (cell.told | cell.waiting).values() if said.ballot is not None}
            found |= standing - told
        return frozenset(found)


def _done(steps: Iterator[None]) -> None:
    for _ in steps:
        pass
