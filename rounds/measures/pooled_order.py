"""One order of several sessions' ballots, under each way of counting, and what it would be without one of them.

Only statements that every session with a ballot was asked have a place: of the others nothing follows about whether
they would have stood above or below. Ballots are cut to these first, then points are counted. No share is pooled here
(pooling.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.orders import Order, order_of, top
from rounds.measures.pairwise import Ranks, checked, doubled_points
from rounds.measures.pooling import SCHEMES, Origin, weights
from rounds.measures.result import Result, undefined

# By what one may be left out; and why nothing can be where there is only one.
UNITS = {"session": "one_panel", "group": "one_group", "person": "n1"}

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ballots:
    """The ballots of a study. ranks (people, statements), 0 = not ranked: under all that is ranked, if it was asked;
    asked (people, statements): what that person's session was asked; origins: of each person.
    """

    ranks: Ranks
    asked: NDArray[np.bool_]
    origins: tuple[Origin, ...]

    def without(self, rows: Sequence[int]) -> Ballots:
        kept = np.ones(len(self.ranks), dtype=bool)
        kept[list(rows)] = False
        origins = tuple(origin for origin, keep in zip(self.origins, kept.tolist(), strict=True) if keep)
        return Ballots(self.ranks[kept], self.asked[kept], origins)


def ballots(ranks: Ranks, asked: ArrayLike, origins: Sequence[Origin]) -> Ballots:
    """Ballots that fit together; people who ranked nothing handed in none, and are left out.

    ValueError: shapes that do not fit, a rank of a statement that was not asked.
    """
    table, put = checked(ranks), np.asarray(asked, dtype=bool)
    if put.shape != table.shape or len(origins) != len(table):
        raise ValueError("ranks and asked are (people, statements), with an origin per person")
    if (table[~put] > 0).any():
        raise ValueError("a statement is ranked that was not asked")
    everybody = Ballots(table, put, tuple(origins))
    return everybody.without(np.flatnonzero(~table.any(axis=1)).tolist())


def pooled_order(ranks: Ranks, asked: ArrayLike, origins: Sequence[Origin]) -> Result:
    """The order of the common statements by mean Borda points, under each scheme. Value: order by scheme.

    ranks, asked (people, statements), origins (people,): see Ballots. A session without a ballot restricts nothing. A
    common statement that a ballot leaves out shares the last places; a ballot that ranks none carries nothing and is
    left out. n: people whose ballot counts, each once. more: common (statements), points (by scheme: of each of these,
    m less its mean rank, exact), left_out (ballots), agree (the five orders are one), sessions (how many handed in a
    ballot), asked_in (by statement that some were not asked: how many sessions were).
    Undefined: empty, no_common. ValueError: see ballots().
    """
    given = ballots(ranks, asked, origins)
    common = _common(given)
    carried = _carried(given, common)
    sessions = {origin.session: put for origin, put in zip(given.origins, given.asked, strict=True)}
    put_to = np.sum(list(sessions.values()), axis=0).tolist() if sessions else []
    n = len(carried.ranks)
    more: dict[str, Any] = {
        "common": tuple(common.tolist()),
        "left_out": len(given.ranks) - n,
        "sessions": len(sessions),
        "asked_in": {a: times for a, times in enumerate(put_to) if times < len(sessions)},
    }
    if not n:
        reason = "no_common" if sessions and not len(common) else "empty"
        return undefined(reason, n=0, method="pooled_order", more=more)
    points = {scheme: _points(carried, common, scheme) for scheme in SCHEMES}
    orders = {scheme: _order(common, points[scheme]) for scheme in SCHEMES}
    more |= {"points": points, "agree": len(set(orders.values())) == 1}
    return Result(orders, n, "pooled_order", {}, more, flags=("dropped_people",) * bool(more["left_out"]))


def leave_one_out(
    ranks: Ranks, asked: ArrayLike, origins: Sequence[Origin], k: int, *, by: str = "session", scheme: str = "person"
) -> Result:
    """In how many of the lists without one session, group or person each of the first k stays. Value: by statement.

    ranks, asked, origins: see Ballots. by: session, group or person. scheme: how people are counted. The
    statements are those common to all sessions throughout, so that lists are told apart by opinions alone. A tie across
    the edge is in as a whole. n: people who
    handed in a ballot. more: top (the first k of all, best first), tops (the same without each unit; people by their
    row), enters (statements that come in somewhere), decisive (units whose absence changes the set), units (how many).
    Undefined: empty; one_panel, one_group, n1 (one unit only); no_common. ValueError: k under 1, no such unit or
    scheme, and see ballots().
    """
    if k < 1 or by not in UNITS:
        raise ValueError("k is at least 1, by is session, group or person")
    given = ballots(ranks, asked, origins)
    chosen = {"k": k, "by": by, "scheme": scheme}
    rows = np.flatnonzero(np.asarray(ranks).any(axis=1)).tolist()
    units: dict[Hashable, list[int]] = {}
    for place, (row, origin) in enumerate(zip(rows, given.origins, strict=True)):
        units.setdefault(_unit(by)(row, origin), []).append(place)
    common = _common(given)
    n, first = len(rows), _first(given, common, k, scheme)
    reason = ("" if len(units) > 1 else UNITS[by]) if units else "empty"
    reason = reason or ("" if first else "no_common")
    if reason:
        return undefined(reason, n=n, method="leave_one_out", parameters=chosen, more={"units": len(units)})
    tops = {unit: _first(given.without(places), common, k, scheme) for unit, places in units.items()}
    stays = Counter(statement for one in tops.values() for statement in one)
    more = {
        "top": first,
        "tops": tops,
        "enters": tuple(sorted(set(stays) - set(first))),
        "decisive": tuple(unit for unit, one in tops.items() if set(one) != set(first)),
        "units": len(units),
    }
    return Result({statement: stays[statement] for statement in first}, n, "leave_one_out", chosen, more)


def _unit(by: str) -> Callable[[int, Origin], Hashable]:
    units: dict[str, Callable[[int, Origin], Hashable]] = {
        "session": lambda _, origin: origin.session,
        "group": lambda _, origin: origin.group,
        "person": lambda row, _: row,
    }
    return units[by]


def _first(given: Ballots, common: Ints, k: int, scheme: str) -> tuple[int, ...]:
    """The first k of these statements by these ballots; none where no ballot ranks any."""
    carried = _carried(given, common)
    return top(_order(common, _points(carried, common, scheme)), k) if len(carried.ranks) else ()


def _common(given: Ballots) -> Ints:
    """The statements that everybody with a ballot was asked."""
    return np.flatnonzero(given.asked.all(axis=0)) if len(given.ranks) else np.zeros(0, dtype=np.int64)


def _carried(given: Ballots, common: Ints) -> Ballots:
    """The ballots that rank a common statement."""
    return given.without(np.flatnonzero(~given.ranks[:, common].any(axis=1)).tolist())


def _points(given: Ballots, common: Ints, scheme: str) -> tuple[Fraction, ...]:
    """Mean points of each common statement. Origins are weighed, not people: few weights, and exact ones."""
    sizes = Counter(given.origins)
    each = dict(zip(sizes, weights(list(sizes), list(sizes.values()), scheme), strict=True))
    unit = lcm(*(weight.denominator for weight in each.values()))
    doubled = doubled_points(given.ranks[:, common])
    total = [0] * len(common)
    for origin, rows in _rows(given.origins):
        times = int(each[origin] * unit)
        total = [so_far + times * more for so_far, more in zip(total, doubled[rows].sum(axis=0).tolist(), strict=True)]
    return tuple(Fraction(points, 2 * unit) for points in total)


def _rows(origins: Sequence[Origin]) -> Iterator[tuple[Origin, list[int]]]:
    rows: dict[Origin, list[int]] = {}
    for row, origin in enumerate(origins):
        rows.setdefault(origin, []).append(row)
    yield from rows.items()


def _order(common: Ints, points: Sequence[Fraction]) -> Order:
    return tuple(tuple(int(common[a]) for a in tied) for tied in order_of(points))
