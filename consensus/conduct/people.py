"""Acts on people: seated, moved to another group, revoked, withdrawn."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from consensus import models, seats, sql, store
from consensus.conduct.acting import Refused, actor, seat_in
from consensus.conduct.opening import words_in
from consensus.conduct.proposals import forget_proposals
from consensus.conduct.reasons import forget_reasons
from consensus.count import block_of, frozen
from consensus.house import House
from consensus.journal import head_of, write
from consensus.states import Left, RoundState
from rounds.contract import Role

AT_ONCE = 250  # rows in one statement: a few milliseconds of everybody's time


async def add_seat(house: House, session: models.Session, role: Role, **fields: Any) -> models.Seat:
    seat = await models.Seat.create(
        session=session,
        role=role,
        alias="",
        code=token_hex(32),
        consented=role != Role.PARTICIPANT,
        **fields,
    )
    seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
    await seat.save(update_fields=["code"])
    return seat


@dataclass(frozen=True, slots=True)
class Guest:
    """A line of the roster: a person to be seated. person_id: of somebody whom the study knows, whose name and address
    stay as they are. sites, arm: by their keys; sites None: that of the session alone."""

    role: Role
    group: str = ""
    language: str = "fr"
    name: str = ""
    mail: str = ""
    phone: str = ""
    staff_id: int | None = None
    is_simulated: bool = False
    person_id: int | None = None
    sites: tuple[str, ...] | None = None
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What is written for a guest. person: to be written; None where nothing is known of them, or they are known."""

    person: models.Person | None
    seat: models.Seat


async def add_seats(
    house: House, by: models.Seat, guests: Sequence[Guest], told: Callable[[int], None] = lambda _: None
) -> list[models.Seat]:
    """All of them or nobody. told: how many have a seat so far, unless the act fails."""
    rows = await asyncio.to_thread(_rows, by.session_id, guests)

    async def job() -> list[models.Seat]:
        return await _seat(house, by, rows, told)

    return await house.act(by.session_id, job)


async def seat_guests(house: House, by: models.Seat, guests: Sequence[Guest]) -> list[models.Seat]:
    """Inside a job: seats for these people, in the session of whoever seats them."""
    return await _seat(house, by, _rows(by.session_id, guests), lambda _: None)


def _rows(session_id: int, guests: Sequence[Guest]) -> list[Row]:
    """Made before the job, since thousands take a moment and everybody else waits for a job."""
    return [
        Row(
            models.Person(name=guest.name, mail=guest.mail, phone=guest.phone)
            if guest.person_id is None and (guest.name or guest.mail or guest.phone)
            else None,
            models.Seat(
                session_id=session_id,
                role=guest.role,
                staff_id=guest.staff_id,
                person_id=guest.person_id,
                group=guest.group,
                language=guest.language,
                issue=1,
                alias="",
                code=token_hex(32),
                consented=guest.role != Role.PARTICIPANT,
                withdrawn="",
                is_entered=False,
                is_simulated=guest.is_simulated,
                is_bound=False,
                sites=None if guest.sites is None else list(guest.sites),
                arm=guest.arm,
            ),
        )
        for guest in guests
    ]


async def _seat(house: House, by: models.Seat, rows: Sequence[Row], told: Callable[[int], None]) -> list[models.Seat]:
    """Rows go in by the hundred, with a turn for the event loop between."""
    await store.hold(head_of(by.session_id))
    await _seat_staff_once(by.session_id, rows)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        await _name([row for row in some if row.person])
        await _place(house, by.session_id, [row.seat for row in some])
        told(start + len(some))
    made = [row.seat for row in rows]
    words = await words_in(by.session_id)
    n = Counter((seat.role, words.get(seat.group, "")) for seat in made)
    said: dict[str, Any] = {"seats": [[role, group, people] for (role, group), people in sorted(n.items())]}
    if simulated := sum(seat.is_simulated for seat in made):
        said["simulated"] = simulated  # so that no parcel can say later that these were people
    await write(head_of(by.session_id), actor(by), "add_seats", said, about=[seat.id for seat in made])
    return made


async def _seat_staff_once(session_id: int, rows: Sequence[Row]) -> None:
    staff = [row.seat.staff_id for row in rows if row.seat.staff_id]
    if len(set(staff)) < len(staff) or await models.Seat.exists(session_id=session_id, staff_id__in=staff):
        raise Refused("refused.seated_already")


