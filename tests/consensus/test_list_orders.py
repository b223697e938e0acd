"""Each way to make a list of orders goes from the set-up to the parcel, and is counted again there."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.outcome import SEALED, digest, seal
from consensus.protocol import Plan
from rounds import ranking
from rounds.contract import Statement
from tests.conftest import Table, lay_table
from tests.freezing import freeze

WAYS = ranking.CHOICES["order"]
BY_PLACES, BY_PAIRS = ["P002", "P001", "P003"], ["P002", "P003", "P001"]
LISTS = {"mean_rank": BY_PLACES, "borda": BY_PLACES, "schulze": BY_PAIRS, "kemeny": BY_PAIRS}


def a_plan(order: str, unranked: str = "below") -> Plan:
    settings = {"top": 3, "unranked": unranked, "order": order}
    return Plan("ranking", "ranking", "at_close", "all", 0, settings, {"name": "first", "n": 1})


async def ranked(house: House, plan: Plan) -> Table:
    """Four hold P001 over all, the other six P002 over P003 over P001."""
    table = await lay_table(house, [plan])
    await table.open("ranking")
    for number, seat in enumerate(table.seats):
        cards = ("P001", "P002", "P003") if number % 5 < 2 else ("P002", "P003", "P001")
        await table.cast(seat, "ranking", **{f"place__{card}": str(at) for at, card in enumerate(cards, 1)})
    await table.close("ranking")
    await conduct.analyse_due(house)
    return table


async def is_verified(table: Table, folder: Path) -> dict[str, bytes]:
    """Both parcels are whole; the files of the first."""
    await freeze(table)
    path = folder / "parcel.zip"
    for made in (released, individual):
        path.write_bytes(await made(table.house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        archive.extractall(folder)
        return {name: archive.read(name) for name in archive.namelist()}


def recounted(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", "recount.py", "en"]
    again = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    return again.returncode, again.stdout + again.stderr


@pytest.mark.parametrize(("order", "unranked"), [*((order, "below") for order in WAYS), ("borda", "absent")])
async def test_each_way_is_sealed_and_counted_again_from_its_parcel(
    house: House, tmp_path: Path, order: str, unranked: str
) -> None:
    table = await ranked(house, a_plan(order, unranked))
    row = await table.row("ranking")
    assert row.settings["order"] == order
    assert row.hash == seal({name: getattr(row, name) for name in SEALED}, digest(row.statements))
    files = await is_verified(table, tmp_path)
    assert json.loads(files["manifest.json"])["rounds"][0]["settings"]["order"] == order
    code, said = await asyncio.to_thread(recounted, tmp_path)
    assert code == 0, said
    listed = [one["statement"] for one in json.loads(files["results.json"])["statements"]]
    assert listed == LISTS[order]


async def test_a_round_sealed_before_there_was_a_choice_is_told_as_it_was_sealed(house: House, tmp_path: Path) -> None:
    table = await lay_table(house, [a_plan("mean_rank")])
    await table.open("ranking")
    row = await table.row("ranking")
    row.settings = {name: value for name, value in row.settings.items() if name != "order"}
    row.hash = seal({name: getattr(row, name) for name in SEALED}, digest(row.statements))
    await row.save()
    house.counts.forget()
    for seat in table.seats:
        await table.cast(seat, "ranking", place__P002="1")
    await table.close("ranking")
    await conduct.analyse_due(house)
    files = await is_verified(table, tmp_path)
    assert json.loads(files["manifest.json"])["rounds"][0]["settings"] == {"top": 3, "unranked": "below"}


@pytest.mark.parametrize(
    ("order", "n", "said"), [("kemeny", 12, ""), ("kemeny", 13, "ranking.too_many"), ("schulze", 13, "")]
)
async def test_a_list_that_could_not_be_proven_is_refused_before_anybody_votes(
    house: House, order: str, n: int, said: str
) -> None:
    table = await lay_table(house, [a_plan(order)])
    given = [Statement(f"P{at:03}", {"en": f"Statement {at}.", "fr": f"Énoncé {at}."}, "en") for at in range(1, n + 1)]
    await conduct.import_statements(house, table.fay, given)
    refused = ""
    try:
        await table.open("ranking")
    except Refused as why:
        refused = why.key
        assert why.values == {"n": 13, "most": 12}
    assert refused == said
    assert (await models.Round.get(key="ranking")).state == ("draft" if said else "open")
