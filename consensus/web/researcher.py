"""What a session leaves: results, journal, parcels. Everything released passed through disclosure at the close."""

from __future__ import annotations

from starlette.responses import Response

from consensus.web.asking import Ask
from consensus.web.state import look


async def results(ask: Ask) -> Response:
    state = await look(ask.house, ask.here)
    return ask.page("results.html", state=state)


async def journal(ask: Ask) -> Response:
    state = await look(ask.house, ask.here)
    return ask.page("journal.html", state=state)


async def row_level(ask: Ask) -> Response:
    raise NotImplementedError


async def released(ask: Ask) -> Response:
    raise NotImplementedError
