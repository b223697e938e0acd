"""Midranks, doubled so that they stay whole numbers: from rows of values, or from counts without sorting.

Every rank statistic of the core rests on these kernels, ties included. No statistic belongs here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole = NDArray[np.int64]
MOST_LEVELS = 64  # up to here counting a row's values is faster than sorting them


def doubled_midranks(values: ArrayLike, axis: int = -1) -> Whole:
    """Twice the rank (1 = smallest) of every value along the axis; equal values share the mean of their places.

    values: numbers, none missing. Kendall 1945, doi:10.1093/biomet/33.3.239.
    """
    rows: NDArray[Any] = np.moveaxis(np.asarray(values), axis, -1)
    if rows.size and np.issubdtype(rows.dtype, np.integer):
        low, high = int(rows.min()), int(rows.max())
        if high - low < MOST_LEVELS:
            return np.moveaxis(_by_counting(rows.astype(np.int64) - low, high - low + 1), -1, axis)
    return np.moveaxis(_by_sorting(rows), -1, axis)


def midranks(values: ArrayLike, axis: int = -1) -> NDArray[np.float64]:
    """The rank (1 = smallest) of every value along the axis; equal values share the mean of their places."""
    return doubled_midranks(values, axis) / 2


def doubled_midranks_of_counts(counts: ArrayLike) -> Whole:
    """counts (..., top) -> twice the midrank of an answer 1, 2, ... top among the answers counted."""
    f = np.asarray(counts, dtype=np.int64)
    return 2 * np.cumsum(f, axis=-1) - f + 1


def tie_term(doubled: Whole) -> Whole:
    """Sum of t^3 - t over the sets of t equal values, from the doubled midranks (..., n) of n values.

    The squares of n midranks add up to n(n+1)(2n+1)/6 less a twelfth of it.
    """
    n = doubled.shape[-1]
    return np.asarray(2 * n * (n + 1) * (2 * n + 1) - 3 * (doubled**2).sum(axis=-1), dtype=np.int64)


def _by_counting(levels: Whole, width: int) -> Whole:
    """levels (..., n) in 0..width-1."""
    rows = levels.size // levels.shape[-1]
    cells = levels.reshape(rows, -1) + width * np.arange(rows)[:, None]
    counts = np.bincount(cells.ravel(), minlength=rows * width).reshape(rows, width)
    return np.asarray(doubled_midranks_of_counts(counts).ravel()[cells].reshape(levels.shape), dtype=np.int64)


def _by_sorting(rows: NDArray[Any]) -> Whole:
    order = np.argsort(rows, axis=-1, kind="stable")
    ordered = np.take_along_axis(rows, order, axis=-1)
    starts = np.ones(rows.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    place = np.arange(rows.shape[-1], dtype=np.int64)
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    ends = np.roll(starts, -1, axis=-1)
    last = np.minimum.accumulate(np.where(ends, place, rows.shape[-1])[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(rows.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, first + last + 2, axis=-1)
    return ranks
