"""The map of votes: the plain computation gives the same, chance shows no groups, planted groups are found."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import chi2_contingency, chisquare

from rounds.measures import landscape as module
from rounds.measures.landscape import (
    clusters,
    components,
    entrants,
    group_informed_consensus,
    landscape,
    noise_threshold,
    proportion_test,
    representativeness,
    silhouette,
    silhouette_of_points,
    tallies,
    two_proportions,
)

Floats = NDArray[np.float64]
NO = math.nan
SEVEN_BY_FIVE = np.array(
    [
        [1, 1, -1, NO, 0],
        [1, NO, -1, -1, 1],
        [-1, -1, 1, 1, NO],
        [-1, -1, NO, 1, -1],
        [1, 0, -1, -1, 1],
        [NO, -1, 1, 0, -1],
        [-1, 1, 1, NO, 0],
    ]
)

ballots = arrays(
    np.float64,
    st.tuples(st.integers(0, 9), st.integers(0, 6)),
    elements=st.sampled_from([-1.0, 0.0, 1.0, math.nan]),
)


def noise(people: int, statements: int, seen: float = 1.0, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    votes = rng.choice([-1.0, 0.0, 1.0], (people, statements), p=[0.4, 0.2, 0.4])
    votes[rng.random(votes.shape) >= seen] = NO
    return votes


def camps(sizes: list[int], statements: int = 30, seen: float = 1.0, seed: int = 0) -> tuple[Floats, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    share = rng.choice([0.05, 0.95], (len(sizes), statements))
    votes = np.where(rng.random((len(labels), statements)) < share[labels], 1.0, -1.0)
    votes[rng.random(votes.shape) >= seen] = NO
    return votes, labels


def filled(votes: Floats) -> Floats:
    """Blanks filled with their statement's mean, people without a vote left out, centred: row by row."""
    kept = [row for row in votes if not np.isnan(row).all()]
    columns = []
    for column in zip(*kept, strict=True):
        voted = [vote for vote in column if vote == vote]
        mean = sum(voted) / len(voted) if voted else 0
        columns.append([vote - mean if vote == vote else 0 for vote in column])
    return np.array(columns).T


def data(votes: Floats) -> csr_array:
    at = np.nonzero(~np.isnan(votes))
    return csr_array((votes[at], at), shape=votes.shape)


def circle(people: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(people, 2))


# -- the map


def test_seven_people_and_five_statements_come_out_as_by_svd_of_the_filled_matrix() -> None:
    result = components(SEVEN_BY_FIVE)
    expected = [0.5532710057643218, 0.2878989624489195, 0.5265201450799777, 0.4255427151756127, 0.39076248027068555]
    assert np.abs(result.more["loadings"][0]) == pytest.approx(expected, abs=1e-7)
    assert result.more["eigenvalues"] == pytest.approx([2.8179378425548567, 0.6527555206245114], abs=1e-7)
    places = [1.582770836962967, 2.119900161097379, 1.9512484477463101, 1.799466764256206]
    assert np.abs(result.value[:4, 0]) == pytest.approx(places, abs=1e-7)


@given(ballots)
def test_the_map_is_that_of_the_filled_matrix_or_has_a_reason(votes: Floats) -> None:
    result = components(votes)
    voted = ~np.isnan(votes).all(axis=1) if votes.size else np.zeros(len(votes), dtype=bool)
    assert result.n == voted.sum()
    if result.value is None:
        plain = filled(votes) if result.n > 1 else np.zeros((0, 0))
        assert result.reason == ("empty" if not result.n else "n1" if result.n == 1 else "constant")
        assert not plain.any()
        return
    plain = filled(votes)
    variances = np.append(np.linalg.svd(plain, compute_uv=False) ** 2 / (result.n - 1), 0)[:2]
    assert result.more["eigenvalues"] == pytest.approx(variances, abs=1e-9)
    assert result.more["share"].sum() <= 1 + 1e-9
    loadings = result.more["loadings"]
    assert all(row[np.abs(row).argmax()] >= 0 for row in loadings)
    seen = (~np.isnan(votes)).sum(axis=1)[voted]
    assert result.value[voted] == pytest.approx(plain @ loadings.T * np.sqrt(votes.shape[1] / seen)[:, None], abs=1e-9)
    assert np.isnan(result.value[~voted]).all()


