"""Much work in turns: what others wait for is done between two steps of it, and what it makes may last.

Python looks for garbage in rings by walking through all there is, and stops everything meanwhile: a second and more
while hundreds of thousands of answers are counted in. What a step makes is left out of that from there on; it goes when
nobody holds it any more, so nothing that is made here may hold itself in a ring.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

MANY = 2_000  # ballots: with fewer, to look for garbage takes no time
PIECE = 500  # things that go at once


async def in_turns(work: Iterator[None], number: int = 0) -> None:
    """Step by step, each as far as the next yield. number: of the ballots that it makes something of; what it makes of
    many lasts."""
    is_done = False
    while not is_done:
        with lasting() if number > MANY else nullcontext():
            is_done = next(work, work) is work
        await asyncio.sleep(0)


def emptied(*things: dict[Any, Any] | list[Any]) -> Iterator[None]:
    """Nobody needs these any more: they go piece by piece, since all at once would be one step, however long."""
    for thing in things:
        take = thing.popitem if isinstance(thing, dict) else thing.pop
        while thing:
            for _ in range(min(PIECE, len(thing))):
                take()
            yield


@contextmanager
def lasting() -> Iterator[None]:
    """No search for garbage inside, and none later of what was made inside."""
    was_on = gc.isenabled()
    gc.collect(1)  # what others left behind, while it is little
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
