"""One distribution: nine quantiles against numpy, exact halves, and intervals against published tables."""

from collections import Counter
from fractions import Fraction
from statistics import NormalDist
from statistics import median as plain_median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.describe import (
    KINDS,
    balanced_mean,
    balanced_share,
    box,
    exact_quantile,
    iqr,
    mean,
    median,
    modes,
    quantile,
    quantiles,
    weighted_median,
    wilson,
    wilson_bounds,
)

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

NUMPY = dict(
    zip(
        range(1, 10),
        [
            "inverted_cdf",
            "averaged_inverted_cdf",
            "closest_observation",
            "interpolated_inverted_cdf",
            "hazen",
            "weibull",
            "linear",
            "median_unbiased",
            "normal_unbiased",
        ],
        strict=True,
    )
)
QUARTERS = ("0.25", "0.5", "0.75")
rows = st.lists(st.integers(0, 6), min_size=2, max_size=9)
filled = rows.filter(any)
shares = st.fractions(0, 1, max_denominator=100)
kinds = st.sampled_from(sorted(KINDS))


def of(answers, p, kind):
    return quantile(Counter(answers), p, kind).value


@pytest.mark.parametrize(
    ("answers", "shares", "kind", "expected"),
    [
        ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], QUARTERS, 1, [15, 40, 43]),
        ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], QUARTERS, 2, [15, 40, 43]),
        ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], QUARTERS, 6, [15, 40, 43]),
        ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], QUARTERS, 7, [Fraction(51, 2), 40, Fraction(85, 2)]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], ("0.3", "0.7"), 1, [3, 7]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], ("0.3", "0.7"), 2, [Fraction(7, 2), Fraction(15, 2)]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], ("0.3", "0.7"), 6, [Fraction(33, 10), Fraction(77, 10)]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], ("0.3", "0.7"), 7, [Fraction(37, 10), Fraction(73, 10)]),
    ],
)
def test_worked_quartiles_and_thirds_come_out_exactly(answers, shares, kind, expected):
    assert [of(answers, p, kind) for p in shares] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_one_answer_is_every_quantile_of_itself(kind):
    assert [of([4], p, kind) for p in ("0", "0.3", "0.5", "1")] == [4] * 4


def test_a_share_given_as_a_float_is_read_as_it_prints():
    """0.7 x 10 is 7 for people and 6.999... in binary: the step at 7 must not be missed."""
    assert of(range(1, 11), 0.7, 1) == of(range(1, 11), "0.7", 1) == 7


@given(st.lists(st.integers(-5, 12), min_size=1, max_size=12), st.integers(0, 16), kinds)
def test_each_type_is_numpys_type_of_that_number(answers, sixteenths, kind):
    """On sixteenths, which floats hold exactly."""
    expected = np.quantile(answers, sixteenths / 16, method=NUMPY[kind])
    assert float(of(answers, Fraction(sixteenths, 16), kind)) == pytest.approx(expected, abs=1e-12)


def test_the_third_type_takes_the_even_of_two_equally_near_places():
    """n p - 1/2 is whole for n = 10 and p = 0.25 (2) and 0.35 (3): places 2 and 4."""
    assert [of(range(1, 11), p, 3) for p in ("0.25", "0.35", "0.3", "0", "1")] == [2, 4, 3, 1, 10]


@given(filled, shares, kinds)
def test_many_statements_at_once_have_the_quantiles_of_each(row, p, kind):
    table = dict(enumerate(row, 1))
    found = quantiles(np.array([row, [0] * len(row)]), p, kind)
    assert found[0] == pytest.approx(float(exact_quantile(table, p, kind)), abs=1e-12) and np.isnan(found[1])
    assert quantile(row, p, kind).value == quantile(table, p, kind).value == quantile(np.array(row), p, kind).value


@given(filled, shares, shares, kinds)
def test_quantiles_rise_with_their_share_and_stay_among_the_answers(row, p, q, kind):
    low, high = sorted([p, q])
    values = [value for value, n in enumerate(row, 1) if n]
    assert values[0] <= quantile(row, low, kind).value <= quantile(row, high, kind).value <= values[-1]


@given(filled, shares, st.sampled_from([2, 5, 6, 7, 8, 9]))
def test_the_mirror_of_the_answers_has_the_mirror_of_the_quantile(row, p, kind):
    assert quantile(row[::-1], 1 - p, kind).value == len(row) + 1 - quantile(row, p, kind).value


def test_a_quantile_that_is_none_is_refused():
    for p, kind in [("1.1", 7), ("-0.1", 7), ("0.5", 0), ("0.5", 10)]:
        with pytest.raises(ValueError):
            quantile([1, 2], p, kind)


@given(st.lists(st.one_of(st.integers(-9, 9), st.fractions(max_denominator=9)), min_size=1))
def test_the_median_is_the_plain_median_of_any_numbers(answers):
    assert median(Counter(answers)).value == plain_median(map(Fraction, answers))
    assert mean(Counter(answers)).value == sum(map(Fraction, answers)) / len(answers)


def test_a_float_answer_stands_for_the_number_it_is():
    assert median({0.5: 1, 1.0: 1}).value == Fraction(3, 4) and mean({0.5: 3, 1.0: 1}).value == Fraction(5, 8)


def test_the_type_of_the_quartiles_decides_whether_a_range_is_narrow():
    answers = Counter([5, 6, 7, 7, 8])
    assert [iqr(answers, kind).value <= 1 for kind in (2, 6, 7)] == [True, False, True]
    found = iqr(answers, 6)
    assert (found.more, found.parameters) == ({"q1": Fraction(11, 2), "q3": Fraction(15, 2)}, {"kind": 6})


