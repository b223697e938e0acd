"""A colleague who is seated in a session, or at one press in all sessions of the study that the reader facilitates.

Whoever has a seat in one of them keeps that one as it is. People who take part come by lists, elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from consensus import conduct, models, seats
from consensus.conduct import Guest, Refused
from consensus.web.asking import Ask
from rounds.contract import Role

COLLEAGUES = (Role.FACILITATOR, Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)
EVERYWHERE = "everywhere"  # the field that asks for all sessions


async def colleague(ask: Ask) -> Guest:
    """As the form names them. Refused: without an account or a role, or seated in all that were asked for."""
    mail, role = ask.typed.one("mail"), ask.typed.one("role")
    staff = await seats.staff_by_mail(mail) if mail else None
    if staff is None:
        raise Refused("roster.no_account", value=mail or "–")
    if role not in COLLEAGUES:
        raise Refused("missing.role")
    guest = Guest(Role(role), "", staff.language, staff_id=staff.id)
    if not await _lack(ask, guest):
        raise Refused("roster.already_seated", value=mail)
    return guest


async def seat_colleague(ask: Ask, guest: Guest) -> int:
    """In how many sessions they are seated now."""
    desks = await _lack(ask, guest)
    for desk in desks:
        spoken = desk.session.languages
        language = guest.language if guest.language in spoken else spoken[0]
        await conduct.add_seats(ask.house, desk, [replace(guest, language=language)])
    return len(desks)


async def _lack(ask: Ask, guest: Guest) -> list[models.Seat]:
    """The reader's seats in the sessions that were asked for and lack this colleague."""
    mine = models.Seat.filter(staff_id=ask.mine.staff_id, role=Role.FACILITATOR, withdrawn="")
    if ask.typed.has(EVERYWHERE, "1"):
        mine = mine.filter(session__study_id=ask.here.study_id, session__rehearses__isnull=True)
    else:
        mine = mine.filter(session_id=ask.here.id)
    theirs = await models.Seat.filter(staff_id=guest.staff_id, withdrawn="").only("session_id")
    there = {seat.session_id for seat in theirs}
    held = await mine.order_by("session_id").select_related("session")
    return [seat for seat in held if seat.session_id not in there]
