"""Who took part, as the page of results tells it to the team and to researchers: made once, when the session was over.

Every figure comes from the table that the session keeps; nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consensus.profile import NONE, OTHERS
from consensus.text import pick
from consensus.web.asking import Ask
from rounds.contract import TEAM, Role

READERS = TEAM | {Role.RESEARCHER}


@dataclass(frozen=True, slots=True)
class Said:
    """A question, its answers with how many gave each (None: among the others), nobody's answer, and the others."""

    words: str
    answers: tuple[tuple[str, int | None], ...]
    none: int | None
    others: int | None

    @property
    def is_withheld(self) -> bool:
        return self.none is None and self.others is None


def participants(ask: Ask) -> Sequence[Said]:
    """Empty where there is no table, or not for this reader."""
    if ask.seat is None or ask.seat.role not in READERS:
        return ()
    return tuple(
        Said(
            pick(one["names"], ask.language),
            tuple((pick(cell["names"], ask.language), cell["n"]) for cell in one["cells"]),
            one[NONE],
            one[OTHERS],
        )
        for one in ask.here.participants or ()
    )
