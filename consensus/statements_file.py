"""A CSV of statements, read: every line that can be taken, and for every other its number and the reason.

Columns id, nature, level, theme, text_en, text_fr, source, in any order; only one text is required. The file's own
id is not kept: statements are numbered P001, P002, ... in the order of the file. Nothing is stored here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consensus.lines import Problem, problem
from rounds.contract import Statement

COLUMNS = ("id", "nature", "level", "theme", "text_en", "text_fr", "source")
NATURES = ("", "helps", "hinders", "next_step")
LEVELS = ("", "macro", "meso", "micro")
LONGEST = {"theme": 200, "text_en": 1000, "text_fr": 1000, "source": 2000}  # characters
MOST_BYTES = 960_000  # a megabyte, less the line breaks that a browser adds when it sends the text again
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Reading:
    """statements: those of the lines that can be taken. A reading with problems is not to be imported."""

    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def decode(data: bytes) -> str | None:
    """The text of a file, with or without byte order mark; None where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def parse(text: str, languages: Sequence[str]) -> Reading:
    """languages: of the session, in order; the first in which a statement has a text is its original."""
    if len(text.encode()) > MOST_BYTES:
        return Reading(problems=(problem(1, "file.too_large", n=MOST_BYTES // 1000),))
    statements: list[Statement] = []
    problems: list[Problem] = []
    for found in _rows(text.removeprefix("\ufeff").replace("\0", "")):
        if isinstance(found, Problem):
            problems.append(found)
        elif wrong := _problems(found, languages):
            problems += wrong
        else:
            statements.append(_statement(found.cells, len(statements) + 1, languages))
    if len(statements) > MOST_ROWS:
        problems.append(problem(MOST_ROWS + 2, "file.too_many", n=MOST_ROWS))
    if not statements and not problems:
        problems.append(problem(1, "file.empty"))
    return Reading(tuple(statements), tuple(problems))


def _rows(text: str) -> Iterator[_Row | Problem]:
    """The rows under the header with the line each begins on. A file whose shape is wrong ends the reading."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            at, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is not None:
                yield _row(at, header, cells)
                continue
            header = [cell.strip().lower() for cell in cells]
            if wrong := _header_problem(at, header):
                yield wrong
                return
    except csv.Error:
        yield problem(begins, "file.quotes")


def _delimiter(text: str) -> str:
    """What parts the columns: comma, semicolon or tab, whichever the first line holds most."""
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _header_problem(line: int, header: list[str]) -> Problem | None:
    strange = [name for name in header if name not in COLUMNS]
    if "text_en" not in header and "text_fr" not in header:
        return problem(line, "file.no_text_column", columns=", ".join(COLUMNS))
    if strange:
        return problem(line, "file.strange_column", strange[0], columns=", ".join(COLUMNS))
    twice = next((name for name in header if header.count(name) > 1), None)
    return problem(line, "file.column_twice", twice) if twice else None


def _row(line: int, header: list[str], cells: list[str]) -> _Row | Problem:
    if len(cells) > len(header):
        return problem(line, "file.too_many_cells", n=len(cells), columns=len(header))
    padded = cells + [""] * (len(header) - len(cells))
    return _Row(line, {name: _folded(cell) for name, cell in zip(header, padded, strict=True)})


def _folded(cell: str) -> str:
    """A cell on one line; no-break spaces stay, French needs them."""
    return re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", cell.strip())


def _problems(row: _Row, languages: Sequence[str]) -> list[Problem]:
    cells, found = row.cells, []
    if cells.get("nature", "") not in NATURES:
        found.append(problem(row.line, "file.bad_nature", cells["nature"]))
    if cells.get("level", "") not in LEVELS:
        found.append(problem(row.line, "file.bad_level", cells["level"]))
    if not any(cells.get(f"text_{language}") for language in languages):
        found.append(problem(row.line, "file.no_text", columns=", ".join(f"text_{name}" for name in languages)))
    for name, longest in LONGEST.items():
        if len(cells.get(name, "")) > longest:
            found.append(problem(row.line, "file.too_long", name, n=longest))
    return found


def _statement(cells: Mapping[str, str], number: int, languages: Sequence[str]) -> Statement:
    texts = {name: cells.get(f"text_{name}", "") for name in languages}
    wordings = {name: text for name, text in texts.items() if text}
    return Statement(
        id=f"P{number:03}",
        wordings=wordings,
        original=next(iter(wordings)),
        nature=cells.get("nature", ""),
        level=cells.get("level", ""),
        theme=cells.get("theme", ""),
        source=cells.get("source", ""),
    )
