"""The application as the server sees it: its URLs, the middleware, what goes on beside the answers.

Nothing else belongs here.
"""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from consensus import post as outbox
from consensus.conduct import Refused, analyse, discard_old_rehearsals, finish_due, tell_due, unanalysed
from consensus.house import House, build, open_house
from consensus.reopening import times
from consensus.settings import Settings
from consensus.store import Lost
from consensus.web.drawings import draw
from consensus.web.errors import Errors
from consensus.web.map import urls
from consensus.web.shield import Shield

log = logging.getLogger(__name__)


def make_app(settings: Settings, house: House | None = None) -> Starlette:
    house = house or build(settings)
    house.rooms.draw = partial(draw, house)
    errors = Errors(house)
    mimetypes.init()  # reads a file at its first use: now, before anybody is served

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_house(house):
            await discard_old_rehearsals(house)
            beside = [asyncio.create_task(_tick(house), name="clock"), asyncio.create_task(_study(house), name="study")]
            if house.settings.sends_mail:
                beside.append(asyncio.create_task(outbox.run(house), name="post"))
            try:
                yield
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    app = Starlette(
        routes=urls(house),
        lifespan=lifespan,
        middleware=[Middleware(Shield, settings=settings)],
        exception_handlers={HTTPException: errors.http, Lost: errors.lost, Exception: errors.crash},
    )
    app.state.house = house
    return app


async def _tick(house: House) -> None:
    """Once a second: close the rounds whose grace has run out, tell where little time is left. A failure is logged and
    the clock goes on."""
    since = time.time()
    while True:
        await asyncio.sleep(1)
        try:
            await finish_due(house)
            until = time.time()
            await tell_due(house, since, until)
            since = until
        except Exception:
            log.exception("the clock failed")


async def _study(house: House) -> None:
    """Works out what closed rounds wait for, beside the clock, which must not wait for it. A round that cannot be
    worked out is logged once a close, and holds up no other."""
    given_up: set[tuple[int, int]] = set()
    while True:
        await asyncio.sleep(1)
        for row in [row for row in await unanalysed() if (row.id, times(row.notes)) not in given_up]:
            try:
                with suppress(Refused):  # a rehearsal that was thrown away meanwhile
                    await analyse(house, row)
            except Exception:
                log.exception("round %s was not worked out", row.id)
                given_up.add((row.id, times(row.notes)))
