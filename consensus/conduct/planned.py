"""Acts on the planned moments of a round: when it opens and until when people may answer, set, moved, and kept by the
server itself.

A moment that passed while the server was down is kept at the next look. What could not be done then is not done later
by itself: it is written down, and the team is told. How a round opens and closes is said in opening.py and rounds.py.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from consensus import models
from consensus.conduct.acting import CLOCK, Refused, actor, round_in
from consensus.conduct.opening import note, open_round_as
from consensus.conduct.rounds import close_round_as
from consensus.house import House
from consensus.journal import head_of, minute, write
from consensus.outcome import digest
from consensus.states import RoundState

EXTENDED, NOT_OPENED, NOT_CLOSED = "extend", "not_opened", "not_closed"  # notes, printed as deviations
LATE = 120  # seconds after which an act of the clock says in the journal that it is late


def moment(at: float | None) -> str:
    """As the journal says it; "" for none."""
    return minute(datetime.fromtimestamp(at, UTC)) if at is not None else ""


async def plan_times(
    house: House, by: models.Seat, round_id: int, opens_at: float | None, closes_at: float | None
) -> None:
    """When a round that has not opened is to open and to close, as the server's clock counts; None: by hand."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.DRAFT:
            raise Refused("refused.frozen")
        await plan_moments(by, row, opens_at, closes_at)

    await house.act(by.session_id, job)


async def plan_moments(by: models.Seat, row: models.Round, opens_at: float | None, closes_at: float | None) -> None:
    """Inside a job, of a round that has not opened."""
    now = time.time()
    changed = {at for at in (opens_at, closes_at) if at not in {None, row.opens_at, row.closes_at}}
    if any(at is not None and at <= now for at in changed):
        raise Refused("refused.past_moment")
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refused("refused.closes_first")
    row.opens_at, row.closes_at = opens_at, closes_at
    row.notes = [one for one in row.notes if one["act"] != NOT_OPENED]  # it was told, and planned anew
    await row.save(update_fields=["opens_at", "closes_at", "notes"])
    said = {"round": row.key, "opens": moment(opens_at), "closes": moment(closes_at)}
    await write(head_of(by.session_id), actor(by), "plan_times", said)


async def extend(house: House, by: models.Seat, round_id: int, closes_at: float, reason: str) -> None:
    """Until when people may answer an open round. Once they were told a moment it moves only later, and for a reason
    that they read and that is printed as a deviation."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.OPEN:
            raise Refused("refused.not_open")
        if closes_at <= time.time():
            raise Refused("refused.past_moment")
        before = row.closes_at
        if before is not None:
            if closes_at <= before:
                raise Refused("refused.only_later")
            if not reason:
                raise Refused("refused.why_extend")
            row.notes = [*row.notes, *note(EXTENDED, reason, [moment(before), moment(closes_at)])]
        row.closes_at = closes_at
        await row.save(update_fields=["closes_at", "notes"])
        said = {"round": row.key, "closes": moment(closes_at), "notes": digest(row.notes)}
        await write(head_of(by.session_id), actor(by), "extend_deadline" if before else "set_deadline", said)

    await house.act(by.session_id, job)


async def deadline_of(session_id: int) -> datetime | None:
    """Until when people may answer the step that is open, where that was planned."""
    row = await models.Round.filter(session_id=session_id, state=RoundState.OPEN).order_by("-position").first()
    return datetime.fromtimestamp(row.closes_at, UTC) if row and row.closes_at else None


async def moments_due(house: House) -> None:
    """Open and close what is due; asked every second."""
    now = time.time()
    for row in await models.Round.filter(state=RoundState.DRAFT, opens_at__lte=now).order_by("opens_at", "id"):
        await _open(house, row)
    for row in await models.Round.filter(state=RoundState.OPEN, closes_at__lte=now).order_by("closes_at", "id"):
        await _close(house, row)


async def _open(house: House, row: models.Round) -> None:
    try:
        if row.closes_at is not None and row.closes_at <= time.time():
            raise Refused("refused.deadline_passed")
        await open_round_as(house, row.session_id, CLOCK, row.id, planned=_said(row.opens_at))
    except Refused as refused:
        await _give_up(house, row, NOT_OPENED, refused)


async def _close(house: House, row: models.Round) -> None:
    try:
        await close_round_as(house, row.session_id, CLOCK, row.id, planned=_said(row.closes_at))
    except Refused as refused:
        await _give_up(house, row, NOT_CLOSED, refused)


def _said(at: float | None) -> dict[str, object]:
    """What a line of the journal says of the moment for which an act was planned. late: minutes."""
    late = time.time() - (at or 0)
    return {"planned": moment(at), **({"late": int(late // 60)} if late > LATE else {})}


async def _give_up(house: House, due: models.Round, act: str, refused: Refused) -> None:
    """What cannot be done now is left to the team, which reads why; the round stays as it is."""

    async def job() -> None:
        row = await round_in(due.session_id, due.id)
        at = row.opens_at if act == NOT_OPENED else row.closes_at
        state = RoundState.DRAFT if act == NOT_OPENED else RoundState.OPEN
        if row.state != state or at is None or at > time.time():
            return  # somebody was faster, or planned it anew
        session = await models.Session.get(id=row.session_id)
        why = house.texts.say(session.languages[0], refused.key, **refused.values)
        row.notes = [*row.notes, *note(act, why, [moment(at)])]
        row.opens_at, row.closes_at = (None, row.closes_at) if act == NOT_OPENED else (row.opens_at, None)
        await row.save(update_fields=["notes", "opens_at", "closes_at"])
        said = {"round": row.key, "planned": moment(at), "notes": digest(row.notes)}
        await write(head_of(row.session_id), CLOCK, act, said)

    await house.act(due.session_id, job)
