"""What lies behind a verdict: how a group stands beside it, why there is none, and whether people or opinions moved it.

Codes, not words: phrases.py has the sentences. A verdict is asked of rounds.rules, never made here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.contract import Decision
from rounds.measures.ram import ram
from rounds.measures.result import Result, undefined
from rounds.rules import Bands, Box, Ram, RatingRule, Share, Spread, meets

STANCES = ("with", "low", "high", "middle", "short", "divided", "too_few")
ROUNDING = 1e-9  # A is a float; even spread must not fall into two camps by its last digit
ALL = 2  # both sides of a comparison

Decide = Callable[[NDArray[np.bool_]], Decision]


def group_stance(box: Box, verdict: Decision, rule: RatingRule | None, floor: int, *, is_with: bool) -> str:
    """How one group stands beside a statement that was kept (or dropped: the mirror). One of STANCES.

    is_with: the rule holds in the group by itself. floor: answers under which nothing is said. "low" ("high" beside a
    dropped one): over half of the group lies in the opposite band; "middle": over half lies in neither; "short": over
    half lies on the verdict's side, and no more against than a share's `opposite` allows; "divided": none of these.
    """
    if box.n < max(1, floor):
        return "too_few"
    if is_with:
        return "with"
    into, against = (box.high, box.low) if verdict is Decision.KEPT else (box.low, box.high)
    if ALL * against > box.n:
        return "low" if verdict is Decision.KEPT else "high"
    if ALL * (box.n - into - against) > box.n:
        return "middle"
    if ALL * into > box.n and _is_allowed(rule, against, box.n):
        return "short"
    return "divided"


def undecided_cause(box: Box, a: float | None, rule: RatingRule | None = None) -> str:
    """Why all answers together come to no verdict; the first that holds.

    "empty"; "against.high", "against.low" (the share is reached on that side, and too many lie on the other); "camps"
    (a, van der Eijk's A, is under 0); "middle" (over half in neither band); "short.high", "short.low" (over half
    there); "spread". Scopes that ask every or some blocks have their own answer: which of them hold back.
    """
    if not box.n:
        return "empty"
    if isinstance(rule, Share):
        for side, into, against in (("high", box.high, box.low), ("low", box.low, box.high)):
            if meets(into, box.n, rule.percent) and not _is_allowed(rule, against, box.n):
                return f"against.{side}"
    if a is not None and a < -ROUNDING:
        return "camps"
    for code, votes in (
        ("middle", box.n - box.high - box.low),
        ("short.high", box.high),
        ("short.low", box.low),
    ):
        if ALL * votes > box.n:
            return code
    return "spread"


def _is_allowed(rule: RatingRule | None, against: int, n: int) -> bool:
    """Does the rule put up with so many against?"""
    limit = rule.opposite if isinstance(rule, Share) else None
    return limit is None or bool(meets(against, n, limit, "<"))


def is_wide(rule: RatingRule | None, counts: Sequence[int], bands: Bands) -> bool:
    """Is it only how far the answers lie apart that keeps this rule from a verdict? counts: of 1..top, all blocks."""
    if isinstance(rule, Spread):
        return replace(rule, iqr=bands.top).decide_counts({"": counts}, bands) is not Decision.UNDECIDED
    return isinstance(rule, Ram) and any(counts) and bool(ram(counts, rule.kind).more[f"disagreement_{rule.method}"])


def verdict_change(before: ArrayLike, after: ArrayLike, then: Decide, now: Decide) -> Result:
    """Whether a verdict changed because people changed their mind, or because other people answered.

    before, after: ratings (people,), 0 = no answer, of everybody who answered in either round. then, now: the verdict
    of a choice of these people (a mask) in that round. n: people who answered both. more: before, after (verdicts of
    all), stayers_before, stayers_after (of those who answered both), stayed, changed, left, joined.
    value: "none" (the verdict is the same); "people" (that of those who stayed is the same both times, or nobody
    stayed); "opinions" (theirs are the two whole ones); "both". Undefined: empty.
    """
    x, y = np.asarray(before), np.asarray(after)
    first, second = x > 0, y > 0
    stayed = first & second
    n = int(stayed.sum())
    if not (first | second).any():
        return undefined("empty", n=0, method="verdict_change")
    whole, stayers = (then(first), now(second)), (then(stayed), now(stayed))
    more: dict[str, Any] = dict(zip(("before", "after"), whole, strict=True))
    more |= dict(zip(("stayers_before", "stayers_after"), stayers, strict=True))
    more |= {"stayed": n, "changed": int((x != y)[stayed].sum())}
    more |= {"left": int((first & ~second).sum()), "joined": int((second & ~first).sum())}
    return Result(_cause(whole, stayers, n), n, "verdict_change", {}, more)


def _cause(whole: Sequence[Decision], stayers: Sequence[Decision], n: int) -> str:
    if whole[0] is whole[1]:
        return "none"
    if not n or stayers[0] is stayers[1]:
        return "people"
    return "opinions" if tuple(stayers) == tuple(whole) else "both"


def decider(rule: Share | Ram | Spread, bands: Bands, ratings: ArrayLike, blocks: ArrayLike) -> Decide:
    """The verdict of any choice of people on one statement. ratings (people,), 0 = no answer; blocks (people,)."""
    values, block = np.asarray(ratings, dtype=np.int64), np.asarray(blocks)

    def decide(chosen: NDArray[np.bool_]) -> Decision:
        rows: Mapping[str, Sequence[int]] = {
            str(name): np.bincount(values[chosen & (block == name)], minlength=bands.top + 1)[1:].tolist()
            for name in np.unique(block)
        }
        return rule.decide_counts(rows, bands)

    return decide
