"""The same people divided over panels of the same sizes by chance: would these differ as much as the panels do?

Two panels drawn from one population never give one list: of panels of ten, some eight of the first ten statements are
shared. So this, and not two lists drawn blindly, is what an overlap is to be held against. No ballot is read here:
points of each person come in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.panels import too_few
from rounds.measures.resampling import mean_scores, places
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST = 20_000  # divisions that are all tried
LEAST = 4  # people in a panel, below which no p is told: of two panels of three the smallest is 0.1
AT_ONCE = 4_000_000  # figures in one product: bounds the memory
ROUNDING = 1e-9  # of the whole sum of squares; two divisions as far apart must not differ by their last digit


def overlap_reference(
    scores: ArrayLike, panels: ArrayLike, k: int, *, groups: ArrayLike | None = None, seed: int = 0, draws: int = 4_999
) -> Result:
    """How many statements all panels have among their first k, and how many the same people divided by chance would.

    scores (people, statements): points among the statements put to all panels, higher is better, NaN = none; first is
    who has the higher mean, with all its tie. panels, groups (people,): labels; with groups, people change places
    inside their group only, among the panels it sits in, so that a mix of groups is not found as a difference. People
    without a point, and statements that not every panel gave a point, are left out. Value: the overlap. n: people.
    more: expected (mean over the divisions), p_at_most (share of them with no more), p_kind exact (every division, up
    to 20,000) or monte_carlo (`draws` random ones, the observed one counted in), divisions, common, sizes. No figure
    depends on the order of the people. Flag: small_panel (under four people: shown, not tested).
    Undefined: empty, one_panel, no_common. ValueError: k or draws under 1, shapes that do not fit.
    """
    if k < 1:
        raise ValueError("k is at least 1")
    chosen = {"k": k, "seed": seed, "draws": draws, "groups": groups is not None}
    people = _people(scores, panels, groups)
    if people.reason:
        return _without("overlap_reference", people, chosen)
    labels, kind = _divided(people, seed, draws)
    observed = int(_overlaps(people, people.panel[None], k)[0])
    found = np.concatenate([_overlaps(people, some, k) for some in _some(labels, people)])
    more = {
        **people.told(),
        "expected": Fraction(int(found.sum()), len(found)),
        "p_at_most": Fraction(int((found <= observed).sum()), len(found)),
        "p_kind": kind,
        "divisions": len(found),
    }
    return Result(observed, people.n, "overlap_reference", chosen, more, flags=people.flags())


def panels_differ(
    scores: ArrayLike, panels: ArrayLike, *, groups: ArrayLike | None = None, seed: int = 0, draws: int = 4_999
) -> Result:
    """Whether panels differ at all, over all common statements at once: to be asked before any single statement.

    Arguments, n and flag as overlap_reference(). Value: the sum, over statements and panels, of the squared distance of
    a panel's mean from the mean of all, times its answers (one-way PERMANOVA with Euclidean distances). more: share (of
    all squares), p_permutation (share of the divisions with as large a sum), p_kind, divisions, common, sizes.
    Undefined: as overlap_reference(); constant (on each statement all have the same points).
    Anderson 2001, doi:10.1111/j.1442-9993.2001.01070.pp.x.
    """
    chosen = {"seed": seed, "draws": draws, "groups": groups is not None}
    people = _people(scores, panels, groups)
    if people.reason:
        return _without("panels_differ", people, chosen)
    given = ~np.isnan(people.points)
    centred = np.where(given, people.points - np.nanmean(people.points, axis=0), 0)
    whole = float((centred**2).sum())
    if (np.nanmax(people.points, axis=0) == np.nanmin(people.points, axis=0)).all():
        return undefined("constant", n=people.n, method="panels_differ", parameters=chosen, more=people.told())
    labels, kind = _divided(people, seed, draws)
    observed = float(_squares(people, people.panel[None], centred, given)[0])
    found = np.concatenate([_squares(people, some, centred, given) for some in _some(labels, people)])
    more = {
        **people.told(),
        "share": observed / whole,
        "p_permutation": Fraction(int((found >= observed - ROUNDING * whole).sum()), len(found)),
        "p_kind": kind,
        "divisions": len(found),
    }
    return Result(observed, people.n, "panels_differ", chosen, more, flags=people.flags())


@dataclass(frozen=True, slots=True)
class _People:
    """Who is divided: points (people, common statements), panel and group as codes, sorted by what they hold."""

    points: Floats
    panel: Ints
    group: Ints
    sizes: dict[Any, int]
    common: tuple[int, ...]
    reason: str

    @property
    def n(self) -> int:
        return len(self.points)

    def told(self) -> dict[str, Any]:
        return {"common": self.common, "sizes": self.sizes}

    def flags(self) -> tuple[str, ...]:
        return ("small_panel",) * (min(self.sizes.values()) < LEAST)


def _people(scores: ArrayLike, panels: ArrayLike, groups: ArrayLike | None) -> _People:
    points, label = np.asarray(scores, dtype=np.float64), np.asarray(panels)
    names = np.zeros(len(label)) if groups is None else np.asarray(groups)
    if points.ndim != 2 or not label.shape == names.shape == points.shape[:1]:
        raise ValueError("scores are (people, statements), panels and groups (people,)")
    there = ~np.isnan(points).all(axis=1)
    shared = common_of(points[there], label[there])
    there &= ~np.isnan(points[:, shared]).all(axis=1) if shared.any() else True
    points, label, names = points[there][:, shared], label[there], names[there]
    found, panel, sizes = np.unique(label, return_inverse=True, return_counts=True)
    group = np.unique(names, return_inverse=True)[1]
    along = np.lexsort([*points.T, panel, group])
    return _People(
        points[along],
        panel[along],
        group[along],
        dict(zip(found.tolist(), sizes.tolist(), strict=True)),
        tuple(np.flatnonzero(shared).tolist()),
        too_few(len(found)) or ("" if shared.any() else "no_common"),
    )


def common_of(points: Floats, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """(statements,): which of them somebody of every label gave a point."""
    given = ~np.isnan(points)
    by_label = [given[labels == label].any(axis=0) for label in np.unique(labels)]
    return np.asarray(np.all(by_label, axis=0)) if by_label else np.zeros(points.shape[1], dtype=bool)


def _without(method: str, people: _People, chosen: dict[str, Any]) -> Result:
    return undefined(people.reason, n=people.n, method=method, parameters=chosen, more=people.told())


def _divided(people: _People, seed: int, draws: int) -> tuple[Ints, str]:
    """Labels (divisions, people): every division inside the groups, or the observed one and random ones."""
    if draws < 1:
        raise ValueError("draws are at least 1")
    blocks = [np.flatnonzero(people.group == group) for group in range(int(people.group.max()) + 1)]
    if prod(_number(people.panel[block]) for block in blocks) <= MOST:
        rows = people.panel[None]
        for block in blocks:
            every = _every(people.panel[block])
            rows = np.repeat(rows, len(every), axis=0)
            rows[:, block] = np.tile(every, (len(rows) // len(every), 1))
        return rows, "exact"
    chance = np.random.default_rng(seed)
    rows = np.tile(people.panel, (draws + 1, 1))
    for block in blocks:
        rows[1:, block] = chance.permuted(rows[1:, block], axis=1)
    return rows, "monte_carlo"


def _number(labels: Ints) -> int:
    """In how many ways these labels can be given to as many people."""
    sizes = np.bincount(labels).tolist()
    return prod(comb(sum(sizes[: place + 1]), size) for place, size in enumerate(sizes))


def _every(labels: Ints) -> Ints:
    """Every way to give these labels to as many people, a row each."""
    rows = [np.full(len(labels), -1)]
    for label, size in enumerate(np.bincount(labels).tolist()):
        rows = [_labelled(row, seats, label) for row in rows for seats in combinations(np.flatnonzero(row < 0), size)]
    return np.array(rows)


def _labelled(row: Ints, seats: tuple[Any, ...], label: int) -> Ints:
    filled = row.copy()
    filled[list(seats)] = label
    return filled


def _some(labels: Ints, people: _People) -> Iterator[Ints]:
    """A few divisions at a time."""
    at_once = max(1, AT_ONCE // max(people.points.size, 1))
    for start in range(0, len(labels), at_once):
        yield labels[start : start + at_once]


def _overlaps(people: _People, labels: Ints, k: int) -> Ints:
    """(divisions,): how many statements are among the first k of every panel. A panel that chance left without a point
    for a statement was not asked it in that division: then it is first in none.
    """
    means = np.stack([mean_scores([people.points], [_in(labels, panel)], False) for panel in range(len(people.sizes))])
    means[:, np.isnan(means).any(axis=0)] = np.nan
    first = [places(table, k)[2] == 1 for table in means]
    return np.asarray(np.all(first, axis=0).sum(axis=1))


def _squares(people: _People, labels: Ints, centred: Floats, given: NDArray[np.bool_]) -> Floats:
    """(divisions,): squared sums over answers. centred: points less their mean, 0 where there is none."""
    total = np.zeros(len(labels))
    for panel in range(len(people.sizes)):
        there = _in(labels, panel)
        total += ((there @ centred) ** 2 / np.maximum(there @ given, 1)).sum(axis=1)
    return total


def _in(labels: Ints, panel: int) -> Floats:
    return np.asarray(labels == panel, dtype=np.float64)
