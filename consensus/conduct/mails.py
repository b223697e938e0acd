"""Acts on the outbox: letters written, mails asked for, taken to be sent, told as sent or failed, asked for again.

A mail is marked as sending in a commit of its own before the server is spoken to, and never goes from there back to
waiting unless it was surely not sent. The journal gets counts and aliases; who was reminded is told to nobody.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from consensus import models, store
from consensus.conduct.acting import CLOCK, Refused, actor, seat_in
from consensus.count import block_of
from consensus.house import House
from consensus.journal import head_of, write
from consensus.letters import INVITATION, REMINDER, WHATS, Letter, wrong
from consensus.mail import Outcome, plain_address
from consensus.outcome import block_from
from consensus.text import ZONE
from rounds import KINDS
from rounds.contract import Role

HANDFUL = 10  # mails over one connection, and at most so many that a sudden end leaves unknown
TRIES = 5
WAIT = 30  # seconds before the second try; then twice as long each time
UNDER_WAY = ("queued", "sending")


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that may be sent now, and to whom; never stored together."""

    id: int
    session_id: int
    what: str
    seat: models.Seat
    name: str
    address: str


async def write_letters(house: House, by: models.Seat, what: str, letters: Mapping[str, Letter]) -> None:
    """The letter in every language of the session, as the facilitator wants it."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        session = await models.Session.get(id=by.session_id)
        if what not in WHATS or set(letters) != set(session.languages):
            raise Refused("mails.empty")
        for language, letter in letters.items():
            if found := wrong(letter, language):
                raise Refused(found[0], **found[1])
        said = {language: asdict(letter) for language, letter in letters.items()}
        session.letters = {**(session.letters or {}), what: said}
        await session.save(update_fields=["letters"])
        await write(head_of(by.session_id), actor(by), "write_letters", {"what": what})

    await house.store.write(job)


# Who is written to


async def addressed(session_id: int) -> list[models.Seat]:
    """Participants who are here and have an address."""
    held = models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT, withdrawn="")
    return [s for s in await held.order_by("id").select_related("person") if s.person and s.person.mail]


async def to_invite(session_id: int) -> list[models.Seat]:
    """Whom no invitation was ever meant for with the link that they have now."""
    mails = await models.Mail.filter(session_id=session_id, what=INVITATION)
    meant = {(mail.seat_id, mail.issue) for mail in mails}
    return [seat for seat in await addressed(session_id) if (seat.id, seat.issue) not in meant]


async def to_remind(session_id: int) -> list[models.Seat]:
    """Who was invited by mail and has not started. How many they are may be told, never who."""
    mails = await models.Mail.filter(session_id=session_id).exclude(state="failed")
    waiting = {mail.seat_id for mail in mails if mail.state in UNDER_WAY}
    invited = {(mail.seat_id, mail.issue) for mail in mails if mail.what == INVITATION}
    started = await _started(session_id)
    people = [seat for seat in await addressed(session_id) if (seat.id, seat.issue) in invited]
    return [seat for seat in people if seat.id not in waiting and not started(seat)]


async def open_to_people(session_id: int) -> models.Round | None:
    """The round under way in which participants answer."""
    row = await models.Round.filter(session_id=session_id, state="open").order_by("position").first()
    return row if row and Role.PARTICIPANT in KINDS[row.kind].cast_by else None


async def _started(session_id: int) -> Callable[[models.Seat], bool]:
    """Has this seat consented, and answered in the round under way, if any that it may answer in?"""
    row = await open_to_people(session_id)
    ballots = await models.Ballot.filter(round_id=row.id).distinct().values("seat_id") if row else []
    answered = {ballot["seat_id"] for ballot in ballots}
    blocks = [block_from(data) for data in row.blocks or []] if row else []

    def started(seat: models.Seat) -> bool:
        is_asked = row is not None and block_of(blocks, seat.group) is not None
        return seat.consented and (seat.id in answered or not is_asked)

    return started


# Asked for


async def _hold_real(session_id: int) -> None:
    """Nobody is written to from a rehearsal. Where nothing was ever sent, nothing can be sent again."""
    await store.hold(head_of(session_id))
    if await models.Session.exists(id=session_id, rehearses__isnull=False):
        raise Refused("refused.rehearsal_mails")


async def queue_invitations(house: House, by: models.Seat) -> int:
    """To everybody who has an address and was not invited; pressed again, to nobody."""

    async def job() -> int:
        await _hold_real(by.session_id)
        people = await to_invite(by.session_id)
        if people:
            await _queue(people, INVITATION, 0)
            await write(head_of(by.session_id), actor(by), "queue_invitations", {"n": len(people)})
        return len(people)

    return await house.store.write(job)


async def queue_reminders(house: House, by: models.Seat, again_today: bool = False) -> int:
    """To everybody who was invited and has not started. A second one on the same day needs a word."""

    async def job() -> int:
        await _hold_real(by.session_id)
        last = await last_reminder(by.session_id)
        if last is not None and not again_today and is_today(last.queued_at):
            raise Refused("mails.once_a_day")
        people = await to_remind(by.session_id)
        if people:
            number = last.number + 1 if last else 1
            await _queue(people, REMINDER, number)
            await write(head_of(by.session_id), actor(by), "queue_reminders", {"n": len(people), "number": number})
        return len(people)

    return await house.store.write(job)


async def last_reminder(session_id: int) -> models.Mail | None:
    return await models.Mail.filter(session_id=session_id, what=REMINDER).order_by("-number").first()


def is_today(moment: float) -> bool:
    return datetime.fromtimestamp(moment, ZONE).date() == datetime.now(ZONE).date()


async def _queue(people: Sequence[models.Seat], what: str, number: int) -> None:
    now = time.time()
    await models.Mail.bulk_create(
        models.Mail(
            session_id=seat.session_id,
            seat_id=seat.id,
            what=what,
            issue=seat.issue,
            number=number,
            queued_at=now,
            due_at=now,
        )
        for seat in people
    )


async def requeue(house: House, by: models.Seat, seat_id: int, address: str) -> None:
    """One invitation that failed goes out once more, to the same address or a corrected one."""

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        person = await models.Person.get_or_none(id=seat.person_id) if seat.person_id else None
        failed = models.Mail.filter(seat_id=seat.id, what=INVITATION, issue=seat.issue, state="failed")
        if person is None or seat.withdrawn or not await failed.exists():
            raise Refused("mails.not_failed")
        is_corrected = address != person.mail
        if is_corrected:
            await _correct(seat, person, address)
        await failed.update(**_afresh())
        await write(head_of(seat.session_id), actor(by), "requeue", {"alias": seat.alias, "corrected": is_corrected})

    await house.store.write(job)


async def _correct(seat: models.Seat, person: models.Person, address: str) -> None:
    try:
        plain_address(address)
    except ValueError:
        raise Refused("mails.bad_address") from None
    if any(other.person.mail == address for other in await addressed(seat.session_id) if other.person):
        raise Refused("mails.address_taken")
    await models.Person.filter(id=person.id).update(mail=address)


async def requeue_all(house: House, by: models.Seat) -> int:
    """Every invitation that surely did not arrive goes out once more; those that may have are asked for one by one."""

    async def job() -> int:
        await store.hold(head_of(by.session_id))
        present = {(seat.id, seat.issue) for seat in await addressed(by.session_id)}
        failed = models.Mail.filter(session_id=by.session_id, what=INVITATION, state="failed").exclude(reason="unknown")
        again = [mail.id for mail in await failed if (mail.seat_id, mail.issue) in present]
        if again:
            await models.Mail.filter(id__in=again).update(**_afresh())
            await write(head_of(by.session_id), actor(by), "requeue", {"n": len(again)})
        return len(again)

    return await house.store.write(job)


def _afresh() -> dict[str, Any]:
    now = time.time()
    return {"state": "queued", "tries": 0, "reason": "", "queued_at": now, "due_at": now, "taken_at": None}


# Sent


async def take_mails(house: House) -> list[Due]:
    """A few mails of one session that are due, marked as sending: once this is committed, they may be sent."""
    first = await models.Mail.filter(state="queued", due_at__lte=time.time()).order_by("due_at", "id").first()
    if first is None:
        return []
    session_id = first.session_id

    async def job() -> list[Due]:
        await store.hold(head_of(session_id))
        due = models.Mail.filter(session_id=session_id, state="queued", due_at__lte=time.time())
        rows = await due.order_by("due_at", "id").limit(HANDFUL).select_related("seat__person")
        started = await _started(session_id)
        taken: list[Due] = []
        for row in rows:
            if why := _moot(row, started):
                await models.Mail.filter(id=row.id).update(state="failed", reason=why)
            elif row.seat.person:
                person = row.seat.person
                taken.append(Due(row.id, session_id, row.what, row.seat, person.name, person.mail))
        mine = models.Mail.filter(id__in=[mail.id for mail in taken])
        for row in await mine:
            await models.Mail.filter(id=row.id).update(state="sending", tries=row.tries + 1, taken_at=time.time())
        if rows:
            said = {"n": len(taken), "dropped": len(rows) - len(taken)}
            await write(head_of(session_id), CLOCK, "take_mails", said)
        return taken

    return await house.store.write(job)


def _moot(row: models.Mail, started: Callable[[models.Seat], bool]) -> str:
    """Why a mail that waited is no longer wanted, or nothing."""
    seat = row.seat
    if seat.withdrawn or seat.person is None:
        return "left"
    if not seat.person.mail:
        return "address"
    if seat.issue != row.issue:
        return "revoked"
    return "started" if row.what == REMINDER and started(seat) else ""


async def settle_mails(house: House, session_id: int, outcomes: Mapping[int, Outcome]) -> None:
    """What became of the mails that were taken. One that is not named here stays as sending."""
    if not outcomes:
        return

    async def job() -> None:
        await store.hold(head_of(session_id))
        told: Counter[str] = Counter()
        for row in await models.Mail.filter(id__in=list(outcomes), session_id=session_id, state="sending"):
            fields = _settled(row, outcomes[row.id])
            await models.Mail.filter(id=row.id).update(**fields)
            told[fields["state"]] += 1
        if told:
            await write(head_of(session_id), CLOCK, "settle_mails", dict(told))

    await house.store.write(job)


def _settled(row: models.Mail, outcome: Outcome) -> dict[str, Any]:
    now = time.time()
    match outcome.state:
        case "sent":
            return {"state": "sent", "reason": "", "sent_at": now}
        case "back":
            return {"state": "queued", "tries": row.tries - 1, "due_at": now}
        case "later" if row.tries < TRIES:
            return {"state": "queued", "reason": outcome.reason, "due_at": now + WAIT * 2 ** (row.tries - 1)}
        case _:
            return {"state": "failed", "reason": outcome.reason}


async def lose_mails(house: House, before: float) -> None:
    """Mails whose sender was cut off before it knew: failed, as unknown. They are never sent again by themselves."""
    cut_off = models.Mail.filter(state="sending")
    if before < float("inf"):
        cut_off = cut_off.filter(taken_at__lt=before)
    for session_id in sorted({mail.session_id for mail in await cut_off}):
        await _lose(house, session_id, before)


async def _lose(house: House, session_id: int, before: float) -> None:
    async def job() -> None:
        await store.hold(head_of(session_id))
        rows = await models.Mail.filter(session_id=session_id, state="sending")
        lost = [row.id for row in rows if (row.taken_at or 0) < before]
        if lost:
            await models.Mail.filter(id__in=lost).update(state="failed", reason="unknown")
            await write(head_of(session_id), CLOCK, "lose_mails", {"n": len(lost)})

    await house.store.write(job)
