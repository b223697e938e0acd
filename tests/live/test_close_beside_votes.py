"""A round closes while people vote: what it counts is counted beside the writer, and every answer that was acknowledged
before the close is in it, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from consensus import conduct, counts, models, store
from consensus.conduct import Refused, Submission
from consensus.conduct import rounds as closing
from consensus.count import Warm, recount
from consensus.house import build, open_house
from consensus.outcome import tally_from, told_by
from consensus.protocol import Plan
from consensus.settings import Settings
from tests.conftest import SECRET, Table, lay_table

PLAN = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={})


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How often a round was counted from its first ballot inside a job (True), and beside the writer."""
    seen, real = Counter[bool](), counts.recount

    async def told(row: models.Round, *more: Any) -> Warm:
        seen[store.is_writing()] += 1
        return await real(row, *more)

    monkeypatch.setattr(counts, "recount", told)
    return seen


@dataclass
class Voting:
    """Everybody answers on and on until the round is closed. kept: the numbers that were acknowledged."""

    table: Table
    row: models.Round
    kept: list[int] = field(default_factory=list)
    is_well_under_way: asyncio.Event = field(default_factory=asyncio.Event)

    behind: int = 0  # people who have not answered every card yet

    async def all(self) -> None:
        self.behind = len(self.table.seats)
        await asyncio.gather(*map(self._one, self.table.seats))

    async def _one(self, seat: models.Seat) -> None:
        for n in range(1000):
            form = {"card": [f"P00{1 + n % 3}"], "importance": [str(1 + (n + seat.id) % 9)]}
            submission = Submission(form, f"{seat.id} {n}", "en")
            try:
                self.kept.append((await conduct.cast(self.table.house, seat.id, self.row.id, submission)).seq)
            except Refused:
                return
            self.behind -= n == 4
            if not self.behind:
                self.is_well_under_way.set()


def before_it_is_stored(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[None]], times: int) -> None:
    """Something is done between the count that was prepared and the job that closes, so many times."""
    real, left = counts.Counts.prepared, [act] * times

    async def prepared(self: counts.Counts, *given: Any) -> counts.Prepared:
        found = await real(self, *given)
        if left:
            await left.pop()()
        return found

    monkeypatch.setattr(counts.Counts, "prepared", prepared)


async def test_a_close_among_votes_counts_each_that_was_acknowledged_once(database: str, inside: Counter[bool]) -> None:
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        table = await lay_table(house, [PLAN])
        voting = Voting(table, row := await table.open("rating"))
        going = asyncio.create_task(voting.all())
        await voting.is_well_under_way.wait()
        await conduct.close_round(house, table.fay, row.id, at_once=True)
        await going
        assert inside[True] == 0, "nobody waited for the count"
        stored = await models.Ballot.filter(round_id=row.id).order_by("seq").values_list("seq", flat=True)
        assert sorted(voting.kept) == list(stored)
        closed = await table.row("rating")
        again = await recount(closed)
        told = tally_from(told_by(closed.outcome))
        assert told.lines == closing.left(again.take_stock()).lines
        assert closed.outcome["ballots"] == again.number == len(table.seats) * 3
        assert [line.values["n"] for line in told.lines] == [len(table.seats)] * 3


async def test_an_answer_that_comes_while_the_close_is_prepared_is_in_it(
    table: Table, inside: Counter[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    await table.open("rating")
    for seat in table.seats[:-1]:
        await table.cast(seat, "rating", card="P001", importance="5")

    async def late() -> None:
        await table.cast(table.bob, "rating", card="P001", importance="9")

    before_it_is_stored(monkeypatch, late, 1)
    closed = await table.close("rating")
    assert closed.outcome["ballots"] == len(table.seats) and inside[True] == 0


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_close_beside_which_somebody_leaves_counts_again(
    table: Table, inside: Counter[bool], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """However often: at the last the job counts by itself."""
    row, leavers = await table.open("rating"), list(table.seats)
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5")

    async def leave() -> None:
        await conduct.withdraw(table.house, leavers.pop(), erase=True)

    before_it_is_stored(monkeypatch, leave, times)
    closed = await table.close("rating")
    assert closed.outcome["ballots"] == len(leavers) == len(table.seats) - min(times, closing.TRIES)
    assert bool(inside[True]) == (times >= closing.TRIES)
    live, again = await table.house.counts.now(closed), (await recount(closed)).take_stock()
    assert live.shown == again.shown and row.id == closed.id


async def test_a_close_that_is_refused_stays_refused(table: Table, inside: Counter[bool]) -> None:
    row = await table.open("rating")
    await table.close("rating")
    inside.clear()
    with pytest.raises(Refused, match="refused.not_open"):
        await conduct.close_round(table.house, table.fay, row.id, at_once=True)
    assert not inside, "nothing is counted for it"


async def test_the_transaction_of_a_close_asks_as_often_whatever_is_stored(
    table: Table, asked: list[tuple[bool, str]]
) -> None:
    """Other sessions wait for the rows that are kept, and for nothing that is worked out."""
    row, seen = await table.open("rating"), []
    for cards in (1, 3):
        for number in range(cards):
            for seat in table.seats:
                await table.cast(seat, "rating", card=f"P00{number + 1}", importance=str(2 + number), reason="Why.")
        asked.clear()
        await table.close("rating")
        seen.append(sum(is_inside for is_inside, _ in asked))
        assert await models.Leaf.filter(round_id=row.id).count() == cards * len(table.seats) * 2
        await conduct.reopen_round(table.house, table.fay, row.id, "More to say.")
    assert seen[0] == seen[1] > 0


async def test_answers_wait_while_what_a_close_leaves_is_worked_out(table: Table) -> None:
    """And are taken where it does not close after all."""
    row = await table.open("rating")
    async with table.house.pauses.of(row.id):
        late = asyncio.create_task(table.cast(table.bob, "rating", card="P001", importance="9"))
        await asyncio.sleep(0.1)
        assert not late.done() and not await models.Ballot.exists(round_id=row.id)
    await late
    assert await models.Ballot.filter(round_id=row.id).count() == 1
