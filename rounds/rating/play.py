"""How a synthetic person rates: as they lean, in the order of the cards, now and then without knowing."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, lean


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    top = {"1-9": 9, "1-7": 7, "1-5": 5, "agree": 3}[round.settings.scale]
    for statement in round.statements:
        values: dict[str, list[str]] = {"card": [statement.id]}
        for criterion in round.settings.criteria:
            value = 1 + int(lean(statement, by.block, chance) * 0.999 * top)
            values[criterion] = ["dont_know" if chance.random() < 0.04 else str(value)]
        yield values
    if most := round.settings.flags:
        liked = sorted(round.statements, key=lambda statement: -lean(statement, by.block, chance))
        marked = liked[: chance.choice(range(most + 1))]
        yield {"flags": ["1"], **{f"flag.{statement.id}": ["1"] for statement in marked}}
