"""How fast codes and passwords may be tried: whoever tried wrong ones waits longer before the next is looked at.

Nobody is refused for what others guess, and what is right lets in at once or after the same short wait. Seat codes,
room codes, passwords, and looking at the page of a room's code each have a pace of their own. Nothing is looked up or
recorded here but numbers.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

FREE, WINDOW = 20, 900  # wrong ones without a wait: a whole room may share an address; forgotten after these seconds
LOOKS = 200  # the same for the page of a code, which other sites can make a browser look at
STEP, LONGEST = 0.1, 2.0  # seconds before the first one that waits; doubled for each, up to the longest
TOGETHER = 10  # how many of one source wait at the same time; the others stand in line, so that a crowd gains nothing
SOURCES = 10_000  # remembered; of more, those that tried longest ago are forgotten


class Pace:
    def __init__(self, free: int = FREE) -> None:
        self._free = free
        self._tried: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lines: dict[str, tuple[asyncio.Semaphore, int]] = {}

    async def before(self, *sources: str) -> None:
        """Wait until this try may be looked at. It counts as wrong until it is right: many at once gain nothing."""
        delays = {source: delay_of(self._count(source), self._free) for source in sources}
        slowest = max(delays, key=delays.__getitem__)
        if delays[slowest]:
            await self._stand_in_line(slowest, delays[slowest])

    def right(self, *sources: str) -> None:
        for source in sources:
            n, at = self._tried.get(source, (0, 0.0))
            if n > 1:
                self._tried[source] = (n - 1, at)
            else:
                self._tried.pop(source, None)

    def _count(self, source: str) -> int:
        now = time.monotonic()
        n, at = self._tried.pop(source, (0, now))
        n = n + 1 if at > now - WINDOW else 1
        self._tried[source] = (n, now)
        while len(self._tried) > SOURCES:
            self._tried.popitem(last=False)
        return n

    async def _stand_in_line(self, source: str, delay: float) -> None:
        line, n = self._lines.get(source, (asyncio.Semaphore(TOGETHER), 0))
        self._lines[source] = (line, n + 1)
        try:
            async with line:
                await asyncio.sleep(delay)
        finally:
            left = self._lines[source][1] - 1
            if left:
                self._lines[source] = (line, left)
            else:
                del self._lines[source]


def delay_of(n: int, free: int = FREE) -> float:
    """Seconds before the n-th wrong one in a row."""
    return min(LONGEST, STEP * 2.0 ** min(n - free - 1, 30)) if n > free else 0.0


def source_of(host: str) -> str:
    """Whose tries are counted together: an address; of IPv6 the 64 bits that one house is given."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else host


class Paces:
    def __init__(self) -> None:
        self.seats, self.rooms, self.passwords, self.looks = Pace(), Pace(), Pace(), Pace(LOOKS)
