"""How far people agree with each other over a whole set of statements: figures for researchers.

Never add a figure for participants here: agreement corrected for chance is low where everybody agrees on a high value.
Rows are people and columns are statements everywhere, also where a source prints the transpose. A missing answer is
the value `missing` (0 by convention) or NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, chdtrc

from rounds.measures.guards import interval_guard, panel_people
from rounds.measures.midranks import doubled_midranks, tie_term
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Table = NDArray[Any]

LEVELS = ("nominal", "ordinal", "interval", "ratio")
COEFFICIENTS = ("ac", "fleiss", "bp")
WEIGHTS = ("identity", "linear", "quadratic", "ordinal")
FORMS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")
AT_ONCE = 200  # resamples in one product; bounds the memory of 10,000 people to some 20 MB


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a panel's agreement, plain and under many weightings of the people at once.

    figure: ratings (people, statements) -> Result. kernel: the same ratings and weights (resamples, people), how many
    times each person counts -> one figure per resample, NaN where undefined. is_paired: it rests on everybody who
    answered a statement that somebody else answered too; else on the people of its n, who answered all.
    """

    figure: Callable[[Table], Result]
    kernel: Callable[[Table, Table], Floats]
    is_paired: bool = False

    def people(self, ratings: Table, result: Result) -> int:
        """How many people the figure rests on; n may count their answers."""
        return int(panel_people(ratings, 0).more["paired_people"]) if self.is_paired else result.n or 0


def panel_measures(top: int) -> dict[str, Measure]:
    """Every measure of this module by name, for ratings 1..top with 0 = no answer."""
    measures = {"kendall_w": Measure(kendall_w, w_kernel)}
    for level in LEVELS:
        measures[f"krippendorff:{level}"] = _of_counts(
            partial(krippendorff_of_counts, level=level), partial(alpha_kernel, level=level), top
        )
    for coefficient in COEFFICIENTS:
        for weights in WEIGHTS:
            chosen = {"coefficient": coefficient, "weights": weights}
            measures[f"{coefficient}:{weights}"] = _of_counts(
                partial(chance_corrected, **chosen), partial(chance_corrected_kernel, **chosen), top
            )
    for form in FORMS:
        measures[f"icc:{form}"] = Measure(partial(icc, form=form), partial(icc_kernel, form=form))
    return measures


