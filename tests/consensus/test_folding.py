"""A recount of many ballots at a time gives what each taken by itself gives, for every kind, whatever came between."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus import folding
from consensus.count import Warm
from consensus.folding import folded
from consensus.reading import Row, Stored
from rounds import KINDS
from rounds.contract import BallotError, Block, By, Role, Round
from rounds.gate import Gate, Parts, Put
from tests.panel import form_of
from tests.rounds.test_moved import CARDS, MORE

GROUPS = ("a", "b", "c")  # the third is in no block
BLOCKS = (Block("a", ("a",), 9), Block("b", ("b",), 6))
PEOPLE = {seat: GROUPS[seat % 7 % 3] for seat in range(1, 17)}
FEW = 7  # ballots at a time, so that pieces end anywhere
Made = tuple[list[Row], list[Mapping[str, Any]]]


def a_warm(name: str, k: int, is_silent: bool, moves: Mapping[int, Sequence[tuple[int, str]]]) -> Warm:
    kind = KINDS[name]
    round = Round(name, name, kind.Settings(**MORE.get(name, {})), ("fr", "en"), BLOCKS, CARDS)
    parts = cast(Parts, kind) if kind.is_counted else None
    return Warm(round, kind, Gate(k, parts, {block.key: block.seats for block in BLOCKS}, is_silent), moves)


def written(name: str, chance: Random, number: int, warm: Warm) -> Made:
    """What is stored after so many acts: answers, changed and erased ones, and the lines that matter to a count."""
    rows: list[Row] = []
    acts: list[Mapping[str, Any]] = []
    gone: set[int] = set()
    kind, is_open = warm.kind, True
    empty = kind.tally(kind.start(warm.round), warm.round)
    for seq in range(1, number + 1):
        if chance.random() < 0.06:
            what = chance.choice(["withdraw", "look", "closed" if is_open else "reopen"])
            is_open = what != "closed" and (is_open or what == "reopen")
            about = chance.choice(list(PEOPLE)) if what == "withdraw" else None
            gone |= {about} if about else set()
            acts.append({"seq": seq, "act": what, "about_id": about, "payload": "{}"})
            continue
        seat = chance.choice([seat for seat in PEOPLE if seat not in gone])
        by = By(Role.PARTICIPANT, str(seat), PEOPLE[seat], "en")
        with suppress(BallotError):  # the panel has no manners
            marks = kind.read(form_of(name, chance, warm.round, empty, Role.PARTICIPANT), warm.round, by, None)
            rows.append((seq, seat, kind.slot(marks), json.dumps(marks), "participant", PEOPLE[seat]))
    return [(*row[:3], None if row[1] in gone else row[3], *row[4:]) for row in rows], acts


def one_by_one(warm: Warm, rows: Sequence[Row], acts: Sequence[Mapping[str, Any]]) -> Warm:
    """The law: a row, or a line of the journal, after another."""
    both: list[tuple[int, Callable[[], object]]] = [(row[0], lambda row=row: warm.take(*row)) for row in rows]  # type: ignore[misc]
    both += [(act["seq"], lambda act=act: list(warm.unsettle(act))) for act in acts]  # type: ignore[misc]
    for _, work in sorted(both, key=lambda each: each[0]):
        work()
    return warm


def at_once(warm: Warm, rows: Sequence[Row], acts: Sequence[Mapping[str, Any]]) -> Warm:
    for _ in folded(warm, Stored(warm.last, (), deque([list(rows)])), deque(acts)):
        pass
    for _ in warm.tell():
        pass
    return warm


def said(warm: Warm) -> Iterator[object]:
    """All that anybody can ask of it."""
    now, gate = warm.take_stock(), warm.gate
    yield now.official, now.shown, now.own, now.ballots, len(now.standing), now.blocks
    yield now.answered, now.finished, now.valid, now.heard, now.aside, gate.aside(), gate.is_silent
    yield sorted(map(repr, gate.visible())), sorted(map(repr, now.visible))
    for gave in (now.given, now.told):
        yield gave.people, gave.slots, gave.cells, sorted(gave.by_group()), dict(+gave.valid)
    yield (
        {seat: theirs for seat, theirs in warm.standing.items() if theirs},
        {seat: list(slots) for seat, slots in warm.own.items()},
        warm.groups,
    )


UNORDERED = [name for name, kind in KINDS.items() if not kind.ordered]


@pytest.mark.parametrize("is_silent", [False, True], ids=["shown", "silent"])
@pytest.mark.parametrize("name", UNORDERED)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), k=st.integers(2, 4))
def test_many_at_once_are_what_each_by_itself_gives(name: str, is_silent: bool, seed: int, k: int) -> None:
    chance = Random(seed)
    moves = {seat: [(chance.randint(1, 150), chance.choice(GROUPS))] for seat in chance.sample(list(PEOPLE), 3)}
    rows, acts = written(name, chance, 150, a_warm(name, k, is_silent, moves))
    each = one_by_one(a_warm(name, k, is_silent, moves), rows, acts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "AT_ONCE", FEW)
        many = at_once(a_warm(name, k, is_silent, moves), rows, acts)
    assert list(said(many)) == list(said(each))
    for later in range(40):  # and it goes on like any other
        if rows:
            row = (1000 + later, *chance.choice(rows)[1:])
            for warm in (many, each):
                warm.take(*row)
            assert list(said(many)) == list(said(each))


class Watched(Gate):
    """Knows how many ballots it was told of since somebody last asked."""

    number = 0

    def put_all(self, block: str, slot: str, said: Sequence[Put]) -> None:
        self.number += len(said)
        super().put_all(block, slot, said)


@pytest.mark.parametrize("name", [name for name in UNORDERED if KINDS[name].is_counted])
def test_others_have_their_turn_after_so_many_ballots(name: str) -> None:
    """Whatever a recount does: at most twice as many between two turns as are meant, also where all are in one slot."""
    warm = a_warm(name, 3, False, {})
    warm.gate = gate = Watched(3, cast(Parts, warm.kind), {"a": 9, "b": 6})
    rows, acts = written(name, Random(5), 600, warm)
    stored, read, most, turns = Stored(600, (), deque([rows[n : n + 1] for n in range(len(rows))])), 0, 0, 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "AT_ONCE", FEW)
        for _ in folded(warm, stored, deque(acts)):
            read, before = len(rows) - len(stored.slices), read
            most, gate.number, turns = max(most, read - before, gate.number), 0, turns + 1
    assert most < 2 * FEW and turns > len(rows) / FEW
