"""Tables of pairs: against plain counting, ballot by ballot, and kept live."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.pairwise import (
    balanced_weights,
    compared,
    doubled_points,
    pairwise,
    ranks_of,
    whole_weights,
)

READINGS = ("below", "absent")


@st.composite
def rankings(draw, people=6, statements=5, highest=6):
    n, m = draw(st.integers(0, people)), draw(st.integers(1, statements))
    rows = draw(st.lists(st.lists(st.integers(0, highest), min_size=m, max_size=m), min_size=n, max_size=n))
    return np.array(rows, dtype=np.int64).reshape(n, m)


def above(row, a, b, unranked):
    if unranked == "absent" and not (row[a] and row[b]):
        return False
    return bool(row[a]) and (not row[b] or row[a] < row[b])


def plain(ranks, unranked, weights=None):
    n, m = ranks.shape
    weights = [1] * n if weights is None else [int(w) for w in weights]
    return [
        [sum(w for row, w in zip(ranks, weights, strict=True) if above(row, a, b, unranked)) for b in range(m)]
        for a in range(m)
    ]


@given(rankings(), st.sampled_from(READINGS), st.data())
def test_the_table_is_what_plain_counting_gives(ranks, unranked, data):
    assert pairwise(ranks, unranked=unranked).tolist() == plain(ranks, unranked)
    weights = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(ranks), max_size=len(ranks))), dtype=int)
    assert pairwise(ranks, unranked=unranked, weights=weights).tolist() == plain(ranks, unranked, weights)


@pytest.mark.parametrize("unranked", READINGS)
@pytest.mark.parametrize("factor", [1, 10**30])
def test_many_different_weights_count_as_few_do(unranked, factor):
    rng = np.random.default_rng(3)
    ranks = rng.integers(0, 5, (60, 4))
    weights = np.arange(60, dtype=object) * factor
    assert pairwise(ranks, unranked=unranked, weights=weights).tolist() == plain(ranks, unranked, weights)


def test_weights_beyond_64_bits_stay_exact():
    ranks = np.array([[1, 2], [2, 1]])
    table = pairwise(ranks, weights=np.array([10**25 + 1, 10**25], dtype=object))
    assert table.tolist() == [[0, 10**25 + 1], [10**25, 0]]
    assert pairwise(ranks, weights=np.array([2**40, 1])).dtype == np.int64


@pytest.mark.parametrize("highest", [255, 256, 65_535, 70_000])
@pytest.mark.parametrize("unranked", READINGS)
def test_high_rank_numbers_count_like_low_ones(highest, unranked):
    high, low = np.array([[highest, 1, 0, highest - 1]]), np.array([[3, 1, 0, 2]])
    assert pairwise(high, unranked=unranked).tolist() == pairwise(low, unranked=unranked).tolist()
    assert doubled_points(high, unranked=unranked).tolist() == doubled_points(low, unranked=unranked).tolist()


def test_not_ranked_is_either_below_or_no_opinion():
    ranks = np.array([ranks_of("AB", "ABC"), ranks_of("C", "ABC")])
    weights = np.array([3, 2])
    assert pairwise(ranks, weights=weights).tolist() == [[0, 3, 3], [0, 0, 3], [2, 2, 0]]
    assert pairwise(ranks, unranked="absent", weights=weights).tolist() == [[0, 3, 0], [0, 0, 0], [0, 0, 0]]


@given(rankings(), st.sampled_from(READINGS), st.randoms(use_true_random=False))
def test_relabelling_people_changes_nothing_and_statements_only_the_labels(ranks, unranked, chance):
    people, statements = list(range(len(ranks))), list(range(ranks.shape[1]))
    chance.shuffle(people)
    chance.shuffle(statements)
    moved = pairwise(ranks[people][:, statements], unranked=unranked)
    assert (moved == pairwise(ranks, unranked=unranked)[np.ix_(statements, statements)]).all()


@given(rankings(), st.sampled_from(READINGS))
def test_points_are_two_for_each_below_and_one_for_each_tie(ranks, unranked):
    doubled = doubled_points(ranks, unranked=unranked)
    statements = range(ranks.shape[1])
    for row, points in zip(ranks, doubled, strict=True):
        offered = [b for b in statements if unranked == "below" or row[b]]
        for a in statements:
            met = [b for b in offered if b != a] if a in offered else []
            wins = sum(above(row, a, b, unranked) for b in met)
            losses = sum(above(row, b, a, unranked) for b in met)
            assert points[a] == 2 * wins + (len(met) - wins - losses)


def test_points_share_ties_and_the_places_left_over():
    ballots = ["ABCDE", ["A", ["B", "C"], "D", "E"], "CA", [{"A", "B"}]]
    ranks = np.array([ranks_of(ballot, "ABCDE") for ballot in ballots])
    expected = [[4, 3, 2, 1, 0], [4, 2.5, 2.5, 1, 0], [3, 1, 4, 1, 1], [3.5, 3.5, 1, 1, 1]]
    assert (doubled_points(ranks) / 2).tolist() == expected


@given(rankings(), st.sampled_from(READINGS))
def test_comparisons_count_opponents_met(ranks, unranked):
    expected = [0] * ranks.shape[1]
    for row, a in product(ranks, range(ranks.shape[1])):
        offered = np.count_nonzero(row) if unranked == "absent" else len(row) * bool(row.any())
        if offered and (row[a] or unranked == "below"):
            expected[a] += offered - 1
    assert compared(ranks, unranked=unranked).tolist() == expected
    threes = np.full(len(ranks), 3)
    assert compared(ranks, unranked=unranked, weights=threes).tolist() == [3 * made for made in expected]


def test_a_ballot_becomes_ranks_with_shared_places():
    assert ranks_of(["c", ("a", "d")], ["a", "b", "c", "d"]).tolist() == [2, 0, 1, 2]
    assert ranks_of([frozenset("ab"), "c"], "abc").tolist() == [1, 1, 3]
    assert ranks_of([], "ab").tolist() == [0, 0]


@pytest.mark.parametrize("ballot", [["a", "x"], ["a", "a"], ["a", ["b", "a"]]])
def test_a_ballot_with_a_stranger_or_a_repeat_is_refused(ballot):
    with pytest.raises(ValueError, match="not a statement, or ranked twice"):
        ranks_of(ballot, "abc")


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
def test_balanced_weights_give_every_group_the_same_say(people):
    groups, present = np.array([g for g, _ in people]), np.array([here for _, here in people])
    weights, total = balanced_weights(groups, present=present)
    sums = {g: int(weights[groups == g].sum()) for g in set(groups[present].tolist())}
    assert len(set(sums.values())) <= 1
    assert sum(sums.values()) == total == weights.sum()
    assert not weights[~present].any()


def test_equal_groups_weigh_one_each():
    weights, total = balanced_weights(np.array([2, 0, 2, 0]))
    assert weights.tolist() == [1, 1, 1, 1] and total == 4
    assert balanced_weights(np.array([0, 0, 0, 1]))[0].tolist() == [1, 1, 1, 3]


def test_a_cap_holds_down_who_weighs_most():
    groups = np.array([0] * 9 + [1])
    assert balanced_weights(groups)[0].tolist() == [1] * 9 + [9]
    weights, total = balanced_weights(groups, cap=2)
    assert Fraction(int(weights[-1]), int(weights[0])) == Fraction(2, 10) / Fraction(1, 18)
    assert total == weights.sum()
    assert balanced_weights(groups, cap=100)[0].tolist() == [1] * 9 + [9]
    with pytest.raises(ValueError, match="a cap is above 0"):
        balanced_weights(groups, cap=0)


def test_group_sizes_without_a_common_multiple_in_64_bits_stay_exact():
    sizes = [997, 991, 983, 977, 971, 967, 953]
    weights, total = balanced_weights(np.repeat(np.arange(len(sizes)), sizes))
    assert weights.dtype == object and total == sum(weights.tolist())
    assert int(weights[0]) * 997 == int(weights[-1]) * 953


@pytest.mark.parametrize("weights", [[1, -1], [0.5, 0.5], [1], [None, 1]])
def test_weights_that_are_not_whole_numbers_one_each_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        whole_weights(np.array(weights), (2, 3))


@pytest.mark.parametrize("ranks", [[1, 2], [[1.0, 2.0]], [[-1, 1]]])
def test_ranks_that_are_no_table_of_whole_numbers_are_refused(ranks):
    with pytest.raises(ValueError, match="ranks are a table"):
        pairwise(np.array(ranks))


def test_blanks_are_read_in_one_of_two_ways_only():
    for figure in (pairwise, compared, doubled_points):
        with pytest.raises(ValueError, match="unranked is"):
            figure(np.array([[1, 0]]), unranked="bottom")


def test_without_weights_everybody_weighs_one():
    assert whole_weights(None, (3, 2)).tolist() == [1, 1, 1]


def test_nobody_gives_zeros():
    nobody = np.zeros((0, 3), dtype=int)
    assert not pairwise(nobody).any() and pairwise(nobody).shape == (3, 3)
    assert doubled_points(nobody).shape == (0, 3)
    assert not compared(nobody).any()
    assert balanced_weights(np.zeros(0, dtype=int))[1] == 0


@settings(max_examples=20)
@given(rankings(), st.sampled_from(READINGS))
def test_ballots_twice_count_twice(ranks, unranked):
    assert (pairwise(np.vstack([ranks, ranks]), unranked=unranked) == 2 * pairwise(ranks, unranked=unranked)).all()
