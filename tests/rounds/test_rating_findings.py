"""The slow figures of a rating round: each is its measure on these people, and tells nobody's answer."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.agreement import panel_measures, with_interval
from rounds.measures.change import attrition, between_rounds
from rounds.measures.concordance import w_incomplete
from rounds.measures.contrast import contrasts
from rounds.measures.counts import count_table
from rounds.measures.describe import balanced_share, iqr, mean, modes, wilson
from rounds.measures.ram import ram, ram_order
from rounds.measures.result import as_data
from rounds.measures.spread import eijk, leik
from rounds.rating import SCALES, analyse
from rounds.rating.findings import BALANCED, EACH, FEWEST, GRADED, PANEL, PERMUTATIONS, RESAMPLES
from rounds.rules import Share
from tests.rounds.test_rating import BLOCKS, CARDS, a_ballot, a_round, rounds

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

CHANGES = ("movement", "scheibe", "wilcoxon", "bowker", "stuart_maxwell", "spearman", "weighted_kappa")
TABLE = np.array(
    [
        [9, 8, 2],
        [9, 7, 3],
        [8, 9, 5],
        [7, 7, 1],
        [9, 6, 4],
        [2, 8, 9],
        [3, 9, 8],
        [1, 8, 9],
        [2, 7, 7],
        [4, 9, 9],
        [5, 5, 6],
        [6, 9, 1],
    ]
)
BEFORE = np.array(TABLE[:, [1, 0, 2]])


def ballots_of(table, block=lambda seat: BLOCKS[seat % 3], criterion="importance"):
    """Rows are people, columns cards; 0 is no answer, "dont_know" that."""
    return [
        a_ballot(100 * seat + place, f"seat{seat}", block(seat), CARDS[place], {criterion: value})
        for seat, row in enumerate(table if isinstance(table, list) else table.tolist())
        for place, value in enumerate(row)
        if value
    ]


def of(findings):
    found = {(finding.statement, finding.measure): finding.result for finding in findings}
    assert len(found) == len(findings), "each figure is told once"
    return found


def plain(findings):
    """As it is stored: text of JSON without a number that JSON does not know."""
    data = [(f.statement, f.measure, as_data(f.result)) for f in findings]
    return json.dumps(data, allow_nan=False, sort_keys=True)


def grouped(table, block=lambda seat: seat % 3):
    """By block, then by answers, as the figures put people in order."""
    rows = sorted((block(seat), tuple(row)) for seat, row in enumerate(table.tolist()))
    return np.array([row for _, row in rows]), np.array([block for block, _ in rows])


@st.composite
def panels(draw, most=14):
    """A round, its ballots and those of the round before, on the same scale; some people in one of them only."""
    round = draw(rounds)
    criteria = round.settings.criteria
    value = st.one_of(st.integers(1, SCALES[round.settings.scale].top), st.just("dont_know"))
    people = draw(st.lists(st.sampled_from([*BLOCKS, None]), max_size=most))
    given = []
    for first in (1, 1000):
        cast = draw(
            st.lists(
                st.tuples(st.integers(0, most), st.sampled_from(CARDS), st.lists(value, min_size=1, max_size=2)),
                unique_by=lambda answer: answer[:2],
                max_size=3 * len(people),
            )
        )
        given.append(
            [
                a_ballot(
                    first + seq,
                    f"seat{seat}",
                    people[seat],
                    card,
                    dict(zip(criteria, values[: len(criteria)], strict=False)),
                )
                for seq, (seat, card, values) in enumerate(cast)
                if seat < len(people)
            ]
        )
    return round, *given


# -- each finding is the public measure


def test_the_panels_agreement_is_that_of_the_people_who_answered():
    found, (ratings, groups) = of(analyse(a_round(), ballots_of(TABLE), (), 7)), grouped(TABLE)
    for name in PANEL:
        by_hand = with_interval(panel_measures(9)[name], ratings, groups, RESAMPLES, 7)
        assert as_data(found["", name]) == as_data(by_hand), name
        assert found["", name].value is not None and found["", name].more["interval"] is not None


def test_groups_are_contrasted_by_statement_with_their_names():
    found = of(analyse(a_round(), ballots_of(TABLE), (), 7))
    counts = count_table(TABLE, np.arange(12) % 3, top=9, group_count=3)
    for place, result in enumerate(contrasts(counts, permutations=PERMUTATIONS, seed=7)):
        told = found[CARDS[place], "contrast"]
        assert (told.value, told.n, told.parameters) == (result.value, result.n, result.parameters)
        assert told.more == {**result.more, "blocks": BLOCKS}


def test_each_statement_is_described_by_its_own_measures():
    found = of(analyse(a_round(), ballots_of(TABLE), (), 1))
    for place, card in enumerate(CARDS):
        row = np.bincount(TABLE[:, place], minlength=10)[1:].tolist()
        alone = [np.bincount(TABLE[block::3, place], minlength=10)[1:].tolist() for block in range(3)]
        assert found[card, "mean"] == mean(row) and found[card, "iqr"] == iqr(row) and found[card, "ram"] == ram(row)
        assert (
            found[card, "eijk"] == eijk(row) and found[card, "leik"] == leik(row) and found[card, "modes"] == modes(row)
        )
        assert found[card, "wilson"] == wilson(sum(row[6:]), 12)
        assert found[card, "balanced_share"] == balanced_share([sum(each[6:]) for each in alone], [4, 4, 4])


def test_the_order_of_the_classes_names_the_statements():
    found = of(analyse(a_round(), ballots_of(TABLE[:, :2]), (), 1))["", "ram_order"]
    order = ram_order(count_table(TABLE * [1, 1, 0], np.arange(12) % 3, top=9, group_count=3))
    assert found.value == tuple(tuple(CARDS[place] for place in tied) for tied in order.value) == (("S02",), ("S01",))
    assert found.more == {"unanswered": ("S03",)}, "the class of each statement stands beside it"


def test_change_is_told_on_the_people_who_answered_both():
    found = of(analyse(a_round(), ballots_of(TABLE), ballots_of(BEFORE), 1))
    for place, card in enumerate(CARDS):
        for name, result in between_rounds(BEFORE[:, place], TABLE[:, place], 9).items():
            assert as_data(found[card, name]) == as_data(result), (card, name)
    assert found["S01", "movement"].more["changed"] == 12 - int((TABLE[:, 0] == TABLE[:, 1]).sum())


def test_those_who_left_are_held_against_those_who_stayed():
    found = of(analyse(a_round(), ballots_of(TABLE[:7]), ballots_of(BEFORE), 1))
    for place, card in enumerate(CARDS):
        by_hand = attrition(BEFORE[:, place], np.arange(12) < 7)
        assert as_data(found[card, "attrition"]) == as_data(by_hand) and by_hand.more["n_left"] == 5
        assert found[card, "movement"].n == 7


def test_who_does_not_know_any_more_has_not_left():
    later = [[*row[:2], "dont_know"] if seat > 2 else [*row[:2], 0] for seat, row in enumerate(TABLE.tolist())]
    found = of(analyse(a_round(), ballots_of(later), ballots_of(BEFORE), 1))
    assert found["S03", "attrition"].reason == "withheld", "three people gave nothing; nine said that they do not know"
    assert found["S03", "movement"].reason == "no_pairs", "and nobody answered both"


def test_a_second_criterion_is_told_apart_and_from_its_own_answers():
    both = [
        a_ballot(seq, b.seat, b.block, b.slot, {"importance": b.marks["values"]["importance"], "feasibility": value})
        for seq, b in enumerate(ballots_of(TABLE))
        for value in [10 - b.marks["values"]["importance"]]
    ]
    found = of(analyse(a_round(second="feasibility"), both, both, 3))
    alone = ballots_of(TABLE), ballots_of(10 - TABLE)
    first, second = (of(analyse(a_round(), given, given, 3)) for given in alone)
    again = {(card, f"second_{name}"): result for (card, name), result in second.items()}
    assert {key: as_data(result) for key, result in found.items()} == {
        key: as_data(result) for key, result in {**first, **again}.items()
    }


def test_a_scale_without_a_middle_has_no_figure_that_needs_one():
    found = of(analyse(a_round(scale="agree"), ballots_of(TABLE % 3 + 1), (), 1))
    names = {measure for _, measure in found}
    assert names == {*EACH, *BALANCED, *PANEL, "w_incomplete", "contrast"} - set(GRADED)


# -- neither order nor names move a figure


@settings(max_examples=25)
@given(panels(), st.randoms(use_true_random=False))
def test_neither_the_order_of_the_ballots_nor_the_names_of_the_seats_move_a_figure(panel, chance):
    round, ballots, earlier = panel
    names = [f"seat{n}" for n in range(15)]
    renamed = dict(zip(names, chance.sample(names, len(names)), strict=True))
    shuffled = [
        chance.sample([a_ballot(b.seq, renamed[b.seat], b.block, b.slot, b.marks["values"]) for b in given], len(given))
        for given in (ballots, earlier)
    ]
    assert plain(analyse(round, *shuffled, 5)) == plain(analyse(round, ballots, earlier, 5))


@settings(max_examples=15)
@given(st.permutations(range(12)), st.permutations(range(12)))
def test_nor_do_they_where_everything_is_defined(seats, order):
    """Seats swap names inside their block only, so that the blocks stay as they are."""
    rows = sorted(range(12), key=lambda seat: (seat % 3, seats[seat]))
    swapped = [rows[4 * (seat % 3) + seat // 3] for seat in range(12)]
    given = (ballots_of(TABLE[swapped]), ballots_of(BEFORE[swapped]))
    shuffled = (sorted(ballots, key=lambda ballot: order[int(ballot.seat[4:])]) for ballots in given)
    found = analyse(a_round(), *shuffled, 5)
    assert plain(found) == plain(analyse(a_round(), ballots_of(TABLE), ballots_of(BEFORE), 5))
    assert {f.result.n for f in found if f.measure in ("movement", "kendall_w", "contrast")} == {12}


@settings(max_examples=40)
@given(panels())
def test_every_figure_is_plain_json_and_every_missing_one_has_its_reason(panel):
    found = analyse(*panel, 5)
    assert json.loads(plain(found))
    assert all((f.result.value is None) == bool(f.result.reason) for f in found)


@settings(max_examples=25)
@given(panels())
def test_who_is_in_no_block_counts_nowhere(panel):
    round, ballots, earlier = panel
    inside = [b for b in ballots if b.block], [b for b in earlier if b.block]
    assert plain(analyse(round, ballots, earlier, 5)) == plain(analyse(round, *inside, 5))


def test_who_is_in_no_block_any_more_has_not_left_either():
    moved = ballots_of(TABLE, lambda seat: None if seat < 5 else BLOCKS[seat % 3])
    found = of(analyse(a_round(), moved, ballots_of(BEFORE), 1))
    assert found["S01", "attrition"].reason == "one_group" and found["S01", "movement"].n == 7


def test_people_are_found_again_where_the_blocks_were_others_before():
    """Two small groups that were one block in the first round may be two in the second, and the reverse."""
    once = ballots_of(BEFORE, lambda seat: BLOCKS[0] if seat % 3 == 0 else "clinicians+managers")
    found = [f for f in analyse(a_round(), ballots_of(TABLE), once, 1) if f.result.method != "turnout"]
    again = [f for f in analyse(a_round(), ballots_of(TABLE), ballots_of(BEFORE), 1) if f.result.method != "turnout"]
    assert plain(found) == plain(again), "only who left is told by the blocks of then"


# -- little or nothing to go by


@pytest.mark.parametrize("scale", SCALES)
def test_a_round_nobody_answered_gives_reasons_and_no_figure(scale):
    found = analyse(a_round(scale=scale, second="feasibility"), (), (), 1)
    assert found and all(f.result.reason and not f.result.n for f in found)


def test_a_round_without_statements_or_blocks_is_no_error():
    assert all(f.result.reason for f in analyse(a_round(cards=()), (), (), 1))
    nobody = analyse(a_round(blocks=()), ballots_of(TABLE), ballots_of(BEFORE), 1)
    assert all(f.result.reason for f in nobody)


def test_one_person_has_answers_and_nobody_to_agree_with():
    found = of(analyse(a_round(), ballots_of(TABLE[:1]), (), 1))
    assert found["S01", "mean"].value == 9 and found["S01", "contrast"].reason == "too_few"
    assert {found["", name].reason for name in (*PANEL, "w_incomplete")} == {"n1"}


def test_people_who_all_say_the_same_leave_nothing_to_compare():
    alike = np.full((12, 3), 5)
    found = of(analyse(a_round(), ballots_of(alike), ballots_of(alike), 1))
    reasons = {found["", name].reason for name in ("kendall_w", "krippendorff:ordinal", "icc:2,1", "icc:2,k")}
    assert reasons == {"constant"} and found["", "ac:ordinal"].value == 1
    assert found["", "ac:ordinal"].more["interval"] is None, "no width is no certainty"
    assert found["", "ac:ordinal"].more["interval_reason"] == "no_variation"
    assert found["S01", "contrast"].reason == "constant" and found["S01", "movement"].value == 0
    assert found["S01", "wilcoxon"].reason == found["S01", "bowker"].reason == "no_change"


def test_where_nobody_knows_nothing_is_said():
    unsure = ballots_of([["dont_know"] * 3] * 12)
    found = analyse(a_round(), unsure, unsure, 1)
    assert all(f.result.reason for f in found) and not [f for f in found if f.measure in CHANGES]


def test_a_statement_of_one_round_only_has_not_changed():
    new, old = TABLE * [1, 0, 1], BEFORE * [0, 1, 1]
    found = of(analyse(a_round(), ballots_of(new), ballots_of(old), 1))
    for card in ("S01", "S02"):
        assert {found[card, name].reason for name in CHANGES} == {"no_pairs"}
        assert found[card, "attrition"].reason == "empty", "what is not asked again has lost nobody"
    assert found["S03", "movement"].n == 12
    gone = of(analyse(a_round(cards=CARDS[:2]), ballots_of(TABLE[:, :2]), ballots_of(BEFORE), 1))
    assert not [key for key in gone if key[0] == "S03"], "a statement that left the round is not told"
    assert gone["S01", "movement"].n == 12


def test_answers_on_a_longer_scale_are_not_held_against_these():
    later = ballots_of(np.minimum(TABLE, 5))
    found = analyse(a_round(scale="1-5"), later, ballots_of(BEFORE), 1)
    assert plain(found) == plain(analyse(a_round(scale="1-5"), later, (), 1)), "not even those under six"
    on_nine = replace(a_round(scale="1-9"), earlier=a_round(scale="1-5"))
    shorter = ballots_of(np.minimum(BEFORE, 5))
    assert plain(analyse(on_nine, ballots_of(TABLE), shorter, 1)) == plain(analyse(on_nine, ballots_of(TABLE), (), 1))


# -- few people


@pytest.mark.parametrize("pairs", range(8))
def test_change_is_told_from_five_pairs_on(pairs):
    found = of(analyse(a_round(), ballots_of(TABLE[:pairs]), ballots_of(BEFORE), 1))
    for name in CHANGES:
        assert (found["S01", name].reason == "withheld") == (0 < pairs < FEWEST == 5), name
        assert found["S01", name].n == (None if 0 < pairs < 5 else pairs), "nor is it told how few they were"
    assert (found["S01", "attrition"].reason == "withheld") == (0 < pairs < 5)


@pytest.mark.parametrize("few", range(1, 7))
def test_where_a_few_answered_once_no_figure_of_the_others_margins_gives_theirs_away(few):
    """Everybody's answers are told of each round: less those of the people who answered both, they are the few's."""
    missing = [[0, 0, 0]] * few
    left = of(analyse(a_round(), ballots_of([*missing, *TABLE.tolist()[few:]]), ballots_of(BEFORE), 1))
    came = of(analyse(a_round(), ballots_of(TABLE), ballots_of([*missing, *BEFORE.tolist()[few:]]), 1))
    for found in (left, came):
        hidden = {name for name in CHANGES if found["S01", name].reason == "withheld"}
        assert {found["S01", name].n for name in hidden} <= {12 - few}, "their number is told by who moved"
        assert hidden == (set(CHANGES) - {"movement"} if few < FEWEST else set())
        assert found["S01", "movement"].n == 12 - few


@settings(max_examples=25)
@given(
    st.integers(1, FEWEST - 1),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), min_size=4, max_size=4),
)
def test_what_the_few_who_left_had_answered_moves_no_figure(left, answers):
    later = ballots_of(TABLE[left:], lambda seat: BLOCKS[(seat + left) % 3])
    later = [a_ballot(b.seq, f"seat{int(b.seat[4:]) + left}", b.block, b.slot, b.marks["values"]) for b in later]
    told = []
    for theirs in (BEFORE[:left], np.array(answers[:left])):
        found = analyse(a_round(), later, ballots_of(np.concatenate([theirs, BEFORE[left:]])), 1)
        assert {f.result.reason for f in found if f.measure == "attrition"} == {"withheld"}
        told.append(plain(found))
    assert told[0] == told[1]


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_of_a_few_who_stayed_nothing_is_told_either(answers):
    """Their earlier answers move no figure: eight left, four stayed."""
    told = []
    for theirs in (BEFORE[:1], np.array([answers])):
        found = analyse(a_round(), ballots_of(TABLE[:4]), ballots_of(np.concatenate([theirs, BEFORE[1:]])), 1)
        told.append(plain(found))
    assert told[0] == told[1]


def test_the_answer_of_one_who_left_alone_stands_nowhere():
    """Everybody else said 2 or 3 before, and a figure that were 8 could only be that person's."""
    early = np.array([[2, 3, 2]] * 6 + [[3, 2, 3]] * 5 + [[8, 8, 8]])
    found = analyse(a_round(), ballots_of(early[:11]), ballots_of(early), 1)
    changes = [as_data(f.result) for f in found if f.measure in (*CHANGES, "attrition")]

    def numbers(value):
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [value, *(number for each in inside for number in numbers(each))]

    assert not [number for number in numbers(changes) if number == 8]
    of_leaving = [data for data in changes if data["method"] in ("attrition", "turnout")]
    assert {data["reason"] for data in of_leaving} == {"withheld"}
    assert all(data["more"] == {} for data in of_leaving), "not even how many left"


