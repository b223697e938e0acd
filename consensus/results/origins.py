"""What statements were made of, from the last back to the first, inside a session.

Nothing is counted, ordered or drawn here; what comes from another session is forebears.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from consensus.results.cards import Origin
from consensus.results.histories import History
from consensus.results.stages import SCORES, ClosedRound, last


def origins(
    closed: Sequence[ClosedRound], known: Mapping[str, History], history: History, seen: Set[str] = frozenset()
) -> tuple[Origin, ...]:
    """What a statement of a session was made of, each original in its own first words. seen: those that are told
    already, itself among them."""
    scoring = last(closed, SCORES)
    parents = [name for name in history.last.parents if name in known and name not in seen]
    return tuple(
        Origin(
            known[name].first,
            scoring.lines.get(name) if scoring else None,
            origins(closed, known, known[name], seen | {name}),
        )
        for name in parents
    )
