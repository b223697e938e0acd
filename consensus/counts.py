"""The warm counts of one process, by round: counted once from the first ballot, then moved by each that is committed.

Where a writer tells of its ballots, whoever looks asks nothing of the database; where other processes write too, each
look asks for what is new. Which ballots count, and how, is count.py's; nothing here writes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import getrefcount
from typing import Any

from consensus import models, store
from consensus.attendance import Attendance
from consensus.count import UNSETTLING, Counted, Warm, frozen, recount, that_matter
from consensus.counting import Counting, as_planned, made_data, made_of, planned_blocks
from consensus.journal import head_of
from consensus.lasting import MANY, in_turns
from consensus.states import RoundState
from consensus.store import Lost, Store
from rounds.blocks import Made
from rounds.contract import BallotError, Block, Round

News = tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]  # ballots, and acts that may unsettle


class Stale(Exception):
    """What was prepared does not hold any more."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A round counted for a close to come. first: in the blocks that it has. found: those that the close would make of
    people, if any; in_found: the round counted in these. Nobody else has these counts."""

    first: Warm
    found: Made | None
    in_found: Warm | None

    def emptied(self) -> Iterator[None]:
        """Nobody needs it any more."""
        for warm in filter(None, (self.first, self.in_found)):
            yield from warm.emptied()


@dataclass(frozen=True, slots=True)
class AtClose:
    """A round as its close leaves it. made: the blocks that its row keeps. waits: what stands in the way."""

    warm: Warm
    counted: Counted
    made: dict[str, Any]
    waits: BallotError | None


class Counts:
    """The warm counts of one process. A round is recounted once, however many look; no reader replaces a warm count.

    of: the store whose writer tells of each ballot as it is committed; then whoever looks asks nothing of the
    database. Without, and where other processes write too, each look asks for what is new.
    """

    def __init__(self, of: Store | None = None) -> None:
        self._store = of
        self._warm: dict[int, Warm] = {}
        self._latest: dict[int, Counted] = {}  # what was drawn up of each for the last who looked
        self._rounds: dict[int, Round] = {}
        self._planned: dict[int, tuple[Block, ...]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._recounts: dict[int, asyncio.Task[Warm]] = {}  # under way, by round
        self._catching: dict[int, asyncio.Task[None]] = {}

    def forget(self) -> None:
        """Doubt: the next look rebuilds every count from the first ballot."""
        for number in list(self._warm):
            self._drop(number)
        self._rounds.clear()
        self._planned.clear()
        self._recounts.clear()  # one that is under way may have read what was doubted: nobody joins or keeps it

    def drop(self, rounds: Iterable[int]) -> None:
        """These rounds are gone."""
        for number in rounds:
            self._drop(number)
            self._rounds.pop(number, None)
            self._planned.pop(number, None)
            self._recounts.pop(number, None)

    def _drop(self, round_id: int) -> None:
        """A count that is current no more. A large one goes piece by piece, once nobody holds it."""
        self._latest.pop(round_id, None)
        warm = self._warm.pop(round_id, None)
        if warm is not None and warm.number > MANY:
            task = asyncio.create_task(_let_go(warm), name=f"let go {round_id}")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def round(self, round_id: int) -> Round:
        """A round that has opened, as it was frozen: but for the blocks that its first close makes, it stays."""
        if round_id not in self._rounds:
            row = await models.Round.get(id=round_id)
            if row.state == RoundState.DRAFT:
                return await frozen(row)
            self._rounds[round_id] = await frozen(row)
        return self._rounds[round_id]

    async def now(self, row: models.Round) -> Counted:
        """The round counted at this moment; inside a job, with what the jobs before it wrote."""
        is_told = self._is_told() and not store.is_writing()
        while True:
            warm = self._warm.get(row.id) or await self._recounted(row)
            if is_told and self._is_current(warm):
                return self._stock(row.id, warm)
            if is_told:
                try:
                    await self._caught_up(row, warm)
                except Lost:  # what others wrote in the same commit failed: a look does not fail with it
                    is_told = False
            elif self._take(row, warm, await _news(row, warm)):
                return self._stock(row.id, warm)

    def current(self, round_id: int) -> Counted | None:
        """The count, where everything that is committed is known to be in it: to be had without waiting."""
        warm = self._warm.get(round_id)
        return self._stock(round_id, warm) if warm is not None and self._is_current(warm) else None

    def _stock(self, round_id: int, warm: Warm) -> Counted:
        """Kept for the next who looks."""
        counted = self._latest[round_id] = warm.take_stock()
        return counted

    def _is_told(self) -> bool:
        """Does the writer of the only process tell of each ballot?"""
        return self._store is not None and self._store.version is not None

    def _is_current(self, warm: Warm) -> bool:
        """Is all that is committed counted in?"""
        return self._store is not None and warm.version is not None and warm.version == self._store.version

    def _take(self, row: models.Round, warm: Warm, news: News) -> bool:
        """Fold what came since. False: the count was dropped, by an act or by a doubt."""
        ballots, unsettled = news
        warm.version = None  # inside a job these are not committed yet
        if self._warm.get(row.id) is not warm:
            return False
        if that_matter(unsettled, warm.round.key):
            self._drop(row.id)
            self._rounds.pop(row.id, None)  # a close makes the blocks
            return False
        # Another reader may have folded meanwhile: between here and the end nothing waits.
        for ballot in ballots:
            if ballot["seq"] > warm.last:
                warm.fold(ballot)
        return True

    async def _caught_up(self, row: models.Round, warm: Warm) -> None:
        """Once for all who wait: read what is new in the order of the commits, so that from there on the writer tells
        of the rest."""
        task = self._catching.get(row.id)
        if task is None:
            task = self._catching[row.id] = asyncio.create_task(self._catch_up(row, warm), name=f"count {row.id}")
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _catch_up(self, row: models.Round, warm: Warm) -> None:
        assert self._store is not None

        def then(news: News) -> None:
            if self._take(row, warm, news) and self._store is not None:
                warm.version = self._store.version

        try:
            await self._store.read(lambda: _news(row, warm), then)
        finally:
            del self._catching[row.id]

    def kept(self, round_id: int, ballot: Mapping[str, Any]) -> None:
        """A ballot was committed. A count that lacks others asks for them all when somebody looks."""
        warm = self._warm.get(round_id)
        if warm is not None and self._is_current(warm) and ballot["seq"] > warm.last:
            warm.fold(ballot)

    async def _recounted(self, row: models.Round) -> Warm:
        """The warm count, rebuilt by whoever comes first; it may lack what was committed since, as any warm count."""
        if store.is_writing():
            # Who recounts outside waits for the connection that this job holds: waiting for them would never end.
            return self._warm.setdefault(row.id, await recount(row))
        under_way = self._recounts.get(row.id)
        if under_way is None:
            under_way = self._recounts[row.id] = asyncio.create_task(recount(row), name=f"recount {row.id}")
            under_way.add_done_callback(lambda done: self._keep(row.id, done))
        # A task of its own, and shielded: somebody who hangs up takes the count from nobody.
        return await asyncio.shield(under_way)

    def _keep(self, round_id: int, done: asyncio.Task[Warm]) -> None:
        has_failed = done.cancelled() or done.exception() is not None
        if self._recounts.get(round_id) is not done:
            return  # doubted meanwhile
        del self._recounts[round_id]
        if not has_failed:
            self._warm.setdefault(round_id, done.result())  # a job may have counted meanwhile

    async def close(self) -> None:
        """Whoever waited for these recounts has gone."""
        under_way: list[asyncio.Task[Any]] = [*self._recounts.values(), *self._catching.values(), *self._leaving]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def planned(self, round_id: int) -> tuple[Block, ...]:
        """The blocks of a round's opening."""
        if round_id not in self._planned:
            self._planned[round_id] = planned_blocks(await models.Round.get(id=round_id).only("id", "blocks"))
        return self._planned[round_id]

    async def prepared(self, row: models.Round, words: Mapping[str, str]) -> Prepared:
        """What a close at this moment would count, before anybody waits for it."""
        warm, now = await recount(row), await models.Round.get(id=row.id)
        found = await self._made(now, warm, words) if not now.made else None
        return Prepared(warm, found, await recount(row, found) if found else None)

    async def at_close(self, row: models.Round, words: Mapping[str, str], ready: Prepared | None) -> AtClose:
        """The round as a close at this moment leaves it. words: what files and the journal call the groups of the
        study. ready: what was counted before, to which only what came since is added; Stale where that is not all.
        """
        warm, kept = ready.first if ready else await recount(row), row.made
        if ready:
            await self._add_news(row, [ready.first, *([ready.in_found] if ready.in_found else [])])
        now = warm.take_stock()
        waits = warm.kind.leftover(now.round, now.official)
        if not kept or not kept["of_people"]:
            found = await self._made(row, warm, words) if not kept else None
            planned = found or as_planned(warm.round.blocks, warm.given.valid, warm.gate.k)
            kept = made_data(planned, of_people=bool(found))
            if found and ready:
                if ready.in_found is None or ready.found != found:
                    raise Stale
                warm = ready.in_found
            elif found:
                warm = await recount(row, found)
        await in_turns(warm.gate.closing(), warm.number)  # all that waits moves; nobody else has this count
        await in_turns(warm.tell(), warm.number)
        return AtClose(warm, warm.take_stock(), kept, waits)

    async def assert_still(self, row: models.Round, at: AtClose) -> None:
        """Inside a job: Stale unless nothing came since."""
        ballots, acts = await _news(row, at.warm)
        if ballots or that_matter(acts, at.warm.round.key):
            raise Stale

    async def _add_news(self, row: models.Round, warms: Sequence[Warm]) -> None:
        """To counts that nobody else has, what came since. An act among it may have changed what stands."""
        oldest, read = min(warms, key=lambda warm: warm.last), list[News]()
        if store.is_writing() or self._store is None:
            read.append(await _news(row, oldest))
        else:  # after all that waits for the writer already
            await self._store.read(lambda: _news(row, oldest), read.append)
        for ballots, acts in read:
            if that_matter(acts, oldest.round.key):
                raise Stale
            for warm in warms:
                await in_turns(_folded(warm, ballots))

    async def _made(self, row: models.Round, warm: Warm, words: Mapping[str, str]) -> Made | None:
        """The blocks that a first close makes of people; None where those of the opening stay."""
        counting = Counting.of(row)
        if not (counting and counting.makes_blocks and warm.gate.is_silent and warm.kind.is_counted):
            return None
        study, attendance = await models.Study.get(sessions__id=row.session_id), await Attendance.of(row.session_id)
        valid = warm.given.valid
        groups = [(group["key"], valid.get(group["key"], 0)) for group in study.groups]
        asked = Counter(attendance.here)
        asked.update(group for seat, group in attendance.gone if int(seat) in warm.groups)
        return made_of(groups, asked, counting, words, warm.kind.is_whole)


async def _news(row: models.Round, warm: Warm) -> News:
    ballots = await store.ballots_after(row.id, warm.last)
    return ballots, await store.entries_after(head_of(row.session_id), warm.last, UNSETTLING)


async def _let_go(warm: Warm) -> None:
    # A page may be drawn of it yet, which tells nobody when it is done. Here are a name and an argument.
    while getrefcount(warm) > 2:  # noqa: ASYNC110
        await asyncio.sleep(1)
    await in_turns(warm.emptied())


def _folded(warm: Warm, ballots: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    for ballot in ballots:
        if ballot["seq"] > warm.last:
            warm.fold(ballot)
            yield
