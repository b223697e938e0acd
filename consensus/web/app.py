"""The application as the server sees it: its URLs, the middleware, what goes on beside the answers.

Nothing else belongs here.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from tortoise.exceptions import ValidationError

from consensus import post
from consensus.conduct import discard_old_rehearsals, number_older
from consensus.house import House, build, open_house
from consensus.pulse import Away
from consensus.server import silence
from consensus.settings import Settings
from consensus.store import Lost
from consensus.tasks import clock, findings, studies
from consensus.web.errors import Errors
from consensus.web.map import urls
from consensus.web.render import draw
from consensus.web.shield import Shield


def make_app(settings: Settings, house: House | None = None) -> Starlette:
    silence()
    house = house or build(settings)
    house.rooms.draw = partial(draw, house)
    errors = Errors(house)
    if not mimetypes.inited:
        mimetypes.init()  # reads a file at its first use: now, before anybody is served

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(house.pages.compile)
        async with open_house(house):
            await discard_old_rehearsals(house)
            await number_older(house)
            beside = [asyncio.create_task(clock.run(house), name="clock")]
            beside.append(asyncio.create_task(findings.run(house), name="findings"))
            beside.append(asyncio.create_task(studies.run(house), name="studies"))
            if house.settings.sends_mail:
                beside.append(asyncio.create_task(post.run(house), name="post"))
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
        exception_handlers={
            HTTPException: errors.http,
            Lost: errors.lost,
            Away: errors.away,
            ClientDisconnect: errors.left,
            ValidationError: errors.odd,
            Exception: errors.crash,
        },
    )
    app.state.house = house
    app.state.addresses = {route.name: route for route in app.routes if isinstance(route, Route)}
    return app
