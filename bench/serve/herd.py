"""herd: pages that all come back within seconds to a process that has counted nothing: how long each waits for its
first frame, beside a bare server of sockets that sends as many bytes to whoever joins.

memory_ratio: the most that the process held, over what it held at most for one reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from bench.serve.figures import Sample, line, measured, turns
from bench.serve.people import Person, some
from bench.serve.processes import Process
from bench.serve.stage import Hall, Stage
from bench.serve.watching import Frames, began, close
from bench.serve.wire import Socket

STORED = 1_000


@dataclass(slots=True)
class Herd:
    """bytes: of the first frame. alone: memory at most for one reader."""

    stage: Stage
    hall: Hall
    pages: int
    within: float
    bytes: float = 0.0
    alone: float = 0.0


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    stored = min(STORED, sizes.people * sizes.statements)
    hall = Hall(sizes.people, sizes.statements, stored, "room")
    for pages, within in sizes.herds:
        herd = Herd(stage, hall, pages, within)
        herd.alone = (await _ours(herd, 1)).more["peak_mb"]
        found = await turns(sizes.turns, ours=partial(_ours, herd, pages), bare=partial(_bare, herd))
        of = {"pages": pages, "within_s": within, "stored": stored, "statements": hall.statements}
        yield line("page that comes back", found["ours"], "bare sockets", found["bare"], **of)


async def _ours(herd: Herd, pages: int) -> Sample:
    async with herd.stage.serving(herd.hall, is_warm=False) as site:
        await site.is_up()
        sample, frames = await _come(herd, site.process, some(site.people, pages), site.port)
        herd.bytes = frames.bytes
        sample.more |= {"peak_mb": site.process.peak / 1e6, "bytes": frames.bytes}
        if herd.alone:
            sample.more["memory_ratio"] = site.process.peak / 1e6 / herd.alone
    return sample


async def _bare(herd: Herd) -> Sample:
    people = [Person(number, 0, 0, ["P001"], "bare=1") for number in range(herd.pages)]
    async with herd.stage.other("bench.serve.broadcast", int(herd.bytes), 0) as peer:
        return (await _come(herd, peer, people, int(peer.told["port"])))[0]


async def _come(herd: Herd, process: Process, people: list[Person], port: int) -> tuple[Sample, Frames]:
    """Each at a moment of their own; done when the last has its first frame."""
    chance, frames = Random(len(people)), Frames()
    pages = [Socket(frames.heard) for _ in people]

    async def one(person: Person, page: Socket, after: float) -> None:
        await asyncio.sleep(after)
        await person.watch(page, port=port)
        await page.began()

    with measured(process) as sample:
        try:
            async with asyncio.timeout(herd.stage.sizes.patience):
                moments = [chance.uniform(0, herd.within) for _ in people]
                await asyncio.gather(*map(one, people, pages, moments))
        except TimeoutError:
            await began(pages, 0)  # tells how many wait
    sample.number, sample.waits = len(pages), [page.first - page.opened for page in pages]
    sample.more["last_ms"] = max(sample.waits) * 1000
    close(pages)
    return sample, frames
