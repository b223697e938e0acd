"""The act that copies a session for another table of its study: what was planned, and if wished who was invited.

Nothing that happened in a session is taken: no answer, no figure, no moment, no link and no code of a door. A copy of
a session that is under way or over is planned afresh, as this one was planned before anything was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.people import Guest, seat_guests
from consensus.conduct.sessions import bring, lay_session
from consensus.house import House
from consensus.journal import HOUSE, head_of, write
from consensus.numbers import forget
from consensus.protocol import Plan, plan_of
from rounds.contract import Role


@dataclass(frozen=True, slots=True)
class Copy:
    """What is said of the new session. title: a wording per language. site, arm: keys of the study's, or "".
    planned_on: a day of the calendar, or "". is_next: it is the next moment of the one it is copied from. with_people:
    whoever takes part there is seated here too, with a link of its own."""

    title: Mapping[str, str]
    site: str = ""
    arm: str = ""
    planned_on: str = ""
    is_next: bool = False
    with_people: bool = False


async def copy_session(house: House, by: models.Seat, wanted: Copy) -> models.Session:
    """A new session of the same study, planned as the one in which by sits; whoever copies facilitates it."""
    if by.staff_id is None:
        raise Refused("refused.copy_account")
    staff = await models.Staff.get(id=by.staff_id)

    async def job() -> models.Session:
        await store.hold(HOUSE)
        await store.hold(head_of(by.session_id))
        old = await models.Session.get(id=by.session_id).select_related("study")
        _check(old, wanted)
        rows = await models.Round.filter(session_id=old.id).order_by("position")
        desk = await lay_session(house, staff, [as_planned(row) for row in rows], **_told(old, wanted))
        if old.imported:
            await bring(desk, old.imported)
            await _number(old, desk.session_id)
        guests = await _team(old.id, staff.id) + (await people_of(old.id) if wanted.with_people else [])
        if guests:
            await seat_guests(house, desk, guests)
        people = sum(guest.role == Role.PARTICIPANT for guest in guests)
        said = {"of": old.id, "people": people, "is_next": wanted.is_next}
        await write(head_of(desk.session_id), actor(desk), "copy_session", said)
        return await models.Session.get(id=desk.session_id)

    return await house.act(None, job)


def _check(old: models.Session, wanted: Copy) -> None:
    if old.rehearses is not None:
        raise Refused("refused.is_rehearsal")
    if wanted.site and wanted.site not in {site["key"] for site in old.study.sites or ()}:
        raise Refused("refused.no_such_site")
    if wanted.arm and wanted.arm not in {arm["key"] for arm in old.study.arms or ()}:
        raise Refused("refused.no_such_arm")
    if wanted.planned_on:
        try:
            date.fromisoformat(wanted.planned_on)
        except ValueError:
            raise Refused("refused.planned_day") from None


def _told(old: models.Session, wanted: Copy) -> dict[str, object]:
    return {
        "study": old.study,
        "title": dict(wanted.title),
        "languages": old.languages,
        "letters": old.letters,
        "protocol": old.protocol,
        "takes_from": old.takes_from,
        "site": wanted.site,
        "arm": wanted.arm,
        "planned_on": wanted.planned_on,
        "follows": old.id if wanted.is_next else None,
    }


def as_planned(row: models.Round) -> Plan:
    """A round as it was planned: what the team chose to show less of while it ran belongs to that table alone."""
    tightened = next((note["about"] for note in row.notes if note["act"] == "tighten"), None)
    plan = plan_of(row)
    return replace(plan, disclosure=tightened[0]) if tightened else plan


async def _number(old: models.Session, session_id: int) -> None:
    """A statement that is brought along is the same one, and keeps its number in the study."""
    brought = [str(data["id"]) for data in old.imported]
    await forget(session_id, brought)
    for found in await models.StudyNumber.filter(session_id=old.id, statement__in=brought).order_by("id"):
        await models.StudyNumber.create(
            study_id=found.study_id,
            number=found.number,
            session_id=session_id,
            statement=found.statement,
            passed_from=found.passed_from,
        )


async def _team(session_id: int, copier: int) -> list[Guest]:
    """Whoever has an account and sits there without answering, but the one who copies, who has a seat already."""
    here = models.Seat.filter(session_id=session_id, withdrawn="", staff_id__isnull=False).exclude(staff_id=copier)
    return [
        Guest(Role(seat.role), language=seat.language, staff_id=seat.staff_id) for seat in await here.order_by("id")
    ]


async def people_of(session_id: int) -> list[Guest]:
    """Whoever takes part and is known by a name or an address: of anybody else nobody could tell whose link is new."""
    here = models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT, withdrawn="", person_id__isnull=False)
    return [
        Guest(
            Role.PARTICIPANT,
            seat.group,
            seat.language,
            is_simulated=seat.is_simulated,
            person_id=seat.person_id,
            sites=tuple(seat.sites or ()),
            arm=seat.arm,
        )
        for seat in await here.order_by("id")
    ]
