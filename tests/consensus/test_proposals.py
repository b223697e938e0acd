"""Databases from before: raw texts leave what closed rounds told everybody, erased ones all that was stored."""

from __future__ import annotations

import json

import pytest

from consensus import conduct, models
from consensus.house import build, open_house
from consensus.outcome import digest, left_by, told_by
from consensus.protocol import Plan
from tests.conftest import lay_table
from tests.consensus.test_erasure import WORDS, settings_of
from tests.older import go_back_to

PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0),
    Plan(key="compilation", kind="compilation", disclosure="live", grace=0),
]
STAYS = "Somebody who stays says this"


@pytest.mark.parametrize("counts", [("told",), ("official", "released")], ids=["one count", "two counts"])
async def test_a_database_from_before_loses_raw_texts_where_everybody_reads(
    database: str, counts: tuple[str, ...]
) -> None:
    async with open_house(build(settings_of(database))) as house:
        table = await lay_table(house, PLANS)
        await models.Session.filter(id=table.session.id).update(imported=[])
        await table.open("gather")
        await table.cast(table.aline, "gather", card="1", text=WORDS, nature="hinders")
        await table.cast(table.bob, "gather", card="1", text=STAYS, nature="helps")
        gather = await table.close("gather")
        before = gather.outcome["left"]
        row = await table.open("compilation")
        took = row.statements
        await conduct.withdraw(house, table.aline, erase=True)
        gather.outcome = {"ballots": 2, **dict.fromkeys(counts, before)}  # as it was stored
        await gather.save(update_fields=["outcome"])
        await models.Round.filter(id=row.id).update(statements=took)
        await go_back_to("0012_people")
    async with open_house(build(settings_of(database))):
        gather, row = await models.Round.get(key="gather"), await models.Round.get(key="compilation")
        held = json.dumps([gather.outcome, row.statements])
        assert WORDS not in held and "hinders" not in held and STAYS in json.dumps(left_by(gather.outcome))
        assert (told_by(gather.outcome)["statements"], told_by(gather.outcome)["places"]) == ([], {})
        assert [one["id"] for one in row.statements] == ["P001", "P002"]
        assert row.statements_hash == digest(took) and gather.statements_hash == ""


async def test_what_nobody_erased_is_stored_as_it_was(database: str) -> None:
    async with open_house(build(settings_of(database))) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.cast(table.aline, "rating", card="P001", importance="7")
        row = await table.close("rating")
        await go_back_to("0012_people")
    async with open_house(build(settings_of(database))):
        again = await models.Round.get(key="rating")
        assert (again.outcome, again.statements, again.hash) == (row.outcome, row.statements, row.hash)
