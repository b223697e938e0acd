"""Worths estimated from comparisons (Bradley-Terry) and from rankings (Plackett-Luce), ties and short ballots included.

A worth says how strongly a statement is preferred, on a scale of log odds. No rule that only counts belongs here
(orders.py), and no prior but the ghost, which is always named in the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, softmax

from rounds.measures.pairwise import Ranks, Unranked, checked, pairwise
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Parts = list[tuple[Floats, Floats, list[Floats]]]  # per tie size

ROUNDING = 1e-14  # steps this small are noise, whether they shrink or not


def is_connected(wins: ArrayLike) -> bool:
    """Whether one gets from every statement to every other along wins, the condition for finite worths (Ford 1957,
    doi:10.2307/2308513). wins (m, m): above 0 where a was ever placed above b."""
    graph = np.asarray(wins) > 0
    return _reaches_all(graph) and _reaches_all(graph.T)


def bradley_terry(
    wins: ArrayLike, *, ref: int | None = 0, ghost: float = 0.0, tol: float = 1e-8, limit: int = 100
) -> Result:
    """Log worths l that make the wins likeliest, if a beats b with odds exp(l_a - l_b), and their standard errors.

    wins (m, m): how often a beat b, or N of pairwise(); from 0, not necessarily whole; the diagonal is not read.
    ref: the statement with log worth 0; None: they sum to 0. ghost: wins and losses that each statement is given
    against an extra one, so that worths are finite in every case. tol, limit: largest last step, most steps.
    value: log worths. n: comparisons, rounded down. more: se (of the contrasts that value gives), worth (sum 1),
    loglik (without the ghost), iterations. Undefined: empty, not_connected, not_converged.
    Newton's method, steps shortened so that none overshoots (Sun & Tran-Dinh 2019, doi:10.1007/s10107-018-1282-4).
    Bradley & Terry 1952, doi:10.2307/2334029.
    """
    counted = np.array(wins, dtype=np.float64)
    if counted.ndim != 2 or counted.shape[0] != counted.shape[1] or not (counted >= 0).all():
        raise ValueError("wins are a square table of numbers from 0")
    m = len(counted)
    np.fill_diagonal(counted, 0)
    table = np.pad(counted, (0, 1), constant_values=ghost)[: m + bool(ghost), : m + bool(ghost)]
    np.fill_diagonal(table, 0)
    n = int(counted.sum() + 1e-6)  # weights scaled to people add up to a whole number, but for the last digits
    parameters = {"ref": ref, "ghost": ghost, "tol": tol, "limit": limit}
    if not counted.any():
        return undefined("empty", n=n, method="bradley_terry", parameters=parameters)
    if not is_connected(table):
        return undefined("not_connected", n=n, method="bradley_terry", parameters=parameters)
    settled = _newton(table, tol, limit)
    if settled is None:
        return undefined("not_converged", n=n, method="bradley_terry", parameters=parameters)
    logs, iterations = settled
    contrasts = np.eye(m, len(table))
    contrasts[:, :m] -= 1 / m if ref is None else np.eye(m)[ref]
    variances = np.einsum("ij,jk,ik->i", contrasts, _covariance(table, logs), contrasts)
    more = {
        "se": tuple(np.sqrt(np.maximum(variances, 0)).tolist()),
        "worth": tuple(softmax(logs[:m]).tolist()),
        "loglik": float((counted * log_expit(logs[:m, None] - logs[:m])).sum()),
        "iterations": iterations,
    }
    return Result(tuple((contrasts @ logs).tolist()), n, "bradley_terry", parameters, more)


def plackett_luce(
    ranks: Ranks,
    *,
    weights: ArrayLike | None = None,
    unranked: Unranked = "absent",
    ghost: float = 0.0,
    ties: bool = True,
    ref: int = 0,
    tol: float = 1e-8,
    limit: int = 20_000,
) -> Result:
    """Log worths that make the ballots likeliest, if each chooses its best, then its best of the rest, and so on.

    A set of d statements is chosen from those left with a chance in proportion to the geometric mean of their worths
    times a tie parameter for d (1 for d = 1), over all sets of the tie sizes that occur (Davidson-Luce; Turner, van
    Etten, Firth & Kosmidis 2020, doi:10.1007/s00180-020-00959-3).

    ranks (n, m); weights (n,): numbers from 0. unranked "absent": a ballot chooses among what it ranks; "below": among
    everything, until it stops. ghost: rankings, above and below an extra statement, that each statement is given, in
    the unit of the weights. ties=False refuses tied ballots (ValueError). ref: statement of log_ref.
    tol: what the log worths may still move; limit: most iterations.
    value: log worths, sum 0. n: ballots with a choice. more: log_ref (log worths less that of ref), worth (sum 1),
    tie_sizes, tie_log (log tie parameters), loglik (without the ghost), iterations. Undefined: empty, no_pairs (no
    ballot has a choice), not_connected, not_converged.

    not_connected: is_connected() of who is above whom, and the same among tie sizes (chosen where the other could have
    been), make the maximum exist. Without ties this is exact; with ties it refuses a few tables that have one.
    Each worth is multiplied by how often it was chosen over how often it was expected to be: untied this is the MM
    algorithm of Hunter 2004, doi:10.1214/aos/1079120141; with ties, tie parameters alike and half the step in logs,
    generalised iterative scaling (Darroch & Ratcliff 1972, doi:10.1214/aoms/1177692379). No step is a step down.
    Time grows with the square of the largest tie.
    """
    ranks, weight = _weighed(checked(ranks, unranked), weights)
    given = "equal" if weights is None else "given"
    parameters = {"unranked": unranked, "weights": given, "ghost": ghost, "ref": ref, "tol": tol, "limit": limit}
    seen = _stages(*_coded(ranks, weight, unranked, 0.0))
    if not ties and len(seen.sizes) > 1:
        raise ValueError("tied ballots need ties=True")
    n = int(np.count_nonzero(seen.weight.any(axis=1)))
    if not n:
        return undefined("no_pairs" if ranks.any() else "empty", n=0, method="plackett_luce", parameters=parameters)
    stages = _stages(*_coded(ranks, weight, unranked, ghost)) if ghost else seen
    if not (is_connected(stages.rivals) and (ghost or is_connected(pairwise(ranks, unranked=unranked)))):
        return undefined("not_connected", n=n, method="plackett_luce", parameters=parameters)
    settled = _settle(stages, tol, limit)
    if settled is None:
        return undefined("not_converged", n=n, method="plackett_luce", parameters=parameters)
    logs = _centred(settled[0][: ranks.shape[1]])
    more = _worths(logs, ref) | _ties(stages, settled[1]) | {"loglik": _loglik(seen, logs, settled[1])}
    return Result(tuple(logs.tolist()), n, "plackett_luce", parameters, more | {"iterations": settled[2]})


def _centred(logs: Floats) -> Floats:
    centred: Floats = logs - logs.mean()
    return centred


def _worths(logs: Floats, ref: int) -> dict[str, object]:
    return {"log_ref": tuple((logs - logs[ref]).tolist()), "worth": tuple(softmax(logs).tolist())}


def _ties(stages: Stages, logs: Floats) -> dict[str, object]:
    return {"tie_sizes": stages.sizes[1:], "tie_log": tuple(logs[1:].tolist())}


def _weighed(ranks: Ranks, weights: ArrayLike | None) -> tuple[Ranks, Floats]:
    """The ballots that have a weight, and their weights."""
    weight = np.ones(len(ranks)) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (len(ranks),) or not (weight >= 0).all():
        raise ValueError("one weight per person, from 0")
    return ranks[weight > 0], weight[weight > 0]


@dataclass(frozen=True, slots=True)
class Stages:
    """Ballots as choices among what is left, and what was chosen in all.

    order (n, depth): the statement in each place, equal ranks side by side, `items` behind the last on offer. weight
    (n, depth): the ballot's weight where a choice among two or more begins, else 0. chosen (items,): how often each
    was chosen, in equal parts where several were together. sizes: 1 and all others chosen together; sized: how
    often; rivals: [s, t] whether a set of size s was chosen where one of size t could have been.
    """

    items: int
    order: NDArray[np.intp]
    weight: Floats
    chosen: Floats
    sizes: tuple[int, ...]
    sized: Floats
    rivals: NDArray[np.bool_]


def _reaches_all(graph: NDArray[np.bool_]) -> bool:
    reached = np.arange(len(graph)) == 0
    frontier = reached
    while frontier.any():
        frontier = graph[frontier].any(axis=0) & ~reached
        reached = reached | frontier
    return bool(reached.all())


def _newton(table: Floats, tol: float, limit: int) -> tuple[Floats, int] | None:
    """Log worths that sum to 0 and steps taken, or None. The shortened step is the best that the bound on the third
    derivative, one times the second per unit of log odds, allows."""
    logs = np.zeros(len(table))
    for iteration in range(1, limit + 1):
        step = _covariance(table, logs) @ (table - (table + table.T) * expit(logs[:, None] - logs)).sum(axis=1)
        reach = float(np.ptp(step))
        logs += step * (np.log1p(reach) / reach if reach else 1.0)
        if reach < tol:
            return logs, iteration
    return None


def _covariance(table: Floats, logs: Floats) -> Floats:
    """Inverse information of log worths that sum to 0; a constant fills the one direction nothing is known in."""
    information = -(table + table.T) * expit(logs[:, None] - logs) * expit(logs - logs[:, None])
    np.fill_diagonal(information, 0)
    np.fill_diagonal(information, -information.sum(axis=1))
    fill = float(information.diagonal().mean()) / len(table)
    return np.linalg.inv(information + fill) - 1 / (fill * len(table) ** 2)


def _coded(ranks: Ranks, weight: Floats, unranked: Unranked, ghost: float) -> tuple[NDArray[Any], int, Floats]:
    """Codes (ballots, items), the code from which a statement is on offer but not ranked (above it: not on offer),
    and weights. The ghost is the last item, on offer in its own pairs only."""
    n, m = ranks.shape
    out = max(int(ranks.max(initial=0)), 2) + 1
    codes = np.where(ranks > 0, ranks, out + (unranked == "absent")).astype(np.min_scalar_type(out + 1))
    if not ghost:
        return codes, out, weight
    pairs = np.full((2 * m, m + 1), out + 1, dtype=codes.dtype)
    above, below, each = np.arange(m), np.arange(m, 2 * m), np.arange(m)
    pairs[above, each], pairs[above, m] = 1, 2
    pairs[below, each], pairs[below, m] = 2, 1
    codes = np.vstack([np.column_stack([codes, np.full(n, out + 1, dtype=codes.dtype)]), pairs])
    return codes, out, np.append(weight, np.full(2 * m, ghost))


def _stages(codes: NDArray[Any], out: int, weights: Floats) -> Stages:
    n, items = codes.shape
    order = np.argsort(codes, axis=1, kind="stable")
    places = np.take_along_axis(codes, order, axis=1)
    offered = np.count_nonzero(places <= out, axis=1)
    depth = int(offered.max(initial=0))
    order[places > out] = items
    begins = np.ones((n, items), dtype=bool)
    begins[:, 1:] = places[:, 1:] != places[:, :-1]
    begin = np.flatnonzero(begins)
    size = np.diff(begin, append=n * items)
    ballot, place = np.divmod(begin, max(items, 1))
    left = offered[ballot] - place
    choice = (places.ravel()[begin] < out) & (left > 1)
    weight = weights[ballot] * choice
    table = np.zeros(n * items)
    table[begin] = weight
    sizes = np.flatnonzero(np.bincount(np.append(size[choice], 1)))
    room = [left[choice & (size == together)].max(initial=0) for together in sizes]
    return Stages(
        items,
        np.ascontiguousarray(order[:, :depth]),
        np.ascontiguousarray(table.reshape(n, items)[:, :depth]),
        np.bincount(order.ravel(), np.repeat(weight / size, size), items + 1)[:items].astype(np.float64),
        tuple(sizes.tolist()),
        np.bincount(size, weight, int(sizes[-1]) + 1)[sizes].astype(np.float64),
        np.array(room)[:, None] >= sizes,
    )


def _settle(stages: Stages, tol: float, limit: int) -> tuple[Floats, Floats, int] | None:
    """Log worths, log tie parameters and iterations, or None. It stops when all steps to come, if each shrinks as the
    last one did, add up to less than tol."""
    logs, tie_logs, moved = np.zeros(stages.items), np.zeros(len(stages.sizes)), 0.0
    share = 1.0 if len(stages.sizes) == 1 else 0.5
    for iteration in range(1, limit + 1):
        expected, sized = _expected(stages, logs, tie_logs)
        step = share * np.log(stages.chosen / expected)
        tie_step = share * np.log(stages.sized / sized)
        step -= step.mean()
        tie_step -= tie_step[0]
        logs += step
        tie_logs += tie_step
        before, moved = moved, float(max(np.abs(step).max(), np.abs(tie_step).max()))
        if moved < tol and (moved * moved <= tol * (before - moved) or moved < ROUNDING):
            return logs, tie_logs, iteration
    return None


def _expected(stages: Stages, logs: Floats, tie_logs: Floats) -> tuple[Floats, Floats]:
    """How often each statement, and each size of tie, should have been chosen if these were the worths.

    The chance of a set is its weight over that of all sets left: an elementary symmetric sum of roots of worths,
    built up from the last place to the first. Its derivatives come back from the first to the last.
    """
    parts = _sums(stages, logs)
    tie = np.exp(tie_logs)
    rate = np.divide(stages.weight, _total(parts, tie), out=np.zeros_like(stages.weight), where=stages.weight > 0)
    expected = np.zeros(stages.items)
    sized = np.empty(len(tie))
    cells = stages.order.ravel()
    for i, (roots, base, sums) in enumerate(parts):
        slope = _slope(rate, base, sums).ravel()
        expected += tie[i] / stages.sizes[i] * (roots * np.bincount(cells, slope, stages.items + 1))[:-1]
        sized[i] = tie[i] * np.vdot(rate, sums[-1])
    return expected, sized


def _sums(stages: Stages, logs: Floats) -> Parts:
    """Per size d: the d-th roots of the worths (0 for nothing), and from every place on their symmetric sums 1..d."""
    parts = []
    for size in stages.sizes:
        roots = np.append(np.exp(logs / size), 0.0)
        base = roots[stages.order]
        sums = [_onward(base)]
        for _ in range(1, size):
            sums.append(_onward(base[:, :-1] * sums[-1][:, 1:], 1))
        parts.append((roots, base, sums))
    return parts


def _onward(terms: Floats, empty: int = 0) -> Floats:
    """Sums from every place to the last; `empty` places without a sum follow."""
    sums = np.zeros((len(terms), terms.shape[1] + empty))
    np.cumsum(terms[:, ::-1], axis=1, out=sums[:, : terms.shape[1]][:, ::-1])
    return sums


def _slope(rate: Floats, base: Floats, sums: list[Floats]) -> Floats:
    """Derivative, by what stands in each place, of the last sum at every place times the rate there."""
    carried = np.cumsum(rate, axis=1)
    slope = np.zeros_like(carried)
    for onward in reversed(sums[:-1]):
        slope[:, :-1] += carried[:, :-1] * onward[:, 1:]
        carried[:, 1:] = np.cumsum(base * carried, axis=1)[:, :-1]
        carried[:, 0] = 0
    slope += carried
    return slope


def _total(parts: Parts, tie: Floats) -> Floats:
    """Weight of all sets that could be chosen from every place on."""
    return sum((t * sums[-1] for t, (*_, sums) in zip(tie[1:], parts[1:], strict=True)), parts[0][2][-1])


def _loglik(stages: Stages, logs: Floats, tie_logs: Floats) -> float:
    chosen_from = stages.weight > 0
    total = _total(_sums(stages, logs), np.exp(tie_logs))[chosen_from]
    return float(stages.chosen @ logs + stages.sized @ tie_logs - stages.weight[chosen_from] @ np.log(total))
