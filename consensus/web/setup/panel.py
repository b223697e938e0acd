"""The page of a study's panel: who is of it and where they sit, in pages and filtered; people seated in a session.

What is searched for stands in no address. Seating and changing are acts; who has answered is not known here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.facts import SessionFacts, group_name, shape_of_group
from consensus.imports.names import same
from consensus.panel import MemberFacts, members_of, standings
from consensus.text import day, pick
from consensus.web.asking import Ask
from consensus.web.listing import figure, listed
from consensus.web.setup.places import offered_arms, offered_sites, site_names
from consensus.web.setup.studies import open_study, signed_in
from consensus.zones import today_in
from rounds.contract import Role, one

NOWHERE = "nowhere"  # of a filter: whoever sits in no session


@dataclass(frozen=True, slots=True)
class Row:
    """A member as one line tells it, in words. sits: title of a session, has this person come in; left: titles."""

    id: int
    name: str
    address: str
    group: str
    shape: int
    sites: str
    arm: str
    wave: int
    sits: tuple[tuple[str, bool], ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which members. sought: a part of a name, an address or a number. wave: "0" for none; where: a session, or
    NOWHERE; each "" for all."""

    sought: str
    group: str
    site: str
    wave: str
    where: str
    page: int
    arm: str = ""

    @classmethod
    def of(cls, ask: Ask) -> Wanted:
        query = {name: [value] for name, value in ask.request.query_params.items()}
        form = ask.typed if "sought" in ask.typed else query
        said = {name: one(form, name)[:40] for name in ("group", "site", "arm", "wave", "where")}
        return cls(sought=one(form, "sought")[:200], page=figure(one(form, "page")), **said)

    @property
    def filters(self) -> dict[str, object]:
        """What an address may say."""
        return {"group": self.group, "site": self.site, "arm": self.arm, "wave": self.wave, "where": self.where}

    @property
    def is_part(self) -> bool:
        return bool(self.sought or any(self.filters.values()))

    def among(self, members: Sequence[MemberFacts], sites: Mapping[str, str]) -> list[MemberFacts]:
        """sites: what a site lies in, by its key."""
        sought = same(self.sought)
        return [member for member in members if self._fits(member, sites) and (not sought or _is(member, sought))]

    def _fits(self, member: MemberFacts, sites: Mapping[str, str]) -> bool:
        at = {*member.sites, *(sites.get(key, "") for key in member.sites)}
        return (
            self.group in {"", member.group}
            and (not self.site or self.site in at)
            and self.arm in {"", member.arm}
            and self.wave in {"", str(member.wave)}
            and (not self.where or self._sits(member))
        )

    def _sits(self, member: MemberFacts) -> bool:
        if self.where == NOWHERE:
            return not member.sits
        return any(str(session) == self.where for session, _ in member.sits)


def _is(member: MemberFacts, sought: str) -> bool:
    return sought in same(member.name) or sought in member.mail.casefold() or sought in same(member.phone)


async def panel(ask: Ask) -> Response:
    return await _page(ask, await open_study(ask))


async def _page(ask: Ask, study: models.Study) -> Response:
    members, lines = await members_of(study.id), await standings(study)
    wanted = Wanted.of(ask)
    sites = study.sites or ()
    within = {str(site["key"]): str(site.get("within", "")) for site in sites}
    fits = await asyncio.to_thread(wanted.among, members, within)
    held = listed(fits, wanted.page, wanted.filters)
    sessions = await models.Session.filter(study_id=study.id, rehearses__isnull=True).order_by("id")
    titles = {session.id: pick(session.title, ask.language) for session in sessions}
    mine = await _sessions_of_mine(ask, sessions)
    given = {
        "standings": lines,
        "site_names": site_names(sites, ask.language),
        "people": len(members),
        "wanted": wanted,
        "lines": held,
        "rows": [_row(ask, study, member, titles) for member in held.rows],
        "fits": len(fits),
        "sites": offered_sites(sites, ask.language),
        "arms": offered_arms(study.arms or (), ask.language),
        "waves": waves_in_words(ask, study),
        "due": _due(study, members),
        "where": list(titles.items()),
        "mine": [SessionFacts.of(session) for session in mine],
        "done": {name: figure(ask.request.query_params.get(name, "")) for name in ("new", "known", "seated", "drawn")},
        "seated_in": next((one.id for one in mine if str(one.id) == ask.request.query_params.get("in")), 0),
        "is_saved": "saved" in ask.request.query_params,
        "problems": [("", ask.error)] if ask.error else [],
    }
    return ask.page("setup/panel.html", **given)


