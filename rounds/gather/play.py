"""How a synthetic person writes: a few sentences of the book, in their own language, one taken back now and then."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, form


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    written = chance.sample(range(len(book)), min(chance.randint(2, 4), round.settings.limit, len(book)))
    for card, number in enumerate(written, 1):
        nature = chance.choice(("helps", "hinders", "next_step", ""))
        yield form(card=card, text=book[number][by.language][: round.settings.length], nature=nature)
    if chance.random() < 0.1 and len(written) > 2:
        yield form(card=len(written), take_back=1)
