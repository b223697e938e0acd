"""A network that is lost in the middle of a round: every answer is stored once, and the count shown is right.

The server is really stopped, because what a service worker asks for passes by Chromium's own switch; where a test says
so the browser is told that it is offline as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.async_api import expect

from consensus import conduct, models
from consensus.house import build, open_house
from consensus.protocol import Plan
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from tests.browser.people import PATIENCE, PHONE, Crowd, Person
from tests.browser.stage import accept, agree, lay, link
from tests.conftest import Site, Table

RATING = [Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={"rotate": False})]
CARDS = [
    {"id": f"P{n:03}", "wordings": {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "original": "en"}
    for n in range(1, 7)
]
IS_KEPT = """async ([path, n]) => {
  const held = await (await caches.match(path))?.json();
  return navigator.serviceWorker.controller && held && Object.keys(held.drawn).length === n;
}"""
NO_STORE = "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };"
NO_PAGES = "async () => (await caches.keys()).length === 0"
NOTHING_IS_HERE = """async () => (await caches.keys()).length + (await indexedDB.databases()).length
  + (await navigator.serviceWorker.getRegistrations()).length === 0"""


@dataclass
class Plug(Site):
    """A served house whose plug can be pulled. The port and the database stay."""

    settings: Settings = field(kw_only=True)
    port: int = field(kw_only=True)
    current: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def connect(self) -> None:
        self.house = build(self.settings)
        await self.current.enter_async_context(running(make_app(self.settings, self.house), listen(self.port)))

    async def cut(self) -> None:
        await self.current.aclose()


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Plug]:
    listener = listen(0)
    settings = replace(settings, origin=origin_of(listener))
    plug = Plug(build(settings), settings.origin, settings=settings, port=listener.getsockname()[1])
    listener.close()
    await plug.connect()
    yield plug
    await plug.cut()


async def seated(site: Plug, crowd: Crowd, plans: list[Plan] = RATING, own: str = "device.yes") -> tuple[Table, Person]:
    """Aline meets the first card of the round, and says whose device she holds."""
    table = await lay(site, plans, CARDS)
    aline = await crowd.comes("Aline", "fr", PHONE)
    await aline.page.clock.install()
    await accept(site, aline, table.aline)
    await agree(aline)
    await table.open(plans[0].key)
    await aline.press(own)
    await expect(aline.page.get_by_text(aline.say("device.ask"))).to_have_count(0)
    if own == "device.yes":
        await is_kept(aline, table)
    return table, aline


async def is_kept(person: Person, table: Table, answers: int = 0) -> None:
    await becomes(person, IS_KEPT, [f"/sessions/{table.session.id}/kept", answers])


async def becomes(person: Person, condition: str, given: Any = None) -> None:
    """Waits for a condition that takes its time itself, which the browser's own waiting takes for fulfilled."""
    until = f"async (given) => {{ while (!await ({condition})(given)) await new Promise(requestAnimationFrame); }}"
    async with asyncio.timeout(PATIENCE / 1000):
        await person.page.evaluate(until, given)


async def rates(person: Person, card: str, value: int) -> None:
    await expect(person.page.locator("#answer input[name=card]")).to_have_value(card)
    await person.page.locator("label.key").filter(has=person.page.locator(f"[value='{value}']")).tap()
    await person.press("save_and_go_on")


async def counts(person: Person, done: int, of: int = len(CARDS)) -> None:
    said = person.say("progress", done=done, n=of)
    await expect(person.page.locator(".so-far [data-text]")).to_have_text(said)
    await expect(person.page.locator(".so-far [role=img]")).to_have_attribute("aria-label", said)


async def is_told(person: Person, key: str, **values: object) -> None:
    """The banner, which is said aloud when it changes."""
    await expect(person.page.locator("body > .offline[role=status]")).to_contain_text(person.say(key, **values))


async def standing(site: Plug, table: Table) -> dict[str, Any]:
    said = (await site.house.counts.now(await table.row("rating"))).own.get(str(table.aline.id), {})
    return {card: marks["values"]["importance"] for card, marks in said.items()}


def no_breach(crowd: Crowd) -> None:
    assert not [trouble for person in crowd.people for trouble in person.troubles if "policy:" in trouble]


