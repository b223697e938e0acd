"""Which orders of rounds make sense: what people write is compiled before others read it, and what is asked again was
asked before.

Pure: kinds and their settings in an order, no row of a database. What a round takes is lineage's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rounds.kind import Kind
from rounds.proposals import compiles, writes

Planned = Sequence[tuple[str, Kind, Any]]  # (key, kind, settings), in an order
WRITING, COMPILATION, FEEDBACK = "writing", "compilation", "feedback"


def faults(planned: Planned) -> frozenset[tuple[str, str]]:
    """What makes no sense in this order, as (what, key of the round that it is said of).

    writing: it would lose the statements of what stands before it. compilation: what people write in it would reach
    others, or nobody, before the team has compiled it. feedback: it shows what nothing before it has asked.
    """
    found: set[tuple[str, str]] = set()
    for place, (key, kind, settings) in enumerate(planned):
        before, after = planned[:place], planned[place + 1 :]
        if writes(kind):
            if any(not writes(other) for _, other, _ in before):
                found.add((WRITING, key))
            following = next((other for _, other, _ in after if not writes(other)), None)
            if following is None or not compiles(following):
                found.add((COMPILATION, key))
        if kind.has_feedback(settings) and all(other is not kind for _, other, _ in before):
            found.add((FEEDBACK, key))
    return frozenset(found)
