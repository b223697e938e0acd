"""Rooms: everybody who watches a session sees its newest state, drawn once per audience and language.

touch() says that something changed; the room's pump draws at most a few times a second, and each watcher is told what
its page lacks: whoever joins, or was away too long, the whole; whoever saw an earlier drawing, what changed since. A
watcher too slow to read skips to the newest state; nobody waits for anybody. Whoever joins gets the last drawing of
their audience at once, where nothing has moved since. Nothing here knows what is drawn, and no ballot ever travels
this way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from consensus.traces import trace

log = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between two drawings of one room
LIFE = 60.0  # seconds after which a drawing is no longer given to whoever joins: minutes are written in it
AT_ONCE = 500  # watchers told without a turn for others
BEHIND = 16  # drawings that a watcher may be behind, and still be told what changed alone


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees one and the same drawing. card: the card whose figures these people may see, where that differs.

    round: the one looked at, where that is not the one under way. role: of the team, whose members may do different
    things, and to whom alone it is told how many people are here.
    """

    name: str
    language: str
    card: str = ""
    round: str = ""
    role: str = ""


class Picture(Protocol):
    """A drawing, as it is sent."""

    def whole(self) -> str: ...

    def since(self, older: Any) -> str:
        """What a page needs that shows the older one; "" for nothing."""


class Told(str):
    """What pages lack. packed: the same as it goes to each of them; made once, by who sends it first."""

    packed: bytes = b""


# What is drawn for each audience, given the last drawing of it; an audience that is left out has nothing to see.
Draw = Callable[[int, Mapping[Audience, Picture | None]], Awaitable[Mapping[Audience, Picture]]]