# -- chance


def test_the_same_seed_gives_the_same_figures_and_is_told():
    ballots = ballots_of(TABLE), ballots_of(BEFORE)
    assert plain(analyse(a_round(), *ballots, 11)) == plain(analyse(a_round(), *ballots, 11))
    found, other = (of(analyse(a_round(), *ballots, seed)) for seed in (11, 12))
    drawn = {key for key, result in found.items() if {**result.parameters, **result.more}.get("seed") == 11}
    panel = {("", name) for name in (*PANEL, "w_incomplete")}
    assert drawn == panel | {(card, "contrast") for card in CARDS}
    assert found["", "kendall_w"].more["interval"] != other["", "kendall_w"].more["interval"]
    moved = {key for key in found if as_data(found[key]) != as_data(other[key])}
    assert moved == drawn, "the seed moves nothing that does not tell it"


# -- what was lost before


def test_one_who_does_not_know_loses_nobody_the_panels_agreement():
    rows = TABLE.tolist()
    gap = [["dont_know" if at == seat else row[at] for at in range(3)] for seat, row in enumerate(rows)]
    found = of(analyse(a_round(), ballots_of(gap), (), 7))
    ratings, _ = grouped(np.where(np.eye(12, 3, dtype=bool), 0, TABLE))
    w = found["", "w_incomplete"]
    assert w.n == 12 and w.value == pytest.approx(w_incomplete(ratings).value)
    assert found["", "kendall_w"].n == 9 and found["", "krippendorff:interval"].value is not None
    assert found["", "icc:2,1"].reason == "incomplete", "and that is why: it takes complete answers only"
    half = [[*row[:2], "dont_know"] if seat < 7 else row for seat, row in enumerate(rows)]
    assert of(analyse(a_round(), ballots_of(half), (), 7))["", "kendall_w"].reason == "incomplete", "five of twelve"


