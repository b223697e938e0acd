"""Methods of ordering: published elections, plain versions of each rule, and the laws they keep."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.orders import (
    borda,
    borda_of_table,
    condorcet_winner,
    copeland,
    instant_runoff,
    layers,
    mean_rank,
    order_of,
    ranked_pairs,
    schulze,
    side_by_side,
    top,
)
from rounds.measures.pairwise import balanced_weights, compared, doubled_points, pairwise, ranks_of
from tests.rounds.measures.test_pairwise import READINGS, rankings

OF_TABLE = (copeland, schulze, ranked_pairs)


def methods(ranks, weights=None):
    """Every method's result on ballots whose blanks lie below."""
    table = pairwise(ranks, weights=weights)
    people = len(ranks)
    return {
        "borda": borda(ranks, weights=weights),
        "mean_rank": mean_rank(ranks, weights=weights),
        "instant_runoff": instant_runoff(ranks, weights=weights),
        **{rule.__name__: rule(table, n=people) for rule in OF_TABLE},
    }


def election(ballots, statements):
    ranks = np.array([ranks_of(ballot, statements) for _, ballot in ballots])
    return ranks, np.array([count for count, _ in ballots])


def named(order, statements):
    return ["".join(statements[a] for a in tied) for tied in order]


TENNESSEE = [(42, "MNCK"), (26, "NCKM"), (15, "CKNM"), (17, "KCNM")]
SCHULZE_45 = [
    *((5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED")),
    *((7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"), (8, "EBADC")),
]
BURLINGTON = [
    *((1332, "MKW"), (767, "MWK"), (455, "M"), (2043, "KMW"), (371, "KWM")),
    *((568, "K"), (1513, "WMK"), (495, "WKM"), (1289, "W")),
]
PARADOX = [(1, "ABC"), (1, "BCA"), (1, "CAB")]
DEBIAN_2002 = np.array([[0, 255, 178, 385], [199, 0, 134, 406], [291, 327, 0, 443], [68, 50, 18, 0]])


def test_tennessee_is_decided_as_published():
    ranks, weights = election(TENNESSEE, "MNCK")
    found = methods(ranks, weights)
    assert found["borda"].more["points"] == (126, 194, 173, 107)
    assert found["copeland"].more["score"] == (0, 3, 2, 1)
    assert named(found["instant_runoff"].value, "MNCK") == ["K", "M", "N", "C"]
    for method in ("borda", "mean_rank", "copeland", "schulze", "ranked_pairs"):
        assert named(found[method].value, "MNCK")[0] == "N"
    assert named(found["schulze"].value, "MNCK") == named(found["ranked_pairs"].value, "MNCK") == ["N", "C", "K", "M"]


def test_schulzes_example_has_the_published_path_strengths():
    table = pairwise(*election(SCHULZE_45, "ABCDE")[:1], weights=election(SCHULZE_45, "ABCDE")[1])
    found = schulze(table)
    assert found.more["strengths"].tolist() == [
        [0, 28, 28, 30, 24],
        [25, 0, 28, 33, 24],
        [25, 29, 0, 29, 24],
        [25, 28, 28, 0, 24],
        [25, 28, 28, 31, 0],
    ]
    assert named(found.value, "ABCDE") == ["E", "A", "C", "B", "D"]
    assert named(ranked_pairs(table).value, "ABCDE") == ["A", "C", "E", "B", "D"]
    assert found.flags == () and found.n == 45


def test_burlington_2009_is_decided_as_it_was():
    ranks, weights = election(BURLINGTON, "MKW")
    runoff = instant_runoff(ranks, weights=weights)
    assert named(runoff.value, "MKW") == ["K", "W", "M"]
    assert runoff.more["counts"][0] == (2554, 2982, 3297)
    assert runoff.more["exhausted"][:2] == (0, 455)
    assert runoff.flags == ("single_winner", "ignores_second_support")
    assert condorcet_winner(pairwise(ranks, weights=weights)).value == 0


def test_debian_2002_is_decided_as_it_was():
    assert copeland(DEBIAN_2002).more["score"] == (2, 1, 3, 0)
    assert schulze(DEBIAN_2002).value == ranked_pairs(DEBIAN_2002).value == ((2,), (0,), (1,), (3,))


def test_the_paradox_of_three_ties_all_three():
    ranks, _ = election(PARADOX, "ABC")
    for method, found in methods(ranks).items():
        assert found.value == ((0, 1, 2),), method
    found = ranked_pairs(pairwise(ranks))
    assert found.more == {"tie": True, "left_out": ((0, 1), (1, 2), (2, 0))}
    assert found.flags == ("not_unique",)
    assert condorcet_winner(pairwise(ranks)).reason == "no_winner"


def test_a_table_without_a_sign_is_read_alike():
    for rule in OF_TABLE:
        assert rule(DEBIAN_2002.astype(np.uint16)).value == rule(DEBIAN_2002).value


def test_schulze_says_when_its_order_is_partial():
    # 0 beats 1, 2 beats 3, nothing else is decided: 1 and 2 stand apart in the layers, but not in the relation.
    table = np.zeros((4, 4), dtype=int)
    table[0, 1] = table[2, 3] = 5
    for rule in (schulze, ranked_pairs):
        assert rule(table).value == ((0, 2), (1, 3))
        assert rule(table).flags == ("partial",)


# Plain versions


def plain_schulze(table):
    m = len(table)
    paths = [[table[a][b] if table[a][b] > table[b][a] else 0 for b in range(m)] for a in range(m)]
    for via, a, b in product(range(m), repeat=3):
        if a != b:
            paths[a][b] = max(paths[a][b], min(paths[a][via], paths[via][b]))
    return [[0 if a == b else paths[a][b] for b in range(m)] for a in range(m)]


def reaches(pairs, start, goal):
    seen, queue = set(), [start]
    while queue:
        here = queue.pop()
        for a, b in pairs:
            if a == here and b not in seen:
                seen.add(b)
                queue.append(b)
    return goal in seen


def lots(table):
    """Every relation that ranked pairs can end in, by whatever lot among equal margins."""
    m = len(table)
    margins = {(a, b): int(table[a][b] - table[b][a]) for a in range(m) for b in range(m)}
    won = sorted((pair for pair in margins if margins[pair] > 0), key=lambda pair: -margins[pair])
    states = {frozenset()}
    for _, equal in groupby(won, key=margins.__getitem__):
        equal = list(equal)
        after = set()
        for state, order in product(states, permutations(equal)):
            locked = set(state)
            for a, b in order:
                if not reaches(locked, b, a):
                    locked.add((a, b))
            after.add(frozenset(locked))
        states = after
    return {frozenset(p for p in product(range(m), repeat=2) if reaches(state, *p)) for state in states}


def plain_runoff(ranks, weights):
    live, history, out = set(range(ranks.shape[1])), {}, []
    while live:
        tally = dict.fromkeys(live, Fraction(0))
        for row, weight in zip(ranks, weights, strict=True):
            places = [row[a] for a in live if row[a]]
            first = [a for a in live if places and row[a] == min(places)]
            for a in first:
                tally[a] += Fraction(int(weight), len(first))
        for a in live:
            history[a] = [tally[a], *history.get(a, [])]
        fewest = min(history[a] for a in live)
        out.insert(0, tuple(sorted(a for a in live if history[a] == fewest)))
        live -= set(out[0])
    return tuple(out)


@st.composite
def tables(draw, statements=6, highest=6):
    m = draw(st.integers(1, statements))
    cells = draw(st.lists(st.integers(0, highest), min_size=m * m, max_size=m * m))
    table = np.array(cells).reshape(m, m)
    np.fill_diagonal(table, 0)
    return table


@given(tables())
def test_schulze_is_its_plain_triple_loop(table):
    found = schulze(table, n=9)
    plain = plain_schulze(table.tolist())
    assert found.more["strengths"].tolist() == plain
    m = range(len(table))
    place = {a: i for i, tied in enumerate(found.value) for a in tied}
    before = {(a, b) for a in m for b in m if plain[a][b] > plain[b][a]}
    assert all(place[a] < place[b] for a, b in before)
    assert set(found.more["winners"]) == {b for b in m if not any((a, b) in before for a in m)}
    assert ("partial" in found.flags) == any(place[a] < place[b] and (a, b) not in before for a in m for b in m)


@settings(max_examples=60)
@given(tables(statements=4, highest=8))
def test_ranked_pairs_agrees_with_every_lot_or_says_that_lots_differ(table):
    found = ranked_pairs(table, n=9)
    ends = lots(table)
    assert ("not_unique" in found.flags) == found.more["tie"] == (len(ends) > 1)
    place = {a: i for i, tied in enumerate(found.value) for a in tied}
    if len(ends) == 1:
        assert all(place[a] < place[b] for a, b in ends.pop())


@given(rankings(), st.data())
def test_instant_runoff_is_its_plain_count(ranks, data):
    weights = np.array(data.draw(st.lists(st.integers(1, 4), min_size=len(ranks), max_size=len(ranks))), dtype=int)
    found = instant_runoff(ranks, weights=weights)
    if not ranks.any():
        assert found.reason == "empty"
        return
    assert found.value == plain_runoff(ranks, weights)
    assert ("not_unique" in found.flags) == any(len(tied) > 1 for tied in found.value)


def test_an_equal_last_place_is_settled_by_the_latest_count_that_differs():
    # B and C have 4 each once D is out, but B had fewer before.
    ranks, weights = election([(5, "A"), (3, "BA"), (4, "CA"), (1, "DBA")], "ABCD")
    found = instant_runoff(ranks, weights=weights)
    assert named(found.value, "ABCD") == ["A", "C", "B", "D"]
    assert not found.more["tie"]


def test_a_tied_first_place_is_shared():
    ranks = np.array([[1, 1, 1], [1, 1, 0], [1, 2, 3]])
    assert instant_runoff(ranks).more["counts"][0] == (Fraction(11, 6), Fraction(5, 6), Fraction(1, 3))


@given(rankings(), st.sampled_from(READINGS))
def test_borda_of_rows_is_borda_of_the_table(ranks, unranked):
    ranks = ranks[ranks.any(axis=1)]
    rows, table = borda(ranks, unranked=unranked), pairwise(ranks, unranked=unranked)
    live = borda_of_table(table, compared(ranks, unranked=unranked), n=len(ranks))
    assert (live.value, live.reason) == (rows.value, rows.reason)
    if unranked == "below" and len(ranks):
        live = borda_of_table(table, len(ranks) * (ranks.shape[1] - 1), n=len(ranks))
    if rows.value is not None:
        assert live.value == rows.value and live.more["share"] == rows.more["share"]
        points = doubled_points(ranks, unranked=unranked).sum(axis=0)
        assert rows.more["points"] == tuple(Fraction(int(p), 2) for p in points)


@given(rankings())
def test_mean_rank_and_borda_agree_when_all_ballots_cover_all_statements(ranks):
    points, places = borda(ranks), mean_rank(ranks)
    if ranks.shape[1] > 1 or not ranks.any():
        assert points.value == places.value
    if ranks.any():
        m, doubled = ranks.shape[1], doubled_points(ranks[ranks.any(axis=1)])
        means = [m - Fraction(int(total), 2 * len(doubled)) for total in doubled.sum(axis=0)]
        assert places.more["mean_rank"] == tuple(means)


def test_absent_statements_are_judged_by_those_who_saw_them():
    ranks = np.array([[1, 2, 0, 0], [0, 1, 2, 0], [0, 1, 1, 0]])
    shares = borda(ranks, unranked="absent")
    assert shares.more["share"] == (1, Fraction(3, 6), Fraction(1, 4), None)
    assert shares.value == ((0,), (1,), (2,)) and shares.flags == ("unplaced",) and shares.more["unplaced"] == (3,)
    assert shares.more["ranked_by"] == (1, 3, 2, 0)
    places = mean_rank(ranks, unranked="absent")
    assert places.more["mean_rank"] == (1, Fraction(3, 2), Fraction(7, 4), None)
    assert places.value == ((0,), (1,), (2,)) and places.flags == ("unplaced",)


# Laws


def relabelled(order, statements):
    return tuple(tuple(sorted(statements.index(a) for a in tied)) for tied in order)


@given(rankings(), st.randoms(use_true_random=False))
def test_relabelling_people_or_statements_changes_no_order(ranks, chance):
    people, statements = list(range(len(ranks))), list(range(ranks.shape[1]))
    chance.shuffle(people)
    chance.shuffle(statements)
    before, after = methods(ranks), methods(ranks[people][:, statements])
    for method, found in before.items():
        assert after[method].flags == found.flags and after[method].reason == found.reason
        if found.value is not None:
            assert after[method].value == relabelled(found.value, statements), method


@given(rankings())
def test_every_ballot_twice_changes_no_order(ranks):
    twice, weighted = methods(np.vstack([ranks, ranks])), methods(ranks, np.full(len(ranks), 2))
    for method, found in methods(ranks).items():
        assert found.value == twice[method].value == weighted[method].value, method
        assert found.flags == twice[method].flags


@given(st.permutations(range(5)), st.integers(1, 5))
def test_unanimous_ballots_win_under_every_method(order, people):
    ranks = np.tile(np.argsort(order) + 1, (people, 1))
    for method, found in methods(ranks).items():
        if method == "instant_runoff":  # what nobody places first falls at once, all together
            assert found.value[0] == (order[0],)
        else:
            assert found.value == tuple((a,) for a in order), method
    assert condorcet_winner(pairwise(ranks)).value == order[0]


@given(tables())
def test_a_condorcet_winner_wins_alone(table):
    found = condorcet_winner(table, n=9)
    assert (found.value is None) == (found.reason == "no_winner")
    if found.value is not None:
        for rule in OF_TABLE:
            assert rule(table, n=9).value[0] == (found.value,)


@given(rankings(people=4), st.integers(2, 3))
def test_balanced_is_pooled_when_groups_are_alike(ranks, size):
    ranks = np.vstack([ranks] * size)
    groups = np.repeat(np.arange(size), len(ranks) // size)
    found = side_by_side(ranks, groups, 2)
    assert found.value in (None, ())
    assert found.more.get("pooled_order") == found.more.get("balanced_order")
    weights, _ = balanced_weights(groups, present=ranks.any(axis=1))
    for method, balanced in methods(ranks, weights).items():
        assert balanced.value == methods(ranks)[method].value


def test_equal_say_for_groups_can_turn_the_order():
    ranks = np.array([ranks_of(b, "ABC") for b in ["ACB"] * 5 + ["ABC"] * 4 + ["BCA"] * 3])
    found = side_by_side(ranks, np.array([0] * 9 + [1] * 3), 1)
    assert found.more["pooled_points"] == (Fraction(3, 2), Fraction(5, 6), Fraction(2, 3))
    assert found.more["balanced_points"] == (1, Fraction(11, 9), Fraction(7, 9))
    assert found.more["pooled_order"] == ((0,), (1,), (2,)) and found.more["balanced_order"] == ((1,), (0,), (2,))
    assert found.value == (0, 1) and found.more["pooled_top"] == (0,) and found.more["balanced_top"] == (1,)
    assert found.flags == ("small_group",) and found.more["group_sizes"] == {0: 9, 1: 3}


def test_a_group_without_a_ballot_is_named_and_has_no_say():
    ranks = np.array([[1, 2], [1, 2], [0, 0]])
    found = side_by_side(ranks, np.array([0, 0, 7]), 1)
    assert found.flags == ("small_group", "dropped_groups") and found.more["dropped_groups"] == (7,)
    assert found.value == () and found.n == 2


# Ends of the range


@pytest.mark.parametrize("statements", [0, 1, 3])
def test_nobody_gives_no_order_and_a_reason(statements):
    nobody = np.zeros((0, statements), dtype=int)
    for method, found in methods(nobody).items():
        assert found.value is None or statements == 1 and method in ("copeland", "schulze", "ranked_pairs")
        assert found.reason in ("", "empty")
    assert side_by_side(nobody, np.zeros(0, dtype=int)).reason == "empty"
    assert condorcet_winner(np.zeros((2, 2), dtype=int)).reason == "empty"


def test_one_statement_is_first_under_every_method():
    for found in methods(np.array([[1], [1]])).values():
        assert found.value == ((0,),) and found.flags in ((), ("single_winner", "ignores_second_support"))
    assert condorcet_winner(np.zeros((1, 1), dtype=int)).value == 0


def test_ballots_that_tie_everything_tie_everything():
    for method, found in methods(np.ones((3, 4), dtype=int)).items():
        assert found.value == ((0, 1, 2, 3),), method


def test_nobody_who_ranks_two_leaves_nothing_to_compare():
    assert borda(np.array([[1, 0], [0, 1]]), unranked="absent").reason == "no_pairs"


def test_balanced_weights_beyond_64_bits_give_exact_orders():
    sizes = [97, 89, 83, 79, 73, 71, 67, 61, 59, 53]
    rng = np.random.default_rng(5)
    ranks = rng.permuted(np.tile(np.arange(1, 5), (sum(sizes), 1)), axis=1)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    weights, total = balanced_weights(groups)
    assert weights.dtype == object
    shares = [[Fraction(int(p), 2 * 3) for p in row] for row in doubled_points(ranks)]
    expected = [
        sum(sum(shares[i][a] for i in np.flatnonzero(groups == g)) / size for g, size in enumerate(sizes)) / len(sizes)
        for a in range(4)
    ]
    assert borda(ranks, weights=weights).more["share"] == tuple(expected)
    found = methods(ranks, weights)
    assert sum(found["instant_runoff"].more["counts"][0]) == total
    assert found["schulze"].value[0] == found["schulze"].more["winners"]


@pytest.mark.parametrize("table", [[1, 2], [[0, 1, 2], [1, 0, 2]], [[0, -1], [1, 0]], [[0, np.nan], [1, 0]]])
def test_what_is_no_table_of_pairs_is_refused(table):
    with pytest.raises(ValueError, match="a table of pairs is square"):
        copeland(np.array(table))


def test_orders_helpers_keep_ties_whole():
    assert order_of([2, None, 3, 2]) == ((2,), (0, 3))
    assert top(((2,), (0, 3), (1,)), 2) == (2, 0, 3)
    assert top(((2,), (0, 3), (1,)), 0) == ()
    assert layers(np.zeros((0, 0), dtype=bool)) == ()
