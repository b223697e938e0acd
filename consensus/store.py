"""The writer task, through which every write passes, and the only raw SQL. SQLite and PostgreSQL, one code path.

A write is a job: it runs inside the writer's transaction, whole or absent, and shares its commit with the jobs that
wait beside it; a refused job never spoils the others. Whoever waits is answered after the commit; cancelling the
wait does not cancel the write. Nothing here knows what a ballot means or who may act.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from consensus.settings import Settings

T = TypeVar("T")
Job = Callable[[], Awaitable[Any]]
APPS: dict[str, dict[str, Any]] = {"models": {"models": ["consensus.models"], "migrations": "consensus.migrations"}}
LAST = (("seq", "seq"), ("is_late", "late"), ("body", "body"))  # of the ballot sent before with the same key
TOGETHER = 500  # jobs in one commit at most


class StoreError(Exception):
    """The database cannot keep what we promise; the message names the setting and its value."""


class Lost(Exception):
    """The commit failed: nothing of this write was kept. The person is asked to try again."""


class Store:
    """The open database of one process, and its writer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = TortoiseContext()
        self._queue: asyncio.Queue[tuple[Job, asyncio.Future[Any]]] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self.when_lost: Callable[[], None] = lambda: None

    async def open(self) -> None:
        """Connect, bring the tables up to date, refuse a database that may lose what it acknowledged."""
        if self._settings.is_sqlite:
            await asyncio.to_thread(_reach, self._settings.database)
        with self._context:
            await self._context.init(config=config(self._settings), _enable_global_fallback=True)
            try:
                await self._assert_durable()  # first: a file that is no database must not be migrated
                await MigrationExecutor(self._connection(), APPS).migrate()
            except BaseException as failure:
                await self._context.close_connections()
                if isinstance(failure, BaseORMException):
                    raise StoreError(f"the database of CONSENSUS_DATABASE does not open: {failure}") from failure
                raise
        self._writer = asyncio.create_task(self._write_on(), name="writer")

    async def close(self) -> None:
        """Finish what waits, then let go of the database."""
        await self._queue.join()
        if self._writer:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self._context.close_connections()

    async def write(self, job: Callable[[], Awaitable[T]]) -> T:
        """Run job in the writer's transaction and return what it returns, after the commit."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((job, done))
        result: T = await asyncio.shield(done)
        return result

    async def _write_on(self) -> None:
        while True:
            jobs = [await self._queue.get()]
            while len(jobs) < TOGETHER and not self._queue.empty():
                jobs.append(self._queue.get_nowait())
            try:
                await self._commit(jobs)
            finally:
                for _ in jobs:
                    self._queue.task_done()

    async def _commit(self, jobs: list[tuple[Job, asyncio.Future[Any]]]) -> None:
        outcomes: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
        try:
            async with in_transaction() as transaction:
                # A first statement that writes takes the lock at once; a deferred one could fail half way.
                await transaction.execute_query("UPDATE head SET seq = seq WHERE key = ''")
                for job, done in jobs:
                    outcomes.append((done, *await self._attempt(transaction, job)))
        except Exception as failure:  # whatever the driver says: the writer goes on, and everybody is told
            await self._undo()
            self.when_lost()
            outcomes = [(done, None, Lost(str(failure))) for _, done in jobs]
        for done, result, refused in outcomes:
            if done.cancelled():
                continue
            if refused is None:
                done.set_result(result)
            else:
                done.set_exception(refused)
                done.exception()  # whoever waited may have gone; that is no error of the writer

    async def _attempt(self, transaction: BaseDBAsyncClient, job: Job) -> tuple[Any, Exception | None]:
        await transaction.execute_query("SAVEPOINT job")
        try:
            result = await job()
        except Exception as refused:  # the job's own refusal goes back to whoever asked; the others go on
            await transaction.execute_query("ROLLBACK TO SAVEPOINT job")
            return None, Lost(str(refused)) if _is_deadlock(refused) else refused
        finally:
            await transaction.execute_query("RELEASE SAVEPOINT job")
        return result, None

    async def _undo(self) -> None:
        """SQLite may leave a transaction open whose commit failed; the server never does."""
        if self._settings.is_sqlite:
            with suppress(BaseORMException):  # mostly there is none
                await self._connection().execute_query("ROLLBACK")

    def _connection(self) -> BaseDBAsyncClient:
        return self._context.connections.get("default")

    async def _assert_durable(self) -> None:
        for sql, wanted in DURABLE_SQLITE if self._settings.is_sqlite else DURABLE_POSTGRES:
            _, rows = await self._connection().execute_query(sql)
            value = str(next(iter(dict(rows[0]).values())))
            if value not in wanted:
                raise StoreError(f"{sql} gives {value!r}: expected {' or '.join(wanted)}")


DURABLE_SQLITE = (("PRAGMA synchronous", ("2", "3")), ("PRAGMA journal_mode", ("wal",)))
DURABLE_POSTGRES = (("SHOW synchronous_commit", ("on", "remote_write", "remote_apply")), ("SHOW fsync", ("on",)))


def config(settings: Settings) -> dict[str, Any]:
    """The ORM's configuration of this installation."""
    return {"connections": {"default": _connected(settings)}, "apps": APPS}


