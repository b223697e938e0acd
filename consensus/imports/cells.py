"""From letters to cells: what steers a machine out, line ends alike, then rows by the csv library, each with its line.

A file that is no table at all is known by its first bytes.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from consensus.imports.lines import Problem
from consensus.imports.names import NO_WIDTH
from consensus.imports.problems import remark, unreadable
from rounds.blank import is_blank

LONGEST = 131_072  # signs of a cell: the csv library's own measure, which is set for a whole process
_OLE = b"\xd0\xcf\x11\xe0"  # the container of old Office files, and of protected new ones
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf", b"7z\xbc\xaf", b"Rar!", b"BZh")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml)\b", re.IGNORECASE)
_STEERS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_GARBLED = re.compile("Ã[\u00a0©¨ª®´§¢¹»¯«‰]|â€[™œ“”]|\ufffd")
_LINES = dict.fromkeys((0x2028, 0x2029), " ")  # line ends to a browser, not to an editor


def foreign(data: bytes) -> str:
    """What a file is that cannot be a text of cells: the key of the reason, or ""."""
    if data.startswith(_OLE):
        return "password" if "EncryptedPackage".encode("utf-16-le") in data else "old_excel"
    if data.startswith(_OTHERS):
        return "no_text"
    return "web_page" if _PAGE.match(data) else ""


def cleaned(text: str) -> tuple[str, tuple[Problem, ...]]:
    """Every line end a line feed, letters composed, signs that nobody sees out; and what has to be said of it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    remarks = []
    if first := _GARBLED.search(text):
        remarks.append(remark(_line(text, first.start()), "garbled", first[0]))
    if first := _STEERS.search(text):
        line = _line(text, first.start())
        text, n = _STEERS.subn(_instead, text)
        remarks.append(remark(line, "control", n=n))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(NO_WIDTH | _LINES))
    return text, tuple(remarks)


def _instead(found: re.Match[str]) -> str:
    """Word's line break and page break part words. Signs of Windows-1252 that were taken for controls are themselves
    again; all else goes."""
    if found[0] in "\x0b\x0c":
        return " "
    return found[0].encode("latin-1").decode("cp1252", errors="ignore") if found[0] > "\x7f" else ""


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def rows(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows with the line where each begins. A row without cells is one whose cells hold only what nobody sees;
    rows that hold nothing at all are left out."""
    found = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    ends = 0
    try:
        for cells in found:
            line, ends = ends + 1, found.line_num
            if max(map(len, cells), default=0) > LONGEST:  # a quotation mark that nobody closed
                raise unreadable(line, "quotes")
            if (kept := trimmed(cells)) or (len(cells) > 1 and any(cells)):
                yield line, kept
    except csv.Error:
        raise unreadable(ends + 1, "quotes") from None


def trimmed(cells: list[str]) -> tuple[str, ...]:
    """Cells of a cleaned text, without what nobody sees: outer blanks, and empty cells at the end."""
    kept = [cell.strip() for cell in cells]
    kept = ["" if not cell.isascii() and is_blank(cell) else cell for cell in kept]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)
