"""Validation: what may be said of the list, how the team answers, and that two counts agree."""

import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import validation
from rounds.contract import Ballot, BallotError, Block, By, Role, Round, Statement
from rounds.validation.forms import TEXT_MISSING
from rounds.validation.recount import validation as recount
from tests.rounds import listed as lists

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

FOLDER = Path(validation.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
CARDS = ("S01", "S02")
BLOCKS = ("patients", "clinicians", "managers")
STATEMENTS = tuple(Statement(card, {"en": f"{card} in English", "fr": f"{card} en français"}, "en") for card in CARDS)
ROUND = Round(
    key="valid",
    kind="validation",
    settings=validation.Settings(),
    languages=("en", "fr"),
    blocks=tuple(Block(key, (key,), 5) for key in BLOCKS),
    statements=STATEMENTS,
)
FAY = By(Role.FACILITATOR, "fay", None, "en")


class Table:
    """A round as the application plays it: what is read is counted, and a second ballot replaces the first."""

    def __init__(self):
        self.count, self.standing, self.seq = validation.start(ROUND), {}, 0

    def put(self, seat, block, marks):
        self.seq += 1
        slot = validation.slot(marks)
        role = Role.PARTICIPANT if block else Role.FACILITATOR
        ballot = Ballot(self.seq, seat, role, block, slot, marks)
        place = (seat, slot) if slot is not None else self.seq
        if place in self.standing:
            validation.add(self.count, self.standing[place], -1)
        validation.add(self.count, ballot, +1)
        self.standing[place] = ballot
        return self.seq

    def now(self):
        return validation.tally(self.count, ROUND)

    def say(self, seat, block="patients", lang="en", **form):
        by = By(Role.PARTICIPANT, seat, block, lang)
        fields = {name.replace("_", "."): [value] for name, value in form.items()}
        return self.put(seat, block, validation.read(fields, ROUND, by, self.now()))

    def act(self, act, by=FAY, wordings=(), is_seen=True, **form):
        """is_seen: the form comes from the page that showed what the new wording replaces."""
        if act == "take" and is_seen and "change" in form:
            old = self.statement(form["change"].partition("-")[2]).wordings
            form |= {f"seen.{language}": text for language, text in old.items()}
        fields = {"act": [act], **{name: [value] for name, value in form.items()}}
        fields.update({f"wording.{language}": [text] for language, text in dict(wordings).items()})
        return self.put(by.seat, None, validation.read(fields, ROUND, by, self.now()))

    def statement(self, card="S01"):
        return next(statement for statement in self.now().statements if statement.id == card)

    def waiting(self):
        return [change.id for change in self.now().todo.changes if change.answer is None]


def refused(key, call, *args, **kwargs):
    with pytest.raises(BallotError) as refusal:
        call(*args, **kwargs)
    assert refusal.value.key == key
    return refusal.value


def counted(ballots):
    count = validation.start(ROUND)
    for ballot in ballots:
        validation.add(count, ballot, +1)
    return validation.tally(count, ROUND)


def counted_again(ballots):
    rows = lists.as_in_files(validation, ballots)
    blocks = [{"key": block.key} for block in ROUND.blocks]
    return recount({"settings": {}, "rule": None, "blocks": blocks, "statements": list(CARDS)}, rows)


def figures(tally):
    found = {}
    for line in tally.lines:
        found.update({(line.statement, name, ""): value for name, value in line.values.items()})
        for block, row in line.by_block.items():
            found.update({(line.statement, name, block): value for name, value in row.items()})
    return found


def without_texts(found):
    """Reasons stand apart from answers in a file, and nothing counts them."""
    return {name: value for name, value in found.items() if name[1] != "reasons"}


answers = st.one_of(
    st.just({"say": "agree", "text": ""}),
    st.fixed_dictionaries({"say": st.sampled_from(["change", "object"]), "text": st.sampled_from("abcd")}),
)
said = st.dictionaries(st.sampled_from(CARDS), answers, min_size=1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, 6), said),
        st.tuples(st.sampled_from(["take", "leave", "undo"]), st.integers(0, 9), st.sampled_from(["", "new"])),
    ),
    max_size=25,
)


