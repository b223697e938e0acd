"""What people read of a rating: one sentence that the figures bear out, and what a verdict lacks, to the vote."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rounds.contract import Block, Decision, Line, Tally
from rounds.measures.result import Result
from rounds.rating import SCALES
from rounds.rating.reading import (
    MOST,
    agenda,
    box_of,
    counts,
    groups,
    lacking,
    leading,
    reaches,
    rows,
    said,
    spreads,
    table,
)
from rounds.rules import SCOPES, Box, Majority, Ram, Share, Spread
from tests.rounds.test_rating import BLOCKS, a_ballot, a_round, counted, played

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

ALL = [9, 8, 8, 7, 9]
NONE = [1, 2, 1, 3, 2]
MIXED = [1, 9, 2, 8, 5]


def line_of(*answers, criterion="importance", **settings):
    """The line of the only statement, and its round. answers: those of each block in turn."""
    round = a_round(("S01",), tuple((key, 5) for key in BLOCKS[: len(answers)]), criterion=criterion, **settings)
    given = [(block, value) for block, values in zip(BLOCKS, answers, strict=False) for value in values]
    ballots = [a_ballot(n, f"seat{n}", block, "S01", {criterion: value}) for n, (block, value) in enumerate(given)]
    return counted(ballots, round).line("S01"), round


def phrase(*answers, floor=5, **settings):
    return said(*line_of(*answers, **settings), floor)


# -- the one sentence


def test_under_the_floor_nothing_is_said_whatever_the_verdict():
    assert phrase(ALL, floor=6) == phrase([], floor=0) == phrase([], rule=Share(70)) == ("too_few", {})
    assert phrase([9], rule=Share(70), floor=2) == ("too_few", {}) and phrase([9], rule=Share(70), floor=1) != (
        "too_few",
        {},
    )
    assert phrase(["dont_know"] * 9) == ("too_few", {}), "who does not know is no answer"


def test_without_a_rule_only_the_middle_half_is_told():
    assert phrase([1, 3, 4, 6, 9]) == ("middle", {"low": 3, "high": 6})
    assert phrase(ALL) == ("middle", {"low": 8, "high": 9})
    assert phrase([7] * 5) == ("middle.same", {"at": 7}), "and never that anybody agreed"
    assert phrase([3, 3, 4, 4, 5, 6]) == ("middle", {"low": 3, "high": 5}), "3.25 to 4.75: away from each other"


def test_without_a_rule_and_without_a_middle_the_answers_lean():
    assert phrase([3, 3, 3, 2, 2], scale="agree") == ("leaning.high", {"votes": 3, "n": 5})
    assert phrase([1, 1, 1, 3, 3, 3], scale="agree") == ("camps", {})
    assert phrase([2] * 5, scale="agree") == ("between.middle", {})


@pytest.mark.parametrize("scope", SCOPES)
def test_of_one_block_alone_the_votes_are_told(scope):
    rule = Share(70, 15, scope)
    assert phrase(ALL, rule=rule) == ("in.alone.importance", {"votes": 5, "n": 5})
    assert phrase(NONE, rule=rule, criterion="clarity") == ("out.alone.clarity", {"votes": 5, "n": 5})


@pytest.mark.parametrize("rule", [*(Share(70, 15, scope) for scope in SCOPES), Ram(), Ram("classic"), Spread(7, 2)])
def test_where_every_block_agrees_by_itself_it_is_said(rule):
    words = ("every.importance",) * 2 if isinstance(rule, Share) else (f"{rule.name}.every",) * 2
    assert phrase(ALL, ALL, rule=rule) == (f"in.{words[0]}", {"votes": 10, "n": 10})
    assert phrase(NONE, NONE, rule=rule) == (f"out.{words[1]}", {"votes": 10, "n": 10})


@pytest.mark.parametrize("scope", ["pooled", "balanced", "some"])
def test_the_blocks_that_hold_back_are_named(scope):
    rule = Share(60, None, scope)
    kept = phrase([*ALL, 9, 9], [9, 9, 9, 8, 1], [9, 8, 1, 4, 5], rule=rule)
    assert kept == ("in.most.divided.one", {"votes": 13, "n": 17, "blocks": ("managers",)})
    two = phrase(ALL * 4, [9, 9, 1, 4, 5], [9, 8, 1, 4, 5], rule=replace(rule, percent=50))
    assert two == ("in.most.divided.several", {"votes": 24, "n": 30, "blocks": ("clinicians", "managers")})
    out = phrase(NONE * 4, NONE, [1, 2, 9, 5, 5], rule=replace(rule, percent=60))
    assert out == ("out.most.divided.one", {"votes": 27, "n": 30, "blocks": ("managers",)})
    against = phrase(ALL * 4, NONE, rule=replace(rule, scope="pooled"))
    assert against[0] == "in.most.low.one" and (against[1]["against"], against[1]["of"]) == (5, 5)


def test_every_block_is_asked_by_its_own_median_or_class_too():
    assert phrase(ALL * 3, [6, 6, 7, 6, 6], rule=Spread(7, 2))[1]["blocks"] == ("clinicians",)
    assert phrase(ALL * 3, [1, 9, 1, 9, 5], rule=Ram())[1]["blocks"] == ("clinicians",)


def test_a_majority_looks_at_no_statement_alone_so_nothing_is_said_of_blocks():
    assert phrase(ALL, ALL, rule=Majority()) == ("in.majority.alone", {"votes": 10, "n": 10})


@pytest.mark.parametrize("row", [None, {}, {"n": 0}, {"n": None}])
def test_a_hidden_block_is_in_no_sentence_and_nothing_is_said_of_every_block(row):
    line, round = line_of(ALL, ALL, ALL, rule=Share(70))
    shown = {key: value for key, value in line.by_block.items() if key != "managers"}
    hidden = replace(line, by_block=shown if row is None else {**shown, "managers": row})
    assert said(hidden, round, 5) == ("in.alone.importance", {"votes": 15, "n": 15})
    assert set(groups(hidden, round).alone) == {"patients", "clinicians"} and not groups(hidden, round).is_whole


def test_an_undecided_statement_is_divided_or_spread_or_leans():
    rule = Share(75)
    assert phrase([1, 1, 1, 9, 9, 9], rule=rule) == ("camps", {})
    assert phrase([9] * 16 + [1] * 4, rule=Share(70, 15))[0] == "against.high"
    assert phrase([8] * 6 + [2] * 4, rule=Ram())[0] == "camps"
    assert phrase([9] * 6 + [5] * 5, rule=Spread(9, 2))[0] == "wide.high"
    assert phrase([1, 2, 3, 4, 5, 6, 7, 8, 9], rule=rule) == ("spread", {})
    assert phrase([7, 7, 7, 6, 6], rule=rule) == ("between.high", {"votes": 3, "n": 5})
    assert phrase([3, 3, 3, 4, 4], rule=rule) == ("between.low", {"votes": 3, "n": 5})
    assert phrase([4, 5, 5, 5, 6], rule=rule) == ("between.middle", {})
    assert phrase([4, 5, 6], [4, 3, 7], rule=rule) == ("between.middle", {}), "and no block is named"


def test_figures_as_they_come_back_from_storage_say_the_same():
    """A line in which every figure may be missing, as of a round that shows nothing yet."""
    line, round = line_of(MIXED, ALL, rule=Share(70))
    nothing = Line("S01", dict.fromkeys(line.values), {}, line.decision)
    assert said(nothing, round, 5) == ("too_few", {}) and said(nothing, round, 0) == ("too_few", {})
    assert lacking(nothing, round) == {} and not agenda([nothing]) and not reaches(nothing.values, round)


@settings(max_examples=150)
@given(played(), st.integers(0, 6))
def test_every_line_of_every_round_has_a_sentence_that_its_figures_bear_out(play, floor):
    round, ballots = play
    for line in counted(ballots, round).lines:
        key, values = said(line, round, floor)
        assert (key == "too_few") == (line.values["n"] < max(1, floor))
        if key.startswith(("in.", "out.")):
            assert line.decision == (Decision.KEPT if key.startswith("in.") else Decision.DROPPED)
            side = line.values["high" if key.startswith("in.") else "low"]
            assert (values["votes"], values["n"]) == (side, line.values["n"])
            assert set(values.get("blocks", ())) <= set(BLOCKS)
        elif line.decision is not None and key != "too_few":
            assert line.decision is Decision.UNDECIDED


@settings(max_examples=150)
@given(played(), st.permutations(BLOCKS))
def test_which_blocks_stand_apart_does_not_hang_on_their_order(play, order):
    round, ballots = play
    other = replace(round, blocks=tuple(Block(key, (key,), 5) for key in order))
    for line, again in zip(counted(ballots, round).lines, counted(ballots, other).lines, strict=True):
        one, two = groups(line, round), groups(again, other)
        assert one == two
        alone = {key: counted([b for b in ballots if b.block == key], _only(round, key)) for key in BLOCKS}
        for key, (box, decision) in one.alone.items():
            own = alone[key].line(line.statement)
            assert (box, decision) == (box_of(own.values), own.decision)


def _only(round, block):
    """The round of one block. How many blocks a rule asks for means nothing there: their own answers decide."""
    rule = replace(round.rule, scope="pooled") if isinstance(round.rule, Share) else round.rule
    return replace(round, blocks=tuple(each for each in round.blocks if each.key == block), rule=rule)


# -- what a share rule lacks


def test_what_is_lacking_is_counted_in_people():
    line, round = line_of([9, 9, 9, 1, 1], [9, 1, 5, 5, 5], rule=Share(70, 15, "every"))
    found = lacking(line, round)
    assert {key: (lack.votes, lack.against) for key, lack in found.items()} == {
        "patients": (1, 2),
        "clinicians": (3, 1),
    }
    line, round = line_of([9, 9, 9, 1, 1], [9, 1, 5, 5, 5], rule=Share(70, 15))
    assert {key: (lack.votes, lack.against) for key, lack in lacking(line, round).items()} == {"": (3, 2)}


@pytest.mark.parametrize("rule", [None, Ram(), Spread(), Majority()])
def test_only_a_share_can_lack_votes(rule):
    assert lacking(*line_of(MIXED, NONE, rule=rule)) == {}


def test_nothing_is_lacking_where_it_is_kept_where_nobody_answered_or_where_a_block_has_no_say():
    assert lacking(*line_of(ALL, rule=Share(70))) == lacking(*line_of([], rule=Share(70))) == {}
    assert lacking(*line_of(ALL, NONE, rule=Share(70, scope="some"))) != {}, "kept here, dropped there: undecided"
    assert set(lacking(*line_of(MIXED, [], rule=Share(70, scope="every")))) == {"patients"}


shares = st.builds(
    Share,
    percent=st.one_of(st.integers(1, 100), st.sampled_from(["66.7", "50.1"])),
    opposite=st.one_of(st.none(), st.integers(1, 100), st.just("12.5")),
    scope=st.sampled_from(SCOPES),
    blocks=st.integers(1, 3),
)
votes = st.lists(st.integers(1, 9), max_size=8)


def given_way(values, lack):
    """The same people, of whom as few as possible changed: those against first, then those between."""
    moved = sorted(values)[: max(lack.votes, lack.against)]
    rest = sorted(values)[len(moved) :]
    return [*(9 if place < lack.votes else 5 for place in range(len(moved))), *rest]


@settings(max_examples=300)
@given(shares, st.tuples(votes, votes, votes))
def test_exactly_the_missing_votes_keep_a_statement(rule, answers):
    """Whatever the scope. A share that both sides can reach stays undecided while the other side reaches it too."""
    assume(any(answers) and (rule.scope != "some" or sum(map(bool, answers)) >= rule.blocks))
    line, round = line_of(*answers, rule=rule)
    lack = lacking(line, round)
    if "" in lack:
        together = [value for values in answers for value in values]
        after = [given_way(together, lack[""])]
        assert set(lack) == {""}
    else:
        after = [
            given_way(values, lack[key]) if key in lack else values for key, values in zip(BLOCKS, answers, strict=True)
        ]
    assert all(9 >= value >= 1 for values in after for value in values)
    again, _ = line_of(*after, rule=replace(rule, blocks=1) if len(after) == 1 else rule)
    shares_a_tie = Fraction(str(rule.percent)) <= 50 and again.decision is Decision.UNDECIDED
    assert again.decision is Decision.KEPT or shares_a_tie
    if shares_a_tie:
        assert not lacking(*line_of(*after, rule=rule))


@settings(max_examples=100)
@given(shares, votes, votes)
def test_no_smaller_change_would_do(rule, one, other):
    """Of all ways in which these people could have answered, those that keep it have every vote that was missing."""
    line, round = line_of(one, other, rule=rule)
    boxes = {key: box_of(row) for key, row in line.by_block.items()} | {"": box_of(line.values)}
    alone = replace(rule, scope="pooled")
    for key, lack in lacking(line, round).items():
        high, low, n = boxes[key].high, boxes[key].low, boxes[key].n
        for into in range(n + 1):
            for against in range(n - into + 1):
                if alone.decide({key: Box(into, against, n)}) is Decision.KEPT:
                    assert not lack.votes or into >= high + lack.votes
                    assert not lack.against or against <= low - lack.against


# -- the table and what to discuss


def test_a_block_is_shaded_from_the_rules_share_on_or_the_usual_one():
    low, high = {"high": 2, "low": 1, "n": 3}, {"high": 3, "low": 0, "n": 4}
    assert reaches(high, a_round()) and not reaches(low, a_round()), "75 % without a share"
    assert reaches(high, a_round(rule=Share(75))) and not reaches(high, a_round(rule=Share("75.1")))
    assert reaches(low, a_round(rule=Share("66.6"))) and not reaches(low, a_round(rule=Share("66.7"))), "exactly"
    assert reaches(high, a_round(rule=Ram())) and reaches(high, a_round(rule=Share(75, 10, "every")))
    assert not reaches({}, a_round()) and not reaches({"n": 0, "high": 0, "low": 0}, a_round(rule=Share(1)))


def a_line(card, agreement):
    return Line(card, {"agreement": agreement})


def test_the_most_divided_come_first_and_equals_as_they_are_listed():
    lines = [
        a_line("S01", Fraction(1, 2)),
        a_line("S02", -1),
        a_line("S03", Fraction(1, 2)),
        a_line("S04", Fraction(-1, 3)),
    ]
    assert [line.statement for line in agenda(lines)] == ["S02", "S04", "S01", "S03"]


def test_a_statement_without_a_figure_is_not_to_be_discussed_for_it():
    assert agenda([a_line("S01", None), Line("S02", {})]) == () == agenda([])


@given(st.lists(st.one_of(st.none(), st.fractions(-1, 1, max_denominator=9)), max_size=12))
def test_an_agenda_is_short_and_leaves_out_nothing_more_divided(figures):
    chosen = agenda([a_line(f"S{place:02}", figure) for place, figure in enumerate(figures)])
    defined = sorted(figure for figure in figures if figure is not None and figure < 1)
    assert [line.values["agreement"] for line in chosen] == defined[:MOST]


@settings(max_examples=50)
@given(played())
def test_what_is_drawn_are_the_answers_that_were_given(play):
    round, ballots = play
    for line in counted(ballots, round).lines:
        for row, block in ((line.values, None), *((row, key) for key, row in line.by_block.items())):
            for prefix, criterion in zip(("", "second_"), round.settings.criteria, strict=False):
                drawn = counts(row, round, prefix)
                assert list(drawn) == list(range(1, SCALES[round.settings.scale].top + 1))
                answers = [
                    b.marks["values"].get(criterion)
                    for b in ballots
                    if b.slot == line.statement and block in (None, b.block)
                ]
                assert drawn == {value: answers.count(value) for value in drawn}


# -- the rows


def test_a_row_has_a_cell_for_each_block_in_the_order_of_the_round():
    line, round = line_of(ALL, NONE, rule=Share(75))
    tally = Tally((line,), round.statements)
    (row,) = rows(tally, round)
    assert row.statement == round.statements[0] and row.values["n"] == 10
    assert [(cell.block.key, cell.share, cell.reaches) for cell in row.cells] == [
        (BLOCKS[0], 100, True),
        (BLOCKS[1], 0, False),
    ]
    assert not row.has_gap and rows(tally, round, "S99") == () and rows(tally, round, "S01") == (row,)


def test_a_share_is_rounded_half_up_on_integers():
    line, round = line_of([9] * 1 + [1] * 7, [9] * 2 + [1])
    (row,) = rows(Tally((line,), round.statements), round)
    assert [cell.share for cell in row.cells] == [13, 67], "12.5 and 66.7"


def test_a_block_that_is_not_shown_is_a_gap_and_not_a_nought():
    line, round = line_of(ALL, NONE)
    withheld = replace(line, by_block={BLOCKS[0]: line.by_block[BLOCKS[0]], BLOCKS[1]: {}})
    (row,) = rows(Tally((withheld,), round.statements), round)
    assert row.cells[1].share is None and not row.cells[1].reaches and row.has_gap
    nothing = replace(line, values={**line.values, "n": 0}, by_block={})
    assert not rows(Tally((nothing,), round.statements), round)[0].has_gap, "where nothing is shown, nothing lacks"
    assert [spread.counts for spread in spreads(withheld, round)] == [counts(line.by_block[BLOCKS[0]], round), None]


def test_a_row_names_the_blocks_that_hold_it_back_while_it_is_undecided():
    line, round = line_of(ALL, NONE, rule=Share(70, 15, "every"))
    (row,) = table(Tally((line,), round.statements), round, {})
    assert [(block and block.key, bool(lack)) for block, lack in row.lacks] == [(BLOCKS[1], True)]
    pooled, round = line_of(MIXED, rule=Share(70))
    assert [block for block, _ in table(Tally((pooled,), round.statements), round, {})[0].lacks] == [None]
    kept, round = line_of(ALL, rule=Share(70))
    assert table(Tally((kept,), round.statements), round, {})[0].lacks == ()


def test_who_changed_is_told_where_it_was_released():
    line, round = line_of(ALL)
    tally = Tally((line,), round.statements)
    found = {("S01", "movement"): Result(Fraction(1, 5), 5, "movement", more={"changed": 2})}
    assert [row.moved for row in table(tally, round, found)] == [(2, 5)]
    withheld = {("S01", "movement"): Result(None, 5, "movement", reason="too_few", more={"changed": 2})}
    assert [row.moved for row in table(tally, round, withheld)] == [None] == [row.moved for row in rows(tally, round)]


def test_the_big_screen_leads_with_the_highest_and_leaves_equals_as_they_are_listed():
    round = a_round(("S01", "S02", "S03", "S04"), ((BLOCKS[0], 5),))
    scores = {"S01": (1, 9), "S02": (9, 9), "S03": (9, 1)}
    ballots = [
        a_ballot(n, f"seat{place}", BLOCKS[0], card, {"importance": value})
        for n, (card, place, value) in enumerate((c, p, v) for c, vs in scores.items() for p, v in enumerate(vs))
    ]
    led = leading(counted(ballots, round), round, 3)
    assert [row.statement.id for row in led] == ["S02", "S01", "S03"]


def test_the_bands_of_a_scale_hold_every_answer_once():
    for scale in SCALES.values():
        assert [point for band in scale.bands for point in band.points] == list(range(1, scale.top + 1))
        low, _, high = scale.bands
        assert (low.first, low.last, high.first, high.last) == (*scale.low, *scale.high)
