"""What of a study or a session is fixed by now, since a round has opened with it or somebody has answered to it.

Of a study rehearsals do not count: nobody sits in them, and they are thrown away. Reading only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consensus import models
from consensus.states import RoundState


@dataclass(frozen=True, slots=True)
class Firm:
    """is_opened: a round has opened; is_answered: somebody has answered in one."""

    is_opened: bool
    is_answered: bool


async def firm(study_id: int) -> Firm:
    rows = models.Round.filter(session__study_id=study_id, session__rehearses__isnull=True)
    return await _firm(await rows.exclude(state=RoundState.DRAFT).values_list("id", flat=True))


async def firm_session(session_id: int) -> Firm:
    rows = models.Round.filter(session_id=session_id).exclude(state=RoundState.DRAFT)
    return await _firm(await rows.values_list("id", flat=True))


async def _firm(opened: Sequence[object]) -> Firm:
    """opened: the rounds that have opened."""
    is_answered = bool(opened) and await models.Ballot.filter(round_id__in=list(opened)).exists()
    return Firm(bool(opened), is_answered)
