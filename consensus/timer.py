"""The planned end of a round, as it stands at a moment: what is left, whether it is paused or over.

Pure: the moment comes from the caller. A timer ends nothing, and no act asks it whether it may be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from consensus import models
from consensus.states import RoundState

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


@dataclass(frozen=True, slots=True)
class Closing:
    """A round that takes what is under way, and no more after that. grace: seconds in all. until: the last moment."""

    grace: int
    until: datetime


def closing_of(row: models.Round | None) -> Closing | None:
    if row is None or row.state != RoundState.CLOSING or row.closing_at is None:
        return None
    return Closing(row.grace, datetime.fromtimestamp(row.closing_at + row.grace, UTC))


def timer_of(row: models.Round | None, now: float) -> Timer | None:
    """The timer of an open round, if it has one; of a closing one, what is left of its grace."""
    if closing := closing_of(row):
        until = closing.until.timestamp()
        return Timer(max(0, int(until - now)), until)
    if row is None or row.state != RoundState.OPEN:
        return None
    if row.paused_left is not None:
        return Timer(int(row.paused_left), None)
    if row.ends_at is None:
        return None
    return Timer(max(0, int(row.ends_at - now)), row.ends_at)


def is_marked(ends_at: float, since: float, until: float) -> bool:
    """Did one of the marks pass between these two moments?"""
    return any(since < ends_at - mark <= until for mark in MARKS)