def test_a_floor_of_people_is_not_reached_by_answers():
    few = of(analyse(a_round(), ballots_of(TABLE[:4], lambda seat: BLOCKS[0]), (), 7))
    for name in ("krippendorff:ordinal", "ac:ordinal", "ac:quadratic"):
        assert (few["", name].reason, few["", name].n) == ("withheld", 12), "twelve answers of four people"
    for name in ("kendall_w", "icc:2,1", "w_incomplete"):
        assert (few["", name].reason, few["", name].n) == ("withheld", None)


def of_24(leaving=6):
    """A Delphi of 24 in four blocks of six, of whom one in four leaves."""
    chance, blocks = np.random.default_rng(5), ("a", "b", "c", "d")
    first = chance.integers(1, 10, (24, 3))
    second = np.clip(first + chance.integers(-1, 2, (24, 3)), 1, 9)
    then = ballots_of(first, lambda seat: blocks[seat % 4])
    gone = set(range(leaving))
    now = [ballot for ballot in ballots_of(second, lambda seat: blocks[seat % 4]) if int(ballot.seat[4:]) not in gone]
    before = a_round(blocks=tuple((key, 6) for key in blocks))
    return replace(before, earlier=before), now, then


def test_where_one_in_four_leaves_it_is_told_of_each_statement_and_of_every_block_that_reaches_the_floor():
    round, now, then = of_24()
    found = of(analyse(round, now, then, 1))
    for card in CARDS:
        left = found[card, "attrition"]
        assert left.value is not None and (left.more["n_left"], left.more["n_stayed"]) == (6, 18)
    whole = found["", "attrition"]
    assert whole.value == Fraction(1, 4) and whole.n == 24
    assert whole.more["by_block"] == {key: {"n": 6, "left": n} for key, n in zip("abcd", (2, 2, 1, 1), strict=True)}


