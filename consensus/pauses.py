"""Rounds whose answers wait for a moment: while what a close leaves is worked out beside the writer, nothing is added.

Other sessions go on. Of this process alone: what another one adds meanwhile is found by the close, which begins again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Pauses:
    def __init__(self) -> None:
        self._ends: dict[int, asyncio.Event] = {}  # by round

    @asynccontextmanager
    async def of(self, round_id: int) -> AsyncIterator[None]:
        """One at a time."""
        await self.over(round_id)
        end = self._ends[round_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._ends[round_id]
            end.set()

    async def over(self, round_id: int) -> None:
        """Wait until nothing of this round waits."""
        while end := self._ends.get(round_id):
            await end.wait()
