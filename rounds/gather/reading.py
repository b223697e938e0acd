"""What people read of a gather round: a person's own cards while they write, and the team's proposals once it closed.

Rows only, of what may be seen. No text is judged, changed or counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rounds.contract import Marks, Round, Statement


@dataclass(frozen=True, slots=True)
class Sheet:
    """slots: the cards that one may write; written: those with words. at: the one to write now, "" where all are."""

    slots: tuple[str, ...]
    written: tuple[str, ...]
    at: str


def sheet(round: Round, own: Mapping[str, Marks], wished: str) -> Sheet:
    """wished: the card that somebody asked for; without one, the first that is free."""
    slots = tuple(str(n) for n in range(1, round.settings.limit + 1))
    written = tuple(slot for slot in slots if own.get(slot, {}).get("text"))
    free = next((slot for slot in slots if slot not in written), "")
    return Sheet(slots, written, wished if wished in slots else free)


def readable(proposals: Iterable[Statement]) -> tuple[Statement, ...]:
    """Those whose authors did not erase them."""
    return tuple(proposal for proposal in proposals if not proposal.is_erased)
