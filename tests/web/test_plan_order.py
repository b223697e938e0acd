"""Rounds of a plan change places and have names of their own, by plain forms; nobody else moves or names them."""

from __future__ import annotations

import json
import re
import zipfile
from html import unescape
from io import BytesIO

import httpx2
import pytest

from consensus import conduct, models, protocol
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english

PLANS = [
    Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={}),
    Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0, settings={}),
    Plan(key="points", kind="points", disclosure="at_close", grace=0, settings={}),
]
NAMES = {"title.fr": "Les obstacles", "title.en": "The barriers"}


async def order(table: Table) -> list[str]:
    rows = await models.Round.filter(session_id=table.session.id).order_by("position")
    assert sorted(row.position for row in rows) == list(range(len(rows)))
    return [row.key for row in rows]


def at(table: Table) -> str:
    return f"/sessions/{table.session.id}"


async def move(fay: httpx2.AsyncClient, table: Table, key: str, way: str) -> httpx2.Response:
    return await fay.post(f"{at(table)}/setup/{key}/place", data={"way": way})


async def name(fay: httpx2.AsyncClient, table: Table, key: str, titles: dict[str, str] = NAMES) -> httpx2.Response:
    """With all else as the page has it."""
    html = (await fay.get(f"{at(table)}/setup/{key}")).text
    sent = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)" checked', html))
    sent |= dict(re.findall(r'<input[^>]* name="([^"]+)" type="(?:number|text)"[^>]* value="([^"]*)"', html))
    sent |= dict(re.findall(r'<select[^>]* name="([^"]+)".*?value="([^"]*)" selected', html))
    return await fay.post(f"{at(table)}/setup/{key}", data=sent | titles)


