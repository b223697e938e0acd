"""The slow figures of a round of points: how sure each place is, both lists side by side, how the points lie.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from rounds.contract import Ballot, Finding, Round
from rounds.listing import Names, mean_of, side_by_side, sure
from rounds.measures.points import allocation
from rounds.rules import First

FIRST = 5  # places of the list that are spoken of, where no rule says how many


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of the whole round, and of each statement how sure its place is; at equal weight per block beside it."""
    return tuple(_findings(round, ballots, seed)) if round.statements else ()


def _findings(round: Round, ballots: Sequence[Ballot], seed: int) -> Iterator[Finding]:
    names = Names([statement.id for statement in round.statements], [block.key for block in round.blocks])
    blocks = {block: place for place, block in enumerate(names.blocks)}
    first = min(round.rule.n if isinstance(round.rule, First) else FIRST, len(names.cards))
    rows = sorted(
        (blocks[str(ballot.block)], tuple(ballot.marks["points"].get(card, 0) for card in names.cards))
        for ballot in ballots
        if ballot.block in blocks
    )
    groups = np.array([block for block, _ in rows], dtype=np.int64)
    points = np.array([given for _, given in rows], dtype=np.int64).reshape(len(rows), len(names.cards))
    yield from sure(names, points, groups, k=first, seed=seed)
    parts = [points[groups == block].tolist() for block in np.unique(groups)]
    means = [_means(part) for part in parts]
    balanced = [mean_of(each) for each in zip(*means, strict=True)]
    people = list(map(len, parts))
    sides = side_by_side(names, _means(points.tolist()), balanced, people=people, parameters={"k": first})
    yield Finding("", "side_by_side", sides)
    for measure, given in (("allocation", None), ("allocation_balanced", groups)):
        yield Finding("", measure, names.told(allocation(points, budget=round.settings.total, groups=given)))


def _means(rows: Sequence[Sequence[int]]) -> list[Fraction | None]:
    return [Fraction(sum(given), len(rows)) for given in zip(*rows, strict=True)]
