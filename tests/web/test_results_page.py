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
    submission = conduct.Submission(fields, os.urandom(8).hex(), "en")
    await conduct.cast(table.house, table.fay.id, (await table.row(key)).id, submission)


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
    now = (await site.house.counts.now(await table.row("validation"))).official
    standing = next(one for one in now.statements if one.id == todo.changes[0].statement)
    wordings |= {f"seen__{language}": standing.wordings.get(language, "") for language in ("en", "fr")}
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
    for seat in table.seats[5:]:
        await table.cast(seat, "rating", card="P003", importance="9")
    await table.cast(table.bob, "rating", card="P001", importance="1")
    await table.close("rating")
    browser = await site.sit(table.aline)
    page = await page_of(browser, table)
    row = re.search(r"Statement 1\..*?</tr>", page, re.DOTALL)
    assert row and "<b>9</b>" in row[0] and "[9–9]" not in row[0] and "100%" in row[0]
    assert "Not shown (fewer than 5):" in row[0] and "Caregivers and Clinicians" in row[0]
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
    assert "11 people" in page and "Patients 5, Caregivers and Clinicians 6" in page
    assert "the first is kept" in page and "Below the cards that were placed" in page
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
    assert "/individual" not in await page_of(browser, table)
    assert "parcel/released" in await page_of(browser, table)
    assert "/individual" in await page_of(fay, table)
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
    assert "La chaîne est rompue" in page and "Première rupture trouvée\u00a0: l’entrée 3 a été modifiée." in page
    await line.delete()
    page = unescape((await fay.get(f"/sessions/{table.session.id}/journal?lang=fr")).text)
    assert "Première rupture trouvée\u00a0: l’entrée 3 manque." in page
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
    assert re.search(r"(Firmly|Probably) in first place\.|In first place, but only just|Tied for first place", listed)
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


async def test_the_journal_page_tells_when_its_last_lines_were_deleted(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    browser = await console(site)
    page = f"/sessions/{table.session.id}/journal?lang=en"
    assert "The chain is whole" in (await browser.get(page)).text
    last = await models.Entry.filter(head=f"session-{table.session.id}").order_by("-seq").first()
    await last.delete()
    told = (await browser.get(page)).text
    assert "The chain is whole" not in told and f"Entries are missing after entry {last.seq - 1}:" in told


async def ordered(site: Site, orders: list[dict[str, str]]) -> Table:
    """One ranking step with a list of one; people rank in turn as these say."""
    plan = Plan(
        key="ranking",
        kind="ranking",
        disclosure="facilitator",
        grace=0,
        settings={"top": 2, "unranked": "below"},
        rule={"name": "first", "n": 1},
    )
    table = await lay_table(site.house, [plan])
    await table.open("ranking")
    for n, seat in enumerate(table.seats):
        order = orders[n % len(orders)]
        await table.cast(seat, "ranking", **{f"place__{card}": place for card, place in order.items()})
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    return table


async def test_how_few_answers_would_change_the_list_is_said_with_their_number_or_not_at_all(site: Site) -> None:
    close = await ordered(site, [{"P001": "1", "P002": "2"}, {"P002": "1", "P001": "2"}])
    browser = await english(site, close.bob)
    page = await page_of(browser, close)
    assert "One answer of 11, given otherwise, would be enough to change this list." in page
    assert "a few votes" not in page
    page = await page_of(browser, close, "fr")
    assert "Il suffirait d’une réponse sur 11, donnée autrement, pour changer cette liste." in page
    assert "quelques votes" not in page
    await browser.aclose()


async def test_where_nobody_can_be_drawn_instead_a_bar_is_no_certainty(site: Site) -> None:
    alike = await ordered(site, [{"P001": "1", "P002": "2"}])
    browser = await english(site, alike.bob)
    page = await page_of(browser, alike)
    assert "How sure a rank is cannot be said here: everybody of a group answered alike" in page
    assert "given otherwise" not in page, "four of eleven are not a few"
    await browser.aclose()


async def test_a_mean_rank_hides_no_tie_and_is_the_same_for_no_two_ranks(site: Site) -> None:
    table = await ordered(site, [{"P001": "1", "P002": "1"}])
    fay = await console(site)
    page = await page_of(fay, table)
    assert re.findall(r'<td class="rk num"[^>]*>(\d)<small class="nw">tied</small>', page) == ["1", "1"]
    shown = unescape((await fay.get(f"/sessions/{table.session.id}/console?lang=fr")).text)
    assert shown.count('<small class="nw">à égalité</small>') == 2
    await fay.aclose()


async def test_a_decision_that_other_people_changed_is_no_change_of_mind(site: Site) -> None:
    """Nobody moved; one left, and what had been kept by 8 of 11 no longer is by 7 of 10."""
    rule = {"name": "share", "percent": 72, "opposite": 15, "scope": "pooled", "blocks": 1}
    plans = [Plan(key=key, kind="rating", disclosure="at_close", grace=0, rule=rule) for key in ("rating1", "rating2")]
    table = await lay_table(site.house, plans)
    answers = [8, 8, 8, 5, 5, 8, 8, 8, 8, 8, 5]
    for key, people in (("rating1", table.seats), ("rating2", table.seats[:9] + table.seats[10:])):
        await table.open(key)
        for seat, value in zip(table.seats, answers, strict=True):
            if seat in people:
                await table.cast(seat, key, card="P001", importance=str(value))
        await table.close(key)
    await conduct.analyse_due(site.house)
    browser = await english(site, table.bob)
    page = await page_of(browser, table)
    assert "Opinions moved" not in page
    assert "The decision is not the same as last round." in page and "changed their mind: 0 of 10." in page
    await browser.aclose()
