"""Acts on individual answers: given to a researcher, signed by a second person, accepted on conditions.

Whoever sat on the session's team sees who came in when; so they get nothing but by a second person's signature, after
the freeze, and the file says so.
"""

from __future__ import annotations

from consensus import models
from consensus.addresses import alike
from consensus.conduct.acting import Refused, actor, seat_in
from consensus.freeze import day_of, is_frozen
from consensus.house import House
from consensus.journal import Actor, head_of, minute, write
from rounds.contract import TEAM, Role

SHELL = Actor("shell")


async def sat_on_team(seat: models.Seat) -> bool:
    """Is this a seat of the session's team, or of somebody who has, or had, another one there?"""
    if seat.role in TEAM:
        return True
    mine = await _mails(seat)
    team = models.Seat.filter(session_id=seat.session_id, role__in=list(TEAM))
    for other in await team:
        if mine & await _mails(other):
            return True
    return False


async def _mails(seat: models.Seat) -> set[str]:
    person = await models.Person.get_or_none(id=seat.person_id) if seat.person_id else None
    staff = await models.Staff.get_or_none(id=seat.staff_id) if seat.staff_id else None
    return {alike(who.mail) for who in (person, staff) if who is not None and who.mail}


async def give_answers(house: House, by: models.Seat | None, session_id: int, seat_id: int) -> models.Grant:
    """Individual answers of this session may be fetched by whoever sits here. by: None from the command line,
    where each file that is written is a line."""

    async def job() -> models.Grant:
        seat = await seat_in(session_id, seat_id)
        study = await models.Study.get(sessions__id=session_id)
        if not study.is_row_level_allowed:
            raise Refused("refused.row_level_not_allowed")
        if seat.withdrawn or seat.role not in {Role.RESEARCHER, *TEAM}:
            raise Refused("refused.not_a_researcher")
        grant = await models.Grant.get_or_none(seat_id=seat.id)
        if grant is not None and by is not None:
            raise Refused("refused.given_already")
        if grant is None:
            is_team, giver = await sat_on_team(seat), by.id if by else None
            grant = await models.Grant.create(
                session_id=session_id, seat_id=seat.id, by_id=giver, at=minute(), is_team=is_team
            )
        if by is None:  # the file follows at once, so whatever is asked of it is asked here
            await may_fetch(await models.Session.get(id=session_id), grant)
        giving = actor(by) if by else SHELL
        said = {"team": grant.is_team, **({"analysis": True} if study.has_analysis_file else {})}
        await write(head_of(session_id), giving, "give_answers", said, about=[seat.id])
        return grant

    return await house.act(session_id, job)


async def sign_answers(house: House, staff: models.Staff, session_id: int, grant_id: int) -> None:
    """A second person agrees that one of the team gets the file: not who gave, not who receives, nor the team."""

    async def job() -> None:
        grant = await models.Grant.get_or_none(id=grant_id, session_id=session_id)
        if grant is None or not grant.is_team:
            raise Refused("refused.nothing_to_sign")
        seat = await seat_in(session_id, grant.seat_id)
        grant = await models.Grant.get(id=grant_id)  # nobody else changes it from here on
        if grant.signed_at:
            raise Refused("refused.signed_already")
        if not await is_frozen(await models.Session.get(id=session_id)):
            raise Refused("refused.sign_after_freeze")
        if await models.Seat.exists(session_id=session_id, staff_id=staff.id) or alike(staff.mail) in await _mails(
            seat
        ):
            raise Refused("refused.sign_yourself")
        await models.Grant.filter(id=grant_id).update(signed_by=staff.id, signed_at=minute())
        by = Actor("staff", name=str(staff.id))
        await write(head_of(session_id), by, "sign_answers", {}, about=[seat.id])

    await house.act(session_id, job)


async def accept_conditions(house: House, seat: models.Seat) -> None:
    """Before the first file: the receiver has read under which conditions they have it."""

    async def job() -> None:
        await seat_in(seat.session_id, seat.id)
        grant = await models.Grant.get_or_none(seat_id=seat.id)
        if grant is None:
            raise Refused("refused.not_given")
        if grant.accepted_at:
            return
        await models.Grant.filter(id=grant.id).update(accepted_at=minute())
        await write(head_of(seat.session_id), actor(seat), "accept_conditions", {})

    await house.act(seat.session_id, job)


async def may_fetch(session: models.Session, grant: models.Grant | None) -> None:
    """Refused, with the sentence that says why and when, where no individual file may be had."""
    await file_exists(session)
    if grant is None:
        raise Refused("refused.not_given")
    if grant.is_team and not grant.signed_at:
        raise Refused("refused.not_signed")


async def file_exists(session: models.Session) -> None:
    """Refused where there is no individual file at all."""
    study = await models.Study.get(id=session.study_id)
    if not study.is_row_level_allowed:
        raise Refused("refused.row_level_not_allowed")
    if await is_frozen(session):
        return
    if session.rehearses is not None:
        raise Refused("refused.session_not_over")
    day = day_of(study)
    if day is None:
        raise Refused("refused.no_freeze")
    raise Refused("refused.not_frozen", date=day)


async def analysis_file_exists(session: models.Session) -> None:
    """Refused where the study did not ask for one."""
    if not (await models.Study.get(id=session.study_id)).has_analysis_file:
        raise Refused("refused.no_analysis_file")


async def researchers(session_id: int) -> dict[str, int]:
    """Whom the command line may name, by their names and addresses as one types them: their seats."""
    held = models.Seat.filter(session_id=session_id, role__in=[Role.RESEARCHER, *TEAM], withdrawn="")
    found: dict[str, int] = {}
    for seat in await held.order_by("id").select_related("person", "staff"):
        for who in (seat.person, seat.staff):
            if who is not None:
                found |= {said.strip().casefold(): seat.id for said in (who.name, who.mail) if said.strip()}
    return found
