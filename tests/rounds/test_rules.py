"""Consensus rules: integers, scopes, edges, and the words that show them."""

import json
from dataclasses import dataclass
from fractions import Fraction
from statistics import median as plain_median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.contract import BallotError, Decision
from rounds.rules import (
    METHODS,
    SCOPES,
    Box,
    Chosen,
    First,
    Lack,
    Majority,
    Ram,
    Share,
    Spread,
    box_of,
    decide_all,
    held_back,
    meets,
    rule_data,
    rule_from,
    shortfall,
    votes_needed,
)

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED

boxes = st.builds(lambda high, low, rest: Box(high, low, high + low + rest), *[st.integers(0, 9)] * 3)
panels = st.dictionaries(st.sampled_from("abcdef"), boxes, max_size=6)
shares = st.builds(
    Share,
    percent=st.one_of(st.integers(1, 100), st.decimals(1, 100, places=1).map(str)),
    opposite=st.one_of(st.none(), st.integers(1, 100), st.decimals(1, 100, places=2).map(str)),
    scope=st.sampled_from(SCOPES),
    blocks=st.integers(1, 4),
)
choices = st.builds(Chosen, percent=st.integers(1, 100), scope=st.sampled_from(SCOPES), blocks=st.integers(1, 4))
limits = st.one_of(st.integers(0, 9), st.decimals(0, 9, places=1).map(str))
rams = st.builds(Ram, method=st.sampled_from(METHODS), kind=st.integers(1, 9))
spreads = st.builds(Spread, median=limits, iqr=limits, kind=st.integers(1, 9))
rating_rules = st.one_of(shares, rams, spreads, st.builds(Majority))
rows = st.lists(st.integers(0, 4), min_size=9, max_size=9)
rounds_of = st.dictionaries(
    st.sampled_from("uvwxyz"), st.dictionaries(st.sampled_from("abc"), rows, max_size=3), max_size=4
)


@dataclass(frozen=True)
class Nine:
    top: int = 9
    low: tuple[int, int] = (1, 3)
    high: tuple[int, int] = (7, 9)


NINE = Nine()


def decide(rule, *rows):
    return rule.decide({str(place): Box(*row) for place, row in enumerate(rows)})


@pytest.mark.parametrize(
    ("high", "low", "decision"),
    [(14, 2, KEPT), (14, 3, UNDECIDED), (13, 0, UNDECIDED), (2, 14, DROPPED), (3, 14, UNDECIDED), (20, 0, KEPT)],
)
def test_seventy_fifteen_on_twenty_answers(high, low, decision):
    assert decide(Share(70, 15), (high, low, 20)) is decision


def test_without_an_opposite_band_only_the_share_counts():
    assert decide(Share(70), (14, 6, 20)) is KEPT and decide(Share(70), (6, 14, 20)) is DROPPED


def test_a_share_reached_exactly_is_reached():
    """0.57 x 100 is under 57 in floating point; 57 of 100 answers are 57 %."""
    assert decide(Share(57), (57, 0, 100)) is KEPT and decide(Share(57), (56, 0, 100)) is UNDECIDED


def test_the_opposite_share_must_be_under_its_limit_not_at_it():
    assert decide(Share(70, 15), (85, 15, 100)) is UNDECIDED and decide(Share(70, 15), (85, 14, 100)) is KEPT


@pytest.mark.parametrize("scope", SCOPES)
def test_no_answers_decide_nothing(scope):
    assert Share(70, scope=scope).decide({}) is UNDECIDED
    assert decide(Share(70, scope=scope), (0, 0, 0), (0, 0, 0)) is UNDECIDED


@pytest.mark.parametrize(
    ("scope", "decision"), [("pooled", KEPT), ("balanced", UNDECIDED), ("every", UNDECIDED), ("some", KEPT)]
)
def test_a_large_block_for_and_a_small_one_half_for_are_judged_by_the_scope(scope, decision):
    """18 of 18 and 1 of 4: 86 % of people, 62.5 % at equal weight per block."""
    assert decide(Share(70, scope=scope), (18, 0, 18), (1, 1, 4)) is decision


def test_equal_weight_can_keep_what_the_pool_does_not():
    """10 of 20 and 4 of 4: 58 % of people, 75 % at equal weight per block."""
    rows = [(10, 0, 20), (4, 0, 4)]
    assert decide(Share(75, scope="balanced"), *rows) is KEPT and decide(Share(75), *rows) is UNDECIDED


