"""What one distribution of answers looks like: quantiles, modes, boxes, and means at equal weight per group.

Exact wherever the answers are: fractions, never floats, until a figure is irrational (Wilson's interval). No
measure of agreement belongs here (spread.py, agreement.py) and no verdict (ram.py, rules.py).

A distribution is a mapping {value: how many gave it}, of any numbers, or a sequence of counts of 1, 2, ... top.
A float stands for the number it is in binary; a decimal that must be exact is a Fraction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.result import Result, undefined

Number = int | Fraction | float
Distribution = Mapping[Any, int] | Sequence[int] | NDArray[Any]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = TypeVar("Whole", int, Ints)

# Hyndman & Fan's nine types: the answer at place n p + m in order, with m = constant + slope p, in 24ths.
KINDS = {1: (0, 0), 2: (0, 0), 3: (-12, 0), 4: (0, 0), 5: (12, 0), 6: (0, 24), 7: (24, -24), 8: (8, 8), 9: (9, 6)}
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def table_of(distribution: Distribution) -> Mapping[Any, int]:
    """A distribution as {value: how many}; values that nobody gave are left out."""
    if isinstance(distribution, Mapping):
        return {value: int(n) for value, n in distribution.items() if n}
    return {value: int(n) for value, n in enumerate(distribution, 1) if n}


def exact_quantile(table: Mapping[Any, int], p: Fraction, kind: int = 7) -> Fraction | None:
    """The kernel of quantile(), for a mapping only: exact, None without answers."""
    return exact_quantile_set(table, (p,), kind)[0]


def exact_quantile_set(
    table: Mapping[Any, int], shares: Sequence[Fraction], kind: int = 7
) -> tuple[Fraction | None, ...]:
    """exact_quantile() of several shares: the answers are put in order once."""
    n = sum(table.values())
    if not n:
        return (None,) * len(shares)
    values = sorted(table)
    reached = list(accumulate(map(table.__getitem__, values)))
    return tuple(_between(values, reached, *_place(n, p, kind)) for p in shares)


def _between(values: Sequence[Any], reached: Sequence[int], place: int, share: int, unit: int) -> Fraction:
    """share/unit of the way from the answer at place (from 1) to the next."""
    n = reached[-1]
    lower = values[bisect_left(reached, min(max(place, 1), n))]
    upper = values[bisect_left(reached, min(max(place + 1, 1), n))]
    first = Fraction(lower)
    return first if lower == upper else first + Fraction(share, unit) * (Fraction(upper) - first)


def quantile(distribution: Distribution, p: Fraction | str, kind: int = 7) -> Result:
    """The value below which a share p of the answers lies, by one of the nine usual definitions.

    p: 0..1, a Fraction or a decimal as a string ("0.3"), because n p must be exact where it is whole; a float is
    read as it prints. kind: 1..9; 7 is that of R and of spreadsheets, 2 of SAS, 6 of SPSS. Value: a Fraction.
    Undefined: empty. ValueError: p outside 0..1 or no such kind. Hyndman & Fan 1996, doi 10.2307/2684934.
    """
    share, table = Fraction(str(p)), table_of(distribution)
    return _result("quantile", exact_quantile(table, share, kind), sum(table.values()), {"p": share, "kind": kind})


def exact_quantiles(counts: Ints, p: Fraction, kind: int = 7) -> tuple[Ints, int]:
    """Quantiles of many statements at once, exact: (numerators, their common denominator).

    counts: (..., top). The numerators have shape (...); where nobody answered they mean nothing.
    """
    reached = counts.cumsum(axis=-1)
    n = reached[..., -1]
    place, share, unit = _place(n, p, kind)
    lower, upper = (
        (reached < np.clip(at, 1, np.maximum(n, 1))[..., np.newaxis]).sum(axis=-1) + 1 for at in (place, place + 1)
    )
    return lower * unit + share * (upper - lower), unit


def quantiles(counts: Ints, p: Fraction | str, kind: int = 7) -> Floats:
    """quantile() of many statements at once. counts: (..., top); returns float (...), NaN where nobody answered."""
    numerators, unit = exact_quantiles(counts, Fraction(str(p)), kind)
    return defined(numerators / unit, counts)


def defined(figures: NDArray[Any], counts: Ints) -> Floats:
    """The figures as floats, NaN where nobody answered. figures: (...); counts: (..., top)."""
    return np.where(counts.any(axis=-1), figures, np.nan)


def median(distribution: Distribution) -> Result:
    """The middle answer, or the mean of the two in the middle. Value: a Fraction. Undefined: empty."""
    table = table_of(distribution)
    return _result("median", exact_quantile(table, HALF), sum(table.values()))


def mean(distribution: Distribution) -> Result:
    """The arithmetic mean. Value: a Fraction. Undefined: empty."""
    table = table_of(distribution)
    n = sum(table.values())
    value = sum((Fraction(value) * count for value, count in table.items()), Fraction()) / n if n else None
    return _result("mean", value, n)


def iqr(distribution: Distribution, kind: int = 7) -> Result:
    """The third quartile less the first, by the definition named by kind (see quantile). Value: a Fraction.

    more: q1, q3. Undefined: empty.
    """
    table = table_of(distribution)
    n = sum(table.values())
    q1, q3 = (exact_quantile(table, p, kind) for p in (QUARTER, 1 - QUARTER))
    if q1 is None or q3 is None:
        return undefined("empty", n=n, method="iqr", parameters={"kind": kind})
    return Result(q3 - q1, n, "iqr", {"kind": kind}, {"q1": q1, "q3": q3})


def modes(distribution: Distribution) -> Result:
    """Every value that most people gave, in ascending order: several where they tie. Undefined: empty."""
    table = table_of(distribution)
    most = max(table.values(), default=0)
    value = tuple(sorted(value for value, n in table.items() if n == most)) or None
    return _result("modes", value, sum(table.values()), more={"votes": most})


def box(distribution: Distribution, low: Number, high: Number) -> Result:
    """How many answers lie in low..high, both included. Value: the whole numbers (votes, n); more: share.

    Undefined: empty.
    """
    table = table_of(distribution)
    n = sum(table.values())
    votes = sum(count for value, count in table.items() if low <= value <= high)
    parameters = {"low": low, "high": high}
    if not n:
        return undefined("empty", n=n, method="box", parameters=parameters)
    return Result((votes, n), n, "box", parameters, {"share": Fraction(votes, n)})


def wilson(votes: int, n: int, level: str = "0.95") -> Result:
    """Wilson's score interval of a share, without continuity correction. Value: (lower, upper), floats.

    level: within 0..1, a decimal as a string. more: share. Undefined: empty (n = 0). ValueError: votes not in 0..n,
    or no such level. Newcombe 1998, method 3, doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
    """
    lower, upper = wilson_bounds(votes, n, level)
    if not n:
        return undefined("empty", n=n, method="wilson", parameters={"level": level})
    return Result((float(lower), float(upper)), n, "wilson", {"level": level}, {"share": Fraction(votes, n)})


def wilson_bounds(votes: ArrayLike, n: ArrayLike, level: str = "0.95") -> tuple[Floats, Floats]:
    """wilson() of many shares at once: integers of one shape in, the lower and the upper bounds out; NaN for n = 0."""
    votes, n = np.asarray(votes), np.asarray(n)
    if not 0 < Fraction(level) < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level}")
    if (votes < 0).any() or (votes > n).any():
        raise ValueError("the votes are not in 0..n")
    squared = NormalDist().inv_cdf(float((1 + Fraction(level)) / 2)) ** 2
    people = np.where(n > 0, n, np.nan)

    def lower(votes: NDArray[Any]) -> Floats:  # at no votes the root is squared / 2 to the last bit: exactly 0
        spread = np.sqrt(squared * (votes * (people - votes) / people + squared / 4))
        bound: Floats = (votes + squared / 2 - spread) / (people + squared)
        return bound

    return lower(votes), 1 - lower(n - votes)


def balanced_share(votes: Sequence[int], ns: Sequence[int]) -> Result:
    """The mean of the groups' shares: every group has one voice. As balanced_mean, of votes instead of sums."""
    return _balanced("balanced_share", votes, ns)


