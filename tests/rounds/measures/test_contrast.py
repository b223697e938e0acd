"""Contrasts between groups: published tests, every division counted by hand, sizes of differences, whole rounds."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rounds.measures import contrast
from rounds.measures.contrast import (
    cliff,
    cliff_of_counts,
    contrasts,
    counts_of,
    dominance,
    h_kernel,
    kruskal,
    kruskal_of_counts,
    mann_whitney,
    mann_whitney_of_counts,
    size_label,
)
from rounds.measures.multiple import benjamini_hochberg, holm
from rounds.measures.result import REASONS

settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")

answers = st.integers(1, 5)
samples = st.lists(answers, min_size=1, max_size=5)
panels = st.lists(samples, min_size=2, max_size=3)
rounds_of_counts = st.tuples(st.integers(2, 3), st.integers(1, 4)).flatmap(
    lambda size: st.lists(
        st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    ).map(np.array)
)
MUCOCILIARY = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
PERMEABILITY = [[0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.9, 0.74, 1.21]]


def divided(pooled, sizes):
    """Every way to deal these answers to groups of these sizes, as index tuples."""
    if len(sizes) == 1:
        yield [tuple(pooled)]
        return
    for first in combinations(pooled, sizes[0]):
        for rest in divided([place for place in pooled if place not in first], sizes[1:]):
            yield [first, *rest]


def naive_distances(groups, statistic):
    """The statistic of every division of the answers."""
    values = [value for group in groups for value in group]
    for division in divided(range(len(values)), [len(group) for group in groups]):
        yield statistic([[values[place] for place in places] for places in division])


def above(groups):
    x, y = groups
    return sum((a > b) - (a < b) for a in x for b in y)


def rank_spread(groups):
    """Sum over groups of n x (mean rank less overall mean rank)^2, exact."""
    values = sorted(value for group in groups for value in group)
    ranks = {value: values.index(value) + Fraction(values.count(value) + 1, 2) for value in values}
    middle = Fraction(len(values) + 1, 2)
    return sum(len(group) * (sum(ranks[v] for v in group) / len(group) - middle) ** 2 for group in groups)


# Cliff's delta


def test_a_published_delta():
    x, y = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    result = cliff(x, y)
    assert result.value == -0.25 and result.n == 16 and result.more["label"] == "small"
    assert mann_whitney(x, y).value == 22.5


@given(samples, samples)
def test_delta_is_its_count_of_pairs(x, y):
    result = cliff(x, y)
    assert result.value == above([x, y]) / (len(x) * len(y))
    assert cliff(y, x).value == -result.value
    assert mann_whitney(x, y).value == sum((a > b) + (a == b) / 2 for a in x for b in y)


@given(samples, samples)
def test_delta_only_hears_the_order(x, y):
    assert cliff(x, y).value == cliff(np.exp(x), np.exp(y)).value


@pytest.mark.parametrize(
    ("pairs_above", "label"),
    [
        (0, "negligible"), (146, "negligible"), (147, "small"), (-329, "small"), (330, "medium"), (473, "medium"),
        (-474, "large"), (1000, "large"),
    ],
)  # fmt: skip
def test_sizes_change_name_exactly_at_their_limits(pairs_above, label):
    assert size_label(pairs_above, 1000) == label


def test_a_group_without_answers_has_no_delta():
    for result in (cliff([], [1, 2]), cliff_of_counts([1, 2], [0, 0]), mann_whitney([np.nan], [1]), cliff([], [])):
        assert result.value is None and result.reason == "empty" in REASONS


def test_missing_answers_are_left_out():
    assert counts_of([[3, np.nan, 1], [1, np.nan]]).tolist() == [[1, 1], [1, 0]]


# Mann-Whitney


def test_a_published_exact_test():
    result = mann_whitney(*PERMEABILITY, p="exact")
    assert result.value == 35 and result.more["p_two_sided"] == pytest.approx(0.254412254412, abs=1e-12)
    assert result.more["p_greater"] == pytest.approx(0.127206127206, abs=1e-12)


@given(samples, samples)
def test_exact_p_counts_every_division(x, y):
    observed, every = above([x, y]), list(naive_distances([x, y], above))
    more = mann_whitney(x, y).more
    assert more["p_kind"] == "exact"
    assert more["p_two_sided"] == pytest.approx(sum(abs(other) >= abs(observed) for other in every) / len(every))
    assert more["p_greater"] == pytest.approx(sum(other >= observed for other in every) / len(every))
    assert more["p_less"] == pytest.approx(sum(other <= observed for other in every) / len(every))


def test_two_sided_means_as_far_from_the_mean_not_twice_one_side():
    x, y = [9, 8, 8], [7, 7, 6, 6, 5]
    assert mann_whitney(x, y).more["p_two_sided"] == pytest.approx(2 / 56)
    assert mann_whitney([3, 3, 3], [1, 1, 1, 1, 2]).more["p_two_sided"] == pytest.approx(1 / 56)


def test_the_smallest_possible_p_of_three_against_three():
    assert mann_whitney([4, 5, 6], [1, 2, 3]).more["p_two_sided"] == pytest.approx(0.1)


@given(st.permutations(range(19)), st.integers(2, 9))
def test_exact_p_without_ties_is_that_of_scipy(values, size):
    x, y = values[:size], values[size:]
    assert mann_whitney(x, y, p="exact").more["p_greater"] == pytest.approx(
        stats.mannwhitneyu(x, y, alternative="greater", method="exact").pvalue
    )


@given(samples, samples, st.booleans())
def test_normal_p_is_that_of_scipy(x, y, continuity):
    more = mann_whitney(x, y, p="normal", continuity=continuity).more
    assert more["p_kind"] == "normal"
    if len({*x, *y}) == 1:
        assert (more["p_two_sided"], more["p_greater"], more["p_less"]) == (1, 1, 1)
        return
    for side, key in (("two-sided", "p_two_sided"), ("greater", "p_greater"), ("less", "p_less")):
        expected = stats.mannwhitneyu(x, y, continuity, side, method="asymptotic").pvalue
        assert more[key] == pytest.approx(expected, abs=1e-9)


def test_eight_people_a_side_are_enough_for_the_normal_curve():
    assert mann_whitney(range(8), range(4, 12)).more["p_kind"] == "normal"
    assert mann_whitney(range(7), range(4, 12)).more["p_kind"] == "exact"


def test_more_divisions_than_a_number_can_hold_are_approximated():
    alike, few = [1] * 3000, [1] * 500
    assert mann_whitney(alike, alike, p="exact").more["p_kind"] == "normal"
    assert mann_whitney(few, few, p="exact").more["p_kind"] == "exact"


def test_an_exact_p_too_long_to_count_is_approximated(monkeypatch):
    monkeypatch.setattr(contrast, "MOST_STEPS", 10)
    assert mann_whitney([1, 2], [3, 4]).more["p_kind"] == "normal"
    assert mann_whitney([1, 2], [3, 4], p="exact").more["p_two_sided"] == pytest.approx(1 / 3)
    assert contrasts([[[4, 0]], [[0, 5]]])[0].more["pairs"][0]["p_kind"] == "normal"


def test_all_answers_equal_prove_nothing():
    for kind in ("exact", "normal"):
        result = mann_whitney([5, 5], [5, 5, 5], p=kind)
        assert result.more["cliff"] == 0 and result.more["p_two_sided"] == 1


def test_an_unknown_p_is_an_error():
    with pytest.raises(ValueError, match="unknown p"):
        mann_whitney([1], [2], p="bayes")


# Kruskal-Wallis


def test_a_published_h():
    result = kruskal(MUCOCILIARY)
    assert result.value == pytest.approx(0.771428571429, abs=1e-12) and result.n == 14 and result.more["df"] == 2
    assert result.more["p"] == pytest.approx(0.679964773579, abs=1e-12)
    assert result.more["epsilon_squared"] == pytest.approx(0.771428571429 / 13)


@given(panels)
def test_h_is_that_of_scipy(groups):
    result = kruskal(groups, permutations=0)
    if len({value for group in groups for value in group}) == 1:
        assert result.reason == "constant"
    else:
        statistic, p = stats.kruskal(*groups)
        assert result.value == pytest.approx(statistic, abs=1e-9) and result.more["p"] == pytest.approx(p, abs=1e-9)
        assert 0 <= result.more["epsilon_squared"] <= 1 + 1e-12


@given(st.lists(st.lists(answers, min_size=1, max_size=3), min_size=2, max_size=3))
def test_permutation_p_counts_every_division(groups):
    result = kruskal(groups)
    if result.value is not None:
        observed, every = rank_spread(groups), list(naive_distances(groups, rank_spread))
        assert result.more["p_kind"] == "exact"
        assert result.more["p_permutation"] == pytest.approx(sum(other >= observed for other in every) / len(every))


@given(samples, samples)
def test_two_groups_give_one_p_whichever_test_is_asked(x, y):
    result = kruskal([x, y])
    if result.value is not None:
        pair = mann_whitney(x, y)
        assert result.more["p_permutation"] == pytest.approx(pair.more["p_two_sided"])
        assert result.more["p"] == pytest.approx(mann_whitney(x, y, p="normal").more["p_two_sided"], abs=1e-9)


@given(panels, st.randoms(use_true_random=False))
def test_names_of_groups_and_people_change_nothing(groups, shuffler):
    shuffled = [shuffler.sample(group, len(group)) for group in shuffler.sample(groups, len(groups))]
    here, there = kruskal(groups), kruskal(shuffled)
    assert here.value == (there.value if here.value is None else pytest.approx(there.value))
    assert here.more.get("p_permutation") == (
        None if here.value is None else pytest.approx(there.more["p_permutation"])
    )


def test_random_divisions_come_near_the_exact_p(monkeypatch):
    exact = kruskal(MUCOCILIARY).more
    monkeypatch.setattr(contrast, "MOST_STEPS_OF_H", 10)
    for shuffled in (200, 0):
        monkeypatch.setattr(contrast, "SHUFFLED", shuffled)
        drawn = kruskal(MUCOCILIARY, permutations=4000, seed=3).more
        assert exact["p_kind"] == "exact" and drawn["p_kind"] == "monte_carlo"
        assert drawn["p_permutation"] == pytest.approx(exact["p_permutation"], abs=0.03)
        assert kruskal(MUCOCILIARY, permutations=4000, seed=3).more == drawn
    assert kruskal(MUCOCILIARY, permutations=0).more["p_permutation"] is None


def test_random_divisions_keep_sizes_and_totals():
    counts = np.array([[2, 1, 0], [0, 3, 1], [1, 1, 2]])
    dealt = contrast._random_divisions(counts.sum(axis=1), counts.sum(axis=0), 50, np.random.default_rng(0))
    assert (dealt.sum(axis=0) == counts.sum(axis=0)).all() and (dealt.sum(axis=2) == [[3], [4], [4]]).all()
    assert (dealt >= 0).all() and len(np.unique(dealt, axis=1)[0]) > 5


def test_large_groups_need_no_permutation():
    more = kruskal([range(8), range(3, 12), range(5, 15)]).more
    assert more["p_permutation"] is None and more["p_kind"] is None


def test_small_groups_have_another_p_than_the_chi_square_says():
    more = kruskal([[9, 9, 9], [1, 1, 1, 2, 1], [5, 5, 4, 5]]).more
    assert more["p"] == pytest.approx(0.01, abs=0.005) and more["p_permutation"] < 0.001


def test_a_group_without_answers_is_named_and_left_out():
    result = kruskal([[1, 2], [], [3, 4]])
    assert result.more["df"] == 1 and result.more["dropped"] == (1,) and result.flags == ("dropped_groups",)
    assert result.value == kruskal([[1, 2], [3, 4]]).value


@pytest.mark.parametrize(
    ("groups", "reason"),
    [([], "empty"), ([[], []], "empty"), ([[1, 2], []], "one_group"), ([[7, 7], [7, 7, 7]], "constant")],
)
def test_h_is_undefined_with_a_reason(groups, reason):
    result = kruskal(groups)
    assert result.value is None and result.reason == reason in REASONS


# A whole round


@given(rounds_of_counts)
def test_a_round_is_its_statements_one_by_one(counts):
    results = contrasts(counts, permutations=50)
    assert len(results) == counts.shape[1]
    for statement, result in enumerate(results):
        tested = [group for group in counts[:, statement] if group.sum() >= 4]
        alone = kruskal_of_counts(np.array(tested).reshape(-1, 3), permutations=50)
        assert result.value == (None if alone.value is None else pytest.approx(alone.value)) and result.n == alone.n
        for key in ("p", "p_permutation", "p_kind", "epsilon_squared"):
            assert result.more.get(key) == pytest.approx(alone.more.get(key))
        for pair in result.more["pairs"]:
            f, g = (counts[group, statement] for group in pair["groups"])
            assert (pair["cliff"], pair["label"]) == (
                cliff_of_counts(f, g).value,
                cliff_of_counts(f, g).more.get("label"),
            )
            if min(pair["n"]) < 4:
                assert pair["p"] is pair["p_kind"] is pair["p_adjusted"] is None
            else:
                expected = mann_whitney_of_counts(f, g).more
                assert pair["p"] == pytest.approx(expected["p_two_sided"]) and pair["p_kind"] == expected["p_kind"]
        tested_pairs = [pair for pair in result.more["pairs"] if pair["p"] is not None]
        assert [pair["p_adjusted"] for pair in tested_pairs] == pytest.approx(
            holm([pair["p"] for pair in tested_pairs]).tolist()
        )


@given(rounds_of_counts)
def test_statements_of_a_round_are_adjusted_together(counts):
    results = [result for result in contrasts(counts, permutations=50) if result.value is not None]
    decisive = [result.more["p_permutation"] or result.more["p"] for result in results]
    assert [result.more["p_adjusted"] for result in results] == pytest.approx(benjamini_hochberg(decisive).tolist())


@given(rounds_of_counts)
def test_kernels_give_all_statements_at_once(counts):
    each = [h_kernel(counts[:, statement]) for statement in range(counts.shape[1])]
    assert np.array_equal(h_kernel(counts), each, equal_nan=True)
    first, second = counts[0], counts[1]
    assert (dominance(first, second) == [dominance(f, g) for f, g in zip(first, second, strict=True)]).all()


def test_groups_under_four_people_are_never_tested():
    small, large = [3, 0], [[2, 5], [5, 2]]
    (result,) = contrasts([[small], [large[0]], [large[1]]])
    assert result.n == 14 and result.more["too_few"] == (0,) and result.more["df"] == 1
    assert [pair["p"] is None for pair in result.more["pairs"]] == [True, True, False]
    assert all(pair["cliff"] is not None for pair in result.more["pairs"])


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([[[3, 0]], [[0, 9]]], "too_few"),
        ([[[0, 0]], [[0, 9]]], "one_group"),
        ([[[0, 0]], [[0, 0]]], "empty"),
        ([[[4, 0]], [[5, 0]]], "constant"),
    ],
)
def test_a_statement_that_cannot_be_tested_says_why(counts, reason):
    (result,) = contrasts(counts)
    assert result.value is None and result.reason == reason in REASONS and result.more["p_adjusted"] is None
    assert len(result.more["pairs"]) == 1


def test_a_round_without_statements_has_no_contrasts():
    assert contrasts(np.zeros((3, 0, 5), int)) == ()
