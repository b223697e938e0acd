"""The slow figures of a round: worked out once after the close, from what anyone may see, and never lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from consensus import conduct, models
from consensus.count import earlier
from consensus.house import House, build, open_house
from consensus.journal import first_breach, head_of
from consensus.live import Audience
from consensus.outcome import digest, findings_data, findings_from, seed_of
from consensus.protocol import Plan
from consensus.settings import Settings
from consensus.tasks.findings import run
from consensus.web.state import load_state
from consensus.web.view import CONSOLE, seen_by
from rounds import KINDS
from tests.conftest import Table, lay_table
from tests.rounds.test_contract import empty_round

TWICE = [
    Plan(key="rating1", kind="rating", disclosure="at_close", grace=0),
    Plan(key="rating2", kind="rating", disclosure="at_close", grace=0, settings={"feedback": True}),
]


async def rated(table: Table, key: str, values: list[int]) -> None:
    """Everybody answers the first card."""
    await table.open(key)
    for seat, value in zip(table.seats, values, strict=False):
        await table.cast(seat, key, card="P001", importance=str(value))
    await table.close(key)


async def entries(table: Table, act: str) -> list[models.Entry]:
    return await models.Entry.filter(head=head_of(table.session.id), act=act)


async def test_they_are_worked_out_once_and_sealed_in_the_journal(house: House) -> None:
    table = await lay_table(house, TWICE)
    await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    assert (await table.row("rating1")).findings is None
    for _ in range(3):
        await conduct.analyse_due(house)
    await asyncio.gather(*(conduct.analyse_due(house) for _ in range(3)))
    row = await table.row("rating1")
    lines = await entries(table, "analyse")
    assert [json.loads(line.payload) for line in lines] == [{"round": "rating1", "findings": digest(row.findings)}]
    told = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()
    assert first_breach(told) is None
    assert lines[0].role == "clock"


async def test_a_process_that_ends_before_them_finds_the_round_again(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await lay_table(house, TWICE)
        await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    async with open_house(build(settings)) as fresh:
        await conduct.analyse_due(fresh)
        assert (await table.row("rating1")).findings


async def test_the_seed_is_that_of_the_seal_nobody_chose_it_after_the_vote(house: House) -> None:
    table = await lay_table(house, TWICE)
    await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    await conduct.analyse_due(house)
    row = await table.row("rating1")
    seeds = {f["more"]["seed"] for f in row.findings if f["statement"] == "" and "seed" in f["more"]}
    assert seeds == {seed_of(row.hash)} == {int(row.hash[:8], 16)}


async def test_they_rest_on_the_ballots_that_anyone_may_see_counted(house: House) -> None:
    """Two caregivers and two clinicians answered, who are never counted with patients: nothing of them is told, and
    nothing of those four is in any measure."""
    told = []
    for few in ([1, 1, 1, 1], [9, 5, 2, 7]):
        table = await lay_table(house, TWICE[:1])
        pairs = [["patients", "caregivers"], ["patients", "clinicians"]]
        await models.Study.filter(id=table.session.study_id).update(apart=pairs)
        await table.open("rating1")
        for seat, value in zip(table.seats, [9, 8, 9, 7, 6, *few], strict=False):
            await table.cast(seat, "rating1", card="P001", importance=str(value))
        row = await table.close("rating1")
        assert row.outcome["ballots"] == 9 and row.made["aside"] == ["caregivers", "clinicians"]
        await conduct.analyse_due(house)
        findings = (await table.row("rating1")).findings
        assert {f["n"] for f in findings if f["statement"] == "P001" and f["measure"] == "mean"} == {5}
        told.append(findings)
    assert told[0] == told[1]


async def test_a_second_round_tells_who_moved_of_those_who_answered_both(house: House) -> None:
    table = await lay_table(house, TWICE)
    await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    await rated(table, "rating2", [9, 8, 9, 7, 7, 9, 9, 5, 4, 5, 6])
    await conduct.analyse_due(house)
    first, second = await table.row("rating1"), await table.row("rating2")
    before = await earlier(second)
    assert before is not None and before.id == first.id and await earlier(first) is None
    found = {(f.statement, f.measure): f.result for f in findings_from(second.findings)}
    assert found["P001", "movement"].n == 11 and found["P001", "movement"].more["changed"] == 2
    assert not [f for f in first.findings if f["measure"] == "movement"]
    state = await load_state(house, table.session)
    assert state.row is not None and state.row.key == "rating2"
    view = seen_by(state, Audience(CONSOLE, "en"))
    assert view.findings["P001", "movement"].more["changed"] == 2


async def test_they_come_back_from_the_database_as_they_went(house: House) -> None:
    table = await lay_table(house, TWICE[:1])
    await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    await conduct.analyse_due(house)
    stored = (await table.row("rating1")).findings
    assert findings_data(findings_from(stored)) == stored


async def test_a_kind_whose_tally_says_everything_has_none(house: House) -> None:
    table = await lay_table(house, [Plan(key="gather", kind="gather", disclosure="at_close", grace=0)])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="A sentence")
    await table.close("gather")
    await conduct.analyse_due(house)
    assert (await table.row("gather")).findings == []


async def test_a_withdrawal_after_the_close_leaves_what_was_told(house: House) -> None:
    table = await lay_table(house, TWICE[:1])
    await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    await conduct.analyse_due(house)
    before = (await table.row("rating1")).findings
    await conduct.withdraw(house, table.aline, erase=True)
    await conduct.analyse_due(house)
    assert (await table.row("rating1")).findings == before


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_analysed_with_nothing_at_all(kind: str) -> None:
    assert isinstance(KINDS[kind].analyse(empty_round(kind), (), (), 1), tuple)


async def test_a_round_that_cannot_be_worked_out_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tables = [await lay_table(house, TWICE[:1], title) for title in ("Estrie", "Moncton")]
    for table in tables:
        await rated(table, "rating1", [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6])
    broken = (await tables[0].row("rating1")).hash
    whole = KINDS["rating"].analyse

    def fails_for_one(round, ballots, before, seed):  # type: ignore[no-untyped-def]
        if seed == seed_of(broken) and ballots[0].seat == str(tables[0].aline.id):
            raise ArithmeticError("a measure broke")
        return whole(round, ballots, before, seed)

    monkeypatch.setitem(KINDS, "rating", replace(KINDS["rating"], analyse=fails_for_one))
    study = asyncio.create_task(run(house))
    for _ in range(60):
        await asyncio.sleep(0.1)
        if (await tables[1].row("rating1")).findings:
            break
    await asyncio.sleep(1.2)
    study.cancel()
    assert (await tables[1].row("rating1")).findings and (await tables[0].row("rating1")).findings is None
    assert caplog.text.count("was not worked out") == 1
