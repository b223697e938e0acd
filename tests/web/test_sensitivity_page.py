"""What would change the list, as a page and a file: the same figures, to who sits in the session, in both languages."""

from __future__ import annotations

import csv
import io
from html import unescape

from consensus import conduct, models
from consensus.outcome import value_from
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table

PATHS = ("sensitivity", "sensitivity.csv", "matrix", "matrix.csv", "voice", "voice.csv")
RULE = {"name": "first", "n": 1}
PLANS = [
    Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={}),
    Plan(
        key="ranking",
        kind="ranking",
        disclosure="at_close",
        grace=0,
        settings={"top": 2, "unranked": "below"},
        rule=RULE,
    ),
]


async def ranked(site: Site) -> Table:
    """Patients put the second statement first, everybody else the first one."""
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    for seat in table.seats:
        for n, value in ((1, "9"), (2, "7"), (3, "2")):
            await table.cast(seat, "rating", card=f"P00{n}", importance=value)
    await table.close("rating")
    await table.open("ranking")
    for seat in table.seats:
        above, below = ("P002", "P001") if seat.group == "patients" else ("P001", "P002")
        await table.cast(seat, "ranking", **{f"place__{above}": "1", f"place__{below}": "2"})
    await table.close("ranking")
    await conduct.analyse_due(site.house)
    return table


async def asked(site: Site, table: Table, seat: models.Seat, path: str) -> str:
    browser = await site.sit(seat)
    answer = await browser.get(f"/sessions/{table.session.id}/results{path}")
    await browser.aclose()
    assert answer.status_code == 200, (path, answer.status_code)
    return unescape(answer.text)


async def test_the_page_says_first_what_stays_and_marks_who_crosses_with_an_arrow_and_words(site: Site) -> None:
    table = await ranked(site)
    page = await asked(site, table, table.bob, "/sensitivity?lang=en")
    assert "<h1>What would change this list?</h1>" in page
    assert "The first one does not stay in every reading." in page and "Without Patients:" in page
    assert '<span class="crosses">' in page and "comes in" in page and "goes out" in page
    assert "Which group carries what" in page and "The smallest change that matters" in page
    page = await asked(site, table, table.bob, "/sensitivity?lang=fr")
    assert "Qu’est-ce qui changerait cette liste?" in page and "Quel groupe porte quoi" in page


async def test_the_file_has_the_places_of_the_page_and_every_reading_is_whole(site: Site) -> None:
    table = await ranked(site)
    rows = list(csv.DictReader(io.StringIO(await asked(site, table, table.bob, "/sensitivity.csv"))))
    assert {row["family"] for row in rows} == {"list", "method", "weight", "group"}
    assert {row["way"] for row in rows if row["family"] == "method"} >= {"borda", "copeland", "schulze", "median"}
    for way in {(row["family"], row["way"]) for row in rows}:
        assert {row["statement"] for row in rows if (row["family"], row["way"]) == way} == {"P001", "P002", "P003"}
    assert all((row["among_first"] == "yes") == (row["place"] == "1") for row in rows)


async def test_without_a_group_nothing_is_told_that_the_other_groups_do_not_tell(site: Site) -> None:
    """The places without one group are those of the mean ranks that the results tell of the others."""
    table = await ranked(site)
    row = await table.row("ranking")
    lines = {line["statement"]: line["by_block"] for line in row.outcome["told"]["lines"]}
    found = next(one for one in row.findings if one["measure"] == "readings")
    read = {one["way"]: one["places"] for one in found["more"]["readings"] if one["family"] == "group"}
    assert read.keys() == {block for told in lines.values() for block in told}
    for left_out, places in read.items():
        means = []
        for name in found["more"]["statements"]:
            others = [told for block, told in lines[name].items() if block != left_out]
            n = sum(told["n"] for told in others)
            means.append(sum(value_from(told["mean_rank"]) * told["n"] for told in others) / n)
        assert places == [1 + sum(other < mean for other in means) for mean in means]


