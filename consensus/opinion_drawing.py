"""Where the parts of a map of opinions lie in its picture: what is told goes in, as plain data, and places come out.

Each group has a letter and a pattern, darker where more people stand; colour says nothing. No figure is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDE = 480  # units, and as high
EDGE = 16  # how near to it a letter or a mark comes
LETTERS = "ABCDE"
STROKES = ("M0 8L8 0", "M0 0L8 8", "M4 0V8", "M0 4H8", "M0 4H8M4 0V8")  # of each group's pattern, 8 by 8


@dataclass(frozen=True, slots=True)
class Box:
    """A tile in the picture. strong: 0.2 to 1, by how many people stand on as much room."""

    x: float
    y: float
    wide: float
    high: float
    strong: float


@dataclass(frozen=True, slots=True)
class Area:
    """A group. x, y: of its letter."""

    letter: str
    stroke: str
    people: int
    x: float
    y: float
    boxes: tuple[Box, ...]


def areas(groups: Sequence[Mapping[str, Any]], side: float) -> tuple[Area, ...]:
    """groups: as rounds.measures.opinions.as_plain gives them."""
    dense = max(_density(tile) for group in groups for tile in group["tiles"])
    found = []
    for group, letter, stroke in zip(groups, LETTERS, STROKES, strict=False):
        boxes = tuple(_box(tile, side, dense) for tile in group["tiles"])
        x, y = spot(group["centre"], side)
        found.append(Area(letter, stroke, group["people"], x, y, boxes))
    return tuple(found)


def spot(place: Sequence[float], side: float) -> tuple[float, float]:
    """Where a place of the map is in the picture, not quite at its edge."""
    scale = WIDE / (2 * side)
    x, y = (place[0] + side) * scale, (side - place[1]) * scale
    return tuple(round(min(max(one, EDGE), WIDE - EDGE), 2) for one in (x, y))  # type: ignore[return-value]


def _box(tile: Mapping[str, Any], side: float, dense: float) -> Box:
    scale = WIDE / (2 * side)
    places = tile["left"] + side, side - tile["high"], tile["right"] - tile["left"], tile["high"] - tile["low"]
    x, y, wide, high = (round(one * scale, 2) for one in places)
    return Box(x, y, wide, high, round(0.2 + 0.8 * _density(tile) / dense, 2))


def _density(tile: Mapping[str, Any]) -> float:
    return float(tile["people"] / ((tile["right"] - tile["left"]) * (tile["high"] - tile["low"])))