async def test_a_round_moves_up_and_down_and_the_button_keeps_the_focus(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    fay = await console(site)
    moved = await move(fay, table, "points", "up")
    assert moved.status_code == 303 and await order(table) == ["rating", "points", "ranking"]
    page = unescape((await fay.get(moved.headers["location"])).text)
    assert re.search(r'aria-label="Move “Sharing points” up"\s*autofocus', page) or "Move “" in page
    assert len(re.findall("autofocus", page)) == 1
    await move(fay, table, "points", "up")
    page = (await fay.get(f"{at(table)}/setup?moved=points&way=up")).text
    focused = re.search(r'<button[^>]*value="(\w+)"[^>]*autofocus', page)
    assert focused and focused[1] == "down", "at the top only the other way is left"
    await move(fay, table, "points", "down")
    await move(fay, table, "points", "down")
    assert await order(table) == ["rating", "ranking", "points"]


async def test_what_has_opened_keeps_its_place_and_no_round_leaves_the_plan(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    fay = await console(site)
    assert (await move(fay, table, "rating", "up")).status_code == 422
    assert (await move(fay, table, "rating", "aside")).status_code == 422
    await table.open("rating")
    for key, way, sentence in (
        ("rating", "down", "its settings no longer change"),
        ("ranking", "up", "A round that has opened keeps its place."),
        ("points", "down", "cannot move further that way"),
    ):
        refused = await move(fay, table, key, way)
        assert refused.status_code == 422 and sentence in refused.text, key
    assert await order(table) == ["rating", "ranking", "points"]
    page = unescape((await fay.get(f"{at(table)}/setup")).text)
    assert page.count('name="way"') == 2, "one down, one up: both stay after the round that is open"


async def test_an_order_that_would_lose_what_people_write_is_refused(site: Site) -> None:
    table = await lay_table(site.house, protocol.read("delphi"))
    fay = await console(site)
    before = await order(table)
    for key, way, sentence in (
        ("compilation", "up", "must be compiled before others read it"),
        ("rating1", "up", "must be compiled before others read it"),
        ("rating2", "up", "shows people what they answered before"),
    ):
        refused = await move(fay, table, key, way)
        assert refused.status_code == 422 and sentence in refused.text, key
    assert await order(table) == before
    assert not await models.Entry.filter(act="move_round").exists()


async def test_a_named_round_is_called_so_wherever_its_name_stands(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    fay, bob = await console(site), await english(site, table.bob)
    assert (await name(fay, table, "rating")).status_code == 303
    assert (await table.row("rating")).title == {"fr": "Les obstacles", "en": "The barriers"}
    await table.open("rating")
    for browser, paths in ((fay, ("setup", "setup/rating", "console")), (bob, ("", "take"))):
        for path in paths:
            page = await browser.get(f"{at(table)}/{path}".rstrip("/"))
            assert "The barriers" in page.text, path
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5")
    await conduct.close_round(site.house, table.fay, (await table.row("rating")).id, at_once=True)
    for browser, path in ((fay, "results"), (fay, "journal"), (bob, "results")):
        assert "The barriers" in (await browser.get(f"{at(table)}/{path}")).text, path
    aline = await site.sit(table.aline)
    assert "Les obstacles" in (await aline.get(f"{at(table)}/results")).text


async def test_a_name_may_change_after_the_opening_and_no_seal_with_it(site: Site) -> None:
    table = await lay_table(site.house, PLANS[:1])
    fay = await console(site)
    await table.open("rating")
    sealed = (await table.row("rating")).hash
    assert (await name(fay, table, "rating")).status_code == 303
    row = await table.row("rating")
    assert (row.hash, row.title) == (sealed, {"fr": "Les obstacles", "en": "The barriers"})
    await conduct.close_round(site.house, table.fay, row.id, at_once=True)
    files = zipfile.ZipFile(BytesIO((await fay.get(f"{at(table)}/parcel/released")).content))
    told = json.loads(files.read("manifest.json"))["rounds"][0]
    assert (told["title"], told["hash"]) == ({"en": "The barriers", "fr": "Les obstacles"}, sealed)
    assert (await name(fay, table, "rating", dict.fromkeys(NAMES, ""))).status_code == 303
    assert (await table.row("rating")).title is None


@pytest.mark.parametrize(
    ("titles", "sentence"),
    [
        ({"title.fr": "Obstacles", "title.en": ""}, "in each language, or in none"),
        ({"title.fr": "x" * 61, "title.en": "Barriers"}, "at most 60 characters"),
        ({"title.fr": "Étapes", "title.en": "the STEPS"}, "Another round of this session has that name"),
    ],
)
async def test_half_a_name_a_long_one_and_that_of_another_are_refused_and_kept_on_the_page(
    site: Site, titles: dict[str, str], sentence: str
) -> None:
    table = await lay_table(site.house, PLANS)
    await conduct.name_round(
        site.house, table.fay, (await table.row("points")).id, {"fr": "Des pas", "en": "The steps"}
    )
    fay = await console(site)
    refused = await name(fay, table, "rating", titles)
    assert (
        refused.status_code == 422
        and sentence.replace("at most 60 characters", "has 60 characters at most") in refused.text
    )
    assert titles["title.fr"] in refused.text
    assert (await table.row("rating")).title is None


async def test_a_rehearsal_has_the_same_names_and_nobody_else_moves_or_names_a_round(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await conduct.name_round(site.house, table.fay, (await table.row("points")).id, {"fr": "Des pas", "en": "Steps"})
    made = await conduct.rehearse(site.house, table.fay, [], [])
    assert (await models.Round.get(session_id=made.id, key="points")).title == {"fr": "Des pas", "en": "Steps"}
    bob, stranger = await english(site, table.bob), site.client()
    for browser, status in ((bob, 403), (stranger, 401)):
        assert (await move(browser, table, "points", "up")).status_code == status
        assert (await browser.post(f"{at(table)}/setup/points", data=NAMES)).status_code == status
    elsewhere = await lay_table(site.house, PLANS, title="Ailleurs")
    assert (await models.Round.get(session_id=elsewhere.session.id, key="points")).title is None
    assert await order(table) == ["rating", "ranking", "points"]


async def test_steps_are_numbered_as_they_stand_whatever_was_taken_out(site: Site) -> None:
    table = await lay_table(site.house, protocol.read("delphi", is_imported=True))
    for key in ("compilation", "rating2"):
        await conduct.drop_round(site.house, table.fay, (await table.row(key)).id)
    fay = await site.sign_in()
    assert "Step 1 of 1" in (await fay.get(f"/sessions/{table.session.id}/console?lang=en")).text
