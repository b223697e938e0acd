"""What lives as long as the process: settings, database, counts, rooms, texts. Passed to acts, never global.

Only the parts are put together here; each says for itself what it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from consensus.counts import Counts
from consensus.live import Rooms
from consensus.memory import Memory
from consensus.page import Pages
from consensus.pauses import Pauses
from consensus.pictures import Pictures
from consensus.results.study.working import Studies
from consensus.running import RunningTasks
from consensus.seating import Seatings
from consensus.settings import Settings
from consensus.store import Store
from consensus.text import Texts

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)  # whole, it would be written out for every task that ends with it
class House:
    settings: Settings
    store: Store
    running: RunningTasks = field(default_factory=RunningTasks)
    pauses: Pauses = field(default_factory=Pauses)
    pictures: Pictures = field(default_factory=Pictures)
    seatings: Seatings = field(default_factory=Seatings)
    texts: Texts = field(default_factory=Texts.load)
    pages: Pages = field(init=False)
    rooms: Rooms = field(init=False)
    counts: Counts = field(init=False)
    studies: Studies = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", Counts(self.store))
        object.__setattr__(self, "studies", Studies(self.store))
        object.__setattr__(self, "rooms", Rooms(moved=lambda: self.store.version))
        object.__setattr__(self, "pages", Pages(self.settings))

    @property
    def memory(self) -> Memory:
        return self.store.memory

    async def act(self, of: int | None | Callable[[T], Iterable[int]], job: Callable[[], Awaitable[T]]) -> T:
        """Write, and then say what changed: nobody who acts can forget to. of: the session; None where it is of none;
        or the sessions, by what the job gave."""
        done = await self.store.write(job)
        for session in of(done) if callable(of) else () if of is None else (of,):
            self.rooms.touch(session)
        return done


def build(settings: Settings) -> House:
    house = House(settings, Store(settings))
    house.store.when_lost = house.counts.forget
    return house


@asynccontextmanager
async def open_house(house: House) -> AsyncIterator[House]:
    """The database is open inside; what was asked is written before it closes."""
    await house.store.open()
    try:
        yield house
    finally:
        await house.running.close()
        await house.studies.close()
        await house.seatings.close()
        await house.rooms.close()
        await house.counts.close()
        await asyncio.shield(house.store.close())
