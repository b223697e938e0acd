"""Everything by the keyboard alone: Tab to it, see that it has the focus, press it. No mouse, no finger."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, expect

from consensus import models
from consensus.outcome import statement_data
from consensus.protocol import Plan, read
from consensus.simulation import panel
from tests.browser.people import Crowd, Person
from tests.browser.stage import agree, lay, link, sign_in
from tests.conftest import STATEMENTS, Site, Table

FAR = 250  # presses of Tab; a page on which it takes more is lost to a keyboard
HAS_FOCUS = "one => one === document.activeElement"
# The focus is drawn, and nothing that stays in sight lies over it.
IS_SEEN = """one => {
  const key = one.matches(".key input, .idk input") ? one.nextElementSibling : one;
  const box = one.getBoundingClientRect(), style = getComputedStyle(key);
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const drawn = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return drawn && top !== null && (one.contains(top) || top.contains(one) || one.closest("label")?.contains(top));
}"""
RATING = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})
RANKING = Plan(key="ranking", kind="ranking", disclosure="facilitator", grace=0, settings={"top": 3})
TEN = [statement_data(statement) for statement in panel.statements()[:10]]
WALL = next(plan for plan in read("triage") if plan.kind == "wall")


@dataclass
class Keys:
    """A person whose hands never leave the keyboard."""

    person: Person

    async def press(self, *names: str) -> None:
        for name in names:
            await self.person.page.keyboard.press(name)

    async def to(self, where: Locator) -> None:
        await expect(where).to_be_visible()
        for _ in range(FAR):
            await self.press("Tab")
            if await where.evaluate(HAS_FOCUS):
                await self.person.page.wait_for_function(IS_SEEN, arg=await where.element_handle())
                return
        raise AssertionError(f"Tab does not lead to {where}")

    async def on(self, where: Locator, key: str = "Enter") -> None:
        await self.to(where)
        await self.press(key)
        await self.person.page.wait_for_function("() => underWay === 0")

    async def types(self, key: str, text: str) -> None:
        await self.to(self.person.box(key))
        await self.person.page.keyboard.type(text)


async def _begun(site: Site, crowd: Crowd, table: Table) -> Keys:
    aline = await crowd.comes("Aline", "en")
    await aline.goes(link(site, table.aline) + "?lang=en")
    await aline.press("invitation.start")
    await agree(aline)
    return Keys(aline)


async def test_three_cards_are_rated_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RATING], STATEMENTS)
    keys = await _begun(site, crowd, table)
    await table.open("rating")
    await keys.person.page.locator("#answer").wait_for()  # the page brings the step by itself
    for value in (1, 5, 9):
        await keys.to(keys.person.page.locator("input[name=importance]").first)
        await keys.press(*(["Space"] if value == 1 else ["ArrowRight"] * (value - 1)))
        await keys.on(keys.person.button("save_and_go_on"))
    await keys.person.sees("all_answered")
    own = (await table.house.counts.now(await table.row("rating"))).own[str(table.aline.id)]
    assert sorted(marks["values"]["importance"] for marks in own.values()) == [1, 5, 9]
    crowd.heard_nothing()


async def test_after_saving_the_next_card_is_under_the_hands(site: Site, crowd: Crowd) -> None:
    """A reader hears the next card at once, and the first press of Tab leads to its answers."""
    table = await lay(site, [RATING], STATEMENTS)
    keys = await _begun(site, crowd, table)
    await table.open("rating")
    await keys.person.page.locator("#answer").wait_for()  # the page brings the step by itself
    first = keys.person.page.locator("input[name=importance]").first
    await keys.on(first, "Space")
    await keys.on(keys.person.button("save_and_go_on"))
    await expect(keys.person.page.locator("h1")).to_be_focused()
    await keys.press("Tab")
    await expect(first).to_be_focused()
    crowd.heard_nothing()


async def test_three_places_are_given_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RANKING], STATEMENTS)
    keys = await _begun(site, crowd, table)
    await table.open("ranking")
    await keys.person.page.locator("#answer").wait_for()  # the page brings the step by itself
    for card in ("P003", "P001", "P002"):
        await keys.on(keys.person.up(card))
    await keys.on(keys.person.up("P002"))
    await keys.on(keys.person.button("ranking.save"))
    await keys.person.sees("ranking.saved")
    own = (await table.house.counts.now(await table.row("ranking"))).own[str(table.aline.id)]
    assert own[""]["order"] == [["P003"], ["P002"], ["P001"]]
    crowd.heard_nothing()


async def test_cards_are_decided_on_the_wall_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    """Three of ten; all ten: `python -m tests.long wall_by_keyboard`."""
    await decided_by_the_keyboard(site, crowd, 3)


async def decided_by_the_keyboard(site: Site, crowd: Crowd, many: int) -> None:
    table = await lay(site, [WALL], TEN)
    await table.open(WALL.key)
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/console")
    keys = Keys(fay)
    for number, statement in enumerate(TEN[:many]):
        card = str(statement["id"])
        if number or await fay.button("wall.call_card", card=card).count():  # or it lies on the table already
            await keys.on(fay.button("wall.call_card", card=card))
        await expect(fay.page.locator("#focus .about")).to_contain_text(card)
        await keys.on(fay.page.locator("#decide > summary"))
        await keys.on(fay.button("wall.how.no_objection"))
        await expect(fay.page.locator("#in-selection").locator(f"#card-{card}")).to_be_visible()
    places = (await table.house.counts.now(await table.row(WALL.key))).official.places
    zones = [place.zone for place in places.values()]
    assert zones.count("selection") == many and len(places) == 10
    crowd.heard_nothing()


async def test_a_session_is_set_up_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    table = await lay(site, read("triage"), STATEMENTS)
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    keys = Keys(fay)
    await keys.on(fay.page.get_by_role("link", name=fay.say("session.new")))
    for language in ("fr", "en"):
        await keys.types(f"session.title.{language}", "Gaspésie")
    await keys.to(fay.page.locator("input[name=protocol]").first)
    await keys.press("Space")
    await keys.on(fay.button("session.create"))
    await fay.page.wait_for_url("**/setup")
    await keys.on(fay.page.locator("main a[href$='/rating']").first)
    await keys.to(fay.page.locator("[name='rule.name']").first)
    await keys.press("ArrowDown")  # from no rule to a share
    await keys.to(fay.page.locator("[name='rule.percent']"))
    await keys.press("ControlOrMeta+a")
    await fay.page.keyboard.type("80")
    await keys.on(fay.button("setup.save"))
    await keys.on(fay.page.locator("a[href$='/roster']").first)
    await keys.to(fay.page.locator("[name=roster]"))
    await fay.page.keyboard.insert_text(
        "Aline Roy;aline@example.org;Patients;fr\nBob Lee;bob@example.org;Clinicians;en"
    )
    await keys.on(fay.button("import.look"))
    await keys.on(fay.page.locator("button[value=confirm]"))
    session = table.session.id + 1
    await fay.page.wait_for_url("**/roster?added=2")  # the page that comes must not take back the one that is asked for
    saved = (await models.Round.get(session_id=session, key="rating")).rule
    assert saved is not None and (saved["name"], saved["percent"]) == ("share", 80)
    await fay.goes(f"/sessions/{session}/seats")
    await fay.reads("Aline Roy")
    crowd.heard_nothing()
