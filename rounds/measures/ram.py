"""The RAND/UCLA appropriateness method, and the cut-off of majority opinions: verdicts on rated statements.

Fitch et al. 2001, The RAND/UCLA Appropriateness Method User's Manual, RAND MR-1269. Every comparison is between
integers. No other consensus rule belongs here (rounds/rules.py), and no figure that a verdict does not need.

The method was made for nine points and panels of 8 and more. Other scales are stretched to 1-9 first and flagged,
smaller panels are flagged. The manual leaves the percentile's definition open; it is a parameter of every figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.describe import HALF, Floats, Ints, Whole, balanced_mean, defined, exact_quantile, exact_quantiles
from rounds.measures.result import Result, undefined

CLASSES = ("inappropriate", "uncertain", "appropriate")  # by the third that holds the median: 1-3, 4-6, 7-9
UNCERTAIN = 1
SHARES = (HALF, Fraction(3, 10), Fraction(7, 10))
SMALLEST = 8  # people; below it the manual has no rule


def ram(counts: ArrayLike, kind: int = 7) -> Result:
    """The class of one statement: where its median lies, or uncertain where the panel disagrees. Value: cls_ipras.

    counts: (top,), how many rated 1..top, top >= 2. kind: the quantile's definition (describe.quantile).
    Medians of 3.5 and 6.5 belong to the higher class. more, all exact: median, p30, p70; ipr = p70 - p30;
    ai = |5 - (p30 + p70) / 2|; ipras = 2.35 + 1.5 ai; di = ipr / ipras; disagreement_ipras (ipr over ipras);
    disagreement_classic (as many as panel_rule says in 1-3 and in 7-9); agreement_classic (no more than it allows
    outside the third that holds the median); cls_ipras, cls_classic. Flags: outside_manual, non_standard_scale.
    Undefined: empty. ValueError: top under 2. The formula with its constants: doi 10.1136/bmjopen-2012-001431.
    """
    row = [int(n) for n in np.asarray(counts)]
    n, top, parameters = sum(row), _top(len(row)), {"kind": kind}
    if not n:
        return undefined("empty", n=n, method="ram", parameters=parameters)
    median, p30, p70, unit = _percentiles(row, kind)
    ipr, asymmetry, ipras = _symmetry(p30, p70, unit)
    third, is_split = _third(median, unit), ipr > ipras
    thirds = [0, 0, 0]
    for value, count in enumerate(row):
        thirds[_third(*_stretched(value + 1, 1, top))] += count
    disagreement_min, outside_max = panel_rule(n)
    is_split_classic = min(thirds[0], thirds[2]) >= disagreement_min
    more = {
        "median": Fraction(median, unit),
        "p30": Fraction(p30, unit),
        "p70": Fraction(p70, unit),
        "ipr": Fraction(ipr, 20 * unit),
        "ai": Fraction(asymmetry, 20 * unit),
        "ipras": Fraction(ipras, 20 * unit),
        "di": Fraction(ipr, ipras),
        "disagreement_ipras": is_split,
        "disagreement_classic": is_split_classic,
        "agreement_classic": n - thirds[third] <= outside_max,
        "cls_ipras": CLASSES[UNCERTAIN if is_split else third],
        "cls_classic": CLASSES[UNCERTAIN if is_split_classic else third],
    }
    flags = ("outside_manual",) * (n < SMALLEST) + ("non_standard_scale",) * (top != 9)
    return Result(more["cls_ipras"], n, "ram", parameters, more, flags=flags)


def ram_classes(counts: Ints, kind: int = 7) -> tuple[NDArray[np.int8], Floats]:
    """ram() of many statements at once, (..., top) in: places in CLASSES, -1 without answers; and DI, then NaN."""
    top = _top(counts.shape[-1])
    (median, unit_median), (p30, unit), (p70, _) = (
        _stretched(*exact_quantiles(counts, share, of), top) for share, of in zip(SHARES, (7, kind, kind), strict=True)
    )
    ipr, _, ipras = _symmetry(p30, p70, unit)
    classes = np.where(ipr > ipras, UNCERTAIN, _third(median, unit_median))
    return np.where(counts.any(axis=-1), classes, -1).astype(np.int8), defined(ipr / ipras, counts)


def panel_rule(n: int) -> tuple[int, int]:
    """The classic rule for a panel of n: (ratings in 1-3 and in 7-9 that make disagreement, the most that agreement
    allows outside the median's third).

    A third of the panel, rounded: the manual's table for 8 to 16 people, continued on both sides; never under one.
    """
    third = max(1, (2 * n + 3) // 6)
    return third, third - 1


def ram_order(counts: Ints, kind: int = 7) -> Result:
    """Statements by class, then median (high first), DI (low first), and the groups' balanced mean (high first).

    The manual orders nothing: this order is our definition. counts: (groups, statements, top). Value: an order;
    statements equal in all four are tied, those without answers are in more["unanswered"] only. n: the answers to
    the statement with most. more: classes, by statement, None without answers. Undefined: empty (no answer at all).
    """
    values = np.arange(1, counts.shape[-1] + 1)
    pooled, sums, ns = counts.sum(axis=0), (counts * values).sum(axis=-1), counts.sum(axis=-1)
    results = [ram(row, kind) for row in pooled]
    places: dict[tuple[Fraction, ...], list[int]] = {}
    for statement, result in enumerate(results):
        if result.value is not None:
            mean = balanced_mean(sums[:, statement].tolist(), ns[:, statement].tolist()).value
            figures = Fraction(CLASSES.index(result.value)), result.more["median"], -result.more["di"], mean
            places.setdefault(figures, []).append(statement)
    parameters = {"kind": kind}
    more = {
        "classes": tuple(result.value for result in results),
        "unanswered": tuple(statement for statement, result in enumerate(results) if result.value is None),
    }
    if not places:
        return undefined("empty", n=0, method="ram_order", parameters=parameters, more=more)
    order = tuple(tuple(places[figures]) for figures in sorted(places, reverse=True))
    flags = tuple(sorted({flag for result in results for flag in result.flags}))
    return Result(order, max(result.n or 0 for result in results), "ram_order", parameters, more, flags=flags)


def apmo(items: Iterable[Sequence[int]]) -> Result:
    """The average percent of majority opinions of a round: the cut-off that its statements are held against.

    items: of each statement (agree, disagree, all opinions). Value: 100 times the answers on the side of a majority
    over all opinions, a Fraction; a majority is over half of a statement's opinions. n: all opinions. more: in, out:
    the statements where a majority agrees, or disagrees, in at least that percentage (at least, because a round in
    which everyone agrees on everything must keep it all; a majority, because the cut-off can lie below one half).
    Undefined: empty. Kapoor 1987, as described by von der Gracht 2012, doi 10.1016/j.techfore.2012.04.013.
    """
    boxes = [(int(agree), int(disagree), int(n)) for agree, disagree, n in items]
    everyone = sum(n for _, _, n in boxes)
    if not everyone:
        return undefined("empty", n=0, method="apmo")
    majorities = sum(side for *sides, n in boxes for side in sides if 2 * side > n)

    def past(side: int) -> tuple[int, ...]:
        return tuple(
            place
            for place, item in enumerate(boxes)
            if 2 * item[side] > item[2] and item[side] * everyone >= majorities * item[2]
        )

    return Result(Fraction(100 * majorities, everyone), everyone, "apmo", more={"in": past(0), "out": past(1)})


def _percentiles(row: Sequence[int], kind: int) -> tuple[int, int, int, int]:
    """Median, P30 and P70 on nine points, in 1/unit; and that unit."""
    table = {value: n for value, n in enumerate(row, 1) if n}
    exact = [exact_quantile(table, share, of) for share, of in zip(SHARES, (7, kind, kind), strict=True)]
    found = [value for value in exact if value is not None]
    unit = lcm(*(value.denominator for value in found))
    median, p30, p70 = (_stretched(int(value * unit), unit, len(row))[0] for value in found)
    return median, p30, p70, _stretched(unit, unit, len(row))[1]


def _stretched(figure: Whole, unit: int, top: int) -> tuple[Whole, int]:
    """A figure in 1/unit on 1..top as one on 1..9, with its unit."""
    return (top - 1) * unit + 8 * (figure - unit), (top - 1) * unit


def _symmetry(p30: Whole, p70: Whole, unit: int) -> tuple[Whole, Whole, Whole]:
    """(IPR, AI, IPRAS) in 1/(20 unit), from percentiles in 1/unit."""
    lean = abs(10 * unit - p30 - p70)
    return 20 * (p70 - p30), 10 * lean, 47 * unit + 15 * lean


def _third(figure: Whole, unit: int) -> Whole:
    """The third of the nine points that holds a figure: 0, 1, 2; 3.5 and 6.5 lie in the higher one."""
    return 1 * (2 * figure >= 7 * unit) + 1 * (2 * figure >= 13 * unit)


def _top(points: int) -> int:
    if points < 2:
        raise ValueError(f"a scale of {points} points has no thirds")
    return points
