"""The order with the fewest contradictions: Kemeny's rule, solved exactly, with its proof and its uniqueness.

An order scores N[a, b] for every statement a it puts above b; the best score wins (Kemeny 1959; Young 1988, doi
10.2307/1961757). Scores and bounds are whole numbers: the solver only proposes, integers decide. No other rule of
ordering belongs here, no ballot, and no heuristic whose result could pass for the optimum.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product
from math import floor, lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.measures.orders import layers
from rounds.measures.result import Result, undefined

Whole = NDArray[Any]  # int64, or Python integers where int64 would overflow
Places = NDArray[np.intp]  # statements, best first

SUBSETS = 12  # up to here every subset is visited (2**12 of them); beyond, cutting planes are faster
SLACK = 1e-6  # a cycle counts as violated beyond the solver's own tolerance


def kemeny(pairwise: NDArray[Any], *, time_limit: float = 10.0, n: int | None = None) -> Result:
    """One optimal order, whether it is proven, and whether it is the only one.

    pairwise: (m, m), N[a, b] people (or weights) who place a above b; whole numbers or Fractions. n: people behind
    it, by default the largest N[a, b] + N[b, a]. time_limit: seconds for one run of the solver, which components of
    more than 12 statements need; a slower machine may prove less, it never proves anything else.

    value: order of single statements. more: score; bound (no order scores more; equal to score where proven);
    unique (True, False, or None where that is not proven); alternative (another optimal order, or None); places (what
    the optimal orders have in common: each statement in the first place that follows all that is before it in every one
    of them; where more than 12 statements hang together, in all that are known). An order that is not the only one is
    never to be shown as if it were: show places. Flags:
    not_unique, not_proven. Undefined: empty (no statement; or none ever placed above another, with no n to
    say that people tied them all). ValueError: not square, negative, or weights already rounded to floats.

    The search is split where all of a set beat all of another (Truchon 1998, extended Condorcet criterion); each
    part is solved over subsets, or by linear programming with cycle cuts (Grötschel, Jünger & Reinelt 1984, doi
    10.1287/opre.32.6.1195). For uniqueness it is solved again with a price on every pair placed as in the first
    order, so small that all pairs together cost less than one vote.
    """
    table, step = _whole(pairwise)
    people = _people(table, step) if n is None else n
    parameters = {"time_limit": time_limit}
    if _nothing(table, people):
        return undefined("empty", n=people, method="kemeny", parameters=parameters)
    places, bound = _best(table, time_limit)
    score = _score(table, places)
    unique, alternative = _unique(table, places, time_limit) if bound == score else (None, None)
    common = _common(table, places, alternative)
    flags = ("not_unique",) * (unique is False) + ("not_proven",) * (unique is None)
    more = {
        "score": _number(score, step),
        "bound": _number(bound, step),
        "unique": unique,
        "alternative": None if alternative is None else _singles(alternative),
        "places": layers(common),
    }
    return Result(_singles(places), people, "kemeny", parameters, more, flags=flags)


def kemeny_set(pairwise: NDArray[Any], limit: int = 100, *, n: int | None = None) -> Result:
    """Every optimal order, in the order of the statements' numbers, at most `limit` of them.

    pairwise, n: as for kemeny. more: score, count (of all optimal orders, also those beyond the limit). Flag:
    not_unique. Undefined: "empty"; "entangled" where more than 12 statements hang together without a strict
    majority between two parts of them. ValueError: as kemeny, or a limit under 1.
    """
    if limit < 1:
        raise ValueError("at least one order")
    table, step = _whole(pairwise)
    people = _people(table, step) if n is None else n
    parameters = {"limit": limit}
    if _nothing(table, people):
        return undefined("empty", n=people, method="kemeny_set", parameters=parameters)
    parts = _parts(table >= table.T)  # with equal majorities inside a part, no optimum leaves this sequence
    if max(map(len, parts)) > SUBSETS:
        return undefined("entangled", n=people, method="kemeny_set", parameters=parameters)
    tables = [_subsets(table[np.ix_(part, part)]) for part in parts]
    each = [
        [part[list(walk)] for walk in islice(_walks(*found), limit)] for part, found in zip(parts, tables, strict=True)
    ]
    orders = tuple(_singles(np.concatenate(chosen)) for chosen in islice(product(*each), limit))
    score = _score(table, np.concatenate([walks[0] for walks in each]))
    count = prod(_count(*found) for found in tables)
    more = {"score": _number(score, step), "count": count}
    return Result(orders, people, "kemeny_set", parameters, more, flags=("not_unique",) * (count > 1))


def _whole(pairwise: NDArray[Any]) -> tuple[Whole, Fraction]:
    """The matrix in the smallest whole numbers that keep its proportions, and how many votes each of them is."""
    given = np.asarray(pairwise)
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise ValueError("a pairwise matrix is square")
    if given.dtype.kind == "f" and not (given == np.rint(given)).all():
        raise ValueError("weights are whole numbers or Fractions: sums of rounded numbers make and break ties")
    if (given < 0).any():
        raise ValueError("a number of people is not negative")
    unit = 1
    if given.dtype == object:
        votes = [Fraction(value) for value in given.ravel().tolist()]
        unit = lcm(*(value.denominator for value in votes))
        exact = np.array([int(value * unit) for value in votes], dtype=object).reshape(given.shape)
    else:
        exact = given.astype(np.int64)
    common = int(np.gcd.reduce(exact, axis=None, initial=0)) or 1
    largest = int(exact.max(initial=0)) // common * max(len(exact), 1) ** 4  # the second search's scores stay below
    table: Whole = (exact // common).astype(np.int64 if largest < 2**62 else object)
    np.fill_diagonal(table, 0)
    return table, Fraction(common, unit)


def _people(table: Whole, step: Fraction) -> int:
    return int(int((table + table.T).max(initial=0)) * step)


def _nothing(table: Whole, people: int) -> bool:
    return not len(table) or (len(table) > 1 and not people and not table.any())


def _number(value: int, step: Fraction) -> int | Fraction:
    votes = value * step
    return votes.numerator if votes.denominator == 1 else votes


def _singles(places: Places) -> tuple[tuple[int, ...], ...]:
    return tuple((statement,) for statement in places.tolist())


def _score(table: Whole, places: Places) -> int:
    return int(np.triu(table[np.ix_(places, places)], 1).sum())


def _best(table: Whole, time_limit: float) -> tuple[Places, int]:
    """A best order found, and a score none exceeds."""
    parts = _parts(table > table.T)  # equal majorities between parts cost nothing either way
    solved = [_solve(table[np.ix_(part, part)], time_limit) for part in parts]
    places = np.concatenate([part[inner] for part, (inner, _) in zip(parts, solved, strict=True)])
    return places, _score(table, places) + sum(missing for _, missing in solved)


def _parts(before: NDArray[np.bool_]) -> list[Places]:
    """Strong components of a relation, first ones first; among unrelated ones the lower statement number."""
    reach = before | np.eye(len(before), dtype=bool)
    for middle in range(len(reach)):
        reach |= reach[:, middle, None] & reach[middle]
    label = (reach & reach.T).argmax(axis=1)  # the lowest statement of the component
    along = np.lexsort((label, -reach.sum(axis=1)))  # whoever reaches others reaches more
    return np.split(along, np.flatnonzero(np.diff(label[along])) + 1)


def _solve(table: Whole, time_limit: float) -> tuple[Places, int]:
    """A best order found, and how much more an order could score at most."""
    if len(table) > SUBSETS:
        return _cut(table, time_limit)
    return np.array(next(_walks(*_subsets(table))), dtype=np.intp), 0


def _unique(table: Whole, places: Places, time_limit: float) -> tuple[bool | None, Places | None]:
    """Whether a proven order is the only one, and another optimal order if there is one."""
    size = len(places)
    above = np.zeros((size, size), dtype=bool)
    above[np.ix_(places, places)] = np.tri(size, k=-1, dtype=bool).T
    blurred = table * (size * (size - 1) // 2 + 1) - above  # agreeing with all pairs costs less than one vote
    other, bound = _improved(blurred, places), 0
    if np.array_equal(other, places):  # no neighbour is as good: search everywhere
        other, bound = _best(blurred, time_limit)
    if not np.array_equal(other, places) and _score(table, other) == _score(table, places):
        return False, other
    return (True, None) if bound == _score(blurred, places) else (None, None)


def _common(table: Whole, places: Places, alternative: Places | None) -> NDArray[np.bool_]:
    """(m, m): a before b in every optimal order, or in every one that is known.

    Parts of up to twelve statements are searched whole. In a longer one the two orders found are held against each
    other, and statements that stand side by side with all their majorities equal can stand in any order.
    """
    parts = _parts(table >= table.T)
    above = np.zeros(table.shape, dtype=bool)
    for place, part in enumerate(parts):
        above[np.ix_(part, np.concatenate([part[:0], *parts[place + 1 :]]))] = True
        if len(part) <= SUBSETS:
            above[np.ix_(part, part)] = _always(*_subsets(table[np.ix_(part, part)]))
        else:
            found = [order[np.isin(order, part)] for order in (places, alternative) if order is not None]
            above[np.ix_(part, part)] = _undisputed(table, part, found)
    return above


def _always(best: Whole, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m, m), from _subsets: a before b in every optimal order. Only subsets that some optimal order leaves count."""
    size = first.shape[1]
    before = np.zeros((size, size), dtype=bool)
    reached = np.zeros(len(best), dtype=bool)
    reached[-1] = True
    bits = np.arange(size)
    for mask in range(len(best) - 1, 0, -1):
        if reached[mask]:
            inside = (mask >> bits & 1).astype(bool)
            for leader in np.flatnonzero(first[mask]).tolist():
                reached[mask ^ (1 << leader)] = True
                before[leader] |= inside
    return np.asarray(before & ~before.T)


