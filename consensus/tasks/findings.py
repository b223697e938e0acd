"""What closed rounds wait for is worked out beside the clock, which must not wait for it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from consensus import models
from consensus.conduct import Refused, analyse, unanalysed
from consensus.house import House
from consensus.pulse import Away
from consensus.reopening import times
from consensus.traces import trace

log = logging.getLogger(__name__)


async def run(house: House) -> None:
    """Works out what closed rounds wait for, beside the clock, which must not wait for it. A round that cannot be
    worked out is logged once a close, and holds up no other."""
    given_up: set[tuple[int, int]] = set()
    while True:
        await asyncio.sleep(1)
        waiting: list[models.Round] = []
        with suppress(Away):
            waiting = await house.store.during(unanalysed())
        for row in [row for row in waiting if (row.id, times(row.notes)) not in given_up]:
            try:
                with suppress(Refused, Away):  # a rehearsal that was thrown away meanwhile
                    await house.store.during(analyse(house, row))
            except Exception as failure:
                log.error("round %s was not worked out\n%s", row.id, trace(failure))
                given_up.add((row.id, times(row.notes)))
