"""A person's own words in a ballot, apart from what is counted: they stand under the same names in every kind.

So they can be sealed apart, and left out of a file while every figure stays. Never add here: a name of a kind, or a
rule on who may be quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rounds.contract import Marks

NAMES = frozenset({"text", "reason"})  # what is free text in marks stands under one of these, and nothing else does
WITHHELD = "[…]"  # in the place of words that are left out; where nothing was written it stays empty


def words(marks: Marks) -> list[str]:
    """Everything that was written, in the order of the names: the same however the marks were ordered."""
    return list(_walk(marks))


def _walk(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if name in NAMES and value:
            yield value
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from _walk(value[key], key)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item)


def bare(marks: Marks, sign: str = WITHHELD) -> Marks:
    """The marks with a sign in the place of every word written."""
    return {name: _bare(value, name, sign) for name, value in marks.items()}


def _bare(value: Any, name: str, sign: str) -> Any:
    if isinstance(value, str):
        return sign if name in NAMES and value else value
    if isinstance(value, Mapping):
        return {key: _bare(item, key, sign) for key, item in value.items()}
    return [_bare(item, "", sign) for item in value] if isinstance(value, list | tuple) else value
