"""What parts the columns of a text: what its line "sep=" says, or the sign by which most lines have as many cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from itertools import islice

from consensus.imports.names import fold

SIGNS = ",;\t|"
NONE = "\x1f"  # parts nothing: a text of one column
LOOKED_AT = 40  # rows
TITLES = 3  # rows at the head that may name the file, or the columns
_SAID = re.compile(r"""\s*"?\s*sep\s*=(?:\\t|([^\w\s"]|\t))\s*"?[\s;,|"]*\Z""", re.IGNORECASE)


def said(text: str) -> tuple[str, str] | None:
    """The sign that a first line "sep=;" names, and the text with that line emptied; None where there is none."""
    first, end, rest = text.partition("\n")
    found = _SAID.match(first)
    return (found[1] or "\t", end + rest) if found else None


def separator(text: str, names: Collection[str] = ()) -> str:
    """One of SIGNS, or "" for one column. names: folded, of columns; a first row that is one of them and nothing else
    heads the only column."""
    tried = {sign: _rows(text, sign) for sign in SIGNS}
    first = next((row for row in tried[","] if any(row)), [])
    if _filled(first) == 1 and fold(first[0]) in names and all(_filled(rows[0]) == 1 for rows in tried.values()):
        return ""
    shares = {sign: _shared(rows) for sign, rows in tried.items()}
    best = max(SIGNS, key=lambda sign: shares[sign])
    return best if shares[best][0] >= 0.5 else ""


def _rows(text: str, sign: str) -> Sequence[list[str]]:
    """The first rows that hold anything."""
    try:
        rows = csv.reader(io.StringIO(text[:1_000_000], newline=""), delimiter=sign, skipinitialspace=True)
        return [row for row in islice(rows, LOOKED_AT) if _filled(row)] or [[""]]
    except csv.Error:
        return [[""]]


def _shared(rows: Sequence[list[str]]) -> tuple[float, int]:
    """How many of the rows have as many cells as the first that has several, and how many cells that are."""
    width = next((_filled(row) for row in rows[:TITLES] if _filled(row) > 1), 0)
    if not width:
        return 0.0, 0
    return sum(_filled(row) <= width <= len(row) for row in rows) / len(rows), width


def _filled(row: Sequence[str]) -> int:
    """How many cells, without the empty ones at the end."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)
