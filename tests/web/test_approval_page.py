"""Choosing up to k statements, over HTTP, as a browser without JavaScript does it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx2

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english
from tests.web.test_rating_line import field

SETTINGS = {"most": 2}
APPROVAL = Plan(key="approval", kind="approval", disclosure="facilitator", grace=0, settings=SETTINGS)
RULE = {"name": "chosen", "percent": 50, "scope": "pooled", "blocks": 1}


async def opened(site: Site, **changes: object) -> Table:
    table = await lay_table(site.house, [replace(APPROVAL, **changes)])  # type: ignore[arg-type]
    await table.open("approval")
    return table


def ticked(html: str) -> dict[str, bool]:
    """Each box by its statement."""
    boxes = re.findall(r'<input type="checkbox" name="choose\.(\w+)" value="1"( checked)?>', html)
    return {card: bool(is_ticked) for card, is_ticked in boxes}


def chosen(html: str) -> set[str]:
    return {card for card, is_ticked in ticked(html).items() if is_ticked}


async def send(browser: httpx2.AsyncClient, table: Table, *cards: str) -> httpx2.Response:
    url = f"/sessions/{table.session.id}/take"
    page = await browser.get(url)
    hidden = {name: field(page.text, name) for name in ("round", "key")}
    return await browser.post(url, data=hidden | {f"choose.{card}": "1" for card in cards})


async def test_nothing_is_chosen_before_a_person_chooses_it(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    page = unescape((await browser.get(f"/sessions/{table.session.id}/take")).text)
    assert ticked(page) == dict.fromkeys(ticked(page), False) and set(ticked(page)) == {"P001", "P002", "P003"}
    assert "Choose up to 2 statements: those that matter most to you." in page
    assert "0 of 2 chosen" in page and "Nothing is saved yet." in page
    refused = await send(browser, table)
    assert refused.status_code == 422 and "Choose at least one statement." in refused.text
    assert not await models.Ballot.exists()
    await browser.aclose()


async def test_a_choice_is_saved_shown_again_and_changed(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    url = f"/sessions/{table.session.id}/take"
    assert (await send(browser, table, "P001", "P003")).status_code == 303
    page = (await browser.get(url)).text
    assert chosen(page) == {"P001", "P003"} and "2 of 2 chosen" in page and "Your choice is saved." in page
    assert (await send(browser, table, "P002")).status_code == 303
    assert chosen((await browser.get(url)).text) == {"P002"}
    assert (await site.house.counts.now(await table.row("approval"))).ballots == 1
    await browser.aclose()


async def test_one_too_many_is_refused_in_a_sentence_and_nothing_is_lost(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    over = await send(browser, table, "P001", "P002", "P003")
    assert over.status_code == 422 and chosen(over.text) == {"P001", "P002", "P003"}
    assert "You chose 1 statement too many. Take it away: you may choose 2." in over.text
    assert re.search(r"data-bad>\s*3 of 2 chosen: too many<", over.text)
    linked = re.search(r'href="#(f-choose)"', over.text)
    assert linked and f'id="{linked[1]}"' in over.text and 'aria-describedby="f-choose-error"' in over.text
    assert not await models.Ballot.exists()
    await browser.aclose()


async def test_fewer_are_refused_only_where_the_round_says_so(site: Site) -> None:
    table = await opened(site, settings={**SETTINGS, "fewer": False})
    browser = await site.sit(table.aline)
    page = unescape((await browser.get(f"/sessions/{table.session.id}/take")).text)
    assert "Choisissez 2 énoncés" in page and "Vous pouvez en choisir moins." not in page
    refused = await send(browser, table, "P001")
    assert refused.status_code == 422 and chosen(refused.text) == {"P001"}
    assert "Choisissez encore 1 énoncé\u00a0: 2 en tout." in unescape(refused.text)
    assert (await send(browser, table, "P001", "P002")).status_code == 303
    await browser.aclose()


async def test_the_other_language_keeps_what_was_ticked(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    said = {"say_in": "fr", "round": "approval", "key": "k", "choose.P003": "1"}
    turned = await browser.post(f"/sessions/{table.session.id}/take", data=said)
    assert turned.status_code == 200 and "Enregistrer mon choix" in turned.text
    assert chosen(turned.text) == {"P003"} and "Choix\u00a0: 1 sur 2" in unescape(turned.text)
    await browser.aclose()


async def test_people_meet_the_statements_in_orders_of_their_own_unless_the_round_says_otherwise(site: Site) -> None:
    for is_rotated in (True, False):
        table = await opened(site, settings={**SETTINGS, "rotate": is_rotated})
        orders = set()
        for seat in table.seats:
            browser = await english(site, seat)
            orders.add(tuple(ticked((await browser.get(f"/sessions/{table.session.id}/take")).text)))
            await browser.aclose()
        assert (len(orders) > 1) is is_rotated and all(sorted(one) == ["P001", "P002", "P003"] for one in orders)


async def test_a_choice_on_paper_is_entered_twice_and_a_difference_is_told_by_its_statements(site: Site) -> None:
    table = await lay_table(site.house, [APPROVAL])
    await table.open("approval")
    fay, seat = await console(site), f"/sessions/{table.session.id}/seats/{table.aline.id}/answers"
    for turn, cards in (("first", ("P001", "P002")), ("again", ("P001", "P003"))):
        page = (await fay.get(f"{seat}/paper/{turn}")).text
        assert chosen(page) == set(), "each entry begins blank"
        said = {"round": "approval", "key": field(page, "key"), **{f"choose.{card}": "1" for card in cards}}
        assert (await fay.post(f"{seat}/paper/{turn}", data=said)).status_code == 303
    differ = unescape((await fay.get(seat)).text)
    assert "P002 – Chosen" in differ and "P003 – Chosen" in differ
    await fay.aclose()


async def told(site: Site) -> Table:
    """Five patients answered, and one manager, who is hidden."""
    table = await lay_table(site.house, [replace(APPROVAL, rule=RULE)])
    await table.keep_apart("patients", "caregivers", "clinicians")
    await table.open("approval")
    for n, seat in enumerate(table.seats[:5]):
        await table.cast(seat, "approval", **{"choose.P002": "1"} | ({"choose.P001": "1"} if n < 2 else {}))
    await table.cast(table.bob, "approval", **{"choose.P003": "1"})
    await table.close("approval")
    await conduct.analyse_due(site.house)
    return table


async def test_the_team_reads_the_list_after_the_close_and_an_outsider_nothing(site: Site) -> None:
    table = await told(site)
    elsewhere = await lay_table(site.house, [APPROVAL], title="Ailleurs")
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    assert re.findall(r'<td class="n"><b>(\d)</b>.*?<small>(P\d+)</small>', page, re.DOTALL) == [
        *(("1", "P002"), ("2", "P001"), ("3", "P003"))
    ]
    assert "100%" in page and "2 of 5" in page and "1 of 6" not in page, "one manager is in no sum"
    big = unescape((await fay.get(f"/sessions/{table.session.id}/projector")).text)
    assert "40%" in big
    outsider = await site.sit(elsewhere.aline)
    for name in ("take", "console", "results", "frame/room"):
        assert (await outsider.get(f"/sessions/{table.session.id}/{name}")).status_code in {401, 403, 404}
    said = {"round": "approval", "key": "k", "choose.P001": "1"}
    answer = await outsider.post(f"/sessions/{table.session.id}/take", data=said)
    assert answer.status_code in {401, 403, 404}
    for one in (fay, outsider):
        await one.aclose()


async def test_everybody_reads_after_the_close_how_many_chose_each_in_a_sentence_and_a_bar(site: Site) -> None:
    table = await told(site)
    browser = await english(site, table.bob)
    page = unescape((await browser.get(f"/sessions/{table.session.id}/take")).text)
    lines = re.findall(r'<li id="line-\d" class="fb">(.*?)</li>', page, re.DOTALL)
    sentences = ("5 people of 5 chose it.", "2 people of 5 chose it.", "0 people of 5 chose it.")
    for line, sentence in zip(lines, sentences, strict=True):
        assert sentence in line and 'class="progress"' in line
    assert "Kept" in lines[0] and "Undecided" in lines[1], "who left it out has not voted against it"
    assert "Your choice" in page and "Statements on the same rank are tied." in page
    await browser.aclose()


async def test_a_round_in_which_all_are_too_few_tells_no_figure(site: Site) -> None:
    table = await opened(site)
    for seat in table.seats[:4]:
        await table.cast(seat, "approval", **{"choose.P002": "1"})
    await table.close("approval")
    browser = await english(site, table.aline)
    page = unescape((await browser.get(f"/sessions/{table.session.id}/take")).text)
    told = page.partition('class="answers"')[2].partition("</ul>")[0]
    assert told.count("Not shown") == 3 and "chose it." not in told and "progress" not in told
    await browser.aclose()


async def test_a_facilitator_plans_it_and_its_rule_is_a_share_of_the_people_or_the_first_places(site: Site) -> None:
    table = await lay_table(site.house, [APPROVAL])
    fay, path = await console(site), f"/sessions/{table.session.id}/setup/approval"
    form = unescape((await fay.get(path)).text)
    assert re.findall(r'name="rule\.name"[^>]*value="(\w*)"', form) == ["", "first", "chosen"]
    assert "rule.opposite" not in form and "Statements that each person may choose" in form
    sent = {"setting.most": "3", "setting.fewer": "1", "disclosure": "at_close", "grace": "0", "rule.name": "chosen"}
    saved = await fay.post(path, data=sent | {"rule.percent": "66,7", "rule.scope": "every", "rule.blocks": "1"})
    assert saved.status_code == 303, saved.text
    row = await table.row("approval")
    assert row.settings == {"most": 3, "fewer": True, "rotate": False}
    assert row.rule == {"name": "chosen", "percent": "66.7", "scope": "every", "blocks": 1}
    plan = unescape((await fay.get(f"/sessions/{table.session.id}/setup")).text)
    assert "kept when at least 66.7% of every block chose it." in plan
    refused = await fay.post(path, data={**sent, "setting.most": "101"})
    assert refused.status_code == 422 and "Choose a number from 1 to 100." in refused.text
    await fay.aclose()


async def test_a_facilitator_adds_it_to_a_plan_that_has_none(site: Site) -> None:
    table = await lay_table(site.house)
    fay, path = await console(site), f"/sessions/{table.session.id}"
    page = unescape((await fay.get(f"{path}/setup")).text)
    offered = re.findall(r'<option value="(\w*)"[^>]*>([^<]+)', page.partition('name="kind"')[2])
    assert ("approval", "Choice") in offered and ("", "At the end") in offered and "gather" not in dict(offered)
    added = await fay.post(f"{path}/rounds", data={"kind": "approval", "before": ""})
    assert added.status_code == 303 and added.headers["location"].endswith("/setup")
    row = await table.row("approval")
    assert (row.state, row.settings) == ("draft", {"most": 5, "fewer": True, "rotate": True})
    assert "Choice" in (await fay.get(f"{path}/setup/approval")).text
    refused = await fay.post(f"{path}/rounds", data={"kind": "wall", "before": ""})
    assert refused.status_code == 422 and "No such round can be added." in refused.text
    await fay.aclose()
