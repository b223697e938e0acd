"""Sharing points out on a screen: what is left follows every key; without a script the form answers all the same."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from consensus import conduct
from consensus.protocol import Plan
from tests.browser.people import PHONE, Crowd, Person
from tests.browser.stage import lay, link
from tests.conftest import STATEMENTS, Site, Table

POINTS = Plan(key="points", kind="points", disclosure="facilitator", grace=0, settings={"most": 70})


async def begun(site: Site, crowd: Crowd, has_script: bool = True) -> tuple[Person, Table]:
    table = await lay(site, [POINTS], STATEMENTS)
    aline = await crowd.comes("Aline", "en", PHONE, java_script_enabled=has_script)
    await aline.goes(link(site, table.aline) + "?lang=en")
    await conduct.consent(site.house, table.aline)
    await table.open("points")
    await aline.press("invitation.start")
    await aline.goes(f"/sessions/{table.session.id}/take")
    return aline, table


def field(person: Person, card: str) -> Locator:
    return person.box("points.points_of", card=card)


async def saved(table: Table) -> object:
    return (await table.house.counts.now(await table.row("points"))).own[str(table.aline.id)][""]["points"]


async def test_what_is_left_follows_what_is_typed_and_too_much_is_told(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd)
    left = aline.page.locator("[data-kept]")
    await field(aline, "P001").fill("60")
    await expect(left).to_have_text(aline.say("points.kept", n=40))
    await aline.sees("points.not_saved")
    await field(aline, "P002").fill("45")
    await expect(left).to_have_text(aline.say("points.past", n=5))
    await expect(left).to_have_attribute("data-bad", "")
    await aline.check("too many points")
    await aline.press("points.save")
    await aline.sees("points.too_many", n=5, total=100)
    await expect(field(aline, "P002")).to_have_value("45")
    await field(aline, "P002").fill("40")
    await expect(left).to_have_text(aline.say("points.kept", n=0))
    await expect(left).not_to_have_attribute("data-bad", "")
    await aline.press("points.save")
    await aline.sees("points.saved")
    assert await saved(table) == {"P001": 60, "P002": 40}
    await field(aline, "P002").fill("39")
    await aline.sees("points.waiting")
    await expect(aline.page.locator(".if-same")).to_be_hidden()
    crowd.heard_nothing()


async def test_the_buttons_give_and_take_five_the_last_few_whole_and_never_past_the_limit(
    site: Site, crowd: Crowd
) -> None:
    aline, table = await begun(site, crowd)
    left, told = aline.page.locator("[data-kept]"), aline.page.locator("[data-changed]")
    more, less = (aline.button(f"points.{way}_of", n=5, card="P001") for way in ("more", "less"))
    await expect(less).to_have_attribute("aria-disabled", "true")
    await more.tap()
    await more.tap()
    await less.tap()
    await expect(field(aline, "P001")).to_have_value("5")
    await expect(told).to_have_text(aline.say("points.changed", what="Statement 1.", **{"from": 10, "to": 5}))
    await aline.press("points.undo")
    await expect(field(aline, "P001")).to_have_value("10")
    await field(aline, "P001").fill("68")
    await more.tap()
    await expect(field(aline, "P001")).to_have_value("70")  # the most that one statement may get
    await field(aline, "P002").fill("28")
    await aline.button("points.more_of", n=5, card="P003").tap()
    await expect(field(aline, "P003")).to_have_value("2")  # all that was left
    await expect(left).to_have_text(aline.say("points.kept", n=0))
    await aline.press("points.save")
    await aline.sees("points.saved")
    assert await saved(table) == {"P001": 70, "P002": 28, "P003": 2}
    crowd.heard_nothing()


async def test_without_script_the_fields_alone_answer(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, has_script=False)
    await expect(aline.page.locator("[data-give]").first).to_be_hidden()
    await field(aline, "P001").fill("70")
    await field(aline, "P003").fill("31")
    await aline.press("points.save")
    await aline.sees("points.past", n=1)
    await field(aline, "P003").fill("30")
    await aline.press("points.save")
    await aline.sees("points.saved")
    assert await saved(table) == {"P001": 70, "P003": 30}
    crowd.heard_nothing()
