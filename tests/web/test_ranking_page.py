"""Putting statements in order, over HTTP, as a browser without JavaScript does it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

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


async def test_each_control_names_its_statement_by_its_words(site: Site) -> None:
    """A number stands nowhere on the page of a person who orders; read aloud, it says nothing."""
    table = await opened(site)
    page = unescape((await (await english(site, table.bob)).get(f"/sessions/{table.session.id}/take")).text)
    for words in re.findall(r"</select><p[^>]*>(.*?)</p>", page):
        for name in (f"Rank of: {words}", f"Move up: {words}", f"Move down: {words}"):
            assert f'aria-label="{name}"' in page
    assert not re.search(r'aria-label="[^"]*P00\d', page)


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


async def test_the_console_lists_the_order_with_shared_ranks_of_those_who_are_counted(site: Site) -> None:
    table = await lay_table(site.house, [replace(RANKING, rule={"name": "first", "n": 1})])
    await table.keep_apart("patients", "caregivers", "clinicians")
    await table.open("ranking")
    for seat in table.seats[:5]:  # the patients; everyone else together stays under the floor
        await table.cast(seat, "ranking", place__P001="1", place__P002="1")
    await table.cast(table.bob, "ranking", place__P003="1")
    await table.close("ranking")
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    order = re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL)
    assert order == [("1", "P001"), ("1", "P002"), ("3", "P003")]
    assert "Answers shown: 5." in page
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


async def test_rank_and_certainty_rest_on_the_same_answers_where_a_small_group_is_not_counted(site: Site) -> None:
    """Four of the second block put the second card first and the first one last; those four are counted nowhere."""
    table = await lay_table(site.house, [replace(RANKING, settings={"top": 3}, rule={"name": "first", "n": 1})])
    await table.keep_apart("patients", "caregivers", "clinicians")
    await table.open("ranking")
    for n, seat in enumerate(table.seats[:9]):
        order = ("P001", "P002", "P003") if n < 5 else ("P002", "P003", "P001")
        await table.cast(seat, "ranking", **{f"place__{card}": str(at) for at, card in enumerate(order, 1)})
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    fay = await console(site)
    for where in ("console", "results"):
        page = unescape((await fay.get(f"/sessions/{table.session.id}/{where}")).text)
        said = {}
        for row in page.split("<tr")[1:]:
            rank, card = re.search(r">(\d)</", row), re.search(r"\b(P00\d)\b", row)
            words = re.search(r"<small>([^<]*first place[^<]*)</small>", row)
            if rank and card and words:
                said[card[1]] = rank[1], words[1]
        assert said["P001"] == ("1", "Firmly in first place.") and said["P002"] == ("2", "Outside first place.")
    screen = unescape((await fay.get(f"/sessions/{table.session.id}/projector")).text)
    assert screen.index("Statement 1.") < screen.index("Statement 2.")
    await fay.aclose()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("How the list is made", "Mean rank", "Borda", "Schulze", "Kemeny", "12 statements at most.")),
        ("fr", ("Comment la liste est faite", "Rang moyen", "Borda", "Schulze", "Kemeny", "12 énoncés au plus.")),
    ],
)
async def test_how_the_list_is_made_is_chosen_at_set_up_each_way_in_a_sentence(
    site: Site, lang: str, said: tuple[str, ...]
) -> None:
    table = await lay_table(site.house, [RANKING])
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}"
    page = unescape((await fay.get(f"{here}/setup/ranking?lang={lang}")).text).replace("\u00a0", " ")
    for words in said:
        assert words in page
    ticked = re.findall(r'name="setting.order" value="(\w*)" checked', page)
    assert ticked == ["mean_rank"], "also in a plan that was stored before there was a choice"
    plan = unescape((await fay.get(f"{here}/setup?lang={lang}")).text).replace("\u00a0", " ")
    assert said[1] in plan and "None" not in plan
    sent = {"disclosure": "at_close", "grace": "0", "setting.top": "2", "setting.unranked": "below"}
    refused = await fay.post(
        f"{here}/setup/ranking", data=sent | {"setting.order": "kemeny", "setting.unranked": "absent"}
    )
    assert refused.status_code == 422 and "Schulze" in refused.text
    saved = await fay.post(f"{here}/setup/ranking", data=sent | {"setting.order": "kemeny"})
    assert saved.status_code == 303, saved.text
    assert (await table.row("ranking")).settings["order"] == "kemeny"
    plan = unescape((await fay.get(f"{here}/setup?lang={lang}")).text).replace("\u00a0", " ")
    assert said[4] in plan
    await fay.aclose()


@pytest.mark.parametrize("order", ["borda", "schulze", "kemeny"])
@pytest.mark.parametrize(("lang", "colon"), [("en", ":"), ("fr", " :")])
async def test_the_list_says_in_both_languages_which_way_it_was_made(
    site: Site, order: str, lang: str, colon: str
) -> None:
    plan = replace(RANKING, settings={"top": 3, "order": order}, rule={"name": "first", "n": 1})
    table = await lay_table(site.house, [plan])
    await table.open("ranking")
    for seat in table.seats:
        await table.cast(seat, "ranking", place__P002="1", place__P001="2")
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    fay, means = await site.sign_in(), f"{order.title()}{colon}"
    for path in ("console", "results", "frame/projector"):
        page = unescape((await fay.get(f"/sessions/{table.session.id}/{path}?lang={lang}")).text)
        assert means in page.replace("\u00a0", " "), path
        assert "Equal mean ranks share a rank" not in page and "Des rangs moyens égaux" not in page
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console?lang={lang}")).text)
    listed = re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL)
    assert listed == [("1", "P002"), ("2", "P001"), ("3", "P003")]
    beaten = re.findall(r'<td class="n"><b>(\d+)\s*%</b>', page)
    assert beaten == (["100", "50", "0"] if order == "borda" else []), "the others that each stands above"
    await fay.aclose()
