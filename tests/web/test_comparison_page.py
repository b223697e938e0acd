"""Comparing a few statements at a time, over HTTP, as a browser without JavaScript does it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html import unescape

import httpx2

from consensus import conduct, models
from consensus.protocol import Plan
from rounds.contract import Statement
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english
from tests.web.test_rating_line import field

COMPARISON = Plan(key="comparison", kind="comparison", disclosure="facilitator", grace=0)
MANY = [Statement(f"P{n:03}", {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "en") for n in range(1, 10)]


async def opened(site: Site, many: bool = True, apart: bool = False, **changes: object) -> Table:
    """Nine statements, of which everybody compares seven sets of four; or three, which are one set."""
    table = await lay_table(site.house, [replace(COMPARISON, **changes)])  # type: ignore[arg-type]
    if many:
        await conduct.import_statements(site.house, table.fay, MANY)
    if apart:
        await table.keep_apart("patients", "caregivers", "clinicians")
    await table.open("comparison")
    return table


def shown(html: str) -> list[str]:
    return re.findall(r'name="best" value="(\w+)"', html)


def checked(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(best|worst)" value="(\w+)"[^>]* checked', html))


async def page_of(browser: httpx2.AsyncClient, table: Table, query: str = "") -> str:
    answer = await browser.get(f"/sessions/{table.session.id}/take{query}")
    assert answer.status_code == 200
    return unescape(answer.text)


async def send(browser: httpx2.AsyncClient, table: Table, query: str = "", **said: str) -> httpx2.Response:
    page = await page_of(browser, table, query)
    hidden = {name: field(page, name) for name in ("round", "key", "card")}
    return await browser.post(f"/sessions/{table.session.id}/take", data=hidden | said)


async def test_a_person_goes_through_all_sets_and_reads_how_far_they_are(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    for number in range(1, 8):
        page = await page_of(browser, table)
        assert checked(page) == {}, "nothing is chosen beforehand"
        assert len(shown(page)) == 4 and "of 7" in page and f"{number - 1} of 7" in page
        minutes = -(-(8 - number) * 20 // 60)
        assert f"about {minutes} minute" in page
        pause = await browser.get(f"/sessions/{table.session.id}/pause")
        assert f"{8 - number} answer" in pause.text and f"about {minutes} minute" in pause.text
        best, *_, worst = shown(page)
        assert (await send(browser, table, best=best, worst=worst)).status_code == 303
    page = await page_of(browser, table)
    assert "You have answered everything" in page and page.count("Change set") == 7
    counted = await site.house.counts.now(await table.row("comparison"))
    assert counted.ballots == 7 and sum(counted.finished.values()) == 1
    await browser.aclose()


async def test_everybody_meets_the_sets_in_an_order_of_their_own_of_which_a_third_is_kept(site: Site) -> None:
    table = await opened(site)
    firsts = set()
    for seat in table.seats[:6]:
        browser = await english(site, seat)
        page = await page_of(browser, table)
        firsts.add(field(page, "card"))
        assert "Set 1 of 7" in page
        best, worst, *_ = shown(page)
        await send(browser, table, best=best, worst=worst)
        await browser.aclose()
    assert len(firsts) > 1
    assert {ballot.third for ballot in await models.Ballot.all()} == {1}


async def test_without_rotation_everybody_begins_with_the_first_set(site: Site) -> None:
    table = await opened(site, settings={"rotate": False})
    for seat in table.seats[:3]:
        browser = await english(site, seat)
        assert field(await page_of(browser, table), "card") == "1"
        await browser.aclose()


async def test_one_statement_cannot_be_both_and_what_was_chosen_is_kept(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    one = shown(await page_of(browser, table))[2]
    refused = await send(browser, table, best=one, worst=one)
    assert refused.status_code == 422 and f"You chose {one} as most and as least." in unescape(refused.text)
    assert checked(refused.text) == {"best": one, "worst": one}
    assert 'href="#f-set"' in refused.text and 'id="f-set"' in refused.text
    refused = await send(browser, table, best=one)
    assert refused.status_code == 422 and "Choose the statement that matters least too." in unescape(refused.text)
    assert not await models.Ballot.exists()
    await browser.aclose()


async def test_whoever_cannot_say_has_answered_and_may_come_back(site: Site) -> None:
    table = await opened(site, many=False)
    browser = await site.sit(table.aline)
    assert (await send(browser, table, cannot_say="1")).status_code == 303
    page = await page_of(browser, table)
    assert "Vous avez répondu à tout" in page and "Vous ne pouviez pas dire." in page
    page = await page_of(browser, table, "?card=1")
    assert 'aria-pressed="true"' in page and checked(page) == {}
    assert (await send(browser, table, "?card=1", best="P003", worst="P001")).status_code == 303
    assert checked(await page_of(browser, table, "?card=1")) == {"best": "P003", "worst": "P001"}
    line = (await site.house.counts.now(await table.row("comparison"))).official.line("P003")
    assert line is not None and (line.values["best"], line.values["cannot_say"]) == (1, 0)
    await browser.aclose()


async def test_previous_leads_round_the_circle(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    before = re.search(r'href="[^"]*\?card=(\d)" aria-label="Previous set"', page)
    assert before and "Set 7 of 7" in await page_of(browser, table, f"?card={before[1]}")
    await browser.aclose()


async def test_every_key_says_its_statement_and_what_it_means(site: Site) -> None:
    table = await opened(site, many=False)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    for n in (1, 2, 3):
        assert f'aria-label="Matters most: Statement {n}."' in page
        assert f'aria-label="Matters least: Statement {n}."' in page
    await browser.aclose()


async def test_after_ones_own_answer_nobody_sees_figures_that_other_sets_still_ask_for(site: Site) -> None:
    table = await opened(site, disclosure="after_own")
    row = await table.row("comparison")
    for seat in table.seats:
        form = {"card": ["1"], "cannot_say": ["1"]}
        await conduct.cast(site.house, seat.id, row.id, conduct.Submission(form, os.urandom(8).hex(), "en"))
    browser = await english(site, table.bob)
    assert "tally-title" not in await page_of(browser, table, "?card=1")
    await browser.aclose()


async def test_a_block_under_the_floor_in_a_set_is_in_no_figure_of_its_statements(site: Site) -> None:
    """Five patients answer the one set, one of the others does: that one is counted nowhere."""
    table = await opened(site, many=False, apart=True)
    elsewhere = await lay_table(site.house, [COMPARISON], title="Ailleurs")
    for seat in table.seats[:5]:
        await table.cast(seat, "comparison", card="1", best="P002", worst="P001")
    await table.cast(table.bob, "comparison", card="1", best="P001", worst="P002")
    row = await table.close("comparison")
    lines = {line["statement"]: line for line in row.outcome["told"]["lines"]}
    assert {name: line["values"]["shown"] for name, line in lines.items()} == {"P001": 5, "P002": 5, "P003": 5}
    assert lines["P002"]["values"]["best"] == 5 and set(lines["P002"]["by_block"]) == {"patients"}
    await conduct.analyse_due(site.house)
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    assert re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL) == [
        *(("1", "P002"), ("2", "P003"), ("3", "P001"))
    ]
    assert "<b>100%</b>" in page
    browser, outsider = await english(site, table.bob), await site.sit(elsewhere.aline)
    own = await page_of(browser, table)
    assert "Statements on the same rank are tied." in own and "<b>100%</b>" not in own
    for page in ("take", "console", "results", "frame/room?card=1"):
        assert (await outsider.get(f"/sessions/{table.session.id}/{page}")).status_code in {401, 403, 404}
    for one in (fay, browser, outsider):
        await one.aclose()


async def test_set_up_tells_how_many_sets_there_will_be(site: Site) -> None:
    table = await lay_table(site.house, [COMPARISON])
    await conduct.import_statements(site.house, table.fay, MANY)
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/setup")).text)
    assert "Each person answers 7 sets." in page
    await fay.aclose()


async def test_the_list_of_what_was_compared_and_then_weighed_is_the_result(site: Site) -> None:
    """Both orders stand in the results: the rank of the last, and who moved since the first."""
    plans = [replace(COMPARISON, rule={"name": "first", "n": 2}), Plan("points", "points", "facilitator", "kept", 0)]
    table = await lay_table(site.house, plans)
    await table.open("comparison")
    for seat in table.seats:
        await table.cast(seat, "comparison", card="1", best="P002", worst="P003")
    await table.close("comparison")
    await table.open("points")
    for seat in table.seats:
        await table.cast(seat, "points", points__P001="60", points__P002="40")
    await table.close("points")
    await conduct.analyse_due(site.house)
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/results")).text)
    assert re.findall(r'<td class="rk num"[^>]*>(\d)', page) == ["1", "2"]
    assert "Share of all points" in page and "60%" in page and "40%" in page and "Mean rank" not in page
    assert 'class="rank-band"' in page and "Rank by round" in page
    assert "Statement 3." in page, "what was not kept ended at the comparison"
    await fay.aclose()
