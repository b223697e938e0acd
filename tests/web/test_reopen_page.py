"""A closed round is opened again from the run sheet: with forms alone, by the team alone, and after reading why."""

from __future__ import annotations

import re
from contextlib import aclosing
from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table

TWO = [
    Plan(key="rating", kind="rating", disclosure="facilitator", grace=0),
    Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0),
]
CARDS = ("P001", "P002", "P003")


@pytest.fixture
async def here(site: Site) -> Table:
    """Everybody rated every card, and the round is closed."""
    table = await lay_table(site.house, TWO)
    await table.open("rating")
    for seat in table.seats:
        for card in CARDS:
            await table.cast(seat, "rating", card=card, importance="5")
    await table.close("rating")
    return table


def path(table: Table, page: str) -> str:
    return f"/sessions/{table.session.id}/{page}".rstrip("/")


def said(site: Site, key: str, language: str = "en", **values: object) -> str:
    return site.house.texts.say(language, key, **values)


def link(table: Table, key: str = "rating") -> str:
    return path(table, f"console?round={key}&reopen=1#reopen")


async def page(browser: httpx2.AsyncClient, table: Table, name: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path(table, name)}{'&' if '?' in name else '?'}lang={language}")).text)


async def test_the_run_sheet_leads_to_a_form_that_says_first_what_will_move(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        assert f'href="{link(here)}"' in await page(fay, here, "console")
        for language in ("en", "fr"):
            text = await page(fay, here, "console?round=rating&reopen=1", language)
            form = text[text.index('id="reopen"') :]
            form = form[: form.index("</form>")]
            assert f'method="post" action="{path(here, "rounds/rating/reopen")}"' in form
            assert said(site, "reopen.what", language, n=5) in form and said(site, "reopen.reason", language) in form
            assert form.index(said(site, "reopen.what", language, n=5)) < form.index("<button")
            assert said(site, "reopen.team", language) not in form
        assert 'id="reopen"' not in await page(fay, here, "console")


async def test_after_a_reason_the_console_shows_the_round_open_and_people_their_answers(
    site: Site, here: Table
) -> None:
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.aline)) as aline:
        before = re.search(r'data-turn="([^"]*)"', await page(aline, here, "take"))
        answer = await fay.post(path(here, "rounds/rating/reopen"), data={"reason": "Two sheets came late."})
        assert answer.status_code == 303 and answer.headers["location"] == path(here, "console")
        console = await page(fay, here, "console")
        assert said(site, "close.do") in console and "#reopen" not in console and "table--heat" not in console
        home = await page(aline, here, "")
        assert said(site, "again.what") in home and said(site, "home.go.change") in home
        take = await page(aline, here, "take?card=P001")
        assert said(site, "again.what") in take and said(site, "again.few", n=5) in take
        assert re.search(r'name="importance"[^>]*value="5"[^>]*checked', take)
        after = re.search(r'data-turn="([^"]*)"', take)
        assert before and after and before[1] != after[1], "pages that are open ask for the round again"


async def test_without_a_reason_the_same_form_comes_back_with_a_sentence(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        answer = await fay.post(path(here, "rounds/rating/reopen?lang=en"), data={"reason": "  "})
        assert answer.status_code == 422 and 'id="reopen"' in answer.text
        assert said(site, "refused.why_reopen") in answer.text
    assert (await here.row("rating")).state == "closed"


async def test_once_the_next_round_is_open_it_is_offered_no_more(site: Site, here: Table) -> None:
    await here.open("ranking")
    async with aclosing(await site.sign_in()) as fay:
        for name in ("console", "console?round=rating&reopen=1"):
            assert "reopen" not in (await page(fay, here, name)).replace("&reopen=1", "")
        answer = await fay.post(path(here, "rounds/rating/reopen?lang=en"), data={"reason": "Late."})
        assert answer.status_code == 422 and said(site, "refused.built_on") in answer.text


async def test_nobody_but_the_team_reopens_a_round(site: Site, here: Table) -> None:
    other = await lay_table(site.house, title="Ailleurs")
    where, reason = path(here, "rounds/rating/reopen"), {"reason": "Late."}
    async with (
        aclosing(await site.sit(here.aline)) as aline,
        aclosing(await site.sit(other.aline)) as neighbour,
        aclosing(site.client()) as stranger,
    ):
        answers = [await browser.post(where, data=reason) for browser in (aline, neighbour, stranger)]
    assert [answer.status_code for answer in answers] == [403, 404, 401]
    row = await here.row("rating")
    assert row.state == "closed" and row.notes == []


async def test_a_round_in_which_people_write_says_that_all_of_it_counts(site: Site) -> None:
    table = await lay_table(site.house, [Plan(key="gather", kind="gather", disclosure="at_close", grace=0)])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="A sentence")
    await table.close("gather")
    async with aclosing(await site.sign_in()) as fay:
        text = await page(fay, table, "console?reopen=1")
        assert said(site, "reopen.words") in text and said(site, "reopen.what", n=5) not in text
        await fay.post(path(table, "rounds/gather/reopen"), data={"reason": "Late."})
    async with aclosing(await site.sit(table.bob)) as bob:
        text = await page(bob, table, "take")
        assert said(site, "again.what") in text and said(site, "again.few", n=5) not in text


async def test_a_round_in_which_the_team_acts_says_that_its_acts_count(site: Site) -> None:
    table = await lay_table(site.house, [Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    row = await table.open("wall")
    for card in CARDS:
        seen = (await site.house.counts.now(row)).official.todo.versions[card]
        more = {"act": "move", "card": card, "to": "selection", "how": "no_objection", "seen": str(seen)}
        await table.cast(table.fay, "wall", **more)
    await table.close("wall")
    async with aclosing(await site.sign_in()) as fay:
        assert said(site, "reopen.team") in await page(fay, table, "console?reopen=1")


async def test_the_results_print_why_and_the_journal_that(site: Site, here: Table) -> None:
    row = await here.row("rating")
    await conduct.reopen_round(site.house, here.fay, row.id, "Two sheets came late.")
    async with aclosing(await site.sign_in()) as fay:
        assert said(site, "journal.act.reopen") in await page(fay, here, "journal")
        assert "Two sheets came late." not in await page(fay, here, "journal")
        await here.close("rating")
        deviation = said(site, "results.deviation.reopen", round="ROUND", reason="Two sheets came late.")
        assert deviation.removeprefix("ROUND") in await page(fay, here, "results")
    assert (await models.Round.get(key="ranking", session_id=here.session.id)).state == "draft"