def balanced_mean(sums: Sequence[int | Fraction], ns: Sequence[int]) -> Result:
    """The mean of the groups' means: every group has one voice, whatever its size. Value: a Fraction.

    sums, ns: of each group, the sum of its answers and their number. more: pooled (everyone's mean), n_eff (the
    number of people that would leave as much chance in an unweighted mean: Kish 1965, Survey Sampling), dropped
    (places of the groups without an answer, which have no voice). Undefined: empty. ValueError: unequal lengths.
    """
    return _balanced("balanced_mean", sums, ns)


def _balanced(method: str, sums: Sequence[int | Fraction], ns: Sequence[int]) -> Result:
    answered = [(Fraction(total), int(n)) for total, n in zip(sums, ns, strict=True) if n]
    dropped = tuple(group for group, n in enumerate(ns) if not n)
    if not answered:
        return undefined("empty", n=0, method=method, more={"dropped": dropped})
    people = sum(n for _, n in answered)
    more = {
        "pooled": sum(total for total, _ in answered) / Fraction(people),
        "n_eff": len(answered) ** 2 / sum(Fraction(1, n) for _, n in answered),
        "dropped": dropped,
    }
    said = {"dropped_groups": bool(dropped), "small_group": min(n for _, n in answered) < 5}
    value = sum(total / n for total, n in answered) / len(answered)
    return Result(value, people, method, more=more, flags=tuple(flag for flag, holds in said.items() if holds))