async def _sessions_of_mine(ask: Ask, sessions: Sequence[models.Session]) -> list[models.Session]:
    """Those that the reader facilitates: people are seated in no other."""
    seats = models.Seat.filter(staff_id=signed_in(ask).id, role=Role.FACILITATOR, withdrawn="")
    held = {seat.session_id for seat in await seats.only("session_id")}
    return [session for session in sessions if session.id in held]


def _row(ask: Ask, study: models.Study, member: MemberFacts, titles: Mapping[int, str]) -> Row:
    names, arms = site_names(study.sites or (), ask.language), dict(offered_arms(study.arms or (), ask.language))
    return Row(
        id=member.id,
        name=member.called,
        address=member.mail or member.phone,
        group=group_name(study.groups, member.group, ask.language),
        shape=shape_of_group(study.groups, member.group),
        sites=", ".join(names.get(key, key) for key in member.sites),
        arm=arms.get(member.arm, ""),
        wave=member.wave,
        sits=tuple((titles[session], has_come) for session, has_come in member.sits),
        left=tuple(titles[session] for session in member.left if session in titles),
    )


async def use_panel(ask: Ask) -> Response:
    """People found, or seated in a session: those ticked, or all whom the filter lets through."""
    study = await open_study(ask)
    wanted = Wanted.of(ask)
    do = ask.typed.one("do")
    if do in {"seat", "seat_all"}:
        by = await _desk(ask, study.id)
        members = await members_of(study.id)
        within = {str(site["key"]): str(site.get("within", "")) for site in study.sites or ()}
        chosen = {member.id for member in wanted.among(members, within)}
        if do == "seat":
            chosen &= {figure(said) for said in ask.typed.get("member", ())}
        if not chosen:
            raise Refused("refused.tick_somebody")
        n = await conduct.seat_members(ask.house, by, chosen)
        done = urlencode({"seated": n, "in": by.session_id})
        query = listed((), 1, wanted.filters).query
        return ask.go("panel", study=study.id, query=f"{query}&{done}" if query else done)
    if wanted.sought:
        return await _page(ask, study)
    return ask.go("panel", study=study.id, query=listed((), 1, wanted.filters).query)


async def _desk(ask: Ask, study_id: int) -> models.Seat:
    """The reader's seat in the session that was chosen, which they facilitate."""
    found = models.Seat.filter(staff_id=signed_in(ask).id, role=Role.FACILITATOR, withdrawn="")
    seat = await found.filter(session_id=figure(ask.typed.one("session")), session__study_id=study_id).first()
    if seat is None:
        raise Refused("refused.choose_session")
    return seat


@dataclass(frozen=True, slots=True)
class WaveDue:
    """A wave whose day has come. people: of it who neither sit in a session nor left one."""

    number: int
    day: date
    people: int


def _due(study: models.Study, members: Sequence[MemberFacts]) -> list[WaveDue]:
    waiting = Counter(member.wave for member in members if not member.sits and not member.left)
    days = enumerate((date.fromisoformat(wave["day"]) for wave in study.waves or ()), 1)
    return [WaveDue(n, at, waiting[n]) for n, at in days if waiting[n] and at <= today_in(study.zone)]


def waves_in_words(ask: Ask, study: models.Study) -> list[tuple[int, str]]:
    """The waves of a study by their numbers, each with its day."""
    days = [day(ask.language, date.fromisoformat(wave["day"])) for wave in study.waves or ()]
    return [(n, ask.say("panel.wave.of", n=n, day=said)) for n, said in enumerate(days, 1)]
