"""On what a server spends its processor: the time that each thread has used since the last look goes to the part whose
code it is in.

Looked at on the processor's own clock, so that nothing is seen where nothing is done. The event loop runs outside of
Python: it is seen as itself, or as what it calls next. Looking costs a little, so never measure time with it.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from functools import cache
from pathlib import Path
from types import FrameType

import consensus

EVERY = 0.002  # seconds of processor between two looks
# The innermost frame of any of these tells the part; the longest name that fits. Names as they stand in paths.
PARTS = {
    "sending": ("consensus/live.py", "consensus/pushing.py", "consensus/web/sockets.py", "websockets/")
    + ("uvicorn/protocols/websockets/",),
    "drawing": ("consensus/page.py", "consensus/sections.py", "consensus/web/render.py", "consensus/web/view.py")
    + ("consensus/web/state.py", "consensus/web/showing.py", "consensus/text.py", "templates/", "jinja2/")
    + ("rounds/rating/reading.py",),
    "count": ("consensus/count.py", "consensus/counts.py", "consensus/given.py", "rounds/"),
    "writer": ("consensus/store.py", "consensus/sql.py", "consensus/journal.py", "consensus/conduct/")
    + ("tortoise/", "aiosqlite/"),
    "loop": ("asyncio/runners.py",),
    "web": ("consensus/", "starlette/", "uvicorn/", "python_multipart/"),
}
OTHER = "other"
ROOT, PYTHON = f"{Path(consensus.__file__).parent.parent}/", f"{Path(signal.__file__).parent}/"


class Parts:
    """Seconds of processor by part, since it was last told."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()
        self._used: dict[int, float] = {}

    def watch(self) -> None:
        """To be called by the main thread, which looks."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def told(self) -> dict[str, float]:
        told = {name: self._seconds[name] for name in (*PARTS, OTHER)}
        self._seconds.clear()
        return told

    def _look(self, _: int, here: FrameType | None) -> None:
        frames = {**sys._current_frames(), threading.get_ident(): here}
        for thread in threading.enumerate():
            number = thread.ident
            if number is None or number not in frames:
                continue
            try:
                used = time.clock_gettime(time.pthread_getcpuclockid(number))
            except OSError:  # it has just ended
                continue
            self._seconds[part_of(frames[number])] += used - self._used.get(number, 0.0)
            self._used[number] = used


def part_of(frame: FrameType | None) -> str:
    while frame is not None:
        if found := _part(frame.f_code.co_filename):
            return found
        frame = frame.f_back
    return OTHER


@cache
def _part(file: str) -> str:
    """The part of one file; "" where its caller's tells."""
    inside = file.rpartition("/site-packages/")[2].removeprefix(ROOT).removeprefix(PYTHON)
    fits = [(len(begin), part) for part, begins in PARTS.items() for begin in begins if inside.startswith(begin)]
    return max(fits)[1] if fits else ""
