"""A round that is over, and what several of them say together: ranks, who moved, the last that scored or ordered.

Columns are known by their names: a round with rank ranks, with n and high scores, with agree and object
validates. No figure is computed here but places and their ties, nothing is drawn, and no kind of round is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from consensus import models
from consensus.outcome import findings_by, seats_then
from rounds import KINDS
from rounds.contract import Block, Column, Decision, Line, Statement, Tally
from rounds.measures.phrases import FEW_CHANGED, Phrase, stability
from rounds.measures.result import Result

RANKS, SCORES, VALIDATES = {"rank"}, {"n", "high"}, {"agree", "object"}
BEST = (Decision.KEPT, Decision.UNDECIDED, Decision.DROPPED)


@dataclass(frozen=True)
class Closed:
    """A round that is over. came: the statements it began with; tally: what it left, as anyone may see it."""

    row: models.Round
    came: tuple[Statement, ...]
    tally: Tally
    blocks: tuple[Block, ...]

    @cached_property
    def lines(self) -> dict[str, Line]:
        return {line.statement: line for line in self.tally.lines}

    @cached_property
    def seats(self) -> int:
        """How many people it asked."""
        return sum(seats_then(self.blocks, self.row.outcome).values())

    @property
    def stood(self) -> set[str]:
        return {statement.id for statement in self.tally.statements}

    def has(self, columns: set[str]) -> bool:
        return any(columns <= set(line.values) for line in self.tally.lines)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Every setting of the round, those left as they were offered included."""
        return asdict(KINDS[self.row.kind].Settings(**self.row.settings))

    @cached_property
    def figure(self) -> Column | None:
        """The column that its list is in the order of; None where it orders nothing."""
        kind = KINDS[self.row.kind]
        return next((one for one in kind.columns(kind.Settings(**self.row.settings)) if one.orders), None)

    @property
    def scale(self) -> Any:
        """The scale that people answered on (top, low, high), where the kind has scales; else None."""
        return getattr(KINDS[self.row.kind], "SCALES", {}).get(self.settings.get("scale"))

    @cached_property
    def findings(self) -> dict[tuple[str, str], Result]:
        """The slow figures, by statement and measure."""
        return findings_by(self.row.findings)

    @cached_property
    def merits(self) -> dict[str, int]:
        """The rank of each statement by its scores: what the rule decided, then median, then share of high answers.
        Equals share the best rank."""
        keys = sorted(merit(line) for line in self.tally.lines)
        return {line.statement: 1 + keys.index(merit(line)) for line in self.tally.lines}

    def hidden(self, card: str) -> list[Block]:
        """The blocks whose figures on this statement are not shown."""
        line = self.lines.get(card)
        return [block for block in self.blocks if line is None or block.key not in line.by_block]


def last(closed: Sequence[Closed], columns: set[str]) -> Closed | None:
    return next((stage for stage in reversed(closed) if stage.has(columns)), None)


def rankings(closed: Sequence[Closed]) -> list[Closed]:
    orderings = [stage for stage in closed if stage.has(RANKS)]
    scorings = [stage for stage in closed if stage.has(SCORES)]
    return orderings or (scorings if closed and scorings and closed[-1] is scorings[-1] else [])


def rank_of(stage: Closed, card: str) -> Any:
    line = stage.lines.get(card)
    if line is None or "rank" in line.values:
        return line.values["rank"] if line else None
    return stage.merits[card]


def change_of(stages: Sequence[Closed], card: str) -> Phrase | None:
    """What happened to a statement's scores from the round before to the last: the distribution and the verdict.

    Where a few people answered one of the two rounds only, nothing is known of the distribution: then a statement is
    settled where few people changed.
    """
    if len(stages) < 2:
        return None
    moved, net = (stages[-1].findings.get((card, name)) for name in ("movement", "scheibe"))
    if moved is None or moved.value is None:
        return None
    lines = [stage.lines.get(card) for stage in stages[-2:]]
    has_one_verdict = len({line.decision if line else None for line in lines}) == 1
    changed, of = moved.more["changed"], moved.n
    if net is not None and net.value is not None:
        changed, of = round(2 * net.n * net.value), 2 * net.n
    return stability(changed * 100 < FEW_CHANGED * of and has_one_verdict, moved.more["changed"], moved.n)


def merit(line: Line | None) -> tuple[int, Fraction, Fraction]:
    if line is None:
        return len(BEST), Fraction(), Fraction()
    verdict = BEST.index(line.decision) if line.decision else len(BEST)
    return verdict, -_fraction(line.values, "median"), -_share(line.values)


def _fraction(values: Mapping[str, Any], name: str) -> Fraction:
    return Fraction(values.get(name) or 0)


def _share(values: Mapping[str, Any]) -> Fraction:
    return Fraction(values["high"] or 0, values["n"]) if values.get("n") else Fraction()
