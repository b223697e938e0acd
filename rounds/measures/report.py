"""Everything that describes the ratings of a round: each statement, for everyone together and for each group.

It computes nothing of its own: the arrays come from the kernels, a Result from the measure's own function, so a
figure in a report is the figure anywhere else. No order of statements and no consensus rule belongs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rounds.measures.describe import (
    HALF,
    QUARTER,
    Floats,
    Ints,
    balanced_mean,
    balanced_share,
    box,
    defined,
    iqr,
    mean,
    median,
    modes,
    quantile,
    quantiles,
    wilson,
    wilson_bounds,
)
from rounds.measures.ram import ram, ram_classes
from rounds.measures.result import Result
from rounds.measures.spread import (
    cqv,
    cqvs,
    eijk,
    eijk_a,
    leik,
    leik_d,
    tastle_wierman,
    tastle_wierman_consensus,
)

Band = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)  # arrays do not compare as one
class Report:
    """counts: (groups, statements, top). low, high: the opposite bands, both ends included. kind: the quantiles'
    definition. level: of Wilson's interval of the share in the high band.

    arrays: by name, (1 + groups, statements), row 0 being everyone together; NaN where undefined. n, low, mid, high
    are whole numbers of answers; ram holds places in ram.CLASSES, -1 without answers, and di its disagreement
    index; modes is True at each mode, (1 + groups, statements, top). balanced_share (of the high band),
    balanced_mean and n_eff concern all groups at once: (statements,).
    """

    counts: Ints
    low: Band
    high: Band
    kind: int
    level: str
    arrays: Mapping[str, NDArray[np.generic]]

    def result(self, statement: int, measure: str, group: int | None = None) -> Result:
        """One figure with its n, exact where the measure is. measure: one of MEASURES, or for everyone one of BALANCED.

        group: None for everyone together. ValueError: no such measure here.
        """
        if group is None and measure in BALANCED:
            return BALANCED[measure](self.counts[:, statement], self)
        if measure not in MEASURES:
            raise ValueError(f"no measure named {measure} {'' if group is None else 'of one group '}in a report")
        counts = self.counts[:, statement].sum(axis=0) if group is None else self.counts[group, statement]
        return MEASURES[measure](counts.tolist(), self)

    def results(self) -> Iterator[tuple[int, int | None, str, Result]]:
        """(statement, group, measure, Result) for every figure: statement by statement, everyone before the groups."""
        groups, statements, _ = self.counts.shape
        for statement in range(statements):
            for measure in (*MEASURES, *BALANCED):
                yield statement, None, measure, self.result(statement, measure)
            for group in range(groups):
                for measure in MEASURES:
                    yield statement, group, measure, self.result(statement, measure, group)


def report(counts: Ints, *, top: int, low: Band, high: Band, kind: int = 7, level: str = "0.95") -> Report:
    """All measures of all statements at once. counts: (groups, statements, top), as counts.count_table gives them.

    ValueError: counts of another shape, a scale under two points, bands off the scale or not apart.
    """
    if counts.ndim != 3 or counts.shape[-1] != top or top < 2:
        raise ValueError(f"counts of shape {counts.shape} for a scale of {top} points")
    if not 1 <= low[0] <= low[1] < high[0] <= high[1] <= top:
        raise ValueError(f"the bands {low} and {high} do not lie apart on 1..{top}")
    rows = np.concatenate([counts.sum(axis=0, keepdims=True), counts], dtype=np.int64)
    n, low_n, high_n = rows.sum(axis=-1), _in_band(rows, low), _in_band(rows, high)
    lower, upper = wilson_bounds(high_n, n, level)
    q1, q3 = quantiles(rows, QUARTER, kind), quantiles(rows, 1 - QUARTER, kind)
    classes, di = ram_classes(rows, kind)
    sums = (rows * np.arange(1, top + 1)).sum(axis=-1)
    arrays = {
        "n": n,
        "low": low_n,
        "mid": n - low_n - high_n,
        "high": high_n,
        "wilson_lower": lower,
        "wilson_upper": upper,
        "median": quantiles(rows, HALF),
        "q1": q1,
        "q3": q3,
        "iqr": q3 - q1,
        "mean": defined(sums / np.maximum(n, 1), rows),
        "modes": (rows == rows.max(axis=-1, keepdims=True)) & (rows > 0),
        "eijk": eijk_a(rows),
        "tastle_wierman": tastle_wierman_consensus(rows),
        "leik": leik_d(rows),
        "cqv": cqvs(rows, kind),
        "ram": classes,
        "di": di,
        **_balanced(high_n[1:], sums[1:], n[1:]),
    }
    return Report(counts, low, high, kind, level, arrays)


def _in_band(counts: Ints, band: Band) -> Ints:
    inside: Ints = counts[..., band[0] - 1 : band[1]].sum(axis=-1)
    return inside


def _balanced(votes: Ints, sums: Ints, n: Ints) -> dict[str, Floats]:
    """One voice for each group that answered. votes, sums, n: (groups, statements)."""
    people = np.where(n > 0, n, np.inf)  # an empty group adds nothing to any sum
    voices = np.where((n > 0).any(axis=0), (n > 0).sum(axis=0), np.nan)
    return {
        "balanced_share": (votes / people).sum(axis=0) / voices,
        "balanced_mean": (sums / people).sum(axis=0) / voices,
        "n_eff": voices**2 / (1 / people).sum(axis=0),
    }


def _high_wilson(row: list[int], of: Report) -> Result:
    return wilson(sum(row[of.high[0] - 1 : of.high[1]]), sum(row), of.level)


MEASURES: dict[str, Callable[[list[int], Report], Result]] = {
    "low": lambda row, of: box(row, *of.low),
    "mid": lambda row, of: box(row, of.low[1] + 1, of.high[0] - 1),
    "high": lambda row, of: box(row, *of.high),
    "wilson": _high_wilson,
    "median": lambda row, of: median(row),
    "q1": lambda row, of: quantile(row, QUARTER, of.kind),
    "q3": lambda row, of: quantile(row, 1 - QUARTER, of.kind),
    "iqr": lambda row, of: iqr(row, of.kind),
    "mean": lambda row, of: mean(row),
    "modes": lambda row, of: modes(row),
    "eijk": lambda row, of: eijk(row),
    "tastle_wierman": lambda row, of: tastle_wierman(row),
    "leik": lambda row, of: leik(row),
    "cqv": lambda row, of: cqv(row, of.kind),
    "ram": lambda row, of: ram(row, of.kind),
}
BALANCED: dict[str, Callable[[Ints, Report], Result]] = {
    "balanced_share": lambda rows, of: balanced_share(_in_band(rows, of.high).tolist(), rows.sum(axis=-1).tolist()),
    "balanced_mean": lambda rows, of: balanced_mean(
        (rows * np.arange(1, rows.shape[-1] + 1)).sum(axis=-1).tolist(), rows.sum(axis=-1).tolist()
    ),
}
