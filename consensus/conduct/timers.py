"""Acts on the planned end of an open round. It is a promise about time, never a limit: nothing expires by it.

No ballot is refused and no round is closed here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from consensus import models
from consensus.conduct.acting import Refused, actor, round_in
from consensus.house import House
from consensus.journal import head_of, write
from consensus.states import RoundState
from consensus.timer import is_marked

LONGEST = 600  # minutes of a timer
MORE = 5  # minutes that one press adds

Change = Callable[[models.Round, float], None]


async def _change(house: House, by: models.Seat, round_id: int, act: str, change: Change, **said: object) -> None:
    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.OPEN:
            raise Refused("refused.not_open")
        change(row, time.time())
        await row.save(update_fields=["ends_at", "paused_left"])
        await write(head_of(row.session_id), actor(by), act, {"round": row.key, **said})

    await house.act(by.session_id, job)


async def set_timer(house: House, by: models.Seat, round_id: int, minutes: int) -> None:
    """The round is to end in so many minutes, counted from now."""
    if not 1 <= minutes <= LONGEST:
        raise Refused("refused.minutes", most=LONGEST)

    def change(row: models.Round, now: float) -> None:
        row.ends_at, row.paused_left = now + 60 * minutes, None

    await _change(house, by, round_id, "set_timer", change, minutes=minutes)


async def extend_timer(house: House, by: models.Seat, round_id: int) -> None:
    """Five minutes more: of what is left, or from now where the time is up."""

    def change(row: models.Round, now: float) -> None:
        if row.paused_left is not None:
            row.paused_left += 60 * MORE
        else:
            row.ends_at = max(_end(row), now) + 60 * MORE

    await _change(house, by, round_id, "extend_timer", change, minutes=MORE)


async def pause_timer(house: House, by: models.Seat, round_id: int) -> None:
    def change(row: models.Round, now: float) -> None:
        row.paused_left, row.ends_at = max(0.0, _end(row) - now), None

    await _change(house, by, round_id, "pause_timer", change)


async def resume_timer(house: House, by: models.Seat, round_id: int) -> None:
    def change(row: models.Round, now: float) -> None:
        if row.paused_left is None:
            raise Refused("refused.no_timer")
        row.ends_at, row.paused_left = now + row.paused_left, None

    await _change(house, by, round_id, "resume_timer", change)


async def stop_timer(house: House, by: models.Seat, round_id: int) -> None:
    def change(row: models.Round, now: float) -> None:
        if row.ends_at is None and row.paused_left is None:
            raise Refused("refused.no_timer")
        row.ends_at = row.paused_left = None

    await _change(house, by, round_id, "stop_timer", change)


def _end(row: models.Round) -> float:
    if row.ends_at is None:
        raise Refused("refused.no_timer")
    return row.ends_at


async def tell_due(house: House, since: float, until: float) -> None:
    """Draw the rooms again in which five minutes, one minute or nothing is left; asked every second. Writes nothing."""
    for row in await models.Round.filter(state=RoundState.OPEN, ends_at__gt=since).only("id", "session_id", "ends_at"):
        if row.ends_at is not None and is_marked(row.ends_at, since, until):
            house.rooms.touch(row.session_id)
