"""What a facilitator brings to a session: a list of statements, a roster, colleagues. Looked at first, then taken.

A list with one bad line brings nothing; what was brought stays on the page. Reading is done by imports/statements and
imports/roster, seating and storing by conduct.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from tortoise.functions import Count

from consensus import conduct, models
from consensus.addresses import alike
from consensus.came import by_session
from consensus.conduct import Guest, Refused
from consensus.facts import SeatFacts, StudyFacts
from consensus.imports import roster
from consensus.imports import statements as lists
from consensus.imports.arranging import Arranged
from consensus.imports.lines import Problem
from consensus.imports.names import spaced
from consensus.imports.places import Places
from consensus.numbers import Twin, numbers_of, twins_of
from consensus.outcome import statement_from
from consensus.passed import passed_into
from consensus.seating import Seating
from consensus.sites import full_name
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from consensus.web.form import Typed
from consensus.web.listing import figure, listed
from consensus.web.setup.brought import MOST_CHOSEN, SEPARATORS, Brought, brought, close_files, refusal, take_file
from consensus.web.setup.colleagues import COLLEAGUES, colleague, seat_colleague
from consensus.web.setup.places import offered_arms, site_names
from consensus.web.setup.plan import group_names
from consensus.web.setup.settings_form import whole
from rounds.contract import Role

MOST_SEATS = roster.MOST_LINES  # in one go
WAYS = ("list", "number", "staff")
PREVIEWED = 100  # statements of a list that are shown before they are taken
ROSTER_COLUMNS = ("name", "first", "last", "mail", "group", "language", "role", "phone", "site", "arm")


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How many people of a list have a seat so far."""

    done: int
    total: int


def understood(found: Brought, arranged: Arranged | None, offered: tuple[str, ...], what: str) -> dict[str, Any]:
    """What the page shows of how a list was read, and lets be corrected. what: of lines, said under "brought."."""
    sign = arranged.table.separator if arranged else None
    return {
        "brought": found,
        "arranged": arranged,
        "columns": arranged.columns[:MOST_CHOSEN] if arranged else (),
        "offered": offered,
        "separators": tuple(SEPARATORS),
        "parting": next((name for name, parts in SEPARATORS.items() if parts == sign), ""),
        "what": what,
    }


async def statements(ask: Ask) -> Response:
    await close_files(ask)
    found = brought(ask, "text")
    reading = await _statements(ask, found) if found.text.strip() else None
    read, has_sites = reading.statements if reading else (), bool(study_facts(ask).sites)
    numbers, passed = await numbers_of(ask.here.id), await by_session(ask.here)
    given = {
        "reading": reading,
        "passed": passed,
        "twins": await titled(ask, await twins_of(ask.here)),
        "numbers": numbers,
        "came": ask.request.query_params.get("came", "") if passed else "",
        "out": ask.request.query_params.get("out", ""),
        "same": ask.request.query_params.get("same", ""),
        "first": read[:PREVIEWED],
        "others": len(read[PREVIEWED:]),
        "held": [statement_from(data) for data in ask.here.imported],
        "replaced": len(ask.here.imported) - len(passed_into(ask.here)),
        "site_names": site_names(study_facts(ask).sites, ask.language),
        "is_begun": conduct.is_taken(await models.Round.filter(session_id=ask.here.id)),
        **understood(
            found, reading.arranged if reading else None, lists.offered(ask.here.languages, has_sites), "statement"
        ),
    }
    return ask.page("setup/statements.html", **given)


async def titled(ask: Ask, twins: Sequence[Twin]) -> list[tuple[Twin, list[Mapping[str, str]]]]:
    """With the titles of the sessions that have each, as far as this member of the team sits in them."""
    mine = models.Seat.filter(staff_id=ask.mine.staff_id or 0, withdrawn="", session__study_id=ask.here.study_id)
    titles = {seat.session_id: seat.session.title for seat in await mine.select_related("session")}
    return [(twin, [titles[one] for one in twin.sessions if one in titles]) for twin in twins]


async def take_number(ask: Ask) -> Response:
    """A statement here is one that the study has already. saved, card: it was asked in the middle of
    a compilation, after this act or beside this card."""
    number = await conduct.take_number(ask.house, ask.mine, ask.typed.one("statement"))
    if back := {name: ask.typed.one(name) for name in ("saved", "card") if ask.typed.one(name)}:
        return ask.go("console", session=ask.here.id, query=urlencode(back | {"same": number}))
    return ask.go("statements", session=ask.here.id, query=urlencode({"same": number}))


async def statement_copy(ask: Ask) -> Response:
    """The list that the session holds, for a spreadsheet; brought again it is the same."""
    held = [statement_from(data) for data in ask.here.imported]
    sites = site_names(study_facts(ask).sites, ask.language)
    data = await asyncio.to_thread(lists.for_spreadsheet, held, ask.here.languages, ask.language, sites)
    headers = {"Content-Disposition": f'attachment; filename="{ask.here.id}-statements.csv"'}
    return Response(data, media_type="text/csv", headers=headers | {"Cache-Control": "no-store"})


