"""Erased is erased: in every column, in every file of the database, and nothing is left to try answers against."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from consensus import conduct, models, store
from consensus.conduct.heard import body_of
from consensus.house import build, open_house
from consensus.settings import Settings
from consensus.simulation.incidents import kept, marks_of
from tests.conftest import SECRET, Table, fresh, lay_table
from tests.older import go_back_to

WORDS = "Nobody else says it in these words"
VOTE = {"card": "P001", "importance": "7", "reason": WORDS}


def settings_of(database: str) -> Settings:
    return Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")


def files_with(words: str, folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if words.encode() in path.read_bytes()]


async def test_no_file_holds_erased_words_while_the_server_runs(tmp_path: Path) -> None:
    async with open_house(build(settings_of(str(fresh(tmp_path / "house.db"))))) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.cast(table.aline, "rating", **VOTE)
        assert files_with(WORDS, tmp_path), "they are found where they are"
        await conduct.withdraw(house, table.aline, erase=True)
        assert files_with(WORDS, tmp_path) == []


async def test_no_page_of_the_file_keeps_a_copy_from_when_its_rows_were_dealt_out_anew(tmp_path: Path) -> None:
    """Where people answer in turn, pages are split and made anew; what a page lost then stays in its gap."""
    file, dice = str(fresh(tmp_path / "house.db")), random.Random(2)
    async with open_house(build(settings_of(file))) as house:
        table = await lay_table(house)
        row = await table.open("rating")
        drawn = [(seat, f"{dice.getrandbits(64):016x}") for seat in table.seats for _ in range(300)]
        dice.shuffle(drawn)
        said = {"round_id": row.id, "slot": "P001", "marks": "{}", "language": "en", "body": ""}
        ballots = [models.Ballot(seat_id=seat.id, seq=n, key=key, **said) for n, (seat, key) in enumerate(drawn, 1)]
        await models.Ballot.bulk_create(ballots)
        for seat in table.seats:
            marks = await marks_of(seat)
            found = await asyncio.to_thread(kept, file, marks)
            assert found == len(marks) == 300, "they are found where they are"
            await conduct.withdraw(house, seat, erase=True)
            assert await asyncio.to_thread(kept, file, marks) == 0


async def test_who_reads_the_file_meanwhile_holds_up_no_answer(tmp_path: Path) -> None:
    file = str(fresh(tmp_path / "house.db"))
    async with open_house(build(settings_of(file))) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.cast(table.aline, "rating", **VOTE)
        with closing(sqlite3.connect(file)) as backup:
            backup.execute("BEGIN")
            backup.execute("SELECT count(*) FROM ballot").fetchone()
            erasing = asyncio.create_task(conduct.withdraw(house, table.aline, erase=True))
            await asyncio.sleep(0.3)
            await table.cast(table.bob, "rating", card="P001", importance="7")
            assert not erasing.done(), "the answer came while the erasure waits for its files"
        await erasing
        assert files_with(WORDS, tmp_path) == []


async def test_no_answer_can_be_tried_against_what_is_kept(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", **VOTE)
    await table.cast(table.bob, "rating", **VOTE)
    tried = {body_of({name: [value] for name, value in (VOTE | {"importance": str(n)}).items()}) for n in range(1, 10)}
    kept = [one.body for one in await models.Ballot.all()]
    assert len(set(kept)) == 2 and not tried & set(kept)


async def test_a_copy_of_an_answer_is_known_by_its_salted_digest(table: Table) -> None:
    await table.open("rating")
    first = await table.cast(table.aline, "rating", "page", **VOTE)
    assert (await table.cast(table.aline, "rating", "page", **VOTE)).seq == first.seq
    assert await models.Ballot.all().count() == 1


@pytest.mark.parametrize("erased", [False, True], ids=["standing", "erased"])
async def test_a_database_from_before_loses_its_bare_digests(database: str, erased: bool) -> None:
    async with open_house(build(settings_of(database))) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.cast(table.aline, "rating", **VOTE)
        if erased:
            await conduct.withdraw(house, table.aline, erase=True)
        await go_back_to("0009_zone")
        await store.rows("UPDATE ballot SET body = ?, key = 'page', position = 3", "ab" * 32)
    async with open_house(build(settings_of(database))):
        [kept] = await models.Ballot.all()
        assert kept.body == ""
        assert kept.key == ("" if erased else "page")
