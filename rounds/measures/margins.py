"""How many ballots would have to be others for the first of a list to change: counted, never guessed from a chance.

Exact for Borda points, so for the mean rank of ballots that say something of every statement, for choices, and for mean
scores and shares. No probability belongs here (resampling.py). Of a rule's verdict, not a list: verdict_margins.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import accumulate
from math import isnan
from operator import ge, gt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rounds.measures.orders import order_of, top
from rounds.measures.pairwise import Ranks, Whole, checked, doubled_points, pairwise, whole_weights
from rounds.measures.result import Result, undefined

Number = Fraction | int


def edge_margin(ranks: Ranks, k: int, *, limit: int | None = None, weights: Whole | None = None) -> Result:
    """How many ballots, filled in otherwise, change the set of the first k. Value: that number, the smallest.

    ranks (people, statements), 0 = not ranked: under all that is ranked, sharing the last places; people who rank
    nothing are left out. limit: how many statements a ballot may rank, None: all. weights (people,): whole numbers that
    stay as they are. A tie across the edge is in as a whole. A changed ballot becomes any other one: of statement b,
    which it puts first, over a, last (or left out with the others beyond the limit), a person gives
    p(a) - p(b) + R at most; the largest of these are taken until b passes a. n: people.

    more: inside, outside (the statements at places k and k + 1, in the order of submission where they tie), gap (points
    between them), tie and swap (ballots for outside to reach, to pass inside), leave (ballots taken out for the same,
    None: no number does it), edge_tied, reverse (ballots that turn the two head to head; None where inside is not
    ahead), bound (for Kemeny, Schulze and ranked pairs: at least so many, where every statement inside beats every one
    outside; else None).
    Undefined: empty; no_edge (no more statements than places, or all tied into the list: more without set figures).
    ValueError: k or limit under one.
    """
    if k < 1 or (limit is not None and limit < 1):
        raise ValueError("k and limit are at least 1")
    ballots = checked(ranks, "below")
    handed_in = ballots.any(axis=1)
    heads = whole_weights(weights, ballots.shape)[handed_in]
    ballots = ballots[handed_in]
    n, m = ballots.shape
    chosen = {"k": k, "limit": limit, "weights": "equal" if weights is None else "given"}
    if not n or k >= m:
        return undefined("no_edge" if n else "empty", n=n, method="edge_margin", parameters=chosen)
    points = doubled_points(ballots) * heads[:, None]
    reach = _reach(m, limit) * heads
    totals = points.sum(axis=0).tolist()
    order = order_of(totals)
    flat, first = [a for tied in order for a in tied], top(order, k)
    inside, outside = flat[k - 1], flat[k]
    table = pairwise(ballots, weights=heads)
    ahead = int(table[inside, outside] - table[outside, inside])
    more: dict[str, Any] = {
        "inside": inside,
        "outside": outside,
        **_passed(points, inside, outside, reach, totals[inside] - totals[outside]),
        "reverse": ahead // 2 + 1 if ahead > 0 and weights is None else None,
        "bound": _bound(table, first) if weights is None else None,
    }
    rest = [a for a in flat if a not in first]
    if not rest:
        return undefined("no_edge", n=n, method="edge_margin", parameters=chosen, more=more)
    passing = (_fewest(_gains(points, y, x, reach), totals[y] - totals[x]) for y in first for x in rest)
    return Result(min(found for found in passing if found), n, "edge_margin", chosen, more)


def choice_margin(chosen: Whole, k: int) -> Result:
    """The same of ballots that choose without an order: the fewest, filled in otherwise, that change the first k.

    chosen (people, statements): 1 = chosen, 0 = left out. A tie across the edge is in as a whole. A changed ballot
    chooses b and leaves a out, whatever number it may choose, so it gives b over a one person, and one more for each
    of these that it changes; the largest gains are taken until b passes a. n: people.

    more: inside, outside (the statements at places k and k + 1, in the order of submission where they tie), gap (people
    between them), edge_tied. Undefined: empty; no_edge. ValueError: k under one.
    """
    if k < 1:
        raise ValueError("k is at least 1")
    n, m = chosen.shape
    parameters = {"k": k}
    if not n or k >= m:
        return undefined("no_edge" if n else "empty", n=n, method="choice_margin", parameters=parameters)
    totals = chosen.sum(axis=0).tolist()
    order = order_of(totals)
    flat, first = [a for tied in order for a in tied], top(order, k)
    inside, outside = flat[k - 1], flat[k]
    gap = totals[inside] - totals[outside]
    more = {"inside": inside, "outside": outside, "gap": gap, "edge_tied": not gap}
    rest = [a for a in flat if a not in first]
    if not rest:
        return undefined("no_edge", n=n, method="choice_margin", parameters=parameters, more=more)
    passing = (_fewest(_gains(chosen, y, x, 1), totals[y] - totals[x]) for y in first for x in rest)
    return Result(min(found for found in passing if found), n, "choice_margin", parameters, more)


def score_margin(scores: ArrayLike, inside: int, outside: int, *, low: Number, high: Number) -> Result:
    """How many people, answering otherwise, put the mean score of one statement over that of another. Value: that.

    scores (people, statements) on low..high, NaN = no answer; a share is a mean of 0 and 1. inside: the column with the
    higher mean, outside: the other one. Each mean is over its own people; somebody may change both answers, and what
    was not answered stays so. A person gives (x - low)/n of inside plus (high - x)/n of outside at most; the largest of
    these are taken until outside passes. Exact; of medians there is no such formula. n: people with either answer.
    more: gap (of the means, exact), tie (people for outside to reach inside; 0 where it does).
    Undefined: empty (nobody answered one of the two). ValueError: a score off low..high, no room between them, or
    inside under outside.
    """
    table = np.asarray(scores, dtype=np.float64)[:, [inside, outside]]
    if low >= high or (table < float(low)).any() or (table > float(high)).any():
        raise ValueError(f"scores lie between {low} and {high}")
    first, second = ([None if isnan(x) else Fraction(x) for x in column] for column in table.T.tolist())
    n = int((~np.isnan(table)).any(axis=1).sum())
    chosen = {"inside": inside, "outside": outside, "low": low, "high": high}
    above, below = ([x for x in column if x is not None] for column in (first, second))
    if not above or not below:
        return undefined("empty", n=n, method="score_margin", parameters=chosen)
    gap = sum(above, Fraction()) / len(above) - sum(below, Fraction()) / len(below)
    if gap < 0:
        raise ValueError(f"{inside} has a lower mean than {outside}")
    gains = [
        (0 if x is None else (x - low) / len(above)) + (0 if y is None else (high - y) / len(below))
        for x, y in zip(first, second, strict=True)
    ]
    more = {"gap": gap, "tie": _fewest(gains, gap, ge) if gap else 0}
    return Result(_fewest(gains, gap), n, "score_margin", chosen, more)


def _gains(points: Whole, inside: int, outside: int, reach: Whole | int) -> list[int]:
    found: list[int] = (points[:, inside] - points[:, outside] + reach).tolist()
    return found


def _passed(points: Whole, inside: int, outside: int, reach: Whole, gap: int) -> dict[str, Any]:
    """Of the statement that is next and the last one inside, both in twice the points."""
    swapped = _gains(points, inside, outside, reach)
    return {
        "gap": Fraction(gap, 2),
        "edge_tied": not gap,
        "tie": _fewest(swapped, gap, ge) if gap else 0,
        "swap": _fewest(swapped, gap),
        "leave": _fewest(_gains(points, inside, outside, 0), gap),
    }


def _reach(statements: int, limit: int | None) -> int:
    """Twice the most that a ballot can put one statement over another."""
    left_out = 0 if limit is None else max(0, statements - limit - 1)
    return 2 * (statements - 1) - left_out


def _fewest(gains: Iterable[Number], gap: Number, is_enough: Callable[[Number, Number], bool] = gt) -> int | None:
    """The fewest of these whose sum passes the gap (ge: reaches it); None where all the gains there are do not."""
    sums = accumulate(sorted((gain for gain in gains if gain > 0), reverse=True))
    return next((number for number, total in enumerate(sums, 1) if is_enough(total, gap)), None)


def _bound(table: Whole, first: tuple[int, ...]) -> int | None:
    chosen = np.zeros(len(table), dtype=bool)
    chosen[list(first)] = True
    margins = (table - table.T)[np.ix_(chosen, ~chosen)]
    return -(-int(margins.min()) // 2) if margins.size and int(margins.min()) > 0 else None