def _connected(settings: Settings) -> str | dict[str, Any]:
    if settings.is_sqlite:  # not as an address: a file may be named with any sign
        pragmas = {"synchronous": "FULL", "secure_delete": "ON"}
        return {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": settings.database, **pragmas}}
    return settings.database


def _reach(path: str) -> None:
    """Where the file cannot be opened, the driver's thread would outlive the event loop and complain."""
    try:
        sqlite3.connect(path).close()
    except sqlite3.Error as failure:
        raise StoreError(f"CONSENSUS_DATABASE is {path!r}: {failure}") from failure


def _is_deadlock(failure: Exception) -> bool:
    """Two processes waited for each other's sessions; PostgreSQL ended one (SQLSTATE class 40)."""
    return str(getattr(failure, "sqlstate", "")).startswith("40")


def connection() -> BaseDBAsyncClient:
    """The connection of whoever asks: inside a job, the writer's transaction."""
    return get_connection("default")


async def rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows of a query written with ? for values, on either database."""
    client = connection()
    if client.capabilities.dialect != "sqlite":
        parts = sql.split("?")
        sql = "".join(part + (f"${n}" if n < len(parts) else "") for n, part in enumerate(parts, 1))
    return [dict(row) for row in (await client.execute_query(sql, list(values)))[1]]


async def lock_head(key: str) -> tuple[int, str]:
    """The end of a chain, held until the transaction ends: on PostgreSQL by row, on SQLite by the one writer."""
    held = " FOR UPDATE" if connection().capabilities.support_for_update else ""
    found = await rows(f"SELECT seq, hash FROM head WHERE key = ?{held}", key)  # noqa: S608  # no value is spliced in
    return (found[0]["seq"], found[0]["hash"]) if found else (0, "")


async def move_head(key: str, seq: int, sealed: str) -> None:
    await rows("UPDATE head SET seq = ?, hash = ? WHERE key = ?", seq, sealed, key)


async def hold_session_of(seat_id: int) -> None:
    """Nobody else adds to the session of this seat until the transaction ends."""
    if connection().capabilities.support_for_update:
        for found in await rows("SELECT session_id FROM seat WHERE id = ?", seat_id):
            await hold(f"session-{found['session_id']}")


async def hold(key: str) -> None:
    """Nobody else adds to this chain until the transaction ends; what is read from here on stays true in it."""
    if connection().capabilities.support_for_update:
        await lock_head(key)


async def case_of(seat_id: int, round_id: int, key: str) -> dict[str, Any] | None:
    """What must be known to take a ballot: the seat, the round's moment, the last ballot sent with the same key."""
    last = (
        "(SELECT b.{} FROM ballot b WHERE b.seat_id = s.id AND b.round_id = r.id AND b.key = ?"
        " ORDER BY b.seq DESC LIMIT 1)"
    )
    lasts = ", ".join(f"{last.format(name)} AS last_{short}" for name, short in LAST)
    found = await rows(
        "SELECT s.id AS seat_id, s.role, s.group_key, s.withdrawn, s.consented, s.alias, s.session_id,"  # noqa: S608
        f" r.id AS round_id, r.key, r.kind, r.state, r.closing_at, r.grace, {lasts}"
        ' FROM seat s JOIN "round" r ON r.session_id = s.session_id WHERE s.id = ? AND r.id = ?',
        *[key] * len(LAST),
        seat_id,
        round_id,
    )
    return found[0] if found else None


async def ballots_after(round_id: int, seq: int) -> list[dict[str, Any]]:
    """Every ballot of a round after this journal number, oldest first, with the seat's present group and state."""
    return await rows(
        "SELECT b.seq, b.seat_id, b.slot, b.marks, s.role, s.group_key, s.withdrawn"
        " FROM ballot b JOIN seat s ON s.id = b.seat_id WHERE b.round_id = ? AND b.seq > ? ORDER BY b.seq",
        round_id,
        seq,
    )


async def entries_after(head: str, seq: int, acts: tuple[str, ...]) -> list[dict[str, Any]]:
    """The lines of these acts after this number, oldest first."""
    marks = ", ".join("?" for _ in acts)
    sql = f"SELECT seq, act, payload FROM entry WHERE head = ? AND seq > ? AND act IN ({marks}) ORDER BY seq"  # noqa: S608
    return await rows(sql, head, seq, *acts)


async def erase_marks(seat_id: int) -> None:
    """Forget what a seat said: marks and salts go, the lines stay, so that the chain of the journal stays whole."""
    await rows("UPDATE ballot SET marks = NULL, salt = NULL WHERE seat_id = ?", seat_id)
    await rows("DELETE FROM second_entry WHERE seat_id = ?", seat_id)
