"""Which orders of rounds make sense: what people write is compiled before others read it, and what is asked again was
asked before.

Pure: kinds and their settings in an order, no row of a database. What a round takes is lineage's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rounds.kind import Kind
from rounds.proposals import compiles, writes

# (key, kind, settings, whether it takes what was brought from elsewhere), in an order
Planned = Sequence[tuple[str, Kind, Any, bool]]
WRITING, UNCOMPILED, FEEDBACK = "writing", "uncompiled", "feedback"


def faults(planned: Planned) -> frozenset[tuple[str, str]]:
    """What makes no sense in this order, as (what, key of the round that it is said of).

    writing: it would lose the statements of what stands before it. uncompiled: what people write in it would reach
    others, or nobody, before the team has compiled it. feedback: it shows what nothing before it has asked.
    """
    found: set[tuple[str, str]] = set()
    for place, (key, kind, settings, _) in enumerate(planned):
        before, after = planned[:place], planned[place + 1 :]
        if writes(kind):
            if any(not writes(other) and not is_brought for _, other, _, is_brought in before):
                found.add((WRITING, key))
            readers = (other for _, other, _, is_brought in after if not writes(other) and not is_brought)
            following = next(readers, None)
            if following is None or not compiles(following):
                found.add((UNCOMPILED, key))
        if kind.has_feedback(settings) and all(other is not kind for _, other, _, _ in before):
            found.add((FEEDBACK, key))
    return frozenset(found)
