"""What kinds that leave an ordered list share: the list with its ties, how sure each rank is, two lists side by side.

No kind is named here and no ballot is read; no formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rounds.contract import Decision, Finding, Line, Place, Round, Tally, Value
from rounds.measures.guards import interval_guard
from rounds.measures.orders import SMALL, order_of, top
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.result import Result, undefined
from rounds.rules import First, Rule

RESAMPLES, LEVEL = 1000, 0.9
Ranks = Mapping[str, int | None]  # by statement: 1, 2, 2, 4; None where it has none


def tally_of(
    round: Round,
    sums: Callable[[str, str], Mapping[str, int]],
    figures: Callable[[Mapping[str, int]], dict[str, Value]],
    *,
    by: str = "",
    highest_first: bool = False,
    ranked: tuple[Ranks, Ranks] | None = None,
    decide: Callable[[str], Decision | None] = lambda card: None,
) -> Tally:
    """The list over all people, with each statement's rank in it and in the list at equal weight per block.

    sums: of a block and a statement; those of everyone are their sums. figures: what such sums say, a fraction or None
    under the name by, which gives the order. Equal weight per block: the mean of the blocks' figures, those that say
    nothing left out. ranked: both lists, where no figure of one statement gives them. decide: what is decided on a
    statement where no rule asks for its place.
    """

    def key(row: Mapping[str, Value]) -> Fraction | None:
        figure = row.get(by)
        return (-figure if highest_first else figure) if isinstance(figure, Fraction) else None

    known = {statement.id: statement for statement in round.statements}
    by_block, whole = {}, {}
    for card in known:
        parts = {block.key: sums(block.key, card) for block in round.blocks}
        by_block[card] = {block: figures(part) for block, part in parts.items()}
        whole[card] = figures(sum(map(Counter, parts.values()), Counter()))
    keys = {card: key(row) for card, row in whole.items()}
    means = {card: mean_of(map(key, rows.values())) for card, rows in by_block.items()}
    rank, balanced = ranked or (ranks(keys), ranks(means))
    lines = []
    for card in sorted(known, key=lambda card: (rank[card] is None, rank[card] or 0)):
        decision = round.rule.decide_rank(rank[card]) if isinstance(round.rule, First) else decide(card)
        verdicts = {"rank": rank[card], "rank_balanced": balanced[card], "decision": decision}
        lines.append(Line(card, {**verdicts, **whole[card]}, by_block[card], decision))
    places = {line.statement: Place(zone=line.decision or "ranked") for line in lines}
    return Tally(tuple(lines), tuple(known[line.statement] for line in lines), places)


def leaves(settings: Any, rule: Rule | None) -> tuple[str, ...]:
    """The places in which the list stands at the end."""
    return (Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED) if isinstance(rule, First) else ("ranked",)


def ranks(keys: Mapping[str, Fraction | None]) -> dict[str, int | None]:
    """The smallest key first: 1, 2, 2, 4: a tie shares its best place. None: not ranked."""
    ordered = sorted(key for key in keys.values() if key is not None)
    best = {key: place for place, key in reversed(list(enumerate(ordered, start=1)))}
    return {card: None if key is None else best[key] for card, key in keys.items()}


def decimals(figures: Iterable[Value], least: int = 1, most: int = 6) -> int:
    """The fewest decimals with which figures that differ look different: no list shows one figure for two ranks."""
    known = {Fraction(figure) for figure in figures if isinstance(figure, Fraction | int)}

    def are_apart(n: int) -> bool:  # a half is rounded up where shares are written, to the even digit elsewhere
        up, even = {floor(figure * 10**n + Fraction(1, 2)) for figure in known}, {round(float(f), n) for f in known}
        return len(up) == len(even) == len(known)

    return next((n for n in range(least, most) if are_apart(n)), most)


def mean_of(figures: Iterable[Fraction | None]) -> Fraction | None:
    """Equal weight for each figure there is: of blocks, whatever their size. None where there is none."""
    known = [figure for figure in figures if figure is not None]
    return sum(known, Fraction()) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Names:
    """Measures know statements and blocks by their places; these are their names."""

    cards: Sequence[str]
    blocks: Sequence[str]

    def ids(self, places: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.cards[place] for place in places)

    def told(self, result: Result) -> Result:
        """Places of statements as their numbers; figures by statement stay in the order of more["statements"]."""
        more = {**result.more, "statements": tuple(self.cards)}
        for name in ("winners", "unplaced"):
            if name in more:
                more[name] = self.ids(more[name])
        for name in ("inside", "outside"):
            if name in more:
                more[name] = self.cards[more[name]]
        for name in ("neighbours", "indistinct", "left_out", "alternative", "places", "order"):
            if more.get(name):
                more[name] = tuple(map(self.ids, more[name]))
        if "people" in more:
            more["people"] = {self.blocks[place]: people for place, people in more["people"].items()}
        is_order = isinstance(result.value, tuple) and all(isinstance(tied, tuple) for tied in result.value)
        return replace(result, value=tuple(map(self.ids, result.value)) if is_order else result.value, more=more)


def sure(
    names: Names, scores: ArrayLike, groups: ArrayLike, *, k: int, seed: int, times: ArrayLike | None = None
) -> Iterator[Finding]:
    """How sure each place is, over all people and at equal weight per block. scores: the higher the better. Beside each
    band the places of its tie in the list (first, last), and how long that is (listed)."""
    for measure, balanced in (("bootstrap", False), ("bootstrap_balanced", True)):
        found = guarded(
            rank_bootstrap(
                scores, groups, balanced=balanced, k=k, seed=seed, resamples=RESAMPLES, level=LEVEL, times=times
            ),
            scores,
            groups,
        )
        yield Finding("", measure, names.told(found))
        spans = spans_of(found.value or ())
        for place, card in enumerate(names.cards):
            if place not in spans or not found.more["ranked"][place]:
                continue
            told = {key: found.more[key][place] for key in ("mean_rank", "p_top", "p_kept", "ranked")}
            told |= dict(zip(("first", "last"), spans[place], strict=True)) | {"listed": len(spans)}
            band = (found.more["low"][place], found.more["high"][place])
            yield Finding(card, measure, replace(found, value=band, more=told))


def guarded(found: Result, scores: ArrayLike, groups: ArrayLike) -> Result:
    """No band where most people drawn again could only be themselves; a flag beside one that has no width because
    everybody of a group answered alike."""
    guard = interval_guard(scores, groups, missing=np.nan)
    if found.value is None or not guard.reason:
        return found
    if guard.reason == "no_variation":
        return replace(found, flags=(*found.flags, "no_variation"))
    kept = {key: found.more[key] for key in ("people", "dropped_people", "dropped_groups")}
    more = {**kept, "order": found.value, "alone": guard.more["alone"]}
    return undefined(guard.reason, n=found.n, method=found.method, parameters=found.parameters, more=more)


def spans_of(order: Sequence[Sequence[int]]) -> dict[int, tuple[int, int]]:
    """By statement: the first and the last place that its tie takes up."""
    found: dict[int, tuple[int, int]] = {}
    for tied in order:
        first = len(found) + 1
        found.update(dict.fromkeys(tied, (first, len(found) + len(tied))))
    return found


def side_by_side(
    names: Names,
    pooled: Sequence[Fraction | None],
    balanced: Sequence[Fraction | None],
    *,
    people: Sequence[int],
    parameters: dict[str, Any],
) -> Result:
    """The first statements over all people and at equal weight per block; the highest figure first, a tie as a whole.

    value: the statements that are in one of them only. people: of each block that has any. parameters: k among them.
    """
    if not people:
        return undefined("empty", n=0, method="side_by_side", parameters=parameters)
    pooled_top, balanced_top = (names.ids(top(order_of(figures), parameters["k"])) for figures in (pooled, balanced))
    differ = tuple(card for card in names.cards if (card in pooled_top) != (card in balanced_top))
    more = {"pooled_top": pooled_top, "balanced_top": balanced_top}
    flags = ("small_group",) * (min(people) < SMALL)
    return Result(differ, sum(people), "side_by_side", parameters, more, flags=flags)
