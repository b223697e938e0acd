"""Putting statements in order, over HTTP, as a browser without JavaScript does it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx2

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_rating_line import field

RANKING = Plan(key="ranking", kind="ranking", disclosure="facilitator", grace=0, settings={"top": 2})


async def opened(site: Site, rule: dict[str, object] | None = None) -> Table:
    table = await lay_table(site.house, [replace(RANKING, rule=rule)])
    await table.open("ranking")
    return table


async def english(site: Site, seat: models.Seat) -> httpx2.AsyncClient:
    """A browser at this seat that reads English."""
    browser = await site.sit(seat)
    await browser.get("/?lang=en")
    return browser


async def console(site: Site) -> httpx2.AsyncClient:
    browser = await site.sign_in()
    await browser.get("/?lang=en")
    return browser


def chosen(html: str) -> dict[str, str]:
    """The place shown for each statement, "" for none, in the order of the page."""
    found = {}
    for card, options in re.findall(r'<select[^>]*name="place\.(\w+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        picked = re.search(r'<option value="(\d*)" selected', options)
        found[card] = picked[1] if picked else ""
    return found


async def send(browser: httpx2.AsyncClient, table: Table, **places: str) -> httpx2.Response:
    url = f"/sessions/{table.session.id}/take"
    page = await browser.get(url)
    hidden = {name: field(page.text, name) for name in ("round", "key")}
    return await browser.post(url, data=hidden | {f"place.{card}": place for card, place in places.items()})


async def test_nothing_is_placed_before_a_person_places_it(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    page = await browser.get(f"/sessions/{table.session.id}/take")
    assert chosen(page.text) == {"P001": "", "P002": "", "P003": ""}
    assert "Nothing is saved yet." in page.text
    assert not await models.Ballot.exists()
    await browser.aclose()


async def test_an_order_is_saved_shown_again_and_changed(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    url = f"/sessions/{table.session.id}/take"
    assert (await send(browser, table, P001="", P002="2", P003="1")).status_code == 303
    page = await browser.get(url)
    assert list(chosen(page.text).items()) == [("P003", "1"), ("P002", "2"), ("P001", "")]
    assert "Your order is saved." in page.text
    assert (await send(browser, table, P001="1", P002="", P003="")).status_code == 303
    assert list(chosen((await browser.get(url)).text).items())[0] == ("P001", "1")
    counted = await site.house.counts.now(await table.row("ranking"))
    assert counted.ballots == 1
    await browser.aclose()


async def test_two_statements_may_share_a_place(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    assert (await send(browser, table, P001="1", P002="1", P003="2")).status_code == 303
    page = await browser.get(f"/sessions/{table.session.id}/take")
    assert chosen(page.text) == {"P001": "1", "P002": "1", "P003": "2"}
    assert "The same place for two cards is a tie." in page.text
    await browser.aclose()


async def test_an_order_without_a_place_is_refused_in_words(site: Site) -> None:
    table = await opened(site)
    browser = await site.sit(table.aline)
    refused = await send(browser, table, P001="", P002="", P003="")
    assert refused.status_code == 422
    assert "Donnez une place à au moins une carte." in unescape(refused.text)
    linked = re.search(r'href="#(f-place\.\w+)"', refused.text)
    assert linked and f'id="{linked[1]}"' in refused.text
    await browser.aclose()


async def test_a_refused_order_keeps_what_was_chosen(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    refused = await send(browser, table, P001="9", P002="2", P003="1")
    assert refused.status_code == 422
    assert chosen(refused.text) == {"P003": "1", "P002": "2", "P001": ""}
    await browser.aclose()


async def test_the_other_language_keeps_what_was_chosen(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    url = f"/sessions/{table.session.id}/take"
    turned = await browser.post(url, data={"say_in": "fr", "round": "ranking", "key": "k", "place.P003": "2"})
    assert turned.status_code == 200
    assert "Enregistrer mon ordre" in turned.text
    assert chosen(turned.text) == {"P003": "2", "P001": "", "P002": ""}
    await browser.aclose()


async def test_the_console_lists_the_order_with_shared_ranks_and_says_who_is_not_shown(site: Site) -> None:
    table = await opened(site, rule={"name": "first", "n": 1})
    for seat in table.seats[:5]:  # the patients; everyone else together stays under the floor
        await table.cast(seat, "ranking", place__P001="1", place__P002="1")
    await table.cast(table.bob, "ranking", place__P003="1")
    await table.close("ranking")
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    order = re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL)
    assert order == [("1", "P001"), ("1", "P002"), ("3", "P003")]
    assert page.count("Not shown:") == 3
    assert "The other figures leave out groups that are not shown." in page
    await fay.aclose()


async def test_after_the_close_everyone_reads_how_sure_a_place_is_and_the_team_the_figures(site: Site) -> None:
    table = await opened(site, {"name": "first", "n": 1})
    for seat in table.seats:
        await table.cast(seat, "ranking", place__P002="1", place__P001="2")
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    browser = await english(site, table.bob)
    page = unescape((await browser.get(f"/sessions/{table.session.id}/take?lang=en")).text)
    assert "Firmly in first place." in page and "Outside first place." in page
    assert "Statements on the same rank are tied." in page and "Mean rank" not in page
    await browser.aclose()
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console?lang=en")).text)
    assert page.count('class="rank-band"') == 3 and "Mean rank" in page
    assert "At equal weight per block the first place would stay the same." in page
    assert "one order has the fewest contradictions" in page
    await fay.aclose()
