"""Who places what above what: ballots as ranks, ranks as one table of pairs, and weights that give groups equal say.

Whole numbers throughout. No rule that makes an order of the table belongs here (orders.py), and no decision.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rounds.measures.midranks import doubled_midranks

Ranks = NDArray[np.integer[Any]]  # 1 = best, equal numbers tie, 0 = not ranked
Whole = NDArray[Any]  # int64, or Python integers (dtype object) where 64 bits are too few
Unranked = Literal["below", "absent"]  # 0 means: under all that is ranked; or: was never put to this person

FEW_WEIGHTS = 32  # up to here each weight's people are counted apart, beyond a product is faster


def pairwise(ranks: Ranks, *, unranked: Unranked = "below", weights: Whole | None = None) -> Whole:
    """N (m, m): how many people, or what whole weight of people, place a strictly above b.

    ranks (n, m). weights (n,): whole numbers, such as balanced_weights gives; None counts heads. A tie adds nothing;
    neither does a pair of which a person ranked none, nor, where unranked is "absent", only one. Nobody: zeros.
    ValueError where ranks or weights are not whole numbers from 0.
    """
    ranks = checked(ranks, unranked)
    upper, lower = (np.ascontiguousarray(side) for side in _sides(ranks.T, unranked))
    if weights is None:
        return _heads(upper, lower)
    weights = whole_weights(weights, ranks.shape)
    levels = np.unique(weights)
    table = np.zeros((len(upper), len(upper)), dtype=weights.dtype)
    if len(levels) > FEW_WEIGHTS:
        for a, row in enumerate(upper):
            table[a] = (row < lower) @ weights
        return table
    for weight in levels:
        chosen = weights == weight
        sides = (np.ascontiguousarray(side[:, chosen]) for side in (upper, lower))  # a choice of columns is strided
        table += _heads(*sides).astype(weights.dtype) * weight
    return table


def compared(ranks: Ranks, *, unranked: Unranked = "below", weights: Whole | None = None) -> Whole:
    """(m,): with how many other statements each was compared, a person's ballots taken together, ties included.

    The denominator of a statement's share of opponents beaten. A ballot that ranks nothing compares nothing.
    """
    ranks = checked(ranks, unranked)
    ranked = ranks > 0
    given = ranked if unranked == "absent" else np.broadcast_to(ranked.any(axis=1, keepdims=True), ranks.shape)
    others = given * np.maximum(given.sum(axis=1, keepdims=True) - 1, 0)
    return np.asarray(others.sum(axis=0) if weights is None else whole_weights(weights, ranks.shape) @ others)


def doubled_points(ranks: Ranks, *, unranked: Unranked = "below") -> NDArray[np.int64]:
    """(n, m): twice the Borda points of each ballot: 2 per statement strictly below, 1 per other statement tied with.

    "below": the statements not ranked are tied under the others (so they share the places left), and a ballot that
    ranks nothing gives all the same. "absent": they neither give nor get a point. Emerson 2013 compares the ways to
    score short ballots, doi:10.1007/s00355-011-0603-9.
    """
    ranks = checked(ranks, unranked)
    last = int(ranks.max(initial=0)) + 1
    doubled = doubled_midranks(np.where(ranks > 0, ranks, last)) if ranks.size else np.zeros(ranks.shape, np.int64)
    if unranked == "below":
        return np.asarray(2 * ranks.shape[1] - doubled)
    ranked = ranks > 0
    return np.where(ranked, 2 * ranked.sum(axis=1)[:, None] - doubled, 0)


def ranks_of(ballot: Sequence[Hashable | Collection[Hashable]], statements: Sequence[Hashable]) -> NDArray[np.int64]:
    """A ballot, best first, as ranks (m,). An entry is a statement, or a list, tuple or set of tied ones.

    Ties take their best place (1, 2, 2, 4). ValueError: a statement twice, or one that is not among statements.
    """
    index = {statement: number for number, statement in enumerate(statements)}
    ranks = np.zeros(len(index), dtype=np.int64)
    place = 1
    for entry in ballot:
        tied = entry if isinstance(entry, list | tuple | set | frozenset) else (entry,)
        for statement in tied:
            if statement not in index or ranks[index[statement]]:
                raise ValueError(f"not a statement, or ranked twice: {statement!r}")
            ranks[index[statement]] = place
        place += len(tied)
    return ranks


def balanced_weights(
    groups: NDArray[np.integer[Any]], *, present: NDArray[np.bool_] | None = None, cap: Fraction | int | None = None
) -> tuple[Whole, int]:
    """Whole weights (n,) with which every group has the same say, and their sum.

    A person weighs 1 / (G n_g): G groups with anybody present, n_g of them in this one. present (n,): who counts at
    all (who handed in a ballot); the others weigh 0. cap: nobody weighs more than cap times what all alike would
    (capped groups then have less say). The weights are the smallest whole numbers in these proportions; Python
    integers where 64 bits are too few. Nobody present: zeros.
    """
    groups = np.asarray(groups)
    present = np.ones(groups.shape, dtype=bool) if present is None else np.asarray(present, dtype=bool)
    labels, sizes = np.unique(groups[present], return_counts=True)
    people = int(sizes.sum())
    if cap is not None and cap <= 0:
        raise ValueError(f"a cap is above 0: {cap}")
    shares = [Fraction(1, len(labels) * int(size)) for size in sizes]
    if cap is not None:
        shares = [min(share, Fraction(cap) / people) for share in shares]
    unit = Fraction(gcd(*(s.numerator for s in shares)), lcm(*(s.denominator for s in shares)))
    whole = [int(share / unit) for share in shares]
    total = sum(weight * int(size) for weight, size in zip(whole, sizes, strict=True))
    weights = np.zeros(groups.shape, dtype=np.int64 if total < 2**63 else object)
    for label, weight in zip(labels, whole, strict=True):
        weights[present & (groups == label)] = weight
    return weights, total


def whole_weights(weights: Whole | None, shape: tuple[int, ...]) -> Whole:
    """Weights for ranks of this shape (n, m), ones where None; Python integers where doubled sums may pass 64 bits."""
    people, statements = shape
    if weights is None:
        return np.ones(people, dtype=np.int64)
    weights = np.asarray(weights)
    if weights.shape != (people,):
        raise ValueError(f"one weight per person: {weights.shape} for {people} people")
    exact = weights.dtype.kind in "iub" or all(isinstance(weight, int) for weight in weights.tolist())
    if not exact or (weights < 0).any():
        raise ValueError("weights are whole numbers from 0")
    fits = 2 * max(statements, 1) * float(weights.sum(dtype=np.float64)) < 2**62
    return weights.astype(np.int64 if fits else object)


def checked(ranks: Ranks, unranked: Unranked = "below") -> Ranks:
    """ranks, or ValueError where they are no table (n, m) of whole numbers from 0 or cannot be read so."""
    ranks = np.asarray(ranks)
    if ranks.ndim != 2 or ranks.dtype.kind not in "iu" or ranks.min(initial=0) < 0:
        raise ValueError("ranks are a table (people, statements) of whole numbers from 0")
    if unranked not in ("below", "absent"):
        raise ValueError(f'unranked is "below" or "absent": {unranked!r}')
    return ranks


def _sides(ranks: Ranks, unranked: Unranked) -> tuple[Ranks, Ranks]:
    """Codes such that a is above b where upper[a] < lower[b].

    Less 1 without a sign turns "not ranked" into the largest code: above nothing. Code 0 is below nothing.
    """
    codes = ranks.astype(np.min_scalar_type(ranks.max(initial=1)))
    upper = codes - codes.dtype.type(1)
    return upper, upper if unranked == "below" else np.where(codes > 0, upper, codes)


def _heads(upper: Ranks, lower: Ranks) -> NDArray[np.int64]:
    """(m, n) twice -> (m, m). Rows of bytes compared and counted: nothing else reads so little memory."""
    table = np.empty((len(upper), len(upper)), dtype=np.int64)
    above = np.empty(lower.shape, dtype=bool)
    for a, row in enumerate(upper):
        np.less(row, lower, out=above)
        table[a] = [np.count_nonzero(line) for line in above]
    return table
