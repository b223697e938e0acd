"""Disclosure: who may see figures when, and how a count is told."""

from dataclasses import replace
from itertools import product

import pytest

from rounds import rating
from rounds.contract import Ballot, Block, Role, Round, Statement, Tally
from rounds.disclosure import SILENT, Mode, may_see, may_tighten, tells, told
from rounds.rules import Share

ROLES = [*Role, None]


def viewers():
    return product(ROLES, [False, True], [False, True], [False, True])


@pytest.mark.parametrize("mode", Mode)
def test_once_closed_everyone_sees(mode):
    assert all(may_see(mode, role, closed=True) for role in ROLES)


def test_live_everyone_sees_at_close_nobody_does():
    for role, _, answered, shown in viewers():
        assert may_see(Mode.LIVE, role, False, answered, shown)
        assert not may_see(Mode.AT_CLOSE, role, False, answered, shown)


def test_after_own_only_a_participant_who_answered_sees():
    for role, _, answered, shown in viewers():
        seen = may_see(Mode.AFTER_OWN, role, False, answered, shown)
        assert seen is (role is Role.PARTICIPANT and answered)


def test_in_the_facilitator_mode_the_team_sees_and_the_projector_what_is_shown():
    team = {Role.FACILITATOR, Role.COFACILITATOR}
    for role, _, answered, shown in viewers():
        seen = may_see(Mode.FACILITATOR, role, False, answered, shown)
        assert seen is (role in team or (role is None and shown))


@pytest.mark.parametrize(("old", "new"), list(product(Mode, Mode)))
def test_a_mode_is_tighter_exactly_when_nobody_sees_more(old, new):
    nobody_sees_more = all(may_see(old, *viewer) or not may_see(new, *viewer) for viewer in viewers())
    assert may_tighten(old, new) is nobody_sees_more


def test_in_a_silent_mode_nobody_sees_a_figure_before_the_close_unless_the_team_looks():
    others = [
        viewer for viewer in viewers() if viewer[0] not in {Role.FACILITATOR, Role.COFACILITATOR} and not viewer[3]
    ]
    for mode in Mode:
        assert (mode in SILENT) is not any(may_see(mode, role, False, own, shown) for role, _, own, shown in others)


STATEMENTS = (Statement("S01", {"en": "Home visits"}, "en"), Statement("S02", {"en": "A call"}, "en"))
BLOCKS = (Block("a", ("a",), 6), Block("b", ("b",), 3))
ROUND = Round("rate", "rating", rating.Settings(), ("en",), BLOCKS, STATEMENTS, Share(75))


def tallied(ballots):
    count = rating.start(ROUND)
    for ballot in ballots:
        rating.add(count, ballot, +1)
    return rating.tally(count, ROUND)


def as_told(people):
    """people: how many of each block rate the first statement with 9."""
    seats = [(block, f"{block}{number}") for block, n in people.items() for number in range(n)]
    marks = {"card": "S01", "values": {"importance": 9}, "reason": ""}
    ballots = [Ballot(n, seat, Role.PARTICIPANT, block, "S01", marks) for n, (block, seat) in enumerate(seats)]
    return told(tallied(ballots), tallied([]), rating.columns(ROUND.settings))


def test_a_block_of_which_nothing_is_told_is_absent_and_not_zero():
    line = as_told({"a": 6}).line("S01")
    assert list(line.by_block) == ["a"] and line.values["n"] == 6 and line.values["low"] == 0
    assert list(as_told({"a": 6, "b": 3}).line("S01").by_block) == ["a", "b"]


def test_a_statement_of_which_nothing_is_told_has_a_verdict_and_no_figures():
    line = as_told({"a": 6}).line("S02")
    assert line.by_block == {} and line.decision == line.values["decision"] == "undecided"
    assert {value for name, value in line.values.items() if name != "decision"} == {None}


def test_a_verdict_follows_from_what_is_told():
    tally = as_told({"a": 6})
    assert tally.line("S01").decision == "kept" and tally.places["S01"].zone == "kept" and tally.todo is None


def test_without_a_block_nothing_is_told():
    empty = replace(ROUND, blocks=())
    tally = told(
        rating.tally(rating.start(empty), empty),
        rating.tally(rating.start(empty), empty),
        rating.columns(ROUND.settings),
    )
    assert all(line.by_block == {} and line.values["n"] is None for line in tally.lines)


TWO = replace(ROUND, settings=rating.Settings(second="feasibility"), rule=None)


def told_of_two(people):
    """people: how many of each block rate the first criterion, and how many the second, of the first statement."""
    count = rating.start(TWO)
    for block, both in people.items():
        for criterion, n in zip(TWO.settings.criteria, both, strict=True):
            marks = {"card": "S01", "values": {criterion: 9}, "reason": ""}
            for number in range(n):
                rating.add(count, Ballot(number, f"{block}{number}", Role.PARTICIPANT, block, "S01", marks), +1)
    return told(rating.tally(count, TWO), rating.tally(rating.start(TWO), TWO), rating.columns(TWO.settings)).line(
        "S01"
    )


def test_a_part_of_a_block_of_which_nothing_is_told_is_absent_and_not_zero():
    line = told_of_two({"a": (6, 0), "b": (0, 3)})
    assert line.by_block["a"]["n"] == 6 and not [name for name in line.by_block["a"] if name.startswith("second_")]
    assert line.by_block["b"]["second_n"] == 3 and "n" not in line.by_block["b"]
    assert (line.values["n"], line.values["second_n"], line.values["second_low"]) == (6, 3, 0)


def test_a_part_of_which_no_block_is_told_has_no_total():
    line = told_of_two({"a": (6, 0), "b": (3, 0)})
    assert {value for name, value in line.values.items() if name.startswith("second_")} == {None}
    assert line.values["n"] == 9 and list(line.by_block) == ["a", "b"]


def test_it_can_be_asked_whether_a_part_is_told_of_a_block_or_of_anyone():
    line, columns = told_of_two({"a": (6, 0), "b": (0, 3)}), rating.columns(TWO.settings)
    asked = [("importance", "a"), ("importance", "b"), ("feasibility", "a"), ("feasibility", "b")]
    assert [tells(line, columns, part, block) for part, block in asked] == [True, False, False, True]
    assert tells(line, columns, "importance") and tells(line, columns, "feasibility")
    alone = told_of_two({"a": (6, 0)})
    assert tells(alone, columns, "importance") and not tells(alone, columns, "feasibility")


def test_a_statement_that_is_there_only_because_of_ballots_is_told_whole():
    """Where people write, nobody's statement stood in the tally of no ballots."""
    line = as_told({"a": 6}).line("S01")
    empty = Tally(lines=(), statements=(), places={})
    assert told(Tally(lines=(line,), statements=(), places={}), empty, rating.columns(ROUND.settings)).lines == (line,)
