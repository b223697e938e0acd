"""What was read is read once, by whoever comes first, and is true until something is committed."""

from __future__ import annotations

import asyncio

from consensus.memory import Memory


class Sea:
    """Something to read, and its version."""

    def __init__(self) -> None:
        self.version: int | None = 1
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> tuple[int | None, int]:
        self.reads += 1
        found = self.version, self.reads
        await self.gate.wait()
        return found


async def test_many_who_ask_together_read_once() -> None:
    sea = Sea()
    memory = Memory(lambda: sea.version)
    found = await asyncio.gather(*(memory.of("a", sea.read) for _ in range(20)))
    assert sea.reads == 1 and len(set(found)) == 1
    assert await memory.of("a", sea.read) is found[0]
    await memory.of("b", sea.read)
    assert sea.reads == 2


async def test_an_act_makes_everybody_read_again() -> None:
    sea = Sea()
    memory = Memory(lambda: sea.version)
    await memory.of("a", sea.read)
    sea.version = 2
    assert await memory.of("a", sea.read) == (2, 2)


async def test_what_was_read_while_an_act_was_committed_is_not_kept() -> None:
    """Who began to read before it gets what they asked for; who asks after it gets what is true after it."""
    sea = Sea()
    memory = Memory(lambda: sea.version)
    sea.gate.clear()
    first = asyncio.create_task(memory.of("a", sea.read))
    joined = asyncio.create_task(memory.of("a", sea.read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    sea.version = 2
    later = asyncio.create_task(memory.of("a", sea.read))
    await asyncio.sleep(0)
    sea.gate.set()
    assert (await first)[0] == 1
    assert (await joined)[0] == (await later)[0] == 2
    assert (await memory.of("a", sea.read))[0] == 2


async def test_what_is_forgotten_while_it_is_read_is_read_again() -> None:
    sea = Sea()
    memory = Memory(lambda: sea.version)
    sea.gate.clear()
    first = asyncio.create_task(memory.of("a", sea.read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    memory.forget("a", "b")
    sea.gate.set()
    await first
    await memory.of("a", sea.read)
    assert sea.reads == 2


async def test_whoever_hangs_up_takes_the_reading_from_nobody() -> None:
    sea = Sea()
    memory = Memory(lambda: sea.version)
    sea.gate.clear()
    first, second = (asyncio.create_task(memory.of("a", sea.read)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    sea.gate.set()
    assert await second == (1, 1)


async def test_where_others_write_too_nothing_is_kept() -> None:
    sea = Sea()
    sea.version = None
    memory = Memory(lambda: sea.version)
    await memory.of("a", sea.read)
    await memory.of("a", sea.read)
    assert sea.reads == 2
