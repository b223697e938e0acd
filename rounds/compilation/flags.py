"""What may point to a person in a text: found by its form, for the team to look at before it becomes a statement.

It finds too much rather than too little, and still misses a name at the head of a sentence: people look, always.
Never add here: a list of real names, or anything that changes a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_UPPER = "[A-ZÀ-ÖØ-Þ]"
_NAME = rf"{_UPPER}[\w’'-]*"
_WAY = r"rue|avenue|boulevard|boul\.?|chemin|rang|route|montée|côte|place|impasse"
_ROAD = r"street|avenue|ave|road|boulevard|blvd|drive|lane|crescent|highway"
_TITLE = r"Dr|Dre|Drs|M|MM|Mme|Mmes|Mlle|Me|Mr|Mrs|Ms|Miss|Pr|Pre|Prof|Madame|Monsieur|Docteure?|Doctor|Sœur|Sister"

# The first kind that claims a stretch of text keeps it.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    (
        "phone",
        re.compile(
            r"(?<!\d)(?:\+?1[ \u00a0.-]?)?(?:\(?\d{3}\)?[ \u00a0.-]?)?\d{3}[ \u00a0.-]\d{4}(?!\d)"
            r"|(?<!\d)1?\d{10}(?!\d)"
        ),
    ),
    ("postcode", re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z][ \u00a0-]?\d[A-Z]\d\b", re.IGNORECASE)),
    (
        "address",
        re.compile(
            rf"(?:\b\d{{1,5}}[A-Za-z]?,?\s+)?\b(?i:{_WAY})\s+(?:(?:de|du|des|la|le|les|l’|d’|l'|d')\s*){{0,3}}{_NAME}"
            rf"|\b\d{{1,5}}[A-Za-z]?,?\s+(?i:{_WAY})\s+\w+"
            rf"|\b\d{{1,5}}[A-Za-z]?,?\s+(?:[\w’'.-]+\s+){{1,3}}(?i:{_ROAD})\b"
            rf"|\b(?!(?:The|A|An|In|On|My|Our|This|That|Each|Every|No)\s){_NAME}\s+(?i:{_ROAD})\b"
        ),
    ),
    ("title", re.compile(rf"\b(?:{_TITLE})\b\.?\s+{_NAME}(?:\s+{_NAME}){{0,2}}")),
    ("number", re.compile(r"\d{3,}")),
)
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS = re.compile(r"(?:^|[.!?…\n])[\s«»“”\"'’‘()\[\]*•–—-]*$")
_INITIAL = re.compile(rf"(?:^|[\s’'.-]){_UPPER}\.\s*$")  # the stop after an initial ends no sentence
_COMMON = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December English French Canada Canadian Canadians Québec Quebec Internet Covid "
    "Christmas Noël Indigenous Métis Inuit État Santé"
)
HARMLESS = frozenset(_COMMON.split())


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch of a text, text[start:end], and the kind of detail that it looks like."""

    kind: str  # email, phone, postcode, address, title, number, name
    text: str
    start: int
    end: int


KINDS = (*(kind for kind, _ in PATTERNS), "name")


@lru_cache(maxsize=4096)
def flags(text: str) -> tuple[Flag, ...]:
    """Likely identifying details of a text, in their order, never overlapping; () where nothing was found."""
    found: list[Flag] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            _claim(found, Flag(kind, match.group(), match.start(), match.end()))
    for start, end in _capitals(text):
        _claim(found, Flag("name", text[start:end], start, end))
    return tuple(sorted(found, key=lambda flag: flag.start))


def _claim(found: list[Flag], flag: Flag) -> None:
    if all(flag.end <= other.start or flag.start >= other.end for other in found):
        found.append(flag)


def _capitals(text: str) -> Iterator[tuple[int, int]]:
    """Capitalised words in mid-sentence; neighbours are one name. Words all in capitals are taken for acronyms."""
    start = end = -1
    for match in _WORDS.finditer(text):
        if not _is_name(match.group(), text[: match.start()]):
            continue
        if start >= 0 and text[end : match.start()].isspace():
            end = match.end()
            continue
        if start >= 0:
            yield start, end
        start, end = match.span()
    if start >= 0:
        yield start, end


def _is_name(word: str, before: str) -> bool:
    if len(word) < 2 or not word[0].isupper() or word.isupper() or word in HARMLESS:
        return False
    return not _ENDS.search(before) or bool(_INITIAL.search(before))
