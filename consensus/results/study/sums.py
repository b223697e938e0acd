"""Sums of whole cells, and what each weighs under a way of counting: all that a study's tables are made of.

A cell is never cut here, and nothing enters that a session did not tell. Exact fractions; no order, no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import TypeVar

from consensus.results.study.data import OTHERS, Cell, Placed, StudyResults
from rounds.contract import Decision
from rounds.measures.describe import HALF, exact_quantile
from rounds.measures.pooling import Origin, weights
from rounds.rules import Box, Share, rule_from

C = TypeVar("C", bound=Cell)


@dataclass(frozen=True, slots=True)
class Sum:
    """Of some cells on one statement. votes: by value, () where their scales differ."""

    n: int
    high: int
    low: int
    votes: tuple[int, ...]

    @property
    def share(self) -> Fraction:
        return Fraction(self.high, self.n)

    @property
    def median(self) -> Fraction | None:
        return exact_quantile(dict(enumerate(self.votes, start=1)), HALF, 7) if any(self.votes) else None

    @property
    def box(self) -> Box:
        return Box(self.high, self.low, self.n)


def sum_of(cells: Sequence[Cell]) -> Sum | None:
    """None of no cell."""
    if not cells:
        return None
    is_one_scale = len({len(cell.votes) for cell in cells}) == 1
    votes = tuple(map(sum, zip(*(cell.votes for cell in cells), strict=True))) if is_one_scale else ()
    n, high, low = (sum(getattr(cell, name) for cell in cells) for name in ("n", "high", "low"))
    return Sum(n, high, low, votes)


def totals(cells: Sequence[Cell | Placed], origins: Mapping[str, Origin], scheme: str) -> list[Fraction]:
    """What each cell weighs, all of them together 1. cells: of one statement. origins: of their sessions, without a
    group. The people of a cell weigh the same, however many sessions they sit in."""
    unit = lcm(*(cell.voices.denominator for cell in cells)) if cells else 1
    sizes = [int(cell.voices * unit) for cell in cells]
    named = [replace(origins[cell.session], group=cell.groups) for cell in cells]
    return [each * size for each, size in zip(weights(named, sizes, scheme), sizes, strict=True)]


def origins_of(results: StudyResults) -> dict[str, Origin]:
    """Of each session; one without a site is a site of its own. Those who are told only together count as one more
    session, at a site of its own."""
    found = {one.key: Origin(one.key, ("site", one.site) if one.site else one.key, None) for one in results.sessions}
    return found | {OTHERS: Origin(OTHERS, OTHERS, None)}


def by_statement(cells: Iterable[C]) -> dict[str, list[C]]:
    found: dict[str, list[C]] = {}
    for cell in cells:
        found.setdefault(cell.statement, []).append(cell)
    return found


def rule_of(results: StudyResults) -> Share | None:
    """The rule that may be asked of sums over sessions: one of shares, where all sessions that rated had the same. None
    where they differ: then no sum has a verdict."""
    rated = [one for session in results.sessions for one in session.parts if one.scale]
    rules = {repr(found): found for one in rated if (found := rule_from(one.rule))}
    bare = sum(1 for one in rated if not one.rule)
    rule = next(iter(rules.values()), None)
    return replace(rule, scope="pooled", blocks=1) if len(rules) == 1 and not bare and isinstance(rule, Share) else None


def verdict_of(rule: Share | None, box: Box) -> str:
    return str(rule.decide({"": box})) if rule and box.n else ""


def whole(high: Fraction, low: Fraction) -> Box:
    """Shares as a count of as many as it takes to be exact."""
    n = lcm(high.denominator, low.denominator)
    return Box(int(high * n), int(low * n), n)


KEPT, DROPPED = str(Decision.KEPT), str(Decision.DROPPED)
