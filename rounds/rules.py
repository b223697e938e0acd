"""Consensus rules, written before anyone votes: small frozen objects, figures in, Decision out.

Shares are compared as integers (votes x 100 against percent x answers), never as floats. Nothing here knows a
kind of round, counts a ballot or says a sentence: words() names the sentence and gives its values.

Every rule on ratings takes the counts of 1..top by block, and the bands of the scale (decide_counts), save
Majority, which needs all statements; decide_all() applies any of them to a round. A limit is a whole number or a
decimal as a string ("66.7"), and is stored in one form only, because stored rules are hashed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, Protocol

from rounds.contract import BallotError, Decision
from rounds.measures.describe import HALF, KINDS, QUARTER, exact_quantile
from rounds.measures.ram import CLASSES, apmo, ram

SCOPES = ("pooled", "balanced", "every", "some")
METHODS = ("ipras", "classic")
BY_CLASS = dict(zip(CLASSES, (Decision.DROPPED, Decision.UNDECIDED, Decision.KEPT), strict=True))
SIGNS: dict[str, Callable[[Fraction | int, Fraction | int], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt}
DECIMAL = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,20}))?")

Limit = int | str  # a whole number, or a decimal that is none: "66.7"
Counts = Mapping[str, Sequence[int]]  # of one statement, by block: how many answered 1, 2, ... top


class Bands(Protocol):
    """A scale of ratings: values 1..top; low and high are the opposite bands, both ends included."""

    @property
    def top(self) -> int: ...
    @property
    def low(self) -> tuple[int, int]: ...
    @property
    def high(self) -> tuple[int, int]: ...


def meets(votes: Fraction | int, n: Fraction | int, percent: Limit, sign: str = ">=") -> bool | None:
    """Does the share votes/n stand so to the percentage? Compared exactly; None where n is 0.

    sign: one of SIGNS. ValueError: a percentage that is no decimal, or no such sign.
    """
    if sign not in SIGNS:
        raise ValueError(f"{sign} does not compare")
    return SIGNS[sign](votes * 100, _exact(percent) * n) if n else None


def percent_of(votes: int, n: int, decimals: int = 0) -> int | None:
    """A share in percent, in units of the last decimal, rounded half up on integers; None where n is 0."""
    return (200 * 10**decimals * votes + n) // (2 * n) if n else None


def votes_needed(n: int, percent: Limit) -> int:
    """The smallest whole number of n answers that is at least this percentage of them."""
    return -(-_exact(percent) * n // 100)


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

    percent: Limit = 75
    opposite: Limit | None = None
    scope: str = "pooled"
    blocks: int = 1
    name: str = "share"

    def __post_init__(self) -> None:
        _normalise(self, "percent", "rule.bad_percent", 1, 100)
        if self.opposite is not None:
            _normalise(self, "opposite", "rule.bad_percent", 1, 100)
        if self.scope not in SCOPES:
            raise BallotError("rule.bad_scope", value=self.scope)
        if self.blocks < 1:
            raise BallotError("rule.bad_blocks", value=self.blocks)

    def needed(self, n: int) -> int:
        """Votes in the band that n answers need: the smallest whole number that reaches the share."""
        return votes_needed(n, self.percent)

    def decide_counts(self, counts: Counts, bands: Bands) -> Decision:
        return self.decide({block: box_of(row, bands) for block, row in counts.items()})

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
            return self.passes(*(sum(part) for part in zip(*boxes, strict=True)))
        if self.scope == "balanced":
            shares = [(Fraction(into, n), Fraction(against, n)) for into, against, n in boxes]
            into, against = (sum(part, Fraction()) for part in zip(*shares, strict=True))
            return self.passes(into, against, len(boxes))
        passing = sum(self.passes(*box) for box in boxes)
        return passing == len(boxes) if self.scope == "every" else passing >= self.blocks

    def passes(self, into: Fraction | int, against: Fraction | int, n: int) -> bool:
        """Do answers (or sums of shares, of n blocks) reach the share by themselves, with few enough against?"""
        return bool(meets(into, n, self.percent)) and (
            self.opposite is None or bool(meets(against, n, self.opposite, "<"))
        )

    def words(self) -> tuple[str, dict[str, object]]:
        """The sentence that says this rule, and what fills it."""
        key = f"rule.share.{self.scope}" + (".opposite" if self.opposite is not None else "")
        opposite = None if self.opposite is None else _spoken(self.opposite)
        return key, {"percent": _spoken(self.percent), "opposite": opposite, "n": self.blocks}


@dataclass(frozen=True, slots=True)
class Ram:
    """The RAND/UCLA classes of all answers together: appropriate is kept, inappropriate dropped, the rest undecided.

    method: how disagreement is found, by ipras or by the classic rule for panel sizes. kind: the definition of the
    percentiles (rounds.measures.describe.quantile); the classic rule has none. Scales other than 1-9 are stretched.
    """

    method: str = "ipras"
    kind: int = 7
    name: str = "ram"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise BallotError("rule.bad_method", value=self.method)
        _check_kind(self.kind)

    def decide_counts(self, counts: Counts, bands: Bands) -> Decision:
        row = pooled(counts)
        return BY_CLASS[ram(row, self.kind).more[f"cls_{self.method}"]] if any(row) else Decision.UNDECIDED

    def words(self) -> tuple[str, dict[str, object]]:
        return f"rule.ram.{self.method}", {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Spread:
    """Kept when the median of all answers is at least so high and their interquartile range at most so wide.

    Dropped in the mirror case: a median as low on the same scale, as narrow a range. kind: the definition of the
    quartiles (rounds.measures.describe.quantile), which decides many verdicts on small panels.
    """

    median: Limit = 7
    iqr: Limit = 2
    kind: int = 7
    name: str = "spread"

    def __post_init__(self) -> None:
        _normalise(self, "median", "rule.bad_points", 0)
        _normalise(self, "iqr", "rule.bad_points", 0)
        _check_kind(self.kind)

    def decide_counts(self, counts: Counts, bands: Bands) -> Decision:
        table = dict(enumerate(pooled(counts), 1))
        quartiles = ((QUARTER, self.kind), (HALF, 7), (1 - QUARTER, self.kind))
        q1, median, q3 = (exact_quantile(table, share, kind) for share, kind in quartiles)
        if q1 is None or median is None or q3 is None or q3 - q1 > _exact(self.iqr):
            return Decision.UNDECIDED
        kept, dropped = (side >= _exact(self.median) for side in (median, bands.top + 1 - median))
        if kept == dropped:  # neither; or both, where the limit lies at the middle of the scale or under it
            return Decision.UNDECIDED
        return Decision.KEPT if kept else Decision.DROPPED

    def words(self) -> tuple[str, dict[str, object]]:
        return "rule.spread", {"median": _spoken(self.median), "iqr": _spoken(self.iqr), "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Majority:
    """Kept when a majority lies in the high band and reaches the round's average percent of majority opinions.

    Dropped in the mirror case. The cut-off moves with the answers to every statement (rounds.measures.ram.apmo).
    """

    name: str = "majority"

    def decide_all(self, boxes: Mapping[str, Box]) -> dict[str, Decision]:
        """boxes: all answers together, of every statement of the round."""
        found = apmo((box.high, box.low, box.n) for box in boxes.values()).more
        kept, dropped = set(found.get("in", ())), set(found.get("out", ()))
        return {
            statement: Decision.KEPT if at in kept else Decision.DROPPED if at in dropped else Decision.UNDECIDED
            for at, statement in enumerate(boxes)
        }

    def words(self) -> tuple[str, dict[str, object]]:
        return "rule.majority", {}


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """Kept when enough of those who answered chose the statement; else undecided.

    Never dropped: whoever leaves a statement out has not voted against it. percent, scope, blocks: as of a Share.
    """

    percent: Limit = 50
    scope: str = "pooled"
    blocks: int = 1
    name: str = "chosen"

    def __post_init__(self) -> None:
        object.__setattr__(self, "percent", self._share.percent)

    @property
    def _share(self) -> Share:
        return Share(self.percent, None, self.scope, self.blocks)

    def needed(self, n: int) -> int:
        """Of n people who answer, how many must choose it."""
        return votes_needed(n, self.percent)

    def decide(self, people: Mapping[str, tuple[int, int]]) -> Decision:
        """people: who chose the statement, and who answered, by block. Blocks without answers are left out."""
        return self._share.decide({block: Box(chosen, 0, n) for block, (chosen, n) in people.items()})

    def words(self) -> tuple[str, dict[str, object]]:
        return f"rule.chosen.{self.scope}", {"percent": _spoken(self.percent), "n": self.blocks}


RatingRule = Share | Ram | Spread | Majority
Rule = RatingRule | First | Chosen
RULES: dict[str, type[Rule]] = {
    **{"share": Share, "ram": Ram, "spread": Spread, "majority": Majority},
    **{"first": First, "chosen": Chosen},
}


def decide_all(rule: RatingRule, counts: Mapping[str, Counts], bands: Bands) -> dict[str, Decision]:
    """What a rule on ratings decides on every statement of a round. counts: by statement, then by block."""
    if isinstance(rule, Majority):
        return rule.decide_all({statement: box_of(pooled(each), bands) for statement, each in counts.items()})
    return {statement: rule.decide_counts(each, bands) for statement, each in counts.items()}


def box_of(row: Sequence[int], bands: Bands) -> Box:
    """The answers in either band, and all of them. row: how many answered 1, 2, ... top; empty without a block."""
    low, high = (sum(row[first - 1 : last]) for first, last in (bands.low, bands.high))
    return Box(high, low, sum(row))


def pooled(counts: Counts) -> list[int]:
    """The answers of all blocks together, value by value."""
    return [sum(column) for column in zip(*counts.values(), strict=True)]


@dataclass(frozen=True, slots=True)
class Lack:
    """What stands between some answers and a share: votes still missing in the band, votes too many against."""

    votes: int
    against: int

    def __bool__(self) -> bool:
        return bool(self.votes or self.against)


def shortfall(rule: Share, boxes: Mapping[str, Box]) -> dict[str, Lack]:
    """How many of the people who answered would have to change, for the share to be reached to keep a statement.

    By block, each against the share on its own, blocks without answers left out; under the key "" for everyone
    together where the scope is pooled, because there no block has a share of its own to reach.
    """
    answered = {block: box for block, box in boxes.items() if box.n}
    if rule.scope == "pooled" and answered:
        high, low, n = (sum(getattr(box, part) for box in answered.values()) for part in ("high", "low", "n"))
        answered = {"": Box(high, low, n)}
    return {block: _lack(rule, box) for block, box in answered.items()}


def held_back(rule: Share, boxes: Mapping[str, Box]) -> dict[str, Lack]:
    """What the blocks lack that keep a statement from being kept; {} where it is kept already."""
    if rule.decide(boxes) is Decision.KEPT:
        return {}
    return {block: lack for block, lack in shortfall(rule, boxes).items() if lack}


def _lack(rule: Share, box: Box) -> Lack:
    allowed = box.n if rule.opposite is None else votes_needed(box.n, rule.opposite) - 1
    return Lack(max(0, rule.needed(box.n) - box.high), max(0, box.low - allowed))


def rule_from(data: Mapping[str, Any] | None) -> Rule | None:
    """A rule from its stored form, None for "no rule". BallotError where a value makes no sense."""
    if not data:
        return None
    if data.get("name") not in RULES:
        raise BallotError("rule.unknown", value=data.get("name"))
    return RULES[data["name"]](**{key: value for key, value in data.items() if key != "name"})


def rule_data(rule: Rule | None) -> dict[str, Any] | None:
    return None if rule is None else asdict(rule)


@lru_cache(maxsize=256)  # the same few limits are compared at every vote
def _exact(limit: Limit) -> Fraction:
    if not DECIMAL.fullmatch(str(limit)):
        raise ValueError(f"{limit} is not a decimal number")
    return Fraction(str(limit))


def _normalise(rule: Rule, name: str, key: str, least: int, most: int | None = None) -> None:
    """Give a limit the one form in which it is stored: 70, not "70.0"; "66.7", not "66.70" or a float."""
    value = getattr(rule, name)
    found = DECIMAL.fullmatch(str(value))
    if not found or Fraction(found[0]) < least or (most is not None and Fraction(found[0]) > most):
        raise BallotError(key, value=value)
    whole, decimals = int(found[1]), (found[2] or "").rstrip("0")
    object.__setattr__(rule, name, f"{whole}.{decimals}" if decimals else whole)


def _check_kind(kind: int) -> None:
    if kind not in KINDS:
        raise BallotError("rule.bad_kind", value=kind)


def _spoken(limit: Limit) -> Fraction | Limit:
    """A number where the language's own comma says it exactly (one decimal), else the limit as it is stored."""
    exact = _exact(limit)
    return limit if isinstance(limit, int) or (exact * 10).denominator > 1 else exact
