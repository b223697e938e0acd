"""One list of statements brought to several sessions of a study: looked at once, then taken by all of them or none.

Reading is done by imports/statements, as for one session (imports.py); what is stored is conduct's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.imports import statements as lists
from consensus.passed import flows_into, passed_into
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.setup.brought import brought, close_files, take_file
from consensus.web.setup.imports import PREVIEWED, refused, sites_of, understood
from consensus.web.setup.places import site_names
from consensus.web.setup.studies import signed_in
from consensus.web.setup.together import sessions_of_mine


@dataclass(frozen=True, slots=True)
class Receiver:
    """replaced: statements that a file brought before, which the new list takes the place of."""

    id: int
    title: Mapping[str, str]
    replaced: int
    is_ticked: bool


async def bringing(ask: Ask) -> Response:
    await close_files(ask)
    study, sessions = await sessions_of_mine(ask)
    found = brought(ask, "text")
    reading = await _read(study, ask) if found.text.strip() else None
    read = reading.statements if reading else ()
    receivers = await _receivers(ask, sessions)
    given: dict[str, Any] = {
        "reading": reading,
        "receivers": receivers,
        "ticked": sum(one.is_ticked for one in receivers),
        "first": read[:PREVIEWED],
        "others": len(read[PREVIEWED:]),
        "site_names": site_names(study.sites or (), ask.language),
        "undo": [one.id for one in receivers if str(one.id) in _given(ask)],
        "is_gone": "gone" in ask.request.query_params and not ask.typed,
        "is_given": "given" in ask.request.query_params and not ask.typed,
        **understood(
            found,
            reading.arranged if reading else None,
            lists.offered(study.languages, bool(study.sites)),
            "statement",
        ),
    }
    return ask.page("study/list.html", **given)


def _given(ask: Ask) -> list[str]:
    return ask.request.query_params.get("given", "").split(".")


async def _read(study: models.Study, ask: Ask) -> lists.Reading:
    found = brought(ask, "text")
    return await asyncio.to_thread(lists.parse, found.text, study.languages, found.choices, sites_of(study.sites or ()))


async def _receivers(ask: Ask, sessions: Mapping[int, models.Session]) -> list[Receiver]:
    """Those that work on no statements yet; at first those are ticked that have none and wait for none."""
    rounds = await models.Round.filter(session_id__in=list(sessions)).order_by("position")
    begun = {row.session_id for row in rounds if row.state != RoundState.DRAFT}
    ticked = ask.typed.many("session")
    return [
        Receiver(
            number,
            session.title,
            len(session.imported) - len(passed_into(session)),
            str(number) in ticked if ask.typed else not session.imported and not flows_into(session),
        )
        for number, session in sessions.items()
        if number not in begun
    ]


async def bring(ask: Ask) -> Response:
    """First shown, then brought to all, or taken back from those that held none before."""
    kept = ask.typed.many("session")
    study, sessions = await sessions_of_mine(ask)
    ticked = [number for number in sessions if str(number) in kept]
    if ask.typed.one("do") == "undo":
        await close_files(ask)
        await conduct.take_list_back(ask.house, signed_in(ask), study.id, ticked)
        return ask.go("bringing", study=study.id, query="gone=yes")
    await take_file(ask, "text")
    ask.typed = type(ask.typed)({**ask.typed, "session": list(kept)})  # a file does not change who receives it
    found = brought(ask, "text")
    if not found.text.strip():
        raise Refused("missing.file")
    if not ticked:
        raise Refused("refused.no_session_ticked")
    reading = await _read(study, ask)
    if reading.problems:
        raise refused(ask, reading.arranged, reading.problems, "file.refused")
    if ask.typed.one("do") != "confirm" or not found.is_seen:
        return await bringing(ask)
    had_none = [number for number in ticked if not sessions[number].imported]
    await conduct.bring_together(ask.house, signed_in(ask), study.id, ticked, reading.statements)
    return ask.go("bringing", study=study.id, query="given=" + ".".join(map(str, had_none or [0])))
