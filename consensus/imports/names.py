"""Names as people write them: which look the same though they are not, which are only invisible signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rounds.blank import UNSEEN, is_blank

NO_WIDTH = dict.fromkeys((0x200B, 0x2060, 0xFEFF))  # between words they part nothing; joiners belong to their word
_ALIKE = str.maketrans(dict.fromkeys("’‘‛ʼʹ´`′＇", "'") | dict.fromkeys("“”„«»″", '"') | dict.fromkeys("‐‑‒–—−", "-"))
_UNSEEN = dict.fromkeys(map(ord, UNSEEN))
_WORD = re.compile(r"[^a-z0-9]+")


def visible(text: str) -> str:
    """As it is kept: composed, without outer blanks and signs of no width; joiners inside words stay. Empty where
    nothing is left to see."""
    if text.isascii():
        return text.strip()
    kept = unicodedata.normalize("NFC", text.translate(NO_WIDTH)).strip()
    return "" if is_blank(kept) else kept


def same(text: str) -> str:
    """What near-equal names have in common: no case, accents, invisible signs, kinds of apostrophe, or blanks in a row.

    Marks stay on letters of other scripts, where they are no accents.
    """
    if text.isascii():
        return " ".join(text.translate(_ALIKE).casefold().split())
    parts = unicodedata.normalize("NFKD", text.translate(_ALIKE)).casefold().translate(_UNSEEN)
    return " ".join(re.sub("[\u0300-\u036f]", "", parts).translate(_ALIKE).split())


def alike(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The names that differ only so, together, in their order."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(same(name), []).append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def fold(text: str) -> str:
    """The name of a column, to look it up: no accents, small letters, _ between words."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return _WORD.sub("_", bare).strip("_")


@lru_cache(maxsize=1024)
def spaced(name: str) -> frozenset[str]:
    """A name of a group or a site without case, accents and hyphens."""
    return frozenset({" ".join(re.sub(r"[-_/]", " ", same(name)).split())} - {""})
