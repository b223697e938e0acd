"""Worths: against published estimates, plain likelihoods maximised by other means, and laws."""

from __future__ import annotations

from itertools import combinations
from math import exp, log, prod, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from rounds.measures.pairwise import pairwise, ranks_of
from rounds.measures.worth import bradley_terry, is_connected, plackett_luce

CITATIONS = [[0, 730, 498, 221], [33, 0, 68, 17], [320, 813, 0, 142], [284, 276, 325, 0]]
PUDDING = [  # pairs of puddings: first better, second better, alike (Davidson 1970)
    *((0, 1, 19, 22, 16), (0, 2, 16, 19, 12), (1, 2, 19, 19, 10), (0, 3, 18, 23, 13), (1, 3, 23, 19, 9)),
    *((2, 3, 19, 20, 15), (0, 4, 13, 19, 18), (1, 4, 16, 20, 12), (2, 4, 16, 15, 17), (3, 4, 17, 14, 16)),
    *((0, 5, 18, 21, 12), (1, 5, 22, 20, 12), (2, 5, 13, 18, 10), (3, 5, 14, 19, 18), (4, 5, 11, 21, 12)),
]


def rows(*ballots, statements):
    return np.array([ranks_of(ballot, range(statements)) for ballot in ballots])


def plain_loglik(ranks, logs, ties, weights, unranked):
    """Choice by choice, set by set, as the model is written down; ties: log parameter by size."""
    worth = [exp(log_worth) for log_worth in logs]

    def pull(chosen):
        return exp(ties.get(len(chosen), 0)) * prod(worth[a] for a in chosen) ** (1 / len(chosen))

    total = 0.0
    for row, weight in zip(ranks, weights, strict=True):
        left = [a for a in range(len(row)) if row[a] or unranked == "below"]
        for place in sorted(set(row) - {0}):
            chosen = [a for a in left if row[a] == place]
            sets = [c for size in (1, *ties) for c in combinations(left, size)]
            total += weight * (log(pull(chosen)) - log(sum(map(pull, sets))))
            left = [a for a in left if a not in chosen]
    return total


def by_other_means(ranks, sizes, weights, unranked):
    m = ranks.shape[1]

    def loss(x):
        return -plain_loglik(ranks, [0, *x[: m - 1]], dict(zip(sizes, x[m - 1 :], strict=True)), weights, unranked)

    found = minimize(loss, np.zeros(m - 1 + len(sizes)), method="BFGS", options={"gtol": 1e-7})
    return np.array([0, *found.x[: m - 1]]), found.x[m - 1 :], -found.fun


# Bradley-Terry


def test_citations_have_the_published_worths_and_errors():
    found = bradley_terry(CITATIONS)
    assert found.value == pytest.approx([0, -2.949072496844, -0.479569769752, 0.268954055819], abs=1e-9)
    assert found.more["se"] == pytest.approx([0, 0.1025453353699, 0.0605887292396, 0.0708299651057], abs=1e-9)
    assert found.n == sum(map(sum, CITATIONS))


def test_three_wins_to_one_are_odds_of_three():
    found = bradley_terry([[0, 3], [1, 0]])
    assert found.value == pytest.approx([0, -log(3)])
    assert found.more["se"] == pytest.approx([0, sqrt(1 + 1 / 3)])
    assert found.more["worth"] == pytest.approx([0.75, 0.25])
    assert found.more["loglik"] == pytest.approx(3 * log(0.75) + log(0.25))
    assert bradley_terry([[0, 3], [1, 0]], ref=None).value == pytest.approx([log(3) / 2, -log(3) / 2])
    assert bradley_terry([[0, 2], [2, 0]]).value == (0, 0)


def test_contrasts_do_not_depend_on_the_reference():
    centred, other = bradley_terry(CITATIONS, ref=None), bradley_terry(CITATIONS, ref=2)
    assert np.subtract(centred.value, other.value) == pytest.approx([centred.value[2]] * 4)
    assert sum(centred.value) == pytest.approx(0, abs=1e-12)
    assert other.more["se"][0] == pytest.approx(bradley_terry(CITATIONS).more["se"][2])


def test_lopsided_wins_do_not_throw_the_steps_off():
    wins = [[0, 10**7, 1], [1, 0, 10**7], [1, 1, 0]]
    found = bradley_terry(wins, ref=None)
    table, logs = np.array(wins, dtype=float), np.array(found.value)
    expected = (table + table.T) / (1 + np.exp(logs - logs[:, None]))
    assert expected.sum(axis=1) == pytest.approx(table.sum(axis=1), rel=1e-6)


