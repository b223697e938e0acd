"""A program of its own: an Excel workbook on standard input, the rows of one sheet as JSON on standard output.

Run by workbook.py under limits of memory and time, because a small workbook can unpack to a very large one. Imports
nothing of ours. Words: most rows, most columns, seconds, name of the sheet or "".
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl takes it where it is, and here it only costs memory

from openpyxl import load_workbook  # noqa: E402

if sys.platform != "win32":
    import resource

MEMORY = 700_000_000  # bytes
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


def limit(seconds: int) -> None:
    if sys.platform != "win32":  # which has no such limits; the clock of whoever started this is left
        for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds)):
            resource.setrlimit(what, (most, most))


def text(value: Any) -> str:
    """A cell as the sheet shows it, but for its format: a whole number without a point, a day as 2026-01-31."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value).replace("_x000D_", "")


def rows(sheet: Any) -> Iterator[list[Any]]:
    """The values of each row from the first, as far as it is filled."""
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    for row in sheet.iter_rows(values_only=True):
        cells = list(row)
        while cells and cells[-1] is None:
            cells.pop()
        yield cells


def holds(sheet: Any) -> bool:
    return any(rows(sheet))


def picked(sheets: list[Any], wanted: str) -> tuple[Any, list[str]]:
    """The sheet to read, and the others that hold something. Hidden ones only where their name is wanted."""
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible" and holds(sheet)]
    if wanted:
        named = [sheet for sheet in sheets if sheet.title.strip().casefold() == wanted.strip().casefold()]
        return (named or [None])[0], [sheet.title for sheet in seen]
    return (seen or [None])[0], [sheet.title for sheet in seen[1:]]


def read(data: bytes, most_rows: int, most_columns: int, wanted: str) -> dict[str, Any]:
    sheet, others = picked(_sheets(data), wanted)
    if sheet is None:
        return {"wrong": "no_sheet" if wanted else "empty", "line": 1, "value": wanted, "sheets": ", ".join(others)}
    found: list[tuple[int, list[str]]] = []
    for number, row in enumerate(rows(sheet), 1):
        if len(row) > most_columns:
            return {"wrong": "too_many_columns", "line": number, "n": most_columns}
        if row and len(found) == most_rows:
            return {"wrong": "too_many_rows", "line": number, "n": most_rows}
        if row:
            found.append((number, [text(value) for value in row]))
    if line := _unknown_formula(data, sheet.title, dict(found)):
        return {"wrong": "formula", "line": line}
    return {"rows": found, "sheet": sheet.title, "others": others}


def _sheets(data: bytes, with_values: bool = True) -> list[Any]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=with_values, keep_links=False)
    return list(book.worksheets)


def _unknown_formula(data: bytes, title: str, found: dict[int, list[str]]) -> int:
    """The first row with a formula whose value no program has worked out, or 0: it would be lost without a word."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        if not any(FORMULA.search(parts.read(name)) for name in names if not name.endswith("/")):
            return 0
    sheet = next(sheet for sheet in _sheets(data, with_values=False) if sheet.title == title)
    for number, row in enumerate(rows(sheet), 1):
        known = found.get(number, [])
        if any(value is not None and (place >= len(known) or not known[place]) for place, value in enumerate(row)):
            return number
    return 0


def main() -> int:
    most_rows, most_columns, seconds = map(int, sys.argv[1:4])
    limit(seconds)
    try:
        told = read(sys.stdin.buffer.read(), most_rows, most_columns, sys.argv[4])
    except MemoryError:
        told = {"wrong": "workbook_too_large", "line": 1}
    except Exception:  # whatever a damaged or hostile workbook makes a parser say
        told = {"wrong": "workbook_broken", "line": 1}
    json.dump(told, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
