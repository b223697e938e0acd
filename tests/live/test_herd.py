"""A whole room that comes back at once, and pages that do not read: nobody else notices."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from websockets.asyncio.client import ClientConnection, connect

from consensus import conduct, counts, models, seats
from consensus.conduct import Guest
from consensus.count import Warm
from consensus.live import BEHIND, Audience, Picture
from consensus.protocol import Plan
from consensus.web import sockets
from rounds.contract import Role
from tests.conftest import PANEL, Site, Table, lay_table

HERD = 200
LARGE = 300_000  # signs of a drawing, so that what waits for a page that does not read fills every buffer
CHANGES = 60


@dataclass(frozen=True)
class Sheet:
    """A drawing that is large, and a number that changes it."""

    number: int

    def whole(self) -> str:
        return f"{self.number} " + "x" * LARGE

    def since(self, older: Sheet) -> str:
        return self.whole() if self != older else ""


async def _cookie(site: Site, seat: models.Seat) -> str:
    value, _ = await seats.sign_in(site.house.store, seat=seat)
    return f"{site.house.settings.cookie}={value}"


def _address(site: Site, table: Table) -> str:
    return site.origin.replace("http", "ws", 1) + f"/sessions/{table.session.id}/live/room"


def _open(site: Site, table: Table, cookie: str) -> connect:
    headers = {"Cookie": cookie, "Origin": site.origin}
    return connect(_address(site, table), additional_headers=headers, proxy=None, compression=None, open_timeout=60)


async def _read(page: ClientConnection, text: str) -> str:
    """What comes down, up to this text."""
    async with asyncio.timeout(60):
        while text not in (message := str(await page.recv())):
            pass
    return message


async def test_two_hundred_pages_that_join_at_once_have_their_drawing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One recount, and one drawing for each audience."""
    table = await lay_table(site.house, [Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={})])
    guests = [Guest(Role.PARTICIPANT, PANEL[n % len(PANEL)], "fr" if n % 2 else "en") for n in range(HERD)]
    people = await conduct.add_seats(site.house, table.fay, guests)
    await asyncio.gather(*(conduct.consent(site.house, seat) for seat in people))
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    cookies = [await _cookie(site, seat) for seat in people]
    recounts, drawn, recount, draw = Counter[str](), Counter[Audience](), counts.recount, site.house.rooms.draw
    assert draw is not None

    async def told(row: models.Round, *more: object) -> Warm:
        recounts[row.key] += 1
        return await recount(row, *more)  # type: ignore[arg-type]

    async def seen(session: int, wanted: Mapping[Audience, Picture | None]) -> Mapping[Audience, Picture]:
        drawn.update(wanted.keys())
        return await draw(session, wanted)

    monkeypatch.setattr(counts, "recount", told)
    monkeypatch.setattr(site.house.rooms, "draw", seen)
    site.house.counts.forget()  # as after a start
    async with AsyncExitStack() as stack:
        pages = await asyncio.gather(*(stack.enter_async_context(_open(site, table, cookie)) for cookie in cookies))
        wholes = await asyncio.gather(*(_read(page, "hx-partial") for page in pages))
        assert recounts == {"rating": 1}
        assert drawn == {Audience("room", "fr"): 1, Audience("room", "en"): 1}
        assert {len(set(wholes[::2])), len(set(wholes[1::2]))} == {1}
        assert wholes[0] != wholes[1]


async def test_what_changed_is_packed_once_for_all_who_watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    table = await lay_table(site.house, [Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={})])
    await table.open("rating")
    packed, pack = Counter[str](), sockets.framed

    def told(text: str) -> bytes:
        packed[text] += 1
        return pack(text)

    monkeypatch.setattr(sockets, "framed", told)
    cookie = await _cookie(site, table.aline)
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(_open(site, table, cookie)) for _ in range(5)]
        for page in pages:
            await _read(page, "hx-partial")
        await table.cast(table.aline, "rating", card="P001", importance="7")
        read = {await _read(page, "data-told") for page in pages}
    assert len(read) == 1 and read <= packed.keys() and set(packed.values()) == {1}


class Stalled:
    """A page that opened its socket and reads no more, as on a telephone without a network."""

    def __init__(self, answer: socket.socket) -> None:
        self.socket = answer

    async def rest(self, until: bytes) -> bytes:
        """All that waited for it."""
        loop, found = asyncio.get_running_loop(), b""
        async with asyncio.timeout(60):
            while until not in found[-LARGE - 100 :]:
                found += await loop.sock_recv(self.socket, 2**20)
        return found


@asynccontextmanager
async def _stalled(site: Site, table: Table, cookie: str) -> AsyncIterator[Stalled]:
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.setblocking(False)
        loop = asyncio.get_running_loop()
        host, port = site.origin.removeprefix("http://").split(":")
        await loop.sock_connect(plain, (host, int(port)))
        lines = {
            "Host": f"{host}:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Origin": site.origin,
            "Cookie": cookie,
        }
        asked = f"GET /sessions/{table.session.id}/live/room HTTP/1.1\r\n"
        asked += "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        await loop.sock_sendall(plain, asked.encode())
        assert b" 101 " in await loop.sock_recv(plain, 64)
        yield Stalled(plain)


async def test_a_page_that_never_reads_holds_up_nobody_and_is_told_the_newest_once_it_does(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, number = await lay_table(site.house), 0

    async def draw(session: int, wanted: Mapping[Audience, Picture | None]) -> dict[Audience, Sheet]:
        return {audience: Sheet(number) for audience in wanted}

    monkeypatch.setattr(site.house.rooms, "draw", draw)
    monkeypatch.setattr(site.house.rooms, "_pause", 0.01)
    cookies = [await _cookie(site, seat) for seat in table.seats[::2]]  # one language
    async with AsyncExitStack() as stack:
        stalled = await stack.enter_async_context(_stalled(site, table, cookies[0]))
        pages = [await stack.enter_async_context(_open(site, table, cookie)) for cookie in cookies[1:]]
        await asyncio.gather(*(_read(page, "0 x") for page in pages))
        room = site.house.rooms._rooms[table.session.id]
        (following,) = room.followings.values()
        for number in range(1, CHANGES + 1):
            site.house.rooms.touch(table.session.id)
            await asyncio.gather(*(_read(page, f"{number} x") for page in pages))
            assert len(following.earlier) <= BEHIND and len(following.told) <= len(pages)
        behind = [watcher.seen for watcher in following.watchers if watcher.seen != following.version]
        assert len(behind) == 1 and behind[0] < following.version - BEHIND  # it stopped there; nothing is kept for it
        received = await stalled.rest(b"%d x" % CHANGES)
        assert received.count(b" x") < CHANGES / 2  # the newest, and not all that it missed
