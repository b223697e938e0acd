"""A tidy CSV, one answer per line, read into a matrix; the first line that cannot be taken ends it with the reason.

Columns participant, statement, the answer's own and, where groups are asked for, theirs; in any order, others are
let be. Comma, semicolon or tab; UTF-8 with or without byte order mark; any line ends. What an answer may be, its
command says: nothing here knows a scale or a rank.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class Malformed(Exception):
    """A file that cannot be taken: the line, from 1 as editors count, and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """Names in the order in which the file first says them.

    values: int (people, statements), as read from each cell, 0 where there is no line. group_of: index into groups
    for each person; zeros, and one group named "", where no groups were asked for.
    """

    people: tuple[str, ...]
    statements: tuple[str, ...]
    groups: tuple[str, ...]
    group_of: NDArray[np.intp]
    values: NDArray[np.int64]


def decode(data: bytes) -> str:
    """The text of a file; names that look alike become alike (Unicode NFC)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Malformed(data[: wrong.start].count(b"\n") + 1, "not UTF-8; save the file again as UTF-8") from None
    if "\0" in text:
        raise Malformed(text[: text.index("\0")].count("\n") + 1, "a zero byte; this is not a text file")
    if not text.strip():
        raise Malformed(1, "the file is empty")
    return unicodedata.normalize("NFC", text)


def read(data: bytes, answer: str, group: str | None, value: Callable[[str], int]) -> Sheet:
    """answer: the name of the answers' column. group: of the groups', or None. value: what a cell says, where 0 is no
    answer; its ValueError is the reason why it cannot be taken. Malformed for a file that cannot."""
    wanted = ["participant", "statement", answer] + ([group.casefold()] if group else [])
    people, statements, groups = _Names(), _Names(), _Names()
    known: dict[str, int] = {}
    grouped: dict[int, tuple[int, int]] = {}
    found: list[tuple[int, int, int, int]] = []
    for line, cells in _rows(decode(data), wanted):
        person, statement = people.place(cells[0]), statements.place(cells[1])
        if not cells[0] or not cells[1]:
            raise Malformed(line, f"no {'statement' if cells[0] else 'participant'}")
        if cells[2] not in known:
            try:
                known[cells[2]] = value(cells[2])
            except ValueError as wrong:
                raise Malformed(line, str(wrong)) from None
        if group:
            _join(line, cells, grouped.setdefault(person, (groups.place(cells[3]), line)), groups)
        found.append((person, statement, known[cells[2]], line))
    if not found:
        raise Malformed(1, "no answer below the names of the columns")
    return Sheet(
        tuple(people.places),
        tuple(statements.places),
        tuple(groups.places) if group else ("",),
        np.array([grouped[person][0] if group else 0 for person in range(len(people.places))], dtype=np.intp),
        _matrix(np.array(found, dtype=np.int64), list(people.places), list(statements.places)),
    )


class _Names:
    """Names, each with its place: the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, name: str) -> int:
        return self.places.setdefault(name, len(self.places))


def _join(line: int, cells: list[str], home: tuple[int, int], groups: _Names) -> None:
    """A person stays in the group of their first line."""
    if not cells[3]:
        raise Malformed(line, f"no group for {shown(cells[0])}")
    if groups.place(cells[3]) != home[0]:
        first = list(groups.places)[home[0]]
        raise Malformed(
            line, f"{shown(cells[0])} is in group {shown(cells[3])} here and in {shown(first)} on line {home[1]}"
        )


def _matrix(found: NDArray[np.int64], people: list[str], statements: list[str]) -> NDArray[np.int64]:
    """The answers in their places, none twice."""
    person, statement, value, line = found.T
    places = person * len(statements) + statement
    order = np.argsort(places, kind="stable")
    again = np.flatnonzero(np.diff(places[order]) == 0)
    if again.size:
        at = again[np.argmin(line[order[again + 1]])]
        first, second = order[at], order[at + 1]
        who, what = shown(people[person[second]]), shown(statements[statement[second]])
        raise Malformed(int(line[second]), f"{who} answered {what} already on line {line[first]}")
    values = np.zeros((len(people), len(statements)), dtype=np.int64)
    values[person, statement] = value
    return values


def _rows(text: str, wanted: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The wanted cells of each line, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: Mapping[str, int] = {}
    width, ends = 0, 0
    try:
        for cells in reader:
            line, ends = ends + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns, width = _header(line, cells, wanted), len(cells)
                picked = [columns[name] for name in wanted]
                continue
            if len(cells) != width:
                raise Malformed(line, f"{len(cells)} cells where the first line names {width} columns")
            yield line, [cells[place].strip() for place in picked]
    except csv.Error as wrong:
        raise Malformed(ends + 1, f"quotation marks do not match, or a cell is far too long ({wrong})") from None


def _delimiter(text: str) -> str:
    """What parts the columns, whichever the first line holds most."""
    first = text.lstrip()[:10_000].splitlines()[0]
    return max(",;\t", key=first.count)


def _header(line: int, cells: list[str], wanted: list[str]) -> Mapping[str, int]:
    names = [cell.strip().casefold() for cell in cells]
    for name in wanted:
        if names.count(name) != 1:
            how = "no column" if name not in names else "more than one column"
            raise Malformed(line, f"{how} {name}; the first line needs {', '.join(wanted)}")
    return {name: place for place, name in enumerate(names)}


def shown(text: str) -> str:
    """A cell as a message quotes it, cut where it is long."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


def whole(text: str) -> int:
    """A whole number, as people write one; ValueError with the reason where it is not."""
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10) or text.startswith(("-+", "+-")):
        raise ValueError(f"{shown(text)} is not a whole number")
    return int(text)
