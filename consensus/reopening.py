"""A round that was closed and opened again: how often, and at which lines of the journal.

What its next close tells beside what was told is the gate's question (rounds/gate.py). Nothing here writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rounds.kind import Kind

CLOSED, REOPEN = "closed", "reopen"  # acts of the journal


def times(notes: Iterable[Mapping[str, Any]]) -> int:
    """How often a round with these deviations was opened again."""
    return sum(note["act"] == REOPEN for note in notes)


def sets_aside(kind: Kind, settings: Any) -> bool:
    """Only where answers make a verdict: what people only write stays, and is nobody's figure."""
    return any(column.verdict for column in kind.columns(settings))


def turns(entries: Iterable[Mapping[str, Any]], round_key: str) -> list[tuple[str, int, Mapping[str, Any]]]:
    """Of the lines of a journal, the closes and reopenings of one round: act, number, what the line says."""
    told = [(str(entry["act"]), int(entry["seq"]), json.loads(entry["payload"])) for entry in entries]
    return [(act, seq, said) for act, seq, said in told if act in {CLOSED, REOPEN} and said["round"] == round_key]
