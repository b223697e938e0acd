"""Sessions that an earlier version began go on: read, answered, closed, exported and counted by the rules of now."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile

import httpx2
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from consensus import conduct, models
from consensus.count import recount
from consensus.export import individual, released
from consensus.export.database import verify_database
from consensus.export.verify import verify_file
from consensus.house import House, build, open_house
from consensus.outcome import block_from
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from rounds.contract import Role
from tests.conftest import SECRET, Site, Table
from tests.older import DUMPS, laid_down

DUMP, MIGRATION = "e726bbe.sql", "0007_rehearsal"
CARDS = ("P001", "P002")
FILES = ("/row-level", "/released", "/charts/", "/individual")


@pytest.fixture
async def old(database: str) -> str:
    """The sessions of an earlier version, on a file and on a server; not upgraded yet."""
    await laid_down(database, DUMP, MIGRATION)
    EXECUTOR_CACHE.clear()
    return database


@asynccontextmanager
async def upgraded(database: str) -> AsyncIterator[House]:
    async with open_house(build(Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9"))) as house:
        yield house


async def at(house: House, title: str) -> Table:
    session = next(one for one in await models.Session.all() if one.title["en"] == title)
    seats = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT).order_by("id")
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    return Table(house, session, desk, seats, seats[0])


async def same_again(table: Table, key: str) -> models.Round:
    """Live = recount."""
    row = await table.row(key)
    live, again = await table.house.counts.now(row), (await recount(row)).take_stock()
    assert live.official == again.official and live.shown == again.shown
    return row


async def exported(table: Table, folder: Path) -> dict[str, bytes]:
    """Both files, verified, the second count included; what the released one holds."""
    await conduct.analyse_due(table.house, table.session.id)
    for write in (individual, released):
        path = folder / f"{write.__name__}.zip"
        await asyncio.to_thread(path.write_bytes, await write(table.house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    return await asyncio.to_thread(_inside, path)


def _inside(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


async def rate(table: Table, seats: Iterable[models.Seat], card: str, value: int) -> None:
    for seat in seats:
        await table.cast(seat, "rating", card=card, importance=str(value))


async def to_its_end(table: Table) -> None:
    """Ranking and validation, with everybody."""
    dice = random.Random(1)
    row = await table.open("ranking")
    cards = [one["id"] for one in row.statements]
    for seat in table.seats:
        order = enumerate(dice.sample(cards, len(cards)), start=1)
        await table.cast(seat, "ranking", **{f"place.{card}": str(place) for place, card in order})
    await same_again(table, "ranking")
    await table.close("ranking")
    row = await table.open("validation")
    for seat in table.seats:
        await table.cast(seat, "validation", **{f"say.{one['id']}": "agree" for one in row.statements})
    await table.close("validation")
    for key in ("rating", "ranking", "validation"):
        await same_again(table, key)


def stored(outcome: Any) -> Any:
    return json.loads(outcome) if isinstance(outcome, str) else outcome


def kept_outcomes() -> dict[str, Any]:
    kept = sqlite3.connect(":memory:")
    kept.executescript((DUMPS / DUMP).read_text(encoding="utf-8"))
    found = kept.execute("SELECT key, outcome, blocks FROM round WHERE session_id = 1")
    return {key: (json.loads(outcome), json.loads(blocks)) for key, outcome, blocks in found}


async def test_a_session_that_was_over_keeps_what_it_told_and_its_files_say_what_they_lack(
    old: str, tmp_path: Path
) -> None:
    before = await asyncio.to_thread(kept_outcomes)
    async with upgraded(old) as house:
        table = await at(house, "Over")
        for key, (outcome, blocks) in before.items():
            row = await same_again(table, key)
            assert (stored(row.outcome), stored(row.blocks), row.made) == (outcome, blocks, None)
        files = await exported(table, tmp_path)
        told = json.loads(files["manifest.json"])["rounds"]
        assert [(one["seal"], one["is_of_one_count"]) for one in told] == [(None, False)] * 3
        listed = rows(files, "results.csv")
        assert {row["ranking.n[caregivers]"] for row in listed} == {"5"}, "the block that is told"
        assert {row["ranking.n[clinicians]"] for row in listed} <= {"", "0"}, "of whom three ranked"
        assert {(row["ranking.rank"], row["rank"]) for row in listed} == {("", "")}, "ranks came from everybody"
        assert {row["rating.decision"] for row in listed} == {"kept", "undecided"}, "there no block is hidden"
        with pytest.raises(conduct.Refused, match="session_not_over"):
            await released(house, (await at(house, "Live")).session)
    assert (await verify_database(old)).is_whole


@pytest.mark.parametrize("title", ["Live", "Shown"])
async def test_an_open_step_goes_on_with_its_blocks_and_mode_in_steps_of_k(
    old: str, tmp_path: Path, title: str
) -> None:
    async with upgraded(old) as house:
        table = await at(house, title)
        row = await same_again(table, "rating")
        planned = [block_from(block) for block in stored(row.blocks)]
        assert (row.state, row.counting, row.is_circular) == ("open", None, True)
        assert row.disclosure == {"Live": "live", "Shown": "facilitator"}[title]
        shown = Counter(ballot.block for ballot in (await house.counts.now(row)).visible)
        assert all(n % 5 == 0 for n in shown.values()), "blocks of five, or nothing of them"
        late = [seat for seat in table.seats if seat.group == "clinicians"]
        await rate(table, late[3:], "P001", 3)
        await same_again(table, "rating")
        assert not [b for b in (await house.counts.now(row)).visible if int(b.seat) in {one.id for one in late}]
        await rate(table, late, "P001", 8)
        await rate(table, table.seats, "P002", 7)
        await same_again(table, "rating")
        await conduct.withdraw(house, table.seats[1], erase=True)
        table.seats.pop(1)
        await same_again(table, "rating")
        row = await table.close("rating")
        assert [block_from(block).key for block in row.made["blocks"]] == [block.key for block in planned]
        await same_again(table, "rating")
        await to_its_end(table)
        files = await exported(table, tmp_path)
        assert {row["statement"] for row in rows(files, "results.csv")} == set(CARDS)
        assert [bool(one["seal"]) for one in json.loads(files["manifest.json"])["rounds"]] == [True] * 3
    assert (await verify_database(old)).is_whole


async def test_a_session_in_set_up_begins_by_the_rules_of_now(old: str, tmp_path: Path) -> None:
    async with upgraded(old) as house:
        table = await at(house, "Set up")
        row = await table.open("rating")
        assert row.counting and not row.is_circular
        for card in CARDS:
            await rate(table, table.seats, card, 8)
        await table.close("rating")
        await to_its_end(table)
        await exported(table, tmp_path)
    assert (await verify_database(old)).is_whole


async def test_texts_that_nobody_compiled_are_the_teams_and_go_on(old: str) -> None:
    async with upgraded(old) as house:
        table = await at(house, "Written")
        row = await same_again(table, "gather")
        assert "Somebody wrote" not in json.dumps(stored(row.outcome).get("told") or stored(row.outcome)["released"])
        opened = await table.open("compilation")
        assert len(opened.statements) == 6
    assert (await verify_database(old)).is_whole


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if (tag, name) == ("a", "href") and value]


async def followed(browser: httpx2.AsyncClient, door: str) -> dict[str, str]:
    """Every page behind this door, by its address."""
    waiting, found = [door], dict[str, str]()
    while waiting:
        path = waiting.pop()
        if path in found or path.startswith("/help") or any(file in path for file in FILES):
            continue
        answer = await browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        found[path] = answer.text
        links = _Links()
        links.feed(answer.text)
        for href in links.found:
            parts = urlsplit(urljoin(path, href))
            if not (parts.scheme or parts.netloc or "lang=" in parts.query or "/lists" in parts.path):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


async def test_everybody_finds_every_page_after_the_upgrade(tmp_path: Path) -> None:
    database = str(tmp_path / "old.db")
    await laid_down(database, DUMP, MIGRATION)
    listener = listen(0)
    settings = Settings(database=database, secret=SECRET, origin=origin_of(listener))
    house = build(settings)
    async with running(make_app(settings, house), listener):
        site = Site(house, settings.origin)
        assert len(await followed(await site.sign_in(), "/")) > 20
        for session in await models.Session.all():
            for role in (Role.PARTICIPANT, Role.RESEARCHER):
                seat = await models.Seat.filter(session_id=session.id, role=role, withdrawn="").order_by("-id").first()
                assert seat is not None
                pages = await followed(await site.sit(seat), "/")
                assert pages
                assert role != Role.PARTICIPANT or not [p for p in pages.values() if "Somebody wrote" in p]
        assert house.rooms.failures == 0
        await site.close()
