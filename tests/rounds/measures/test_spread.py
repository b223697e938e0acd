"""How united the answers are: published values, naive loops, and the laws of each measure."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.spread import (
    cqv,
    cqvs,
    eijk,
    eijk_a,
    eijk_of_shares,
    leik,
    leik_d,
    tastle_wierman,
    tastle_wierman_consensus,
)

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

PUBLISHED = [30, 40, 210, 130, 530, 50, 10]  # van der Eijk 2001, p. 331
HALVES = [5, 0, 0, 0, 5]
rows = st.lists(st.integers(0, 6), min_size=3, max_size=11).filter(any)
MEASURES = [(eijk, eijk_a), (tastle_wierman, tastle_wierman_consensus), (leik, leik_d)]
each = pytest.mark.parametrize(("measure", "kernel"), MEASURES, ids=[measure.__name__ for measure, _ in MEASURES])


def plain_eijk(row):
    """Layer by layer, triple by triple, as the paper tells it."""
    left, agreement, n = list(row), Fraction(), sum(row)
    while any(left):
        least = min(count for count in left if count)
        layer = [int(count > 0) for count in left]
        left = [count - least if count else 0 for count in left]
        agreement += Fraction(least * sum(layer), n) * plain_layer(layer)
    return agreement


def plain_layer(layer):
    points, size = len(layer), sum(layer)
    if size == 1:
        return Fraction(1)
    triples = Counter(combinations(layer, 3))
    one_peak, two_peaks = triples[1, 1, 0] + triples[0, 1, 1], triples[1, 0, 1]
    if one_peak + two_peaks == 0:
        return Fraction(0)
    unimodal = Fraction((points - 2) * one_peak - (points - 1) * two_peaks, (points - 2) * (one_peak + two_peaks))
    return unimodal * (1 - Fraction(size - 1, points - 1))


def people(row):
    return [value for value, n in enumerate(row, 1) for _ in range(n)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (PUBLISHED, Fraction(917, 1500)),
        ([1, 1, 1, 1, 1, 1, 0], Fraction(1, 6)),
        ([0, 1, 1, 1, 1, 1, 0], Fraction(1, 3)),
        ([0, 0, 1, 1, 1, 1, 0], Fraction(1, 2)),
        ([0, 0, 1, 1, 1, 0, 0], Fraction(2, 3)),
        ([0, 0, 1, 0, 1, 0, 0], Fraction(7, 15)),
        ([2, 0, 1, 1], Fraction(1, 12)),
        ([0, 0, 0, 9, 0], 1),
        ([3, 3, 3, 3, 3], 0),
        (HALVES, -1),
        ([0, 1, 0, 0, 0], 1),
    ],
)
def test_the_published_agreement_comes_out_exactly(row, expected):
    found = eijk(row)
    assert found.value == expected and found.more["polarization"] == (1 - Fraction(expected)) / 2


@given(rows)
def test_agreement_is_the_sum_of_its_layers(row):
    assert eijk(row).value == plain_eijk(row)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=9).filter(any))
def test_consensus_is_what_a_loop_over_people_gives(row):
    answers, width = people(row), len(row) - 1
    average = sum(answers) / len(answers)
    expected = 1 + sum(log2(1 - abs(value - average) / width) for value in answers) / len(answers)
    assert tastle_wierman(row).value == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=9).filter(any))
def test_dispersion_is_what_a_loop_over_people_gives(row):
    answers = people(row)
    reached = [Fraction(sum(value <= at for value in answers), len(answers)) for at in range(1, len(row))]
    assert leik(row).value == 2 * sum(min(share, 1 - share) for share in reached) / (len(row) - 1)


def test_the_other_published_figures_come_out():
    assert tastle_wierman(PUBLISHED).value == pytest.approx(0.7256876, abs=1e-6)
    assert tastle_wierman([2, 2, 2, 2, 2]).value == pytest.approx(0.43398500028846243, abs=1e-12)
    assert leik(PUBLISHED).value == Fraction(43, 150) and leik(PUBLISHED).more["consensus"] == Fraction(107, 150)


@each
@given(rows)
def test_many_statements_at_once_have_the_figures_of_each(measure, kernel, row):
    found = kernel(np.array([[row, [0] * len(row)]]))
    assert found.shape == (1, 2) and np.isnan(found[0, 1])
    assert found[0, 0] == pytest.approx(float(measure(row).value), abs=1e-12)


@each
@given(rows, st.integers(2, 5))
def test_the_mirrored_scale_or_everyone_twice_changes_nothing(measure, kernel, row, times):
    value = pytest.approx(float(measure(row).value), abs=1e-12)
    assert float(measure(row[::-1]).value) == value
    assert float(measure([n * times for n in row]).value) == value


@given(rows)
def test_the_figures_stay_within_their_bounds(row):
    assert -1 <= eijk(row).value <= 1
    assert 0 <= leik(row).value <= 1
    assert 0 <= tastle_wierman(row).value <= 1


@given(st.integers(3, 9), st.integers(0, 8), st.integers(1, 30))
def test_equal_answers_are_united_and_two_halves_at_the_ends_are_not(top, at, n):
    row = [n if value == at % top else 0 for value in range(top)]
    ends = [n] + [0] * (top - 2) + [n]
    assert (eijk(row).value, tastle_wierman(row).value, leik(row).value) == (1, 1, 0)
    assert (eijk(ends).value, leik(ends).value) == (-1, 1)
    assert tastle_wierman(ends).value == pytest.approx(0, abs=1e-12)


def test_two_points_have_no_agreement_of_van_der_eijk():
    assert eijk([3, 4]).reason == "k2" and eijk([3, 4]).n == 7
    assert np.isnan(eijk_a(np.array([[3, 4], [0, 0]]))).all()
    assert leik([3, 3]).value == 1 and tastle_wierman([4, 0]).value == 1


def test_the_quartile_coefficient_follows_its_definition():
    assert cqv(Counter([2, 4, 6, 8, 10, 12, 14]), 6).value == Fraction(1, 2)
    assert cqv([0, 3, 0]).value == 0
    assert cqv({-1: 1, 1: 1}).reason == cqv({0: 5}).reason == "zero_quartiles"


@given(rows, st.sampled_from([1, 2, 6, 7]))
def test_many_quartile_coefficients_are_those_of_each(row, kind):
    found = cqvs(np.array([row, [0] * len(row)]), kind)
    assert found[0] == pytest.approx(float(cqv(row, kind).value), abs=1e-12) and np.isnan(found[1])


@pytest.mark.parametrize("measure", [eijk, tastle_wierman, leik, cqv])
def test_without_answers_there_is_no_figure_but_a_reason(measure):
    found = measure([0, 0, 0, 0])
    assert found.value is None and found.reason == "empty" and found.n == 0


def test_a_scale_that_has_no_spread_is_refused():
    for measure in (tastle_wierman, leik):
        with pytest.raises(ValueError, match="1 points"):
            measure([3])
    with pytest.raises(ValueError, match="17 points"):
        eijk([1] * 17)
    for row in ([[1, 2, 3]], [0.5, 1.5, 1.0]):
        with pytest.raises(ValueError, match="whole numbers"):
            eijk(row)


@given(st.lists(st.integers(0, 30), min_size=3, max_size=9).filter(any))
def test_agreement_of_shares_is_that_of_the_counts_behind_them(counts):
    n = sum(counts)
    a = eijk(counts).value
    assert eijk_of_shares([Fraction(count, n) for count in counts]) == a
    assert eijk_of_shares([Fraction(count) for count in counts]) == a, "percentages need not add up to one"


def test_shares_of_nobody_or_of_two_points_have_no_agreement():
    assert eijk_of_shares([Fraction()] * 5) is None and eijk_of_shares([Fraction(1), Fraction(1)]) is None
    with pytest.raises(ValueError, match="at least 0"):
        eijk_of_shares([Fraction(-1), Fraction(2), Fraction(0)])
