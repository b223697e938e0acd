"""What people read of a rating: its rows, one plain sentence, what a verdict still lacks, what to discuss first.

Everything here follows from the figures of a line, so that it may be said wherever they may be shown. Keys and values
only, no sentence; no figure is counted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from rounds.contract import Block, Decision, Line, Round, Statement, Tally, Value
from rounds.measures.phrases import NOBODY, Groups, Phrase, beyond, middle_half, sentence, too_few
from rounds.measures.result import Result
from rounds.measures.verdicts import is_wide
from rounds.rating.scales import SCALES, Scale, counts_of
from rounds.rules import Box, Lack, Limit, Majority, RatingRule, Share, held_back, meets, percent_of

USUAL = 75  # percent: what is shaded where no share decides
MOST = 5  # statements that a group can discuss before it is tired

Findings = Mapping[tuple[str, str], Result]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one block answered. part: its figures, as far as they may be shown. share: of its answers in the high band,
    in percent, None where none is shown. reaches: they are enough, by the rule's share or the usual one."""

    block: Block
    part: Mapping[str, Value]
    share: int | None
    reaches: bool


@dataclass(frozen=True)
class Row:
    """One statement. lacks: what the verdict waits for, by block; None: everyone together. moved: how many changed
    since the round before, of how many who answered both."""

    statement: Statement
    line: Line
    round: Round
    lacks: tuple[tuple[Block | None, Lack], ...] = ()
    moved: tuple[int, int] | None = None

    @property
    def values(self) -> Mapping[str, Value]:
        return self.line.values

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """In the order of the round's blocks; worked out where they are drawn, which a line that stays is not."""
        return tuple(_cell(block, self.line.by_block.get(block.key, {}), self.round) for block in self.round.blocks)

    @property
    def has_gap(self) -> bool:
        """Is something shown of everyone, and of a block nothing?"""
        return bool(self.values["n"]) and any(cell.share is None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Answered:
    """One statement after the close, for whoever answered it. said: its sentence; counts: people, by answer."""

    statement: Statement
    values: Mapping[str, Value]
    said: Phrase
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Spread:
    """How one block answered one question on one statement. counts: people, by answer; None: not shown."""

    block: Block
    counts: Mapping[int, int] | None
    median: Value


def rows(tally: Tally, round: Round, card: str = "") -> tuple[Row, ...]:
    """In the order of the tally. card: of this statement alone."""
    known = _by_id(tally.statements)
    lines = (line for line in tally.lines if not card or line.statement == card)
    return tuple(Row(known[line.statement], line, round) for line in lines)


def table(tally: Tally, round: Round, findings: Findings) -> tuple[Row, ...]:
    """The same with what stands beside the verdict, for the team."""
    blocks = {block.key: block for block in round.blocks}
    return tuple(
        replace(row, lacks=_lacks(row.line, round, blocks), moved=_moved(findings.get((row.statement.id, "movement"))))
        for row in rows(tally, round)
    )


def leading(tally: Tally, round: Round, most: int) -> tuple[Row, ...]:
    """The statements with the most answers in the high band, by thousandths; equals in the order of the list."""

    def share(line: Line) -> int:
        box = box_of(line.values)
        return box.high * 1000 // box.n if box.n else -1

    known = _by_id(tally.statements)
    lines = sorted(tally.lines, key=share, reverse=True)[:most]
    return tuple(Row(known[line.statement], line, round) for line in lines)


def answered(tally: Tally, round: Round, floor: int) -> tuple[Answered, ...]:
    return tuple(_answered(tally.lines, tally, round, floor))


def to_discuss(tally: Tally, round: Round, floor: int) -> tuple[Answered, ...]:
    """The agenda, with the sentence of each statement on it."""
    return tuple(_answered(agenda(tally.lines), tally, round, floor))


def spreads(line: Line, round: Round, prefix: str = "") -> tuple[Spread, ...]:
    """How every block answered; a picture and its words."""
    return tuple(_spread(block, line.by_block.get(block.key, {}), round, prefix) for block in round.blocks)


def _cell(block: Block, part: Mapping[str, Value], round: Round) -> Cell:
    box = box_of(part)
    return Cell(block, part, percent_of(box.high, box.n), box.n > 0 and reaches(part, round))


def _lacks(line: Line, round: Round, blocks: Mapping[str, Block]) -> tuple[tuple[Block | None, Lack], ...]:
    lacks = lacking(line, round) if line.decision is Decision.UNDECIDED else {}
    return tuple((blocks.get(key), lack) for key, lack in lacks.items())


def _moved(found: Result | None) -> tuple[int, int] | None:
    return (found.more["changed"], found.n or 0) if found is not None and found.value is not None else None


def _answered(lines: Sequence[Line], tally: Tally, round: Round, floor: int) -> Iterator[Answered]:
    known = _by_id(tally.statements)
    for line in lines:
        yield Answered(known[line.statement], line.values, said(line, round, floor), counts(line.values, round))


def _spread(block: Block, part: Mapping[str, Value], round: Round, prefix: str) -> Spread:
    given = counts(part, round, prefix) if part.get(prefix + "n") else None
    return Spread(block, given, part.get(prefix + "median"))


def _by_id(statements: Sequence[Statement]) -> dict[str, Statement]:
    return {statement.id: statement for statement in statements}


def said(line: Line, round: Round, floor: int) -> Phrase:
    """The one sentence that stands beside a distribution. floor: answers under which nothing is said."""
    box = box_of(line.values)
    if box.n < max(1, floor):
        return too_few()
    if line.decision is None:
        return _leaning(line.values)
    scale: Scale = SCALES[round.settings.scale]
    rule = round.rule if isinstance(round.rule, RatingRule) else None
    if _is_beyond(line, rule, scale):
        return beyond(line.decision, box)
    return sentence(
        line.decision,
        box,
        _agreement(line.values, scale),
        floor=floor,
        rule=rule,
        groups=groups(line, round),
        is_wide=is_wide(rule, counts_of(line.values, scale), scale),
        criterion=str(round.settings.criterion),
    )


def _is_beyond(line: Line, rule: RatingRule | None, scale: Scale) -> bool:
    """Does the verdict not follow from the answers shown: others, hidden or taken back since, were counted too?"""
    if rule is None or isinstance(rule, Majority):
        return False
    shown = {block: counts_of(row, scale) for block, row in line.by_block.items() if row.get("n")}
    return rule.decide_counts(shown, scale) is not line.decision


def _agreement(values: Mapping[str, Value], scale: Scale) -> float | None:
    """On three points two camps and an even spread look alike."""
    return _number(values.get("agreement")) if scale.is_graded else None


def _leaning(values: Mapping[str, Value]) -> Phrase:
    """Where no rule decides, nobody agreed on anything: only where the answers lie."""
    q1, q3 = values.get("q1"), values.get("q3")
    if isinstance(q1, Fraction | int) and isinstance(q3, Fraction | int):
        return middle_half(q1, q3)
    a = _number(values.get("agreement"))
    return sentence(Decision.UNDECIDED, box_of(values), a, floor=1, rule=None)


def groups(line: Line, round: Round) -> Groups:
    """The blocks that may be shown, and what the rule says of each by itself; nobody where it looks at no statement
    alone."""
    if not isinstance(round.rule, RatingRule) or isinstance(round.rule, Majority):
        return NOBODY
    scale: Scale = SCALES[round.settings.scale]
    rule = replace(round.rule, scope="pooled") if isinstance(round.rule, Share) else round.rule
    shown = {block.key: line.by_block.get(block.key, {}) for block in round.blocks}
    alone = {
        key: (box_of(row), rule.decide_counts({key: counts_of(row, scale)}, scale))
        for key, row in shown.items()
        if row.get("n")
    }
    return Groups(alone, is_whole=len(alone) == len(round.blocks))


def lacking(line: Line, round: Round) -> dict[str, Lack]:
    """What a share rule still needs to keep this statement, by block that lacks something ("": everyone together)."""
    if not isinstance(round.rule, Share) or line.decision is Decision.KEPT:
        return {}
    boxes = {key: box_of(row) for key, row in line.by_block.items()}
    return held_back(round.rule, boxes)


def threshold(round: Round) -> Limit:
    """The share of answers in the high band, in percent, from which on a block is shaded."""
    return round.rule.percent if isinstance(round.rule, Share) else USUAL


def reaches(row: Mapping[str, Value], round: Round) -> bool:
    """Do enough of these answers lie in the high band, by the rule's share or the usual one?"""
    box = box_of(row)
    return bool(meets(box.high, box.n, threshold(round)))


def agenda(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The statements to discuss first: the most divided ones, most divided first; equals in the order of the list.

    A statement that everybody answered alike is none of them.
    """
    agreement = [_number(line.values.get("agreement")) for line in lines]
    divided = sorted((a, place) for place, a in enumerate(agreement) if a is not None and a < 1)
    return tuple(lines[place] for _, place in divided[:MOST])


def counts(row: Mapping[str, Value], round: Round, prefix: str = "") -> dict[int, int]:
    """How many people gave each answer of the scale, to be drawn."""
    return dict(enumerate(counts_of(row, SCALES[round.settings.scale], prefix), 1))


def box_of(row: Mapping[str, Value]) -> Box:
    high, low, n = (int(row.get(name) or 0) for name in ("high", "low", "n"))
    return Box(high, low, n)


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | Fraction) else None
