"""What a session leaves: results, journal, parcels. Everything released passed through disclosure at the close."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import export, models, text
from consensus.conduct import Refused
from consensus.house import House
from consensus.journal import first_breach, head_of
from consensus.results import assemble
from consensus.web import charts
from consensus.web.asking import Ask
from consensus.web.state import look
from rounds.rules import rule_from

ENTRIES = 200  # lines of the journal on one page


async def results(ask: Ask) -> Response:
    """The prioritised list; before the last round is closed, what is released so far."""
    return ask.page("results.html", **await _shown(ask), file_name=partial(charts.file_name, ask))


async def chart(ask: Ask) -> Response:
    """One chart of that page, alone; only while the page shows it."""
    name, shown = ask.request.path_params["chart"], await _shown(ask)
    if name not in shown["results"].charts:
        raise HTTPException(404)
    return charts.answer(ask, name, shown)


async def _shown(ask: Ask) -> dict[str, Any]:
    state = await look(ask.house, ask.here)
    rows = await models.Round.filter(session_id=ask.here.id).order_by("position")
    found = assemble(rows)
    head = await models.Head.get_or_none(key=head_of(ask.here.id))
    ending = await models.Entry.filter(head=head_of(ask.here.id), act="closed").order_by("-seq").first()
    return {
        "state": state,
        "results": found,
        "rule": _rule,
        "chain": head.hash if head else "",
        "closed_at": _minute(ask, ending.at) if ending and found.is_final else "",
    }


def _rule(row: models.Round) -> tuple[str, dict[str, object]] | None:
    rule = rule_from(row.rule)
    return rule.words() if rule else None


def _minute(ask: Ask, at: str) -> str:
    """A minute of the journal as the reader writes it: day and time."""
    moment = datetime.strptime(at, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC).astimezone(text.ZONE)
    return f"{text.day(ask.language, moment.date())}, {text.clock(ask.language, moment)}"


async def journal(ask: Ask) -> Response:
    """Every act of the session, newest first, and whether the chain holds."""
    state = await look(ask.house, ask.here)
    lines: list[dict[str, Any]] = await models.Entry.filter(head=head_of(ask.here.id)).order_by("seq").values()
    breach = await asyncio.to_thread(first_breach, lines)
    pages = max(1, -(-len(lines) // ENTRIES))
    wished = ask.request.query_params.get("page", "")
    page = min(int(wished), pages) if wished.isdecimal() and 0 < len(wished) < 7 and int(wished) else 1
    entries = lines[::-1][(page - 1) * ENTRIES : page * ENTRIES]
    return ask.page(
        "journal.html",
        state=state,
        entries=[line | {"said": json.loads(line["payload"]), "minute": _minute(ask, line["at"])} for line in entries],
        chain=lines[-1]["hash"] if lines else "",
        breach=breach,
        at_page=page,
        pages=pages,
        n=len(lines),
    )


async def row_level(ask: Ask) -> Response:
    """Individual answers under aliases; for whom the study allows it, once the last round is closed."""
    return await _parcel(ask, export.row_level, "row-level")


async def released(ask: Ask) -> Response:
    return await _parcel(ask, export.released, "released")


async def _parcel(ask: Ask, write: Callable[[House, models.Session], Awaitable[bytes]], name: str) -> Response:
    try:
        parcel = await write(ask.house, ask.here)
    except Refused as refused:
        raise HTTPException(403) from refused
    sort = name if ask.here.rehearses is None else f"rehearsal-{name}"
    headers = {"Content-Disposition": f'attachment; filename="{ask.here.id}-{sort}.zip"', "Cache-Control": "no-store"}
    return Response(parcel, media_type="application/zip", headers=headers)
