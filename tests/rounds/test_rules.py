"""Consensus rules: integers, scopes, edges, and the words that show them."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.contract import BallotError, Decision
from rounds.rules import SCOPES, Box, First, Share, rule_data, rule_from

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED

boxes = st.builds(lambda high, low, rest: Box(high, low, high + low + rest), *[st.integers(0, 9)] * 3)
panels = st.dictionaries(st.sampled_from("abcdef"), boxes, max_size=6)
shares = st.builds(
    Share,
    percent=st.integers(1, 100),
    opposite=st.one_of(st.none(), st.integers(1, 100)),
    scope=st.sampled_from(SCOPES),
    blocks=st.integers(1, 4),
)


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


@given(shares.filter(lambda rule: rule.percent > 50 and rule.scope != "some"), panels)
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
        ({"name": "share", "scope": "most"}, "rule.bad_scope"),
        ({"name": "share", "blocks": 0}, "rule.bad_blocks"),
        ({"name": "first", "n": 0}, "rule.bad_first"),
        ({"name": "loudest"}, "rule.unknown"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(data, key):
    with pytest.raises(BallotError) as refused:
        rule_from(data)
    assert refused.value.key == key


@given(st.one_of(st.none(), shares, st.builds(First, n=st.integers(1, 40))))
def test_a_stored_rule_comes_back_as_it_was(rule):
    assert rule_from(rule_data(rule)) == rule


@pytest.mark.parametrize("scope", SCOPES)
def test_each_rule_names_its_sentence_and_what_fills_it(scope):
    assert Share(75, scope=scope).words()[0] == f"rule.share.{scope}"
    key, values = Share(70, 15, scope, 3).words()
    assert key == f"rule.share.{scope}.opposite" and values == {"percent": 70, "opposite": 15, "blocks": 3}
    assert First(5).words() == ("rule.first", {"n": 5})
