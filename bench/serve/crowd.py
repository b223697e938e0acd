"""crowd: from one voter to a thousand; as fast as they are answered, at one vote a second each, and on a cold process.

Beside no-ops of as many people in the same way: where votes fall behind as people come, something is shared that
should not be.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from bench.serve.figures import Sample, line, turns
from bench.serve.intake import crowd
from bench.serve.people import Act, noop, paced, vote
from bench.serve.stage import Hall, Site, Stage

ACTS = (vote, noop)
COLD, STORED = 50, 1_000  # people who press at once on a process that has counted nothing; ballots to be counted first


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    hall = Hall(sizes.people, sizes.statements)
    of = {"people": hall.people, "statements": hall.statements}
    for number in (number for number in sizes.voters if number <= hall.people):
        async with stage.serving(hall) as site:
            for name, way, seconds in (("closed loop", crowd, sizes.seconds), ("one a second", paced_crowd, 1.0)):
                ways = {act.__name__: partial(way, site, act, number, max(seconds, sizes.seconds)) for act in ACTS}
                found = await turns(sizes.turns, **ways)
                yield line(f"vote, {name}", found["vote"], "no-op", found["noop"], voters=number, **of)
    yield await _cold(stage, Hall(sizes.people, sizes.statements, min(STORED, sizes.people * sizes.statements)))


async def paced_crowd(site: Site, act: Act, number: int, seconds: float, every: float = 1.0) -> Sample:
    """So many people, each once in so many seconds."""
    async with site.turn() as (sample, votes):
        await paced(site.people[:number], act, every, seconds, votes)
    sample.more["unasked"] = votes.unasked
    if act is vote:
        site.keep(votes)
    return sample


async def _cold(stage: Stage, hall: Hall) -> dict[str, Any]:
    """The first seconds of a process, and the same people's no-ops after them."""
    number = min(COLD, hall.people)
    votes, noops = [], []
    for _ in range(stage.sizes.turns):
        async with stage.serving(hall, is_warm=False) as site:
            await site.is_up()
            votes.append(await crowd(site, vote, number, stage.sizes.seconds))
            noops.append(await crowd(site, noop, number, stage.sizes.seconds))
    of = {"voters": number, "people": hall.people, "statements": hall.statements, "stored": hall.stored}
    return line("vote, cold process", votes, "no-op", noops, **of)
