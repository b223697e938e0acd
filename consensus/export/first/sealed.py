"""How /1 seals what it tells: the chain of the journal, the commitments of a ballot, the hash of an opened round.

The database holds lines of those years in the same chain; but what a file says is judged here alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

CLOSED, REOPEN = "closed", "reopen"  # acts of the journal
SET_ASIDE = "set_aside"  # what the line of a close says of it
FROZEN = ("kind", "takes", "settings", "rule", "blocks")  # what a round was opened with
NAMES = frozenset({"text", "reason"})  # what is free text in marks stands under one of these
WITHHELD = "[…]"  # in the place of words that are left out


def canonical(value: object) -> str:
    """One spelling per value: sorted keys, no spaces, accents as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(data: object) -> str:
    return sha256(canonical(data).encode()).hexdigest()


def commitment(salt: str, value: object) -> str:
    return sha256((salt + canonical(value)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a chain stops being whole: an entry that is missing, or one that was changed."""

    entry: int
    is_missing: bool


def first_breach(lines: Iterable[Mapping[str, Any]]) -> Gap | None:
    """The first line that does not follow from the one before it, or None for a whole chain."""
    prev = ""
    for number, line in enumerate(lines, 1):
        if line["seq"] != number:
            return Gap(number, is_missing=True)
        if line["prev"] != prev or line["hash"] != line_hash(prev, line):
            return Gap(number, is_missing=False)
        prev = line["hash"]
    return None


def line_hash(prev: str, line: Mapping[str, Any]) -> str:
    """payload is the canonical text of what the line says."""
    said = [line["seq"], line["at"], line["role"], line["alias"], line["act"], line["payload"]]
    return sha256((prev + canonical(said)).encode()).hexdigest()


def opened_hash(frozen: Mapping[str, Any]) -> str:
    """The hash under which a round of the manifest opened; each block tells its groups by their words."""
    blocks = [{**block, "groups": block["key"].split("+")} for block in frozen["blocks"]]
    sealed = {**frozen, "blocks": blocks}
    return digest([*(sealed[name] for name in FROZEN), frozen["statements_hash"]])


def turns(entries: Iterable[Mapping[str, Any]], round_key: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The closes and reopenings of one round: act, and what its line says."""
    told = [(str(entry["act"]), json.loads(entry["payload"])) for entry in entries]
    return [(act, said) for act, said in told if act in {CLOSED, REOPEN} and said["round"] == round_key]


def words(marks: Mapping[str, Any]) -> list[str]:
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


def bare(marks: Mapping[str, Any]) -> Mapping[str, Any]:
    """The marks with a sign in the place of every word written."""
    return {name: _bare(value, name) for name, value in marks.items()}


def _bare(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return WITHHELD if name in NAMES and value else value
    if isinstance(value, Mapping):
        return {key: _bare(item, key) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list | tuple) else value
