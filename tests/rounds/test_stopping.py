"""The rule that ends a series: what it says follows from verdicts and from how far answers moved, and from no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.contract import BallotError
from rounds.stopping import ROUNDS, STABLE, UNTIL, VERDICT, Stopping, nth_of, says

KEPT, OPEN = "kept", "undecided"


def test_it_stops_when_every_statement_has_a_verdict_and_not_one_before() -> None:
    rule = Stopping(VERDICT, 4)
    assert not says(rule, 1, {"A": KEPT, "B": OPEN}, {}, {}).is_over
    assert says(rule, 1, {"A": KEPT, "B": "dropped"}, {}, {}).is_over
    assert not says(rule, 1, {}, {}, {}).is_over, "nothing asked is nothing settled"


def test_it_is_stable_where_no_distribution_moved_and_no_verdict_changed() -> None:
    rule, now = Stopping(STABLE, 4), {"A": KEPT, "B": OPEN}
    assert says(rule, 2, now, now, {"A": 0.149, "B": 0}).is_over
    for before, moved in (
        (now, {"A": 0.15, "B": 0}),
        ({"A": KEPT, "B": KEPT}, {"A": 0, "B": 0}),
        (now, {"A": 0}),
        (now, {"A": 0, "B": None}),
        ({}, {}),
    ):
        assert not says(rule, 2, now, before, moved).is_over


@given(st.sampled_from(UNTIL), st.integers(1, 9), st.integers(1, 12), st.dictionaries(st.text(), st.just(OPEN)))
def test_it_never_goes_on_beyond_the_number_that_was_fixed(
    until: str, most: int, nth: int, now: dict[str, str]
) -> None:
    said = says(Stopping(until, most), nth, now, {}, {})
    assert said.is_over is (nth >= most) and (said.n, said.of) == (0, len(now))


def test_the_place_in_a_series_counts_rounds_of_the_kind_right_before() -> None:
    assert [nth_of(kinds) for kinds in (["a"], ["a", "a"], ["a", "b", "a"], ["b", "a", "a", "a"])] == [1, 2, 1, 3]


@pytest.mark.parametrize(("until", "most"), [("never", 2), (ROUNDS, 0), (ROUNDS, 10)])
def test_what_is_no_rule_is_refused(until: str, most: int) -> None:
    with pytest.raises(BallotError, match="bad_stopping"):
        Stopping(until, most)
