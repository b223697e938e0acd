"""Who leads a study, as the journal of the house tells: whoever made it, then whom it was handed over to.

Reading only: conduct/studies.py hands over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from consensus import models
from consensus.journal import HOUSE
from rounds.contract import Role

CREATE, HAND_OVER = "create_study", "hand_over_study"


@dataclass(frozen=True, slots=True)
class Turn:
    """From when on an account leads a study. by: who handed it over; None: it was made. has_left: that one left it."""

    study: int
    staff: int
    at: str
    by: int | None = None
    has_left: bool = False


async def turns(study_id: int | None = None) -> dict[int, list[Turn]]:
    """By study, oldest first; of one study, or of all."""
    found: dict[int, list[Turn]] = {}
    for line in await models.Entry.filter(head=HOUSE, act__in=[CREATE, HAND_OVER]).order_by("seq"):
        said = json.loads(line.payload)
        if study_id in {None, said["study"]} and line.role == "staff":
            found.setdefault(said["study"], []).append(_turn(line, said))
    return found


def _turn(line: models.Entry, said: dict[str, Any]) -> Turn:
    if line.act == CREATE:
        return Turn(said["study"], int(line.alias), line.at)
    return Turn(said["study"], said["to"], line.at, int(line.alias), said["left"])


async def lead_of(study_id: int) -> int | None:
    """The account, or None: no line tells."""
    found = (await turns(study_id)).get(study_id)
    return found[-1].staff if found else None


async def led_by(staff_id: int) -> list[int]:
    """The studies that this account leads now."""
    return [study for study, those in (await turns()).items() if those[-1].staff == staff_id]


async def facilitates(staff_id: int, study_id: int) -> bool:
    """Does this account run a session of the study?"""
    seats = models.Seat.filter(session__study_id=study_id, session__rehearses__isnull=True, withdrawn="")
    return await seats.filter(staff_id=staff_id, role=Role.FACILITATOR).exists()