def play(moves):
    """A table after these moves; an act picks among what can be answered or undone at that moment."""
    table = Table()
    for move, number, content in moves:
        if move == "say":
            table.put(f"seat{number}", BLOCKS[number % 3], {"said": content, "lang": "en"})
            continue
        todo = table.now().todo
        choice = table.waiting() if move != "undo" else [str(step.seq) for step in todo.history if step.can_undo]
        if choice and move == "undo":
            table.act("undo", undo=choice[number % len(choice)])
        elif choice:
            wordings = {"en": f"new {number}", "fr": content} if move == "take" else {}
            table.act(move, change=choice[number % len(choice)], reason="no", wordings=wordings)
    return table


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_worked_case_comes_out_as_worked_by_hand(case):
    table = Table()
    for seat, block, marks in case["ballots"]:
        table.put(seat, block, marks)
    found, again = figures(table.now()), counted_again(table.standing.values())
    for line in case["lines"]:
        rows = {"": {k: v for k, v in line.items() if k not in {"statement", "by_block"}}, **line.get("by_block", {})}
        for block, row in rows.items():
            for name, value in row.items():
                assert found[line["statement"], name, block] == value, (line["statement"], name, block)
                is_text = name == "reasons"
                assert is_text or again[line["statement"], name, block] == value, (line["statement"], name, block)
    for card, wordings in case["wordings"].items():
        assert table.statement(card).wordings == wordings
    for card, languages in case["unchecked"].items():
        assert list(table.statement(card).unchecked) == languages
    assert table.waiting() == case["waiting"]


def test_a_form_answers_some_statements_and_leaves_others():
    by = By(Role.PARTICIPANT, "ann", "patients", "fr")
    marks = validation.read({"say.S02": ["change"], "text.S02": [" Plus court. "]}, ROUND, by, None)
    assert marks == {"said": {"S02": {"say": "change", "text": "Plus court."}}, "lang": "fr"}


def test_a_change_needs_its_text_and_an_objection_its_reason():
    assert refused("change_missing", Table().say, "ann", say_S01="change").values == {"card": "S01"}
    refused("objection_missing", Table().say, "ann", say_S01="object", text_S01="  ")


def test_an_empty_form_an_unknown_answer_and_an_unknown_card_are_refused():
    refused("say_one", Table().say, "ann", say_S01="")
    refused("no_such_say", Table().say, "ann", say_S01="maybe")
    refused("no_such_card", Table().say, "ann", say_S99="agree")


def test_words_without_an_answer_are_never_dropped_in_silence():
    refused("say_missing", Table().say, "ann", say_S01="agree", text_S02="But who pays?")


def test_a_participant_cannot_act_for_the_team():
    refused("say_one", Table().say, "ann", act="take", change="1-S01")


def test_the_team_has_no_ballot_of_its_own():
    by_team = {"say.S01": ["agree"]}
    refused("no_such_act", validation.read, by_team, ROUND, FAY, Table().now())


def test_a_change_taken_rewords_the_statement_and_marks_the_other_language():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    table.act("take", change=f"{seq}-S01", wordings={"en": "Short", "fr": "S01 en français"})
    assert table.statement().wordings["en"] == "Short" and table.statement().unchecked == ("fr",)
    assert table.statement("S02") == STATEMENTS[1]


def test_a_wording_given_in_both_languages_or_looked_at_needs_no_check():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter", say_S02="change", text_S02="Shorter")
    table.act("take", change=f"{seq}-S01", wordings={"en": "Short", "fr": "Court"})
    table.act("take", change=f"{seq}-S02", wordings={"en": "Short"}, checked="yes")
    assert table.statement("S01").unchecked == () and table.statement("S02").unchecked == ()


def test_a_change_cannot_be_taken_without_a_new_wording():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    refused("wording_missing", table.act, "take", change=f"{seq}-S01")
    refused("wording_same", table.act, "take", change=f"{seq}-S01", wordings={"en": "S01 in English"})


def test_two_people_who_ask_the_same_are_answered_with_one_wording_that_outlives_either():
    table = Table()
    first = table.say("ann", say_S01="change", text_S01="Shorter")
    second = table.say("bob", "clinicians", say_S01="change", text_S01="Too long")
    table.act("take", change=f"{first}-S01", wordings={"en": "Short", "fr": "Court"})
    table.act("take", change=f"{second}-S01", wordings={"en": "Short", "fr": "Court"})
    table.say("ann", say_S01="agree")
    assert table.statement().wordings == {"en": "Short", "fr": "Court"}
    assert table.now().line("S01").values["taken"] == 1


def test_what_a_person_is_told_is_kept_beside_the_wording_and_never_becomes_it():
    table = Table()
    first = table.say("ann", say_S01="change", text_S01="Shorter")
    second = table.say("bob", say_S02="change", text_S02="Plainer")
    table.act("leave", change=f"{first}-S01", reason="Noted")
    table.act("take", change=f"{second}-S02", reason="Thank you", wordings={"en": "Plain", "fr": "Simple"})
    assert table.statement("S01") == STATEMENTS[0]
    assert table.statement("S02").wordings == {"en": "Plain", "fr": "Simple"}
    assert {change.reason for change in table.now().todo.changes} == {"Noted", "Thank you"}


