"""People brought to the panel of a study, by a list or one by one; one of them looked at, corrected, taken out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.addresses import alike
from consensus.conduct import Refused, Told
from consensus.facts import SessionFacts
from consensus.imports import roster
from consensus.panel import MemberFacts, members_of
from consensus.text import pick
from consensus.web.asking import LARGEST, Ask
from consensus.web.listing import figure, listed
from consensus.web.setup.brought import Brought, brought, close_files, take_file
from consensus.web.setup.imports import book_of, columns_of, refused, understood
from consensus.web.setup.places import offered_arms, offered_sites
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.wordings import Problems

WAYS = ("list", "one")
LONGEST = {"name": roster.NAME, "phone": roster.PHONE}


async def new_members(ask: Ask, reading: roster.Reading | None = None) -> Response:
    await close_files(ask)
    study = await open_study(ask)
    found = brought(ask, "roster", ["group"])
    if reading is None and found.text.strip():
        reading = await _read(ask, study, found)
    by = ask.request.query_params.get("by", "")
    known = {alike(member.mail) for member in await members_of(study.id) if member.mail} if reading else set()
    given = {
        "way": by if by in WAYS else WAYS[0],
        "ways": WAYS,
        "reading": reading,
        "known": known,
        "lines": listed(reading.shown if reading else (), figure(ask.typed.one("page")), {}),
        "names": {group["key"]: pick(group["names"], ask.language) for group in study.groups},
        "most": roster.MOST_LINES,
        "problems": [("", ask.error)] if ask.error else [],
        **_offers(ask, study),
        **understood(found, reading.arranged if reading else None, columns_of(study, but="role"), "person"),
    }
    return ask.page("setup/panel_new.html", **given)


def _offers(ask: Ask, study: models.Study) -> dict[str, Any]:
    return {
        "groups": [(group["key"], pick(group["names"], ask.language)) for group in study.groups],
        "sites": offered_sites(study.sites or (), ask.language),
        "arms": offered_arms(study.arms or (), ask.language),
    }


async def _read(ask: Ask, study: models.Study, found: Brought) -> roster.Reading:
    book = book_of(study, study.languages)
    group = ask.typed.one("group")
    known = group if group in {one["key"] for one in study.groups} else ""
    return await asyncio.to_thread(roster.parse, found.text, book, found.choices, known)


async def add_members(ask: Ask) -> Response:
    """A list is shown first, and taken as a whole."""
    study = await open_study(ask)
    if ask.request.query_params.get("by", "") == "one":
        new, known = await conduct.add_member(ask.house, signed_in(ask), study.id, _told(ask, study))
        return _done(ask, study, new, known)
    await take_file(ask, "roster")
    found = brought(ask, "roster", ["group"])
    if not found.text.strip():
        raise Refused("missing.roster")
    reading = await _read(ask, study, found)
    if reading.problems:
        raise refused(ask, reading.arranged, reading.problems, "roster.refused")
    if reading.bad:
        raise Refused("roster.refused", n=len(reading.bad))
    if ask.typed.one("do") != "confirm" or not found.is_seen:
        return await new_members(ask, reading)
    new, known = await conduct.add_members(ask.house, signed_in(ask), study.id, reading.guests)
    return _done(ask, study, new, known)


def _done(ask: Ask, study: models.Study, new: int, known: int) -> Response:
    return ask.go("panel", study=study.id, query=urlencode({"new": new, "known": known}))


def _told(ask: Ask, study: models.Study) -> Told:
    form = ask.typed
    told = Told(
        name=form.one("name"),
        mail=form.one("mail"),
        phone=form.one("phone"),
        group=form.one("group"),
        language=form.one("language") or study.languages[0],
        sites=tuple(form.get("sites", ())),
        arm=form.one("arm"),
    )
    for name, longest in LONGEST.items():
        if len(form.one(name)) > longest:
            raise Refused("too_long", n=longest, now=len(form.one(name)))
    return told


async def member(ask: Ask) -> Response:
    study = await open_study(ask)
    held = await _held(ask, study.id)
    sessions = {one.id: one for one in await models.Session.filter(id__in=[*dict(held.sits), *held.left])}
    problems: Problems = [("", ask.error)] if ask.error else []
    given = {
        "held": held,
        "problems": problems,
        "sits": [(SessionFacts.of(sessions[number]), has_come) for number, has_come in held.sits],
        "left": [SessionFacts.of(sessions[number]) for number in held.left if number in sessions],
        **_offers(ask, study),
    }
    return ask.page("setup/panel_member.html", **given)


async def _held(ask: Ask, study_id: int) -> MemberFacts:
    number = ask.request.path_params["member"]
    found = [one for one in await members_of(study_id) if one.id == number] if number <= LARGEST else []
    if not found:
        raise HTTPException(404)
    return found[0]


async def change_member(ask: Ask) -> Response:
    study = await open_study(ask)
    held = await _held(ask, study.id)
    if ask.typed.one("do") == "remove":
        await conduct.remove_member(ask.house, signed_in(ask), study.id, held.id)
    else:
        await conduct.change_member(ask.house, signed_in(ask), study.id, held.id, _told(ask, study))
    return ask.go("panel", study=study.id, query="saved=yes")
