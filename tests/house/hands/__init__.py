"""A show of hands: each person raises a hand for a card, or does not. Planted by a test; never part of the product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rounds.contract import (
    Answer,
    BallotError,
    By,
    Column,
    Form,
    Line,
    Marks,
    Place,
    Role,
    Round,
    Tally,
    one,
)
from rounds.kind import Kind
from rounds.play import Book, Chance, form


@dataclass(frozen=True, slots=True)
class Settings:
    enough: int = 3


def columns(settings: Settings) -> tuple[Column, ...]:
    return (Column("up"), Column("n"))


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    if one(form, "hand") not in {"up", "down"}:
        raise BallotError("up_or_down")
    return {"card": one(form, "card"), "hand": one(form, "hand")}


def slot(marks: Marks) -> str | None:
    return str(marks["card"])


def start(round: Round) -> Counter[tuple[str, str, str]]:
    return Counter()


def add(count: Counter[tuple[str, str, str]], ballot: object, sign: int) -> None:
    count[ballot.block, ballot.marks["card"], ballot.marks["hand"]] += sign


def tally(count: Counter[tuple[str, str, str]], round: Round) -> Tally:
    lines = []
    for card in round.statements:
        by_block = {}
        for block in round.blocks:
            up, down = (count[block.key, card.id, hand] for hand in ("up", "down"))
            by_block[block.key] = {"up": up, "n": up + down}
        whole = {name: sum(row[name] for row in by_block.values()) for name in ("up", "n")}
        lines.append(Line(card.id, whole, by_block))
    enough = round.settings.enough
    places = {line.statement: Place("enough" if line.values["up"] >= enough else "few") for line in lines}
    return Tally(tuple(lines), round.statements, places)


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return tuple(card.id for card in round.statements)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return 5 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    yield Answer(marks["card"], "hand", marks["hand"])


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    for card in round.statements:
        yield form(card=card.id, hand=chance.choice(("up", "down")))


KIND = Kind(
    cast_by=frozenset({Role.PARTICIPANT}),
    disclosure="live",
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
)
