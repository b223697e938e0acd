"""What holds for every kind of round, whoever wrote it."""

from __future__ import annotations

import ast
import dataclasses
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from babel.messages.pofile import read_po

from rounds import KINDS
from rounds.contract import Block, By, Kind, Role, Round, Statement
from rounds.disclosure import Mode
from rounds.words import WITHHELD, bare, words

ROOT = Path(__file__).parents[2]
BLOCKS = (Block("patients", ("patients",), 5), Block("clinicians", ("clinicians",), 6))
CARDS = tuple(Statement(f"S{n:02}", {"en": f"Card {n}.", "fr": f"Carte {n}."}, "en") for n in range(1, 4))

every_kind = pytest.mark.parametrize("name", list(KINDS))


def empty_round(name: str) -> Round:
    return Round(name, name, KINDS[name].Settings(), ("fr", "en"), BLOCKS, CARDS)


def keys(name: str, language: str) -> dict[str, str]:
    with (ROOT / "rounds" / name / f"{language}.po").open("rb") as file:
        return {m.id[0] if isinstance(m.id, tuple) else m.id: m.string for m in read_po(file) if m.id}


@every_kind
def test_it_has_every_name_of_the_contract(name: str) -> None:
    expected = [n for n in vars(Kind) if not n.startswith("_")]
    missing = [n for n in expected if not hasattr(KINDS[name], n)]
    assert not missing


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
    choices = getattr(type(settings), "choices", {})
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
def test_its_recount_stands_alone(name: str) -> None:
    """The second count may use the standard library and the frame of recounts; nothing of the round itself."""
    tree = ast.parse((ROOT / "rounds" / name / "recount.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [n.module or "" if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports]
    assert all(module == "rounds.recount" or module.split(".")[0] not in {"rounds", "consensus"} for module in named)
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
