"""Points: what a ballot may say, what the list promises, and that two counts agree."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import points
from rounds.contract import BallotError, By, Role, Round
from rounds.points.recount import points as recount
from rounds.rules import First, rule_from
from tests.rounds import listed
from tests.rounds.listed import BLOCKS, figures, told

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

CASES = listed.cases_of(points)
CARDS = ("S01", "S02", "S03", "S04")


def a_round(cards: Any = CARDS, **more: Any) -> Round:
    return listed.a_round(points, cards, **more)


def a_ballot(seq: int, seat: str, block: str | None, marks: Any) -> Any:
    return listed.a_ballot(points, seq, seat, block, marks)


def counted(ballots: Any, round: Round) -> Any:
    return listed.counted(points, ballots, round)


def read(form: dict[str, str], **settings: Any) -> Any:
    by = By(Role.PARTICIPANT, "ann", "patients", "en")
    return points.read({name: [value] for name, value in form.items()}, a_round(**settings), by, None)


@st.composite
def sheets(draw: Any) -> Any:
    """A hundred points cut at three places."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=3, max_size=3)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    return {"points": {card: part for card, part in zip(CARDS, parts, strict=True) if part}}


@st.composite
def panels(draw: Any) -> Any:
    cast = draw(st.lists(st.tuples(st.sampled_from(BLOCKS), sheets()), max_size=12))
    return [a_ballot(seq, f"seat{seq}", block, marks) for seq, (block, marks) in enumerate(cast, start=1)]


rounds = st.builds(a_round, rule=st.one_of(st.none(), st.builds(First, n=st.integers(1, 4))))


@pytest.mark.parametrize("case", CASES["forms"], ids=lambda case: case["why"])
def test_a_form_is_taken_or_refused_as_the_case_says(case: Any) -> None:
    if "marks" in case:
        assert read(case["form"], **case["settings"]) == case["marks"]
        return
    with pytest.raises(BallotError) as refused:
        read(case["form"], **case["settings"])
    assert (refused.value.key, refused.value.values) == (case["refused"], case["values"])


@pytest.mark.parametrize("case", CASES["tallies"], ids=lambda case: case["why"])
def test_a_worked_case_comes_out_as_worked_by_hand(case: Any) -> None:
    round = a_round(case["statements"], blocks=case["blocks"], rule=rule_from(case["rule"]), **case["settings"])
    listed.check_case(points, recount, case, round)


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "1e2", "٣", "9" * 5000])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(BallotError, match="not_whole"):
        read({"points.S01": text})


@pytest.mark.parametrize(
    "wrong", [{"total": 9}, {"total": 1001}, {"most": -1}, {"most": 101}, {"total": 50, "most": 51}]
)
def test_a_setting_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BallotError):
        points.Settings(**wrong)


def test_one_ballot_a_seat_and_nothing_else_is_asked() -> None:
    assert points.slot(read({"points.S01": "100"})) == "" and points.asked(a_round(), None) == ("",)


def test_the_tidy_rows_are_the_points_given() -> None:
    rows = points.answers({"points": {"S01": 70, "S03": 30}})
    assert [(row.statement, row.criterion, row.value) for row in rows] == [("S01", "points", 70), ("S03", "points", 30)]


def test_without_a_rule_every_statement_is_simply_ranked() -> None:
    assert {place.zone for place in counted([], a_round()).places.values()} == {"ranked"}


