"""What a session leaves, as the people of the session read it: every card has an end, no small block shows."""

from __future__ import annotations

import os
import re
from html import unescape

import httpx2

from consensus import conduct, models
from consensus.protocol import Plan, read
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english

PLANS = [
    Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={}),
    Plan(key="wall", kind="wall", disclosure="live", grace=0, settings={}),
    Plan(
        key="ranking",
        kind="ranking",
        disclosure="facilitator",
        takes="selection",
        grace=0,
        settings={"top": 2, "unranked": "below"},
        rule={"name": "first", "n": 1},
    ),
    Plan(key="validation", kind="validation", disclosure="at_close", grace=0, settings={}),
]


async def team(table: Table, key: str, **form: str | list[str]) -> None:
    fields = {n.replace("__", "."): v if isinstance(v, list) else [v] for n, v in form.items()}
    envelope = conduct.Envelope(fields, os.urandom(8).hex(), "en")
    await conduct.cast(table.house, table.fay.id, (await table.row(key)).id, envelope)


async def rated(table: Table, people: list[models.Seat]) -> None:
    await table.open("rating")
    for seat in people:
        for n, value in ((1, "9"), (2, "7"), (3, "2")):
            await table.cast(seat, "rating", card=f"P00{n}", importance=value)
    await table.close("rating")


async def sorted_out(table: Table) -> None:
    """P001 and P002 are selected, P002 reworded by a split beforehand; P003 goes in the bin."""
    await table.open("wall")
    await team(table, "wall", act="move", card="P001", to="selection", how="no_objection")
    pieces = {"wording__en__1": "Piece one.", "wording__fr__1": "Morceau un.", "wording__en__2": "Piece two."}
    await team(table, "wall", act="split", card="P002", **pieces, wording__fr__2="Morceau deux.")
    now = (await table.house.counts.now(await table.row("wall"))).official.todo
    one, two = now.zones["memory"][-2:]
    seen = {card: str(now.versions[card]) for card in (one, two)}
    await team(table, "wall", act="move", card=one, seen=seen[one], to="selection", how="after_discussion")
    asked = {"reason": "Nobody here may decide.", "owner": "The ministry"}
    await team(table, "wall", act="move", card=two, seen=seen[two], to="veto", **asked)
    aside = {"how": "no_objection", "reason": "Already done."}
    await team(table, "wall", act="move", card="P003", to="bin", **aside)
    await table.close("wall")


async def finished(site: Site, raters: int | None = None) -> Table:
    table = await lay_table(site.house, PLANS)
    await rated(table, table.seats[:raters])
    await sorted_out(table)
    row = await table.open("ranking")
    first, second = (statement["id"] for statement in row.statements)
    for n, seat in enumerate(table.seats):
        above, below = (first, second) if n % 2 else (second, first)
        tie = {f"place__{first}": "1", f"place__{second}": "1"}
        await table.cast(seat, "ranking", **(tie if n == 0 else {f"place__{above}": "1", f"place__{below}": "2"}))
    await table.close("ranking")
    await table.open("validation")
    for seat in table.seats[1:]:
        await table.cast(seat, "validation", **{f"say__{first}": "agree", f"say__{second}": "agree"})
    change = {f"say__{first}": "change", f"text__{first}": "Say who.", f"say__{second}": "object"}
    await table.cast(table.aline, "validation", **change, **{f"text__{second}": "Trop vague."})
    todo = (await site.house.counts.now(await table.row("validation"))).official.todo
    wordings = {"wording__en": "The nurse phones.", "wording__fr": "L’infirmière téléphone."}
    await team(table, "validation", act="take", change=todo.changes[0].id, **wordings)
    await table.close("validation")
    return table


