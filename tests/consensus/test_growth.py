"""A vote costs the same whether ten people answered before it or a thousand. Counted in steps of the interpreter, which
no other program on the machine can slow down."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from random import Random
from types import FrameType
from typing import Any

import pytest

from consensus.count import Warm
from rounds import KINDS
from rounds.contract import BallotError, Block, By, Role, Round, Statement
from rounds.gate import Gate
from tests.panel import form_of

CARDS = tuple(Statement(f"S{n:02}", {"en": f"Card {n}.", "fr": f"Carte {n}."}, "en") for n in range(1, 7))
K, VOTES = 5, 150  # so many that figures move in every group
UNORDERED = [name for name, kind in KINDS.items() if not kind.ordered and kind.is_counted]


def steps_of(work: Callable[[], None]) -> int:
    """How many steps the interpreter takes for it."""
    steps = 0

    def step(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


class Session:
    """A round in which everybody answered everything; answers are changed from there on."""

    def __init__(self, name: str, people: int, is_together: bool) -> None:
        groups = (("a", "b"),) if is_together else (("a",), ("b",))
        blocks = tuple(Block("+".join(those), those, people // len(groups)) for those in groups)
        self.kind, self.chance, self.seq = KINDS[name], Random(1), 0
        self.round = Round(name, name, self.kind.Settings(), ("en",), blocks, CARDS)
        self.people = {seat: "ab"[seat % 2] for seat in range(1, people + 1)}
        gate = Gate(K, self.kind, {block.key: block.seats for block in blocks})
        self.warm = Warm(self.round, self.kind, gate, {})
        empty = self.kind.tally(self.kind.start(self.round), self.round)
        self.forms: dict[str | None, list[Any]] = {}
        by = By(Role.PARTICIPANT, "1", "a", "en")
        while len(self.forms) < len(self.kind.asked(self.round, None)):
            form = form_of(name, self.chance, self.round, empty, Role.PARTICIPANT)
            with suppress(BallotError):  # the panel has no manners
                marks = self.kind.read(form, self.round, by, None)
                self.forms.setdefault(self.kind.slot(marks), []).append(marks)
        for slot in self.forms:
            for seat in self.people:
                self.vote(seat, slot)
        self.look()

    def vote(self, seat: int, slot: str | None) -> None:
        self.seq += 1
        marks = json.dumps(self.chance.choice(self.forms[slot]))
        row = {"seq": self.seq, "seat_id": seat, "slot": slot, "marks": marks, "role": "participant"}
        self.warm.fold({**row, "group_key": self.people[seat], "withdrawn": ""})

    def look(self) -> None:
        """All that a drawing asks of a count after a vote."""
        now = self.warm.take_stock()
        assert now.shown.lines and now.own and now.answered and now.finished and now.valid and now.given.people
        assert now.given.cells >= now.told.cells and now.given.slots >= now.told.slots and now.told.people

    def dearest(self) -> int:
        """Steps of the vote that takes most: one by which figures move. How many do is a matter of the people."""
        seats, slots = list(self.people), list(self.forms)

        def goes_on() -> None:
            self.vote(self.chance.choice(seats), self.chance.choice(slots))
            self.look()

        return max(steps_of(goes_on) for _ in range(VOTES))


@pytest.mark.parametrize("is_together", [True, False], ids=["whole room", "two groups"])
@pytest.mark.parametrize("name", UNORDERED)
def test_a_vote_takes_as_many_steps_after_thousands_of_answers_as_after_some(name: str, is_together: bool) -> None:
    few, many = (Session(name, people, is_together).dearest() for people in (30, 900))
    print(f"{name}: {few} and {many} steps a vote")
    assert many <= 1.2 * few


class Walking(Session):
    """As it was: whoever looks walks through all that stands."""

    def look(self) -> None:
        super().look()
        assert len({ballot.seat for ballot in self.warm.ballots()}) == len(self.people)


def test_the_law_finds_a_look_that_walks_through_all_answers() -> None:
    few, many = (Walking("rating", people, is_together=True).dearest() for people in (30, 900))
    assert many > 1.2 * few
