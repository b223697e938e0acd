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

    async def job() -> tuple[int, list[int], list[int]]:
        await store.hold(HOUSE)
        await store.hold(head_of(number))
        session = await models.Session.get_or_none(id=number)
        if session is None or session.rehearses is None:
            raise Refused("refused.no_rehearsal")
        rounds = [row.id for row in await models.Round.filter(session_id=number).only("id")]
        seats = await models.Seat.filter(session_id=number).only("id", "person_id")
        await _delete(number, rounds, seats)
        await write(HOUSE, by, "discard_rehearsal", {"session": session.rehearses, "rehearsal": number})
        return session.rehearses, rounds, [seat.id for seat in seats]

    real, rounds, seats = await house.act(number, job)
    house.counts.drop(rounds)
    for seat in seats:
        house.rooms.dismiss(number, seat)
    return real


async def _delete(number: int, rounds: Sequence[int], seats: Sequence[models.Seat]) -> None:
    """Every row of a session, in an order in which none points at one that is gone."""
    places = [seat.id for seat in seats]
    people = {seat.person_id for seat in seats if seat.person_id is not None}
    await models.Ballot.filter(round_id__in=rounds).delete()
    await models.Leaf.filter(round_id__in=rounds).delete()
    await models.SecondEntry.filter(round_id__in=rounds).delete()
    await models.Login.filter(seat_id__in=places).delete()
    await models.Heard.filter(seat_id__in=places).delete()
    await models.Notice.filter(seat_id__in=places).delete()
    await models.Grant.filter(session_id=number).delete()
    await models.Call.filter(session_id=number).delete()
    await models.Mail.filter(session_id=number).delete()
    await models.StudyNumber.filter(session_id=number).delete()
    await models.Round.filter(session_id=number).delete()
    await models.Seat.filter(session_id=number).delete()
    elsewhere = await models.Seat.filter(person_id__in=list(people)).only("id", "person_id")
    await models.Person.filter(id__in=list(people - {seat.person_id for seat in elsewhere})).delete()
    await models.Session.filter(id=number).delete()
    await models.Entry.filter(head=head_of(number)).delete()
    await models.Head.filter(key=head_of(number)).delete()
