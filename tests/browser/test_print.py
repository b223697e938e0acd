"""On paper nothing is cut, and a chart comes along as a picture; in real Chromium, under the real policy."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from playwright.async_api import Page

from consensus import conduct, models
from tests.browser.people import DESK, Crowd
from tests.browser.stage import sign_in
from tests.conftest import Site, Table
from tests.web.test_charts import twice_rated

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


async def leaves(page: Page, paper: str) -> int:
    return len(LEAF.findall(await page.pdf(format=paper, prefer_css_page_size=False)))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_help_of_participants_is_one_sheet(site: Site, crowd: Crowd, language: str) -> None:
    reader = await crowd.comes("reader", language)
    await reader.goes("/help/participant")
    for paper in PAPERS:
        assert await leaves(reader.page, paper) == 1, paper
    crowd.heard_nothing()


async def fay_at_results(site: Site, crowd: Crowd, language: str) -> tuple[Table, Page]:
    table = await twice_rated(site)
    fay = await crowd.comes("Fay", language)
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/results")
    return table, fay.page


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_results_fit_on_paper_in_grey(site: Site, crowd: Crowd, language: str) -> None:
    _, page = await fay_at_results(site, crowd, language)
    await page.emulate_media(media="print")
    for paper, across in PAPERS.items():
        await page.set_viewport_size({"width": int((across - MARGINS) * UNITS), "height": 900})
        assert await page.evaluate(WIDER) == [], paper
        assert await leaves(page, paper) >= 1
    assert await page.evaluate(NEEDLESS) == 0
    looks = await page.evaluate(LOOKS)
    assert looks["heads"] == "table-header-group" and looks["hatches"] == 6 and looks["shadows"] == 0
    assert "#hatch-2" in looks["fill"]
    crowd.heard_nothing()


async def test_a_chart_comes_along_as_a_picture_of_300_dots_an_inch(site: Site, crowd: Crowd, tmp_path: Path) -> None:
    _, page = await fay_at_results(site, crowd, "en")
    sizes = {}
    for name in ("rank-by-round", "two-scores"):
        async with page.expect_download() as coming:
            await page.locator(f'[data-picture*="{name}"]').click()
        picture = await coming.value
        assert picture.suggested_filename == f"case-management-estrie-{name}-en.png"
        await picture.save_as(tmp_path / name)
        body = (tmp_path / name).read_bytes()
        assert body[:8] == b"\x89PNG\r\n\x1a\n" and body[37:41] == b"pHYs"
        assert struct.unpack(">IIB", body[41:50]) == (11811, 11811, 1)
        sizes[name] = struct.unpack(">II", body[16:24])
        file = await page.context.request.get(await page.locator(f'[data-picture*="{name}"]').get_attribute("data-picture") or "")
        wide, tall = (int(n) for n in re.findall(r'<svg [^>]*?width="(\d+)" height="(\d+)"', await file.text())[0])
        assert sizes[name] == (round(wide * 300 / 96), round(tall * 300 / 96))
        # The colours came along: the style inside the picture was heard.
        seen = await page.evaluate(COLOURS, await page.locator(f'[data-picture*="{name}"]').get_attribute("data-picture"))
        assert [14, 79, 92] in seen
    crowd.heard_nothing()


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
