"""Several tests at once: published adjustments, plain definitions, tests not made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from rounds.measures.multiple import benjamini_hochberg, holm

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

chances = st.lists(st.floats(0, 1), min_size=0, max_size=8)


def naive_holm(p):
    tests, ascending = len(p), sorted(p)
    return [max(min(1, (tests - i) * ascending[i]) for i in range(ascending.index(own) + 1)) for own in p]


def naive_benjamini_hochberg(p):
    tests, ascending = len(p), sorted(p)
    raised = {other: min(1, tests * other / (ascending.index(other) + ascending.count(other))) for other in p}
    return [min(raised[other] for other in p if other >= own) for own in p]


def test_four_published_p_values():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02], abs=1e-15)


@given(chances)
def test_both_follow_their_definition(p):
    assert holm(p) == pytest.approx(naive_holm(p), abs=1e-12)
    assert benjamini_hochberg(p) == pytest.approx(naive_benjamini_hochberg(p), abs=1e-12)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=8))
def test_false_discovery_is_raised_as_in_scipy(p):
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p), abs=1e-12)


@given(chances, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nothing_is_lowered(p, shuffler):
    order = list(range(len(p)))
    shuffler.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        raised = adjust(p)
        assert (adjust([p[place] for place in order]) == raised[order]).all()
        assert (raised >= np.array(p) - 1e-15).all() and (raised <= 1).all()
    assert (holm(p) >= benjamini_hochberg(p) - 1e-15).all()


@given(chances, st.integers(0, 3))
def test_tests_not_made_neither_count_nor_change(p, absent):
    for adjust in (holm, benjamini_hochberg):
        padded = adjust(np.array([*p, *[np.nan] * absent]))
        assert (padded[: len(p)] == adjust(p)).all() and np.isnan(padded[len(p) :]).all()


@given(st.lists(st.lists(st.floats(0, 1) | st.just(float("nan")), min_size=3, max_size=3), min_size=1, max_size=4))
def test_every_row_is_its_own_family(table):
    for adjust in (holm, benjamini_hochberg):
        assert np.array_equal(adjust(table), [adjust(row) for row in table], equal_nan=True)