def test_a_wording_is_taken_only_by_someone_who_saw_what_it_replaces():
    table = Table()
    first = table.say("ann", say_S01="change", text_S01="Shorter")
    second = table.say("bob", say_S01="change", text_S01="Plainer")
    refused("look_first", table.act, "take", is_seen=False, change=f"{first}-S01", wordings={"en": "Noted"})
    seen = {"seen.en": "S01 in English", "seen.fr": "S01 en français"}
    table.act("take", change=f"{second}-S01", wordings={"en": "Plain", "fr": "Simple"})
    new = {"en": "Short", "fr": "Court"}
    refused("look_first", table.act, "take", is_seen=False, change=f"{first}-S01", wordings=new, **seen)


def test_to_look_at_a_wording_is_no_act():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    looked = {"look": ["take"], "change": [f"{seq}-S01"], "wording.en": ["Short"]}
    assert validation.read(looked, ROUND, FAY, table.now())["wordings"] == {"en": "Short"}
    refused("wording_missing", validation.read, looked | {"wording.en": [""]}, ROUND, FAY, table.now())


def test_a_new_wording_is_not_dropped_by_whoever_keeps_the_current_one():
    table = Table()
    change = f"{table.say('ann', say_S01='change', text_S01='Shorter')}-S01"
    refused("wording_too", table.act, "leave", change=change, reason="Noted", wordings={"en": "Short"})
    table.act("leave", change=change, reason="Noted", wordings={"en": "S01 in English "})


def test_the_history_tells_what_a_wording_replaced():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    table.act("take", change=f"{seq}-S01", wordings={"en": "Short", "fr": "S01 en français"})
    (step,) = table.now().todo.history
    assert (step.before, step.after) == ({"en": "S01 in English"}, {"en": "Short"})


def test_a_text_is_whole_or_refused_and_a_line_break_counts_once():
    table = Table()
    longest = "a\r\n" * 1000
    seq = table.say("ann", say_S01="change", text_S01=longest)
    assert table.now().todo.changes[0].text == longest.strip().replace("\r\n", "\n")
    told = refused("too_long", table.act, "leave", change=f"{seq}-S01", reason="a" * 2001)
    assert told.values == {"length": 2000, "now": 2001}


def test_a_change_is_left_only_with_a_reason():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    refused("reason_missing", table.act, "leave", change=f"{seq}-S01")
    table.act("leave", change=f"{seq}-S01", reason="Short already")
    assert table.now().todo.changes[0].reason == "Short already"


def test_of_two_facilitators_who_answer_one_change_the_second_is_told():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    table.act("take", change=f"{seq}-S01", wordings={"en": "Short"})
    carl = By(Role.COFACILITATOR, "carl", None, "fr")
    refused("change_answered", table.act, "leave", by=carl, change=f"{seq}-S01", reason="No")


def test_a_change_that_is_gone_cannot_be_answered():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    table.say("ann", say_S01="agree")
    refused("change_gone", table.act, "leave", change=f"{seq}-S01", reason="No")


def test_an_undo_gives_the_old_wording_back_and_the_change_waits_again():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter")
    taken = table.act("take", change=f"{seq}-S01", wordings={"en": "Short"})
    table.act("undo", undo=str(taken))
    assert table.statement() == STATEMENTS[0] and table.waiting() == [f"{seq}-S01"]
    refused("nothing_to_undo", table.act, "undo", undo=str(taken))


def test_an_undo_is_refused_while_a_later_wording_builds_on_it():
    table = Table()
    first = table.say("ann", say_S01="change", text_S01="Shorter")
    second = table.say("bob", say_S01="change", text_S01="Plainer")
    one = table.act("take", change=f"{first}-S01", wordings={"en": "Short"})
    two = table.act("take", change=f"{second}-S01", wordings={"en": "Short and plain"})
    refused("undo_later_first", table.act, "undo", undo=str(one))
    table.act("undo", undo=str(two))
    table.act("undo", undo=str(one))
    assert table.statement() == STATEMENTS[0]


def test_the_round_cannot_close_while_a_change_waits():
    table = Table()
    seq = table.say("ann", say_S01="change", text_S01="Shorter", say_S02="object", text_S02="No")
    left = validation.leftover(ROUND, table.now())
    assert (left.key, left.values) == ("changes_wait", {"n": 1})
    table.act("leave", change=f"{seq}-S01", reason="No")
    assert validation.leftover(ROUND, table.now()) is None


