"""Writing cards: a participant writes, changes and takes back, by plain forms; nobody else reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest

from consensus import models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_rating_line import field

IDEA = "Appeler les gens à la maison."

Sit = Callable[[models.Seat | None], Awaitable[httpx2.AsyncClient]]


@pytest.fixture
async def sit(site: Site) -> AsyncIterator[Sit]:
    """Browsers by seat, closed at the end; None stands for Fay, who facilitates."""
    browsers: list[httpx2.AsyncClient] = []

    async def come(seat: models.Seat | None) -> httpx2.AsyncClient:
        browsers.append(await site.sit(seat) if seat else await site.sign_in())
        return browsers[-1]

    yield come
    for browser in browsers:
        await browser.aclose()


async def opened(site: Site, settings: dict[str, object] | None = None) -> Table:
    plan = Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings=settings or {})
    table = await lay_table(site.house, plans=[plan])
    await table.open("gather")
    return table


async def look(browser: httpx2.AsyncClient, table: Table, query: str = "") -> str:
    page = await browser.get(f"/sessions/{table.session.id}/take{query}")
    assert page.status_code == 200, page.text
    return page.text


async def send(browser: httpx2.AsyncClient, table: Table, html: str, **form: str) -> httpx2.Response:
    """The form of this page; fields that are not given keep the value that the page gave them."""
    hidden = {name: field(html, name) for name in ("round", "key", "card")}
    return await browser.post(f"/sessions/{table.session.id}/take", data=hidden | form)


async def write(browser: httpx2.AsyncClient, table: Table, text: str) -> str:
    """Write the next card; the page that follows."""
    kept = await send(browser, table, await look(browser, table), text=text, nature="helps")
    assert kept.status_code == 303, kept.text
    return (await browser.get(kept.headers["location"])).text


async def test_the_page_asks_the_question_in_both_languages(site: Site, sit: Sit) -> None:
    table = await opened(site)
    aline = await sit(table.aline)
    page = await look(aline, table)
    assert '<h1 tabindex="-1" dir="auto">Et ensuite?</h1>' in page
    assert "Cartes écrites\u00a0: 0 sur 10" in page
    page = await look(aline, table, "?lang=en")
    assert '<h1 tabindex="-1" dir="auto">What next?</h1>' in page
    assert "Cards written: 0 of 10" in page


async def test_a_card_is_written_changed_and_taken_back(site: Site, sit: Sit) -> None:
    table = await opened(site)
    aline = await sit(table.aline)
    page = await write(aline, table, IDEA)
    assert "La carte 1 est enregistrée." in page
    assert field(page, "card") == "2"  # the next free card is offered
    page = await look(aline, table, "?card=1")
    assert field(page, "card") == "1"
    await send(aline, table, page, text="Appeler les gens chez eux.", nature="")
    page = await look(aline, table)
    assert "Appeler les gens chez eux." in page and IDEA not in page
    gone = await send(aline, table, page, card="1", take_back="1")
    page = (await aline.get(gone.headers["location"])).text
    assert "La carte 1 est retirée." in page
    assert "Appeler les gens chez eux." not in page
    assert field(page, "card") == "1"
    assert await models.Ballot.all().count() == 3


async def test_nobody_sees_the_cards_of_another_before_the_close(site: Site, sit: Sit) -> None:
    table = await opened(site)
    aline, bob, fay = await sit(table.aline), await sit(table.bob), await sit(None)
    await write(aline, table, IDEA)
    here = f"/sessions/{table.session.id}"
    seen = [(bob, "take"), (bob, "frame/room"), (fay, "console"), (fay, "frame/console"), (fay, "projector")]
    for browser, path in seen:
        page = await browser.get(f"{here}/{path}")
        assert page.status_code == 200 and IDEA not in page.text, path


async def test_after_the_close_the_team_reads_the_proposals_and_the_room_does_not(site: Site, sit: Sit) -> None:
    table = await opened(site)
    aline, bob, fay = await sit(table.aline), await sit(table.bob), await sit(None)
    await write(aline, table, IDEA)
    await look(bob, table, "?lang=en")
    await write(bob, table, "Pay for parking.")
    await table.close("gather")
    desk = (await fay.get(f"/sessions/{table.session.id}/console?lang=en")).text
    assert f'<span dir="auto" lang="fr">{IDEA}</span>' in desk
    assert '<span dir="auto" lang="en">Pay for parking.</span>' in desk
    assert "Proposals: 2" in desk
    assert IDEA not in await look(bob, table)
    assert "The team now prepares the statements" in await look(bob, table)


async def test_a_refused_card_keeps_what_was_typed(site: Site, sit: Sit) -> None:
    table = await opened(site, {"length": 20})
    bob = await sit(table.bob)
    page = await look(bob, table, "?lang=en")
    refused = await send(bob, table, page, text="Twenty-one characters.", nature="hinders")
    assert refused.status_code == 422
    assert "Twenty-one characters.</textarea>" in refused.text
    assert 'value="hinders" checked' in refused.text
    assert "Shorten this text to 20" in refused.text


async def test_the_other_language_keeps_what_was_typed(site: Site, sit: Sit) -> None:
    table = await opened(site)
    aline = await sit(table.aline)
    page = await send(aline, table, await look(aline, table), text="Une moitié d’idée", nature="", say_in="en")
    assert page.status_code == 200
    assert "What next?" in page.text and "Une moitié d’idée</textarea>" in page.text
    assert await models.Ballot.all().count() == 0


async def test_who_has_no_card_left_can_still_change_one(site: Site, sit: Sit) -> None:
    table = await opened(site, {"limit": 1})
    aline = await sit(table.aline)
    page = await write(aline, table, IDEA)
    assert "Il ne vous reste aucune carte à écrire." in page and "<textarea" not in page
    assert f"{IDEA}</textarea>" in await look(aline, table, "?card=1")


async def test_the_sort_of_idea_is_asked_only_where_the_setting_asks(site: Site, sit: Sit) -> None:
    table = await opened(site, {"nature": False})
    aline = await sit(table.aline)
    assert 'name="nature"' not in await look(aline, table)
