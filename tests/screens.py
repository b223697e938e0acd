"""Draws the pages that people look at most, in both languages and themes: `python -m tests.screens OUT [--only NAME]`.

One session of the demo's study is played, and stopped where there is something to see; then a whole study
(study_screens.py). Pictures to look at beside the design, and for the guides. `python -m tests.screens --axe` opens
every page instead, at every moment, for everybody who may, in both languages and themes, and looks for barriers; it
ends with 1 where it finds one.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from consensus import conduct, models, seats
from consensus.count import block_of
from consensus.house import House, build
from consensus.live import Audience
from consensus.server import listen, running
from consensus.simulation import demo, panel, player
from consensus.simulation.people import SimulatedPeople
from consensus.web.app import make_app
from tests import coded, study_screens
from tests.browser.people import Crowd, Person
from tests.visits import Tour, Visit

STATEMENTS = 24  # of the 80: enough to fill a screen
ACTS, MORE = 12, 30  # of the team at the wall before its picture is taken; more, until people differ
ABSENT = 3  # of the panel have no page open
LANGUAGES, THEMES = ("en", "fr"), ("light", "dark")
SIZES: dict[str, Any] = {
    "desk": {"viewport": {"width": 1280, "height": 2400}},
    "phone": {"viewport": {"width": 320, "height": 2400}},
}
PROGRAM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]


@dataclass(frozen=True)
class Picture:
    """moment: the key of the round under way. who: "team", or "patient". themes: one only where the page has its own.

    protocol: of the session that is played for it.
    """

    name: str
    moment: str
    who: str
    page: str
    width: int
    height: int
    is_whole: bool = False
    themes: tuple[str, ...] = THEMES
    protocol: str = "triage"


FIGURES = ("matrix", "sensitivity", "voice")  # pages that the results lead to
PICTURES = (
    Picture("console", "rating", "team", "console", 1389, 868),
    Picture("rating", "rating", "patient", "take", 390, 844),
    Picture("wall", "wall", "team", "console", 1389, 868),
    Picture("projector", "wall", "team", "projector", 1280, 720, themes=("light",)),
    Picture("ranking", "ranking", "patient", "take", 390, 844),
    Picture("results", "results", "team", "results", 1232, 958, is_whole=True),
    Picture("list", "results", "patient", "results", 390, 844, is_whole=True),
    *(Picture(name, "results", "team", f"results/{name}", 1280, 958, is_whole=True) for name in FIGURES),
    *(
        Picture(f"{name}-phone", "results", "patient", f"results/{name}", 390, 844, is_whole=True)
        for name in FIGURES[:2]
    ),
    Picture("where", "results", "team", "where/P001", 1280, 958, is_whole=True),
    Picture("where-phone", "results", "patient", "where/P001", 390, 844, is_whole=True),
    Picture("feedback", "rating2", "patient", "take", 390, 844, is_whole=True, protocol="delphi"),
    Picture("answers", "results", "patient", "take", 390, 844, is_whole=True, protocol="delphi"),
    Picture("again", "results", "team", "console", 1389, 868, is_whole=True, protocol="delphi"),
    Picture("moved", "results", "team", "results", 1232, 958, is_whole=True, protocol="delphi"),
    Picture("comparison", "comparison", "patient", "take", 390, 844, protocol="priorities"),
    Picture("compared", "comparison", "team", "console", 1389, 868, protocol="priorities"),
    Picture("points", "points", "patient", "take", 390, 844, protocol="priorities"),
    Picture("shared", "points", "team", "console", 1389, 868, protocol="priorities"),
    Picture("weighed", "results", "team", "results", 1232, 958, is_whole=True, protocol="priorities"),
)


@dataclass
class Stage:
    """A served house, a session in it, and the browser that looks."""

    house: House
    session: models.Session
    simulated: SimulatedPeople
    browser: Browser
    out: Path
    wanted: tuple[Picture, ...]
    cookies: dict[str, str] = field(default_factory=dict)  # one device each: a second one would be told on the first

    async def draw(self, moment: str) -> None:
        for picture in self.wanted:
            if picture.moment == moment:
                for language in LANGUAGES:
                    for theme in picture.themes:
                        await self._take(picture, language, theme)

    async def _take(self, picture: Picture, language: str, theme: str) -> None:
        name = f"{picture.name}-{language}" + (f"-{theme}" if picture.themes == THEMES else "")
        viewport: Any = {"width": picture.width, "height": picture.height}
        scheme: Any = theme
        context = await self.browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        await context.add_cookies([await self._cookie(picture.who)])
        page = await context.new_page()
        await page.goto(f"{self.house.settings.origin}/sessions/{self.session.id}/{picture.page}?lang={language}")
        await page.wait_for_load_state("load")
        await page.screenshot(path=self.out / f"{name}.png", full_page=picture.is_whole)
        await context.close()
        print(name, flush=True)

    async def _cookie(self, who: str) -> Any:
        if who not in self.cookies and who == "team":
            staff = await models.Staff.get(id=self.simulated.team[0].staff_id)
            self.cookies[who], _ = await seats.sign_in(self.house.store, staff=staff)
        elif who not in self.cookies:
            self.cookies[who], _ = await seats.sign_in(self.house.store, seat=self.simulated.people[0])
        value = self.cookies[who]
        return {"name": self.house.settings.cookie, "value": value, "url": self.house.settings.origin}


Moment = Callable[[Stage, models.Round], Awaitable[None]]


async def rating(stage: Stage, row: models.Round) -> None:
    """Most people have answered; the one whose telephone is drawn is half way."""
    first, *others = stage.simulated.people
    await asyncio.gather(*(stage.simulated.answer(row, seat) for seat in others[:-2]))
    for form in list(await stage.simulated.forms(row, first))[: STATEMENTS // 4]:
        await stage.simulated.send(first, row, form)


async def wall(stage: Stage, row: models.Round) -> None:
    """Some cards are moved, one lies on the table, and people have signalled."""
    await demo.begin_meeting(stage.simulated, row, ACTS)
    for _ in range(MORE):
        table = (await stage.house.counts.now(row)).shown.more.table
        if table and min(table.signals.values()) > 0:
            return
        await demo.begin_meeting(stage.simulated, row, 1)


async def ranking(stage: Stage, row: models.Round) -> None:
    await stage.simulated.answer(row, stage.simulated.people[0])


async def points(stage: Stage, row: models.Round) -> None:
    """Everybody but a few has answered."""
    await asyncio.gather(*(stage.simulated.answer(row, seat) for seat in stage.simulated.people[:-2]))


MOMENTS: dict[str, Moment] = {
    **{"rating": rating, "wall": wall, "ranking": ranking, "rating2": rating},
    **{"comparison": rating, "points": points},
}


async def play(stage: Stage) -> None:
    """Through the protocol, as far as there is a picture to take."""
    left = [picture.moment for picture in stage.wanted]
    for row in await models.Round.filter(session_id=stage.session.id).order_by("position"):
        await player.open_round(stage.house, stage.simulated, row)
        if row.key in left:
            await MOMENTS[row.key](stage, row)
            await stage.draw(row.key)
            left = [moment for moment in left if moment != row.key]
            if not left:
                return
        await player.play_round(stage.house, stage.simulated, row)
    await conduct.analyse_due(stage.house)
    await stage.draw("results")


@asynccontextmanager
async def staged(out: Path, wanted: tuple[Picture, ...], protocol: str) -> AsyncIterator[Stage]:
    listener = listen(0)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="table-ronde-")))
        house = build(demo.settings_for(folder, listener))
        await stack.enter_async_context(running(make_app(house.settings, house), listener))
        staff = await demo.hired(house)
        study = await conduct.create_study(house, staff["facilitator"], **panel.STUDY)
        cards = [
            coded.explained(card, str) if place % 3 else card
            for place, card in enumerate(panel.statements()[:STATEMENTS], 1)
        ]
        session = await demo.seated(house, study, staff, "Estrie", cards, protocol)
        desk = await models.Seat.get(session_id=session.id, staff_id=staff["facilitator"].id)
        talks = coded.reading(cards[:2], str, str(study.groups[0]["key"]), ("Gaspé", "Estrie"))
        await coded.bring(house, desk, staff["facilitator"], talks)
        program = await stack.enter_async_context(async_playwright())
        browser = await program.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        stack.push_async_callback(browser.close)
        simulated = await player.simulated_in(house, session)
        blocks = await conduct.blocks_now(session)
        for seat in simulated.people[ABSENT:]:
            audience = Audience("room", seat.language)
            stack.enter_context(house.rooms.watch(session.id, audience, seat.id, block_of(blocks, seat.group)))
        yield Stage(house, session, simulated, browser, out, wanted)


async def screens(out: Path, only: str) -> None:
    for protocol in dict.fromkeys(picture.protocol for picture in PICTURES):
        wanted = tuple(one for one in PICTURES if only in {"", one.name} and one.protocol == protocol)
        if wanted:
            async with staged(out, wanted, protocol) as stage:
                await play(stage)
    if only in {"", *study_screens.NAMES}:
        await study_screens.draw_study(out, only, PROGRAM, FLAGS)


async def barriers() -> int:
    """How many pages have one: every page x moment x person x language x theme, on a desk and on a telephone."""
    listener = listen(0)
    found = looked = 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="table-ronde-")))
        house = build(demo.settings_for(folder, listener))
        await stack.enter_async_context(running(make_app(house.settings, house), listener))
        program = await stack.enter_async_context(async_playwright())
        browser = await program.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        stack.push_async_callback(browser.close)
        crowd, tour = Crowd(browser, house.settings.origin), Tour(house)
        looks = [await crowd.comes(name, lang, size) for lang in LANGUAGES for name, size in SIZES.items()]
        async for visits in tour.stops():
            for visit in visits:
                told = await asyncio.gather(*(_barriers(look, tour, visit) for look in looks))
                looked += len(told) * len(THEMES)
                found += sum(map(len, told))
                for line in (line for lines in told for line in lines):
                    print(line, flush=True)
    print(f"{looked} looks, {found} barriers")
    return found


async def _barriers(look: Person, tour: Tour, visit: Visit) -> list[str]:
    context, origin = look.page.context, tour.house.settings.origin
    shown = {"language": look.language, tour.house.settings.cookie: tour.cookies[visit.who]}
    await context.clear_cookies()
    await context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in shown.items() if value])
    await look.goes(visit.path)
    lines = []
    for theme in THEMES:
        scheme: Any = theme
        await look.page.emulate_media(color_scheme=scheme)
        try:
            await look.check(f"{visit} {look.language} {theme}")
        except AssertionError as barrier:
            lines.append(str(barrier))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--only", default="", choices=[*(one.name for one in PICTURES), *study_screens.NAMES])
    parser.add_argument("--axe", action="store_true", help="look for barriers on every page instead")
    args = parser.parse_args()
    if args.axe:
        return 1 if asyncio.run(barriers()) else 0
    if args.out is None:
        parser.error("where to?")
    args.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(screens(args.out, args.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
