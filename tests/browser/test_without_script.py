"""Every step works as plain forms: a browser without JavaScript enters, consents, rates and ranks."""

from __future__ import annotations

from playwright.async_api import expect

from consensus.protocol import Plan
from tests.browser.people import PHONE, Crowd, Person
from tests.browser.stage import accept, agree, lay
from tests.conftest import STATEMENTS, Site, Table

PLANS = [
    Plan(key="rating", kind="rating", disclosure="facilitator", grace=0),
    Plan(key="ranking", kind="ranking", disclosure="facilitator", grace=0),
]


async def test_without_script_a_person_enters_consents_rates_and_ranks(site: Site, crowd: Crowd) -> None:
    table = await lay(site, PLANS, STATEMENTS)
    aline = await crowd.comes("Aline", "fr", PHONE, java_script_enabled=False)
    await accept(site, aline, table.aline)
    await agree(aline)
    await table.open("rating")
    await rates_all(aline)
    await table.close("rating")
    await table.open("ranking")
    await ranks(aline)
    assert await what_stands(table) == [8, 8, 8, [["P002"], ["P001"]]]
    crowd.heard_nothing()


async def rates_all(person: Person) -> None:
    await person.page.reload()
    for _ in STATEMENTS:
        await person.page.locator("label.key").filter(has=person.page.locator("[value='8']")).tap()
        await person.press("save_and_go_on")
    await person.sees("all_answered")


async def ranks(person: Person) -> None:
    await person.page.reload()
    await person.place("P002").select_option("1")
    await person.place("P001").select_option("2")
    await person.press("ranking.save")
    await person.sees("ranking.saved")
    await expect(person.place("P002")).to_have_value("1")


async def what_stands(table: Table) -> list[object]:
    """Aline's three scores, then her order."""
    said = {}
    for key in ("rating", "ranking"):
        said[key] = (await table.house.counts.now(await table.row(key))).own[str(table.aline.id)]
    return [said["rating"][card["id"]]["values"]["importance"] for card in STATEMENTS] + [said["ranking"][""]["order"]]
