"""A socket is let in like a page is, pushes the newest state, and ends when its seat does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from consensus import conduct, models
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table


@pytest.fixture
async def here(site: Site) -> Table:
    """The session in which people watch; Odile sits in another."""
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await lay_table(site.house)
    table.odile = elsewhere.aline
    return table


@asynccontextmanager
async def _open(
    site: Site, browser: httpx2.AsyncClient, table: Table, audience: str, origin: str | None = "", query: str = ""
) -> AsyncIterator[ClientConnection]:
    """A socket as this browser would open it. origin "": the page's own; None: not sent."""
    url = site.origin.replace("http", "ws", 1) + f"/sessions/{table.session.id}/live/{audience}{query}"
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Cookie": cookies} if cookies else {}
    if origin is not None:
        headers["Origin"] = origin or site.origin
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


async def _read(socket: ClientConnection) -> str:
    async with asyncio.timeout(5):
        return str(await socket.recv())


async def test_a_quiet_socket_still_beats(site: Site, here: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consensus.web.sockets.BEAT", 0.05)
    async with _open(site, await site.sit(here.aline), here, "room") as socket:
        await _until(socket, "hx-partial")  # a busy machine may beat before its first drawing
        assert [json.loads(await _until(socket, "beat")) for _ in range(2)] == [{"beat": 0.05}] * 2


async def _until(socket: ClientConnection, text: str) -> str:
    while text not in (drawing := await _read(socket)):
        pass
    return drawing


async def _refused(site: Site, browser: httpx2.AsyncClient, table: Table, audience: str, **more: str | None) -> None:
    """The handshake is answered with 403, before it is accepted."""
    with pytest.raises(InvalidStatus) as refused:
        async with _open(site, browser, table, audience, **more):
            pass
    assert refused.value.response.status_code == 403


FOREIGN = [
    None,
    "null",
    "https://evil.example",
    "http://evil.example",
    "{origin}.evil.example",
    "{origin}/",
    "{origin}@evil.example",
    "{origin} {origin}",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1",
    "http://127.0.0.2:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "HTTP://127.0.0.1:{port}",
    "file://",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_site_opens_no_socket(site: Site, here: Table, origin: str | None) -> None:
    browser = await site.sit(here.aline)
    port = site.origin.rpartition(":")[2]
    shown = origin.format(origin=site.origin, port=port) if origin else origin
    await _refused(site, browser, here, "room", origin=shown)
    await browser.aclose()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
async def test_this_machine_has_three_names(site: Site, here: Table, name: str) -> None:
    browser = await site.sit(here.aline)
    async with _open(site, browser, here, "room", origin=site.origin.replace("127.0.0.1", name)) as socket:
        assert "hx-partial" in await _read(socket)
    await browser.aclose()


@pytest.mark.parametrize("audience", ["console", "room", "projector", "balcony"])
async def test_a_stranger_and_a_neighbour_watch_nothing(site: Site, here: Table, audience: str) -> None:
    async with site.client() as stranger:
        await _refused(site, stranger, here, audience)
    neighbour = await site.sit(here.odile)
    await _refused(site, neighbour, here, audience)
    await neighbour.aclose()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.PARTICIPANT, {"room"}),
        (Role.OBSERVER, {"projector"}),
        (Role.RESEARCHER, set()),
        (Role.COFACILITATOR, {"console", "projector"}),
    ],
)
async def test_each_role_watches_its_own_pages_only(site: Site, here: Table, role: Role, allowed: set[str]) -> None:
    (seat,) = await conduct.add_seats(site.house, here.fay, [conduct.Guest(role, "patients")])
    browser = await site.sit(seat)
    for audience in ("console", "room", "projector", "balcony"):
        if audience in allowed:
            async with _open(site, browser, here, audience) as socket:
                assert "hx-partial" in await _read(socket)
        else:
            await _refused(site, browser, here, audience)
    await browser.aclose()


