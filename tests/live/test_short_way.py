"""What a vote asks of the database: nothing outside the writer, and of a card's page nothing at all."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import httpx2
import pytest
from websockets.asyncio.client import connect

from consensus import conduct, models, store
from tests.conftest import Site, lay_table


async def test_a_vote_asks_only_the_writer_and_its_page_asks_nothing(site: Site, asked: list[tuple[bool, str]]) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    here = f"/sessions/{table.session.id}/take"
    aline = await site.sit(table.aline)

    async def vote(value: str) -> int:
        form = {"round": "rating", "card": "P001", "importance": value, "key": value}
        return (await aline.post(here, data=form)).status_code

    assert await vote("3") == 303 and (await aline.get(here)).status_code == 200  # now the session is known
    asked.clear()
    assert await vote("4") == 303
    assert asked == []  # the writer's own are one run, which the next test reads
    assert (await aline.get(here)).status_code == 200
    assert asked == []


async def test_the_writer_asks_eight_things_for_a_vote_and_finds_each_without_a_search(site: Site) -> None:
    """However much is stored: no table is walked, and what a person said is found by the person."""
    table = await lay_table(site.house)
    row = await table.open("rating")
    said: list[str] = []
    async with store.connection().acquire_connection() as connection:
        await connection.set_trace_callback(said.append)
    for more in ({}, {"number": f"{'a' * 16}-7"}):  # a form alone, and one of a device that numbers what it sends
        await table.cast(table.aline, "rating", card="P001", importance="5", **more)
    async with store.connection().acquire_connection() as connection:
        await connection.set_trace_callback(None)
    begun = [n for n, sql in enumerate(said) if sql.startswith("BEGIN")]
    runs = [said[n : n + 8] for n in begun]
    assert [run[-1] for run in runs] == ["COMMIT", "COMMIT"]
    for sql in (sql for run in runs for sql in run[1:-1]):
        plan = [step["detail"] for step in await store.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in plan if step.startswith("SCAN")], (sql, plan)
        if "FROM ballot" in sql:
            found = [step for step in plan if step.startswith("SEARCH ballot")]
            assert found and all("(seat_id=? AND " in step for step in found), (sql, plan)
    assert (await site.house.counts.now(row)).ballots == 1


async def test_who_answers_in_a_page_gets_the_next_card_and_their_key_at_once(
    site: Site, asked: list[tuple[bool, str]]
) -> None:
    """The same page that a second request would bring, and proof that it comes from us."""
    table = await lay_table(site.house)
    await table.open("rating")
    here = f"/sessions/{table.session.id}/take"
    aline = await site.sit(table.aline)

    async def press(key: str, card: str = "P001") -> httpx2.Response:
        form = {"round": "rating", "card": card, "importance": "3", "key": key}
        return await aline.post(here, data=form, headers={"HX-Request": "true"})

    first = await press("a-key-of-ours")
    assert first.status_code == 200 and first.headers["table-kept"] == "a-key-of-ours"
    assert first.headers["hx-push-url"] == f"{here}?saved=P001"
    assert _alike(first.text) == _alike((await aline.get(first.headers["hx-push-url"])).text)
    assert (await press("a-key-of-ours")).headers["table-kept"] == "a-key-of-ours"  # a copy is told the same
    asked.clear()
    assert (await press("another-key", card="P002")).status_code == 200
    assert asked == []
    odd = await press("not\r\nours: at all")
    assert odd.status_code == 303 and "table-kept" not in odd.headers
    refused = await aline.post(
        here, data={"round": "rating", "card": "P001", "key": "x" * 9}, headers={"HX-Request": ""}
    )
    assert refused.status_code == 422 and "table-kept" not in refused.headers


def _alike(page: str) -> str:
    """Without what each page has for itself: key, moment, and the address of the other language."""
    return re.sub(r'(name="key" value|data-now)="[^"]*"|&amp;saved=P001', "", page)


async def test_the_forms_of_a_page_share_a_key_that_no_other_page_has(site: Site) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    aline = await site.sit(table.aline)
    pages = [(await aline.get(f"/sessions/{table.session.id}/take")).text for _ in range(3)]
    keys = [re.findall(r'name="key" value="([^"]*)"', page) for page in pages]
    assert all(len(found) > 1 and len(set(found)) == 1 and len(found[0]) > 20 for found in keys)
    assert len({found[0] for found in keys}) == len(pages) and not any("\0" in page for page in pages)


async def test_nothing_that_somebody_typed_is_in_a_piece_that_is_kept(site: Site) -> None:
    """An erasure could not reach it there."""
    table = await lay_table(site.house)
    await table.open("rating")
    aline = await site.sit(table.aline)
    asked = [jinja.get_template("parts/question.html").module for jinja in site.house.pages._jinja.values()]
    before = [module.stored.cache_info().misses for module in asked]  # type: ignore[attr-defined]
    form = {"round": "rating", "card": "P001", "importance": "my own words", "key": "k" * 9}
    for more in ({}, {"say_in": "fr"}):
        assert (await aline.post(f"/sessions/{table.session.id}/take", data=form | more)).status_code in {200, 422}
    assert before == [module.stored.cache_info().misses for module in asked]  # type: ignore[attr-defined]


async def test_a_page_that_joins_asks_nothing_but_who_a_stranger_is(site: Site, asked: list[tuple[bool, str]]) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    aline, neighbour = [await site.sit(seat) for seat in (table.aline, table.seats[2])]  # of one language

    async def join(cookies: httpx2.Cookies) -> None:
        address = site.origin.replace("http", "ws", 1) + f"/sessions/{table.session.id}/live/room"
        headers = {"Origin": site.origin, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        async with connect(address, additional_headers=headers, proxy=None) as page:
            assert "hx-partial" in str(await page.recv())

    async with asyncio.timeout(20):
        await join(aline.cookies)  # now the session is known, and Aline
        asked.clear()
        await join(aline.cookies)
        assert asked == []
        await join(neighbour.cookies)
    assert [sql.split()[0] for _, sql in asked] == ["SELECT", "SELECT"]  # the device and its seat


async def test_what_is_remembered_is_forgotten_at_the_next_act(site: Site) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    here = f"/sessions/{table.session.id}/take"
    aline = await site.sit(table.aline)
    assert (await aline.get(here)).status_code == 200
    await conduct.regroup(site.house, table.fay, table.aline.id, "clinicians")
    assert "Cliniciens" in (await aline.get(f"{here}?lang=fr")).text
    await table.close("rating")
    assert 'name="importance"' not in (await aline.get(here)).text
    await conduct.withdraw(site.house, table.aline, erase=False)
    assert (await aline.get(here)).status_code == 401


async def test_what_another_program_writes_is_seen_within_a_second_or_so(site: Site) -> None:
    """One of our commands may change the file of a running server, as when somebody's link is taken back."""
    table = await lay_table(site.house)
    await table.open("rating")
    here = f"/sessions/{table.session.id}/take"
    aline = await site.sit(table.aline)
    assert (await aline.get(here)).status_code == 200

    def revoke() -> None:
        with sqlite3.connect(site.house.settings.database) as other:
            other.execute("UPDATE seat SET issue = issue + 1 WHERE id = ?", (table.aline.id,))
        other.close()

    await asyncio.to_thread(revoke)
    for _ in range(100):
        if (await aline.get(here)).status_code == 401:
            return
        await asyncio.sleep(0.1)
    pytest.fail("ten seconds later the link that was taken back still opens the page")


async def test_whatever_changes_rows_beside_the_writer_is_noticed_at_once(site: Site) -> None:
    table = await lay_table(site.house)
    aline = await site.sit(table.aline)
    here = f"/sessions/{table.session.id}"
    assert (await aline.get(here)).status_code == 200
    await models.Seat.filter(id=table.aline.id).update(issue=7)
    assert (await aline.get(here)).status_code == 401
