"""How a synthetic person shares points out: most to what they lean to, in fives, now and then all on one."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.contract import By, Form, Round, Tally
from rounds.play import Book, Chance, lean

STEP = 5


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    if not round.statements:
        return
    limit = round.settings.most or round.settings.total
    left = min(round.settings.total, limit * len(round.statements))
    liked = {statement.id: lean(statement, by.block, chance) for statement in round.statements}
    best = sorted(liked, key=lambda card: -liked[card])
    given = dict.fromkeys(best, 0)
    greed = 2 if chance.random() < 0.8 else 1  # the share of what is left that the next best statement gets
    while left:
        for card in best:
            part = min(left, max(min(STEP, left), left // greed // STEP * STEP), limit - given[card])
            given[card] += part
            left -= part
    yield {f"points.{card}": [str(points)] for card, points in given.items() if points}
