"""Acts on a study as a whole: handed over to another account, put away, brought back.

Erasing one is erasing.py's.
"""

from __future__ import annotations

from consensus import models, seats, store
from consensus.conduct.acting import Refused
from consensus.conduct.people import add_seat
from consensus.erasure import waiting
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, minute, write
from consensus.leading import HAND_OVER, lead_of
from consensus.states import UNDER_WAY, Left
from rounds.contract import TEAM, Role


def of_staff(staff: models.Staff) -> Actor:
    return Actor("staff", name=str(staff.id))


async def led(staff: models.Staff, study_id: int) -> models.Study:
    """Inside a job that holds the house: the study, which this account leads."""
    study = await models.Study.get_or_none(id=study_id)
    if study is None:
        raise Refused("refused.no_such_study")
    if await lead_of(study_id) != staff.id:
        raise Refused("refused.not_lead")
    return study


async def none_open(study_id: int) -> None:
    """Refused while people answer in one of its sessions."""
    real = models.Round.filter(session__study_id=study_id, session__rehearses__isnull=True)
    if await real.filter(state__in=list(UNDER_WAY)).exists():
        raise Refused("refused.study_open")


async def hand_over(house: House, staff: models.Staff, study_id: int, mail: str, *, leaves: bool) -> None:
    """Another account leads from now on, and facilitates every session. leaves: whoever led it goes out of all; else
    they go on as facilitator. An administrator may hand over for a lead who is gone.

    Who sits in a session as researcher or observer gets no team's seat: they may hold its individual answers.
    """

    async def job() -> list[tuple[int, int | None]]:
        await store.hold(HOUSE)
        lead = await lead_of(study_id)
        if not staff.is_administrator or lead is None:
            await led(staff, study_id)
        to = await seats.staff_by_mail(mail.strip())
        if to is None:
            raise Refused("refused.no_such_account")
        if to.id == lead:
            raise Refused("refused.leads_already")
        if await waiting(study_id):
            raise Refused("refused.erasure_waits")
        found = await models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")
        left = [(session.id, await _seat(house, staff, session, to, lead if leaves else None)) for session in found]
        said = {"study": study_id, "to": to.id, "left": leaves, "sessions": len(found)}
        await write(HOUSE, of_staff(staff), HAND_OVER, said)
        return left

    for number, seat in await house.act(lambda left: [session for session, _ in left], job):
        if seat is not None:
            house.rooms.dismiss(number, seat)


async def _seat(
    house: House, staff: models.Staff, session: models.Session, to: models.Staff, leaving: int | None
) -> int | None:
    """The seat that was left, if any."""
    await store.hold(head_of(session.id))
    seat = await models.Seat.get_or_none(session_id=session.id, staff_id=to.id)
    if seat is None:
        seat = await add_seat(house, session, Role.FACILITATOR, staff=to, language=to.language)
    elif seat.role not in TEAM:
        raise Refused("refused.sits_beside")
    else:
        await models.Seat.filter(id=seat.id).update(role=Role.FACILITATOR, withdrawn="")
    left = None
    if leaving is not None:
        rehearsals = [one.id for one in await models.Session.filter(rehearses=session.id).only("id")]
        places = models.Seat.filter(session_id__in=[session.id, *rehearsals], staff_id=leaving)
        left = await models.Seat.get_or_none(session_id=session.id, staff_id=leaving, withdrawn="")
        await places.update(withdrawn=Left.STOPPED)
    await write(head_of(session.id), of_staff(staff), "hand_over", {"left": left is not None}, about=[seat.id])
    return left.id if left else None


async def put_away(house: House, staff: models.Staff, study_id: int) -> None:
    """Out of the list, still to be read; doors are shut, and nothing opens until it is brought back."""

    async def job() -> list[int]:
        await store.hold(HOUSE)
        await led(staff, study_id)
        await none_open(study_id)
        sessions = [session.id for session in await models.Session.filter(study_id=study_id).only("id")]
        for number in sessions:  # no round opens meanwhile
            await store.hold(head_of(number))
        if not await models.Study.filter(id=study_id, put_away_at="").update(put_away_at=minute()):
            raise Refused("refused.put_away")
        await models.Session.filter(study_id=study_id).update(room="")
        await write(HOUSE, of_staff(staff), "put_study_away", {"study": study_id})
        return sessions

    await house.act(lambda sessions: sessions, job)


async def bring_back(house: House, staff: models.Staff, study_id: int) -> None:
    async def job() -> list[int]:
        await store.hold(HOUSE)
        await led(staff, study_id)
        await models.Study.filter(id=study_id).update(put_away_at="")
        await write(HOUSE, of_staff(staff), "bring_study_back", {"study": study_id})
        return [session.id for session in await models.Session.filter(study_id=study_id).only("id")]

    await house.act(lambda sessions: sessions, job)
