"""Sums by thirds of the order of the cards: what they say, and that they give away nobody."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest

from rounds.measures.order_effect import FIRST, LAST, MIDDLE, UNKNOWN, Place, Third, by_thirds, is_safe, order_effect
from rounds.measures.result import as_data


def few_are_told(people: dict[Place, int], k: int) -> bool:
    """By brute force: does any set of fewer than k people, taken away, lower the rank of what is told?

    Told are the sums of each third and of each block; people of one third and one block are alike in all of them.
    """
    cells = [cell for cell, n in people.items() if n]
    blocks = sorted({block for _, block in cells})
    told = [[int(part == third) for part, _ in cells] for third in (FIRST, MIDDLE, LAST)]
    told += [[int(where == block) for _, where in cells] for block in blocks]
    table = np.array(told)
    rank = np.linalg.matrix_rank(table)
    for size in range(1, len(cells) + 1):
        for gone in combinations(range(len(cells)), size):
            if sum(people[cells[cell]] for cell in gone) >= k:
                continue
            left = np.delete(table, gone, axis=1)
            if not left.size or np.linalg.matrix_rank(left) < rank:
                return True
    return False


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("seed", range(60))
def test_thirds_are_told_where_no_sum_of_fewer_than_k_follows(seed: int, k: int) -> None:
    """Random panels of one to three blocks, with and without answers whose place nobody knows."""
    chance, found = Random(seed), set()
    for _ in range(12):
        blocks = ["a", "b", "c"][: chance.randint(1, 3)]
        parts = (UNKNOWN, FIRST, MIDDLE, LAST)
        people = {(part, block): chance.choice([0, 0, 1, 2, 3, 4, 6, 9]) for part in parts for block in blocks}
        blocks_told = [sum(n for (_, where), n in people.items() if where == block) for block in blocks]
        if any(0 < n < k for n in blocks_told):
            continue  # such a block is told nowhere, nor counted
        thirds = [sum(n for (part, _), n in people.items() if part == third) for third in (FIRST, MIDDLE, LAST)]
        is_told = is_safe(people, k)
        assert is_told == (min(thirds) >= k and not few_are_told(people, k)), people
        found.add(is_told)
    assert False in found


def test_both_answers_occur() -> None:
    assert is_safe({(FIRST, "a"): 5, (MIDDLE, "a"): 5, (LAST, "a"): 5}, 5)
    assert not is_safe({(FIRST, "a"): 5, (MIDDLE, "a"): 5, (LAST, "a"): 4}, 5), "exactly k in each"
    assert not is_safe({(UNKNOWN, "a"): 1, (FIRST, "a"): 5, (MIDDLE, "a"): 5, (LAST, "a"): 5}, 5), "total less thirds"
    assert not is_safe({(FIRST, "a"): 5, (FIRST, "b"): 1, (MIDDLE, "b"): 5, (LAST, "b"): 5}, 5), "first less a"
    assert is_safe({(FIRST, "a"): 5, (MIDDLE, "b"): 5, (LAST, "b"): 5}, 5), "the first third is block a"
    assert not is_safe({}, 3)


def test_a_third_has_n_median_and_high_answers() -> None:
    answers = {(FIRST, "a"): [9, 7, 1], (MIDDLE, "a"): [5, 5, 5], (LAST, "a"): [1, 2, 8, 9], (LAST, "b"): [3, 3, 3]}
    first, middle, last = by_thirds("S1", answers, (7, 9), True, 3)
    assert first == Third("S1", FIRST, 3, Fraction(7), 2)
    assert middle == Third("S1", MIDDLE, 3, Fraction(5), 0)
    assert last == Third("S1", LAST, 7, Fraction(3), 2)
    assert {one.median for one in by_thirds("S1", answers, (3, 3), False, 3)} == {None}
    assert by_thirds("S1", answers, (7, 9), True, 4) == ()


def test_the_effect_is_the_mean_over_statements_of_last_less_first() -> None:
    told = [
        *(Third("S1", FIRST, 4, None, 4), Third("S1", MIDDLE, 4, None, 0), Third("S1", LAST, 4, None, 2)),
        *(Third("S2", FIRST, 5, None, 1), Third("S2", MIDDLE, 5, None, 5), Third("S2", LAST, 5, None, 2)),
    ]
    found = order_effect(told)
    assert found.value == Fraction(-3, 20) and found.n == 18
    assert found.more == {"statements": 2, "late": 1, "early": 1}
    assert as_data(found)["value"] == -0.15


def test_without_a_statement_there_is_no_effect() -> None:
    found = order_effect([])
    assert (found.value, found.n, found.reason) == (None, 0, "too_few")
