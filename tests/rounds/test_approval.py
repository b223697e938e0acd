"""Approval: what a ballot may say, what the list promises, and that two counts agree."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import approval
from rounds.approval.recount import approval as recount
from rounds.contract import BallotError, By, Decision, Role, Round
from rounds.rules import SCOPES, Chosen, First, rule_from
from tests.rounds import listed
from tests.rounds.listed import BLOCKS, figures, told

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

CASES = listed.cases_of(approval)
CARDS = ("S01", "S02", "S03", "S04")
ANN = By(Role.PARTICIPANT, "ann", "patients", "en")


def a_round(cards: Any = CARDS, **more: Any) -> Round:
    return listed.a_round(approval, cards, **more)


def a_ballot(seq: int, seat: str, block: str | None, marks: Any) -> Any:
    return listed.a_ballot(approval, seq, seat, block, marks)


def counted(ballots: Any, round: Round) -> Any:
    return listed.counted(approval, ballots, round)


def read(form: dict[str, str], **settings: Any) -> Any:
    return approval.read({name: [value] for name, value in form.items()}, a_round(**settings), ANN, None)


choices = st.sets(st.sampled_from(CARDS), min_size=1, max_size=3).map(lambda cards: {"chosen": sorted(cards)})


@st.composite
def panels(draw: Any) -> Any:
    cast = draw(st.lists(st.tuples(st.sampled_from(BLOCKS), choices), max_size=12))
    return [a_ballot(seq, f"seat{seq}", block, marks) for seq, (block, marks) in enumerate(cast, start=1)]


shares = st.builds(Chosen, percent=st.integers(1, 100), scope=st.sampled_from(SCOPES), blocks=st.integers(1, 3))
rules = st.one_of(st.none(), st.builds(First, n=st.integers(1, 4)), shares)
rounds = st.builds(a_round, rule=rules, most=st.just(3))


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
    listed.check_case(approval, recount, case, round)


@pytest.mark.parametrize("most", [0, -1, 101])
def test_a_setting_that_makes_no_sense_is_refused(most: int) -> None:
    with pytest.raises(BallotError, match="bad_most"):
        approval.Settings(most=most)


def test_one_ballot_a_seat_and_nothing_else_is_asked() -> None:
    assert approval.slot(read({"choose.S01": "1"})) == "" and approval.asked(a_round(), None) == ("",)


def test_the_tidy_rows_are_the_statements_chosen() -> None:
    rows = approval.answers({"chosen": ["S01", "S03"]})
    assert [(row.statement, row.criterion, row.value) for row in rows] == [("S01", "chosen", 1), ("S03", "chosen", 1)]


@given(panels(), rounds)
def test_a_statement_ends_in_one_of_the_places_that_its_rule_leaves(ballots: Any, round: Round) -> None:
    left = approval.leaves(round.settings, round.rule)
    assert {place.zone for place in counted(ballots, round).places.values()} <= set(left)
    assert (Decision.DROPPED in left) == isinstance(round.rule, First), "silence is no vote against a statement"


@given(panels(), panels(), rounds, st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(
    stand: Any, gone: Any, round: Round, chance: Any
) -> None:
    count, steps = approval.start(round), [*stand, *gone]
    chance.shuffle(steps)
    for ballot in steps:
        approval.add(count, ballot, +1)
    chance.shuffle(gone)
    for ballot in gone:
        approval.add(count, ballot, -1)
    assert approval.tally(count, round) == counted(stand, round)


@given(panels(), rounds)
def test_who_holds_which_ballot_changes_nothing(ballots: Any, round: Round) -> None:
    renamed = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    assert counted(renamed, round) == counted(ballots, round)


@given(panels(), rounds)
def test_everybody_who_answered_is_counted_beside_every_statement(ballots: Any, round: Round) -> None:
    tally = counted(ballots, round)
    assert sum(line.values["chosen"] for line in tally.lines) == sum(len(ballot.marks["chosen"]) for ballot in ballots)
    for line in tally.lines:
        assert line.values["n"] == len(ballots) >= line.values["chosen"]
        for name in ("chosen", "n"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())


@given(panels(), rounds, st.sampled_from(CARDS))
def test_one_more_who_chooses_a_statement_never_puts_it_down(ballots: Any, round: Round, card: str) -> None:
    more = [*ballots, a_ballot(99, "late", BLOCKS[0], {"chosen": [card]})]
    before, after = (counted(cast, round).line(card) for cast in (ballots, more))
    assert before.values["rank"] is None or after.values["rank"] <= before.values["rank"]


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
    columns = approval.columns(round.settings)
    for line in counted(ballots, round).lines:
        assert set(line.values) == {column.name for column in columns}
        for row in line.by_block.values():
            assert set(row) == {column.name for column in columns if column.by_block}


@settings(max_examples=20)
@given(panels(), rounds)
def test_the_order_drawn_again_is_that_of_the_list_ties_included(ballots: Any, round: Round) -> None:
    found, tally = told(approval.analyse(round, ballots, (), 1)), counted(ballots, round)
    for name, column in {"bootstrap": "rank", "bootstrap_balanced": "rank_balanced"}.items():
        if found["", name].value is None:
            assert found["", name].reason == ("n1" if ballots else "empty")
        else:
            assert list(map(set, found["", name].value)) == listed.in_order(tally, column)


@settings(max_examples=20)
@given(panels(), rounds)
def test_both_lists_of_first_places_are_the_ranks_of_the_list(ballots: Any, round: Round) -> None:
    found, tally = told(approval.analyse(round, ballots, (), 1))["", "side_by_side"], counted(ballots, round)
    if not ballots:
        assert found.reason == "empty"
        return
    first = round.rule.n if isinstance(round.rule, First) else 3
    for name, column in (("pooled_top", "rank"), ("balanced_top", "rank_balanced")):
        assert set(found.more[name]) == {line.statement for line in tally.lines if line.values[column] <= first}


@settings(max_examples=15)
@given(panels(), rounds, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_ballots_nor_the_names_of_the_seats_move_a_finding(
    ballots: Any, round: Round, chance: Any
) -> None:
    other = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    chance.shuffle(other)
    assert listed.plain(approval.analyse(round, other, (), 3)) == listed.plain(approval.analyse(round, ballots, (), 3))


@settings(max_examples=15)
@given(panels(), rounds)
def test_every_finding_is_plain_json_and_every_missing_one_has_its_reason(ballots: Any, round: Round) -> None:
    found = approval.analyse(round, [*ballots, a_ballot(99, "late", None, {"chosen": ["S01"]})], (), 1)
    again = approval.analyse(round, ballots, (), 1)
    assert listed.plain(found) == listed.plain(again), "who is in no block counts nowhere"
    assert json.loads(listed.plain(found))
    assert all((f.result.value is None) == bool(f.result.reason) for f in found)
    whole = {"bootstrap", "bootstrap_balanced", "side_by_side", "edge_margin"}
    assert {f.measure for f in found if not f.statement} == whole
    assert approval.analyse(a_round(()), (), (), 1) == ()


def test_it_is_said_that_one_other_choice_would_change_the_first() -> None:
    cast = [["S01"]] * 6 + [["S02"]] * 5
    ballots = [a_ballot(n, f"seat{n}", BLOCKS[0], {"chosen": chosen}) for n, chosen in enumerate(cast, start=1)]
    found = told(approval.analyse(a_round(most=1), ballots, (), 1))["", "edge_margin"]
    assert (found.value, found.more["inside"], found.more["outside"], found.more["gap"]) == (1, "S01", "S02", 1)
    assert approval.reading.edge(found) == ("edge.set", {"n": 1, "of": 11})


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 9), st.booleans())
def test_a_synthetic_person_sends_forms_that_are_taken(seed: int, most: int, cards: int, fewer: bool) -> None:
    round = a_round([f"S{n}" for n in range(cards)], most=most, fewer=fewer)
    (form,) = approval.play(round, None, ANN, Random(seed), ())
    chosen = approval.read(form, round, ANN, None)["chosen"]
    assert 1 <= len(chosen) <= min(most, cards) and (fewer or len(chosen) == min(most, cards))


def test_the_boxes_are_as_they_were_ticked_else_as_they_stand() -> None:
    statements = a_round().statements
    kept = approval.reading.entries(statements, {}, ["S02"])
    typed = approval.reading.entries(statements, {"key": ["k"], "choose.S03": ["1"], "choose.S04": [""]}, ["S02"])
    assert [one.statement.id for one in kept if one.is_chosen] == ["S02"]
    assert [one.statement.id for one in typed if one.is_chosen] == ["S03"], "what was taken away stays so"


def test_every_refusal_column_and_setting_has_its_sentence() -> None:
    assert listed.unsaid(approval) == set()
