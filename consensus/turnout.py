"""Who has finished what is asked of them now: read by reminders and by the call list, and shown on no page.

Pages tell how many, by block. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable

from consensus import models
from consensus.count import block_of
from consensus.house import House
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Role


async def open_to_people(session_id: int) -> models.Round | None:
    """The round under way in which participants answer."""
    row = await models.Round.filter(session_id=session_id, state=RoundState.OPEN).order_by("position").first()
    return row if row and Role.PARTICIPANT in KINDS[row.kind].cast_by else None


async def finished(house: House, session_id: int) -> Callable[[models.Seat], bool]:
    """Has this seat consented, and given every answer asked of it? Where none is asked for, any will do."""
    row = await open_to_people(session_id)
    counted = await house.counts.now(row) if row else None
    asked, blocks = (set(counted.asked), await house.counts.planned(row.id)) if row and counted else (set[str](), ())

    def is_done(seat: models.Seat) -> bool:
        if counted is None or block_of(blocks, seat.group) is None:
            return seat.consented
        own = counted.own.get(str(seat.id), {})
        return seat.consented and bool(own) and asked <= own.keys()

    return is_done
