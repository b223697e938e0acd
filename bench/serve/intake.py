"""intake: what one vote costs the server, beside a no-op POST on it; and what simpler ways to keep one cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from bench.serve.figures import Sample, line, measured, turns
from bench.serve.people import Act, Person, Votes, closed_loop, noop, posted, vote
from bench.serve.processes import Process
from bench.serve.stage import Hall, Site, Stage

AT_ONCE = 50


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    hall, number, seconds = Hall(sizes.people, sizes.statements), min(AT_ONCE, sizes.people), sizes.seconds
    async with stage.other("bench.serve.plain", stage.folder / "plain.db") as plain, stage.serving(hall) as site:
        found = await turns(
            sizes.turns,
            vote=partial(crowd, site, vote, number, seconds),
            noop=partial(crowd, site, noop, number, seconds),
            alone=partial(crowd, site, vote, 1, seconds),
            noop_alone=partial(crowd, site, noop, 1, seconds),
            insert=partial(_plain, plain, "/insert", site.people[:number], seconds),
            upsert=partial(_plain, plain, "/upsert", site.people[:number], seconds),
        )
    of = {"people": sizes.people, "statements": sizes.statements}
    yield line("vote, many in one commit", found["vote"], "no-op", found["noop"], voters=number, **of)
    yield line("vote, one commit each", found["alone"], "no-op", found["noop_alone"], voters=1, **of)
    yield line("plain row, one commit each", found["insert"], "no-op", found["noop"], voters=number)
    yield line("plain upsert by the ORM", found["upsert"], "no-op", found["noop"], voters=number)


async def crowd(site: Site, act: Act, number: int, seconds: float) -> Sample:
    """So many people in a closed loop."""
    async with site.turn() as (sample, votes):
        await closed_loop(site.people[:number], act, seconds, votes)
    if act is vote:
        site.keep(votes)
    return sample


async def _plain(process: Process, path: str, people: list[Person], seconds: float) -> Sample:
    votes = Votes()
    others = [person.elsewhere(int(process.told["port"])) for person in people]
    with measured(process) as sample:
        await closed_loop(others, partial(posted, path), seconds, votes)
    for other in others:
        other.line.close()
    sample.number, sample.waits = len(votes), votes.waits
    return sample
