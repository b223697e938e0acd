"""Rating: each person scores each statement alone, on one or two criteria.

"I don't know" is an answer of its own: counted, shown, never in a denominator. A statement that a person did not
answer is simply absent. Figures come from one table of counts: n[block, card, criterion, value].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Decision,
    Form,
    Line,
    Marks,
    Place,
    Role,
    Round,
    Tally,
    Value,
    no_findings,
    one,
)
from rounds.rating.play import play as play
from rounds.rules import Box, Share

cast_by = frozenset({Role.PARTICIPANT})
ordered = False
disclosure = "facilitator"
analyse = no_findings

DONT_KNOW = "dont_know"


@dataclass(frozen=True, slots=True)
class Scale:
    """values: 1..top. low and high: the opposite bands, both ends included; what lies between is the middle."""

    top: int
    low: tuple[int, int]
    high: tuple[int, int]
    is_graded: bool = True  # a median makes sense


SCALES = {
    "1-9": Scale(9, (1, 3), (7, 9)),
    "1-7": Scale(7, (1, 2), (6, 7)),
    "1-5": Scale(5, (1, 2), (4, 5)),
    "agree": Scale(3, (1, 1), (3, 3), is_graded=False),  # 1 disagree, 2 pass, 3 agree
}
CRITERIA = ("importance", "feasibility", "agreement", "clarity")


@dataclass(frozen=True, slots=True)
class Settings:
    """scale: the answers offered. criterion: what is asked. second: another criterion on the same scale, or none.

    reason: people may say why. rotate: each person meets the cards from another starting point.
    """

    scale: str = "1-9"
    criterion: str = "importance"
    second: str = ""
    reason: bool = True
    rotate: bool = True

    choices = {"scale": tuple(SCALES), "criterion": CRITERIA, "second": ("", *CRITERIA)}

    def __post_init__(self) -> None:
        for name, offered in type(self).choices.items():
            if getattr(self, name) not in offered:
                raise BallotError("bad_setting", name=name, value=getattr(self, name))
        if self.second == self.criterion:
            raise BallotError("same_criterion")

    @property
    def criteria(self) -> tuple[str, ...]:
        return (self.criterion, self.second) if self.second else (self.criterion,)


FIGURES = ("n", "dont_know", "low", "mid", "high", "median", "q1", "q3")


def columns(settings: Settings) -> tuple[Column, ...]:
    graded = SCALES[settings.scale].is_graded
    names = [name for name in FIGURES if graded or name not in {"median", "q1", "q3"}]
    prefixes = ["", "second_"] if settings.second else [""]
    figures = [Column(prefix + name) for prefix in prefixes for name in names]
    return (*figures, Column("decision", verdict=True, by_block=False))


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One card: a value or "I don't know" for the first criterion; the second may be left open."""
    settings: Settings = round.settings
    card = one(form, "card")
    if card not in {s.id for s in round.statements}:
        raise BallotError("no_such_card", card=card)
    values: dict[str, int | str] = {}
    for criterion in settings.criteria:
        text = one(form, criterion)
        if text == DONT_KNOW:
            values[criterion] = DONT_KNOW
        elif text.isdecimal() and len(text) < 4 and 1 <= int(text) <= SCALES[settings.scale].top:
            values[criterion] = int(text)
        elif text:
            raise BallotError("off_scale", value=text[:20], top=SCALES[settings.scale].top)
    if settings.criterion not in values:
        raise BallotError("choose_one")
    reason = one(form, "reason")[:2000] if settings.reason else ""
    return {"card": card, "values": values, "reason": reason}


def slot(marks: Marks) -> str | None:
    return str(marks["card"])


def start(round: Round) -> Counter[tuple[str, str, str, int | str]]:
    return Counter()


def add(count: Counter[tuple[str, str, str, int | str]], ballot: Ballot, sign: int) -> None:
    for criterion, value in ballot.marks["values"].items():
        count[str(ballot.block), ballot.marks["card"], criterion, value] += sign


