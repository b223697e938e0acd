"""Rating: each person scores each statement alone, on one or two criteria.

"I don't know" is an answer of its own: counted, shown, never in a denominator. A statement that a person did not
answer is simply absent. Figures come from one table of counts: n[block, card, criterion, value]. A second round on
the same statements may give feedback: one's own earlier answer, and how each block answered then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache
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
    number_in,
    one,
)
from rounds.kind import Kind
from rounds.measures.describe import HALF, QUARTER, exact_quantile_set, table_of
from rounds.measures.spread import eijk
from rounds.rating import flags, reading
from rounds.rating.findings import across, analyse, by_order
from rounds.rating.opinions import as_votes
from rounds.rating.play import play
from rounds.rating.scales import SCALES, Scale, counts_of, votes
from rounds.rules import RatingRule, Rule, decide_all
from rounds.written import LONGEST, written

DONT_KNOW = "dont_know"

CRITERIA = ("importance", "feasibility", "agreement", "clarity", "appropriateness")
CHOICES = {"scale": tuple(SCALES), "criterion": CRITERIA, "second": ("", *CRITERIA)}


@dataclass(frozen=True, slots=True)
class Settings:
    """scale: the answers offered. criterion: what is asked. second: another criterion on the same scale, or none.

    reason: people may say why. rotate: each person meets the cards in another order. feedback: each card
    shows the reader's own answer in the rating round before, and how every block answered there. flags: how many
    statements a person may mark as what matters most to them; 0: none.
    """

    scale: str = "1-9"
    criterion: str = "importance"
    second: str = ""
    reason: bool = True
    rotate: bool = True
    feedback: bool = False
    flags: int = 0

    def __post_init__(self) -> None:
        for name, value in (("scale", self.scale), ("criterion", self.criterion), ("second", self.second)):
            if value not in CHOICES[name]:
                raise BallotError("bad_setting", name=name, value=value)
        if self.second == self.criterion:
            raise BallotError("same_criterion")
        if self.flags:
            flags.checked(self.flags)

    @property
    def criteria(self) -> tuple[str, ...]:
        return (self.criterion, self.second) if self.second else (self.criterion,)


def is_rotated(settings: Settings) -> bool:
    return settings.rotate


def has_feedback(settings: Settings) -> bool:
    return settings.feedback


def scale_of(settings: Settings) -> Scale:
    return SCALES[settings.scale]


QUARTILES = {"median": HALF, "q1": QUARTER, "q3": 1 - QUARTER}
BOXES = ("n", "dont_know", "low", "mid", "high")


def columns(settings: Settings) -> tuple[Column, ...]:
    """v1, v2, ... are the counts of each answer; agreement is van der Eijk's A, which the recount leaves alone."""
    scale = scale_of(settings)
    names = [*BOXES, *(QUARTILES if scale.is_graded else ()), *votes(scale)]
    figures: list[Column] = []
    for prefix, criterion in zip(("", "second_"), settings.criteria, strict=False):
        figures += [Column(prefix + name, part=criterion) for name in names]
        figures.append(Column(prefix + "agreement", counted=False, by_block=False, part=criterion))
    if settings.flags:
        figures += flags.columns(settings.flags)
    return (*figures, Column("decision", verdict=True, by_block=False, part=settings.criterion))


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One card: a value or "I don't know" for the first criterion; the second may be left open."""
    settings: Settings = round.settings
    if flags.FLAGS in form:
        return flags.read(form, round)
    card = one(form, "card")
    if card not in round.ids:
        raise BallotError("no_such_card", card=card)
    values: dict[str, int | str] = {}
    for criterion in settings.criteria:
        text = one(form, criterion)
        if text == DONT_KNOW:
            values[criterion] = DONT_KNOW
        elif (value := number_in(text, digits=3)) and value <= scale_of(settings).top:
            values[criterion] = value
        elif text:
            raise BallotError("off_scale", value=text[:20], top=scale_of(settings).top)
    if settings.criterion not in values:
        raise BallotError("choose_one")
    reason = written(form, "reason", LONGEST) if settings.reason else ""
    return {"card": card, "values": values, "reason": reason}


def slot(marks: Marks) -> str | None:
    return flags.FLAGS if flags.FLAGS in marks else str(marks["card"])


def parts(marks: Marks) -> Mapping[str, bool]:
    """The criteria that are answered; "I don't know" is an answer without a value."""
    if flags.FLAGS in marks:
        return {flags.FLAGS: True}
    return {criterion: value != DONT_KNOW for criterion, value in marks["values"].items()}


def cut(marks: Marks, parts: Set[str]) -> Marks:
    """A reason is told with the first criterion, to which it was written. Flags are one part, whole."""
    if flags.FLAGS in marks:
        return marks
    values = {criterion: value for criterion, value in marks["values"].items() if criterion in parts}
    return {**marks, "values": values, "reason": marks["reason"] if next(iter(marks["values"])) in parts else ""}


def start(round: Round) -> Counter[tuple[str, str, str, int | str]]:
    return Counter()


def add(count: Counter[tuple[str, str, str, int | str]], ballot: Ballot, sign: int) -> None:
    if flags.FLAGS in ballot.marks:
        for key in flags.keys(str(ballot.block), ballot.marks):
            count[key] += sign
    for criterion, value in ballot.marks["values"].items():
        count[str(ballot.block), ballot.marks["card"], criterion, value] += sign


def tally(count: Counter[tuple[str, str, str, int | str]], round: Round) -> Tally:
    scale = scale_of(round.settings)
    tables: dict[tuple[str, str, str], list[int]] = {}
    for (block, card, criterion, value), n in count.items():
        if criterion == flags.FLAGS:
            continue
        row = tables.setdefault((card, criterion, block), [0] * (scale.top + 1))
        row[value if isinstance(value, int) else 0] += n
    bare = [_flagged(_line(statement.id, tables, round), count, round) for statement in round.statements]
    decisions = _decide(bare, round, scale)
    lines = tuple(_decided(line, decisions.get(line.statement)) for line in bare)
    places = {line.statement: Place(zone=line.decision or Decision.UNDECIDED) for line in lines}
    return Tally(lines, round.statements, places, more={"scale": scale})


def _line(card: str, tables: Mapping[tuple[str, str, str], list[int]], round: Round) -> Line:
    """tables: how many do not know, answered 1, 2, ... top, by card, criterion and block."""
    settings: Settings = round.settings
    scale = scale_of(settings)
    nothing = [0] * (scale.top + 1)
    values: dict[str, Value] = {}
    by_block: dict[str, dict[str, Value]] = {block.key: {} for block in round.blocks}
    for prefix, criterion in zip(("", "second_"), settings.criteria, strict=False):
        rows = {block.key: tables.get((card, criterion, block.key), nothing) for block in round.blocks}
        for key, row in rows.items():
            by_block[key].update(_figures(tuple(row), scale, prefix))
        whole = tuple(map(sum, zip(nothing, *rows.values(), strict=True)))
        values.update(_figures(whole, scale, prefix))
        values[prefix + "agreement"] = _agreement(whole[1:])
    return Line(card, values, by_block)


def _flagged(line: Line, count: flags.Counts, round: Round) -> Line:
    if not round.settings.flags:
        return line
    by_block = {block.key: flags.figures(count, block.key, line.statement) for block in round.blocks}
    whole = {name: sum(row[name] for row in by_block.values()) for name in ("flagged", "flag_n")}
    merged = {key: {**line.by_block[key], **row} for key, row in by_block.items()}
    return replace(line, values={**line.values, **whole}, by_block=merged)


@lru_cache(maxsize=8192)  # a vote changes one block of one card: all other figures are those of a moment ago
def _figures(row: tuple[int, ...], scale: Scale, prefix: str) -> Mapping[str, Value]:
    """Figures of one table of counts; a median or quartile without answers is None."""
    unknown, *counts = row
    n = sum(counts)
    low, high = (sum(counts[first - 1 : last]) for first, last in (scale.low, scale.high))
    figures: dict[str, Value] = {"n": n, "dont_know": unknown, "low": low, "mid": n - low - high, "high": high}
    if scale.is_graded:
        found = exact_quantile_set(table_of(counts), tuple(QUARTILES.values()))
        figures.update(dict(zip(QUARTILES, found, strict=True)))
    figures.update(dict(zip(votes(scale), counts, strict=True)))
    return {prefix + name: value for name, value in figures.items()}


@lru_cache(maxsize=8192)
def _agreement(counts: tuple[int, ...]) -> Value:
    return eijk(counts).value  # type: ignore[no-any-return]


def _decide(lines: Iterable[Line], round: Round, scale: Scale) -> dict[str, Decision]:
    """By statement; {} without a rule on ratings. Only the first criterion decides."""
    if not isinstance(round.rule, RatingRule):
        return {}
    rows = {line.statement: {block: counts_of(row, scale) for block, row in line.by_block.items()} for line in lines}
    return decide_all(round.rule, rows, scale)


def _decided(line: Line, decision: Decision | None) -> Line:
    return replace(line, values={**line.values, "decision": decision}, decision=decision)


def leaves(settings: Settings, rule: Rule | None) -> tuple[str, ...]:
    return (Decision.KEPT, Decision.UNDECIDED, Decision.DROPPED) if rule else ()


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return tuple(statement.id for statement in round.statements)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return cards * 15 * len(settings.criteria)


def answers(marks: Marks) -> Iterable[Answer]:
    for card in marks.get(flags.FLAGS, ()):
        yield Answer(card, "flag", 1)
    values: Mapping[str, Any] = marks["values"]
    for place, (criterion, value) in enumerate(values.items()):
        yield Answer(marks["card"], criterion, value, marks.get("reason", "") if place == 0 else "")


KIND = Kind(
    cast_by=frozenset({Role.PARTICIPANT}),
    disclosure="at_close",
    Settings=Settings,
    columns=columns,
    read=read,
    slot=slot,
    start=start,
    add=add,
    tally=tally,
    asked=asked,
    leftover=leftover,
    seconds=seconds,
    answers=answers,
    play=play,
    reading=reading,
    choices=CHOICES,
    is_rotated=is_rotated,
    has_feedback=has_feedback,
    scale=scale_of,
    parts=parts,
    cut=cut,
    leaves=leaves,
    analyse=analyse,
    across=across,
    by_order=by_order,
    as_votes=as_votes,
)