def test_equal_weight_is_exact_with_thirds():
    """1 of 3, 2 of 3 and 3 of 3 make two thirds: 66 % holds, 67 % does not."""
    rows = [(1, 0, 3), (2, 0, 3), (3, 0, 3)]
    assert decide(Share(66, scope="balanced"), *rows) is KEPT
    assert decide(Share(67, scope="balanced"), *rows) is UNDECIDED


def test_every_block_must_pass_and_one_without_answers_has_no_say():
    rule = Share(75, scope="every")
    assert decide(rule, (4, 0, 5), (5, 0, 5), (0, 0, 0)) is KEPT
    assert decide(rule, (4, 0, 5), (3, 0, 5)) is UNDECIDED
    assert decide(rule, (0, 4, 5), (0, 5, 5)) is DROPPED


def test_at_least_so_many_blocks_must_pass():
    rule = Share(75, scope="some", blocks=2)
    assert decide(rule, (4, 0, 5), (5, 0, 5), (0, 5, 5)) is KEPT
    assert decide(rule, (4, 0, 5), (0, 0, 0)) is UNDECIDED


@pytest.mark.parametrize(
    ("percent", "n", "votes"), [(75, 5, 4), (70, 20, 14), (57, 100, 57), (100, 3, 3), (1, 24, 1), (70, 0, 0)]
)
def test_the_votes_needed_are_told(percent, n, votes):
    assert Share(percent).needed(n) == votes


@given(st.integers(1, 100), st.integers(1, 200))
def test_the_votes_needed_are_enough_and_one_less_is_not(percent, n):
    rule = Share(percent)
    votes = rule.needed(n)
    assert decide(rule, (votes, 0, n)) is KEPT and decide(rule, (votes - 1, 0, n)) is not KEPT


@given(shares.filter(lambda rule: float(rule.percent) > 50 and rule.scope != "some"), panels)
def test_the_mirror_of_the_answers_is_the_mirror_of_the_decision(rule, panel):
    mirrored = {key: Box(box.low, box.high, box.n) for key, box in panel.items()}
    mirror = {KEPT: DROPPED, DROPPED: KEPT, UNDECIDED: UNDECIDED}
    assert rule.decide(mirrored) is mirror[rule.decide(panel)]


@given(shares, boxes)
def test_with_one_block_every_scope_decides_alike(rule, box):
    alone = [Share(rule.percent, rule.opposite, scope).decide({"a": box}) for scope in SCOPES]
    assert len(set(alone)) == 1


@given(shares, panels, st.integers(2, 5))
def test_every_answer_many_times_changes_no_decision(rule, panel, times):
    more = {key: Box(box.high * times, box.low * times, box.n * times) for key, box in panel.items()}
    assert rule.decide(more) is rule.decide(panel)


@given(shares, panels, st.randoms(use_true_random=False))
def test_the_order_of_the_blocks_decides_nothing(rule, panel, chance):
    keys = chance.sample(sorted(panel), len(panel))
    assert rule.decide({key: panel[key] for key in keys}) is rule.decide(panel)


def test_the_first_n_are_kept_and_a_tie_across_the_edge_stays_whole():
    ranks = [1, 2, 2, 4, 5]
    assert [First(2).decide_rank(rank) for rank in ranks] == [KEPT, KEPT, KEPT, DROPPED, DROPPED]
    assert [First(3).decide_rank(rank) for rank in ranks] == [KEPT, KEPT, KEPT, DROPPED, DROPPED]
    assert [First(1).decide_rank(rank) for rank in [1, 1, 1]] == [KEPT, KEPT, KEPT]


