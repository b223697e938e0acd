"""No log at any level, and nothing that a server process prints, holds a name, a text, a vote, a code or a token."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect

from consensus import conduct, models, seats
from consensus.house import build, open_house
from consensus.protocol import Plan
from consensus.server import LIBRARIES, SERVERS
from consensus.settings import Settings
from consensus.traces import trace
from rounds.contract import Role
from tests.conftest import PASSWORD, SECRET, Site, Table, free_port, lay_table

PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={}),
    Plan(key="compilation", kind="compilation", disclosure="live", grace=0, settings={}),
]
IDEA, NAME, MAIL, PHONE = "The zeppelin waits for nobody", "Ottilie Quillfeather", "ottilie@example.org", "819 555-0177"
TYPED = "a stranger typed this zeppelin"
REASON = "Zeppelins are outside the question"
BROWSERS = ("httpx2", "httpcore", "websockets.client", "hpack")  # what a browser writes down is its own affair


@dataclass(frozen=True)
class Secrets:
    """All that nobody may find: of one person of the session, and of what is typed to get in."""

    link: str
    code: str
    cookies: tuple[str, ...]

    def found_in(self, written: str) -> list[str]:
        own = (self.link, self.code, self.code.replace("-", ""), *self.cookies)
        told = (IDEA, "zeppelin", "Zeppelin", NAME, "Ottilie", MAIL, PHONE, "0177", TYPED, REASON, PASSWORD, "hunter2")
        return [secret for secret in (*own, *told) if secret in written]


async def seat_ottilie(table: Table) -> models.Seat:
    guest = conduct.Guest(Role.PARTICIPANT, "patients", "en", NAME, MAIL, PHONE)
    (seat,) = await conduct.add_seats(table.house, table.fay, [guest])
    return seat


async def play(origin: str, settings: Settings, session: int, seat: models.Seat) -> Secrets:
    """A session from the link to the withdrawal, over the wire; with what goes wrong on the way."""
    here = f"/sessions/{session}"
    link, code = seats.token(settings, "seat", seat.id, seat.issue), seats.short_code(settings, seat)
    async with httpx2.AsyncClient(base_url=origin, headers={"Origin": origin}, verify=False) as fay:
        await fay.post("/staff/sign-in", data={"mail": "fay@example.org", "password": PASSWORD})
        for page in ("console", "seats", "invitations", "roster", f"statements?q={TYPED}"):
            await fay.get(f"{here}/{page}")
        await fay.post(f"{here}/roster", data={"roster": f"{NAME};{MAIL};nobody", "do": "look"})
        await fay.post(f"{here}/rounds/gather/open")
        async with httpx2.AsyncClient(base_url=origin, headers={"Origin": origin}, verify=False) as browser:
            await browser.get(f"/j/{link}?lang=en")
            await browser.get(f"/j/{link}x")
            await browser.post("/", data={"code": code})
            await browser.post("/", data={"code": TYPED})
            await browser.post(f"{here}/consent", data={"agree": "1"})
            for text in (IDEA, IDEA * 20):
                form = {"round": "gather", "card": "1", "text": text, "nature": "helps", "key": "k1"}
                await browser.post(f"{here}/take", data=form)
            await browser.post(f"{here}/take", files={"text": (None, IDEA)}, data={"round": "gather"})
            await browser.get(f"{here}/take?card={TYPED}")
            await socket(origin, browser, session)
            await fay.post(f"{here}/rounds/gather/close")
            await fay.post(f"{here}/rounds/compilation/open")
            act = {"round": "compilation", "key": "k2", "act": "reject", "of": "P001", "reason": REASON}
            await fay.post(f"{here}/console", data=act)
            await fay.get(f"{here}/console")
            await browser.get(f"{here}/results")
            await browser.post(f"{here}/withdraw", data={"choice": "erase"})
            cookies = tuple(value for jar in (fay, browser) for value in jar.cookies.values() if len(value) > 10)
        async with httpx2.AsyncClient(base_url=origin, headers={"Origin": origin}, verify=False) as stranger:
            await stranger.post("/staff/sign-in", data={"mail": MAIL, "password": "hunter2 hunter2"})
            await stranger.get(f"/{TYPED}")
    return Secrets(link, code, cookies)


async def socket(origin: str, browser: httpx2.AsyncClient, session: int) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    url = f"{origin.replace('http', 'ws', 1)}/sessions/{session}/live/room?card={TYPED.replace(' ', '+')}"
    headers = {"Origin": origin, "Cookie": cookies}
    for address in (url.partition("?")[0], url):
        try:
            async with connect(address, additional_headers=headers, proxy=None) as open_socket, asyncio.timeout(5):
                await open_socket.recv()
        except Exception:  # the second is for whoever answered that card
            continue


@pytest.fixture
def loudest() -> Iterator[None]:
    """Every logger that there is tells all that it knows."""
    known = [logging.getLogger(), *map(logging.getLogger, (*SERVERS, *LIBRARIES, *logging.root.manager.loggerDict))]
    before = [(one, one.level) for one in known]
    for one in known:
        one.setLevel(logging.DEBUG)
    yield
    for one, level in before:
        one.setLevel(level)


async def test_no_record_at_any_level_holds_them(site: Site, loudest: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setLevel(logging.DEBUG)
    table = await lay_table(site.house, PLANS)
    await models.Session.filter(id=table.session.id).update(imported=[])
    seat = await seat_ottilie(table)
    secrets = await play(site.origin, site.house.settings, table.session.id, seat)
    await spill(site.house.settings.database)
    broken = await (await site.sit(table.bob)).post(
        f"/sessions/{table.session.id}/calls", data={"what": "question", "key": "k3"}
    )
    assert broken.status_code == 500
    ours = [record for record in caplog.records if not record.name.startswith(BROWSERS)]
    written = "\n".join(f"{r.name} {r.getMessage()} {r.args} {r.exc_text} {r.exc_info}" for r in ours)
    told = [name for name in ("POST cast 303", "incident", "IntegrityError") if name not in written]
    assert told == []
    assert secrets.found_in(written) == []


async def spill(database: str) -> None:
    """From now on the database refuses calls, and says in its refusal what somebody wrote."""
    refusal = f"CREATE TRIGGER spill BEFORE INSERT ON call BEGIN SELECT RAISE(ABORT, '{IDEA}'); END"
    await asyncio.to_thread(_run, database, refusal)


def _run(database: str, sql: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(sql)
        connection.commit()


@asynccontextmanager
async def served(folder: Path, database: str, *command: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server process of its own; what it printed is there when it has ended."""
    port, printed = free_port(), list[bytes]()
    words = [word.replace("PORT", str(port)) for word in command]
    told = {"CONSENSUS_DATABASE": database, "CONSENSUS_SECRET": SECRET, "PYTHONPATH": str(Path.cwd())}
    told["CONSENSUS_ORIGIN"] = origin = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        cwd=folder,
        env={**os.environ, **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read())
    try:
        await answers(origin)
        yield origin, printed
    finally:
        process.send_signal(signal.SIGINT)
        printed.append(await reading)
        await process.wait()


