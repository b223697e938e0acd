"""The report of a round: its arrays and its Results are the figures of the measures, for everyone and each group."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.counts import count_table
from rounds.measures.describe import balanced_mean, balanced_share, box, iqr, median, quantile, wilson
from rounds.measures.ram import CLASSES, ram
from rounds.measures.report import BALANCED, MEASURES, report
from rounds.measures.spread import cqv, eijk, leik, tastle_wierman

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

BANDS = {9: ((1, 3), (7, 9)), 7: ((1, 2), (6, 7)), 5: ((1, 2), (4, 5)), 3: ((1, 1), (3, 3)), 2: ((1, 1), (2, 2))}


@st.composite
def tables(draw):
    top = draw(st.sampled_from(sorted(BANDS)))
    shape = draw(st.integers(0, 3)), draw(st.integers(0, 3)), top
    size = int(np.prod(shape))
    return np.array(draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)), int).reshape(shape)


def reported(counts, **more):
    low, high = BANDS[counts.shape[-1]]
    return report(counts, top=counts.shape[-1], low=low, high=high, **more)


def held(found, statement, group, measure):
    """What the arrays hold of a figure, in the shape of its Result; None where it is undefined."""
    if measure in BALANCED:
        value = found.arrays[measure][statement]
        return None if np.isnan(value) else value
    row = {
        name: array[0 if group is None else group + 1, statement]
        for name, array in found.arrays.items()
        if array.ndim > 1
    }
    if not row["n"]:
        assert row["ram"] == -1 and not row["modes"].any() and np.isnan(row["wilson_lower"] + row["di"])
        return None
    if measure in ("low", "mid", "high"):
        return row[measure], row["n"]
    if measure == "wilson":
        return row["wilson_lower"], row["wilson_upper"]
    if measure == "modes":
        return tuple(np.flatnonzero(row["modes"]) + 1)
    if measure == "ram":
        return CLASSES[row["ram"]]
    return None if np.isnan(row[measure]) else row[measure]


@given(tables(), st.sampled_from([2, 6, 7]))
def test_each_array_holds_the_value_of_its_result(counts, kind):
    found = reported(counts, kind=kind)
    for statement, group, measure, result in found.results():
        value = held(found, statement, group, measure)
        near = isinstance(result.value, Fraction | float)
        assert value == (pytest.approx(float(result.value), abs=1e-12) if near else result.value)


@given(tables())
def test_every_figure_is_listed_once_and_each_undefined_one_says_why(counts):
    groups, statements, _ = counts.shape
    listed = list(reported(counts).results())
    expected = statements * (len(MEASURES) * (1 + groups) + len(BALANCED))
    assert len({row[:3] for row in listed}) == len(listed) == expected
    assert all((result.value is None) == bool(result.reason) for *_, result in listed)


def test_a_round_is_reported_as_each_measure_alone_would_report_it():
    rng = np.random.default_rng(4)
    ratings, groups = rng.integers(0, 10, (40, 3)), rng.integers(0, 3, 40)
    counts = count_table(ratings, groups, top=9, group_count=3)
    found = reported(counts, kind=6, level="0.9")
    row, everyone = counts[1, 2], counts[:, 2].sum(axis=0)
    assert found.result(2, "median", 1) == median(row) and found.result(2, "iqr") == iqr(everyone, 6)
    assert found.result(2, "q3", 1) == quantile(row, "0.75", 6) and found.result(2, "cqv") == cqv(everyone, 6)
    assert found.result(2, "high", 1) == box(row, 7, 9) and found.result(2, "mid") == box(everyone, 4, 6)
    votes, n = box(row, 7, 9).value
    assert found.result(2, "wilson", 1) == wilson(votes, n, "0.9")
    assert found.result(2, "ram") == ram(everyone, 6) and found.result(2, "eijk", 1) == eijk(row)
    assert found.result(2, "leik") == leik(everyone)
    assert found.result(2, "tastle_wierman") == tastle_wierman(everyone)
    shares = [box(counts[group, 2], 7, 9).value for group in range(3)]
    assert found.result(2, "balanced_share") == balanced_share(*zip(*shares, strict=True))
    sums = [sum(ratings[groups == group, 2].tolist()) for group in range(3)]
    assert found.result(2, "balanced_mean") == balanced_mean(sums, [n for _, n in shares])
    assert found.arrays["n_eff"][2] == pytest.approx(float(found.result(2, "balanced_mean").more["n_eff"]))


def test_everyone_is_the_first_row_and_a_group_without_answers_has_no_voice():
    counts = np.array([[[0, 0, 4]], [[0, 0, 0]], [[2, 0, 0]]])
    found = reported(counts)
    assert found.arrays["n"].ravel().tolist() == [6, 4, 0, 2]
    assert found.arrays["balanced_share"].tolist() == [0.5] and found.arrays["n_eff"][0] == pytest.approx(16 / 3)
    assert found.result(0, "balanced_share").value == Fraction(1, 2)


@given(tables(), st.randoms(use_true_random=False))
def test_another_order_of_groups_and_statements_is_only_another_order(counts, chance):
    groups = chance.sample(range(counts.shape[0]), counts.shape[0])
    statements = chance.sample(range(counts.shape[1]), counts.shape[1])
    found, mixed = reported(counts), reported(counts[groups][:, statements])
    rows = [0, *(group + 1 for group in groups)]
    for name, array in found.arrays.items():
        expected = array[statements] if array.ndim == 1 else array[rows][:, statements]
        assert np.allclose(mixed.arrays[name], expected, atol=1e-12, equal_nan=True), name


def test_counts_kept_in_small_integers_are_reported_alike():
    counts = np.array([[[9, 0, 4, 1, 2]], [[0, 3, 0, 0, 250]]])
    small, large = reported(counts.astype(np.uint8)), reported(counts)
    for name, array in large.arrays.items():
        assert np.array_equal(small.arrays[name], array), name
    assert [row[3] for row in small.results()] == [row[3] for row in large.results()]


def test_what_cannot_be_reported_is_refused():
    counts = np.zeros((2, 3, 9), int)
    with pytest.raises(ValueError, match="no measure named kappa in"):
        reported(counts).result(0, "kappa")
    with pytest.raises(ValueError, match="balanced_mean of one group"):
        reported(counts).result(0, "balanced_mean", 1)
    for shape, top, low, high in [
        ((3, 9), 9, (1, 3), (7, 9)),
        ((1, 3, 9), 5, (1, 2), (4, 5)),
        ((1, 1, 1), 1, (1, 1), (1, 1)),
        ((1, 3, 9), 9, (1, 5), (5, 9)),
        ((1, 3, 9), 9, (0, 3), (7, 9)),
        ((1, 3, 9), 9, (1, 3), (7, 10)),
    ]:
        with pytest.raises(ValueError):
            report(np.zeros(shape, int), top=top, low=low, high=high)
