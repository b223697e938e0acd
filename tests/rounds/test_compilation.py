"""Compilation: acts, replay, undo, hints. Worked examples stand in rounds/compilation/cases.json."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import compilation
from rounds.compilation.acts import READ
from rounds.compilation.duplicates import MOST, Pair, pairs
from rounds.compilation.flags import KINDS, flags
from rounds.compilation.recount import compilation as recount
from rounds.compilation.replay import PLAY
from rounds.contract import TEAM, Ballot, BallotError, By, Column, Place, Role, Round, Statement
from rounds.lineage import Stage, breaches, taken
from tests.rounds import listed

FOLDER = Path(compilation.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
PROPOSALS = tuple(Statement(**given) for given in CASES["proposals"])
ODILE = By(Role.COFACILITATOR, "odile", None, "fr")


def round_of(proposals=PROPOSALS, reasons="optional"):
    return Round("r2", "compilation", compilation.Settings(reasons), ("en", "fr"), (), tuple(proposals))


class Desk:
    """A team at work: each form is read against the tally of that moment, and its ballot is counted."""

    def __init__(self, proposals=PROPOSALS, by=ODILE, reasons="optional"):
        self.round, self.by, self.ballots = round_of(proposals, reasons), by, []
        self.count = compilation.start(self.round)

    @property
    def now(self):
        return compilation.tally(self.count, self.round)

    def send(self, **form):
        values = {name.replace("__", "."): value for name, value in form.items()}
        return self.post({name: value if isinstance(value, list) else [value] for name, value in values.items()})

    def post(self, form):
        marks = compilation.read(form, self.round, self.by, self.now)
        assert json.loads(json.dumps(marks)) == marks
        seq = len(self.ballots) + 1
        self.ballots.append(Ballot(seq, self.by.seat, self.by.role, None, compilation.slot(marks), marks))
        compilation.add(self.count, self.ballots[-1], +1)
        return marks

    def refusal(self, **form):
        with pytest.raises(BallotError) as refused:
            self.send(**form)
        return refused.value

    def live(self, name):
        return next(s for s in self.now.statements if s.id == name)


def shape(statement):
    kept = ("id", "wordings", "parents", "nature", "source", "unchecked")
    return {name: json.loads(json.dumps(getattr(statement, name))) for name in kept}


def counted_again(round, ballots):
    """The stand-alone recount, given what a parcel gives it."""
    told = {"settings": {}, "blocks": [], "statements": [s.id for s in round.statements]}
    return recount(told, listed.as_in_files(compilation, ballots))


def counted(now):
    return {(line.statement, name, ""): value for line in now.lines for name, value in line.values.items()}


# Worked examples


@pytest.mark.parametrize("story", CASES["stories"], ids=lambda story: story["why"])
def test_the_worked_stories_end_as_written(story):
    desk = Desk()
    for form in story["acts"]:
        desk.post(form)
    assert [shape(s) for s in desk.now.statements] == story["statements"]
    places = {name: [place.zone, place.how, place.reason] for name, place in desk.now.places.items()}
    assert places == story["places"]
    assert {line.statement: line.values["proposals"] for line in desk.now.lines} == story["proposals"]
    assert [s.id for s in desk.now.todo.open] == story["open"]
    assert counted_again(desk.round, desk.ballots) == counted(desk.now)


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["why"])
def test_a_form_that_cannot_be_taken_is_refused_with_its_sentence(case):
    desk = Desk()
    for form in case.get("after", []):
        desk.post(form)
    form = {name: ["x" * 1001 if v == "LONG" else v for v in values] for name, values in case["form"].items()}
    with pytest.raises(BallotError) as refused:
        desk.post(form)
    assert refused.value.key == case["error"]
    assert refused.value.key in sentences("fr")


@pytest.mark.parametrize("case", CASES["flags"], ids=lambda case: case["text"] or "nothing")
def test_details_are_found_as_the_worked_example_says(case):
    found = flags(case["text"])
    assert [[flag.kind, flag.text] for flag in found] == case["found"]
    assert all(case["text"][flag.start : flag.end] == flag.text and flag.kind in KINDS for flag in found)


# What the team is promised


def test_a_proposal_is_accepted_as_it_is():
    desk = Desk()
    desk.send(act="accept", of="P003")
    assert desk.live("S01").wordings == PROPOSALS[2].wordings
    assert desk.live("S01").unchecked == ()


def test_marks_carry_the_new_numbers():
    marks = Desk().send(act="accept", of="P001")
    assert (marks["act"], marks["of"], [made["id"] for made in marks["made"]]) == ("accept", ["P001"], ["S01"])


def test_a_missing_translation_that_is_written_leaves_nothing_to_check():
    desk = Desk()
    desk.send(act="accept", of="P001", wording__en="The same person follows the family")
    assert set(desk.live("S01").wordings) == {"fr", "en"}
    assert desk.live("S01").unchecked == ()


def test_a_field_left_empty_takes_a_wording_away():
    desk = Desk()
    desk.send(act="accept", of="P003", wording__fr="")
    assert desk.live("S01").wordings == {"en": "Too much waiting and paper"}
    assert desk.live("S01").original == "en"


def test_rewording_one_language_leaves_the_other_to_be_checked():
    desk = Desk()
    desk.send(act="accept", of="P003")
    desk.send(act="reword", of="S01", wording__fr="Trop d’attente")
    assert desk.live("S01").unchecked == ("en",)


def test_rewording_with_the_other_looked_at_leaves_nothing_to_check():
    desk = Desk()
    desk.send(act="accept", of="P003")
    desk.send(act="reword", of="S01", wording__fr="Trop d’attente", checked="1")
    assert desk.live("S01").unchecked == ()


def test_a_wording_is_marked_as_looked_at():
    desk = Desk()
    desk.send(act="accept", of="P003", wording__fr="Trop d’attente")
    desk.send(act="check", of="S01", checked="en")
    assert desk.live("S01").unchecked == ()
    desk.send(act="undo", undo="2")
    assert desk.live("S01").unchecked == ("en",)


def test_a_merge_of_wordings_from_two_bilingual_cards_is_to_be_checked():
    desk = Desk([Statement("P1", {"en": "one", "fr": "un"}, "en"), Statement("P2", {"en": "two", "fr": "deux"}, "en")])
    desk.send(act="merge", of=["P1", "P2"], wording__en="one", wording__fr="deux")
    assert desk.live("S01").unchecked == ("en", "fr")


def test_earlier_wordings_stay_readable():
    desk = Desk()
    desk.send(act="accept", of="P001")
    desk.send(act="reword", of="S01", wording__fr="La même personne suit la famille")
    assert desk.now.todo.earlier == {"S01": ({"fr": "Une même personne suit la famille"},)}
    assert desk.now.todo.originals == {"S01": ("P001",)}


def test_nature_level_theme_and_source_travel_with_a_proposal():
    given = Statement("P1", {"en": "x"}, "en", nature="helps", level="macro", theme="policy", source="a; b")
    desk = Desk([given])
    desk.send(act="accept", of="P1")
    made = desk.live("S01")
    assert (made.nature, made.level, made.theme, made.source) == ("helps", "macro", "policy", "a; b")


def test_the_form_may_give_another_nature_level_and_theme():
    desk = Desk()
    desk.send(act="accept", of="P001", nature="", level="micro", theme="ties")
    made = desk.live("S01")
    assert (made.nature, made.level, made.theme) == ("", "micro", "ties")


def test_what_a_proposal_is_called_in_its_file_travels_with_it_and_is_joined():
    names = enumerate(("12", "b", ""), 1)
    given = [Statement(f"P{n}", {"en": f"x{n}"}, "en", source_id=name, site=name) for n, name in names]
    desk = Desk(given)
    assert not {"source_id", "site"} & desk.send(act="accept", of="P3")["made"][0].keys()
    desk.send(act="merge", of=["P1", "P2"], wording__en="x1 and x2")
    desk.send(act="reword", of="S02", wording__en="x")
    told = [(s.id, s.source_id, s.site) for s in desk.now.statements]
    assert told == [("S01", "", ""), ("S02", "12; b", "12; b")]


def test_spread_and_what_a_realist_asks_travel_are_joined_and_can_be_rewritten():
    said = {"spread": "similar", "context": "a team", "limits": "in a city"}
    given = [Statement("P1", {"en": "x1"}, "en", **said), Statement("P2", {"en": "x2"}, "en", context="a leader")]
    desk = Desk(given)
    desk.send(act="merge", of=["P1", "P2"], wording__en="x1 and x2")
    made = desk.live("S01")
    assert (made.spread, made.context, made.mechanism, made.limits) == ("similar", "a team; a leader", "", "in a city")
    desk.send(act="reword", of="S01", wording__en="x", spread="different", mechanism="trust", context="")
    (made,) = desk.now.statements
    assert (made.spread, made.context, made.mechanism, made.limits) == ("different", "", "trust", "in a city")
    with pytest.raises(BallotError, match="unknown_spread"):
        desk.send(act="reword", of=made.id, wording__en="y", spread="everywhere")


def test_a_field_of_the_first_card_that_nobody_touched_takes_no_words_of_the_others_away():
    given = [Statement("P1", {"en": "x1"}, "en", context="a\nteam"), Statement("P2", {"en": "x2"}, "en", context="b")]
    desk = Desk([*given, Statement("P3", {"en": "x3"}, "en", limits="no more")])
    form = {"context": " a\r\nteam", "mechanism": "", "limits": ""}  # as the form of P1 sends them
    (made,) = desk.send(act="merge", of=["P1", "P2", "P3"], wording__en="x", **form)["made"]
    assert (made["context"], made["limits"], "mechanism" in made) == ("a\nteam; b", "no more", False)


def test_words_of_why_on_a_new_statement_are_those_that_were_typed():
    desk = Desk([])
    desk.send(act="add", wording__en="x", reason="Needed.", context="a team", outcome="", spread="similar")
    assert (desk.live("S01").context, desk.live("S01").outcome, desk.live("S01").spread) == ("a team", "", "similar")


def test_a_merge_keeps_what_its_cards_agree_on_and_joins_their_sources():
    desk = Desk()
    desk.send(act="merge", of=["P002", "P003", "P001"], wording__en="Family and paper")
    made = desk.live("S01")
    assert (made.nature, made.source, made.parents) == ("", "b; a", ("P002", "P003", "P001"))


def test_merging_statements_keeps_the_proposals_behind_them():
    desk = Desk()
    desk.send(act="split", of="P003", wording__en__1="waiting", wording__en__2="paper")
    desk.send(act="accept", of="P001")
    desk.send(act="merge", of=["S01", "S03", "P002"], wording__en="all of it")
    assert desk.live("S04").parents == ("P003", "P001", "P002")
    assert desk.now.line("S04").values == {"proposals": 3}


def test_a_merged_addition_stays_behind_the_statement_but_is_no_proposal():
    desk = Desk()
    desk.send(act="add", wording__en="a quiet room", reason="said aloud")
    desk.send(act="merge", of=["S01", "P002"], wording__en="a room and a worker")
    assert desk.live("S02").parents == ("S01", "P002")
    assert desk.now.line("S02").values == {"proposals": 1}


def test_pieces_left_empty_are_passed_over():
    desk = Desk()
    form = {"wording.fr.1": ["un"], "wording.fr.2": [""], "wording.en.10": ["ten"], "wording.fr.3": ["trois"]}
    desk.post({"act": ["split"], "of": ["P003"], **form})
    assert [dict(s.wordings) for s in desk.now.statements] == [{"fr": "un"}, {"fr": "trois"}, {"en": "ten"}]


def test_of_two_people_taking_the_same_card_the_second_is_told_who_and_how():
    desk = Desk(by=By(Role.FACILITATOR, "fay", None, "en"))
    desk.send(act="merge", of=["P001", "P002"], wording__en="x")
    refused = desk.refusal(act="accept", of="P002")
    assert (refused.key, refused.values) == ("already_done.merge.facilitator", {"card": "P002"})


def test_a_statement_whose_making_was_undone_is_no_longer_here():
    desk = Desk()
    desk.send(act="accept", of="P001")
    desk.send(act="undo", undo="1")
    assert desk.refusal(act="reword", of="S01", wording__fr="x").key == "no_such_card"
    assert desk.now.todo.open == PROPOSALS


def test_an_act_that_another_builds_on_names_the_act_to_undo_first():
    desk = Desk()
    desk.send(act="split", of="P003", wording__en__1="waiting", wording__en__2="paper")
    desk.send(act="reject", of="S02", reason="off topic")
    refused = desk.refusal(act="undo", undo="1")
    assert refused.values == {"seq": 1, "later": 2}
    desk.send(act="undo", undo="2")
    desk.send(act="undo", undo="1")
    assert desk.now.todo.open == PROPOSALS


def test_what_was_rejected_stays_readable():
    desk = Desk()
    desk.send(act="split", of="P003", wording__en__1="waiting", wording__en__2="paper")
    desk.send(act="reject", of="S02", reason="off topic")
    desk.send(act="reject", of="P001", reason="said elsewhere")
    found = [(card.id, card.parents, desk.now.places[card.id].reason) for card in desk.now.todo.rejected]
    assert found == [("S02", ("P003",), "off topic"), ("P001", (), "said elsewhere")]


def test_each_act_may_say_why_and_one_without_a_reason_is_as_before():
    desk = Desk()
    desk.send(act="accept", of="P001", reason="It answers the question.")
    desk.send(act="accept", of="P002")
    desk.send(act="split", of="P003", wording__en__1="waiting", wording__en__2="paper", reason="Two ideas in one.")
    assert [act.reason for act in desk.now.todo.history] == ["It answers the question.", "", "Two ideas in one."]
    assert desk.now.places["S01"].reason == "It answers the question." and not desk.now.places["S02"].reason
    assert desk.now.places["S04"].reason == "Two ideas in one."


def test_acts_on_other_cards_do_not_stand_in_the_way_of_an_undo():
    desk = Desk()
    desk.send(act="accept", of="P001")
    desk.send(act="accept", of="P002")
    desk.send(act="undo", undo="1")
    assert [s.id for s in desk.now.statements] == ["S02"]


def test_the_history_tells_what_can_be_undone():
    desk = Desk()
    desk.send(act="accept", of="P001")
    desk.send(act="reword", of="S01", wording__fr="x")
    desk.send(act="accept", of="P002")
    desk.send(act="undo", undo="3")
    history = desk.now.todo.history
    assert [(act.seq, act.act, act.of, act.made) for act in history] == [
        (1, "accept", ("P001",), ("S01",)),
        (2, "reword", ("S01",), ("S01",)),
        (3, "accept", ("P002",), ("S02",)),
        (4, "undo", (), ()),
    ]
    assert [act.can_be_undone for act in history] == [False, True, False, False]
    assert [act.stands for act in history] == [True, True, False, True]


def test_a_detail_is_let_through_once_somebody_looked():
    desk = Desk()
    refused = desk.refusal(act="accept", of="P004")
    assert refused.values == {"found": "Josée, 418 555-0199"}
    desk.send(act="accept", of="P004", looked="1")
    desk.send(act="reword", of="S01", wording__en="Call somebody")
    assert desk.live("S01").wordings["fr"] == "Appelez Josée au 418 555-0199"


@pytest.mark.parametrize("form", [
    {"act": "add", "wording__en": "Ask Dr Roy", "reason": "x"},
    {"act": "merge", "of": ["P001", "P002"], "wording__en": "Ask Dr Roy"},
    {"act": "split", "of": "P001", "wording__en__1": "x", "wording__en__2": "Ask Dr Roy"},
    {"act": "accept", "of": "P001", "wording__en": "Ask Dr Roy"},
])  # fmt: skip
def test_no_new_wording_names_anybody_unseen(form):
    assert Desk().refusal(**form).values == {"found": "Dr Roy"}


def test_accepting_all_says_which_proposals_to_look_at():
    refused = Desk().refusal(act="accept_all")
    assert (refused.key, refused.values) == ("flagged_all", {"n": 1, "cards": "P004"})


def test_accepting_all_takes_what_is_still_open():
    desk = Desk()
    desk.send(act="reject", of="P004", reason="names somebody")
    desk.send(act="accept_all")
    made = [("S01", ("P001",)), ("S02", ("P002",)), ("S03", ("P003",))]
    assert [(s.id, s.parents) for s in desk.now.statements] == made
    assert taken(desk.now.statements, desk.now.places, "accepted") == desk.now.statements


def test_open_proposals_carry_their_flags():
    assert {name: list(found) for name, found in Desk().now.todo.flags.items()} == {"P004": ["fr"]}


def test_new_statements_never_take_the_number_of_one_that_came_in():
    desk = Desk([Statement("S07", {"en": "imported"}, "en"), Statement("S2", {"en": "also"}, "en")])
    desk.send(act="accept", of="S2")
    assert [s.id for s in desk.now.statements] == ["S08"]


ACTS = [
    {"act": "accept", "of": "P001"},
    {"act": "merge", "of": ["P001", "P002"], "wording__en": "a nurse, all week"},
    {"act": "split", "of": "P001", "wording__en__1": "a nurse", "wording__en__2": "all week"},
    {"act": "accept_all", "looked": "1"},
]


@pytest.mark.parametrize("form", ACTS, ids=lambda form: form["act"])
def test_a_round_may_require_a_reason_of_every_decision_or_ask_for_none(form):
    desk = Desk(reasons="required")
    assert desk.refusal(**form).key == "reason_needed"
    assert desk.send(**form, reason="It answers the question.")["reason"]
    said, decided = compilation.reading.reasoned(desk.now.places)
    assert said == decided > 0
    desk = Desk(reasons="off")
    assert "reason" not in desk.send(**form, reason="Nobody asked.")
    said, decided = compilation.reading.reasoned(desk.now.places)
    assert said == 0 < decided
    assert desk.refusal(act="reject", of=desk.now.statements[0].id).key == "reason_needed"


def test_a_round_of_before_asks_for_no_reason_and_takes_it():
    assert compilation.Settings() == compilation.Settings("optional")
    with pytest.raises(BallotError, match="bad_setting"):
        compilation.Settings("sometimes")


def test_statements_are_listed_by_number():
    desk = Desk([Statement(f"P{n}", {"en": f"idea {n % 90}"}, "en") for n in range(101)])
    desk.send(act="accept_all")
    assert [s.id for s in desk.now.statements][98:] == ["S99", "S100", "S101"]


def test_a_round_closes_when_everything_is_handled_and_something_stands():
    desk = Desk(PROPOSALS[:2])
    refused = compilation.leftover(desk.round, desk.now)
    assert (refused.key, refused.values) == ("still_open", {"n": 2})
    desk.send(act="reject", of="P001", reason="x")
    desk.send(act="reject", of="P002", reason="x")
    assert compilation.leftover(desk.round, desk.now).key == "nothing_accepted"
    desk.send(act="undo", undo="2")
    desk.send(act="accept", of="P002")
    assert compilation.leftover(desk.round, desk.now) is None


def test_the_first_act_may_come_without_a_tally():
    assert compilation.read({"act": ["accept"], "of": ["P001"]}, round_of(), ODILE, None)["of"] == ["P001"]


def test_an_act_whose_cards_are_gone_changes_nothing_and_says_so():
    desk, late = Desk(), Desk()
    desk.send(act="accept", of="P001")
    late.send(act="reject", of="P001", reason="x")
    late.send(act="accept", of="P002")
    for seq, ballot in enumerate(late.ballots, start=2):
        stale = Ballot(seq, ballot.seat, ballot.role, None, None, ballot.marks)
        desk.ballots.append(stale)
        compilation.add(desk.count, stale, +1)
    assert [act.stands for act in desk.now.todo.history] == [True, False, False]
    assert [s.id for s in desk.now.statements] == ["S01"]
    assert counted_again(desk.round, desk.ballots) == counted(desk.now)


def test_an_act_is_one_row_of_answers():
    desk = Desk()
    desk.send(act="merge", of=["P001", "P002"], wording__en="x")
    desk.send(act="reject", of="P003", reason="off topic")
    desk.send(act="undo", undo="2")
    rows = [row for ballot in desk.ballots for row in compilation.answers(ballot.marks)]
    assert [(row.statement, row.criterion, row.value, row.text) for row in rows] == [
        ("P001 P002", "merge", "S01", ""),
        ("P003", "reject", None, "off topic"),
        ("", "undo", 2, ""),
    ]


def test_the_team_alone_compiles_and_no_participant_waits():
    assert compilation.KIND.cast_by == TEAM
    assert compilation.asked(round_of(), None) == ()
    assert compilation.seconds(compilation.Settings(), 80) == 0
    assert compilation.columns(compilation.Settings()) == (Column("proposals", by_block=False),)


# Likely duplicates


def alone(*texts):
    cards = [Statement(f"P{n}", {"en": text}, "en") for n, text in enumerate(texts, start=1)]
    return [(card, frozenset({card.id})) for card in cards]


def test_two_wordings_that_say_the_same_are_suggested():
    cards = alone("The nurses are short of time", "Nurses are short of time!", "A map of the services", "Pay the taxi")
    (pair,) = pairs(cards, ["en"])
    assert (pair.first, pair.second) == ("P1", "P2") and pair.alike >= 80


def test_accents_and_capitals_make_no_difference():
    assert pairs(alone("Équipe présente", "EQUIPE PRESENTE"), ["en"]) == (Pair("P1", "P2", 100),)


def test_only_wordings_of_one_language_are_compared():
    one, other = Statement("P1", {"en": "transport"}, "en"), Statement("P2", {"fr": "transport"}, "fr")
    assert pairs([(one, frozenset({"P1"})), (other, frozenset({"P2"}))], ["en", "fr"]) == ()


def test_the_pieces_of_one_proposal_are_not_suggested():
    cards = [(card, frozenset({"P9"})) for card, _ in alone("the same words", "the same words")]
    assert pairs(cards, ["en"]) == ()


def test_a_late_proposal_is_compared_with_what_stands():
    desk = Desk([Statement("P1", {"en": "too much paper"}, "en"), Statement("P2", {"en": "Too much paper."}, "en")])
    desk.send(act="accept", of="P1")
    assert desk.now.todo.duplicates == (Pair("P2", "S01", 100),)


def test_suggestions_are_few_and_in_a_stable_order():
    found = pairs(alone(*["the same words"] * 12), ["en"])
    assert len(found) == MOST
    assert [(pair.first, pair.second) for pair in found[:3]] == [("P1", "P2"), ("P1", "P3"), ("P1", "P4")]


def test_texts_without_letters_resemble_nothing():
    assert pairs(alone("!!!", "???", "..."), ["en"]) == ()
    assert pairs([], ["en"]) == ()


# Laws, under any sequence of acts

WORDS = ["waiting", "paper", "a quiet room", "transport", "one worker"]
words = st.sampled_from(WORDS)


def form_of(data, desk):
    """A form that can be taken now, drawn at random; None where the act drawn cannot be done."""
    now, act = desk.now, data.draw(st.sampled_from(sorted(READ)))
    waiting, live = [s.id for s in now.todo.open], [s.id for s in now.statements]
    form = {"act": act, "looked": "1", "reason": "because", "wording__en": data.draw(words)}
    if act == "undo":
        seqs = [a.seq for a in now.todo.history if a.can_be_undone]
        return {"act": act, "undo": str(data.draw(st.sampled_from(seqs)))} if seqs else None
    if act == "merge":
        cards = waiting + live
        return form | {"of": data.draw(st.lists(st.sampled_from(cards), min_size=2, max_size=4))} if cards else None
    cards = {"accept": waiting, "reword": live, "check": live}.get(act, waiting + live)
    if act in {"add", "accept_all"}:
        return form
    form |= {"wording__en__1": data.draw(words), "wording__fr__2": data.draw(words)}
    return form | {"of": data.draw(st.sampled_from(cards))} if cards else None


def work(data, desk, most):
    """Up to so many random acts; what is refused leaves no ballot."""
    for _ in range(data.draw(st.integers(0, most))):
        form = form_of(data, desk)
        try:
            desk.send(**form) if form else None
        except BallotError as refused:
            assert refused.key in {"choose_two", "nothing_changed", "nothing_to_check", "nothing_open"}, refused.key


def kept(now):
    return now.statements, now.places, now.lines, now.todo.open, now.todo.duplicates, now.todo.originals


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_the_team_does_everything_ends_in_exactly_one_place(data):
    desk = Desk()
    work(data, desk, 15)
    for card in desk.now.todo.open:
        desk.send(act="reject", of=card.id, reason="out of time")
    now = desk.now
    assert breaches([Stage("r2", desk.round.statements, now.statements, now.places)]) == []
    assert all(now.places[s.id].zone == "accepted" for s in now.statements)
    assert all(place.reason for place in now.places.values() if place.zone == "rejected")


@settings(deadline=None, max_examples=60)
@given(st.data(), st.randoms())
def test_the_tally_depends_on_the_set_of_acts_and_agrees_with_the_recount(data, chance):
    desk = Desk()
    work(data, desk, 15)
    shuffled, again = list(desk.ballots), compilation.start(desk.round)
    chance.shuffle(shuffled)
    for ballot in shuffled:
        compilation.add(again, ballot, +1)
    assert compilation.tally(again, desk.round) == desk.now
    assert counted_again(desk.round, shuffled) == counted(desk.now)
    for ballot in shuffled:
        compilation.add(again, ballot, -1)
    assert again == {}


@settings(deadline=None, max_examples=40)
@given(st.data(), st.sets(st.integers(1, 15)))
def test_a_missing_act_never_breaks_the_count(data, missing):
    desk = Desk()
    work(data, desk, 15)
    left = [ballot for ballot in desk.ballots if ballot.seq not in missing]
    count = {ballot.seq: ballot for ballot in left}
    assert counted_again(desk.round, left) == counted(compilation.tally(count, desk.round))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_undoing_every_act_brings_back_what_was(data):
    desk = Desk()
    before = kept(desk.now)
    work(data, desk, 12)
    for act in reversed(desk.now.todo.history):
        if act.stands and act.undoes is None:
            desk.send(act="undo", undo=str(act.seq))
    assert kept(desk.now) == before
    assert not any(act.can_be_undone for act in desk.now.todo.history)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_number_is_given_once(data):
    desk = Desk()
    work(data, desk, 15)
    given = [made for act in desk.now.todo.history if act.act != "reword" for made in act.made]
    assert len(given) == len(set(given))
    assert all(int(name[1:]) < desk.now.todo.next for name in given)


@given(st.text(max_size=200))
def test_flags_never_overlap_whatever_the_text(text):
    ends = [0, *(edge for flag in flags(text) for edge in (flag.start, flag.end))]
    assert ends == sorted(ends)


# Sentences


def sentences(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    return {message.id[0] if message.pluralizable else message.id: message for message in messages}


def forms_of(message):
    return list(message.string) if message.pluralizable else [message.string]


def test_both_languages_say_the_same_things():
    english, french = sentences("en"), sentences("fr")
    assert set(english) == set(french)
    for key in english:
        assert english[key].pluralizable == french[key].pluralizable, key
        texts = forms_of(english[key]) + forms_of(french[key])
        assert all(texts) and len(texts) in (2, 4), key
        assert len({frozenset(re.findall(r"\{(\w+)\}", text)) for text in texts}) == 1, key


def test_every_refusal_and_label_has_its_sentence():
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    keys = set(re.findall(r'BallotError\("([\w.]+)"', source))
    assert len(keys) > 15
    taking = [act for act in PLAY if act not in {"add", "reword", "check"}]
    keys |= {f"already_done.{act}.{role}" for act in taking for role in TEAM}
    keys |= {"unknown_nature", "unknown_level"} | {f"flag.{kind}" for kind in KINDS}
    keys |= {f"{said}.{act}" for said in ("act", "did") for act in READ}
    keys |= {"column.proposals", "zone.accepted", "zone.rejected"}
    assert keys - set(sentences("en")) == set()


def test_what_the_team_adds_says_who_added_it_and_why():
    desk = Desk([])
    desk.send(act="add", wording__en="a quiet room", reason="said aloud", nature="next_step")
    desk.send(act="reword", of="S01", wording__en="a calm room")
    assert desk.now.places == {"S01": Place("accepted", "added", "said aloud")}
    assert breaches([Stage("r2", (), desk.now.statements, desk.now.places)]) == []


# Erased


def test_what_its_author_erased_waits_for_nobody_and_can_be_made_into_nothing():
    desk = Desk()
    gone = replace(desk.now.todo.open[0], wordings=dict.fromkeys(desk.now.todo.open[0].wordings, ""))
    left = Desk((gone, *PROPOSALS[1:]))
    assert gone.id not in {card.id for card in left.now.todo.open}
    assert left.now.places[gone.id] == Place("erased")
    assert left.refusal(act="accept", of=gone.id).key == "no_such_card"
    left.send(act="accept_all", looked="1")
    assert compilation.leftover(left.round, left.now) is None
    stage = Stage("r2", left.round.statements, left.now.statements, left.now.places)
    assert breaches([stage]) == []


def test_what_was_made_of_it_before_stays_and_undone_it_ends():
    desk = Desk()
    name = PROPOSALS[0].id
    desk.send(act="accept", of=name, looked="1")
    desk.round = round_of((replace(PROPOSALS[0], wordings={"en": ""}), *PROPOSALS[1:]))
    assert desk.now.statements[0].wordings == PROPOSALS[0].wordings and name not in desk.now.places
    desk.send(act="undo", undo="1")
    assert desk.now.statements == () and desk.now.places[name] == Place("erased")