def test_every_statement_leaves_the_round_validated_in_its_order():
    tally = Table().now()
    assert tally.statements == STATEMENTS and {place.zone for place in tally.places.values()} == {"validated"}


def test_the_tidy_rows_tell_who_said_what_and_what_was_done():
    told = {"said": {"S01": {"say": "object", "text": "No"}}, "lang": "en"}
    took = {"act": "take", "change": "7-S01", "wordings": {"en": "A", "fr": "B"}, "checked": False}
    left = {"act": "leave", "change": "7-S01", "reason": "No"}
    both = {"act": "take", "change": "7-S01", "wordings": {"en": "A"}, "checked": False, "reason": "Yes"}
    rows = [row for marks in (told, took, left, both, {"act": "undo", "undo": 9}) for row in validation.answers(marks)]
    assert [(row.statement, row.criterion, row.value, row.text) for row in rows] == [
        ("S01", "validation", "object", "No"),
        ("S01", "take.en", "7-S01", "A"),
        ("S01", "take.fr", "7-S01", "B"),
        ("S01", "leave", "7-S01", "No"),
        ("S01", "take", "7-S01", "Yes"),
        ("S01", "take.en", "7-S01", "A"),
        ("", "undo", 9, ""),
    ]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(BLOCKS)), unique_by=lambda row: row[0]))
def test_what_the_team_reads_says_nothing_of_group_or_order(people):
    """The same texts from other people in another order give the same list, but for the names of the changes."""

    def heard(rows):
        table = Table()
        for text, block in rows:
            table.put(text, block, {"said": {"S01": {"say": "change", "text": text}}, "lang": "en"})
        return [(change.statement, change.text, change.lang) for change in table.now().todo.changes]

    assert heard(people) == heard([(text, "patients") for text, _ in reversed(people)])


@given(steps, st.randoms(use_true_random=False))
def test_only_the_standing_ballots_count_in_whatever_order_they_came(moves, chance):
    table = play(moves)
    ballots = list(table.standing.values())
    chance.shuffle(ballots)
    assert counted(ballots) == table.now()


@given(steps, st.data())
def test_a_withdrawn_seat_takes_its_changes_and_their_answers_with_it(moves, data):
    table = play(moves)
    seats = sorted({ballot.seat for ballot in table.standing.values() if ballot.block})
    if not seats:
        return
    gone = data.draw(st.sampled_from(seats))
    (place,) = [place for place, ballot in table.standing.items() if ballot.seat == gone]
    validation.add(table.count, table.standing.pop(place), -1)
    tally = table.now()
    assert tally == counted(table.standing.values())
    assert counted_again(table.standing.values()) == without_texts(figures(tally))


@given(steps)
def test_who_holds_which_ballot_changes_nothing(moves):
    ballots = list(play(moves).standing.values())
    renamed = [Ballot(b.seq, f"other {b.seat}", b.role, b.block, b.slot, b.marks) for b in ballots]
    assert counted(renamed) == counted(ballots)


@given(steps)
def test_the_whole_is_the_sum_of_the_blocks_and_every_change_has_one_outcome(moves):
    table = play(moves)
    for line in table.now().lines:
        for name in ("n", "agree", "change", "object"):
            assert line.values[name] == sum(row[name] for row in line.by_block.values())
        waiting = [name for name in table.waiting() if name.endswith(line.statement)]
        assert line.values["taken"] + line.values["left"] + len(waiting) == line.values["change"]


@given(steps)
def test_the_recount_agrees_with_the_tally(moves):
    table = play(moves)
    assert counted_again(table.standing.values()) == without_texts(figures(table.now()))


@given(steps)
def test_the_columns_are_the_figures_of_every_line(moves):
    listed = validation.columns(validation.Settings())
    for line in play(moves).now().lines:
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
        assert all(string) and all(french[key]) and placeholders(string) == placeholders(french[key]), key


def test_every_refusal_answer_and_column_has_its_sentence():
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")]
    keys = {key for source in sources for key in re.findall(r'BallotError\("(\w+)"', source)} | {"title", "what"}
    keys |= set(TEXT_MISSING.values()) | {f"say.{say}" for say in validation.SAYS}
    keys |= {f"column.{column.name}" for column in validation.columns(validation.Settings())}
    assert keys - sentences("en").keys() == set()
    assert is_dataclass(validation.Settings) and not fields(validation.Settings)
