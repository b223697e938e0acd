"""Ranking: what a ballot may say, what the list promises, and that two counts agree."""

import json
import re
from collections import defaultdict
from dataclasses import asdict, fields
from fractions import Fraction
from itertools import combinations, groupby
from pathlib import Path

import numpy as np
import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import ranking
from rounds.contract import Ballot, BallotError, Block, By, Role, Round, Statement
from rounds.measures.kemeny import kemeny
from rounds.measures.orders import borda, mean_rank, schulze
from rounds.measures.pairwise import pairwise, ranks_of
from rounds.ranking.pairs import FROM_PAIRS, ranks_of_pairs
from rounds.ranking.recount import ranking as recount
from rounds.rules import First, rule_data, rule_from

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

FOLDER = Path(ranking.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
CARDS = ("S01", "S02", "S03", "S04", "S05")
BLOCKS = ("patients", "clinicians", "managers")


def a_round(cards=CARDS, blocks=tuple((key, 5) for key in BLOCKS), rule=None, **settings):
    statements = tuple(Statement(card, {"en": card, "fr": card}, "en") for card in cards)
    listed = tuple(Block(key, (key,), seats) for key, seats in blocks)
    return Round("rank", "ranking", ranking.Settings(**settings), ("en", "fr"), listed, statements, rule)


def a_ballot(seq, seat, block, marks):
    return Ballot(seq, seat, Role.PARTICIPANT, block, ranking.slot(marks), marks)


def counted(ballots, round):
    count = ranking.start(round)
    for ballot in ballots:
        ranking.add(count, ballot, +1)
    return ranking.tally(count, round)


def counted_again(ballots, round):
    rows = [{"seq": b.seq, "alias": b.seat, "block": b.block, "slot": b.slot, "marks": b.marks} for b in ballots]
    return recount(
        {
            "settings": asdict(round.settings),
            "rule": rule_data(round.rule),
            "blocks": [{"key": block.key} for block in round.blocks],
            "statements": [statement.id for statement in round.statements],
        },
        rows,
    )


def figures(tally):
    found = {}
    for line in tally.lines:
        found.update({(line.statement, name, ""): value for name, value in line.values.items()})
        for block, row in line.by_block.items():
            found.update({(line.statement, name, block): value for name, value in row.items()})
    return found


def cast(**places):
    form = {f"place.{card}": [place] for card, place in places.items()}
    return ranking.read(form, a_round(top=3), By(Role.PARTICIPANT, "ann", "patients", "en"), None)


def refusal(**places):
    with pytest.raises(BallotError) as refused:
        cast(**places)
    return refused.value.key


@st.composite
def orders(draw):
    places = draw(st.dictionaries(st.sampled_from(CARDS), st.integers(1, 5), min_size=1))
    tiers = defaultdict(list)
    for card, place in sorted(places.items()):
        tiers[place].append(card)
    return {"order": [tiers[place] for place in sorted(tiers)]}


@st.composite
def panels(draw):
    cast = draw(st.lists(st.tuples(st.sampled_from(BLOCKS), orders()), max_size=12))
    return [a_ballot(seq, f"seat{seq}", block, marks) for seq, (block, marks) in enumerate(cast, start=1)]


rules = st.one_of(st.none(), st.builds(First, n=st.integers(1, 5)))
rounds = st.builds(a_round, unranked=st.sampled_from(["below", "absent"]), rule=rules)
ways = st.one_of(
    rounds,
    st.builds(a_round, unranked=st.sampled_from(["below", "absent"]), order=st.just("borda"), rule=rules),
    st.builds(a_round, order=st.sampled_from(FROM_PAIRS), rule=rules),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_worked_case_comes_out_as_worked_by_hand(case):
    round = a_round(case["statements"], case["blocks"], rule_from(case["rule"]), **case["settings"])
    latest = {}
    for seq, (seat, block, marks) in enumerate(case["ballots"], start=1):
        latest[seat] = a_ballot(seq, seat, block, marks)
    tally = counted(latest.values(), round)
    assert [line.statement for line in tally.lines] == [line["statement"] for line in case["lines"]]
    found, again = figures(tally), counted_again(latest.values(), round)
    for line in case["lines"]:
        rows = {"": {k: v for k, v in line.items() if k not in {"statement", "by_block"}}, **line.get("by_block", {})}
        for block, row in rows.items():
            for name, value in row.items():
                exact = Fraction(value) if isinstance(value, str) and "/" in value else value
                assert found[line["statement"], name, block] == exact, (line["statement"], name, block)
                assert again[line["statement"], name, block] == exact, (line["statement"], name, block)


def test_the_same_number_is_a_tie_and_gaps_are_closed():
    assert cast(S01="1", S02="3", S03="3", S04="") == {"order": [["S01"], ["S02", "S03"]]}


def test_places_are_read_in_their_order_whatever_the_order_of_the_cards():
    assert cast(S01="3", S05="1") == {"order": [["S05"], ["S01"]]}


@pytest.mark.parametrize("place", ["4", "0", "-1", "1.5", "first", "9" * 5000])
def test_a_place_outside_the_list_is_refused(place):
    assert refusal(S01=place) == "no_such_place"


def test_a_ballot_without_any_place_is_refused():
    assert refusal(S01="", S02=" ") == "place_one"


def test_a_card_of_another_round_is_refused():
    assert refusal(S99="1") == "no_such_card"


@pytest.mark.parametrize("settings", [{"top": 0}, {"top": 21}, {"unranked": "last"}, {"order": "lot"}])
def test_a_setting_that_makes_no_sense_is_refused(settings):
    with pytest.raises(BallotError):
        ranking.Settings(**settings)


@pytest.mark.parametrize("order", FROM_PAIRS)
def test_no_list_is_made_of_pairs_that_few_people_placed(order):
    with pytest.raises(BallotError) as refused:
        ranking.Settings(unranked="absent", order=order)
    assert refused.value.key == "pairs_of_few"


def test_a_round_of_before_there_was_a_choice_is_in_the_order_of_the_mean_rank():
    assert ranking.Settings(**{"top": 5, "unranked": "below"}).order == "mean_rank"
    ballots = [a_ballot(1, "ann", "patients", {"order": [["S02"], ["S01"]]})]
    rows = [{"seq": 1, "alias": "ann", "block": "patients", "slot": "", "marks": ballots[0].marks}]
    told = {"settings": {"top": 5, "unranked": "below"}, "rule": None, "blocks": [{"key": key} for key in BLOCKS]}
    assert recount({**told, "statements": list(CARDS)}, rows) == figures(counted(ballots, a_round()))


def test_only_kemeny_has_a_limit_of_statements():
    assert {order: ranking.most(ranking.Settings(order=order)) for order in ranking.CHOICES["order"]} == {
        "mean_rank": None,
        "borda": None,
        "schulze": None,
        "kemeny": 12,
    }


def test_one_ballot_a_seat_and_nothing_else_is_asked():
    assert ranking.slot(cast(S01="1")) == "" and ranking.asked(a_round(), None) == ("",)


def test_the_tidy_rows_share_the_best_place_of_a_tie():
    rows = ranking.answers({"order": [["S01"], ["S02", "S03"], ["S04"]]})
    assert [(row.statement, row.value) for row in rows] == [("S01", 1), ("S02", 2), ("S03", 2), ("S04", 4)]


def test_the_list_leaves_the_round_in_ranked_order_with_its_wordings():
    round = a_round(rule=First(1))
    tally = counted([a_ballot(1, "ann", "patients", {"order": [["S04"], ["S02"]]})], round)
    assert [statement.id for statement in tally.statements] == ["S04", "S02", "S01", "S03", "S05"]
    assert sorted(tally.statements, key=lambda statement: statement.id) == list(round.statements)
    assert tally.places["S04"].zone == "kept" and tally.places["S01"].zone == "dropped"


def test_without_a_rule_every_card_is_simply_ranked():
    assert {place.zone for place in counted([], a_round()).places.values()} == {"ranked"}


@given(panels(), panels(), ways, st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(standing, gone, round, chance):
    count = ranking.start(round)
    steps = [*standing, *gone]
    chance.shuffle(steps)
    for ballot in steps:
        ranking.add(count, ballot, +1)
    chance.shuffle(gone)
    for ballot in gone:
        ranking.add(count, ballot, -1)
    assert ranking.tally(count, round) == counted(standing, round)


@given(panels(), ways)
def test_who_holds_which_ballot_changes_nothing(ballots, round):
    renamed = [a_ballot(b.seq, f"other{99 - b.seq}", b.block, b.marks) for b in ballots]
    assert counted(renamed, round) == counted(ballots, round)


@given(panels(), ways)
def test_every_ballot_twice_changes_no_order(ballots, round):
    once, twice = counted(ballots, round), counted([*ballots, *ballots], round)
    assert [line.statement for line in once.lines] == [line.statement for line in twice.lines]
    assert [line.decision for line in once.lines] == [line.decision for line in twice.lines]
    for name in ("rank", "rank_balanced", "mean_rank"):
        assert [line.values[name] for line in once.lines] == [line.values[name] for line in twice.lines]


@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=9), st.permutations(CARDS), ways)
def test_what_everyone_agrees_on_is_the_list(blocks, order, round):
    marks = {"order": [[card] for card in order]}
    tally = counted([a_ballot(seq, f"seat{seq}", block, marks) for seq, block in enumerate(blocks)], round)
    assert [line.statement for line in tally.lines] == list(order)
    assert [line.values["rank"] for line in tally.lines] == [1, 2, 3, 4, 5]
    assert [line.values["rank_balanced"] for line in tally.lines] == [1, 2, 3, 4, 5]


@given(panels(), ways)
def test_the_whole_is_the_sum_of_the_blocks(ballots, round):
    for line in counted(ballots, round).lines:
        for name in ("n", "placed", "first"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())


@given(panels())
def test_mean_rank_gives_the_borda_order_of_the_pairs_won(ballots):
    """Points: cards beaten in each ballot, half a point for a card that stands level."""
    points = dict.fromkeys(CARDS, Fraction())
    for ballot in ballots:
        tiers = ballot.marks["order"]
        place = {card: tier for tier, cards in enumerate(tiers) for card in cards}
        for x, y in combinations(CARDS, 2):
            first, second = place.get(x, 99), place.get(y, 99)
            points[x] += Fraction(1 if first < second else 0 if first > second else Fraction(1, 2))
            points[y] += Fraction(1 if second < first else 0 if second > first else Fraction(1, 2))
    for line in counted(ballots, a_round(unranked="below")).lines:
        if ballots:
            assert line.values["mean_rank"] == len(CARDS) - points[line.statement] / len(ballots)


@given(panels(), ways.filter(lambda round: round.settings.unranked == "below"))
def test_the_list_is_the_order_of_its_method(ballots, round):
    rows = [ranks_of(ballot.marks["order"], CARDS) for ballot in ballots]
    ranks = np.array(rows, dtype=np.int64).reshape(len(ballots), len(CARDS))
    table, n = pairwise(ranks), len(ballots)
    found = {
        "mean_rank": lambda: mean_rank(ranks).value,
        "borda": lambda: borda(ranks).value,
        "schulze": lambda: schulze(table, n=n).value,
        "kemeny": lambda: kemeny(table, n=n).more.get("places"),
    }[round.settings.order]()
    lines = counted(ballots, round).lines
    listed = [(rank, {CARDS.index(line.statement) for line in tied}) for rank, tied in groupby(lines, by_rank)]
    assert [tied for rank, tied in listed if rank is not None] == list(map(set, found or ()))
    assert all(rank is not None for rank, _ in listed) or not ballots


def by_rank(line):
    return line.values["rank"]


@settings(max_examples=10)
@given(st.lists(st.permutations(range(12)), min_size=1, max_size=7), st.sampled_from(FROM_PAIRS))
def test_twelve_statements_are_counted_again_as_they_were(orders, order):
    cards = [f"S{number:02}" for number in range(12)]
    ballots = [
        a_ballot(seq, f"seat{seq}", BLOCKS[seq % 3], {"order": [[cards[at]] for at in each]})
        for seq, each in enumerate(orders)
    ]
    round = a_round(cards, order=order)
    assert counted_again(ballots, round) == figures(counted(ballots, round))


def test_weights_beyond_64_bits_make_no_other_list():
    table = np.array([[0, 3, 1], [2, 0, 3], [4, 2, 0]], dtype=object)
    for order in FROM_PAIRS:
        large, small = (ranks_of_pairs(order, table * times, 5) for times in (2**70, 1))
        assert large == small


@given(panels(), ways)
def test_the_recount_agrees_with_the_tally(ballots, round):
    assert counted_again(ballots, round) == figures(counted(ballots, round))


@given(panels(), ways)
def test_the_columns_are_the_figures_of_every_line(ballots, round):
    listed = ranking.columns(round.settings)
    for line in counted(ballots, round).lines:
        assert set(line.values) == {column.name for column in listed}
        for row in line.by_block.values():
            assert set(row) == {column.name for column in listed if column.by_block}


def sentences(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    assert not [message.id for message in catalog if message.fuzzy and message.id]
    return {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in catalog if m.id}


def placeholders(string):
    texts = [string] if isinstance(string, str) else string
    return set(re.findall(r"{(\w+)}", " ".join(texts)))


def test_every_sentence_exists_in_both_languages_and_takes_the_same_values():
    english, french = sentences("en"), sentences("fr")
    assert english.keys() == french.keys()
    for key, string in english.items():
        assert string and french[key] and placeholders(string) == placeholders(french[key]), key


def test_every_refusal_column_and_setting_has_its_sentence():
    source = (FOLDER / "__init__.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'BallotError\("(\w+)"', source)) | {"title", "what"}
    keys |= {f"setting.order.{order}.hint" for order in ranking.CHOICES["order"]}
    for order in ranking.CHOICES["order"]:
        chosen = ranking.Settings(order=order)
        keys |= {f"column.{column.name}" for column in ranking.columns(chosen)} | {ranking.means(chosen)}
    keys |= {f"setting.{field.name}" for field in fields(ranking.Settings)}
    keys |= {f"setting.{name}.{choice}" for name, choices in ranking.CHOICES.items() for choice in choices}
    assert keys - sentences("en").keys() == set()
