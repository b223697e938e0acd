"""What may be told and drawn again is counted in people, never in answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.measures.guards import interval_guard, panel_people

tables = st.integers(1, 5).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 4), min_size=wide, max_size=wide), min_size=1, max_size=8)
)


def test_a_floor_of_people_is_not_reached_by_the_answers_of_few() -> None:
    found = panel_people([[9, 8, 7, 7], [8, 6, 5, 5], [9, 7, 7, 4], [7, 7, 6, 5]], 5)
    assert found.value is False and (found.n, found.more["answers"]) == (4, 16)


def test_an_answer_that_nobody_else_gave_pairs_with_nothing() -> None:
    found = panel_people([[9, 0], [0, 8], [0, 7], [np.nan, 6]], 3)
    assert found.value is True and found.more["paired_people"] == 3 and found.more["paired_statements"] == 1


def test_nobody_is_nobody() -> None:
    found = panel_people(np.zeros((3, 2)), 1)
    assert found.value is False and found.n == 0 and found.more["complete_people"] == 0
    assert interval_guard(np.zeros((3, 2)), np.zeros(3)).reason == "empty"


@given(tables)
def test_no_more_are_paired_than_answered(rows: list[list[int]]) -> None:
    more = panel_people(rows, 5).more
    assert more["complete_people"] <= more["people"] <= len(rows)
    assert more["paired_people"] <= more["people"] and more["paired_answers"] <= more["answers"]
    assert more["paired_answers"] >= 2 * more["paired_statements"]


@pytest.mark.parametrize(
    ("strata", "reason"),
    [([0, 1, 2, 3], "n1"), ([0, 1, 2, 2], ""), ([0, 0, 0, 0], ""), ([0, 1, 1, 2], "")],
)
def test_people_who_are_alone_in_their_group_can_only_be_themselves(strata: list[int], reason: str) -> None:
    found = interval_guard([[1, 2], [2, 1], [3, 1], [1, 1]], strata)
    assert found.reason == reason and found.more["alone"] == sum(strata.count(each) == 1 for each in strata)
    assert found.more["small_group"] and found.flags == (() if reason else ("small_group",))


def test_more_than_half_alone_are_too_many() -> None:
    assert interval_guard([[1], [2], [3], [4], [5]], [0, 1, 2, 3, 3]).reason == "n1"


def test_whoever_answers_like_all_of_their_group_changes_no_draw() -> None:
    alike = interval_guard([[1, 0], [1, 0], [2, 2], [2, 2]], [0, 0, 1, 1])
    assert alike.reason == "no_variation"
    assert interval_guard([[1, 0], [1, 1], [2, 2], [2, 2]], [0, 0, 1, 1]).value is True, "a gap is a difference"
    assert interval_guard(np.arange(10)[:, None] + 1, np.zeros(10)).flags == ()
