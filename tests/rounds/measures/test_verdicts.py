"""What lies behind a verdict: how groups stand beside it, why there is none, who changed it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.contract import Decision
from rounds.measures.verdicts import STANCES, decider, group_stance, is_wide, undecided_cause, verdict_change
from rounds.rating import SCALES
from rounds.rules import Box, Majority, Ram, Share, Spread

KEPT, DROPPED = Decision.KEPT, Decision.DROPPED
NINE = SCALES["1-9"]
boxes = st.builds(lambda high, low, rest: Box(high, low, high + low + rest), *[st.integers(0, 12)] * 3)
rules_ = st.sampled_from([Share(70, 15), Share(75), Share(50), Ram(), Spread(), Majority(), None])


@given(boxes, rules_, st.integers(0, 8))
def test_a_dropped_statement_is_the_mirror_of_a_kept_one(box, rule, floor) -> None:
    one = group_stance(box, KEPT, rule, floor, is_with=False)
    other = group_stance(Box(box.low, box.high, box.n), DROPPED, rule, floor, is_with=False)
    assert other == {"low": "high"}.get(one, one)
    assert one in STANCES and (one == "too_few") == (box.n < max(1, floor))


@given(boxes, rules_)
def test_who_is_united_is_never_divided(box, rule) -> None:
    stance = group_stance(box, KEPT, rule, 1, is_with=False)
    if 2 * box.low > box.n:
        assert stance == "low"
    if stance == "divided":
        assert 2 * box.low <= box.n and 2 * (box.n - box.high - box.low) <= box.n


def test_who_is_with_it_is_with_it() -> None:
    assert group_stance(Box(0, 5, 5), KEPT, Share(70), 5, is_with=True) == "with"


@given(boxes, st.floats(-1, 1), rules_)
def test_a_cause_is_borne_out_by_the_votes(box, a, rule) -> None:
    cause = undecided_cause(box, a, rule)
    assert (cause == "empty") == (not box.n)
    if cause.startswith("short."):
        assert 2 * getattr(box, cause.partition(".")[2]) > box.n
    if cause.startswith("against."):
        assert isinstance(rule, Share) and rule.opposite is not None
    if cause == "spread":
        assert 2 * max(box.high, box.low, box.n - box.high - box.low) <= box.n


@pytest.mark.parametrize(
    ("rule", "counts", "wide"),
    [
        (Spread(7, 2), [0, 0, 0, 4, 0, 0, 0, 0, 6], True),
        (Spread(7, 2), [0, 0, 0, 0, 10, 0, 0, 0, 0], False),
        (Ram(), [4, 0, 0, 0, 0, 0, 0, 0, 6], True),
        (Ram(), [0, 0, 0, 0, 10, 0, 0, 0, 0], False),
        (Ram(), [0] * 9, False),
        (Share(70), [4, 0, 0, 0, 0, 0, 0, 0, 6], False),
        (None, [4, 0, 0, 0, 0, 0, 0, 0, 6], False),
    ],
)
def test_only_how_far_answers_lie_apart_is_called_so(rule, counts, wide) -> None:
    assert is_wide(rule, counts, NINE) is wide


def changed(before, after, rule=None, blocks=None):
    rule, blocks = rule or Share(70, 15), blocks or ["a"] * len(before)
    sides = (decider(rule, NINE, ratings, blocks) for ratings in (before, after))
    return verdict_change(before, after, *sides)


def test_who_answered_can_change_a_verdict_that_no_opinion_did() -> None:
    found = changed([8] * 14 + [5] * 6, [8] * 12 + [0, 0] + [5] * 6)
    assert (found.value, found.n, found.more["left"], found.more["changed"]) == ("people", 18, 2, 0)
    assert changed([8] * 10, [8] * 10).value == "none" and changed([8] * 10, [5] * 10).value == "opinions"
    assert changed([8] * 5 + [0] * 5, [0] * 5 + [5] * 5).value == "people", "nobody stayed"
    assert changed([0], [0]).reason == "empty"


def test_opinions_and_people_together() -> None:
    """Of those who stayed the verdict went from kept to none, of all from none to dropped."""
    before, after = [8] * 7 + [5] * 3 + [1] * 10, [8] * 4 + [5] * 6 + [0] * 10
    found = changed([*before, *[0] * 40], [*after, *[1] * 40])
    assert (found.more["stayers_before"], found.more["stayers_after"]) == ("kept", "undecided")
    assert (found.more["before"], found.more["after"]) == ("undecided", "dropped") and found.value == "both"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("ab")), min_size=1, max_size=20))
def test_everybody_is_in_one_of_three(people) -> None:
    before, after, blocks = (list(side) for side in zip(*people, strict=True))
    for scope in ("pooled", "every"):
        found = changed(before, after, Share(60, None, scope), blocks)
        if found.value is not None:
            either = sum(bool(one or other) for one, other in zip(before, after, strict=True))
            assert found.more["stayed"] + found.more["left"] + found.more["joined"] == either
            assert (found.value == "none") == (found.more["before"] == found.more["after"])


def test_each_block_has_its_say_where_the_rule_asks_every_block() -> None:
    decide = decider(Share(70, None, "every"), NINE, np.array([9, 9, 1]), np.array(["a", "a", "b"]))
    assert decide(np.array([True, True, True])) is Decision.UNDECIDED
    assert decide(np.array([True, True, False])) is KEPT
