"""The wall as it stands: frozen data that the screens, the next act and the close of the round look at.

Plain values only. How the wall came to stand so is replay.py's; whether an act may be taken is acts.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rounds.contract import Line, Place, Role, Statement


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the team. cards: every card it concerns, those it made (made) included.

    from_zone: where a moved card stood, "" for other acts. undoes: the act that an undo takes back, or None.
    undone: it was taken back since.
    """

    seq: int
    act: str
    role: Role
    seat: str
    cards: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    from_zone: str = ""
    to_zone: str = ""
    how: str = ""
    reason: str = ""
    undoes: int | None = None
    undone: bool = False

    @property
    def taken(self) -> tuple[str, ...]:
        """The cards that were there before it."""
        return tuple(card for card in self.cards if card not in self.made)


@dataclass(frozen=True, slots=True)
class Table:
    """The card on the table, and the call that put it there (the seq of that ballot); name: as its forms name it.

    is_shown: the signals were shown before all had signalled. signals: signal -> people; by_block: the same for each
    block. Both None where no figure may be told.
    """

    card: str
    call: int
    is_shown: bool = False
    signals: Mapping[str, int] | None = None
    by_block: Mapping[str, Mapping[str, int]] | None = None
    name: str = ""


class Beside(NamedTuple):
    """What an earlier round says of a card, or of a statement that it was made of."""

    round: str
    statement: str
    line: Line


@dataclass(frozen=True, slots=True)
class Wall:
    """zones: zone -> its cards, first come first. versions: card -> seq of the last act that changed it, or 0.

    cards, places: the live cards by id, and where each stands. originals: card -> what it was made of, as it stood.
    beside: card -> what earlier rounds say of it; figures that were released when those closed, none of this round.
    visits: card -> how often it, or a card it was made of, was put in the fridge. history: newest first, acts taken
    back included. next_id: the id of the next new card. undo: the act that an undo would take back.
    """

    table: Table | None = None
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cards: Mapping[str, Statement] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    originals: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[Beside, ...]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Act, ...] = ()
    next_id: str = "S01"
    undo: Act | None = None

    def zone(self, card: str) -> str:
        return next((zone for zone, cards in self.zones.items() if card in cards), "")

    def without_figures(self) -> Wall:
        return replace(self, table=self.table and Table(self.table.card, self.table.call, self.table.is_shown))


def builds_on(later: Act, earlier: Act) -> bool:
    """Would taking back the earlier act pull the ground from under the later? A call only needs its card to exist; what
    was shown of it stays shown, and holds up nothing."""
    if later.act == "show":
        return False
    ground = earlier.made if later.act == "call" else earlier.cards
    return not set(later.cards).isdisjoint(ground)
