"""A round that was closed and opened again: how often, and where a later close sets answers aside.

Figures were shown at the first close. One or two answers that move a verdict since would be told by it; so these are
set aside, and the answers of then stand. Which they are stands in the journal's line of the close. Nothing here writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rounds.contract import Kind

CLOSED, REOPEN = "closed", "reopen"  # acts of the journal
SET_ASIDE = "set_aside"  # what the line of a close says of it


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


def aside_now(entries: Iterable[Mapping[str, Any]], round_key: str) -> frozenset[int]:
    """The ballots that the last close set aside; none while the round is open again."""
    last = turns(entries, round_key)[-1:]
    return frozenset(seq for act, _, said in last if act == CLOSED for seq in said.get(SET_ASIDE, ()))