@dataclass(eq=False, slots=True)
class Following:
    """Those of one audience, and its last drawings by version, which moves when one looks different.

    moment: of the room, when the newest was begun. told: what whoever saw a version lacks now, made once for all of
    them; version 0 is nothing.
    """

    watchers: set[Watcher] = field(default_factory=set)
    version: int = 0
    newest: Picture | None = None
    moment: Hashable = None
    drawn_at: float = 0.0
    earlier: dict[int, Picture] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)

    async def take(self, picture: Picture, moment: Hashable) -> None:
        before, self.newest, self.moment, self.drawn_at = self.newest, picture, moment, time.monotonic()
        if change := picture.since(before) if before is not None else picture.whole():
            if before is not None:
                self.earlier[self.version] = before
                self.earlier.pop(self.version - BEHIND, None)
            self.told = {self.version: Told(change)}
            self.version += 1
        for told, watcher in enumerate(tuple(self.watchers), 1):
            watcher.tell()
            if not told % AT_ONCE:
                await asyncio.sleep(0)

    def lacking(self, seen: int) -> Told:
        """What a page that saw this version needs."""
        assert self.newest is not None
        if seen not in self.told:
            older = self.earlier.get(seen)
            self.told[seen] = Told(self.newest.whole() if older is None else self.newest.since(older))
        return self.told[seen]

    def is_at(self, moment: Hashable) -> bool:
        return self.newest is not None and self.moment == moment and time.monotonic() - self.drawn_at < LIFE


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page: the version that it saw last, and a bell for the task that sends to it. offer: sends at once and
    says True, where the page takes it at once; to wake a task costs as much as to send."""

    following: Following
    seat: int | None
    block: str | None = None
    seen: int = 0
    is_due: bool = False  # it is time to say that somebody is here
    is_over: bool = False
    is_dismissed: bool = False  # over for good: whoever watched is not to come back
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    offer: Callable[[Told], bool] = lambda _: False
    is_idle: bool = False  # its task has nothing to send

    def tell(self) -> None:
        """There may be something newer."""
        seen, now = self.seen, self.following.version
        if seen == now:
            return
        if self.is_idle and not self.bell.is_set():
            self.seen = now
            if self.offer(self.following.lacking(seen)):
                return
            self.seen = seen
        self.bell.set()

    def end(self, is_dismissed: bool = False) -> None:
        self.is_over, self.is_dismissed = True, is_dismissed
        self.bell.set()

    async def drawings(self, every: float = 0) -> AsyncIterator[str]:
        """What the page lacks, each time there is something newer; ends when the room lets go. "" after so many seconds
        without."""
        with self._beating(every):
            while True:
                self.is_idle = True
                await self.bell.wait()
                self.is_idle = False
                self.bell.clear()
                if self.is_over:
                    return
                if self.seen != self.following.version:
                    seen, self.seen = self.seen, self.following.version
                    yield self.following.lacking(seen)
                if self.is_due:
                    self.is_due = False
                    yield ""

    @contextmanager
    def _beating(self, every: float) -> Iterator[None]:
        """By a timer of its own: one that is set anew with each drawing costs a third of what sending it does. Whoever
        was sent a drawing since it last rang has heard that somebody is here: they miss one beat, not two."""
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle | None = None
        heard = 0

        def ring() -> None:
            nonlocal timer, heard
            if self.seen == heard:
                self.is_due = True
                self.bell.set()
            heard = self.seen
            timer = loop.call_later(every, ring)

        if every:
            timer = loop.call_later(every, ring)
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()


@dataclass(eq=False, slots=True)
class Room:
    """touches: how often something changed. comings: how often somebody came or went. pages: open ones, by block and
    seat; online: people with any, by block."""

    followings: dict[Audience, Following] = field(default_factory=dict)
    pages: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    online: Counter[str] = field(default_factory=Counter)
    touches: int = 0
    comings: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pump: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> Iterable[Watcher]:
        return chain.from_iterable(following.watchers for following in list(self.followings.values()))

    @property
    def is_empty(self) -> bool:
        return not any(following.watchers for following in self.followings.values())


class Rooms:
    """The rooms of one process, by session. moved: changes with whatever may change a drawing without a touch; None
    where nobody can tell, and then whoever joins asks for a new drawing."""

    def __init__(self, pause: float = PAUSE, moved: Callable[[], Hashable | None] = lambda: 0) -> None:
        self._rooms: dict[int, Room] = {}
        self._pause = pause
        self._moved = moved
        self.draw: Draw | None = None
        self.failures = 0  # drawings that failed since the start

    def touch(self, session: int) -> None:
        """Something of this session changed; call it after the commit."""
        if room := self._rooms.get(session):
            room.touches += 1
            room.changed.set()

    @contextmanager
    def watch(self, session: int, audience: Audience, seat: int | None, block: str | None = None) -> Iterator[Watcher]:
        room = self._rooms.setdefault(session, Room())
        following = room.followings.setdefault(audience, Following())
        watcher = Watcher(following, seat, block)
        following.watchers.add(watcher)
        if room.pump is None:
            room.pump = asyncio.create_task(self._pump(session, room), name=f"room {session}")
        if self._moved() is None:
            room.touches += 1
        self._pass(room, watcher, +1)
        if following.is_at(self._moment(room, audience)):
            watcher.bell.set()
        else:
            room.changed.set()
        try:
            yield watcher
        finally:
            following.watchers.discard(watcher)
            self._pass(room, watcher, -1)
            if room.is_empty:
                room.changed.set()

    async def drawn(self, session: int, audience: Audience) -> str | None:
        """The newest drawing, whole, for a page that only asks; of all who ask at once, one has it drawn."""
        with self.watch(session, audience, None) as watcher:
            return await anext(watcher.drawings(), None)

    def newest(self, session: int, audience: Audience) -> Picture | None:
        """The last drawing of those who watch, however old."""
        room = self._rooms.get(session)
        following = room.followings.get(audience) if room else None
        return following.newest if following else None

    def online(self, session: int) -> dict[str, int]:
        """How many people have a page open, by block; two devices of one seat are one person."""
        room = self._rooms.get(session)
        return {block: people for block, people in room.online.items() if people} if room else {}

    def dismiss(self, session: int, seat: int) -> None:
        """A seat was withdrawn or revoked: its pages end."""
        if room := self._rooms.get(session):
            self._end([w for w in room.watchers if w.seat == seat], is_dismissed=True)

    def part(self, session: int, seat: int) -> None:
        """A device of this seat was signed out: its pages end, and whoever may come back does."""
        if room := self._rooms.get(session):
            self._end([w for w in room.watchers if w.seat == seat])

    async def close(self) -> None:
        for room in list(self._rooms.values()):  # a pump that ends takes its room out
            self._end(room.watchers)
            if room.pump:
                room.pump.cancel()
                with suppress(asyncio.CancelledError):
                    await room.pump
        self._rooms.clear()

    @staticmethod
    def _end(watchers: Iterable[Watcher], is_dismissed: bool = False) -> None:
        for watcher in watchers:
            watcher.end(is_dismissed)

    def _pass(self, room: Room, watcher: Watcher, pages: int) -> None:
        """Somebody came (+1) or went (-1). Who is here is told to the team: nothing is drawn for the others."""
        if watcher.block is not None:
            room.comings += 1
            whose = watcher.block, watcher.seat
            was, now = room.pages[whose] > 0, room.pages[whose] + pages > 0
            room.pages[whose] += pages
            room.online[watcher.block] += now - was
            if any(audience.role for audience in room.followings):
                room.changed.set()

    def _moment(self, room: Room, audience: Audience) -> Hashable:
        """Two drawings that were begun at one moment are the same."""
        return room.touches, room.comings if audience.role else 0, self._moved()

    async def _pump(self, session: int, room: Room) -> None:
        """Draw when something changed, until nobody watches; a failing drawing ends the pages, which come back."""
        while not room.is_empty:
            await room.changed.wait()
            room.changed.clear()
            began = time.monotonic()
            try:
                await self._draw_all(session, room)
            except Exception as failure:  # the only place that may see any: it is logged and the pages reconnect
                self.failures += 1
                log.error("drawing a room failed\n%s", trace(failure))
                self._end(room.watchers)
                room.followings.clear()
            # A room that is slow to draw is drawn less often: half of the time at least is left to answers.
            await asyncio.sleep(max(self._pause, time.monotonic() - began))
        if self._rooms.get(session) is room:
            del self._rooms[session]

    async def _draw_all(self, session: int, room: Room) -> None:
        """For each audience that somebody is of, and whose last drawing is no longer of this moment."""
        assert self.draw is not None
        for audience in [audience for audience, following in room.followings.items() if not following.watchers]:
            del room.followings[audience]
        wanted = {audience: self._moment(room, audience) for audience in room.followings}
        wanted = {audience: at for audience, at in wanted.items() if not room.followings[audience].is_at(at)}
        followings = {audience: room.followings[audience] for audience in wanted}
        if not wanted:
            return
        pictures = await self.draw(session, {audience: one.newest for audience, one in followings.items()})
        for audience, following in followings.items():
            # Whoever joined while this was drawn is told too; where something moved meanwhile, a newer one follows.
            if audience in pictures:
                await following.take(pictures[audience], wanted[audience])
            else:
                self._end(following.watchers)
