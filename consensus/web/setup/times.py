"""Planned moments as the team types them: a day and time, as the clock says it in the zone of the study.

What a moment does is conduct's question (planned.py).
"""

from __future__ import annotations

from datetime import UTC, datetime

from consensus import conduct, models, zones
from consensus.conduct import Refused
from consensus.web.asking import Ask

FIELDS = ("opens_at", "closes_at")


def typed_times(ask: Ask, row: models.Round) -> dict[str, str]:
    """What stands in the fields at first."""
    stored = {name: at for name, at in (("opens_at", row.opens_at), ("closes_at", row.closes_at)) if at is not None}
    return {name: zones.said_in(ask.zone, datetime.fromtimestamp(at, UTC)) for name, at in stored.items()}


def read_moment(ask: Ask, name: str) -> float | None:
    """The moment in this field; None where it was left empty."""
    said = ask.typed.one(name)
    if not said:
        return None
    found = zones.moment_in(ask.zone, said)
    if found is None:
        raise Refused("refused.no_moment", said=said[:20])
    return found.timestamp()


async def save_times(ask: Ask, row: models.Round) -> None:
    """Those of the form, where anything was changed: a moment is kept to the minute."""
    known = typed_times(ask, row)
    if all(name not in ask.typed or ask.typed.one(name) == known.get(name, "") for name in FIELDS):
        return
    moments = [getattr(row, name) if ask.typed.one(name) == known.get(name, "") else None for name in FIELDS]
    opens, closes = (kept or read_moment(ask, name) for kept, name in zip(moments, FIELDS, strict=True))
    await conduct.plan_times(ask.house, ask.mine, row.id, opens, closes)


async def set_deadline(ask: Ask, row: models.Round) -> None:
    """Until when people may answer a round that is open."""
    closes = read_moment(ask, "closes_at")
    if closes is None:
        raise Refused("refused.no_moment", said="")
    await conduct.extend(ask.house, ask.mine, row.id, closes, ask.typed.one("reason"))
