"""The page of a study: its sessions by site, how far each is and what waits for somebody; what is the same in all.

It asks for itself again while somebody looks, so states and turn-out are live; no figure of any round is on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from consensus import models, zones
from consensus.facts import SeatFacts
from consensus.guard import may
from consensus.numbers import common_to
from consensus.panel import Standing, standings
from consensus.sites import own_name, site_of
from consensus.text import day, listed, pick
from consensus.web.asking import Ask
from consensus.web.setup.flows import FlowRow, flow_rows
from consensus.web.setup.studies import protocol_in_words, study_of_mine
from consensus.web.setup.study_rows import SessionRow, by_site, session_rows
from consensus.web.setup.study_same import alike
from rounds.contract import Role

KINDS_SAID = 3  # rounds that stand for a protocol which has no name


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says in words: its protocol, its clinic, its planned day, what waits. "" for none."""

    protocol: str
    site: str
    day: str
    needs: str


@dataclass(frozen=True, slots=True)
class Told:
    """How many sessions have figures to compare, and how many statements are in each of these."""

    sessions: int
    common: int


async def study(ask: Ask) -> Response:
    shelf = await study_of_mine(ask)
    held = shelf.study
    places = {session.id: seat for session, seat in shelf.sessions}
    rows, seats = await session_rows(held, places, shelf.is_open, zones.today_in(held.zone))
    given = {
        "sites": by_site(held, rows, seats, ask.language),
        "said": {row.id: _said(ask, held.sites, row) for row in rows},
        "alike": alike(ask, held, rows, [n for n, seat in places.items() if seat.role == Role.FACILITATOR]),
        "n_sessions": len(rows),
        "told": await _told(rows),
        "flows": await _flows(ask, rows, places),
        "is_several": sum(seat.role == Role.FACILITATOR for seat in places.values()) > 1 and not held.is_put_away,
        "copied": _copied(places) if not held.is_put_away else set(),
        "is_lead": shelf.is_open,
        "standings": await _quotas(ask) if shelf.is_open else [],
        "site_names": {site["key"]: own_name(held.sites, site["key"], ask.language) for site in held.sites},
        "kept_until": date.fromisoformat(held.retention),
        "group_names": {group["key"]: pick(group["names"], ask.language) for group in held.groups},
    }
    return ask.page("study/page.html", **given)


async def _flows(ask: Ask, rows: Sequence[SessionRow], places: Mapping[int, SeatFacts]) -> dict[int, list[FlowRow]]:
    """By the session that gives; ready where the reader runs both and the one act is left to press."""
    sessions = await models.Session.filter(id__in=[row.id for row in rows]).order_by("id")
    mine = {number for number, seat in places.items() if seat.role == Role.FACILITATOR}
    closed = frozenset(row.id for row in rows if row.state in {"closed", "checked"} and row.id in mine)
    begun = frozenset(row.id for row in rows if row.state not in {"setup", "invited"} or row.id not in mine)
    found: dict[int, list[FlowRow]] = {}
    for one in flow_rows(ask, sessions, closed, begun):
        found.setdefault(one.source, []).append(one)
    return found


async def _told(rows: Sequence[SessionRow]) -> Told:
    found = [row.id for row in rows if row.has_figures]
    return Told(len(found), len(await common_to(found)))


def _copied(places: Mapping[int, SeatFacts]) -> set[int]:
    """The sessions of which the reader may make a copy."""
    return {number for number, seat in places.items() if may("copying", frozenset({Role(seat.role)}))}


async def _quotas(ask: Ask) -> list[Standing]:
    """As the panel has them; nothing where no quota is set."""
    assert ask.study is not None
    study: models.Study = ask.study
    return await standings(study) if study.quotas else []


def _said(ask: Ask, sites: Sequence[Mapping[str, Any]], row: SessionRow) -> Said:
    site = site_of(sites, row.site)
    clinic = own_name(sites, row.site, ask.language) if site and site.get("within") else ""
    under_way = _round(ask, row.under_way) if row.under_way else ""
    planned = day(ask.language, row.planned_on) if row.planned_on else ""
    return Said(_protocol(ask, row), clinic, planned, ask.say(f"study.needs.{row.needs}", round=under_way))


def _protocol(ask: Ask, row: SessionRow) -> str:
    if row.protocol:
        return protocol_in_words(ask, row.protocol)[1]
    names = [_round(ask, one) for one in row.rounds]
    if len(names) > KINDS_SAID:
        return ask.say("study.steps", first=names[0], n=len(names))
    return listed(ask.language, names)


def _round(ask: Ask, one: Mapping[str, Any]) -> str:
    """As the team named it, or as its kind is called."""
    return pick(one["title"], ask.language) if one["title"] else ask.say(f"{one['kind']}.title")
