"""The slow figures of a ranking round: they speak of the list as it was counted, by the names of the statements."""

import json
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.listing import LEVEL, RESAMPLES
from rounds.measures.orders import borda, copeland, instant_runoff, ranked_pairs, schulze
from rounds.measures.pairwise import balanced_weights, pairwise, ranks_of
from rounds.measures.phrases import certainty_of
from rounds.measures.result import as_data
from rounds.ranking import analyse, findings
from rounds.rules import First
from tests.rounds.test_ranking import BLOCKS, CARDS, a_ballot, a_round, counted, panels, rounds, ways

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

SURE = {"bootstrap": "rank", "bootstrap_balanced": "rank_balanced"}
ORDERS = ("borda", "copeland", "schulze", "ranked_pairs", "kemeny", "instant_runoff")
WORTHS = ("bradley_terry", "plackett_luce")
UNRANKED = ("below", "absent")
METHODS = tuple(name + end for name in (*ORDERS, *WORTHS) for end in ("", "_balanced"))
ABSENT = {*SURE, "side_by_side"}  # of two cards beside each other nothing is told: they rest on who placed both
WHOLE = {"below": {*ABSENT, "edge_margin", "ranking_w", "readings", *METHODS}, "absent": ABSENT}


def of(found):
    told = {(finding.statement, finding.measure): finding.result for finding in found}
    assert len(told) == len(found), "each figure is told once"
    return told


def plain(found):
    """As it is stored: text of JSON without a number that JSON does not know."""
    data = [(f.statement, f.measure, as_data(f.result)) for f in found]
    return json.dumps(data, allow_nan=False, sort_keys=True)


def cast(*orders, block=lambda seat: BLOCKS[seat % 3]):
    """A ballot for each order; an order is a word of digits, 1 = the first card, tied ones after "=": "12=3"."""
    ballots = []
    for seat, order in enumerate(orders):
        tiers = []
        for sign in order.replace("=", " ="):
            if sign.isdigit() and tiers and tiers[-1] == "=":
                tiers.pop()
                tiers[-1].append(CARDS[int(sign) - 1])
            elif sign.isdigit():
                tiers.append([CARDS[int(sign) - 1]])
            elif sign == "=":
                tiers.append(sign)
        ballots.append(a_ballot(seat + 1, f"seat{seat}", block(seat), {"order": tiers}))
    return ballots


def listed(tally, name):
    """The order of a line's ranks: statements of one rank together, those without one left out."""
    ranked = sorted((line.values[name], line.statement) for line in tally.lines if line.values[name] is not None)
    return [{card for _, card in tied} for _, tied in groupby(ranked, key=lambda pair: pair[0])]


def first(round):
    return min(round.rule.n if round.rule else round.settings.top, len(round.statements))


@settings(max_examples=20)
@given(panels(), rounds)
def test_the_order_drawn_again_is_that_of_the_list_ties_included(ballots, round):
    told, tally = of(analyse(round, ballots, (), 1)), counted(ballots, round)
    for name, column in SURE.items():
        found = told["", name]
        if found.value is None:
            assert found.reason == ("n1" if ballots else "empty")
        else:
            assert list(map(set, found.value)) == listed(tally, column)


@settings(max_examples=20)
@given(panels(), rounds)
def test_both_lists_of_first_places_are_the_ranks_of_the_list(ballots, round):
    """A statement stands in the first places where its rank does: that is the rule's own reading of a tie."""
    found, tally = of(analyse(round, ballots, (), 1))["", "side_by_side"], counted(ballots, round)
    if not ballots:
        assert found.reason == "empty" and not found.more
        return
    tops = [
        {line.statement for line in tally.lines if line.values[name] and line.values[name] <= first(round)}
        for name in ("rank", "rank_balanced")
    ]
    assert [set(found.more[side]) for side in ("pooled_top", "balanced_top")] == tops
    assert found.value == tuple(sorted(tops[0] ^ tops[1])) and found.n == len(ballots)
    if isinstance(round.rule, First):
        assert tops[0] == {line.statement for line in tally.lines if line.decision == "kept"}


