"""p-values of several tests at once, raised so that the number of tests does not raise false alarms.

No test belongs here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down p-values: the chance of a single false alarm stays at the level.

    p (..., tests); NaN = not tested, stays NaN and does not count. Holm 1979, https://www.jstor.org/stable/4615733.
    """
    given, order, ordered, tests = _ascending(p)
    place = np.arange(given.shape[-1])
    raised = np.maximum.accumulate(np.minimum(ordered * (tests - place), 1), axis=-1)
    return _put_back(raised, order)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's step-up p-values: the expected share of false alarms among alarms stays at the level.

    p (..., tests); NaN = not tested, stays NaN and does not count. Benjamini & Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    given, order, ordered, tests = _ascending(p)
    place = np.arange(1, given.shape[-1] + 1)
    raised = np.fmin(ordered * tests / place, 1)
    raised = np.fmin.accumulate(raised[..., ::-1], axis=-1)[..., ::-1]
    return _put_back(np.where(np.isnan(ordered), np.nan, raised), order)


def _ascending(p: ArrayLike) -> tuple[Floats, NDArray[np.intp], Floats, NDArray[np.intp]]:
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given, axis=-1, kind="stable")  # NaN last
    tests = np.sum(~np.isnan(given), axis=-1, keepdims=True)
    return given, order, np.take_along_axis(given, order, axis=-1), tests


def _put_back(raised: Floats, order: NDArray[np.intp]) -> Floats:
    placed = np.empty_like(raised)
    np.put_along_axis(placed, order, raised, axis=-1)
    return placed
