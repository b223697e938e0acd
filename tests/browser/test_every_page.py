"""Every page, in both languages and both themes, on a desk and on a narrow telephone: no barrier, nothing cut off.

As the session goes on, the two looks take turns at pages that both have seen; `python -m tests.screens --axe`
crosses all with all.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from consensus.simulation import panel
from tests.browser.people import Crowd, Person, axe
from tests.conftest import Site
from tests.visits import PERSON, Tour, Visit

# Tall, because what lies half under a foot that stays in sight is no smaller for it.
WIDE = {"viewport": {"width": 1280, "height": 1600}, "color_scheme": "light"}
NARROW = {"viewport": {"width": 320, "height": 1600}, "color_scheme": "dark"}
STAGES = ("under way", "closed")  # of a round; `python -m tests.screens --axe` stops at the others too
Page = tuple[str, str, str, tuple[str, ...]]  # who, route, kind of round, what its address asks
LARGE_TYPE = "document.documentElement.style.fontSize = '200%'"
SCREEN: Any = {"width": 1280, "height": 720}
TELEPHONES = (360, 390, 320)
TARGET, TYPE = 44, 16  # pixels: what an old finger hits, what old eyes read
FINE = """(least) => [...document.body.querySelectorAll("*")].filter((one) =>
  one.checkVisibility({ visibilityProperty: true }) && !one.closest(".vh, [hidden]") &&
  [...one.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.data.trim()) &&
  parseFloat(getComputedStyle(one).fontSize) < least - .1).map((one) => one.outerHTML.slice(0, 160))"""
FILLS = "() => Math.abs(document.querySelector('.pf').getBoundingClientRect().bottom - innerHeight) < 1"
SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
# A word that goes on in the next line; what is a code, or to be heard only, has no words.
BROKEN = """() => {
  const NO_WORDS = ".vh, .word, svg, code, .code, .chain, textarea, option, [hidden]";
  const found = [], range = document.createRange();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const one = node.parentElement;
    if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(NO_WORDS)) continue;
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}’']+/gu)) {
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(`${word[0]} in ${one.outerHTML.slice(0, 120)}`);
    }
  }
  return found;
}"""
TWICE = """() => [...document.querySelectorAll("ul, ol, table")]
  .filter((one) => one.checkVisibility()).map((one) => one.innerText.trim())
  .filter((text, at, all) => text.length > 60 && all.indexOf(text) !== at).map((text) => text.slice(0, 100))"""
# What is hidden from sight until it has the focus, and links within a sentence, are no targets.
SMALL = """(least) => [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter((one) => {
  const label = one.matches("input[type=radio], input[type=checkbox]") ? one.closest("label") : null;
  const box = (label ?? one).getBoundingClientRect();
  if (!one.checkVisibility({ visibilityProperty: true }) || box.width < 2 || one.closest(".vh, [hidden]")) return false;
  if (one.matches("p a, li a, td a, dd a") && getComputedStyle(one).display === "inline") return false;
  return box.height < least - .5 || box.width < least - .5;
}).map((one) => one.outerHTML.slice(0, 160))"""


@dataclass
class Look:
    """One screen that goes where everybody goes, with everybody's cookies in turn."""

    person: Person
    site: Site
    tour: Tour
    size: Any

    async def at(self, visit: Visit) -> None:
        context = self.person.page.context
        await context.clear_cookies()
        if value := self.tour.cookies[visit.who]:
            await context.add_cookies(
                [{"name": self.site.house.settings.cookie, "value": value, "url": self.site.origin}]
            )
        await context.add_cookies([{"name": "language", "value": self.person.language, "url": self.site.origin}])
        tall = SCREEN if visit.route == "projector" and self.person.name == "wide" else self.size
        await self.person.page.set_viewport_size(tall)
        await self.person.goes(visit.path)
        await self.person.check(str(visit))
        assert not await self.person.page.evaluate(SIDEWAYS), f"scrolls sideways: {visit} {self.person.name}"
        if tall is SCREEN:
            assert await self.person.page.evaluate(FILLS), f"leaves a part of the big screen empty: {visit}"
        if self.person.name == "narrow":
            await self.reads_well(visit)
        if self.person.name == "narrow" and visit.who == PERSON:
            small = await self.person.page.evaluate(SMALL, TARGET)
            assert small == [], f"too small to press: {visit}: {small}"
            fine = await self.person.page.evaluate(FINE, TYPE)
            assert fine == [], f"too small to read: {visit}: {fine}"
        if self.person.name == "wide" and visit.route != "projector":  # where type follows the picture's height
            await self.person.page.evaluate(LARGE_TYPE)
            assert not await self.person.page.evaluate(SIDEWAYS), f"scrolls sideways at twice the type: {visit}"

    async def reads_well(self, visit: Visit) -> None:
        """On every telephone that people have: no word is broken, and no list stands there twice."""
        for width in TELEPHONES:
            await self.person.page.set_viewport_size({**self.size, "width": width})
            for measure in (BROKEN, TWICE):
                found = await self.person.page.evaluate(measure)
                assert found == [], f"{visit}, {width} pixels: {found}"
        await self.person.page.set_viewport_size(self.size)

    async def go(self, visits: list[Visit]) -> None:
        for visit in visits:
            await self.at(visit)


def shared_out(visits: list[Visit], looks: list[Look], seen: set[Page]) -> list[list[Visit]]:
    """Which look makes which visit: a new page both; one that was seen earlier in its round the two in turn."""
    turns: list[list[Visit]] = [[] for _ in looks]
    for visit in visits:
        page = (visit.who, visit.route, visit.moment.kind, tuple(sorted(parse_qs(urlsplit(visit.path).query))))
        if page not in seen:
            seen.add(page)
            for turn in turns:
                turn.append(visit)
        else:
            min(turns, key=len).append(visit)
    return turns


async def test_no_page_has_a_barrier(site: Site, crowd: Crowd) -> None:
    await asyncio.to_thread(panel.book)
    tour = Tour(site.house, STAGES)
    looks = [
        Look(await crowd.comes(said, language, device), site, tour, device["viewport"])
        for said, language, device in (("wide", "en", WIDE), ("narrow", "fr", NARROW))
    ]
    for look in looks:  # once, not with every page
        await look.person.page.context.add_init_script(await asyncio.to_thread(axe))
    visited: set[str] = set()
    seen: set[Page] = set()
    async for visits in tour.stops():
        turns = shared_out(visits, looks, seen)
        await asyncio.gather(*(look.go(turn) for look, turn in zip(looks, turns, strict=True)))
        visited |= {visit.route for visit in visits}
    assert tour.routes() <= visited
