"""Midranks: sorted or counted they are the same whole numbers, doubled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from rounds.measures.midranks import doubled_midranks, doubled_midranks_of_counts, midranks, tie_term

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

rows = st.integers(1, 12).flatmap(
    lambda width: st.lists(st.lists(st.integers(-3, 4), min_size=width, max_size=width), min_size=1, max_size=5)
)


@given(rows, st.sampled_from([0, 1, -1]))
def test_ranks_are_those_of_scipy_along_either_axis(table, axis):
    for kind in (np.int8, np.int64, np.float64):
        values = np.array(table, dtype=kind)
        assert (doubled_midranks(values, axis) == 2 * rankdata(values, axis=axis)).all()
        assert (midranks(values, axis) == rankdata(values, axis=axis)).all()


def test_whole_numbers_far_apart_are_sorted():
    assert doubled_midranks([10**9, -5, -5, 70]).tolist() == [8, 3, 3, 6]


def test_equal_values_share_the_mean_of_their_places():
    assert midranks([1, 2, 2, 3]).tolist() == [1, 2.5, 2.5, 4]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_nothing_has_no_rank(shape):
    assert doubled_midranks(np.zeros(shape, int)).shape == shape
    assert doubled_midranks(np.zeros(shape)).shape == shape


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_counted_answers_rank_as_their_rows(counts):
    answers = np.repeat(np.arange(len(counts)), counts)
    expected = doubled_midranks(answers)
    assert np.repeat(doubled_midranks_of_counts(counts), counts).tolist() == expected.tolist()


@given(st.lists(st.integers(1, 4), min_size=0, max_size=12))
def test_the_tie_term_adds_up_over_sets_of_equal_values(values):
    sets = [values.count(value) for value in set(values)]
    assert tie_term(doubled_midranks(np.array(values, dtype=int))) == sum(t**3 - t for t in sets)
