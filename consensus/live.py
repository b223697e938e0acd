"""Rooms: everybody who watches a session sees its newest state, drawn once per audience and language.

touch() says that something changed; the room's pump draws at most a few times a second and puts the drawing into
each watcher's cell. A watcher too slow to read skips to the newest state; nobody waits for anybody. Every watcher
gets the full state when it joins: first join, then look, so that no change in between is lost. Nothing here knows
what is drawn, and no ballot ever travels this way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between two drawings of one room


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees one and the same drawing. card: the card whose figures these people may see, where that differs."""

    name: str
    language: str
    card: str = ""


Draw = Callable[[int, frozenset[Audience]], Awaitable[dict[Audience, str]]]


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page: a cell that holds the newest drawing, and a bell."""

    audience: Audience
    seat: int | None
    block: str | None = None
    newest: str | None = None
    is_over: bool = False
    is_dismissed: bool = False  # over for good: whoever watched is not to come back
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, drawing: str) -> None:
        if drawing != self.newest:
            self.newest = drawing
            self.bell.set()

    def end(self, is_dismissed: bool = False) -> None:
        self.is_over, self.is_dismissed = True, is_dismissed
        self.bell.set()

    async def drawings(self) -> AsyncIterator[str]:
        """The newest drawing, each time there is a newer one; ends when the room lets go."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            if self.is_over:
                return
            assert self.newest is not None
            yield self.newest


@dataclass(eq=False, slots=True)
class Room:
    watchers: set[Watcher] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pump: asyncio.Task[None] | None = None


class Rooms:
    """The rooms of one process, by session."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._rooms: dict[int, Room] = {}
        self._pause = pause
        self.draw: Draw | None = None
        self.failures = 0  # drawings that failed since the start
        self.heard: list[Callable[[int], None]] = []  # told of every touch: a hint to other processes

    def touch(self, session: int) -> None:
        """Something of this session changed; call it after the commit."""
        if room := self._rooms.get(session):
            room.changed.set()
        for tell in self.heard:
            tell(session)

    @contextmanager
    def watch(self, session: int, audience: Audience, seat: int | None, block: str | None = None) -> Iterator[Watcher]:
        room = self._rooms.setdefault(session, Room())
        watcher = Watcher(audience, seat, block)
        room.watchers.add(watcher)
        if room.pump is None:
            room.pump = asyncio.create_task(self._pump(session, room), name=f"room {session}")
        room.changed.set()
        try:
            yield watcher
        finally:
            room.watchers.discard(watcher)
            room.changed.set()

    def online(self, session: int) -> dict[str, int]:
        """How many people have a page open, by block; two devices of one seat are one person."""
        room = self._rooms.get(session)
        people = {(w.block, w.seat) for w in room.watchers if w.block} if room else set()
        blocks = [block for block, _ in people if block]
        return {block: blocks.count(block) for block in set(blocks)}

    def dismiss(self, session: int, seat: int) -> None:
        """A seat was withdrawn or revoked: its pages end."""
        if room := self._rooms.get(session):
            self._end([w for w in room.watchers if w.seat == seat], is_dismissed=True)

    async def close(self) -> None:
        for room in list(self._rooms.values()):  # a pump that ends takes its room out
            self._end(list(room.watchers))
            if room.pump:
                room.pump.cancel()
                with suppress(asyncio.CancelledError):
                    await room.pump
        self._rooms.clear()

    @staticmethod
    def _end(watchers: Iterable[Watcher], is_dismissed: bool = False) -> None:
        for watcher in watchers:
            watcher.end(is_dismissed)

    async def _pump(self, session: int, room: Room) -> None:
        """Draw when something changed, until nobody watches; a failing drawing ends the pages, which come back."""
        while room.watchers:
            await room.changed.wait()
            room.changed.clear()
            began = time.monotonic()
            try:
                await self._draw_all(session, room)
            except Exception:  # the only place that may see any failure: it is logged and the pages reconnect
                self.failures += 1
                log.exception("drawing a room failed")
                self._end(list(room.watchers))
                room.watchers.clear()
            # A room that is slow to draw is drawn less often: half of the time at least is left to answers.
            await asyncio.sleep(max(self._pause, time.monotonic() - began))
        if self._rooms.get(session) is room:
            del self._rooms[session]

    async def _draw_all(self, session: int, room: Room) -> None:
        assert self.draw is not None
        audiences = frozenset(watcher.audience for watcher in room.watchers)
        if not audiences:
            return
        drawings = await self.draw(session, audiences)
        for watcher in room.watchers:
            # Whoever joined while this was drawn has set the bell and is in the next drawing.
            if drawing := drawings.get(watcher.audience):
                watcher.put(drawing)
