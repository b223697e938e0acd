"""What people read of a rating: one plain sentence, what a verdict still lacks, what to discuss first.

Everything here follows from the figures of a line, so that it may be said wherever they may be shown. Keys and values
only, no sentence; no figure is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from rounds.contract import Decision, Line, Round, Value
from rounds.measures.phrases import Phrase, middle_half, sentence, too_few
from rounds.rating.scales import SCALES, Scale, counts_of
from rounds.rules import Box, Lack, Majority, RatingRule, Share, held_back, meets

USUAL = 75  # percent: what is shaded where no share decides
MOST = 5  # statements that a group can discuss before it is tired


def said(line: Line, round: Round, floor: int) -> Phrase:
    """The one sentence that stands beside a distribution. floor: answers under which nothing is said."""
    box = box_of(line.values)
    if box.n < max(1, floor):
        return too_few()
    if line.decision is None:
        return _leaning(line.values)
    held = None if Decision.UNDECIDED is line.decision else apart(line, round)
    graded = SCALES[round.settings.scale].is_graded  # on three points two camps and an even spread look alike
    a = line.values.get("agreement") if graded else None
    criterion = str(round.settings.criterion)
    return sentence(line.decision, box, _number(a), enough=True, holding_back=held, criterion=criterion)


def _leaning(values: Mapping[str, Value]) -> Phrase:
    """Where no rule decides, nobody agreed on anything: only where the answers lie."""
    q1, q3 = values.get("q1"), values.get("q3")
    if isinstance(q1, Fraction | int) and isinstance(q3, Fraction | int):
        return middle_half(q1, q3)
    return sentence(Decision.UNDECIDED, box_of(values), _number(values.get("agreement")), enough=True)


def apart(line: Line, round: Round) -> tuple[str, ...] | None:
    """The blocks that do not come to this verdict by themselves; None where there is one block, where a block is too
    small to be shown, or where the rule looks at no statement alone."""
    if not isinstance(round.rule, RatingRule) or isinstance(round.rule, Majority) or len(round.blocks) < 2:
        return None
    if any(not line.by_block.get(block.key, {}).get("n") for block in round.blocks):
        return None
    rule = replace(round.rule, scope="pooled") if isinstance(round.rule, Share) else round.rule
    scale: Scale = SCALES[round.settings.scale]
    alone = {key: rule.decide_counts({key: counts_of(row, scale)}, scale) for key, row in line.by_block.items()}
    return tuple(block.key for block in round.blocks if alone[block.key] is not line.decision)


def lacking(line: Line, round: Round) -> dict[str, Lack]:
    """What a share rule still needs to keep this statement, by block that lacks something ("": everyone together)."""
    if not isinstance(round.rule, Share) or line.decision is Decision.KEPT:
        return {}
    boxes = {key: box_of(row) for key, row in line.by_block.items()}
    return held_back(round.rule, boxes)


def reaches(row: Mapping[str, Value], round: Round) -> bool:
    """Do enough of these answers lie in the high band, by the rule's share or the usual one?"""
    box, rule = box_of(row), round.rule
    return bool(meets(box.high, box.n, rule.percent if isinstance(rule, Share) else USUAL))


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
