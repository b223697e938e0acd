"""Fifty people vote and fifty look at once, while the team acts: every answer that was acknowledged is counted once,
and at every commit that is looked at the live count is the recount."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from consensus import conduct, counts, models, store
from consensus.conduct import Guest, Refused, Submission
from consensus.count import Counted, Warm, recount
from consensus.house import House, build, open_house
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import PANEL, SECRET, Table, lay_table

CROWD, VOTES = 50, 9
CARDS = ("P001", "P002", "P003")
PLAN = Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={})
Said = tuple[object, ...]


def said(counted: Counted) -> Said:
    """All that drawings ask, as it is now: what follows the ballots is copied."""
    given = [(one.people, one.slots, one.cells) for one in (counted.given, counted.told)]
    people = counted.answered, counted.finished, counted.valid, counted.ballots
    own = {seat: dict(slots) for seat, slots in counted.own.items()}
    return counted.official, counted.shown, own, *people, given


class Load:
    """acts: of the team and of whoever leaves, each of which makes the count doubt. kept: what was acknowledged.
    checks: how often both counts were compared; between two answers of a person lies at least one."""

    def __init__(self, table: Table, row: models.Round, leavers: list[models.Seat]) -> None:
        self.house, self.table, self.row, self.leavers = table.house, table, row, leavers
        self.voting, self.acts, self.looks, self.checks = CROWD, 0, 0, 0
        self.checked = asyncio.Event()
        self.kept: list[tuple[int, int, str, int]] = []  # number, seat, card, value

    async def vote(self, seat: models.Seat) -> None:
        chance = Random(seat.id)
        for n in range(VOTES):
            await self._after(n)
            await self._answer(seat, f"{seat.id} {n}", chance.choice(CARDS), chance.randint(1, 9))
        self.voting -= 1

    async def _answer(self, seat: models.Seat, key: str, card: str, value: int) -> None:
        form = Submission({"card": [card], "importance": [str(value)]}, key, "en")
        for _ in range(1000):
            try:
                receipt = await conduct.cast(self.house, seat.id, self.row.id, form)
            except Refused:  # it is closed just now
                await asyncio.sleep(0.005)
                continue
            self.kept.append((receipt.seq, seat.id, card, value))
            return

    async def look(self) -> None:
        while self.voting:
            counted = await self.house.counts.now(self.row)
            assert sum(counted.answered.values()) >= sum(counted.finished.values()) and counted.shown.lines
            self.looks += 1
            await asyncio.sleep(0.002)

    async def check(self) -> None:
        """In the order of the commits: nothing comes between what the job reads and what is compared with it."""
        same: list[bool] = []

        async def job() -> tuple[Said, Said | None]:
            again = said((await recount(self.row)).take_stock())
            # Where no writer tells of ballots, a job reads what is new, and counts it in.
            return again, said(await self.house.counts.now(self.row)) if self.house.store.version is None else None

        def then(read: tuple[Said, Said | None]) -> None:
            again, live = read
            current = self.house.counts.current(self.row.id)
            live = said(current) if current is not None else live
            if live is not None:  # an act of the same commit may have made the count doubt
                same.append(live == again)

        while self.voting:
            await self.house.store.read(job, then)
            assert all(same), "the live count is the recount"
            self.checks = len(same)
            self.checked.set()
            self.checked = asyncio.Event()
            await asyncio.sleep(0)

    async def act(self) -> None:
        house, fay = self.house, self.table.fay
        for n, leaver in enumerate(self.leavers):
            await self._after(2 + 3 * n)
            await conduct.withdraw(house, leaver, erase=True)
            await conduct.regroup(house, fay, self.table.seats[n].id, "caregivers")
            await conduct.close_round(house, fay, self.row.id, at_once=True)
            await conduct.reopen_round(house, fay, self.row.id, "Some answers came late.")
            self.acts += 4

    async def _after(self, checks: int) -> None:
        while self.checks < checks:
            await self.checked.wait()


async def _laid(house: House) -> Load:
    table = await lay_table(house, [PLAN])
    more = [Guest(Role.PARTICIPANT, PANEL[n % len(PANEL)], "en") for n in range(CROWD + 2 - len(table.seats))]
    joined = await conduct.add_seats(house, table.fay, more)
    await asyncio.gather(*(conduct.consent(house, seat) for seat in joined))
    row = await table.open("rating")
    table.seats += joined
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5")
    return Load(table, row, [table.seats.pop(), table.seats.pop()])


@pytest.mark.parametrize("is_cold", [True, False], ids=["cold", "warm"])
async def test_fifty_vote_and_fifty_look_while_the_team_acts(
    database: str, is_cold: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    recounts, real = Counter[str](), counts.recount

    async def told(row: models.Round, *more: Any) -> Warm:
        task = asyncio.current_task()
        is_look = task is not None and task.get_name() == f"recount {row.id}"  # shared by all who look
        recounts["of a look" if is_look else "inside a job" if store.is_writing() else "before a close"] += 1
        return await real(row, *more)

    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        load = await _laid(house)
        house.counts.forget()
        if not is_cold:
            await house.counts.now(load.row)
        monkeypatch.setattr(counts, "recount", told)
        readers = (load.look() for _ in range(CROWD))
        await asyncio.gather(load.act(), load.check(), *map(load.vote, load.table.seats), *readers)
        print(f"{len(load.kept)} votes, {load.looks} looks, {load.checks} checks, {dict(recounts)}")
        assert load.checks >= VOTES - 1 and load.looks >= CROWD and load.acts == 4 * len(load.leavers)
        assert recounts["of a look"] <= is_cold + load.acts, "one recount a doubt"
        await _assert_counted_once(load)


async def _assert_counted_once(load: Load) -> None:
    assert len(load.kept) == CROWD * VOTES
    stored = await models.Ballot.filter(round_id=load.row.id, seq__in=[kept[0] for kept in load.kept])
    found = sorted((b.seq, b.seat_id, b.slot, json.loads(str(b.marks))["values"]["importance"]) for b in stored)
    assert found == sorted(load.kept)
    live = await load.house.counts.now(load.row)
    answers = [(seat, slot, marks) for seat, slots in live.own.items() for slot, marks in slots.items()]
    own = {(seat, slot): marks["values"]["importance"] for seat, slot, marks in answers}
    first = {(str(seat.id), "P001"): 5 for seat in load.table.seats}
    assert own == first | {(str(seat), card): value for _, seat, card, value in found}
    for line in live.official.lines:
        assert line.values["n"] == sum(card == line.statement for _, card in own)
    assert said(live) == said((await recount(load.row)).take_stock())
