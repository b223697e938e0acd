"""Blocks: small groups join, pairs that are never counted together do not, and nothing depends on what was answered."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.blocks import Made, made, planned, together

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

K = 5
PANEL = [("patients", 5), ("caregivers", 4), ("clinicians", 6), ("managers", 4), ("community", 3), ("ministry", 2)]


def apart(*pairs):
    return frozenset(frozenset(pair.split("|")) for pair in pairs)


def sizes(blocks):
    return {block.key: block.seats for block in blocks}


def test_small_groups_join_in_the_declared_order():
    assert sizes(planned(PANEL, K)) == {
        "patients": 5,
        "caregivers+managers": 8,
        "clinicians": 6,
        "community+ministry": 5,
    }
    order = [PANEL[at] for at in (0, 2, 1, 4, 3, 5)]
    assert sizes(planned(order, K)) == {
        "patients": 5,
        "clinicians": 6,
        "caregivers+community": 7,
        "managers+ministry": 6,
    }


def test_with_fewer_than_2k_people_there_is_one_block():
    assert sizes(planned([("patients", 5), ("clinicians", 4)], K)) == {"patients+clinicians": 9}
    assert sizes(planned([("patients", 2)], K)) == {"patients": 2}
    assert sizes(planned([("patients", 5), ("clinicians", 5)], K)) == {"patients": 5, "clinicians": 5}


def test_what_is_left_over_joins_the_smallest_block():
    assert sizes(planned([("a", 7), ("b", 6), ("c", 2)], K)) == {"a": 7, "b+c": 8}
    assert sizes(planned([("a", 3), ("b", 3), ("c", 4), ("d", 1), ("e", 2)], K)) == {"a+b": 6, "c+d+e": 7}


def test_groups_without_seats_are_in_no_block():
    assert planned([], K) == () and planned([("a", 0)], K) == () and together([("a", 0)]) == ()
    assert sizes(planned([("a", 5), ("b", 0), ("c", 5)], K)) == {"a": 5, "c": 5}
    assert sizes(together([("a", 5), ("b", 0), ("c", 1)])) == {"a+c": 6}


def test_a_small_group_goes_round_the_one_that_it_is_never_counted_with():
    groups = [("a", 6), ("b", 2), ("c", 2), ("d", 3)]
    assert sizes(planned(groups, K)) == {"a": 6, "b+c+d": 7}
    assert sizes(planned(groups, K, apart("b|c"))) == {"a+c": 8, "b+d": 5}


def test_a_group_that_may_join_no_other_is_planned_alone_and_set_aside_if_it_stays_small():
    groups, never = [("a", 6), ("b", 7), ("c", 2)], apart("a|c", "b|c")
    assert sizes(planned(groups, K, never)) == {"a": 6, "b": 7, "c": 2}
    found = made(groups, K, never)
    assert sizes(found.blocks) == {"a": 6, "b": 7} and found.aside == ("c",)


def test_at_the_close_people_count_and_not_seats():
    found = made([(key, n - 1) for key, n in PANEL], K)
    assert sizes(found.blocks) == {"patients+caregivers": 7, "clinicians+ministry": 6, "managers+community": 5}
    assert found.aside == ()


@pytest.mark.parametrize("k", [3, 5])
def test_under_k_people_in_all_nothing_is_told(k):
    assert made([("a", k - 2), ("b", 1)], k) == Made((), ("a", "b"))
    assert sizes(made([("a", k - 1), ("b", 1)], k).blocks) == {"a+b": k}
    assert made([], k) == Made(())


def test_two_small_groups_that_are_apart_are_both_set_aside():
    assert made([("a", 4), ("b", 4)], K, apart("a|b")) == Made((), ("a", "b"))


def test_where_all_or_nobody_is_told_apart_one_small_group_makes_one_block_of_all():
    groups = [("a", 6), ("b", 7), ("c", 2)]
    assert sizes(made(groups, K, is_whole=True).blocks) == {"a+b+c": 15}
    assert sizes(made(groups[:2], K, is_whole=True).blocks) == {"a": 6, "b": 7}
    assert sizes(made(groups, K, apart("a|c"), is_whole=True).blocks) == {"a": 6, "b+c": 9}


panels = st.lists(st.integers(0, 12), max_size=8).map(lambda ns: [(f"g{at}", n) for at, n in enumerate(ns)])


@st.composite
def panels_apart(draw):
    groups = draw(panels)
    pairs = [frozenset(pair) for pair in combinations([key for key, _ in groups], 2)]
    return groups, frozenset(draw(st.lists(st.sampled_from(pairs), max_size=5)) if pairs else [])


@given(panels_apart(), st.integers(1, 8))
def test_everybody_is_in_one_block_or_set_aside_and_no_block_is_small_or_joins_what_is_apart(panel, k):
    groups, never = panel
    found = made(groups, k, never)
    inside = [key for block in found.blocks for key in block.groups]
    assert sorted([*inside, *found.aside]) == [key for key, n in groups if n]
    assert all(block.seats >= k for block in found.blocks)
    assert not any(pair <= set(block.groups) for block in found.blocks for pair in never)
    assert sizes(found.blocks) == {block.key: sum(dict(groups)[key] for key in block.groups) for block in found.blocks}


@given(panels_apart(), st.integers(1, 8))
def test_nobody_is_set_aside_whom_a_block_could_take(panel, k):
    groups, never = panel
    found = made(groups, k, never)
    for key in found.aside:
        if sum(n for _, n in groups) >= k or found.blocks:
            assert all(any(frozenset((key, other)) in never for other in block.groups) for block in found.blocks)


@given(panels, st.integers(1, 8))
def test_without_pairs_kept_apart_nobody_is_set_aside_from_k_people_on(groups, k):
    people = sum(n for _, n in groups)
    assert bool(made(groups, k).aside) is (0 < people < k)


@given(panels_apart(), st.integers(1, 8))
def test_a_plan_leaves_nobody_out(panel, k):
    groups, never = panel
    blocks = planned(groups, k, never)
    assert sorted(key for block in blocks for key in block.groups) == [key for key, n in groups if n]
    assert not any(pair <= set(block.groups) for block in blocks for pair in never)
