"""The words of the command line for a scale and a rule, and the rule in the words of a reader.

A scale is stored as 1..top; its own numbers, as people saw them, are those plus `shift`. Nothing is counted here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rounds.contract import BallotError
from rounds.rules import Majority, Ram, RatingRule, Share, Spread

LONGEST = 16  # points: up to here every measure is defined
NAMES = "ram, ram-classic, apmo, iqr, iqr:MEDIAN/WIDTH, SHARE or SHARE/OPPOSITE (75, 66.7, 70/15)"

_SCALE = re.compile(r"(-?\d{1,6})-(-?\d{1,6})", re.ASCII)
_SPREAD = re.compile(r"iqr(?::(-?[\d.]+)/([\d.]+))?", re.ASCII)
_SHARE = re.compile(r"([\d.]+)(?:/([\d.]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scale:
    """first..last as people saw it. low and high: the opposite bands on 1..top, both ends included."""

    first: int
    last: int
    band: int

    @property
    def top(self) -> int:
        return self.last - self.first + 1

    @property
    def shift(self) -> int:
        return self.first - 1

    @property
    def low(self) -> tuple[int, int]:
        return 1, self.band

    @property
    def high(self) -> tuple[int, int]:
        return self.top + 1 - self.band, self.top

    def seen(self, band: Sequence[int]) -> str:
        """A band in the scale's own numbers."""
        ends = [str(value + self.shift) for value in band]
        return ends[0] if ends[0] == ends[1] else "-".join(ends)


def scale(text: str, band: int | None) -> Scale:
    """LOW-HIGH; band: points in the low and in the high band, a third of the scale where it is not said."""
    found = _SCALE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a scale; write LOW-HIGH, as in 1-9")
    first, last = int(found[1]), int(found[2])
    if not 2 <= last - first + 1 <= LONGEST:
        raise ValueError(f"{text!r} has to have 2 to {LONGEST} points")
    points = last - first + 1
    band = (points + 1) // 3 if band is None else band
    if not 1 <= band <= points // 2:
        raise ValueError(f"a band of {band} does not fit twice on {points} points")
    return Scale(first, last, band)


def rule(text: str, scope: str, blocks: int, kind: int, on: Scale) -> RatingRule:
    """The rule that a word of the command line stands for. ValueError where there is none of that name."""
    try:
        if text in ("ram", "ram-classic"):
            found: RatingRule = Ram("classic" if text == "ram-classic" else "ipras", kind)
        elif text == "apmo":
            found = Majority()
        elif spread := _SPREAD.fullmatch(text):
            found = _spread(spread[1], spread[2], kind, on)
        elif share := _SHARE.fullmatch(text):
            return Share(share[1], share[2], scope, blocks)
        else:
            raise ValueError(f"there is no rule {text!r}; one of {NAMES}")
    except (BallotError, InvalidOperation):
        raise ValueError(f"{text!r} makes no rule here; one of {NAMES}") from None
    if scope != "pooled":
        raise ValueError(f"a scope belongs to a share of votes; {text!r} decides on all answers together")
    return found


def _spread(median: str | None, width: str | None, kind: int, on: Scale) -> Spread:
    """Median and width as said; else from the high band, and 2 on scales of more than seven points, 1 on others."""
    if median is None or width is None:
        return Spread(on.high[0], 2 if on.top > 7 else 1, kind)
    return Spread(str(Decimal(median) - on.shift), width, kind)
