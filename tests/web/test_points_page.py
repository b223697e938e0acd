"""Sharing points out, over HTTP, as a browser without JavaScript does it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx2

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english
from tests.web.test_rating_line import field

POINTS = Plan(key="points", kind="points", disclosure="facilitator", grace=0)


async def opened(site: Site, **changes: object) -> Table:
    table = await lay_table(site.house, [replace(POINTS, **changes)])  # type: ignore[arg-type]
    await table.open("points")
    return table


def written(html: str) -> dict[str, str]:
    """What stands in each field, in the order of the page."""
    fields = re.findall(r'<input[^>]*name="points\.(\w+)"[^>]*>', html)
    return {card: re.findall(rf'name="points\.{card}"[^>]*value="([^"]*)"', html)[0] for card in fields}


async def send(browser: httpx2.AsyncClient, table: Table, **points: str) -> httpx2.Response:
    url = f"/sessions/{table.session.id}/take"
    page = await browser.get(url)
    hidden = {name: field(page.text, name) for name in ("round", "key")}
    return await browser.post(url, data=hidden | {f"points.{card}": text for card, text in points.items()})


async def test_nothing_is_given_before_a_person_gives_it(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    page = (await browser.get(f"/sessions/{table.session.id}/take")).text
    assert written(page) == {"P001": "", "P002": "", "P003": ""}
    assert "Points left: 100" in page and "Nothing is saved yet." in page
    refused = await send(browser, table, P001="", P002="", P003="0")
    assert refused.status_code == 422 and "Give points to at least one statement." in refused.text
    assert not await models.Ballot.exists()
    await browser.aclose()


async def test_points_are_saved_shown_again_and_changed(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    url = f"/sessions/{table.session.id}/take"
    assert (await send(browser, table, P001="60", P002="", P003="40")).status_code == 303
    page = (await browser.get(url)).text
    assert written(page) == {"P001": "60", "P002": "", "P003": "40"}
    assert "Points left: 0" in page and "Your points are saved." in page
    assert (await send(browser, table, P001="", P002="100")).status_code == 303
    assert written((await browser.get(url)).text) == {"P001": "", "P002": "100", "P003": ""}
    assert (await site.house.counts.now(await table.row("points"))).ballots == 1
    await browser.aclose()


async def test_the_server_does_the_sum_says_by_how_much_and_keeps_what_was_typed(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    over = await send(browser, table, P001="60", P002="45", P003="")
    assert over.status_code == 422 and written(over.text) == {"P001": "60", "P002": "45", "P003": ""}
    assert "You gave 5 points too many. Take them back: you have 100." in over.text
    assert re.search(r"data-bad>\s*Points too many: 5<", over.text)
    under = await send(browser, table, P001="65")
    assert under.status_code == 422 and "You have 35 points of 100 left." in under.text
    assert "Points left: 35" in under.text
    linked = re.search(r'href="#(f-points\.\w+)"', under.text)
    assert linked and f'id="{linked[1]}"' in under.text
    await browser.aclose()


async def test_a_word_instead_of_a_number_is_pointed_at(site: Site) -> None:
    table = await opened(site)
    browser = await site.sit(table.aline)
    refused = await send(browser, table, P001="60", P002="beaucoup")
    assert refused.status_code == 422 and written(refused.text)["P002"] == "beaucoup"
    assert "Vous avez écrit beaucoup pour P002." in unescape(refused.text)
    assert 'href="#f-points.P002"' in refused.text
    await browser.aclose()


async def test_points_may_be_kept_where_the_round_says_so_and_one_statement_has_its_limit(site: Site) -> None:
    table = await opened(site, settings={"spend_all": False, "most": 40})
    browser = await english(site, table.bob)
    assert "No statement may get more than 40 points." in (await browser.get(f"/sessions/{table.session.id}/take")).text
    refused = await send(browser, table, P001="41")
    assert refused.status_code == 422 and "Give 40 at most." in refused.text
    assert (await send(browser, table, P001="40")).status_code == 303
    await browser.aclose()


async def test_the_other_language_keeps_what_was_typed(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    said = {"say_in": "fr", "round": "points", "key": "k", "points.P003": "20"}
    turned = await browser.post(f"/sessions/{table.session.id}/take", data=said)
    assert turned.status_code == 200 and "Enregistrer mes points" in turned.text
    assert written(turned.text)["P003"] == "20" and "Points à donner\u00a0: 80" in unescape(turned.text)
    await browser.aclose()


async def test_buttons_take_no_part_without_script_and_have_names(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    page = (await browser.get(f"/sessions/{table.session.id}/take")).text
    buttons = re.findall(r'<button type="button"[^>]*data-give="(-?5)" aria-label="([^"]+)"', page)
    assert ("5", "5 points more for P001") in buttons and ("-5", "5 points fewer for P003") in buttons
    assert "data-left" not in page and "data-over" not in page
    await browser.aclose()


async def test_the_list_is_told_after_the_close_and_an_outsider_sees_nothing(site: Site) -> None:
    table = await lay_table(site.house, [replace(POINTS, rule={"name": "first", "n": 1})])
    await table.keep_apart("patients", "caregivers", "clinicians")
    await table.open("points")
    elsewhere = await lay_table(site.house, [POINTS], title="Ailleurs")
    for seat in table.seats[:5]:  # the patients; everyone else together stays under the floor
        await table.cast(seat, "points", points__P001="30", points__P002="70")
    await table.cast(table.bob, "points", points__P003="100")
    await table.close("points")
    await conduct.analyse_due(site.house)
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    assert re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL) == [
        *(("1", "P002"), ("2", "P001"), ("3", "P003"))
    ]
    assert "70%" in page and "30%" in page and "14%" not in page, "one manager is in no sum"
    assert (await fay.get(f"/sessions/{table.session.id}/projector")).status_code == 200
    browser = await english(site, table.bob)
    own = unescape((await browser.get(f"/sessions/{table.session.id}/take")).text)
    assert "Your points" in own and "Statements on the same rank are tied." in own and "70%" not in own
    outsider = await site.sit(elsewhere.aline)
    for page in ("take", "console", "results", "frame/room"):
        assert (await outsider.get(f"/sessions/{table.session.id}/{page}")).status_code in {401, 403, 404}
    assert (await send_to(outsider, table)).status_code in {401, 403, 404}
    for one in (fay, browser, outsider):
        await one.aclose()


async def send_to(browser: httpx2.AsyncClient, table: Table) -> httpx2.Response:
    said = {"round": "points", "key": "k", "points.P001": "100"}
    return await browser.post(f"/sessions/{table.session.id}/take", data=said)
