"""The erasure of a whole study, as the journal of the house tells: who asked for it, what is left of one that is done.

A certificate holds counts, days and the last hashes of chains; no word of the study. conduct/erasing.py erases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consensus import models
from consensus.journal import HOUSE, moment_of

ASK, TAKE_BACK, ERASE = "ask_erasure", "take_back_erasure", "erase_study"
DAYS = 7  # in which a second person may confirm


@dataclass(frozen=True, slots=True)
class Request:
    """by: the account that asked. at: to the minute, UTC."""

    by: int
    at: str

    @property
    def until(self) -> datetime:
        return moment_of(self.at) + timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Certificate:
    """asked_by, confirmed_by: accounts. people: seats of participants; answers: lines of ballots; lines: of the
    sessions' journals. heads: the last number and hash of each, in the order in which the sessions were made."""

    study: int
    made_at: str
    asked_by: int
    asked_at: str
    confirmed_by: int
    erased_at: str
    sessions: int
    rounds: int
    people: int
    answers: int
    lines: int
    heads: tuple[tuple[int, str], ...]
    seal: str


async def requests() -> dict[int, Request]:
    """By study: what was asked for, not taken back, and has not lapsed."""
    last: dict[int, models.Entry] = {}
    for line in await models.Entry.filter(head=HOUSE, act__in=[ASK, TAKE_BACK, ERASE]).order_by("seq"):
        last[json.loads(line.payload)["study"]] = line
    found = {study: Request(int(line.alias), line.at) for study, line in last.items() if line.act == ASK}
    return {study: one for study, one in found.items() if datetime.now(UTC) < one.until}


async def waiting(study_id: int) -> Request | None:
    return (await requests()).get(study_id)


async def certificates() -> dict[int, Certificate]:
    """By study."""
    lines = await models.Entry.filter(head=HOUSE, act=ERASE).order_by("seq")
    return {found.study: found for found in map(_certificate, lines)}


def _certificate(line: models.Entry) -> Certificate:
    said = json.loads(line.payload)
    heads = tuple((number, sealed) for number, sealed in said.pop("heads"))
    return Certificate(**said, confirmed_by=int(line.alias), erased_at=line.at, heads=heads, seal=line.hash)


async def of_mine(staff: models.Staff) -> list[Certificate]:
    """Those that this account may read: who asked, who confirmed, and administrators."""
    found = (await certificates()).values()
    return [one for one in found if staff.is_administrator or staff.id in {one.asked_by, one.confirmed_by}]
