"""Rating: what a ballot may say, what its figures promise, and that two counts agree."""

import json
import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rounds import rating
from rounds.contract import Ballot, BallotError, Block, By, Decision, Role, Round, Statement
from rounds.rating.recount import rating as recount
from rounds.rules import SCOPES, Majority, Ram, Share, Spread, rule_data, rule_from

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

FOLDER = Path(rating.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
CARDS = ("S01", "S02", "S03")
BLOCKS = ("patients", "clinicians", "managers")


def a_round(cards=CARDS, blocks=tuple((key, 5) for key in BLOCKS), rule=None, **settings):
    statements = tuple(Statement(card, {"en": card, "fr": card}, "en") for card in cards)
    listed = tuple(Block(key, (key,), seats) for key, seats in blocks)
    return Round("rate", "rating", rating.Settings(**settings), ("en", "fr"), listed, statements, rule)


def a_ballot(seq, seat, block, card, values):
    return Ballot(seq, seat, Role.PARTICIPANT, block, card, {"card": card, "values": values, "reason": ""})


def counted(ballots, round):
    count = rating.start(round)
    for ballot in ballots:
        rating.add(count, ballot, +1)
    return rating.tally(count, round)


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


def cast(settings=None, **fields):
    form = {"card": ["S01"], **{name: [value] for name, value in fields.items()}}
    return rating.read(form, a_round(**(settings or {})), By(Role.PARTICIPANT, "ann", "patients", "en"), None)


def refusal(**fields):
    with pytest.raises(BallotError) as refused:
        cast(**fields)
    return refused.value.key


rules = st.one_of(
    st.none(),
    st.builds(
        Share,
        percent=st.integers(1, 100),
        opposite=st.one_of(st.none(), st.integers(1, 100)),
        scope=st.sampled_from(SCOPES),
        blocks=st.integers(1, 3),
    ),
    st.builds(Share, percent=st.sampled_from(["66.7", "33.3", "99.9"]), opposite=st.sampled_from([None, "12.5"])),
    st.builds(Ram, method=st.sampled_from(["ipras", "classic"]), kind=st.integers(1, 9)),
    st.builds(Spread, median=st.sampled_from([3, "3.5", 7]), iqr=st.sampled_from([1, "1.5"]), kind=st.integers(1, 9)),
    st.just(Majority()),
)
rounds = st.builds(
    a_round, scale=st.sampled_from(list(rating.SCALES)), second=st.sampled_from(["", "feasibility"]), rule=rules
)


@st.composite
def played(draw):
    """A round and standing ballots: at most one of each seat and card."""
    round = draw(rounds)
    value = st.one_of(st.integers(1, rating.SCALES[round.settings.scale].top), st.just("dont_know"))
    answers = {"importance": value}
    second = {"feasibility": value} if round.settings.second else {}
    scores = st.fixed_dictionaries(answers, optional=second)
    cast = draw(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(CARDS), scores), max_size=25))
    latest = {(seat, card): values for seat, card, values in cast}
    ballots = [
        a_ballot(seq, f"seat{seat}", BLOCKS[seat % 3], card, values)
        for seq, ((seat, card), values) in enumerate(latest.items(), start=1)
    ]
    return round, ballots


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_worked_case_comes_out_as_worked_by_hand(case):
    round = a_round(("S01",), case["blocks"], rule_from(case["rule"]), **case["settings"])
    people = [(block, values) for block, number, values in case["ballots"] for _ in range(number)]
    ballots = [a_ballot(seq, f"seat{seq}", block, "S01", values) for seq, (block, values) in enumerate(people)]
    found, again = figures(counted(ballots, round)), counted_again(ballots, round)
    rows = {"": {k: v for k, v in case["line"].items() if k != "by_block"}, **case["line"].get("by_block", {})}
    for block, row in rows.items():
        for name, value in row.items():
            assert found["S01", name, block] == value, (name, block)
            assert again["S01", name, block] == value, (name, block)


def test_a_score_and_a_reason_are_taken():
    assert cast(importance="9", reason=" it saves lives ") == {
        "card": "S01",
        "values": {"importance": 9},
        "reason": "it saves lives",
    }


def test_i_do_not_know_is_an_answer():
    assert cast(importance="dont_know")["values"] == {"importance": "dont_know"}


@pytest.mark.parametrize("score", ["0", "10", "-3", "7.5", "high", "9" * 5000])
def test_a_score_off_the_scale_is_refused(score):
    assert refusal(importance=score) == "off_scale"


def test_no_score_is_refused():
    assert refusal() == "choose_one" and refusal(reason="because") == "choose_one"


def test_the_first_score_is_needed_before_the_second():
    assert refusal(settings={"second": "feasibility"}, feasibility="3") == "choose_one"


