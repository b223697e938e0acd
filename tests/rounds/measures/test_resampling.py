"""Drawing people again: exact where it can be, close to theory where chance enters, open about what it cannot say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import binom, rankdata

from rounds.measures import resampling
from rounds.measures.resampling import mean_scores, places, rank_bootstrap, weights

Floats = NDArray[np.float64]
BY_STATEMENT = ("mean_rank", "low", "high", "p_top", "p_kept", "ranked")


def run(scores: Any, groups: Any = None, **kwargs: Any) -> Any:
    scores = np.asarray(scores, dtype=float)
    groups = np.zeros(len(scores), dtype=int) if groups is None else groups
    return rank_bootstrap(scores, groups, **({"balanced": False, "k": 1, "seed": 7, "resamples": 200} | kwargs))


def rankings(people: int, statements: int, seed: int) -> Floats:
    return np.argsort(np.random.default_rng(seed).random((people, statements)), axis=1).astype(float)


tables = st.tuples(st.integers(1, 9), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, math.nan])),
        arrays(np.int64, shape[0], elements=st.integers(0, 2)),
    )
)


def test_two_statements_follow_the_binomial() -> None:
    expected = float(binom.sf(7, 15, 2 / 3))  # the first leads in more than 7 of 15 draws
    result = run(np.repeat([[1, 0], [0, 1]], [10, 5], axis=0), resamples=20000)
    assert result.more["p_top"] == pytest.approx([expected, 1 - expected], abs=0.012)
    assert result.more["p_above_next"] == pytest.approx([expected], abs=0.012)
    assert result.more["mean_rank"] == pytest.approx([2 - expected, 1 + expected], abs=0.012)
    assert expected == pytest.approx(0.9117684015932362)


def test_groups_that_agree_look_certain_and_show_their_n() -> None:
    result = run([[2, 1, 0]] * 6, [0, 0, 0, 1, 1, 1], balanced=True, k=2)
    assert result.more["p_top"].tolist() == result.more["p_kept"].tolist() == [1, 1, 0]
    assert result.more["low"].tolist() == result.more["high"].tolist() == [1, 2, 3]
    assert result.value == ((0,), (1,), (2,))
    assert result.more["indistinct"] == ()
    assert result.more["people"] == {0: 3, 1: 3}
    assert result.flags == ("small_group",)


def test_statements_tied_across_the_edge_share_the_places_left() -> None:
    result = run([[1, 1, 1, 0]] * 8, k=2)
    assert result.value == ((0, 1, 2), (3,))
    assert result.more["p_top"] == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert result.more["p_kept"].tolist() == [1, 1, 1, 0]
    assert result.more["mean_rank"].tolist() == [2, 2, 2, 4]
    assert result.more["p_above_next"].tolist() == [0.5, 0.5, 1]
    assert result.more["neighbours"] == ((0, 1), (1, 2), (2, 3))
    assert result.more["indistinct"] == ((0, 1), (1, 2))


def test_everything_tied_stays_tied() -> None:
    result = run(np.full((6, 4), 0.3), k=3)
    assert result.value == ((0, 1, 2, 3),)
    assert result.more["mean_rank"].tolist() == [2.5] * 4
    assert result.more["p_top"].tolist() == [0.75] * 4


def test_thirds_and_sevenths_that_add_up_alike_are_tied() -> None:
    scores = [[1, 0, 1 / 3], [0, 1, 1 / 3], [0, 0, 1 / 3]] + [[1 / 7, 1, 1 / 7]] + [[1 / 7, 0, 1 / 7]] * 6
    result = run(scores, [0] * 3 + [1] * 7, balanced=True)
    assert result.value == ((0, 1, 2),)


@given(tables, st.booleans(), st.integers(1, 6))
def test_one_draw_is_scored_as_a_person_by_person_count(table: Any, balanced: bool, seed: int) -> None:
    scores, groups = table
    names = np.unique(groups)
    parts = [scores[groups == name] for name in names]
    drawn = [np.random.default_rng(seed).integers(0, 3, (2, len(part))).astype(float) for part in parts]
    result = mean_scores(parts, drawn, balanced)
    for row in range(2):
        for statement in range(scores.shape[1]):
            lists = [
                [p for w, p in zip(weight[row], part[:, statement], strict=True) for _ in range(int(w)) if p == p]
                for part, weight in zip(parts, drawn, strict=True)
            ]
            lists = [points for points in lists if points] if balanced else [sum(lists, [])]
            means = [sum(points) / len(points) for points in lists if points]
            expected = sum(means) / len(means) if means else math.nan
            assert result[row, statement] == pytest.approx(expected, abs=1e-8, nan_ok=True)


points = st.sampled_from([0.0, 1.0, 2.0, math.nan])
draws = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 7)), elements=points)


@given(draws, st.integers(1, 8))
def test_ranks_are_midranks_and_shares_fill_the_list(scores: Floats, k: int) -> None:
    ranks, shares, kept = places(scores, k)
    for row in range(len(scores)):
        there = ~np.isnan(scores[row])
        assert np.isnan([ranks[row, ~there], shares[row, ~there], kept[row, ~there]]).all()
        assert ranks[row, there].tolist() == rankdata(-scores[row, there]).tolist()
        assert kept[row, there].tolist() == (rankdata(-scores[row, there], method="min") <= k).tolist()
        assert shares[row, there].sum() == pytest.approx(min(k, there.sum()))
        assert ((shares <= kept) | np.isnan(kept)).all()


@pytest.mark.parametrize("bayesian", [False, True])
def test_every_draw_keeps_the_size_of_every_group(monkeypatch: pytest.MonkeyPatch, bayesian: bool) -> None:
    monkeypatch.setattr(resampling, "DRAWS", 50)
    chunks = list(weights([1, 3, 8], 11, 1, bayesian))
    assert [len(chunk[0]) for chunk in chunks] == [4, 4, 3]
    for chunk in chunks:
        for weight, size in zip(chunk, [1, 3, 8], strict=True):
            assert weight.shape[1] == size
            assert weight.sum(axis=1) == pytest.approx(size)
            assert bayesian or (weight == np.rint(weight)).all()


def test_draws_are_spread_as_multinomial_and_dirichlet_weights_are() -> None:
    for bayesian, variance in ((False, 1 - 1 / 5), (True, (5 - 1) / (5 + 1))):
        ((weight,),) = weights([5], 20000, 3, bayesian)
        assert weight.mean(axis=0) == pytest.approx([1] * 5, abs=0.03)
        assert weight.var(axis=0) == pytest.approx([variance] * 5, abs=0.03)


@given(tables, st.booleans(), st.booleans())
@settings(max_examples=60)
def test_every_figure_is_in_its_range_or_has_a_reason(table: Any, balanced: bool, bayesian: bool) -> None:
    scores, groups = table
    result = run(scores, groups, balanced=balanced, bayesian=bayesian, k=2, resamples=20)
    there = ~np.isnan(scores)
    if result.value is None:
        largest = max((int(there[groups == name].any(axis=1).sum()) for name in range(3)), default=0)
        assert result.reason == ("n1" if there.any() else "empty")
        assert largest < 2
        return
    more = result.more
    assert sorted(sum(result.value, ())) == np.flatnonzero(there.any(axis=0)).tolist()
    ranked = more["ranked"] > 0
    assert (ranked | np.isnan(more["mean_rank"])).all()
    for key in BY_STATEMENT[:-1]:
        assert np.isnan(more[key][~ranked]).all()
    low, high, mean = (more[key][ranked] for key in ("low", "high", "mean_rank"))
    assert ((low >= 1) & (low <= high) & (high <= scores.shape[1])).all()
    assert ((mean >= 1) & (mean <= scores.shape[1])).all()
    assert result.n == int(there.any(axis=1).sum()) == sum(more["people"].values())
    assert ("dropped_people" in result.flags) == (result.n < len(scores)) == bool(more["dropped_people"])
    assert ("dropped_groups" in result.flags) == bool(more["dropped_groups"])


def test_a_shuffled_file_gives_the_same_figures() -> None:
    scores, groups = rankings(30, 6, 1), np.arange(30) % 3
    shuffled = np.random.default_rng(2).permutation(30)
    one, other = run(scores, groups, k=2), run(scores[shuffled], groups[shuffled], k=2)
    assert one.value == other.value
    for key in (*BY_STATEMENT, "p_above_next"):
        assert one.more[key].tolist() == other.more[key].tolist()


def test_other_numbers_for_the_statements_give_the_same_figures() -> None:
    scores, groups = rankings(31, 6, 4), np.arange(31) % 3
    new = np.random.default_rng(5).permutation(6)
    one, other = run(scores, groups, k=2), run(scores[:, new], groups, k=2)
    assert len(one.value) == 6  # no tie
    assert tuple((int(new[statement]),) for (statement,) in other.value) == one.value
    for key in BY_STATEMENT:
        assert one.more[key][new].tolist() == other.more[key].tolist()


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    scores = rankings(20, 5, 1)
    assert run(scores).more["p_top"].tolist() == run(scores).more["p_top"].tolist()
    assert run(scores).more["p_top"].tolist() != run(scores, seed=8).more["p_top"].tolist()


def test_groups_of_one_size_weigh_alike_balanced_or_not() -> None:
    scores, groups = rankings(24, 5, 3), np.repeat([0, 1, 2], 8)
    pooled, balanced = run(scores, groups), run(scores, groups, balanced=True)
    for key in BY_STATEMENT:
        assert pooled.more[key].tolist() == balanced.more[key].tolist()


def test_a_small_group_counts_as_much_as_a_large_one_where_balanced() -> None:
    scores = np.repeat([[1.0, 0.0], [0.0, 2.0]], [20, 5], axis=0)
    groups = np.repeat([0, 1], [20, 5])
    assert run(scores, groups).value == ((0,), (1,))
    assert run(scores, groups, balanced=True).value == ((1,), (0,))
    assert run(scores, groups, balanced=True).more["p_top"].tolist() == [0, 1]
    assert run(scores, groups).flags == ()


def test_a_statement_put_to_few_is_scored_by_those_and_ranked_when_they_are_drawn() -> None:
    scores = np.column_stack([np.full(10, 1.0), np.full(10, np.nan)])
    scores[0, 1] = 3
    result = run(scores, resamples=2000)
    assert result.value == ((1,), (0,))
    assert result.more["ranked"][0] == 2000
    assert result.more["ranked"][1] / 2000 == pytest.approx(1 - 0.9**10, abs=0.04)
    assert result.more["p_top"][1] == 1
    assert result.more["p_above_next"].tolist() == [1]


def test_who_was_asked_more_often_has_more_say_where_scores_are_sums_over_times() -> None:
    """First: 3 of 3 and 0 of 1, that is 3/4; second: 2 of 2 and 1 of 2, 3/4 too; as means of people 1/2 and 3/4."""
    scores, times = [[3, 2], [0, 1]], [[3, 2], [1, 2]]
    assert run(scores, times=times).value == ((0, 1),)
    assert run(np.divide(scores, times)).value == ((1,), (0,))
    assert run(scores, times=times, balanced=True, groups=[0, 0]).value == ((0, 1),)
    apart = run([*scores, [0, 0]], times=[*times, [1, 1]], balanced=True, groups=[0, 0, 1])
    assert apart.value == ((0, 1),), "the other group halves both"


def test_once_everywhere_is_the_same_as_no_times_and_a_shuffled_file_too() -> None:
    scores = np.where(rankings(9, 4, 3) < 1, np.nan, rankings(9, 4, 4))
    asked = (~np.isnan(scores)).astype(float)
    one, two = run(scores), run(scores, times=asked)
    assert all(np.array_equal(one.more[name], two.more[name], equal_nan=True) for name in BY_STATEMENT)
    times = asked * np.arange(1, 10)[:, None]
    along = np.random.default_rng(5).permutation(9)
    one, two = run(scores, times=times), run(scores[along], times=times[along])
    assert all(np.array_equal(one.more[name], two.more[name], equal_nan=True) for name in BY_STATEMENT)


def test_a_statement_nobody_was_asked_about_has_no_place() -> None:
    scores = np.column_stack([rankings(6, 2, 1), np.full(6, np.nan)])
    result = run(scores)
    assert 2 not in [statement for tied in result.value for statement in tied]
    assert math.isnan(result.more["mean_rank"][2])
    assert result.more["ranked"][2] == 0


def test_the_interval_leaves_equal_tails_of_attained_ranks() -> None:
    result = run(rankings(12, 6, 9), resamples=1000, level=0.95)
    parts = [rankings(12, 6, 9)]
    key = np.argsort(parts[0].mean(axis=0), kind="stable")
    parts = [parts[0][np.lexsort(parts[0][:, key].T)]]
    ((weight,),) = weights([12], 1000, 7)
    ranks = np.sort(places(mean_scores(parts, [weight], False), 1)[0], axis=0)
    assert result.more["low"].tolist() == ranks[24].tolist()  # the 25th of 1,000
    assert result.more["high"].tolist() == ranks[974].tolist()


def test_people_and_groups_without_points_are_left_out_and_named() -> None:
    scores = np.vstack([rankings(6, 3, 1), np.full((2, 3), np.nan)])
    result = run(scores, [0] * 6 + [2, 0])
    assert result.n == 6
    assert result.more["people"] == {0: 6, 2: 0}
    assert result.more["dropped_people"] == 2
    assert result.more["dropped_groups"] == (2,)
    assert result.flags == ("dropped_people", "dropped_groups")


@pytest.mark.parametrize(("shape", "reason"), [((0, 3), "empty"), ((3, 0), "empty"), ((0, 0), "empty"), ((1, 3), "n1")])
def test_without_two_people_there_is_nothing_to_draw(shape: tuple[int, int], reason: str) -> None:
    result = run(np.ones(shape))
    assert (result.value, result.reason) == (None, reason)


def test_groups_of_one_person_each_give_no_uncertainty_to_report() -> None:
    assert run(rankings(4, 3, 1), [0, 1, 2, 3]).reason == "n1"
    assert run(rankings(4, 3, 1), [0, 0, 1, 2]).value


@pytest.mark.parametrize(
    "wrong",
    [
        *({"k": 0}, {"resamples": 0}, {"level": 1.0}, {"level": 0.0}, {"groups": np.zeros(3, dtype=int)}),
        *({"times": np.ones((4, 3))}, {"times": np.zeros((4, 2))}, {"times": -np.ones((4, 2))}),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        run(np.ones((4, 2)), **wrong)
    with pytest.raises(ValueError):
        run(np.ones(4), **wrong)
