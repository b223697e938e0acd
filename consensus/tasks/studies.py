"""Now and then: the tables of a study are kept, once all its sessions are frozen. Beside the clock, which must not wait
while they are worked out.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from consensus.conduct import keep_tables_due
from consensus.house import House
from consensus.pulse import Away
from consensus.traces import trace

log = logging.getLogger(__name__)
EVERY = 60  # seconds


async def run(house: House) -> None:
    """A failure is logged, and tried again later."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            with suppress(Away):
                await house.store.during(keep_tables_due(house))
        except Exception as failure:
            log.error("the tables of a study were not kept\n%s", trace(failure))
