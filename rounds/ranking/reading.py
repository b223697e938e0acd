"""What people read of a ranking: one's own order while it is made, and the list that all of them make.

Rows only, of what may be seen. No order is read into a ballot here, and none is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rounds.contract import Round, Statement, Tally
from rounds.measures.phrases import certainty_of as certainty_of
from rounds.measures.phrases import edge as edge
from rounds.reading import Row, rows_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement in somebody's order. place: theirs for it, None without one."""

    statement: Statement
    place: int | None


def entries(
    statements: Iterable[Statement], form: Mapping[str, list[str]], own: Sequence[Sequence[str]]
) -> tuple[Entry, ...]:
    """Placed ones first, as they were typed, else as they stand; equals and the rest in the order of the form."""
    held = {card: place for place, equals in enumerate(own, start=1) for card in equals}
    found = [Entry(one, _typed(form, one.id) if form else held.get(one.id)) for one in statements]
    return tuple(sorted(found, key=lambda entry: (entry.place is None, entry.place or 0)))


def _typed(form: Mapping[str, list[str]], card: str) -> int | None:
    try:
        return int(next(iter(form.get(f"place.{card}", ())), "")) or None
    except ValueError:
        return None


def rows(tally: Tally, round: Round) -> tuple[Row, ...]:
    return rows_of(tally, round, "mean_rank")
