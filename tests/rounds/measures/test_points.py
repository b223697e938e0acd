"""Points: budgets shared out and criteria answered, against figures worked by hand."""

from __future__ import annotations

from fractions import Fraction
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.measures.points import allocation, chnri

SHEETS = [[50, 30, 20, 0], [0, 0, 0, 0], [25, 25, 25, 25], [200, 0, 0, 0], [10, 60, 30, 0]]
ANSWERS = [[1, 1, 0.5], [1, 0.5, 0], [0.5, nan, 0], [1, 1, nan], [0, 1, 0]]


def test_a_budget_of_a_hundred_is_shared_as_by_hand():
    found = allocation(SHEETS, budget=100)
    assert found.n == 4 and found.flags == ("normalised",) and found.more["over_budget"] == 1
    assert found.value == pytest.approx([0.4625, 0.2875, 0.1875, 0.0625])
    assert found.more["median_share"] == pytest.approx([0.375 / 0.875, 0.275 / 0.875, 0.225 / 0.875, 0])
    assert found.more["hhi"] == pytest.approx(0.335625)
    assert found.more["effective"] == pytest.approx(1 / 0.335625)
    assert found.more["any_points"] == (1, Fraction(3, 4), Fraction(3, 4), Fraction(1, 4))
    assert allocation(SHEETS).flags == ()


def test_groups_have_the_same_say_and_a_silent_one_is_named():
    found = allocation([[3, 1], [1, 3], [0, 5], [0, 0]], groups=np.array([0, 0, 1, 2]))
    assert found.value == pytest.approx([0.25, 0.75])
    assert found.more["pooled_share"] == pytest.approx([1 / 3, 2 / 3])
    assert found.flags == ("dropped_groups",) and found.more["dropped_groups"] == (2,)


def test_where_nobody_gave_a_point_there_are_no_shares():
    assert allocation([[0, 0, 0]] * 2).reason == "empty"


def test_medians_that_are_all_zero_give_no_shares():
    assert allocation([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).more["median_share"] is None


@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), max_size=6), st.permutations(range(3)))
def test_shares_add_up_and_follow_their_statements(sheets, statements):
    sheet = np.array(sheets).reshape(-1, 3)
    found, moved = allocation(sheet), allocation(sheet[::-1, statements] * 7)
    if not sheet.any():
        assert found.reason == moved.reason == "empty"
        return
    assert sum(found.value) == pytest.approx(1)
    assert moved.value == pytest.approx(np.array(found.value)[statements])
    assert allocation(np.vstack([sheet, sheet])).value == pytest.approx(found.value)
    alike = allocation(np.vstack([sheet, sheet]), groups=np.repeat([0, 1], len(sheet)))
    assert alike.value == pytest.approx(found.value) and alike.flags == ()


@pytest.mark.parametrize("points", [[1, 2], [[1, -1]], [[1, nan]]])
def test_points_below_nothing_are_refused(points):
    with pytest.raises(ValueError, match="points are a table"):
        allocation(points)


def test_criteria_leave_blanks_out_of_both_sides():
    found = chnri(ANSWERS)
    assert found.value == Fraction(17, 30) and found.n == 5 and found.flags == ()
    assert found.more["per_criterion"] == (Fraction(7, 10), Fraction(7, 8), Fraction(1, 8))
    assert found.more["aea"] == Fraction(7, 10)
    assert found.more["informed"] == (5, 4, 4)


def test_criteria_can_weigh_differently():
    found = chnri([[1, 0], [1, 0]], weights=(3, Fraction(1)))
    assert found.value == Fraction(3, 4) and found.parameters == {"weights": (3, 1)}


def test_a_criterion_nobody_can_judge_is_left_out_and_named():
    found = chnri([[1, nan], [0.5, nan]])
    assert found.value == Fraction(3, 4) and found.more["per_criterion"] == (Fraction(3, 4), None)
    assert found.flags == ("dropped_criteria",) and found.more["dropped_criteria"] == (1,)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (2, 3)])
def test_no_informed_answer_gives_no_score_and_a_reason(shape):
    assert chnri(np.full(shape, nan)).reason == "empty"


@given(st.lists(st.lists(st.sampled_from([0, 0.5, 1, nan]), min_size=2, max_size=2), min_size=1, max_size=8))
def test_a_score_is_the_plain_mean_of_means(answers):
    found = chnri(answers)
    columns = [[a for a in column if a == a] for column in zip(*answers, strict=True)]
    informed = [column for column in columns if column]
    assert (found.value is None) == (not informed)
    if informed:
        assert float(found.value) == pytest.approx(sum(sum(c) / len(c) for c in informed) / len(informed))
        agreement = sum(max(c.count(a) for a in c) / len(c) for c in informed) / len(informed)
        assert float(found.more["aea"]) == pytest.approx(agreement)
        assert chnri(answers[::-1]).value == chnri(answers + answers).value == found.value


@pytest.mark.parametrize(("answers", "weights"), [([[2]], None), ([1], None), ([[1, 0]], (1,)), ([[1, 0]], (1, 0))])
def test_answers_and_weights_that_mean_nothing_are_refused(answers, weights):
    with pytest.raises(ValueError, match=r"answers are a table|one weight above 0"):
        chnri(answers, weights=weights)
