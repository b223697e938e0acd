"""Random rounds through the gate, and a search for sums of few people among all that was ever told.

Each answer of a person is a column, each state that was told of a cell a row: 1 where the answer is in its sum. If
leaving out the columns of fewer than k answers lowers the rank, a combination of sums speaks of those alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

import numpy as np

from rounds.contract import Ballot, Marks, Role
from rounds.gate import Gate

Answer = tuple[str, str, int]  # slot, part, number of the ballot
State = tuple[tuple[str, str, str], frozenset[Answer]]  # cell, the valid answers counted in it


class Parted:
    """A kind with two questions a card, of which either may be left open or answered with "I don't know" (0)."""

    def parts(self, marks: Marks) -> Mapping[str, bool]:
        return {part: value > 0 for part, value in marks.items()}

    def cut(self, marks: Marks, parts: Set[str]) -> Marks:
        return {part: value for part, value in marks.items() if part in parts}


@dataclass(frozen=True)
class Event:
    """put (marks None: erased since), leave, speak, end, close or reopen."""

    act: str
    seat: str = ""
    slot: str = ""
    marks: Any = None
    seq: int = 0


@dataclass
class Told:
    """Every state that was told, and when."""

    states: set[State] = field(default_factory=set)
    order: list[State] = field(default_factory=list)

    def see(self, gate: Gate) -> None:
        cells: dict[tuple[str, str, str], set[Answer]] = {}
        for ballot in gate.visible():
            for part, is_valid in PARTED.parts(ballot.marks).items():
                here = cells.setdefault((str(ballot.block), str(ballot.slot), part), set())
                if is_valid:
                    here.add((str(ballot.slot), part, ballot.seq))
        for cell, answers in cells.items():
            state = (cell, frozenset(answers))
            if state not in self.states:
                self.states.add(state)
                self.order.append(state)


PARTED = Parted()


def a_gate(k: int, people: Mapping[str, str], is_silent: bool) -> Gate:
    blocks = list(people.values())
    return Gate(k, PARTED, {block: blocks.count(block) for block in set(blocks)}, is_silent)


def feed(gate: Gate, event: Event, people: Mapping[str, str]) -> None:
    match event.act:
        case "put":
            block, marks = people[event.seat], event.marks
            ballot = Ballot(event.seq, event.seat, Role.PARTICIPANT, block, event.slot, marks) if marks else None
            gate.put(event.seat, block, event.slot, ballot, event.seq)
        case "leave":
            gate.leave(event.seat)
        case act:
            getattr(gate, act)()


def a_round(chance: Random, k: int, *, is_silent: bool) -> tuple[dict[str, str], list[Event]]:
    """People by block, and what happens: answers, changed answers, erasures, looks, closes, reopenings."""
    sizes = {block: chance.choice([k - 1, k, k + 1, k + 2, 2 * k + 1]) for block in ("a", "b")}
    people = {f"{block}{number}": block for block, size in sizes.items() for number in range(size)}
    events: list[Event] = []
    is_open, gone, seats = True, set[str](), list(people)
    for seq in range(1, chance.randrange(3 * len(people), 6 * len(people))):
        lot = chance.random()
        if lot < 0.03:
            events.append(Event("close" if is_open else "reopen"))
            is_open = not is_open
        elif lot < 0.05:
            seat = chance.choice(seats)
            gone.add(seat)
            events.append(Event("leave", seat))
        elif lot < 0.07 and is_open:
            events.append(Event(chance.choice(["speak", "end"]) if is_silent else "end"))
        elif is_open and (here := [seat for seat in seats if seat not in gone]):
            marks = {"one": chance.choice([0, 1, 2, 2]), "two": chance.choice([0, 1, 2])}
            if chance.random() < 0.4:
                del marks["two"]
            events.append(Event("put", chance.choice(here), chance.choice(["x", "y"]), marks, seq))
    return people, [*events, *([Event("close")] if is_open else [])]


def played(
    k: int, people: Mapping[str, str], events: Iterable[Event], *, is_silent: bool
) -> Iterator[tuple[Gate, Told]]:
    """The gate after each event, and all that it ever told. While it is silent and open nobody is shown anything."""
    gate, told, was_closed = a_gate(k, people, is_silent), Told(), False
    for event in events:
        feed(gate, event, people)
        was_closed = was_closed or event.act == "close"
        if was_closed or not gate.is_silent:
            told.see(gate)
        yield gate, told


def few(states: Iterable[State], k: int) -> tuple[Answer, ...]:
    """Fewer than k answers of which a combination of what was told speaks alone; () where there are none."""
    by_slot: dict[tuple[str, str], list[frozenset[Answer]]] = {}
    for (_, slot, part), answers in states:
        by_slot.setdefault((slot, part), []).append(answers)
    for rows in by_slot.values():
        columns = sorted(frozenset().union(*rows))
        if found := _few(np.array([[answer in row for answer in columns] for row in rows], dtype=float), columns, k):
            return found
    return ()


def _few(rows: np.ndarray[Any, Any], columns: Sequence[Answer], k: int) -> tuple[Answer, ...]:
    if not columns:
        return ()
    # Columns that are alike in all rows are one: only together can they be told apart from the others.
    alike, inverse = np.unique(rows, axis=1, return_inverse=True)
    sizes = np.bincount(inverse.ravel())
    whole = np.linalg.matrix_rank(alike)
    small = [at for at in range(alike.shape[1]) if sizes[at] < k and alike[:, at].any()]
    for n in range(1, k):
        for those in combinations(small, n):
            if sizes[list(those)].sum() < k and np.linalg.matrix_rank(np.delete(alike, those, axis=1)) < whole:
                return tuple(answer for answer, at in zip(columns, inverse.ravel(), strict=True) if at in those)
    return ()


def main(rounds: int) -> int:
    """How many of so many random rounds told a sum of fewer than k answers."""
    found = 0
    for k, is_silent in ((3, True), (3, False), (5, True), (5, False)):
        leaks = [seed for seed in range(rounds) if _leaks(seed, k, is_silent=is_silent)]
        found += len(leaks)
        sys.stdout.write(f"k {k}, {'silent' if is_silent else 'running'}: {len(leaks)} of {rounds} {leaks[:5]}\n")
    return 1 if found else 0


def _leaks(seed: int, k: int, *, is_silent: bool) -> bool:
    people, events = a_round(Random(seed), k, is_silent=is_silent)
    *_, (_, told) = played(k, people, events, is_silent=is_silent)
    return bool(few(told.states, k))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
