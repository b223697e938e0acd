"""What a session leaves for whoever sits in it: results, journal, the released parcel.

Everything released passed through disclosure at the close.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import export, models
from consensus.conduct import Refused
from consensus.facts import RoundFacts
from consensus.journal import first_breach, head_of, missing_after
from consensus.numbers import numbers_of
from consensus.plan_of_action import sent
from consensus.results import Results
from consensus.results import released as list_of
from consensus.results.forebears import forebears
from consensus.results.ideas import has_written
from consensus.web.asking import Ask
from consensus.web.listed import Listing, listing_of
from consensus.web.results import charts
from consensus.web.results.opinions import has_map
from consensus.web.results.participants import participants
from consensus.web.state import load_state
from consensus.web.view import plain
from rounds.contract import SPREADS, TEAM, Role, number_in

ENTRIES = 200  # lines of the journal on one page


@dataclass(frozen=True, slots=True)
class JournalLine:
    """who, act: in words. row: the step that it is about, None where there is none, or none any more; key: its name."""

    seq: int
    minute: str
    who: str
    alias: str
    act: str
    row: RoundFacts | None
    key: str
    seal: str


async def results(ask: Ask) -> Response:
    """The prioritised list; before the last round is closed, what is released so far."""
    shown = await told_to(ask)
    found, view = shown["results"], shown["view"]
    listing = listing_of(found, view, ask.house.texts, ask.language)
    lists = [(one, listing_of(one, view, ask.house.texts, ask.language)) for one in found.lists]
    lists, spreads = by_spread(lists or [(found, listing)], ask.request.query_params.get("spread", ""))
    given = {"listing": listing, "lists": lists, "participants": participants(ask), "spreads": spreads}
    given["has_plan"] = ask.here.rehearses is None and await sent(ask.here.study_id) is not None
    given["has_ideas"] = ask.let_in("ideas") and await has_written(ask.mine)
    return ask.page("results.html", **shown, **await _family(ask), **given, file_name=charts.named(ask))


def by_spread(
    lists: list[tuple[Results, Listing]], wanted: str
) -> tuple[list[tuple[Results, Listing]], list[tuple[str, int, bool]]]:
    """Of every list the statements for such contexts, each at its own place; and what is offered: (spread, statements,
    is it shown), nothing where no statement says any."""
    cards = [row.card.statement.spread for _, its in lists for row in its.rows]
    if not any(cards):
        return lists, []
    offered = [("", len(cards), wanted not in SPREADS), *((one, cards.count(one), one == wanted) for one in SPREADS)]
    if wanted in SPREADS:
        fits = [(one, tuple(row for row in its.rows if row.card.statement.spread == wanted)) for one, its in lists]
        lists = [(one, replace(its, rows=rows)) for (one, rows), (_, its) in zip(fits, lists, strict=True)]
    return lists, offered


async def _family(ask: Ask) -> dict[str, Any]:
    """For the team: what other sessions passed on, as it was there; the number that a statement has in a study of
    several sessions, where it is not the one that it has here."""
    if ask.mine.role not in TEAM:
        return {"family": {}, "numbers": {}}
    seats = models.Seat.filter(staff_id=ask.mine.staff_id or 0, withdrawn="")
    seats_in = {seat.session_id for seat in await seats.only("id", "session_id")}
    others = models.Session.filter(study_id=ask.here.study_id, rehearses=None).exclude(id=ask.here.id)
    numbers = await numbers_of(ask.here.id) if await others.exists() else {}
    return {
        "family": await forebears(ask.here, seats_in),
        "numbers": {name: n for name, n in numbers.items() if name[1:].lstrip("0") != str(n)},
    }


async def chart(ask: Ask) -> Response:
    """One chart of that page, alone; only while the page shows it."""
    name, shown = ask.request.path_params["chart"], await told_to(ask)
    if name not in shown["results"].charts:
        raise HTTPException(404)
    return charts.answer(ask, name, shown)


async def told_to(ask: Ask) -> dict[str, Any]:
    """What every page of the results is given."""
    state = await load_state(ask.house, ask.here)
    rows = await models.Round.filter(session_id=ask.here.id).order_by("position")
    found = list_of(rows)
    head = await models.Head.get_or_none(key=head_of(ask.here.id))
    ending = await models.Entry.filter(head=head_of(ask.here.id), act="closed").order_by("-seq").first()
    return {
        "view": plain(state),
        "results": found,
        "has_map": has_map(rows),
        "chain": head.hash if head else "",
        "closed_at": ask.minute(ending.at) if ending and found.is_final else "",
    }


async def journal(ask: Ask) -> Response:
    """Every act of the session, newest first, and whether the chain holds."""
    state = await load_state(ask.house, ask.here)
    lines: list[dict[str, Any]] = await models.Entry.filter(head=head_of(ask.here.id)).order_by("seq").values()
    # After the lines: an act that came in between has moved the head, and its line is not missing.
    head = await models.Head.get_or_none(key=head_of(ask.here.id))
    if head and head.seq > len(lines):
        newer = models.Entry.filter(head=head.key, seq__gt=len(lines), seq__lte=head.seq)
        lines += await newer.order_by("seq").values()
    breach = await asyncio.to_thread(first_breach, lines)
    cut = missing_after(lines, head.seq if head else 0, head.hash if head else "")
    pages = max(1, -(-len(lines) // ENTRIES))
    page = min(number_in(ask.request.query_params.get("page", ""), digits=6) or 1, pages)
    entries = lines[::-1][(page - 1) * ENTRIES : page * ENTRIES]
    rows = {row.key: row for row in plain(state).rounds}
    return ask.page(
        "journal.html",
        lines=[_line(ask, line, rows) for line in entries],
        view=plain(state),
        chain=head.hash if head else "",
        breach=breach,
        cut=cut,
        newer=page - 1,
        at_page=page,
        older=page + 1 if page < pages else 0,
        pages=pages,
        n=len(lines),
    )


def _line(ask: Ask, line: Mapping[str, Any], rows: Mapping[str, RoundFacts]) -> JournalLine:
    said = json.loads(line["payload"])
    key = said.get("round", "")
    return JournalLine(
        line["seq"],
        ask.minute(line["at"]),
        _first_said(ask, f"journal.role.{line['role']}", f"role.{line['role']}"),
        line["alias"],
        _first_said(ask, f"journal.act.{line['act']}{_way(line, said)}") or line["act"],
        rows.get(key),
        key,
        line["hash"][:12],
    )


def _way(line: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """An act that has several sentences: a person's own, one that the team entered for a person, one of the team."""
    if line["act"] in {"cast", "consent"} and "entered_by" in said:
        return ".entered"
    if "planned" in said and line["act"] in {"open_round", "close_round"}:
        return ".late" if "late" in said else ".planned"
    return ".team" if line["act"] == "cast" and line["role"] != Role.PARTICIPANT else ""


def _first_said(ask: Ask, *keys: str) -> str:
    """The first of these that is a sentence; "" where none is."""
    return next((ask.say(key) for key in keys if ask.house.texts.has(ask.language, key)), "")


async def released(ask: Ask) -> Response:
    try:
        return parcel_of(ask, await export.released(ask.house, ask.here), "released")
    except Refused as refused:
        raise HTTPException(403) from refused


def parcel_of(ask: Ask, parcel: bytes, name: str) -> Response:
    is_real, day = ask.here.rehearses is None, datetime.now(UTC).date().isoformat()
    file = f"{name if is_real else f'rehearsal-{name}'}_{ask.here.id}_{day}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(parcel, media_type="application/zip", headers=headers)
