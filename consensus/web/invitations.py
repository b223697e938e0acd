"""The facilitator's page of invitations and reminders: the letters, what was sent, what failed, what to try again.

Names and addresses are shown here as on the page of the seats. Of reminders only numbers are shown, by block: who has
not started is told to nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct, models, post
from consensus.conduct import Refused
from consensus.letters import INVITATION, REMINDER, WHATS, Letter, fill, letters_of, tidy
from consensus.mail import sender
from consensus.outcome import block_from
from consensus.text import ZONE, clock, day
from consensus.web.asking import Ask
from consensus.web.setup import block_name, shape
from rounds.contract import Block, Role, one

UNDER_WAY = {"queued", "sending"}
FULL, GONE = {"422", "452", "552"}, {"550", "551", "553"}
EXAMPLE_LINK, EXAMPLE_CODE = "/j/0-Ex4mpLe0ExAmpLe1eXaMpL2", "K7QM-2WXD"


@dataclass(frozen=True, slots=True)
class Line:
    """One person's invitation. mail None: not asked for yet."""

    seat: models.Seat
    name: str
    address: str
    mail: models.Mail | None
    reason: str
    when: str

    @property
    def state(self) -> str:
        return self.mail.state if self.mail else ""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter, and how the example person would read it. lang: its language."""

    lang: str
    letter: Letter
    seen: Letter


async def invitations(ask: Ask) -> Response:
    what = ask.request.query_params.get("letter", "")
    if what in WHATS:
        return await _letter(ask, what)
    lines = await _lines(ask)
    by_state = {state: [line for line in lines if line.state == state] for state in ("", "failed", "sent")}
    waiting = await models.Mail.filter(session_id=ask.here.id, state__in=UNDER_WAY)
    people = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT, withdrawn="")
    given = {
        "sends": ask.house.settings.sends_mail and ask.here.rehearses is None,
        "sender": sender(ask.house.settings),
        "letter": await _written(ask, INVITATION),
        "reply_to": await post.answers_to(ask.here.id),
        "people": len(lines),
        "without": await people.count() - len(lines),
        "uninvited": by_state[""],
        "failed": by_state["failed"],
        "certain": [line for line in by_state["failed"] if line.mail and line.mail.reason != "unknown"],
        "sent": by_state["sent"],
        "asked": len(lines) - len(by_state[""]),
        "waiting": len(waiting),
        "put_off": _put_off(ask, waiting),
        "written": ask.request.query_params.get("written", ""),
        **await _reminders(ask),
    }
    page = ask.page("facilitator/invitations.html", **given)
    if not waiting and "hx-request" in ask.request.headers:
        page.headers["HX-Refresh"] = "true"  # the last look of a page that watched the sending: now all of it is new
    return page


async def _lines(ask: Ask) -> list[Line]:
    mails = await models.Mail.filter(session_id=ask.here.id, what=INVITATION)
    latest = {(mail.seat_id, mail.issue): mail for mail in mails}
    return [_line(ask, seat, latest.get((seat.id, seat.issue))) for seat in await conduct.addressed(ask.here.id)]


def _line(ask: Ask, seat: models.Seat, mail: models.Mail | None) -> Line:
    assert seat.person is not None
    reason = _why(ask, mail.reason) if mail and mail.state == "failed" else ""
    when = _when(ask, mail.sent_at) if mail and mail.sent_at else ""
    return Line(seat, seat.person.name or seat.person.mail, seat.person.mail, mail, reason, when)


def _why(ask: Ask, reason: str) -> str:
    """The reason in plain words; of the server's figures, what they mean to the person who reads them."""
    if not reason.isdecimal():
        return ask.say(f"mails.reason.{reason}")
    if reason in FULL:
        return ask.say("mails.reason.full", code=reason)
    if reason in GONE:
        return ask.say("mails.reason.gone", code=reason)
    return ask.say("mails.reason.busy" if reason.startswith("4") else "mails.reason.refused", code=reason)


def _when(ask: Ask, moment: float) -> str:
    at = datetime.fromtimestamp(moment, ZONE)
    return ask.say("mails.moment", day=day(ask.language, at), time=clock(ask.language, at))


