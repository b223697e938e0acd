"""On paper nothing is cut, and a chart comes along as a picture; in real Chromium, under the real policy."""

from __future__ import annotations

import re
import struct
from collections.abc import Awaitable, Callable
from math import floor
from pathlib import Path

import pytest
from playwright.async_api import Page

from consensus import conduct
from tests.browser.people import Crowd
from tests.browser.stage import sign_in
from tests.conftest import Site, Table
from tests.web.test_charts import twice_rated
from tests.web.test_results_page import finished

PAPERS = {"A4": 210, "Letter": 215.9}  # millimetres across
MARGINS = 2 * 14
UNITS = 96 / 25.4  # of a style sheet, in a millimetre
LEAF = re.compile(rb"/Type\s*/Page\b")
# What reaches over the edge of the page, or is shown that no paper needs.
WIDER = """() => [...document.querySelectorAll("main *")]
  .filter((one) => !one.closest(".vh, .hatches") && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => `${one.tagName}.${one.getAttribute("class")} ${one.getBoundingClientRect().right}`)"""
NEEDLESS = """() => [...document.querySelectorAll("header.bar, .btn, .btns, .taken, .foot")]
  .filter((one) => one.getClientRects().length).length"""
LOOKS = """() => ({
  heads: getComputedStyle(document.querySelector(".table--list thead")).display,
  fill: getComputedStyle(document.querySelector(".dots .f-g2")).fill,
  shadows: [...document.querySelectorAll("main *")].filter((one) => getComputedStyle(one).boxShadow !== "none").length,
  hatches: document.querySelectorAll("pattern[id^=hatch-]").length,
})"""

COLOURS = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const dots = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const found = new Set();
  for (let at = 0; at < dots.length; at += 4) found.add(dots.slice(at, at + 3).join());
  return [...found].map((one) => one.split(",").map(Number));
}"""


async def leaves(page: Page, paper: str) -> int:
    return len(LEAF.findall(await page.pdf(format=paper, prefer_css_page_size=False)))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_help_of_participants_is_one_sheet(site: Site, crowd: Crowd, language: str) -> None:
    reader = await crowd.comes("reader", language)
    await reader.goes("/help/participant")
    for paper in PAPERS:
        assert await leaves(reader.page, paper) == 1, paper
    crowd.heard_nothing()


async def fay_at_results(site: Site, crowd: Crowd, table: Table, language: str) -> Page:
    fay = await crowd.comes("Fay", language)
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/results")
    return fay.page


@pytest.mark.parametrize(("language", "played"), [("en", twice_rated), ("fr", finished)], ids=["delphi", "triage"])
async def test_results_fit_on_paper_in_grey(
    site: Site, crowd: Crowd, language: str, played: Callable[[Site], Awaitable[Table]]
) -> None:
    table = await played(site)
    await conduct.analyse_due(site.house)
    page = await fay_at_results(site, crowd, table, language)
    await page.emulate_media(media="print")
    for paper, across in PAPERS.items():
        await page.set_viewport_size({"width": int((across - MARGINS) * UNITS), "height": 900})
        assert await page.evaluate(WIDER) == [], paper
        assert await leaves(page, paper) >= 1
    assert await page.evaluate(NEEDLESS) == 0
    looks = await page.evaluate(LOOKS)
    assert looks["heads"] == "table-header-group" and looks["hatches"] == 12 and looks["shadows"] == 0
    assert "#hatch-2" in looks["fill"]
    crowd.heard_nothing()


async def test_a_chart_comes_along_as_a_picture_of_300_dots_an_inch(site: Site, crowd: Crowd, tmp_path: Path) -> None:
    page = await fay_at_results(site, crowd, await twice_rated(site), "en")
    for name in ("rank-by-round", "two-scores"):
        button = page.locator(f'[data-picture*="{name}"]')
        async with page.expect_download() as coming:
            await button.click()
        picture = await coming.value
        assert picture.suggested_filename == f"case-management-estrie-{name}-en.png"
        await picture.save_as(tmp_path / name)
        body = (tmp_path / name).read_bytes()
        assert body[:8] == b"\x89PNG\r\n\x1a\n" and body[37:41] == b"pHYs"
        assert struct.unpack(">IIB", body[41:50]) == (11811, 11811, 1)  # dots a metre
        address = str(await button.get_attribute("data-picture"))
        file = await page.context.request.get(address)
        wide, tall = map(int, re.findall(r'width="(\d+)" height="(\d+)"', await file.text())[0])
        drawn = tuple(floor(side * 300 / 96 + 0.5) for side in (wide, tall))  # a half goes up, as in the browser
        assert struct.unpack(">II", body[16:24]) == drawn
        assert [14, 79, 92] in await page.evaluate(COLOURS, address)  # the style inside the picture was heard
    crowd.heard_nothing()


async def test_a_chart_that_does_not_come_is_told(site: Site, crowd: Crowd) -> None:
    page = await fay_at_results(site, crowd, await twice_rated(site), "fr")
    await page.context.clear_cookies()
    await page.locator("[data-picture]").first.click()
    await crowd.people[0].reads(crowd.people[0].say("chart.failed"))
