"""Gather: forms, numbering, withdrawal. Worked examples stand in rounds/gather/cases.json."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from rounds import gather
from rounds.contract import Ballot, BallotError, Block, By, Role, Round
from rounds.gather.recount import gather as recount
from rounds.lineage import Stage, breaches

FOLDER = Path(gather.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
FRANCINE = By(Role.PARTICIPANT, "francine", "patients", "fr")
BLOCKS = (Block("patients", ("patients",), 5), Block("clinicians", ("clinicians",), 6))


def round_of(**settings):
    return Round("r1", "gather", gather.Settings(**settings), ("en", "fr"), BLOCKS, ())


def ballot(seat, card, text, lang="en", nature="", seq=1, block="patients"):
    marks = {"card": card, "text": text, "lang": lang, "nature": nature}
    return Ballot(seq, seat, Role.PARTICIPANT, block, card, marks)


def tally_of(ballots):
    count = gather.start(round_of())
    for each in ballots:
        gather.add(count, each, +1)
    return gather.tally(count, round_of())


@pytest.mark.parametrize("case", CASES["forms"], ids=lambda case: case["why"])
def test_a_form_is_read_as_the_worked_example_says(case):
    round = round_of(**case.get("settings", {}))
    if "error" not in case:
        assert gather.read(case["form"], round, FRANCINE, None) == case["marks"]
        return
    with pytest.raises(BallotError) as refused:
        gather.read(case["form"], round, FRANCINE, None)
    assert refused.value.key == case["error"]


@pytest.mark.parametrize("case", CASES["tallies"], ids=lambda case: case["why"])
def test_proposals_are_numbered_as_the_worked_example_says(case):
    now = tally_of(ballot(*given) for given in case["ballots"])
    found = [[s.id, s.wordings[s.original], s.original, s.nature] for s in now.statements]
    assert found == case["statements"]


def test_a_refusal_gives_the_value_back():
    with pytest.raises(BallotError) as refused:
        gather.read({"card": ["1"], "text": ["x" * 201]}, round_of(), FRANCINE, None)
    assert refused.value.values == {"length": 200, "now": 201}


def test_each_card_is_a_slot_of_its_own():
    marks = [gather.read({"card": [card], "text": ["x"]}, round_of(), FRANCINE, None) for card in ("1", "2", "002")]
    assert [gather.slot(each) for each in marks] == ["1", "2", "2"]


@pytest.mark.parametrize("card", ["9" * 5000, "-1", "1.5", "", "²"])
def test_no_card_number_however_odd_is_more_than_a_refusal(card):
    with pytest.raises(BallotError):
        gather.read({"card": [card], "text": ["x"]}, round_of(), FRANCINE, None)


@pytest.mark.parametrize("settings", [{"limit": 0}, {"limit": 51}, {"length": 19}, {"length": 1001}])
def test_settings_without_sense_are_refused(settings):
    with pytest.raises(BallotError):
        gather.Settings(**settings)


def test_a_round_without_a_proposal_cannot_close():
    assert gather.leftover(round_of(), tally_of([])).key == "no_proposal"
    assert gather.leftover(round_of(), tally_of([ballot("a", "1", "x")])) is None


def test_a_row_of_answers_does_not_lead_to_the_number_of_a_proposal():
    (row,) = gather.answers(ballot("a", "3", "an idea", nature="helps").marks)
    assert (row.statement, row.criterion, row.value, row.text) == ("", "card.3", "helps", "an idea")
    assert list(gather.answers(ballot("a", "3", "").marks)) == []


def test_nobody_is_asked_for_a_given_number_of_cards():
    assert gather.asked(round_of(), None) == ()
    assert gather.columns(gather.Settings()) == ()
    assert gather.seconds(gather.Settings(limit=3), 0) == 120


texts = st.sampled_from(["", "one", "two", "three", "à quatre"])
cards = st.builds(
    ballot,
    st.sampled_from("abc"),
    st.sampled_from("123"),
    texts,
    st.sampled_from(["en", "fr"]),
    st.sampled_from(["", "helps"]),
    block=st.sampled_from(["patients", "clinicians"]),
)


@given(st.lists(cards, max_size=12), st.randoms())
def test_the_numbering_depends_on_the_texts_alone(ballots, chance):
    others = [ballot("z", "1", b.marks["text"], b.marks["lang"], b.marks["nature"], seq=9) for b in ballots]
    chance.shuffle(others)
    assert tally_of(others) == tally_of(ballots)


@given(st.lists(cards, max_size=12), st.randoms())
def test_what_is_taken_out_leaves_no_trace(ballots, chance):
    count = gather.start(round_of())
    for each in ballots:
        gather.add(count, each, +1)
    chance.shuffle(ballots)
    for each in ballots:
        gather.add(count, each, -1)
    assert dict(count) == {}


@given(st.lists(cards, max_size=12))
def test_every_card_that_stands_is_one_proposal_and_keeps_the_law(ballots):
    now = tally_of(ballots)
    written = Counter(b.marks["text"] for b in ballots if b.marks["text"])
    assert Counter(s.wordings[s.original] for s in now.statements) == written
    assert breaches([Stage("r1", (), now.statements, now.places)]) == []
    assert recount({"statements": []}, []) == {} and now.lines == ()


def sentences(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        return {message.id: message for message in read_po(file, locale=language) if message.id}


def test_both_languages_say_the_same_things():
    english, french = sentences("en"), sentences("fr")
    assert set(english) == set(french)
    for key, message in [*english.items(), *french.items()]:
        assert message.string and not message.fuzzy, key
    for key in english:
        assert holes(english[key].string) == holes(french[key].string), key


def holes(said):
    return set(re.findall(r"\{(\w+)\}", said if isinstance(said, str) else " ".join(said)))


def test_every_refusal_has_its_sentence():
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    keys = set(re.findall(r'BallotError\("([\w.]+)"', source))
    assert len(keys) == 7
    assert keys | {"too_long"} <= set(sentences("en"))
