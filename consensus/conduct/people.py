"""Acts on people: seated, moved to another group, revoked, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from consensus import models, seats, store
from consensus.conduct.acting import Refused, actor, seat_in
from consensus.conduct.reasons import forget_reasons
from consensus.count import block_of, frozen
from consensus.house import House
from consensus.journal import head_of, write
from rounds.contract import Role


async def add_seat(house: House, session: models.Session, role: Role, **fields: Any) -> models.Seat:
    seat = await models.Seat.create(
        session=session,
        role=role,
        alias=seats.new_alias(),
        code=token_hex(32),
        consented=role != Role.PARTICIPANT,
        **fields,
    )
    seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
    await seat.save(update_fields=["code"])
    return seat


@dataclass(frozen=True, slots=True)
class Guest:
    """A line of the roster: a person to be seated."""

    role: Role
    group: str = ""
    language: str = "fr"
    name: str = ""
    mail: str = ""
    phone: str = ""
    staff_id: int | None = None
    is_simulated: bool = False


async def add_seats(house: House, by: models.Seat, guests: Sequence[Guest]) -> list[models.Seat]:
    async def job() -> list[models.Seat]:
        return await seat_guests(house, by, guests)

    made = await house.store.write(job)
    house.rooms.touch(by.session_id)
    return made


async def seat_guests(house: House, by: models.Seat, guests: Sequence[Guest]) -> list[models.Seat]:
    """Inside a job: seats for these people, in the session of whoever seats them."""
    session = await models.Session.get(id=by.session_id)
    made = []
    for guest in guests:
        if guest.staff_id and await models.Seat.exists(session_id=session.id, staff_id=guest.staff_id):
            raise Refused("refused.seated_already")
        names = ("group", "language", "staff_id", "is_simulated")
        fields: dict[str, Any] = {name: getattr(guest, name) for name in names}
        if guest.name or guest.mail or guest.phone:
            fields["person"] = await models.Person.create(name=guest.name, mail=guest.mail, phone=guest.phone)
        made.append(await add_seat(house, session, guest.role, **fields))
    said = [[seat.alias, seat.role, seat.group] for seat in made]
    await write(head_of(session.id), actor(by), "add_seats", {"seats": said})
    return made


async def speak(house: House, seat: models.Seat, language: str) -> None:
    """The language in which a seat reads from now on; not an act of the session, so without a line."""

    async def job() -> None:
        await models.Seat.filter(id=seat.id).update(language=language)

    await house.store.write(job)


async def revoke(house: House, by: models.Seat, seat_id: int) -> None:
    """The seat's link and code become worthless, its devices are signed out; a new sheet can be printed."""

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        seat.issue += 1
        seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
        await seat.save(update_fields=["issue", "code"])
        await models.Login.filter(seat_id=seat.id).delete()
        await write(head_of(seat.session_id), actor(by), "revoke", {"alias": seat.alias, "issue": seat.issue})

    await house.store.write(job)
    house.rooms.dismiss(by.session_id, seat_id)


async def regroup(house: House, by: models.Seat, seat_id: int, group: str) -> None:
    """A group that was wrong is corrected: the seat's answers count in the other block, the blocks stay."""

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        if seat.role != Role.PARTICIPANT or seat.group == group:
            raise Refused("refused.same_group")
        for row in await models.Round.filter(session_id=by.session_id).exclude(state="draft"):
            if block_of((await frozen(row)).blocks, group) is None:
                raise Refused("refused.group_without_block")
        await write(
            head_of(seat.session_id), actor(by), "regroup", {"alias": seat.alias, "from": seat.group, "to": group}
        )
        await models.Seat.filter(id=seat.id).update(group=group)

    await house.store.write(job)
    house.rooms.touch(by.session_id)


async def withdraw(house: House, seat: models.Seat, erase: bool) -> None:
    """Stop; or stop and erase what was said. The log stays whole: it holds commitments, not values."""

    async def job() -> None:
        await store.hold(head_of(seat.session_id))  # a ballot of theirs that is under way comes before, or not at all
        state = "erased" if erase else "stopped"
        if not await models.Seat.filter(id=seat.id, withdrawn="").update(withdrawn=state):
            raise Refused("refused.withdrawn")
        if erase:
            await store.erase_marks(seat.id)
            await forget_reasons(seat)
        if seat.person_id is not None:
            await models.Person.filter(id=seat.person_id).delete()
        await models.Login.filter(seat_id=seat.id).delete()
        await models.Call.filter(seat_id=seat.id).delete()
        await write(head_of(seat.session_id), actor(seat), "withdraw", {"alias": seat.alias, "erased": erase})

    await house.store.write(job)
    house.rooms.dismiss(seat.session_id, seat.id)
    house.rooms.touch(seat.session_id)
