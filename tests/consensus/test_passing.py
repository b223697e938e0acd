"""The result of a session becomes the input of another: with its figures, once, and with a way back."""

from __future__ import annotations

import asyncio
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.conduct import Guest, Refused
from consensus.house import build, open_house
from consensus.journal import first_breach, head_of
from consensus.numbers import numbers_of
from consensus.passed import taken_by
from consensus.protocol import Plan
from consensus.settings import Settings
from consensus.simulation import player
from rounds.contract import Role, Statement
from tests.conftest import PASSWORD, SECRET, Table, fresh, lay_table
from tests.consensus.test_numbers import LIST, another, brought

WRITING = [Plan("gather", "gather", "at_close", grace=0), Plan("compilation", "compilation", "live", grace=0)]


async def rated(table: Table, *high: str) -> None:
    """These statements get 9 of everybody, the others 2; the round is over."""
    await table.open("rating")
    for seat in table.seats:
        for card in ("P001", "P002", "P003"):
            await table.cast(seat, "rating", card=card, importance="9" if card in high else "2")
    await table.close("rating")


async def session(number: int) -> models.Session:
    return await models.Session.get(id=number)


async def names(number: int) -> list[str]:
    return [one["id"] for one in (await session(number)).imported]


async def test_what_one_session_found_is_what_the_next_begins_with(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    assert await conduct.pass_on(table.house, table.fay, desk.session_id) == 3
    taking = await session(desk.session_id)
    assert [one["wordings"] for one in taking.imported] == [LIST[1].wordings, LIST[0].wordings, LIST[2].wordings]
    assert await numbers_of(taking.id) == {"P001": 2, "P002": 1, "P003": 3}
    rows = await models.StudyNumber.filter(session_id=taking.id)
    assert {row.passed_from for row in rows} == {table.session.id}


async def test_what_was_told_of_it_goes_along(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id, first=1)
    (entry,) = taken_by(await session(desk.session_id))
    assert (entry.session, entry.round, entry.takes, entry.first) == (table.session.id, "rating", "all", 1)
    (one,) = entry.statements
    assert (one.statement, one.was, one.number, one.rank, one.of) == ("P001", "P002", 2, 1, 3)
    assert one.share == Fraction(1)


async def test_passing_twice_changes_nothing(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    before = (await session(desk.session_id)).__dict__, await models.Entry.all().count()
    assert await conduct.pass_on(table.house, table.fay, desk.session_id) == 0
    after = (await session(desk.session_id)).__dict__, await models.Entry.all().count()
    assert {**before[0], "_saved_in_db": 0} == {**after[0], "_saved_in_db": 0} and before[1] == after[1]


async def test_several_sessions_pass_on_to_one_and_what_they_share_comes_once(table: Table) -> None:
    west, east = await another(table, "West"), await another(table, "East")
    await brought(table, west, LIST[0])
    row = await models.Round.get(session_id=west.session_id)
    await conduct.open_round(table.house, west, row.id)
    await conduct.close_round(table.house, west, row.id, at_once=True)
    await rated(table, "P002")
    assert await conduct.pass_on(table.house, west, east.session_id) == 1
    assert await conduct.pass_on(table.house, table.fay, east.session_id) == 2
    assert await numbers_of(east.session_id) == {"P001": 1, "P002": 2, "P003": 3}
    first, second = taken_by(await session(east.session_id))
    assert [one.statement for one in first.statements] == ["P001"]
    assert {one.statement: one.rank for one in second.statements} == {"P002": 1, "P001": 2, "P003": 2}
    assert first.statements[0].share is None, "nobody answered there"


async def test_what_a_session_holds_already_stays_and_comes_once(table: Table) -> None:
    desk = await another(table)
    await brought(table, desk, LIST[2])
    await rated(table, "P002")
    assert await conduct.pass_on(table.house, table.fay, desk.session_id) == 2
    assert await names(desk.session_id) == ["P001", "P002", "P003"]
    assert await numbers_of(desk.session_id) == {"P001": 3, "P002": 2, "P003": 1}


async def test_the_way_back_takes_out_what_came_and_nothing_else(table: Table) -> None:
    desk, other = await another(table), await another(table, "Laval")
    await brought(table, desk, LIST[2])
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    assert await conduct.take_out(table.house, desk, table.session.id) == 2
    taking = await session(desk.session_id)
    assert [one["wordings"] for one in taking.imported] == [LIST[2].wordings] and taking.takes_from is None
    assert await numbers_of(taking.id) == {"P001": 3}
    with pytest.raises(Refused, match=r"refused\.not_taken"):
        await conduct.take_out(table.house, desk, table.session.id)
    with pytest.raises(Refused, match=r"refused\.not_taken"):
        await conduct.take_out(table.house, other, table.session.id)


async def test_one_statement_of_it_can_be_taken_out(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    assert await conduct.take_out(table.house, desk, table.session.id, "P002") == 1
    assert await names(desk.session_id) == ["P001", "P003"]
    (entry,) = taken_by(await session(desk.session_id))
    assert [one.statement for one in entry.statements] == ["P001", "P003"]


async def test_a_list_that_is_brought_leaves_what_was_passed_on(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id, first=1)
    assert await brought(table, desk, *LIST) == {"P001": 2, "P002": 1, "P003": 3}
    assert [one["wordings"]["en"][-2] for one in (await session(desk.session_id)).imported] == ["2", "1", "3"]
    assert await conduct.take_out(table.house, desk, table.session.id) == 0, "the list has it too"
    assert await brought(table, desk, LIST[0]) == {"P001": 1}


async def test_a_session_never_has_one_number_twice(table: Table) -> None:
    """Of a list with one statement twice only the second was passed on; then the whole list is brought too."""
    twice, desk = await another(table, "Twice"), await another(table)
    assert await brought(table, twice, LIST[0], LIST[0]) == {"P001": 1, "P002": 4}
    row = await models.Round.get(session_id=twice.session_id)
    await conduct.open_round(table.house, twice, row.id)
    await conduct.close_round(table.house, twice, row.id, at_once=True)
    await conduct.pass_on(table.house, twice, desk.session_id)
    await conduct.take_out(table.house, desk, twice.session_id, "P001")
    numbers = await brought(table, desk, LIST[0], LIST[0])
    assert len(set(numbers.values())) == len(numbers) == 2


async def test_nothing_goes_to_a_session_that_has_begun_nor_out_of_it(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    row = await models.Round.get(session_id=desk.session_id)
    await conduct.open_round(table.house, desk, row.id)
    with pytest.raises(Refused, match=r"refused\.taker_begun"):
        await conduct.pass_on(table.house, table.fay, desk.session_id, first=1)
    with pytest.raises(Refused, match=r"refused\.taker_begun"):
        await conduct.take_out(table.house, desk, table.session.id)


async def test_nothing_is_passed_before_a_round_has_closed_nor_where_nothing_is_meant(table: Table) -> None:
    desk = await another(table)
    with pytest.raises(Refused, match=r"refused\.nothing_to_pass"):
        await conduct.pass_on(table.house, table.fay, desk.session_id)
    await rated(table, "P002")
    with pytest.raises(Refused, match=r"refused\.nothing_to_pass"):
        await conduct.pass_on(table.house, table.fay, desk.session_id, "fridge")


async def test_where_people_write_first_nothing_would_be_asked_of_what_came(table: Table) -> None:
    desk = await another(table, plans=WRITING)
    await rated(table, "P002")
    with pytest.raises(Refused, match=r"refused\.taker_writes"):
        await conduct.pass_on(table.house, table.fay, desk.session_id)


async def test_only_a_facilitator_of_both_passes_on(table: Table) -> None:
    """Whoever is no facilitator there hears of it what they would hear of a session that is not there."""
    desk = await another(table)
    await rated(table, "P002")
    coco = await conduct.add_staff(table.house, "coco@example.org", "Coco", PASSWORD)
    (helper,) = await conduct.add_seats(table.house, desk, [Guest(Role.COFACILITATOR, staff_id=coco.id)])
    (theirs,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.FACILITATOR, staff_id=coco.id)])
    elsewhere = await models.Seat.get(session_id=table.odile.session_id, role=Role.FACILITATOR)
    assert helper.session_id == desk.session_id
    for by, to in [
        (theirs, desk.session_id),
        (table.aline, desk.session_id),
        (table.odile, desk.session_id),
        (table.fay, elsewhere.session_id),
        (table.fay, table.session.id),
        (table.fay, 999),
    ]:
        with pytest.raises(Refused, match=r"refused\.no_such_session"):
            await conduct.pass_on(table.house, by, to)
    assert await names(desk.session_id) == []


async def test_a_rehearsal_neither_gives_nor_takes(table: Table) -> None:
    await rated(table, "P002")
    desk = await another(table)
    rehearsal = await player.rehearse(table.house, desk)
    seat = await models.Seat.get(session_id=rehearsal.id, staff_id=desk.staff_id)
    with pytest.raises(Refused, match=r"refused\.rehearsal_passes"):
        await conduct.pass_on(table.house, table.fay, rehearsal.id)
    with pytest.raises(Refused, match=r"refused\.rehearsal_passes"):
        await conduct.pass_on(table.house, seat, desk.session_id)


async def test_both_journals_say_so_and_hold(table: Table) -> None:
    desk = await another(table)
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id, first=1)
    await conduct.take_out(table.house, desk, table.session.id)
    gave = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()
    took = await models.Entry.filter(head=head_of(desk.session_id)).order_by("seq").values()
    assert gave[-1]["act"] == "pass_on" and [line["act"] for line in took[-2:]] == ["take_from", "take_out"]
    assert set(json.loads(took[-2]["payload"])) == {"session", "n", "hash"}
    assert first_breach(gave) is None and first_breach(took) is None


async def test_what_another_session_builds_on_stays_closed_until_it_is_taken_out_there(table: Table) -> None:
    desk, row = await another(table), await table.row("rating")
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    with pytest.raises(Refused, match=r"refused\.passed_on"):
        await conduct.reopen_round(table.house, table.fay, row.id, "One came late.")
    await conduct.take_out(table.house, desk, table.session.id)
    await conduct.reopen_round(table.house, table.fay, row.id, "One came late.")
    assert (await table.row("rating")).state == "open"


WORDS = [Statement("", {"en": text}, "en", source_id=number) for text in "ABC" for number in ("", "7")]
ACTS = st.one_of(
    st.tuples(st.just("bring"), st.integers(0, 2), st.lists(st.sampled_from(WORDS), max_size=5)),
    st.tuples(st.just("pass"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("out"), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("run"), st.integers(0, 2), st.just(0)),
)


@settings(max_examples=25)
@given(st.lists(ACTS, min_size=4, max_size=12))
def test_a_statement_keeps_one_number_through_any_chain_of_sessions(acts: list[Any]) -> None:
    """And a session holds none twice, what it holds is what is numbered, and a second time changes nothing."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as apart:  # where no event loop runs
        apart.submit(asyncio.run, chain(Path(folder), acts)).result()


async def chain(folder: Path, acts: list[Any]) -> None:
    database = str(fresh(folder / "test.db"))
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.close("rating")
        desks = [table.fay, *[await another(table, f"Table {n}") for n in range(3)]]
        for act, one, other in acts:
            with suppress(Refused):
                await play(table, desks, act, one, other)
            await laws(desks)


async def play(table: Table, desks: list[models.Seat], act: str, one: int, other: Any) -> None:
    """The first desk is of a session that is over; one of the others is meant by its place from there."""
    match act:
        case "bring":
            held = [replace(statement, id=f"P{n:03}") for n, statement in enumerate(other, start=1)]
            await conduct.import_statements(table.house, desks[1 + one], held)
        case "pass":
            for came in (None, 0):
                n = await conduct.pass_on(table.house, desks[one], desks[1 + other].session_id)
                assert came is None or n == came
        case "out":
            await conduct.take_out(table.house, desks[1 + one], desks[other].session_id)
        case "run":
            row = await models.Round.get(session_id=desks[1 + one].session_id)
            await conduct.open_round(table.house, desks[1 + one], row.id, "In one language.")
            await conduct.close_round(table.house, desks[1 + one], row.id, at_once=True)


async def laws(desks: list[models.Seat]) -> None:
    said: dict[int, tuple[object, ...]] = {}
    for desk in desks:
        here, numbers = await session(desk.session_id), await numbers_of(desk.session_id)
        held = {data["id"]: data for data in here.imported}
        assert len(held) == len(here.imported) and held.keys() == numbers.keys()
        assert len(set(numbers.values())) == len(numbers)
        for name, data in held.items():
            likeness = (data.get("source_id", ""), *sorted(data["wordings"].items()))
            assert said.setdefault(numbers[name], likeness) == likeness
        for entry in taken_by(here):
            assert all(numbers[one.statement] == one.number for one in entry.statements)
    for likeness in {said[n] for n in said}:
        of_one = [n for n in said if said[n] == likeness]
        assert len(of_one) <= max([await times(desk, likeness) for desk in desks])


async def times(desk: models.Seat, likeness: tuple[object, ...]) -> int:
    held = (await session(desk.session_id)).imported
    return sum((data.get("source_id", ""), *sorted(data["wordings"].items())) == likeness for data in held)