async def answers(origin: str) -> None:
    async with httpx2.AsyncClient(verify=False) as browser, asyncio.timeout(60):
        while True:
            try:
                await browser.get(origin)
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.2)


WAYS = {
    "its own command": ("consensus", "serve", "--port", "PORT"),
    "any other way": ("uvicorn", "asgi:app", "--port", "PORT", "--log-level", "trace", "--access-log"),
}


@pytest.mark.parametrize("command", WAYS.values(), ids=WAYS)
async def test_a_server_process_prints_nothing_of_them(tmp_path: Path, blank: Path, command: tuple[str, ...]) -> None:
    database = str(tmp_path / "served.db")
    await asyncio.to_thread(_copy, blank, database)
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay_table(house, PLANS)
        await models.Session.filter(id=table.session.id).update(imported=[])
        seat = await seat_ottilie(table)
        link = seats.token(settings, "seat", table.bob.id, table.bob.issue)
    async with served(tmp_path, database, *command) as (origin, printed):
        secrets = await play(origin, settings, table.session.id, seat)
        await spill(database)
        async with httpx2.AsyncClient(base_url=origin, headers={"Origin": origin}, verify=False) as bob:
            await bob.post(f"/j/{link}")
            broken = await bob.post(f"/sessions/{table.session.id}/calls", data={"what": "question", "key": "k3"})
            assert broken.status_code == 500
    written = printed[0].decode()
    assert "POST cast 303" in written and "IntegrityError" in written, written[-3000:]
    assert secrets.found_in(written) == []
    assert link not in written


def _copy(blank: Path, database: str) -> None:
    Path(database).write_bytes(blank.read_bytes())


# What is said of a failure


def fails(behind: bool) -> BaseException:
    try:
        try:
            raise KeyError(IDEA)
        except KeyError as first:
            if behind:
                raise ValueError(IDEA) from first
            raise RuntimeError(IDEA) from None
    except Exception as failure:
        return failure


def test_a_trace_tells_where_and_of_what_sort_and_never_what_it_says() -> None:
    told = trace(fails(behind=True))
    assert told.splitlines()[-1] == "ValueError" and "KeyError" in told and "in fails" in told and IDEA not in told
    told = trace(fails(behind=False))
    assert "KeyError" not in told and "RuntimeError" in told and IDEA not in told
    told = trace(ExceptionGroup(IDEA, [fails(behind=True), fails(behind=False)]))
    assert "ValueError" in told and told.endswith("ExceptionGroup") and IDEA not in told


async def test_what_the_event_loop_says_of_a_task_holds_no_message(
    caplog: pytest.LogCaptureFixture, site: Site
) -> None:
    async def breaks() -> None:
        raise ValueError(IDEA)

    task = asyncio.create_task(breaks())
    await asyncio.wait([task])
    failure = task.exception()
    asyncio.get_running_loop().call_exception_handler({"message": "a task failed", "exception": failure, "task": task})
    (record,) = [record for record in caplog.records if record.name == "asyncio"]
    assert record.getMessage() == "a task failed" and IDEA not in caplog.text and "ValueError" in caplog.text
