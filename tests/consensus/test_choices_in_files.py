"""A round of choices on its way into files: played by synthetic people, sealed, counted again by the parcel itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from consensus import conduct
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.protocol import Plan
from rounds import KINDS
from rounds.contract import By, Role
from tests.conftest import lay_table
from tests.consensus.test_export import inside, rows, run_recount, unpacked

RULES: list[dict[str, Any] | None] = [
    None,
    {"name": "first", "n": 1},
    *({"name": "chosen", "percent": "66.7", "scope": scope, "blocks": 1} for scope in ("pooled", "every", "some")),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule and rule.get("scope", rule["name"]))
async def test_both_parcels_verify_and_the_second_count_agrees(house: House, tmp_path: Path, rule: Any) -> None:
    plan = Plan(key="approval", kind="approval", disclosure="at_close", grace=0, rule=rule, settings={"most": 2})
    table = await lay_table(house, [plan])
    row = await table.open("approval")
    round, chance = (await house.counts.now(row)).round, Random(5)
    for seat in table.seats:
        by = By(Role.PARTICIPANT, str(seat.id), seat.group, "en")
        for form in KINDS["approval"].play(round, None, by, chance, ()):
            await table.cast(seat, "approval", **{name: value for name, (value,) in form.items()})
    await table.close("approval")
    await conduct.analyse_due(house)
    for name, write in (("individual", individual), ("released", released)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(await write(house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    files = inside((tmp_path / "individual.zip").read_bytes())
    told = rows(files, "results.csv")
    assert {row["approval.n"] for row in told} == {str(len(table.seats))}
    chosen = [row for row in rows(files, "answers.csv") if row["criterion"] == "chosen"]
    assert len(chosen) == sum(int(row["approval.chosen"]) for row in told)
    meanings = {row["column"] for row in rows(files, "codebook.csv")}
    assert {"approval.share", "approval.chosen", "approval.rank_balanced"} <= meanings
    done = await asyncio.to_thread(run_recount, unpacked(tmp_path, files))
    assert done.returncode == 0 and "approval.decision" in done.stdout, done.stdout + done.stderr