async def _statements(ask: Ask, found: Brought) -> lists.Reading:
    """Aside, as a long list takes a moment in which others go on."""
    sites = sites_of(study_facts(ask).sites)
    return await asyncio.to_thread(lists.parse, found.text, ask.here.languages, found.choices, sites)


async def bring_statements(ask: Ask) -> Response:
    """First shown, then imported as a whole."""
    await take_file(ask, "text")
    found = brought(ask, "text")
    if not found.text.strip():
        raise Refused("missing.file")
    reading = await _statements(ask, found)
    if reading.problems:
        raise refused(ask, reading.arranged, reading.problems, "file.refused")
    if ask.typed.one("do") != "confirm" or not found.is_seen:
        return await statements(ask)
    await conduct.import_statements(ask.house, ask.mine, reading.statements)
    return ask.go("setup", session=ask.here.id)


def refused(ask: Ask, arranged: Arranged | None, problems: tuple[Problem, ...], key: str) -> Refused:
    """One reason of the whole file is said at once; those of lines stand in a table."""
    if arranged is None or (len(problems) == 1 and problems[0].key == "file.no_text_column"):
        return refusal(ask, problems[0])
    return Refused(key, n=len({problem.line for problem in problems}))


async def people(ask: Ask, reading: roster.Reading | None = None) -> Response:
    """The roster: who sits here, and one way of adding people at a time. While a list is being taken, how far it is.
    reading: of the list in the form, where it was read already."""
    await close_files(ask)
    over = _over(ask)
    present = await _present(ask)
    team = await models.Seat.filter(session_id=ask.here.id, staff_id__not_isnull=True, withdrawn="").order_by("id")
    named = {person.id: person.name for person in await models.Staff.filter(id__in=[seat.staff_id for seat in team])}
    by = ask.request.query_params.get("by", "")
    found = brought(ask, "roster", ["group"])
    assert ask.study is not None
    study = StudyFacts.of(ask.study)
    if reading is None and found.text.strip():
        reading = await _roster(ask, found)
    given = {
        "way": by if by in WAYS else WAYS[0],
        "ways": WAYS,
        "reading": reading,
        "lines": listed(reading.shown if reading else (), figure(ask.typed.one("page")), {}),
        "by_group": [(group, present.get(group["key"], 0)) for group in ask.groups],
        "people": sum(present.values()),
        "colleagues": [SeatFacts.of(seat, named[seat.staff_id]) for seat in team if seat.staff_id],
        "roles": COLLEAGUES,
        "names": group_names(ask),
        "site_names": site_names(study.sites, ask.language),
        "arm_names": dict(offered_arms(study.arms, ask.language)),
        "most": MOST_SEATS,
        "under_way": _under_way(ask),
        "added": ask.request.query_params.get("added", "") or (over and not over.failed),
        "known": await _elsewhere(ask) if reading else frozenset(),
        **understood(found, reading.arranged if reading else None, columns_of(ask.study), "person"),
    }
    page = ask.page("setup/roster.html", **given)
    if given["under_way"] is None and "hx-request" in ask.request.headers:
        page.headers["HX-Refresh"] = "true"  # the last look of a page that watched: now all of it is new
    return page


def columns_of(study: models.Study | None, but: str = "") -> tuple[str, ...]:
    """What a column of a list of people may hold: a site or an arm only where the study has some."""
    lacks = {"site" if not (study and study.sites) else "", "arm" if not (study and study.arms) else "", but}
    return tuple(name for name in ROSTER_COLUMNS if name not in lacks)


async def _elsewhere(ask: Ask) -> frozenset[str]:
    """Addresses of people whom the study knows: whoever is brought by one of them is the same person."""
    held = models.Member.filter(study_id=ask.here.study_id).exclude(person__mail="")
    mails = [str(mail) for mail in await held.values_list("person__mail", flat=True)]
    return await asyncio.to_thread(lambda: frozenset(map(alike, mails)))


def study_facts(ask: Ask) -> StudyFacts:
    assert ask.study is not None
    return StudyFacts.of(ask.study)


def _over(ask: Ask) -> Seating | None:
    """A list that was being taken when somebody looked last. Where it failed it stands in its field again, with the
    reason."""
    if ask.typed or "hx-request" in ask.request.headers:
        return None
    over = ask.house.seatings.seen(ask.here.id)
    if over is not None and over.failed:
        ask.typed = Typed({name: values for name, values in over.typed.items() if name != "do"})
        ask.error = ask.say(over.failed, **over.values)
    return over


def _under_way(ask: Ask) -> UnderWay | None:
    seating = ask.house.seatings.of(ask.here.id)
    return UnderWay(seating.done, seating.total) if seating else None


async def _present(ask: Ask) -> dict[str, int]:
    """How many people of each group have a seat."""
    here = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT, withdrawn="")
    return dict(await here.annotate(n=Count("id")).group_by("group").values_list("group", "n"))


