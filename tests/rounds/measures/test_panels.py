"""Panels are compared over what both were asked, ties stay ties, and neither panel comes first."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, kendalltau

from rounds.measures.orders import Order, top
from rounds.measures.panels import among, core_overlap, panel_tau, panels_tau, rbo, top_overlap

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

MOST = 7


def order_from(levels: list[int], statements: list[int]) -> Order:
    """The statements by level, equal levels tied."""
    tied = ((s for s, level in zip(statements, levels) if level == here) for here in sorted(set(levels)))
    return tuple(tuple(sorted(together)) for together in tied)


@st.composite
def orders(draw: st.DrawFn, most: int = MOST) -> Order:
    """An order with ties, of some of the statements."""
    statements = draw(st.lists(st.integers(0, most - 1), unique=True, max_size=most))
    return order_from([draw(st.integers(0, 4)) for _ in statements], statements)


def plain(*statements: int) -> Order:
    return tuple((statement,) for statement in statements)


def renamed(order: Order, names: list[int]) -> Order:
    return tuple(tuple(names[statement] for statement in tied) for tied in order)


@given(orders(), orders(), st.integers(1, MOST))
def test_neither_panel_comes_first(a: Order, b: Order, k: int) -> None:
    one, other = top_overlap(a, b, k), top_overlap(b, a, k)
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert one.more["only_a"] == other.more["only_b"]
    assert one.more.get("p_at_least") == other.more.get("p_at_least")
    assert rbo(a, b).value == pytest.approx(rbo(b, a).value)
    assert panel_tau(a, b).value == panel_tau(b, a).value
    assert panel_tau(a, b).more.get("tied_a") == panel_tau(b, a).more.get("tied_b")


@given(orders(), orders(), orders(), st.integers(1, MOST), st.permutations(range(MOST)))
def test_statements_have_no_names(a: Order, b: Order, c: Order, k: int, names: list[int]) -> None:
    before, after = [a, b, c], [renamed(order, names) for order in (a, b, c)]
    one, other = (top_overlap(*both[:2], k) for both in (before, after))
    assert (one.value, one.more.get("jaccard")) == (other.value, other.more.get("jaccard"))
    assert panel_tau(*before[:2]).value == panel_tau(*after[:2]).value
    assert panels_tau(before).value == panels_tau(after).value
    one, other = core_overlap(before, k), core_overlap(after, k)
    assert one.reason == other.reason
    if one.value is not None:
        assert {names[statement] for statement in one.value} == set(other.value)


@given(orders(), orders(), st.integers(1, MOST), st.integers(0, MOST))
def test_what_one_panel_was_not_asked_is_never_counted_as_missed(a: Order, b: Order, k: int, at: int) -> None:
    place = min(at, len(a))
    longer = (*a[:place], (MOST,), *a[place:])
    before, after = top_overlap(a, b, k), top_overlap(longer, b, k)
    assert before.value == after.value and before.n == after.n
    assert (MOST in after.more["only_a"]) == (MOST in top(longer, k))
    assert rbo(a, b).value == rbo(longer, b).value and panel_tau(a, b) == panel_tau(longer, b)
    both = core_overlap([a, b], k), core_overlap([longer, b], k)
    assert a == () or both[0].value == both[1].value


@given(orders(), orders(), st.integers(1, MOST))
def test_chances_are_the_hypergeometric_ones(a: Order, b: Order, k: int) -> None:
    found = top_overlap(a, b, k)
    if found.value is None:
        assert found.reason == "no_common" and found.n == 0
        return
    chance = hypergeom(found.n, found.more["size_a"], found.more["size_b"])
    assert float(found.more["p_at_least"]) == pytest.approx(chance.sf(found.value - 1))
    assert float(found.more["p_at_most"]) == pytest.approx(chance.cdf(found.value))
    assert found.more["expected"] == Fraction(found.more["size_a"] * found.more["size_b"], found.n)
    core = core_overlap([a, b], k)
    assert core.more["p_at_least"] == found.more["p_at_least"] and core.more["expected"] == found.more["expected"]


def test_two_panels_may_share_nothing_at_all() -> None:
    apart = top_overlap(plain(0, 1), plain(2, 3), 1)
    assert (apart.reason, apart.more["only_a"], apart.more["only_b"]) == ("no_common", (0,), (2,))
    assert top_overlap((), plain(0), 1).reason == rbo((), plain(0)).reason == panel_tau((), ()).reason == "no_common"
    shared = top_overlap(plain(0, 1, 2, 3), plain(3, 2, 1, 0), 2)
    assert shared.value == 0 and shared.more["jaccard"] == 0 and shared.more["p_at_most"] == Fraction(1, 6)


def test_one_statement_in_common_is_shared_and_tells_nothing() -> None:
    one = top_overlap(plain(0, 1), plain(2, 0), 3)
    assert (one.value, one.n, one.more["p_at_least"]) == (1, 1, 1)
    assert rbo(plain(0), plain(0)).value == pytest.approx(1)
    assert panel_tau(plain(0), plain(0)).reason == "one_statement"


def test_all_tied_are_all_first() -> None:
    tied = top_overlap(((0, 1, 2),), ((0, 1, 2),), 1)
    assert (tied.value, tied.more["p_at_least"]) == (3, 1)
    both = panel_tau(((0, 1, 2),), ((0, 1, 2),))
    assert both.value == 1 and both.more["tau_b"] is None and both.more["tied_both"] == 3


@pytest.mark.parametrize("k", [0, -1])
def test_a_list_has_a_first_place(k: int) -> None:
    for wrong in (lambda: top_overlap(plain(0), plain(0), k), lambda: core_overlap([plain(0), plain(0)], k)):
        with pytest.raises(ValueError, match="at least 1"):
            wrong()


def test_a_statement_stands_once_in_an_order() -> None:
    for wrong in (top_overlap, lambda a, b, _: rbo(a, b), lambda a, b, _: panel_tau(a, b)):
        with pytest.raises(ValueError, match="twice"):
            wrong(((0, 1), (0,)), plain(0, 1), 1)


def test_a_panel_without_an_order_restricts_nothing() -> None:
    three = core_overlap([plain(0, 1, 2), (), plain(1, 0, 2)], 1)
    assert three.value == () and three.more["panels"] == (0, 2) and three.more["in_panels"] == {0: 1, 1: 1, 2: 0}
    assert core_overlap([(), ()], 1).reason == core_overlap([], 1).reason == "empty"
    assert core_overlap([plain(0), ()], 1).reason == "one_panel"
    none = core_overlap([plain(0, 1), plain(2)], 1)
    assert none.reason == "no_common" and none.more["apart"] == {0: (1, 1), 1: (0, 1), 2: (1, 1)}


def test_what_some_were_not_asked_stands_apart() -> None:
    found = core_overlap([plain(3, 0, 1), plain(0, 3, 1), plain(0, 1)], 1)
    assert found.value == (0,) and found.more["sizes"] == (1, 1, 1)
    assert found.more["apart"] == {3: (1, 2)}, "among the first of one of the two that it was put to"


@given(
    st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4), st.lists(st.integers(0, 2), min_size=4, max_size=4)
)
def test_a_tie_is_the_mean_of_all_ways_to_break_it(one: list[int], other: list[int]) -> None:
    a, b = order_from(one, [0, 1, 2, 3]), order_from(other, [0, 1, 2, 3])

    def broken(order: Order) -> list[Order]:
        parts = [list(permutations(tied)) for tied in order]
        return [plain(*(s for tied in ways for s in tied)) for ways in product(*parts)]

    each = [rbo(x, y, "0.7").value for x in broken(a) for y in broken(b)]
    assert rbo(a, b, "0.7").value == pytest.approx(np.mean(each))


def test_an_order_without_ties_overlaps_with_itself_wholly() -> None:
    found = rbo(plain(2, 0, 1), plain(2, 0, 1), "0.5", depth=2)
    assert found.value == pytest.approx(1) and found.more["rbo_min"] == pytest.approx(0.75)
    assert len(rbo(plain(0, 1), plain(0, 1), depth=9).more["agreement"]) == 2, "no deeper than there are statements"
    for p, depth in (("0", None), ("1", None), ("0.9", 0)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            rbo(plain(0), plain(0), p, depth)


def test_the_first_ten_have_most_of_the_weight_for_a_list_of_ten() -> None:
    ten = plain(*range(20))
    assert rbo(ten, ten, "0.9", depth=10).more["weight"] == pytest.approx(0.8556, abs=1e-4)


@given(orders(), orders())
def test_tau_b_is_kendalls_and_tau_x_lies_between_its_ends(a: Order, b: Order) -> None:
    found = panel_tau(a, b)
    if found.value is None:
        return
    assert -1 <= found.value <= 1
    pairs = ("concordant", "discordant", "tied_a", "tied_b", "tied_both")
    assert sum(found.more[key] for key in pairs) == found.n * (found.n - 1) // 2
    common = sorted({s for tied in a for s in tied} & {s for tied in b for s in tied})
    x, y = ([next(at for at, tied in enumerate(among(order, common)) if s in tied) for s in common] for order in (a, b))
    if found.more["tau_b"] is None:
        assert len(set(x)) == 1 or len(set(y)) == 1
    else:
        assert found.more["tau_b"] == pytest.approx(kendalltau(x, y).statistic)
    assert panel_tau(a, a).value == 1, "ties in both are an agreement"
    backwards = panel_tau(a, tuple(reversed(a)))
    assert backwards.more["concordant"] == backwards.more["tied_a"] == backwards.more["tied_b"] == 0


def test_pairs_without_common_statements_leave_the_mean() -> None:
    found = panels_tau([plain(0, 1), plain(1, 0), plain(2, 3), ()])
    assert found.value == -1 and found.n == 3 and found.more["pairs"] == 1
    assert found.more["tau_x"] == ((1, -1, None, None), (-1, 1, None, None), (None, None, 1, None), (None,) * 4)
    assert found.more["most_central"] == found.more["farthest"] == (0, 1)


@pytest.mark.parametrize(
    ("panels", "reason"),
    [([], "empty"), ([()], "empty"), ([plain(0, 1)], "one_panel"), ([plain(0, 1), plain(2, 3)], "no_common")],
)
def test_without_two_panels_nothing_is_compared(panels: list[Order], reason: str) -> None:
    assert panels_tau(panels).reason == reason


@given(st.lists(orders(4), min_size=2, max_size=4))
def test_the_most_central_panel_is_nearer_than_any_other(panels: list[Order]) -> None:
    found = panels_tau(panels)
    if found.value is not None:
        assert set(found.more["most_central"]) and set(found.more["farthest"])
        assert -1 <= found.value <= 1
