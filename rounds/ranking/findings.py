"""The slow figures of a ranking round: how sure each place is, and what other methods and weights would list.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Finding, Round
from rounds.measures.kemeny import kemeny
from rounds.measures.orders import (
    SMALL,
    borda,
    copeland,
    instant_runoff,
    mean_rank,
    order_of,
    ranked_pairs,
    schulze,
    top,
)
from rounds.measures.pairwise import Ranks, balanced_weights, doubled_points, pairwise, ranks_of
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.result import Result, undefined
from rounds.measures.worth import bradley_terry, plackett_luce
from rounds.rules import First

RESAMPLES, LEVEL = 1000, 0.9
PATIENCE = 5.0  # seconds for the order with the fewest contradictions; a panel that agrees on anything needs 0.1
GHOST = 0.5  # wins and losses against nobody, so that a statement that never lost has a worth too


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of the whole round, and of each statement how sure its place is; at equal weight per block beside it."""
    return tuple(_Lists(round, ballots).findings(seed)) if round.statements else ()


class _Lists:
    """ranks: (people, statements), 0 = left out. places: the shared place in each list, NaN where it says nothing."""

    def __init__(self, round: Round, ballots: Sequence[Ballot]) -> None:
        self.cards = [statement.id for statement in round.statements]
        self.unranked = round.settings.unranked
        self.first = min(round.rule.n if isinstance(round.rule, First) else round.settings.top, len(self.cards))
        self.blocks = [block.key for block in round.blocks]
        blocks = {block: place for place, block in enumerate(self.blocks)}
        lists = sorted(
            (blocks[str(ballot.block)], tuple(ranks_of(ballot.marks["order"], self.cards).tolist()))
            for ballot in ballots
            if ballot.block in blocks
        )
        self.groups = np.array([block for block, _ in lists], dtype=np.int64)
        self.ranks = np.array([ranks for _, ranks in lists], dtype=np.int64).reshape(len(lists), len(self.cards))

    def findings(self, seed: int) -> Iterator[Finding]:
        for name, balanced in (("bootstrap", False), ("bootstrap_balanced", True)):
            yield from self._sure(name, balanced, seed)
        yield Finding("", "side_by_side", self._sides())
        weights, _ = balanced_weights(self.groups)
        for suffix, given in (("", None), ("_balanced", weights)):
            for name, result in self._methods(given):
                yield Finding("", name + suffix, self._named(result))

    def _scores(self) -> NDArray[np.float64]:
        """The better the place the higher, so that the order is that of the mean ranks."""
        points = doubled_points(self.ranks, unranked=self.unranked) / 2
        if self.unranked == "below":
            return points
        placed = (self.ranks > 0).sum(axis=1, keepdims=True)
        return np.where(self.ranks > 0, points - placed, np.nan)  # minus the place among those placed

    def _sure(self, name: str, balanced: bool, seed: int) -> Iterator[Finding]:
        found = rank_bootstrap(
            self._scores(), self.groups, balanced=balanced, k=self.first, seed=seed, resamples=RESAMPLES, level=LEVEL
        )
        yield Finding("", name, self._named(found))
        for place, card in enumerate(self.cards):
            if found.value is None or not found.more["ranked"][place]:
                continue
            told = {key: found.more[key][place] for key in ("mean_rank", "p_top", "p_kept", "ranked")}
            band = (found.more["low"][place], found.more["high"][place])
            yield Finding(card, name, replace(found, value=band, more=told))

    def _sides(self) -> Result:
        """The first statements by the mean ranks of the list, over all people and over the blocks' own means."""
        parameters = {"k": self.first, "unranked": self.unranked}
        if not len(self.ranks):
            return undefined("empty", n=0, method="side_by_side", parameters=parameters)
        blocks = [self.ranks[self.groups == block] for block in np.unique(self.groups)]
        known = [[mean for mean in means if mean is not None] for means in zip(*map(self._means, blocks), strict=True)]
        balanced = [sum(means, Fraction()) / len(means) if means else None for means in known]
        pooled_top, balanced_top = self._top(self._means(self.ranks)), self._top(balanced)
        differ = tuple(card for card in self.cards if (card in pooled_top) != (card in balanced_top))
        more = {"pooled_top": pooled_top, "balanced_top": balanced_top}
        flags = ("small_group",) * (min(map(len, blocks)) < SMALL)
        return Result(differ, len(self.ranks), "side_by_side", parameters, more, flags=flags)

    def _means(self, ranks: Ranks) -> Sequence[Fraction | None]:
        means: Sequence[Fraction | None] = mean_rank(ranks, unranked=self.unranked).more["mean_rank"]
        return means

    def _top(self, means: Sequence[Fraction | None]) -> tuple[str, ...]:
        """The first places, a tie across their edge as a whole."""
        return self._ids(top(order_of([None if mean is None else -mean for mean in means]), self.first))

    def _methods(self, weights: Any) -> Iterator[tuple[str, Result]]:
        table, n = pairwise(self.ranks, unranked=self.unranked, weights=weights), len(self.ranks)
        yield "borda", borda(self.ranks, unranked=self.unranked, weights=weights)
        yield "copeland", copeland(table, n=n)
        yield "schulze", schulze(table, n=n)
        yield "ranked_pairs", ranked_pairs(table, n=n)
        yield "kemeny", kemeny(table, time_limit=PATIENCE, n=n)
        yield "instant_runoff", instant_runoff(self.ranks, weights=weights)
        each = 1.0 if weights is None or not n else n / float(weights.sum())  # people again, for errors and ghosts
        yield "bradley_terry", bradley_terry(table * each, ghost=GHOST)
        share = None if weights is None else weights * each
        yield "plackett_luce", plackett_luce(self.ranks, weights=share, unranked=self.unranked, ghost=GHOST)

    def _named(self, result: Result) -> Result:
        """Places of statements as their numbers; figures by statement stay in the order of more["statements"]."""
        more = {**result.more, "statements": tuple(self.cards)}
        for name in ("winners", "unplaced"):
            if name in more:
                more[name] = self._ids(more[name])
        for name in ("neighbours", "indistinct", "left_out", "alternative"):
            if more.get(name):
                more[name] = tuple(map(self._ids, more[name]))
        if "people" in more:
            more["people"] = {self.blocks[place]: people for place, people in more["people"].items()}
        is_order = result.value is not None and all(isinstance(tied, tuple) for tied in result.value)
        return replace(result, value=tuple(map(self._ids, result.value)) if is_order else result.value, more=more)

    def _ids(self, places: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.cards[place] for place in places)
