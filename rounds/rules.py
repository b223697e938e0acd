"""Consensus rules, written before anyone votes: small frozen objects, figures in, Decision out.

Shares are compared as integers (votes x 100 against percent x answers), never as floats. Nothing here knows a
kind of round, counts a ballot or says a sentence: words() names the sentence and gives its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from rounds.contract import BallotError, Decision

SCOPES = ("pooled", "balanced", "every", "some")


@dataclass(frozen=True, slots=True)
class Box:
    """Answers of some people on one statement: how many in the band, in the opposite band, in all."""

    high: int
    low: int
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """Kept when enough answers lie in the band and few enough in the opposite band; dropped in the mirror case.

    percent: at least this share in the band, 1..100. opposite: under this share in the opposite band, or None.
    scope: pooled (all answers together), balanced (mean of the blocks' shares: equal weight per block), every
    (in each block that answered), some (in at least `blocks` blocks). A block without answers has no say; no
    answers at all leave the statement undecided. 70/15: the rule of core outcome sets, doi 10.1186/s13063-015-1011-8.
    """

    percent: int = 75
    opposite: int | None = None
    scope: str = "pooled"
    blocks: int = 1
    name: str = "share"

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 100:
            raise BallotError("rule.bad_percent", value=self.percent)
        if self.opposite is not None and not 1 <= self.opposite <= 100:
            raise BallotError("rule.bad_percent", value=self.opposite)
        if self.scope not in SCOPES:
            raise BallotError("rule.bad_scope", value=self.scope)
        if self.blocks < 1:
            raise BallotError("rule.bad_blocks", value=self.blocks)

    def needed(self, n: int) -> int:
        """Votes in the band that n answers need: the smallest whole number that reaches the share."""
        return -(-self.percent * n // 100)

    def decide(self, boxes: Mapping[str, Box]) -> Decision:
        """boxes: answers by block. Blocks without answers are left out."""
        answered = [box for box in boxes.values() if box.n]
        if not answered:
            return Decision.UNDECIDED
        kept = self._holds([(box.high, box.low, box.n) for box in answered])
        dropped = self._holds([(box.low, box.high, box.n) for box in answered])
        if kept == dropped:  # neither; or both, where half of the answers or some of the blocks are enough
            return Decision.UNDECIDED
        return Decision.KEPT if kept else Decision.DROPPED

    def _holds(self, boxes: list[tuple[int, int, int]]) -> bool:
        if self.scope == "pooled":
            return self._passes(*(Fraction(sum(part)) for part in zip(*boxes, strict=True)))
        if self.scope == "balanced":
            shares = [(Fraction(into, n), Fraction(against, n)) for into, against, n in boxes]
            into, against = (sum(part, Fraction()) for part in zip(*shares, strict=True))
            return self._passes(into, against, Fraction(len(boxes)))
        passing = sum(self._passes(*map(Fraction, box)) for box in boxes)
        return passing == len(boxes) if self.scope == "every" else passing >= self.blocks

    def _passes(self, into: Fraction, against: Fraction, n: Fraction) -> bool:
        if into * 100 < self.percent * n:
            return False
        return self.opposite is None or against * 100 < self.opposite * n

    def words(self) -> tuple[str, dict[str, object]]:
        """The sentence that says this rule, and what fills it."""
        key = f"rule.share.{self.scope}" + (".opposite" if self.opposite is not None else "")
        return key, {"percent": self.percent, "opposite": self.opposite, "blocks": self.blocks}


@dataclass(frozen=True, slots=True)
class First:
    """The first n of an order are kept; statements tied across the edge are all kept, ties stay ties."""

    n: int = 10
    name: str = "first"

    def __post_init__(self) -> None:
        if self.n < 1:
            raise BallotError("rule.bad_first", value=self.n)

    def decide_rank(self, rank: Fraction | int | None) -> Decision:
        """rank: shared rank of a tie is its best place (1, 2, 2, 4). None: not ranked, undecided."""
        if rank is None:
            return Decision.UNDECIDED
        return Decision.KEPT if rank <= self.n else Decision.DROPPED

    def words(self) -> tuple[str, dict[str, object]]:
        return "rule.first", {"n": self.n}


Rule = Share | First
RULES: dict[str, type[Share] | type[First]] = {"share": Share, "first": First}


def rule_from(data: Mapping[str, Any] | None) -> Rule | None:
    """A rule from its stored form, None for "no rule". BallotError where a value makes no sense."""
    if not data:
        return None
    if data.get("name") not in RULES:
        raise BallotError("rule.unknown", value=data.get("name"))
    return RULES[data["name"]](**{key: value for key, value in data.items() if key != "name"})


def rule_data(rule: Rule | None) -> dict[str, Any] | None:
    return None if rule is None else asdict(rule)
