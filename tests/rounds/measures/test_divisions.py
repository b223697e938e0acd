"""Chance divides the people that there are, in every way or by its seed, and the file's order decides nothing."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.divisions import overlap_reference, panels_differ
from rounds.measures.orders import order_of, top

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

SCORES = np.array([[3, 2, 1], [3, 1, 2], [2, 3, 1], [1, 2, 3], [1, 3, 2], [1, 2, 3]])
PANEL = [0, 0, 0, 1, 1, 1]
studies = st.integers(2, 6).flatmap(
    lambda people: st.tuples(
        st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=people, max_size=people),
        st.lists(st.integers(0, 1), min_size=people, max_size=people),
    )
)


def shared(scores: np.ndarray, labels: np.ndarray, k: int) -> int:
    """How many are among the first k of both, by hand. Whole points of few people: their sums tell the order."""
    tops = [set(top(order_of((scores[labels == p].sum(axis=0)).tolist()), k)) for p in np.unique(labels)]
    return len(set.intersection(*tops))


@settings(max_examples=40)
@given(studies, st.integers(1, 3))
def test_every_division_is_tried(study: tuple[list[list[int]], list[int]], k: int) -> None:
    scores, labels = np.array(study[0]), np.array(study[1])
    found = overlap_reference(scores, labels, k)
    if len(set(study[1])) < 2:
        assert found.reason == "one_panel"
        return
    every = [shared(scores, np.array(one), k) for one in set(permutations(study[1]))]
    assert found.value == shared(scores, labels, k) and found.more["divisions"] == len(every)
    assert float(found.more["expected"]) == pytest.approx(np.mean(every))
    assert float(found.more["p_at_most"]) == pytest.approx(np.mean(np.array(every) <= found.value))


@settings(max_examples=40)
@given(studies, st.randoms(use_true_random=False))
def test_people_have_no_order_and_panels_no_name(study: tuple[list[list[int]], list[int]], chance) -> None:  # type: ignore[no-untyped-def]
    scores, labels = np.array(study[0], dtype=float), np.array(study[1])
    rows = chance.sample(range(len(scores)), len(scores))
    for measure in (lambda s, p: overlap_reference(s, p, 2), panels_differ):
        one, other = measure(scores, labels), measure(scores[rows], labels[rows])
        assert one.more == other.more and one.reason == other.reason
        assert one.value == pytest.approx(other.value)
        named = measure(scores, np.array(["b", "a"])[labels])
        assert named.value == pytest.approx(one.value)
        assert named.more.get("p_permutation") == one.more.get("p_permutation")


def test_random_divisions_follow_the_seed_and_not_the_file() -> None:
    chance = np.random.default_rng(1)
    scores, labels = chance.integers(0, 9, (30, 5)), np.repeat([0, 1, 2], 10)
    rows = chance.permutation(30)
    for measure in (
        lambda s, p: overlap_reference(s, p, 2, draws=99, seed=4),
        lambda s, p: panels_differ(s, p, draws=99),
    ):
        one, other = measure(scores, labels), measure(scores[rows], labels[rows])
        assert one.more == other.more and one.more["p_kind"] == "monte_carlo" and one.more["divisions"] == 100
    exact = overlap_reference(scores[:12], [0] * 6 + [1] * 6, 2)
    assert exact.more["divisions"] == 924 and exact.more["p_kind"] == "exact"


def test_who_was_asked_nothing_and_what_not_all_were_asked_is_left_out() -> None:
    gap = np.nan
    wider = np.array([[*row, gap] for row in SCORES.tolist()] + [[gap] * 4, [gap, gap, gap, 7]])
    for measure in (lambda s, p: overlap_reference(s, p, 2), panels_differ):
        plain, found = measure(SCORES, PANEL), measure(wider, [*PANEL, 0, 1])
        assert (found.value, found.n, found.more) == (plain.value, 6, plain.more)


def test_a_missing_answer_is_none_in_the_division_too() -> None:
    scores = np.array([[3, 1], [np.nan, 1], [3, 2], [1, 2]], dtype=float)
    found = overlap_reference(scores, [0, 0, 1, 1], 1)
    assert found.value == 1 and found.n == 4
    alone = overlap_reference(np.array([[3, 1], [np.nan, 1], [3, 2], [np.nan, 2]]), [0, 0, 1, 1], 1)
    assert alone.more["divisions"] == 6 and alone.value == 1, "two divisions leave a panel without the first statement"


def test_within_groups_a_mix_of_groups_is_no_difference() -> None:
    scores = np.array([[2, 1]] * 4 + [[1, 2]] * 4)
    panels, groups = [0, 0, 0, 1, 0, 1, 1, 1], ["p"] * 4 + ["s"] * 4
    assert panels_differ(scores, panels).more["p_permutation"] < 1
    inside = panels_differ(scores, panels, groups=groups)
    assert inside.more["p_permutation"] == 1 and inside.more["divisions"] == 16
    stays = panels_differ(scores, [0, 0, 0, 1, 1, 1, 1, 1], groups=groups)
    assert stays.more["divisions"] == 4, "a group that sits in one panel stays where it is"


def test_small_panels_are_shown_and_not_tested() -> None:
    assert panels_differ(SCORES, PANEL).flags == ("small_panel",)
    assert panels_differ(np.vstack([SCORES, SCORES]), PANEL * 2).flags == ()


@pytest.mark.parametrize(
    ("scores", "panels", "reason"),
    [
        (np.zeros((0, 2)), [], "empty"),
        ([[np.nan, np.nan]], [0], "empty"),
        ([[1, 2], [2, 1]], [0, 0], "one_panel"),
        ([[1, np.nan], [np.nan, 1]], [0, 1], "no_common"),
    ],
)
def test_without_a_figure_there_is_the_true_reason(scores: object, panels: list[int], reason: str) -> None:
    assert overlap_reference(scores, panels, 1).reason == panels_differ(scores, panels).reason == reason


def test_points_that_are_all_alike_do_not_differ() -> None:
    assert panels_differ([[1, 1e9], [1, 1e9]], [0, 1]).reason == "constant"
    assert panels_differ([[1, 1e9], [1, 1e9 + 1]], [0, 1]).value == pytest.approx(0.5)


def test_what_makes_no_sense_is_refused() -> None:
    for wrong in (
        lambda: overlap_reference(SCORES, PANEL, 0),
        lambda: overlap_reference(SCORES, PANEL, 1, draws=0),
        lambda: panels_differ(SCORES, PANEL[1:]),
        lambda: panels_differ(SCORES, PANEL, groups=[0]),
        lambda: panels_differ(SCORES[0], [0]),
    ):
        with pytest.raises(ValueError):
            wrong()
