"""What people read of a round: the rows that each kind hands to its page, by value."""

from dataclasses import replace
from fractions import Fraction

from rounds import comparison, compilation, gather, points, ranking, validation, wall
from rounds.compilation.duplicates import Pair
from rounds.compilation.replay import Progress, Todo
from rounds.contract import Block, Line, Place, Role, Round, Statement, Tally
from rounds.reading import rows_of
from rounds.validation.replay import Change, Done
from rounds.validation.replay import Todo as Changes
from rounds.wall.reading import Said
from rounds.wall.settings import ZONES
from rounds.wall.state import Act, Beside

A, B, C = (Statement(f"S0{n}", {"en": f"Statement {n}."}, "en") for n in (1, 2, 3))
NURSES, PATIENTS, MANAGERS = (Block(name, (name,), 5) for name in ("nurses", "patients", "managers"))


def a_round(settings, *blocks):
    return Round("r", "kind", settings, ("en", "fr"), blocks or (NURSES, PATIENTS), (A, B, C))


def a_tally(name, *parts):
    """A line for each statement in turn, with the figures of its blocks."""
    lines = [Line(one.id, {}, part) for one, part in zip((A, B, C), parts, strict=False)]
    return Tally(tuple(lines), (C, B, A))


# -- lists in an order


def test_blocks_whose_figures_coincide_lie_at_one_place_from_low_to_high():
    tally = a_tally("mean", {"nurses": {"mean": 3, "n": 5}, "patients": {"mean": Fraction(3, 2), "n": 5}})
    same = a_tally("mean", {"nurses": {"mean": 3, "n": 5}, "patients": {"mean": Fraction(3), "n": 5}})
    (row,), (one,) = rows_of(tally, a_round(None), "mean"), rows_of(same, a_round(None), "mean")
    assert row.statement is A and row.told == ((NURSES, 3), (PATIENTS, Fraction(3, 2)))
    assert [(spot.at, spot.blocks) for spot in row.spots] == [(Fraction(3, 2), (PATIENTS,)), (3, (NURSES,))]
    assert [(spot.at, spot.blocks) for spot in one.spots] == [(3, (NURSES, PATIENTS))]


def test_a_block_is_hidden_where_nothing_of_it_is_told_and_not_where_its_figure_is_undefined():
    tally = a_tally("mean", {"nurses": {"mean": None, "n": 5}, "patients": {}})
    (row,) = rows_of(tally, a_round(None), "mean")
    assert (row.told, row.spots, row.hidden) == ((), (), (PATIENTS,))


def test_the_highest_mean_of_points_lies_at_the_end_of_the_axis_and_few_points_near_its_start():
    high = a_tally("mean", {"nurses": {"mean": Fraction(20), "n": 5}, "patients": {"mean": Fraction(5), "n": 5}})
    low = a_tally("mean", {"nurses": {"mean": Fraction(1, 2), "n": 5}})
    assert [spot.at for spot in points.reading.rows(high, a_round(None))[0].spots] == [Fraction(5, 2), 10]
    assert [spot.at for spot in points.reading.rows(low, a_round(None))[0].spots] == [5], (
        "under one point nothing is the most"
    )


def test_each_kind_puts_its_own_figure_on_the_axis():
    part = {"n": 5, "mean_rank": Fraction(2), "per_showing": Fraction(-1, 2)}
    tally = a_tally("", {"nurses": part})
    assert ranking.reading.rows(tally, a_round(None))[0].spots[0].at == 2
    assert comparison.reading.rows(tally, a_round(None))[0].spots[0].at == Fraction(-1, 2)


# -- forms


def test_points_are_as_they_were_typed_else_as_they_stand():
    kept = points.reading.entries((A, B), {}, {"S01": 30}, 50)
    assert [(one.value, one.points, one.is_wrong) for one in kept] == [("30", 30, False), ("", 0, False)]
    typed = points.reading.entries(
        (A, B, C), {"points.S01": ["60"], "points.S02": ["many"], "points.S03": ["-5"]}, {}, 50
    )
    assert [(one.points, one.is_wrong) for one in typed] == [(60, True), (0, True), (-5, True)]
    assert points.reading.left(typed, 100) == 40, "less than nothing frees no points"
    assert points.reading.wrong(typed) is typed[0] and points.reading.wrong(kept) is None


def test_placed_statements_come_first_and_equals_share_their_place():
    kept = ranking.reading.entries((A, B, C), {}, [["S03", "S02"]])
    assert [(one.statement.id, one.place) for one in kept] == [("S02", 1), ("S03", 1), ("S01", None)]
    typed = ranking.reading.entries((A, B, C), {"place.S01": ["2"], "place.S02": ["x"], "place.S03": ["1"]}, [["S02"]])
    assert [(one.statement.id, one.place) for one in typed] == [("S03", 1), ("S01", 2), ("S02", None)]


