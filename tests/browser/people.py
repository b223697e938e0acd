"""People at their screens: a browser context each, and what they press, type, read and hear.

They speak in keys of the sentences, so that a promise holds in both languages and outlives a better wording. A page
is checked as it stands, under its own content-security policy. Never wait for a time here: only for what is seen.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from consensus.text import Texts

VENDOR = Path(__file__).parents[1] / "vendor"
# The step that the page was drawn for is the step that the session is at.
IN_STEP = """() => {
  const page = document.querySelector("[data-ask]")?.dataset.turn;
  return !page || page === document.querySelector("#turn")?.dataset.turn;
}"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 20_000  # milliseconds; a busy machine is slow, and an idle one never waits so long
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1389, "height": 900}}
SCREEN = {"viewport": {"width": 1280, "height": 720}}
# A violation of the policy is heard like an error; a refusal (422) is an answer, which Chromium calls an error.
LISTEN = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
window.underWay = 0;
addEventListener("htmx:before:request", () => underWay++);
addEventListener("htmx:finally:request", () => underWay--);"""
ANSWERED = "() => underWay === 0"  # what was sent has been answered, and the answer is drawn
REFUSAL = re.compile(r"status of 422")
# What lies half under a foot that stays in sight is no smaller for it: the foot stands at the end meanwhile.
CHECK = """async (rules) => {
  const feet = [...document.querySelectorAll(".foot")];
  for (const foot of feet) foot.style.position = "static";
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  for (const foot of feet) foot.style.position = "";
  return found.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.html).slice(0, 3)]);
}"""

expect.set_options(timeout=PATIENCE)


@cache
def texts() -> Texts:
    return Texts.load()


@cache
def axe() -> str:
    return next(VENDOR.glob("axe-*.min.js")).read_text(encoding="utf-8")


@dataclass(eq=False)
class Person:
    """One screen. language: what its person reads now. troubles: what its console said that it should not."""

    name: str
    page: Page
    language: str
    has_script: bool = True
    troubles: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    def say(self, key: str, /, **values: object) -> str:
        return texts().say(self.language, key, **values)

    def button(self, key: str, /, **values: object) -> Locator:
        return self.page.get_by_role("button", name=self.say(key, **values), exact=True)

    def link(self, key: str, /, **values: object) -> Locator:
        return self.page.get_by_role("link", name=self.say(key, **values), exact=True)

    def box(self, key: str, /, **values: object) -> Locator:
        return self.page.get_by_label(self.say(key, **values), exact=True)

    def place(self, card: str) -> Locator:
        """The list of places of one statement, wherever it stands in the order."""
        return self.page.locator(f"[name='place.{card}']")

    def up(self, card: str) -> Locator:
        row = self.page.locator("[data-rank] > li").filter(has=self.page.locator(f"[name='place.{card}']"))
        return row.locator("[data-step='-1']")

    async def clicks(self, what: Locator) -> None:
        """As people do: on, only when what came of it is there."""
        await what.click()
        if self.has_script:
            await self.page.wait_for_function(ANSWERED)

    async def press(self, key: str, /, **values: object) -> None:
        await self.clicks(self.button(key, **values))

    async def follow(self, key: str, /, **values: object) -> None:
        await self.clicks(self.link(key, **values))

    async def follow_first(self, key: str) -> None:
        """A link that says more for those who hear it than for those who see it."""
        await self.clicks(self.page.get_by_role("link", name=self.say(key)).first)

    async def fill(self, key: str, text: str, /, **values: object) -> None:
        await self.box(key, **values).fill(text)

    async def sees(self, key: str, /, **values: object) -> None:
        await self.reads(self.say(key, **values))

    async def reads(self, text: str) -> None:
        await expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    async def never_reads(self, text: str) -> None:
        await expect(self.page.locator("html")).not_to_contain_text(text)

    async def goes(self, path: str) -> None:
        await self.page.goto(path)

    async def check(self, what: str) -> None:
        """No barrier that axe-core can find on the page as it is now. It is a script itself: without any, nothing."""
        if not self.has_script:
            return
        try:
            found = await self._barriers()
        except Error as gone:  # the step turned at this moment, and the page with it: the new one is looked at
            if "context was destroyed" not in str(gone):
                raise
            await self.page.wait_for_load_state()
            found = await self._barriers()
        self.checked.append(what)
        assert found == [], f"{self.name}, {what}: {json.dumps(found, indent=1)}"

    async def _barriers(self) -> object:
        if not await self.page.evaluate(IN_STEP):  # waiting takes a frame or two, also where nothing is awaited
            await self.page.wait_for_function(IN_STEP)
        if not await self.page.evaluate("typeof axe == 'object'"):
            await self.page.evaluate(await asyncio.to_thread(axe))
        return await self.page.evaluate(CHECK, RULES)

    def hears(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSAL.search(message.text):
            self.troubles.append(f"{self.page.url}: {message.text}")


@dataclass(eq=False)
class Crowd:
    """Everybody who has a screen in this test."""

    browser: Browser
    origin: str
    people: list[Person] = field(default_factory=list)

    async def comes(self, name: str, language: str, device: dict[str, Any] | None = None, **more: Any) -> Person:
        context = await self._context(language, device or DESK, more)
        person = Person(name, await context.new_page(), language, more.get("java_script_enabled", True))
        person.page.on("console", person.hears)
        person.page.on("pageerror", lambda error: person.troubles.append(f"{person.page.url}: {error}"))
        self.people.append(person)
        return person

    async def _context(self, language: str, device: dict[str, Any], more: dict[str, Any]) -> BrowserContext:
        context = await self.browser.new_context(
            base_url=self.origin, locale=f"{language}-CA", reduced_motion="reduce", **device, **more
        )
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(LISTEN)
        return context

    def heard_nothing(self) -> None:
        """No error in any console, no breach of the policy."""
        heard = {person.name: person.troubles for person in self.people if person.troubles}
        assert not heard, json.dumps(heard, indent=1)
