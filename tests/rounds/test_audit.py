"""The look at all told sums together: it finds whoever is given away, and refuses no sums of whole cells."""

from __future__ import annotations

from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.audit import given_away


def cell(name: str, n: int, where: str = "s") -> frozenset[tuple[str, str]]:
    return frozenset((f"{name}{at}", where) for at in range(n))


def test_sums_of_whole_cells_speak_of_nobody() -> None:
    a, b, c = cell("a", 5), cell("b", 6), cell("c", 9)
    assert given_away([a, b, c, a | b, a | b | c, b | c], 5) == ()


def test_a_difference_of_one_is_found() -> None:
    a = cell("a", 6)
    assert given_away([a, a - {("a3", "s")}], 5) == ("a3",)


def test_a_total_of_everybody_gives_a_hidden_cell_away() -> None:
    shown, hidden = cell("a", 8), cell("b", 3)
    assert given_away([shown, shown | hidden], 5) == ("b0", "b1", "b2")
    assert given_away([shown, shown | hidden], 3) == ()


def test_two_cuts_of_one_cell_are_found_though_each_part_is_large() -> None:
    people = [f"p{at}" for at in range(10)]
    french, with_ = set(people[:5]), {*people[1:6]}  # one French speaker is in the other arm, and one in this one
    cuts = [{(one, "s") for one in part} for part in (french, set(people) - french, with_, set(people) - with_)]
    assert set(given_away(cuts, 5)) >= {"p0", "p5"}


def test_somebody_in_two_sessions_is_one_person() -> None:
    both = [frozenset((f"p{at}", where) for at in range(6)) for where in ("s", "t")]
    assert given_away(both, 5) == ()
    assert given_away([*both, both[0] | both[1] - {("p1", "t")}], 5) == ("p1",)


def test_k_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        given_away([], 0)


@given(st.integers(0, 2**31), st.integers(2, 4))
def test_it_finds_what_trying_everybody_finds(seed: int, k: int) -> None:
    """Against the definition itself: the rank without the columns of any fewer than k people."""
    chance = Random(seed)
    people = [f"p{at}" for at in range(chance.randint(3, 8))]
    sums = [{(one, "s") for one in people if chance.random() < 0.5} for _ in range(chance.randint(1, 4))]
    table = np.array([[(one, "s") in row for one in people] for row in sums], dtype=float)
    whole = np.linalg.matrix_rank(table)
    few = [
        those
        for n in range(1, k)
        for those in combinations(range(len(people)), n)
        if np.linalg.matrix_rank(np.delete(table, those, axis=1)) < whole
    ]
    assert bool(given_away(sums, k)) == bool(few)
