"""What the team reads beside a card: which others are likely the same, and which are left to choose from.

Rows only, of the work that the team may see; no sentence, no figure, and no act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rounds.compilation.replay import ACCEPTED, REJECTED, Todo
from rounds.contract import Place, Statement


@dataclass(frozen=True, slots=True)
class Alike:
    """Another card that says likely the same. alike: how much, in percent."""

    statement: Statement
    alike: int


def card_at(todo: Todo, standing: Sequence[Statement], card: str) -> Statement | None:
    """A proposal that waits or a statement that stands; None: it is gone, or was never there."""
    return _cards(todo, standing).get(card)


def alike(todo: Todo, standing: Sequence[Statement], card: str) -> tuple[Alike, ...]:
    """Likely duplicates of a card, the likeliest first."""
    known = _cards(todo, standing)
    pairs = [(pair.second if pair.first == card else pair.first, pair) for pair in todo.duplicates]
    return tuple(Alike(known[other], pair.alike) for other, pair in pairs if card in (pair.first, pair.second))


def others(todo: Todo, standing: Sequence[Statement], card: str) -> tuple[Statement, ...]:
    """All cards but this one and its likely duplicates."""
    told = {card, *(one.statement.id for one in alike(todo, standing, card))}
    return tuple(statement for name, statement in _cards(todo, standing).items() if name not in told)


def reasoned(places: Mapping[str, Place]) -> tuple[int, int]:
    """Of how many statements and proposals it was said why they stand or fell, and how many these are in all. What its
    author erased was decided by nobody."""
    decided = [place for place in places.values() if place.zone in {ACCEPTED, REJECTED}]
    return sum(bool(place.reason) for place in decided), len(decided)


def _cards(todo: Todo, standing: Sequence[Statement]) -> Mapping[str, Statement]:
    return {statement.id: statement for statement in (*todo.open, *standing)}
