"""How groups of people differ: the size of a difference first, then whether chance alone could give it.

Everything rests on counts per group and value, so raw numbers are counted first. Never add a test without a size, nor
one for participants. Exact p-values weigh every division of the answers over groups of the same sizes, ties as they
are; two-sided means at least as far from the mean as observed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr

from rounds.measures.midranks import doubled_midranks_of_counts
from rounds.measures.multiple import benjamini_hochberg, holm
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

LEAST = 4  # people a group needs before a test can say anything: 3 against 3 cannot give p under 0.1
ASYMPTOTIC = 8  # people in the smallest group from which the normal and chi-square approximations serve
MOST_STEPS = 20_000_000  # additions the exact distribution of a pair may cost; some 10 ms
MOST_STEPS_OF_H = 5_000_000  # less for several groups, where random divisions come close
MOST_WAYS = 1000  # as a power of two: divisions beyond do not fit into a float
SHUFFLED = 200  # answers up to which shuffling them costs less than drawing how many of each value a group gets
SIZES = ((147, "negligible"), (330, "small"), (474, "medium"))  # thousandths of delta


def counts_of(samples: Sequence[ArrayLike]) -> Whole:
    """Samples of any numbers -> counts (samples, values) over their distinct values, ascending. NaN is left out."""
    numbers = [np.asarray(sample, dtype=np.float64).ravel() for sample in samples]
    numbers = [sample[~np.isnan(sample)] for sample in numbers]
    values, codes = np.unique(np.concatenate([np.empty(0), *numbers]), return_inverse=True)
    owner = np.repeat(np.arange(len(numbers)), [len(sample) for sample in numbers])
    counts = np.bincount(owner * len(values) + codes, minlength=len(numbers) * len(values))
    return counts.reshape(len(numbers), len(values))


def dominance(x: ArrayLike, y: ArrayLike) -> Whole:
    """Pairs with the answer in x above the one in y less pairs below; x, y: counts (..., top)."""
    f, g = np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64)
    lower_less_higher = 2 * np.cumsum(g, axis=-1) - g - g.sum(axis=-1, keepdims=True)
    return np.asarray((f * lower_less_higher).sum(axis=-1), dtype=np.int64)


def cliff(x: ArrayLike, y: ArrayLike) -> Result:
    """Cliff's delta of two samples of any numbers (NaN left out); see cliff_of_counts."""
    f, g = counts_of([x, y])
    return cliff_of_counts(f, g)


def cliff_of_counts(x: ArrayLike, y: ArrayLike) -> Result:
    """Cliff's delta: how much likelier it is that x exceeds y than the reverse, -1..1.

    x, y: counts (top,) of the two groups. n: both together. more: n_x, n_y, label (negligible, small, medium, large;
    limits 0.147, 0.33, 0.474). Undefined: empty (one group has no answer). Cliff 1993,
    doi:10.1037/0033-2909.114.3.494; limits: Romano et al. 2006.
    """
    above, n_x, n_y = int(dominance(x, y)), int(np.sum(x)), int(np.sum(y))
    more: dict[str, Any] = {"n_x": n_x, "n_y": n_y}
    if not n_x * n_y:
        return undefined("empty", n=n_x + n_y, method="cliff", more=more)
    return Result(above / (n_x * n_y), n_x + n_y, "cliff", {}, {**more, "label": size_label(above, n_x * n_y)})


def size_label(above: int, pairs: int) -> str:
    """The word for Cliff's delta = above / pairs, compared in whole numbers."""
    return next((label for limit, label in SIZES if 1000 * abs(above) < limit * pairs), "large")


def mann_whitney(x: ArrayLike, y: ArrayLike, p: str = "auto", continuity: bool = False) -> Result:
    """Mann-Whitney test of two samples of any numbers (NaN left out); see mann_whitney_of_counts."""
    f, g = counts_of([x, y])
    return mann_whitney_of_counts(f, g, p, continuity)


