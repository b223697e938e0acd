"""Gather: people write proposals alone, one idea a card; nobody sees another's before the round closes.

A proposal keeps its writer's words, untouched. Its number depends on the texts alone, so that it tells neither who
wrote nor when. Never add here: an author, a time, or anything that reads meaning into a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Form,
    Marks,
    Place,
    Role,
    Round,
    Statement,
    Tally,
    number_in,
    one,
)
from rounds.gather import reading
from rounds.gather.play import play
from rounds.kind import Kind
from rounds.written import written

NATURES = ("helps", "hinders", "next_step")
Card = tuple[str, str, str, str]  # block, text, language, nature


@dataclass(frozen=True, slots=True)
class Settings:
    """limit: cards a person, 1..50. length: characters a card, 20..1000. nature: ask what sort of idea it is."""

    limit: int = 10
    length: int = 200
    nature: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= 50:
            raise BallotError("bad_limit", value=self.limit)
        if not 20 <= self.length <= 1000:
            raise BallotError("bad_length", value=self.length)


def columns(settings: Settings) -> tuple[Column, ...]:
    return ()


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One of a person's own cards: its text, or "" where it is taken back. BallotError where it cannot be taken."""
    settings: Settings = round.settings
    marks = {"card": _card(form, settings), "text": "", "lang": by.language, "nature": ""}
    if one(form, "take_back") == "1":
        return marks
    return marks | {"text": _text(form, settings), "nature": _nature(form) if settings.nature else ""}


def _card(form: Form, settings: Settings) -> str:
    card = number_in(one(form, "card"), digits=8)
    if not card:
        raise BallotError("no_such_card", card=one(form, "card"))
    if card > settings.limit:
        raise BallotError("too_many_cards", limit=settings.limit)
    return str(card)


def _text(form: Form, settings: Settings) -> str:
    text = written(form, "text", settings.length)
    if not text:
        raise BallotError("empty")
    return text


def _nature(form: Form) -> str:
    nature = one(form, "nature")
    if nature and nature not in NATURES:
        raise BallotError("unknown_nature", value=nature)
    return nature


def slot(marks: Marks) -> str | None:
    return str(marks["card"])


def start(round: Round) -> Counter[Card]:
    return Counter()


def add(count: Counter[Card], ballot: Ballot, sign: int) -> None:
    marks = ballot.marks
    if not marks["text"]:
        return
    card = (str(ballot.block), marks["text"], marks["lang"], marks["nature"])
    count[card] += sign
    if not count[card]:
        del count[card]


def tally(count: Counter[Card], round: Round) -> Tally:
    written = sorted((card[1:] for card in count.elements()), key=_order)
    statements = tuple(
        Statement(f"P{number:03}", {lang: text}, lang, nature=nature)
        for number, (text, lang, nature) in enumerate(written, start=1)
    )
    return Tally((), statements, {s.id: Place("written", how="written") for s in statements})


def _order(card: tuple[str, str, str]) -> tuple[str, tuple[str, str, str]]:
    """By a digest of the text: an order that nobody chose, with identical texts side by side."""
    return sha256(card[0].encode("utf-8", "surrogatepass")).hexdigest(), card


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ()


def slots(round: Round, own: Mapping[str, Marks]) -> dict[str, bool]:
    """Every card that this person may write, though none is asked for, and whether it is written."""
    cards = [str(card) for card in range(1, round.settings.limit + 1)]
    return {card: bool(own.get(card, {}).get("text")) for card in cards}


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None if now.statements else BallotError("no_proposal")


def seconds(settings: Settings, cards: int) -> int:
    return settings.limit * 40


def answers(marks: Marks) -> Iterable[Answer]:
    """One row a card; no statement, because the number of a proposal must not lead back to its writer."""
    if marks["text"]:
        yield Answer("", f"card.{marks['card']}", marks["nature"] or None, marks["text"])


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
    fewest=0,  # people write them here
    slots=slots,
)
