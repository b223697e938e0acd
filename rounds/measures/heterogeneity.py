"""One statement over several panels: do their shares, or their means, lie further apart than chance puts them?

For researchers. In panels as small as clinics I2 is over a quarter in one statement of four where nothing differs at
all: the lowest and the highest share say more, and no word is ever made of it. Over the statements of a study p-values
are raised (multiple.py). Places in orders are no shares: panels.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import comb, lcm, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, stdtrit

from rounds.measures.panels import too_few
from rounds.measures.result import Result, undefined

ENOUGH = 5  # expected answers, from which on chi-square serves
MOST_STEPS = 1_000_000  # of the exact count; about half a second
ROUNDING = 1e-9  # two divisions as far from the mean must not differ by their last digit
SMALL = 8  # people in a panel, below which a test of means is better permuted
PREDICTED = 3  # panels, from which on another one's mean can be foretold


def heterogeneity(votes: Sequence[int], sizes: Sequence[int], *, seed: int = 0, draws: int = 9_999) -> Result:
    """Whether panels differ in their share of votes, by Pearson's Q. Value: Q, exact.

    votes, sizes (panels,): votes and answers; a panel with no answer was not asked, or did not answer, and is left out.
    The variance is that of all together, so a panel at nought or at all does no harm. n: answers. more: panels, df, i2
    = max(0, (Q - df)/Q), p_chi2, p_permutation (share of the divisions of the votes over the people that lie as far
    apart), p_kind exact or monte_carlo (`draws` random divisions, the observed one counted in, where there are too many
    to count), least_expected (votes, or answers without, in the panel with the fewest), use ("exact": p_permutation, as
    least_expected is under five; else "chi2"), lowest, highest (shares), left_out (places of panels without an answer).
    Undefined: empty, one_panel, constant (all voted so, or nobody): lowest and highest are told. ValueError: unequal
    lengths, votes not in 0..size. Higgins & Thompson 2002, doi:10.1002/sim.1186.
    """
    rows = list(zip(map(int, votes), map(int, sizes), strict=True))
    if any(not 0 <= vote <= size for vote, size in rows):
        raise ValueError("the votes are not in 0..size")
    answered = [(vote, size) for vote, size in rows if size]
    all_votes, n = (sum(column) for column in zip(*answered, (0, 0), strict=True))
    chosen = {"seed": seed, "draws": draws}
    more: dict[str, Any] = {
        "panels": len(answered),
        "left_out": tuple(place for place, (_, size) in enumerate(rows) if not size),
        "lowest": min((Fraction(*row) for row in answered), default=None),
        "highest": max((Fraction(*row) for row in answered), default=None),
    }
    reason = too_few(len(answered)) or ("" if 0 < all_votes < n else "constant")
    if reason:
        return undefined(reason, n=n, method="heterogeneity", parameters=chosen, more=more)
    share, df = Fraction(all_votes, n), len(answered) - 1
    apart = sum(Fraction(vote * vote, size) for vote, size in answered) - share * all_votes
    q = apart / (share * (1 - share))
    least = min(size for _, size in answered) * min(share, 1 - share)
    more |= {
        "df": df,
        "i2": max(Fraction(0), 1 - df / q) if q else Fraction(0),
        "p_chi2": float(chdtrc(df, float(q))),
        **_p(answered, seed, draws),
        "least_expected": least,
        "use": "exact" if least < ENOUGH else "chi2",
    }
    return Result(q, n, "heterogeneity", chosen, more)


def heterogeneity_mean(means: ArrayLike, deviations: ArrayLike, sizes: Sequence[int], level: str = "0.95") -> Result:
    """The mean of panels of which each has a true mean of its own (DerSimonian and Laird). Value: that mean.

    means, deviations, sizes (panels,): mean, standard deviation (n - 1) and number of the answers; panels without an
    answer are left out. n: answers. more: panels, q, df, p (chi-square), i2, tau2 (variance of the true means), fixed
    (the mean where none differ), prediction: within which the true mean of another panel lies, from three panels on,
    else None. Flag: few_in_panel (under eight, where Kruskal and Wallis' test with permutation says more).
    Undefined: empty, one_panel, no_variation (a panel in which everybody answered alike, or of one person, would weigh
    without end). ValueError: unequal lengths, a deviation under 0.
    DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2; prediction: Higgins, Thompson & Spiegelhalter 2009,
    doi:10.1111/j.1467-985X.2008.00552.x.
    """
    mean, deviation, size = (np.asarray(row, dtype=np.float64) for row in (means, deviations, sizes))
    if not mean.shape == deviation.shape == size.shape or (deviation < 0).any():
        raise ValueError("one mean, deviation (from 0) and size per panel")
    there = size > 0
    mean, deviation, size = mean[there], deviation[there], size[there]
    panels, n, chosen = len(size), int(size.sum()), {"level": level}
    more: dict[str, Any] = {"panels": panels}
    reason = too_few(panels)
    if not reason and ((deviation == 0) | (size < 2)).any():
        reason = "no_variation"
    if reason:
        return undefined(reason, n=n, method="heterogeneity_mean", parameters=chosen, more=more)
    weight, df = size / deviation**2, panels - 1
    fixed = float(weight @ mean / weight.sum())
    q = float(weight @ (mean - fixed) ** 2)
    tau2 = max(0.0, (q - df) / float(weight.sum() - weight @ weight / weight.sum()))
    joined = 1 / (1 / weight + tau2)
    random = float(joined @ mean / joined.sum())
    around = None
    if panels >= PREDICTED:
        reach = float(stdtrit(panels - 2, (1 + float(level)) / 2)) * sqrt(tau2 + 1 / joined.sum())
        around = random - reach, random + reach
    more |= {"q": q, "df": df, "p": float(chdtrc(df, q)), "i2": max(0.0, 1 - df / q) if q else 0.0}
    more |= {"tau2": tau2, "fixed": fixed, "prediction": around}
    flags = ("few_in_panel",) * bool(size.min() < SMALL)
    return Result(random, n, "heterogeneity_mean", chosen, more, flags=flags)


def _p(answered: Sequence[tuple[int, int]], seed: int, draws: int) -> dict[str, Any]:
    exact = _exact_p(answered)
    if exact is not None:
        return {"p_permutation": exact, "p_kind": "exact"}
    votes, sizes = np.array(answered).T
    divided = np.random.default_rng(seed).multivariate_hypergeometric(sizes, int(votes.sum()), size=draws)
    observed = float(votes**2 @ (1 / sizes))
    hits = int((divided**2 @ (1 / sizes) >= observed * (1 - ROUNDING)).sum())
    return {"p_permutation": (hits + 1) / (draws + 1), "p_kind": "monte_carlo"}


def _exact_p(answered: Sequence[tuple[int, int]]) -> Fraction | None:
    """Panel by panel: in how many ways so many votes give such a sum of squares over sizes. None beyond MOST_STEPS."""
    sizes = [size for _, size in answered]
    votes, left, unit, steps = sum(vote for vote, _ in answered), sum(sizes), lcm(*sizes), 0
    ways = {(0, 0): 1}
    for size in sizes:
        left -= size
        choices = [(taken, unit // size * taken**2, comb(size, taken)) for taken in range(size + 1)]
        steps += len(ways) * len(choices)
        if steps > MOST_STEPS:
            return None
        grown: dict[tuple[int, int], int] = defaultdict(int)
        for (used, total), many in ways.items():
            for taken, square, choice in choices:
                if votes - left <= used + taken <= votes:
                    grown[used + taken, total + square] += many * choice
        ways = grown
    observed = sum(unit // size * vote**2 for vote, size in answered)
    far = sum(many for (_, total), many in ways.items() if total >= observed)
    return Fraction(far, sum(ways.values()))
