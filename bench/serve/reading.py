"""Reads figures off frames, as a person does: by how many answers the bar of each card is made.

A whole frame has each card's number before its line; one that tells what changed has lines alone. A bar's label names
three counts. Where templates change that, follow it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bench.serve.watching import Frames

PLACE = re.compile(rb'(?P<card>P\d{3,4})|id="line-(?P<line>\d+)"')
BAR = re.compile(rb'aria-label="\D*?(\d+)\D+(\d+)\D+(\d+)\D*"')


def cards_of(frames: Iterable[bytes]) -> dict[bytes, str]:
    """The card of each line, as whole frames have it."""
    found: dict[bytes, str] = {}
    for frame in frames:
        card = None
        for place in PLACE.finditer(frame):
            card = place["card"] or card
            if place["line"] and card:
                found[place["line"]] = card.decode()
    return found


def shown_by(frame: bytes, cards: Mapping[bytes, str]) -> dict[str, int]:
    """Answers by card, of those that show any. cards: of each line."""
    found: dict[str, int] = {}
    lines = [place for place in PLACE.finditer(frame) if place["line"]]
    for number, line in enumerate(lines, 1):
        end = lines[number].start() if number < len(lines) else len(frame)
        if bar := BAR.search(frame, line.end(), end):
            found[cards[line["line"]]] = sum(map(int, bar.groups()))
    return found


def ages(frames: Frames, at: Mapping[str, Sequence[float]], k: int, since: float) -> tuple[list[float], list[float]]:
    """How old a change was when a page read it: from the acknowledgement of the answer that let it move. By page, and
    for the last page that read it.

    A count of n is told from n + k answers on, the newest k waiting. at: when each card's answers were acknowledged.
    since: what could move before that was not watched.
    """
    cards = cards_of(frames.texts.values())
    shown = {mark: shown_by(text, cards) for mark, text in frames.texts.items()}
    every: list[float] = []
    last: dict[tuple[str, int], float] = {}
    for reads in frames.seen.values():
        known: dict[str, int] = {}
        for moment, mark in reads:
            for card, n in shown[mark].items():
                if n <= known.get(card, 0):
                    continue
                known[card] = n
                moved = at[card][n + k - 1] if len(at.get(card, ())) >= n + k else 0.0
                if moved > since:
                    every.append(max(0.0, moment - moved))
                    last[card, n] = max(last.get((card, n), 0.0), moment - moved)
    return every, list(last.values())
