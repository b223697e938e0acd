"""Orders from ballots: Borda and mean ranks, Copeland, Schulze, ranked pairs, instant runoff, the Condorcet winner.

Each gives an order in which ties stay ties: no lot, no chair's vote, no order of submission decides. Whole numbers and
Fractions throughout. Estimated worths (worth.py) and Kemeny's rule (kemeny.py) live elsewhere; no rule here decides
what is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.measures.pairwise import (
    Ranks,
    Unranked,
    Whole,
    balanced_weights,
    checked,
    compared,
    pairwise,
    whole_weights,
)
from rounds.measures.result import Result, undefined

Order = tuple[tuple[int, ...], ...]
Pair = tuple[int, int]

SMALL = 5  # people; a smaller group's noise enters a balanced order at full weight


def borda(ranks: Ranks, *, unranked: Unranked = "below", weights: Whole | None = None) -> Result:
    """Statements by their share of opponents beaten, a tie beating half; the order of mean ranks if all rank all.

    ranks (n, m); weights (n,) whole numbers or None. "below": a short ballot's other statements share the places left.
    "absent": they take no part, and every comparison made counts alike.
    value: order. n: people whose ballot ranks something. more: points (exact sum), share (points over comparisons),
    mean_points (share of the m - 1 possible), ranked_by (people per statement), unplaced. Flag unplaced: statements
    compared with nothing. Undefined: empty, no_pairs (nobody ranks two). Borda 1784; on short ballots Emerson 2013,
    doi:10.1007/s00355-011-0603-9.
    """
    ranks = checked(ranks, unranked)
    return _by_share(
        pairwise(ranks, unranked=unranked, weights=weights),
        compared(ranks, unranked=unranked, weights=weights),
        n=_people(ranks),
        parameters={"unranked": unranked, "weights": _said(weights)},
        more={"ranked_by": _heads(ranks)},
    )


def borda_of_table(table: Whole, comparisons: Whole | int, *, n: int | None = None) -> Result:
    """borda() where only a table is known, as of a published vote: N (m, m), and comparisons as compared() gives them.

    Where every ballot covers all statements, comparisons is simply the number of ballots times m - 1.
    """
    table = _square(table)
    comparisons = np.broadcast_to(np.asarray(comparisons), len(table))
    return _by_share(table, comparisons, n=_voters(table, n), parameters={}, more={})


def mean_rank(ranks: Ranks, *, unranked: Unranked = "below", weights: Whole | None = None) -> Result:
    """Statements by their mean rank, low first; equal ranks share the mean of their places.

    Arguments as in borda(). "absent": places among what each person ranked, averaged over those who ranked it.
    value: order. n: people whose ballot ranks something. more: mean_rank (exact), ranked_by, unplaced. Flag unplaced:
    statements nobody ranked. Undefined: empty. Kendall 1945, doi:10.1093/biomet/33.3.239.
    """
    ranks = checked(ranks, unranked)
    n = _people(ranks)
    parameters = {"unranked": unranked, "weights": _said(weights)}
    if not n:
        return undefined("empty", n=0, method="mean_rank", parameters=parameters)
    given = ranks > 0 if unranked == "absent" else np.broadcast_to(ranks.any(axis=1, keepdims=True), ranks.shape)
    people = (whole_weights(weights, ranks.shape) @ given).tolist()
    comparisons = compared(ranks, unranked=unranked, weights=weights)
    lost = (2 * comparisons - _doubled(pairwise(ranks, unranked=unranked, weights=weights), comparisons)).tolist()
    means = [1 + Fraction(behind, 2 * who) if who else None for behind, who in zip(lost, people, strict=True)]
    unplaced = tuple(a for a, mean in enumerate(means) if mean is None)
    return Result(
        order_of([None if mean is None else -mean for mean in means]),
        n,
        "mean_rank",
        parameters,
        {"mean_rank": tuple(means), "ranked_by": _heads(ranks), "unplaced": unplaced},
        flags=("unplaced",) * bool(unplaced),
    )


def side_by_side(
    ranks: Ranks, groups: NDArray[np.integer[Any]], k: int = 10, *, unranked: Unranked = "below"
) -> Result:
    """Borda over all people beside Borda in which every group has the same say, and what this changes in the top.

    ranks (n, m); groups (n,). A tie across the edge of the first k is in as a whole.
    value: the statements in one top only, possibly none. n: people whose ballot ranks something. more: pooled_order,
    pooled_points (mean_points of borda()), pooled_top, balanced_order, balanced_points, balanced_top, group_sizes
    (people by group), dropped_groups. Flags: small_group (under 5), dropped_groups (nobody's ballot ranks anything).
    Undefined as borda().
    """
    ranks, groups = checked(ranks, unranked), np.asarray(groups)
    handed_in = np.asarray(ranks.any(axis=1))
    weights, _ = balanced_weights(groups, present=handed_in)
    pooled, balanced = borda(ranks, unranked=unranked), borda(ranks, unranked=unranked, weights=weights)
    sizes = {group: int((handed_in & (groups == group)).sum()) for group in np.unique(groups).tolist()}
    dropped = tuple(group for group, size in sizes.items() if not size)
    parameters = {"k": k, "unranked": unranked}
    more: dict[str, Any] = {"group_sizes": sizes, "dropped_groups": dropped}
    if pooled.value is None:
        return undefined(pooled.reason, n=pooled.n, method="side_by_side", parameters=parameters, more=more)
    tops = top(pooled.value, k), top(balanced.value, k)
    for name, found, first in (("pooled", pooled, tops[0]), ("balanced", balanced, tops[1])):
        more |= {f"{name}_order": found.value, f"{name}_points": found.more["mean_points"], f"{name}_top": first}
    flags = ("small_group",) * any(0 < size < SMALL for size in sizes.values()) + ("dropped_groups",) * bool(dropped)
    return Result(tuple(sorted(set(tops[0]) ^ set(tops[1]))), pooled.n, "side_by_side", parameters, more, flags=flags)


def copeland(table: Whole, *, n: int | None = None) -> Result:
    """Statements by the number of others they beat, a tie counting half.

    table: N (m, m). n: people behind it, by default the largest weight that any two statements share.
    value: order. more: score (exact), wins, ties, losses. Undefined: empty. Copeland 1951; Saari & Merlin 1996,
    doi:10.1007/BF01212012.
    """
    table = _square(table)
    n = _voters(table, n)
    if _nothing(table, n):
        return undefined("empty", n=n, method="copeland")
    wins = (table > table.T).sum(axis=1).tolist()
    losses = (table < table.T).sum(axis=1).tolist()
    ties = [len(table) - 1 - won - lost for won, lost in zip(wins, losses, strict=True)]
    scores = tuple(won + Fraction(tied, 2) for won, tied in zip(wins, ties, strict=True))
    more = {"score": scores, "wins": tuple(wins), "ties": tuple(ties), "losses": tuple(losses)}
    return Result(order_of(scores), n, "copeland", more=more)


def condorcet_winner(table: Whole, *, n: int | None = None) -> Result:
    """The statement that beats every other one.

    table, n as in copeland(). value: its index. Undefined: empty, no_winner. Condorcet 1785; Young 1988,
    doi:10.2307/1961757.
    """
    table = _square(table)
    n = _voters(table, n)
    if _nothing(table, n):
        return undefined("empty", n=n, method="condorcet_winner")
    winners = np.flatnonzero((table > table.T).sum(axis=1) == len(table) - 1)
    if not len(winners):
        return undefined("no_winner", n=n, method="condorcet_winner")
    return Result(int(winners[0]), n, "condorcet_winner")


def schulze(table: Whole, *, n: int | None = None) -> Result:
    """Schulze's order: a before b where the strongest path from a to b is stronger than any path back.

    table, n as in copeland(). A path is as strong as its weakest step; a step is a won comparison, as strong as the
    votes that won it. The relation may leave statements unordered: each stands in the first place that follows all
    it is behind, and the flag partial says when this orders more than the method does.
    value: order. more: strengths (m, m), winners (nothing is before them). Undefined: empty. Schulze 2011,
    doi:10.1007/s00355-010-0475-4.
    """
    table = _square(table)
    n = _voters(table, n)
    parameters = {"strength": "winning votes"}
    if _nothing(table, n):
        return undefined("empty", n=n, method="schulze", parameters=parameters)
    levels, codes = np.unique(np.where(table > table.T, table, 0), return_inverse=True)
    paths = codes.reshape(table.shape).astype(np.min_scalar_type(len(levels)))  # strengths by place: only order matters
    for via, onward in enumerate(paths):
        np.maximum(paths, np.minimum(paths[:, via, None], onward), out=paths)
    np.fill_diagonal(paths, 0)
    order, flags = _ordered(paths > paths.T)
    strengths = levels[paths]
    np.fill_diagonal(strengths, 0)
    return Result(order, n, "schulze", parameters, {"strengths": strengths, "winners": order[0]}, flags=flags)


def ranked_pairs(table: Whole, *, n: int | None = None) -> Result:
    """Tideman's order: won comparisons from the largest margin down, less those that contradict larger ones.

    table, n as in copeland(). Tideman breaks equal margins by lot, and the order hangs on it exactly when pairs of one
    margin close a circle, alone or with larger ones. All of these are left out here, which favours no statement; the
    order is then one reading beside those that lots would give (none of them more right), and the flag not_unique says
    so. It should not be shown without. partial as in schulze().
    value: order. more: tie (whether a lot would be needed), left_out (the pairs concerned, winner first).
    Undefined: empty. Tideman 1987, doi:10.1007/BF00433944.
    """
    table = _square(table)
    n = _voters(table, n)
    parameters = {"strength": "margin"}
    if _nothing(table, n):
        return undefined("empty", n=n, method="ranked_pairs", parameters=parameters)
    locked, left_out = _locked(table - table.T)
    order, flags = _ordered(np.array([[row >> b & 1 for b in range(len(table))] for row in locked], dtype=bool))
    more = {"tie": bool(left_out), "left_out": tuple(left_out)}
    return Result(order, n, "ranked_pairs", parameters, more, flags=("not_unique",) * bool(left_out) + flags)


def instant_runoff(ranks: Ranks, *, weights: Whole | None = None) -> Result:
    """Statements in reverse order of elimination: out goes the one with the fewest first places, then count again.

    ranks (n, m), weights (n,) whole numbers or None. A ballot counts for its best statement still in, in equal parts
    where several are tied, and for none once it has no more. Equal fewest: out goes who had fewer in the latest
    earlier count that separates them; where none does they go together, tied (flag not_unique).
    value: order. n: people whose ballot ranks something. more: counts (exact first places of every count, None once
    out), exhausted (weight of ballots that count for none, per count), tie. Undefined: empty. Hare's rule for one
    place; it may eliminate what everybody ranks second: Tideman 1995, doi:10.1257/jep.9.1.27.
    """
    ranks = checked(ranks)
    n = _people(ranks)
    parameters = {"weights": _said(weights)}
    if not n:
        return undefined("empty", n=0, method="instant_runoff", parameters=parameters)
    weights = whole_weights(weights, ranks.shape)
    out = int(ranks.max()) + 1
    codes = np.ascontiguousarray(np.where(ranks > 0, ranks, out).T.astype(np.min_scalar_type(out)))
    total = int(weights[ranks.any(axis=1)].sum())
    still_in, eliminated = list(range(len(codes))), list[tuple[int, ...]]()
    history: list[list[Fraction]] = [[] for _ in still_in]
    exhausted = []
    while still_in:
        places = _first_places(codes[still_in], out, weights)
        exhausted.append(total - sum(places))
        for a, count in zip(still_in, places, strict=True):
            history[a].append(count)
        fewest = min(history[a][::-1] for a in still_in)
        eliminated.append(tuple(a for a in still_in if history[a][::-1] == fewest))
        still_in = [a for a in still_in if a not in eliminated[-1]]
    tie = any(len(together) > 1 for together in eliminated)
    counts = tuple(tuple(h[i] if i < len(h) else None for h in history) for i in range(len(eliminated)))
    return Result(
        tuple(reversed(eliminated)),
        n,
        "instant_runoff",
        parameters,
        {"counts": counts, "exhausted": tuple(exhausted), "tie": tie},
        flags=("single_winner", "ignores_second_support") + ("not_unique",) * tie,
    )


def order_of(scores: Sequence[Fraction | int | None]) -> Order:
    """Highest score first, equal scores tied, None left out."""
    known = [(score, a) for a, score in enumerate(scores) if score is not None]
    known.sort(key=lambda pair: (-pair[0], pair[1]))
    return tuple(tuple(a for _, a in tied) for _, tied in groupby(known, key=lambda pair: pair[0]))


def top(order: Order, k: int) -> tuple[int, ...]:
    """The statements in the first k places; a tied set that begins within them is in as a whole."""
    chosen: list[int] = []
    for tied in order:
        if len(chosen) < k:
            chosen += tied
    return tuple(chosen)


def layers(above: NDArray[np.bool_]) -> Order:
    """A strict partial order (m, m) as an order: every statement in the first place that follows all above it."""
    waiting = above.sum(axis=0)
    unplaced = np.ones(len(above), dtype=bool)
    order = []
    while unplaced.any():
        best = unplaced & (waiting == 0)
        order.append(tuple(np.flatnonzero(best).tolist()))
        waiting -= above[best].sum(axis=0)
        unplaced &= ~best
    return tuple(order)


def _ordered(above: NDArray[np.bool_]) -> tuple[Order, tuple[str, ...]]:
    """The layers, and whether they order a pair that the relation leaves open."""
    order = layers(above)
    tied_pairs = sum(len(tied) * (len(tied) - 1) // 2 for tied in order)
    ordered_pairs = len(above) * (len(above) - 1) // 2 - tied_pairs
    return order, ("partial",) * (ordered_pairs > int(above.sum()))


def _by_share(table: Whole, comparisons: Whole, *, n: int, parameters: dict[str, Any], more: dict[str, Any]) -> Result:
    if not n or not len(table):
        return undefined("empty", n=n, method="borda", parameters=parameters)
    doubled, made = _doubled(table, comparisons).tolist(), comparisons.tolist()
    shares = [Fraction(points, 2 * of) if of else None for points, of in zip(doubled, made, strict=True)]
    unplaced = tuple(a for a, share in enumerate(shares) if share is None)
    order = order_of(shares)
    if len(table) == 1:  # nothing to be compared with, and nothing to be tied with
        order, unplaced = ((0,),), ()
    if not order:
        return undefined("no_pairs", n=n, method="borda", parameters=parameters)
    more = {
        "points": tuple(Fraction(points, 2) for points in doubled),
        "share": tuple(shares),
        "mean_points": tuple(None if share is None else share * (len(table) - 1) for share in shares),
        "unplaced": unplaced,
        **more,
    }
    return Result(order, n, "borda", parameters, more, flags=("unplaced",) * bool(unplaced))


def _doubled(table: Whole, comparisons: Whole) -> Whole:
    """Twice the points: what was not lost and not won was tied, and a tie gives each half."""
    return np.asarray(table.sum(axis=1) - table.sum(axis=0) + comparisons)


def _locked(margins: Whole) -> tuple[list[int], list[Pair]]:
    """For each statement the set (bits) of those it stands above, and the pairs left out for want of a lot."""
    winners, losers = np.nonzero(margins > 0)
    sizes = margins[winners, losers].tolist()
    pairs = sorted(zip(sizes, winners.tolist(), losers.tolist(), strict=True), key=lambda pair: -pair[0])
    below, above = [0] * len(margins), [0] * len(margins)
    left_out: list[Pair] = []
    for _, equal in groupby(pairs, key=lambda pair: pair[0]):
        possible = [(a, b) for _, a, b in equal if not below[b] >> a & 1]
        before = below.copy(), above.copy()
        _lock(possible, below, above)
        circular = {(a, b) for a, b in possible if below[b] >> a & 1}
        if circular:
            below, above = before
            _lock([pair for pair in possible if pair not in circular], below, above)
            left_out += sorted(circular)
    return below, left_out


def _lock(pairs: Iterable[Pair], below: list[int], above: list[int]) -> None:
    """Put a above b, and with it all that stands above a above all that stands below b, in place."""
    for a, b in pairs:
        if not below[a] >> b & 1:
            upper, lower = above[a] | 1 << a, below[b] | 1 << b
            gaining, losing = upper & ~above[b], lower & ~below[a]
            for x in _bits(gaining):
                below[x] |= lower
            for x in _bits(losing):
                above[x] |= upper


def _bits(whole: int) -> Iterator[int]:
    while whole:
        lowest = whole & -whole
        yield lowest.bit_length() - 1
        whole ^= lowest


def _first_places(codes: Ranks, out: int, weights: Whole) -> list[Fraction]:
    """codes (m, n): ranks of the statements still in, out where not ranked -> weight of first places of each."""
    best = codes.min(axis=0)
    first = (codes == best) & (best < out)
    sharing = first.sum(axis=0, dtype=np.uint32)
    places = [Fraction(0)] * len(codes)
    for tied in np.flatnonzero(np.bincount(sharing)).tolist():
        if tied:
            alike = sharing == tied
            votes = (first[:, alike] @ weights[alike]).tolist()
            places = [place + Fraction(vote, tied) for place, vote in zip(places, votes, strict=True)]
    return places


def _square(table: Whole) -> Whole:
    table = np.asarray(table)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not (table >= 0).all():
        raise ValueError("a table of pairs is square and of numbers from 0")
    return table.astype(np.int64) if table.dtype.kind in "bu" else table  # margins need a sign


def _voters(table: Whole, n: int | None) -> int:
    return int((table + table.T).max(initial=0)) if n is None else n


def _nothing(table: Whole, n: int) -> bool:
    return not len(table) or (len(table) > 1 and not n)


def _people(ranks: Ranks) -> int:
    return int(np.count_nonzero(ranks.any(axis=1)))


def _heads(ranks: Ranks) -> tuple[int, ...]:
    return tuple(np.count_nonzero(ranks, axis=0).tolist())


def _said(weights: Whole | None) -> str:
    return "equal" if weights is None else "given"
