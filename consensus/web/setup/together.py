"""Pages of several sessions at once: the days of all of them in one table; invitations to whoever has none yet.

Who may plan or invite in which session is decided by the facilitator's seats of the account; what is done, by conduct.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Days, Refused
from consensus.limits import FORM, Limits
from consensus.mail.letters import INVITATION
from consensus.states import MailState, RoundState
from consensus.web.asking import Ask
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.times import FIELDS, read_moment, typed_times

LARGE = Limits(4_000, FORM.size)  # fields of a thousand sessions


async def form_of_days(ask: Ask) -> Limits:
    return LARGE


async def sessions_of_mine(ask: Ask) -> tuple[models.Study, dict[int, models.Session]]:
    """The study in the path, and those of its sessions that this account runs."""
    study = await open_study(ask)
    mine = await conduct.desks(signed_in(ask), study.id)
    if not mine:
        raise HTTPException(404)
    return study, {number: seat.session for number, seat in mine.items()}


@dataclass(frozen=True, slots=True)
class DayRow:
    """first: the name of its first round, "" where it has none; is_begun: nothing of it changes here any more."""

    id: int
    title: Mapping[str, str]
    planned_on: str
    first: str
    times: Mapping[str, str]
    is_begun: bool


async def days(ask: Ask) -> Response:
    _, sessions = await sessions_of_mine(ask)
    given = {"rows": await _day_rows(ask, sessions), "fields": FIELDS, "changed": _told(ask, "changed")}
    return ask.page("study/days.html", **given)


def _told(ask: Ask, name: str) -> int | None:
    said = ask.request.query_params.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 6 and not ask.typed else None


async def _day_rows(ask: Ask, sessions: Mapping[int, models.Session]) -> list[DayRow]:
    rounds = await models.Round.filter(session_id__in=list(sessions)).order_by("position")
    first = {row.session_id: row for row in reversed(rounds)}
    begun = {row.session_id for row in rounds if row.state != RoundState.DRAFT}
    found = []
    for number, session in sessions.items():
        row = first.get(number)
        name = (row.title or {}).get(ask.language) or ask.say(f"{row.kind}.title") if row else ""
        times = typed_times(ask, row) if row else {}
        typed = {field: ask.typed.one(f"{field}.{number}", times.get(field, "")) for field in FIELDS}
        planned = ask.typed.one(f"planned_on.{number}", session.planned_on)
        found.append(DayRow(number, session.title, planned, name, typed, number in begun))
    return found


async def plan_days(ask: Ask) -> Response:
    study, sessions = await sessions_of_mine(ask)
    rounds = await models.Round.filter(session_id__in=list(sessions)).order_by("position")
    first = {row.session_id: row for row in reversed(rounds)}
    wanted: dict[int, Days] = {}
    for number in sessions:
        if f"planned_on.{number}" in ask.typed:
            wanted[number] = _read(ask, number, first.get(number))
    n = await conduct.plan_days(ask.house, signed_in(ask), study.id, wanted)
    return ask.go("days", study=study.id, query=urlencode({"changed": n}))


def _read(ask: Ask, number: int, row: models.Round | None) -> Days:
    planned = ask.typed.one(f"planned_on.{number}")
    try:
        planned = date.fromisoformat(planned).isoformat() if planned else ""
    except ValueError:
        raise Refused("about.planned_on.bad") from None
    known = typed_times(ask, row) if row else {}
    moments: dict[str, float | None] = {}
    for name in FIELDS:
        field = f"{name}.{number}"
        is_kept = row is None or ask.typed.one(field) == known.get(name, "")  # a moment is typed to the minute
        moments[name] = getattr(row, name, None) if is_kept else read_moment(ask, field)
    return Days(planned, **moments)


@dataclass(frozen=True, slots=True)
class InviteRow:
    """to_invite: seats with an address that were not invited; waiting, sent, failed: their invitations."""

    id: int
    title: Mapping[str, str]
    to_invite: int
    waiting: int
    sent: int
    failed: int
    is_ticked: bool


async def inviting(ask: Ask) -> Response:
    _, sessions = await sessions_of_mine(ask)
    ticked = set(ask.typed.many("session"))
    rows = [await _invite_row(session, ticked) for session in sessions.values()]
    chosen = [row for row in rows if row.is_ticked and row.to_invite]
    is_looked = ask.typed.one("do") == "look" and not ask.error
    given: dict[str, Any] = {
        "rows": rows,
        "sends": ask.house.settings.sends_mail,
        "waiting": sum(row.waiting for row in rows),
        "chosen": chosen if is_looked else [],
        "mails": await _mails(chosen) if is_looked else 0,
        "seats": sum(row.to_invite for row in chosen),
        "is_nobody": is_looked and not chosen,
        "invited": _told(ask, "invited"),
    }
    page = ask.page("study/invite.html", **given)
    if not given["waiting"] and "hx-request" in ask.request.headers:
        page.headers["HX-Refresh"] = "true"  # the last look of a page that watched the sending
    return page


async def _invite_row(session: models.Session, ticked: set[str]) -> InviteRow:
    mails = await models.Mail.filter(session_id=session.id, what=INVITATION).values_list("state", flat=True)
    states = list(map(str, mails))
    waiting = sum(state in {MailState.QUEUED, MailState.SENDING} for state in states)
    n = len(await conduct.to_invite(session.id))
    is_ticked = str(session.id) in ticked if ticked else bool(n)
    return InviteRow(
        session.id,
        session.title,
        n,
        waiting,
        states.count(MailState.SENT),
        states.count(MailState.FAILED),
        is_ticked,
    )


async def _mails(rows: list[InviteRow]) -> int:
    """Who has a seat in several of these sessions gets one mail."""
    people = {seat.person_id for row in rows for seat in await conduct.to_invite(row.id)}
    return len(people)


async def invite(ask: Ask) -> Response:
    """First how many it would be, then they are asked for."""
    study, sessions = await sessions_of_mine(ask)
    ticked = [number for number in sessions if str(number) in ask.typed.many("session")]
    if not ticked:
        raise Refused("refused.no_session_ticked")
    if not ask.house.settings.sends_mail:
        raise Refused("mails.none")
    if ask.typed.one("do") != "confirm":
        return await inviting(ask)
    n = await conduct.invite_together(ask.house, signed_in(ask), study.id, ticked)
    return ask.go("inviting", study=study.id, query=urlencode({"invited": n}))
