"""Several panels that ordered the same statements: what they share in their first places, and how far apart they lie.

An order holds the statements that were put to its panel, by one number for the whole study. Panels are compared over
their common statements, and their first places are taken again among these: what was not put to a panel is told
beside, never counted as missed. Whether the same people divided by chance would differ as much: divisions.py.
Verdicts of panels: unison.py; one statement over panels: heterogeneity.py. No ballot is read here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, isqrt, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.measures.orders import Order, top
from rounds.measures.result import Result, undefined

PANELS = 2  # that a comparison needs; and sessions, which are what panels sit in


def top_overlap(a: Order, b: Order, k: int) -> Result:
    """How many statements two panels both place among their first k. Value: that number.

    a, b: orders, best first; a tie across the edge is in as a whole, so that more than k may be first. n: statements in
    common. more: m (n again), size_a, size_b (how many are first), expected (of two lists drawn blindly), jaccard
    (shared of all that is first anywhere), p_at_least and p_at_most (exact, by the hypergeometric distribution; 1 where
    a list is no longer than k), only_a, only_b (first in its own whole order, not put to the other panel). All but the
    last two among the common statements. Undefined: no_common (only_a, only_b are told). ValueError: k under 1, a
    statement twice.
    """
    only = [tuple(s for s in _first(one, k) if s not in _statements(other)) for one, other in ((a, b), (b, a))]
    common = _common((a, b))
    m, chosen = len(common), {"k": k}
    more: dict[str, Any] = {"m": m, "only_a": only[0], "only_b": only[1]}
    if not m:
        return undefined("no_common", n=0, method="top_overlap", parameters=chosen, more=more)
    first, second = (set(_first(among(order, common), k)) for order in (a, b))
    shared = len(first & second)
    ways = _chain(m, (len(first), len(second)))
    more |= {
        "size_a": len(first),
        "size_b": len(second),
        "expected": Fraction(len(first) * len(second), m),
        "jaccard": Fraction(shared, len(first | second)),
        "p_at_least": Fraction(sum(ways[shared:]), sum(ways)),
        "p_at_most": Fraction(sum(ways[: shared + 1]), sum(ways)),
    }
    return Result(shared, m, "top_overlap", chosen, more)


def core_overlap(orders: Sequence[Order], k: int) -> Result:
    """The statements that every panel places among its first k. Value: these, possibly none.

    orders: one a panel; a panel with an empty one ordered nothing, is left out and restricts nothing. n: statements put
    to all. more: m (n again), panels (their places in orders), sizes (how many are first in each), in_panels (by common
    statement: among the first of how many), expected and p_at_least (of as many lists drawn blindly; exact), apart (by
    statement that was put to some panels only: among how many panels' own first k, and put to how many).
    Undefined: empty, one_panel, no_common (apart is told). ValueError: as top_overlap().
    """
    there = [place for place, order in enumerate(orders) if order]
    panels = [orders[place] for place in there]
    common, chosen = _common(panels), {"k": k}
    put = Counter(statement for order in panels for statement in _statements(order))
    own = Counter(statement for order in panels for statement in _first(order, k))
    apart = {statement: (own[statement], put[statement]) for statement in sorted(put) if put[statement] < len(panels)}
    more: dict[str, Any] = {"m": len(common), "panels": tuple(there), "apart": apart}
    reason = too_few(len(panels)) or ("" if common else "no_common")
    if reason:
        return undefined(reason, n=len(common), method="core_overlap", parameters=chosen, more=more)
    tops = [_first(among(order, common), k) for order in panels]
    times = Counter(statement for first in tops for statement in first)
    core = tuple(statement for statement in common if times[statement] == len(panels))
    sizes = tuple(len(first) for first in tops)
    ways = _chain(len(common), sizes)
    more |= {
        "sizes": sizes,
        "in_panels": {statement: times[statement] for statement in common},
        "expected": Fraction(prod(sizes), len(common) ** (len(sizes) - 1)),
        "p_at_least": Fraction(sum(ways[len(core) :]), sum(ways)),
    }
    return Result(core, len(common), "core_overlap", chosen, more)


def rbo(a: Order, b: Order, p: str = "0.9", depth: int | None = None) -> Result:
    """Rank-biased overlap, 0..1: the share of statements in common at each depth, less weight the deeper.

    a, b: orders. p: how much each depth weighs of the one before, a decimal within 0..1; 1 - 1/k puts most on the first
    k. depth: how deep, None: all common statements. A tied statement is in the first d with the share of the places
    left to its tie, which is the mean over all ways of breaking both sides' ties. Below the depth the last share goes
    on (extrapolated). n: statements in common. more: m (n again), rbo_min (without what is below), agreement (by
    depth), weight (what the depths down to there have of all, in two orders without end). Two orders of one statement
    give 1. Undefined: no_common. ValueError: p not within 0..1, depth under 1, a statement twice.
    Webber, Moffat & Zobel 2010, doi:10.1145/1852102.1852106; ties: Corsi & Urbano 2024, doi:10.1145/3626772.3657700.
    """
    onward = float(Fraction(p))
    if not 0 < onward < 1 or (depth is not None and depth < 1):
        raise ValueError("p lies between 0 and 1, depth is at least 1")
    common = _common((a, b))
    m, chosen = len(common), {"p": p, "depth": depth}
    if not m:
        return undefined("no_common", n=0, method="rbo", parameters=chosen, more={"m": 0})
    deepest = min(depth or m, m)
    (first_a, last_a), (first_b, last_b) = (_ends(among(order, common), common) for order in (a, b))

    def shared(d: int) -> float:
        return float(_within(first_a, last_a, d) @ _within(first_b, last_b, d))

    depths = np.arange(1, deepest + 1)
    agreement = np.array([shared(d) / d for d in depths.tolist()])
    least = float((1 - onward) * (onward ** (depths - 1) @ agreement))
    more = {"m": m, "rbo_min": least, "agreement": tuple(agreement.tolist()), "weight": _weight(onward, deepest)}
    return Result(least + onward**deepest * float(agreement[-1]), m, "rbo", chosen, more)


def panel_tau(a: Order, b: Order) -> Result:
    """Emond and Mason's tau-x of two orders, -1..1: 1 less twice the share that Kemeny's distance has of its most.

    a, b: orders. A tie is a view here: tied in one order only is half a disagreement, tied in both an agreement. n:
    statements in common. more: m (n again), pairs of them concordant, discordant, tied_a and tied_b (in that order
    only), tied_both; kemeny (the distance: 2 for each reversed pair, 1 for each tied in one order only), kemeny_share,
    tau_b (Kendall's, None where one order ties everything). No p: statements are no sample.
    Undefined: no_common, one_statement. ValueError: a statement twice.
    Emond & Mason 2002, doi:10.1002/mcda.313; Kendall 1945, doi:10.1093/biomet/33.3.239.
    """
    common = _common((a, b))
    m = len(common)
    if m < 2:
        reason = "one_statement" if m else "no_common"
        return undefined(reason, n=m, method="panel_tau", more={"m": m})
    x, y = (_signs(among(order, common), common) for order in (a, b))
    same, reversed_ = (int((x * y == sign).sum()) for sign in (1, -1))
    tied_a, tied_b = int(((x == 0) & (y != 0)).sum()), int(((x != 0) & (y == 0)).sum())
    untied = (same + reversed_ + tied_b) * (same + reversed_ + tied_a)
    distance = 2 * reversed_ + tied_a + tied_b
    share = Fraction(distance, m * (m - 1))
    more = {
        "m": m,
        "concordant": same,
        "discordant": reversed_,
        "tied_a": tied_a,
        "tied_b": tied_b,
        "tied_both": int(((x == 0) & (y == 0)).sum()),
        "kemeny": distance,
        "kemeny_share": share,
        "tau_b": (same - reversed_) / _root(untied) if untied else None,
    }
    return Result(1 - 2 * share, m, "panel_tau", {}, more)


def panels_tau(orders: Sequence[Order]) -> Result:
    """The mean tau-x over all pairs of panels, and which panels lie in the middle. Value: that mean.

    orders: one a panel; empty where it ordered nothing. n: panels with an order. more: tau_x (panels, panels), exact,
    None where two have fewer than two statements in common; pairs (how many have a figure); most_central, farthest: the
    panels with the largest and the smallest mean tau-x with the others, all of them if several; a panel without a
    figure is neither. Undefined: empty, one_panel, no_common (no pair has a figure).
    """
    size = len(orders)
    table: list[list[Fraction | None]] = [[None] * size for _ in orders]
    for i, j in combinations(range(size), 2):
        table[i][j] = table[j][i] = panel_tau(orders[i], orders[j]).value
    found = [[tau for tau in row if tau is not None] for row in table]
    for place, order in enumerate(orders):
        table[place][place] = Fraction(1) if order else None
    n, pairs = sum(map(bool, orders)), sum(map(len, found)) // 2
    more: dict[str, Any] = {"tau_x": tuple(map(tuple, table)), "pairs": pairs}
    reason = too_few(n) or ("" if pairs else "no_common")
    if reason:
        return undefined(reason, n=n, method="panels_tau", more=more)
    means = {place: sum(row, Fraction()) / len(row) for place, row in enumerate(found) if row}
    for name, end in (("most_central", max(means.values())), ("farthest", min(means.values()))):
        more[name] = tuple(place for place, mean in means.items() if mean == end)
    return Result(sum(map(sum, found), Fraction()) / (2 * pairs), n, "panels_tau", {}, more)


def among(order: Order, chosen: Sequence[int]) -> Order:
    """The order of these statements alone; what is tied stays tied."""
    wanted = set(chosen)
    places = (tuple(statement for statement in tied if statement in wanted) for tied in order)
    return tuple(place for place in places if place)


def too_few(panels: int) -> str:
    """Why so many panels cannot be compared, else ""."""
    return "" if panels >= PANELS else "one_panel" if panels else "empty"


def _statements(order: Order) -> set[int]:
    flat = [statement for tied in order for statement in tied]
    if len(set(flat)) < len(flat):
        raise ValueError("a statement stands twice in an order")
    return set(flat)


def _common(orders: Sequence[Order]) -> tuple[int, ...]:
    """The statements in every order, by number."""
    return tuple(sorted(set.intersection(*map(_statements, orders)))) if orders else ()


def _first(order: Order, k: int) -> tuple[int, ...]:
    if k < 1:
        raise ValueError("k is at least 1")
    return top(order, k)


def _chain(m: int, sizes: Sequence[int]) -> list[int]:
    """In how many ways lists of these sizes, drawn blindly from m statements, have 0, 1, ... in all of them.

    The first list is fixed, which divides every number alike.
    """
    ways = [0] * sizes[0] + [1]
    for size in sizes[1:]:
        grown = [0] * len(ways)
        for before, many in [(x, many) for x, many in enumerate(ways) if many]:
            for after in range(max(0, before + size - m), min(before, size) + 1):
                grown[after] += many * comb(before, after) * comb(m - before, size - after)
        ways = grown
    return ways


def _ends(order: Order, common: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last place (from 1) of the tie of each statement."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    start = 1
    for tied in order:
        first |= dict.fromkeys(tied, start)
        start += len(tied)
        last |= dict.fromkeys(tied, start - 1)
    return np.array([first[s] for s in common]), np.array([last[s] for s in common])


def _within(first: NDArray[np.int64], last: NDArray[np.int64], depth: int) -> NDArray[np.float64]:
    """How much of each statement is among the first `depth`."""
    return np.clip((depth - first + 1) / (last - first + 1), 0, 1)


def _signs(order: Order, common: Sequence[int]) -> NDArray[np.int64]:
    """Of every two statements: -1 the first is before, 0 tied, 1 behind."""
    first, _ = _ends(order, common)
    above, below = np.triu_indices(len(first), 1)
    return np.asarray(np.sign(first[above] - first[below]))


def _weight(p: float, depth: int) -> float:
    """Webber, Moffat & Zobel's weight of the first depths, their equation 21."""
    steps = np.arange(1, depth)
    rest = -np.log1p(-p) - (p**steps / steps).sum()
    return float(1 - p ** (depth - 1) + (1 - p) / p * depth * rest)


def _root(square: int) -> float:
    """The root of a whole number, whole where it is: equal orders have a tau of 1 to the last bit."""
    root = isqrt(square)
    return root if root * root == square else sqrt(square)