@given(ballots)
def test_stored_zeros_are_votes_and_blanks_are_not(votes: Floats) -> None:
    dense, sparse = components(votes), components(data(votes))
    assert (dense.reason, dense.n) == (sparse.reason, sparse.n)
    if dense.value is not None:
        assert np.array_equal(dense.value, sparse.value, equal_nan=True)


def test_large_maps_are_the_same_as_the_whole_decomposition() -> None:
    votes = camps([60, 50, 40], statements=90, seen=0.4)[0]
    result = components(votes)
    plain = filled(votes)
    _, strength, axes = np.linalg.svd(plain)
    assert result.more["eigenvalues"] == pytest.approx(strength[:2] ** 2 / 149)
    assert np.abs(result.more["loadings"]) == pytest.approx(np.abs(axes[:2]), abs=1e-7)


@pytest.mark.parametrize("statements", [20, 90])
def test_other_numbers_for_people_and_statements_turn_nothing(statements: int) -> None:
    votes = camps([40, 30, 20], statements, seen=0.8)[0]
    rng = np.random.default_rng(1)
    people, new = rng.permutation(90), rng.permutation(statements)
    one, other = components(votes), components(votes[np.ix_(people, new)])
    assert other.value == pytest.approx(one.value[people], abs=1e-6)
    assert other.more["loadings"] == pytest.approx(one.more["loadings"][:, new], abs=1e-6)


def test_what_is_no_vote_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\+1, 0 or -1"):
        components([[2.0, 1.0]])
    with pytest.raises(ValueError, match="statements"):
        components([1.0, -1.0])


# -- silhouette and clusters


def test_the_silhouette_worked_by_hand() -> None:
    result = silhouette([[0, 1, 3, 4], [1, 0, 3, 4], [3, 3, 0, 2], [4, 4, 2, 0]], [0, 0, 1, 1])
    assert result.more["each"][0] == pytest.approx((3.5 - 1) / 3.5)
    assert result.value == pytest.approx(0.5654, abs=1e-4)
    assert (result.n, result.more["k"]) == (4, 2)


@given(
    arrays(np.float64, st.tuples(st.integers(0, 9), st.just(2)), elements=st.integers(-3, 3).map(float)),
    st.lists(st.integers(0, 3), min_size=9, max_size=9),
)
def test_the_silhouette_is_that_of_its_definition(points: Floats, names: list[int]) -> None:
    labels = np.array(names[: len(points)], dtype=np.int64)
    between = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    result = silhouette(between, labels)
    if result.value is None:
        assert result.reason == ("one_group" if len(points) else "empty")
        assert len(set(labels.tolist())) < 2
        return
    for i, own in enumerate(labels.tolist()):
        means = {}
        for name in set(labels.tolist()):
            others = [between[i, j] for j in range(len(labels)) if labels[j] == name and j != i]
            means[name] = sum(others) / len(others) if others else None
        near = min(mean for name, mean in means.items() if name != own and mean is not None)
        a = means[own]
        expected = 0 if a is None or max(a, near) == 0 else (near - a) / max(a, near)
        assert result.more["each"][i] == pytest.approx(expected)
    assert result.value == pytest.approx(result.more["each"].mean())


def test_declared_groups_have_a_silhouette_on_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    heaps = np.concatenate([circle(30), circle(30, 1) + [20, 0], [[NO, 0], [5, 5]]])
    labels = np.repeat([0, 1, 1, -1], [30, 30, 1, 1])
    between = np.sqrt(((heaps[:60, None] - heaps[None, :60]) ** 2).sum(axis=2))
    whole = silhouette_of_points(heaps, labels, seed=1)
    assert whole.value == pytest.approx(silhouette(between, labels[:60]).value)
    assert whole.n == 60
    monkeypatch.setattr(module, "SAMPLE", 40)
    drawn = silhouette_of_points(heaps, labels, seed=1)
    assert drawn.n == 40
    assert drawn.value == pytest.approx(whole.value, abs=0.05)
    assert silhouette_of_points(heaps, np.zeros(62, dtype=int), seed=1).reason == "one_group"


