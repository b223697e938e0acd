"""Whom a session can write to, and what became of each invitation: read in two questions, however many they are, and
filtered.

What is searched for stands in no address. Of reminders nothing is read here: who has not finished is told to nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus import models
from consensus.imports.names import same
from consensus.mail.letters import INVITATION
from consensus.states import MailState
from consensus.web.asking import Ask
from consensus.web.listing import figure
from rounds.contract import Role, one

UNDER_WAY = {MailState.QUEUED, MailState.SENDING}
STATES = ("all", "uninvited", "waiting", "sent", "failed")


@dataclass(frozen=True, slots=True)
class Invitee:
    """state: uninvited, come (without a mail), waiting, sent or failed. is_certain: it is known why it failed."""

    seat: int
    name: str
    address: str
    group: str
    has_come: bool
    state: str
    is_certain: bool
    reason: str
    sent_at: float | None


@dataclass(frozen=True, slots=True)
class Invited:
    """without: people who have no address. tally: people by state. waiting: mails on their way, also to whoever left
    meanwhile. due: when those that were put off are tried again, or None."""

    people: tuple[Invitee, ...]
    without: int
    tally: Mapping[str, int]
    waiting: int
    due: float | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people. sought: a part of a name or an address."""

    sought: str
    group: str
    state: str
    page: int

    @classmethod
    def of(cls, ask: Ask, usual: str) -> Wanted:
        """usual: the state, where nobody chose one."""
        query = {name: [value] for name, value in ask.request.query_params.items()}
        form = ask.typed if "sought" in ask.typed else query
        groups = {group["key"] for group in ask.groups}
        group, state = one(form, "group"), one(form, "state")
        return cls(
            sought=one(form, "sought")[:200],
            group=group if group in groups else "",
            state=state if state in STATES else usual,
            page=figure(one(form, "page")),
        )

    @property
    def filters(self) -> dict[str, object]:
        """What an address may say."""
        return {"group": self.group, "state": self.state}

    @property
    def is_part(self) -> bool:
        """Is this fewer than everybody in a state?"""
        return bool(self.sought or self.group)

    def among(self, people: Sequence[Invitee]) -> list[Invitee]:
        sought = same(self.sought)
        return [
            one
            for one in people
            if self.group in {"", one.group}
            and self.state in {"all", one.state}
            and (not sought or sought in same(one.name) or sought in one.address.casefold())
        ]


async def invited(ask: Ask) -> Invited:
    here = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT, withdrawn="").order_by("id")
    seats = await here.values_list("id", "group", "issue", "is_entered", "person__name", "person__mail")
    sent = models.Mail.filter(session_id=ask.here.id, what=INVITATION)
    mails = await sent.values_list("seat_id", "issue", "state", "reason", "sent_at", "due_at")
    return await asyncio.to_thread(_invited, seats, mails)


def _invited(seats: Sequence[tuple[Any, ...]], mails: Sequence[tuple[Any, ...]]) -> Invited:
    """Aside: of thousands of people this takes a moment in which others go on."""
    latest = {(seat, issue): (state, reason, at) for seat, issue, state, reason, at, _ in mails}
    people = tuple(
        _invitee(latest.get((seat, issue)), seat, group, has_come, name, address)
        for seat, group, issue, has_come, name, address in seats
        if address
    )
    tally = dict.fromkeys(("come", *STATES), 0)
    for invitee in people:
        tally[invitee.state] += 1
    put_off = [due for _, _, state, reason, _, due in mails if state == MailState.QUEUED and reason]
    waiting = sum(mail[2] in UNDER_WAY for mail in mails)
    return Invited(people, len(seats) - len(people), tally, waiting, min(put_off, default=None))


def _invitee(
    mail: tuple[str, str, float | None] | None, seat: int, group: str, has_come: bool, name: str, address: str
) -> Invitee:
    state, reason, at = mail or ("come" if has_come else "uninvited", "", None)
    return Invitee(
        seat=seat,
        name=name,
        address=address,
        group=group,
        has_come=has_come,
        state="waiting" if state in UNDER_WAY else state,
        is_certain=state == MailState.FAILED and reason != "unknown",
        reason=reason,
        sent_at=at,
    )
