"""How a synthetic person ranks: the cards they lean to most, now and then a tie, now and then fewer places."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, lean


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    liked = {statement.id: lean(statement, by.block, chance) for statement in round.statements}
    best = sorted(liked, key=lambda card: -liked[card])[: max(1, round.settings.top - (chance.random() < 0.2))]
    places = {f"place.{card}": [str(place)] for place, card in enumerate(best, 1)}
    if len(best) > 2 and chance.random() < 0.2:
        places[f"place.{best[2]}"] = ["2"]
    if places:
        yield places
