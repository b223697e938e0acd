"""Kendall's W where answers are missing: nobody is left out for one "I don't know".

W*, the share of the variance of ranks that one common order explains: the statistic of Skillings & Mack (1981,
doi:10.2307/1268034) over all the rank variance there is. On complete answers it is W with ties corrected. The names
W*, expected and adjusted are ours. Complete people only are in agreement.py; no interval is known for W*.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from rounds.measures.guards import answered
from rounds.measures.midranks import doubled_midranks
from rounds.measures.pairwise import Ranks, Unranked, checked
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]

FEW_PEOPLE = 8  # under which chi-square is a poor guide, and ranks are permuted inside people instead
ROUNDING = 1e-9


def w_incomplete(ratings: ArrayLike, missing: float = 0, *, permutations: int = 0, seed: int = 0) -> Result:
    """W*, 0..1, of ratings (people, statements) with gaps; `missing` or NaN is no answer.

    Each person's answers become midranks among what that person answered, k of them, weighed by sqrt(12/(k(k+1))).
    n: people who answered two statements or more; others tell nothing of an order. more: expected (under no agreement,
    1/n where complete), adjusted = (W* - expected)/(1 - expected): the mean of Spearman's rho where complete, and what
    may be compared between rounds with other gaps; chi2 = W* x sum(k - 1) on df (statements less connected parts), p;
    sm (Skillings & Mack's statistic), people, statements, answers; p_permuted: the share of `permutations` of each
    person's ranks that agree as much, asked for under eight people, else None. Flag: dropped_people.
    Undefined: empty; one_statement; n1 (one person); no_pairs (nobody answered two, or nobody who tells two
    apart shares them with another: W* would be 1); constant (nobody tells two statements apart).
    """
    table = np.asarray(ratings, dtype=np.float64)
    there = answered(table, missing)
    given = there[there.sum(axis=1) > 1]
    chosen = {"permutations": permutations, "seed": seed} if permutations else {}
    more: dict[str, Any] = {
        "people": len(given),
        "statements": int(given.any(axis=0).sum()),
        "answers": int(given.sum()),
    }
    reason = _too_little(there, given)
    if not reason:
        z, k = _scaled_ranks(table[there.sum(axis=1) > 1], given), given.sum(axis=1)
        spread = (z**2).sum(axis=1)
        inverse, df = _inverse(given, k)
        by_chance = float((spread / (k - 1) * _own_shares(inverse, given, k)).sum())
        is_apart = int((k - 1).sum()) == df or by_chance >= spread.sum() * (1 - ROUNDING)
        reason = "constant" if not spread.any() else "no_pairs" if is_apart else ""
    if reason:
        return undefined(reason, n=len(given), method="w_incomplete", parameters=chosen, more=more)
    sums = (z * np.sqrt(k)[:, None]).sum(axis=0)
    sm = float(sums @ inverse @ sums)
    w = min(1.0, sm / float(spread.sum()))
    expected = by_chance / float(spread.sum())
    chi2 = w * int((k - 1).sum())
    more |= {"expected": expected, "adjusted": (w - expected) / (1 - expected), "sm": sm}
    more |= {"chi2": chi2, "df": df, "p": float(chdtrc(df, chi2))}
    is_few = permutations and len(given) < FEW_PEOPLE
    more["p_permuted"] = _permuted(z, given, k, inverse, sm, permutations, seed) if is_few else None
    flags = ("dropped_people",) if len(given) < int(there.any(axis=1).sum()) else ()
    return Result(w, len(given), "w_incomplete", chosen, more, flags=flags)


def ranking_w(ranks: Ranks, unranked: Unranked = "below", *, permutations: int = 0, seed: int = 0) -> Result:
    """W of ballots, ranks (people, statements), 0 = not ranked; a ballot that ranks nothing is left out.

    "below": what a short ballot leaves out is one tie at its end, and W is corrected for ties; it reaches 1 where all
    pick the same in the same order, and is not comparable with W of full rankings. "absent": W* among what each
    person ranked. parameters: unranked, and places: the most a ballot ranks, of how many ("3 of 6"). Else as
    w_incomplete.
    """
    ballots = checked(ranks, unranked)
    ballots = ballots[ballots.any(axis=1)]
    table = ballots.astype(np.float64)
    if unranked == "below":
        table[ballots == 0] = float(ballots.max(initial=0)) + 1
    found = w_incomplete(table, permutations=permutations, seed=seed)
    places = f"{int((ballots > 0).sum(axis=1).max(initial=0))} of {ballots.shape[1]}"
    parameters = {"unranked": unranked, "places": places, **found.parameters}
    return Result(found.value, found.n, "ranking_w", parameters, found.more, found.reason, found.flags)


def _too_little(there: NDArray[np.bool_], given: NDArray[np.bool_]) -> str:
    """Why nothing can be said before any rank is looked at."""
    if not there.any():
        return "empty"
    if int(there.any(axis=1).sum()) == 1:
        return "n1"
    if int(there.any(axis=0).sum()) == 1:
        return "one_statement"
    return "no_pairs" if not len(given) else "n1" if len(given) == 1 else ""


def _scaled_ranks(table: Floats, given: NDArray[np.bool_]) -> Floats:
    """z (people, statements): midranks less their mean, over their standard deviation without ties; 0 in a gap."""
    k = given.sum(axis=1, keepdims=True)
    beyond = np.where(given, table, np.inf)  # gaps share the last places, which moves no other rank
    centred = doubled_midranks(beyond) / 2 - (k + 1) / 2
    return np.asarray(np.where(given, centred * np.sqrt(12 / (k * (k + 1))), 0.0))


def _inverse(given: NDArray[np.bool_], k: NDArray[Any]) -> tuple[Floats, int]:
    """The pseudo-inverse of Sigma = sum of (k I - J) over people, each on their own statements; and its rank."""
    there = given.astype(np.float64)
    sigma = np.diag(k @ there) - there.T @ there
    roots, vectors = np.linalg.eigh(sigma)
    real = roots > ROUNDING * roots[-1]
    return np.asarray((vectors[:, real] / roots[real]) @ vectors[:, real].T), int(real.sum())


def _own_shares(inverse: Floats, given: NDArray[np.bool_], k: NDArray[Any]) -> Floats:
    """(people,): the trace of Sigma's inverse times each person's own part of it."""
    there = given.astype(np.float64)
    return np.asarray(k * (there @ np.diagonal(inverse)) - np.einsum("ij,jk,ik->i", there, inverse, there))


def _permuted(
    z: Floats, given: NDArray[np.bool_], k: NDArray[Any], inverse: Floats, sm: float, permutations: int, seed: int
) -> float:
    chance = np.random.default_rng(seed)
    sums = np.zeros((permutations, z.shape[1]))
    for row, has, size in zip(z, given, k, strict=True):
        sums[:, has] += chance.permuted(np.tile(row[has], (permutations, 1)), axis=1) * np.sqrt(size)
    as_much = np.einsum("ij,jk,ik->i", sums, inverse, sums) >= sm * (1 - ROUNDING)
    return (1 + int(as_much.sum())) / (1 + permutations)