async def _name(rows: Sequence[Row]) -> None:
    """Each seat gets its person. Another process writes none that is seen before its seat is."""
    people = [row.person for row in rows if row.person]
    last = await models.Person.all().order_by("-id").first().values_list("id", flat=True)
    await models.Person.bulk_create(people)
    new = models.Person.filter(id__gt=last or 0, seats__id__isnull=True).order_by("id")
    made = await new.values_list("id", "name", "mail", "phone")
    assert [tuple(row[1:]) for row in made] == [(person.name, person.mail, person.phone) for person in people]
    for row, found in zip(rows, made, strict=True):
        row.seat.person_id = found[0]


async def _place(house: House, session_id: int, made: Sequence[models.Seat]) -> None:
    """Each seat gets its number, and the code that is made of it."""
    last = await models.Seat.all().order_by("-id").first().values_list("id", flat=True)
    await models.Seat.bulk_create(made)
    new = await models.Seat.filter(session_id=session_id, id__gt=last or 0).values_list("code", "id")
    numbers = dict(new)
    for seat in made:
        seat.id, seat._saved_in_db = numbers[seat.code], True
        seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
    await models.Seat.bulk_update(made, ["code"])


async def speak(house: House, seat: models.Seat, language: str) -> None:
    """The language in which a seat reads from now on; not an act of the session, so without a line."""

    async def job() -> None:
        await models.Seat.filter(id=seat.id).update(language=language)

    await house.act(seat.session_id, job)


async def revoke(house: House, by: models.Seat, seat_id: int) -> None:
    """The seat's link and code become worthless, its devices are signed out; a new sheet can be printed.

    Where somebody had come in by them, the person reads it: on the page of the old link, and once in by the new one.
    """

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        if seat.withdrawn:
            raise Refused("refused.withdrawn")
        if seat.is_entered:
            await seats.notify(seat.id, seats.LINK)
        seat.issue, seat.is_entered = seat.issue + 1, False
        seat.code = seats.code_digest(house.settings, seats.short_code(house.settings, seat))
        await seat.save(update_fields=["issue", "is_entered", "code"])
        await models.Login.filter(seat_id=seat.id).delete()
        await write(head_of(seat.session_id), actor(by), "revoke", {"issue": seat.issue}, about=[seat.id])

    await house.act(by.session_id, job)
    house.pictures.drop(seat_id)
    house.rooms.dismiss(by.session_id, seat_id)


async def regroup(house: House, by: models.Seat, seat_id: int, group: str) -> None:
    """A group that was wrong is corrected: the seat's answers count in the other block, the blocks stay."""

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        if seat.role != Role.PARTICIPANT or seat.group == group:
            raise Refused("refused.same_group")
        for row in await models.Round.filter(session_id=by.session_id).exclude(state=RoundState.DRAFT):
            if block_of((await frozen(row)).blocks, group) is None:
                raise Refused("refused.group_without_block")
        words = await words_in(seat.session_id)
        said = {"from": words.get(seat.group, ""), "to": words.get(group, "")}
        await write(head_of(seat.session_id), actor(by), "regroup", said, about=[seat.id])
        await models.Seat.filter(id=seat.id).update(group=group)

    await house.act(by.session_id, job)


async def withdraw(house: House, seat: models.Seat, erase: bool) -> None:
    """Stop; or stop and erase what was said. The log stays whole: it holds commitments, not values. After the freeze
    only the name goes, of whoever had agreed to its date."""

    async def job() -> list[int]:
        await store.hold(head_of(seat.session_id))  # a ballot of theirs that is under way comes before, or not at all
        state = Left.ERASED if erase else Left.STOPPED
        if erase and await models.Seat.exists(id=seat.id, is_bound=True):
            raise Refused("refused.frozen_answers")
        if not await models.Seat.filter(id=seat.id, withdrawn="").update(withdrawn=state):
            raise Refused("refused.withdrawn")
        held = []
        if erase:
            for statement, values in sql.erase_marks(seat.id):
                await store.rows(statement, *values)
            await forget_reasons(seat)
            held = await forget_proposals(seat.session_id)
        if seat.person_id is not None:
            await _unname(seat.id, seat.person_id)
        await models.Login.filter(seat_id=seat.id).delete()
        await models.Call.filter(seat_id=seat.id).delete()
        await models.Heard.filter(seat_id=seat.id).delete()
        await models.Notice.filter(seat_id=seat.id).delete()
        await write(head_of(seat.session_id), actor(seat), "withdraw", {"erased": erase}, about=[seat.id])
        return held

    house.counts.drop(await house.act(seat.session_id, job))
    await house.store.empty_files()
    house.rooms.dismiss(seat.session_id, seat.id)


async def _unname(seat_id: int, person_id: int) -> None:
    """Nothing leads from this seat to its person any more; a name that no other seat needs is erased."""
    await models.Seat.filter(id=seat_id).update(person_id=None)
    if not await models.Seat.exists(person_id=person_id):
        await models.Person.filter(id=person_id).delete()
