"""The one socket endpoint. It pushes and never listens to anything but the end: ballots go by POST. Between drawings
goes a beat, since a half of a connection that is gone is noticed by nobody.

Origin is checked here, on every handshake, because browsers do not apply the same-origin rule to sockets and no
framework does it for us; role and session are checked like those of a page, before the socket is accepted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from consensus.count import block_of
from consensus.house import House
from consensus.live import Audience, Told, Watcher
from consensus.pulse import Away
from consensus.pushing import PUSH, framed
from consensus.web.asking import Ask, understand
from consensus.web.shield import origins
from consensus.web.state import blocks_of_session, load_state
from consensus.web.view import CONSOLE, PROJECTOR, ROOM

WATCH = {CONSOLE: "watch_console", ROOM: "watch_room", PROJECTOR: "watch_projector"}  # rows of the access table
Where = tuple[int, Audience, int | None, str | None]  # the session, who watches, and from which seat and block
GONE = 4403  # the seat was revoked or withdrawn: do not come back
BEAT = 10.0  # seconds
AGAIN = 1011  # something failed here: come back


class Live:
    """GET /sessions/N/live/AUDIENCE, upgraded."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ours = origins(house.settings)

    async def answer(self, socket: WebSocket) -> None:
        try:
            found = await self._house.store.during(self._let_in(socket))
        except Away:
            found = None
        if found is None:
            await socket.close()  # before accept: the handshake is answered with 403
            return
        with self._house.rooms.watch(*found) as watcher:  # first: whoever is dismissed from here on is
            await socket.accept()
            if push := (socket.scope.get("extensions") or {}).pop(PUSH, None):
                watcher.offer = partial(_at_once, push["send"])
            await _serve(socket, watcher)

    async def _let_in(self, socket: WebSocket) -> Where | None:
        """Where they watch. Nothing else of who asks is kept for as long as the socket lasts."""
        if socket.headers.get("origin") not in self._ours:
            return None
        try:
            ask = await understand(self._house, socket)
        except HTTPException:
            return None
        name = socket.path_params["audience"]
        if name not in WATCH or not ask.let_in(WATCH[name]) or not await _may_see_card(self._house, socket, ask):
            return None
        block = block_of(await blocks_of_session(self._house, ask.here), ask.seat.group) if ask.seat else None
        return ask.here.id, _audience(ask, socket), ask.seat.id if ask.seat else None, block


async def _serve(socket: WebSocket, watcher: Watcher) -> None:
    """Push, and listen for the end alone."""
    push = asyncio.create_task(_push(socket, watcher))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    finally:
        push.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await push


async def _push(socket: WebSocket, watcher: Watcher) -> None:
    """Now and then, however little happens, that somebody is here, and how often it is said: a page that misses it
    gives this socket up."""
    async for drawing in watcher.drawings(BEAT):
        await (socket.send_text(drawing) if drawing else socket.send_json({"beat": BEAT}))
    await socket.close(GONE if watcher.is_dismissed else AGAIN)


def _at_once(push: Callable[[bytes], bool], told: Told) -> bool:
    """Is it sent? A page that does not read is left to its own task, which waits for it."""
    if not told.packed:
        told.packed = framed(told)
    return push(told.packed)


def _audience(ask: Ask, request: HTTPConnection) -> Audience:
    name, asked = request.path_params["audience"], request.query_params
    if name == CONSOLE:
        return Audience(name, ask.language, round=asked.get("round", "")[:40], role=ask.mine.role)
    return Audience(name, ask.language, asked.get("card", ""))


async def frame(ask: Ask) -> Response:
    """The same drawing, for pages whose network blocks sockets; they ask every five seconds."""
    name = ask.request.path_params["audience"]
    if name not in WATCH or not ask.let_in(WATCH[name]) or not await _may_see_card(ask.house, ask.request, ask):
        raise HTTPException(403)
    drawing = await ask.house.rooms.drawn(ask.here.id, _audience(ask, ask.request))
    if drawing is None:
        raise HTTPException(503)  # it failed, and the log says so
    return HTMLResponse(drawing, headers={"Cache-Control": "no-store"})


async def _may_see_card(house: House, socket: HTTPConnection, ask: Ask) -> bool:
    """A card's own drawing is for those who have answered it."""
    card = socket.query_params.get("card", "")
    if not card:
        return True
    state = await load_state(house, ask.here)
    own = state.counted.own.get(str(ask.mine.id), {}) if state.counted else {}
    return card in own