def test_a_card_of_another_round_is_refused():
    assert refusal(card="S99", importance="5") == "no_such_card"


def test_a_reason_that_was_not_asked_for_is_not_kept():
    assert cast(settings={"reason": False}, importance="5", reason="because")["reason"] == ""


@pytest.mark.parametrize("settings", [{"scale": "1-10"}, {"criterion": "beauty"}, {"second": "importance"}])
def test_a_setting_that_makes_no_sense_is_refused(settings):
    with pytest.raises(BallotError):
        rating.Settings(**settings)


def test_each_card_is_asked_and_a_later_answer_to_it_replaces_the_earlier():
    assert rating.slot(cast(importance="5")) == "S01" and rating.asked(a_round(), None) == CARDS


def test_a_card_nobody_answered_differs_from_one_nobody_could_judge():
    unsure = a_ballot(1, "ann", "patients", "S01", {"importance": "dont_know"})
    tally = counted([unsure], a_round(rule=Share(70)))
    assert [tally.line(card).values["dont_know"] for card in ("S01", "S02")] == [1, 0]
    assert [tally.line(card).values["n"] for card in ("S01", "S02")] == [0, 0]
    assert tally.line("S01").values["median"] is None


@given(played(), st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(play, chance):
    round, ballots = play
    gone = chance.sample(ballots, len(ballots) // 2)
    standing = [ballot for ballot in ballots if ballot not in gone]
    steps = chance.sample(ballots, len(ballots))
    count = rating.start(round)
    for ballot in steps:
        rating.add(count, ballot, +1)
    for ballot in gone:
        rating.add(count, ballot, -1)
    assert rating.tally(count, round) == counted(standing, round)


@given(played())
def test_who_holds_which_ballot_changes_nothing(play):
    round, ballots = play
    renamed = [a_ballot(99 - b.seq, f"other{b.seat}", b.block, b.slot, b.marks["values"]) for b in ballots]
    assert counted(renamed, round) == counted(ballots, round)


@given(played())
def test_every_ballot_twice_decides_the_same_by_shares(play):
    """Quartiles and panel sizes are another matter: those follow the number of people."""
    round, ballots = play
    assume(not isinstance(round.rule, Ram | Spread))
    once, twice = counted(ballots, round), counted([*ballots, *ballots], round)
    assert [line.decision for line in once.lines] == [line.decision for line in twice.lines]
    assert [line.values.get("median") for line in once.lines] == [line.values.get("median") for line in twice.lines]


@given(st.lists(st.sampled_from(BLOCKS), min_size=1), st.sampled_from(SCOPES), st.integers(1, 100))
def test_a_card_everyone_scores_high_is_kept_and_low_is_dropped(blocks, scope, percent):
    round = a_round(rule=Share(percent, 15, scope))
    ballots = [
        a_ballot(seq, f"seat{seq}", block, card, {"importance": score})
        for seq, block in enumerate(blocks)
        for card, score in (("S01", 9), ("S02", 1))
    ]
    decisions = [line.decision for line in counted(ballots, round).lines]
    assert decisions == [Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED]


@given(played())
def test_the_whole_is_the_sum_of_the_blocks_and_the_bands_are_the_answers(play):
    round, ballots = play
    for line in counted(ballots, round).lines:
        for name in ("n", "dont_know", "low", "mid", "high"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())
        assert line.values["low"] + line.values["mid"] + line.values["high"] == line.values["n"]


@given(played())
def test_the_recount_agrees_with_the_tally(play):
    round, ballots = play
    left_alone = {column.name for column in rating.columns(round.settings) if not column.counted}
    given = {key: value for key, value in figures(counted(ballots, round)).items() if key[1] not in left_alone}
    again = counted_again(ballots, round)
    ranks = [again.pop((card, "rank", "")) for card in CARDS]  # of the list, not of the round: see test_results.py
    assert again == given and all(1 <= rank <= len(CARDS) for rank in ranks)


@given(played())
def test_the_columns_are_the_figures_of_every_line(play):
    round, ballots = play
    listed = rating.columns(round.settings)
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
    keys |= {f"column.{column.name}" for column in rating.columns(rating.Settings(second="feasibility"))}
    keys |= {f"setting.{field.name}" for field in fields(rating.Settings)}
    keys |= {f"setting.{name}.{choice}" for name, choices in rating.CHOICES.items() for choice in choices}
    keys |= {f"ask.{criterion}" for criterion in rating.CRITERIA}
    keys |= {f"band.{criterion}.{band}" for criterion in rating.CRITERIA for band in ("low", "mid", "high")}
    assert keys - sentences("en").keys() == set()
