"""Panels of which nobody answered change nothing, and no chance is told that was not counted."""

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from rounds.measures.heterogeneity import heterogeneity, heterogeneity_mean

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

panel = st.integers(0, 5).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))
panels = st.lists(panel, min_size=1, max_size=4)


def of(rows: list[tuple[int, int]]):  # type: ignore[no-untyped-def]
    return heterogeneity([votes for votes, _ in rows], [size for _, size in rows])


@given(panels)
def test_every_division_is_counted(rows: list[tuple[int, int]]) -> None:
    found = of(rows)
    if found.value is None:
        return
    votes, sizes = zip(*(row for row in rows if row[1]), strict=True)

    def apart(taken: tuple[int, ...]) -> Fraction:
        return sum((Fraction(x * x, size) for x, size in zip(taken, sizes, strict=True)), Fraction())

    every = [taken for taken in product(*(range(size + 1) for size in sizes)) if sum(taken) == sum(votes)]
    ways = {taken: np.prod([comb(size, x) for x, size in zip(taken, sizes, strict=True)]) for taken in every}
    far = sum(many for taken, many in ways.items() if apart(taken) >= apart(votes))
    assert float(found.more["p_permutation"]) == pytest.approx(far / sum(ways.values()))
    chi2 = chi2_contingency([votes, [n - v for v, n in zip(votes, sizes, strict=True)]], correction=False)
    assert float(found.value) == pytest.approx(chi2.statistic) and found.more["p_chi2"] == pytest.approx(chi2.pvalue)
    assert float(found.more["least_expected"]) == pytest.approx(chi2.expected_freq.min())


@given(panels, st.randoms(use_true_random=False))
def test_panels_have_no_order_and_the_two_answers_no_side(rows: list[tuple[int, int]], chance) -> None:  # type: ignore[no-untyped-def]
    one, other = of(rows), of(chance.sample(rows, len(rows)))
    mirror = of([(size - votes, size) for votes, size in rows])
    for found in (other, mirror):
        assert (one.value, one.reason, one.n) == (found.value, found.reason, found.n)
        assert one.more.get("p_permutation") == found.more.get("p_permutation")


@given(panels)
def test_who_was_not_asked_lowers_nothing(rows: list[tuple[int, int]]) -> None:
    one, other = of(rows), of([*rows, (0, 0)])
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert (one.more["lowest"], one.more["highest"]) == (other.more["lowest"], other.more["highest"])
    assert len(rows) in other.more["left_out"]


def test_equal_shares_are_not_heterogeneous_at_all() -> None:
    found = heterogeneity([1, 2, 3], [2, 4, 6])
    assert (found.value, found.more["i2"], found.more["p_permutation"]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("votes", "sizes", "reason"),
    [([], [], "empty"), ([0], [0], "empty"), ([2], [3], "one_panel"), ([0, 0], [3, 4], "constant")],
)
def test_without_a_figure_there_is_the_true_reason(votes: list[int], sizes: list[int], reason: str) -> None:
    assert heterogeneity(votes, sizes).reason == reason


def test_votes_are_some_of_the_answers() -> None:
    for votes, sizes in (([4], [3]), ([-1], [3])):
        with pytest.raises(ValueError, match="not in"):
            heterogeneity(votes, sizes)
    with pytest.raises(ValueError, match="shorter"):
        heterogeneity([1], [])


def test_too_many_divisions_are_drawn_and_the_seed_says_which() -> None:
    votes, sizes = [11, 9, 13, 10, 8, 12, 7, 15, 10, 5], [17, 18, 19, 20, 21, 22, 23, 24, 25, 26]
    one, again = (heterogeneity(votes, sizes, seed=3, draws=999) for _ in range(2))
    assert one == again and one.more["p_kind"] == "monte_carlo" and one.more["use"] == "chi2"
    assert one.more["p_permutation"] == pytest.approx(one.more["p_chi2"], abs=0.02)
    assert heterogeneity([5, 0], [5, 5]).more["p_kind"] == "exact"


MEANS = ([7.0, 6.0, 8.0], [1.0, 1.5, 2.0], [9, 10, 11])


def test_a_panel_that_was_not_asked_leaves_the_mean_of_means() -> None:
    one = heterogeneity_mean(*MEANS)
    other = heterogeneity_mean([*MEANS[0], 0], [*MEANS[1], 0], [*MEANS[2], 0])
    assert one == other and one.n == 30 and one.flags == ()


def test_panels_with_one_mean_have_no_variance_between_them() -> None:
    found = heterogeneity_mean([5, 5], [1, 2], [6, 9])
    assert (found.value, found.more["q"], found.more["i2"], found.more["tau2"]) == (5, 0, 0, 0)
    assert found.more["prediction"] is None, "of two panels no third is foretold"
    assert found.flags == ("few_in_panel",)


@pytest.mark.parametrize(
    ("means", "deviations", "sizes", "reason"),
    [
        ([], [], [], "empty"),
        ([0], [0], [0], "empty"),
        ([5], [1], [4], "one_panel"),
        ([5, 6], [1, 0], [4, 4], "no_variation"),
        ([5, 6], [1, 1], [4, 1], "no_variation"),
    ],
)
def test_without_a_mean_there_is_the_true_reason(
    means: list[float], deviations: list[float], sizes: list[int], reason: str
) -> None:
    assert heterogeneity_mean(means, deviations, sizes).reason == reason


def test_every_panel_has_a_mean_a_deviation_and_a_size() -> None:
    for means, deviations in (([5], [1, 1]), ([5, 6], [1, -1])):
        with pytest.raises(ValueError, match="per panel"):
            heterogeneity_mean(means, deviations, [4, 4])