def test_a_large_block_and_a_small_one_list_other_first_places():
    """Mean ranks: over all four people 1.5, 1.75 and 2.75; over the two blocks 2, 1.5 and 2.5."""
    ballots = cast("123", "123", "123", "231", block=lambda seat: BLOCKS[seat > 2])
    found = of(analyse(a_round(CARDS[:3], rule=First(1)), ballots, (), 1))["", "side_by_side"]
    assert found.more == {"pooled_top": ("S01",), "balanced_top": ("S02",)} and found.value == ("S01", "S02")
    assert found.parameters == {"k": 1, "unranked": "below"} and found.flags == ("small_group",)
    assert not of(analyse(a_round(), cast(*["12"] * 15), (), 1))["", "side_by_side"].flags


def test_what_was_left_out_of_a_ballot_says_nothing_in_either_list_where_it_is_absent():
    """One first place stands above 1, 1, 2 although three people placed the other: so does the list."""
    ballots = cast("1", "2=1", "21", "3", block=lambda seat: BLOCKS[seat > 2])
    round = a_round(CARDS[:3], rule=First(1), unranked="absent")
    assert listed(counted(ballots, round), "rank") == [{"S03"}, {"S02"}, {"S01"}]
    assert of(analyse(round, ballots, (), 1))["", "side_by_side"].more["pooled_top"] == ("S03",)


@settings(max_examples=20)
@given(panels(), rounds)
def test_a_band_lies_on_the_list_and_cannot_be_far_from_the_mean_rank(ballots, round):
    """A twentieth of the resamples at most lies on either side of the band: so far can they pull the mean."""
    tail, size = (1 - LEVEL) / 2, len(round.statements)
    for f in analyse(round, ballots, (), 1):
        if f.statement:
            (low, high), mean = f.result.value, f.result.more["mean_rank"]
            assert 1 <= low <= high <= size and 0 <= f.result.more["p_top"] <= f.result.more["p_kept"] <= 1
            assert low - tail * (low - 1) <= mean + 1e-9 and mean <= high + tail * (size - high) + 1e-9


@settings(max_examples=20)
@given(panels(), rounds)
def test_chances_to_be_among_the_first_share_out_the_first_places(ballots, round):
    told, k = analyse(round, ballots, (), 1), first(round)
    for name in SURE:
        rows = [f.result.more for f in told if f.measure == name and f.statement]
        places = sum(row["p_top"] * row["ranked"] for row in rows) / RESAMPLES
        if rows and round.settings.unranked == "below":
            assert len(rows) == len(round.statements) and {row["ranked"] for row in rows} == {RESAMPLES}
            assert places == pytest.approx(k)
        assert places <= k + 1e-9, "and a resample that ranks fewer than k leaves places over"


def test_the_whole_figure_and_those_of_the_statements_are_one():
    ballots = cast("12345", "21345", "13", "2=31", "54", "1", "123")
    told = of(analyse(a_round(top=2), ballots, (), 1))
    for name in SURE:
        whole = told["", name]
        for place, card in enumerate(whole.more["statements"]):
            alone = told[card, name]
            assert alone.value == (whole.more["low"][place], whole.more["high"][place])
            figures = {key: whole.more[key][place] for key in ("mean_rank", "p_top", "p_kept", "ranked")}
            at = [place for tied in whole.value for place in tied].index(card) + 1
            assert alone.more == {**figures, "first": at, "last": at, "listed": 5}, "nothing ties here"
        assert whole.more["people"] == {"patients": 3, "clinicians": 2, "managers": 2}
        assert whole.parameters["k"] == 2 and whole.parameters["seed"] == 1


def test_each_order_is_its_measure_by_the_names_of_the_statements():
    ballots = cast("12345", "21", "13", "2=31", "54", "1", "123", "4=5=1")
    told = of(analyse(a_round(), ballots, (), 1))
    ranks = np.array([ranks_of(b.marks["order"], CARDS) for b in ballots])
    weights, _ = balanced_weights(np.array([BLOCKS.index(b.block) for b in ballots]))
    for end, weight in (("", None), ("_balanced", weights)):
        table = pairwise(ranks, weights=weight)
        by_hand = {
            "borda": borda(ranks, weights=weight),
            "copeland": copeland(table, n=8),
            "schulze": schulze(table, n=8),
            "ranked_pairs": ranked_pairs(table, n=8),
            "instant_runoff": instant_runoff(ranks, weights=weight),
        }
        for name, result in by_hand.items():
            found = told["", name + end]
            assert found.value == tuple(tuple(CARDS[place] for place in tied) for tied in result.value), name
            assert (found.n, found.flags, found.parameters) == (result.n, result.flags, result.parameters)


