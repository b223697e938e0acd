"""The other language in the middle of a form: nothing typed, chosen or reached is lost."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from consensus.protocol import Plan, read
from tests.browser.people import DESK, PHONE, Crowd, Person
from tests.browser.stage import agree, lay, link, sign_in
from tests.conftest import STATEMENTS, Site, Table

RATING = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})
RANKING = Plan(key="ranking", kind="ranking", disclosure="facilitator", grace=0, settings={"top": 3})
GATHER = Plan(key="gather", kind="gather", disclosure="facilitator", grace=0, settings={})
IDEA = "Partager un seul plan.\nÀ relire: « vraiment »?"


async def turns(person: Person, language: str, name: str) -> None:
    """Presses the name of the other language."""
    await person.clicks(person.page.locator(".lang").filter(has_text=name).first)
    person.language = language
    await expect(person.page.locator("#page")).to_have_attribute("lang", language)


async def begun(site: Site, crowd: Crowd, plan: Plan) -> tuple[Person, Table]:
    table = await lay(site, [plan], STATEMENTS)
    aline = await crowd.comes("Aline", "fr", PHONE)
    await aline.goes(link(site, table.aline))
    await aline.press("invitation.start")
    await agree(aline)
    await table.open(plan.key)
    await aline.page.locator("#answer").wait_for()  # the page brings the step by itself
    return aline, table


async def test_a_half_answered_card_stays_as_it_is(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, RATING)
    await aline.goes(f"/sessions/{table.session.id}/take?card=P002")
    chosen = aline.page.locator("input[name=importance][value='7']")
    await chosen.check(force=True)
    await aline.page.locator("details:has([name=reason]) > summary").click()
    await aline.page.locator("[name=reason]").fill(IDEA)
    await turns(aline, "en", "English")
    await aline.reads("Statement 2.")
    await expect(chosen).to_be_checked()
    await expect(aline.page.locator("[name=reason]")).to_have_value(IDEA)
    await turns(aline, "fr", "Français")
    await aline.reads("Énoncé 2.")
    await expect(chosen).to_be_checked()
    await aline.press("save_and_go_on")
    own = (await table.house.counts.now(await table.row("rating"))).own[str(table.aline.id)]
    assert own["P002"]["values"] == {"importance": 7}
    assert own["P002"]["reason"].splitlines() == IDEA.splitlines()
    crowd.heard_nothing()


async def test_a_half_made_order_stays_as_it_is(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, RANKING)
    await aline.up("P003").click()
    await aline.up("P001").click()
    await turns(aline, "en", "English")
    await expect(aline.place("P003")).to_have_value("1")
    await expect(aline.place("P001")).to_have_value("2")
    assert (await table.house.counts.now(await table.row("ranking"))).ballots == 0  # turning saves nothing
    crowd.heard_nothing()


async def test_half_a_sentence_stays_as_it_is(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd, GATHER)
    box = aline.page.locator("#answer textarea").first
    await box.fill(IDEA)
    await turns(aline, "en", "English")
    await expect(box).to_have_value(IDEA)
    assert (await table.house.counts.now(await table.row("gather"))).ballots == 0
    crowd.heard_nothing()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
async def test_a_half_typed_roster_stays_as_it_is(site: Site, crowd: Crowd, has_script: bool) -> None:
    table = await lay(site, read("triage"), STATEMENTS)
    fay = await crowd.comes("Fay", "en", DESK, java_script_enabled=has_script)
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/roster?by=list")
    await fay.page.locator("[name=roster]").fill("Aline Roy;aline@example.org")
    await turns(fay, "fr", "Français")
    await expect(fay.page.locator("[name=roster]")).to_have_value("Aline Roy;aline@example.org")
    crowd.heard_nothing()
