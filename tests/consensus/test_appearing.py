"""When figures of a group appear: told at set-up from its size and the floor, and kept by the gate."""

from __future__ import annotations

import pytest

from consensus.appearing import CLOSE, RUNNING, WHOLE, appearances
from rounds.contract import Ballot, Block, Role
from rounds.gate import Gate


class Whole:
    """A kind whose every ballot is an answer."""

    def parts(self, marks: object) -> dict[str, bool]:
        return {"": True}

    def cut(self, marks: object, parts: object) -> object:
        raise AssertionError("one part is told or not")


def _blocks(*sizes: int) -> tuple[Block, ...]:
    return tuple(Block(f"b{n}", (f"b{n}",), size) for n, size in enumerate(sizes))


def _told(size: int, k: int, answers: int) -> int:
    gate = Gate(k, Whole(), {"b": size})  # type: ignore[arg-type]
    for n in range(answers):
        gate.put(str(n), "b", "S1", Ballot(n + 1, str(n), Role.PARTICIPANT, "b", "S1", {}), n + 1)
    return len(gate.visible())


@pytest.mark.parametrize("k", [3, 5])
def test_what_set_up_says_is_what_the_gate_does(k: int) -> None:
    for size in range(1, 3 * k):
        found = appearances(_blocks(size), k)
        assert found is not None
        (one,) = found.each
        told = [_told(size, k, answers) for answers in range(size + 1)]
        first = next((n for n, shown in enumerate(told) if shown), None)
        if one.how == CLOSE:
            assert first is None and size < k
        else:
            assert first == one.at
        if one.how == RUNNING:
            assert all(told[n] <= n - k for n in range(first or 0, size)), "the newest k wait"
        assert found.is_quiet == (one.how != RUNNING)


def test_with_groups_of_six_and_a_floor_of_five_each_waits_for_all_of_it() -> None:
    found = appearances(_blocks(6, 6, 4), 5)
    assert found is not None
    assert [(one.how, one.at) for one in found.each] == [(WHOLE, 6), (WHOLE, 6), (CLOSE, 5)]
    assert (found.low, found.high, found.is_quiet) == (4, 6, True)


def test_one_large_group_is_not_quiet() -> None:
    found = appearances(_blocks(10, 5), 5)
    assert found is not None
    assert [one.how for one in found.each] == [RUNNING, WHOLE] and not found.is_quiet


def test_nothing_is_said_while_nobody_has_a_seat() -> None:
    assert appearances((), 5) is None
