"""start: from the start of the process to its first answer, and to its first card page; beside the smallest server of
the same libraries."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from bench.serve.figures import Sample, line, turns
from bench.serve.people import Person
from bench.serve.stage import Hall, Stage

STORED = 1_000


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    hall = Hall(sizes.people, sizes.statements, min(STORED, sizes.people * sizes.statements))
    await stage.database(stage.hall(hall))  # laid before the clock starts
    cards: list[Sample] = []
    found = await turns(sizes.turns, first=partial(_ours, stage, hall, cards), plain=partial(_plain, stage))
    of = {"people": hall.people, "statements": hall.statements, "stored": hall.stored}
    yield line("first answer", found["first"], "plain server", found["plain"], **of)
    yield line("first card page", cards, "plain server", found["plain"], **of)


async def _ours(stage: Stage, hall: Hall, cards: list[Sample]) -> Sample:
    begun = time.perf_counter()
    async with stage.serving(hall, is_fresh=True, is_warm=False) as site:
        await site.is_up()
        first = Sample(1, time.perf_counter() - begun, site.process.cpu)
        await site.people[0].get(f"/sessions/{site.laid['session']}/take")
        cards.append(Sample(1, time.perf_counter() - begun, site.process.cpu))
        return first


async def _plain(stage: Stage) -> Sample:
    begun = time.perf_counter()
    async with stage.other("bench.serve.plain", stage.folder / f"plain-{begun}.db") as process:
        person = Person(0, int(process.told["port"]), 0, ["P001"], "plain=1")
        await person.get("/")
        person.line.close()
        return Sample(1, time.perf_counter() - begun, process.cpu)
