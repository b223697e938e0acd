"""The slow figures of an approval: how sure each place is, both lists side by side, how few ballots change the first.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from rounds.approval.reading import limit
from rounds.contract import Ballot, Finding, Round
from rounds.listing import Names, mean_of, side_by_side, sure
from rounds.measures.margins import choice_margin
from rounds.rules import First


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of the whole round, and of each statement how sure its place is; at equal weight per block beside it."""
    return tuple(_findings(round, ballots, seed)) if round.statements else ()


def _findings(round: Round, ballots: Sequence[Ballot], seed: int) -> Iterator[Finding]:
    names = Names([statement.id for statement in round.statements], [block.key for block in round.blocks])
    blocks = {block: place for place, block in enumerate(names.blocks)}
    first = min(round.rule.n, len(names.cards)) if isinstance(round.rule, First) else limit(round)
    rows = sorted(
        (blocks[str(ballot.block)], tuple(int(card in ballot.marks["chosen"]) for card in names.cards))
        for ballot in ballots
        if ballot.block in blocks
    )
    groups = np.array([block for block, _ in rows], dtype=np.int64)
    chosen = np.array([given for _, given in rows], dtype=np.int64).reshape(len(rows), len(names.cards))
    yield from sure(names, chosen, groups, k=first, seed=seed)
    parts = [chosen[groups == block].tolist() for block in np.unique(groups)]
    shares = [_shares(part) for part in parts]
    balanced = [mean_of(each) for each in zip(*shares, strict=True)]
    people = list(map(len, parts))
    sides = side_by_side(names, _shares(chosen.tolist()), balanced, people=people, parameters={"k": first})
    yield Finding("", "side_by_side", sides)
    yield Finding("", "edge_margin", names.told(choice_margin(chosen, first)))


def _shares(rows: Sequence[Sequence[int]]) -> list[Fraction | None]:
    return [Fraction(sum(given), len(rows)) for given in zip(*rows, strict=True)]
