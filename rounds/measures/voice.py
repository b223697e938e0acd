"""Whether groups are heard alike: whose proposals live on, who speaks, and how answers differ inside sessions.

Questions for a facilitator, no proof of unfairness: proposals differ, and turns are not minutes. Figures of all groups
are given, with the places of those that may not be told; never a person by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, lcm, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr

from rounds.measures.contrast import LEAST, MOST_STEPS, cliff, counts_of, divisions, dominance, variance_by_chance
from rounds.measures.result import Result, undefined

TAIL = Fraction(1, 40)  # at either end of 95 %
HIDDEN = 2  # groups: one alone follows from the total
MOST_CASES = 1_000_000  # sums over sessions that are kept apart; beyond, the normal approximation serves
EXACT = 2**62


def hidden_groups(people: Sequence[int], floor: int) -> tuple[int, ...]:
    """Places of the groups of which nothing may be told: those of 1 to floor - 1 people, and then the next smallest
    (of equal ones the later) until two are hidden that hold `floor` people together.

    To be decided once, on people (authors of proposals, not proposals), for all stages: else stages subtract.
    """
    hidden = [place for place, size in enumerate(people) if 0 < size < floor]
    rest = sorted((size, -place) for place, size in enumerate(people) if size >= max(1, floor))
    while hidden and rest and (len(hidden) < HIDDEN or sum(people[place] for place in hidden) < floor):
        hidden.append(-rest.pop(0)[1])
    return tuple(sorted(hidden))


def survival(proposed: Sequence[int], survived: Sequence[int], authors: Sequence[int], *, floor: int = 5) -> Result:
    """Of each group's proposals, how many live on at a stage, beside a blind choice. Value: the index by group.

    proposed, survived (groups,): a proposal lives on while a statement made from it does, alone or merged; then every
    one of them counts whole. authors (groups,): people who wrote them; 0 for imported ones, a row of their own.
    index: the group's share of what lives on over its share of what was proposed; 1 is as many as expected. n: all
    proposals. more: rate, expected, ci (of the index, 95 %: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404, of the
    share of what lives on; too wide where most do), chance (the numbers between which 95 % of blind choices of as many
    lie, hypergeometric), p (exact, two-sided: at least as far from expected), withheld (hidden_groups() by authors).
    None in each, for a group without proposals. Undefined: empty (nothing was proposed, or nothing lives on: rate,
    expected and withheld all the same). ValueError: rows that do not fit, or more survivors than proposals.
    """
    if not len(proposed) == len(survived) == len(authors):
        raise ValueError("of proposals, survivors and authors one number for each group")
    if any(not 0 <= lives <= wrote for lives, wrote in zip(survived, proposed, strict=True)):
        raise ValueError("of proposals, from none to all live on")
    n, kept = sum(proposed), sum(survived)
    chosen = {"floor": floor, "level": "0.95", "counting": "whole"}
    groups = tuple(zip(survived, proposed, strict=True))
    more: dict[str, Any] = {
        "rate": tuple(Fraction(lives, wrote) if wrote else None for lives, wrote in groups),
        "expected": tuple(Fraction(kept * wrote, n) if n else None for _, wrote in groups),
        "withheld": hidden_groups(authors, floor),
    }
    if not kept:
        return undefined("empty", n=n, method="survival", parameters=chosen, more=more)
    blind = [_blind(lives, wrote, n, kept) if wrote else (None, None) for lives, wrote in groups]
    more |= {
        "ci": tuple(_index_interval(lives, kept, Fraction(wrote, n)) if wrote else None for lives, wrote in groups),
        "chance": tuple(chance for chance, _ in blind),
        "p": tuple(p for _, p in blind),
    }
    index = tuple(Fraction(lives * n, kept * wrote) if wrote else None for lives, wrote in groups)
    return Result(index, n, "survival", chosen, more)


def _index_interval(lives: int, kept: int, share: Fraction) -> tuple[float, float]:
    tail = float(TAIL)
    low = betaincinv(lives, kept - lives + 1, tail) if lives else 0.0
    high = betaincinv(lives + 1, kept - lives, 1 - tail) if lives < kept else 1.0
    return float(low) / float(share), float(high) / float(share)


def _blind(lives: int, wrote: int, n: int, kept: int) -> tuple[tuple[int, int], float]:
    """What a blind choice of `kept` of n gives a group that wrote so many: between which numbers, and p. Exact."""
    numbers = range(max(0, kept - (n - wrote)), min(wrote, kept) + 1)
    ways = [comb(wrote, x) * comb(n - wrote, kept - x) for x in numbers]
    total, up_to = comb(n, kept), np.cumsum(np.array(ways, dtype=object)).tolist()
    low, high = (
        next(x for x, below in zip(numbers, up_to, strict=True) if below >= share * total) for share in (TAIL, 1 - TAIL)
    )
    apart = abs(lives * n - kept * wrote)
    far = sum(way for x, way in zip(numbers, ways, strict=True) if abs(x * n - kept * wrote) >= apart)
    return (low, high), float(Fraction(far, total))


def speaking(turns: Sequence[int], groups: ArrayLike, *, floor: int = 5) -> Result:
    """How turns to speak are shared out, where a facilitator counts them. Value: each group's share of the turns.

    turns, groups (people,): everybody present, silent ones too. n: people. more: groups (sorted, in the order of all
    rows), people, index (share of turns over share of people), silent (people without a turn), gini (of turns over
    people, times n/(n - 1): 1 where one speaks, 0 where all do alike; None for one person), effective (the number of
    people who, speaking alike, would be as concentrated: one over the sum of squared shares), withheld
    (hidden_groups()). No interval: turns of one person hang together. Undefined: empty (no turn was counted).
    ValueError: shapes that do not fit, a turn that is no whole number from 0.
    """
    label = np.asarray(groups)
    if label.shape != (len(turns),) or any(number != int(number) or number < 0 for number in turns):
        raise ValueError("turns are whole numbers from 0, and groups one for each person")
    spoken, n = sorted(int(number) for number in turns), len(turns)
    names, place, sizes = np.unique(label, return_inverse=True, return_counts=True)
    people = sizes.tolist()
    chosen, total = {"floor": floor}, sum(spoken)
    more: dict[str, Any] = {
        "groups": tuple(names.tolist()),
        "people": tuple(people),
        "silent": spoken.count(0),
        "withheld": hidden_groups(people, floor),
    }
    if not total:
        return undefined("empty", n=n, method="speaking", parameters=chosen, more=more)
    sums = [sum(int(turns[at]) for at in np.flatnonzero(place == group).tolist()) for group in range(len(names))]
    share = tuple(Fraction(turned, total) for turned in sums)
    apart = sum((2 * rank - n - 1) * number for rank, number in enumerate(spoken, 1))
    more |= {
        "index": tuple(part * n / size for part, size in zip(share, people, strict=True)),
        "gini": Fraction(apart, total * (n - 1)) if n > 1 else None,
        "effective": Fraction(total**2, sum(number**2 for number in spoken)),
    }
    return Result(share, n, "speaking", chosen, more)


def stratified_cliff(sessions: Sequence[tuple[ArrayLike, ArrayLike]]) -> Result:
    """How two groups differ inside sessions: Cliff's delta of each, joined. Value: that, -1..1.

    sessions: answers of either group in each, any numbers (NaN left out); nobody is ever compared with somebody of
    another session, and a session without one of the groups says nothing. Weights n_x n_y/(n_x + n_y + 1): van Elteren
    1960. n: people of the sessions used. more: sessions (used), deltas (of these), n_x, n_y, crude (delta of all
    answers together: where its sign is another, show both), p and p_kind (two-sided; None where a group has under four
    people in all; exact, over every division of the answers inside sessions, or normal where these are too many),
    p_exact (p where it is). Undefined: empty (no answer); one_group (no session has both).
    """
    tables = [counts_of([x, y]) for x, y in sessions]
    used = [table for table in tables if table.sum(axis=1).all()]
    given, n = sum(int(table.sum()) for table in tables), sum(int(table.sum()) for table in used)
    if not used:
        return undefined("one_group" if given else "empty", n=n, method="stratified_cliff", more={"sessions": 0})
    sizes = [tuple(table.sum(axis=1).tolist()) for table in used]
    above = [int(dominance(*table)) for table in used]
    n_x, n_y = (sum(side) for side in zip(*sizes, strict=True))
    # A session's weight times its delta is its pairs above less those below, over n_x + n_y + 1.
    joined = sum(Fraction(pairs, sum(size) + 1) for pairs, size in zip(above, sizes, strict=True))
    weight = sum(Fraction(prod(size), sum(size) + 1) for size in sizes)
    x, y = ([np.asarray(each[side], dtype=np.float64) for each in sessions] for side in (0, 1))
    more: dict[str, Any] = {
        "sessions": len(used),
        "deltas": tuple(Fraction(pairs, prod(size)) for pairs, size in zip(above, sizes, strict=True)),
        "n_x": n_x,
        "n_y": n_y,
        "crude": cliff(np.concatenate(x), np.concatenate(y)).value,
        "p_exact": None,
        "p": None,
        "p_kind": None,
    }
    if min(n_x, n_y) >= LEAST:
        more["p_exact"] = _exact_p(used)
        more["p"] = _normal_p(used, float(joined)) if more["p_exact"] is None else more["p_exact"]
        more["p_kind"] = "normal" if more["p_exact"] is None else "exact"
    return Result(joined / weight, n, "stratified_cliff", {"weights": "van Elteren"}, more)


def _exact_p(tables: Sequence[NDArray[np.int64]]) -> float | None:
    """Of all divisions inside sessions, those at least as far from nought; None where there are too many."""
    unit = lcm(*(int(table.sum()) + 1 for table in tables))
    if unit * sum(int(prod(table.sum(axis=1).tolist())) for table in tables) > EXACT:
        return None
    observed, sums = 0, np.zeros(1, dtype=np.int64)
    chances: NDArray[Any] = np.ones(1)
    for table in tables:
        divided = divisions(table, MOST_STEPS)
        if divided is None or len(sums) * len(divided[1]) > MOST_CASES:
            return None
        step = unit // (int(table.sum()) + 1)
        observed += step * int(dominance(*table))
        sums, places = np.unique(np.add.outer(sums, step * divided[0][0]), return_inverse=True)
        both = np.multiply.outer(chances, divided[1] / divided[1].sum())
        chances = np.bincount(places.ravel(), both.ravel())
    return min(1.0, float(chances[np.abs(sums) >= abs(observed)].sum()))


def _normal_p(tables: Sequence[NDArray[np.int64]], joined: float) -> float:
    variance = sum(float(variance_by_chance(*table)) / (int(table.sum()) + 1) ** 2 for table in tables)
    return float(2 * ndtr(-abs(joined) / np.sqrt(variance))) if variance else 1.0
