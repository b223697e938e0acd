"""close: a large round is closed while people vote: how long the close takes, how long a vote waits meanwhile, how
long the event loop was held, which is the longest wait of a no-op asked a hundred times a second, and how long the
writer: the longest wait of somebody of another session who asks it as often to write nothing.

Beside as many seconds of the same people before the close. A vote that comes after it is refused, and not counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from bench.serve.figures import HELD, LONGEST, Sample, line
from bench.serve.people import Person, Votes
from bench.serve.stage import Hall, Site, Stage

VOTERS = 100  # at one vote a second
BEAT = 0.01  # seconds between two no-ops


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    hall = Hall(sizes.people, sizes.statements, sizes.closing)
    closes, before = [], []
    for _ in range(sizes.turns):
        async with stage.serving(hall, is_fresh=True) as site:
            before.append(await _meanwhile(site, lambda: asyncio.sleep(sizes.seconds)))
            closes.append(await asyncio.wait_for(_meanwhile(site, site.close_round), LONGEST))
    of = {"stored": hall.stored, "people": hall.people, "statements": hall.statements, "voters": VOTERS}
    of |= {"held_limit_ms": HELD}
    yield line("close", closes, "before it", before, **of)


async def _meanwhile(site: Site, work: Callable[[], Awaitable[None]]) -> Sample:
    """What people and the loop wait while this is done."""
    votes, beats, turns, done = Votes(), Votes(), Votes(), asyncio.Event()
    voters = site.people[:VOTERS]
    asking = [asyncio.create_task(_vote(person, votes, n / len(voters), done)) for n, person in enumerate(voters)]
    for path, waits in (("/noop", beats), ("/turn", turns)):
        asking.append(asyncio.create_task(_beat(site.desk.elsewhere(site.port), path, waits, done)))
    async with site.turn() as (sample, _):
        await work()
    done.set()
    await asyncio.gather(*asking)
    site.keep(votes)
    sample.number, sample.waits = 1, [*votes.waits, *votes.late]
    sample.more |= {
        "held_ms": max(beats.waits) * 1000,
        "writer_ms": max(turns.waits) * 1000,
        "votes": len(votes),
        "late": len(votes.late),
    }
    return sample


async def _vote(person: Person, votes: Votes, after: float, done: asyncio.Event) -> None:
    due = time.perf_counter() + after
    while not done.is_set():
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await person.vote(votes, due, may_be_late=True)
        due += 1.0


async def _beat(person: Person, path: str, beats: Votes, done: asyncio.Event) -> None:
    due = time.perf_counter()
    while not done.is_set():
        await person.send(path, beats, due)
        due = max(due + BEAT, time.perf_counter() - BEAT)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    person.line.close()