async def test_a_session_that_is_not_there_is_watched_by_nobody(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    for number in (999, 10**30):
        here.session.id = number
        await _refused(site, browser, here, "room")
    await browser.aclose()


async def test_a_change_is_seen_and_a_reconnect_gives_the_newest_state(site: Site, here: Table) -> None:
    fay, aline = await site.sign_in(), await site.sit(here.aline)
    async with _open(site, fay, here, "projector") as projector, _open(site, aline, here, "room") as room:
        await _read(projector)
        row = await here.open("rating")
        await _until(room, f"{row.id}-open")
        for card in ("P001", "P002", "P003"):
            await here.cast(here.aline, "rating", card=card, importance="7")
        await _until(projector, "1/5")
    async with _open(site, fay, here, "projector") as again:
        assert "1/5" in await _read(again)
    await fay.aclose()
    await aline.aclose()


async def test_a_revoked_seat_is_sent_away_for_good(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    async with _open(site, browser, here, "room") as socket:
        await _read(socket)
        await conduct.revoke(site.house, here.fay, here.aline.id)
        with pytest.raises(ConnectionClosed) as closed:
            await _until(socket, "this is never drawn")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403
    await _refused(site, browser, here, "room")
    await browser.aclose()


async def test_a_failing_drawing_sends_away_for_a_moment_only(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    async with _open(site, browser, here, "room") as socket:
        await _read(socket)
        kind = (await here.open("rating")).kind
        await models.Round.filter(key="rating").update(kind="no such kind")
        site.house.counts.forget()
        site.house.rooms.touch(here.session.id)
        with pytest.raises(ConnectionClosed) as closed:
            await _until(socket, "this is never drawn")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1011
        await models.Round.filter(key="rating").update(kind=kind)
    site.house.counts.forget()
    async with _open(site, browser, here, "room") as again:
        assert "hx-partial" in await _read(again)
    await browser.aclose()


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_asking_for_the_frame_gives_the_same_drawing_as_the_socket(
    site: Site, here: Table, language: str
) -> None:
    await here.open("rating")
    await here.cast(here.aline, "rating", card="P001", importance="7")
    fay, aline = await site.sign_in(), await site.sit(here.aline)
    for browser, audience in ((fay, "console"), (fay, "projector"), (aline, "room")):
        browser.cookies.set("language", language, domain="127.0.0.1")
        async with _open(site, browser, here, audience) as socket:
            drawing = await _read(socket)
            frame = await browser.get(f"/sessions/{here.session.id}/frame/{audience}")
        assert _without_presence(frame.text) == _without_presence(drawing)
        assert frame.headers["cache-control"] == "no-store"
    await fay.aclose()
    await aline.aclose()


def _without_presence(html: str) -> str:
    """Who is online may differ by the socket itself."""
    return re.sub(r'<p class="small muted">[^<]*</p>', "", html)


async def test_a_card_is_drawn_apart_only_for_who_has_answered_it(site: Site, here: Table) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    await _refused(site, browser, here, "room", query="?card=P001")
    assert (await browser.get(f"/sessions/{here.session.id}/frame/room?card=P001")).status_code == 403
    await here.cast(here.aline, "rating", card="P001", importance="7")
    async with _open(site, browser, here, "room", query="?card=P001") as socket:
        assert "hx-partial" in await _read(socket)
    assert (await browser.get(f"/sessions/{here.session.id}/frame/room?card=P001")).status_code == 200
    await browser.aclose()


async def test_nothing_that_is_sent_to_the_socket_does_anything(site: Site, here: Table) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    async with _open(site, browser, here, "room") as socket:
        await _read(socket)
        await socket.send('{"card": "P001", "importance": "7", "round": "rating"}')
        await socket.send(b"\x00" * 1000)
        await here.cast(here.bob, "rating", card="P001", importance="7")
        assert "hx-partial" in await _read(socket)
    assert await models.Ballot.all().count() == 1
    await browser.aclose()
