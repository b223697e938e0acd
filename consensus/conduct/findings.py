"""The slow figures of a closed round: worked out once, apart from everything live, then stored and announced.

A process that ends meanwhile loses nothing: a round without findings is found again. No figure is computed here, and
no vote waits for one; only an export does.
"""

from __future__ import annotations

import asyncio
from typing import Any

from consensus import models, opinions
from consensus.conduct.acting import CLOCK, round_in
from consensus.conduct.profiles import tell_participants
from consensus.conduct.voices import voices_of
from consensus.count import earlier
from consensus.counting import Counting
from consensus.house import House
from consensus.journal import head_of, write
from consensus.outcome import digest, findings_data, seed_of
from consensus.reopening import times
from consensus.states import RoundState
from rounds import KINDS


async def analyse_due(house: House, session_id: int | None = None) -> None:
    """Every closed round that waits for its findings, or those of one session; also one that is closed meanwhile."""
    while due := [row for row in await unanalysed() if session_id in {None, row.session_id}]:
        for row in due:
            await analyse(house, row)
    if session_id is not None:
        await tell_participants(house, session_id)


async def unanalysed() -> list[models.Round]:
    return await models.Round.filter(state=RoundState.CLOSED, findings__isnull=True).order_by("session_id", "position")


async def analyse(house: House, closed: models.Round) -> None:
    """What anyone may see is worked out of the ballots that anyone may see counted, as at the close.

    closed: the row as it was read; findings of a close that was taken back meanwhile are no longer wanted.
    """
    counted = await house.counts.now(closed)
    is_sealed = closed.seal is not None  # with what both rounds give
    before = None if is_sealed else await earlier(closed)
    others = await house.counts.now(before) if before else None
    kind, seed = KINDS[closed.kind], seed_of(closed.hash)

    k = await _floor(closed)

    def analysed() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        then = others.visible if others else ()
        found = findings_data(kind.analyse(counted.round, counted.visible, then, seed))
        return found, opinions.worked_out(closed, counted, k)

    found, chart = await asyncio.to_thread(analysed)
    found += closed.seal["findings"] if is_sealed else []
    found += await voices_of(house, closed)

    async def job() -> None:
        row = await round_in(closed.session_id, closed.id)
        if row.state != RoundState.CLOSED or row.findings is not None or times(row.notes) != times(closed.notes):
            return
        row.findings, said = found, {"round": row.key, "findings": digest(found)}
        if chart:
            row.outcome, said["opinions"] = {**(row.outcome or {}), opinions.STORED: chart}, digest(chart["told"])
        await row.save(update_fields=["findings", "outcome"])
        await write(head_of(row.session_id), CLOCK, "analyse", said)

    await house.act(closed.session_id, job)
    await tell_participants(house, closed.session_id)


async def _floor(row: models.Round) -> int:
    """How many people must answer before anything is told."""
    if counting := Counting.of(row):
        return counting.k
    session = await models.Session.get(id=row.session_id).select_related("study")
    return session.study.floor
