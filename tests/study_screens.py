"""The pages of a study as pictures for its guides, in both languages: `python -m tests.screens OUT --only study`.

Case management is spread from clinics to the country by simulated people; the pages are drawn before the last session
begins, and once it is over. No promise here.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from consensus import conduct, models, seats, study_protocol
from consensus.house import House, build
from consensus.server import listen, running
from consensus.simulation import demo
from consensus.simulation.study import Studied, laid_for, within
from consensus.web.app import make_app

PROTOCOL, SEED, IS_SHORT = "case_management_spread", 7, True
QUOTAS = (("patients", "", 6), ("caregivers", "", 6), ("community", "", 8), ("ministry", "", 3))
LANGUAGES = ("en", "fr")

Before = Callable[[Page], Awaitable[None]]


async def as_it_is(page: Page) -> None:
    """Nothing is to be done first."""


async def looked_at(page: Page) -> None:
    """What would be passed on."""
    await page.locator("[name=first]").fill("6")
    await page.locator("button[value=look]").click()
    await page.locator("#going").wait_for()
    await page.locator("[name=takes]").last.evaluate("field => field.closest('fieldset').scrollIntoView()")


async def worked_out(page: Page) -> None:
    """The figures, which may take a moment."""
    await page.locator(".table--side").wait_for()


async def chosen(page: Page) -> None:
    """The first set of sessions that asked the same."""
    await worked_out(page)
    await page.locator("section[aria-labelledby=which] li a").first.click()
    await page.locator("section[aria-labelledby=which] [aria-current]").wait_for()


@dataclass(frozen=True)
class StudyPicture:
    """page: its address; {study}, {province} and {national} stand for numbers. is_over: after the last session."""

    name: str
    page: str
    is_over: bool = False
    height: int = 900
    before: Before = as_it_is


PICTURES = (
    StudyPicture("study", "/studies/{study}"),
    StudyPicture("study-sites", "/studies/{study}/sites"),
    StudyPicture("study-panel", "/studies/{study}/panel"),
    StudyPicture("study-days", "/studies/{study}/days"),
    StudyPicture("study-passing", "/sessions/{province}/passing", before=looked_at),
    StudyPicture("study-compare", "/studies/{study}/compare", is_over=True, before=worked_out),
    StudyPicture("study-chosen", "/studies/{study}/pooled", is_over=True, before=chosen),
    StudyPicture("study-pooled", "/studies/{study}/pooled", is_over=True, before=worked_out),
)
NAMES = tuple(picture.name for picture in PICTURES)


@dataclass
class Studio:
    """A served house with a study in it, and the browser that looks with the eyes of whoever leads it."""

    house: House
    browser: Browser
    cookie: str
    out: Path
    wanted: tuple[StudyPicture, ...]
    places: dict[str, int]

    async def draw(self, is_over: bool) -> None:
        for picture in self.wanted:
            if picture.is_over == is_over:
                for language in LANGUAGES:
                    await self._take(picture, language)

    async def _take(self, picture: StudyPicture, language: str) -> None:
        origin, viewport = self.house.settings.origin, {"width": 1232, "height": picture.height}
        shape: Any = {"viewport": viewport, "color_scheme": "light", "reduced_motion": "reduce"}
        context = await self.browser.new_context(**shape)
        await context.add_cookies([{"name": self.house.settings.cookie, "value": self.cookie, "url": origin}])
        page = await context.new_page()
        await page.goto(f"{origin}{picture.page.format(**self.places)}?lang={language}")
        await picture.before(page)
        await page.screenshot(path=self.out / f"{picture.name}-{language}.png")
        await context.close()
        print(f"{picture.name}-{language}", flush=True)


@asynccontextmanager
async def _served(program: str | None, flags: list[str]) -> AsyncIterator[tuple[House, Browser, Path]]:
    listener = listen(0)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="table-ronde-")))
        house = build(demo.settings_for(folder, listener))
        await stack.enter_async_context(running(make_app(house.settings, house), listener))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        stack.push_async_callback(browser.close)
        yield house, browser, folder


async def draw_study(out: Path, only: str, program: str | None, flags: list[str]) -> None:
    """The pictures whose name this is; all of them for "" and "study"."""
    wanted = tuple(one for one in PICTURES if only in {"", PICTURES[0].name, one.name})
    if not wanted:
        return
    planned = study_protocol.read(PROTOCOL, IS_SHORT)
    async with _served(program, flags) as (house, browser, folder):
        lead = (await demo.hired(house))["facilitator"]
        study, laid = await laid_for(house, lead, planned)
        await conduct.set_quotas(house, lead, study.id, QUOTAS)
        studied = Studied(house, planned, laid, SEED, print, folder, partial(within, house))
        province = next(one.key for one in planned.sessions if one.entry == "province")
        cookie, _ = await seats.sign_in(house.store, staff=lead)
        last = planned.sessions[-1]
        places = {"study": study.id, "province": laid[province].id, "national": laid[last.key].id}
        studio = Studio(house, browser, cookie, out, wanted, places)
        for number, one in enumerate(planned.sessions, 1):
            if one is last:
                await studio.draw(is_over=False)
            await studied.play_one(number, one)
            await models.Seat.filter(session_id=laid[one.key].id).update(is_entered=True)  # they came, by no link
        await conduct.analyse_due(house)
        await studio.draw(is_over=True)