def test_a_statement_that_never_wins_has_no_worth_without_a_ghost():
    wins = [[0, 1, 0, 1], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert not is_connected(wins)
    assert bradley_terry(wins).reason == "not_connected"
    published = [0, 0.51841842236, 0.135470669528, -1.15375651709]
    assert bradley_terry(wins, ghost=0.5).value == pytest.approx(published, abs=1e-9)


def test_no_comparison_gives_no_worth_and_a_reason():
    assert bradley_terry(np.zeros((0, 0))).reason == "empty"
    assert bradley_terry([[0]]).reason == "empty"
    assert bradley_terry(np.zeros((3, 3)), ghost=1).reason == "empty"
    assert bradley_terry(CITATIONS, limit=2).reason == "not_converged"


@pytest.mark.parametrize("wins", [[1, 2], [[0, 1]], [[0, -1], [1, 0]], [[0, float("nan")], [1, 0]]])
def test_what_are_no_wins_are_refused(wins):
    with pytest.raises(ValueError, match="wins are a square table"):
        bradley_terry(wins)


@given(st.integers(1, 6), st.data())
def test_connected_means_a_way_from_each_to_each(m, data):
    cells = data.draw(st.lists(st.booleans(), min_size=m * m, max_size=m * m))
    graph = np.array(cells).reshape(m, m)
    ways = np.linalg.matrix_power(graph.astype(int) + np.eye(m, dtype=int), m)
    assert is_connected(graph) == bool(ways.all())


# Plackett-Luce


def test_partial_rankings_have_the_published_worths():
    found = plackett_luce(rows([0, 1, 2], [3, 2, 0], [1, 3], statements=4))
    assert found.value == pytest.approx([-0.4433084893, 0.695067867, -0.6706095703, 0.4188501926], abs=1e-8)
    found = plackett_luce(rows([0, 1], [0, 1], [1, 2], [2, 0], statements=3))
    assert found.value == pytest.approx([0.419617624, -0.419617624, 0.0], abs=1e-8)


def test_puddings_have_the_published_worths_and_tie():
    ranks, weights = [], []
    for a, b, first, second, alike in PUDDING:
        for places, count in (((1, 2), first), ((2, 1), second), ((1, 1), alike)):
            ranks.append([0] * 6)
            ranks[-1][a], ranks[-1][b] = places
            weights.append(count)
    found = plackett_luce(np.array(ranks), weights=weights)
    worth = [0.138803375181, 0.173001499983, 0.161747434037, 0.165372957763, 0.158685394575, 0.202389338462]
    assert found.more["worth"] == pytest.approx(worth, abs=1e-8)
    assert found.more["tie_sizes"] == (2,)
    assert found.more["tie_log"] == pytest.approx([-0.291927086248], abs=1e-8)
    assert found.more["loglik"] == pytest.approx(-809.70951009, abs=1e-7)


def test_the_ghost_makes_every_ballot_set_estimable():
    ranks = rows([0, 1], [2, 0], [0, 3], [1, 0], [1, 2], statements=4)
    assert plackett_luce(ranks).reason == "not_connected"
    found = plackett_luce(ranks, ghost=0.5)
    assert found.more["log_ref"] == pytest.approx([0, 0.51841842236, 0.135470669528, -1.15375651709], abs=1e-8)
    plain = plain_loglik(ranks, found.value, {}, np.ones(5), "absent")
    assert found.more["loglik"] == pytest.approx(plain)  # of the ballots alone
    below = plackett_luce(rows([0], [1], statements=3), unranked="below", ghost=0.5)
    assert below.value[0] == pytest.approx(below.value[1]) and below.value[2] < below.value[0]


TIED = [
    *([[0, 1], 2, 3], [3, [0, 2], 1], [[1, 2, 3], 0], [0, 3, 2, 1], [2, 1, [0, 3]], [1, 0], [2, [3, 1]]),
    *([[0, 2, 3]], [3, 1, 0], [1, [2, 3]]),
]


@pytest.mark.parametrize("unranked", ["absent", "below"])
def test_ties_of_two_and_three_are_where_the_plain_likelihood_is_highest(unranked):
    ranks, weights = rows(*TIED, statements=4), np.array([1, 2, 1, 3, 1, 1, 2, 1, 1, 1.5])
    found = plackett_luce(ranks, weights=weights, unranked=unranked)
    logs, ties, highest = by_other_means(ranks, (2, 3), weights, unranked)
    assert found.more["tie_sizes"] == (2, 3) and found.n == 10
    assert found.more["loglik"] == pytest.approx(highest, abs=1e-8)
    assert found.more["log_ref"] == pytest.approx(logs, abs=2e-5)
    assert found.more["tie_log"] == pytest.approx(ties, abs=2e-5)
    plain = plain_loglik(ranks, found.value, dict(zip((2, 3), found.more["tie_log"], strict=True)), weights, unranked)
    assert found.more["loglik"] == pytest.approx(plain)


@st.composite
def full_rankings(draw, people=8, statements=4):
    m = draw(st.integers(2, statements))
    ballots = draw(st.lists(st.permutations(range(m)), min_size=1, max_size=people))
    return np.argsort(np.array(ballots), axis=1) + 1


@settings(max_examples=40)
@given(full_rankings())
def test_worths_expect_what_was_chosen(ranks):
    found = plackett_luce(ranks)
    if found.value is None:
        assert found.reason == "not_connected" and not is_connected(pairwise(ranks))
        return
    worth, chosen, expected = np.exp(found.value), np.zeros(len(found.value)), np.zeros(len(found.value))
    for row in ranks:
        order = np.argsort(row)
        for place in range(len(order) - 1):
            chosen[order[place]] += 1
            expected[order[place:]] += worth[order[place:]] / worth[order[place:]].sum()
    assert expected == pytest.approx(chosen, abs=1e-6)
    assert sum(found.value) == pytest.approx(0, abs=1e-9)


@settings(max_examples=40)
@given(full_rankings(), st.randoms(use_true_random=False))
def test_relabelling_moves_worths_with_their_statements(ranks, chance):
    found = plackett_luce(ranks, ghost=0.5)
    people, statements = list(range(len(ranks))), list(range(ranks.shape[1]))
    chance.shuffle(people)
    chance.shuffle(statements)
    moved = plackett_luce(ranks[people][:, statements], ghost=0.5)
    assert moved.value == pytest.approx(np.array(found.value)[statements], abs=1e-7)


@settings(max_examples=30)
@given(full_rankings())
def test_every_ballot_twice_changes_no_worth(ranks):
    found = plackett_luce(ranks)
    assume(found.value is not None)
    for twice in (plackett_luce(np.vstack([ranks, ranks])), plackett_luce(ranks, weights=[2] * len(ranks))):
        assert twice.value == pytest.approx(found.value, abs=1e-7)
    assert bradley_terry(2 * pairwise(ranks)).value == pytest.approx(bradley_terry(pairwise(ranks)).value)


@settings(max_examples=30)
@given(st.lists(st.permutations(range(4)), min_size=3, max_size=10))
def test_pairs_alone_are_bradley_terry(ballots):
    ranks = np.array([[place if place < 3 else 0 for place in np.argsort(ballot) + 1] for ballot in ballots])
    from_pairs, from_table = plackett_luce(ranks), bradley_terry(pairwise(ranks, unranked="absent"))
    assert from_pairs.reason == from_table.reason
    if from_pairs.value is not None:
        assert from_pairs.more["log_ref"] == pytest.approx(from_table.value, abs=1e-7)


def test_a_ballot_that_stops_after_its_first_chooses_it_before_all_others():
    ranks = rows([0], [0], [1], [2], statements=3)
    assert plackett_luce(ranks).reason == "no_pairs"
    assert plackett_luce(ranks, unranked="below").more["worth"] == pytest.approx([0.5, 0.25, 0.25])


def test_neighbours_compared_only_with_neighbours_are_still_exact():
    ballots = [[a, a + 1] for a in range(9) for _ in range(3)] + [[a + 1, a] for a in range(9)]
    found = plackett_luce(rows(*ballots, statements=10))
    assert np.diff(found.value) == pytest.approx([-log(3)] * 9, abs=1e-6)


def test_ties_that_always_happen_have_no_parameter():
    ballots = [[[0, 1], 2], [[1, 2], 0], [[0, 2], 1]]  # whenever two could be chosen together, two were
    ranks = rows(*ballots, statements=3)
    assert is_connected(pairwise(ranks))
    assert plackett_luce(ranks).reason == "not_connected"
    assert plackett_luce(ranks, ghost=0.5).value == pytest.approx([0, 0, 0], abs=1e-7)


def test_nobody_gives_no_worth_and_a_reason():
    for ranks in (np.zeros((0, 3), dtype=int), np.zeros((2, 3), dtype=int), np.zeros((0, 0), dtype=int)):
        assert plackett_luce(ranks).reason == "empty"
    assert plackett_luce(np.array([[1], [1]])).reason == "no_pairs"
    assert plackett_luce(np.array([[1, 2], [2, 1]]), weights=[0, 0]).reason == "empty"
    assert plackett_luce(np.array([[1, 2]])).reason == "not_connected"
    assert plackett_luce(np.array([[1, 2], [2, 1]])).value == pytest.approx([0, 0])
    assert plackett_luce(rows([0, 1], [0, 1], [1, 2], [2, 0], statements=3), limit=3).reason == "not_converged"


def test_what_cannot_be_estimated_is_refused():
    with pytest.raises(ValueError, match="tied ballots need"):
        plackett_luce(np.array([[1, 1], [1, 2], [2, 1]]), ties=False)
    for weights in ([1], [1, -1], [1, float("nan")]):
        with pytest.raises(ValueError, match="one weight per person"):
            plackett_luce(np.array([[1, 2], [2, 1]]), weights=weights)
