"""Which letters the bytes of a text file stand for: by its mark, by what only UTF-8 or UTF-16 can be, or guessed.

A guess is between the two alphabets of one byte that French files still come in, by the letters that each would give.
Detectors by statistics read short lists of names as Korean or Czech, so none is used.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice

from consensus.imports.problems import unreadable

MARKS = (  # the longer first: UTF-32 begins as UTF-16 does
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
ENOUGH = 10_000  # signs beyond ASCII, to tell two alphabets apart
GUESSES = {"windows-1252": "cp1252", "mac-roman": "mac_roman"}
SMALL = frozenset("àâäçéèêëîïôöùûüœæ")
GREAT = frozenset("ÀÂÇÉÈÊËÎÏÔŒÙÛ")
SIGNS = frozenset("’‘“”«»–—…°€\u00a0")
_PAIR = re.compile(rb"\xc3[\x80-\xbf]|\xc5[\x92\x93]|\xc2[\xa0\xab\xbb]|\xe2\x80[\x93-\xa6]")  # é œ « ’ in UTF-8
_BEYOND = re.compile(r"[^\0-\x7f]")
_BREAK = re.compile(rb"\r\n?|\n")
_HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """is_guessed: a person has to look at it, since another alphabet would have given other letters."""

    text: str
    encoding: str
    is_guessed: bool = False


def decode(data: bytes) -> Decoded:
    """Unreadable where the bytes are those of no text."""
    for mark, name, codec in MARKS:
        if data.startswith(mark):
            return Decoded(_marked(data[len(mark) :], name, codec), name)
    if b"\0" in data:
        return Decoded(_wide(data), "utf-16")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as wrong:
        if _is_partly_utf8(data):
            raise unreadable(_line(data, wrong.start), "mixed_letters") from None
    return _guessed(data)


def _marked(data: bytes, name: str, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as wrong:
        raise unreadable(_line(data, wrong.start), "broken_letters", name) from None


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: letters of the West have a zero beside each. Zeros elsewhere are no text."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or max(even, odd) * 4 < len(data) or min(even, odd) * 4 > max(even, odd):
        raise unreadable(_line(data, data.index(0)), "no_text")
    return text


def _is_partly_utf8(data: bytes) -> bool:
    """A file put together from two: in an alphabet of one byte hardly a letter would stand in such pairs."""
    pairs = sum(len(found) for found in _PAIR.findall(data))
    return 3 * pairs > sum(len(found) for found in _HIGH.findall(data))


def _guessed(data: bytes) -> Decoded:
    texts = {name: data.decode(codec, errors="replace") for name, codec in GUESSES.items()}
    name = max(texts, key=lambda name: _likeness(texts[name]))  # the first where both are as good
    if "\ufffd" in texts[name]:
        raise unreadable(texts[name][: texts[name].index("\ufffd")].count("\n") + 1, "no_text")
    return Decoded(texts[name], name, is_guessed=True)


def _likeness(text: str) -> int:
    """How much the signs beyond ASCII look like French, each between its two neighbours."""
    score = 0
    for found in islice(_BEYOND.finditer(text), ENOUGH):
        before, sign, after = (
            text[max(0, found.start() - 1) : found.start()],
            found[0],
            text[found.end() : found.end() + 1],
        )
        if before.isalpha() and (sign in GREAT and before.islower() or sign in SIGNS and after.isalpha()):
            score += 1 if sign == "’" else -1
        elif sign in SMALL or sign in GREAT or sign in SIGNS:
            score += 1
        elif sign == "\ufffd":
            score -= 9
    return score


def _line(data: bytes, place: int) -> int:
    """As editors count: a carriage return alone ends a line too."""
    return len(_BREAK.findall(data[:place])) + 1
