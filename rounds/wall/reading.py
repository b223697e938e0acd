"""What people read of a wall: signals as numbers, what earlier rounds say of a card, how it ended.

Rows only, of what may be seen: keys, numbers and statements, no sentence. No card is moved and no signal counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rounds.contract import Line, Place, Statement, Tally, Value
from rounds.wall.settings import BIN, FRIDGE, SELECTION, SIGNALS, VETO
from rounds.wall.settings import WAYS_TO_DECIDE as WAYS_TO_DECIDE
from rounds.wall.state import Act, Beside, Wall

RECENT = 2  # acts that stand under the wall


@dataclass(frozen=True, slots=True)
class Said:
    """How many people gave each signal."""

    keep: int = 0
    unsure: int = 0
    drop: int = 0

    @property
    def n(self) -> int:
        return self.keep + self.unsure + self.drop


@dataclass(frozen=True, slots=True)
class Fact:
    """What an earlier round says of a card: high of n answers lie in the high band. median: None where it has none.
    by_block: the same of each block that may be shown."""

    round: str
    statement: str
    median: Value
    high: Value
    n: Value
    by_block: Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a card stands when the wall is done, and what was signalled when it was last on the table."""

    statement: Statement
    place: Place
    line: Line


def said(signals: Mapping[str, Value] | None) -> Said:
    """Nothing where no figure may be told, and where nobody was asked."""
    return Said(*(int((signals or {}).get(name) or 0) for name in SIGNALS))


def facts(beside: Iterable[Beside]) -> Iterator[Fact]:
    """Rounds that have no share of high answers say nothing here."""
    for entry in beside:
        values = entry.line.values
        if values.get("high") is not None:
            shown = {key: row for key, row in entry.line.by_block.items() if row.get("n")}
            yield Fact(entry.round, entry.statement, values.get("median"), values["high"], values["n"], shown)


def endings(tally: Tally) -> tuple[Ending, ...]:
    known = {statement.id: statement for statement in tally.statements}
    return tuple(Ending(known[line.statement], tally.places[line.statement], line) for line in tally.lines)


def is_asked_more(zone: str, was_in_fridge: bool) -> bool:
    """Does a card that goes there need words with it: how it was decided, why, or who decides?"""
    return zone in {SELECTION, VETO, BIN} or (zone == FRIDGE and was_in_fridge)


def of_card(history: Sequence[Act], card: str) -> tuple[Act, ...]:
    """What was done with it; with "" everything."""
    return tuple(act for act in history if not card or card in act.cards)


def behind(todo: Wall, card: str) -> tuple[str, ...]:
    """The numbers that a card had before: its own, of what it was made of, and of what those were."""
    before = (name for one in todo.originals[card] for name in one.parents)
    return tuple(dict.fromkeys((card, *todo.cards[card].parents, *before)))