async def test_a_quarter_of_an_hour_without_a_network_loses_nothing(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    await rates(aline, "P001", 9)
    await counts(aline, 1)
    await is_kept(aline, table, 1)
    await site.cut()
    await rates(aline, "P002", 3)
    await is_told(aline, "offline.waiting", n=1)
    await counts(aline, 2)
    await rates(aline, "P003", 4)
    await is_told(aline, "offline.waiting", n=2)
    await counts(aline, 3)
    await expect(aline.page.locator(".so-far i.d")).to_have_count(3)
    await aline.page.clock.fast_forward("15:00")
    await aline.page.reload()
    await counts(aline, 3)
    await is_told(aline, "offline.waiting", n=2)
    await aline.page.context.set_offline(True)  # from here on the browser says so, too
    await comes_again(site, aline, table)
    await counts(aline, 3)
    await is_told(aline, "offline.waiting", n=2)
    await aline.follow("previous_card")
    await expect(aline.page.locator("[name=importance][value='4']")).to_be_checked()  # it waits, and is here again
    await rates(aline, "P003", 8)
    await counts(aline, 3)
    for done, card in enumerate(("P004", "P005", "P006"), start=4):
        await rates(aline, card, 7)
        await counts(aline, done)
    await is_told(aline, "offline.waiting", n=5)
    await is_told(aline, "offline.all")
    await aline.check("all answered, not connected")
    await aline.page.context.set_offline(False)
    await comes_back(site, aline)
    await aline.sees("all_answered")
    await counts(aline, 6)
    assert await models.Ballot.all().count() == 6
    assert await standing(site, table) == {"P001": 9, "P002": 3, "P003": 8, "P004": 7, "P005": 7, "P006": 7}
    await aline.press("finish.do")
    await aline.sees("thanks.title")
    assert await aline.page.evaluate(NOTHING_IS_HERE)
    no_breach(crowd)


async def comes_back(site: Plug, person: Person) -> None:
    """The network; the page tries every three seconds."""
    await site.connect()
    await person.page.clock.fast_forward(3000)
    await is_told(person, "offline.sent")


async def comes_again(site: Plug, person: Person, table: Table) -> None:
    """The page is closed, and opened again by the link."""
    context = person.page.context
    await person.page.close()
    person.page = await context.new_page()
    await person.goes(link(site, table.aline))


async def test_two_pages_of_one_person_send_each_answer_once(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    other = Person("Aline", await aline.page.context.new_page(), "fr")
    await other.goes(f"/sessions/{table.session.id}/take")
    await site.cut()
    await aline.page.bring_to_front()  # a page behind another is slow to touch
    await rates(aline, "P001", 2)
    await rates(aline, "P002", 3)
    await counts(other, 2)
    await other.page.bring_to_front()
    await other.page.reload()
    await rates(other, "P003", 4)
    await counts(other, 3)
    await counts(aline, 3)
    await site.connect()
    for one in (aline, other):
        await one.page.clock.fast_forward(3000)
    for one in (aline, other):
        await expect(one.page.locator("#device[data-kept]")).to_have_count(0)
        await expect(one.page.locator("body > .offline")).not_to_contain_text(one.say("offline.waiting", n=3)[:20])
        await counts(one, 3)
    assert await models.Ballot.all().count() == 3
    assert await standing(site, table) == {"P001": 2, "P002": 3, "P003": 4}


async def test_what_came_too_late_is_told_and_not_tried_for_ever(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    await site.cut()
    await rates(aline, "P001", 2)
    await is_told(aline, "offline.waiting", n=1)
    async with open_house(build(site.settings)) as house:
        table.house = house
        await table.close("rating")
    await site.connect()
    await aline.page.clock.fast_forward(3000)
    await aline.sees("unstored.title")
    await aline.reads(f"P001 – {aline.say('refused.closed')}")
    await aline.sees("waiting.title")
    await aline.check("refused")
    assert await models.Ballot.all().count() == 0
    await becomes(aline, NO_PAGES)
    await aline.page.reload()
    await aline.sees("unstored.title")
    await aline.press("unstored.read")
    await expect(aline.page.locator(".unstored")).to_be_hidden()


async def test_nobody_leaves_a_shared_device_while_an_answer_waits(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd, own="device.no")
    await site.cut()
    await rates(aline, "P001", 2)
    await is_told(aline, "offline.waiting", n=1)
    await counts(aline, 1)
    await goes_on(aline)
    await is_told(aline, "offline.held", n=1)
    await comes_back(site, aline)
    await goes_on(aline)
    await aline.sees("landing.title")
    assert await aline.page.evaluate(NOTHING_IS_HERE)
    assert await standing(site, table) == {"P001": 2}


async def goes_on(person: Person) -> None:
    """By the help that ends every header; it may be open still."""
    if not await person.button("next_person").is_visible():
        await person.page.locator("summary").filter(has_text=person.say("help")).click()
    await person.press("next_person")


async def test_a_revoked_seat_leaves_nothing_on_the_device(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    await conduct.revoke(site.house, table.fay, table.aline.id)
    await aline.sees("landing.title")
    await becomes(aline, NOTHING_IS_HERE)


async def test_what_waits_is_never_cast_by_the_next_person(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd, own="device.no")
    await site.cut()
    await rates(aline, "P001", 2)
    await is_told(aline, "offline.waiting", n=1)
    await site.connect()
    await aline.page.context.clear_cookies()
    await accept(site, aline, table.seats[1])
    await rates(aline, "P001", 9)
    await counts(aline, 1)
    assert await standing(site, table) == {}
    await accept(site, aline, table.aline)
    await is_told(aline, "offline.sent")
    assert await standing(site, table) == {"P001": 2}


async def test_whoever_is_signed_out_keeps_what_waits_and_sends_it_by_the_link(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    await site.cut()
    await rates(aline, "P001", 2)
    await is_told(aline, "offline.waiting", n=1)
    await aline.page.context.clear_cookies()
    await site.connect()
    await aline.page.clock.fast_forward(3000)
    await is_told(aline, "offline.out", n=1)
    await becomes(aline, NO_PAGES)
    await aline.page.clock.fast_forward(3000)
    await is_told(aline, "offline.out", n=1)
    assert await standing(site, table) == {}
    await accept(site, aline, table.aline)
    await is_told(aline, "offline.sent")
    assert await standing(site, table) == {"P001": 2}


async def test_a_browser_that_holds_nothing_says_what_is_lost_and_sends_all_else(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd, own="device.no")
    await aline.page.add_init_script(NO_STORE)
    await aline.page.reload()
    await rates(aline, "P001", 2)
    await counts(aline, 1)
    await site.cut()
    await rates(aline, "P002", 3)
    await is_told(aline, "offline.lost")
    await counts(aline, 1)
    await site.connect()
    await aline.page.clock.fast_forward(3000)
    await expect(aline.page.locator("[data-online]").first).to_be_visible()
    await is_told(aline, "offline.lost")  # the network is back, and the answer is not
    await rates(aline, "P002", 4)
    await counts(aline, 2)
    await expect(aline.page.locator("body > .offline")).to_be_empty()
    assert await standing(site, table) == {"P001": 2, "P002": 4}


async def test_a_page_that_is_closed_while_it_sends_leaves_its_answer_to_the_next(site: Plug, crowd: Crowd) -> None:
    table, aline = await seated(site, crowd)
    sent: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    await aline.page.route("**/take", lambda route: sent.set_result(route.request))
    await aline.page.locator("label.key").filter(has=aline.page.locator("[value='7']")).tap()
    await aline.button("save_and_go_on").click()
    held = Held(aline, await sent)
    await comes_again(site, aline, table)
    await is_told(aline, "offline.sent")
    assert await standing(site, table) == {"P001": 7}
    assert await held.arrives() == 303  # the first copy was under way, and counts no second time
    assert await models.Ballot.all().count() == 1


async def test_cards_written_without_a_network_are_listed_and_kept(site: Plug, crowd: Crowd) -> None:
    plan = Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={"limit": 3})
    table, aline = await seated(site, crowd, [plan])
    await site.cut()
    for number, text in enumerate(("One number to call.", "Home visits."), start=1):
        await expect(aline.page.locator("#answer input[name=card]")).to_have_value(str(number))
        await aline.fill("gather.ask.text", text)
        await aline.press("gather.save")
        await is_told(aline, "offline.waiting", n=number)
        await aline.sees("gather.counter", done=number, limit=3)
    await aline.follow("gather.not_sent", card=1)
    await expect(aline.box("gather.ask.text")).to_have_value("One number to call.")
    await aline.fill("gather.ask.text", "One number, day and night.")
    await aline.press("gather.save")
    await comes_back(site, aline)
    await aline.reads("One number, day and night.")
    await aline.sees("gather.counter", done=2, limit=3)
    said = (await site.house.counts.now(await table.row("gather"))).own[str(table.aline.id)]
    assert [said[card]["text"] for card in ("1", "2")] == ["One number, day and night.", "Home visits."]
    assert await models.Ballot.all().count() == 2


async def test_an_order_made_without_a_network_is_there_after_a_reload(site: Plug, crowd: Crowd) -> None:
    plan = Plan(key="ranking", kind="ranking", disclosure="facilitator", grace=0)
    table, aline = await seated(site, crowd, [plan])
    await site.cut()
    await aline.place("P004").select_option("1")
    await aline.place("P002").select_option("2")
    await aline.press("ranking.save")
    await is_told(aline, "offline.waiting", n=1)
    await aline.page.reload()
    await is_told(aline, "offline.waiting", n=1)
    await expect(aline.page.locator("[data-rank] > li").first).to_contain_text("Énoncé 4.")
    await expect(aline.place("P002")).to_have_value("2")
    await comes_back(site, aline)
    await aline.sees("ranking.saved")
    said = (await site.house.counts.now(await table.row("ranking"))).own[str(table.aline.id)]
    assert said[""]["order"] == [["P004"], ["P002"]] and await models.Ballot.all().count() == 1


# An older answer in flight


@dataclass
class Held:
    """The first answer that a page sends, as the network keeps it: its page hears nothing of it. Until the network is
    mended no other passes: the page tries by itself every three seconds, and a busy machine may be that slow."""

    person: Person
    request: Any = None
    is_mended: bool = False

    async def __call__(self, route: Any) -> None:
        if route.request.method == "POST" and not self.is_mended:
            self.request = self.request or route.request
            await route.abort()
        else:
            await route.continue_()

    async def arrives(self) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.request.headers["origin"]}
        sent = {"data": self.request.post_data, "headers": headers, "max_redirects": 0}
        return int((await self.person.page.context.request.post(self.request.url, **sent)).status)


async def test_who_is_caught_by_a_close_and_comes_back_keeps_the_last_answer(site: Plug, crowd: Crowd) -> None:
    plan = Plan(key="rating", kind="rating", disclosure="facilitator", grace=60, settings={"rotate": False})
    table, aline = await seated(site, crowd, [plan])
    held = Held(aline)
    await aline.page.route("**/take", held)
    await rates(aline, "P001", 3)
    await is_told(aline, "offline.waiting", n=1)
    await conduct.close_round(site.house, table.fay, (await table.row("rating")).id)
    held.is_mended = True
    await aline.page.clock.fast_forward(3000)
    await is_told(aline, "offline.sent")
    assert await standing(site, table) == {"P001": 3}
    await aline.goes(f"/sessions/{table.session.id}/take?card=P001")
    await site.cut()
    await rates(aline, "P001", 9)
    await is_told(aline, "offline.waiting", n=1)
    await comes_back(site, aline)
    assert await standing(site, table) == {"P001": 9}
    assert await held.arrives() == 303
    assert await standing(site, table) == {"P001": 9}
    await aline.goes(f"/sessions/{table.session.id}/take?card=P001")
    await expect(aline.page.locator("[name=importance][value='9']")).to_be_checked()


async def test_an_answer_that_was_changed_before_it_came_is_never_the_last(site: Plug, crowd: Crowd) -> None:
    """The first copy is still under way when another answer has taken its place on the device."""
    table, aline = await seated(site, crowd)
    held = Held(aline)
    await aline.page.route("**/take", held)
    await rates(aline, "P001", 3)
    await is_told(aline, "offline.waiting", n=1)
    await aline.page.context.set_offline(True)
    await aline.follow("previous_card")
    await rates(aline, "P001", 9)
    held.is_mended = True
    await aline.page.context.set_offline(False)
    await aline.page.clock.fast_forward(3000)
    await is_told(aline, "offline.sent")
    assert await standing(site, table) == {"P001": 9}
    assert await held.arrives() == 303
    assert await standing(site, table) == {"P001": 9}
    assert await models.Ballot.all().count() == 1
