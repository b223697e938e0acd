"""A round that is over, and what several of them say together: ranks, who moved, the last that scored or ordered.

Columns are known by their names: a round with rank ranks, with n and high scores, with agree and object
validates. No figure is computed here but places and their ties, nothing is drawn, and no kind of round is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from consensus.facts import RoundFacts
from consensus.outcome import tally_from
from rounds import KINDS
from rounds.contract import Block, Column, Decision, Finding, Line, Statement, Tally, Value, is_answered
from rounds.disclosure import tells
from rounds.measures.phrases import FEW_CHANGED, Phrase, stability
from rounds.measures.result import Result
from rounds.rules import rule_from

RANKS, SCORES, VALIDATES = {"rank"}, {"n", "high"}, {"agree", "object"}
# Why a figure is not there: the round did not ask about the statement; too few answered for it to be told; nothing
# gives it (no answer, or none but "I don't know").
REASONS = ABSENT, WITHHELD, UNDEFINED = "absent", "withheld", "undefined"
BEST = (Decision.KEPT, Decision.UNDECIDED, Decision.DROPPED)


@dataclass(frozen=True)
class ClosedRound:
    """A round that is over. came: the statements it began with; tally: what it left, as it may be told.

    rule: as stored, or None. seats: how many people it asked. answered: how many answered, None where nobody was asked.
    stored: the slow figures of what may be told. held: the statements of which answers were given and none is told.
    """

    row: RoundFacts
    came: tuple[Statement, ...]
    tally: Tally
    blocks: tuple[Block, ...]
    rule: Mapping[str, Any] | None = None
    seats: int = 0
    answered: int | None = None
    stored: tuple[Finding, ...] = ()
    held: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return self.row.key

    @cached_property
    def lines(self) -> dict[str, Line]:
        return {line.statement: line for line in self.tally.lines}

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
    def columns(self) -> tuple[Column, ...]:
        """What its figures are called, in their order."""
        kind = KINDS[self.row.kind]
        return kind.columns(kind.Settings(**self.row.settings))

    @property
    def means(self) -> str:
        """The key of the sentence that says what its list is in the order of."""
        kind = KINDS[self.row.kind]
        return f"{self.row.kind}.{kind.means(kind.Settings(**self.row.settings))}"

    @property
    def figure(self) -> Column | None:
        """The column that its list is in the order of; None where it orders nothing."""
        return next((one for one in self.columns if one.orders), None)

    @property
    def scale(self) -> Any:
        """The scale that people answered on (top, low, high), where the kind has scales; else None."""
        kind = KINDS[self.row.kind]
        return kind.scale(kind.Settings(**self.row.settings))

    @cached_property
    def findings(self) -> dict[tuple[str, str], Result]:
        """The slow figures, by statement and measure."""
        return {(found.statement, found.measure): found.result for found in self.stored}

    @property
    def ruled(self) -> tuple[str, dict[str, object]] | None:
        """Its rule, as a sentence."""
        rule = rule_from(self.rule)
        return rule.words() if rule else None

    @cached_property
    def merits(self) -> dict[str, int]:
        """The rank of each statement by its scores: what the rule decided, then median, then share of high answers.
        Equals share the best rank."""
        keys = sorted(merit(line) for line in self.tally.lines)
        return {line.statement: 1 + keys.index(merit(line)) for line in self.tally.lines}

    def value(self, card: str, column: str, block: str = "") -> Value:
        """A figure of everyone, or of a block; None where it is not there."""
        line = self.lines.get(card)
        if line is None:
            return None
        return (line.by_block.get(block, {}) if block else line.values).get(column)

    def reason(self, card: str, column: Column, block: str = "") -> str:
        """Why it has no such figure, one of REASONS, or "" where it has. block "": everyone.

        Where anything is told, a block or a part that is not is withheld: nobody learns whether one or two answered
        it, or none.
        """
        line = self.lines.get(card)
        if line is None:
            return ABSENT
        if self.value(card, column.name, block) is not None:
            return ""
        is_hidden = card in self.held or (bool(line.by_block) and not tells(line, self.columns, column.part, block))
        return WITHHELD if is_hidden and not column.verdict else UNDEFINED

    def hidden(self, card: str) -> list[Block]:
        """The blocks whose figures on this statement are not shown: those that are asked for first."""
        line, first = self.lines.get(card), self.columns[0].part
        return [block for block in self.blocks if line is None or not tells(line, self.columns, first, block.key)]


def last(closed: Sequence[ClosedRound], columns: set[str]) -> ClosedRound | None:
    return next((stage for stage in reversed(closed) if stage.has(columns)), None)


def rankings(closed: Sequence[ClosedRound]) -> list[ClosedRound]:
    orderings = [stage for stage in closed if stage.has(RANKS)]
    scorings = [stage for stage in closed if stage.has(SCORES)]
    return orderings or (scorings if closed and scorings and closed[-1] is scorings[-1] else [])


def rank_of(stage: ClosedRound, card: str) -> Any:
    line = stage.lines.get(card)
    if line is None or "rank" in line.values:
        return line.values["rank"] if line else None
    return stage.merits[card]


def last_places(ranks: Mapping[str, int | None]) -> dict[str, int]:
    """The last place that each tie takes up: where it is the rank itself, nobody shares that."""
    times = Counter(ranks.values())
    return {name: rank + times[rank] - 1 for name, rank in ranks.items() if rank is not None}


def tied(ranks: Mapping[str, int | None]) -> frozenset[str]:
    """Those who share their rank with another."""
    return frozenset(name for name, place in last_places(ranks).items() if place != ranks[name])


def last_places_of(tally: Tally | None) -> dict[str, int]:
    """In the list of one round, as it is told now; none where it ranks nothing."""
    ranks = {line.statement: line.values.get("rank") for line in tally.lines} if tally else {}
    return last_places({name: rank for name, rank in ranks.items() if isinstance(rank, int)})


def change_of(stages: Sequence[ClosedRound], card: str) -> Phrase | None:
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
    is_same_verdict = len({line.decision if line else None for line in lines}) == 1
    changed, pairs = moved.more["changed"], moved.n or 0
    is_stable = changed * 100 < FEW_CHANGED * pairs
    if net is not None and net.value is not None:
        is_stable = round(2 * pairs * net.value) * 100 < FEW_CHANGED * 2 * pairs
    why = stages[-1].findings.get((card, "verdict_change"))
    return stability(is_stable, changed, pairs, is_same_verdict=is_same_verdict, why=why)


def merit(line: Line | None) -> tuple[int, Fraction, Fraction]:
    if line is None:
        return len(BEST), Fraction(), Fraction()
    verdict = BEST.index(line.decision) if line.decision else len(BEST)
    return verdict, -_fraction(line.values, "median"), -_share(line.values)


def _fraction(values: Mapping[str, Any], name: str) -> Fraction:
    return Fraction(values.get(name) or 0)


def _share(values: Mapping[str, Any]) -> Fraction:
    return Fraction(values["high"] or 0, values["n"]) if values.get("n") else Fraction()


def held_back(told: Tally, official: Tally) -> frozenset[str]:
    """The statements of which answers were given and none is told. Where nobody answered, nothing is held."""
    given = {line.statement for line in official.lines if is_answered(line)}
    return frozenset(line.statement for line in told.lines if line.statement in given and not is_answered(line))


def held_by(outcome: Mapping[str, Any]) -> frozenset[str]:
    """The same of a closed round, from what it stored; rounds of before stored both counts."""
    if "held" in outcome:
        return frozenset(outcome["held"])
    return held_back(tally_from(outcome["released"]), tally_from(outcome["official"]))
