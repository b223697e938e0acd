"""fanout: what a frame costs that many watch, beside a bare websockets.broadcast of as many bytes to as many.

Votes move the figures of a room. The cost of a frame is what the watched server takes more than one that nobody
watches and where the same people vote: drawing, packing, sending. cpu_all_ms has the votes in it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.serve.figures import Sample, line, measured, turns
from bench.serve.people import Votes, paced, some, vote
from bench.serve.processes import Process
from bench.serve.sizes import Sizes
from bench.serve.stage import Hall, Site, Stage
from bench.serve.watching import Frames, began, close, watch

VOTERS, EVERY = 20, 0.5  # seconds
STATEMENTS, STORED = 8, 2_000  # every card shows figures from the start
PAUSE = 0.2  # between two frames of the peer: the product's at most


@dataclass(slots=True)
class Room:
    """A server that many watch, one that nobody does, and the peer."""

    site: Site
    quiet: Site
    peer: Process
    frames: Frames
    theirs: Frames
    watchers: int
    seconds: float


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    statements = min(STATEMENTS, sizes.statements)
    hall = Hall(sizes.people, statements, _stored(sizes, statements), "room")
    for number in sizes.watchers:
        async with stage.serving(hall) as site, stage.serving(hall) as quiet:
            frames, theirs = Frames(), Frames()
            pages = await watch(some(site.people, number), frames)
            await began(pages, sizes.patience)
            size = await _size(site, frames, sizes.seconds)
            async with stage.other("bench.serve.broadcast", size, PAUSE) as peer:
                others = await watch(some(site.people, number), theirs, port=int(peer.told["port"]))
                await began(others, sizes.patience)
                room = Room(site, quiet, peer, frames, theirs, number, sizes.seconds)
                ways = {"ours": partial(_frame, room), "bare": partial(_bare, room), "stalled": partial(_stalled, room)}
                found = await turns(sizes.turns, **ways)
            close([*pages, *others])
        of = {"watchers": number, "bytes": size}
        yield line("frame", found["ours"], "broadcast", found["bare"], **of)
        stalled = _stalled_of(number)
        yield line("frame, 1 % stalled", found["stalled"], "none stalled", found["ours"], stalled=stalled, **of)
    yield await _changed(stage)


async def _changed(stage: Stage) -> dict[str, Any]:
    """What a page reads when the figures of one card move; as many answer it as always move them."""
    sizes = stage.sizes
    samples: list[Sample] = []
    async with stage.serving(Hall(sizes.people, sizes.statements, _stored(sizes, sizes.statements), "room")) as site:
        frames, votes = Frames(), Votes()
        pages = await watch(site.people[:1], frames)
        await began(pages, sizes.patience)
        for turn in range(sizes.turns):
            await asyncio.sleep(1)
            frames.reset()
            with measured(site.process) as sample:
                for person in site.people[: 2 * int(site.laid["k"])]:
                    await person.vote(votes, card=site.laid["cards"][turn % sizes.statements])
                await asyncio.sleep(1)
            sample.number, sample.more = 1, {"bytes": frames.bytes, "frames": frames.number}
            samples.append(sample)
        site.keep(votes)
        close(pages)
    return line("one card changed", samples, watchers=1, statements=sizes.statements)


def _stored(sizes: Sizes, statements: int) -> int:
    return min(STORED, sizes.people * statements)


async def _size(site: Site, frames: Frames, seconds: float) -> int:
    """Of a frame whose figures move, in bytes."""
    await _vote(site, seconds)  # until ten have answered each card anew
    frames.reset()
    await _vote(site, seconds)
    return max(1, frames.size // max(1, frames.number))


async def _vote(site: Site, seconds: float) -> Sample:
    async with site.turn() as (sample, votes):
        await paced(site.people[:VOTERS], vote, EVERY, seconds, votes)
    site.keep(votes)
    return sample


async def _frame(room: Room) -> Sample:
    quiet = await _vote(room.quiet, room.seconds)
    room.frames.reset()
    sample = await _vote(room.site, room.seconds)
    votes = sample.number
    number = room.frames.number
    sample.more |= {"cpu_all_ms": sample.cpu * 1000 / max(1, number), "votes": votes, "frame_bytes": room.frames.bytes}
    sample.cpu = max(0.0, sample.cpu - quiet.cpu * votes / max(1, quiet.number))
    sample.number, sample.waits = number, room.frames.spreads()
    return sample


def _stalled_of(watchers: int) -> int:
    return math.ceil(watchers / 100)


async def _stalled(room: Room) -> Sample:
    """The same, while one in a hundred more reads its first frame and nothing after."""
    pages = await watch(some(room.site.people, _stalled_of(room.watchers)), None, is_stalled=True)
    try:
        await began(pages, 60)
        return await _frame(room)
    finally:
        close(pages)


async def _bare(room: Room) -> Sample:
    room.theirs.reset()
    with measured(room.peer) as sample:
        await asyncio.sleep(room.seconds)
    sample.number, sample.waits = room.theirs.number, room.theirs.spreads()
    return sample
