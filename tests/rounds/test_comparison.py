"""Comparison: the sets are balanced, a ballot says what it may, and two counts agree."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import comparison
from rounds.comparison.design import how_many, sets_of
from rounds.comparison.recount import comparison as recount
from rounds.contract import BallotError, By, Role, Round
from rounds.rules import First, rule_from
from tests.rounds import listed
from tests.rounds.listed import BLOCKS, figures, told

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

CASES = listed.cases_of(comparison)
CARDS = tuple(f"S{n:02}" for n in range(1, 8))
ANN = By(Role.PARTICIPANT, "ann", "patients", "en")


def a_round(cards: Any = CARDS, **more: Any) -> Round:
    return listed.a_round(comparison, cards, **more)


def a_ballot(seq: int, seat: str, block: str | None, marks: Any) -> Any:
    return listed.a_ballot(comparison, seq, seat, block, marks)


def counted(ballots: Any, round: Round) -> Any:
    return listed.counted(comparison, ballots, round)


def read(form: dict[str, str], round: Round) -> Any:
    return comparison.read({name: [value] for name, value in form.items()}, round, ANN, None)


# The sets

every_size = pytest.mark.parametrize("size", [3, 4, 5])
every_panel = pytest.mark.parametrize("m", range(4, 41))


def together(sets: Any, cards: Any) -> list[int]:
    """How often each pair of statements lies in one set."""
    found = Counter(frozenset(pair) for each in sets for pair in combinations(each, 2))
    return [found[frozenset(pair)] for pair in combinations(cards, 2)]


@every_size
@every_panel
def test_every_statement_appears_as_often_as_the_others_or_once_more(m: int, size: int) -> None:
    cards = tuple(f"P{n:03}" for n in range(m))
    sets = sets_of(cards, size, 3)
    assert len(sets) == how_many(m, size, 3)
    assert all(len(set(each)) == len(each) == min(size, m) for each in sets)
    seen = Counter(card for each in sets for card in each)
    wanted = 3 if m > size else 1
    assert set(seen) == set(cards) and min(seen.values()) == wanted and max(seen.values()) <= wanted + 1


@every_size
@every_panel
def test_pairs_lie_together_as_evenly_as_can_be(m: int, size: int) -> None:
    """Not more than twice of what the even share is, rounded up; and no set stands there twice."""
    cards = tuple(f"P{n:03}" for n in range(m))
    sets = sets_of(cards, size, 3)
    pairs = together(sets, cards)
    assert max(pairs) <= 2 * -(-sum(pairs) // len(pairs))
    assert max(pairs) - min(pairs) <= (2 if size < 5 else 3)
    assert len(set(map(frozenset, sets))) == len(sets)


@every_size
@every_panel
def test_whoever_answers_everything_has_compared_everything_with_everything_in_a_chain(m: int, size: int) -> None:
    cards = tuple(f"P{n:03}" for n in range(m))
    reached, left = {cards[0]}, list(sets_of(cards, size, 2))
    while near := [each for each in left if reached & set(each)]:
        reached.update(*near)
        left = [each for each in left if each not in near]
    assert reached == set(cards)


def test_seven_statements_three_at_a_time_are_the_plane_of_seven_lines() -> None:
    assert set(together(sets_of(CARDS, 3, 3), CARDS)) == {1}


def test_no_statement_is_always_on_top() -> None:
    sets = sets_of(tuple(f"P{n:03}" for n in range(12)), 4, 4)
    heights = Counter((card, height) for each in sets for height, card in enumerate(each))
    assert max(heights.values()) <= 2


def test_the_sets_are_the_same_for_whoever_asks_and_whenever() -> None:
    """Written down here: a session that is under way must not find other sets after an update."""
    sets_of.cache_clear()
    told = [" ".join(each) for each in sets_of(CARDS, 3, 3)]
    assert told == [
        "S06 S03 S05",
        "S03 S07 S02",
        "S07 S01 S06",
        "S02 S05 S01",
        "S01 S04 S03",
        "S04 S06 S02",
        "S05 S07 S04",
    ]


@pytest.mark.parametrize(("m", "sets"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1), (5, 4), (24, 18), (40, 30)])
def test_few_statements_are_one_set_and_one_alone_is_none(m: int, sets: int) -> None:
    round = a_round([f"S{n}" for n in range(m)])
    assert len(comparison.cards(round)) == len(comparison.asked(round, None)) == sets
    assert comparison.how_many(round.settings, m) == sets and comparison.seconds(round.settings, m) == 20 * sets


# Ballots


@pytest.mark.parametrize("case", CASES["forms"], ids=lambda case: case["why"])
def test_a_form_is_taken_or_refused_as_the_case_says(case: Any) -> None:
    round = a_round(("S01", "S02", "S03"))
    if "marks" in case:
        assert read(case["form"], round) == case["marks"]
        return
    with pytest.raises(BallotError, match=case["refused"]):
        read(case["form"], round)


@pytest.mark.parametrize("wrong", [{"size": 2}, {"size": 6}, {"appearances": 1}, {"appearances": 7}])
def test_a_setting_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BallotError):
        comparison.Settings(**wrong)


def test_each_set_is_answered_for_itself() -> None:
    round = a_round()
    first = comparison.cards(round)[0]
    best, *_, worst = (statement.id for statement in first.statements)
    assert comparison.slot(read({"card": first.id, "best": best, "worst": worst}, round)) == first.id == "1"


def test_the_tidy_rows_say_of_each_statement_what_was_chosen() -> None:
    marks = {"set": "2", "shown": ["S01", "S02", "S03"], "best": "S02", "worst": "S01"}
    rows = [(row.statement, row.criterion, row.value) for row in comparison.answers(marks)]
    assert rows == [("S01", "set 2", "least"), ("S02", "set 2", "most"), ("S03", "set 2", "between")]
    unsaid = {**marks, "best": None, "worst": None}
    assert {row.value for row in comparison.answers(unsaid)} == {"cannot_say"}


@given(st.integers(0, 10**6), st.integers(0, 9))
def test_a_synthetic_person_answers_every_set_with_forms_that_are_taken(seed: int, m: int) -> None:
    round = a_round([f"S{n}" for n in range(m)])
    forms = list(comparison.play(round, None, ANN, Random(seed), ()))
    assert [comparison.slot(comparison.read(form, round, ANN, None)) for form in forms] == list(
        comparison.asked(round, None)
    )


# Counts


@st.composite
def panels(draw: Any) -> Any:
    """Of each person some sets, now and then without a choice."""
    sets = comparison.cards(a_round())
    ballots: list[Any] = []
    for seat in range(draw(st.integers(0, 7))):
        block = draw(st.sampled_from(BLOCKS))
        for each in sets:
            ids = [statement.id for statement in each.statements]
            chosen = draw(st.one_of(st.none(), st.just(()), st.permutations(ids)))
            if chosen is not None:
                best, worst = (chosen[0], chosen[-1]) if chosen else (None, None)
                marks = {"set": each.id, "shown": ids, "best": best, "worst": worst}
                ballots.append(a_ballot(len(ballots) + 1, f"seat{seat}", block, marks))
    return ballots


rounds = st.builds(a_round, rule=st.one_of(st.none(), st.builds(First, n=st.integers(1, 7))))
some = settings(max_examples=40)
few = settings(max_examples=15)


@pytest.mark.parametrize("case", CASES["tallies"], ids=lambda case: case["why"])
def test_a_worked_case_comes_out_as_worked_by_hand(case: Any) -> None:
    round = a_round(case["statements"], blocks=case["blocks"], rule=rule_from(case["rule"]), **case["settings"])
    listed.check_case(comparison, recount, case, round)


@some
@given(panels(), panels(), rounds, st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(
    stand: Any, gone: Any, round: Round, chance: Any
) -> None:
    count, steps = comparison.start(round), [*stand, *gone]
    chance.shuffle(steps)
    for ballot in steps:
        comparison.add(count, ballot, +1)
    chance.shuffle(gone)
    for ballot in gone:
        comparison.add(count, ballot, -1)
    assert comparison.tally(count, round) == counted(stand, round)


@some
@given(panels(), rounds)
def test_the_recount_agrees_with_the_tally(ballots: Any, round: Round) -> None:
    assert listed.counted_again(recount, ballots, round) == figures(counted(ballots, round))


@some
@given(panels(), rounds)
def test_what_is_chosen_as_most_is_as_often_chosen_as_least(ballots: Any, round: Round) -> None:
    tally = counted(ballots, round)
    chosen = [ballot for ballot in ballots if ballot.marks["best"]]
    for name, number in (("best", 1), ("worst", 1), ("shown", 4), ("cannot_say", 4)):
        of = chosen if name != "cannot_say" else [ballot for ballot in ballots if not ballot.marks["best"]]
        assert sum(line.values[name] for line in tally.lines) == number * len(of)
    assert sum(line.values["score"] or 0 for line in tally.lines) == 0
    for line in tally.lines:
        for name in ("best", "worst", "shown", "cannot_say", "n"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())


@some
@given(panels(), rounds)
def test_the_columns_are_the_figures_of_every_line(ballots: Any, round: Round) -> None:
    columns = comparison.columns(round.settings)
    for line in counted(ballots, round).lines:
        assert set(line.values) == {column.name for column in columns}
        for row in line.by_block.values():
            assert set(row) == {column.name for column in columns if column.by_block}


@given(st.permutations(CARDS), st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=4))
def test_what_everyone_agrees_on_comes_out_first_and_last(order: Any, blocks: Any) -> None:
    ballots = []
    for seat, block in enumerate(blocks):
        for each in comparison.cards(a_round()):
            ids = [statement.id for statement in each.statements]
            best, worst = min(ids, key=order.index), max(ids, key=order.index)
            marks = {"set": each.id, "shown": ids, "best": best, "worst": worst}
            ballots.append(a_ballot(len(ballots) + 1, f"seat{seat}", block, marks))
    lines = {line.statement: line for line in counted(ballots, a_round()).lines}
    assert lines[order[0]].values["rank"] == 1 and lines[order[0]].values["per_showing"] == 1
    assert lines[order[-1]].values["per_showing"] == -1


# Findings


@few
@given(panels(), rounds)
def test_the_order_drawn_again_is_that_of_the_list_ties_included(ballots: Any, round: Round) -> None:
    found, tally = told(comparison.analyse(round, ballots, (), 1)), counted(ballots, round)
    for name, column in {"bootstrap": "rank", "bootstrap_balanced": "rank_balanced"}.items():
        if found["", name].value is None:
            assert found["", name].reason in {"n1", "empty"}
        else:
            assert list(map(set, found["", name].value)) == listed.in_order(tally, column)


@few
@given(panels(), rounds, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_ballots_nor_the_names_of_the_seats_move_a_finding(
    ballots: Any, round: Round, chance: Any
) -> None:
    other = [a_ballot(b.seq, f"other{99 - int(b.seat[4:])}", b.block, b.marks) for b in ballots]
    chance.shuffle(other)
    one, two = (comparison.analyse(round, cast, (), 3) for cast in (ballots, other))
    assert listed.plain(one) == listed.plain(two)


@few
@given(panels(), rounds)
def test_every_finding_is_plain_json_and_every_missing_one_has_its_reason(ballots: Any, round: Round) -> None:
    found = comparison.analyse(round, ballots, (), 1)
    assert json.loads(listed.plain(found))
    assert all((f.result.value is None) == bool(f.result.reason) for f in found)
    whole = {"bootstrap", "bootstrap_balanced", "side_by_side", "bradley_terry"}
    assert {f.measure for f in found if not f.statement} == whole
    outside = [a_ballot(90 + b.seq, f"other{b.seat}", None, b.marks) for b in ballots]
    again = comparison.analyse(round, [*ballots, *outside], (), 1)
    assert listed.plain(again) == listed.plain(found), "who is in no block counts nowhere"
    assert comparison.analyse(a_round(()), (), (), 1) == ()


def test_the_worths_follow_the_choices() -> None:
    ballots = []
    for seat in range(6):
        for each in comparison.cards(a_round()):
            ids = sorted(statement.id for statement in each.statements)
            marks = {"set": each.id, "shown": ids, "best": ids[0], "worst": ids[-1]}
            ballots.append(a_ballot(len(ballots) + 1, f"seat{seat}", BLOCKS[seat % 3], marks))
    found = told(comparison.analyse(a_round(), ballots, (), 1))["", "bradley_terry"]
    assert found.more["worth"] == tuple(sorted(found.more["worth"], reverse=True))
    assert found.n == 5 * len(ballots), "of four statements the choice of two says five pairs"


def test_every_refusal_column_and_setting_has_its_sentence() -> None:
    assert listed.unsaid(comparison) == set()