def weighted_median(values: Sequence[Number], weights: Sequence[Fraction | str | int]) -> Result:
    """The lowest value that half of the weight reaches; its mean with the next one where it reaches half exactly.

    weights: of any sum, exact (Fractions, whole numbers or strings as "1/6"), because floats miss the exact half.
    Value: a Fraction; n: the values that have weight. Undefined: empty. ValueError: unequal lengths, weights under 0.
    """
    table: dict[Number, Fraction] = {}
    exact = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in exact):
        raise ValueError("a weight is under 0")
    for value, weight in zip(values, exact, strict=True):
        if weight:
            table[value] = table.get(value, Fraction()) + weight
    n = sum(weight > 0 for weight in exact)
    if not table:
        return undefined("empty", n=n, method="weighted_median")
    ordered = sorted(table)
    reached = list(accumulate(table[value] for value in ordered))
    place = bisect_left(reached, reached[-1] / 2)
    next_one = place + (2 * reached[place] == reached[-1])
    return Result((Fraction(ordered[place]) + Fraction(ordered[next_one])) / 2, n, "weighted_median")


def _place(n: Whole, p: Fraction, kind: int) -> tuple[Whole, Whole, int]:
    """(place, share, unit): the quantile lies share/unit of the way from the answer at place (from 1) to the next."""
    if not 0 <= p <= 1:
        raise ValueError(f"a share lies in 0..1, not at {p}")
    if kind not in KINDS:
        raise ValueError(f"there is no quantile of type {kind}, only of 1 to 9")
    constant, slope = KINDS[kind]
    unit = 24 * p.denominator
    place = (24 * n + slope) * p.numerator + constant * p.denominator
    share = place % unit
    place = place // unit
    if kind == 1:
        share = (share > 0) * unit
    elif kind == 2:
        share = ((share > 0) + 1) * (unit // 2)
    elif kind == 3:
        share = ((share > 0) | (place % 2 == 1)) * unit
    return place, share, unit


def _result(
    method: str,
    value: Any,
    n: int,
    parameters: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Result:
    if value is None:
        return undefined("empty", n=n, method=method, parameters=parameters)
    return Result(value, n, method, parameters or {}, more or {})
