"""Written freely, brought as a list and rated, said in interviews and entered by the team: all meet once compiled."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.outcome import left_by, statement_from, tally_from
from consensus.protocol import Plan
from consensus.results import released as list_of
from rounds.contract import Statement
from rounds.lineage import BROUGHT, Stage, breaches
from tests.conftest import Table, lay_table
from tests.consensus.test_export import inside, rows

LIST = [Statement(f"P{n:03}", {"en": f"Listed {n}.", "fr": f"De la liste {n}."}, "en", source="report") for n in (1, 2)]
SAID = [Statement("P003", {"en": "Said aloud.", "fr": "Dit tout haut."}, "fr", source="interview")]
GATHER = Plan(key="gather", kind="gather", disclosure="at_close", grace=0)
RATING = Plan(key="before", kind="rating", disclosure="at_close", grace=0, takes_of=BROUGHT)
COMPILE = Plan(key="compilation", kind="compilation", disclosure="at_close", grace=0, takes_of="gather")
AFTER = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, takes="accepted")


async def laid(house: House, plans: list[Plan]) -> Table:
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, LIST)
    return table


async def written(table: Table) -> None:
    await table.open("gather")
    for n, seat in enumerate(table.seats[:2], 1):
        await table.cast(seat, "gather", card="1", text=f"Written {n}.")


async def rated(table: Table, key: str) -> None:
    row = await table.open(key)
    for seat in table.seats:
        for statement in row.statements:
            await table.cast(seat, key, card=statement["id"], importance="8")
    await table.close(key)


async def compiled(table: Table) -> None:
    """Each proposal becomes a statement, worded in both languages."""
    row = await table.open("compilation")
    for one in map(statement_from, row.statements):
        words = {f"wording.{lang}": [one.wording(lang)[0]] for lang in ("en", "fr")}
        form = {"act": ["accept"], "of": [one.id], "looked": ["1"], **words}
        sent = conduct.Submission(form, f"accept-{one.id}-{table.session.id}", "en")
        await conduct.cast(table.house, table.fay.id, row.id, sent)
    await table.close("compilation")


async def test_all_three_meet_at_the_compilation_each_under_a_number_of_its_own(house: House) -> None:
    table = await laid(house, [GATHER, RATING, COMPILE, AFTER])
    await written(table)
    await conduct.import_statements(house, table.fay, [*LIST, *SAID])  # interviews go on while people write
    await table.close("gather")
    await rated(table, "before")
    row = await table.open("compilation")
    came = [statement_from(one) for one in row.statements]
    assert [one.id for one in came] == ["P001", "P002", "B001", "B002", "B003"]
    assert {one.source for one in came} == {"", "report", "interview"}
    with pytest.raises(conduct.Refused, match="already_begun"):
        await conduct.import_statements(house, table.fay, LIST)
    gather, before = await table.row("gather"), await table.row("before")
    assert gather.statements == [] and [one["id"] for one in before.statements] == ["B001", "B002", "B003"]


async def test_such_a_session_runs_to_its_end_and_its_parcel_says_where_each_came_from(
    house: House, tmp_path: Path
) -> None:
    table = await laid(house, [GATHER, RATING, COMPILE, AFTER])
    await conduct.import_statements(house, table.fay, [*LIST, *SAID])
    await written(table)
    await table.close("gather")
    await rated(table, "before")
    await compiled(table)
    await rated(table, "rating")
    await conduct.analyse_due(house)
    path = tmp_path / "parcel.zip"
    for write in (released, individual):
        path.write_bytes(await write(house, table.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
    files = inside(path.read_bytes())
    begun = {row["statement"]: (row["origin"], row["source"]) for row in rows(files, "proposals.csv")}
    assert begun == {
        "P001": ("written", ""),
        "P002": ("written", ""),
        "B001": ("imported", "report"),
        "B002": ("imported", "report"),
        "B003": ("imported", "interview"),
    }
    found = list_of(await models.Round.filter(session_id=table.session.id).order_by("position"))
    assert not found.lists and sorted(card.statement.source for card in found.listed) == [
        "", "", "interview", "report", "report",
    ]  # fmt: skip


async def test_a_rated_list_is_no_list_of_its_own_once_it_is_compiled(house: House) -> None:
    table = await laid(house, [replace(RATING, takes_of=""), GATHER, COMPILE])
    await rated(table, "before")
    await written(table)
    await table.close("gather")
    await table.open("compilation")
    found = list_of(await models.Round.filter(session_id=table.session.id).order_by("position"))
    stages, brought = [], frozenset({"B001", "B002"})
    for row in await models.Round.filter(session_id=table.session.id, state="closed").order_by("position"):
        tally, came = tally_from(left_by(row.outcome)), tuple(map(statement_from, row.statements))
        stages.append(Stage(row.key, came, tally.statements, tally.places, row.takes_of, brought))
    assert breaches(stages) == [] and len(found.closed) == 2


async def test_without_a_round_of_writing_brought_statements_have_the_numbers_of_ever(house: House) -> None:
    table = await laid(house, [replace(RATING, takes_of="")])
    assert [one["id"] for one in (await models.Session.get(id=table.session.id)).imported] == ["P001", "P002"]
