"""Once a second: what is due opens or closes, what is about to end is told, and now and then what is to be frozen is
frozen."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import suppress

from consensus.conduct import finish_due, freeze_due, moments_due, tell_due
from consensus.house import House
from consensus.pulse import Away
from consensus.traces import trace

log = logging.getLogger(__name__)
FREEZE = 60  # seconds between two looks at which session is to be frozen


async def run(house: House) -> None:
    """Once a second: open and close the rounds whose moment or grace has come, tell where little time is left; now and
    then, freeze what is to be frozen. A failure is logged and the clock goes on."""
    since, frozen = time.time(), -math.inf
    while True:
        await asyncio.sleep(1)
        try:
            with suppress(Away):  # the pulse has said so
                await house.store.during(moments_due(house))
                await house.store.during(finish_due(house))
                until = time.time()
                await house.store.during(tell_due(house, since, until))
                since = until
                if time.monotonic() - frozen > FREEZE:
                    frozen = time.monotonic()
                    await house.store.during(freeze_due(house))
        except Exception as failure:
            log.error("the clock failed\n%s", trace(failure))
