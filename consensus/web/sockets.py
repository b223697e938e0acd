"""The one socket endpoint. It pushes and never listens to anything but the end: ballots go by POST.

Origin is checked here, on every handshake, because browsers do not apply the same-origin rule to sockets and no
framework does it for us; role and session are checked like those of a page, before the socket is accepted.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from consensus.house import House
from consensus.live import Audience, Watcher
from consensus.web.asking import Ask, understand
from consensus.web.drawings import CONSOLE, PROJECTOR, ROOM, context, parts
from consensus.web.shield import origins
from consensus.web.state import look

WATCH = {CONSOLE: "watch_console", ROOM: "watch_room", PROJECTOR: "watch_projector"}  # rows of the access table
GONE = 4403  # the seat was revoked or withdrawn: do not come back
AGAIN = 1011  # something failed here: come back


class Live:
    """GET /sessions/N/live/AUDIENCE, upgraded."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ours = origins(house.settings)

    async def answer(self, socket: WebSocket) -> None:
        ask = await self._let_in(socket)
        if ask is None:
            await socket.close()  # before accept: the handshake is answered with 403
            return
        await socket.accept()
        audience = Audience(socket.path_params["audience"], ask.language, socket.query_params.get("card", ""))
        block = await self._block(ask)
        seat_id = ask.seat.id if ask.seat else None
        with self._house.rooms.watch(ask.here.id, audience, seat_id, block) as watcher:
            await self._serve(socket, watcher)

    async def _let_in(self, socket: WebSocket) -> Ask | None:
        if socket.headers.get("origin") not in self._ours:
            return None
        try:
            ask = await understand(self._house, socket)
        except HTTPException:
            return None
        name = socket.path_params["audience"]
        if name not in WATCH or not ask.let_in(WATCH[name]) or not await _may_see_card(self._house, socket, ask):
            return None
        return ask

    async def _block(self, ask: Ask) -> str | None:
        state = await look(self._house, ask.here)
        group = ask.seat.group if ask.seat else ""
        return next((block.key for block in state.blocks if group in block.groups), None)

    async def _serve(self, socket: WebSocket, watcher: Watcher) -> None:
        push = asyncio.create_task(_push(socket, watcher))
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
        finally:
            push.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await push


async def _push(socket: WebSocket, watcher: Watcher) -> None:
    async for drawing in watcher.drawings():
        await socket.send_text(drawing)
    await socket.close(GONE if watcher.is_dismissed else AGAIN)


async def frame(ask: Ask) -> Response:
    """The same drawing, for pages whose network blocks sockets; they ask every five seconds."""
    name, card = ask.request.path_params["audience"], ask.request.query_params.get("card", "")
    if name not in WATCH or not ask.let_in(WATCH[name]) or not await _may_see_card(ask.house, ask.request, ask):
        raise HTTPException(403)
    audience = Audience(name, ask.language, card)
    state = await look(ask.house, ask.here)
    drawing = parts(ask.house, state, audience, context(state, audience))
    return HTMLResponse(drawing, headers={"Cache-Control": "no-store"})


async def _may_see_card(house: House, socket: HTTPConnection, ask: Ask) -> bool:
    """A card's own drawing is for those who have answered it."""
    card = socket.query_params.get("card", "")
    if not card:
        return True
    state = await look(house, ask.here)
    own = state.counted.own.get(str(ask.mine.id), {}) if state.counted else {}
    return card in own
