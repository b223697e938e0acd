"""Who gave what in a round: people, slots and parts, kept as ballots come and go, so that nobody walks through them.

Numbers only, and never what anybody said; which ballots stand, and which are told, is count.py's and the gate's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from rounds.contract import Ballot
from rounds.kind import Kind

Cell = tuple[str, str]  # slot, part of it
_seat_of = attrgetter("seat")


class Given:
    """Of a set of ballots of participants. valid: people of whom a valid answer stands, by group."""

    def __init__(self, kind: Kind) -> None:
        self._parts = kind.parts
        self._people: Counter[str] = Counter()  # ballots that count in a block, by seat
        self._slots: Counter[str] = Counter()  # the same, by slot
        self._sure: Counter[str] = Counter()  # valid ballots, by seat
        self._answers: Counter[tuple[str, str, str, bool, bool]] = Counter()  # group, slot, part, is valid, is counted
        self._n = 0
        self.valid: Counter[str] = Counter()

    @property
    def people(self) -> int:
        return self._n

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(slot for slot, n in self._slots.items() if n)

    @property
    def cells(self) -> frozenset[Cell]:
        """The parts of slots that anybody answers who counts in a block."""
        return frozenset((slot, part) for (_, slot, part, _, counts), n in self._answers.items() if n and counts)

    def by_group(self) -> Iterator[tuple[str, Cell, bool, int]]:
        """Answers by group, cell and whether they are valid, of whoever counts in no block too."""
        return ((group, (slot, part), sure, n) for (group, slot, part, sure, _), n in self._answers.items() if n)

    def add(self, ballot: Ballot, sign: int, group: str) -> None:
        """Count a participant's ballot in (+1) or out (-1)."""
        seat, slot, parts = ballot.seat, ballot.slot, self._parts(ballot.marks)
        if True in parts.values():
            self._sure[seat] += sign
            if self._sure[seat] == (sign > 0):  # the first, or none any more
                self.valid[group] += sign
        if slot is None:
            return
        counts = ballot.block is not None
        for part, is_valid in parts.items():
            self._answers[group, slot, part, is_valid, counts] += sign
        if counts:
            self._slots[slot] += sign
            self._people[seat] += sign
            if self._people[seat] == (sign > 0):
                self._n += sign

    def add_all(self, ballots: Iterable[Ballot], groups: Mapping[int, str]) -> None:
        """The same, of many that come in; quickest where those of one seat follow one another. groups: by seat."""
        known: dict[int, Mapping[str, bool]] = {}  # by the marks themselves, which lie here meanwhile
        alike: Counter[tuple[str, str, bool, int]] = Counter()  # of one group, slot and marks
        for seat, theirs in groupby(ballots, _seat_of):
            group, sure, slots, counted = groups[int(seat)], 0, [], []
            for _, _, _, block, slot, marks in theirs:
                parts = known.get(id(marks))
                if parts is None:
                    parts = known[id(marks)] = self._parts(marks)
                sure += True in parts.values()
                if slot is not None:
                    counts = block is not None
                    slots.append((group, slot, counts, id(parts)))
                    if counts:
                        counted.append(slot)
            alike.update(slots)
            self._slots.update(counted)
            self.valid[group] += bool(sure and not self._sure[seat])
            self._sure[seat] += sure
            self._n += bool(counted and not self._people[seat])
            self._people[seat] += len(counted)
        named = {id(parts): parts for parts in known.values()}
        for (group, slot, counts, which), n in alike.items():
            for part, is_valid in named[which].items():
                self._answers[group, slot, part, is_valid, counts] += n


@dataclass(slots=True)
class Progress:
    """How many people, by block, gave at least one answer of those asked, and every one; where none is asked for, any
    answer will do, and nobody finishes."""

    asked: tuple[str, ...]
    answered: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    _asked: frozenset[str] = frozenset()
    _filled: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._asked = frozenset(self.asked)

    def fill(self, seat: str, slot: str, block: str | None) -> None:
        """Somebody gave an answer in a slot that they had left open."""
        if block is None or (self._asked and slot not in self._asked):
            return
        self._filled[seat] += 1
        if self._filled[seat] == 1:
            self.answered[block] += 1
        if self._filled[seat] == len(self._asked):
            self.finished[block] += 1