async def page_of(browser: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    answer = await browser.get(f"/sessions/{table.session.id}/results?lang={language}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def test_results_show_shared_ranks_and_where_every_card_ended_in_both_languages(site: Site) -> None:
    table = await finished(site)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    assert re.findall(r'<td class="rk num"[^>]*>(\d)', page) == ["1", "1"]
    assert "2 statements are on the list." in page and "2 statements share the first rank." in page
    for told in ("Bin, at the step “Wall”", "Already done.", "Veto, at the step “Wall”", "Decides: The ministry"):
        assert told in page
    assert "Nobody here may decide." in page and "Statement 3." in page
    page = await page_of(browser, table, "fr")
    for told in ("Poubelle, à l’étape « Mur »", "Énoncé 3.", "Morceau deux.", "Décide : The ministry"):
        assert told in page
    await browser.aclose()


async def test_a_change_taken_is_in_the_list_and_the_words_before_can_be_opened(site: Site) -> None:
    table = await finished(site)
    browser = await site.sit(table.aline)
    page = await page_of(browser, table, "fr")
    assert "L’infirmière téléphone." in page
    assert page.index("Il se lisait avant") < page.index("Énoncé 1.")
    assert "Trop vague." in page and "1 énoncé porte une objection." in page
    await browser.aclose()


async def test_nothing_is_shown_of_a_block_under_the_floor(site: Site) -> None:
    """Five patients scored, and one of the others: neither a figure nor a sum tells what that one said."""
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    for seat in table.seats[:5]:
        await table.cast(seat, "rating", card="P001", importance="9")
    await table.cast(table.bob, "rating", card="P001", importance="1")
    await table.close("rating")
    browser = await site.sit(table.aline)
    page = await page_of(browser, table)
    row = re.search(r"Statement 1\..*?</tr>", page, re.DOTALL)
    assert row and "<b>9</b>" in row[0] and "[9–9]" not in row[0] and "100%" in row[0]
    assert "Not shown (fewer than 5):" in row[0] and "Caregivers + Clinicians" in row[0]
    assert 'aria-label="Patients: 9"' in row[0]
    assert "Not shown (fewer than 5)</small>" in re.search(r"Statement 2\..*?</tr>", page, re.DOTALL)[0]  # type: ignore[index]
    await browser.aclose()


async def test_before_the_end_the_page_says_where_the_session_is(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    assert "No step is closed yet." in page and "step 1 of 4: Rating." in page
    await rated(table, table.seats)
    page = await page_of(browser, table)
    assert "Results so far" in page and "step 2 of 4: Wall." in page
    assert "parcel" not in page and "Statement 3." in page
    await sorted_out(table)
    page = await page_of(browser, table)
    assert page.index("Statement 1.") < page.index("Everything else") < page.index("Statement 3.")
    await browser.aclose()


async def test_the_page_says_how_it_was_made(site: Site) -> None:
    table = await finished(site)
    row = await table.row("ranking")
    await models.Round.filter(id=row.id).update(is_looked=True)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    assert "11 people" in page and "Patients 5, Caregivers + Clinicians 6" in page
    assert "the first 1 are kept" in page and "Below the cards that were placed" in page
    assert f"seal {row.hash[:12]}" in page
    assert "Ranking: the team looked at the figures before the close." in page
    await browser.aclose()


async def test_what_a_veto_means_is_printed_from_the_settings(site: Site) -> None:
    table = await lay_table(
        site.house, [plan for plan in read("triage", is_imported=True) if plan.key != "compilation"]
    )
    await models.Round.filter(session_id=table.session.id, key="rating").update(takes="all", grace=0)
    await rated(table, table.seats)
    await sorted_out(table)
    browser = await english(site, table.bob)
    assert "A person named on the card decides after the session." in await page_of(browser, table)
    await browser.aclose()


async def test_only_who_may_have_them_is_offered_individual_answers(site: Site) -> None:
    table = await finished(site)
    browser, fay = await english(site, table.bob), await console(site)
    assert "parcel/row-level" not in await page_of(browser, table)
    assert "parcel/released" in await page_of(browser, table)
    assert "parcel/row-level" in await page_of(fay, table)
    await browser.aclose()
    await fay.aclose()


async def test_an_outsider_finds_neither_results_nor_journal(site: Site) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await lay_table(site.house, PLANS)
    odile = await site.sit(elsewhere.aline)
    for path in ("results", "journal"):
        assert (await odile.get(f"/sessions/{table.session.id}/{path}")).status_code == 404
    await odile.aclose()


async def test_the_journal_tells_acts_in_words_and_checks_its_chain(site: Site) -> None:
    table = await finished(site)
    fay = await console(site)
    page = unescape((await fay.get(f"/sessions/{table.session.id}/journal")).text)
    head = await models.Head.get(key=f"session-{table.session.id}")
    assert f"The chain is whole: {head.seq} entries were checked." in page and head.hash in page
    assert "Closed the step and sealed its outcome" in page and "Page 1" not in page
    line = await models.Entry.get(head=head.key, seq=3)
    await models.Entry.filter(id=line.id).update(payload=line.payload + " ")
    page = unescape((await fay.get(f"/sessions/{table.session.id}/journal?lang=fr")).text)
    assert "La chaîne est rompue" in page
    await fay.aclose()


async def test_a_long_journal_is_paged_newest_first(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    for n in range(20):
        for seat in table.seats:
            await table.cast(seat, "rating", card="P001", importance=str(1 + n % 9))
    fay = await console(site)
    first = (await fay.get(f"/sessions/{table.session.id}/journal")).text
    assert len(re.findall(r'id="entry-\d+"', first)) == 200 and "?page=2" in first
    last = (await fay.get(f"/sessions/{table.session.id}/journal?page=99")).text
    assert 'id="entry-1"' in last and "?page=1" in last
    await fay.aclose()


async def test_the_list_says_how_sure_each_place_is(site: Site) -> None:
    """A word for everybody, and a bar; who votes reads no decimal, the team reads the mean ranks too."""
    table = await finished(site)
    await conduct.analyse_due(site.house)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    listed = page[page.index('id="main"') : page.index("Everything else")]
    assert listed.count('class="rank-band"') == 2 and "in nine of ten draws" in listed
    assert re.search(r"(Firmly|Probably) in first place\.|Just outside first place", listed)
    assert "Mean rank" not in listed and not re.search(r">\d+[.,]\d+<", listed)
    assert "the people were drawn again within their blocks, 1,000 times" in page
    await browser.aclose()
    fay = await site.sign_in()
    page = await page_of(fay, table, "fr")
    assert "Rang moyen" in page and "Degré de certitude" in page and "1,5" in page
    await fay.aclose()


async def test_both_lists_of_first_places_stand_side_by_side_where_they_differ(site: Site) -> None:
    """Five patients put the first card on top; two caregivers and four clinicians, one block, the second."""
    plan = Plan("ranking", "ranking", "at_close", grace=0, settings={"top": 3}, rule={"name": "first", "n": 1})
    table = await lay_table(site.house, [plan])
    await table.open("ranking")
    for n, seat in enumerate(table.seats):
        order = ("P001", "P002") if n < 5 else ("P002", "P001") if n < 9 else ("P003", "P002")
        await table.cast(seat, "ranking", **{f"place__{card}": str(at) for at, card in enumerate(order, 1)})
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    side = page[page.index("If every group counted the same") : page.index("How to read this")]
    found = (await models.Round.get(id=(await table.row("ranking")).id)).findings
    differ = next(f for f in found if f["measure"] == "side_by_side")["value"]
    assert ("only here" in side) == bool(differ)
    assert "A small group weighs as much" not in side, "no block is under five"
    await browser.aclose()