def _undisputed(table: Whole, part: Places, orders: list[Places]) -> NDArray[np.bool_]:
    """(part, part): a before b in all of these orders, nor can equal neighbours change places."""
    where = {statement: place for place, statement in enumerate(part.tolist())}
    above = np.ones((len(part), len(part)), dtype=bool)
    for order in orders:
        along = [where[statement] for statement in order.tolist()]
        before = np.zeros_like(above)
        before[np.ix_(along, along)] = np.tri(len(along), k=-1, dtype=bool).T
        start = 0
        for end in range(1, len(order) + 1):
            run = order[start:end]
            if end == len(order) or (table[order[end], run] != table[run, order[end]]).any():
                before[np.ix_(along[start:end], along[start:end])] = False
                start = end
        above &= before
    return above


# -- up to twelve statements: every subset


def _subsets(table: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """Best score of every subset (a bit per statement), and which statements can stand first in it."""
    size = len(table)
    bit = 1 << np.arange(size)
    masks = np.arange(1 << size)
    inside = (masks[:, None] & bit) > 0
    wins = inside.astype(table.dtype) @ table.T  # wins[S, a]: a above all of S
    lowest = -int(np.abs(table).sum()) - 1
    best = np.zeros(1 << size, dtype=table.dtype)
    first = np.zeros((1 << size, size), dtype=bool)
    members = inside.sum(axis=1)
    for count in range(1, size + 1):
        chosen = masks[members == count]
        rest = chosen[:, None] ^ bit
        scores = np.where(inside[chosen], best[rest] + wins[rest, np.arange(size)], lowest)
        best[chosen] = scores.max(axis=1)
        first[chosen] = scores == best[chosen][:, None]
    return best, first


def _walks(best: Whole, first: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    """All optimal orders, lowest statement numbers first."""

    def walk(mask: int) -> Iterator[tuple[int, ...]]:
        if not mask:
            yield ()
        for leader in np.flatnonzero(first[mask]).tolist():
            for rest in walk(mask ^ (1 << leader)):
                yield (leader, *rest)

    return walk(len(best) - 1)


def _count(best: Whole, first: NDArray[np.bool_]) -> int:
    ways = [1]
    for mask in range(1, len(best)):
        ways.append(sum(ways[mask ^ (1 << leader)] for leader in np.flatnonzero(first[mask]).tolist()))
    return ways[-1]


# -- beyond: linear programming with cycle cuts


def _cut(table: Whole, time_limit: float) -> tuple[Places, int]:
    """Relax, cut off the cycles found, repeat; whole numbers only where the relaxation has no more to give."""
    above = (table > table.T) + (table == table.T) / 2
    places = _improved(table, np.argsort(-above.sum(axis=1), kind="stable"))
    bound = int(np.triu(np.maximum(table, table.T), 1).sum())
    cycles = _cycles(above)
    integral = False
    while bound > _score(table, places):
        solved = _relaxed(table, cycles, integral, time_limit)
        if solved is None:
            break
        above, limit, finished = solved
        bound = min(bound, limit)
        places = max(
            places,
            _improved(table, np.argsort(-above.sum(axis=1), kind="stable")),
            key=lambda found: _score(table, found),
        )
        new = _cycles(above)
        if not finished or (integral and not len(new)):
            break
        integral = integral or not len(new)
        cycles = np.concatenate([cycles, new])
    return places, bound - _score(table, places)


def _cycles(above: NDArray[np.float64]) -> NDArray[np.intp]:
    """Violated cycles (i, j, k), i the lowest: i over j, j over k and k over i add up to more than two.

    For each i and j only the worst k: enough to make progress, few enough to keep the programme small.
    """
    found = []
    for i in range(len(above) - 2):
        later = above[i + 1 :, i + 1 :]
        total = above[i, i + 1 :, None] + later + above[i + 1 :, i]
        worst = total.argmax(axis=1)
        j = np.flatnonzero(total[np.arange(len(later)), worst] > 2 + SLACK)
        found.append(np.stack([np.full_like(j, i), j + i + 1, worst[j] + i + 1], axis=1))
    return np.concatenate(found)


def _relaxed(
    table: Whole, cycles: NDArray[np.intp], integral: bool, time_limit: float
) -> tuple[NDArray[np.float64], int, bool] | None:
    """How far each statement lies above each other under these cuts, a score no order exceeds, and whether the
    solver came to its end. None: its time was over before it found anything.

    While numbers may be fractions the bound is proven here (_bound); once they are whole it is the solver's own,
    rounded up beyond its tolerance.
    """
    from scipy.optimize import LinearConstraint, linprog, milp  # noqa: PLC0415 - half a second that small lists save
    from scipy.sparse import csr_array  # noqa: PLC0415 - as above

    gain = (table - table.T).astype(np.float64)
    start, end = cycles, np.roll(cycles, -1, axis=1)
    forward = start < end
    pairs, column = np.unique(np.minimum(start, end) * len(table) + np.maximum(start, end), return_inverse=True)
    i, j = np.divmod(pairs, len(table))
    rows = np.repeat(np.arange(len(cycles)), 3)
    matrix = csr_array((np.where(forward, 1.0, -1.0).ravel(), (rows, column.ravel())))
    most = 2.0 - (~forward).sum(axis=1)
    options = {"time_limit": time_limit}
    if integral:
        solved = milp(
            -gain[i, j],
            integrality=np.ones(len(pairs)),
            bounds=(0, 1),
            constraints=LinearConstraint(matrix, -np.inf, most),
            options=options | {"mip_rel_gap": 0.0},
        )
    else:
        solved = linprog(-gain[i, j], A_ub=matrix, b_ub=most, bounds=(0, 1), method="highs", options=options)
    if solved.x is None or (integral and not np.isfinite(solved.mip_dual_bound)):
        return None
    above = (np.sign(gain) + 1) / 2  # a pair in no cut goes to its majority
    above[i, j] = solved.x
    above[j, i] = 1 - solved.x
    if not integral:
        return above, _bound(table, cycles, -solved.ineqlin.marginals), True
    better = np.maximum(table, table.T)
    rest = int(np.triu(better).sum()) + int((table[j, i] - better[i, j]).sum())
    limit = rest + floor(-solved.mip_dual_bound + max(SLACK, SLACK**1.5 * abs(solved.mip_dual_bound)))
    return above, limit, solved.status == 0


def _bound(table: Whole, cycles: NDArray[np.intp], prices: NDArray[np.float64]) -> int:
    """A score no order exceeds, in whole numbers, from the prices of the cuts: true for any prices not negative.

    Each pair then takes its better side, cut prices deducted; each cut gives back twice its price.
    """
    highest = int(np.abs(table).max()) * len(table) ** 2  # more than all prices of an optimum together
    scale = 1 << max(0, 60 - (highest * len(table)).bit_length())  # no sum of a pair's prices leaves int64
    whole = np.array([int(price) for price in np.rint(np.clip(prices, 0, highest) * scale)], dtype=table.dtype)
    priced = table * scale
    np.subtract.at(priced, (cycles, np.roll(cycles, -1, axis=1)), whole[:, None])
    pairs = np.maximum(priced, priced.T)[np.triu_indices(len(table), 1)]
    total: int = sum(pairs.tolist()) + 2 * sum(whole.tolist())
    return total // scale


def _improved(table: Whole, places: Places) -> Places:
    """Move one statement at a time, the best move first, until none helps."""
    while True:
        placed = table[np.ix_(places, places)]
        lead = np.zeros((len(places), len(places) + 1), dtype=table.dtype)
        np.cumsum(placed - placed.T, axis=1, out=lead[:, 1:])
        gain = np.diagonal(lead)[:, None] - lead  # of statement p, put before the statement now at q
        p, q = divmod(int(gain.argmax()), len(places) + 1)
        if gain[p, q] <= 0:
            return places
        places = np.insert(np.delete(places, p), q - (q > p), places[p])
