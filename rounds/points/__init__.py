"""Points: each person shares out one sum over the statements, alone (constant sum).

The list is in the order of the points that all people gave together. A statement that a person leaves empty gets 0
from them: every ballot says something of every statement. Equal points share a rank. At equal weight per block the
order is that of the mean of the blocks' mean points. How sure each place is, and how the points lie, is worked out at
the close (findings.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

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
    Tally,
    Value,
    number_in,
    one,
)
from rounds.kind import Kind
from rounds.listing import leaves, tally_of
from rounds.points import reading
from rounds.points.findings import analyse
from rounds.points.play import play
from rounds.points.reading import limit, sum_of

MOST_POINTS = 1000
# (block, statement, sum) -> number. Of a statement: points, given (people who gave it any). Of a block, under
# statement "": n (ballots), points.
Sums = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """total: the points that each person has, 10 to 1000. spend_all: they give all of them.

    most: points that one statement may get from one person; 0: as many as they like.
    """

    total: int = 100
    spend_all: bool = True
    most: int = 0

    def __post_init__(self) -> None:
        if not 10 <= self.total <= MOST_POINTS:
            raise BallotError("bad_total", name="total", value=self.total, most=MOST_POINTS)
        if not 0 <= self.most <= self.total:
            raise BallotError("bad_most", name="most", value=self.most, total=self.total)


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("rank", verdict=True, by_block=False),
        Column("rank_balanced", verdict=True, by_block=False),
        Column("points"),
        Column("share", orders=True, is_share=True),
        Column("mean"),
        Column("given"),
        Column("n"),
        Column("decision", verdict=True, by_block=False),
    )


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """Whole points, one field a statement; empty is 0."""
    known = {statement.id for statement in round.statements}
    given: dict[str, int] = {}
    for field in form:
        card = field.removeprefix("points.")
        text = one(form, field)
        if card == field or not text:
            continue
        if card not in known:
            raise BallotError("no_such_card", card=card)
        value = number_in(text, digits=5)
        if value is None or not text.isascii():
            raise BallotError("not_whole", value=text[:20], card=card)
        if value > limit(round):
            raise BallotError("too_much", value=value, card=card, most=limit(round))
        if value:
            given[card] = value
    _check(sum(given.values()), sum_of(round), round.settings.spend_all)
    return {"points": dict(sorted(given.items()))}


def _check(spent: int, total: int, spend_all: bool) -> None:
    if not spent:
        raise BallotError("give_some")
    if spent > total:
        raise BallotError("too_many", n=spent - total, total=total)
    if spend_all and spent < total:
        raise BallotError("some_left", n=total - spent, total=total)


def slot(marks: Marks) -> str | None:
    return ""


def parts(marks: Marks) -> Mapping[str, bool]:
    """A saved ballot is an answer, whole."""
    return {"": True}


def start(round: Round) -> Sums:
    return Counter()


def add(count: Sums, ballot: Ballot, sign: int) -> None:
    block = str(ballot.block)
    count[block, "", "n"] += sign
    for card, points in ballot.marks["points"].items():
        count[block, "", "points"] += sign * points
        count[block, card, "points"] += sign * points
        count[block, card, "given"] += sign


def tally(count: Sums, round: Round) -> Tally:
    def sums(block: str, card: str) -> dict[str, int]:
        own = {name: count[block, card, name] for name in ("points", "given")}
        return own | {"n": count[block, "", "n"], "all": count[block, "", "points"]}

    return tally_of(round, sums, _figures, by="mean", highest_first=True)


def _figures(sums: Mapping[str, int]) -> dict[str, Value]:
    """share and mean are None without a ballot."""
    points, n = sums["points"], sums["n"]
    share, mean = (Fraction(points, sums["all"]), Fraction(points, n)) if n else (None, None)
    return {"points": points, "share": share, "mean": mean, "given": sums["given"], "n": n}


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ("",)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return 40 + 10 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    """A row for each statement that got points."""
    for card, points in marks["points"].items():
        yield Answer(card, "points", points)


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
    fewest_told=5,  # an order of fewer people can be told apart
    parts=parts,
    leaves=leaves,
    analyse=analyse,
)