async def seat_people(ask: Ask) -> Response:
    by = ask.request.query_params.get("by", "")
    match by:
        case "number":
            guests = _numbered(ask)
        case "staff":
            n = await seat_colleague(ask, await colleague(ask))
            return ask.go("roster", session=ask.here.id, query=urlencode({"added": n}))
        case _:
            await take_file(ask, "roster")
            found = brought(ask, "roster", ["group"])
            reading = await _listed(ask, found)
            if ask.typed.one("do") != "confirm" or not found.is_seen:
                return await people(ask, reading)
            guests = [_beside(ask, guest) for guest in reading.guests]
    return await _seat(ask, guests, by)


def _beside(ask: Ask, guest: Guest) -> Guest:
    """Without the site of the session, to which everybody in it belongs."""
    return replace(guest, sites=tuple(key for key in guest.sites if key != ask.here.site))


async def _seat(ask: Ask, guests: Sequence[Guest], by: str) -> Response:
    """Most lists are through at once; whoever brings a long one sees how far it is."""
    if ask.house.seatings.of(ask.here.id):
        raise Refused("roster.under_way")

    async def run(seating: Seating) -> None:
        try:
            await conduct.add_seats(ask.house, ask.mine, guests, seating.told)
        except Refused as wrong:
            seating.failed, seating.values = wrong.key, wrong.values

    seating = Seating(len(guests), ask.typed)
    await ask.house.seatings.start(ask.here.id, seating, run)
    if not seating.is_over:
        return ask.go("roster", session=ask.here.id, query=urlencode({"by": by} if by else {}))
    ask.house.seatings.seen(ask.here.id)
    if seating.failed:
        raise Refused(seating.failed, **seating.values)
    return ask.go("roster", session=ask.here.id, query=urlencode({"added": len(guests)}))


async def _book(ask: Ask) -> roster.Book:
    roles: dict[str, Role] = {role: role for role in COLLEAGUES}
    for name in LANGUAGES:
        roles |= {ask.house.texts.say(name, f"role.{role}"): role for role in COLLEAGUES}
    held = models.Seat.filter(session_id=ask.here.id, withdrawn="")
    there = await held.values_list("person__mail", "staff__mail")
    staff = await models.Staff.all().values_list("mail", "id")
    assert ask.study is not None
    book = book_of(ask.study, ask.here.languages)
    return await asyncio.to_thread(_written, book, roles, staff, there)


def book_of(study: models.Study, languages: Sequence[str]) -> roster.Book:
    """What a list of people may speak of in any session of a study."""
    groups, arms = (
        [(str(name), str(one["key"])) for one in all for name in (*one["names"].values(), one["key"])]
        for all in (study.groups, study.arms or ())
    )
    return roster.Book(groups, languages, sites=sites_of(study.sites or ()), arms=Places(tuple(arms)))


def sites_of(sites: Sequence[Mapping[str, Any]]) -> Places:
    """Each site as it may be written: with the one above it, alone where its level has no other of that name, by its
    key. Of two levels the lower one is meant, since people sit there."""
    below = [site for site in sites if site["within"]]
    whole = [(full_name(sites, site["key"], name), site["key"]) for site in below for name in LANGUAGES]
    keys = [(site["key"], site["key"]) for site in sites]
    lower = [(name, site["key"]) for site in below for name in site["names"].values()]
    taken = {form for name, _ in lower for form in spaced(name)}
    upper = [(name, site["key"]) for site in sites if not site["within"] for name in site["names"].values()]
    alone = [(name, key) for name, key in upper if not spaced(name) & taken]
    return Places((*whole, *keys, *lower, *alone))


def _written(book: roster.Book, roles: Any, staff: Any, there: Any) -> roster.Book:
    """Addresses as they are compared: of thousands of people that takes a moment."""
    seated = frozenset(alike(mail) for mails in there for mail in mails if mail)
    return replace(book, roles=roles, staff={alike(mail): number for mail, number in staff}, seated=seated)


async def _roster(ask: Ask, found: Brought) -> roster.Reading:
    group = ask.typed.one("group")
    known = group if group in group_names(ask) else ""
    return await asyncio.to_thread(roster.parse, found.text, await _book(ask), found.choices, known)


async def _listed(ask: Ask, found: Brought) -> roster.Reading:
    if not found.text.strip():
        raise Refused("missing.roster")
    reading = await _roster(ask, found)
    if reading.problems:
        raise refused(ask, reading.arranged, reading.problems, "roster.refused")
    if reading.bad:
        raise Refused("roster.refused", n=len(reading.bad))
    return reading


def _numbered(ask: Ask) -> list[Guest]:
    """So many seats of each group, without names; people tell their language by opening the link."""
    language = ask.typed.one("language")
    guests: list[Guest] = []
    for key, name in group_names(ask).items():
        if not ask.typed.one(f"seats.{key}"):
            continue
        n = whole(ask.typed, f"seats.{key}", name)
        spoken = language if language in ask.here.languages else ask.here.languages[0]
        guests += [Guest(Role.PARTICIPANT, key, spoken)] * min(n, MOST_SEATS + 1)
        if len(guests) > MOST_SEATS:
            raise Refused("roster.too_many_seats", n=MOST_SEATS)
    if not guests:
        raise Refused("missing.seats")
    return guests
