"""What people wrote beside their answers in a closed round, without who: what the team may show, and what it shows.

Only words of ballots that may be counted in what is shown, of people who did not refuse to be quoted; an erased answer
takes its words with it. Read only: what is shown is chosen by conduct.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from consensus import models
from consensus.consents import QUOTE, allows
from consensus.count import earlier
from consensus.house import House
from rounds import KINDS
from rounds.contract import Role

MOST = 5  # shown under one card


@dataclass(frozen=True, slots=True)
class Reason:
    """seq: of its ballot, by which it is chosen."""

    seq: int
    statement: str
    text: str


async def written(house: House, row: models.Round) -> list[Reason]:
    """By statement, then in an order that says nothing of who wrote, or when."""
    study = await models.Study.get(sessions__id=row.session_id)
    seats = await models.Seat.filter(session_id=row.session_id, role=Role.PARTICIPANT)
    silent = {str(seat.id) for seat in seats if allows(study, seat, QUOTE) is False}
    found = [
        Reason(ballot.seq, answer.statement, answer.text)
        for ballot in (await house.counts.now(row)).visible
        if ballot.role == Role.PARTICIPANT and ballot.seat not in silent
        for answer in KINDS[row.kind].answers(ballot.marks)
        if answer.text and answer.statement
    ]
    return sorted(found, key=lambda reason: (reason.statement, sha256(reason.text.encode()).hexdigest()))


async def shown(house: House, row: models.Round, statement: str) -> list[str]:
    """What this card shows of the last round of its kind, as the team worded it; [] where there is no feedback."""
    kind = KINDS[row.kind]
    asks = statement and kind.has_feedback(kind.Settings(**row.settings))
    before = await house.memory.of(("earlier", row.id), lambda: earlier(row)) if asks else None
    chosen = {one["seq"]: one["text"] for one in (before.reasons or [])} if before else {}
    if before is None or not chosen:
        return []
    told = [reason for reason in await written(house, before) if reason.statement == statement]
    return [chosen[reason.seq] for reason in told if reason.seq in chosen][:MOST]
