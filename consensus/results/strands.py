"""The lists of a session: where rounds take their statements from one earlier round each, it has several.

Two rankings of one wall, of what hinders and of next steps, are two lists. Pure bookkeeping on the rounds that are
over; nothing is ranked or drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence

from consensus.results.stages import ClosedRound
from rounds.lineage import BROUGHT

Strand = tuple[ClosedRound, ...]  # rounds in order, each of which took its statements of the one before it


def strands(closed: Sequence[ClosedRound]) -> list[Strand]:
    """One for each round of which no later one took anything, in their order. closed: in order."""
    sources = {stage.key: _source(closed, place) for place, stage in enumerate(closed)}
    used = {source.key for source in sources.values() if source is not None}
    return [_back_from(stage, sources) for stage in closed if stage.key not in used]


def _source(closed: Sequence[ClosedRound], place: int) -> ClosedRound | None:
    of = closed[place].row.takes_of
    if of == BROUGHT or not place:
        return None
    return next((stage for stage in closed[:place] if stage.key == of), closed[place - 1])


def _back_from(last: ClosedRound, sources: dict[str, ClosedRound | None]) -> Strand:
    found, stage = [last], sources[last.key]
    while stage is not None:
        found.append(stage)
        stage = sources[stage.key]
    return tuple(reversed(found))
