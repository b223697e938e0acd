"""The planned end of a round, as it stands at a moment: what is left, whether it is paused or over.

Pure: the moment comes from the caller. A timer ends nothing, and no act asks it whether it may be done.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus import models

MARKS = (300, 60, 0)  # seconds left at which everybody is told


@dataclass(frozen=True, slots=True)
class Timer:
    """left: whole seconds. ends_at: by the server's clock, None while paused."""

    left: int
    ends_at: float | None

    @property
    def is_paused(self) -> bool:
        return self.ends_at is None

    @property
    def is_over(self) -> bool:
        return not self.is_paused and self.left == 0

    @property
    def minutes(self) -> int:
        """Whole minutes left; 0 in the last one."""
        return self.left // 60


def timer_of(row: models.Round | None, now: float) -> Timer | None:
    """The timer of an open round, if it has one."""
    if row is None or row.state != "open":
        return None
    if row.paused_left is not None:
        return Timer(int(row.paused_left), None)
    if row.ends_at is None:
        return None
    return Timer(max(0, int(row.ends_at - now)), row.ends_at)


def is_marked(ends_at: float, since: float, until: float) -> bool:
    """Did one of the marks pass between these two moments?"""
    return any(since < ends_at - mark <= until for mark in MARKS)