def test_what_is_not_ranked_is_undecided():
    assert First(10).decide_rank(None) is UNDECIDED and First(1).decide_rank(Fraction(1)) is KEPT


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"name": "share", "percent": 0}, "rule.bad_percent"),
        ({"name": "share", "percent": 101}, "rule.bad_percent"),
        ({"name": "share", "opposite": 0}, "rule.bad_percent"),
        ({"name": "share", "percent": "100.1"}, "rule.bad_percent"),
        ({"name": "share", "percent": "two thirds"}, "rule.bad_percent"),
        ({"name": "share", "percent": "2/3"}, "rule.bad_percent"),
        ({"name": "share", "percent": True}, "rule.bad_percent"),
        ({"name": "share", "scope": "most"}, "rule.bad_scope"),
        ({"name": "share", "blocks": 0}, "rule.bad_blocks"),
        ({"name": "first", "n": 0}, "rule.bad_first"),
        ({"name": "chosen", "percent": 0}, "rule.bad_percent"),
        ({"name": "chosen", "scope": "most"}, "rule.bad_scope"),
        ({"name": "chosen", "blocks": 0}, "rule.bad_blocks"),
        ({"name": "ram", "method": "newest"}, "rule.bad_method"),
        ({"name": "ram", "kind": 10}, "rule.bad_kind"),
        ({"name": "spread", "kind": 0}, "rule.bad_kind"),
        ({"name": "spread", "median": "-1"}, "rule.bad_points"),
        ({"name": "spread", "iqr": "narrow"}, "rule.bad_points"),
        ({"name": "loudest"}, "rule.unknown"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(data, key):
    with pytest.raises(BallotError) as refused:
        rule_from(data)
    assert refused.value.key == key


@given(st.one_of(st.none(), rating_rules, choices, st.builds(First, n=st.integers(1, 40))))
def test_a_stored_rule_comes_back_as_it_was(rule):
    assert rule_from(json.loads(json.dumps(rule_data(rule)))) == rule


def test_the_stored_form_of_a_whole_share_has_not_changed():
    """Rules are hashed as they are stored, and rounds were sealed with this form."""
    stored = '{"percent": 70, "opposite": 15, "scope": "every", "blocks": 1, "name": "share"}'
    assert json.dumps(rule_data(rule_from(json.loads(stored)))) == stored
    assert json.dumps(rule_data(Share())) == (
        '{"percent": 75, "opposite": null, "scope": "pooled", "blocks": 1, "name": "share"}'
    )


@given(choices, st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4))
def test_who_leaves_a_statement_out_has_not_voted_against_it(rule, people):
    people = {block: (chosen, chosen + others) for block, (chosen, others) in people.items()}
    reached = Share(rule.percent, None, rule.scope, rule.blocks)
    boxes = {block: Box(chosen, 0, n) for block, (chosen, n) in people.items()}
    assert rule.decide(people) is (KEPT if reached.decide(boxes) is KEPT else UNDECIDED)
    if rule.scope == "pooled" and sum(n for _, n in people.values()):
        chosen, n = map(sum, zip(*people.values(), strict=True))
        assert (rule.decide(people) is KEPT) == (chosen >= rule.needed(n))


@pytest.mark.parametrize(
    ("said", "stored"), [(70, 70), ("70", 70), ("070.0", 70), ("66.70", "66.7"), (66.7, "66.7"), ("66.667", "66.667")]
)
def test_a_limit_has_one_stored_form(said, stored):
    assert rule_data(Share(said))["percent"] == stored and Share(said) == Share(stored)
    assert Spread(median=said, iqr=said) == Spread(median=stored, iqr=stored)


@pytest.mark.parametrize("scope", SCOPES)
def test_each_rule_names_its_sentence_and_what_fills_it(scope):
    assert Share(75, scope=scope).words()[0] == f"rule.share.{scope}"
    key, values = Share(70, 15, scope, 3).words()
    assert key == f"rule.share.{scope}.opposite" and values == {"percent": 70, "opposite": 15, "n": 3}
    assert First(5).words() == ("rule.first", {"n": 5})
    assert Chosen("66.70", scope, 2).words() == (f"rule.chosen.{scope}", {"percent": Fraction(667, 10), "n": 2})


def test_a_decimal_is_said_with_the_languages_comma_where_that_is_exact():
    assert Share("66.7", "12.5").words()[1] == {"percent": Fraction(667, 10), "opposite": Fraction(25, 2), "n": 1}
    assert Share("66.67").words()[1]["percent"] == "66.67"
    assert Ram().words() == ("rule.ram.ipras", {"kind": 7}) and Ram("classic").words()[0] == "rule.ram.classic"
    assert Spread("6.5", 2, 6).words() == ("rule.spread", {"median": Fraction(13, 2), "iqr": 2, "kind": 6})
    assert Majority().words() == ("rule.majority", {})


@pytest.mark.parametrize(
    ("votes", "n", "percent", "sign", "answer"),
    [
        (7, 25, "28", ">=", True),
        (57, 100, "57", ">=", True),
        (3, 20, "15", "<", False),
        (3, 20, "15", "<=", True),
        (14, 20, "70", ">=", True),
        (14, 20, "70", ">", False),
        (2, 3, "66.7", ">=", False),
        (2, 3, "66.6", ">=", True),
        (0, 0, "70", ">=", None),
    ],
)
def test_a_share_is_compared_exactly(votes, n, percent, sign, answer):
    assert meets(votes, n, percent, sign) is answer


