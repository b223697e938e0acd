"""Going away and coming back: Back shows the answer, what is unsaved is asked about, the focus stays in place."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Dialog, Route, expect

from consensus.protocol import Plan, read
from tests.browser.people import PHONE, Crowd, Person
from tests.browser.stage import accept, agree, lay, sign_in
from tests.conftest import STATEMENTS, Site, Table

RATING = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0)
WALL = next(plan for plan in read("triage") if plan.kind == "wall")
TURN = re.compile(r'data-turn=\\?"([^"\\]+)')
FOCUS = "() => document.activeElement?.id"


class Asked:
    """What the browser or the page asks before something unsaved is left; the answer is stay, until told otherwise."""

    def __init__(self, person: Person) -> None:
        self.kinds: list[str] = []
        self.stays = True
        person.page.on("dialog", self.hears)

    async def hears(self, dialog: Dialog) -> None:
        self.kinds.append(dialog.type)
        await (dialog.dismiss() if self.stays else dialog.accept())


async def test_a_participant_goes_back_leaves_and_keeps_their_place(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RATING, WALL], STATEMENTS)
    aline = await crowd.comes("Aline", "fr", PHONE)
    asked = Asked(aline)
    await accept(site, aline, table.aline)
    await agree(aline)
    await table.open("rating")
    await aline.sees("save_and_go_on")

    # The question of the device, by the keyboard: one goes on from where it stood.
    await aline.button("device.no").press("Enter")
    await aline.sees("device.shared")
    assert await aline.page.evaluate(FOCUS) == "own-no"

    # Back after a save: the card that was answered, with its answer.
    first = await aline.page.locator("#answer [name=card]").get_attribute("value")
    await aline.page.locator("input[name=importance][value='7']").check(force=True)
    await aline.press("save_and_go_on")
    await expect(aline.page.locator("#answer [name=card]")).not_to_have_value(str(first))
    await aline.page.go_back()
    await expect(aline.page.locator("#answer [name=card]")).to_have_value(str(first))
    await expect(aline.page.locator("input[name=importance][value='7']")).to_be_checked()
    assert asked.kinds == []

    # An unsaved choice: the browser asks where the page goes, the page where a part of it is swapped.
    await aline.page.locator("input[name=importance][value='3']").check(force=True)
    await aline.link("home.all").first.click(no_wait_after=True)
    await expect(aline.page.locator("input[name=importance][value='3']")).to_be_checked()
    assert asked.kinds == ["beforeunload"]
    await aline.press("save_and_go_on")
    await aline.page.wait_for_url("**saved=*")
    await aline.link("home.all").first.click()
    await aline.sees("home.title")
    assert asked.kinds == ["beforeunload"]

    await comes_though_the_step_turns(aline, table)
    crowd.heard_nothing()


async def comes_though_the_step_turns(aline: Person, table: Table) -> None:
    """A page that was asked for."""
    heard: asyncio.Queue[str | bytes] = asyncio.Queue()
    aline.page.on("websocket", lambda one: one.on("framereceived", heard.put_nowait))
    await aline.goes(f"/sessions/{table.session.id}/take")
    came, home = asyncio.Event(), await aline.link("home.all").first.get_attribute("href")

    async def hold(route: Route) -> None:
        await came.wait()
        await route.continue_()

    await aline.page.route(f"**{home}", hold)
    turn = await aline.page.locator("#turn").get_attribute("data-turn")
    await aline.link("home.all").first.click(no_wait_after=True)
    await table.close("rating")
    while set(TURN.findall(str(await asyncio.wait_for(heard.get(), 20)))) <= {turn}:
        pass
    came.set()
    await aline.sees("home.title")
    await aline.page.unroute(f"**{home}")


async def test_at_the_wall_the_focus_stays_and_what_stands_in_a_sheet_is_asked_about(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [WALL], STATEMENTS)
    aline = await crowd.comes("Aline", "fr", PHONE)
    await accept(site, aline, table.aline)
    await agree(aline)
    await table.open("wall")
    fay = await crowd.comes("Fay", "fr")
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/console")
    await fay.page.locator("button[value=call]").first.click()

    # A signal: the button that was pressed has the focus still, and says that it is pressed.
    await aline.goes(f"/sessions/{table.session.id}/take")
    await aline.button("wall.signal.unsure").press("Enter")
    await expect(aline.page.locator("#signal-unsure")).to_have_attribute("aria-pressed", "true")
    assert await aline.page.evaluate(FOCUS) == "signal-unsure"

    # At the desk: what stands in a sheet is asked about when another part of the page would take it away.
    team = Asked(fay)
    await fay.goes(f"/sessions/{table.session.id}/console?card=P001&sheet=reword")
    await fay.page.locator("[id='f-wording.fr']").fill("Autre texte.")
    await fay.page.locator("header a.btn", has_text=fay.say("wall.close")).click()
    await expect(fay.page.locator("[id='f-wording.fr']")).to_have_value("Autre texte.")
    assert team.kinds == ["confirm"]
    await fay.press("difference.see")
    await fay.sees("difference.title")
    team.stays = False
    await fay.goes(f"/sessions/{table.session.id}/console")
    assert team.kinds[1:] in ([], ["beforeunload"])
    crowd.heard_nothing()
