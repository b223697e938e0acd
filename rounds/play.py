"""What a synthetic person needs to play any round: seeded chance, a phrase book, a lean on each statement.

A kind's own play.py says which forms such a person sends; rehearsals and tests send them. Nothing here is random by
itself: chance is handed in, seeded. Never used in a count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Protocol, TypeVar

from rounds.contract import By, Form, Statement

T = TypeVar("T")
Book = Sequence[Mapping[str, str]]  # sentences, each in every language of the session


class Chance(Protocol):
    """The part of random.Random that play uses."""

    def random(self) -> float: ...
    def randint(self, a: int, b: int, /) -> int: ...
    def choice(self, seq: Sequence[T], /) -> T: ...
    def sample(self, population: Sequence[T], k: int) -> list[T]: ...


def form(**fields: object) -> Form:
    """A form of single values; __ in a name stands for a dot."""
    return {name.replace("__", "."): [str(value)] for name, value in fields.items()}


class Draw(Protocol):
    def random(self) -> float: ...


def lean(statement: Statement, block: str | None, chance: Draw) -> float:
    """How much this person likes a statement, 0..1: most of it shared by all, some by the block, some their own."""
    text = statement.wordings[statement.original]
    return 0.55 * _fixed(text) + 0.25 * _fixed(f"{block}|{text}") + 0.2 * chance.random()


def _fixed(text: str) -> float:
    return int(sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def said(by: By, en: str, fr: str) -> str:
    """What this person writes, in the language they read."""
    return fr if by.language == "fr" else en


def translated(text: str, language: str, book: Book) -> str:
    """The sentence in another language as the book has it, or itself, marked, where the book does not know it."""
    for sentence in book:
        if text in sentence.values():
            return sentence[language]
    return f"{text} ({language})"
