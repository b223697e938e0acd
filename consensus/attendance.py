"""The participants of a session who are here, and those who left, by group: how many people a round asks.

Numbers only; who has answered what is count.py's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tortoise.functions import Count

from consensus import models
from rounds.contract import Block, Role


@dataclass(frozen=True, slots=True)
class Attendance:
    """Participants who are here, by group; those who left, as (seat, group)."""

    here: Mapping[str, int]
    gone: Sequence[tuple[str, str]]

    @classmethod
    async def of(cls, session_id: int) -> Attendance:
        people = models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT)
        here = people.filter(withdrawn="").annotate(n=Count("id")).group_by("group").values("group", "n")
        gone = people.exclude(withdrawn="").values("id", "group")
        return cls({one["group"]: one["n"] for one in await here}, [(str(p["id"]), p["group"]) for p in await gone])

    def asked(self, answered: Container[str], blocks: Iterable[Block]) -> dict[str, int]:
        """How many people an open round asks, by block: those of its opening, and as many more as came since.

        Whoever left counts while their answers do. Told beside who has answered; no rule, block or disclosure reads it.
        """
        present = Counter(self.here)
        present.update(group for seat, group in self.gone if seat in answered)
        return {block.key: max(block.seats, sum(present[group] for group in block.groups)) for block in blocks}