def _put_off(ask: Ask, waiting: Sequence[models.Mail]) -> str:
    """When the mails that the server did not take are tried again; "" where none was put off."""
    due = [mail.due_at for mail in waiting if mail.state == "queued" and mail.reason]
    return clock(ask.language, datetime.fromtimestamp(min(due), ZONE)) if due else ""


async def _reminders(ask: Ask) -> dict[str, Any]:
    """Numbers only: how many have not started, by block; and the last reminder."""
    row = await conduct.open_to_people(ask.here.id)
    blocks = [block_from(data) for data in row.blocks or []] if row else await conduct.blocks_now(ask.here)
    idle = Counter(seat.group for seat in await conduct.to_remind(ask.here.id))
    last = await conduct.last_reminder(ask.here.id)
    wave = await models.Mail.filter(session_id=ask.here.id, what=REMINDER, number=last.number) if last else []
    return {
        "idle": idle.total(),
        "idle_by": _by_block(ask, idle, blocks),
        "last": _when(ask, last.queued_at) if last else "",
        "is_today": last is not None and conduct.is_today(last.queued_at),
        "reminded": len(wave),
        "unreminded": sum(mail.state == "failed" and mail.reason not in {"started", "left"} for mail in wave),
        "reminders": await _written(ask, REMINDER),
    }


def _by_block(ask: Ask, idle: Mapping[str, int], blocks: Sequence[Block]) -> list[tuple[int, str, int]]:
    """shape, name, people. Whoever sits in no block is in the sum only."""
    counted = [(shape(ask, b), block_name(ask, b), sum(idle.get(group, 0) for group in b.groups)) for b in blocks]
    return [line for line in counted if line[2]]


# Letters


async def _letter(ask: Ask, what: str) -> Response:
    """One letter in each language, to be changed; the preview follows what is typed."""
    given = {"what": what, "letters": await _written(ask, what), "reply_to": await post.answers_to(ask.here.id)}
    return ask.page("facilitator/letter.html", **given)


async def _written(ask: Ask, what: str) -> list[Written]:
    assert ask.study is not None
    letters = letters_of(ask.house.texts, ask.here, ask.study, what)
    if ask.typed and ask.request.query_params.get("letter") == what:
        letters = _typed(ask)
    return [Written(language, letter, _seen(ask, language, letter)) for language, letter in letters.items()]


def _typed(ask: Ask) -> dict[str, Letter]:
    return {
        language: tidy(one(ask.typed, f"subject.{language}"), one(ask.typed, f"body.{language}"))
        for language in ask.here.languages
    }


def _seen(ask: Ask, language: str, letter: Letter) -> Letter:
    assert ask.study is not None
    example = {
        "name": ask.house.texts.say(language, "mails.example"),
        "link": ask.house.settings.origin + EXAMPLE_LINK,
        "code": EXAMPLE_CODE,
        "help": post.helper(ask.study),
    }
    return fill(letter, example)


# What is asked for


async def mails(ask: Ask) -> Response:
    """A letter looked at or saved; invitations, reminders or second tries asked for."""
    what, do = ask.request.query_params.get("letter", ""), one(ask.typed, "do")
    if what in WHATS:
        if do == "look":
            return await _letter(ask, what)
        await conduct.write_letters(ask.house, ask.mine, what, _typed(ask))
        return ask.go("invitations", session=ask.here.id, query=urlencode({"written": what}))
    if not ask.house.settings.sends_mail:
        raise Refused("mails.none")
    match do:
        case "send":
            await conduct.queue_invitations(ask.house, ask.mine)
        case "remind":
            await conduct.queue_reminders(ask.house, ask.mine, again_today="again_today" in ask.typed)
        case "again":
            await conduct.requeue(ask.house, ask.mine, _seat(ask), one(ask.typed, "address").strip().lower())
        case "again_all":
            await conduct.requeue_all(ask.house, ask.mine)
    return ask.go("invitations", session=ask.here.id)


def _seat(ask: Ask) -> int:
    wanted = one(ask.typed, "seat")
    if not (wanted.isdecimal() and len(wanted) < 10):
        raise Refused("refused.no_such_seat")
    return int(wanted)
