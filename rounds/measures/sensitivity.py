"""How often a list stays when it is made in another way: by another method or weighting, or without somebody.

A description of choices, not a probability: readings are counted, and never told as a percentage. Chance is in
resampling.py; how many ballots would change the list in margins.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.kemeny import kemeny
from rounds.measures.orders import Order, borda_of_table, copeland, schulze, top
from rounds.measures.pairwise import Ranks, Unranked, Whole, checked, compared, pairwise
from rounds.measures.result import Result, undefined

Present = NDArray[np.bool_]
Weigh = Callable[[Present], ArrayLike]  # who takes part -> exact weights (people,): whole numbers, or Fractions
Method = Callable[[Whole, Whole, int], Order | None]  # pairs, comparisons, people -> order; None: none to be shown
Top = tuple[int, ...]
Readings = Iterable[tuple[str, Present, Sequence[str]]]  # weighting, who takes part, methods: one reading each


def _only(table: Whole, comparisons: Whole, n: int) -> Order | None:
    """Kemeny's order where it is proven to be the only one."""
    found = kemeny(table, n=n)
    order: Order | None = found.value
    return order if found.more.get("unique") else None


METHODS: Mapping[str, Method] = {
    "borda": lambda table, comparisons, n: borda_of_table(table, comparisons, n=n).value,
    "copeland": lambda table, comparisons, n: copeland(table, n=n).value,
    "schulze": lambda table, comparisons, n: schulze(table, n=n).value,
    "kemeny": _only,
}
USUAL = ("borda", "copeland", "schulze")


def sensitivity(
    ranks: Ranks,
    k: int,
    weights: Mapping[str, Weigh],
    *,
    groups: ArrayLike,
    sessions: ArrayLike,
    methods: Sequence[str] = USUAL,
    unranked: Unranked = "below",
) -> Result:
    """In how many readings each statement is among the first k. Value: the list, as the first method and weighting give
    it; a tie across the edge is in as a whole.

    ranks (people, statements), 0 = not ranked, of statements that were asked in every session; who ranks none of them
    takes no part. weights: by name, made again for each reading. groups, sessions (people,). methods: keys of METHODS;
    Schulze's order by level; Kemeny's, which cannot come first, where it is proven to be the only one, else that
    reading is left out. n: people with a ballot.

    more: scenarios (readings of each family), stays (of each family, by statement: in how many of them it is among the
    first), always, never (statements: in every reading of every family, in none). Families are kept apart, or many
    people would drown few methods: method (each, first weighting), weight (each, first method); with both of these,
    leave_group, leave_session, leave_person (without one); all (each method and weighting, with everybody and without
    each group or session). None: a family without a reading, such as without the only group.
    Undefined: empty; no_edge (no more statements than places); no_pairs (nobody ranks two, where not ranked is absent).
    ValueError: k under one, no weighting, no or unknown methods, labels that do not fit.
    """
    ballots, labels = checked(ranks, unranked), {"group": np.asarray(groups), "session": np.asarray(sessions)}
    _check(len(ballots), labels, k, weights, methods)
    everybody = np.asarray(ballots.any(axis=1))
    n, m = int(everybody.sum()), ballots.shape[1]
    chosen = {"k": k, "methods": tuple(methods), "weights": tuple(weights), "unranked": unranked}
    if not n or k >= m:
        return undefined("no_edge" if n else "empty", n=n, method="sensitivity", parameters=chosen)
    families = _families(everybody, labels, methods, tuple(weights))
    tops = {name: list(_firsts(ballots, k, weights, unranked, each)) for name, each in families.items()}
    if tops["method"][0] is None:
        return undefined("no_pairs", n=n, method="sensitivity", parameters=chosen)
    return Result(tops["method"][0], n, "sensitivity", chosen, _counted(tops, m))


def _check(
    people: int, labels: Mapping[str, NDArray[Any]], k: int, weights: Mapping[str, Weigh], methods: Sequence[str]
) -> None:
    if k < 1 or not weights or set(methods) - set(METHODS) or not set(methods[:1]) & set(USUAL):
        first = " or ".join(USUAL)
        raise ValueError(f"k is at least 1, there is a weighting, methods are of {set(METHODS)}, {first} comes first")
    if any(label.shape != (people,) for label in labels.values()):
        raise ValueError("groups and sessions are (people,)")


def _families(
    everybody: Present, labels: Mapping[str, NDArray[Any]], methods: Sequence[str], weights: Sequence[str]
) -> dict[str, Readings]:
    """Readings of each family; those without a person are made one by one, since there may be many."""
    choices = [everybody, *(present for label in labels.values() for present in _without(everybody, label))]
    families: dict[str, Readings] = {
        "method": [(weights[0], everybody, methods)],
        "weight": [(weighting, everybody, methods[:1]) for weighting in weights],
        "all": [(weighting, present, methods) for weighting in weights for present in choices],
    }
    for unit, label in {**labels, "person": np.arange(len(everybody))}.items():
        families[f"leave_{unit}"] = ((weights[0], present, methods[:1]) for present in _without(everybody, label))
    return families


def _whole(shares: ArrayLike, present: Present) -> Whole:
    """The same proportions in the smallest whole numbers, of those who take part."""
    exact = [Fraction(share) for share in np.asarray(shares, dtype=object)[present].tolist()]
    unit = lcm(*(share.denominator for share in exact))
    whole = [int(share * unit) for share in exact]
    common = gcd(*whole) or 1
    return np.array([number // common for number in whole], dtype=object)


def _firsts(
    ballots: Ranks, k: int, weights: Mapping[str, Weigh], unranked: Unranked, readings: Readings
) -> Iterator[Top | None]:
    """The first k of each reading; one table of pairs serves all methods."""
    for weighting, present, methods in readings:
        own, weighed = ballots[present], _whole(weights[weighting](present), present)
        table, comparisons = (made(own, unranked=unranked, weights=weighed) for made in (pairwise, compared))
        for method in methods:
            order = METHODS[method](table, comparisons, len(own))
            yield None if order is None else top(order, k)


def _without(everybody: Present, label: NDArray[Any]) -> Iterator[Present]:
    """Those who are left without each of these labels; nobody is no reading."""
    for one in np.unique(label[everybody]):
        left = everybody & (label != one)
        if left.any():
            yield left


def _counted(tops: Mapping[str, Sequence[Top | None]], m: int) -> dict[str, Any]:
    found = {family: [first for first in firsts if first is not None] for family, firsts in tops.items()}
    stays = {family: [sum(a in first for first in firsts) for a in range(m)] for family, firsts in found.items()}
    sizes = {family: len(firsts) for family, firsts in found.items()}
    return {
        "scenarios": {family: size or None for family, size in sizes.items()},
        "stays": {family: tuple(stays[family]) if size else None for family, size in sizes.items()},
        "always": tuple(a for a in range(m) if all(stays[family][a] == size for family, size in sizes.items())),
        "never": tuple(a for a in range(m) if not any(of[a] for of in stays.values())),
    }
