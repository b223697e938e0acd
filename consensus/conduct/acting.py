"""What every act needs: refusals with a sentence, the actor for the journal, the seat or round that is meant.

No act lives here.
"""

from __future__ import annotations

from consensus import models, store
from consensus.addresses import BadAddress, read
from consensus.journal import Actor, head_of

CLOCK = Actor("clock")


class Refused(Exception):
    """An act that cannot be done now. key names the sentence to show; values fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


def mailbox(written: str) -> str:
    """The address that was meant, as it is kept; refused where no mail could go."""
    try:
        return read(written)
    except BadAddress as bad:
        raise Refused(bad.key, value=written) from None


def actor(seat: models.Seat) -> Actor:
    return Actor(seat.role, seat.id)


async def in_use(session_id: int) -> None:
    """Refused while the study of this session is put away: nothing opens in it."""
    if await models.Session.filter(id=session_id).exclude(study__put_away_at="").exists():
        raise Refused("refused.put_away")


async def seat_in(session_id: int, seat_id: int) -> models.Seat:
    """A seat of this session, which nobody else changes until the act is done."""
    await store.hold(head_of(session_id))
    seat = await models.Seat.get_or_none(id=seat_id, session_id=session_id)
    if seat is None:
        raise Refused("refused.no_such_seat")
    return seat


async def round_in(session_id: int, round_id: int) -> models.Round:
    """A round of this session, which nobody else changes until the act is done."""
    await store.hold(head_of(session_id))
    row = await models.Round.get_or_none(id=round_id, session_id=session_id)
    if row is None:
        raise Refused("refused.no_such_round")
    return row
