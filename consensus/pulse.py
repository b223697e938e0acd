"""Is the database there? Whoever waits for a server that is away or frozen is told so, instead of waiting with it.

A file is always there: all of this is for PostgreSQL. Nothing is written here, and nothing is tried twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from tortoise.backends.base_postgres.client import BasePostgresClient
from tortoise.exceptions import DBConnectionError

try:
    import asyncpg  # type: ignore[import-untyped]
except ImportError:  # an installation on a file has no such driver, and asks for no pulse
    asyncpg = None

log = logging.getLogger(__name__)

T = TypeVar("T")
EVERY, PATIENCE = 1.0, 2.0  # seconds; whoever waits is answered within the sum
NO_SERVER = (  # the driver's own names for it
    "PostgresConnectionError",
    "InterfaceError",
    "OperatorInterventionError",
    "InsufficientResourcesError",
)
LOST: tuple[type[Exception], ...] = (OSError, DBConnectionError)
if asyncpg is not None:
    LOST += tuple(getattr(asyncpg, name) for name in NO_SERVER)


class Away(Exception):
    """The database does not answer now. What was asked is to be asked again."""


class Pulse:
    def __init__(self, client: BasePostgresClient) -> None:
        self._client = client
        self._gone = asyncio.Event()
        self._connection: Any = None  # the driver's, or none
        self._task = asyncio.create_task(self._feel(), name="pulse")

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._hang_up()

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """What work gives, unless the database goes away meanwhile."""
        task = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        except LOST as failure:
            raise Away(str(failure)) from failure
        finally:
            gone.cancel()
            task.cancel()
        raise Away

    async def _feel(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._beat()
                self._gone.clear()
            except Exception as failure:  # whatever it is: it does not answer
                self._hang_up()
                if not self._gone.is_set():
                    log.error("the database does not answer: %s", type(failure).__name__)
                self._gone.set()
            await asyncio.sleep(EVERY)

    async def _beat(self) -> None:
        if self._connection is None:
            client = self._client
            self._connection = await asyncpg.connect(
                host=client.host,
                port=client.port,
                user=client.user,
                password=client.password,
                database=client.database,
                ssl=client.extra.get("ssl"),
            )
        await self._connection.fetchval("SELECT 1")

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
