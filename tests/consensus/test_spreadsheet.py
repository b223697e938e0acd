"""A copy for a spreadsheet: no cell is a formula, and brought back every text is the one it was."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import consensus
from consensus.imports.cells import cleaned, trimmed
from consensus.imports.encoding import decode
from consensus.imports.reader import read
from consensus.imports.statements import LONGEST, for_spreadsheet, parse
from consensus.spreadsheet import MARK, SEPARATORS, copy, escaped, plain
from rounds.contract import Statement

STEERS = [
    "=1+1",
    "+33 1",
    "-5 %",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
]
OWN = ["'quoted", "''=1", "'=1", "' =1", "'", "it's", "’tis", "-", "=", "1-9", "a=b", "", "  plain"]
TEXTS = st.one_of(st.text(), st.text(alphabet="'=+-@＝＠ \t\r\nab\u00a0\ufeff,;\""))


@pytest.mark.parametrize("text", STEERS)
def test_what_steers_a_spreadsheet_begins_with_an_apostrophe(text: str) -> None:
    assert escaped(text) == f"'{text}"


@pytest.mark.parametrize("text", ["'quoted", "it's", "a=b", "1-9", "", "plain", "«\u00a0=\u00a0»"])
def test_what_steers_nothing_stays(text: str) -> None:
    assert escaped(text) == text


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert plain(escaped(text)) == text
    assert plain(escaped(escaped(text))) == escaped(text)


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert escaped(text).strip().lstrip("\ufeff \u00a0")[:1] not in set("=+-@＝＋－＠") or not text.strip()


def as_brought(text: str) -> str:
    """As our reader leaves what somebody brings: a text of a list has been through it once."""
    first = cleaned(text)[0].replace("\n", " ")
    return next(iter(trimmed([first])), "")


@pytest.mark.parametrize("language", SEPARATORS)
@given(
    texts=st.lists(TEXTS.map(as_brought).filter(lambda t: t and len(t) <= LONGEST["text_fr"]), min_size=1, max_size=5)
)
@example(texts=[text for text in map(as_brought, [*STEERS, *OWN]) if text])
def test_a_list_brought_back_is_the_same(language: str, texts: list[str]) -> None:
    held = tuple(
        Statement(f"P{n:03}", {"fr": text, "en": text}, "en", nature="helps", theme=text[:99], source_id=f"'=X{n}")
        for n, text in enumerate(texts, 1)
    )
    found = parse(decode(for_spreadsheet(held, ["fr", "en"], language)).text, ["fr", "en"])
    assert found.problems == () and found.statements == held


def test_a_legal_apostrophe_of_another_file_stays() -> None:
    found = parse("text_fr;text_en\n'=1+1;'quoted", ["fr", "en"])
    assert found.statements[0].wordings == {"fr": "'=1+1", "en": "'quoted"}


def test_the_copy_opens_by_itself() -> None:
    data = copy("fr", ["text_fr"], [{"text_fr": "=Énoncé; un"}])
    assert data.startswith("\ufeff".encode()) and read(data).separator == ";"
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows == [["text_fr", MARK], ["'=Énoncé; un", ""]]


def test_nothing_else_writes_a_table_for_people() -> None:
    """The parcel writes raw, what was brought stays in its own form; whatever else offers cells passes here."""
    house = Path(consensus.__file__).parent
    writes = {
        str(path.relative_to(house))
        for path in house.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter", "Workbook", "to_csv", "to_excel"}
    }
    assert writes == {"spreadsheet.py", "web/setup/brought.py", "web/setup/evidence.py", "export/sheets.py"}