def mann_whitney_of_counts(x: ArrayLike, y: ArrayLike, p: str = "auto", continuity: bool = False) -> Result:
    """Mann and Whitney's U of x: pairs with x above y, ties half.

    x, y: counts (top,). p: exact (every division, ties included, whatever the work; up to some 1,000 people), normal
    (variance corrected for ties; continuity: half a pair nearer the mean) or auto: exact where a group has fewer than 8
    people, in bounds.
    n: both groups. more: cliff, label, p_two_sided, p_greater (x higher), p_less, p_kind, n_x, n_y. All answers equal:
    every p is 1. Undefined: empty (one group has no answer). ValueError: unknown p.
    Mann & Whitney 1947, doi:10.1214/aoms/1177730491; exact with ties: Lehmann, Nonparametrics (1975), chapter 1.
    """
    if p not in ("auto", "exact", "normal"):
        raise ValueError(f"unknown p: {p}")
    f, g = np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64)
    delta = cliff_of_counts(f, g)
    chosen: dict[str, Any] = {"p": p, "continuity": continuity}
    if delta.value is None:
        return undefined("empty", n=delta.n, method="mann_whitney", parameters=chosen, more=delta.more)
    n_x, n_y = delta.more["n_x"], delta.more["n_y"]
    above = int(dominance(f, g))
    exact = None
    if p == "exact" or (p == "auto" and min(n_x, n_y) < ASYMPTOTIC):
        exact = _exact_p(np.stack([f, g]), math.inf if p == "exact" else MOST_STEPS)
    two_sided, greater, less = exact or (float(tail) for tail in _normal_p(f, g, continuity))
    more = {
        "cliff": delta.value,
        **delta.more,
        "p_two_sided": two_sided,
        "p_greater": greater,
        "p_less": less,
        "p_kind": "exact" if exact else "normal",
    }
    return Result((above + n_x * n_y) / 2, delta.n, "mann_whitney", chosen, more)


def h_kernel(counts: ArrayLike) -> Floats:
    """Counts (groups, ..., top) -> Kruskal and Wallis' H (...), corrected for ties; NaN where undefined."""
    f = np.asarray(counts, dtype=np.int64)
    sizes, pooled = f.sum(axis=-1), f.sum(axis=0)
    n = pooled.sum(axis=-1)
    centred = doubled_midranks_of_counts(pooled) - (n + 1)[..., None]
    sums = (f * centred).sum(axis=-1).astype(np.float64)
    between = (sums**2 / np.maximum(sizes, 1)).sum(axis=0)
    total = (pooled * centred**2).sum(axis=-1)
    h = np.full(n.shape, np.nan)
    np.divide((n - 1) * between, total, out=h, where=(total > 0) & ((sizes > 0).sum(axis=0) > 1))
    return h


def kruskal(groups: Sequence[ArrayLike], permutations: int = 9_999, seed: int = 0) -> Result:
    """Kruskal and Wallis' test of samples of any numbers (NaN left out); see kruskal_of_counts."""
    return kruskal_of_counts(counts_of(groups), permutations, seed)


def kruskal_of_counts(counts: ArrayLike, permutations: int = 9_999, seed: int = 0) -> Result:
    """Kruskal and Wallis' H, corrected for ties: do groups differ in where their answers lie?

    counts (groups, top). n: answers. more: df, p (chi-square), epsilon_squared = H/(n - 1), 0..1, sizes, dropped
    (indices of groups without answers) and, where the smallest group has fewer than 8 people, p_permutation with
    p_kind exact (every division of the answers) or monte_carlo (that many random ones, the observed one counted in).
    permutations = 0: no random ones. Undefined: empty, one_group, constant.
    Kruskal & Wallis 1952, doi:10.1080/01621459.1952.10483441; epsilon squared: Tomczak & Tomczak 2014, Trends in Sport
    Sciences 21(1), 19-25.
    """
    return _kruskals(np.asarray(counts, dtype=np.int64)[:, None], 1, permutations, seed)[0]


def contrasts(counts: ArrayLike, permutations: int = 1_999, seed: int = 0) -> tuple[Result, ...]:
    """Every statement of a round: do the groups differ, and which pairs?

    counts (groups, statements, top) -> a Result per statement: H over the groups of four people or more. more: as
    kruskal_of_counts (too_few: groups with fewer, never tested), p_adjusted (Benjamini-Hochberg over the statements;
    of p_permutation where there is one, else of p), pairs: for every two groups a, b, n_a, n_b, cliff, label (None
    without answers), p (Mann-Whitney, two-sided; None where a group is too small), p_kind, p_adjusted (Holm over the
    statement's pairs). Undefined: empty, too_few (fewer than two groups to test), constant; pairs are given all the
    same.
    """
    f = np.asarray(counts, dtype=np.int64)
    results = _kruskals(f, LEAST, permutations, seed)
    decisive = [result.more.get("p_permutation") or result.more.get("p") for result in results]
    adjusted = benjamini_hochberg([np.nan if p is None else p for p in decisive])
    return tuple(
        Result(
            result.value,
            result.n,
            "contrast",
            {**result.parameters, "least": LEAST, "across_statements": "benjamini_hochberg", "across_pairs": "holm"},
            {**result.more, "p_adjusted": None if np.isnan(q) else float(q), "pairs": pairs},
            result.reason,
            result.flags,
        )
        for result, q, pairs in zip(results, adjusted, _pairs(f), strict=True)
    )