@given(filled, kinds)
def test_equal_answers_have_no_range_whatever_the_type(row, kind):
    assert iqr([0, 7, 0], kind).value == 0 and iqr(row, kind).value >= 0


def test_all_modes_are_named():
    assert modes([0, 4, 1, 0, 4, 0, 0, 0, 0]).value == (2, 5)
    assert modes([1, 1, 1]).value == (1, 2, 3) and modes({9: 2, 1: 1}).value == (9,)


def test_a_box_counts_both_of_its_ends():
    found = box([0, 0, 0, 3, 2, 1, 5, 5, 4], 7, 9)
    assert found.value == (14, 20) and found.more == {"share": Fraction(7, 10)}
    assert box([1, 1, 1], 3, 2).value == (0, 3) and box({0.5: 1, 2: 1}, 0, 1).value == (1, 2)


@pytest.mark.parametrize(
    ("votes", "n", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_newcombes(votes, n, lower, upper):
    """Newcombe 1998, Table I, method 3."""
    assert wilson(votes, n).value == pytest.approx((lower, upper), abs=6e-5)


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from(["0.8", "0.95", "0.99"]))
def test_at_either_bound_of_the_interval_the_score_test_just_rejects(votes, n, level):
    votes = min(votes, n)
    z = NormalDist().inv_cdf((1 + float(level)) / 2)
    for bound in wilson(votes, n, level).value:
        assert 0 <= bound <= 1
        assert (votes / n - bound) ** 2 == pytest.approx(z * z * bound * (1 - bound) / n, abs=1e-12)


@given(st.integers(1, 500), st.sampled_from(["0.5", "0.9", "0.95", "0.999"]))
def test_the_interval_of_nobody_starts_at_nought_and_of_everyone_ends_at_one(n, level):
    assert wilson(0, n, level).value[0] == 0 and wilson(n, n, level).value[1] == 1


def test_many_intervals_at_once_leave_the_empty_one_open():
    lower, upper = wilson_bounds(np.array([[0, 1]]), np.array([[0, 4]]))
    assert np.isnan([lower[0, 0], upper[0, 0]]).all() and (lower[0, 1], upper[0, 1]) == wilson(1, 4).value


@pytest.mark.parametrize(("votes", "n", "level"), [(3, 2, "0.95"), (-1, 2, "0.95"), (1, 2, "1"), (1, 2, "0")])
def test_an_interval_that_makes_no_sense_is_refused(votes, n, level):
    with pytest.raises(ValueError):
        wilson(votes, n, level)


def test_groups_have_one_voice_each_whatever_their_size():
    found = balanced_mean([27, 180, 48], [3, 30, 12])
    assert found.value == Fraction(19, 3) and found.n == 45 and found.flags == ("small_group",)
    assert found.more == {"pooled": Fraction(17, 3), "n_eff": 20, "dropped": ()}
    assert balanced_share([1, 9], [3, 97]).more["n_eff"] == Fraction(4 * 291, 100)


def test_a_group_without_answers_has_no_voice_and_is_named():
    found = balanced_share([4, 0, 5], [8, 0, 5])
    assert found.value == Fraction(3, 4) and found.more["dropped"] == (1,) and found.flags == ("dropped_groups",)
    with pytest.raises(ValueError):
        balanced_mean([1, 2], [1])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 9))
def test_equal_groups_weigh_as_the_pool(sums, n):
    found = balanced_mean(sums, [n] * len(sums))
    assert found.value == found.more["pooled"] and found.more["n_eff"] == found.n == n * len(sums)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_groups_changes_no_balance(groups, chance):
    mixed = chance.sample(groups, len(groups))
    one, other = (balanced_mean([s for s, _ in each], [n for _, n in each]) for each in (groups, mixed))
    assert (one.value, one.n, one.more.get("n_eff")) == (other.value, other.n, other.more.get("n_eff"))


def test_half_the_weight_exactly_gives_the_midpoint():
    assert weighted_median([2, 4, 7, 8], ["1/6", "1/3", "1/3", "1/6"]).value == Fraction(11, 2)
    assert weighted_median([2, 4, 7, 8], ["1/6", "1/3", "1/3", "1/5"]).value == 7
    assert weighted_median([5, 1, 9], [0, 1, 0]).value == 1 and weighted_median([5, 1], [0, 1]).n == 1


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9), st.fractions(Fraction(1, 9), 3))
def test_equal_weights_give_the_plain_median(values, weight):
    assert weighted_median(values, [weight] * len(values)).value == plain_median(map(Fraction, values))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1).filter(lambda each: any(w for _, w in each))
)
def test_a_weight_is_that_many_people(pairs):
    people = [Fraction(value) for value, weight in pairs for _ in range(weight)]
    assert weighted_median([v for v, _ in pairs], [w for _, w in pairs]).value == plain_median(people)


def test_a_weight_under_nought_or_too_few_weights_are_refused():
    for weights in ([1, -1], [1]):
        with pytest.raises(ValueError):
            weighted_median([1, 2], weights)


@pytest.mark.parametrize(
    "found",
    [
        quantile({}, "0.5"),
        median([0, 0, 0]),
        mean({}),
        iqr([0, 0]),
        modes([0, 0]),
        box({}, 1, 3),
        wilson(0, 0),
        balanced_mean([0, 0], [0, 0]),
        balanced_share([], []),
        weighted_median([], []),
        weighted_median([3], [0]),
    ],
    ids=lambda found: found.method,
)
def test_without_answers_there_is_no_figure_but_a_reason(found):
    assert found.value is None and found.reason == "empty" and found.n == 0