def test_planted_heaps_are_found_and_the_largest_comes_first() -> None:
    heaps = np.concatenate([circle(20), circle(50, 1) + [20, 0], circle(30, 2) + [0, 20]])
    result = clusters(heaps, seed=3)
    assert result.value.tolist() == [2] * 20 + [0] * 50 + [1] * 30
    assert (result.more["k"], result.more["sizes"].tolist()) == (3, [50, 30, 20])
    assert result.more["centres"][0] == pytest.approx(heaps[20:70].mean(axis=0))
    assert result.more["silhouette"] == max(result.more["silhouettes"].values())


@pytest.mark.parametrize(("points", "reason"), [([], "empty"), ([[0, 0]] * 2, "too_few"), ([[1, 1]] * 5, "constant")])
def test_without_two_heaps_the_groups_have_a_reason(points: Any, reason: str) -> None:
    assert clusters(np.array(points, dtype=float).reshape(-1, 2), seed=1).reason == reason


@settings(max_examples=40)
@given(
    arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.integers(-2, 2).map(float) | st.just(NO)),
    st.integers(0, 99),
)
def test_groups_are_as_good_as_their_silhouette_says_or_have_a_reason(points: Floats, seed: int) -> None:
    result = clusters(points, seed=seed)
    there = ~np.isnan(points).any(axis=1)
    n = int(there.sum())
    assert result.n == n
    if result.value is None:
        assert result.reason == ("empty" if not n else "too_few" if n < 3 else "constant")
        assert n < 3 or (points[there] == points[there][0]).all()
        return
    assert (result.value[~there] == -1).all()
    labels = result.value[there]
    assert np.bincount(labels).tolist() == sorted(result.more["sizes"].tolist(), reverse=True)
    assert max(result.more["silhouettes"]) <= min(5, 2 + n // 12)
    between = np.sqrt(((points[there][:, None] - points[there][None]) ** 2).sum(axis=2))
    assert result.more["silhouette"] == pytest.approx(silhouette(between, labels).value)
    shuffled = np.random.default_rng(seed).permutation(len(points))
    assert clusters(points[shuffled], seed=seed).value.tolist() == result.value[shuffled].tolist()


def test_many_points_are_grouped_by_a_drawn_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE", 60)
    heaps = np.concatenate([circle(100), circle(200, 1) + [20, 0]])
    result = clusters(heaps, seed=3)
    assert result.value.tolist() == [1] * 100 + [0] * 200
    assert result.parameters["sample"] == 60


def test_centres_that_never_settle_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", 1)
    assert clusters(np.concatenate([circle(30), circle(30, 1) + [20, 0]]), seed=1).more["k"] == 2


# -- chance


def test_dealt_votes_keep_every_tally_and_the_same_seed_the_same_threshold() -> None:
    votes = noise(60, 12, seen=0.9)
    one = noise_threshold(votes, seed=5, permutations=20)
    assert one.value == noise_threshold(votes, seed=5, permutations=20).value
    assert one.value == np.quantile(one.more["silhouettes"], 0.95)
    assert len(one.more["silhouettes"]) == 20
    centred = module._centred(data(votes))[0].tocsc()
    column = np.repeat(np.arange(12), np.diff(centred.indptr))
    dealt: list[Any] = []
    original = module._axes
    try:
        module._axes = lambda matrix: (dealt.append(matrix), original(matrix))[1]
        module._dealt(centred, column, np.random.default_rng(1))
    finally:
        module._axes = original
    before, after = centred.toarray(), dealt[0].toarray()
    assert np.sort(after, axis=0) == pytest.approx(np.sort(before, axis=0))
    assert (np.diff(dealt[0].indptr) == np.diff(data(votes).indptr)).all()
    assert not np.array_equal(before, after)


def test_the_threshold_draws_people_where_there_are_many() -> None:
    votes, _ = camps([90, 60], seen=0.9)
    result = noise_threshold(votes, seed=1, permutations=5, people=50)
    assert result.n == 50
    assert result.value < result.more["observed"]


@pytest.mark.parametrize(
    ("votes", "reason"),
    [(np.zeros((0, 3)), "empty"), (np.ones((1, 3)), "n1"), (np.ones((9, 3)), "constant"), (np.eye(2), "too_few")],
)
def test_no_map_no_threshold(votes: Floats, reason: str) -> None:
    assert noise_threshold(votes, seed=1, permutations=2).reason == reason


@pytest.mark.parametrize("seed", [1, 2, 4])  # of all seeds, one in twenty must fail
def test_noise_gives_no_groups_but_the_points(seed: int) -> None:
    result = landscape(noise(90, 20, seed=seed), np.arange(90) % 3, seed=1, permutations=60)
    assert (result.value, result.reason) == (None, "noise")
    assert result.more["points"].shape == (90, 2)
    assert result.more["silhouette"] <= result.more["threshold"]
    assert result.more["observed"] == pytest.approx(result.more["silhouette"])
    assert len(result.more["declared"]["sets_apart"]) == 3
    assert "found" not in result.more


def test_planted_camps_are_found_in_a_sparse_vote() -> None:
    votes, labels = camps([70, 50, 30], statements=60, seen=0.5)
    result = landscape(data(votes), labels, seed=1, permutations=20)
    assert result.value.tolist() == labels.tolist()
    assert result.more["sizes"].tolist() == [70, 50, 30]
    assert result.more["found"]["sets_apart"] == result.more["declared"]["sets_apart"]
    assert result.n == 150


def test_people_with_few_votes_are_in_no_group_and_count_with_the_declared_one() -> None:
    votes, labels = camps([40, 30])
    votes[:4, 3:] = NO
    result = landscape(votes, labels, seed=1, permutations=10)
    assert (result.value[:4] == -1).all()
    assert not result.more["entered"][:4].any()
    assert np.isnan(result.more["points"][:4]).all()
    assert result.n == 66


def test_fewer_than_forty_people_get_points_only() -> None:
    votes, labels = camps([20, 19])
    result = landscape(votes, labels, seed=1)
    assert result.reason == "too_few"
    assert not np.isnan(result.more["points"]).any()
    assert len(result.more["declared"]["consensus"]) == 30


@pytest.mark.parametrize(
    ("votes", "reason"),
    [(np.full((50, 9), NO), "empty"), (np.eye(0), "empty"), (np.ones((50, 9)), "constant"), ([[1.0, -1.0]], "n1")],
)
def test_no_map_has_a_reason(votes: Any, reason: str) -> None:
    result = landscape(votes, seed=1)
    assert (result.value, result.reason) == (None, reason)
    assert np.isnan(result.more["points"]).all()
    assert "declared" not in result.more


def test_seven_votes_enter_and_the_most_active_where_few_have_them() -> None:
    seen = np.array([9] * 15 + [7, 6, 3, 0])
    votes = np.where(np.arange(9) < seen[:, None], 1.0, NO)
    assert entrants(votes).tolist() == (seen >= 7).tolist()
    assert entrants(votes[4:]).tolist() == [True] * 14 + [False]  # fourteen have a vote: all of them
    assert entrants(votes[3:]).tolist() == [True] * 15 + [False]  # the fifteenth has three
    assert entrants(votes[:, :4]).tolist() == (seen >= 4).tolist()  # four statements in all
    assert entrants(votes[15:]).tolist() == [True, True, True, False]


# -- what sets a group apart


@given(ballots, st.lists(st.integers(-1, 2), min_size=9, max_size=9))
def test_tallies_count_vote_by_vote(votes: Floats, names: list[int]) -> None:
    labels = np.array(names[: len(votes)], dtype=np.int64)
    agree, disagree, seen = tallies(votes, labels)
    assert agree.shape == disagree.shape == seen.shape == (max(labels.tolist(), default=-1) + 1, votes.shape[1])
    for group in range(len(seen)):
        for statement in range(votes.shape[1]):
            cast = [row[statement] for row, name in zip(votes, labels, strict=True) if name == group]
            assert agree[group, statement] == cast.count(1)
            assert disagree[group, statement] == cast.count(-1)
            assert seen[group, statement] == sum(vote == vote for vote in cast)


def test_the_published_tests_of_shares() -> None:
    assert two_proportions(15, 56, 24, 71) == pytest.approx(-1.518, abs=0.01)
    assert two_proportions(15, 56, 24, 71) == pytest.approx(-1.5140674074014173)
    assert two_proportions(3, 3, 3, 3) == 0
    assert proportion_test([30, 10, 0], [50, 10, 0]) == pytest.approx([1.5403080924308101, 3.3166247903554, 1.0])


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30), st.integers(1, 30))
def test_the_tests_of_shares_are_chi_square_tests_with_one_added(a: int, b: int, more_a: int, more_b: int) -> None:
    n_a, n_b = a + more_a, b + more_b
    z = float(two_proportions(a, b, n_a, n_b))
    table = [[a + 1, n_a - a], [b + 1, n_b - b]]
    assert z**2 == pytest.approx(chi2_contingency(table, correction=False).statistic)
    assert z == -two_proportions(b, a, n_b, n_a)
    assert proportion_test(a, n_a) ** 2 == pytest.approx(chisquare([a + 1, n_a - a]).statistic)


