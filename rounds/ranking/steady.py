"""The list of a ranking read in other ways: another way of counting, each group at one weight, without one group.

Told are places in lists, of the ballots that are shown, and never a share of readings: to count otherwise is a choice,
no chance. Where the list follows from each statement's own figure, the list without one group follows from what the
other groups tell, so it tells nothing more. A list of pairs does not: its pairs are told of nobody, and two such lists
would differ by the pairs of one group. There, nothing without a group is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rounds.listing import Names
from rounds.listing import ranks as places
from rounds.measures.kemeny import SUBSETS
from rounds.measures.pairwise import Ranks, doubled_points
from rounds.measures.result import Result, undefined

Places = Sequence[int | None]  # of each statement: 1, 2, 2, 4; None where it has none
Reading = tuple[str, str, Places]  # family (list, method, weight, group), way, places
Figures = Sequence[Fraction | None]  # of each statement: the highest is the best; () where nobody gave any
COUNTED = ("borda", "kemeny", "copeland", "schulze")
METHOD = "readings"


def medians(ranks: Ranks) -> Figures:
    """The median of each statement's points over people, those left out under all others."""
    points = doubled_points(ranks)[ranks.any(axis=1)]
    return [Fraction(float(middle)) for middle in np.median(points.astype(np.float64), axis=0)] if len(points) else ()


def without_each(groups: NDArray[np.int64], ranks: Ranks, best: Callable[[Ranks], Figures]) -> Iterator[Figures]:
    """The figures without each group that has anybody, in their order; nothing where there is one group."""
    there = np.unique(groups)
    for group in there if len(there) > 1 else ():
        yield best(ranks[groups != group])


def readings(
    names: Names,
    k: int,
    *,
    figures: tuple[Figures, Figures],
    methods: Mapping[str, Result],
    middles: Figures,
    without: Mapping[str, Figures],
    bound: int | None,
    n: int,
) -> Result:
    """Every reading with its places. Value: the statements that are among the first k in all of them, a tie across the
    edge as a whole.

    figures: that the list is in the order of, over people and at one weight a group. methods: results of COUNTED, by
    name; Kemeny's is read where it is the only one, of at most SUBSETS statements. without: figures by the group that
    is left out. bound: as edge_margin tells it. more: readings (the list itself first), statements, bound, never (those
    among the first k in none). Undefined: empty; no_edge (no more statements than places).
    """
    chosen = {"k": k}
    if not n or k >= len(names.cards):
        return undefined("no_edge" if n else "empty", n=n, method=METHOD, parameters=chosen)
    pooled, balanced = figures
    found = [_reading(names, "list", "", pooled)]
    for name in COUNTED:
        order = _order(methods[name], len(names.cards)) if name == "kemeny" else methods[name].value
        if order:
            found.append(_reading(names, "method", name, _by_order(order, len(names.cards))))
    found.append(_reading(names, "method", "median", middles))
    if len(without) > 1 or balanced != pooled:
        found.append(_reading(names, "weight", "group", balanced))
    found += [_reading(names, "group", group, left) for group, left in without.items()]
    firsts = [_first(names.cards, given, k) for _, _, given in found]
    stay, ever = frozenset.intersection(*firsts), frozenset.union(*firsts)
    more = {
        "readings": [{"family": family, "way": way, "places": given} for family, way, given in found],
        "statements": tuple(names.cards),
        "never": tuple(card for card in names.cards if card not in ever),
        "bound": bound,
    }
    return Result(tuple(card for card in names.cards if card in stay), n, METHOD, chosen, more)


def _order(kemeny: Result, cards: int) -> Sequence[Sequence[int]]:
    return kemeny.value if cards <= SUBSETS and kemeny.more.get("unique") else ()


def _by_order(order: Sequence[Sequence[int]], cards: int) -> Figures:
    """The highest is the best; those it does not place have none."""
    found: list[Fraction | None] = [None] * cards
    for place, tied in enumerate(order):
        for card in tied:
            found[card] = Fraction(-place)
    return found


def _reading(names: Names, family: str, way: str, figures: Figures) -> Reading:
    keys = {card: None if one is None else -one for card, one in zip(names.cards, figures, strict=True)}
    return family, way, tuple(places(keys).values())


def _first(cards: Sequence[str], given: Places, k: int) -> frozenset[str]:
    return frozenset(card for card, place in zip(cards, given, strict=True) if place is not None and place <= k)