def _kruskals(f: Whole, least: int, permutations: int, seed: int) -> list[Result]:
    """f: counts (groups, statements, top); groups under `least` people are left out."""
    sizes = f.sum(axis=-1)
    compared = sizes >= least
    h = h_kernel(f * compared[..., None])
    chosen = {"ties": "corrected", "permutations": permutations, "seed": seed}
    results = []
    for statement in range(f.shape[1]):
        kept = compared[:, statement]
        n, groups = int(sizes[kept, statement].sum()), int(kept.sum())
        more: dict[str, Any] = {
            "sizes": tuple(sizes[:, statement].tolist()),
            "dropped": tuple(np.flatnonzero(sizes[:, statement] == 0).tolist()),
            "too_few": tuple(np.flatnonzero((sizes[:, statement] > 0) & ~kept).tolist()),
        }
        if np.isnan(h[statement]):
            alone = "too_few" if more["too_few"] else "one_group"
            reason = "empty" if not sizes[:, statement].any() else "constant" if groups > 1 else alone
            results.append(undefined(reason, n=n, method="kruskal", parameters=chosen, more=more))
            continue
        value = float(h[statement])
        p = float(chdtrc(groups - 1, value))
        more |= {"df": groups - 1, "p": p, "epsilon_squared": value / (n - 1), "p_permutation": None, "p_kind": None}
        if sizes[kept, statement].min() < ASYMPTOTIC:
            more |= _permutation_p(f[kept, statement], permutations, seed)
        results.append(Result(value, n, "kruskal", chosen, more, flags=("dropped_groups",) if more["dropped"] else ()))
    return results


def _pairs(f: Whole) -> list[list[dict[str, Any]]]:
    """Per statement of counts (groups, statements, top): the contrast of every two groups."""
    sizes = f.sum(axis=-1)
    couples = list(combinations(range(len(f)), 2))
    first, second = ([couple[side] for couple in couples] for side in (0, 1))
    above = dominance(f[first], f[second])
    p = np.where((sizes[first] >= LEAST) & (sizes[second] >= LEAST), _normal_p(f[first], f[second])[0], np.nan)
    smaller = np.minimum(sizes[first], sizes[second])
    exact = np.zeros(p.shape, dtype=bool)
    for couple, statement in np.argwhere((smaller >= LEAST) & (smaller < ASYMPTOTIC)):
        tails = _exact_p(f[list(couples[couple]), statement], MOST_STEPS)
        if tails:
            p[couple, statement], exact[couple, statement] = tails[0], True
    adjusted = holm(p.T)

    def pair(statement: int, couple: int) -> dict[str, Any]:
        a, b = couples[couple]
        size = int(sizes[a, statement]), int(sizes[b, statement])
        beyond, pairs = int(above[couple, statement]), size[0] * size[1]
        shown: dict[str, Any] = {"groups": (a, b), "n": size, "cliff": None, "label": None}
        shown |= {"p": None, "p_kind": None, "p_adjusted": None}
        if pairs:
            shown |= {"cliff": beyond / pairs, "label": size_label(beyond, pairs)}
        if min(size) >= LEAST:
            kind = "exact" if exact[couple, statement] else "normal"
            raised = float(adjusted[statement, couple])
            shown |= {"p": float(p[couple, statement]), "p_kind": kind, "p_adjusted": raised}
        return shown

    return [[pair(statement, couple) for couple in range(len(couples))] for statement in range(f.shape[1])]


def variance_by_chance(x: Whole, y: Whole) -> Floats:
    """Of dominance(), over all divisions of the same answers; counts (..., top) -> (...)."""
    pooled, n_x, n_y = x + y, x.sum(axis=-1), y.sum(axis=-1)
    n = n_x + n_y
    squares = (pooled * (doubled_midranks_of_counts(pooled) - (n + 1)[..., None]) ** 2).sum(axis=-1)
    return np.asarray(n_x * n_y / np.maximum(n * (n - 1.0), 1) * squares)


def _normal_p(x: Whole, y: Whole, continuity: bool = False) -> tuple[Floats, Floats, Floats]:
    """Two-sided, x higher, x lower; of counts (..., top). No variance: every p is 1."""
    deviation = np.sqrt(variance_by_chance(x, y))
    above, nearer = dominance(x, y), int(continuity)  # above = 2U less its mean, so half a pair is one step
    spread = np.where(deviation > 0, deviation, 1)
    tails = (
        2 * ndtr(-np.maximum(np.abs(above) - nearer, 0) / spread),
        ndtr((nearer - above) / spread),
        ndtr((nearer + above) / spread),
    )
    two_sided, greater, less = (np.where(deviation > 0, tail, 1.0) for tail in tails)
    return two_sided, greater, less


def _exact_p(counts: Whole, most: float) -> tuple[float, float, float] | None:
    """Two-sided, first higher, first lower; of counts (2, top). None beyond `most` additions."""
    divided = divisions(counts, most)
    if divided is None:
        return None
    sums, ways = divided
    observed = int(dominance(*counts))
    tails = (np.abs(sums[0]) >= abs(observed), sums[0] >= observed, sums[0] <= observed)
    two_sided, greater, less = (float(ways[tail].sum() / ways.sum()) for tail in tails)
    return two_sided, greater, less