def test_a_comparison_that_makes_no_sense_is_refused():
    for percent, sign in [("70", "=="), ("7e1", ">="), ("", ">=")]:
        with pytest.raises(ValueError):
            meets(1, 2, percent, sign)


def test_the_votes_needed_for_seventy_percent_are_whole():
    ns = [1, 2, 3, 4, 5, 7, 8, 10, 12, 20, 50, 0]
    assert [votes_needed(n, "70") for n in ns] == [1, 2, 3, 3, 4, 5, 6, 7, 9, 14, 35, 0]
    assert votes_needed(3, "66.7") == 3 and votes_needed(3, "66.6") == 2


def test_a_decimal_share_is_a_limit_like_another():
    assert decide(Share("66.7"), (2, 0, 3)) is UNDECIDED and decide(Share("66.6"), (2, 0, 3)) is KEPT
    assert decide(Share("66.6", scope="balanced"), (1, 0, 3), (2, 0, 3), (3, 0, 3)) is KEPT


@pytest.mark.parametrize(
    ("row", "decision"),
    [
        ([0, 0, 0, 3, 2, 1, 5, 5, 4], KEPT),
        ([0, 0, 3, 1, 1, 1, 5, 5, 4], UNDECIDED),
        ([3, 0, 0, 1, 1, 1, 5, 5, 4], UNDECIDED),
        ([2, 0, 0, 2, 1, 1, 5, 5, 4], KEPT),
        ([5, 5, 4, 2, 1, 1, 1, 1, 0], DROPPED),
        ([0] * 9, UNDECIDED),
    ],
)
def test_the_rule_of_core_outcome_sets_reads_its_bands_from_the_scale(row, decision):
    assert Share(70, 15).decide_counts({"everyone": row}, NINE) is decision


def test_one_small_block_can_stand_against_the_pool():
    blocks = {"a": [0, 0, 0, 1, 1, 2, 8, 6, 2], "b": [0, 0, 0, 0, 1, 0, 1, 1, 0], "c": [0, 0, 0, 0, 1, 1, 4, 3, 1]}
    alone = [Share(70, 15).decide_counts({key: row}, NINE) for key, row in blocks.items()]
    assert alone == [KEPT, UNDECIDED, KEPT]
    assert Share(70, 15).decide_counts(blocks, NINE) is KEPT
    assert Share(70, 15, "every").decide_counts(blocks, NINE) is UNDECIDED


def test_the_panels_class_is_the_decision():
    halves = {"a": [0, 0, 0, 0, 0, 0, 0, 0, 5], "b": [5, 0, 0, 0, 0, 0, 0, 0, 0]}
    for method in METHODS:
        rule = Ram(method)
        assert rule.decide_counts({"a": halves["a"]}, NINE) is KEPT
        assert rule.decide_counts({"b": halves["b"]}, NINE) is DROPPED
        assert rule.decide_counts(halves, NINE) is UNDECIDED


def test_the_two_ways_to_find_disagreement_can_decide_differently():
    """Six at 8 and three at 3 or under: a third at each end for the classic rule; an IPR of 3 against 4.6."""
    row = {"a": [2, 0, 1, 0, 0, 0, 0, 6, 0]}
    assert [Ram(method).decide_counts(row, NINE) for method in METHODS] == [KEPT, UNDECIDED]


def test_a_high_median_and_a_narrow_range_are_both_needed():
    rule = Spread(7, 2)
    assert rule.decide_counts({"a": [0, 0, 0, 0, 0, 1, 4, 3, 1]}, NINE) is KEPT
    assert rule.decide_counts({"a": [0, 0, 0, 0, 0, 5, 4, 0, 0]}, NINE) is UNDECIDED
    assert rule.decide_counts({"a": [3, 0, 0, 0, 0, 0, 4, 1, 2]}, NINE) is UNDECIDED
    assert rule.decide_counts({"a": [1, 3, 4, 1, 0, 0, 0, 0, 0]}, NINE) is DROPPED


def test_the_type_of_the_quartiles_can_decide():
    row = {"a": [0, 0, 0, 0, 1, 1, 2, 1, 0]}
    assert [Spread(7, 1, kind).decide_counts(row, NINE) for kind in (2, 6, 7)] == [KEPT, UNDECIDED, KEPT]


