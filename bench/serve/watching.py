"""Pages that watch: opened, counted, closed; and what their frames showed, and when."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.serve.people import NotAnswered, Person
from bench.serve.wire import Socket

OPENING = 50  # handshakes under way at once; a herd opens as it likes


@dataclass(slots=True)
class Frames:
    """What all pages of a room read. reads: by frame, the moment at which each page had it. texts: each frame once.

    seen: for each page, which frames it read and when.
    """

    number: int = 0
    size: int = 0
    reads: dict[int, list[float]] = field(default_factory=dict)
    texts: dict[int, bytes] = field(default_factory=dict)
    seen: dict[Socket, list[tuple[float, int]]] = field(default_factory=dict)

    def heard(self, socket: Socket, text: bytes, at: float) -> None:
        self.number, self.size = self.number + 1, self.size + len(text)
        mark = zlib.crc32(text)
        self.reads.setdefault(mark, []).append(at)
        self.texts.setdefault(mark, text)
        self.seen.setdefault(socket, []).append((at, mark))

    def reset(self) -> None:
        """Another turn; frames stay known."""
        self.number = self.size = 0
        self.reads.clear()
        self.seen.clear()

    @property
    def bytes(self) -> float:
        return self.size / max(1, self.number)

    def spreads(self) -> list[float]:
        """How long after the first page each page read a frame."""
        return [at - min(read) for read in self.reads.values() for at in read]


async def watch(
    people: Sequence[Person], frames: Frames | None, *, port: int = 0, is_stalled: bool = False
) -> list[Socket]:
    """Open a page for each. port: of another server."""
    gate = asyncio.Semaphore(OPENING)

    async def one(person: Person) -> Socket:
        async with gate:
            socket = Socket(frames.heard if frames else None, is_stalled)
            return await person.watch(socket, port=port)

    return list(await asyncio.gather(*map(one, people)))


async def began(pages: Sequence[Socket], patience: float) -> None:
    """Until each has its first frame."""
    try:
        async with asyncio.timeout(patience):
            await asyncio.gather(*(page.began() for page in pages))
    except TimeoutError:
        missing = sum(not page.frames for page in pages)
        raise NotAnswered(f"{missing} of {len(pages)} pages had no frame after {patience:.0f} s") from None


def close(pages: Sequence[Socket]) -> None:
    for page in pages:
        page.close()
