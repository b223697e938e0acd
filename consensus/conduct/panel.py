"""Acts on the panel of a study: people brought once, corrected everywhere, taken out, seated in sessions.

Whoever makes them runs a session of the study; who that is, is asked where the page is. The journal gets counts alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from consensus import models, store
from consensus.addresses import alike
from consensus.conduct.acting import Refused, mailbox
from consensus.conduct.known import AT_ONCE, has_mail, known_by
from consensus.conduct.people import Guest, add_seats
from consensus.house import House
from consensus.journal import HOUSE, Actor, write
from rounds.blank import is_blank
from rounds.contract import Role


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a member of the panel. sites, arm: by their keys."""

    name: str
    mail: str
    phone: str
    group: str
    language: str
    sites: tuple[str, ...] = ()
    arm: str = ""


def by_staff(staff: models.Staff) -> Actor:
    return Actor("staff", name=str(staff.id))


async def add_members(house: House, staff: models.Staff, study_id: int, guests: Sequence[Guest]) -> tuple[int, int]:
    """Everybody of a list, or nobody: how many are new, and how many the panel has already, by their address."""

    async def job() -> tuple[int, int]:
        await store.hold(HOUSE)
        told = {guest.mail: guest for guest in guests if guest.mail}  # one of each address
        held = await known_by({mail: _person(guest) for mail, guest in told.items()}, study_id)
        new = [guest for guest in guests if guest is told.get(guest.mail, guest) and guest.mail not in held]
        for start in range(0, len(new), AT_ONCE):
            await _add(study_id, new[start : start + AT_ONCE])
        said = {"study": study_id, "new": len(new), "known": len(held)}
        await write(HOUSE, by_staff(staff), "add_members", said)
        return len(new), len(held)

    if not guests:
        raise Refused("missing.roster")
    return await house.act(None, job)


async def add_member(house: House, staff: models.Staff, study_id: int, told: Told) -> tuple[int, int]:
    """One person, typed: new or known, as in a list."""
    mail = mailbox(told.mail) if told.mail else ""
    if is_blank(told.name) and not mail and not told.phone:
        raise Refused("refused.nobody_known")
    _check(await models.Study.get(id=study_id), told)
    guest = Guest(
        Role.PARTICIPANT, told.group, told.language, told.name, mail, told.phone, sites=told.sites, arm=told.arm
    )
    return await add_members(house, staff, study_id, [guest])


def _person(guest: Guest) -> models.Person:
    return models.Person(name=guest.name, mail=guest.mail, phone=guest.phone)


async def _add(study_id: int, guests: Sequence[Guest]) -> None:
    """People and members are written together; nobody else writes a person who has neither seat nor panel."""
    last = await models.Person.all().order_by("-id").first().values_list("id", flat=True)
    await models.Person.bulk_create([_person(guest) for guest in guests])
    new = models.Person.filter(id__gt=last or 0, seats__id__isnull=True, members__id__isnull=True).order_by("id")
    made = await new.values_list("id", "name", "mail", "phone")
    assert [tuple(row[1:]) for row in made] == [(guest.name, guest.mail, guest.phone) for guest in guests]
    await models.Member.bulk_create(
        models.Member(
            study_id=study_id,
            person_id=row[0],
            group=guest.group,
            language=guest.language,
            sites=list(guest.sites or ()),
            arm=guest.arm,
        )
        for row, guest in zip(made, guests, strict=True)
    )
    await asyncio.sleep(0)  # a turn for the others


async def member_in(study_id: int, member_id: int) -> models.Member:
    found = await models.Member.get_or_none(id=member_id, study_id=study_id).select_related("person")
    if found is None:
        raise Refused("refused.no_such_member")
    return found


async def change_member(house: House, staff: models.Staff, study_id: int, member_id: int, told: Told) -> None:
    """A name, an address, a telephone number are the person's, so in every session; the rest is the panel's, and what a
    session has of it stays."""
    mail = mailbox(told.mail) if told.mail else ""
    if is_blank(told.name) and not mail and not told.phone:
        raise Refused("refused.nobody_known")

    async def job() -> list[int]:
        await store.hold(HOUSE)
        member = await member_in(study_id, member_id)
        _check(await models.Study.get(id=study_id), told)
        if mail and mail != alike(member.person.mail) and await has_mail(study_id, member.person_id, mail):
            raise Refused("refused.mail_of_another")
        await models.Person.filter(id=member.person_id).update(name=told.name, mail=mail, phone=told.phone)
        await models.Member.filter(id=member.id).update(
            group=told.group, language=told.language, sites=list(told.sites), arm=told.arm
        )
        await write(HOUSE, by_staff(staff), "change_member", {"study": study_id})
        return await _sessions_of(member.person_id)

    await house.act(lambda sessions: sessions, job)


def _check(study: models.Study, told: Told) -> None:
    if told.group not in {group["key"] for group in study.groups}:
        raise Refused("refused.no_such_group")
    if not set(told.sites) <= {site["key"] for site in study.sites or ()}:
        raise Refused("refused.no_such_site")
    if told.arm and told.arm not in {arm["key"] for arm in study.arms or ()}:
        raise Refused("refused.no_such_arm")


async def _sessions_of(person_id: int) -> list[int]:
    seats = await models.Seat.filter(person_id=person_id).order_by("id").only("session_id")
    return sorted({seat.session_id for seat in seats})


async def remove_member(house: House, staff: models.Staff, study_id: int, member_id: int) -> None:
    """Name and address are erased. Refused while a session needs them: whoever sits somewhere leaves by themselves."""

    async def job() -> None:
        await store.hold(HOUSE)
        member = await member_in(study_id, member_id)
        if await models.Seat.exists(person_id=member.person_id):
            raise Refused("refused.member_sits")
        await models.Member.filter(id=member.id).delete()
        if not await models.Member.exists(person_id=member.person_id):
            await models.Person.filter(id=member.person_id).delete()
        await write(HOUSE, by_staff(staff), "remove_member", {"study": study_id})

    await house.act(None, job)
    await house.store.empty_files()


async def seat_members(house: House, by: models.Seat, members: Collection[int]) -> int:
    """Those of the panel who do not sit in the session of by yet, and have not left it, are seated: how many."""
    session = await models.Session.get(id=by.session_id)
    if session.rehearses is not None:
        raise Refused("refused.is_rehearsal")
    there = {
        seat.person_id
        for seat in await models.Seat.filter(session_id=session.id, person_id__isnull=False).only("person_id")
    }
    wanted = models.Member.filter(study_id=session.study_id).order_by("id")
    guests = [
        Guest(
            Role.PARTICIPANT,
            member.group,
            member.language if member.language in session.languages else session.languages[0],
            person_id=member.person_id,
            sites=tuple(site for site in member.sites if site != session.site),
            arm=member.arm,
        )
        for member in await wanted
        if member.id in members and member.person_id not in there and session.id not in (member.has_left or ())
    ]
    if not guests:
        raise Refused("refused.nobody_to_seat")
    return len(await add_seats(house, by, guests))
