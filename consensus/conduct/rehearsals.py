"""Acts on rehearsals: sessions of their own beside a real one, with simulated people, thrown away afterwards.

A real session never becomes a rehearsal, nor the reverse; nothing of it is read here but its plan. That one was made
and thrown away stands in the chain of the house, since its own chain goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from consensus import models, store
from consensus.conduct.acting import CLOCK, Refused, actor
from consensus.conduct.consents import agree
from consensus.conduct.deleting import Gone, delete_session, forget
from consensus.conduct.people import Guest, seat_guests
from consensus.conduct.sessions import bring, lay_session
from consensus.consents import PURPOSES, REUSE
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, minute, write
from consensus.outcome import statement_data
from consensus.protocol import plan_of
from rounds.contract import Role, Statement

KEPT_DAYS = 7  # of a rehearsal that nobody threw away


async def rehearsal_of(session_id: int) -> models.Session | None:
    return await models.Session.get_or_none(rehearses=session_id)


async def rehearse(
    house: House, by: models.Seat, guests: Sequence[Guest], examples: Sequence[Statement]
) -> models.Session:
    """The rehearsal of this session, with a seat in it for whoever asks: the one that is open, or a new one.

    guests: the simulated people of a new one. examples: its statements, where the session brings some and has none yet.
    """
    if by.staff_id is None:
        raise Refused("refused.rehearse_account")
    staff = await models.Staff.get(id=by.staff_id)

    async def job() -> models.Session:
        await store.hold(HOUSE)  # of two who ask at once, one makes it
        await store.hold(head_of(by.session_id))
        real = await models.Session.get(id=by.session_id).select_related("study")
        if real.rehearses is not None:
            raise Refused("refused.is_rehearsal")
        if found := await rehearsal_of(real.id):
            await _join(house, found, staff)
            return found
        session = await _lay(house, real, staff, guests, examples)
        await write(HOUSE, _staff(staff.id), "rehearse", {"session": real.id, "rehearsal": session.id})
        return session

    return await house.act(by.session_id, job)


def _staff(number: int) -> Actor:
    return Actor("staff", name=str(number))


async def _join(house: House, rehearsal: models.Session, staff: models.Staff) -> None:
    if await models.Seat.exists(session_id=rehearsal.id, staff_id=staff.id):
        return
    first = await models.Seat.filter(session_id=rehearsal.id, role=Role.FACILITATOR).order_by("id").first()
    assert first is not None
    await seat_guests(house, first, [Guest(Role.FACILITATOR, language=staff.language, staff_id=staff.id)])


async def _lay(
    house: House, real: models.Session, staff: models.Staff, guests: Sequence[Guest], examples: Sequence[Statement]
) -> models.Session:
    """The same rounds as they are set up now, none of them open; everybody simulated has agreed to take part."""
    plans = [plan_of(row) for row in await models.Round.filter(session_id=real.id).order_by("position")]
    copied = {"study": real.study, "title": real.title, "languages": real.languages, "rehearses": real.id}
    desk = await lay_session(house, staff, plans, **copied)
    if statements := real.imported or [statement_data(statement) for statement in examples]:
        await bring(desk, statements)
    people = [seat for seat in await seat_guests(house, desk, guests) if seat.role == Role.PARTICIPANT]
    for place, seat in enumerate(people):
        await agree(seat, PURPOSES if place % 3 else (REUSE,))  # one in three is not to be quoted
    return await models.Session.get(id=desk.session_id)


async def discard_rehearsal(house: House, by: models.Seat) -> int:
    """Nothing of it is left but two lines in the chain of the house. The number of the session it was made of."""
    return await _discard(house, by.session_id, _staff(by.staff_id) if by.staff_id else actor(by))


async def discard_old_rehearsals(house: House) -> int:
    """Those that were made a week ago and forgotten; asked when the process starts. How many they were."""
    oldest = minute(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
    found = await models.Session.filter(rehearses__isnull=False).order_by("id")
    made = await models.Entry.filter(head__in=[head_of(one.id) for one in found], seq=1, at__gte=oldest)
    recent = {entry.head for entry in made}
    old = [one.id for one in found if head_of(one.id) not in recent]
    for number in old:
        with suppress(Refused):  # another process started at the same moment
            await _discard(house, number, CLOCK)
    return len(old)


async def _discard(house: House, number: int, by: Actor) -> int:
    await house.running.stop(number)

    gone = Gone()

    async def job() -> int:
        await store.hold(HOUSE)
        await store.hold(head_of(number))
        session = await models.Session.get_or_none(id=number)
        if session is None or session.rehearses is None:
            raise Refused("refused.no_rehearsal")
        await delete_session(number, gone)
        await write(HOUSE, by, "discard_rehearsal", {"session": session.rehearses, "rehearsal": number})
        return session.rehearses

    real = await house.act(number, job)
    forget(house, gone)
    return real