async def test_a_list_without_a_line_says_so_and_no_link_leads_there(site: Site) -> None:
    table = await lay_table(site.house, PLANS[:1])
    await table.open("rating")
    assert "Nothing to read in another way yet" in await asked(site, table, table.bob, "/sensitivity?lang=en")
    assert "/results/sensitivity" not in await asked(site, table, table.bob, "")


async def test_an_outsider_sees_none_of_these_pages(site: Site) -> None:
    table = await ranked(site)
    browser = site.client()
    for path in PATHS:
        answer = await browser.get(f"/sessions/{table.session.id}/results/{path}")
        assert "P001" not in answer.text and "Statement 1" not in answer.text, path


async def test_each_cell_of_the_matrix_opens_its_list_and_the_address_keeps_what_was_asked(site: Site) -> None:
    table = await ranked(site)
    page = await asked(site, table, table.bob, "/matrix?lang=en")
    assert "<h1>Where the statements lie</h1>" in page and "Not said" in page
    listed = await asked(site, table, table.bob, "/matrix?lang=en&verdict=kept")
    assert "1 statement</h2>" in listed and 'value="kept" checked' in listed
    told = list(csv.DictReader(io.StringIO(await asked(site, table, table.bob, "/matrix.csv"))))
    assert sum(int(row["statements"]) for row in told) == 3
    assert sum(int(row["kept"]) for row in told) == 1 and sum(int(row["dropped"]) for row in told) == 2


async def spread(table: Table) -> None:
    """The first statement is for similar contexts, the second for different ones; of the third nothing is said."""
    held = (await models.Session.get(id=table.session.id)).imported
    said = [
        {**one, "spread": kind} if kind else one for one, kind in zip(held, ("similar", "different", ""), strict=True)
    ]
    await models.Session.filter(id=table.session.id).update(imported=said)


async def test_the_list_of_some_contexts_keeps_the_places_of_the_whole_list(site: Site) -> None:
    table = await lay_table(site.house, PLANS[:1])
    await spread(table)
    await table.open("rating")
    await table.close("rating")
    whole, some = [await asked(site, table, table.bob, f"{query}lang=en") for query in ("?", "?spread=different&")]
    assert "All contexts" in whole and "Statement 1" in whole and "Statement 2" in whole
    listed = some[some.index("<tbody>") : some.index("</tbody>")]
    assert "Statement 2" in listed and "Statement 1" not in listed and "Statement 3" not in listed
    assert "Statement 1" in await asked(site, table, table.bob, "?spread=nowhere&lang=en")
    matrix = await asked(site, table, table.bob, "/matrix?lang=en&across=spread")
    assert "For similar contexts" in matrix and 'value="spread" selected' in matrix


async def test_no_contexts_are_offered_where_no_statement_says_any(site: Site) -> None:
    table = await ranked(site)
    assert "For similar contexts" not in await asked(site, table, table.bob, "?lang=en")
    assert "For similar contexts" not in await asked(site, table, table.bob, "/matrix?lang=en")


async def test_the_number_of_a_statement_leads_to_where_it_comes_from(site: Site) -> None:
    table = await ranked(site)
    for path in ("", "/matrix?verdict=kept"):
        assert f'href="/sessions/{table.session.id}/where/P001"' in await asked(site, table, table.bob, path)


async def test_the_matrix_of_a_study_counts_what_its_sessions_told_and_is_for_who_runs_it(site: Site) -> None:
    table = await ranked(site)
    path = f"/studies/{table.session.study_id}/matrix"
    fay = await site.sign_in()
    assert "<h1>Where the statements lie</h1>" in (await fay.get(f"{path}?lang=en")).text
    told = list(csv.DictReader(io.StringIO((await fay.get(f"{path}.csv?down=nature&across=theme")).text)))
    assert sum(int(row["statements"]) for row in told) == 3
    for browser in (await site.sit(table.bob), site.client()):
        assert "Statement 1" not in (await browser.get(path)).text
    await fay.aclose()
