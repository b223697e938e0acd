"""A participant's device: asked once, given the pages of the open round and nothing else, told to forget."""

from __future__ import annotations

from html import unescape
from typing import Any

import httpx2
import pytest

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import STATEMENTS, Site, Table, lay_table
from tests.web.test_rating_line import field

CLEAR = '"cache", "storage"'


@pytest.fixture
async def here(site: Site) -> Table:
    """An open rating round, everything about which is shown live; Odile sits elsewhere."""
    elsewhere = await lay_table(site.house, title="Ailleurs")
    plan = Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={"rotate": False})
    table = await lay_table(site.house, [plan, Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    table.odile = elsewhere.aline
    await table.open("rating")
    return table


async def says(browser: httpx2.AsyncClient, table: Table, own: str, at: str = "") -> httpx2.Response:
    return await browser.post(f"/sessions/{table.session.id}/device", data={"own": own, "at": at})


async def kept(browser: httpx2.AsyncClient, table: Table, query: str = "") -> dict[str, Any]:
    answer = await browser.get(f"/sessions/{table.session.id}/kept{query}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def look(browser: httpx2.AsyncClient, table: Table, page: str = "take") -> str:
    return unescape((await browser.get(f"/sessions/{table.session.id}/{page}")).text)


async def test_whose_device_it_is_is_asked_once_and_never_stands_in_the_way(site: Site, here: Table) -> None:
    aline, say = await site.sit(here.aline), site.house.texts.say
    assert say("fr", "device.ask") in await look(aline, here)
    cast = {"round": "rating", "card": "P001", "importance": "7", "key": "k"}
    assert (await aline.post(f"/sessions/{here.session.id}/take", data=cast)).status_code == 303
    answer = await says(aline, here, "yes", "P002")
    assert answer.headers["location"] == f"/sessions/{here.session.id}/take?device=asked&card=P002"
    assert say("fr", "device.ask") not in await look(aline, here)
    assert [login.is_own for login in await models.Login.filter(seat_id=here.aline.id)] == [True]
    elsewhere = await site.sit(here.aline)  # another device of the same person
    assert say("fr", "device.ask") in await look(elsewhere, here)
    await aline.aclose()
    await elsewhere.aclose()


async def test_an_answer_that_is_none_changes_nothing(site: Site, here: Table) -> None:
    aline = await site.sit(here.aline)
    assert (await says(aline, here, "perhaps")).status_code == 303
    assert [login.is_own for login in await models.Login.filter(seat_id=here.aline.id)] == [None]
    await aline.aclose()


async def test_a_round_whose_answers_build_on_one_another_is_not_kept(site: Site, here: Table) -> None:
    aline = await site.sit(here.aline)
    await says(aline, here, "yes")
    await here.close("rating")
    assert (await kept(aline, here))["pages"] == {}
    await here.open("wall")
    assert (await kept(aline, here))["pages"] == {}
    assert "data-mark" not in await look(aline, here)
    await aline.aclose()


async def test_an_own_device_is_given_every_card_as_it_is_drawn_and_no_figure(site: Site, here: Table) -> None:
    aline, take = await site.sit(here.aline), f"/sessions/{here.session.id}/take"
    await says(aline, here, "yes")
    for seat in here.seats:
        for card in STATEMENTS:
            await here.cast(seat, "rating", card=str(card["id"]), importance="9" if seat is here.aline else "2")
    given = await kept(aline, here)
    assert list(given["pages"]) == [take, *(f"{take}?card={card['id']}" for card in STATEMENTS)]
    assert set(given["marks"]) == {card["id"] for card in STATEMENTS}
    for card in STATEMENTS:
        html = given["pages"][f"{take}?card={card['id']}"]
        assert "data-kept" in html and f'action="{take}"' in html and field(html, "card") == card["id"]
        assert 'value="9" aria-label="9, Essentiel" checked' in html  # one's own answer
        live = await look(aline, here, f"take?card={card['id']}")
        for figure in ('id="tally-title"', "11 sur 11", "5/5"):  # of others, though the page itself shows them
            assert figure not in html
        assert 'id="tally-title"' in live and "11 sur 11" in live
    await aline.aclose()


async def test_only_the_cards_asked_for_are_drawn_again(site: Site, here: Table) -> None:
    aline, take = await site.sit(here.aline), f"/sessions/{here.session.id}/take"
    await says(aline, here, "yes")
    before = (await kept(aline, here))["marks"]
    await here.cast(here.aline, "rating", card="P002", importance="9")
    given = await kept(aline, here, "?card=P002&card=nowhere")
    assert list(given["pages"]) == [take, f"{take}?card=P002"]
    assert before == {} and list(given["marks"]) == ["P002"]
    await here.cast(here.aline, "rating", card="P002", importance="8")
    assert (await kept(aline, here))["marks"]["P002"] != given["marks"]["P002"]
    await aline.aclose()


async def test_nothing_is_kept_on_a_shared_device_nor_before_consent(site: Site, here: Table) -> None:
    aline = await site.sit(here.aline)
    assert (await kept(aline, here))["pages"] == {}
    await says(aline, here, "no")
    assert (await kept(aline, here))["pages"] == {}
    await says(aline, here, "yes")
    await models.Seat.filter(id=here.aline.id).update(consented=False)
    assert (await kept(aline, here))["pages"] == {}
    await aline.aclose()


async def test_nobody_is_given_the_pages_of_another(site: Site, here: Table) -> None:
    await here.cast(here.aline, "rating", card="P001", importance="9", reason="Mon frère attend.")
    bob, odile = await site.sit(here.bob), await site.sit(here.odile)
    fay, stranger = await site.sign_in(), site.client()
    await says(bob, here, "yes")
    given = await kept(bob, here)
    assert given["marks"] == {} and "Mon frère attend." not in "".join(given["pages"].values())
    for page in ("kept", "pause", "thanks"):
        path = f"/sessions/{here.session.id}/{page}"
        assert [(await one.get(path)).status_code for one in (odile, fay, stranger)] == [404, 403, 401]
    for one, status in ((odile, 404), (fay, 403), (stranger, 401)):
        assert (await says(one, here, "yes")).status_code == status
        assert (await one.post(f"/sessions/{here.session.id}/finish")).status_code == status
        await one.aclose()
    await bob.aclose()


async def test_the_worker_comes_from_the_root_and_is_never_stale(site: Site) -> None:
    async with site.client() as stranger:
        answer = await stranger.get("/worker.js")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "worker-src 'self';" in answer.headers["content-security-policy"]


async def test_whoever_finishes_leaves_nothing_and_may_come_back(site: Site, here: Table) -> None:
    aline, say = await site.sit(here.aline), site.house.texts.say
    assert "/finish" not in await look(aline, here)
    for card in STATEMENTS:
        await here.cast(here.aline, "rating", card=str(card["id"]), importance="9")
    assert f'action="/sessions/{here.session.id}/finish"' in await look(aline, here)
    answer = await aline.post(f"/sessions/{here.session.id}/finish")
    assert answer.headers["clear-site-data"] == CLEAR
    page = unescape((await aline.get(answer.headers["location"])).text)
    assert say("fr", "thanks.title") in page and say("fr", "next_person") not in page
    assert say("fr", "all_answered") in await look(aline, here)  # the cookie is still good
    await aline.aclose()


async def test_a_shared_device_is_handed_to_the_next_person(site: Site, here: Table) -> None:
    aline, say = await site.sit(here.aline), site.house.texts.say
    await says(aline, here, "no")
    assert (await look(aline, here)).count(say("fr", "next_person")) == 1  # in the help that ends the header
    assert say("fr", "next_person") in await look(aline, here, "thanks")
    answer = await aline.post("/sign-out")
    assert answer.headers["location"] == "/" and answer.headers["clear-site-data"] == CLEAR
    assert (await aline.get(f"/sessions/{here.session.id}/take")).status_code == 401
    await aline.aclose()


async def test_whoever_withdraws_leaves_nothing_on_the_device(site: Site, here: Table) -> None:
    aline = await site.sit(here.aline)
    answer = await aline.post(f"/sessions/{here.session.id}/withdraw", data={"choice": "stop"})
    assert answer.status_code == 200 and answer.headers["clear-site-data"] == CLEAR
    assert "data-forgets" in answer.text
    await aline.aclose()


async def test_an_answer_of_somebody_else_on_this_device_is_not_cast(site: Site, here: Table) -> None:
    aline, bob = await site.sit(here.aline), await site.sit(here.bob)
    cast = {"round": "rating", "card": "P001", "importance": "7", "key": "k"}
    mark = (await look(aline, here)).partition('data-owner="')[2].partition('"')[0]
    for browser, status in ((bob, 409), (aline, 303)):
        path, headers = f"/sessions/{here.session.id}/take", {"Table-Seat": mark}
        assert (await browser.post(path, data=cast, headers=headers)).status_code == status
        await browser.aclose()
    assert [ballot.seat_id for ballot in await models.Ballot.all()] == [here.aline.id]


async def test_who_stops_for_a_while_reads_what_is_left_and_how_to_go_on(site: Site, here: Table) -> None:
    aline, say = await site.sit(here.aline), site.house.texts.say
    await here.cast(here.aline, "rating", card="P001", importance="9")
    assert f'href="/sessions/{here.session.id}/pause"' in await look(aline, here)
    page = await look(aline, here, "pause")
    assert say("fr", "pause.left", n=2) in page and say("fr", "pause.kept") in page
    code = page.partition('<strong class="id pause-code">')[2].partition("<")[0]
    async with site.client() as elsewhere:
        assert (await elsewhere.post("/", data={"code": code})).status_code == 303
        assert "P002" in await look(elsewhere, here)
    await aline.aclose()


async def test_a_revoked_device_is_given_nothing(site: Site, here: Table) -> None:
    aline = await site.sit(here.aline)
    await says(aline, here, "yes")
    await conduct.revoke(site.house, here.fay, here.aline.id)
    assert (await aline.get(f"/sessions/{here.session.id}/kept")).status_code == 401
    await aline.aclose()
