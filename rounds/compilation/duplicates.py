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
from itertools import combinations, product

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
        spoken: dict[str, list[int]] = {}
        for place, (card, _) in enumerate(cards):
            spoken.setdefault(card.wordings.get(language, ""), []).append(place)
        for first, second, percent in alike(frozenset(spoken) - {""}):
            _note(best, product(spoken[first], spoken[second]), percent)
        for text, places in spoken.items():
            _note(best, combinations(places, 2) if text else (), 100)
    ordered = sorted((-percent, a, b) for (a, b), percent in best.items() if not cards[a][1] & cards[b][1])
    return tuple(Pair(cards[a][0].id, cards[b][0].id, -percent) for percent, a, b in ordered[:MOST])


def _note(best: dict[tuple[int, int], int], found: Iterable[tuple[int, int]], percent: int) -> None:
    for a, b in found:
        key = (min(a, b), max(a, b))
        best[key] = max(percent, best.get(key, 0))


@lru_cache(maxsize=16)  # most acts change no text: the next tally asks about the same ones
def alike(texts: frozenset[str]) -> tuple[tuple[str, str, int], ...]:
    """(one, other, percent) for each two of the texts that are at least ALIKE percent alike."""
    if len(texts) < 2:
        return ()
    listed = sorted(texts)
    weights = _weights([_grams(text) for text in listed])
    percents = np.floor(100 * (weights @ weights.T) + 0.5).astype(np.int64)
    rows, columns = np.nonzero(np.triu(percents >= ALIKE, k=1))
    found = zip(rows.tolist(), columns.tolist(), percents[rows, columns].tolist(), strict=True)
    return tuple((listed[a], listed[b], percent) for a, b, percent in found)


def _weights(counts: Sequence[Counter[str]]) -> NDArray[np.float32]:
    """Shape (texts, grams): rows of length 1, or 0 where a text has no letter."""
    place = {gram: n for n, gram in enumerate(sorted(set().union(*counts)))}
    columns = [place[gram] for count in counts for gram in count]
    spread = np.bincount(columns, minlength=len(place))
    weights = np.zeros((len(counts), len(place)), dtype=np.float32)
    rows = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
    weights[rows, columns] = [n for count in counts for n in count.values()]
    weights *= (np.log((1 + len(counts)) / (1 + spread)) + 1).astype(np.float32)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    weights /= np.where(lengths == 0, 1, lengths)
    return weights


@lru_cache(maxsize=4096)
def _grams(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    padded = f" {re.sub(r'[^a-z0-9]+', ' ', letters).strip()} "
    return Counter(padded[n : n + 3] for n in range(len(padded) - 2))
