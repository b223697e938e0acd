"""What a cell counts, as people and programs write it: 8, 8,0, 8.0, with a no-break space; no answer; or a date."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from consensus.imports.names import fold

NO_ANSWER = frozenset(("", "na", "n/a", "n.a.", "n.d.", "nd", "#n/a", "nan", "."))
DONT_KNOW = frozenset(
    ("dont_know", "don_t_know", "i_don_t_know", "i_dont_know", "do_not_know", "ne_sait_pas", "nsp", "je_ne_sais_pas")
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:[.,]\d{0,15})?|[.,]\d{1,15})", re.ASCII)
_MONTH = r"(?:jan|janv|f[eé]v|feb|mar|mars|apr|avr|may|mai|jun|juin|jul|juil|aug|ao[uû]t|sept?|oct|nov|d[eé]c)\.?"
_DATE = re.compile(
    rf"\d{{4}}-\d\d-\d\d(?: \d\d:\d\d.*)?|\d{{1,2}}[-/. ]{_MONTH}(?:[-/. ]\d{{2,4}})?|{_MONTH}[-/. ]\d{{1,4}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}-\d{1,2}-\d{2,4}",
    re.IGNORECASE,
)
_SERIAL = range(36526, 73051)  # days as a sheet counts them, of the years 2000 to 2099


def is_no_answer(cell: str) -> bool:
    return cell.casefold() in NO_ANSWER


def is_dont_know(cell: str) -> bool:
    return fold(cell) in DONT_KNOW


def number(cell: str) -> Fraction:
    """ValueError where it is none; at most one comma or point, which parts decimals."""
    bare = "".join(unicodedata.normalize("NFKC", cell).split()).replace("−", "-")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"{shown(cell)} is not a number")
    return Fraction(bare.replace(",", "."))


def is_date(cell: str) -> bool:
    """What a sheet makes of 1-9: a day, a month, or their serial number."""
    return bool(_DATE.fullmatch(cell)) or (cell.isascii() and cell.isdecimal() and int(cell) in _SERIAL)


def may_become_date(cell: str) -> bool:
    """1-9 and 01/09, which a sheet takes for days."""
    return bool(re.fullmatch(r"\d{1,2}[-/]\d{1,2}", cell))


def shown(text: str) -> str:
    """A cell as a message quotes it, cut where it is long."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
