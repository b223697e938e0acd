"""What was read of a session that changes a few times an hour, kept until an act is committed.

A reader asks here instead of the database, and only one reads what is not here yet, while the others wait. Anything
that may have changed, in whatever way, empties it whole (store.version); ballots do not, since nothing that is kept
here depends on one. Where other processes write to the same database nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")
MOST = 50_000  # things kept; a session of 5,000 people needs two for each


def twin(row: T) -> T:
    """The same row once more, for whoever may change what it says; what is remembered stays."""
    if row is None:
        return row
    made = object.__new__(type(row))
    made.__dict__.update(row.__dict__)
    return made


class Memory:
    """The memory of one process. version: of its store at this moment; None where nothing may be kept."""

    def __init__(self, version: Callable[[], int | None]) -> None:
        self._now = version
        self._version: int | None = None
        self._kept: dict[Hashable, Any] = {}
        self._reading: dict[Hashable, asyncio.Task[Any]] = {}

    async def of(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What read gives, or gave since the last act. The same object for everybody: nobody changes it."""
        while True:
            version = self._now()
            if version is None:
                return await read()
            if version != self._version:
                self._renew(version)
            if key in self._kept:
                return cast(T, self._kept[key])
            task = self._reading.get(key)
            is_first = task is None
            if task is None:
                task = self._reading[key] = asyncio.create_task(self._read(key, read), name="read")
                task.add_done_callback(lambda done: done.cancelled() or done.exception())
            found, is_true = await asyncio.shield(task)
            if is_true or is_first:  # who joined may have asked because of an act that this reading has not seen
                return cast(T, found)

    async def _read(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """What was read, and whether nothing that may change it came between."""
        before, is_wanted = self._now(), False
        try:
            found = await read()
        finally:
            if is_wanted := self._reading.get(key) is asyncio.current_task():
                del self._reading[key]
        if not is_wanted or before is None or self._now() != before:
            return found, False
        if before != self._version:
            self._renew(before)
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = found
        return found, True

    def forget(self, *keys: Hashable) -> None:
        """These alone may have changed."""
        for key in keys:
            self._kept.pop(key, None)
            self._reading.pop(key, None)

    def _renew(self, version: int) -> None:
        self._version = version
        self._kept.clear()
        self._reading.clear()
