"""A verdict that was never asked for is no verdict, and what one kept and another dropped comes first."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.contract import Decision
from rounds.measures.unison import panel_verdicts

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

KEPT, DROPPED, NONE = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED
tables = st.integers(1, 5).flatmap(
    lambda wide: st.lists(
        st.lists(st.sampled_from([None, KEPT, DROPPED, NONE]), min_size=wide, max_size=wide), min_size=1, max_size=4
    )
)


@given(tables, st.randoms(use_true_random=False))
def test_panels_have_no_order(rows, chance) -> None:  # type: ignore[no-untyped-def]
    one, other = panel_verdicts(rows), panel_verdicts(chance.sample(rows, len(rows)))
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert one.more["opposed"] == other.more["opposed"] and one.more.get("ac2") == other.more.get("ac2")
    assert one.more.get("kappa") == pytest.approx(other.more.get("kappa"))


@given(tables)
def test_a_panel_that_was_asked_nothing_changes_nothing(rows) -> None:  # type: ignore[no-untyped-def]
    one, other = panel_verdicts(rows), panel_verdicts([*rows, [None] * len(rows[0])])
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert all(one.more[key] == other.more[key] for key in ("unanimous", "opposed", "once", "not_asked"))


@given(tables)
def test_a_statement_that_nobody_was_asked_changes_nothing(rows) -> None:  # type: ignore[no-untyped-def]
    one, other = panel_verdicts(rows), panel_verdicts([[*row, None] for row in rows])
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert other.more["not_asked"] == (*one.more["not_asked"], len(rows[0]))


def test_of_two_panels_the_table_says_who_kept_what() -> None:
    found = panel_verdicts([[KEPT, NONE, None], [DROPPED, NONE, KEPT]])
    assert found.more["table"] == ((0, 0, 0), (0, 1, 0), (1, 0, 0)) and found.more["once"] == (2,)
    assert found.more["kappa"] == pytest.approx(0) and found.more["opposed"] == (0,)


def test_of_three_panels_there_is_no_table() -> None:
    found = panel_verdicts([[KEPT, KEPT], [KEPT, NONE], [DROPPED, None]])
    assert (found.value, found.n, found.more["opposed"]) == (Fraction(1, 4), 2, (0,))
    assert found.more["table"] is found.more["kappa"] is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "empty"),
        ([[], []], "empty"),
        ([[None], [None]], "empty"),
        ([[KEPT, NONE]], "one_panel"),
        ([[KEPT], [None]], "one_panel"),
        ([[KEPT, None], [None, KEPT]], "no_common"),
    ],
)
def test_without_two_verdicts_there_is_no_agreement(rows: list[list[Decision | None]], reason: str) -> None:
    assert panel_verdicts(rows).reason == reason


def test_every_panel_has_a_row_as_long_as_the_others() -> None:
    with pytest.raises(ValueError, match="shorter"):
        panel_verdicts([[KEPT], []])
