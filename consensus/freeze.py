"""The freeze of a session: whom it binds, and whom a file leaves out.

Until a session is frozen nobody's answers are in a file. From then on the answers of whoever had agreed to a date can
no longer be erased; whoever agreed to a text without one is in no file, and a file that leaves out somebody is a draft.
Reading only: conduct/freezing.py freezes.
"""

from __future__ import annotations

from datetime import date

from consensus import models
from consensus.consents import present
from consensus.states import Left, RoundState
from rounds.contract import Role

NOTICE_DAYS = 14  # before the day, everybody who agreed to it is told by mail


def day_of(study: models.Study) -> date | None:
    """The last day on which answers can be erased, by the text in force."""
    until = present(study).until
    return date.fromisoformat(until) if until else None


async def is_over(session_id: int) -> bool:
    """Is there nothing left to answer?"""
    rows = await models.Round.filter(session_id=session_id).only("id", "state")
    return bool(rows) and all(row.state == RoundState.CLOSED for row in rows)


async def is_frozen(session: models.Session) -> bool:
    """A rehearsal, in which nobody sits, is frozen at its last close."""
    return bool(session.frozen_at) or (session.rehearses is not None and await is_over(session.id))


async def left_out(session: models.Session) -> frozenset[int]:
    """Seats of people whose answers may be in no file: they agreed to no date, or to one that has not come."""
    if session.rehearses is not None:
        return frozenset()
    people = models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT, is_simulated=False, is_bound=False)
    said = await people.exclude(withdrawn=Left.ERASED).values_list("id", flat=True)
    answered = set(await models.Ballot.filter(seat_id__in=list(said)).distinct().values_list("seat_id", flat=True))
    return frozenset(int(str(seat)) for seat in said if seat in answered)


async def is_draft(session: models.Session) -> bool:
    return bool(await left_out(session))


def conditions(has_analysis_file: bool) -> list[str]:
    """The sentences, by their keys, to which a receiver agrees before the first file."""
    return [f"individual.condition.{number}" for number in range(1, 6 + has_analysis_file)]


def readme_keys(is_draft: bool, is_for_team: bool) -> list[str]:
    """The sentences, by their keys, that the file's README prints on how it was given."""
    told = ["individual.readme.frozen"]
    if is_draft:
        told.append("individual.readme.draft")
    if is_for_team:
        told.append("individual.readme.team")
    return told
