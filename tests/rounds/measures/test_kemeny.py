"""Kemeny's rule: what it promises, against every order tried one by one and against published examples."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rounds.measures import kemeny as module
from rounds.measures.kemeny import kemeny, kemeny_set
from rounds.measures.orders import layers

Matrix = NDArray[Any]


def from_ballots(*ballots: tuple[int, str]) -> Matrix:
    """N from ballots of letters, best first; letters left out lie below, tied with each other."""
    letters = sorted({letter for _, ballot in ballots for letter in ballot})
    table = np.zeros((len(letters), len(letters)), dtype=np.int64)
    for count, ballot in ballots:
        place = [ballot.index(letter) if letter in ballot else len(letters) for letter in letters]
        for a in range(len(letters)):
            for b in range(len(letters)):
                table[a, b] += count * (place[a] < place[b])
    return table


def agreements(table: Matrix, order: Sequence[int]) -> Any:
    """Of the people with an order, best first: the sum of N[a, b] over every a above b."""
    return sum(table[a, b] for at, a in enumerate(order) for b in order[at + 1 :])


def by_hand(table: Matrix) -> tuple[int, set[tuple[int, ...]]]:
    """The best score and all orders that have it."""
    scores = {order: int(agreements(table, order)) for order in permutations(range(len(table)))}
    best = max(scores.values())
    return best, {order for order, score in scores.items() if score == best}


def flat(order: Any) -> tuple[int, ...]:
    return tuple(statement for (statement,) in order)


def noise(statements: int, people: int, seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    ranks = np.argsort(rng.random((people, statements)), axis=1)
    return (ranks[:, :, None] < ranks[:, None, :]).sum(axis=0)


def cycle(statements: int) -> Matrix:
    """Each beats the half that follows it in a ring: one cycle of everything."""
    ahead = (np.arange(statements) - np.arange(statements)[:, None]) % statements
    return ((ahead > 0) & (ahead <= statements // 2)).astype(np.int64)


matrices = st.integers(2, 6).flatmap(
    lambda size: st.lists(st.integers(0, 4), min_size=size * size, max_size=size * size).map(
        lambda cells: np.array(cells).reshape(size, size) * (1 - np.eye(size, dtype=np.int64))
    )
)
some = matrices.filter(np.any)

SCHULZE_45 = from_ballots(
    (5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED"), (7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"), (8, "EBADC")
)
PARADOX = from_ballots((1, "ABC"), (1, "BCA"), (1, "CAB"))
DEBIAN_2002 = np.array([[0, 255, 178, 385], [199, 0, 134, 406], [291, 327, 0, 443], [68, 50, 18, 0]])


@pytest.mark.parametrize(
    ("table", "order", "score"),
    [
        (from_ballots((42, "ABCD"), (26, "BCDA"), (15, "CDBA"), (17, "DCBA")), (1, 2, 3, 0), 393),  # Tennessee
        (from_ballots((23, "ABC"), (17, "BCA"), (2, "BAC"), (10, "CAB"), (8, "CBA")), (1, 2, 0), 104),  # Young 1988
        (DEBIAN_2002, (2, 0, 1, 3), 2107),
        (SCHULZE_45, None, 260),
    ],
)
def test_published_examples_come_out_as_published(table: Matrix, order: tuple[int, ...] | None, score: int) -> None:
    result = kemeny(table)
    assert result.more["score"] == result.more["bound"] == score
    assert order is None or (flat(result.value) == order and result.more["unique"] and not result.flags)


def test_the_paradox_of_condorcet_has_three_orders_and_says_so() -> None:
    result, every = kemeny(PARADOX), kemeny_set(PARADOX)
    assert result.more["score"] == every.more["score"] == 5
    assert result.more["unique"] is False
    assert result.flags == every.flags == ("not_unique",)
    assert {flat(order) for order in every.value} == {(0, 1, 2), (1, 2, 0), (2, 0, 1)}
    assert result.more["alternative"] in every.value
    assert result.more["alternative"] != result.value


@given(some)
def test_no_order_scores_more_and_the_list_of_optima_is_complete(table: Matrix) -> None:
    best, orders = by_hand(table)
    result, every = kemeny(table), kemeny_set(table, limit=720)
    assert result.more["score"] == result.more["bound"] == agreements(table, flat(result.value)) == best
    assert flat(result.value) in orders
    assert result.more["unique"] is (len(orders) == 1)
    assert {flat(order) for order in every.value} == orders
    assert every.more == {"score": best, "count": len(orders)}
    assert len(every.value) == len(orders)
    for shorter in (1, 2):
        assert kemeny_set(table, limit=shorter).value == every.value[:shorter]
        assert kemeny_set(table, limit=shorter).more["count"] == len(orders)


@given(some, st.randoms(use_true_random=False))
def test_relabelling_statements_relabels_the_optima(table: Matrix, random: Any) -> None:
    new = list(range(len(table)))
    random.shuffle(new)
    renamed = np.empty_like(table)
    renamed[np.ix_(new, new)] = table
    expected = {tuple(new[statement] for statement in flat(order)) for order in kemeny_set(table, 720).value}
    assert {flat(order) for order in kemeny_set(renamed, 720).value} == expected
    assert kemeny(renamed).more["score"] == kemeny(table).more["score"]
    assert kemeny(renamed).more["unique"] == kemeny(table).more["unique"]


@given(some)
def test_every_ballot_turned_round_turns_the_orders_round(table: Matrix) -> None:
    turned = {flat(order)[::-1] for order in kemeny_set(table.T, 720).value}
    assert turned == {flat(order) for order in kemeny_set(table, 720).value}
    assert kemeny(table.T).more["score"] == kemeny(table).more["score"]


@given(some)
def test_doubling_every_ballot_changes_nothing_but_the_score(table: Matrix) -> None:
    single, double = kemeny(table), kemeny(2 * table)
    assert double.value == single.value
    assert double.more["score"] == 2 * single.more["score"]
    assert double.flags == single.flags


@settings(max_examples=25, deadline=None)
@given(st.integers(13, 18), st.integers(1, 12), st.integers(0, 10**6))
def test_large_parts_agree_with_the_subsets_and_beat_every_simple_order(size: int, people: int, seed: int) -> None:
    table = noise(size, people, seed)
    result = kemeny(table)
    assert result.more["score"] == result.more["bound"] == agreements(table, flat(result.value))
    points = tuple((statement,) for statement in np.argsort(-table.sum(axis=1)).tolist())
    assert result.more["score"] >= agreements(table, flat(points))
    assert agreements(table, flat(result.value)[::-1]) <= result.more["score"]
    assert kemeny(table.T).more["score"] == result.more["score"]
    assert kemeny(table.T).more["unique"] == result.more["unique"]
    if result.more["alternative"]:
        assert agreements(table, flat(result.more["alternative"])) == result.more["score"]
        assert result.more["alternative"] != result.value


@pytest.mark.parametrize("seed", range(6))
def test_cutting_planes_and_subsets_find_the_same(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    table = noise(9, 3 + seed % 3, seed)
    by_subsets = kemeny(table)
    monkeypatch.setattr(module, "SUBSETS", 1)
    by_cuts = kemeny(table)
    for key in ("score", "bound", "unique"):
        assert by_cuts.more[key] == by_subsets.more[key]


def tournament(statements: int, seed: int) -> Matrix:
    """Every pair decided by a coin: the hardest data there is."""
    won = np.triu(np.random.default_rng(seed).integers(0, 2, (statements, statements)), 1)
    return won + np.tril(1 - won.T, -1)


def test_a_fractional_relaxation_is_settled_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    by_cuts = kemeny(tournament(16, 8))
    monkeypatch.setattr(module, "SUBSETS", 16)
    by_subsets = kemeny(tournament(16, 8))
    for key in ("score", "bound", "unique"):
        assert by_cuts.more[key] == by_subsets.more[key]
    assert by_cuts.more["score"] == by_cuts.more["bound"]


def test_a_search_cut_short_gives_its_best_its_bound_and_says_so() -> None:
    table = noise(60, 31, 1)
    result = kemeny(table, time_limit=0.0)
    assert result.flags == ("not_proven",)
    assert result.more["score"] < result.more["bound"]
    assert result.more["unique"] is result.more["alternative"] is None
    assert result.more["score"] == agreements(table, flat(result.value))


def test_a_search_cut_short_in_whole_numbers_keeps_its_bound_true() -> None:
    hard = tournament(34, 5)
    result = kemeny(hard, time_limit=0.3)
    assert "not_proven" in result.flags
    assert result.more["score"] == agreements(hard, flat(result.value)) < result.more["bound"]


def test_a_unique_order_of_many_statements_is_proven_unique() -> None:
    size = 15
    line = np.triu(np.full((size, size), 2), 1)
    line[0, size - 1], line[size - 1, 0] = 0, 1  # the last beats the first: one part, and one order still
    result = kemeny(line)
    assert flat(result.value) == tuple(range(size))
    assert result.more["unique"] is True
    assert not result.flags


def test_an_order_proven_best_but_not_proven_unique_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = module._best

    def half(table: Matrix, time_limit: float) -> tuple[Any, int]:
        places, bound = searched(table, time_limit)
        return places, bound + int(table is not first)  # the second search ends one point short of its proof

    first = DEBIAN_2002.copy()
    monkeypatch.setattr(module, "_best", half)
    monkeypatch.setattr(module, "_whole", lambda table: (table, Fraction(1)))
    result = kemeny(first)
    assert result.more["score"] == result.more["bound"] == 2107
    assert result.more["unique"] is None
    assert result.flags == ("not_proven",)


def test_statements_tied_with_all_others_leave_more_than_one_order() -> None:
    table = np.array([[0, 3, 1], [1, 0, 1], [1, 1, 0]])  # the third ties with both
    assert kemeny(table).more["unique"] is False
    assert {flat(order) for order in kemeny_set(table).value} == {(0, 1, 2), (0, 2, 1), (2, 0, 1)}


def test_fractions_of_votes_stay_exact() -> None:
    thirds = PARADOX * np.array(Fraction(1, 3), dtype=object)
    result = kemeny(thirds)
    assert result.more["score"] == Fraction(5, 3)
    assert result.more["unique"] is False
    assert result.n == 1
    assert agreements(thirds, (0, 1, 2)) == Fraction(5, 3)


def test_weights_beyond_int64_stay_exact() -> None:
    big = 10**17
    table = cycle(15).astype(object) * big
    table[14, 0] += 1  # one vote in 10**17 decides
    expected = cycle(15) * 1000
    expected[14, 0] += 1
    huge, small = kemeny(table), kemeny(expected)
    assert huge.more["score"] % big == small.more["score"] % 1000 == 1
    assert huge.more["score"] // big == small.more["score"] // 1000
    assert isinstance(huge.more["score"], int)


def test_whole_floats_are_counts_and_other_floats_are_refused() -> None:
    assert kemeny(DEBIAN_2002.astype(float)).more["score"] == 2107
    with pytest.raises(ValueError, match="whole numbers"):
        kemeny(DEBIAN_2002 / 7)


@pytest.mark.parametrize("table", [np.zeros((2, 3)), np.zeros(4), np.array([[0, -1], [1, 0]])])
def test_what_is_no_pairwise_matrix_is_refused(table: Matrix) -> None:
    with pytest.raises(ValueError):
        kemeny(table)


def test_a_list_of_no_orders_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        kemeny_set(PARADOX, limit=0)


@pytest.mark.parametrize("size", [0, 2, 5])
def test_no_comparison_gives_no_order_and_a_reason(size: int) -> None:
    for result in (kemeny(np.zeros((size, size))), kemeny_set(np.zeros((size, size)))):
        assert result.value is None
        assert result.reason == "empty"


def test_people_who_tie_everything_leave_every_order_as_good() -> None:
    for size in (3, 14):
        result = kemeny(np.zeros((size, size)), n=5)
        assert (result.more["score"], result.more["bound"], result.more["unique"]) == (0, 0, False)
        assert result.flags == ("not_unique",)
    assert kemeny_set(np.zeros((3, 3)), n=5).more["count"] == 6


def test_one_statement_is_an_order() -> None:
    result = kemeny(np.zeros((1, 1)), n=4)
    assert (result.value, result.n, result.more["unique"]) == (((0,),), 4, True)
    assert kemeny_set(np.zeros((1, 1)), n=4).value == (((0,),),)


def test_the_diagonal_counts_for_nothing() -> None:
    assert kemeny(PARADOX + 5 * np.eye(3, dtype=np.int64)).more["score"] == 5


def test_a_long_list_of_optima_too_entangled_to_write_out_has_a_reason() -> None:
    assert kemeny_set(cycle(13)).reason == "entangled"
    assert kemeny(cycle(13)).more["unique"] is False


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), max_size=4))
def test_places_are_what_all_optimal_orders_have_in_common(rows):
    table = sum((np.less.outer(row, row).astype(int) for row in map(np.array, rows)), np.zeros((5, 5), dtype=int))
    found, every = kemeny(table, n=max(1, len(rows))), kemeny_set(table, limit=200, n=max(1, len(rows)))
    where = [{a: place for place, (a,) in enumerate(order)} for order in every.value]
    always = np.array([[all(at[a] < at[b] for at in where) for b in range(5)] for a in range(5)])
    assert found.more["places"] == layers(always)


def test_where_everything_is_tied_no_place_follows_the_file():
    for size in (3, 12, 20):
        tied = np.full((size, size), 4)
        np.fill_diagonal(tied, 0)
        assert kemeny(tied).more["places"] == (tuple(range(size)),)


def test_of_many_entangled_statements_equal_neighbours_share_a_place():
    """A circle of fourteen, of whom the last two are equal in everything."""
    size = 14
    ahead = np.array([[(b - a) % 13 in range(1, 7) for b in range(13)] for a in range(13)]) * 2 + 1
    table = np.ones((size, size), dtype=int) * 2
    table[:13, :13] = ahead
    table[13, :13], table[:13, 13] = table[12, :13], table[:13, 12]
    table[12, 13] = table[13, 12] = 2
    np.fill_diagonal(table, 0)
    found = kemeny(table)
    order = [a for (a,) in found.value]
    places = {a: place for place, tied in enumerate(found.more["places"]) for a in tied}
    assert sorted(places) == list(range(size)) and found.more["unique"] is not True
    if abs(order.index(12) - order.index(13)) == 1:
        assert places[12] == places[13]
