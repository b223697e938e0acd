"""The wall keeps its promises: worked cases, random walks, and a second count that shares no line with the first."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

import rounds.wall as wall
from rounds.contract import Ballot, BallotError, Block, By, Line, Role, Round, Statement, Tally
from rounds.lineage import Stage, breaches
from rounds.wall.background import beside
from rounds.wall.recount import wall as count_again
from rounds.wall.settings import SIGNALS, WAYS_TO_DECIDE, ZONES, Settings
from rounds.wall.state import Act
from tests.rounds import listed

FOLDER = Path(wall.__file__).parent
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
BLOCKS = (Block("patients", ("patients",), 5), Block("clinicians", ("clinicians",), 6))
CARDS = (
    Statement("S01", {"en": "First", "fr": "Premier"}, "en", parents=("P1", "P4"), theme="care"),
    Statement("S02", {"en": "Second", "fr": "Deuxième"}, "fr", parents=("P2",), theme="care", level="meso"),
    Statement("S03", {"en": "Third", "fr": "Troisieme"}, "en", parents=("P3",)),
)


def a_round(cards: tuple[Statement, ...] = CARDS, **changes: Any) -> Round:
    return replace(Round("wall", "wall", Settings(), ("en", "fr"), BLOCKS, cards), **changes)


@dataclass
class Session:
    """What the engine does for a round: numbers, slots, replaced ballots, one running count."""

    round: Round = field(default_factory=a_round)
    seq: int = 0
    standing: dict[tuple[str, str] | int, Ballot] = field(default_factory=dict)
    count: Any = None

    def __post_init__(self) -> None:
        self.count = wall.start(self.round)

    @property
    def now(self) -> Tally:
        return wall.tally(self.count, self.round)

    @property
    def ballots(self) -> list[Ballot]:
        return sorted(self.standing.values(), key=lambda ballot: ballot.seq)

    def cast(self, who: str, **form: Any) -> Ballot:
        """Fields as keywords; a double underscore stands for a full stop."""
        listed = {k.replace("__", "."): v if isinstance(v, list) else [str(v)] for k, v in form.items()}
        return self.send(who, listed)

    def send(self, who: str, form: dict[str, list[str]]) -> Ballot:
        self.seq += 1
        person = CASES["by"][who]
        role, block = Role(person["role"]), person["block"]
        marks = wall.read(form, self.round, By(role, who, block, "en"), self.now)
        marks = json.loads(json.dumps(marks))
        ballot = Ballot(self.seq, who, role, block, wall.slot(marks), marks)
        self.add(ballot)
        return ballot

    def add(self, ballot: Ballot) -> None:
        place = ballot.seq if ballot.slot is None else (ballot.seat, ballot.slot)
        if place in self.standing:
            wall.add(self.count, self.standing[place], -1)
        wall.add(self.count, ballot, +1)
        self.standing[place] = ballot

    def move(self, who: str, card: str, to: str, **more: str) -> Ballot:
        """A move as the page would send it: everything that any zone asks, and the version that is seen."""
        seen = more.pop("seen", str(self.now.todo.versions.get(card, 0)))
        form = {"how": "no_objection", "reason": "why", "owner": "someone", "override": "once more"} | more
        return self.cast(who, act="move", card=card, to=to, seen=seen, **form)


def refused(session: Session, who: str, **form: Any) -> BallotError:
    with pytest.raises(BallotError) as caught:
        session.cast(who, **form)
    return caught.value


def zones(tally: Tally) -> dict[str, list[str]]:
    return {zone: list(cards) for zone, cards in tally.more.zones.items() if cards}


# --- worked cases


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_worked_case_comes_out_as_written(case: dict[str, Any]) -> None:
    session = Session()
    for step in case["steps"]:
        form = {name: value if isinstance(value, list) else [value] for name, value in step["form"].items()}
        if "refused" not in step:
            session.send(step["by"], form)
            continue
        with pytest.raises(BallotError) as caught:
            session.send(step["by"], form)
        assert caught.value.key == step["refused"]
        assert caught.value.values == step.get("values", caught.value.values)
    now = session.now
    cards = {s.id: s for s in now.statements}
    assert zones(now) == case["zones"]
    for card, values in case["lines"].items():
        assert values.items() <= dict(now.line(card).values).items()
    for card, blocks in case.get("by_block", {}).items():
        assert now.line(card).by_block == blocks
    if "table" in case:
        assert now.more.table.card == case["table"]
    assert {c: list(cards[c].parents) for c in case.get("parents", {})} == case.get("parents", {})
    assert {c: cards[c].wordings for c in case.get("wordings", {})} == case.get("wordings", {})
    assert {c: list(cards[c].unchecked) for c in case.get("unchecked", {})} == case.get("unchecked", {})


# --- promises, one by one


def test_every_statement_begins_in_memory_and_without_figures() -> None:
    now = Session().now
    assert zones(now) == {"memory": ["S01", "S02", "S03"]}
    assert all(line.values["keep"] is None and line.values["calls"] == 0 for line in now.lines)
    assert wall.asked(a_round(), now) == wall.asked(a_round(), None) == ()


def test_lines_carry_the_declared_columns_and_no_other() -> None:
    columns = wall.columns(Settings())
    session = Session()
    session.cast("fay", act="call", card="S01")
    for line in session.now.lines:
        assert list(line.values) == [column.name for column in columns]
        assert all(list(row) == [c.name for c in columns if c.by_block] for row in line.by_block.values())


def test_tallies_never_move_a_card() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    before = zones(session.now)
    for who in ("aline", "paul", "bob"):
        session.cast(who, call=1, signal="keep")
    assert zones(session.now) == before


def test_a_changed_signal_replaces_the_first() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    session.cast("aline", call=1, signal="keep")
    session.cast("aline", call=1, signal="drop")
    table = session.now.more.table
    assert table.signals == {"keep": 0, "unsure": 0, "drop": 1}
    assert table.by_block["patients"] == {"keep": 0, "unsure": 0, "drop": 1}


def test_participants_are_asked_for_the_card_on_the_table() -> None:
    session = Session()
    call = session.cast("fay", act="call", card="S01")
    assert wall.asked(session.round, session.now) == (f"call{call.seq}",)
    assert session.cast("bob", call=call.seq, signal="keep").slot == f"call{call.seq}"


def test_what_the_team_handles_holds_no_figure() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    session.cast("aline", call=1, signal="keep")
    now = session.now
    assert now.more.table.signals == {"keep": 1, "unsure": 0, "drop": 0}
    assert now.todo.table.card == "S01" and now.todo.table.call == 1
    assert now.todo.table.signals is None and now.todo.table.by_block is None
    assert now.todo.zones == now.more.zones and now.todo.history == now.more.history


def test_a_refused_second_move_loses_nothing() -> None:
    session = Session()
    session.move("fay", "S01", "grouping")
    first = session.now
    error = refused(session, "carl", act="move", card="S01", to="fridge", seen="0")
    assert error.key == "moved_already"
    assert error.values == {"who": "facilitator", "zone": "grouping", "card": "S01"}
    assert session.now == first


def test_a_move_taken_back_is_told_to_who_still_sees_it() -> None:
    session = Session()
    moved = session.move("fay", "S01", "grouping")
    session.cast("carl", act="undo", undo=moved.seq)
    error = refused(session, "fay", act="move", card="S01", to="fridge", seen=moved.seq)
    assert error.values == {"who": "cofacilitator", "zone": "memory", "card": "S01"}


def test_a_merge_is_refused_when_one_of_its_cards_was_moved() -> None:
    session = Session()
    session.move("fay", "S02", "grouping")
    form = {"act": "merge", "card": ["S01", "S02"], "seen__S01": "0", "seen__S02": "0", "wording__en": "Both"}
    assert refused(session, "carl", **form).key == "moved_already"


def test_a_merge_keeps_its_parents_and_what_they_share() -> None:
    session = Session()
    session.cast("fay", act="merge", card=["S01", "S02"], wording__fr="Les deux")
    made = session.now.statements[-1]
    assert (made.id, made.parents, made.wordings, made.original) == ("S04", ("S01", "S02"), {"fr": "Les deux"}, "fr")
    assert (made.theme, made.level) == ("care", "")


def test_a_merge_keeps_what_its_parents_are_called_in_their_file() -> None:
    session = Session(a_round(tuple(replace(card, source_id=f"x{n}", site=f"s{n}") for n, card in enumerate(CARDS))))
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    assert session.now.statements[-1].source_id == "x0; x1"
    assert session.now.statements[-1].site == "s0; s1"


def test_a_merge_keeps_one_spread_and_joins_what_a_realist_asks() -> None:
    cards = tuple(replace(card, spread="similar", mechanism=f"trust {n}") for n, card in enumerate(CARDS))
    session = Session(a_round(cards))
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    made = session.now.statements[-1]
    assert (made.spread, made.mechanism, made.limits) == ("similar", "trust 0; trust 1", "")


def test_a_merge_of_a_merge_names_the_cards_that_came_in() -> None:
    session = Session()
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    session.cast("fay", act="merge", card=["S04", "S03"], seen__S04=1, wording__en="All")
    assert [(s.id, s.parents) for s in session.now.statements] == [("S05", ("S01", "S02", "S03"))]


def test_a_merge_asks_what_its_zone_asks() -> None:
    session = Session()
    form = {"act": "merge", "card": ["S01", "S02"], "wording__en": "Both", "to": "selection"}
    assert refused(session, "fay", **form).key == "say_how"
    session.cast("fay", **form, how="after_rewording")
    assert session.now.places["S04"].how == "after_rewording"


def test_a_new_number_is_never_used_twice() -> None:
    earlier = Tally(statements=(Statement("S41", {"en": "Gone"}, "en"),))
    session = Session(a_round(before={"first": earlier}))
    assert session.now.todo.next_id == "S42"
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    session.cast("fay", act="undo")
    assert session.now.todo.next_id == "S43"


def test_a_merged_card_that_was_on_the_table_leaves_it() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    assert session.now.more.table is None
    session.cast("fay", act="undo")
    assert session.now.more.table.card == "S01"


def test_words_taken_over_unchecked_remain_to_be_checked() -> None:
    session = Session()
    session.cast("fay", act="reword", card="S01", wording__en="New")
    session.cast("fay", act="merge", card=["S01", "S02"], seen__S01=1, wording__en="New", wording__fr="Premier")
    assert session.now.statements[-1].unchecked == ("fr",)


def test_undo_is_refused_while_a_later_act_builds_on_it() -> None:
    session = Session()
    first = session.move("fay", "S01", "grouping")
    session.move("fay", "S02", "grouping")
    session.move("fay", "S01", "bin")
    assert refused(session, "fay", act="undo", undo=first.seq).key == "built_on"
    assert session.now.todo.undo.seq == 3
    session.cast("fay", act="undo", undo=2)
    session.cast("fay", act="undo")
    session.cast("fay", act="undo")
    assert zones(session.now) == {"memory": ["S01", "S02", "S03"]} and session.now.todo.undo is None


def test_a_call_only_builds_on_what_made_its_card() -> None:
    session = Session()
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    moved = session.move("fay", "S04", "fridge")
    session.cast("fay", act="call", card="S04", seen=moved.seq)
    session.cast("fay", act="undo", undo=moved.seq)
    assert refused(session, "fay", act="undo", undo=1).key == "built_on"


def test_a_card_made_of_a_fridge_card_has_been_in_the_fridge() -> None:
    session = Session()
    session.move("fay", "S01", "fridge")
    form = {"act": "merge", "card": ["S01", "S02"], "seen__S01": "1", "wording__en": "Both", "to": "fridge"}
    assert refused(session, "fay", **form).key == "fridge_again"
    session.cast("fay", **form, override="Not yet")
    assert session.now.todo.visits["S04"] == 2 and session.now.places["S04"].reason == "Not yet"


def test_the_wall_cannot_close_with_cards_in_memory_grouping_or_fridge() -> None:
    session = Session()
    session.move("fay", "S01", "grouping")
    session.move("fay", "S02", "fridge")
    error = wall.leftover(session.round, session.now)
    assert error is not None and error.key == "still_in"
    assert error.values == {"memory": 1, "grouping": 1, "fridge": 1}
    for card, zone in (("S01", "selection"), ("S02", "veto"), ("S03", "bin")):
        session.move("fay", card, zone)
    assert wall.leftover(session.round, session.now) is None
    assert session.now.places["S02"].owner == "someone" and session.now.places["S03"].reason == "why"


def test_the_history_tells_who_did_what_newest_first() -> None:
    session = Session()
    session.move("fay", "S01", "bin", reason="Said twice")
    session.cast("carl", act="undo")
    last, first = session.now.todo.history
    assert (first.seq, first.act, first.role, first.seat) == (1, "move", Role.FACILITATOR, "fay")
    assert (first.from_zone, first.to_zone, first.how, first.reason) == ("memory", "bin", "no_objection", "Said twice")
    assert first.undone and (last.act, last.undoes, last.cards) == ("undo", 1, ("S01",))


def test_signals_of_calls_that_do_not_stand_are_ignored() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    session.cast("aline", call=1, signal="keep")
    session.cast("fay", act="undo")
    assert session.now.line("S01").values["keep"] is None
    stray = {"act": "signal", "call": 99, "card": "S77", "signal": "keep"}
    wall.add(session.count, Ballot(9, "bob", Role.PARTICIPANT, "clinicians", "call99", stray), +1)
    assert session.now.more.table is None and session.now.line("S77") is None


def test_beside_a_card_lie_the_figures_of_earlier_rounds() -> None:
    lines = tuple(Line(card, {"n": n}) for n, card in enumerate(("S01", "S02", "P3")))
    before = {"first": Tally(lines, CARDS), "second": Tally(lines[:1], CARDS)}
    session = Session(a_round(before=before))
    session.cast("fay", act="merge", card=["S01", "S02"], wording__en="Both")
    made = session.now.statements[-1]
    found = [(key, card, line.values["n"]) for key, card, line in beside(session.round, made)]
    assert found == [("first", "S01", 0), ("first", "S02", 1), ("second", "S01", 0)]
    assert [row[:2] for row in beside(session.round, CARDS[2])] == [("first", "P3")]


def test_tidy_rows_say_where_cards_went_and_why() -> None:
    session = Session()
    session.cast("fay", act="call", card="S01")
    signal = session.cast("aline", call=1, signal="keep")
    moved = session.cast("fay", act="move", card="S01", to="veto", reason="Law", owner="The ministry")
    merged = session.cast("fay", act="merge", card=["S02", "S03"], wording__en="Both")
    rows = [(a.statement, a.criterion, a.value, a.text) for b in (signal, moved, merged) for a in wall.answers(b.marks)]
    assert rows == [
        ("S01", "signal", "keep", ""),
        ("S01", "zone", "veto", "Law"),
        ("S01", "owner", "The ministry", ""),
        ("S02", "merged_into", "S04", ""),
        ("S03", "merged_into", "S04", ""),
        ("S04", "zone", "grouping", ""),
    ]
    split = session.cast("fay", act="split", card="S04", seen=4, wording__en__1="One", wording__en__2="Two")
    undone = session.cast("fay", act="undo")
    worded = session.cast("fay", act="reword", card="S04", seen=4, wording__en="Both, anew")
    found = [
        (a.statement, a.criterion, a.value or a.text) for b in (split, undone, worded) for a in wall.answers(b.marks)
    ]
    assert found == [
        ("S05", "split_from", "S04"),
        ("S05", "zone", "memory"),
        ("S06", "split_from", "S04"),
        ("S06", "zone", "memory"),
        ("S04", "undo", 5),
        ("S05", "undo", 5),
        ("S06", "undo", 5),
        ("S04", "wording.en", "Both, anew"),
    ]


def test_settings_refuse_what_makes_no_sense() -> None:
    assert Settings(names={"bin": {"en": "Set aside"}}).name("bin", "en") == "Set aside"
    assert Settings().name("bin", "en") == ""
    for wrong in ({"names": {"cellar": {}}}, {"selection_size": -1}):
        with pytest.raises(BallotError):
            Settings(**wrong)
    assert wall.seconds(Settings(), 40) == 2400


# --- random walks


def a_form(session: Session, dice: random.Random) -> tuple[str, dict[str, Any]]:
    """Some act, mostly one that can be taken."""
    now = session.now
    table, cards = now.todo.table, [s.id for s in now.statements]
    act = dice.choice(
        ["signal"] * 4 + ["move"] * 3 + ["call", "call", "show", "clear", "merge", "split", "reword", "check", "undo"]
    )
    if act == "signal":
        who, call = dice.choice(["aline", "paul", "bob"]), table.call if table else 0
        return who, {"call": call, "signal": dice.choice(SIGNALS)}
    form: dict[str, Any] = {"act": act, "to": dice.choice(ZONES), "how": dice.choice(WAYS_TO_DECIDE)}
    form |= {"reason": "why", "owner": "someone", "override": dice.choice(["", "again"]), "undo": ""}
    if act == "merge":
        form["card"] = dice.sample(cards, min(len(cards), dice.choice([2, 3])))
        form |= {f"seen__{card}": now.todo.versions[card] for card in form["card"]}
    elif act not in {"clear", "show"}:
        form["card"] = dice.choice(cards)
        form["seen"] = now.todo.versions[form["card"]]
    if act == "undo":
        form["undo"] = dice.choice(["", dice.randint(1, session.seq + 1)])
    end = "__1" if act == "split" else ""
    form |= {f"wording__en{end}": f"words {dice.random()}", "wording__fr__2": "mots"}
    return dice.choice(["fay", "carl"]), form


def walk(seed: int, steps: int, cards: tuple[Statement, ...] = CARDS) -> Session:
    session, dice = Session(a_round(cards)), random.Random(seed)
    for _ in range(steps):
        who, form = a_form(session, dice)
        try:
            session.cast(who, **form)
        except BallotError:
            continue
    return session


def some_cards(number: int) -> tuple[Statement, ...]:
    return tuple(
        Statement(f"S{n:02d}", {"en": f"{n}", "fr": f"{n}"}, "en", parents=(f"P{n}",)) for n in range(1, number + 1)
    )


def test_the_walks_meet_every_act_and_every_zone() -> None:
    acts, seen = set(), set()
    for seed in range(30):
        session = walk(seed, 60, some_cards(6))
        acts |= {ballot.marks["act"] for ballot in session.ballots}
        seen |= set(zones(session.now))
    assert acts == {*wall.acts.READ, "signal"} and seen == set(ZONES)


walks = given(seed=st.integers(0, 2**32), steps=st.integers(0, 60))
often = settings(max_examples=60, deadline=None)


@often
@walks
def test_no_statement_is_lost_or_made_of_nothing(seed: int, steps: int) -> None:
    session = walk(seed, steps, some_cards(6))
    now = session.now
    assert breaches([Stage("wall", session.round.statements, now.statements, now.places)]) == []
    assert [line.statement for line in now.lines] == [card for cards in now.more.zones.values() for card in cards]
    assert {s.id for s in now.statements} == set(now.places) == {line.statement for line in now.lines}


@often
@walks
def test_the_order_in_which_ballots_are_counted_changes_nothing(seed: int, steps: int) -> None:
    session = walk(seed, steps)
    ballots, count = session.ballots, wall.start(session.round)
    random.Random(seed).shuffle(ballots)
    for ballot in ballots:
        wall.add(count, ballot, +1)
    assert wall.tally(count, session.round) == session.now
    for ballot in session.ballots:
        wall.add(count, ballot, -1)
    assert wall.tally(count, session.round) == wall.tally(wall.start(session.round), session.round)


@often
@walks
def test_as_many_undos_as_acts_give_the_first_wall(seed: int, steps: int) -> None:
    session = walk(seed, steps)
    first = Session().now
    while session.now.todo.undo:
        session.cast("fay", act="undo")
    now = session.now
    assert (now.lines, now.statements, now.places) == (first.lines, first.statements, first.places)
    for name in ("table", "zones", "versions", "visits", "undo"):
        assert getattr(now.more, name) == getattr(first.more, name)


@often
@walks
def test_the_stand_alone_recount_finds_the_same_figures(seed: int, steps: int) -> None:
    session = walk(seed, steps, some_cards(5))
    data = {"statements": [s.id for s in session.round.statements], "blocks": [{"key": b.key} for b in BLOCKS]}
    found = count_again(data, listed.as_in_files(wall, session.ballots))
    mine = {(line.statement, name, ""): value for line in session.now.lines for name, value in line.values.items()}
    for line in session.now.lines:
        mine |= {(line.statement, n, key): v for key, row in line.by_block.items() for n, v in row.items()}
    assert found == mine


@often
@walks
def test_fewer_signals_and_missing_acts_never_break_the_count(seed: int, steps: int) -> None:
    session, dice = walk(seed, steps), random.Random(seed)
    count = wall.start(session.round)
    for ballot in session.ballots:
        if dice.random() < 0.6:
            wall.add(count, ballot, +1)
    now = wall.tally(count, session.round)
    assert {s.id for s in now.statements} == set(now.places)


# --- sentences


def sentences(language: str) -> dict[str, Any]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return {(m.id[0] if m.pluralizable else m.id): m.string for m in read_po(file, locale=language) if m.id}


def forms(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    english, french = sentences("en"), sentences("fr")
    assert list(english) == list(french)
    for key in english:
        said = forms(english[key]) + forms(french[key])
        assert all(said) and all(blanks(text) == blanks(said[0]) for text in said), key


def test_sentences_are_short_and_spaced_as_in_quebec() -> None:
    for language in ("en", "fr"):
        for key, value in sentences(language).items():
            for text in re.split(r"(?<=[.?!]) ", " ".join(forms(value))):
                assert len(text.split(" ")) <= 20, (language, key)
    for key, value in sentences("fr").items():
        for text in forms(value):
            assert not re.search(r"[^\u00a0][:%»]|«[^\u00a0]|[\s\u00a0][;!?]|'", text), key


def test_every_refusal_has_a_sentence_that_its_values_fill() -> None:
    raised = {
        key: set(re.findall(r"(\w+)=", values))
        for path in FOLDER.glob("*.py")
        for key, values in re.findall(r'BallotError\("(\w+)"([^\n]*)\)', path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 25
    english = sentences("en")
    for key, values in raised.items():
        assert key in english, key
        assert blanks(english[key]) <= (values or blanks(english[key])), key


def test_every_word_that_a_screen_builds_has_a_sentence() -> None:
    keys = set(sentences("en"))
    wanted = [f"zone.{z}{end}" for z in ZONES for end in ("", ".what")] + [f"how.{how}" for how in WAYS_TO_DECIDE]
    wanted += [f"signal.{s}" for s in SIGNALS] + [f"column.{c.name}" for c in wall.columns(Settings())]
    wanted += [f"{what}.{act}" for what in ("do", "act") for act in wall.acts.READ]
    wanted += ["setting.names", "setting.veto_means", "setting.selection_size", "veto_means.default", "title", "what"]
    assert [key for key in wanted if key not in keys] == []


def test_what_was_shown_of_a_card_does_not_keep_it_from_being_taken_apart_again() -> None:
    made = Act(1, "merge", Role.FACILITATOR, "fay", cards=("S01", "S02", "S03"), made=("S03",))
    assert wall.state.builds_on(Act(2, "call", Role.FACILITATOR, "fay", cards=("S03",)), made)
    assert not wall.state.builds_on(Act(3, "show", Role.FACILITATOR, "fay", cards=("S03",)), made)
