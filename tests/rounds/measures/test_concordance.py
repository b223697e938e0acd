"""W with gaps: W itself where there are none, and nobody lost where there are."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rounds.measures.agreement import kendall_w
from rounds.measures.concordance import ranking_w, w_incomplete

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")


def tables(least: int):  # type: ignore[no-untyped-def]
    return st.integers(2, 6).flatmap(
        lambda wide: st.lists(st.lists(st.integers(least, 5), min_size=wide, max_size=wide), min_size=2, max_size=8)
    )


@given(tables(1))
def test_on_complete_answers_it_is_kendalls_w(rows: list[list[int]]) -> None:
    star, w = w_incomplete(rows), kendall_w(rows)
    assert star.reason == w.reason
    if w.value is not None:
        assert star.value == pytest.approx(w.value)
        assert star.more["chi2"] == pytest.approx(w.more["chi2"]) and star.more["df"] == w.more["df"]
        assert star.more["expected"] == pytest.approx(1 / len(rows))
        assert star.more["adjusted"] == pytest.approx(w.more["mean_spearman"])


@given(tables(0), st.randoms(use_true_random=False))
def test_neither_people_nor_statements_have_an_order(rows: list[list[int]], chance) -> None:  # type: ignore[no-untyped-def]
    table = np.array(rows)
    people, statements = (chance.sample(range(size), size) for size in table.shape)
    one, other = w_incomplete(table), w_incomplete(table[people][:, statements])
    assert one.reason == other.reason and one.n == other.n
    if one.value is not None:
        assert 0 <= one.value <= 1 and other.value == pytest.approx(one.value)


@given(tables(0))
def test_only_the_order_of_each_persons_answers_matters(rows: list[list[int]]) -> None:
    table = np.array(rows)
    stretched = np.where(table, table**2 * (1 + np.arange(len(table))[:, None]), 0)
    one, other = w_incomplete(table), w_incomplete(stretched)
    assert one.reason == other.reason and (one.value is None or other.value == pytest.approx(one.value))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[0, 0], [0, 0]], "empty"),
        (np.zeros((0, 3)), "empty"),
        ([[1, 2], [0, 0]], "n1"),
        ([[1, 2], [0, 2]], "n1"),
        ([[1, 0], [2, 0]], "one_statement"),
        ([[1], [2]], "one_statement"),
        ([[1, 0], [0, 2]], "no_pairs"),
        ([[1, 2, 0, 0], [0, 0, 2, 1]], "no_pairs"),
        ([[0, 0, 1, 2], [0, 1, 1, 0], [0, 1, 1, 0]], "no_pairs"),
        ([[3, 3, 3], [2, 2, 2]], "constant"),
    ],
)
def test_without_a_figure_there_is_the_true_reason(rows: object, reason: str) -> None:
    assert w_incomplete(rows).reason == reason


def test_whoever_answers_one_statement_tells_nothing_of_an_order() -> None:
    found = w_incomplete([[9, 8, 7], [8, 7, 9], [0, 4, 0]])
    assert found.flags == ("dropped_people",) and (found.n, found.more["people"]) == (2, 2)


def test_few_people_are_permuted_and_many_are_not() -> None:
    rows = np.array([[4, 3, 2, 1]] * 5 + [[4, 3, 1, 2]])
    few = w_incomplete(rows, permutations=199, seed=3)
    assert 0 < few.more["p_permuted"] < 0.05 and few.parameters == {"permutations": 199, "seed": 3}
    assert w_incomplete(rows, permutations=199, seed=3) == few
    assert w_incomplete(np.vstack([rows, rows]), permutations=199).more["p_permuted"] is None
    assert w_incomplete(rows).more["p_permuted"] is None


@given(st.lists(st.permutations(range(1, 6)), min_size=2, max_size=7), st.integers(1, 5))
def test_what_a_short_ballot_leaves_out_is_one_tie_or_nothing(orders: list[list[int]], places: int) -> None:
    ranks = np.array(orders)
    short = np.where(ranks <= places, ranks, 0)
    below = ranking_w(short, "below")
    by_hand = kendall_w(np.where(short, short, 6))
    assert below.value is None or below.value == pytest.approx(by_hand.value)
    assert below.parameters["places"] == f"{places} of 5"
    absent = ranking_w(short, "absent")
    assert absent.reason == w_incomplete(short).reason
    assume(absent.value is not None)
    assert absent.value == pytest.approx(w_incomplete(short).value)


def test_a_ballot_that_ranks_nothing_is_none() -> None:
    ranks = np.array([[1, 2, 3], [2, 1, 3], [0, 0, 0]])
    assert ranking_w(ranks).n == 2 and ranking_w(np.zeros((2, 3), dtype=int)).reason == "empty"
