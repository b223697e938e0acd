"""Hundreds of people: a card is found and printed, and a list is read, on a desk and at 320 px, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from consensus import conduct, models, seats
from tests.browser.people import DESK, Crowd
from tests.browser.stage import sign_in
from tests.browser.test_every_page import BROKEN, SIDEWAYS, TWICE
from tests.browser.test_print import LEAF
from tests.conftest import Site, lay_table
from tests.web.test_large_panel import guests

NARROW: Any = {"viewport": {"width": 320, "height": 800}}
SHOWN = "() => [...document.querySelectorAll('[id^=card-]')].filter((one) => one.getClientRects().length).length"
PICTURES = """() => [...document.querySelectorAll('[id^=card-] svg[width]')]
  .filter((one) => one.getBoundingClientRect().width > 90).length"""


@pytest.mark.parametrize(
    ("language", "size", "has_script"),
    [("en", DESK, True), ("fr", NARROW, True), ("fr", DESK, False)],
    ids=["desk", "narrow", "no script"],
)
async def test_a_person_is_found_among_hundreds(
    site: Site, crowd: Crowd, language: str, size: dict[str, Any], has_script: bool
) -> None:
    table = await lay_table(site.house)
    made = await conduct.add_seats(site.house, table.fay, guests(240))
    await models.Study.filter(id=table.session.study_id).update(has_call_list=True)
    fay = await crowd.comes("Fay", language, size, java_script_enabled=has_script)
    await sign_in(fay, "fay@example.org")
    here = f"/sessions/{table.session.id}"

    async def looks(what: str) -> None:
        await fay.check(what)
        if has_script:
            for trouble in (SIDEWAYS, BROKEN, TWICE):
                assert not await fay.page.evaluate(trouble), what

    await fay.goes(f"{here}/seats")
    await looks("cards")
    await fay.follow_first("list.after")
    await fay.sees("list.shown", first=51, last=100, n=251)
    await fay.fill("seats.find", "zoe 200")
    await fay.page.keyboard.press("Enter")  # the first button of the form is the one that searches
    await fay.reads("Zoé 200 Côté")
    await fay.sees("list.shown", first=1, last=1, n=1)
    await looks("found")
    await fay.page.locator("summary").filter(has_text=fay.say("seats.change")).click()
    await fay.press("seats.revoke")
    fresh = await models.Seat.get(id=made[200].id)
    await fay.reads(seats.short_code(site.house.settings, fresh))
    await expect(fay.page).to_have_url(re.compile(rf"at={fresh.id}#card-{fresh.id}$"))
    await fay.goes(f"{here}/invitations")
    await looks("invitations")
    await fay.page.locator("#people").get_by_label(fay.say("seats.group"), exact=True).select_option("patients")
    await fay.press("list.show")
    await fay.sees("list.shown", first=1, last=50, n=80)
    await looks("some")
    await table.open("rating")
    await fay.goes(f"{here}/call-list")
    await looks("calls")
    crowd.heard_nothing()


async def test_the_cards_of_a_range_come_out_on_paper_and_nothing_else(site: Site, crowd: Crowd) -> None:
    table = await lay_table(site.house)
    await conduct.add_seats(site.house, table.fay, guests(150))
    await site.sit(table.seats[0])
    fay = await crowd.comes("Fay", "en", DESK)
    await sign_in(fay, "fay@example.org")
    for query, cards in (("", 49), ("?from=1&to=130&size=200", 129), ("?group=clinicians&size=100", 54)):
        await fay.goes(f"/sessions/{table.session.id}/seats{query}")
        await fay.page.emulate_media(media="print")
        assert await fay.page.evaluate(SHOWN) == await fay.page.evaluate(PICTURES) == cards
        assert await fay.page.locator("#find, .pager, .head").filter(visible=True).count() == 0
        paper = await fay.page.pdf(format="Letter", prefer_css_page_size=False)
        assert len(LEAF.findall(paper)) >= cards // 9
    crowd.heard_nothing()