def test_a_refused_validation_blames_the_first_field_that_lacks_something():
    form = {"say.S01": ["agree"], "say.S02": ["object"], "text.S02": [" "], "text.S03": ["Why?"]}
    assert [one.fault for one in validation.reading.entries((A, B, C), form, {}, True)] == ["", "text", ""]
    assert [one.fault for one in validation.reading.entries((A, C), form, {}, True)] == ["", "say"]
    assert [one.fault for one in validation.reading.entries((A,), form, {}, True)] == ["say"], (
        "somebody must be told where"
    )
    kept = validation.reading.entries((A, B), {}, {"S02": {"say": "change", "text": ""}}, False)
    assert [(one.say, one.fault) for one in kept] == [("", ""), ("change", "")]


def test_the_first_free_card_is_written_next_unless_another_was_asked_for():
    round = a_round(gather.Settings(limit=3))
    own = {"1": {"text": "One."}, "3": {"text": ""}}
    assert gather.reading.sheet(round, own, "") == gather.reading.sheet(round, own, "9")
    sheet = gather.reading.sheet(round, own, "1")
    assert (sheet.slots, sheet.written, sheet.at) == (("1", "2", "3"), ("1",), "1")
    assert gather.reading.sheet(round, own, "").at == "2"
    assert gather.reading.sheet(round, {slot: {"text": "x"} for slot in "123"}, "").at == "", "all are written"
    assert gather.reading.readable((A, replace(B, wordings={"en": ""}))) == (A,)


# -- the team's work


def test_a_validation_shows_no_part_of_a_block_that_is_not_told():
    line = Line("S01", {"agree": 3}, {"nurses": {"n": 5, "agree": 3}, "patients": {"n": 0}})
    (row,) = validation.reading.rows(Tally((line,), (A,)), a_round(None))
    assert row.statement is A and row.parts == ({"n": 5, "agree": 3}, {})


def test_what_waits_is_not_what_was_answered_and_the_newest_answer_comes_first():
    first, second = Change("1-S01", "S01", "Shorter.", "en", "take"), Change("2-S02", "S02", "Longer.", "en")
    done = (Done(5, "leave", "1-S01", "S01"), Done(7, "take", "1-S01", "S01"))
    todo = Changes((first, second), (), done)
    assert validation.reading.waiting(todo) == (second,)
    assert validation.reading.waits(todo, "2-S02") is second and validation.reading.waits(todo, "1-S01") is None
    assert [step.done.seq for step in validation.reading.steps(todo)] == [7, 5]
    assert validation.reading.taken(todo, "7") is done[1] and validation.reading.taken(todo, "5") is None


def test_likely_duplicates_are_told_from_both_sides_and_left_out_of_the_others():
    todo = Todo((A,), {}, (Pair("S01", "S02", 90),), (), (), 4, {}, {}, {}, Progress(0, 1))
    assert [(one.statement, one.alike) for one in compilation.reading.alike(todo, (B, C), "S02")] == [(A, 90)]
    assert [(one.statement, one.alike) for one in compilation.reading.alike(todo, (B, C), "S01")] == [(B, 90)]
    assert compilation.reading.others(todo, (B, C), "S01") == (C,) and compilation.reading.others(
        todo, (B, C), "S03"
    ) == (A, B)
    assert (
        compilation.reading.card_at(todo, (B, C), "S03") is C
        and compilation.reading.card_at(todo, (B, C), "S09") is None
    )


def test_a_wall_tells_only_rounds_with_a_share_of_high_answers():
    rated = Line("S01", {"high": 6, "n": 8, "median": 7}, {"nurses": {"high": 6, "n": 8}, "patients": {}})
    ranked = Line("S01", {"mean_rank": Fraction(2), "n": 8})
    (fact,) = wall.reading.facts((Beside("rating", "S01", rated), Beside("ranking", "S01", ranked)))
    assert (fact.round, fact.high, fact.n, fact.median, list(fact.by_block)) == ("rating", 6, 8, 7, ["nurses"])


def test_signals_that_may_not_be_told_are_none():
    assert wall.reading.said(None) == Said() == wall.reading.said({"keep": None, "unsure": None, "drop": None})
    assert wall.reading.said({"keep": 3, "unsure": 1, "drop": 2}).n == 6


def test_a_wall_that_is_done_lists_each_card_with_its_place():
    place = Place("veto", "after_discussion", "Law.", "The board")
    line = Line("S02", {"keep": 1})
    (end,) = wall.reading.endings(Tally((line,), (A, B), {"S02": place}))
    assert (end.statement, end.place, end.line) == (B, place, line)


def test_a_card_goes_by_itself_where_nobody_must_say_why():
    asked = {(zone, been) for zone in ZONES for been in (False, True) if wall.reading.is_asked_more(zone, been)}
    always = {(zone, been) for zone in ("selection", "veto", "bin") for been in (False, True)}
    assert asked == always | {("fridge", True)}


def test_an_act_tells_the_cards_that_were_there_before_it():
    act = Act(3, "merge", Role.FACILITATOR, "1", ("S01", "S02", "S04"), ("S04",))
    assert act.taken == ("S01", "S02")
    assert (
        wall.reading.of_card((act,), "S02") == (act,) == wall.reading.of_card((act,), "")
        and wall.reading.of_card((act,), "S03") == ()
    )
