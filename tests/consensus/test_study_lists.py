"""A session may have several lists, and a study shows them all: side by side, pooled list by list, in its file."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from consensus.export.study import study_parcel
from consensus.export.study.reading import read_parcel
from consensus.house import House
from consensus.results.study.data import NOT_ASKED, TOLD
from consensus.results.study.lists import by_list, lists_in
from consensus.results.study.working import Worked, worked_out
from rounds.measures.pooling import SCHEMES
from tests.consensus.test_study_parcel import agrees, counted, inside
from tests.studies import RANKING, RATING, Panel, Played, by_chance, lay_study

FACTORS, STRATEGIES, OTHER = (1, 2, 3), (4, 5, 6), (7,)
NATURES = {**dict.fromkeys(FACTORS, "hinders"), **dict.fromkeys(STRATEGIES, "next_step"), 7: "helps"}
TWELVE = {"patients": 4, "caregivers": 4, "clinicians": 4}
FACTOR_RANKING = replace(RANKING, key="factors", takes="all/hinders", takes_of="rating")
STRATEGY_RANKING = replace(RANKING, key="strategies", takes="all/next_step", takes_of="rating")
TWO_LISTS = (RATING, FACTOR_RANKING, STRATEGY_RANKING)
BOTH = Panel("c1", TWELVE, (*FACTORS, *STRATEGIES, *OTHER), plans=TWO_LISTS, natures=NATURES)


async def played(house: House, *second: int) -> Played:
    """Two lists at one table, and one list at another."""
    found = await lay_study(house)
    await found.add(BOTH, by_chance(1))
    await found.add(Panel("c2", TWELVE, second or FACTORS, plans=(RATING, RANKING)), by_chance(2))
    return found


async def worked(house: House, *second: int) -> Worked:
    return await worked_out((await played(house, *second)).study.id, "")


def keys(*numbers: int) -> tuple[str, ...]:
    return tuple(map(str, numbers))


async def test_no_list_vanishes_where_sessions_are_compared(house: House) -> None:
    found = await worked(house)
    assert not found.unsound
    assert found.results.lists == (keys(*FACTORS), keys(*STRATEGIES), keys(*OTHER))
    side = found.sides["session"]
    figures = {row.statement: row.figures for row in side.rows}
    assert set(figures) == set(keys(*FACTORS, *STRATEGIES, *OTHER))
    assert all(one[0].status == TOLD and one[0].n and one[0].verdict for one in figures.values())
    for numbers in (FACTORS, STRATEGIES):
        assert min(figures[key][0].rank for key in keys(*numbers)) == 1, "each list has a first place of its own"
    assert figures["7"][0].rank is None
    assert {key for key, one in figures.items() if one[1].status == NOT_ASKED} == set(keys(*STRATEGIES, *OTHER))


async def test_each_list_is_pooled_by_itself(house: House) -> None:
    found = await worked(house)
    lists = found.pool.lists
    assert [one.of for one in lists] == [("1", "2"), ("1",), ("1",)]
    assert [one.basis for one in lists] == ["places", "places", "shares"]
    for one, numbers in zip(lists, (FACTORS, STRATEGIES, OTHER), strict=True):
        assert {row.statement for row in one.rows} == set(keys(*numbers)) and not one.left_out
        for scheme in SCHEMES:
            ranks = sorted(row.by_scheme[scheme].rank or 0 for row in one.rows)
            assert ranks[0] == 1 and ranks[-1] <= len(numbers)
    assert all(12 < row.n <= 24 for row in lists[0].rows), "some do not know"
    assert all(row.n <= 12 for row in lists[1].rows)
    assert found.pool.rows == tuple(row for one in lists for row in one.rows)


async def test_a_list_is_pooled_as_it_would_be_without_the_other(house: House) -> None:
    """The same answers in a study of the first list alone."""
    found = await worked(house)
    alone = await lay_study(house)
    plans = (RATING, FACTOR_RANKING)
    await alone.add(replace(BOTH, plans=plans), by_chance(1))
    await alone.add(Panel("c2", TWELVE, FACTORS, plans=(RATING, RANKING)), by_chance(2))
    other = await worked_out(alone.study.id, "")
    told = {row.statement: row.by_scheme for row in found.pool.lists[0].rows}
    assert told == {row.statement: row.by_scheme for row in other.pool.rows}


async def test_a_mixed_list_elsewhere_is_cut_to_each(house: House) -> None:
    """The second session put all of them in one order: each of its ballots is cut to one list at a time."""
    found = await worked(house, *FACTORS, *STRATEGIES)
    assert not found.unsound
    for one, numbers in zip(found.pool.lists, (FACTORS, STRATEGIES), strict=False):
        assert {row.statement for row in one.rows} == set(keys(*numbers)) and one.of == ("1", "2")


@pytest.mark.parametrize("second", [FACTORS, (*FACTORS, *STRATEGIES), (1, 2, 8)])
async def test_both_lists_leave_in_the_file_verified_and_counted_again(
    house: House, tmp_path: Path, second: tuple[int, ...]
) -> None:
    data = await study_parcel(house, (await played(house, *second)).study.id)
    await asyncio.to_thread(agrees, data, tmp_path)
    files = inside(data)
    rows = list(csv.DictReader(io.StringIO(files["pooled.csv"].decode())))
    assert {row["statement"] for row in rows if row["list"] == "2"} == set(keys(*STRATEGIES))
    read = read_parcel(data, "").worked
    assert read.pool.lists and {row.statement for row in read.sides["session"].rows} == {
        row["statement"] for row in rows
    }
    planted = json.loads(files["study.json"])
    cell = next(one for one in planted["ordered"] if one["statement"] == "5")
    cell["n"] += 1
    (tmp_path / "planted").mkdir()
    changed = {**files, "study.json": json.dumps(planted).encode()}
    code, said = await asyncio.to_thread(counted, changed, tmp_path / "planted")
    assert code == 1, said


async def test_a_study_without_such_a_session_is_as_it_was(house: House) -> None:
    found = await lay_study(house)
    for site in ("c1", "c2"):
        await found.add(Panel(site, TWELVE, FACTORS, plans=(RATING, RANKING)), by_chance(2))
    files = inside(await study_parcel(house, found.study.id))
    told = json.loads(files["study.json"])
    assert "lists" not in told and all("lists" not in one for one in told["sessions"])
    assert "list" not in files["pooled.csv"].decode().splitlines()[0].split(",")


def test_lists_that_share_a_statement_are_one() -> None:
    order = ("1", "2", "3", "4", "5", "6")
    two = [frozenset("12"), frozenset("34")]
    assert lists_in(two, [], order) == (("1", "2"), ("3", "4"), ("5", "6"))
    assert lists_in(two, [frozenset("125")], order) == (("1", "2", "5"), ("3", "4"), ("6",))
    assert lists_in(two, [frozenset("1346")], order) == (("1", "2"), ("3", "4"), ("5", "6"))
    assert lists_in([*two, frozenset("23")], [frozenset("15"), frozenset("26")], order) == ()
    assert lists_in([], [frozenset("12"), frozenset("34")], order) == ()


async def test_a_study_of_one_list_is_its_only_part(house: House) -> None:
    found = await worked(house)
    assert [one.lists for one in by_list(found.results)] == [(), (), ()]
    (only,) = by_list(by_list(found.results)[0])
    assert only == by_list(found.results)[0]
