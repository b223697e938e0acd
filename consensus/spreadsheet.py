"""What a page offers to be opened in a spreadsheet: texts that no program takes for a formula, and that our own reader
takes back as they were. The one place where a text is escaped. The tables of a parcel never pass here: they are
compared byte for byte, and say so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

MARK = "for_spreadsheet"  # the last column of a copy, by which it is known; its cells are empty
SEPARATORS = {"fr": ";", "en": ","}  # what Excel parts a file by, where it reads that language
# A sign that begins a formula, also a wide or small one, behind blanks, signs that nobody sees and apostrophes.
_SIGNS = "-=+@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b"
_UNSEEN = "\\s\u00ad\u200b-\u200f\u2060\ufeff"
_STEERS = re.compile(f"'*(?:[\t\r\n]|['{_UNSEEN}]*[{_SIGNS}])")


def escaped(text: str) -> str:
    return f"'{text}" if _STEERS.match(text) else text


def plain(cell: str) -> str:
    """The inverse: whatever text was escaped comes back, also one that begins with apostrophes of its own."""
    return cell[1:] if cell.startswith("'") and _STEERS.match(cell) else cell


def copy(language: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A list for somebody who opens it by a double click: marked as UTF-8, parted as their spreadsheet parts."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=SEPARATORS[language], quoting=csv.QUOTE_ALL)
    writer.writerow([*columns, MARK])
    writer.writerows([*(escaped(row[name]) for name in columns), ""] for row in rows)
    return out.getvalue().encode("utf-8-sig")
