"""So many ballots change the list, and not one fewer: tried out ballot by ballot."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.margins import choice_margin, edge_margin, score_margin
from rounds.measures.orders import order_of, top
from rounds.measures.pairwise import doubled_points

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

NAMES = 4
panels = st.lists(st.permutations(range(1, NAMES + 1)), min_size=1, max_size=5)


def passes(ranks: np.ndarray, inside: tuple[int, ...]) -> bool:
    """Does any statement of the others have more points than one of these?"""
    totals = doubled_points(ranks).sum(axis=0)
    return any(totals[y] < totals[x] for y in inside for x in range(ranks.shape[1]) if x not in inside)


@settings(max_examples=40)
@given(panels, st.integers(1, NAMES - 1))
def test_the_ballots_found_change_the_set_and_one_fewer_never_does(rows: list[list[int]], k: int) -> None:
    ranks = np.array(rows)
    first = top(order_of(doubled_points(ranks).sum(axis=0).tolist()), k)
    found = edge_margin(ranks, k)
    if found.value is None:
        assert found.reason == "no_edge" and len(first) == NAMES
        return
    every = [np.array(order) for order in permutations(range(1, NAMES + 1))]

    def can(number: int) -> bool:
        for places in combinations(range(len(ranks)), number):
            for others in product(every, repeat=number):
                changed = ranks.copy()
                for place, other in zip(places, others, strict=True):
                    changed[place] = other
                if passes(changed, first):
                    return True
        return False

    if found.value <= 2:
        assert can(found.value)
    assert not can(min(found.value - 1, 2))


@given(panels, st.integers(1, NAMES - 1))
def test_every_ballot_twice_never_lowers_a_margin_and_doubles_the_gap(rows: list[list[int]], k: int) -> None:
    once, twice = (edge_margin(np.array(rows * times), k) for times in (1, 2))
    assert twice.more["gap"] == 2 * once.more["gap"] and twice.reason == once.reason
    if once.value is not None:
        assert twice.value >= once.value


@given(panels, st.integers(1, NAMES - 1))
def test_equal_weights_are_no_weights(rows: list[list[int]], k: int) -> None:
    ranks = np.array(rows)
    plain, weighed = edge_margin(ranks, k), edge_margin(ranks, k, weights=np.full(len(ranks), 3))
    assert (plain.value, plain.reason) == (weighed.value, weighed.reason)
    assert weighed.more["gap"] == 3 * plain.more["gap"]
    assert weighed.more["reverse"] is weighed.more["bound"] is None, "of ballots that count alike only"


def test_a_heavy_ballot_changes_more() -> None:
    ranks = np.array([[1, 2, 3]] * 6 + [[2, 1, 3]])
    assert edge_margin(ranks, 1).value == 2
    assert edge_margin(ranks, 1, weights=np.array([1] * 6 + [4])).value == 1


@pytest.mark.parametrize("k", [3, 4])
def test_a_list_that_is_no_longer_than_its_first_places_has_no_edge(k: int) -> None:
    assert edge_margin(np.array([[1, 2, 3]]), k).reason == "no_edge"


def test_nobody_and_nothing() -> None:
    assert edge_margin(np.zeros((3, 3), dtype=int), 1).reason == "empty"
    tied = edge_margin(np.ones((3, 3), dtype=int), 1)
    assert tied.reason == "no_edge" and tied.more["edge_tied"], "all of it is in"
    assert edge_margin(np.array([[1, 2, 0], [0, 0, 0]]), 1).n == 1
    for wrong in ({"k": 0}, {"k": 1, "limit": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            edge_margin(np.array([[1, 2, 3]]), **wrong)


def test_taking_ballots_out_may_not_do_it() -> None:
    found = edge_margin(np.array([[1, 2, 3]] * 4), 1)
    assert found.more["leave"] is None and found.value == 2


scored = st.lists(st.tuples(*[st.one_of(st.just(np.nan), st.integers(1, 4))] * 2), min_size=1, max_size=6)


def means(rows: Sequence[Sequence[float]]) -> list[Fraction]:
    columns = [[Fraction(x) for x in column if x == x] for column in zip(*rows, strict=True)]
    return [sum(column, Fraction()) / len(column) if column else Fraction(-1) for column in columns]


def best(rows: Sequence[Sequence[float]], number: int) -> Fraction:
    """How far the second can be over the first when so many people answer as they may wish."""

    def turned(row: Sequence[float]) -> Sequence[float]:
        return [row[0] if row[0] != row[0] else 1, row[1] if row[1] != row[1] else 4]

    found = []
    for places in combinations(range(len(rows)), number):
        first, second = means([turned(row) if at in places else row for at, row in enumerate(rows)])
        found.append(second - first)
    return max(found)


@given(scored)
def test_the_people_found_put_one_mean_over_the_other_and_one_fewer_never_does(rows: list[list[float]]) -> None:
    first, second = means(rows)
    inside, outside = (0, 1) if first >= second else (1, 0)
    found = score_margin(rows, inside, outside, low=1, high=4)
    assert found.n == sum(x == x or y == y for x, y in rows)
    if min(first, second) < 0:
        assert found.reason == "empty"
        return
    rows = [[row[inside], row[outside]] for row in rows]
    assert found.more["gap"] == abs(first - second)
    assert best(rows, found.value) > 0 >= best(rows, found.value - 1)
    assert best(rows, found.more["tie"]) >= 0 and (not found.more["tie"] or best(rows, found.more["tie"] - 1) < 0)


@given(scored)
def test_every_score_twice_never_lowers_a_margin_and_leaves_the_gap(rows: list[list[float]]) -> None:
    first, second = means(rows)
    inside, outside = (0, 1) if first >= second else (1, 0)
    once, twice = (score_margin(rows * times, inside, outside, low=1, high=4) for times in (1, 2))
    assert once.reason == twice.reason
    if once.value is not None:
        assert twice.value >= once.value and twice.more["gap"] == once.more["gap"]


def test_scores_stay_on_their_scale_and_the_higher_mean_is_inside() -> None:
    scores = [[3, 2], [4, 1]]
    for wrong in ({"low": 2, "high": 4}, {"low": 1, "high": 3}, {"low": 4, "high": 4}):
        with pytest.raises(ValueError, match="scores lie between"):
            score_margin(scores, 0, 1, **wrong)
    with pytest.raises(ValueError, match="lower mean"):
        score_margin(scores, 1, 0, low=1, high=4)


def test_there_is_no_margin_to_what_nobody_answered() -> None:
    found = score_margin([[3, np.nan], [np.nan, np.nan]], 0, 1, low=1, high=4)
    assert found.reason == "empty" and found.n == 1


choices = st.lists(st.lists(st.integers(0, 1), min_size=NAMES, max_size=NAMES), min_size=1, max_size=5)


def _chosen_pass(chosen: np.ndarray, inside: tuple[int, ...]) -> bool:
    totals = chosen.sum(axis=0)
    return any(totals[y] < totals[x] for y in inside for x in range(NAMES) if x not in inside)


@settings(max_examples=40)
@given(choices, st.integers(1, NAMES - 1), st.integers(1, NAMES - 1))
def test_the_choices_found_change_the_set_and_one_fewer_never_does(rows: list[list[int]], k: int, number: int) -> None:
    """Whatever number each changed ballot is to choose."""
    chosen = np.array(rows)
    first = top(order_of(chosen.sum(axis=0).tolist()), k)
    found = choice_margin(chosen, k)
    if found.value is None:
        assert found.reason == "no_edge" and len(first) == NAMES
        return
    some = [np.isin(range(NAMES), cards).astype(int) for cards in combinations(range(NAMES), number)]
    every = [np.array(row) for row in product((0, 1), repeat=NAMES)]

    def can(people: int, ballots: list[np.ndarray]) -> bool:
        for places in combinations(range(len(chosen)), people):
            for others in product(ballots, repeat=people):
                changed = chosen.copy()
                changed[list(places)] = others
                if _chosen_pass(changed, first):
                    return True
        return False

    if found.value <= 3:
        assert can(found.value, some)
    assert found.value == 1 or not can(min(found.value - 1, 2), every)


def test_nobody_who_chose_and_no_place_outside_is_no_margin() -> None:
    assert choice_margin(np.zeros((0, 3), dtype=int), 1).reason == "empty"
    assert choice_margin(np.ones((4, 3), dtype=int), 3).reason == "no_edge"
    with pytest.raises(ValueError, match="at least 1"):
        choice_margin(np.ones((4, 3), dtype=int), 0)
