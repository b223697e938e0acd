"""memory: what a server holds for each stored ballot that it has counted, beside the bytes of the ballot in the file;
and for each page that watches, beside a bare socket of the library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from bench.serve.figures import Sample, line
from bench.serve.people import Person, some
from bench.serve.processes import Process
from bench.serve.stage import Hall, Stage
from bench.serve.watching import Frames, began, close, watch

SETTLE = 0.5  # seconds until what was needed for a moment is free again
FRAME = 3_000  # bytes, of the bare server


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    for stored in sizes.folded:
        hall = Hall(sizes.people, sizes.statements, stored)
        full, empty = await _held(stage, hall), await _held(stage, replace(hall, stored=0))
        each = {name: (full[name] - empty[name]) / stored / 1000 for name in full}
        told = line("stored ballot", [Sample(stored)], people=hall.people, statements=hall.statements, stored=stored)
        yield told | {"kb": round(each["memory"], 3), "beside": "in the file", "beside_kb": round(each["file"], 3)}
    ours, bare = await _sockets(stage), await _bare_sockets(stage)
    told = line("socket", [Sample(sizes.sockets)], watchers=sizes.sockets)
    yield told | {"kb": round(ours / 1000, 1), "beside": "bare sockets", "beside_kb": round(bare / 1000, 1)}


async def _held(stage: Stage, hall: Hall) -> dict[str, float]:
    async with stage.serving(hall) as site:
        await asyncio.sleep(SETTLE)
        return {"memory": site.process.memory, "file": site.file.stat().st_size}


async def _sockets(stage: Stage) -> float:
    async with stage.serving(Hall(stage.sizes.people, stage.sizes.statements, mode="room")) as site:
        warm = await watch(site.people[:1], Frames())
        await began(warm, stage.sizes.patience)
        people = some(site.people, stage.sizes.sockets)
        found = await _more(site.process, people, site.port, stage.sizes.patience)
        close(warm)
    return found


async def _bare_sockets(stage: Stage) -> float:
    people = [Person(number, 0, 0, ["P001"], "bare=1") for number in range(stage.sizes.sockets)]
    async with stage.other("bench.serve.broadcast", FRAME, 0) as peer:
        return await _more(peer, people, int(peer.told["port"]), stage.sizes.patience)


async def _more(process: Process, people: list[Person], port: int, patience: float) -> float:
    """Bytes for each of these pages."""
    before = process.memory
    pages = await watch(people, Frames(), port=port)
    await began(pages, patience)
    await asyncio.sleep(SETTLE)
    held = process.memory - before
    close(pages)
    return held / len(people)