def with_interval(
    measure: Measure, ratings: ArrayLike, groups: ArrayLike, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Result:
    """The measure with a bootstrap interval over people, drawn anew inside each group.

    ratings (people, statements), groups (people,). The Result of the measure itself; more has interval (low, high), its
    level, interval_percentile, bias, resamples, seed and resamples_undefined; people, whom it rests on; and
    interval_reason, why there is none (guards.interval_guard), else "". Flag: small_group. A person drawn twice agrees
    with themselves, which pulls every resample up (bias: their mean less the figure), the more the fewer people there
    are: with twelve, plain percentiles at 0.95 hold the true alpha in some 0.78 of simulated panels. So the interval is
    the percentiles less the bias (0.93 there; never above 1); interval_percentile is the plain one. Both and bias are
    None where no resample gives a figure. Undefined where the measure is. Efron & Tibshirani 1993,
    doi:10.1201/9780429246593, chapters 10 and 13.
    """
    table = np.asarray(ratings)
    plain = measure.figure(table)
    people = measure.people(table, plain)
    if plain.value is None:
        return replace(plain, more={**plain.more, "people": people})
    guard = interval_guard(table, groups)
    flags = (*plain.flags, *("small_group",) * guard.more["small_group"])
    added: dict[str, Any] = {"interval": None, "interval_percentile": None, "bias": None}
    added |= {"people": people, "interval_reason": guard.reason}
    added |= {"level": level, "resamples": resamples, "seed": seed}
    if guard.reason:
        return replace(plain, more={**plain.more, **added, "resamples_undefined": None}, flags=flags)
    there = _answered(table, 0).any(axis=1)
    table, strata = table[there], np.asarray(groups)[there]
    chance = np.random.default_rng(seed)
    sizes = [min(AT_ONCE, resamples - start) for start in range(0, resamples, AT_ONCE)]
    drawn = [measure.kernel(table, _drawn_again(strata, size, chance)) for size in sizes]
    figures = np.concatenate([np.empty(0), *drawn])
    defined = figures[~np.isnan(figures)]
    if defined.size:
        limits = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
        bias = float(defined.mean()) - plain.value
        centred = np.minimum(limits - bias, 1)
        added |= {"interval": tuple(centred.tolist()), "interval_percentile": tuple(limits.tolist()), "bias": bias}
    added["resamples_undefined"] = int(figures.size - defined.size)
    return replace(plain, more={**plain.more, **added}, flags=flags)


def kendall_w(ratings: ArrayLike, missing: float = 0) -> Result:
    """Kendall's coefficient of concordance W, corrected for ties, 0..1.

    ratings (people, statements): numbers, ranks or ratings alike. Only people who answered every statement count; a
    person who gives every statement the same answer counts with their ties. n: the people counted. more: chi2 and df
    with p (many people or statements), F with df_f (a pair) and p_f (few of them; F is None where W is 1), dropped,
    mean_spearman = (mW - 1)/(m - 1): the mean of Spearman's rho over pairs of people, exact without ties.
    Undefined: empty, incomplete (nobody answered all, or one of several did: concordance.w_incomplete keeps them),
    n1 (one person), one_statement, constant (nobody tells two apart).
    Kendall & Babington Smith 1939, doi:10.1214/aoms/1177732186; F: Legendre 2005, doi:10.1198/108571105X46642.
    """
    table = np.asarray(ratings)
    complete = _answered(table, missing).all(axis=1)
    m, statements = int(complete.sum()), table.shape[1]
    more: dict[str, Any] = {"dropped": len(table) - m}
    chosen = {"ties": "corrected"}
    given = int(_answered(table, missing).any(axis=1).sum())
    reason = "" if m > 1 and statements > 1 else "empty" if not given else "n1" if given == 1 else ""
    if not reason and min(m, statements) < 2:
        reason = "one_statement" if statements == 1 else "incomplete"
    if reason:
        return undefined(reason, n=m, method="kendall_w", parameters=chosen, more=more)
    w = float(w_kernel(table, np.ones((1, len(table))), missing)[0])
    if np.isnan(w):
        return undefined("constant", n=m, method="kendall_w", parameters=chosen, more=more)
    df, df_f = statements - 1, statements - 1 - 2 / m
    more |= {
        "chi2": m * df * w,
        "df": df,
        "p": float(chdtrc(df, m * df * w)),
        "F": (m - 1) * w / (1 - w) if w < 1 else None,
        "df_f": (df_f, (m - 1) * df_f),
        # W itself follows a beta distribution where F follows Fisher's: no infinite F at W = 1.
        "p_f": float(betaincc(df_f / 2, (m - 1) * df_f / 2, w)) if df_f > 0 else None,
        "mean_spearman": (m * w - 1) / (m - 1),
    }
    flags = ("dropped_people",) if more["dropped"] else ()
    return Result(w, m, "kendall_w", chosen, more, flags=flags)


def w_kernel(ratings: ArrayLike, weights: ArrayLike, missing: float = 0) -> Floats:
    """ratings (people, statements), weights (resamples, people) -> W (resamples,). Whole weights: exact sums."""
    table = np.asarray(ratings)
    complete = _answered(table, missing).all(axis=1)
    doubled, statements = doubled_midranks(table[complete]), table.shape[1]
    times = np.asarray(weights, dtype=np.float64)[:, complete]
    m = times.sum(axis=1)
    apart = times @ doubled - m[:, None] * (statements + 1)  # twice the rank sums less their mean
    most = m**2 * (statements**3 - statements) - m * (times @ tie_term(doubled))
    return _ratio(3 * (apart**2).sum(axis=1), most, (m > 1) & (most > 0))


def krippendorff(ratings: ArrayLike, level: str = "ordinal", missing: float = 0) -> Result:
    """Krippendorff's alpha of ratings (people, statements); any numbers, see krippendorff_of_counts."""
    table = np.asarray(ratings)
    given = _answered(table, missing)
    values, codes = np.unique(table[given], return_inverse=True)
    cells = np.nonzero(given)[1] * len(values) + codes
    counts = np.bincount(cells, minlength=table.shape[1] * len(values)).reshape(table.shape[1], -1)
    return krippendorff_of_counts(counts, level, values)


def krippendorff_of_counts(counts: ArrayLike, level: str = "ordinal", values: ArrayLike | None = None) -> Result:
    """Krippendorff's alpha: 1 less observed over expected disagreement; 1 = agreement, 0 = chance.

    counts (statements, values): how many people gave each value. values: the numbers themselves, ascending, for
    the interval and ratio levels (1, 2, ... by default). Statements with one answer are left out. n: the answers
    that can be paired. more: statements (counted), observed, expected. Undefined: empty, n1 (no statement with two
    answers), constant (one value only: alpha is not 1 there). ValueError: unknown level, negative values as ratios.
    Krippendorff 2004, Content Analysis, chapter 11; Hayes & Krippendorff 2007, doi:10.1080/19312450709336664.
    """
    f = np.asarray(counts)
    answers = f.sum(axis=1)
    n, statements = int(answers[answers > 1].sum()), int((answers > 1).sum())
    chosen, more = {"level": level}, {"statements": statements}
    observed, expected = (float(part) for part in _disagreements(f, level, values))
    if not expected:
        reason = "constant" if n else "n1" if answers.any() else "empty"
        return undefined(reason, n=n, method="krippendorff", parameters=chosen, more=more)
    shown = {**more, "observed": observed, "expected": expected}
    return Result(1 - observed / expected, n, "krippendorff", chosen, shown)


def alpha_kernel(counts: ArrayLike, level: str = "ordinal", values: ArrayLike | None = None) -> Floats:
    """counts (..., statements, values) -> alpha (...)."""
    observed, expected = _disagreements(np.asarray(counts), level, values)
    return 1 - _ratio(observed, expected, expected > 0)


def chance_corrected(counts: ArrayLike, coefficient: str = "ac", weights: str = "identity") -> Result:
    """Share of agreement between two people on a statement, beyond chance: (p_a - p_e)/(1 - p_e).

    counts (statements, top): answers per point of the full scale, unused points too; statements may have different
    numbers of answers. coefficient: ac (Gwet's AC1, AC2 with weights), fleiss (generalised kappa), bp (Brennan &
    Prediger). weights, the partial credit of two different answers: see disagreement(). n: answers. more: p_a, p_e,
    statements (with two answers or more). Undefined: empty, n1 (no statement with two answers), constant (fleiss on
    one value only). ValueError: a scale of one point, unknown coefficient or weights.
    Gwet 2008, doi:10.1348/000711006X126600; Brennan & Prediger 1981, doi:10.1177/001316448104100307.
    """
    f = np.asarray(counts)
    answers = f.sum(axis=1)
    n, statements = int(answers.sum()), int((answers > 1).sum())
    chosen, more = {"coefficient": coefficient, "weights": weights, "top": f.shape[1]}, {"statements": statements}
    agreed, chance = (float(part) for part in _agreed_and_chance(f, coefficient, weights))
    if not statements or chance == 1:
        reason = "constant" if statements else "n1" if n else "empty"
        return undefined(reason, n=n, method="chance_corrected", parameters=chosen, more=more)
    shown = {**more, "p_a": agreed, "p_e": chance}
    return Result((agreed - chance) / (1 - chance), n, "chance_corrected", chosen, shown)


def fleiss(counts: ArrayLike) -> Result:
    """Fleiss' kappa, for unordered answers, also with unequal numbers of answers. See chance_corrected.

    Fleiss 1971, doi:10.1037/h0031619.
    """
    return replace(chance_corrected(counts, "fleiss", "identity"), method="fleiss")


def chance_corrected_kernel(counts: ArrayLike, coefficient: str = "ac", weights: str = "identity") -> Floats:
    """counts (..., statements, top) -> coefficient (...)."""
    agreed, chance = _agreed_and_chance(np.asarray(counts), coefficient, weights)
    return _ratio(agreed - chance, 1 - chance, chance < 1)


def disagreement(top: int, weights: str) -> NDArray[np.int64]:
    """How far two answers on 1..top are apart, in whole numbers (top, top): identity 0 or 1; linear |j - k|;
    quadratic (j - k)^2; ordinal the pairs of points from j to k. Credit is 1 less the share of the largest.
    """
    steps = np.abs(np.subtract.outer(np.arange(top), np.arange(top)))
    apart = {"identity": np.minimum(steps, 1), "linear": steps, "quadratic": steps**2, "ordinal": steps * (steps + 1)}
    if weights not in apart:
        raise ValueError(f"unknown weights: {weights}")
    return np.asarray(apart[weights], dtype=np.int64)


def icc(ratings: ArrayLike, form: str = "2,1", missing: float = 0) -> Result:
    """Intraclass correlation of interval ratings (people, statements): the statements' share of all variance.

    form: 1 (each statement has its own people), 2 (the same people, a sample of all), 3 (these people only); then 1
    (one person's answer) or k (the mean of the people). Complete data only, else krippendorff with level interval;
    who answered nothing is not of the panel. n: people. more: statements, ms_statements, ms_people, ms_error,
    ms_within.
    Undefined: empty, n1 (one person), one_statement, incomplete, constant, flat (the variance to divide by is not
    positive). ValueError: unknown form.
    Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420, who print statements as rows.
    """
    table = np.asarray(ratings, dtype=np.float64)
    table = table[_answered(table, missing).any(axis=1)]
    given = _answered(table, missing)
    k, statements = table.shape
    chosen, more = {"form": form}, {"statements": statements}
    reason = "empty" if not k else "n1" if k == 1 else "one_statement" if statements == 1 else ""
    if reason or not given.all():
        return undefined(reason or "incomplete", n=k, method="icc", parameters=chosen, more=more)
    squares = _mean_squares(table, np.ones((1, k)))
    numerator, denominator = (float(part[0]) for part in _icc_parts(squares, form))
    if denominator <= 0:
        reason = "constant" if (table == table[0, 0]).all() else "flat"
        return undefined(reason, n=k, method="icc", parameters=chosen, more=more)
    names = ("ms_statements", "ms_people", "ms_error", "ms_within")
    means = {name: float(part[0] / squares.scale[0]) for name, part in zip(names, squares.parts, strict=True)}
    return Result(numerator / denominator, k, "icc", chosen, {**more, **means})


def icc_kernel(ratings: ArrayLike, weights: ArrayLike, form: str = "2,1") -> Floats:
    """Complete ratings (people, statements), weights (resamples, people) -> ICC (resamples,)."""
    squares = _mean_squares(np.asarray(ratings, dtype=np.float64), np.asarray(weights, dtype=np.float64))
    numerator, denominator = _icc_parts(squares, form)
    return _ratio(numerator, denominator, denominator > 0)


def weighted_counts(ratings: ArrayLike, weights: ArrayLike, top: int) -> Floats:
    """ratings (people, statements) 1..top, weights (resamples, people) -> counts (resamples, statements, top).

    0 and NaN are not counted. ValueError: an answer off the scale.
    """
    table = np.asarray(ratings)
    if ((table < 0) | (table > top)).any():
        raise ValueError(f"an answer is not on the scale 1..{top}")
    times = np.asarray(weights, dtype=np.float32)  # whole numbers stay exact up to 16 million people
    counts = np.empty((len(times), table.shape[1], top))
    for value in range(1, top + 1):
        counts[..., value - 1] = times @ (table == value).astype(np.float32)
    return counts


def _of_counts(figure: Callable[..., Result], kernel: Callable[..., Floats], top: int) -> Measure:
    def plain(ratings: Table) -> Result:
        return figure(weighted_counts(ratings, np.ones((1, len(ratings))), top)[0])

    return Measure(plain, lambda ratings, weights: kernel(weighted_counts(ratings, weights, top)), is_paired=True)


def _answered(table: Table, missing: float) -> NDArray[np.bool_]:
    return np.asarray((table != missing) & ~np.isnan(table))


def _ratio(numerator: Floats, denominator: Floats, defined: NDArray[np.bool_]) -> Floats:
    """NaN where it is not defined."""
    figures = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=figures, where=defined)
    return figures