def test_whatever_names_a_statement_names_it_by_its_number():
    """A circle of three: everybody is first for somebody."""
    told = of(analyse(a_round(), cast("123", "231", "312"), (), 1))
    assert set(told["", "schulze"].more["winners"]) == {"S01", "S02", "S03"}
    assert set(told["", "ranked_pairs"].more["left_out"]) == {("S01", "S02"), ("S02", "S03"), ("S03", "S01")}
    assert told["", "kemeny"].more["unique"] is False
    assert {card for tied in told["", "kemeny"].more["alternative"] for card in tied} == set(CARDS)
    few = of(analyse(a_round(unranked="absent"), cast("12", "12", "12", "12", "21", "12"), (), 1))
    neighbours = few["", "bootstrap"].more["neighbours"]
    assert neighbours == (("S01", "S02"),)
    assert ("S03", "bootstrap") not in few, "of a statement nobody placed nothing is told"


@settings(max_examples=10)
@given(panels(), rounds, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_ballots_nor_the_names_of_the_seats_move_a_figure(ballots, round, chance):
    renamed = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    chance.shuffle(renamed)
    assert plain(analyse(round, renamed, (), 4)) == plain(analyse(round, ballots, (), 4))


@settings(max_examples=10)
@given(panels(), rounds, st.permutations(CARDS))
def test_statements_under_other_names_stand_in_the_same_places(ballots, round, names):
    """The cards are the same set in another order; of several orders with the fewest contradictions one is shown."""
    named = dict(zip(CARDS, names, strict=True))
    other = [
        a_ballot(b.seq, b.seat, b.block, {"order": [[named[card] for card in tier] for tier in b.marks["order"]]})
        for b in ballots
    ]
    told, again = (of(analyse(round, cast, (), 4)) for cast in (ballots, other))
    methods = [name for name in METHODS if ("", name) in told]
    for name in (*SURE, *(name for name in methods if name.removesuffix("_balanced") in ORDERS)):
        one, two = told["", name], again["", name]
        assert (one.reason, one.n, one.flags) == (two.reason, two.n, two.flags), name
        if one.value is not None and not ("kemeny" in name and "not_unique" in one.flags):
            assert [{named[card] for card in tied} for tied in one.value] == list(map(set, two.value)), name
    one, two = told["", "side_by_side"], again["", "side_by_side"]
    assert {named[card] for card in one.value or ()} == set(two.value or ())
    for name in (name for name in methods if name.removesuffix("_balanced") in WORTHS):
        one, two = told["", name], again["", name]
        assert one.reason == two.reason
        if one.value is not None:
            worth = dict(zip(CARDS, two.more["worth"], strict=True))
            assert one.more["worth"] == pytest.approx([worth[named[card]] for card in CARDS], abs=1e-5)


@settings(max_examples=15)
@given(panels(), rounds)
def test_every_figure_is_plain_json_and_every_missing_one_has_its_reason(ballots, round):
    found = analyse(round, ballots, (), 1)
    assert json.loads(plain(found))
    assert all((f.result.value is None) == bool(f.result.reason) for f in found)
    assert {f.measure for f in found if not f.statement} == WHOLE[round.settings.unranked]


@settings(max_examples=8)
@given(panels(), rounds)
def test_who_is_in_no_block_counts_nowhere(ballots, round):
    outside = [a_ballot(90 + b.seq, f"other{b.seat}", None, b.marks) for b in ballots]
    assert plain(analyse(round, [*ballots, *outside], (), 1)) == plain(analyse(round, ballots, (), 1))


@pytest.mark.parametrize("unranked", UNRANKED)
def test_a_round_nobody_answered_gives_reasons_and_no_figure(unranked):
    found = analyse(a_round(unranked=unranked), (), (), 1)
    assert {f.measure for f in found} == WHOLE[unranked] and all(f.result.reason == "empty" for f in found)
    assert analyse(a_round(cards=(), unranked=unranked), (), (), 1) == ()


def test_one_person_alone_is_the_list_and_nobody_can_be_drawn_instead():
    told = of(analyse(a_round(), cast("31425"), (), 1))
    assert told["", "bootstrap"].reason == told["", "bootstrap_balanced"].reason == "n1"
    order = (("S03",), ("S01",), ("S04",), ("S02",), ("S05",))
    assert {told["", name + end].value for name in ORDERS[:-1] for end in ("", "_balanced")} == {order}
    assert told["", "instant_runoff"].value[0] == ("S03",), "nobody else has a first place: out go all of them at once"
    assert told["", "side_by_side"].value == () and not {card for card, _ in told} - {""}


def test_two_people_of_two_blocks_cannot_be_drawn_either_and_of_one_block_can():
    apart, together = cast("12345", "54321"), cast("12345", "54321", block=lambda seat: BLOCKS[0])
    assert of(analyse(a_round(), apart, (), 1))["", "bootstrap"].reason == "n1"
    found = of(analyse(a_round(), together, (), 1))["", "bootstrap"]
    assert found.value == (CARDS,) and "small_group" in found.flags, "opposite lists: everything ties"


def test_where_most_people_are_alone_in_their_block_nobody_can_be_drawn_instead():
    """Two blocks of one and one of two would vary a little, and look sure: of four people two are alone."""
    blocks = ("patients", "clinicians", "managers", "managers", "managers")
    told = of(analyse(a_round(), cast("12345", "21345", "12345", "13245", block=lambda seat: blocks[seat]), (), 1))
    assert told["", "bootstrap"].value is not None, "half of them are not"
    lone = cast("12345", "21345", "31245", "13245", "12345", block=lambda seat: ("a", "b", "c", "d", "d")[seat])
    found = of(analyse(a_round(blocks=tuple((key, 1) for key in "abcd")), lone, (), 1))
    assert found["", "bootstrap"].reason == "n1" and found["", "bootstrap"].more["alone"] == 3
    assert ("S01", "bootstrap") not in found and found["", "bootstrap"].more["order"][0] == ("S01",)


def test_where_everybody_ties_everything_so_does_every_order():
    told = of(analyse(a_round(top=2), cast(*["1=2=3=4=5"] * 9), (), 1))
    for name in ("bootstrap", "borda", "copeland", "schulze", "ranked_pairs", "instant_runoff"):
        for end in ("", "_balanced"):
            assert told["", name + end].value == (CARDS,), name
    assert told["", "kemeny"].more["unique"] is False and "not_unique" in told["", "kemeny"].flags
    assert told["", "side_by_side"].value == () and told["", "side_by_side"].more["pooled_top"] == CARDS
    assert told["", "kemeny"].more["places"] == (CARDS,), "no place in the order of the file"
    assert told["S01", "bootstrap"].value == (3, 3) and told["S01", "bootstrap"].more["p_top"] == pytest.approx(2 / 5)
    assert told["S01", "bootstrap"].more["p_kept"] == 1
    assert "no_variation" in told["", "bootstrap"].flags, "a band without a width is no certainty"
    assert certainty_of(told["S01", "bootstrap"]) == ("top.tied", {"n": 2}), "two places shared by five"


@pytest.mark.parametrize("unranked", UNRANKED)
@pytest.mark.parametrize("people", [0, 1, 2, 6])
def test_one_statement_is_first(people, unranked):
    found = analyse(a_round(CARDS[:1], unranked=unranked), cast(*["1"] * people, block=lambda seat: BLOCKS[0]), (), 1)
    told = of(found)
    assert json.loads(plain(found))
    for name in SURE:
        assert told["", name].value == ((("S01",),) if people > 1 else None)
    assert {told["", name].reason for name in WORTHS if unranked == "below"} <= {"empty", "no_pairs", "not_connected"}
    assert told["", "side_by_side"].value == (() if people else None)


def test_a_short_list_of_few_statements_asks_for_no_more_than_there_are():
    told = of(analyse(a_round(CARDS[:3], top=9), cast("123", "123", "213", "123", "132"), (), 1))
    assert told["", "bootstrap"].parameters["k"] == told["", "side_by_side"].parameters["k"] == 3


def test_the_same_seed_gives_the_same_figures_and_is_told():
    ballots = cast("12345", "21", "13", "2=31", "54", "1", "123", "4=5=1")
    assert plain(analyse(a_round(), ballots, (), 8)) == plain(analyse(a_round(), ballots, (), 8))
    told, other = (of(analyse(a_round(), ballots, (), seed)) for seed in (8, 9))
    drawn = {key for key, result in told.items() if result.parameters.get("seed") == 8}
    assert {name for _, name in drawn} == {*SURE, "ranking_w"}
    moved = {key for key in told if as_data(told[key]) != as_data(other[key])}
    assert moved == drawn


def test_an_order_that_is_not_proven_is_flagged(monkeypatch):
    """Twenty statements in which nobody agrees with anybody, and no time to search."""
    monkeypatch.setattr(findings, "PATIENCE", 0.0)
    cards = tuple(f"S{n:02}" for n in range(1, 21))
    chance = np.random.default_rng(2)
    ballots = [
        a_ballot(seat, f"seat{seat}", BLOCKS[seat % 3], {"order": [[str(card)] for card in chance.permutation(cards)]})
        for seat in range(9)
    ]
    found = of(analyse(a_round(cards, top=20), ballots, (), 1))["", "kemeny"]
    assert "not_proven" in found.flags and found.more["unique"] is None and found.parameters["time_limit"] == 0
    assert found.more["bound"] > found.more["score"] and len(found.value) == 20


def test_how_sure_a_first_place_is_follows_from_its_chance_and_the_length_of_the_list():
    told = of(analyse(a_round(top=2), cast(*["12345"] * 9, "13245", "31245"), (), 1))
    keys = [certainty_of(told[card, "bootstrap"]) for card in CARDS]
    assert keys[0] == ("top.firm", {"n": 2}) and keys[4] == ("top.outside", {"n": 2})
    tied = of(analyse(a_round(top=2), cast(*["123", "132"] * 6, block=lambda seat: BLOCKS[0]), (), 1))
    assert [certainty_of(tied[card, "bootstrap"])[0] for card in CARDS[:3]] == ["top.firm", "top.tied", "top.tied"]
    whole = of(analyse(a_round(CARDS[:2], top=2), cast(*["12", "21"] * 6), (), 1))["S01", "bootstrap"]
    assert certainty_of(whole) is None, "everything is among the first"


def test_a_statement_inside_the_list_is_never_said_to_be_just_outside():
    """Nine people, places for two: one statement leads, four share the rest. The second has the second rank."""
    ballots = cast("12", "13", "14", "12", "13", "14", "12", "15", "15", block=lambda seat: BLOCKS[0])
    told = of(analyse(a_round(top=2), ballots, (), 1))
    second = told["S02", "bootstrap"]
    assert (second.more["first"], second.more["last"]) == (2, 3) or second.more["p_top"] < 0.5
    said = [certainty_of(told[card, "bootstrap"]) for card in CARDS]
    lines = counted(ballots, a_round(top=2)).lines
    for card, (key, _) in zip(CARDS, said, strict=True):
        rank = next(line.values["rank"] for line in lines if line.statement == card)
        assert (key in ("top.close", "top.near", "top.outside")) == (rank > 2), (card, key, rank)


def test_how_few_ballots_would_change_the_list_is_counted():
    few = of(analyse(a_round(CARDS[:4], top=2), cast(*["1234"] * 4, *["2134"] * 3, *["3142"] * 2), (), 1))
    margin = few["", "edge_margin"]
    assert (margin.value, margin.n, margin.more["inside"], margin.more["outside"]) == (1, 9, "S02", "S03")
    assert ("", "edge_margin") not in of(analyse(a_round(unranked="absent"), cast("12", "21"), (), 1))
    one = of(analyse(a_round(CARDS[:4], top=1), cast(*["1"] * 4, *["2"] * 3), (), 1))["", "edge_margin"]
    assert one.parameters["limit"] == 1, "with one place everything else is left out together"


def test_how_far_people_agree_on_the_order_is_told_with_what_short_ballots_mean():
    found = of(analyse(a_round(), cast("123", "132", "213", "124", "12"), (), 1))["", "ranking_w"]
    assert found.parameters["places"] == "3 of 5" and found.parameters["unranked"] == "below"
    assert 0 < found.value < 1 and found.n == 5 and found.more["p_permuted"] <= 1


def test_a_place_that_few_resamples_gave_at_all_is_not_sure():
    sure = of(analyse(a_round(top=2), cast(*["12345"] * 9, "13245"), (), 1))["S01", "bootstrap"]
    rare = replace(sure, more={**sure.more, "ranked": RESAMPLES // 100})
    assert certainty_of(sure)[0] == "top.firm" and certainty_of(rare)[0] == "top.unsure"


def test_findings_from_before_places_were_kept_say_nothing_of_certainty():
    sure = of(analyse(a_round(top=2), cast(*["12345"] * 9, "13245"), (), 1))["S01", "bootstrap"]
    older = {key: value for key, value in sure.more.items() if key not in ("first", "last", "listed")}
    assert certainty_of(replace(sure, more=older)) is None


@settings(max_examples=20)
@given(panels(), ways)
def test_both_lists_beside_each_other_are_those_of_the_round_whatever_its_order(ballots, round):
    told, tally = of(analyse(round, ballots, (), 1)), counted(ballots, round)
    sides = told["", "side_by_side"]
    if sides.value is not None:
        for name, column in (("pooled_top", "rank"), ("balanced_top", "rank_balanced")):
            kept = {line.statement for line in tally.lines if (line.values[column] or 99) <= first(round)}
            assert set(sides.more[name]) == kept


@pytest.mark.parametrize(
    ("unranked", "order", "has_bands"),
    [("below", "borda", True), ("absent", "borda", False), ("below", "schulze", False), ("below", "kemeny", False)],
)
def test_bands_and_margins_of_mean_ranks_stand_beside_no_other_list(unranked, order, has_bands):
    told = of(analyse(a_round(unranked=unranked, order=order), cast("12", "21", "13", "31", "12", "21"), (), 1))
    assert ({*SURE, "edge_margin"} <= {name for _, name in told}) == has_bands
    assert ("", "schulze") in told or unranked == "absent"


def read(told):
    """The places of each reading, by family and way."""
    return {(one["family"], one["way"]): one["places"] for one in told["", "readings"].more["readings"]}


@settings(max_examples=20)
@given(panels(), rounds)
def test_every_reading_is_the_list_that_its_ballots_give_alone(ballots, round):
    """Without a block: the list of the others. Kept in all readings is who is among the first in each."""
    told = of(analyse(round, ballots, (), 1))
    found = told.get(("", "readings"))
    if round.settings.unranked == "absent" or found.value is None:
        assert found is None or found.reason in {"empty", "no_edge"}
        return
    readings, k = read(told), first(round)
    ranked = {line.statement: line.values["rank"] for line in counted(ballots, round).lines}
    assert list(readings["list", ""]) == [ranked[card] for card in found.more["statements"]]
    for (family, way), places in readings.items():
        if family == "group":
            assert round.settings.order in {"mean_rank", "borda"}, "pairs are told of no group"
            others = counted([ballot for ballot in ballots if ballot.block != way], round)
            alone = {line.statement: line.values["rank"] for line in others.lines}
            assert list(places) == [alone[card] for card in found.more["statements"]]
    tops = [
        {c for c, p in zip(found.more["statements"], places, strict=True) if p <= k} for places in readings.values()
    ]
    assert set(found.value) == set.intersection(*tops)
    assert set(found.more["never"]) == set(found.more["statements"]) - set.union(*tops)


def test_a_list_of_pairs_is_read_without_no_group_and_one_of_a_single_group_neither():
    ballots = cast("12345", "21345", "13245", "12354", "21345", "12345")
    families = {
        family for family, _ in read(of(analyse(a_round(top=5, order="schulze", rule=First(2)), ballots, (), 1)))
    }
    assert families == {"list", "method"}, "and at one weight a group it is the same list"
    alone = cast("12345", "21345", "13245", block=lambda seat: BLOCKS[0])
    assert "group" not in {family for family, _ in read(of(analyse(a_round(rule=First(2)), alone, (), 1)))}


def test_kemeny_is_no_reading_where_it_is_not_the_only_one():
    ballots = cast("123", "231", "312", block=lambda seat: BLOCKS[0])
    told = of(analyse(a_round(CARDS[:3], rule=First(1)), ballots, (), 1))
    assert ("method", "kemeny") not in read(told) and ("method", "median") in read(told)
    assert told["", "readings"].value == CARDS[:3], "all tie in each reading, and a tie is in as a whole"
