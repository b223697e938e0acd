"""What is told of a round speaks of k people or more, whatever happens, and whatever is subtracted from what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from rounds.contract import Ballot, Role
from rounds.gate import Gate
from tests.rounds.hunt import PARTED, Event, a_round, few, played

ROUNDS = 150  # python -m tests.rounds.hunt plays as many as it is asked to


class One:
    """A kind with one answer a slot; 0 is "I don't know"."""

    def parts(self, marks: Mapping[str, Any]) -> Mapping[str, bool]:
        return {"": marks["value"] > 0}

    def cut(self, marks: Mapping[str, Any], parts: object) -> Mapping[str, Any]:
        raise AssertionError("one part is never cut")


def a_gate(k: int = 3, seats: int = 9, is_silent: bool = False) -> Gate:
    return Gate(k, One(), {"a": seats}, is_silent)


def put(gate: Gate, seq: int, seat: str, value: int = 1, slot: str = "x", block: str | None = "a") -> None:
    gate.put(seat, block, slot, Ballot(seq, seat, Role.PARTICIPANT, block, slot, {"value": value}), seq)


def told(gate: Gate) -> list[int]:
    return sorted(ballot.seq for ballot in gate.visible())


def filled(gate: Gate, people: int, first: int = 1) -> None:
    for seq in range(first, first + people):
        put(gate, seq, f"p{seq}")


# -- while it is open


def test_running_figures_come_k_at_a_time_and_the_newest_k_stay_out():
    gate = a_gate()
    seen = []
    for seq in range(1, 10):
        put(gate, seq, f"p{seq}")
        seen.append(len(gate.visible()))
    assert seen == [0, 0, 0, 0, 0, 3, 3, 3, 6]


def test_a_group_of_which_everybody_answered_is_told_at_once():
    gate = a_gate(seats=5)
    filled(gate, 4)
    assert told(gate) == []
    put(gate, 5, "p5")
    assert told(gate) == [1, 2, 3, 4, 5]


def test_everybody_may_be_too_few():
    gate = a_gate(k=5, seats=4)
    filled(gate, 4)
    gate.close()
    assert told(gate) == []


def test_those_who_were_there_when_it_was_asked_are_everybody():
    gate = a_gate(seats=9)
    gate.ask("x", {"a": 4})
    filled(gate, 3)
    assert told(gate) == []
    put(gate, 4, "p4")
    assert told(gate) == [1, 2, 3, 4]


def test_the_end_of_a_call_tells_what_there_is_from_k_on():
    gate = a_gate()
    filled(gate, 4)
    gate.end()
    assert told(gate) == [1, 2, 3, 4]
    put(gate, 5, "p5")
    gate.end()
    assert told(gate) == [1, 2, 3, 4], "one more would be told by the difference"
    few = a_gate()
    filled(few, 2)
    few.end()
    assert told(few) == []


def test_a_changed_answer_moves_nothing_until_k_people_answered_anew():
    gate = a_gate(seats=5)
    filled(gate, 5)
    put(gate, 6, "p1", value=2)
    put(gate, 7, "p2", value=2)
    assert told(gate) == [1, 2, 3, 4, 5]
    gate.close()
    assert told(gate) == [1, 2, 3, 4, 5] and gate.aside() == {6, 7}
    again = a_gate(seats=5)
    filled(again, 5)
    for seq in (6, 7, 8):
        put(again, seq, f"p{seq - 5}", value=2)
    again.close()
    assert told(again) == [4, 5, 6, 7, 8]


def test_nothing_is_told_before_somebody_looks():
    gate = a_gate(is_silent=True)
    filled(gate, 7)
    assert gate.is_silent and told(gate) == []
    gate.speak()
    assert not gate.is_silent and told(gate) == [1, 2, 3, 4]
    put(gate, 8, "p8")
    gate.close()
    assert told(gate) == [1, 2, 3, 4, 5, 6, 7, 8], "the newest k were kept back for that"


def test_a_silent_round_tells_nothing_at_the_end_of_a_call():
    gate = a_gate(is_silent=True)
    filled(gate, 4)
    gate.end()
    assert told(gate) == []


# -- at its close and after it


@pytest.mark.parametrize("k", [3, 5])
def test_the_floor_holds_at_exactly_k_and_at_one_less(k: int):
    for people, is_told in ((k - 1, False), (k, True)):
        gate = a_gate(k=k, is_silent=True)
        filled(gate, people)
        gate.close()
        assert bool(gate.visible()) is is_told


@pytest.mark.parametrize("k", [3, 5])
def test_an_answer_without_a_value_is_not_one_of_the_k(k: int):
    gate = a_gate(k=k, is_silent=True)
    filled(gate, k - 1)
    put(gate, k, "unsure", value=0)
    gate.close()
    assert told(gate) == []
    gate = a_gate(k=k, is_silent=True)
    filled(gate, k)
    put(gate, k + 1, "unsure", value=0)
    gate.close()
    assert told(gate) == list(range(1, k + 2)), "how many do not know is told where the cell is"


@pytest.mark.parametrize("k", [3, 5])
def test_after_an_erasure_in_a_closed_round_nothing_is_told_until_k_answer_anew(k: int):
    gate = a_gate(k=k, is_silent=True)
    filled(gate, k + 1)
    gate.close()
    gate.leave("p1")
    assert told(gate) == [], "what is left would tell who left"
    gate.reopen()
    filled(gate, k - 1, first=k + 2)
    gate.close()
    assert told(gate) == []
    gate.reopen()
    put(gate, 2 * k + 1, "late")
    gate.close()
    assert told(gate) == list(range(2, 2 * k + 2))


def test_reopened_by_fewer_than_k_nothing_moves_and_the_answers_wait():
    gate = a_gate(is_silent=True)
    filled(gate, 4)
    gate.close()
    gate.reopen()
    put(gate, 5, "p1", value=2)
    put(gate, 6, "p5")
    gate.close()
    assert told(gate) == [1, 2, 3, 4] and gate.aside() == {5, 6}
    gate.reopen()
    put(gate, 7, "p6")
    gate.close()
    assert told(gate) == [2, 3, 4, 5, 6, 7] and not gate.aside()


def test_somebody_in_no_block_is_counted_nowhere():
    gate = a_gate(is_silent=True)
    filled(gate, 3)
    put(gate, 4, "stranger", block=None)
    gate.put("gone", None, "x", None, 5)
    gate.close()
    assert told(gate) == [1, 2, 3] and gate.aside() == {4}
    gate.leave("stranger")
    assert gate.aside() == frozenset()


def test_acts_of_the_team_always_count():
    gate = a_gate(is_silent=True)
    for seq, slot in ((1, None), (2, None), (3, "note")):
        gate.put("f", None, slot, Ballot(seq, "f", Role.FACILITATOR, None, slot, {"act": "move"}), seq)
    gate.put("f", None, None, None, 4)
    assert told(gate) == [1, 2, 3]
    gate.leave("f")
    assert told(gate) == []


def test_texts_are_handed_on_whoever_wrote_them():
    gate = Gate(5, None, {"a": 2}, is_silent=True)
    put(gate, 1, "p1")
    gate.put("p2", "a", "x", None, 2)
    assert told(gate) == [1]


def test_parts_are_told_each_by_its_own_answers():
    gate = Gate(3, PARTED, {"a": 4}, is_silent=True)
    for seq, marks in enumerate([{"one": 1, "two": 2}, {"one": 1, "two": 0}, {"one": 2}, {"one": 0, "two": 2}], 1):
        gate.put(f"p{seq}", "a", "x", Ballot(seq, f"p{seq}", Role.PARTICIPANT, "a", "x", marks), seq)
    gate.close()
    assert [ballot.marks for ballot in gate.visible()] == [{"one": 1}, {"one": 1}, {"one": 2}, {"one": 0}]


# -- laws


@pytest.mark.parametrize("is_silent", [True, False])
@pytest.mark.parametrize("k", [3, 5])
def test_no_combination_of_what_was_told_speaks_of_fewer_than_k(k: int, is_silent: bool):
    states = 0
    for seed in range(ROUNDS):
        people, events = a_round(Random(seed), k, is_silent=is_silent)
        *_, (_, all_told) = played(k, people, events, is_silent=is_silent)
        states += len(all_told.states)
        assert few(all_told.states, k) == (), f"seed {seed}"
    assert states > ROUNDS // k, "much was told"


@pytest.mark.parametrize("is_silent", [True, False])
def test_each_state_brings_k_answers_that_no_other_ever_told(is_silent: bool):
    for seed in range(ROUNDS):
        people, events = a_round(Random(seed), 3, is_silent=is_silent)
        *_, (_, all_told) = played(3, people, events, is_silent=is_silent)
        known: dict[object, set[object]] = {}
        for cell, answers in all_told.order:
            assert len(answers - known.setdefault(cell, set())) >= 3
            known[cell] |= answers


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_restart_tells_what_was_told_also_of_answers_erased_since(is_silent: bool):
    for seed in range(ROUNDS):
        people, events = a_round(Random(seed), 3, is_silent=is_silent)
        gone: set[str] = set()
        for number, (gate, _) in enumerate(played(3, people, events, is_silent=is_silent), 1):
            gone |= {event.seat for event in events[number - 1 : number] if event.act == "leave"}
            if number % 7 and number < len(events):
                continue
            stored = [replace(e, marks=None) if e.act == "put" and e.seat in gone else e for e in events[:number]]
            *_, (again, _) = played(3, people, stored, is_silent=is_silent)
            assert gate.visible() == again.visible() and gate.aside() == again.aside(), f"seed {seed}, {number}"


def test_the_hunt_finds_what_the_rules_of_before_told():
    """Steps of fewer than k, and a close that tells the rest."""

    class Careless(Gate):
        def _tell_all(self) -> Iterator[None]:
            self._told.clear()
            for cells in self._cells.values():
                for cell in cells.values():
                    cell.tell(cell.due(1, 0))
                yield

    people = {f"a{n}": "a" for n in range(7)}
    events = [Event("put", seat, "x", {"one": 1}, seq) for seq, seat in enumerate(people, 1)]
    gate = Careless(3, PARTED, {"a": 9})
    states = set()
    for event in [*events, Event("close")]:
        if event.act == "put":
            ballot = Ballot(event.seq, event.seat, Role.PARTICIPANT, "a", "x", event.marks)
            gate.put(event.seat, "a", "x", ballot, event.seq)
        else:
            gate.close()
        seen = frozenset(("x", "one", ballot.seq) for ballot in gate.visible())
        states |= {(("a", "x", "one"), seen)} if seen else set()
    assert few(states, 3) == ()  # 3, then 7: four more
    careless = states | {(("a", "x", "one"), frozenset(("x", "one", seq) for seq in range(1, 7)))}
    assert few(careless, 3) == (("x", "one", 7),)
