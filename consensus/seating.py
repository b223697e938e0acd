"""Lists of people who are being seated now: at most one a session, a task of this process, so that a person sees how
far it is.

Nothing of it is stored. A list is one act, whole or absent; how it ended is kept until somebody has seen it, and where
it failed the list with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from consensus.store import Lost
from consensus.traces import trace

log = logging.getLogger(__name__)
AT_ONCE = 1.0  # seconds in which most lists are through: their person waits for them


@dataclass(slots=True)
class Seating:
    """total, done: people. typed: the form that brought them. failed: the sentence that says why nobody was seated."""

    total: int
    typed: Mapping[str, Sequence[str]]
    done: int = 0
    is_over: bool = False
    failed: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, done: int) -> None:
        self.done = done


Run = Callable[[Seating], Awaitable[object]]


class Seatings:
    """Those of one process, by session."""

    def __init__(self) -> None:
        self._found: dict[int, Seating] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def of(self, session: int) -> Seating | None:
        """The one that is under way."""
        return self._found[session] if session in self._tasks else None

    def seen(self, session: int) -> Seating | None:
        """The one that is over; it is forgotten with this look."""
        return None if session in self._tasks else self._found.pop(session, None)

    async def start(self, session: int, seating: Seating, run: Run) -> None:
        """Back once it is over, or after a second."""
        assert session not in self._tasks
        self._found[session] = seating
        self._tasks[session] = task = asyncio.create_task(self._run(session, seating, run), name=f"seating {session}")
        await asyncio.wait({task}, timeout=AT_ONCE)

    async def close(self) -> None:
        """What was begun is finished."""
        await asyncio.gather(*self._tasks.values())

    async def _run(self, session: int, seating: Seating, run: Run) -> None:
        try:
            await run(seating)
        except Lost:
            seating.failed = "roster.lost"
        except Exception as failure:  # a defect: the team is told that nobody was seated, the log where
            log.error("a list of people could not be seated\n%s", trace(failure))
            seating.failed = "roster.lost"
        finally:
            seating.is_over = True
            del self._tasks[session]
