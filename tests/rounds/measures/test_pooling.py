"""Five ways of counting, of which one session needs none; and what was not asked is not counted by any."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from rounds.contract import Decision
from rounds.measures.pooling import SCHEMES, Cell, Origin, pooling, stratified_shares, weights
from rounds.rules import Box, Share

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

RULE = Share(70, 15)
SITES = {"a": "east", "b": "east", "c": "west", "d": "north"}


@st.composite
def boxes(draw: st.DrawFn) -> Box | None:
    n = draw(st.integers(0, 6))
    high = draw(st.integers(0, n))
    return draw(st.sampled_from([None, Box(high, draw(st.integers(0, n - high)), n)]))


@st.composite
def studies(draw: st.DrawFn) -> list[Cell]:
    """Sessions in sites, each with some of the groups; a session is asked or not as a whole."""
    sessions = draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True))
    asked = {session: draw(st.booleans()) for session in sessions}
    cells = []
    for session in sessions:
        for group in draw(st.lists(st.sampled_from("pqr"), min_size=1, unique=True)):
            box = draw(boxes()) or Box(0, 0, 0)
            cells.append(Cell(Origin(session, SITES[session], group), box if asked[session] else None))
    return cells


def figures(cells: list[Cell]) -> object:
    found = pooling(cells, RULE)
    keys = ("low", "verdict", "n_eff", "heaviest", "sessions", "agree")
    return found.value, found.n, found.reason, found.flags, [found.more.get(key) for key in keys]


@given(studies())
def test_the_people_of_a_study_weigh_one_together_and_none_weighs_below_nought(cells: list[Cell]) -> None:
    origins, sizes = [cell.origin for cell in cells], [cell.box.n if cell.box else 0 for cell in cells]
    for scheme in SCHEMES:
        each = weights(origins, sizes, scheme)
        assert min(each) >= 0
        assert sum(w * size for w, size in zip(each, sizes, strict=True)) == (1 if any(sizes) else 0)


@given(studies())
def test_one_session_is_its_own_figure(cells: list[Cell]) -> None:
    first = [cell for cell in cells if cell.origin.session == cells[0].origin.session]
    found = pooling(first, RULE)
    if found.value is None:
        return
    high, n = sum(cell.box.high for cell in first if cell.box), sum(cell.box.n for cell in first if cell.box)
    assert found.value["person"] == found.value["session"] == found.value["site"] == Fraction(high, n)
    assert found.value["nested"] == found.value["group"]
    assert found.more["verdict"]["person"] is max(found.more["sessions"], key=found.more["sessions"].get)


@given(studies())
def test_a_session_twice_changes_no_figure_at_equal_weight_per_session(cells: list[Cell]) -> None:
    alone = [cell for cell in cells if cell.origin.session == cells[0].origin.session]
    twice = [*alone, *(Cell(Origin("copy", c.origin.site, c.origin.group), c.box) for c in alone)]
    one, other = pooling(alone, RULE), pooling(twice, RULE)
    assert one.value == other.value and other.n == 2 * one.n and one.more.get("verdict") == other.more.get("verdict")


@given(studies())
def test_what_sites_are_called_changes_nothing(cells: list[Cell]) -> None:
    names = {"east": "one", "west": "two", "north": "three"}
    renamed = [Cell(Origin(c.origin.session, names[c.origin.site], c.origin.group), c.box) for c in cells]
    assert figures(cells) == figures(renamed)


@given(studies(), st.randoms(use_true_random=False))
def test_cells_have_no_order(cells: list[Cell], chance) -> None:  # type: ignore[no-untyped-def]
    assert figures(cells) == figures(chance.sample(cells, len(cells)))


@given(studies())
def test_what_was_not_asked_or_not_answered_changes_nothing(cells: list[Cell]) -> None:
    unasked = Cell(Origin("z", "far", "p"), None)
    silent = Cell(Origin(cells[0].origin.session, cells[0].origin.site, "s"), cells[0].box and Box(0, 0, 0))
    assert figures(cells) == figures([*cells, unasked]) == figures([*cells, silent])
    assert "z" in pooling([*cells, unasked], RULE).more["not_asked"]


@given(studies())
def test_the_half_of_a_session_with_a_group_of_nobody_is_no_zero(cells: list[Cell]) -> None:
    found = pooling(cells, RULE)
    if found.value is not None:
        for scheme in SCHEMES:
            shares = [Fraction(c.box.high, c.box.n) for c in cells if c.box and c.box.n]
            assert min(shares) <= found.value[scheme] <= max(shares)


@given(st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_equal_cells_make_all_five_one(votes: list[int]) -> None:
    places = [("a", "east", "p"), ("a", "east", "q"), ("c", "west", "p"), ("c", "west", "q")]
    cells = [Cell(Origin(*place), Box(high, 0, 4)) for place, high in zip(places, votes, strict=True)]
    found = pooling(cells, RULE)
    assert len(set(found.value.values())) == 1 and found.more["agree"] and set(found.more["n_eff"].values()) == {16}


def test_a_session_that_was_asked_and_said_nothing_is_not_one_that_was_not_asked() -> None:
    asked, unasked = Cell(Origin("a", "a", "p"), Box(0, 0, 0)), Cell(Origin("b", "b", "q"), None)
    found = pooling([asked, unasked], RULE)
    assert (found.reason, found.more["silent"], found.more["not_asked"]) == ("empty", ("a",), ("b",))
    assert found.more["dropped_groups"] == ("p", "q")
    assert pooling([unasked], RULE).reason == pooling([], RULE).reason == "not_asked"


def test_a_person_who_weighs_far_more_than_others_is_flagged() -> None:
    large, alone = Cell(Origin("a", "a", "p"), Box(20, 0, 20)), Cell(Origin("b", "b", "p"), Box(0, 1, 1))
    found = pooling([large, alone], RULE)
    assert found.flags == ("uneven",) and found.more["heaviest"]["session"] == Fraction(21, 2)
    assert found.more["heaviest"]["person"] == 1 and not found.more["agree"]
    assert found.more["sessions"] == {Decision.KEPT: 1, Decision.UNDECIDED: 0, Decision.DROPPED: 1}
    two = [Cell(Origin(name, name, "p"), Box(size, 0, size)) for name, size in (("a", 40), ("b", 5))]
    assert pooling(two, RULE).flags == ("uneven",), "nobody weighs five times as much, but half of the people are lost"
    assert pooling([large], RULE).flags == ()


def test_there_are_five_ways_and_no_other() -> None:
    with pytest.raises(ValueError, match="no such scheme"):
        weights([Origin("a", "a", "p")], [1], "province")
    with pytest.raises(ValueError, match="shorter"):
        weights([Origin("a", "a", "p")], [], "person")


def test_a_rule_of_blocks_is_asked_of_the_pooled_share() -> None:
    cells = [Cell(Origin("a", "a", "p"), Box(9, 0, 10)), Cell(Origin("a", "a", "q"), Box(5, 0, 10))]
    assert pooling(cells, Share(70, scope="every")).more["verdict"]["person"] is Decision.KEPT


# Two groups inside sessions -------------------------------------------------------------------------------------------

rows = st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=1, max_size=4)


@given(rows, st.randoms(use_true_random=False))
def test_sessions_have_no_order_and_groups_only_a_sign(tables: list[list[int]], chance) -> None:  # type: ignore[no-untyped-def]
    one, other = (stratified_shares(np.array(t)) for t in (tables, chance.sample(tables, len(tables))))
    swapped = stratified_shares(np.array(tables)[:, [2, 3, 0, 1]])
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    if one.value is not None:
        assert swapped.value == -one.value and swapped.more["crude"] == -one.more["crude"]
        assert one.more["p_exact"] == other.more["p_exact"] == swapped.more["p_exact"]
        assert one.more["chi2"] == swapped.more["chi2"] and -1 <= one.value <= 1
        assert not one.more["or"] or swapped.more["or"] in (None, 1 / one.more["or"])


@given(rows)
def test_one_session_is_the_difference_of_its_shares(tables: list[list[int]]) -> None:
    a, b, c, d = tables[0]
    found = stratified_shares(np.array(tables[:1]))
    if found.value is not None:
        assert found.value == found.more["crude"] == Fraction(a, a + b) - Fraction(c, c + d)
        chance = hypergeom(a + b + c + d, a + c, a + b)
        far = sum(
            chance.pmf(x)
            for x in range(a + b + 1)
            if abs(x - Fraction((a + b) * (a + c), a + b + c + d))
            >= abs(a - Fraction((a + b) * (a + c), a + b + c + d))
        )
        assert float(found.more["p_exact"]) == pytest.approx(far)


@given(rows, st.lists(st.integers(0, 3), min_size=2, max_size=2))
def test_a_session_that_lacks_a_group_changes_nothing(tables: list[list[int]], half: list[int]) -> None:
    one = stratified_shares(np.array(tables))
    for lacking in ([*half, 0, 0], [0, 0, *half]):
        other = stratified_shares(np.array([*tables, lacking]))
        assert (one.value, one.n, one.more.get("p_exact")) == (other.value, other.n, other.more.get("p_exact"))
        assert len(tables) in other.more["left_out"]


@pytest.mark.parametrize(
    ("tables", "reason"),
    [(np.zeros((0, 4), dtype=int), "empty"), ([[0, 0, 0, 0]], "empty"), ([[1, 2, 0, 0], [0, 0, 3, 1]], "one_group")],
)
def test_without_both_groups_in_a_session_nothing_is_compared(tables: object, reason: str) -> None:
    assert stratified_shares(tables).reason == reason


def test_where_all_answer_alike_there_is_nothing_to_test() -> None:
    found = stratified_shares([[3, 0, 2, 0], [2, 0, 4, 0]])
    assert (found.value, found.more["p_exact"]) == (0, 1)
    assert found.more["chi2"] is found.more["p"] is found.more["or"] is None


@pytest.mark.parametrize("tables", [[1, 2, 3, 4], [[1, 2, 3]], [[1, 2, 3, -1]], [[0.5, 1, 1, 1]]])
def test_a_session_has_four_counts(tables: object) -> None:
    with pytest.raises(ValueError, match="tables are"):
        stratified_shares(tables)
