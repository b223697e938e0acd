"""Who is heard: figures of all groups, a blind choice beside them, and nobody to be found by subtraction."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom

from rounds.measures import voice
from rounds.measures.contrast import cliff, mann_whitney
from rounds.measures.voice import hidden_groups, speaking, stratified_cliff, survival

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

# Groups ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 12), max_size=7), st.integers(1, 8))
def test_what_is_hidden_is_never_one_group_nor_too_few_people(people: list[int], floor: int) -> None:
    hidden = hidden_groups(people, floor)
    small = {place for place, size in enumerate(people) if 0 < size < floor}
    assert small <= set(hidden) and (small or not hidden)
    assert all(people[place] for place in hidden), "that nobody is there hides nobody"
    if hidden and len(hidden) < sum(size > 0 for size in people):
        assert len(hidden) >= 2 and sum(people[place] for place in hidden) >= floor
        shown = [people[place] for place in set(range(len(people))) - set(hidden) if people[place]]
        assert max(people[place] for place in hidden) <= min(shown), "the smallest go first"


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ([8, 3, 6], (1, 2)),
        ([6, 3, 6], (1, 2)),  # of equal ones the later
        ([3, 4, 8], (0, 1)),
        ([1, 1, 8, 6], (0, 1, 3)),
        ([4, 0, 9], (0, 2)),
        ([2], (0,)),
        ([5, 6], ()),
        ([], ()),
    ],
)
def test_a_small_group_takes_the_next_smallest_with_it(people: list[int], hidden: tuple[int, ...]) -> None:
    assert hidden_groups(people, 5) == hidden


# Survival -------------------------------------------------------------------------------------------------------------

stages = st.lists(st.integers(0, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=4)


@given(stages)
def test_a_blind_choice_gives_what_a_lottery_gives(stage: list[tuple[int, int]]) -> None:
    proposed, survived = zip(*stage, strict=True)
    n, kept = sum(proposed), sum(survived)
    found = survival(proposed, survived, [9] * len(stage))
    assert found.n == n and found.more["withheld"] == ()
    assert found.more["rate"] == tuple(Fraction(x, of) if of else None for of, x in stage)
    if not kept:
        assert found.reason == "empty" and "ci" not in found.more
        return
    assert sum(found.more["expected"]) == kept
    for place, (of, x) in enumerate(stage):
        figures = [found.value[place], *(found.more[key][place] for key in ("ci", "chance", "p"))]
        if not of:
            assert figures == [None] * 4
            continue
        index, ci, chance, p = figures
        assert index == Fraction(x * n, kept * of)
        between = binomtest(x, kept).proportion_ci(0.95, "exact")
        assert ci == pytest.approx((between.low * n / of, between.high * n / of))
        blind = hypergeom(n, of, kept)
        assert blind.cdf(chance[0]) >= 0.025 > blind.cdf(chance[0] - 1)
        assert blind.cdf(chance[1]) >= 0.975 - 1e-12 and blind.cdf(chance[1] - 1) < 0.975 + 1e-12
        apart = abs(x - kept * of / n) - 1e-9
        assert p == pytest.approx(
            sum(blind.pmf(other) for other in range(of + 1) if abs(other - kept * of / n) >= apart)
        )


@given(stages, st.randoms(use_true_random=False))
def test_groups_have_no_order(stage: list[tuple[int, int]], chance: Any) -> None:
    one = survival(*zip(*stage, strict=True), authors=[9] * len(stage))
    places = chance.sample(range(len(stage)), len(stage))
    other = survival(*zip(*(stage[place] for place in places), strict=True), authors=[9] * len(stage))
    for key in set(one.more) - {"withheld"}:
        assert other.more[key] == tuple(one.more[key][place] for place in places)


def test_proposals_are_no_people() -> None:
    found = survival([9, 4, 6, 7], [3, 1, 2, 1], [2, 0, 5, 6])
    assert found.more["withheld"] == (0, 2), "nine proposals of two authors; imported ones have none, and hide nobody"
    assert found.value[1] is not None


def test_where_nothing_lives_on_the_rates_are_still_there() -> None:
    found = survival([4, 0], [0, 0], [6, 7])
    assert found.reason == "empty" and found.more["rate"] == (0, None) and found.more["expected"] == (0, 0)
    assert survival([0], [0], [0]).more == {"rate": (None,), "expected": (None,), "withheld": ()}


@pytest.mark.parametrize("rows", [([1, 2], [1], [9, 9]), ([1], [2], [9]), ([1], [-1], [9]), ([1], [1], [])])
def test_no_more_than_was_proposed_lives_on(rows: tuple[list[int], ...]) -> None:
    with pytest.raises(ValueError, match="of proposals"):
        survival(*rows)


# Speaking -------------------------------------------------------------------------------------------------------------

rooms = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc")), min_size=1, max_size=8)


@given(rooms)
def test_turns_are_shared_out_among_all_who_are_there(room: list[tuple[int, str]]) -> None:
    turns, groups = zip(*room, strict=True)
    found, total, n = speaking(turns, groups), sum(turns), len(room)
    assert found.n == n and found.more["silent"] == turns.count(0)
    assert found.more["groups"] == tuple(sorted(set(groups))) and sum(found.more["people"]) == n
    if not total:
        assert found.reason == "empty" and "gini" not in found.more
        return
    assert sum(found.value) == 1
    weights = zip(found.more["index"], found.more["people"], strict=True)
    assert sum(index * size for index, size in weights) == n, "on average as often as there are people"
    assert 1 <= found.more["effective"] <= n
    if n == 1:
        assert found.more["gini"] is None
    else:
        apart = sum(abs(one - other) for one, other in product(turns, turns))
        assert found.more["gini"] == Fraction(apart, 2 * n * total) * Fraction(n, n - 1)
        assert 0 <= found.more["gini"] <= 1


def test_one_who_speaks_alone_and_all_who_speak_alike() -> None:
    alone, alike = speaking([7, 0, 0], ["a", "b", "b"]), speaking([2, 2, 2], ["a", "b", "b"])
    assert (alone.more["gini"], alone.more["effective"]) == (1, 1)
    assert (alike.more["gini"], alike.more["effective"]) == (0, 3)
    assert alike.more["index"] == (1, 1) and alone.more["withheld"] == (0, 1)
    assert speaking([1] * 10, ["a"] * 5 + ["b"] * 5).more["withheld"] == ()


def test_where_nobody_spoke_it_is_still_known_who_was_there() -> None:
    found = speaking([0, 0, 0], ["b", "a", "b"])
    assert found.reason == "empty" and found.n == 3 == found.more["silent"]
    assert found.more["people"] == (1, 2) and "index" not in found.more


@given(rooms, st.integers(2, 4))
def test_as_often_for_everybody_is_the_same_share(room: list[tuple[int, str]], times: int) -> None:
    turns, groups = zip(*room, strict=True)
    once, more = speaking(turns, groups), speaking([number * times for number in turns], groups)
    assert (once.value, once.more) == (more.value, more.more)


@pytest.mark.parametrize(("turns", "groups"), [([1, 2], ["a"]), ([-1], ["a"]), ([0.5], ["a"])])
def test_a_turn_is_taken_or_not(turns: list[Any], groups: list[str]) -> None:
    with pytest.raises(ValueError, match="turns"):
        speaking(turns, groups)


# Inside sessions ------------------------------------------------------------------------------------------------------

answers = st.lists(st.integers(1, 4), max_size=3)
strata = st.lists(st.tuples(answers, answers), min_size=1, max_size=3)
Session = tuple[Sequence[float], Sequence[float]]


def joined(sessions: Sequence[Session]) -> Fraction:
    """Pairs above less pairs below in each session, over its people and one."""
    return sum(
        (Fraction(sum(np.sign(a - b) for a, b in product(x, y)), len(x) + len(y) + 1) for x, y in sessions), Fraction()
    )


@settings(max_examples=50)
@given(strata)
def test_people_are_divided_again_inside_their_session_only(sessions: list[Session]) -> None:
    found, used = stratified_cliff(sessions), [(x, y) for x, y in sessions if x and y]
    if not used:
        assert found.reason == ("one_group" if any(x or y for x, y in sessions) else "empty")
        return
    weights = [Fraction(len(x) * len(y), len(x) + len(y) + 1) for x, y in used]
    assert found.value == joined(used) / sum(weights) and abs(found.value) <= 1
    assert found.more["deltas"] == tuple(pytest.approx(cliff(x, y).value) for x, y in used)
    assert found.n == sum(len(x) + len(y) for x, y in used) and found.more["sessions"] == len(used)
    if min(found.more["n_x"], found.more["n_y"]) < 4:
        assert found.more["p"] is found.more["p_exact"] is found.more["p_kind"] is None
        return
    ways = []
    for x, y in used:
        together = [*x, *y]
        choices = [set(places) for places in combinations(range(len(together)), len(x))]
        ways.append(
            [
                tuple([v for at, v in enumerate(together) if (at in c) is side] for side in (True, False))
                for c in choices
            ]
        )
    sums = [joined(division) for division in product(*ways)]
    as_far = sum(abs(total) >= abs(joined(used)) for total in sums)
    assert found.more["p_exact"] == found.more["p"] == pytest.approx(as_far / len(sums))


@given(strata)
def test_the_other_way_round_is_the_other_sign(sessions: list[Session]) -> None:
    one, other = stratified_cliff(sessions), stratified_cliff([(y, x) for x, y in sessions])
    assert one.reason == other.reason
    if one.value is not None:
        assert one.value == -other.value and one.more["p"] == pytest.approx(other.more["p"])


@pytest.mark.parametrize(
    ("sessions", "reason"), [([([1, 2], []), ([], [3])], "one_group"), ([([], [])], "empty"), ([], "empty")]
)
def test_a_session_with_one_group_compares_nobody(sessions: list[Session], reason: str) -> None:
    found = stratified_cliff(sessions)
    assert found.reason == reason and found.more == {"sessions": 0}


def test_three_people_are_shown_and_not_tested() -> None:
    found = stratified_cliff([([1, 2, 3], [4, 5]), ([], [1, 1])])
    assert found.value == -1 and found.more["p"] is found.more["p_kind"] is None


def test_one_session_is_cliffs_delta_and_its_test() -> None:
    x, y = [1, 2, 2, 5, np.nan], [3, 4, 5, 5]
    found, alone = stratified_cliff([(x, y)]), mann_whitney(x, y, "exact")
    assert found.value == found.more["crude"] == alone.more["cliff"]
    assert found.more["p_exact"] == pytest.approx(alone.more["p_two_sided"])


def test_the_sign_of_all_together_may_be_another() -> None:
    found = stratified_cliff([([9] * 4, [8]), ([2], [1] * 4)])
    assert found.value == 1 and found.more["crude"] > 0
    turned = stratified_cliff([([8], [7] * 4 + [9]), ([2] * 4, [1])])
    assert turned.value > 0 > turned.more["crude"]


def test_many_people_are_tested_by_the_normal_approximation(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(3)
    sessions = [(chance.integers(1, 10, 9) + 1, chance.integers(1, 10, 8 + at)) for at in range(3)]
    exact = stratified_cliff(sessions).more
    assert exact["p_kind"] == "exact"
    for limit in ("MOST_STEPS", "MOST_CASES", "EXACT"):
        with monkeypatch.context() as patch:
            patch.setattr(voice, limit, 1)
            normal = stratified_cliff(sessions).more
        assert normal["p_exact"] is None and normal["p_kind"] == "normal"
        assert normal["p"] == pytest.approx(exact["p"], abs=0.01)


def test_many_equal_answers_differ_by_nothing() -> None:
    found = stratified_cliff([(np.ones(3000), np.ones(3000))])
    assert found.value == 0 and found.more["p"] == 1 and found.more["p_kind"] == "normal"
