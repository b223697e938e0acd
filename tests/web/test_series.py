"""A stopping rule fixed before: the plan says what it says, one press goes on, and a departure has its reason."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx2
import pytest

from consensus import conduct
from consensus.export import individual
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.outcome import digest, seal
from consensus.protocol import Plan
from consensus.stopping import said_of
from tests.conftest import Site, Table, lay_table
from tests.consensus.test_export import inside, run_recount, unpacked
from tests.web.test_plan_order import at, name, order
from tests.web.test_ranking_page import console, english

RULE = {"name": "share", "percent": 70, "opposite": 15, "scope": "pooled", "blocks": 1}
FIRST = Plan(
    key="rating", kind="rating", disclosure="at_close", grace=0, rule=RULE, stopping={"until": "verdict", "most": 3}
)
RANKING = Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0)


async def asked(table: Table, key: str, undecided: int) -> None:
    """The first statements divide people, the others do not."""
    row = await table.open(key)
    for n, seat in enumerate(table.seats):
        for place, statement in enumerate(row.statements):
            value = "1" if place < undecided and n % 2 else "9"
            await table.cast(seat, key, card=statement["id"], importance=value)
    await table.close(key)


async def press(fay: httpx2.AsyncClient, table: Table, key: str = "rating", **more: str) -> httpx2.Response:
    return await fay.post(f"{at(table)}/series", data={"round": key, **more})


async def test_the_plan_says_one_more_round_and_one_press_adds_it(site: Site) -> None:
    table = await lay_table(site.house, [FIRST, RANKING])
    fay = await console(site)
    assert (
        "Asked again until every statement has a verdict, for 3 rounds at most."
        in (await fay.get(f"{at(table)}/setup")).text
    )
    await asked(table, "rating", undecided=1)
    assert "Ask again? What the rule says" in (await fay.get(f"{at(table)}/console?round=rating")).text
    page = unescape((await fay.get(f"{at(table)}/setup")).text)
    assert "one more round. Settled statements: 2 of 3. This was round 1 of 3 at most." in page
    with pytest.raises(conduct.Refused, match="series_goes_on"):
        await conduct.open_round(site.house, table.fay, (await table.row("ranking")).id)
    assert (await press(fay, table)).status_code == 303
    assert await order(table) == ["rating", "rating2", "ranking"]
    assert (await press(fay, table)).status_code == 422, "it goes on already"
    copy, last = await table.row("rating2"), await table.row("rating")
    assert (copy.rule, copy.stopping, copy.takes) == (last.rule, last.stopping, "all")
    await asked(table, "rating2", undecided=0)
    page = unescape((await fay.get(f"{at(table)}/setup")).text)
    assert "The rule says: stop. Settled statements: 3 of 3. This was round 2 of 3 at most." in page
    await table.open("ranking")


async def test_the_team_may_do_otherwise_for_a_reason_that_is_printed(site: Site) -> None:
    table = await lay_table(site.house, [FIRST, RANKING])
    fay = await console(site)
    await asked(table, "rating", undecided=1)
    refused = await press(fay, table, depart="1")
    assert refused.status_code == 422 and "Say why you do otherwise" in refused.text
    assert (await press(fay, table, depart="1", reason="People are tired.")).status_code == 303
    await table.open("ranking")
    await table.close("ranking")
    assert (
        "did otherwise than its stopping rule says. Reason: People are tired."
        in (await fay.get(f"{at(table)}/results")).text
    )
    assert (await press(fay, table)).status_code == 422, "a later round has opened"


async def test_at_most_so_many_rounds_and_one_more_only_for_a_reason(site: Site) -> None:
    table = await lay_table(site.house, [replace(FIRST, stopping={"until": "verdict", "most": 1})])
    fay = await console(site)
    await asked(table, "rating", undecided=2)
    assert (await press(fay, table)).status_code == 422
    assert (await press(fay, table, depart="1", reason="Two divide us still.")).status_code == 303
    assert (await press(fay, table)).status_code == 303
    await table.open("rating2")


async def test_the_rule_is_sealed_and_what_it_said_is_found_again_in_the_file(house: House, tmp_path: Path) -> None:
    stable = {"until": "stable", "most": 4}
    table = await lay_table(house, [replace(FIRST, stopping=None), replace(FIRST, key="again", stopping=stable)])
    await asked(table, "rating", undecided=1)
    await asked(table, "again", undecided=1)
    await conduct.analyse_due(house)
    row = await table.row("again")
    names = ("kind", "takes", "settings", "rule", "blocks", "counting")
    sealed = {name: getattr(row, name) for name in names}
    assert (
        row.hash == seal({**sealed, "stopping": stable}, digest(row.statements)) != seal(sealed, digest(row.statements))
    )
    said = said_of([await table.row("rating"), row], row)
    assert said is not None and (said.is_over, said.n, said.of, said.nth) == (True, 3, 3, 2)
    path = tmp_path / "individual.zip"
    path.write_bytes(await individual(house, table.session))
    code, told = await asyncio.to_thread(verify_file, path)
    assert code == 0, told
    files = inside(path.read_bytes())
    manifest, folder = json.loads(files["manifest.json"]), unpacked(tmp_path, files)
    assert manifest["rounds"][1]["series"]["is_over"] is True
    assert (await asyncio.to_thread(run_recount, folder)).returncode == 0
    manifest["rounds"][1]["series"] |= {"is_over": False, "n": 2}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = await asyncio.to_thread(run_recount, folder)
    assert done.returncode == 1 and "stopping rule says something else" in " ".join(done.stdout.split())


async def test_a_rule_is_chosen_on_the_plan_and_nobody_else_decides(site: Site) -> None:
    table = await lay_table(site.house, [replace(FIRST, stopping=None)])
    fay = await console(site)
    assert (await name(fay, table, "rating", {"stop.until": "stable", "stop.most": "4"})).status_code == 303
    assert (await table.row("rating")).stopping == {"until": "stable", "most": 4}
    for most in ("0", "12", "many", ""):
        refused = await name(fay, table, "rating", {"stop.until": "rounds", "stop.most": most})
        assert refused.status_code == 422 and "a number of rounds from 1 to 9" in refused.text
    assert (await name(fay, table, "rating", {"stop.until": ""})).status_code == 303
    assert (await table.row("rating")).stopping is None
    for browser, status in ((await english(site, table.bob), 403), (site.client(), 401)):
        assert (await press(browser, table)).status_code == status