def _permutation_p(counts: Whole, permutations: int, seed: int) -> dict[str, Any]:
    """Share of the divisions of counts (groups, top) whose H is at least the observed one."""
    sizes, pooled = counts.sum(axis=1), counts.sum(axis=0)
    centred = doubled_midranks_of_counts(pooled) - (pooled.sum() + 1)
    # H grows with the squared rank sums over the sizes; times the least common multiple they are whole numbers.
    factors = np.array([math.lcm(*sizes.tolist()) // size for size in sizes.tolist()], dtype=np.float64)
    observed = float(factors @ (counts @ centred).astype(np.float64) ** 2)
    divided = divisions(counts, MOST_STEPS_OF_H)
    if divided is not None:
        sums, ways = divided
        far = factors @ sums.astype(np.float64) ** 2 >= observed
        return {"p_permutation": float(ways[far].sum() / ways.sum()), "p_kind": "exact"}
    if not permutations:
        return {}
    chance = np.random.default_rng(seed)
    if pooled.sum() <= SHUFFLED:
        answers = np.broadcast_to(np.repeat(centred, pooled), (permutations, int(pooled.sum())))
        sums = np.add.reduceat(chance.permuted(answers, axis=1), np.cumsum(sizes) - sizes, axis=1).T
    else:
        sums = _random_divisions(sizes, pooled, permutations, chance) @ centred
    hits = int((factors @ sums.astype(np.float64) ** 2 >= observed).sum())
    return {"p_permutation": (hits + 1) / (permutations + 1), "p_kind": "monte_carlo"}


def divisions(counts: Whole, most: float) -> tuple[Whole, Floats] | None:
    """Every division of the answers over groups of these sizes: rank sums (groups, cases) and ways (cases,).

    counts (groups, top), no group empty; rank sums are doubled and less their mean. Person by person, the table
    ways[n of group, its rank sum, ...] grows; the largest group takes whoever is left, so it needs no axis. Ways are
    whole numbers, exact up to 2^53. None beyond `most` additions, or where the ways are too many to be counted.
    """
    sizes, pooled = counts.sum(axis=1), counts.sum(axis=0)
    n = int(pooled.sum())
    ranks = np.repeat(doubled_midranks_of_counts(pooled), pooled)
    step = max(int(np.gcd.reduce(ranks - ranks[0])), 1)
    shifts = (ranks - ranks[0]) // step
    order = np.argsort(sizes, kind="stable")
    small = order[:-1]
    reach = [int(np.sort(shifts)[n - size :].sum()) for size in sizes[small].tolist()]
    shape = [extent + 1 for pair in zip(sizes[small].tolist(), reach, strict=True) for extent in pair]
    ways_in_all = math.lgamma(n + 1) - sum(math.lgamma(size + 1) for size in sizes.tolist())
    if math.prod(shape) * n > most or ways_in_all > MOST_WAYS * math.log(2):
        return None
    ways = np.zeros(shape)
    ways[(0,) * len(shape)] = 1
    for shift in shifts.tolist():
        grown = ways.copy()
        for axis, furthest in zip(range(0, len(shape), 2), reach, strict=True):
            around = (slice(None),) * axis
            grown[(*around, slice(1, None), slice(shift, None))] += ways[
                (*around, slice(None, -1), slice(None, furthest + 1 - shift))
            ]
        ways = grown
    full = ways[tuple(place for size in sizes[small].tolist() for place in (size, slice(None)))]
    cases = np.nonzero(full)
    sums = np.zeros((len(sizes), len(cases[0])), dtype=np.int64)
    for group, totals in zip(small.tolist(), cases, strict=True):
        sums[group] = totals * step + sizes[group] * (ranks[0] - n - 1)
    sums[order[-1]] = -sums.sum(axis=0)
    return sums, full[cases]


def _random_divisions(sizes: Whole, pooled: Whole, draws: int, chance: np.random.Generator) -> Whole:
    """Random counts (groups, draws, top) with these sizes and this total: answers dealt out without replacement."""
    left = np.tile(pooled, (draws, 1))
    dealt = np.zeros((len(sizes), draws, len(pooled)), dtype=np.int64)
    for group, size in enumerate(sizes[:-1].tolist()):
        wanted, others = np.full(draws, size), left.sum(axis=1)
        for value in range(len(pooled)):
            others = others - left[:, value]
            dealt[group, :, value] = chance.hypergeometric(left[:, value], others, wanted)
            wanted = wanted - dealt[group, :, value]
        left = left - dealt[group]
    dealt[-1] = left
    return dealt
