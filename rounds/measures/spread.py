"""How united the answers to one statement are, from its distribution alone: so these may be shown live.

Each measure has a kernel for any number of statements at once, and a function that makes its Result. Agreement
between people across statements is not here (agreement.py), and no verdict.

counts: (..., top), how many answered 1, 2, ... top. A kernel gives NaN where the measure is undefined.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.describe import QUARTER, Distribution, defined, exact_quantile, exact_quantiles, table_of
from rounds.measures.result import Result, undefined

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WIDEST = 16  # points of a scale for which the table of all patterns is small: 2 ** 16


def eijk(counts: ArrayLike) -> Result:
    """van der Eijk's agreement A: 1 all answers alike, 0 spread evenly, -1 half at either end. Value: a Fraction.

    counts: (top,), 3 <= top <= 16. more: polarization = (1 - A) / 2. Undefined: empty; k2 (top under 3).
    ValueError: top over 16. van der Eijk 2001, doi 10.1023/A:1010374114305.
    """
    row, n = _row(counts)
    if not n or len(row) < 3:
        return undefined("k2" if n else "empty", n=n, method="eijk")
    layers, unit = _eijk_layers(row)
    value = Fraction(int(layers), n * unit)
    return Result(value, n, "eijk", more={"polarization": (1 - value) / 2})


def eijk_of_shares(shares: Sequence[Fraction]) -> Fraction | None:
    """A where only the shares of 1, 2, ... top are known, as of a published figure; they need not add up to one.

    Exact; None where eijk() is undefined. ValueError: a negative share, top over 16.
    """
    if any(share < 0 for share in shares):
        raise ValueError("a share is at least 0")
    total = sum(shares, Fraction())
    if not total or len(shares) < 3:
        return None
    agreement, unit = _patterns(len(shares))
    order = sorted(range(len(shares)), key=shares.__getitem__)
    below, layers = Fraction(), Fraction()
    for place, value in enumerate(order):
        filled = sum(1 << other for other in order[place:])
        layers += (shares[value] - below) * (len(shares) - place) * int(agreement[filled])
        below = shares[value]
    return layers / (total * unit)


def eijk_a(counts: Ints) -> Floats:
    """eijk() of many statements at once: (..., top) in, (...) out."""
    if counts.shape[-1] < 3:
        return np.full(counts.shape[:-1], np.nan)
    layers, unit = _eijk_layers(counts)
    return defined(layers / np.maximum(_people(counts) * unit, 1), counts)


def _eijk_layers(counts: Ints) -> tuple[Ints, int]:
    """The sum of each layer's agreement times its answers, in 1/unit.

    Peeled from below, the layers end at the counts in ascending order; a layer's pattern is the values still filled.
    """
    top = counts.shape[-1]
    agreement, unit = _patterns(top)
    order = counts.argsort(axis=-1)
    heights = np.diff(np.take_along_axis(counts, order, axis=-1), axis=-1, prepend=0)
    filled = (1 << order)[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return (heights * np.arange(top, 0, -1) * agreement[filled]).sum(axis=-1), unit


@lru_cache(maxsize=WIDEST)
def _patterns(top: int) -> tuple[Ints, int]:
    """The agreement of a layer for each pattern of filled values (bit 0 is value 1), and its unit.

    Of all triples of values in order, 110 and 011 speak for one peak, 101 against.
    """
    if top > WIDEST:
        raise ValueError(f"a scale of {top} points; up to {WIDEST} are offered")
    filled = np.arange(1 << top)[:, np.newaxis] >> np.arange(top) & 1
    before, size = filled.cumsum(axis=1) - filled, filled.sum(axis=1)
    after = size[:, np.newaxis] - before - filled
    empty_before, empty_after = np.arange(top) - before, np.arange(top - 1, -1, -1) - after
    one_peak = (filled * (before * empty_after + empty_before * after)).sum(axis=1)
    two_peaks = ((1 - filled) * before * after).sum(axis=1)
    numerators = ((top - 2) * one_peak - (top - 1) * two_peaks) * (top - size)
    denominators = (top - 2) * (one_peak + two_peaks) * (top - 1)
    lone = size == 1
    numerators[lone], denominators[lone] = 1, 1
    denominators[denominators == 0] = 1  # no such triple: all values filled, or none; agreement 0
    shared = np.gcd(numerators, denominators)
    numerators, denominators = numerators // shared, denominators // shared
    unit = lcm(*np.unique(denominators).tolist())
    return numerators * (unit // denominators), unit


def tastle_wierman(counts: ArrayLike) -> Result:
    """Tastle and Wierman's consensus: 1 all answers alike, 0 half at either end. Value: a float, in 0..1.

    counts: (top,), top >= 2. Undefined: empty. ValueError: top under 2.
    Tastle & Wierman 2007, doi 10.1016/j.ijar.2006.06.024.
    """
    row, n = _row(counts)
    value = float(tastle_wierman_consensus(row))
    return Result(value, n, "tastle_wierman") if n else undefined("empty", n=n, method="tastle_wierman")


def tastle_wierman_consensus(counts: Ints) -> Floats:
    """tastle_wierman() of many statements at once: (..., top) in, (...) out."""
    top = _at_least_two(counts)
    n = np.maximum(_people(counts), 1)[..., np.newaxis]
    values = np.arange(1, top + 1)
    distance = np.abs(values - (counts * values).sum(axis=-1, keepdims=True) / n) / (top - 1)
    terms = np.log2(1 - distance, where=counts > 0, out=np.zeros(counts.shape))
    return defined(1 + (counts / n * terms).sum(axis=-1), counts)


def leik(counts: ArrayLike) -> Result:
    """Leik's ordinal dispersion D: 0 all answers alike, 1 half at either end. Value: a Fraction.

    counts: (top,), top >= 2. more: consensus = 1 - D. Undefined: empty. ValueError: top under 2.
    Leik 1966, doi 10.2307/1388242.
    """
    row, n = _row(counts)
    folded, unit = _leik_sum(row)
    if not n:
        return undefined("empty", n=n, method="leik")
    value = Fraction(int(folded), n * unit)
    return Result(value, n, "leik", more={"consensus": 1 - value})


def leik_d(counts: Ints) -> Floats:
    """leik() of many statements at once: (..., top) in, (...) out."""
    folded, unit = _leik_sum(counts)
    return defined(folded / np.maximum(_people(counts) * unit, 1), counts)


def _leik_sum(counts: Ints) -> tuple[Ints, int]:
    """Twice the sum of min(F, 1 - F), times the people; and top - 1, by which it is still to be divided."""
    top = _at_least_two(counts)
    reached = counts.cumsum(axis=-1)
    return 2 * np.minimum(reached, reached[..., -1:] - reached).sum(axis=-1), top - 1


def cqv(distribution: Distribution, kind: int = 7) -> Result:
    """The quartile coefficient of variation, (Q3 - Q1) / (Q3 + Q1). Value: a Fraction.

    It depends on where the scale starts: 1-9 and 0-8 give different figures. kind: see describe.quantile.
    more: q1, q3. Undefined: empty; zero_quartiles. Bonett 2006, doi 10.1016/j.csda.2005.05.007.
    """
    table = table_of(distribution)
    n, parameters = sum(table.values()), {"kind": kind}
    q1, q3 = (exact_quantile(table, p, kind) for p in (QUARTER, 1 - QUARTER))
    if q1 is None or q3 is None:
        return undefined("empty", n=n, method="cqv", parameters=parameters)
    more = {"q1": q1, "q3": q3}
    if q1 + q3 == 0:
        return undefined("zero_quartiles", n=n, method="cqv", parameters=parameters, more=more)
    return Result((q3 - q1) / (q3 + q1), n, "cqv", parameters, more)


def cqvs(counts: Ints, kind: int = 7) -> Floats:
    """cqv() of many statements at once: (..., top) in, (...) out. The values 1..top never add up to zero."""
    (q1, _), (q3, _) = (exact_quantiles(counts, p, kind) for p in (QUARTER, 1 - QUARTER))
    return defined((q3 - q1) / (q3 + q1), counts)


def _row(counts: ArrayLike) -> tuple[Ints, int]:
    row: NDArray[Any] = np.asarray(counts)
    if row.ndim != 1 or row.dtype.kind not in "iu":
        raise ValueError("the counts of one statement are a row of whole numbers")
    return row.astype(np.int64), int(row.sum())


def _people(counts: Ints) -> Ints:
    people: Ints = counts.sum(axis=-1)
    return people


def _at_least_two(counts: Ints) -> int:
    top = int(counts.shape[-1])
    if top < 2:
        raise ValueError(f"a scale of {top} points has no spread")
    return top
