"""A chart leaves the house as it stands on the page: the same figures, to the same people, and nothing else in it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx2
import pytest

from consensus import conduct, models
from consensus.inks import inks
from consensus.journal import head_of
from consensus.protocol import Plan
from consensus.statics import Statics
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import english

TWICE = {"second": "feasibility"}
PLANS = [
    Plan(key="rating1", kind="rating", disclosure="at_close", grace=0, settings=TWICE),
    Plan(key="rating2", kind="rating", disclosure="at_close", grace=0, settings=TWICE | {"feedback": True}),
]
SCORES = {
    "rating1": {"P001": (9, 4), "P002": (7, 8), "P003": (5, 6)},
    "rating2": {"P001": (6, 4), "P002": (8, 8), "P003": (9, 7)},
}
CHARTS = ("rank-by-round", "two-scores")
SVG = "{http://www.w3.org/2000/svg}"


async def rated(table: Table, *keys: str) -> Table:
    for key in keys:
        await table.open(key)
        for seat in table.seats:
            for card, (importance, feasibility) in SCORES[key].items():
                await table.cast(seat, key, card=card, importance=str(importance), feasibility=str(feasibility))
        await table.close(key)
    return table


async def twice_rated(site: Site) -> Table:
    return await rated(await lay_table(site.house, PLANS), "rating1", "rating2")


def address(table: Table, name: str, language: str = "en") -> str:
    return f"/sessions/{table.session.id}/results/chart/{name}.svg?lang={language}"


async def drawn(browser: httpx2.AsyncClient, table: Table, name: str, language: str = "en") -> ElementTree.Element:
    answer = await browser.get(address(table, name, language))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    return ElementTree.fromstring(answer.text)  # noqa: S314  # our own drawing; anything but XML fails here


def words(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("language", "second", "told"),
    [("en", "Feasibility", "Answered: 11 of 11"), ("fr", "Faisabilité", "Ont répondu\u00a0: 11 sur 11")],
)
async def test_a_chart_says_its_figures_people_rule_and_seals(
    site: Site, language: str, second: str, told: str
) -> None:
    table = await twice_rated(site)
    await conduct.analyse_due(site.house)  # or the clock adds its line to the chain behind the drawing
    browser = await site.sit(table.bob)
    picture = await drawn(browser, table, "two-scores", language)
    said = picture.findtext(f"{SVG}desc") or ""
    assert re.search(rf"P003 \(Importance\s?: 9, {second}\s?: 7\)", said), said
    caption = " ".join(words(picture))
    row, head = await table.row("rating2"), await models.Head.get(key=head_of(table.session.id))
    assert row.hash[:12] in caption and head.hash[:16] in caption and told in caption
    assert picture.get("lang") == language and picture.findtext(f"{SVG}title")
    await browser.aclose()


async def test_the_figures_of_a_chart_are_those_of_the_page(site: Site) -> None:
    table = await twice_rated(site)
    browser = await english(site, table.bob)
    page = (await browser.get(f"/sessions/{table.session.id}/results?lang=en")).text
    shapes = re.compile(r"<(?:path|circle|text)[^>]*>(?:[^<]*</text>)?")
    whole = re.compile(r'<svg class="chart".*?</svg>', re.DOTALL)
    for name in CHARTS:
        alone = (await browser.get(address(table, name))).text
        (there,) = whole.findall(alone)
        assert len(shapes.findall(there)) > 6
        assert shapes.findall(there) in [shapes.findall(here) for here in whole.findall(page)]
        said = ElementTree.fromstring(alone).findtext(f"{SVG}desc") or ""  # noqa: S314  # our own drawing
        assert said.partition(". ")[2].rstrip(".") in page
    assert "P001 (Rating\u00a01: 1, Rating\u00a02: 3)" in page
    await browser.aclose()


async def test_a_chart_stands_alone(site: Site) -> None:
    """No style sheet, picture or address of elsewhere; every class it wears has its colour in it."""
    table = await twice_rated(site)
    browser = await site.sit(table.bob)
    for name in CHARTS:
        text = (await browser.get(address(table, name))).text
        assert set(re.findall(r"[a-z]+://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
        assert not re.search(r"href|@import|url\(|var\(|<script|<image|<foreignObject|\son\w+=", text)
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
        assert style
        worn = {one for found in re.findall(r'class="([^"]+)"', text) for one in found.split()} - {"chart"}
        assert {one for one in worn if f".{one}" not in style[1]} == set()
    await browser.aclose()


async def test_the_file_has_a_name_that_says_what_it_is(site: Site) -> None:
    plans = [PLANS[0]]
    table = await rated(await lay_table(site.house, plans, title='Été "2026"/../\x0b'), "rating1")
    browser = await site.sit(table.aline)
    answer = await browser.get(address(table, "two-scores", "fr"))
    told = answer.headers["content-disposition"]
    assert told == 'attachment; filename="gestion-de-cas-ete-2026-two-scores-fr.svg"'
    assert answer.headers["cache-control"] == "no-store"
    assert ElementTree.fromstring(answer.text).tag == f"{SVG}svg"  # noqa: S314  # our own drawing
    await browser.aclose()


async def test_only_charts_that_the_page_shows_are_there(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    browser = await site.sit(table.bob)
    for keys, there in (((), set()), (("rating1",), {"two-scores"}), (("rating2",), set(CHARTS))):
        await rated(table, *keys)
        page = (await browser.get(f"/sessions/{table.session.id}/results")).text
        assert set(re.findall(r'href="/sessions/\d+/results/chart/([\w-]+)\.svg', page)) == there
        for name in (*CHARTS, "list"):
            assert (await browser.get(address(table, name))).status_code == (200 if name in there else 404)
    await browser.aclose()


async def test_an_outsider_gets_no_chart(site: Site) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await twice_rated(site)
    neighbour, stranger = await site.sit(elsewhere.aline), site.client()
    assert (await neighbour.get(address(table, "two-scores"))).status_code == 404
    assert (await stranger.get(address(table, "two-scores"))).status_code == 401
    for role in (Role.OBSERVER, Role.RESEARCHER):
        (seat,) = await conduct.add_seats(site.house, table.fay, [conduct.Guest(role)])
        listed = await site.sit(seat)
        assert (await listed.get(address(table, "two-scores"))).status_code == 200
        await listed.aclose()
    await neighbour.aclose()
    await stranger.aclose()


def test_the_colours_are_those_of_the_light_theme(site: Site) -> None:
    statics = Statics.load(site.house.settings.static)
    light = re.search(r"--g1: (#\w+);", statics.text("css/tokens.css"))
    assert light and f".f-g1 {{ fill: {light[1]};" in inks(statics)
    assert "var(" not in inks(statics)
    assert [n for n in range(1, 13) if f".f-g{n} {{ fill: #" not in inks(statics)] == [], "a group has no colour"
