"""Whatever is sent, and whatever the database does, is answered: by a sentence, never by an incident."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from consensus.house import build
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from tests.conftest import SECRET, Postgres, Site, lay_table

ODD = ["\0", "a\0b", "9" * 5000, "-1", "٣", "2147483648", "%ED%A0%80", "\ufdd0", "x" * 3000]


@pytest.fixture
async def served(database: str) -> AsyncIterator[Site]:
    listener = listen(0)
    settings = replace(Settings(database=database, secret=SECRET, staff_keys=True), origin=origin_of(listener))
    house = build(settings)
    async with running(make_app(settings, house), listener):
        yield Site(house, settings.origin)


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode()) if "%" not in text else text


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:12])
async def test_no_input_is_an_incident(served: Site, odd: str) -> None:
    table = await lay_table(served.house)
    await table.open("rating")
    number, part = table.session.id, _escaped(odd)
    here = f"/sessions/{number}"
    paths = [f"/sessions/{part}/take", f"{here}/setup/{part}", f"{here}/reasons/{part}", f"{here}/rounds/{part}/look"]
    paths += [f"/j/{part}", f"/r/{part}", f"/studies/{part}/consent", f"{here}/seats/{part}/answers", f"/help/{part}"]
    paths += [f"{here}/take?card={part}&lang={part}&saved={part}", f"{here}/console?round={part}&answered={part}"]
    paths += [f"{here}/console", f"{here}/frame/{part}", f"{here}/results/chart/{part}.svg", f"{here}/statements"]
    names = ("round", "key", "card", "number", "mail", "password", "code", "importance", "seat", "call", "text", "what")
    form = dict.fromkeys(names, odd)
    for browser in (served.client(), await served.sit(table.aline), await served.sign_in()):
        for path in [*paths, "/", "/staff/sign-in", f"{here}/roster", f"{here}/room", f"{here}/seats", f"{here}/take"]:
            for answer in (await browser.get(path), await browser.post(path, data=form)):
                assert answer.status_code < 500, (answer.request.method, path[:80])
        said = {**form, "round": "rating", "card": "P001", "importance": "7"}
        assert (await browser.post(f"{here}/take", data=said)).status_code < 500
        await browser.aclose()


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "undefined", "hex", "utf-16"])
async def test_a_charset_that_no_browser_sends_is_no_incident(served: Site, charset: str) -> None:
    table = await lay_table(served.house)
    await table.open("rating")
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n'
        for name, said in (("round", "rating"), ("card", "P001"), ("importance", "7"), ("key", "+2AA-\\ud800"))
    )
    aline = await served.sit(table.aline)
    kind = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    answer = await aline.post(f"/sessions/{table.session.id}/take", content=f"{parts}--x--\r\n", headers=kind)
    await aline.aclose()
    assert answer.status_code < 500


async def test_who_hangs_up_is_no_incident(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    aline = await site.sit(table.aline)
    cookie = "; ".join(f"{name}={said}" for name, said in aline.cookies.items())
    await aline.aclose()
    at = urlsplit(site.origin)
    head = f"Host: {at.netloc}\r\nOrigin: {site.origin}\r\nCookie: {cookie}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n"
    take = f"/sessions/{table.session.id}/take"
    asked = [f"POST {take} HTTP/1.1\r\n{head}{form}\r\nround=rating&car", f"GET {take} HTTP/1.1\r\n{head}\r\n"]
    asked += [f"GET {take} HTTP/1.1\r\n{head}"]

    async def hangs_up(said: str) -> None:
        _, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(said.encode())
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()

    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            await asyncio.gather(*(hangs_up(said) for said in asked * 10))
        await asyncio.sleep(1)
    assert caplog.text == ""


# The database is away


@pytest.fixture
async def on_postgres(postgres: Postgres) -> AsyncIterator[Site]:
    EXECUTOR_CACHE.clear()
    listener = listen(0)
    settings = Settings(database=postgres.new_database(), secret=SECRET, origin=origin_of(listener))
    house = build(settings)
    async with running(make_app(settings, house), listener):
        yield Site(house, settings.origin)


def _processes(postgres: Postgres) -> list[int]:
    """The throw-away server and all it started."""
    first = int((postgres.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text()
    return [first, *map(int, children.split())]


async def test_a_database_that_is_frozen_is_told_within_five_seconds(on_postgres: Site, postgres: Postgres) -> None:
    table = await lay_table(on_postgres.house)
    await table.open("rating")
    aline = await on_postgres.sit(table.aline)
    take = f"/sessions/{table.session.id}/take"
    said = {"round": "rating", "card": "P001", "importance": "7", "key": "page"}
    frozen = await asyncio.to_thread(_processes, postgres)
    for process in frozen:
        os.kill(process, signal.SIGSTOP)
    try:
        began = time.monotonic()
        asked = (aline.get(take, timeout=20), aline.post(take, data=said, timeout=20), aline.get("/", timeout=20))
        for answer in await asyncio.gather(*asked):
            assert answer.status_code == 503 and answer.headers["retry-after"]
        assert time.monotonic() - began < 5
    finally:
        for process in reversed(frozen):
            os.kill(process, signal.SIGCONT)
    await _comes_back(aline, take)
    assert (await aline.post(take, data=said)).status_code == 303
    own = (await on_postgres.house.counts.now(await table.row("rating"))).own[str(table.aline.id)]
    assert own["P001"]["values"] == {"importance": 7}
    await aline.aclose()


async def _comes_back(browser: httpx2.AsyncClient, path: str) -> None:
    for _ in range(100):
        if (await browser.get(path)).status_code == 200:
            return
        await asyncio.sleep(0.2)
    pytest.fail("the site did not come back")


async def test_a_database_that_is_down_is_told_on_reads_and_writes(
    on_postgres: Site, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    table = await lay_table(on_postgres.house)
    await table.open("rating")
    aline = await on_postgres.sit(table.aline)
    take = f"/sessions/{table.session.id}/take"
    await asyncio.to_thread(postgres.stop, "immediate")
    try:
        for _ in range(3):
            for answer in (await aline.get(take), await aline.post(take, data={"round": "rating", "card": "P001"})):
                assert answer.status_code == 503 and answer.headers["retry-after"]
            await asyncio.sleep(1)
        ours = [record for record in caplog.records if record.name.startswith(("consensus", "uvicorn"))]
        assert not [record for record in ours if record.exc_info]
    finally:
        await asyncio.to_thread(postgres.start)
    await _comes_back(aline, take)
    await aline.aclose()
