"""The slow figures of a comparison: how sure each place is, both lists side by side, worths from the pairs it implies.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Finding, Round
from rounds.listing import Names, mean_of, side_by_side, sure
from rounds.measures.pairwise import pairwise
from rounds.measures.result import Result
from rounds.measures.worth import bradley_terry
from rounds.rules import First

FIRST = 5  # places of the list that are spoken of, where no rule says how many
GHOST = 0.5  # wins and losses against nobody, so that a statement that never lost has a worth too
BEST, BETWEEN, WORST = 1, 2, 3

Whole = NDArray[np.int64]


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of the whole round, and of each statement how sure its place is; at equal weight per block beside it."""
    return tuple(_findings(round, ballots, seed)) if round.statements else ()


def _findings(round: Round, ballots: Sequence[Ballot], seed: int) -> Iterator[Finding]:
    names = Names([statement.id for statement in round.statements], [block.key for block in round.blocks])
    first = min(round.rule.n if isinstance(round.rule, First) else FIRST, len(names.cards))
    chosen = [ballot for ballot in ballots if ballot.marks["best"] and ballot.block in names.blocks]
    groups, scores, times = _people(names, chosen)
    yield from sure(names, np.where(times > 0, scores, np.nan), groups, k=first, seed=seed, times=times)
    yield Finding("", "side_by_side", _sides(names, groups, scores, times, first))
    yield Finding("", "bradley_terry", names.told(_worths(names, chosen)))


def _people(names: Names, chosen: Sequence[Ballot]) -> tuple[Whole, Whole, Whole]:
    """By person, in an order of their own: the block; most less least, and times shown, of each statement."""
    places = {card: place for place, card in enumerate(names.cards)}
    rows: dict[str, Whole] = {}
    for ballot in chosen:
        row = rows.setdefault(ballot.seat, np.zeros((2, len(places)), dtype=np.int64))
        row[1, [places[card] for card in ballot.marks["shown"]]] += 1
        row[0, places[ballot.marks["best"]]] += 1
        row[0, places[ballot.marks["worst"]]] -= 1
    block = {ballot.seat: names.blocks.index(str(ballot.block)) for ballot in chosen}
    listed = sorted((block[seat], *row.tolist()) for seat, row in rows.items())
    table = np.array([[score, shown] for _, score, shown in listed], dtype=np.int64)
    table = table.reshape(len(listed), 2, len(places))
    return np.array([place for place, _, _ in listed], dtype=np.int64), table[:, 0], table[:, 1]


def _sides(names: Names, groups: Whole, scores: Whole, times: Whole, first: int) -> Result:
    blocks = [groups == block for block in np.unique(groups)]
    balanced = [mean_of(each) for each in zip(*(_means(scores[b], times[b]) for b in blocks), strict=True)]
    people = [int(block.sum()) for block in blocks]
    return side_by_side(names, _means(scores, times), balanced, people=people, parameters={"k": first})


def _means(scores: Whole, times: Whole) -> list[Fraction | None]:
    sums = zip(scores.sum(axis=0).tolist(), times.sum(axis=0).tolist(), strict=True)
    return [Fraction(score, shown) if shown else None for score, shown in sums]


def _worths(names: Names, chosen: Sequence[Ballot]) -> Result:
    """Each set says: the most before all others, all others before the least, nothing of those between."""
    places = {card: place for place, card in enumerate(names.cards)}
    ranks = np.zeros((len(chosen), len(places)), dtype=np.int64)
    for row, ballot in zip(ranks, chosen, strict=True):
        row[[places[card] for card in ballot.marks["shown"]]] = BETWEEN
        row[places[ballot.marks["best"]]], row[places[ballot.marks["worst"]]] = BEST, WORST
    return bradley_terry(pairwise(ranks, unranked="absent"), ghost=GHOST)
