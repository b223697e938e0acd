"""The task beside the clock that empties the outbox: takes a few mails, hands them over, notes what became of them.

Whether a mail may go out is decided where it is taken (conduct.mails), how it travels in mail. Nothing is tried here
that may have arrived already: what was begun and not answered stays "sending", until it is told as unknown.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from datetime import date, datetime

from consensus import conduct, models, seats
from consensus.conduct import Due
from consensus.house import House
from consensus.mail import smtp
from consensus.mail.letters import INVITATION, Letter, fill, letters_of, one_line
from consensus.mail.smtp import Outcome, OutgoingMail
from consensus.text import day, listed, pick, when
from rounds.contract import Role

log = logging.getLogger(__name__)

PAUSE = 1  # seconds between two looks into the outbox
REMIND = 60  # seconds between two looks at whom to write to by itself
LOST = 3600  # seconds after which no other process can still be waiting for the server's answer


async def run(house: House) -> None:
    """Until the process ends. An embedded database has one process: what is under way at its start was cut off."""
    before, next_look = math.inf if house.settings.is_sqlite else time.time() - LOST, 0.0
    while not _is_over():
        try:
            if time.monotonic() > next_look:
                next_look = time.monotonic() + REMIND
                await conduct.remind_due(house)
                await conduct.tell_freezes(house)
            await conduct.lose_mails(house, before)
            while not _is_over() and await deliver(house):
                pass
        except Exception as failure:  # its text may hold an address: only its sort is told
            log.error("the post failed: %s", type(failure).__name__)
        await asyncio.sleep(PAUSE)
        before = time.time() - LOST


def _is_over() -> bool:
    """Was this task told to end? Asked here too, because a wait that ends at that very moment may swallow it."""
    here = asyncio.current_task()
    return here is not None and here.cancelling() > 0


async def deliver(house: House) -> int:
    """A handful of mails of one session over one connection; how many were taken."""
    taken = await conduct.take_mails(house)
    if not taken:
        return 0
    session_id = taken[0].session_id
    outcomes = {due.id: Outcome("back") for due in taken}
    try:
        letters = await _letters(house, session_id, taken)
        async with smtp.connected(house.settings) as client:
            for number, outgoing in letters.items():
                del outcomes[number]  # from here on it may have arrived, and only the server's answer tells
                outcomes[number] = await _hand_over(house, client, outgoing)
                if not client.is_connected or _is_over():
                    break
    except smtp.Unreachable as failure:
        outcomes = dict.fromkeys(outcomes, Outcome("later", failure.reason))
    finally:
        await conduct.settle_mails(house, session_id, outcomes)
        for other, those in _beside(taken, outcomes).items():
            await conduct.settle_mails(house, other, those)
    return len(taken)


def _beside(taken: list[Due], outcomes: Mapping[int, Outcome]) -> dict[int, dict[int, Outcome]]:
    """What went along ended as the mail that it went with; by session."""
    found: dict[int, dict[int, Outcome]] = {}
    for due in taken:
        for one in due.beside:
            if due.id in outcomes:
                found.setdefault(one.session_id, {})[one.id] = outcomes[due.id]
    return found


async def _hand_over(house: House, client: smtp.Connection, outgoing: OutgoingMail) -> Outcome:
    composed = smtp.composed(house.settings, outgoing)
    if composed is None:
        return Outcome("failed", "address")
    return await smtp.hand_over(client, house.settings, outgoing.to, composed)


async def _letters(house: House, session_id: int, taken: list[Due]) -> dict[int, OutgoingMail]:
    """What each person gets: the letter in their language, with their own link."""
    session = await models.Session.get(id=session_id).select_related("study")
    letters = {due.what: letters_of(house.texts, session, session.study, due.what) for due in taken}
    until = await conduct.deadline_of(session_id)
    reply_to, others = await answers_to(session_id), await _elsewhere(session, taken)
    outgoing: dict[int, OutgoingMail] = {}
    for due in taken:
        language = due.seat.language if due.seat.language in session.languages else session.languages[0]
        letter = written_to(house, letters[due.what][language], session.study, due.seat, due.name, until)
        if due.what == INVITATION and (titles := others.get(due.seat.id)):
            letter = _and_elsewhere(house, letter, language, [pick(title, language) for title in titles])
        if due.beside:
            letter = _with_links(house, letter, session.study, due, language)
        number = seats.token(house.settings, "mail", due.id, due.seat.issue)
        outgoing[due.id] = OutgoingMail(due.address, reply_to, language, letter, number)
    return outgoing


async def _elsewhere(session: models.Session, taken: list[Due]) -> dict[int, list[Mapping[str, str]]]:
    """By seat: the titles of other sessions of the study in which its person agreed to take part."""
    seats = {due.seat.person_id: due.seat.id for due in taken if due.what == INVITATION and due.seat.person_id}
    held = models.Seat.filter(person_id__in=list(seats), role=Role.PARTICIPANT, withdrawn="", consented=True)
    there = held.filter(session__study_id=session.study_id, session__rehearses__isnull=True)
    found: dict[int, list[Mapping[str, str]]] = {}
    for seat in await there.exclude(session_id=session.id).order_by("session_id").select_related("session"):
        if seat.person_id is not None:
            found.setdefault(seats[seat.person_id], []).append(seat.session.title)
    return found


def _and_elsewhere(house: House, letter: Letter, language: str, titles: list[str]) -> Letter:
    """Nobody is to take a second invitation for the first, sent again."""
    told = house.texts.say(language, "letter.elsewhere", sessions=one_line(listed(language, titles)))
    return Letter(letter.subject, f"{letter.body}\n\n{told}")


def _with_links(house: House, letter: Letter, study: models.Study, due: Due, language: str) -> Letter:
    """Her other sessions, with day, title and the link of each seat: of none more than its own mail would tell."""
    lines = []
    for one in due.beside:
        session, link = one.seat.session, written_to(house, Letter("", "{link}"), study, one.seat, "").body
        planned = f" ({day(language, date.fromisoformat(session.planned_on))})" if session.planned_on else ""
        lines.append(f"{one_line(pick(session.title, language))}{planned}\n{link}")
    told = house.texts.say(language, "letter.beside")
    return Letter(letter.subject, "\n\n".join([letter.body, told, *lines]))


def written_to(
    house: House, letter: Letter, study: models.Study, seat: models.Seat, name: str, until: datetime | None = None
) -> Letter:
    """Link and code are told until somebody has come in by them; after that, only where to go on. until: when the step
    that is open closes by itself."""
    settings = house.settings
    link, code = f"{settings.origin}/", house.texts.say(seat.language, "letter.your_code")
    if not seat.is_entered:
        link = f"{settings.origin}/j/{seats.token(settings, 'seat', seat.id, seat.issue)}"
        code = seats.short_code(settings, seat)
    told = {"name": one_line(name), "link": link, "code": code, "help": helper(study)}
    if until is not None:
        told["until"] = house.texts.say(seat.language, "until.open", when=when(seat.language, until, study.zone))
    return fill(letter, told)


def helper(study: models.Study) -> str:
    return one_line(f"{study.help_name} {study.help_phone}")


async def answers_to(session_id: int) -> str:
    """Who reads what people answer: the session's first facilitator with an account."""
    desk = models.Seat.filter(session_id=session_id, role=Role.FACILITATOR, withdrawn="", staff_id__not_isnull=True)
    first = await desk.order_by("id").first().select_related("staff")
    return first.staff.mail if first and first.staff else ""
