"""Columns for a terminal: text to the left, figures to the right, cut and padded; and figures as text.

Nothing here knows what a figure means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from wcwidth import iter_graphemes, wcswidth

from rounds.rules import percent_of

_JOINED = re.compile(r"(?<=\w)\u200d")  # between letters; between pictures a joiner makes one of two
LONGEST = 28  # of a name; a table of figures has to fit beside it
UNDEFINED = "–"
DECIMALS = 3


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: Collection[int] = (0,)) -> Iterator[str]:
    """The lines of a table. words: the columns set to the left and cut where they are long; the others are figures."""
    cells = [list(head), *([cut(cell) if place in words else cell for place, cell in enumerate(row)] for row in rows)]
    widths = [max(width(row[place]) for row in cells) for place in range(len(head))]
    for row in cells:
        padded = (
            cell + " " * (wide - width(cell)) if place in words else " " * (wide - width(cell)) + cell
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(padded).rstrip()


def width(text: str) -> int:
    """Cells of a terminal: marks and joiners take none, wide signs two, and so does a picture of several."""
    return max(0, wcswidth(_JOINED.sub("", text)))


def cut(text: str, longest: int = LONGEST) -> str:
    """On one line, at most so wide, without signs that steer a terminal; what is joined is not parted."""
    line = " ".join("".join(_kept(sign) for sign in text).split())
    if width(line) <= longest:
        return line
    kept = ""
    for piece in iter_graphemes(line):
        if width(kept + piece) >= longest:
            break
        kept += piece
    return kept.rstrip() + "…"


def _kept(sign: str) -> str:
    """Joiners belong to their word; what else has no shape is nothing, and a line end is a blank."""
    if sign.isprintable() or sign in "\u200c\u200d":
        return sign
    return "" if unicodedata.category(sign) == "Cf" else " "


def figure(value: Any, decimals: int = DECIMALS) -> str:
    """A number with so many decimals at most, none where it is whole; a dash where it is undefined."""
    if value is None or value != value:
        return UNDEFINED
    if isinstance(value, int) or (isinstance(value, Fraction) and value.denominator == 1):
        return str(value)
    said = f"{float(value):.{decimals}f}"
    return "0" + said[2:] if said.startswith("-0") and not float(said) else said


def short(value: Any, decimals: int = 2) -> str:
    """As figure(), without zeros at the end: 7, 6.5, 2.33."""
    said = figure(value, decimals)
    return said.rstrip("0").rstrip(".") if "." in said else said


def share(votes: int, n: int) -> str:
    """A whole percentage, rounded half up on integers."""
    found = percent_of(votes, n)
    return UNDEFINED if found is None else f"{found} %"


def probability(p: float | None) -> str:
    """A p-value: three decimals, or that it is smaller."""
    return "<0.001" if p is not None and p < 0.0005 else figure(p)
