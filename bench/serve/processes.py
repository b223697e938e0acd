"""A process of ours beside the bench: started as a module, heard by its first line, measured from outside.

Its processor time and memory are read from the system, so that nothing inside is slowed by the asking. Linux only.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 600  # seconds until the first line
PAGE = resource.getpagesize()


def open_files() -> None:
    """As many sockets as the system lets us have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


class Process:
    """told: what it said first, as JSON. It ends when its standard input does, so never outlives the bench."""

    def __init__(self, running: asyncio.subprocess.Process, told: dict[str, Any]) -> None:
        self._running = running
        self.told = told

    @classmethod
    async def start(cls, module: str, *words: object, log: Path) -> Process:
        with log.open("ab") as errors:
            running = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", module, *map(str, words)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=2**24,
            )
        assert running.stdout is not None
        line = await asyncio.wait_for(running.stdout.readline(), PATIENCE)
        if not line:
            raise RuntimeError(f"{module} ended with {await running.wait()}:\n{_end_of(log)}")
        return cls(running, json.loads(line))

    @property
    def cpu(self) -> float:
        """Seconds of processor that all of its threads have used."""
        return time.clock_gettime((~self._running.pid << 3) | 2)  # the clock of another process, as Linux numbers it

    @property
    def memory(self) -> int:
        """Bytes that it holds now."""
        return int(self._read("statm").split()[1]) * PAGE

    @property
    def peak(self) -> int:
        """Bytes that it held at most."""
        found = next(line for line in self._read("status").splitlines() if line.startswith("VmHWM"))
        return int(found.split()[1]) * 1024

    def _read(self, name: str) -> str:
        return Path(f"/proc/{self._running.pid}/{name}").read_text()

    async def end(self) -> None:
        assert self._running.stdin is not None
        self._running.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._running.wait(), 15)
            return
        self._running.kill()
        await self._running.wait()