def _drawn_again(groups: Table, resamples: int, chance: np.random.Generator) -> Floats:
    """(resamples, people): how many times each person is drawn, as many draws in each group as it has people."""
    times = np.zeros((resamples, len(groups)))
    rows = np.arange(resamples)[:, None]
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        draws = chance.integers(len(members), size=(resamples, len(members))) + rows * len(members)
        times[:, members] = np.bincount(draws.ravel(), minlength=resamples * len(members)).reshape(resamples, -1)
    return times


def _disagreements(counts: Table, level: str, values: ArrayLike | None) -> tuple[Floats, Floats]:
    """Observed and expected disagreement of counts (..., statements, values); zeros where nothing can be paired."""
    f = counts.astype(np.float64)
    answers = f.sum(axis=-1, keepdims=True)
    f = np.where(answers > 1, f, 0)
    used = f.sum(axis=-2)
    n = np.asarray(used.sum(axis=-1))
    apart = _squared_distances(used, level, values)
    # A value is at no distance from itself, so an answer need not be kept from meeting itself.
    pairs = ((f / np.maximum(answers - 1, 1)) @ apart * f).sum(axis=(-2, -1))
    chance = (np.squeeze(used[..., None, :] @ apart, axis=-2) * used).sum(axis=-1)
    return pairs / np.maximum(n, 1), chance / np.maximum(n * (n - 1), 1)


