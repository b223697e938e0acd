"""Which statements lie together in which set: each about as often as the others, and each pair as evenly as can be.

A pure function of the statements' numbers and two settings: whoever asks, now or in ten years, gets the same sets. Only
the raw bits of PCG64 are drawn, a stream that numpy promises never to change; its distributions may change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

import numpy as np

Sets = tuple[tuple[str, ...], ...]
Pairs = list[list[int]]

TRIES_PER_PLACE, LEAST_TRIES, MOST_TRIES = 60, 2_000, 20_000  # exchanges: 0.05 s for 40 statements


def how_many(statements: int, size: int, appearances: int) -> int:
    """The number of sets. One, of all, where there are not more statements than a set has places."""
    if statements <= size:
        return min(1, statements // 2)
    return -(-statements * appearances // size)


@lru_cache(maxsize=32)
def sets_of(cards: tuple[str, ...], size: int, appearances: int) -> Sets:
    """The sets in their order. Appearances differ by one at most; where places are left over, some get one more."""
    if len(cards) <= size:
        return (cards,) * how_many(len(cards), size, appearances)
    source = np.random.PCG64(int.from_bytes(sha256("\n".join(cards).encode()).digest()[:8]))
    sets, together = _filled(len(cards), size, how_many(len(cards), size, appearances), source)
    chance = _bits(source)
    _even_out(sets, together, chance)
    return tuple(tuple(cards[place] for place in each) for each in _turned(sets, len(cards), chance))


def _bits(source: np.random.PCG64) -> Iterator[int]:
    """Numbers without end, the same for the same statements."""
    while True:
        yield from source.random_raw(4096).tolist()


def _filled(m: int, size: int, count: int, source: np.random.PCG64) -> tuple[list[list[int]], Pairs]:
    """Set after set: who has been seldom in any, then who has been least with those already in this one; then by lot.

    All statements are looked at for every place, thousands of times thousands: whole columns at once.
    """
    sets: list[list[int]] = []
    seen, together = np.zeros(m, dtype=np.int32), np.zeros((m, m), dtype=np.int32)
    for _ in range(count):
        new: list[int] = []
        left, near = np.arange(m), np.zeros(m, dtype=np.int32)
        for _ in range(size):
            lot = source.random_raw(len(left))
            found = np.flatnonzero(seen[left] == seen[left].min())
            with_new = near[left[found]]
            found = found[with_new == with_new.min()]
            card = int(left[found[lot[found].argmin()]])
            new.append(card)
            left, near = left[left != card], near + together[card]
        seen[new] += 1
        together[np.ix_(new, new)] += 1 - np.eye(size, dtype=np.int32)
        sets.append(new)
    return sets, together.tolist()


def _even_out(sets: list[list[int]], together: Pairs, chance: Iterator[int]) -> None:
    """Exchange two statements of two sets wherever that makes the pairs no less even (sum of squares)."""
    size = len(sets[0])
    for _ in range(min(MOST_TRIES, max(LEAST_TRIES, TRIES_PER_PLACE * len(sets) * size))):
        one, other = sets[next(chance) % len(sets)], sets[next(chance) % len(sets)]
        a, b = next(chance) % size, next(chance) % size
        x, y = one[a], other[b]
        if x in other or y in one:
            continue
        left = [card for card in one if card != x and card not in other]
        right = [card for card in other if card != y and card not in one]
        worse = sum(together[y][card] - together[x][card] + 1 for card in left)
        worse += sum(together[x][card] - together[y][card] + 1 for card in right)
        if worse <= 0:
            for card in left:
                _count(together, x, card, -1)
                _count(together, y, card, +1)
            for card in right:
                _count(together, y, card, -1)
                _count(together, x, card, +1)
            one[a], other[b] = y, x


def _count(together: Pairs, one: int, other: int, by: int) -> None:
    together[one][other] += by
    together[other][one] += by


def _turned(sets: list[list[int]], m: int, chance: Iterator[int]) -> Iterator[list[int]]:
    """Within a set: who has been seldom at this height of the list goes there, so that nobody is always on top."""
    been = [[0] * len(sets[0]) for _ in range(m)]
    for each in sets:
        left, turned = list(each), []
        for height in range(len(each)):
            lot = {card: next(chance) for card in left}
            card = min(left, key=lambda card: (been[card][height], lot[card]))
            been[card][height] += 1
            left.remove(card)
            turned.append(card)
        yield turned
