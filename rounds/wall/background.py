"""What was known of a card before it came to the wall: the cards it was made of, and the figures of earlier rounds.

These lie beside the card for everybody to see, and never move one. Nothing of this round is counted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rounds.contract import Line, Round, Statement
from rounds.wall.state import Beside


@dataclass(frozen=True, slots=True)
class Background:
    """statements: all that this round and those before it knew, by id. lines: round key -> statement -> line."""

    statements: Mapping[str, Statement] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, Line]] = field(default_factory=dict)

    @classmethod
    def of(cls, round: Round) -> Background:
        earlier = {s.id: s for tally in round.before.values() for s in tally.statements}
        lines = {key: {line.statement: line for line in tally.lines} for key, tally in round.before.items()}
        return cls(earlier | {s.id: s for s in round.statements}, lines)

    def originals(self, card: Statement) -> tuple[Statement, ...]:
        """The cards or proposals it was made of, as they stood; those that no round knows are left out."""
        return tuple(self.statements[name] for name in card.parents if name in self.statements)

    def beside(self, card: Statement) -> tuple[Beside, ...]:
        """What earlier rounds say of a card, oldest round first.

        Where a round does not know the card, the lines of what it was made of: its parents, or theirs.
        """
        return tuple(
            Beside(key, line.statement, line)
            for key, known in self.lines.items()
            for line in {line.statement: line for line in self._nearest(known, card.id, card.parents)}.values()
        )

    def _nearest(self, known: Mapping[str, Line], card: str, parents: Sequence[str]) -> Iterator[Line]:
        if card in known:
            yield known[card]
            return
        for parent in parents:
            older = self.statements.get(parent)
            yield from self._nearest(known, parent, older.parents if older else ())


def beside(round: Round, card: Statement) -> tuple[Beside, ...]:
    return Background.of(round).beside(card)
