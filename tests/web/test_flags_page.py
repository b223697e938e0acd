"""Marking what matters most, over HTTP, as a browser without JavaScript does it; told from k people on."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path

import httpx2

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.consensus.test_export import inside, rows, run_recount, unpacked
from tests.web.test_ranking_page import console, english
from tests.web.test_rating_line import field

PLAN = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={"flags": 2})
IDS = ("P001", "P002", "P003")


async def rated(table: Table, seats: list[models.Seat]) -> None:
    for seat in seats:
        for card in IDS:
            await table.cast(seat, "rating", card=card, importance="7")


def boxes(html: str) -> dict[str, bool]:
    found = re.findall(r'<input type="checkbox" name="flag\.(\w+)" value="1"( checked)?', html)
    return {card: bool(is_ticked) for card, is_ticked in found}


async def mark(browser: httpx2.AsyncClient, url: str, *cards: str) -> httpx2.Response:
    form = (await browser.get(url)).text.split('id="flags"')[1]
    hidden = {name: field(form, name) for name in ("round", "key", "flags")}
    return await browser.post(url, data=hidden | {f"flag.{card}": "1" for card in cards})


async def test_after_rating_a_person_marks_changes_and_takes_back(site: Site) -> None:
    table = await lay_table(site.house, [PLAN])
    await table.open("rating")
    bob, url = await english(site, table.bob), f"/sessions/{table.session.id}/take"
    assert not boxes((await bob.get(url)).text), "first each statement is rated"
    await rated(table, [table.bob])
    page = unescape((await bob.get(url)).text)
    assert boxes(page) == dict.fromkeys(boxes(page), False) and set(boxes(page)) == set(IDS)
    assert "Mark up to 2 statements that matter most to you." in page
    assert (await mark(bob, url, "P001", "P003")).status_code == 303
    page = unescape((await bob.get(url)).text)
    assert {card for card, is_on in boxes(page).items() if is_on} == {"P001", "P003"}
    assert "Saved: 2 statements marked." in page
    over = await mark(bob, url, *IDS)
    assert (
        over.status_code == 422 and "You marked 1 statement too many." in over.text and all(boxes(over.text).values())
    )
    assert (await mark(bob, url)).status_code == 303
    assert not any(boxes((await bob.get(url)).text).values())
    assert (await site.house.counts.now(await table.row("rating"))).own[str(table.bob.id)]["flags"]["flags"] == []


async def marked(table: Table, n: int) -> None:
    for seat in table.seats[:n]:
        await table.cast(seat, "rating", flags="1", flag__P002="1")


async def test_the_close_tells_how_many_and_files_count_it_again(house: House, tmp_path: Path) -> None:
    table = await lay_table(house, [PLAN])
    await table.open("rating")
    await rated(table, table.seats)
    await marked(table, len(table.seats))
    await table.close("rating")
    await conduct.analyse_due(house)
    for name, write in (("individual", individual), ("released", released)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(await write(house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    files = inside((tmp_path / "individual.zip").read_bytes())
    told = {row["statement"]: (row["rating.flagged"], row["rating.flag_n"]) for row in rows(files, "results.csv")}
    n = str(len(table.seats))
    assert told == {"P001": ("0", n), "P002": (n, n), "P003": ("0", n)}
    done = await asyncio.to_thread(run_recount, unpacked(tmp_path, files))
    assert done.returncode == 0 and "rating.flagged" in done.stdout, done.stdout + done.stderr


async def test_people_and_team_read_it_from_k_on_and_nothing_of_fewer(site: Site) -> None:
    for n in (4, 11):
        table = await lay_table(site.house, [PLAN])
        await table.open("rating")
        await rated(table, table.seats)
        await marked(table, n)
        await table.close("rating")
        bob, fay, here = await english(site, table.bob), await console(site), f"/sessions/{table.session.id}"
        for browser, path in ((bob, "take"), (bob, "results"), (fay, "results")):
            page = unescape((await browser.get(f"{here}/{path}")).text)
            assert (f"Matters most to {n} of {n}" in page) is (n > 4), (n, path)
            assert "Matters most to 4" not in page
        assert "Matters most to" in (await fay.get(f"{here}/console?round=rating")).text
