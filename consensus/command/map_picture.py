"""A map of opinions as a picture that stands alone: each group a letter and a pattern, darker where more people stand.

Drawn from what is told alone (rounds.measures.opinions), so the picture can say no more than the figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from consensus.opinion_drawing import LETTERS, WIDE, Area, areas
from rounds.measures.opinions import Opinion, as_plain
from rounds.measures.result import Result

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
            *(_drawn(_areas(found)) if groups else [f'<text x="8" y="30">{escape(words)}</text>']),
            "</svg>",
            "",
        ]
    )


def _words(groups: tuple[Opinion, ...]) -> str:
    sizes = ", ".join(f"{LETTERS[place]} {group.people} people" for place, group in enumerate(groups))
    return f"{len(groups)} groups of opinion: {sizes}."


def _areas(found: Result) -> tuple[Area, ...]:
    return areas(as_plain(found).value, found.more["side"])


def _drawn(found: tuple[Area, ...]) -> Iterator[str]:
    yield "<defs>"
    for place, area in enumerate(found):
        yield f'<pattern id="p{place}" width="8" height="8" patternUnits="userSpaceOnUse">'
        yield f'<path d="{area.stroke}" stroke="{INK}" fill="none"/></pattern>'
    yield "</defs>"
    for place, area in enumerate(found):
        for box in area.boxes:
            at = f'x="{box.x:.2f}" y="{box.y:.2f}" width="{box.wide:.2f}" height="{box.high:.2f}"'
            yield f'<rect {at} fill="url(#p{place})" stroke="{INK}" opacity="{box.strong:.2f}"/>'
    for place, area in enumerate(found):
        yield f'<circle cx="{area.x:.2f}" cy="{area.y:.2f}" r="14" fill="{PAPER}" stroke="{INK}"/>'
        yield f'<text x="{area.x:.2f}" y="{area.y + 5:.2f}" text-anchor="middle">{area.letter}</text>'
        foot = WIDE + 24 * (place + 1)
        yield f'<rect x="8" y="{foot - 14}" width="18" height="18" fill="url(#p{place})" stroke="{INK}"/>'
        yield f'<text x="34" y="{foot}">{area.letter}: {area.people} people</text>'
