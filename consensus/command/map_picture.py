"""A map of opinions as a picture that stands alone: each group a letter and a pattern, darker where more people stand.

Drawn from what is told alone (rounds.measures.opinions), so the picture can say no more than the figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rounds.measures.opinions import Opinion, Tile
from rounds.measures.result import Result

WIDE = 480  # units, and as high
LETTERS = "ABCDE"
STROKES = ("M0 8L8 0", "M0 0L8 8", "M4 0V8", "M0 4H8", "M0 4H8M4 0V8")  # of each group's pattern, 8 by 8
INK, PAPER = "#1b1b1b", "#ffffff"
NONE = "No groups of opinion stand out from chance."
WITHHELD = "Too few people: no map is drawn."


def picture(found: Result) -> str:
    """SVG. A map that is not told is its reason in words."""
    groups = found.value or ()
    words = _words(groups) if groups else NONE if found.reason in ("noise", "constant") else WITHHELD
    tall = WIDE + 24 * (len(groups) + 1) if groups else 48
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall}" role="img"'
            ' aria-labelledby="title desc" font-family="sans-serif" font-size="15">',
            '<title id="title">Map of opinions</title>',
            f'<desc id="desc">{escape(words)}</desc>',
            f'<rect width="{WIDE}" height="{tall}" fill="{PAPER}"/>',
            *(_drawn(groups, found.more["side"]) if groups else [f'<text x="8" y="30">{escape(words)}</text>']),
            "</svg>",
            "",
        ]
    )


def _words(groups: tuple[Opinion, ...]) -> str:
    sizes = ", ".join(f"{LETTERS[place]} {group.people} people" for place, group in enumerate(groups))
    return f"{len(groups)} groups of opinion: {sizes}."


def _drawn(groups: tuple[Opinion, ...], side: float) -> Iterator[str]:
    yield "<defs>"
    for place in range(len(groups)):
        yield f'<pattern id="p{place}" width="8" height="8" patternUnits="userSpaceOnUse">'
        yield f'<path d="{STROKES[place]}" stroke="{INK}" fill="none"/></pattern>'
    yield "</defs>"
    scale = WIDE / (2 * side)
    dense = max(_density(tile) for group in groups for tile in group.tiles)
    for place, group in enumerate(groups):
        for tile in group.tiles:
            box = (
                f'x="{(tile.left + side) * scale:.2f}" y="{(side - tile.high) * scale:.2f}"'
                f' width="{(tile.right - tile.left) * scale:.2f}" height="{(tile.high - tile.low) * scale:.2f}"'
            )
            strong = 0.2 + 0.8 * _density(tile) / dense
            yield f'<rect {box} fill="url(#p{place})" stroke="{INK}" opacity="{strong:.2f}"/>'
    for place, group in enumerate(groups):
        x, y = (group.centre[0] + side) * scale, (side - group.centre[1]) * scale
        yield f'<circle cx="{x:.2f}" cy="{y:.2f}" r="14" fill="{PAPER}" stroke="{INK}"/>'
        yield f'<text x="{x:.2f}" y="{y + 5:.2f}" text-anchor="middle">{LETTERS[place]}</text>'
        foot = WIDE + 24 * (place + 1)
        yield f'<rect x="8" y="{foot - 14}" width="18" height="18" fill="url(#p{place})" stroke="{INK}"/>'
        yield f'<text x="34" y="{foot}">{LETTERS[place]}: {group.people} people</text>'


def _density(tile: Tile) -> float:
    return tile.people / ((tile.right - tile.left) * (tile.high - tile.low))
