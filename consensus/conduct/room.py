"""Acts on the room: its door, which a short code opens; who comes in by it; what its big screen shows.

The code is never written to the journal: whoever reads that could come in.
"""

from __future__ import annotations

from secrets import choice

from consensus import models, seats, store
from consensus.conduct.acting import Refused, actor, in_use, seat_in
from consensus.conduct.heard import hear, heard
from consensus.conduct.opening import words_in
from consensus.conduct.people import add_seat
from consensus.count import block_of
from consensus.house import House
from consensus.journal import HOUSE, head_of, write
from consensus.outcome import block_from
from consensus.states import UNDER_WAY
from rounds.contract import Role

SCREENS = ("", "join", "pause")  # the round, how to join, nothing
MOST = 300  # participants of a session whose door is open to newcomers


async def open_door(house: House, by: models.Seat, takes_newcomers: bool) -> None:
    """A new code; the one before it, if any, opens nothing any more."""

    async def job() -> None:
        await store.hold(HOUSE)  # two doors opened at once never get the same code
        await seat_in(by.session_id, by.id)
        await in_use(by.session_id)
        code = _new_code()
        while await models.Session.exists(room=code):
            code = _new_code()
        await models.Session.filter(id=by.session_id).update(room=code, takes_newcomers=takes_newcomers)
        await write(head_of(by.session_id), actor(by), "open_door", {"newcomers": takes_newcomers})

    await house.act(by.session_id, job)


def _new_code() -> str:
    return "".join(choice(seats.ALPHABET) for _ in range(seats.ROOM_LENGTH))


async def close_door(house: House, by: models.Seat) -> None:
    """Nobody comes in by the code any more; whoever is in stays."""

    async def job() -> None:
        session = await _session(by)
        session.room, session.screen = "", "" if session.screen == "join" else session.screen
        await session.save(update_fields=["room", "screen"])
        await write(head_of(session.id), actor(by), "close_door", {})

    await house.act(by.session_id, job)


async def show_screen(house: House, by: models.Seat, screen: str) -> None:
    """What the big screen shows: the round, how to join, or a pause."""
    if screen not in SCREENS:
        raise Refused("refused.no_such_screen")

    async def job() -> None:
        session = await _session(by)
        if screen == "join" and not session.room:
            raise Refused("refused.door_shut")
        session.screen = screen
        await session.save(update_fields=["screen"])
        await write(head_of(session.id), actor(by), "show_screen", {"screen": screen or "round"})

    await house.act(by.session_id, job)


async def _session(by: models.Seat) -> models.Session:
    await seat_in(by.session_id, by.id)
    return await models.Session.get(id=by.session_id)


async def join(house: House, code: str, group: str, language: str, key: str = "") -> models.Seat:
    """Take a free seat of this group, or a new one where newcomers may have one.

    The number of a free seat is raised, so that a printed card of it leads nobody to the same seat. key: made with the
    page; pressed again, because the answer was lost, it leads to the seat that was taken, and to no second one.
    """

    async def job() -> models.Seat:
        session = await _entered(code)
        told = ("join", session.id, group, key)
        if key and (taken := await _taken(await heard(*told))):
            return taken
        await _has_a_block(session, group)
        seat = await _free(session, group, language)
        is_new = seat is None
        if seat is None:
            seat = await _new(house, session, group, language)
        else:
            seat.issue, seat.language, seat.is_entered = seat.issue + 1, language, True
            seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
            await seat.save(update_fields=["issue", "language", "is_entered", "code"])
        if key:
            await hear(seat.id, *told)
        said = {"group": (await words_in(session.id))[group], "new": is_new}
        await write(head_of(session.id), actor(seat), "join", said)
        return seat

    return await house.act(lambda seat: [seat.session_id], job)


async def _taken(seat_id: int | None) -> models.Seat | None:
    """The seat that was taken from the same page, if its person has not left."""
    return await models.Seat.get_or_none(id=seat_id, withdrawn="") if seat_id is not None else None


async def _entered(code: str) -> models.Session:
    """The session whose door the code opens, held from here on; read again, since the door may close meanwhile."""
    found = await seats.session_of_room(code)
    if found is not None:
        await store.hold(head_of(found.id))
        found = await seats.session_of_room(code)
    if found is None:
        raise Refused("refused.wrong_room")
    return found


async def _has_a_block(session: models.Session, group: str) -> None:
    """The blocks of a round that is open stay as they are: a group without one cannot answer in it."""
    study = await models.Study.get(id=session.study_id)
    if group not in {known["key"] for known in study.groups}:
        raise Refused("refused.choose_group")
    for row in await models.Round.filter(session_id=session.id, state__in=UNDER_WAY).only("id", "blocks"):
        if block_of([block_from(data) for data in row.blocks or []], group) is None:
            raise Refused("refused.room_without_block", name=study.help_name)


async def _free(session: models.Session, group: str, language: str) -> models.Seat | None:
    """A seat made by number that nobody entered yet; one in this language first."""
    free = models.Seat.filter(
        session_id=session.id, role=Role.PARTICIPANT, group=group, withdrawn="", consented=False, is_entered=False
    ).filter(person_id__isnull=True, staff_id__isnull=True)
    found = await free.order_by("id")
    # Somebody who came in and then got a new link keeps the seat, though nobody has come in by that link yet.
    notices = await models.Notice.filter(seat_id__in=[seat.id for seat in found], what=seats.LINK)
    taken = {notice.seat_id for notice in notices}
    left = [seat for seat in found if seat.id not in taken]
    return min(left, key=lambda seat: seat.language != language, default=None)


async def _new(house: House, session: models.Session, group: str, language: str) -> models.Seat:
    sitting = models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT)
    is_open = session.takes_newcomers or session.rehearses is not None  # in a rehearsal every other seat is taken
    if not is_open or await sitting.count() >= MOST:
        raise Refused("refused.room_full")
    return await add_seat(house, session, Role.PARTICIPANT, group=group, language=language, is_entered=True)