@given(panels(), panels(), rounds, st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(
    stand: Any, gone: Any, round: Round, chance: Any
) -> None:
    count, steps = points.start(round), [*stand, *gone]
    chance.shuffle(steps)
    for ballot in steps:
        points.add(count, ballot, +1)
    chance.shuffle(gone)
    for ballot in gone:
        points.add(count, ballot, -1)
    assert points.tally(count, round) == counted(stand, round)


@given(panels(), rounds)
def test_who_holds_which_ballot_changes_nothing(ballots: Any, round: Round) -> None:
    renamed = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    assert counted(renamed, round) == counted(ballots, round)


@given(panels(), rounds)
def test_no_point_is_lost(ballots: Any, round: Round) -> None:
    tally = counted(ballots, round)
    assert sum(line.values["points"] for line in tally.lines) == 100 * len(ballots)
    assert sum(line.values["share"] or 0 for line in tally.lines) == bool(ballots)
    for line in tally.lines:
        for name in ("points", "given", "n"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())


@given(panels(), rounds)
def test_blocks_of_one_size_weigh_alike_balanced_or_not(ballots: Any, round: Round) -> None:
    same = [
        a_ballot(9 * n + b.seq, f"{block}{b.seat}", block, b.marks) for b in ballots for n, block in enumerate(BLOCKS)
    ]
    for line in counted(same, round).lines:
        assert line.values["rank"] == line.values["rank_balanced"]


@given(panels(), rounds)
def test_the_recount_agrees_with_the_tally(ballots: Any, round: Round) -> None:
    assert listed.counted_again(recount, ballots, round) == figures(counted(ballots, round))


@given(panels(), rounds)
def test_the_columns_are_the_figures_of_every_line(ballots: Any, round: Round) -> None:
    columns = points.columns(round.settings)
    for line in counted(ballots, round).lines:
        assert set(line.values) == {column.name for column in columns}
        for row in line.by_block.values():
            assert set(row) == {column.name for column in columns if column.by_block}


@settings(max_examples=20)
@given(panels(), rounds)
def test_the_order_drawn_again_is_that_of_the_list_ties_included(ballots: Any, round: Round) -> None:
    found, tally = told(points.analyse(round, ballots, (), 1)), counted(ballots, round)
    for name, column in {"bootstrap": "rank", "bootstrap_balanced": "rank_balanced"}.items():
        if found["", name].value is None:
            assert found["", name].reason == ("n1" if ballots else "empty")
        else:
            assert list(map(set, found["", name].value)) == listed.in_order(tally, column)


@settings(max_examples=20)
@given(panels(), rounds)
def test_both_lists_of_first_places_are_the_ranks_of_the_list(ballots: Any, round: Round) -> None:
    found, tally = told(points.analyse(round, ballots, (), 1))["", "side_by_side"], counted(ballots, round)
    if not ballots:
        assert found.reason == "empty"
        return
    first = round.rule.n if isinstance(round.rule, First) else len(CARDS)
    for name, column in (("pooled_top", "rank"), ("balanced_top", "rank_balanced")):
        assert set(found.more[name]) == {line.statement for line in tally.lines if line.values[column] <= first}


@settings(max_examples=15)
@given(panels(), rounds, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_ballots_nor_the_names_of_the_seats_move_a_finding(
    ballots: Any, round: Round, chance: Any
) -> None:
    other = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    chance.shuffle(other)
    assert listed.plain(points.analyse(round, other, (), 3)) == listed.plain(points.analyse(round, ballots, (), 3))


@settings(max_examples=15)
@given(panels(), rounds)
def test_every_finding_is_plain_json_and_every_missing_one_has_its_reason(ballots: Any, round: Round) -> None:
    found = points.analyse(round, [*ballots, a_ballot(99, "late", None, {"points": {"S01": 100}})], (), 1)
    again = points.analyse(round, ballots, (), 1)
    assert listed.plain(found) == listed.plain(again), "who is in no block counts nowhere"
    assert json.loads(listed.plain(found))
    assert all((f.result.value is None) == bool(f.result.reason) for f in found)
    whole = {"bootstrap", "bootstrap_balanced", "side_by_side", "allocation", "allocation_balanced"}
    assert {f.measure for f in found if not f.statement} == whole
    assert points.analyse(a_round(()), (), (), 1) == ()


def test_the_allocation_is_that_of_the_hand_worked_case() -> None:
    case = CASES["tallies"][0]
    ballots = listed.standing(points, case["ballots"])
    found = told(points.analyse(a_round(case["statements"], blocks=case["blocks"]), ballots, (), 1))
    assert found["", "allocation"].value == pytest.approx([13 / 30, 3 / 10, 4 / 15, 0])
    assert found["", "allocation_balanced"].value == pytest.approx([0.325, 0.275, 0.4, 0])
    assert found["", "allocation"].more["statements"] == tuple(case["statements"])


@given(st.integers(0, 10**6), st.sampled_from([0, 30, 40]), st.integers(1, 9), st.booleans())
def test_a_synthetic_person_sends_forms_that_are_taken(seed: int, most: int, cards: int, spend_all: bool) -> None:
    round = a_round([f"S{n}" for n in range(cards)], most=most, spend_all=spend_all)
    by = By(Role.PARTICIPANT, "ann", "patients", "en")
    (form,) = points.play(round, None, by, Random(seed), ())
    marks = points.read(form, round, by, None)
    assert sum(marks["points"].values()) == points.sum_of(round)


def test_every_refusal_column_and_setting_has_its_sentence() -> None:
    assert listed.unsaid(points) == set()
