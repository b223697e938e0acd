"""What simulated people are doing now: at most one play a session, a task of this process that can be stopped.

Nothing of it is stored: a play that ends, in whatever way, leaves the session as its acts left it. How they play is
said in simulation/player.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from consensus.facts import RoundFacts
from consensus.traces import trace

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RunningTask:
    """what: "answer", "step" or "all". step, n, total: where they are. failed: the sentence that says why not."""

    what: str
    step: RoundFacts | None = None
    n: int = 0
    total: int = 0
    failed: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


Run = Callable[[RunningTask], Awaitable[None]]


class RunningTasks:
    """What one process plays in the background, by session."""

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._plays: dict[int, RunningTask] = {}

    def of(self, session: int) -> RunningTask | None:
        """The play under way, or the last one if it failed."""
        return self._plays.get(session)

    def is_running(self, session: int) -> bool:
        return session in self._tasks

    async def start(self, session: int, play: RunningTask, run: Run) -> None:
        """Instead of whatever was played there."""
        while session in self._tasks:  # of two who begin at once, the later one plays
            await self.stop(session)
        self._plays[session] = play
        self._tasks[session] = asyncio.create_task(self._run(session, play, run), name=f"play {session}")

    async def stop(self, session: int) -> None:
        """An act under way is finished, or never begun."""
        task = self._tasks.pop(session, None)
        self._plays.pop(session, None)
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        for session in list(self._tasks):
            await self.stop(session)

    async def _run(self, session: int, play: RunningTask, run: Run) -> None:
        try:
            await run(play)
        except Exception as failure:  # a defect: the team is told that it stopped, the log where
            log.error("simulated people could not go on\n%s", trace(failure))
            play.failed = "rehearsal.failed"
        if self._plays.get(session) is play:  # nobody asked for another one meanwhile
            del self._tasks[session]
            if not play.failed:
                del self._plays[session]
