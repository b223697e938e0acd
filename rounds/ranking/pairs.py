"""The lists that are made from pairs: Schulze's and Kemeny's, over all people and at equal weight per block.

Where cards left out stand below, every ballot says of every two cards which it places above the other, or that they
are level. The methods are in rounds.measures; no ballot is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import lcm

import numpy as np

from rounds.contract import Round
from rounds.measures.kemeny import kemeny
from rounds.measures.orders import Order, schulze
from rounds.measures.pairwise import Whole

FROM_PAIRS = ("schulze", "kemeny")
Ranks = dict[str, int | None]


def pair_ranks(
    round: Round, sums: Callable[[str, str], Mapping[str, int]], pairs: Mapping[tuple[str, str, str], int]
) -> tuple[Ranks, Ranks]:
    """Over all people, and at equal weight per block. sums, pairs: of the count. A ballot places one card above
    another if it places the one, and not the other at least as high."""
    cards = [statement.id for statement in round.statements]
    at = {card: place for place, card in enumerate(cards)}
    tables: dict[str, Whole] = {}
    people: list[int] = []
    for block in round.blocks:
        found = [sums(block.key, card) for card in cards]
        people.append(max((each["ballots"] for each in found), default=0))
        placed = np.array([each["placed"] for each in found], dtype=np.int64)
        tables[block.key] = np.repeat(placed[:, None], len(cards), axis=1)
    for (key, upper, lower), ballots in pairs.items():
        if key in tables:
            tables[key][at[lower], at[upper]] -= ballots

    def ranked(weights: Sequence[int]) -> Ranks:
        table = _weighed(list(tables.values()), weights, len(cards))
        return dict(zip(cards, ranks_of_pairs(round.settings.order, table, sum(people)), strict=True))

    return ranked([1] * len(people)), ranked(_same_say(people))


def ranks_of_pairs(order: str, table: Whole, n: int) -> list[int | None]:
    """By statement: 1, 2, 2, 4. table: as in rounds.measures.pairwise; n: people behind it, nobody ranks nothing."""
    found = schulze(table, n=n).value if order == "schulze" else _undisputed(table, n)
    ranks: list[int | None] = [None] * len(table)
    above = 0
    for tied in found or ():
        for place in tied:
            ranks[place] = above + 1
        above += len(tied)
    return ranks


def _undisputed(table: Whole, n: int) -> Order | None:
    """Of several orders with the fewest contradictions, what they have in common: no lot is drawn between them."""
    found: Order | None = kemeny(table, n=n).more.get("places")
    return found


def _same_say(people: Sequence[int]) -> list[int]:
    """Whole weights: of each person, so that every block has the same say; where nobody is, none."""
    alike = lcm(*filter(None, people))
    return [alike // n if n else 0 for n in people]


def _weighed(tables: Sequence[Whole], weights: Sequence[int], size: int) -> Whole:
    """In Python integers where 64 bits are too few."""
    most = sum(weight * int(table.max(initial=0)) for table, weight in zip(tables, weights, strict=True))
    whole = np.zeros((size, size), dtype=np.int64 if most < 2**62 else object)
    for table, weight in zip(tables, weights, strict=True):
        whole += table.astype(whole.dtype) * weight
    return whole