def test_whose_block_is_hidden_has_not_left():
    """Of block a only four answered now: none of its answers is shown, and nobody knows who left."""
    round, now, then = of_24(leaving=0)
    shown = [ballot for ballot in now if ballot.block != "a"]
    found = of(analyse(round, shown, then, 1))
    assert found["S01", "attrition"].reason == "one_group", "nobody is known to have left"
    assert found["", "attrition"].n == 18 and found["", "attrition"].value == 0
    half = [ballot for ballot in now if ballot.block != "a" or ballot.marks["card"] != "S01"]
    assert of(analyse(round, half, then, 1))["S01", "attrition"].reason == "one_group"


def test_whose_block_is_hidden_for_one_question_has_not_left():
    """The other question of the same statement is told of block a: that says nothing of this one."""
    round, now, then = of_24(leaving=0)
    cut = [b._replace(marks={**b.marks, "values": {"clarity": 7}}) if b.block == "a" else b for b in now]
    two = replace(round, settings=replace(round.settings, second="clarity"))
    assert of(analyse(two, cut, then, 1))["S01", "attrition"].reason == "one_group"


def test_a_question_of_which_nothing_is_told_is_withheld_where_the_other_is_told():
    one = a_round(blocks=(("a", 12),))
    round = replace(one, settings=replace(one.settings, second="clarity"))
    ballots = ballots_of(TABLE, lambda seat: "a")
    found = of(analyse(round, ballots, (), 1))
    held = [result for (_, name), result in found.items() if name.startswith("second_")]
    assert held and {(result.value, result.n, result.reason) for result in held} == {(None, None, "withheld")}
    assert "withheld" not in {result.reason for (_, name), result in found.items() if not name.startswith("second_")}
    clear = ballots_of(TABLE[:, :1], lambda seat: "a", criterion="clarity")
    some = of(analyse(round, [*ballots, *clear], (), 1))
    assert some["S01", "second_mean"].n == 12 and some["S02", "second_mean"].reason == "withheld"
    assert of(analyse(round, (), (), 1))["S01", "second_mean"].reason == "empty", "nothing told is no secret kept"


def test_a_verdict_that_other_people_changed_is_not_a_change_of_mind():
    rule = Share(70, 15)
    before = a_round(rule=rule, blocks=(("a", 30),))
    round = replace(before, earlier=before)
    first = np.array([[8] * 14 + [5] * 6]).T
    then = ballots_of(first, lambda seat: "a")
    stayed = [ballot for ballot in then if int(ballot.seat[4:]) > 4]
    found = of(analyse(round, stayed, then, 1))["S01", "verdict_change"]
    assert (found.value, found.n, found.more["left"], found.more["changed"]) == ("people", 15, 5, 0)
    two = [ballot for ballot in then if int(ballot.seat[4:]) > 1]
    assert of(analyse(round, two, then, 1))["S01", "verdict_change"].reason == "withheld", "two left"
    other = replace(round, rule=Share(60))
    assert ("S01", "verdict_change") not in of(analyse(other, stayed, then, 1)), "another rule, another verdict"
