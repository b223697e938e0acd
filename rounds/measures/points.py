"""Points given to statements: budgets shared out, and criteria answered yes, undecided or no (CHNRI).

No order of statements belongs here (orders.py takes scores), and no check of a budget at entry.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]


def allocation(points: ArrayLike, *, budget: float | None = None, groups: NDArray[np.integer] | None = None) -> Result:
    """Mean share of the points that people give to each statement.

    points (n, m): numbers from 0; each person's are divided by their sum, and a person who gives none is left out.
    budget: points each person had; only marks sheets that spent more. groups (n,): the mean of the groups' means,
    each with the same say; None: of all people.
    value: mean shares (m,), sum 1. n: people who give points. more: median_share (medians, divided by their sum; None
    where all are 0), any_points (exact share of people who give the statement any), hhi (sum of squared mean shares:
    Herfindahl-Hirschman, 1/m where all are alike, 1 where one has all; Rhoades 1993), effective (1/hhi), pooled_share
    (mean shares of all people), over_budget (people), dropped_groups. Medians and any_points are of all people.
    Flags: normalised (over budget), dropped_groups (nobody gives points). Undefined: empty.
    """
    sheet = np.asarray(points, dtype=np.float64)
    if sheet.ndim != 2 or not (np.isfinite(sheet) & (sheet >= 0)).all():
        raise ValueError("points are a table (people, statements) of numbers from 0")
    given = sheet.sum(axis=1)
    used = given > 0
    n = int(used.sum())
    parameters = {"budget": budget, "groups": "pooled" if groups is None else "balanced"}
    if not n:
        return undefined("empty", n=0, method="allocation", parameters=parameters)
    shares = sheet[used] / given[used, None]
    pooled = shares.mean(axis=0)
    mean, dropped = (pooled, ()) if groups is None else _balanced(shares, np.asarray(groups), used)
    medians = np.median(shares, axis=0)
    over = 0 if budget is None else int((given > budget).sum())
    hhi = float((mean**2).sum())
    more = {
        "median_share": tuple((medians / medians.sum()).tolist()) if medians.any() else None,
        "any_points": tuple(Fraction(givers, n) for givers in (shares > 0).sum(axis=0).tolist()),
        "hhi": hhi,
        "effective": 1 / hhi,
        "pooled_share": tuple(pooled.tolist()),
        "over_budget": over,
        "dropped_groups": dropped,
    }
    flags = ("normalised",) * bool(over) + ("dropped_groups",) * bool(dropped)
    return Result(tuple(mean.tolist()), n, "allocation", parameters, more, flags=flags)


def chnri(answers: ArrayLike, *, weights: tuple[int | Fraction, ...] | None = None) -> Result:
    """The research priority score of one statement: the mean of its criteria, each the mean of the informed answers.

    answers (people, criteria): 1 yes, 0.5 undecided, 0 no, NaN not informed enough to say (in no denominator).
    weights: one per criterion, None: all alike.
    value: exact score 0..1. n: people with an informed answer. more: per_criterion (exact, None where nobody is
    informed), informed (answers per criterion), aea (average expert agreement: mean over criteria of the share of
    informed answers that give the commonest one), dropped_criteria. Flag dropped_criteria: without informed answer, in
    no mean. Undefined: empty. Rudan et al. 2008, doi:10.3325/cmj.2008.49.720.
    """
    sheet = np.asarray(answers, dtype=np.float64)
    if sheet.ndim != 2 or not np.isin(sheet[~np.isnan(sheet)], (0, 0.5, 1)).all():
        raise ValueError("answers are a table (people, criteria) of 1, 0.5, 0 and NaN")
    worth = [Fraction(1)] * sheet.shape[1] if weights is None else [Fraction(weight) for weight in weights]
    if len(worth) != sheet.shape[1] or any(weight <= 0 for weight in worth):
        raise ValueError("one weight above 0 per criterion")
    counts = [[int((sheet[:, c] == answer).sum()) for answer in (0, 0.5, 1)] for c in range(sheet.shape[1])]
    informed = [sum(count) for count in counts]
    n = int((~np.isnan(sheet)).any(axis=1).sum())
    parameters = {"weights": "equal" if weights is None else tuple(worth)}
    if not n:
        return undefined("empty", n=0, method="chnri", parameters=parameters)
    answered = [c for c, people in enumerate(informed) if people]
    dropped = tuple(c for c, people in enumerate(informed) if not people)
    means = {c: Fraction(counts[c][1] + 2 * counts[c][2], 2 * informed[c]) for c in answered}
    more = {
        "per_criterion": tuple(means.get(c) for c in range(len(counts))),
        "informed": tuple(informed),
        "aea": sum((Fraction(max(counts[c]), informed[c]) for c in answered), Fraction()) / len(answered),
        "dropped_criteria": dropped,
    }
    score = sum((worth[c] * means[c] for c in answered), Fraction()) / sum(worth[c] for c in answered)
    return Result(score, n, "chnri", parameters, more, flags=("dropped_criteria",) * bool(dropped))


def _balanced(shares: Floats, groups: NDArray[np.integer], used: NDArray[np.bool_]) -> tuple[Floats, tuple[int, ...]]:
    """Mean of the means of groups in which anybody gave points, and the groups in which nobody did."""
    of = groups[used]
    means = np.array([shares[of == group].mean(axis=0) for group in np.unique(of)])
    return means.mean(axis=0), tuple(np.setdiff1d(groups, of).tolist())
