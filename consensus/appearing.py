"""When the figures of a group appear, told before anybody answers: from how many are asked, and nothing else. Pure.

It says what rounds.gate does: running figures of a group wait until all of it have answered, or, in one of 2k and more,
until so many have, with the newest k held back; and what has not appeared waits for the close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rounds.contract import Block

RUNNING, WHOLE, CLOSE = "running", "whole", "close"


@dataclass(frozen=True, slots=True)
class Appearance:
    """how: RUNNING, from `at` answers on; WHOLE, once everybody has answered; CLOSE, not before it."""

    block: Block
    how: str
    at: int


@dataclass(frozen=True, slots=True)
class Appearances:
    """low, high: the sizes of the groups. is_room: asked of whoever is present, about what is on the table now."""

    each: tuple[Appearance, ...]
    low: int
    high: int
    k: int
    is_room: bool

    @property
    def is_quiet(self) -> bool:
        """Is no group large enough to show anything while some of it wait?"""
        return self.high < 2 * self.k


def appearances(blocks: Sequence[Block], k: int, *, is_room: bool = False) -> Appearances | None:
    """blocks: as they are planned by seats; None where nobody has one. k: valid answers under which nothing is told."""
    if not blocks:
        return None
    seats = [block.seats for block in blocks]
    return Appearances(tuple(_one(block, k) for block in blocks), min(seats), max(seats), k, is_room)


def _one(block: Block, k: int) -> Appearance:
    if block.seats < k:
        return Appearance(block, CLOSE, k)
    return Appearance(block, WHOLE, block.seats) if block.seats < 2 * k else Appearance(block, RUNNING, 2 * k)
