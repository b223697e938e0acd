"""Barriers and next steps need not share one ranking: two lists of one session, on the page and in files."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.outcome import digest, seal
from consensus.protocol import Plan, plan_of
from consensus.results import released as list_of
from rounds.contract import Statement
from rounds.lineage import BROUGHT
from tests.conftest import Site, Table, lay_table
from tests.consensus.test_export import inside, rows, run_recount, unpacked
from tests.web.test_ranking_page import console, english

NATURES = ("hinders", "next_step", "hinders", "next_step", "helps", "")
CARDS = [
    Statement(f"P{n:03}", {"en": f"Card {n}.", "fr": f"Carte {n}."}, "en", nature=nature, level="meso" if n % 2 else "")
    for n, nature in enumerate(NATURES, 1)
]
HALF = {"name": "share", "percent": 50, "opposite": None, "scope": "pooled", "blocks": 1}
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={}, rule=HALF)
BARRIERS = Plan(
    key="barriers",
    kind="ranking",
    disclosure="at_close",
    takes="kept/hinders",
    grace=0,
    title={"fr": "Les obstacles", "en": "The barriers"},
)
STEPS = replace(
    BARRIERS, key="steps", takes="kept/next_step", takes_of="rating", title={"fr": "Les suites", "en": "The next steps"}
)
PLANS = [RATING, BARRIERS, STEPS]


async def laid(house: House, plans: list[Plan]) -> Table:
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, CARDS)
    return table


async def rated(table: Table, key: str = "rating") -> None:
    row = await table.open(key)
    for seat in table.seats:
        for statement in row.statements:
            await table.cast(seat, key, card=statement["id"], importance="2" if statement["id"] == "P006" else "9")
    await table.close(key)


async def ranked(table: Table, key: str, *cards: str) -> None:
    await table.open(key)
    for seat in table.seats:
        await table.cast(seat, key, **{f"place__{card}": str(n) for n, card in enumerate(cards, 1)})
    await table.close(key)


async def played(house: House) -> Table:
    table = await laid(house, PLANS)
    await rated(table)
    await ranked(table, "barriers", "P003", "P001")
    await ranked(table, "steps", "P002", "P004")
    await conduct.analyse_due(house)
    return table


async def test_each_list_has_its_own_order_and_everything_ends_in_one_place(house: House) -> None:
    table = await played(house)
    found = list_of(await models.Round.filter(session_id=table.session.id).order_by("position"))
    told = [[(card.statement.id, card.rank) for card in one.listed] for one in found.lists]
    assert told == [[("P003", 1), ("P001", 2)], [("P002", 1), ("P004", 2)]]
    assert [card.statement.id for card in found.listed] == ["P003", "P001", "P002", "P004"]
    assert found.ranked_by == "barriers steps" and not found.climbs
    ended = {card.statement.id: (group.row.key, group.zone) for group in found.ended for card in group.cards}
    assert ended == {"P005": ("rating", "kept"), "P006": ("rating", "dropped")}


async def test_the_files_verify_and_the_second_count_knows_both_lists_and_what_was_taken(
    house: House, tmp_path: Path
) -> None:
    table = await played(house)
    for name, write in (("individual", individual), ("released", released)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(await write(house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    files = inside((tmp_path / "individual.zip").read_bytes())
    told = {row["statement"]: (row["list"], row["rank"]) for row in rows(files, "results.csv")}
    assert told["P003"] == ("barriers", "1") and told["P002"] == ("steps", "1") and told["P005"] == ("", "")
    folder = unpacked(tmp_path, files)
    done = await asyncio.to_thread(run_recount, folder)
    assert done.returncode == 0 and "rank" in done.stdout, done.stdout + done.stderr
    manifest = json.loads(files["manifest.json"])
    manifest["rounds"][2]["takes"] = "kept/hinders"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = await asyncio.to_thread(run_recount, folder)
    assert done.returncode == 1 and "none of those it takes" in " ".join(done.stdout.split())


async def test_what_a_round_takes_is_sealed_and_rounds_that_take_of_the_one_before_have_the_seal_of_ever(
    house: House,
) -> None:
    table = await played(house)
    barriers, steps = await table.row("barriers"), await table.row("steps")
    names = ("kind", "takes", "takes_of", "settings", "rule", "blocks", "counting")
    for row in (barriers, steps):
        said = {name: getattr(row, name) for name in names}
        assert row.hash == seal(said, digest(row.statements))
        others = ({"takes": "all"}, {"takes_of": "barriers"})
        assert row.hash not in {seal({**said, **other}, digest(row.statements)) for other in others}
        without = {name: value for name, value in said.items() if name != "takes_of"}
        assert (row.hash == seal(without, digest(row.statements))) == (row.key == "barriers")


async def test_brought_statements_may_be_ranked_apart_without_any_round_before(house: House) -> None:
    plans = [replace(BARRIERS, takes="all/hinders"), replace(STEPS, takes="all/next_step", takes_of=BROUGHT)]
    table = await laid(house, plans)
    await ranked(table, "barriers", "P001", "P003")
    await ranked(table, "steps", "P004", "P002")
    found = list_of(await models.Round.filter(session_id=table.session.id).order_by("position"))
    assert [[card.statement.id for card in one.listed] for one in found.lists] == [["P001", "P003"], ["P004", "P002"]]


async def test_a_rule_may_differ_by_round(house: House) -> None:
    """What half of the people rate high goes on, and of that what seven in ten do."""
    again = replace(RATING, key="again", takes="kept", rule={**HALF, "percent": 70})
    table = await laid(house, [RATING, again])
    for key in ("rating", "again"):
        row = await table.open(key)
        for n, seat in enumerate(table.seats):
            for statement in row.statements:
                is_high = statement["id"] == "P001" or (statement["id"] == "P002" and n < len(table.seats) * 0.6)
                await table.cast(seat, key, card=statement["id"], importance="9" if is_high else "2")
        await table.close(key)
    first, second = await table.row("rating"), await table.row("again")
    assert [statement["id"] for statement in second.statements] == ["P001", "P002"]
    assert (first.rule["percent"], second.rule["percent"]) == (50, 70)
    told = {line["statement"]: line["decision"] for line in second.outcome["told"]["lines"]}
    assert told == {"P001": "kept", "P002": "undecided"}


@pytest.mark.parametrize(
    ("takes", "of", "key"),
    [
        ("kept/hinders", "nowhere", "refused.no_such_place"),
        ("selection", "rating", "refused.no_such_place"),
        ("kept", BROUGHT, "refused.no_such_place"),
        ("kept/kings", "rating", "refused.no_such_choice"),
        ("kept/next_step,hinders", "rating", "refused.no_such_choice"),
        ("kept/hinders/giga", "rating", "refused.no_such_choice"),
    ],
)
async def test_what_cannot_be_taken_is_refused(house: House, takes: str, of: str, key: str) -> None:
    table = await laid(house, PLANS)
    row = await table.row("steps")
    with pytest.raises(conduct.Refused, match=key):
        await conduct.plan_round(house, table.fay, row.id, replace(plan_of(row), takes=takes, takes_of=of))


async def test_a_round_that_would_take_of_one_that_is_gone_takes_of_the_one_before_and_seals_it(house: House) -> None:
    table = await laid(house, [RATING, replace(RATING, key="again"), replace(STEPS, takes="kept", takes_of="rating")])
    await conduct.drop_round(house, table.fay, (await table.row("rating")).id)
    await rated(table, "again")
    row = await table.open("steps")
    assert row.takes_of == "" and len(row.statements) == 5


# On the pages


async def test_the_plan_offers_earlier_rounds_natures_and_levels_and_keeps_what_was_chosen(site: Site) -> None:
    table = await laid(site.house, [RATING, replace(BARRIERS, takes="all"), replace(STEPS, takes="all", takes_of="")])
    fay, here = await console(site), f"/sessions/{table.session.id}/setup"
    page = unescape((await fay.get(f"{here}/steps")).text)
    assert re.findall(r'<option value="([^"]*)"', page.split('name="takes"')[1].split("</select>")[0])[:3] == [
        "all", "kept", "dropped",
    ] or "rating:kept" in page  # fmt: skip
    sent = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)" checked', page))
    sent |= dict(re.findall(r'<input[^>]* name="([^"]+)" type="(?:number|text)"[^>]* value="([^"]*)"', page))
    sent |= dict(re.findall(r'<select[^>]* name="([^"]+)".*?value="([^"]*)" selected', page))
    chosen = {**sent, "takes": "rating:kept", "chooses": "1", "natures": ["next_step", "helps"], "levels": ["meso"]}
    assert (await fay.post(f"{here}/steps", data=chosen)).status_code == 303
    row = await table.row("steps")
    assert (row.takes, row.takes_of) == ("kept/helps,next_step/meso", "rating")
    plan = unescape((await fay.get(here)).text)
    assert "Takes the statements that “Rating” left in: Kept." in plan, plan[plan.index("Takes") :][:300]
    assert "Of these only: Helps and Next step." in plan and "Only of this level: Meso." in plan
    again = (await fay.get(f"{here}/steps")).text
    assert len(re.findall(r'name="natures"[^>]*checked', again)) == 2 and 'value="rating:kept" selected' in again
    assert (await fay.post(f"{here}/steps", data={**sent, "takes": "rating:kept", "chooses": "1"})).status_code == 303
    assert (await table.row("steps")).takes == "kept"
    bad = await fay.post(f"{here}/steps", data={**chosen, "takes": "rating:throne"})
    assert bad.status_code == 422 and (await table.row("steps")).takes == "kept"


async def test_the_page_of_results_shows_two_lists_under_their_names(site: Site) -> None:
    table = await played(site.house)
    told = ("The barriers", "The next steps"), ("Les obstacles", "Les suites")
    for seat, names in zip((table.bob, table.aline), told, strict=True):
        browser = await english(site, seat) if seat is table.bob else await site.sit(seat)
        page = unescape((await browser.get(f"/sessions/{table.session.id}/results")).text)
        heads = re.findall(r"<h2[^>]*>\s*([^<]+?)\s*</h2>", page)
        assert [head for head in heads if head in names] == list(names)
        tables = [part.split("</table>")[0] for part in page.split('<table class="table table--list')[1:]]
        assert [sorted(set(re.findall(r"P00\d", one))) for one in tables] == [["P001", "P003"], ["P002", "P004"]]
