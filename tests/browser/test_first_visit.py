"""The way from a link in a mail to the first saved answer: few presses, few requests, few bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from consensus.protocol import Plan
from tests.browser.people import PHONE, Crowd
from tests.browser.stage import lay, link
from tests.conftest import STATEMENTS, Site

MOST_PRESSES, MOST_REQUESTS = 5, 8
MOST_BYTES, MOST_BESIDE_THE_FONT = 90_000, 35_000  # as they cross the network, packed; without the headers
RATING = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})


@dataclass
class Meter:
    """What a page asks of the network, heard from the browser itself. Kept files cost nothing."""

    bytes: dict[str, int] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    async def hear(self, page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": False})
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.dataReceived", self._came)

    def _asked(self, event: dict[str, Any]) -> None:
        self._names[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        if event["encodedDataLength"]:
            number = event["requestId"]
            self.bytes[number] = self.bytes.get(number, 0) + int(event["encodedDataLength"])

    def total(self, counts: Callable[[str], bool] = lambda url: True) -> int:
        return sum(size for number, size in self.bytes.items() if counts(self._names[number]))


def _is_no_font(url: str) -> bool:
    return "/fonts/" not in url


async def test_the_first_answer_is_saved_within_five_presses_of_the_mail(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RATING], STATEMENTS)
    await table.open("rating")
    aline, meter = await crowd.comes("Aline", "fr", PHONE), Meter()
    await meter.hear(aline.page)
    await aline.goes(link(site, table.aline))
    way = [
        aline.button("invitation.start"),
        aline.box("consent.agree"),
        aline.button("consent.start"),
        aline.page.locator("label.key").filter(has_text="8"),
        aline.button("save_and_go_on"),
    ]
    assert len(way) <= MOST_PRESSES
    for step in way:
        await aline.clicks(step)
    await aline.page.locator(".saved").wait_for()
    saved = await table.row("rating")
    assert (await site.house.counts.now(saved)).ballots == 1
    assert meter.total() <= MOST_BYTES
    crowd.heard_nothing()


async def test_the_first_card_comes_light(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RATING], STATEMENTS)
    await table.open("rating")
    aline = await crowd.comes("Aline", "fr", PHONE)
    await aline.goes(link(site, table.aline))
    await aline.press("invitation.start")
    await aline.box("consent.agree").check()
    await aline.press("consent.start")
    cookies = await aline.page.context.cookies()
    bob, meter = await crowd.comes("Aline elsewhere", "fr", PHONE), Meter()  # a browser that has kept nothing
    await bob.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    await meter.hear(bob.page)
    await bob.goes(f"/sessions/{table.session.id}/take")
    await bob.page.wait_for_function("document.fonts.status === 'loaded'")
    await bob.page.wait_for_load_state("networkidle")
    assert len(meter.bytes) <= MOST_REQUESTS, meter._names
    assert meter.total() <= MOST_BYTES and meter.total(_is_no_font) <= MOST_BESIDE_THE_FONT
    assert meter.total() > 40_000  # the meter does measure
    crowd.heard_nothing()