def _squared_distances(used: Floats, level: str, values: ArrayLike | None) -> Floats:
    """(..., values, values) from the number of answers per value (..., values)."""
    count = used.shape[-1]
    numbers = np.arange(1, count + 1) if values is None else np.asarray(values, dtype=np.float64)
    if level == "nominal":
        return 1 - np.eye(count)
    if level == "ordinal":  # the distance between two values' mean ranks
        numbers = np.cumsum(used, axis=-1) - used / 2
    elif level not in LEVELS:
        raise ValueError(f"unknown level: {level}")
    difference = numbers[..., :, None] - numbers[..., None, :]
    if level == "ratio":
        if (numbers < 0).any():
            raise ValueError("ratios of negative values mean nothing")
        total = numbers[:, None] + numbers
        difference = np.divide(difference, total, out=np.zeros_like(total, dtype=np.float64), where=total > 0)
    return np.asarray(difference**2, dtype=np.float64)


def _agreed_and_chance(counts: Table, coefficient: str, weights: str) -> tuple[Floats, Floats]:
    """p_a and p_e of counts (..., statements, top)."""
    top = counts.shape[-1]
    if top < 2:
        raise ValueError("a scale needs two points")
    apart = disagreement(top, weights)
    credit = 1 - apart / apart[0, -1]
    answers = counts.sum(axis=-1)
    share = counts / np.maximum(answers, 1)[..., None]
    pairs = (counts * (counts @ credit - 1)).sum(axis=-1) / np.maximum(answers * (answers - 1), 1)
    agreed = (pairs * (answers > 1)).sum(axis=-1) / np.maximum((answers > 1).sum(axis=-1), 1)
    used = share.sum(axis=-2) / np.maximum((answers > 0).sum(axis=-1), 1)[..., None]
    if coefficient == "ac":
        chance = credit.sum() / (top * (top - 1)) * (used * (1 - used)).sum(axis=-1)
    elif coefficient == "fleiss":
        chance = (used @ credit * used).sum(axis=-1)
    elif coefficient == "bp":
        chance = np.full(agreed.shape, credit.sum() / top**2)
    else:
        raise ValueError(f"unknown coefficient: {coefficient}")
    paired = (answers > 1).any(axis=-1)
    return agreed, np.where(paired, chance, 1.0)  # no pair: nothing is left beyond chance


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares times `scale`: whole numbers where the ratings are, so that zero is zero."""

    parts: tuple[Floats, Floats, Floats, Floats]  # between statements, between people, error, within statements
    people: Floats
    statements: int
    scale: Floats


def _mean_squares(table: Floats, weights: Floats) -> _Squares:
    n = table.shape[1]
    table = table - np.round(table.mean())  # smaller squares lose less
    k = weights.sum(axis=1)
    sums, own = weights @ table, table.sum(axis=1)
    grand = (weights @ own) ** 2
    total = n * k * (weights @ (table**2).sum(axis=1)) - grand
    between = n * (sums**2).sum(axis=1) - grand
    people = k * (weights @ own**2) - grand
    parts = (
        n * (k - 1) * between,
        n * (n - 1) * people,
        n * (total - between - people),
        (n - 1) * (total - between),
    )
    return _Squares(parts, k, n, n * k * n * (n - 1) * (k - 1))


def _icc_parts(squares: _Squares, form: str) -> tuple[Floats, Floats]:
    between, people, error, within = squares.parts
    k, n = squares.people, squares.statements
    forms = {
        "1,1": (between - within, between + (k - 1) * within),
        "2,1": (between - error, between + (k - 1) * error + k * (people - error) / n),
        "3,1": (between - error, between + (k - 1) * error),
        "1,k": (between - within, between),
        "2,k": (between - error, between + (people - error) / n),
        "3,k": (between - error, between),
    }
    if form not in forms:
        raise ValueError(f"unknown form: {form}")
    return forms[form]
