"""What lives as long as the process: settings, database, counts, rooms, texts. Passed to acts, never global.

Only the parts are put together here; each says for itself what it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from consensus.count import Counts
from consensus.live import Rooms
from consensus.page import Pages
from consensus.plays import Plays
from consensus.settings import Settings
from consensus.store import Store
from consensus.text import Texts


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    store: Store
    counts: Counts = field(default_factory=Counts)
    rooms: Rooms = field(default_factory=Rooms)
    plays: Plays = field(default_factory=Plays)
    texts: Texts = field(default_factory=Texts.load)
    pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pages", Pages(self.settings, self.texts))


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
        await house.plays.close()
        await house.rooms.close()
        await asyncio.shield(house.store.close())
