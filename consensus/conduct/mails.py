"""Acts on the outbox: letters written, mails asked for, taken to be sent, told as sent or failed, asked for again.

A mail is marked as sending in a commit of its own before the server is spoken to, and never goes from there back to
waiting unless it was surely not sent. The journal gets counts and handles; who was reminded, or how many, is told to
nobody.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from consensus import models, store
from consensus.addresses import alike
from consensus.conduct.acting import CLOCK, Refused, actor, mailbox, seat_in
from consensus.conduct.beside import Beside, sessions_beside, take_beside
from consensus.conduct.known import has_mail
from consensus.house import House
from consensus.journal import Actor, head_of, moment_of, write
from consensus.mail.letters import INVITATION, LETTERS, REMINDER, Letter, wrong
from consensus.mail.smtp import Outcome
from consensus.reopening import REOPEN
from consensus.states import MailState
from consensus.turnout import finished, open_to_people
from consensus.zones import day_in, today_in
from rounds import KINDS
from rounds.contract import Role

HANDFUL = 10  # mails over one connection, and at most so many that a sudden end leaves unknown
TRIES = 5
WAIT = 30  # seconds before the second try; then twice as long each time
UNDER_WAY = (MailState.QUEUED, MailState.SENDING)
REMIND_DAYS = (0, 2, 3, 7)
LAST_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that may be sent now, and to whom; never stored together. beside: of other sessions, which go along."""

    id: int
    session_id: int
    what: str
    seat: models.Seat
    name: str
    address: str
    beside: tuple[Beside, ...] = ()


