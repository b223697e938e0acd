"""One reader for whatever a person brings: bytes of a file, or a text that was pasted, into rows of cells with lines.

Recognised by what is inside, never by the name. Cells come trimmed and composed, without trailing empty ones; rows
that hold nothing are gone. What a person should know before anything is taken stands in the remarks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from consensus.imports import cells, encoding, separators, workbook
from consensus.imports.lines import Problem
from consensus.imports.problems import remark, unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold at most. seconds: of work on a workbook."""

    rows: int = 5_000
    columns: int = 400
    size: int = 40_000_000  # bytes
    seconds: int = 10


@dataclass(frozen=True, slots=True)
class Row:
    """line: where it begins, as an editor counts; of a workbook, the number of the row."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """encoding: "utf-8", "utf-16", "utf-32", "windows-1252", "mac-roman", "xlsx", or "text" where it was pasted.

    is_guessed: the letters have to be shown and confirmed. separator: "" for one column. sheet: its name in a workbook.
    """

    rows: tuple[Row, ...]
    encoding: str
    is_guessed: bool = False
    separator: str = ""
    sheet: str = ""
    remarks: tuple[Problem, ...] = ()


def read(
    data: bytes,
    limits: Limits | None = None,
    *,
    names: Collection[str] = (),
    separator: str | None = None,
    sheet: str = "",
) -> Table:
    """names: folded, of columns that the caller knows. separator: where it is known better. sheet: of a workbook, the
    one to read; without it the first that anybody sees and that holds something. Unreadable where nothing can be taken.
    """
    limits = limits or Limits()
    if not data.strip():
        raise unreadable(1, "empty")
    if len(data) > limits.size:
        raise unreadable(1, "too_large", n=limits.size // 1_000_000)
    if workbook.is_container(data):
        return _workbook(data, limits, sheet)
    if kind := cells.foreign(data):
        raise unreadable(1, kind)
    decoded = encoding.decode(data)
    remarks = (remark(1, "encoding", decoded.encoding),) if decoded.is_guessed else ()
    return _text(decoded, limits, names, separator, remarks)


def read_text(
    text: str, limits: Limits | None = None, *, names: Collection[str] = (), separator: str | None = None
) -> Table:
    """What was pasted."""
    return _text(encoding.Decoded(text.removeprefix("\ufeff"), "text"), limits or Limits(), names, separator, ())


def _text(
    decoded: encoding.Decoded,
    limits: Limits,
    names: Collection[str],
    separator: str | None,
    remarks: tuple[Problem, ...],
) -> Table:
    text, cleaned = cells.cleaned(decoded.text)
    parting, text = separators.said(text) or (separator, text)
    if parting is None:
        parting = separators.separator(text, names)
    rows: list[Row] = []
    blank: list[int] = []
    for line, found in cells.rows(text, parting or separators.NONE):
        if not parting and not found[0].strip(separators.SIGNS):
            continue
        if not found:
            blank.append(line)
            continue
        if len(found) > limits.columns:
            raise unreadable(line, "too_many_columns", n=limits.columns)
        if len(rows) == limits.rows + separators.TITLES:
            raise unreadable(line, "too_many_rows", n=limits.rows)
        rows.append(Row(line, found))
    if not rows:
        raise unreadable(1, "empty")
    if blank:
        remarks += (remark(blank[0], "blank_row", n=len(blank)),)
    return Table(tuple(rows), decoded.encoding, decoded.is_guessed, parting, remarks=remarks + cleaned)


def _workbook(data: bytes, limits: Limits, sheet: str) -> Table:
    told = workbook.read(data, limits.rows + separators.TITLES, limits.columns, limits.seconds, sheet)
    rows: list[Row] = []
    remarks: dict[str, Problem] = {}
    for number, written in told["rows"]:
        found = []
        for cell in written:
            text, said = cells.cleaned(cell)
            found.append(text)
            for each in said:
                remarks.setdefault(each.key, replace(each, line=number))
        if kept := cells.trimmed(found):
            rows.append(Row(number, kept))
    if not rows:
        raise unreadable(1, "empty")
    if others := told["others"]:
        remarks["sheet"] = remark(1, "sheet", told["sheet"], n=len(others), others=", ".join(others))
    return Table(tuple(rows), "xlsx", sheet=told["sheet"], remarks=tuple(remarks.values()))