def tally(count: Counter[tuple[str, str, str, int | str]], round: Round) -> Tally:
    settings: Settings = round.settings
    tables: dict[tuple[str, str, str], dict[int | str, int]] = {}
    for (block, card, criterion, value), n in count.items():
        if n:
            tables.setdefault((card, criterion, block), {})[value] = n
    lines = tuple(_line(statement.id, tables, round) for statement in round.statements)
    places = {line.statement: Place(zone=line.decision or Decision.UNDECIDED) for line in lines}
    return Tally(lines, round.statements, places, more={"scale": SCALES[settings.scale]})


def _line(card: str, tables: Mapping[tuple[str, str, str], dict[int | str, int]], round: Round) -> Line:
    settings: Settings = round.settings
    scale = SCALES[settings.scale]
    values: dict[str, Value] = {}
    by_block: dict[str, dict[str, Value]] = {block.key: {} for block in round.blocks}
    for prefix, criterion in zip(("", "second_"), settings.criteria, strict=False):
        whole: Counter[int | str] = Counter()
        for block in round.blocks:
            table = tables.get((card, criterion, block.key), {})
            whole.update(table)
            by_block[block.key].update(_figures(table, scale, prefix))
        values.update(_figures(whole, scale, prefix))
    decision = _decide(by_block, round)
    values["decision"] = decision
    return Line(card, values, by_block, decision)


def _figures(table: Mapping[int | str, int], scale: Scale, prefix: str) -> dict[str, Value]:
    """Figures of one table of counts; a median or quartile without answers is None."""
    graded = {value: n for value, n in table.items() if isinstance(value, int)}
    n = sum(graded.values())
    low, high = (sum(graded.get(v, 0) for v in range(a, b + 1)) for a, b in (scale.low, scale.high))
    figures: dict[str, Value] = {"n": n, "dont_know": table.get(DONT_KNOW, 0)}
    figures.update(low=low, mid=n - low - high, high=high)
    if scale.is_graded:
        quarters = ((Fraction(1, 2), "median"), (Fraction(1, 4), "q1"), (Fraction(3, 4), "q3"))
        figures.update({name: quantile(graded, share) for share, name in quarters})
    return {prefix + name: value for name, value in figures.items()}


def quantile(table: Mapping[int, int], share: Fraction) -> Fraction | None:
    """Quantile of counted values by linear interpolation (Hyndman & Fan 1996, type 7, doi 10.2307/2684934).

    table: value -> how many gave it. Exact; None without answers.
    """
    n = sum(table.values())
    if not n:
        return None
    below, rest = divmod(share.numerator * (n - 1), share.denominator)
    lower = _nth(table, below)
    return Fraction(lower) if not rest else lower + Fraction(rest, share.denominator) * (_nth(table, below + 1) - lower)


def _nth(table: Mapping[int, int], place: int) -> int:
    """The value at this place, from 0, of all answers in order."""
    for value in sorted(table):
        place -= table[value]
        if place < 0:
            return value
    raise IndexError(place)


def _decide(by_block: Mapping[str, Mapping[str, Value]], round: Round) -> Decision | None:
    if not isinstance(round.rule, Share):
        return None
    boxes = {
        key: Box(high=_whole(row["high"]), low=_whole(row["low"]), n=_whole(row["n"])) for key, row in by_block.items()
    }
    return round.rule.decide(boxes)


def _whole(value: Value) -> int:
    assert isinstance(value, int)
    return value


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return tuple(statement.id for statement in round.statements)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return cards * 15 * len(settings.criteria)


def answers(marks: Marks) -> Iterable[Answer]:
    values: Mapping[str, Any] = marks["values"]
    for place, (criterion, value) in enumerate(values.items()):
        yield Answer(marks["card"], criterion, value, marks.get("reason", "") if place == 0 else "")
