"""A participant's device: is it their own, what it keeps for a lost network, how one stops here and how it forgets.

Kept are the pages of the open round as this person would meet them, without any figure of the round; never results,
never another session. Answers that wait stay in the browser (static/js/outbox.js). Nothing is counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from starlette.responses import FileResponse, JSONResponse, Response

from consensus import seats
from consensus.web.asking import FORGET, Ask
from consensus.web.participant import answering, own_before, progress, sheet
from consensus.web.state import State, look

# Everybody asks when a round opens: pages are drawn for one device at a time, so that answers never wait for them.
_drawing = asyncio.Semaphore(1)
# What others did meanwhile has no place in a page that may be read an hour later.
NO_FIGURES: dict[str, Any] = {"kept": True, "tally": None, "card": "", "presence": [], "saved": "", "timer": None}


async def worker(ask: Ask) -> Response:
    """The script that answers for the network; from the root, because it may answer only for what lies below it."""
    file = ask.house.settings.static / "js" / "worker.js"
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def own_device(ask: Ask) -> Response:
    value, said = ask.request.cookies.get(ask.house.settings.cookie), ask.typed.get("own", [""])[0]
    if value and said in {"yes", "no"}:
        await seats.own_device(ask.house.store, value, said == "yes")
    card = ask.typed.get("at", [""])[0]
    return ask.go("take", session=ask.here.id, query=urlencode({"card": card} if card else {}))


async def kept(ask: Ask) -> Response:
    """Every page of the open round at once, by address; with ?card=ID only those whose answer has changed."""
    state = await look(ask.house, ask.here)
    now = progress(ask, state)
    pages: dict[str, str] = {}
    if ask.is_own and ask.mine.consented and now["keeps"]:
        async with _drawing:
            pages = {address: html async for address, html in _pages(ask, state, now["slots"])}
    mark = f"{now['turn']}.{ask.language}"
    return JSONResponse({"mark": mark, "marks": now["marks"], "pages": pages}, headers={"Cache-Control": "no-store"})


async def _pages(ask: Ask, state: State, slots: list[str]) -> AsyncIterator[tuple[str, str]]:
    path = ask.request.url_for("take", session=ask.here.id).path
    before, asked = await own_before(ask, state), ask.request.query_params.getlist("card")
    for card in ["", *(slot for slot in slots if slot and (slot in asked or not asked))]:
        query = {"card": card} if card else {}
        given = await answering(ask, state, card, before) | NO_FIGURES | {"path": path, "query": query}
        yield f"{path}?{urlencode(query)}" if query else path, ask.drawn(sheet(state), **given)
        await asyncio.sleep(0)  # whoever answers meanwhile does not wait for all pages


async def pause(ask: Ask) -> Response:
    """Everything is kept: how much is left, and how to go on elsewhere."""
    state = await look(ask.house, ask.here)
    now = progress(ask, state)
    left = len(now["left"]) if now["takes_part"] else 0
    seconds = state.kind.seconds(state.counted.round.settings, left) if left and state.kind and state.counted else 0
    code, minutes = seats.short_code(ask.house.settings, ask.mine), (seconds + 59) // 60
    return ask.page("participant/pause.html", left=left, minutes=minutes, code=code)


async def finish(ask: Ask) -> Response:
    response = ask.go("thanks", session=ask.here.id)
    response.headers.update(FORGET)
    return response


async def thanks(ask: Ask) -> Response:
    return ask.page("participant/thanks.html")
