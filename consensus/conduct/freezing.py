"""Acts of the freeze: its day is set and told in the consent, told again by mail, and each session is frozen.

The day belongs to the study, as a part of the consent's text; the act belongs to each session, and is the clock's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from consensus import models, store
from consensus.conduct.acting import CLOCK, Refused
from consensus.conduct.consents import add_version
from consensus.conduct.mails import addressed, queue
from consensus.consents import present, told_until
from consensus.freeze import NOTICE_DAYS, day_of, is_over
from consensus.house import House
from consensus.journal import HOUSE, head_of, minute, write
from consensus.mail.letters import FREEZE
from consensus.zones import today_in
from rounds.contract import Role


async def set_freeze(house: House, staff: models.Staff, study_id: int, day: date) -> int:
    """The last day on which answers can be erased: a new version of the consent, which everybody is asked to accept.
    The version's number. It can be moved until the first session is frozen."""

    async def job() -> tuple[int, list[int]]:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        if day == day_of(study):
            raise Refused("refused.freeze_same")
        if day < today_in(study.zone) + timedelta(days=NOTICE_DAYS):
            raise Refused("refused.freeze_soon", n=NOTICE_DAYS)
        if day.isoformat() > study.retention:
            raise Refused("refused.freeze_late")
        if await models.Session.filter(study_id=study_id).exclude(frozen_at="").exists():
            raise Refused("refused.freeze_done")
        news = {name: house.texts.say(name, "consent.erase_until", date=day) for name in study.languages}
        return await add_version(staff, study, replace(present(study), news=news, until=day.isoformat()))

    number, _ = await house.act(lambda version: version[1], job)
    return number


async def tell_freezes(house: House) -> None:
    """Two weeks before the day, a mail to everybody who agreed to it, once for each day that was set."""
    for session, study, day in await _dated():
        if day - timedelta(days=NOTICE_DAYS) <= today_in(study.zone) <= day and await _to_tell(session, study, day):
            await _tell(house, session.id)


async def _tell(house: House, session_id: int) -> None:
    async def job() -> None:
        await store.hold(head_of(session_id))
        session = await models.Session.get(id=session_id).select_related("study")
        day = day_of(session.study)
        if day is None:
            return
        people = await _to_tell(session, session.study, day)  # another process may have come first
        if people:
            await queue(people, FREEZE, day.toordinal())
            await write(head_of(session_id), CLOCK, "tell_freeze", {"until": day.isoformat()})

    await house.act(session_id, job)


async def _to_tell(session: models.Session, study: models.Study, day: date) -> list[models.Seat]:
    mails = models.Mail.filter(session_id=session.id, what=FREEZE, number=day.toordinal())
    told = {mail.seat_id for mail in await mails}
    people = [seat for seat in await addressed(session.id) if told_until(study, seat) == day.isoformat()]
    return [seat for seat in people if seat.id not in told]


async def freeze_due(house: House) -> None:
    """Freeze the sessions whose day is past and that are over; bind who agreed to a date that is past."""
    for session, study, _ in await _dated():
        if (not session.frozen_at or await _to_bind(session, study)) and await _is_due(session, study):
            await _freeze(house, session.id)


async def _freeze(house: House, session_id: int) -> None:
    async def job() -> None:
        await store.hold(head_of(session_id))
        session = await models.Session.get(id=session_id).select_related("study")
        if not await _is_due(session, session.study):
            return
        await models.Seat.filter(id__in=await _to_bind(session, session.study)).update(is_bound=True)
        if not session.frozen_at:
            at = minute()
            await models.Session.filter(id=session_id).update(frozen_at=at)
            await write(head_of(session_id), CLOCK, "freeze", {"until": present(session.study).until})

    await house.act(session_id, job)


async def _is_due(session: models.Session, study: models.Study) -> bool:
    day = day_of(study)
    return day is not None and day < today_in(study.zone) and await is_over(session.id)


async def _to_bind(session: models.Session, study: models.Study) -> Sequence[int]:
    today = today_in(study.zone).isoformat()
    people = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT, is_bound=False)
    return [seat.id for seat in people if "" < told_until(study, seat) < today]


async def _dated() -> list[tuple[models.Session, models.Study, date]]:
    """The real sessions of studies that have set a day."""
    found = await models.Session.filter(rehearses__isnull=True).order_by("id").select_related("study")
    return [(one, one.study, day) for one in found if (day := day_of(one.study)) is not None]
