"""Which texts look alike, for the team to compare: suggested, never merged.

Cosine of character 3-grams weighted by how rare they are (Salton & Buckley 1988, doi 10.1016/0306-4573(88)90021-0),
between wordings of one language. Never add here: a model of meaning, or anything that decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Statement

ALIKE = 50  # percent; under this, pairs of short texts share little but their grammar
MOST = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cards whose wordings look alike; alike: percent, 100 for the same letters in the same order."""

    first: str
    second: str
    alike: int


def pairs(cards: Sequence[tuple[Statement, frozenset[str]]], languages: Iterable[str]) -> tuple[Pair, ...]:
    """The likeliest duplicates, at most MOST, the most alike first, then in the order of the cards.

    cards: each with the originals behind it; cards that share one (pieces of a split) are no duplicates.
    """
    best: dict[tuple[int, int], int] = {}
    for language in languages:
        spoken = [(place, card.wordings.get(language, "")) for place, (card, _) in enumerate(cards)]
        spoken = [(place, text) for place, text in spoken if text]
        for a, b, percent in alike(tuple(text for _, text in spoken)):
            key = spoken[a][0], spoken[b][0]
            best[key] = max(percent, best.get(key, 0))
    ordered = sorted((-percent, a, b) for (a, b), percent in best.items() if not cards[a][1] & cards[b][1])
    return tuple(Pair(cards[a][0].id, cards[b][0].id, -percent) for percent, a, b in ordered[:MOST])


@lru_cache(maxsize=8)  # a page, its socket and the next act ask about the same cards
def alike(texts: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """(a, b, percent) for each two texts at least ALIKE percent alike, a < b: places in texts."""
    if len(texts) < 2:
        return ()
    weights = _weights([Counter(_grams(text)) for text in texts])
    percents = np.floor(100 * (weights @ weights.T) + 0.5).astype(np.int64)
    first, second = np.nonzero(np.triu(percents >= ALIKE, k=1))
    return tuple(zip(first.tolist(), second.tolist(), percents[first, second].tolist(), strict=True))


def _weights(counts: Sequence[Counter[str]]) -> NDArray[np.float64]:
    """Shape (texts, grams): rows of length 1, or 0 where a text has no letter."""
    place = {gram: n for n, gram in enumerate(sorted(set().union(*counts)))}
    weights = np.zeros((len(counts), len(place)))
    for row, count in enumerate(counts):
        weights[row, [place[gram] for gram in count]] = list(count.values())
    weights *= np.log((1 + len(counts)) / (1 + np.count_nonzero(weights, axis=0))) + 1
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    scaled: NDArray[np.float64] = weights / np.where(lengths == 0, 1, lengths)
    return scaled


def _grams(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    padded = f" {re.sub(r'[^a-z0-9]+', ' ', letters).strip()} "
    return [padded[n : n + 3] for n in range(len(padded) - 2)]
