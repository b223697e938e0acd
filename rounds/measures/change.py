"""How answers changed between two rounds, always on the people who answered both.

Two histograms hide opposite moves, so what people did stands beside what the panel did. Never compare different people
here: who left is attrition(), a measure of its own. A table counts people by answer before (rows) and after (columns).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr

from rounds.measures.agreement import disagreement
from rounds.measures.contrast import LEAST, mann_whitney
from rounds.measures.midranks import doubled_midranks
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

LEAST_CHANGED = 6  # with five changed answers the smallest two-sided p is 0.0625
MOST_EXACT = 60  # changed answers up to which every flip of signs is weighed
EXACT_MCNEMAR = 25  # changed answers under which the binomial replaces chi-square


def between_rounds(before: ArrayLike, after: ArrayLike, top: int) -> dict[str, Result]:
    """Every measure of change of one statement; before, after: ratings (people,) 1..top, 0 = no answer.

    Nothing is tested by ranks under six changed answers.
    """
    table = transitions(before, after, top)
    x, y = _paired(before, after, 0)
    return {
        "movement": movement_of_table(table),
        "scheibe": scheibe_of_table(table),
        "wilcoxon": wilcoxon(x, y, least=LEAST_CHANGED),
        "bowker": bowker(table),
        "stuart_maxwell": stuart_maxwell(table),
        "spearman": spearman(x, y),
        "weighted_kappa": weighted_kappa(table),
    }


def transitions(before: ArrayLike, after: ArrayLike, top: int) -> Whole:
    """Ratings (people,) or (people, statements), 0 = no answer -> tables (top, top) or (statements, top, top).

    ValueError: an answer off the scale, or other people after than before.
    """
    x, y = np.asarray(before), np.asarray(after)
    if x.shape != y.shape:
        raise ValueError(f"answers of shape {x.shape} before and {y.shape} after")
    if x.size and (min(x.min(), y.min()) < 0 or max(x.max(), y.max()) > top):
        raise ValueError(f"an answer is not on the scale 1..{top}")
    cells = x.astype(np.int32) * (top + 1) + y.astype(np.int32)
    columns = np.ascontiguousarray(cells.reshape(len(x), math.prod(x.shape[1:])).T)
    counted = [np.bincount(column, minlength=(top + 1) ** 2) for column in columns]
    tables = np.array(counted, dtype=np.int64).reshape(*x.shape[1:], top + 1, top + 1)
    return tables[..., 1:, 1:]


def movement(before: ArrayLike, after: ArrayLike) -> Result:
    """Who moved, of ratings (people,), 0 = no answer; see movement_of_table."""
    return movement_of_table(transitions(before, after, int(max(np.max(before, initial=1), np.max(after, initial=1)))))


def movement_of_table(table: ArrayLike) -> Result:
    """Share of people whose answer changed.

    table (top, top). n: people who answered both. more: changed, toward and away (people nearer to and farther from
    these people's median before; one can also change and stay as far), median_before, median_move (absolute steps,
    over everybody, unchanged answers too). Undefined: no_pairs.
    """
    t = np.asarray(table, dtype=np.int64)
    n, steps = int(t.sum()), np.arange(len(t))
    if not n:
        return undefined("no_pairs", n=0, method="movement")
    middle = _doubled_median(t.sum(axis=1))
    gap = np.abs(2 * steps - middle)
    nearer = np.sign(gap[:, None] - gap)
    moves = np.bincount(np.abs(steps[:, None] - steps).ravel(), weights=t.ravel())
    changed = n - int(np.trace(t))
    more = {
        "changed": changed,
        "toward": int(t[nearer > 0].sum()),
        "away": int(t[nearer < 0].sum()),
        "median_before": middle / 2 + 1,
        "median_move": _doubled_median(moves) / 2,
    }
    return Result(changed / n, n, "movement", {}, more)


def scheibe(before: ArrayLike, after: ArrayLike, top: int) -> Result:
    """Net change of the histogram, of ratings (people,), 0 = no answer; see scheibe_of_table."""
    return scheibe_of_table(transitions(before, after, top))


def scheibe_of_table(table: ArrayLike) -> Result:
    """Scheibe's measure of stability: the share of answers the two histograms do not have in common, 0..1.

    table (top, top). n: people who answered both. more: pairs, changed (share of people whose answer changed: opposite
    moves cancel in the histograms). Undefined: no_pairs. Scheibe, Skutsch & Schofer 1975, in Linstone & Turoff, The
    Delphi Method, chapter IV.C.
    """
    t = np.asarray(table, dtype=np.int64)
    n = int(t.sum())
    if not n:
        return undefined("no_pairs", n=0, method="scheibe")
    more = {"pairs": n, "changed": (n - int(np.trace(t))) / n}
    return Result(_net_changes(t) / (2 * n), n, "scheibe", {}, more)


def is_stable(before: ArrayLike, after: ArrayLike, top: int, same_verdict: bool, percent: int = 15) -> Result:
    """Whether a statement is settled: Scheibe's measure under `percent` and the same verdict in both rounds.

    Ratings (people,), 0 = no answer. Compared in whole numbers. n: people who answered both. more: scheibe, changed,
    same_verdict. Undefined: no_pairs. Group stability as stopping rule: Dajani, Sincoff & Talley 1979,
    doi:10.1016/0040-1625(79)90007-6.
    """
    table = transitions(before, after, top)
    net, chosen = scheibe_of_table(table), {"percent": percent}
    if net.value is None:
        return undefined(net.reason, n=0, method="stability", parameters=chosen)
    stable = same_verdict and 100 * _net_changes(table) < percent * 2 * (net.n or 0)
    more = {"scheibe": net.value, "changed": net.more["changed"], "same_verdict": same_verdict}
    return Result(stable, net.n, "stability", chosen, more)


def wilcoxon(
    x: ArrayLike,
    y: ArrayLike,
    zero: str = "pratt",
    p: str = "auto",
    continuity: bool = False,
    least: int = 0,
    missing: float = np.nan,
) -> Result:
    """Wilcoxon's signed ranks of y - x: did answers go up or down? The figure is the rank biserial correlation, -1..1.

    x, y (people,): any numbers; pairs with `missing` or NaN are left out. zero: what an unchanged answer does: pratt
    (takes a rank, counts on no side) or wilcox (left out first). p: exact (every flip of signs of the midranks at
    hand), normal (variance of those midranks; continuity: half a rank nearer the mean) or auto: exact up to 60 changed
    answers. Under `least` changed answers no p is given. n: pairs. more: changed, w_plus, w_minus, p_two_sided,
    p_greater (up), p_less, p_kind. Differences equal to twelve digits of the largest number tie.
    Undefined: no_pairs, no_change. ValueError: unknown zero or p. Wilcoxon 1945, doi:10.2307/3001968; Pratt 1959,
    doi:10.1080/01621459.1959.10501526; rank biserial: Kerby 2014, doi:10.2466/11.IT.3.1.
    """
    if zero not in ("pratt", "wilcox") or p not in ("auto", "exact", "normal"):
        raise ValueError(f"unknown zero or p: {zero}, {p}")
    chosen = {"zero": zero, "p": p, "continuity": continuity, "least": least}
    first, second = _paired(x, y, missing)
    n = len(first)
    if not n:
        return undefined("no_pairs", n=0, method="wilcoxon", parameters=chosen)
    largest = max(float(np.abs(first).max()), float(np.abs(second).max())) or 1.0
    difference = np.round((second - first) / largest, 12)  # 0.3 - 0.2 and 0.2 - 0.1 are one difference
    if zero == "wilcox":
        difference = difference[difference != 0]
    moved = difference != 0
    doubled = doubled_midranks(np.abs(difference))[moved]
    changed, up = len(doubled), int(doubled[difference[moved] > 0].sum())
    if not changed:
        return undefined("no_change", n=n, method="wilcoxon", parameters=chosen, more={"changed": 0})
    down = int(doubled.sum()) - up
    more: dict[str, Any] = {"changed": changed, "w_plus": up / 2, "w_minus": down / 2}
    more |= {"p_two_sided": None, "p_greater": None, "p_less": None, "p_kind": None}
    if changed >= least:
        exact = p == "exact" or (p == "auto" and changed <= MOST_EXACT)
        tails = _flipped(doubled, up) if exact else _normal_tails(doubled, up - down, 2 * continuity)
        two_sided, greater, less = (float(tail) for tail in tails)
        more |= {"p_two_sided": two_sided, "p_greater": greater, "p_less": less}
        more["p_kind"] = "exact" if exact else "normal"
    return Result((up - down) / (up + down), n, "wilcoxon", chosen, more)


def mcnemar(b: int, c: int, p: str = "auto") -> Result:
    """McNemar's test: do as many people change one way (b) as the other (c)? The figure is its two-sided p.

    p: exact (binomial), chi2 (without continuity correction) or auto: exact where fewer than 25 changed. n: b + c.
    more: b, c, p_kind, with chi2 also statistic and df. Undefined: no_change. ValueError: unknown p.
    McNemar 1947, doi:10.1007/BF02295996.
    """
    if p not in ("auto", "exact", "chi2"):
        raise ValueError(f"unknown p: {p}")
    n, more = b + c, {"b": b, "c": c}
    if not n:
        return undefined("no_change", n=0, method="mcnemar", parameters={"p": p}, more=more)
    if p == "exact" or (p == "auto" and n < EXACT_MCNEMAR):
        cases = 2 * sum(math.comb(n, fewer) for fewer in range(min(b, c) + 1))
        return Result(min(cases / 2**n, 1.0), n, "mcnemar", {"p": p}, {**more, "p_kind": "exact"})
    statistic = (b - c) ** 2 / n
    shown = {**more, "p_kind": "chi2", "statistic": statistic, "df": 1}
    return Result(float(chdtrc(1, statistic)), n, "mcnemar", {"p": p}, shown)


def bowker(table: ArrayLike) -> Result:
    """Bowker's test of symmetry: does every change between two answers go as often one way as the other?

    table (top, top). The figure is chi-square; n: people; more: df (pairs of answers somebody changed between), p.
    Undefined: no_pairs, no_change. Bowker 1948, doi:10.1080/01621459.1948.10483284.
    """
    t = np.asarray(table, dtype=np.int64)
    n, upper = int(t.sum()), np.triu_indices(len(t), 1)
    both, more_one_way = (t + t.T)[upper], (t - t.T)[upper]
    df = int((both > 0).sum())
    if not df:
        return undefined("no_change" if n else "no_pairs", n=n, method="bowker")
    statistic = float((more_one_way**2 / np.maximum(both, 1)).sum())
    return Result(statistic, n, "bowker", {}, {"df": df, "p": float(chdtrc(df, statistic))})


def stuart_maxwell(table: ArrayLike) -> Result:
    """Stuart and Maxwell's test of equal margins: did the histogram change?

    table (top, top). The figure is chi-square; n: people; more: df, p. Answers nobody moved to or from say nothing and
    are left out; where moves stay inside separate sets of answers each set costs one degree of freedom.
    Undefined: no_pairs, no_change. Stuart 1955, doi:10.1093/biomet/42.3-4.412; Maxwell 1970,
    doi:10.1192/bjp.116.535.651.
    """
    t = np.asarray(table, dtype=np.int64)
    n, moves = int(t.sum()), t + t.T
    shift = t.sum(axis=1) - t.sum(axis=0)
    # The covariance of the shifts is the Laplacian of the graph of moves; its rank is the degrees of freedom.
    covariance = np.diag(moves.sum(axis=1)) - moves
    if not covariance.any():
        return undefined("no_change" if n else "no_pairs", n=n, method="stuart_maxwell")
    roots, vectors = np.linalg.eigh(covariance.astype(np.float64))
    real = roots > 1e-9 * roots[-1]
    statistic, df = float(((shift @ vectors[:, real]) ** 2 / roots[real]).sum()), int(real.sum())
    return Result(statistic, n, "stuart_maxwell", {}, {"df": df, "p": float(chdtrc(df, statistic))})


def spearman(x: ArrayLike, y: ArrayLike, missing: float = np.nan) -> Result:
    """Spearman's rank correlation with midranks, -1..1.

    x, y (people,): any numbers; pairs with `missing` or NaN are left out. n: pairs. Undefined: no_pairs, n1, constant
    (x or y). Spearman 1904, doi:10.2307/1412159.
    """
    first, second = _paired(x, y, missing)
    n = len(first)
    a, b = (doubled_midranks(values) - (n + 1) for values in (first, second))
    squares = int((a**2).sum()) * int((b**2).sum())
    if not squares:
        reason = "constant" if n > 1 else "n1" if n else "no_pairs"
        return undefined(reason, n=n, method="spearman")
    return Result(int((a * b).sum()) / math.sqrt(squares), n, "spearman")


def weighted_kappa(table: ArrayLike, weights: str = "quadratic") -> Result:
    """Cohen's weighted kappa: how far people keep their answer, beyond chance.

    table (top, top), the full scale. weights: identity, linear, quadratic, ordinal, see agreement.disagreement. n:
    people; more: p_o, p_e, the weighted agreement observed and by chance. Undefined: no_pairs, constant (by chance
    agreement is complete: everybody gives one and the same answer twice). Cohen 1968, doi:10.1037/h0026256.
    """
    t, chosen = np.asarray(table, dtype=np.int64), {"weights": weights}
    n, apart = int(t.sum()), disagreement(len(t), weights)
    observed, chance = int((apart * t).sum()) * n, int(t.sum(axis=1) @ apart @ t.sum(axis=0))
    if not chance:
        return undefined("constant" if n else "no_pairs", n=n, method="weighted_kappa", parameters=chosen)
    whole = int(apart[0, -1]) * n**2
    more = {"p_o": 1 - observed / whole, "p_e": 1 - chance / whole}
    return Result(1 - observed / chance, n, "weighted_kappa", chosen, more)


def attrition(first: ArrayLike, answered_again: ArrayLike, missing: float = 0) -> Result:
    """Whether those who left answered otherwise: Cliff's delta of their first answers against those who stayed.

    first (people,): first-round ratings; answered_again (people,): bool. n: people who answered at first. more:
    n_left, n_stayed, label, median_left, median_stayed, p (two-sided Mann-Whitney; None under four people a side),
    p_kind. Undefined: empty, one_group (nobody left, or everybody).
    """
    ratings, again = np.asarray(first, dtype=np.float64), np.asarray(answered_again, dtype=bool)
    given = (ratings != missing) & ~np.isnan(ratings)
    left, stayed = ratings[given & ~again], ratings[given & again]
    n, fewer = len(left) + len(stayed), min(len(left), len(stayed))
    more: dict[str, Any] = {"n_left": len(left), "n_stayed": len(stayed)}
    if not fewer:
        return undefined("one_group" if n else "empty", n=n, method="attrition", more=more)
    test = mann_whitney(left, stayed).more
    more |= {"median_left": float(np.median(left)), "median_stayed": float(np.median(stayed)), "label": test["label"]}
    more |= {"p": test["p_two_sided"], "p_kind": test["p_kind"]} if fewer >= LEAST else {"p": None, "p_kind": None}
    return Result(test["cliff"], n, "attrition", {"least": LEAST}, more)


def turnout(left: ArrayLike, blocks: ArrayLike, fewest: int = 1) -> Result:
    """How many of those who answered at first left, and of which block they were.

    left (people,): bool, of everybody who answered at first; blocks (people,): theirs then. value: the share who left,
    a Fraction. n: people. more: left; by_block: n and left of each block with at least `fewest` people; small_blocks,
    the others. Undefined: empty.
    """
    gone, block = np.asarray(left, dtype=bool), np.asarray(blocks)
    n, chosen = len(gone), {"fewest": fewest}
    if not n:
        return undefined("empty", n=0, method="turnout", parameters=chosen)
    names = np.unique(block).tolist()
    told = {name: {"n": int((block == name).sum()), "left": int(gone[block == name].sum())} for name in names}
    left_in_all = int(gone.sum())
    more = {
        "left": left_in_all,
        "by_block": {name: each for name, each in told.items() if each["n"] >= fewest},
        "small_blocks": tuple(name for name, each in told.items() if each["n"] < fewest),
    }
    return Result(Fraction(left_in_all, n), n, "turnout", chosen, more)


def _paired(x: ArrayLike, y: ArrayLike, missing: float) -> tuple[Floats, Floats]:
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    both = (first != missing) & (second != missing) & ~np.isnan(first) & ~np.isnan(second)
    return first[both], second[both]


def _doubled_median(counts: NDArray[Any]) -> int:
    """Twice the median of values 0, 1, ... counted so often."""
    below = np.cumsum(counts)
    n = int(below[-1])
    return int(np.searchsorted(below, (n + 1) // 2) + np.searchsorted(below, n // 2 + 1))


def _net_changes(table: Whole) -> int:
    """Twice the answers the two histograms do not have in common."""
    return int(np.abs(table.sum(axis=1) - table.sum(axis=0)).sum())


def _flipped(doubled: Whole, up: int) -> tuple[float, float, float]:
    """Two-sided, up, down: the share of all sign patterns with rank sums as far as `up`; doubled midranks."""
    share = np.zeros(int(doubled.sum()) + 1)
    share[0] = 1
    for rank in doubled.tolist():
        share[rank:] = (share[rank:] + share[:-rank]) / 2
        share[:rank] /= 2
    greater, less = float(share[up:].sum()), float(share[: up + 1].sum())
    return min(1.0, 2 * min(greater, less)), greater, less


def _normal_tails(doubled: Whole, beyond: int, nearer: int) -> tuple[float, float, float]:
    """Two-sided, up, down; beyond: doubled ranks up less down."""
    deviation = math.sqrt(int((doubled**2).sum()))
    two_sided = 2 * ndtr(-max(abs(beyond) - nearer, 0) / deviation)
    return two_sided, ndtr((nearer - beyond) / deviation), ndtr((nearer + beyond) / deviation)
