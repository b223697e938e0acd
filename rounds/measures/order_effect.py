"""Whether it matters where in their own order people met a statement: sums by thirds of the order, and one figure.

Told only of thirds that give away nobody: with the figures of the blocks and of everybody beside them, no sum of fewer
than k people may follow. Nothing here knows who answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from statistics import mean

from rounds.measures.describe import HALF, exact_quantile
from rounds.measures.result import Result, undefined

UNKNOWN, FIRST, MIDDLE, LAST = range(4)  # of an answer entered for somebody nobody knows where the card stood
THIRDS = (FIRST, MIDDLE, LAST)
Place = tuple[int, str]  # third and block


@dataclass(frozen=True, slots=True)
class Third:
    """The valid answers to a statement from people who met it in this third of their order. median: None where the
    answers are no points of a scale."""

    statement: str
    third: int
    n: int
    median: Fraction | None
    high: int


def is_safe(people: Mapping[Place, int], k: int) -> bool:
    """At least k answers in each third, and no sum of fewer by adding and taking away thirds and blocks.

    Thirds and blocks cut the same people twice. Each sum that follows is a set of parts with a set of blocks taken
    away; the fewest people that any of them tells are, for each way to cut the four parts in two, those of each block
    who stand on its smaller side. None is none: then parts and blocks fall together there.
    """
    if any(sum(n for (part, _), n in people.items() if part == third) < k for third in THIRDS):
        return False
    blocks = {block for _, block in people}
    for size in (1, 2):
        for side in combinations((UNKNOWN, *THIRDS), size):
            within = Counter({block: sum(people.get((part, block), 0) for part in side) for block in blocks})
            whole = {block: sum(n for (_, where), n in people.items() if where == block) for block in blocks}
            if 0 < sum(min(within[block], whole[block] - within[block]) for block in blocks) < k:
                return False
    return True


def by_thirds(
    statement: str, answers: Mapping[Place, Sequence[int]], high: tuple[int, int], is_graded: bool, k: int
) -> tuple[Third, ...]:
    """answers: 1..top, by third and block. high: the band of high answers, both ends included. () where unsafe."""
    if not is_safe({place: len(given) for place, given in answers.items()}, k):
        return ()
    found = []
    for third in THIRDS:
        given = [value for (part, _), values in answers.items() if part == third for value in values]
        median = exact_quantile(Counter(given), HALF) if is_graded else None
        found.append(Third(statement, third, len(given), median, sum(high[0] <= value <= high[1] for value in given)))
    return tuple(found)


def order_effect(thirds: Iterable[Third]) -> Result:
    """How much larger the share of high answers is where a statement came late: last third less first, the mean over
    the statements told. 0: it did not matter; -0.1: late cards got a tenth fewer high answers.

    n: answers in these two thirds. more: statements, and on how many the late (early) answers were the higher ones.
    Undefined: too_few, where no statement has thirds that may be told.
    """
    told = list(thirds)
    shares = {(one.statement, one.third): Fraction(one.high, one.n) for one in told}
    gaps = [shares[name, LAST] - share for (name, third), share in shares.items() if third == FIRST]
    if not gaps:
        return undefined("too_few", n=0, method="order_effect")
    n = sum(one.n for one in told if one.third in {FIRST, LAST})
    more = {"statements": len(gaps), "late": sum(gap > 0 for gap in gaps), "early": sum(gap < 0 for gap in gaps)}
    return Result(mean(gaps), n, "order_effect", {}, more)
