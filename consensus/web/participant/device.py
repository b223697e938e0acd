"""A participant's device: is it their own, what it keeps for a lost network, how one stops here and how it forgets.

Kept are the pages of the open round as this person would meet them, without any figure of the round; never results,
never another session. Answers that wait stay in the browser (static/js/outbox.js). Nothing is counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import FileResponse, JSONResponse, Response

from consensus import seats
from consensus.results.ideas import has_written
from consensus.web.asking import FORGET, Ask
from consensus.web.participant.answer import answering, own_before, progress, sheet
from consensus.web.state import State, load_state
from consensus.web.view import given, without_figures

# Everybody asks when a round opens: pages are drawn for one device at a time, so that answers never wait for them.
_drawing = asyncio.Semaphore(1)


async def worker(ask: Ask) -> Response:
    """The script that answers for the network; from the root, because it may answer only for what lies below it."""
    file = ask.house.settings.static / "js" / "worker.js"
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def own_device(ask: Ask) -> Response:
    value, said = ask.request.cookies.get(ask.house.settings.cookie), ask.typed.one("own")
    if value and said in {"yes", "no"}:
        await seats.own_device(ask.house.store, value, said == "yes")
    card = ask.typed.one("at")
    query = {"device": "asked"} | ({"card": card} if card else {})
    return ask.go("take", session=ask.here.id, query=urlencode(query))


async def read_notices(ask: Ask) -> Response:
    """What happened to the seat was read on this device."""
    last = ask.typed.number("last")
    if ask.login is not None and ask.seat is not ask.guise and last is not None:
        await seats.read_notices(ask.house.store, ask.login, last)
    return ask.go("home", session=ask.here.id)


async def kept(ask: Ask) -> Response:
    """Every page of the open round at once, by address; with ?card=ID only those whose answer has changed."""
    state = await load_state(ask.house, ask.here)
    now = await progress(ask, state)
    pages: dict[str, str] = {}
    if ask.is_own and ask.mine.consented and now.keeps:
        async with _drawing:
            pages = {address: html async for address, html in _pages(ask, state, now.slots)}
    mark = f"{state.turn()}.{ask.language}"
    marks = now.marks if now.keeps else {}
    return JSONResponse({"mark": mark, "marks": marks, "pages": pages}, headers={"Cache-Control": "no-store"})


async def _pages(ask: Ask, state: State, slots: Sequence[str]) -> AsyncIterator[tuple[str, str]]:
    path = ask.address("take", session=ask.here.id)
    before, asked = await own_before(ask, state), ask.request.query_params.getlist("card")
    for card in ["", *(slot for slot in slots if slot and (slot in asked or not asked))]:
        query = {"card": card} if card else {}
        page = _to_keep(await answering(ask, state, card, before)) | {"path": path, "query": query}
        yield f"{path}?{urlencode(query)}" if query else path, ask.drawn(sheet(state), **page)
        await asyncio.sleep(0)  # whoever answers meanwhile does not wait for all pages


def _to_keep(page: dict[str, Any]) -> dict[str, Any]:
    """What others did meanwhile has no place in a page that may be read an hour later."""
    return page | given(without_figures(page["view"])) | {"kept": True, "card": "", "saved": ""}


async def pause(ask: Ask) -> Response:
    """Everything is kept: how much is left, and how to go on elsewhere."""
    state = await load_state(ask.house, ask.here)
    now, minutes = await progress(ask, state), 0
    left = len(now.left) if now.takes_part else 0
    if left and state.kind and state.counted:
        minutes = state.kind.minutes(state.counted.round, left, len(now.asked))
    code = seats.short_code(ask.house.settings, ask.mine)
    return ask.page("participant/pause.html", left=left, minutes=minutes, code=code)


async def finish(ask: Ask) -> Response:
    response = ask.go("thanks", session=ask.here.id)
    response.headers.update(FORGET)
    return response


async def thanks(ask: Ask) -> Response:
    return ask.page("participant/thanks.html", has_ideas=await has_written(ask.mine))
