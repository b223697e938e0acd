"""Pictures of links, to be pointed a telephone at. Drawing one takes milliseconds: a page of them is drawn in a thread.

What is drawn for a seat stays in memory until somebody has come in or the seat has another link, and is nowhere else:
whoever has the picture has the key. Nothing here asks whose it is.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

import segno
from markupsafe import Markup

MOST = 1_000  # pictures kept, of four kilobytes each

Place = tuple[int, int]  # a seat, and the number of its link


def drawn(link: str, scale: int, **how: bool) -> Markup:
    picture = segno.make(link, error="m", micro=False).svg_inline(scale=scale, border=2, light="#fff", **how)
    return Markup(picture)  # noqa: S704  # drawn from our own link: figures and letters only


def _all(links: Mapping[Place, str]) -> dict[Place, Markup]:
    return {place: drawn(link, 3) for place, link in links.items()}


class Pictures:
    """Those of one process; where there are too many, the one that was asked for longest ago goes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[int, tuple[int, Markup]] = OrderedDict()
        self._gone: set[int] = set()  # while some are being drawn
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    async def of(self, links: Mapping[Place, str]) -> dict[Place, Markup]:
        """The picture of each link. Who asks for the same meanwhile waits for it instead of drawing it too."""
        found = self._found(links)
        if len(found) == len(links):
            return found
        async with self._turn:
            found = self._found(links)
            self._gone.clear()
            new = await asyncio.to_thread(_all, {place: link for place, link in links.items() if place not in found})
            for (seat, issue), picture in new.items():
                if seat not in self._gone:
                    self._kept[seat] = issue, picture
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found | new

    def _found(self, links: Mapping[Place, str]) -> dict[Place, Markup]:
        found = {}
        for seat, issue in links:
            kept = self._kept.get(seat)
            if kept and kept[0] == issue:
                self._kept.move_to_end(seat)
                found[seat, issue] = kept[1]
        return found

    def drop(self, seat: int) -> None:
        """Somebody came in, left, or has another link."""
        self._kept.pop(seat, None)
        self._gone.add(seat)
