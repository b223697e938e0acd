"""Fifty people press in the same second, on a process that has counted nothing yet: answers count, not seconds."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextvars import copy_context
from dataclasses import replace

import pytest

from consensus import conduct, counts, models
from consensus.conduct import Guest
from consensus.count import Warm
from consensus.counts import Counts
from consensus.protocol import Plan
from rounds.contract import Role
from tests.conftest import PANEL, Site, Table, lay_table

CROWD = 50
CARDS = ("P001", "P002", "P003")
NEWEST = 5  # answers that wait for the close


@pytest.fixture
def recounted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each round was counted from its first ballot; the counting is the real one."""
    seen: Counter[str] = Counter()
    real = counts.recount

    async def told(row: models.Round, aside: frozenset[int] | None = None) -> Warm:
        seen[row.key] += 1
        return await real(row, aside)

    monkeypatch.setattr(counts, "recount", told)
    return seen


BY_GROUP = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})
WHOLE_ROOM = replace(BY_GROUP, disclosure="live", is_together=True)


async def _crowd(site: Site, plan: Plan) -> tuple[Table, list[models.Seat]]:
    table = await lay_table(site.house, [plan])
    more = [Guest(Role.PARTICIPANT, PANEL[n % len(PANEL)], "en") for n in range(CROWD - len(table.seats))]
    joined = await conduct.add_seats(site.house, table.fay, more)
    await asyncio.gather(*(conduct.consent(site.house, seat) for seat in joined))
    return table, [*table.seats, *joined]


@pytest.mark.parametrize("plan", [BY_GROUP, WHOLE_ROOM], ids=["by group", "whole room, live"])
async def test_fifty_who_press_at_once_are_all_answered_and_counted_once(
    site: Site, recounted: Counter[str], plan: Plan
) -> None:
    table, people = await _crowd(site, plan)
    row = await table.open("rating")
    browsers = await asyncio.gather(*map(site.sit, people))
    for seat in people[:10]:  # something to count again
        await table.cast(seat, "rating", card="P003", importance="5")
    site.house.counts.forget()  # as after a start
    recounted.clear()

    async def answer(n: int) -> list[int]:
        told = []
        for card in CARDS:
            form = {"round": "rating", "key": f"{n} {card}", "card": card, "importance": str(1 + n % 9)}
            pressed = await browsers[n].post(f"/sessions/{table.session.id}/take", data=form)
            drawn = await browsers[n].get(pressed.headers.get("location", "/"))
            told += [pressed.status_code, drawn.status_code]
        return told

    began = time.monotonic()
    answers = await asyncio.gather(*(answer(n) for n in range(CROWD)))
    print(f"{len(answers)} answered in {time.monotonic() - began:.1f} s")
    assert Counter(code for told in answers for code in told) == {303: 3 * CROWD, 200: 3 * CROWD}
    assert recounted == {"rating": 1}
    await asyncio.gather(*(browser.aclose() for browser in browsers))
    counted = await site.house.counts.now(row)
    assert sum(counted.finished.values()) == CROWD
    assert [line.values["n"] for line in counted.official.lines] == [CROWD] * 3
    if plan.is_together:
        assert [line.values["n"] for line in counted.shown.lines][:2] == [CROWD - NEWEST] * 2  # the third was changed


async def test_readers_who_come_together_wait_for_one_recount(table: Table, recounted: Counter[str]) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    counts = Counts()
    looked = await asyncio.gather(*(counts.now(row) for _ in range(20)))
    assert recounted == {"rating": 1}
    assert len(set(map(id, looked))) == 1


async def test_no_reader_replaces_a_warm_count(table: Table, recounted: Counter[str]) -> None:
    row = await table.open("rating")
    counts = table.house.counts

    async def vote(n: int) -> None:
        await table.cast(table.seats[n], "rating", card="P001", importance="7")
        await asyncio.gather(*(counts.now(row) for _ in range(5)))

    await asyncio.gather(*map(vote, range(len(table.seats))))
    assert recounted == {"rating": 1}


async def test_whoever_hangs_up_takes_the_recount_from_nobody(table: Table, recounted: Counter[str]) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    counts = Counts()
    first, second = asyncio.create_task(counts.now(row)), asyncio.create_task(counts.now(row))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).ballots == 1
    assert recounted == {"rating": 1}


async def test_a_doubt_during_a_recount_is_not_forgotten(table: Table, recounted: Counter[str]) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    counts = Counts()
    looking = asyncio.create_task(counts.now(row))
    await asyncio.sleep(0)
    counts.forget()
    assert (await looking).ballots == 1
    assert recounted == {"rating": 2}  # the one that was under way is not kept


async def test_a_job_waits_for_no_reader(table: Table) -> None:
    """A job holds the connection that the reader's recount waits for: waiting for it would be for ever."""
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    counts = Counts()

    async def job() -> int:
        looking.append(asyncio.create_task(_outside(counts, row), context=outside))
        await asyncio.sleep(0.05)
        return (await counts.now(row)).ballots

    looking: list[asyncio.Task[int]] = []
    outside = copy_context()
    async with asyncio.timeout(10):
        assert await table.house.store.write(job) == 1
        assert await looking[0] == 1


async def _outside(counts: Counts, row: models.Round) -> int:
    return (await counts.now(row)).ballots
