"""Choosing on a screen: how many are chosen follows every press; keys alone, and no script at all, answer as well."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from consensus import conduct
from consensus.protocol import Plan
from tests.browser.people import Crowd, Person
from tests.browser.stage import lay, link
from tests.browser.test_every_page import SIDEWAYS
from tests.browser.test_keyboard import Keys
from tests.browser.test_small import SMALL
from tests.conftest import STATEMENTS, Site, Table

SETTINGS = {"most": 2, "rotate": False}
APPROVAL = Plan(key="approval", kind="approval", disclosure="facilitator", grace=0, settings=SETTINGS)


async def begun(site: Site, crowd: Crowd, language: str = "en", has_script: bool = True) -> tuple[Person, Table]:
    """On the smallest telephone."""
    table = await lay(site, [APPROVAL], STATEMENTS)
    aline = await crowd.comes("Aline", language, SMALL, java_script_enabled=has_script)
    await aline.goes(f"{link(site, table.aline)}?lang={language}")
    await conduct.consent(site.house, table.aline)
    await table.open("approval")
    await aline.press("invitation.start")
    await aline.goes(f"/sessions/{table.session.id}/take")
    return aline, table


def box(person: Person, card: str) -> Locator:
    return person.page.locator(f"[name='choose.{card}']")


async def saved(table: Table) -> Any:
    return (await table.house.counts.now(await table.row("approval"))).own[str(table.aline.id)][""]["chosen"]


async def test_how_many_are_chosen_follows_every_press_and_too_many_are_told(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd)
    count = aline.page.get_by_role("status").filter(has_text="of 2")
    await expect(count).to_have_text(aline.say("approval.count", n=0, most=2))
    for card in ("P001", "P002", "P003"):
        label = aline.page.locator("label").filter(has=box(aline, card))
        place = await label.bounding_box()
        assert place and place["height"] >= 44 and place["x"] >= 0 and place["x"] + place["width"] <= 320
        await label.tap()  # anywhere on it
    await expect(count).to_have_text(aline.say("approval.count.past", n=3, most=2))
    await expect(count).to_have_attribute("data-bad", "")
    assert not await aline.page.evaluate(SIDEWAYS)
    await aline.check("too many choices")
    await aline.press("approval.save")
    await aline.sees("approval.too_many", n=1, most=2)
    await expect(box(aline, "P003")).to_be_checked()
    await box(aline, "P001").uncheck()
    await expect(count).to_have_text(aline.say("approval.count", n=2, most=2))
    await expect(count).not_to_have_attribute("data-bad", "")
    await aline.press("approval.save")
    await aline.sees("approval.saved")
    assert await saved(table) == ["P002", "P003"]
    await box(aline, "P002").uncheck()
    await aline.sees("approval.waiting")
    await expect(aline.page.locator(".if-same")).to_be_hidden()
    crowd.heard_nothing()


async def test_keys_alone_choose_take_away_and_save(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, "fr")
    keys = Keys(aline)
    await keys.on(box(aline, "P001"), "Space")
    await keys.on(box(aline, "P002"), "Space")
    await keys.press("Space")
    await keys.on(box(aline, "P003"), "Space")
    await keys.on(aline.button("approval.save"))
    await aline.sees("approval.saved")
    assert await saved(table) == ["P001", "P003"]
    crowd.heard_nothing()


async def test_without_script_the_boxes_alone_answer(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, has_script=False)
    for card in ("P001", "P002", "P003"):
        await box(aline, card).check()
    await aline.press("approval.save")
    await aline.sees("approval.count.past", n=3, most=2)
    await box(aline, "P002").uncheck()
    await aline.press("approval.save")
    await aline.sees("approval.saved")
    assert await saved(table) == ["P001", "P003"]
    crowd.heard_nothing()
