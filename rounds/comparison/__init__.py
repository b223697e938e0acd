"""Comparison: of a few statements at a time each person says which matters most and which least (best-worst scaling).

The sets are made of the frozen statements by a fixed design (design.py), the same for everybody. A statement's score
is how often it was chosen as most less how often as least; per_showing divides it by how often it was shown to people
who then chose, so that a statement that lay in one set more is no better off. The list is in that order; equal scores
share a rank (case 1 counting: Louviere, Flynn & Marley, doi 10.1017/CBO9781107337855). "I cannot say" of a set is an
answer of its own: counted, shown, never in a denominator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from rounds.comparison import reading
from rounds.comparison.design import how_many as number_of
from rounds.comparison.design import sets_of
from rounds.comparison.findings import analyse
from rounds.comparison.play import play
from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Form,
    Marks,
    Role,
    Round,
    Statement,
    Tally,
    Value,
    one,
)
from rounds.kind import Kind
from rounds.listing import leaves, tally_of

SIZES, APPEARANCES = (3, 5), (2, 6)  # at least, at most
PACE = 20  # seconds for one set
SUMS = ("best", "worst", "shown", "cannot_say")


@dataclass(frozen=True, slots=True)
class Settings:
    """size: statements in a set. appearances: in how many sets each lies. rotate: everybody meets them in another
    order."""

    size: int = 4
    appearances: int = 3
    rotate: bool = True

    def __post_init__(self) -> None:
        for name, value, (least, most) in (("size", self.size, SIZES), ("appearances", self.appearances, APPEARANCES)):
            if not least <= value <= most:
                raise BallotError(f"bad_{name}", name=name, value=value, least=least, most=most)


@dataclass(frozen=True, slots=True)
class Set:
    """The statements that lie together. id: its number, from 1."""

    id: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """sums: (block, statement, one of SUMS) -> number, and n: people who chose. chose: (block, statement, seat) -> sets
    in which they chose."""

    sums: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    chose: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("rank", verdict=True, by_block=False),
        Column("rank_balanced", verdict=True, by_block=False),
        Column("per_showing", orders=True, is_share=True),
        Column("score"),
        Column("best"),
        Column("worst"),
        Column("shown"),
        Column("cannot_say"),
        Column("n"),
        Column("decision", verdict=True, by_block=False),
    )


def is_rotated(settings: Settings) -> bool:
    return settings.rotate


def how_many(settings: Settings, statements: int) -> int:
    return number_of(statements, settings.size, settings.appearances)


def cards(round: Round) -> tuple[Set, ...]:
    known = {statement.id: statement for statement in round.statements}
    sets = sets_of(tuple(known), round.settings.size, round.settings.appearances)
    return tuple(Set(str(number), tuple(known[card] for card in each)) for number, each in enumerate(sets, start=1))


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One set: the most and the least important of it, or that one cannot say. shown: what lay in it."""
    here = next((each for each in cards(round) if each.id == one(form, "card")), None)
    if here is None:
        raise BallotError("no_such_set", card=one(form, "card")[:20])
    shown = [statement.id for statement in here.statements]
    marks = {"set": here.id, "shown": shown}
    if one(form, "cannot_say"):
        return {**marks, "best": None, "worst": None}
    best, worst = one(form, "best"), one(form, "worst")
    for card in (best, worst):
        if card and card not in shown:
            raise BallotError("not_in_set", card=card[:20])
    if not (best and worst):
        raise BallotError("choose_most" if worst else "choose_least" if best else "choose_both")
    if best == worst:
        raise BallotError("same_twice", card=best)
    return {**marks, "best": best, "worst": worst}


def slot(marks: Marks) -> str | None:
    return str(marks["set"])


def parts(marks: Marks) -> Mapping[str, bool]:
    """That one cannot say is no choice."""
    return {"": marks["best"] is not None}


def start(round: Round) -> Sums:
    return Sums()


def add(count: Sums, ballot: Ballot, sign: int) -> None:
    block, marks = str(ballot.block), ballot.marks
    for card in marks["shown"]:
        count.sums[block, card, "shown" if marks["best"] else "cannot_say"] += sign
        if marks["best"]:
            before = count.chose[block, card, ballot.seat]
            count.chose[block, card, ballot.seat] += sign
            count.sums[block, card, "n"] += bool(before + sign) - bool(before)
    if marks["best"]:
        count.sums[block, marks["best"], "best"] += sign
        count.sums[block, marks["worst"], "worst"] += sign


def tally(count: Sums, round: Round) -> Tally:
    def sums(block: str, card: str) -> dict[str, int]:
        return {name: count.sums[block, card, name] for name in (*SUMS, "n")}

    return tally_of(round, sums, _figures, by="per_showing", highest_first=True)


def _figures(sums: Mapping[str, int]) -> dict[str, Value]:
    """n: people who chose in a set with it. score and per_showing are None where nobody did."""
    shown, score = sums["shown"], sums["best"] - sums["worst"]
    figures: dict[str, Value] = {name: sums[name] for name in (*SUMS, "n")}
    return {**figures, "score": score if shown else None, "per_showing": Fraction(score, shown) if shown else None}


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return tuple(each.id for each in cards(round))


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return PACE * how_many(settings, cards)


def answers(marks: Marks) -> Iterable[Answer]:
    """A row for each statement of the set: most, least, between, or cannot_say of all."""
    said = {marks["best"]: "most", marks["worst"]: "least"} if marks["best"] else {}
    for card in marks["shown"]:
        yield Answer(card, f"set {marks['set']}", said.get(card, "between") if said else "cannot_say")


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
    fewest=2,  # one against another
    is_rotated=is_rotated,
    cards=cards,
    how_many=how_many,
    fewest_told=5,  # an order of fewer people can be told apart
    parts=parts,
    leaves=leaves,
    analyse=analyse,
)
