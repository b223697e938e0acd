"""What the gate says moved is all that moved: a count that is only told what entered and left is the count of all that
is told, for every kind of round, whatever happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import KINDS
from rounds.contract import TEAM, Ballot, BallotError, Block, By, Role, Round, Statement, Tally
from rounds.gate import Gate
from tests.panel import form_of
from tests.rounds.hunt import PARTED, a_gate, a_round, feed
from tests.rounds.test_gate import a_gate as one_cell
from tests.rounds.test_gate import put

CARDS = tuple(Statement(f"S{n:02}", {"en": f"Card {n}.", "fr": f"Carte {n}."}, "en") for n in range(1, 5))
PEOPLE = {**{f"a{n}": "a" for n in range(7)}, **{f"b{n}": "b" for n in range(5)}, "stranger": None}
BLOCKS = (Block("a", ("a",), 7), Block("b", ("b",), 5))
MORE: Mapping[str, Mapping[str, Any]] = {"rating": {"second": "feasibility"}}
STEPS = 90


def spelled(ballots: list[Ballot]) -> Counter[str]:
    return Counter(map(repr, ballots))


@dataclass
class Twice:
    """One gate that is asked what moved, and one of which all is read."""

    kind: Any
    round: Round
    asked: Gate
    whole: Gate
    count: Any = None
    told: Counter[str] = field(default_factory=Counter)
    anew: int = 0  # how often the first was read whole too
    most: int = 1  # how often it may be

    def each(self, act: str, *given: Any) -> None:
        self.most += act in {"leave", "close", "speak"}
        for gate in (self.asked, self.whole):
            getattr(gate, act)(*given)

    def follow(self) -> None:
        moved = self.asked.moved()
        if moved is None:
            self.count, self.told, self.anew = self.kind.start(self.round), Counter(), self.anew + 1
            moved = [(+1, ballot) for ballot in self.asked.visible()]
        for sign, ballot in moved:
            self.kind.add(self.count, ballot, sign)
            self.told[repr(ballot)] += sign

    def check(self) -> None:
        self.follow()
        visible, count = self.whole.visible(), self.kind.start(self.round)
        for ballot in visible:
            self.kind.add(count, ballot, +1)
        assert +self.told == spelled(visible) and min(self.told.values(), default=0) >= 0
        assert self.kind.tally(self.count, self.round) == self.kind.tally(count, self.round)


def laid(name: str, k: int, *, is_silent: bool) -> Twice:
    kind = KINDS[name]
    round = Round(name, name, kind.Settings(**MORE.get(name, {})), ("fr", "en"), BLOCKS, CARDS)
    seats = {block.key: block.seats for block in BLOCKS}
    parts: Any = kind if kind.is_counted else None
    return Twice(kind, round, *(Gate(k, parts, seats, is_silent) for _ in range(2)))


class Played:
    """Whoever may answer does, at random, with the forms of tests/panel.py."""

    def __init__(self, twice: Twice, chance: Random) -> None:
        self.twice, self.chance = twice, chance
        self.standing: dict[tuple[str, str | int], Ballot] = {}
        self.gone: set[str] = set()
        self.is_open = True

    def now(self) -> Tally:
        kind, round = self.twice.kind, self.twice.round
        count = kind.start(round)
        for ballot in self.standing.values():
            kind.add(count, ballot, +1)
        tally: Tally = kind.tally(count, round)
        return tally

    def answer(self, seq: int) -> None:
        kind, round, chance = self.twice.kind, self.twice.round, self.chance
        is_team = bool(kind.cast_by & TEAM) and (Role.PARTICIPANT not in kind.cast_by or chance.random() < 0.25)
        role = Role.FACILITATOR if is_team else Role.PARTICIPANT
        seat = "fay" if is_team else chance.choice([seat for seat in PEOPLE if seat not in self.gone])
        block, now = PEOPLE.get(seat), self.now()
        by = By(role, seat, block, "en", {"a": chance.randint(2, 7), "b": 5})
        with suppress(BallotError):  # the panel has no manners
            marks = kind.read(form_of(round.kind, chance, round, now, role), round, by, now if kind.ordered else None)
            self.keep(Ballot(seq, seat, role, block, kind.slot(marks), marks))

    def keep(self, ballot: Ballot) -> None:
        kind, twice = self.twice.kind, self.twice
        if ballot.role in TEAM:
            if getattr(kind, "ends", None) and kind.ends(ballot.marks):
                twice.each("end")
            if getattr(kind, "asks", None) and (asked := kind.asks(ballot)):
                twice.each("ask", *asked)
        twice.each("put", ballot.seat, ballot.block, ballot.slot, ballot, ballot.seq)
        self.standing[ballot.seat, ballot.seq if ballot.slot is None else ballot.slot] = ballot

    def step(self, seq: int) -> None:
        lot = self.chance.random()
        if lot < 0.03:
            self.twice.each("close" if self.is_open else "reopen")
            self.is_open = not self.is_open
        elif lot < 0.05 and len(self.gone) < 6:
            seat = self.chance.choice([seat for seat in PEOPLE if seat not in self.gone])
            self.gone.add(seat)
            self.twice.each("leave", seat)
            self.standing = {place: ballot for place, ballot in self.standing.items() if place[0] != seat}
        elif lot < 0.08:
            self.twice.each(self.chance.choice(["speak", "end"]))
        elif self.is_open:
            self.answer(seq)


@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "running"])
@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32), every=st.sampled_from([1, 1, 4]))
def test_a_count_told_what_moved_is_the_count_of_all_that_is_told(
    name: str, k: int, is_silent: bool, seed: int, every: int
) -> None:
    """every: how many events lie between two questions."""
    twice = laid(name, k, is_silent=is_silent)
    played = Played(twice, Random(seed))
    for seq in range(1, STEPS):
        played.step(seq)
        if seq % every == 0:
            twice.check()
    twice.each("close")
    twice.check()
    assert twice.anew <= twice.most, "read whole at first, after a look, a close and an erasure alone"


@pytest.mark.parametrize("is_silent", [True, False])
@pytest.mark.parametrize("k", [3, 5])
@given(seed=st.integers(0, 2**32))
def test_what_moved_holds_of_answers_in_parts_and_of_erased_ones(k: int, is_silent: bool, seed: int) -> None:
    people, events = a_round(Random(seed), k, is_silent=is_silent)
    asked, whole = (a_gate(k, people, is_silent) for _ in range(2))
    told: Counter[str] = Counter()
    gone = {event.seat for event in events if event.act == "leave"}
    for event in events:
        erased = event.act == "put" and event.seat in gone and seed % 2  # as after a restart
        for gate in (asked, whole):
            if erased:
                gate.put(event.seat, people[event.seat], event.slot, None, event.seq)
            else:
                feed(gate, event, people)
        moved = asked.moved()
        if moved is None:
            told, moved = Counter(), [(+1, ballot) for ballot in asked.visible()]
        for sign, ballot in moved:
            told[repr(ballot)] += sign
        assert +told == spelled(whole.visible())
    assert all(PARTED.parts(ballot.marks) for ballot in whole.visible())


def test_of_a_thousand_people_only_those_who_moved_are_told():
    gate = one_cell(k=3, seats=2000)
    assert gate.moved() is None
    moves = []
    for seq in range(1, 1001):
        put(gate, seq, f"p{seq}")
        moves.append(len(gate.moved() or ()))
    assert sum(moves) == len(gate.visible()) and max(moves) == 3


def test_nobody_who_never_asks_has_moves_kept_for_them():
    gate = one_cell(k=3, seats=2000)
    for seq in range(1, 100):
        put(gate, seq, f"p{seq}")
    assert gate.moved() is None and gate.moved() == []
