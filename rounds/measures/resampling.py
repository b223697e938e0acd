"""How sure an order is: people drawn again with replacement inside their group, the order made again each time.

Draws people, never statements (Efron 1979, doi 10.1214/aos/1176344552). No measure of agreement belongs here, and
no way of scoring: scores per person come in, higher is better. Beside these figures n must always be shown: groups
of a few people who agree look certain, and close ranks look surer than they are (Hall & Miller 2009, doi
10.1214/09-AOS699).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DROPPED = ("dropped_people", "dropped_groups")
SMALL = 5  # people in a group, below which it is flagged
DRAWS = 2_000_000  # people drawn at a time: bounds the memory
STEP = 2.0**-30  # scores closer than this share of the largest are tied: sums of rounded numbers make no order


def rank_bootstrap(
    scores: ArrayLike,
    groups: ArrayLike,
    *,
    balanced: bool,
    k: int,
    seed: int,
    resamples: int = 1000,
    level: float = 0.9,
    bayesian: bool = False,
    times: ArrayLike | None = None,
) -> Result:
    """The order of the statements, and how far other people of the same groups might have moved it.

    scores: (n, m), points of each person for each statement, NaN where it was not put to that person; people
    without any point are left out. groups: (n,), 0..G-1. balanced: the mean of the groups' means, groups without
    a point for the statement left out; else the mean over people. k: the length of the list. level: of the
    interval of ranks. bayesian: Dirichlet weights instead of whole people (Rubin 1981, doi 10.1214/aos/1176345338).
    times: (n, m), how often each statement was put to each person; then scores are sums over these times, every time
    has the same say, and 0 goes with NaN. None: once, where there is a score.

    value: the order of the scores as they are, tied statements together, statements without a point left out.
    more: what _told says of each statement and of neighbours; people: n by group; dropped_people, dropped_groups. No
    figure depends on the order of the people in the file, nor, where no scores tie, of the statements.

    n: people with a point. Flags: small_group (under five), dropped_people, dropped_groups. Undefined: empty; n1
    where no group has two people, so that every resample is the same. ValueError: shapes that do not fit, k,
    resamples or level out of range.
    """
    points, group, put = _checked(scores, groups, times)
    if k < 1 or resamples < 1 or not 0 < level < 1:
        raise ValueError("k and resamples are at least 1, level lies between 0 and 1")
    chosen = {"balanced": balanced, "k": k, "seed": seed, "resamples": resamples, "level": level, "bayesian": bayesian}
    people, n, more = _people(points, group)
    if max(map(len, people), default=0) < 2:
        return undefined("n1" if n else "empty", n=n, method="rank_bootstrap", parameters=chosen, more=more)
    parts, asked = _parts(people, points, put)
    observed = mean_scores(parts, [np.ones((1, len(part))) for part in parts], balanced, asked)[0]
    order = _order(observed)
    parts, asked = _parts(_in_own_order(people, points, put, observed), points, put)
    draws = weights([len(part) for part in parts], resamples, seed, bayesian)
    rows = (places(mean_scores(parts, drawn, balanced, asked), k) for drawn in draws)
    more |= _told([np.concatenate(figures) for figures in zip(*rows, strict=True)], order, level)
    flags = {"small_group": min(map(len, parts)) < SMALL} | {name: bool(more[name]) for name in DROPPED}
    return Result(order, n, "rank_bootstrap", chosen, more, flags=tuple(name for name, holds in flags.items() if holds))


def _people(points: Floats, group: Ints) -> tuple[list[Ints], int, dict[str, object]]:
    """The rows of each group that have a point, their number, and who is left out."""
    known = ~np.isnan(points).all(axis=1) if points.size else np.zeros(len(points), dtype=bool)
    blocks = {int(name): np.flatnonzero(known & (group == name)) for name in np.unique(group)}
    n = int(known.sum())
    more: dict[str, object] = {
        "people": {name: len(block) for name, block in blocks.items()},
        "dropped_people": len(points) - n,
        "dropped_groups": tuple(name for name, block in blocks.items() if not len(block)),
    }
    return [block for block in blocks.values() if len(block)], n, more


def _checked(scores: ArrayLike, groups: ArrayLike, times: ArrayLike | None) -> tuple[Floats, Ints, Floats | None]:
    points, group = np.asarray(scores, dtype=np.float64), np.asarray(groups, dtype=np.int64)
    if points.ndim != 2 or group.shape != points.shape[:1]:
        raise ValueError("scores are (people, statements), groups (people,)")
    put = None if times is None else np.asarray(times, dtype=np.float64)
    if put is not None and (put.shape != points.shape or (put < 0).any() or ((put > 0) == np.isnan(points)).any()):
        raise ValueError("times are (people, statements): above 0 where there is a score, else 0")
    return points, group, put


def _parts(people: list[Ints], points: Floats, put: Floats | None) -> tuple[list[Floats], list[Floats] | None]:
    """Scores, and times if there are any, by group. people: the rows of each group."""
    return [points[block] for block in people], None if put is None else [put[block] for block in people]


def _in_own_order(people: list[Ints], points: Floats, put: Floats | None, observed: Floats) -> list[Ints]:
    """The rows of each group sorted by what they say, so that a shuffled file gives the same draws."""
    key = np.argsort(observed, kind="stable")
    tables = [table[:, key] for table in (put, points) if table is not None]
    return [block[np.lexsort(np.hstack([table[block] for table in tables]).T)] for block in people]


def weights(sizes: list[int], resamples: int, seed: int, bayesian: bool = False) -> Iterator[list[Floats]]:
    """How often each person is drawn: a list by group of (some resamples, people of the group), rows adding up to
    the group's size. `resamples` rows in all.
    """
    rng = np.random.default_rng(seed)
    at_once = max(1, DRAWS // sum(sizes))
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        yield [_dirichlet(rng, rows, size) if bayesian else _drawn(rng, rows, size) for size in sizes]


def _drawn(rng: np.random.Generator, rows: int, size: int) -> Floats:
    people = rng.integers(0, size, (rows, size)) + size * np.arange(rows)[:, None]
    return np.bincount(people.ravel(), minlength=rows * size).reshape(rows, size).astype(np.float64)


def _dirichlet(rng: np.random.Generator, rows: int, size: int) -> Floats:
    weight: Floats = rng.standard_exponential((rows, size))
    weight *= size / weight.sum(axis=1, keepdims=True)
    return weight


def mean_scores(parts: list[Floats], drawn: list[Floats], balanced: bool, times: list[Floats] | None = None) -> Floats:
    """(B, m) weighted mean scores. parts: scores by group, NaN = absent. drawn: weights (B, people) by group.
    times: scores are sums over so many times, by group; None: over one.

    NaN where nobody with a point has weight. Scores that differ by rounding only come out equal.
    """
    total = np.zeros((len(drawn[0]), parts[0].shape[1]))
    count = np.zeros_like(total)
    for place, (points, weight) in enumerate(zip(parts, drawn, strict=True)):
        absent = np.isnan(points)
        sums = weight @ np.where(absent, 0, points)
        if times is not None:
            there = weight @ times[place]
        else:
            there = weight @ ~absent if absent.any() else weight.sum(axis=1, keepdims=True)
        if balanced:
            has = np.broadcast_to(there > 0, sums.shape)
            total += np.divide(sums, there, out=np.zeros_like(sums), where=has)
            count += has
        else:
            total += sums
            count += there
    return snapped(np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), parts)


def snapped(means: Floats, parts: list[Floats]) -> Floats:
    """Means of these scores (NaN = absent), equal where they differ by rounding only."""
    scale = max(float(np.abs(part[~np.isnan(part)]).max(initial=0)) for part in parts)
    grid = 2.0 ** np.ceil(np.log2(scale or 1)) * STEP
    return np.asarray(np.rint(means / grid) * grid)


def places(scores: Floats, k: int) -> tuple[Floats, Floats, Floats]:
    """By row: midranks, 1 = highest; share of the first k places; 1 where in the first k with all its tie.

    scores: (B, m); NaN has no rank, in all three.
    """
    rows, size = scores.shape
    along = np.argsort(-scores, axis=1, kind="stable")  # NaN last
    ordered = np.take_along_axis(scores, along, axis=1)
    at = np.broadcast_to(np.arange(size), scores.shape)
    new = np.ones((rows, size + 1), dtype=bool)
    new[:, 1:-1] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(new[:, :-1], at, 0), axis=1)
    last = np.minimum.accumulate(np.where(new[:, 1:], at, size)[:, ::-1], axis=1)[:, ::-1]
    figures = (first + last) / 2 + 1, np.clip((k - first) / (last - first + 1), 0, 1), (first < k).astype(np.float64)
    result = np.empty((3, rows, size))
    for into, figure in zip(result, figures, strict=True):
        np.put_along_axis(into, along, np.where(np.isnan(ordered), np.nan, figure), axis=1)
    return result[0], result[1], result[2]


def _order(scores: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(np.flatnonzero(scores == score).tolist()) for score in np.unique(scores[~np.isnan(scores)])[::-1]
    )


def _mean(figures: Floats) -> Floats:
    """Mean over the resamples that have the statement; NaN where none has."""
    there = ~np.isnan(figures)
    count = there.sum(axis=0)
    means = np.full(figures.shape[1], np.nan)
    np.divide(figures.sum(axis=0, where=there), count, out=means, where=count > 0)
    return means


def _told(resampled: Sequence[Floats], order: tuple[tuple[int, ...], ...], level: float) -> dict[str, object]:
    """Arrays by statement: mean_rank (midranks); low, high (the ranks between which `level` of the resamples lie, an
    attained rank, equal tails); p_top (in the first k; statements tied across the edge share the places left, so that
    all add up to k); p_kept (in the first k, all of a tie kept); ranked (resamples in which somebody with a point for
    it was drawn; the other figures are shares of these, NaN where there are none). By pair of neighbours of the order:
    neighbours; p_above_next (a tie counts half); indistinct (those pairs where it is under `level`).

    resampled: what places() says of each resample.
    """
    ranks, shares, kept = resampled
    return _ranks(ranks, level) | {"p_top": _mean(shares), "p_kept": _mean(kept)} | _neighbours(ranks, order, level)


def _ranks(ranks: Floats, level: float) -> dict[str, object]:
    """Mean and interval of the ranks. The quantile is the smallest rank that reaches the share: no interpolation."""
    count: Ints = (~np.isnan(ranks)).sum(axis=0)
    ordered = np.sort(ranks, axis=0)  # NaN last
    tail = (1 - Fraction(str(level))) / 2
    low, high = (
        np.take_along_axis(ordered, np.maximum(_ceil(count, share) - 1, 0)[None], axis=0)[0]
        for share in (tail, 1 - tail)
    )
    return {"mean_rank": _mean(ranks), "low": low, "high": high, "ranked": count}


def _ceil(count: Ints, share: Fraction) -> Ints:
    least: Ints = -(-count * share.numerator // share.denominator)
    return least


def _neighbours(ranks: Floats, order: tuple[tuple[int, ...], ...], level: float) -> dict[str, object]:
    flat = [statement for tied in order for statement in tied]
    upper, lower = ranks[:, flat[:-1]], ranks[:, flat[1:]]
    half = (np.sign(lower - upper) + 1) / 2  # NaN unless both are ranked
    above = _mean(half)
    pairs = tuple(zip(flat[:-1], flat[1:], strict=True))
    indistinct = tuple(pair for pair, share in zip(pairs, above.tolist(), strict=True) if not share >= level)
    return {"neighbours": pairs, "p_above_next": above, "indistinct": indistinct}
