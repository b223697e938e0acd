"""How a synthetic person compares: what they lean to most and least of each set, now and then without knowing."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.comparison.design import sets_of
from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, form, lean


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    known = {statement.id: statement for statement in round.statements}
    sets = sets_of(tuple(known), round.settings.size, round.settings.appearances)
    for number, shown in enumerate(sets, start=1):
        liked = {card: lean(known[card], by.block, chance) for card in shown}
        if chance.random() < 0.04:
            yield form(card=number, cannot_say=1)
        else:
            yield form(card=number, best=max(liked, key=lambda c: liked[c]), worst=min(liked, key=lambda c: liked[c]))
