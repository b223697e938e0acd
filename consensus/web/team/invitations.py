"""The facilitator's page of invitations and reminders: the letters, what was sent, what failed, what to try again.

Names and addresses are shown here as on the page of the seats. Of reminders only the day is shown: who has not finished
is told to nobody, nor how many, since a few who have an address are known by name.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct, post
from consensus.conduct import Refused
from consensus.facts import group_name
from consensus.mail.letters import INVITATION, LETTERS, REMINDER, Letter, fill, letters_of, tidy
from consensus.mail.smtp import sender
from consensus.states import MailState
from consensus.text import clock, when
from consensus.web.asking import Ask
from consensus.web.listing import listed
from consensus.web.team.invited import STATES, Invitee, Wanted, invited

FULL, GONE = {"422", "452", "552"}, {"550", "551", "553"}
EXAMPLE_LINK, EXAMPLE_CODE = "/j/0-Ex4mpLe0ExAmpLe1eXaMpL2", "K7QM-2WXD"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One person's invitation, as it is drawn. is_certain: it is known why it failed."""

    seat: int
    name: str
    address: str
    group: str
    has_come: bool
    state: str
    is_certain: bool
    reason: str
    when: str


@dataclass(frozen=True, slots=True)
class Written:
    """A letter, and how the example person would read it. lang: its language."""

    lang: str
    letter: Letter
    seen: Letter


async def invitations(ask: Ask) -> Response:
    what = ask.request.query_params.get("letter", "")
    if what in LETTERS:
        return await _letter(ask, what)
    found = await invited(ask)
    wanted = Wanted.of(ask, "failed" if found.tally["failed"] else "all")
    fits = await asyncio.to_thread(wanted.among, found.people)
    lines = listed(fits, wanted.page, wanted.filters)
    given = {
        "sends": ask.house.settings.sends_mail and ask.here.rehearses is None,
        "sender": sender(ask.house.settings),
        "letter": await _written(ask, INVITATION),
        "reply_to": await post.answers_to(ask.here.id),
        "people": len(found.people),
        "without": found.without,
        "tally": found.tally,
        "uninvited": found.tally["uninvited"],
        "wanted": wanted,
        "states": STATES,
        "groups": ask.groups,
        "lines": lines,
        "rows": [_line(ask, invitee) for invitee in lines.rows],
        "to_send": sum(invitee.state == "uninvited" for invitee in fits),
        "to_repeat": sum(invitee.is_certain and not invitee.has_come for invitee in fits),
        "asked": len(found.people) - found.tally["uninvited"] - found.tally["come"],
        "waiting": found.waiting,
        "put_off": clock(ask.language, datetime.fromtimestamp(found.due, UTC), ask.zone) if found.due else "",
        "written": ask.request.query_params.get("written", ""),
        **await _reminders(ask),
    }
    page = ask.page("facilitator/invitations.html", **given)
    if not found.waiting and "hx-request" in ask.request.headers:
        page.headers["HX-Refresh"] = "true"  # the last look of a page that watched the sending: now all of it is new
    return page


def _line(ask: Ask, invitee: Invitee) -> InvitationRow:
    return InvitationRow(
        invitee.seat,
        invitee.name or invitee.address,
        invitee.address,
        group_name(ask.groups, invitee.group, ask.language),
        invitee.has_come,
        invitee.state,
        invitee.is_certain,
        reason=_why(ask, invitee.reason) if invitee.state == MailState.FAILED else "",
        when=_when(ask, invitee.sent_at) if invitee.sent_at else "",
    )


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
    return when(ask.language, datetime.fromtimestamp(moment, UTC), ask.zone)


async def _reminders(ask: Ask) -> dict[str, Any]:
    last = await conduct.last_reminder(ask.here.id)
    return {
        "last": when(ask.language, last, ask.zone) if last else "",
        "is_today": last is not None and conduct.is_today(last, ask.zone),
        "remind_days": ask.here.remind_days,
        "days": conduct.REMIND_DAYS,
        "planned": "planned" in ask.request.query_params,
        "reminded": "reminded" in ask.request.query_params,
        "reminders": await _written(ask, REMINDER),
    }


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
        language: tidy(ask.typed.one(f"subject.{language}"), ask.typed.one(f"body.{language}"))
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
    what, do = ask.request.query_params.get("letter", ""), ask.typed.one("do")
    if what in LETTERS:
        if do == "look":
            return await _letter(ask, what)
        await conduct.write_letters(ask.house, ask.mine, what, _typed(ask))
        return ask.go("invitations", session=ask.here.id, query=urlencode({"written": what}))
    if do == "find":
        wanted = Wanted.of(ask, "all")
        if wanted.sought:
            return await invitations(ask)
        return _back(ask, wanted)
    if not ask.house.settings.sends_mail:
        raise Refused("mails.none")
    match do:
        case "send":
            await conduct.queue_invitations(ask.house, ask.mine)
        case "send_these":
            await conduct.queue_invitations(ask.house, ask.mine, await _these(ask))
        case "remind":
            await conduct.queue_reminders(ask.house, ask.mine, again_today="again_today" in ask.typed)
            return ask.go("invitations", session=ask.here.id, query="reminded=yes")
        case "plan":
            days = ask.typed.number("days", digits=2)
            await conduct.plan_reminders(ask.house, ask.mine, -1 if days is None else days)
            return ask.go("invitations", session=ask.here.id, query="planned=yes")
        case "again":
            await conduct.requeue(ask.house, ask.mine, _seat(ask), ask.typed.one("address"))
        case "again_all":
            await conduct.requeue_all(ask.house, ask.mine)
        case "again_these":
            await conduct.requeue_all(ask.house, ask.mine, await _these(ask))
    return _back(ask, Wanted.of(ask, "")) if "sought" in ask.typed else ask.go("invitations", session=ask.here.id)


async def _these(ask: Ask) -> frozenset[int]:
    """The seats that the filter of this form lets through at this moment."""
    found = await invited(ask)
    fits = await asyncio.to_thread(Wanted.of(ask, "all").among, found.people)
    return frozenset(invitee.seat for invitee in fits)


def _back(ask: Ask, wanted: Wanted) -> Response:
    """Whatever is only filtered has an address; a search has none."""
    return ask.go("invitations", session=ask.here.id, query=listed((), 1, wanted.filters).query)


def _seat(ask: Ask) -> int:
    wanted = ask.typed.number("seat")
    if wanted is None:
        raise Refused("refused.no_such_seat")
    return wanted
