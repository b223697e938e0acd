"""The places that sessions gave, as points among the statements that all of them placed: sums of whole blocks.

Where every session placed the same statements the told mean ranks are enough. Where lists differ each ballot is cut to
the common ones first; then its answers must still be those of the close, and nobody may fall out of a cell alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from consensus.results.stages import ClosedRound
from consensus.results.study.data import Placed
from consensus.results.study.people import Answered
from rounds.contract import Block
from rounds.measures.pairwise import doubled_points

Place = tuple[str, tuple[str, ...]]  # session and block


@dataclass(frozen=True)
class Placing:
    """A session that placed statements. told: what the study calls each."""

    session: str
    stage: ClosedRound
    told: Mapping[str, str]
    answers: tuple[Answered, ...]

    @cached_property
    def listed(self) -> frozenset[str]:
        return frozenset(self.told[name] for name in self.stage.lines)

    def rows(self) -> Iterator[tuple[str, Block, Mapping[str, Any]]]:
        """Each told cell: statement, block, figures."""
        for line in self.stage.lines.values():
            for block in self.stage.blocks:
                row = line.by_block.get(block.key, {})
                if row.get("n") and row.get("mean_rank") is not None:
                    yield self.told[line.statement], block, row


def placed_of(placing: Sequence[Placing], k: int, within: Set[str] | None = None) -> list[Placed]:
    """By session and statement. Nothing where there is no common statement, or where it would tell of few people.
    within: the statements of one list; None: there is one."""
    lists = {one.listed for one in placing}
    if len(lists) == 1 and (within is None or all(listed <= within for listed in lists)):
        return [cell for one in placing for cell in _whole(one)]
    common = sorted(frozenset.intersection(*lists) & (within or frozenset.union(*lists))) if lists else []
    found = [_cut(one, common, k) for one in placing] if common else []
    return [] if any(cells is None for cells in found) else [cell for cells in found for cell in cells or ()]


def _whole(one: Placing) -> Iterator[Placed]:
    m = len(one.listed)
    for statement, block, row in one.rows():
        n = int(row["n"])
        yield Placed(one.session, block.groups, statement, n, n * (m - Fraction(row["mean_rank"])), Fraction())


def _cut(one: Placing, common: Sequence[str], k: int) -> list[Placed] | None:
    """None where it may not be told."""
    told = {block.groups: int(row["n"]) for _, block, row in one.rows()}
    now = Counter(answered.groups for answered in one.answers)
    if any(now[groups] != n for groups, n in told.items()):
        return None
    found = []
    for groups in told:
        ranks = np.array([_ranks(a, common) for a in one.answers if a.groups == groups], dtype=np.int64)
        there = ranks[ranks.any(axis=1)]
        if 0 < len(ranks) - len(there) < k or len(there) < k:
            return None
        for statement, twice in zip(common, doubled_points(there).sum(axis=0).tolist(), strict=True):
            found.append(Placed(one.session, groups, statement, len(there), Fraction(twice, 2), Fraction()))
    return found


def _ranks(answered: Answered, common: Iterable[str]) -> list[int]:
    return [answered.values.get(statement, 0) for statement in common]
