"""Where marks lie in the two large charts, so that none stands on another. Places in, places out: no figure is made.

What is drawn there is in templates/parts/bars.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST, STEP = 28, 27  # units from the top, and from one statement to the next
LEFT, BOTTOM, ACROSS, UP = 34, 200, 288, 176  # the corner of the plot, and how far it reaches
HIGH, WIDE = 13, 46  # of the word beside a point
EDGES = 80, 280  # left and right of them a word would leave the picture


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of the scatter, in units of the picture. side: where its word has room: right, left or under it."""

    label: str
    x: float
    y: float
    side: str


def heights(rows: Sequence[Mapping[str, Any]], columns: int) -> list[dict[str, int]]:
    """How far down each statement stands in each column, by its label. Ties stand one under the other.

    rows: label, ranks (one for each column, None: not there).
    """
    found = []
    for column in range(columns):
        ranked = [(row["ranks"][column], row["label"]) for row in rows if row["ranks"][column] is not None]
        ordered = sorted(ranked, key=lambda one: one[0])
        found.append({label: FIRST + STEP * place for place, (_, label) in enumerate(ordered)})
    return found


def spots(points: Sequence[Mapping[str, Any]], x_axis: Sequence[Any], y_axis: Sequence[Any]) -> Iterator[Spot]:
    """points: label, x, y. x_axis, y_axis: from, to, title."""
    right, up = ACROSS / (x_axis[1] - x_axis[0]), UP / (y_axis[1] - y_axis[0])
    drawn = [(LEFT + (one["x"] - x_axis[0]) * right, BOTTOM - (one["y"] - y_axis[0]) * up) for one in points]
    for at, (x, y) in enumerate(drawn):
        near = [other - x for n, (other, height) in enumerate(drawn) if n != at and abs(height - y) < HIGH]
        is_right_taken = x > EDGES[1] or any(0 <= apart < WIDE for apart in near)
        is_left_taken = x < EDGES[0] or any(-WIDE < apart <= 0 for apart in near)
        side = "right" if not is_right_taken else "under" if is_left_taken else "left"
        yield Spot(points[at]["label"], x, y, side)
