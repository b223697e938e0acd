"""The slow figures of a ranking round: how sure each place is, and what other methods and weights would list.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Finding, Round
from rounds.listing import Names, mean_of, side_by_side, sure
from rounds.measures.concordance import ranking_w
from rounds.measures.kemeny import kemeny
from rounds.measures.margins import edge_margin
from rounds.measures.orders import borda, copeland, instant_runoff, mean_rank, ranked_pairs, schulze
from rounds.measures.pairwise import Ranks, Whole, balanced_weights, doubled_points, pairwise, ranks_of
from rounds.measures.result import Result
from rounds.measures.worth import bradley_terry, plackett_luce
from rounds.ranking.pairs import FROM_PAIRS, ranks_of_pairs
from rounds.ranking.steady import METHOD, Figures, medians, readings, without_each
from rounds.rules import First

PATIENCE = 5.0  # seconds for the order with the fewest contradictions; a panel that agrees on anything needs 0.1
PERMUTATIONS = 999
GHOST = 0.5  # wins and losses against nobody, so that a statement that never lost has a worth too


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of the whole round, and of each statement how sure its place is; at equal weight per block beside it. Bands and
    margins are those of mean ranks: where the list may be another, none are told."""
    return tuple(_Lists(round, ballots).findings(seed)) if round.statements else ()


class _Lists:
    """ranks: (people, statements), 0 = left out. places: the shared place in each list, NaN where it says nothing."""

    def __init__(self, round: Round, ballots: Sequence[Ballot]) -> None:
        self.cards = [statement.id for statement in round.statements]
        self.unranked, self.order = round.settings.unranked, round.settings.order
        # Where every ballot covers every card, Borda's list is the same.
        self.is_by_mean = self.order == "mean_rank" or (self.order, self.unranked) == ("borda", "below")
        self.first = min(round.rule.n if isinstance(round.rule, First) else round.settings.top, len(self.cards))
        # From two places on everything else can share the last one: then no limit keeps a ballot from any two of them.
        self.limit = 1 if round.settings.top == 1 else None
        self.names = Names(self.cards, [block.key for block in round.blocks])
        blocks = {block: place for place, block in enumerate(self.names.blocks)}
        lists = sorted(
            (blocks[str(ballot.block)], tuple(ranks_of(ballot.marks["order"], self.cards).tolist()))
            for ballot in ballots
            if ballot.block in blocks
        )
        self.groups = np.array([block for block, _ in lists], dtype=np.int64)
        self.ranks = np.array([ranks for _, ranks in lists], dtype=np.int64).reshape(len(lists), len(self.cards))

    def findings(self, seed: int) -> Iterator[Finding]:
        if self.is_by_mean:
            yield from sure(self.names, self._scores(), self.groups, k=self.first, seed=seed)
        yield Finding("", "side_by_side", self._sides())
        if self.unranked == "absent":  # two cards beside each other rest on who placed both, who may be very few
            return
        margin = edge_margin(self.ranks, self.first, limit=self.limit)
        if self.is_by_mean:
            yield Finding("", "edge_margin", self.names.told(margin))
        yield Finding("", "ranking_w", ranking_w(self.ranks, self.unranked, permutations=PERMUTATIONS, seed=seed))
        weights, _ = balanced_weights(self.groups)
        found = dict(self._methods(None))
        for suffix, results in (("", found.items()), ("_balanced", self._methods(weights))):
            for name, result in results:
                yield Finding("", name + suffix, self.names.told(result))
        yield Finding("", METHOD, self._readings(found, margin.more.get("bound")))

    def _scores(self) -> NDArray[np.float64]:
        """The better the place the higher, so that the order is that of the mean ranks."""
        points = doubled_points(self.ranks, unranked=self.unranked) / 2
        if self.unranked == "below":
            return points
        placed = (self.ranks > 0).sum(axis=1, keepdims=True)
        return np.where(self.ranks > 0, points - placed, np.nan)  # minus the place among those placed

    def _sides(self) -> Result:
        """By what the list is in the order of: over all people, and over the blocks' own figures or at their weight."""
        _, people = np.unique(self.groups, return_counts=True)
        parameters = {"k": self.first, "unranked": self.unranked}
        if self.order != "mean_rank":
            parameters["order"] = self.order
        pooled, balanced = self._both()
        return side_by_side(self.names, pooled, balanced, people=people.tolist(), parameters=parameters)

    def _both(self) -> tuple[Figures, Figures]:
        if self.order in FROM_PAIRS:
            return self._by_pairs(None), self._by_pairs(balanced_weights(self.groups)[0])
        blocks = [self.ranks[self.groups == block] for block in np.unique(self.groups)]
        balanced = [mean_of(figures) for figures in zip(*map(self._best, blocks), strict=True)]
        return self._best(self.ranks), balanced

    def _readings(self, methods: dict[str, Result], bound: int | None) -> Result:
        """As it is told: without one group only where the list follows from figures that are told by group."""
        there = [self.names.blocks[block] for block in np.unique(self.groups).tolist()]
        left = () if self.order in FROM_PAIRS else without_each(self.groups, self.ranks, self._best)
        return readings(
            self.names,
            self.first,
            figures=self._both(),
            methods=methods,
            middles=medians(self.ranks),
            without=dict(zip(there, left, strict=False)),
            bound=bound,
            n=len(self.ranks),
        )

    def _by_pairs(self, weights: Whole | None) -> Figures:
        """Ranks turned round: the highest is the best."""
        table = pairwise(self.ranks, unranked=self.unranked, weights=weights)
        ranks = ranks_of_pairs(self.order, table, len(self.ranks))
        return [None if rank is None else Fraction(-rank) for rank in ranks]

    def _best(self, ranks: Ranks) -> Figures:
        """Shares beaten, or mean ranks turned round: the highest is the best. Nobody's: nothing."""
        if not len(ranks):
            return ()
        if self.order == "borda":
            shares: Sequence[Fraction | None] = borda(ranks, unranked=self.unranked).more.get("share", ())
            return shares or [None] * len(self.cards)
        means: Sequence[Fraction | None] = mean_rank(ranks, unranked=self.unranked).more["mean_rank"]
        return [None if mean is None else -mean for mean in means]

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