def test_the_published_representative_statement() -> None:
    result = representativeness([[10], [7], [4]], [[0], [0], [0]], [[10], [9], [4]])
    expected = {"p": 0.9166666666666667, "p_test": 3.3166247903554, "rep": 1.145833333333333, "rep_test": 1.3069333}
    for key, value in expected.items():
        assert result.more["agree"][key][0, 0] == pytest.approx(value, abs=1e-6)
    assert result.value == (((0, 1),), (), ())
    assert result.n == 23
    assert group_informed_consensus([[10], [7], [4]], [[10], [9], [4]]).value == pytest.approx([0.5555555555555555])


def test_the_most_telling_statement_comes_first_with_its_side() -> None:
    agree = [[10, 0, 18, 5], [2, 15, 1, 5]]
    disagree = [[0, 20, 2, 5], [8, 0, 19, 5]]
    result = representativeness(agree, disagree, [[10, 20, 20, 10], [10, 20, 20, 10]])
    assert result.value == (((1, -1), (2, 1), (0, 1)), ((2, -1), (1, 1), (0, -1)))


@given(ballots, st.lists(st.integers(-1, 2), min_size=9, max_size=9), st.permutations(range(6)))
def test_other_numbers_for_statements_and_sides_change_nothing(
    votes: Floats, names: list[int], order: list[int]
) -> None:
    agree, disagree, seen = tallies(votes, names[: len(votes)])
    result = representativeness(agree, disagree, seen)
    new = [statement for statement in order if statement < votes.shape[1]]
    assert group_informed_consensus(agree[:, new], seen[:, new]).n == result.n
    if result.value is None:
        assert result.reason == ("one_group" if result.n else "empty")
        return
    turned = representativeness(disagree[:, new], agree[:, new], seen[:, new])
    for group, listed in enumerate(result.value):
        assert {(new[at], -side) for at, side in turned.value[group]} == set(listed)
    for key, figure in result.more["agree"].items():
        assert turned.more["disagree"][key] == pytest.approx(figure[:, new])


def test_without_votes_or_another_group_nothing_is_set_apart() -> None:
    assert group_informed_consensus([[0], [0]], [[0], [0]]).reason == "empty"
    assert representativeness([[0], [0]], [[0], [0]], [[0], [0]]).reason == "empty"
    assert representativeness([[1]], [[0]], [[1]]).reason == "one_group"


@given(ballots, st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_consensus_is_a_product_over_groups_and_undefined_where_nobody_voted(votes: Floats, names: list[int]) -> None:
    agree, _, seen = tallies(votes, names[: len(votes)])
    result = group_informed_consensus(agree, seen)
    if result.value is None:
        assert result.reason == "empty"
        assert not seen.sum()
        return
    for statement in range(votes.shape[1]):
        product = math.prod((agree[g, statement] + 1) / (seen[g, statement] + 2) for g in range(len(seen)))
        expected = product if seen[:, statement].sum() else NO
        assert result.value[statement] == pytest.approx(expected, nan_ok=True)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_nobody_is_set_apart_on_both_sides(a: int, d: int, b: int, e: int) -> None:
    assume(a + b + d + e > 0)
    result = representativeness([[a], [b]], [[d], [e]], [[a + d], [b + e]])
    assert all(len(listed) <= 1 for listed in result.value)
