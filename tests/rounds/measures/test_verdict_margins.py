"""So many answers change a verdict, and not one fewer: tried out answer by answer."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.contract import Decision
from rounds.measures.verdict_margins import TRIED, share_margin
from rounds.rules import Box, Share, shortfall

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED
Cells = tuple[tuple[int, int, int], ...]  # by block: high, middle, low

limits = st.sampled_from([1, 34, 40, 50, 60, "66.7", 70, 75, 100])
rules = st.builds(
    Share,
    limits,
    st.one_of(st.none(), limits),
    st.sampled_from(["pooled", "balanced", "every", "some"]),
    st.integers(1, 3),
)
small_cells = st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=2).map(tuple)
large_cells = st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=4).map(tuple)


def boxes(cells: Cells) -> dict[str, Box]:
    return {str(place): Box(row[0], row[2], sum(row)) for place, row in enumerate(cells)}


def one_act(cells: Cells, act: str) -> Iterator[Cells]:
    """All that one more act can make of them. Nobody joins a block in which nobody answered."""
    for place, row in enumerate(cells):
        for old in range(3) if act != "join" else [-1]:
            for new in range(3) if act != "leave" else [-1]:
                after = list(row)
                if old >= 0:
                    after[old] -= 1
                if new >= 0:
                    after[new] += 1
                if any(row) and min(after) >= 0:
                    yield (*cells[:place], (after[0], after[1], after[2]), *cells[place + 1 :])


def fewest(cells: Cells, rule: Share, act: str, wanted: set[Decision], most: int) -> int | None:
    """By trying every sequence of single acts."""
    states = {cells}
    for acts in range(most + 1):
        if any(rule.decide(boxes(state)) in wanted for state in states if any(map(any, state))):
            return acts
        states = {after for state in states for after in one_act(state, act)}
    return None


@settings(max_examples=150)
@given(small_cells, rules)
def test_the_acts_found_change_the_verdict_and_fewer_never_do(cells: Cells, rule: Share) -> None:
    found, n = share_margin(boxes(cells), rule), sum(map(sum, cells))
    now = rule.decide(boxes(cells))
    assert found.more["verdict"] is now
    if not n:
        assert found.reason == "empty" and now is UNDECIDED
        return
    others = set(Decision) - {now}
    assert found.value == fewest(cells, rule, "change", others, n)
    assert (found.value is None) == (found.reason == "too_few")
    assert found.more["to_in"] == fewest(cells, rule, "change", {KEPT}, n)
    assert found.more["to_out"] == fewest(cells, rule, "change", {DROPPED}, n)
    some = 4
    for act in ("leave", "join"):
        told = found.more[act]
        assert fewest(cells, rule, act, others, some) == (None if told is not None and told > some else told)


@given(large_cells, rules)
def test_what_is_high_for_one_is_low_for_the_mirror(cells: Cells, rule: Share) -> None:
    one, other = share_margin(boxes(cells), rule), share_margin(boxes(tuple(row[::-1] for row in cells)), rule)
    assert (one.value, one.reason) == (other.value, other.reason)
    if one.n:
        assert one.more["to_in"] == other.more["to_out"]
        assert (one.more["leave"], one.more["join"]) == (other.more["leave"], other.more["join"])


@given(large_cells, rules)
def test_a_verdict_that_is_there_needs_no_answer(cells: Cells, rule: Share) -> None:
    found = share_margin(boxes(cells), rule)
    if found.n:
        assert (found.more["to_in"] == 0) == (found.more["verdict"] is KEPT)
        assert (found.more["to_out"] == 0) == (found.more["verdict"] is DROPPED)
        assert found.value is None or found.value >= 1


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=3).map(tuple), rules)
def test_every_answer_twice_never_lowers_a_margin(cells: Cells, rule: Share) -> None:
    once, twice = (
        share_margin(boxes(tuple((times * row[0], times * row[1], times * row[2]) for row in cells)), rule)
        for times in (1, 2)
    )
    assert once.reason == twice.reason and once.more["verdict"] is twice.more["verdict"]
    if once.value is not None:
        assert twice.value >= once.value


@given(st.tuples(*[st.integers(0, 12)] * 3), st.sampled_from([60, 70, "66.7", 100]), st.sampled_from([None, 15, 30]))
def test_all_answers_together_follow_the_closed_form(row: tuple[int, int, int], percent: int, opposite: int) -> None:
    """What is missing and what is too many: the larger, because an answer that turns serves both."""
    rule, box = Share(percent, opposite), boxes((row,))["0"]
    if box.n:
        lack = shortfall(rule, {"": box})[""]
        assert share_margin({"": box}, rule).more["to_in"] == max(lack.votes, lack.against)


def test_every_group_that_holds_back_adds_what_it_needs() -> None:
    cells = ((15, 0, 0), (3, 1, 1), (0, 5, 0))
    found = share_margin(boxes(cells), Share(70, scope="every"))
    assert found.more["to_in"] == 1 + 4
    assert share_margin(boxes(cells), Share(70, scope="some", blocks=2)).more["to_in"] == 1
    assert found.more["leave"] == 1 + 5, "one of the second group, and all of the third, which has no say then"


def test_more_blocks_than_answered_no_answer_can_make() -> None:
    found = share_margin(boxes(((5, 0, 0), (0, 0, 0))), Share(70, scope="some", blocks=2))
    assert found.value is None and found.reason == "too_few"
    assert found.more["to_in"] is found.more["leave"] is found.more["join"] is None


def test_a_percentage_that_nobody_can_join_to() -> None:
    found = share_margin(boxes(((3, 1, 1),)), Share(100))
    assert found.more["join"] is None and found.more["to_in"] == 2
    assert share_margin(boxes(((3, 0, 0),)), Share("99.99999999999999999999")).more["join"] == 1


def test_who_is_alone_cannot_leave() -> None:
    assert share_margin(boxes(((1, 0, 0),)), Share(70)).more["leave"] is None


def test_blocks_that_weigh_the_same_are_tried_up_to_a_few() -> None:
    rule = Share(70, scope="balanced")
    few, many = (share_margin(boxes(((9 * times, 0, 0), (9 * times, 0, 0))), rule) for times in (1, 4))
    assert few.more["tried"] == many.more["tried"] == TRIED
    assert many.more["leave"] is many.more["join"] is None, "more than were tried"
    assert few.more["join"] == 8, "in one block; four in each would not be enough"
    assert share_margin(boxes(((9, 0, 0),)), Share(70)).more["tried"] is None


@pytest.mark.parametrize("scope", ["pooled", "balanced", "every", "some"])
def test_answers_from_nobody_have_no_margin(scope: str) -> None:
    for none in ({}, {"a": Box(0, 0, 0)}):
        assert share_margin(none, Share(70, scope=scope)).reason == "empty"
