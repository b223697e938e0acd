"""What holds for every kind of round, whoever wrote it."""

from __future__ import annotations

import ast
import dataclasses
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from babel.messages.pofile import read_po

from rounds import KINDS
from rounds.contract import Block, By, Role, Round, Statement
from rounds.disclosure import Mode
from rounds.kind import Kind
from rounds.words import WITHHELD, bare, words

ROOT = Path(__file__).parents[2]
BLOCKS = (Block("patients", ("patients",), 5), Block("clinicians", ("clinicians",), 6))
CARDS = tuple(Statement(f"S{n:02}", {"en": f"Card {n}.", "fr": f"Carte {n}."}, "en") for n in range(1, 4))


def _is_must(field: dataclasses.Field[object]) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


every_kind = pytest.mark.parametrize("name", list(KINDS))


def empty_round(name: str) -> Round:
    return Round(name, name, KINDS[name].Settings(), ("fr", "en"), BLOCKS, CARDS)


def keys(name: str, language: str) -> dict[str, str]:
    with (ROOT / "rounds" / name / f"{language}.po").open("rb") as file:
        return {m.id[0] if isinstance(m.id, tuple) else m.id: m.string for m in read_po(file) if m.id}


FIELDS = {field.name: getattr(KINDS["rating"], field.name) for field in dataclasses.fields(Kind)}
MUST = [field.name for field in dataclasses.fields(Kind) if _is_must(field)]


@pytest.mark.parametrize("name", MUST)
def test_a_kind_that_lacks_what_every_kind_says_is_refused_when_it_is_made(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Kind(**{other: FIELDS[other] for other in MUST if other != name})


def test_a_name_that_no_kind_has_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="fewest_tolled"):
        Kind(**FIELDS, fewest_tolled=5)


def test_a_kind_that_adds_nothing_asks_of_each_statement_and_hands_its_texts_on() -> None:
    kind, round = Kind(**{name: FIELDS[name] for name in MUST}), empty_round("rating")
    assert kind.cards(round) == CARDS and kind.how_many is kind.slots is kind.ends is kind.across is None
    assert not (kind.is_counted or kind.ordered or kind.is_whole or kind.is_narrowed(round.settings))
    assert (kind.fewest, kind.fewest_told, kind.leaves(round.settings, None)) == (1, 1, ())
    assert kind.most(round.settings) is None and kind.means(round.settings) == "means"


def test_a_ballot_of_which_some_is_not_told_is_never_handed_on_whole() -> None:
    kind = Kind(**{name: FIELDS[name] for name in MUST})
    with pytest.raises(TypeError, match="several parts"):
        kind.cut({}, {"importance"})
    with pytest.raises(TypeError, match="narrowed"):
        kind.narrowed((), 5)


@pytest.mark.parametrize(("left", "minutes"), [(1, 1), (4, 1), (5, 2), (8, 2)])
def test_what_is_left_is_told_in_minutes_rounded_up_whatever_is_asked(left: int, minutes: int) -> None:
    kind = Kind(**{**{name: FIELDS[name] for name in MUST}, "seconds": lambda settings, cards: 40 * cards})
    assert kind.minutes(empty_round("rating"), left, of=8) == minutes


@every_kind
def test_it_proposes_a_known_disclosure_mode(name: str) -> None:
    assert KINDS[name].disclosure in list(Mode)


@every_kind
def test_no_ballot_at_all_is_not_an_error(name: str) -> None:
    kind, round = KINDS[name], empty_round(name)
    tally = kind.tally(kind.start(round), round)
    assert kind.asked(round, tally) is not None
    assert {line.statement for line in tally.lines} <= {s.id for s in round.statements}


@every_kind
def test_a_line_carries_the_declared_columns_and_no_other(name: str) -> None:
    kind, round = KINDS[name], empty_round(name)
    declared = {column.name: column for column in kind.columns(round.settings)}
    for line in kind.tally(kind.start(round), round).lines:
        assert set(line.values) == set(declared)
        for row in line.by_block.values():
            assert set(row) == {column for column, c in declared.items() if c.by_block}


@every_kind
def test_a_persons_own_words_are_found_by_their_name_and_no_answer_rests_on_them(name: str) -> None:
    """Else they could not be left out of a file of somebody who may not be quoted."""
    kind, round = KINDS[name], empty_round(name)
    book = [{"en": f"An idea {n}.", "fr": f"Une idée {n}."} for n in range(20)]
    by, now = By(Role.PARTICIPANT, "1", "patients", "en"), kind.tally(kind.start(round), round)
    for seed in range(20 if Role.PARTICIPANT in kind.cast_by else 0):
        for form in kind.play(round, now, by, Random(seed), book):
            marks = kind.read(form, round, by, now)
            said, left = list(kind.answers(marks)), list(kind.answers(bare(marks)))
            assert {answer.text for answer in said} - {""} <= set(words(marks))
            assert {answer.text for answer in left} <= {"", WITHHELD}
            assert [replace(answer, text="") for answer in said] == [replace(answer, text="") for answer in left]
            assert kind.slot(marks) == kind.slot(bare(marks))


@every_kind
def test_it_says_its_title_columns_and_settings_in_both_languages(name: str) -> None:
    settings = KINDS[name].Settings()
    wanted = {"title", "what"} | {f"column.{column.name}" for column in KINDS[name].columns(settings)}
    choices = KINDS[name].choices
    assert set(choices) <= {knob.name for knob in dataclasses.fields(settings)}
    for knob in dataclasses.fields(settings):
        wanted.add(f"setting.{knob.name}")
        wanted |= {f"setting.{knob.name}.{value}" for value in choices.get(knob.name, ())}
    for language in ("fr", "en"):
        assert not wanted - set(keys(name, language)), language


@every_kind
def test_it_has_worked_examples_and_a_template_with_its_blocks(name: str) -> None:
    assert (ROOT / "rounds" / name / "cases.json").is_file()
    template = (ROOT / "templates" / "rounds" / f"{name}.html").read_text(encoding="utf-8")
    assert template.find("{% extends frame %}") >= 0
    assert "{% block ballot %}" in template or "{% block desk %}" in template


@every_kind
def test_its_reading_has_whatever_its_template_asks_of_it(name: str) -> None:
    folder = ROOT / "templates"
    template = (folder / "rounds" / f"{name}.html").read_text(encoding="utf-8")
    if "parts/order.html" in template:
        template += (folder / "parts" / "order.html").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bview\.reading\.(\w+)", template))
    assert not {one for one in asked if not hasattr(KINDS[name].reading, one)}


@every_kind
def test_its_recount_stands_alone(name: str) -> None:
    """The second count may use the standard library and the frame of recounts; nothing of the round itself."""
    tree = ast.parse((ROOT / "rounds" / name / "recount.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [n.module or "" if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports]
    assert all(module == "rounds.recount" or module.split(".")[0] not in {"rounds", "consensus"} for module in named)
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