async def write_letters(house: House, by: models.Seat, what: str, letters: Mapping[str, Letter]) -> None:
    """The letter in every language of the session, as the facilitator wants it."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        session = await models.Session.get(id=by.session_id)
        if what not in LETTERS or set(letters) != set(session.languages):
            raise Refused("mails.empty")
        for language, letter in letters.items():
            if found := wrong(letter, language):
                raise Refused(found[0], **found[1])
        said = {language: asdict(letter) for language, letter in letters.items()}
        session.letters = {**(session.letters or {}), what: said}
        await session.save(update_fields=["letters"])
        await write(head_of(by.session_id), actor(by), "write_letters", {"what": what})

    await house.act(by.session_id, job)


# Who is written to


async def addressed(session_id: int) -> list[models.Seat]:
    """Participants who are here and have an address."""
    held = models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT, withdrawn="")
    return [s for s in await held.order_by("id").select_related("person") if s.person and s.person.mail]


async def to_invite(session_id: int) -> list[models.Seat]:
    """Who has not come in, and for whom no invitation was ever meant with the link that they have now."""
    mails = await models.Mail.filter(session_id=session_id, what=INVITATION)
    meant = {(mail.seat_id, mail.issue) for mail in mails}
    people = await addressed(session_id)
    return [seat for seat in people if not seat.is_entered and (seat.id, seat.issue) not in meant]


async def to_remind(house: House, session_id: int) -> list[models.Seat]:
    """Whom a mail reaches and who has not finished. Neither who nor how many they are is told."""
    mails = await models.Mail.filter(session_id=session_id)
    waiting = {mail.seat_id for mail in mails if mail.state in UNDER_WAY}
    failed = {
        (mail.seat_id, mail.issue) for mail in mails if mail.what == INVITATION and mail.state == MailState.FAILED
    }
    invited = {(mail.seat_id, mail.issue) for mail in mails if mail.what == INVITATION} - failed
    is_done = await finished(house, session_id)
    reached = [
        seat
        for seat in await addressed(session_id)
        if (place := (seat.id, seat.issue)) in invited or (seat.is_entered and place not in failed)
    ]
    return [seat for seat in reached if seat.id not in waiting and not is_done(seat)]


# Asked for


async def _hold_real(session_id: int) -> None:
    """Nobody is written to from a rehearsal. Where nothing was ever sent, nothing can be sent again."""
    await store.hold(head_of(session_id))
    if await models.Session.exists(id=session_id, rehearses__isnull=False):
        raise Refused("refused.rehearsal_mails")


async def queue_invitations(house: House, by: models.Seat, among: Container[int] | None = None) -> int:
    """To everybody who has an address and was not invited; pressed again, to nobody. among: these seats alone."""

    async def job() -> int:
        await _hold_real(by.session_id)
        return await invite(by, among)

    return await house.act(by.session_id, job)


async def invite(by: models.Seat, among: Container[int] | None = None) -> int:
    """Inside a job that holds the session."""
    people = [seat for seat in await to_invite(by.session_id) if among is None or seat.id in among]
    if people:
        await queue(people, INVITATION, 0)
        await write(head_of(by.session_id), actor(by), "queue_invitations", {"n": len(people)})
    return len(people)


async def queue_reminders(house: House, by: models.Seat, again_today: bool = False) -> None:
    """To everybody who can be reached and has not finished. A second one on the same day needs a word.

    Whoever asks learns nothing by it: the act is the same, whether anybody is reminded or not.
    """

    async def job() -> None:
        await _hold_real(by.session_id)
        last, study = await last_reminder(by.session_id), await models.Study.get(sessions__id=by.session_id)
        if last is not None and not again_today and is_today(last, study.zone):
            raise Refused("mails.once_a_day")
        await _remind(house, by.session_id, actor(by))

    await house.act(by.session_id, job)


async def _remind(house: House, session_id: int, by: Actor) -> None:
    newest = await models.Mail.filter(session_id=session_id, what=REMINDER).order_by("-number").first()
    await queue(await to_remind(house, session_id), REMINDER, newest.number + 1 if newest else 1)
    await write(head_of(session_id), by, "queue_reminders", {})


async def plan_reminders(house: House, by: models.Seat, days: int) -> None:
    """While people may answer a step, remind whoever has not finished after so many days, and again; 0: never."""
    if days not in REMIND_DAYS:
        raise Refused("mails.choose_days")

    async def job() -> None:
        await _hold_real(by.session_id)
        await models.Session.filter(id=by.session_id).update(remind_days=days)
        await write(head_of(by.session_id), actor(by), "plan_reminders", {"days": days})

    await house.act(by.session_id, job)


async def remind_due(house: House) -> None:
    """The reminders whose day has come. In a meeting nobody is reminded: there people answer together."""
    for session in await models.Session.filter(remind_days__gt=0, rehearses__isnull=True).order_by("id"):
        if await _is_due(session.id, session.remind_days):
            await _remind_by_itself(house, session.id)


async def _remind_by_itself(house: House, session_id: int) -> None:
    async def job() -> None:
        await store.hold(head_of(session_id))
        session = await models.Session.get(id=session_id)
        if await _is_due(session_id, session.remind_days):  # another process may have come first
            await _remind(house, session_id, CLOCK)

    await house.act(session_id, job)


async def _is_due(session_id: int, days: int) -> bool:
    row = await open_to_people(session_id)
    if not days or row is None or KINDS[row.kind].ordered:
        return False
    lines = models.Entry.filter(head=head_of(session_id), act__in=["open_round", REOPEN, "queue_reminders"])
    last = await lines.order_by("-seq").first()
    if last is None:
        return False
    now, since = datetime.now(UTC), moment_of(last.at)
    return now - since >= timedelta(days=days) or _is_last_day(row, now, since)


def _is_last_day(row: models.Round, now: datetime, since: datetime) -> bool:
    """Once more on the day before the round closes by itself, where nobody was written to since that began."""
    if row.closes_at is None:
        return False
    begins = datetime.fromtimestamp(row.closes_at, UTC) - LAST_DAY
    return since < begins <= now < begins + LAST_DAY


async def last_reminder(session_id: int) -> datetime | None:
    """When one was asked for."""
    lines = models.Entry.filter(head=head_of(session_id), act="queue_reminders")
    last = await lines.order_by("-seq").first()
    return moment_of(last.at) if last else None


def is_today(moment: datetime, zone: str) -> bool:
    """By the day of whoever reads it: of the study."""
    return day_in(zone, moment) == today_in(zone)


async def queue(people: Sequence[models.Seat], what: str, number: int) -> None:
    """Inside a job: one mail to each of these people."""
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


async def requeue(house: House, by: models.Seat, seat_id: int, written: str) -> None:
    """One invitation that failed goes out once more, to the same address or a corrected one."""
    address = mailbox(written)

    async def job() -> None:
        seat = await seat_in(by.session_id, seat_id)
        person = await models.Person.get_or_none(id=seat.person_id) if seat.person_id else None
        failed = models.Mail.filter(seat_id=seat.id, what=INVITATION, issue=seat.issue, state=MailState.FAILED)
        if seat.is_entered:  # their link is theirs alone: it goes to no address that somebody else writes
            raise Refused("mails.has_come")
        if person is None or seat.withdrawn or not await failed.exists():
            raise Refused("mails.not_failed")
        is_corrected = address != alike(person.mail)
        if is_corrected:
            await _correct(seat, person, address)
        await failed.update(**_afresh())
        await write(head_of(seat.session_id), actor(by), "requeue", {"corrected": is_corrected}, about=[seat.id])

    await house.act(by.session_id, job)


async def _correct(seat: models.Seat, person: models.Person, address: str) -> None:
    here = {alike(other.person.mail) for other in await addressed(seat.session_id) if other.person}
    study = await models.Study.get(sessions__id=seat.session_id)
    if address in here - {alike(person.mail)} or await has_mail(study.id, person.id, address):
        raise Refused("mails.address_taken")
    await models.Person.filter(id=person.id).update(mail=address)


async def requeue_all(house: House, by: models.Seat, among: Container[int] | None = None) -> int:
    """Every invitation that surely did not arrive goes out once more; those that may have are asked for one by one.
    among: these seats alone."""

    async def job() -> int:
        await store.hold(head_of(by.session_id))
        present = {(seat.id, seat.issue) for seat in await addressed(by.session_id) if not seat.is_entered}
        failed = models.Mail.filter(session_id=by.session_id, what=INVITATION, state=MailState.FAILED).exclude(
            reason="unknown"
        )
        meant = [mail for mail in await failed if among is None or mail.seat_id in among]
        again = [mail.id for mail in meant if (mail.seat_id, mail.issue) in present]
        if again:
            await models.Mail.filter(id__in=again).update(**_afresh())
            await write(head_of(by.session_id), actor(by), "requeue", {"n": len(again)})
        return len(again)

    return await house.act(by.session_id, job)


def _afresh() -> dict[str, Any]:
    now = time.time()
    return {"state": MailState.QUEUED, "tries": 0, "reason": "", "queued_at": now, "due_at": now, "taken_at": None}


# Sent


async def take_mails(house: House) -> list[Due]:
    """A few mails of one session that are due, marked as sending: once this is committed, they may be sent."""
    first = await models.Mail.filter(state=MailState.QUEUED, due_at__lte=time.time()).order_by("due_at", "id").first()
    if first is None:
        return []
    session_id, held = first.session_id, await sessions_beside(first)

    async def job() -> list[Due]:
        for number in held:  # in one order, so that no two wait for each other
            await store.hold(head_of(number))
        due = models.Mail.filter(session_id=session_id, state=MailState.QUEUED, due_at__lte=time.time())
        rows = await due.order_by("due_at", "id").limit(HANDFUL).select_related("seat__person")
        done = {number: await finished(house, number) for number in held}
        whys = {row.id: _moot(row, done[session_id]) for row in rows}
        going = [row for row in rows if not whys[row.id]]
        beside = await take_beside(going, held, lambda mail: _moot(mail, done[mail.session_id]))
        taken: list[Due] = []
        for row in rows:
            if why := whys[row.id]:
                await models.Mail.filter(id=row.id).update(state=MailState.FAILED, reason=why)
            elif row.seat.person:
                person = row.seat.person
                taken.append(
                    Due(row.id, session_id, row.what, row.seat, person.name, person.mail, beside.get(row.id, ()))
                )
        mine = models.Mail.filter(id__in=[mail.id for mail in taken])
        for row in await mine:
            await models.Mail.filter(id=row.id).update(
                state=MailState.SENDING, tries=row.tries + 1, taken_at=time.time()
            )
        if rows:
            said = {"n": len(taken), "dropped": len(rows) - len(taken)}
            await write(head_of(session_id), CLOCK, "take_mails", said)
        return taken

    return await house.act(lambda taken: {session_id, *(one.session_id for due in taken for one in due.beside)}, job)


def _moot(row: models.Mail, is_done: Callable[[models.Seat], bool]) -> str:
    """Why a mail that waited is no longer wanted, or nothing."""
    seat = row.seat
    if seat.withdrawn or seat.person is None:
        return "left"
    if not seat.person.mail:
        return "address"
    if seat.issue != row.issue:
        return "revoked"
    return "started" if row.what == REMINDER and is_done(seat) else ""


async def settle_mails(house: House, session_id: int, outcomes: Mapping[int, Outcome]) -> None:
    """What became of the mails that were taken. One that is not named here stays as sending."""
    if not outcomes:
        return

    async def job() -> None:
        await store.hold(head_of(session_id))
        told: Counter[str] = Counter()
        for row in await models.Mail.filter(id__in=list(outcomes), session_id=session_id, state=MailState.SENDING):
            fields = _settled(row, outcomes[row.id])
            await models.Mail.filter(id=row.id).update(**fields)
            told[fields["state"]] += 1
        if told:
            await write(head_of(session_id), CLOCK, "settle_mails", dict(told))

    await house.act(session_id, job)


def _settled(row: models.Mail, outcome: Outcome) -> dict[str, Any]:
    now = time.time()
    match outcome.state:
        case "sent":
            return {"state": MailState.SENT, "reason": "", "sent_at": now}
        case "back":
            return {"state": MailState.QUEUED, "tries": row.tries - 1, "due_at": now}
        case "later" if row.tries < TRIES:
            return {"state": MailState.QUEUED, "reason": outcome.reason, "due_at": now + WAIT * 2 ** (row.tries - 1)}
        case _:
            return {"state": MailState.FAILED, "reason": outcome.reason}


async def lose_mails(house: House, before: float) -> None:
    """Mails whose sender was cut off before it knew: failed, as unknown. They are never sent again by themselves."""
    cut_off = models.Mail.filter(state=MailState.SENDING)
    if before < float("inf"):
        cut_off = cut_off.filter(taken_at__lt=before)
    for session_id in sorted({mail.session_id for mail in await cut_off}):
        await _lose(house, session_id, before)


async def _lose(house: House, session_id: int, before: float) -> None:
    async def job() -> None:
        await store.hold(head_of(session_id))
        rows = await models.Mail.filter(session_id=session_id, state=MailState.SENDING)
        lost = [row.id for row in rows if (row.taken_at or 0) < before]
        if lost:
            await models.Mail.filter(id__in=lost).update(state=MailState.FAILED, reason="unknown")
            await write(head_of(session_id), CLOCK, "lose_mails", {"n": len(lost)})

    await house.act(session_id, job)
