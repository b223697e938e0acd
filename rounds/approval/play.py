"""How a synthetic person chooses: what they lean to most; now and then fewer, where that is allowed."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.approval.reading import limit
from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, lean


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    if not round.statements:
        return
    liked = {statement.id: lean(statement, by.block, chance) for statement in round.statements}
    most = limit(round)
    number = chance.randint(1, most) if round.settings.fewer and chance.random() < 0.3 else most
    yield {f"choose.{card}": ["1"] for card in sorted(liked, key=lambda card: -liked[card])[:number]}
