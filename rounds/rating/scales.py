"""The scales that people rate on, and where the counts of their answers stand in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rounds.contract import Value


@dataclass(frozen=True, slots=True)
class Band:
    """Answers that lie together on a scale, both ends included. key: low, mid or high."""

    key: str
    first: int
    last: int

    @property
    def points(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """values: 1..top. low and high: the opposite bands, both ends included; what lies between is the middle."""

    top: int
    low: tuple[int, int]
    high: tuple[int, int]
    is_graded: bool = True  # a median makes sense

    @property
    def bands(self) -> tuple[Band, Band, Band]:
        """All answers, from the lowest on."""
        return Band("low", *self.low), Band("mid", self.low[1] + 1, self.high[0] - 1), Band("high", *self.high)


SCALES = {
    "1-9": Scale(9, (1, 3), (7, 9)),
    "1-7": Scale(7, (1, 2), (6, 7)),
    "1-5": Scale(5, (1, 2), (4, 5)),
    "agree": Scale(3, (1, 1), (3, 3), is_graded=False),  # 1 disagree, 2 pass, 3 agree
}


def votes(scale: Scale) -> list[str]:
    """The columns that hold the counts of 1, 2, ... top."""
    return [f"v{value}" for value in range(1, scale.top + 1)]


def counts_of(row: Mapping[str, Value], scale: Scale, prefix: str = "") -> list[int]:
    """How many answered 1, 2, ... top, from the figures of a line or of one of its blocks."""
    return [int(row[prefix + name] or 0) for name in votes(scale)]