def test_a_limit_in_the_middle_of_the_scale_decides_nothing_there():
    assert Spread(5, 2).decide_counts({"a": [0, 0, 0, 0, 9, 0, 0, 0, 0]}, NINE) is UNDECIDED


@given(rows.filter(any), spreads)
def test_the_spread_rule_reads_the_plain_median(row, rule):
    answers = [value for value, n in enumerate(row, 1) for _ in range(n)]
    middle, limit = plain_median(map(Fraction, answers)), Fraction(str(rule.median))
    decision = rule.decide_counts({"a": row}, NINE)
    assert decision is not KEPT or middle >= limit
    assert decision is not DROPPED or 10 - middle >= limit


def test_the_majority_is_held_against_the_rounds_own_average():
    boxes = dict(zip("uvwx", (Box(20, 5, 30), Box(9, 18, 30), Box(12, 12, 30), Box(28, 1, 30)), strict=True))
    assert Majority().decide_all(boxes) == {"u": KEPT, "v": DROPPED, "w": UNDECIDED, "x": KEPT}
    assert Majority().decide_all({"u": Box(0, 0, 0)}) == {"u": UNDECIDED} and Majority().decide_all({}) == {}


@given(rating_rules, rounds_of)
def test_a_rule_on_ratings_decides_every_statement_and_none_without_answers(rule, counts):
    decided = decide_all(rule, counts, NINE)
    assert list(decided) == list(counts)
    for statement, blocks in counts.items():
        assert any(map(any, blocks.values())) or decided[statement] is UNDECIDED


@given(rating_rules, rounds_of, st.randoms(use_true_random=False))
def test_the_order_of_statements_and_blocks_decides_nothing(rule, counts, chance):
    mixed = {
        statement: {
            block: counts[statement][block]
            for block in chance.sample(sorted(counts[statement]), len(counts[statement]))
        }
        for statement in chance.sample(sorted(counts), len(counts))
    }
    assert decide_all(rule, mixed, NINE) == decide_all(rule, counts, NINE)


def test_a_box_is_read_from_the_counts():
    assert box_of([3, 2, 1, 5, 0, 7, 1, 1, 2], NINE) == Box(high=4, low=6, n=22) and box_of([], NINE) == Box(0, 0, 0)


def test_the_facilitator_is_told_how_many_votes_are_missing_where():
    rows = {"patients": Box(2, 0, 3), "clinicians": Box(6, 2, 8), "managers": Box(0, 0, 0)}
    assert shortfall(Share(70, 15, "every"), rows) == {"patients": Lack(1, 0), "clinicians": Lack(0, 1)}
    assert tuple(held_back(Share(70, 15, "every"), rows)) == ("patients", "clinicians")
    assert tuple(held_back(Share(70, scope="every"), rows)) == ("patients",)
    assert shortfall(Share(80), rows) == {"": Lack(1, 0)} and tuple(held_back(Share(80), rows)) == ("",)
    assert shortfall(Share(70), rows) == {"": Lack(0, 0)} and tuple(held_back(Share(70), rows)) == ()
    assert tuple(held_back(Share(70, scope="some"), rows)) == ()
    for scope in SCOPES:
        assert shortfall(Share(70, scope=scope), {"managers": Box(0, 0, 0)}) == {}


def reached(rule, high, low, n):
    return meets(high, n, rule.percent) and (rule.opposite is None or meets(low, n, rule.opposite, "<"))


@given(shares.filter(lambda rule: rule.scope in ("pooled", "every")), panels)
def test_what_is_missing_is_just_enough(rule, panel):
    """With the votes that lack, and without those too many, the share is reached; with one of them less it is not."""
    lacking = shortfall(rule, panel)
    for block, lack in lacking.items():
        boxes = panel.values() if block == "" else [panel[block]]
        high, low, n = (sum(getattr(box, part) for box in boxes) for part in ("high", "low", "n"))
        assert reached(rule, high + lack.votes, low - lack.against, n)
        assert not lack.votes or not reached(rule, high + lack.votes - 1, low - lack.against, n)
        assert not lack.against or not reached(rule, high + lack.votes, low - lack.against + 1, n)
    assert rule.decide(panel) is not KEPT or not any(lacking.values())
    assert set(held_back(rule, panel)) <= set(lacking)
