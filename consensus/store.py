"""The writer task, through which every write passes. SQLite and PostgreSQL, one code path.

A write is a job: it runs inside the writer's transaction, whole or absent, and shares its commit with the jobs that
wait beside it; a refused job never spoils the others. Whoever waits is answered after the commit; cancelling the
wait does not cancel the write. Nothing here knows what a ballot means or who may act.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base_postgres.client import BasePostgresClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

from consensus.memory import Memory
from consensus.pulse import Pulse
from consensus.settings import Settings
from consensus.sql import OF_A_PERSON, Steps, at_once, hold_end, move_end, one_by_one
from consensus.traces import trace
from consensus.upgrade import APPS, Upgrade

T = TypeVar("T")
Job = Callable[[], Awaitable[Any]]
Program = Callable[[list[Any]], Steps[list[Any]]]  # one outcome for each; an exception among them is a refusal
TOGETHER = 500  # jobs in one commit at most
LOOK_AROUND = 1.0  # seconds between two looks for what other programs wrote
TRIES = 30  # at emptying the log, a tenth of a second apart
log = logging.getLogger(__name__)
_WRITES: ContextVar[bool] = ContextVar("writes", default=False)  # true in the writer and in what it awaits


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for the writer. is_act: what was read before may be true no more. is_read: it writes nothing, and
    comes after all that its commit writes. is_between: to be done between two commits, in none.

    then: called with the result once it is committed, before anybody is answered and in the order of the commits.
    """

    job: Job
    done: asyncio.Future[Any]
    is_act: bool = True
    is_read: bool = False
    then: Callable[[Any], None] | None = None
    is_between: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """What is taken in one run with all that waits for the same program. then: see Asked."""

    program: Program
    item: Any
    done: asyncio.Future[Any]
    then: Callable[[Any], None]


class StoreError(Exception):
    """The database cannot keep what we promise; the message names the setting and its value."""


class Lost(Exception):
    """The commit failed: nothing of this write was kept. The person is asked to try again."""


class Store:
    """The open database of one process, and its writer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = TortoiseContext()
        self._queue: asyncio.Queue[Asked | Piece] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._pulse: Pulse | None = None
        self.when_lost: Callable[[], None] = lambda: None
        self._version = 0
        self._changes = 0  # of rows through this connection, when version last moved or a commit ended
        self._is_committing = False
        self._file: Any = None  # SQLite's own connection to an embedded file: how far it is, is asked all the time
        # Inside a job, what the jobs before it wrote is there to be read, and is not committed.
        self.memory = Memory(lambda: None if is_writing() else self.version)

    async def open(self) -> None:
        """Connect, bring the tables up to date, refuse a database that may lose what it acknowledged."""
        if self._settings.is_sqlite:
            await asyncio.to_thread(_reach, self._settings.database)
        with self._context:
            await self._context.init(config=config(self._settings), _enable_global_fallback=True)
            try:
                await self._assert_durable()  # first: a file that is no database must not be migrated
                await Upgrade(self._connection(), APPS).migrate()
            except BaseException as failure:
                await self._context.close_connections()
                if isinstance(failure, BaseORMException):
                    raise StoreError(f"the database of CONSENSUS_DATABASE does not open: {failure}") from failure
                raise
        self._writer = asyncio.create_task(self._write_on(), name="writer")
        if self._settings.is_sqlite:
            self._file = self._connection()._connection._conn
            self._watch = asyncio.create_task(self._watch_others(), name="other programs")
        client = self._connection()
        self._pulse = Pulse(client) if isinstance(client, BasePostgresClient) else None

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """What work gives; Away as soon as the database does not answer. A write that waits may still be kept."""
        return await (self._pulse.during(work) if self._pulse else work)

    async def close(self) -> None:
        """Finish what waits, then let go of the database."""
        await self._queue.join()
        if self._pulse:
            await self._pulse.close()
        for task in filter(None, (self._watch, self._writer)):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._context.close_connections()

    @property
    def version(self) -> int | None:
        """Moves with every commit of an act, and with whatever changed rows beside the writer: what was read at one
        version is still true at it, but for ballots. None: other processes write too, so nothing that was read lasts.
        """
        if self._file is None:
            return None
        if not self._is_committing and (changes := self._changed()) != self._changes:
            self._version, self._changes = self._version + 1, changes
        return self._version

    def _changed(self) -> int:
        return int(self._file.total_changes)

    async def _watch_others(self) -> None:
        """Another program, such as one of our commands, may write to the same file; it is seen within a second."""
        seen = await _data_version()
        while True:
            await asyncio.sleep(LOOK_AROUND)
            if (found := await _data_version()) != seen:
                seen, self._version = found, self._version + 1

    async def write(
        self,
        job: Callable[[], Awaitable[T]],
        *,
        is_act: bool = True,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run job in the writer's transaction and return what it returns, after the commit. is_act, then: see Asked."""
        return await self._asked(job, is_act=is_act, then=then)

    async def _asked(self, job: Callable[[], Awaitable[T]], **how: Any) -> T:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(Asked(job, done, **how))
        result: T = await done  # whoever hangs up gives up the answer, never the write
        return result

    async def read(self, job: Callable[[], Awaitable[T]], then: Callable[[T], None]) -> None:
        """Read in the order of the commits: nothing is committed between the job and what then makes of it."""
        await self._asked(job, is_act=False, is_read=True, then=then)

    async def take(self, program: Program, item: Any, then: Callable[[Any], None]) -> Any:
        """What program makes of item, after the commit: in one run with the others that wait for it, which is one
        visit to an embedded file. No act: what was read before stays true. A refusal is returned, not raised."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(Piece(program, item, done, then))
        return await done

    async def empty_files(self, tables: Sequence[str] = OF_A_PERSON) -> bool:
        """What was erased leaves the files too: SQLite keeps copies where a page was made anew, its log old pages,
        PostgreSQL old rows. To be waited for before anybody is told that it is erased. False: something else reads or
        writes the file at length; its end empties the log, the next erasure the pages. tables: that lost something."""
        is_rewritten = False
        for _ in range(TRIES):  # each between two commits: whoever writes meanwhile waits for none of the others
            is_rewritten = is_rewritten or await self._asked(partial(self._rewritten, tables), is_between=True)
            if is_rewritten and await self._asked(self._emptied, is_between=True):
                return True
            await asyncio.sleep(0.1)
        log.warning("the files of the database could not be emptied: something else uses them")
        return False

    async def _write_on(self) -> None:
        _WRITES.set(True)
        while True:
            asked = [await self._queue.get()]
            while len(asked) < TOGETHER and not self._queue.empty():
                asked.append(self._queue.get_nowait())
            try:
                await self._do(asked)
            finally:
                number = len(asked)
                asked.clear()  # what was asked may hold much, and nobody knows when the next one asks
                for _ in range(number):
                    self._queue.task_done()

    async def _do(self, asked: Sequence[Asked | Piece]) -> None:
        """All wait at the same time: ballots come first, as a commit of acts takes longer."""
        pieces = [one for one in asked if isinstance(one, Piece)]
        for program in dict.fromkeys(piece.program for piece in pieces):
            await self._take_in(program, [piece for piece in pieces if piece.program is program])
        others = [one for one in asked if isinstance(one, Asked)]
        if jobs := [one for one in others if not one.is_between]:
            await self._commit(sorted(jobs, key=lambda one: one.is_read))
        for one in [one for one in others if one.is_between]:
            found = await self._found(one.job)
            if not one.done.cancelled():
                one.done.set_result(found)

    async def _found(self, work: Callable[[], Awaitable[bool]]) -> bool:
        """Between two commits, as neither database does this inside of one; nobody waits for whoever holds the file."""
        if not self._settings.is_sqlite:
            return await self._tried(work)
        waits = (await rows("PRAGMA busy_timeout"))[0]["timeout"]
        await self._connection().execute_query("PRAGMA busy_timeout = 0")
        try:
            return await self._tried(work)
        finally:
            await self._connection().execute_query(f"PRAGMA busy_timeout = {int(waits)}")

    async def _tried(self, work: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await work()
        except Exception as failure:  # whatever the driver says: the writer goes on
            log.warning("the files of the database could not be emptied: %s", type(failure).__name__)
        return False

    async def _rewritten(self, tables: Sequence[str]) -> bool:
        """secure_delete overwrites what is taken out of a page, but not what a page lost when its rows were dealt out
        anew; rows that stand are copied into new pages, and the old ones go."""
        for table in [""] if self._settings.is_sqlite else [f'"{name}"' for name in tables]:
            await self._connection().execute_query(f"VACUUM {table}")
        return True

    async def _emptied(self) -> bool:
        if not self._settings.is_sqlite:
            return True
        _, found = await self._connection().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
        return not dict(found[0])["busy"]

    async def _commit(self, jobs: list[Asked]) -> None:
        outcomes: list[tuple[Any, Exception | None]] = []
        is_act = any(one.is_act for one in jobs)
        _ = self.version  # what went past the writer until now
        self._is_committing = True
        try:
            async with in_transaction() as transaction:
                # A first statement that writes takes the lock at once; a deferred one could fail half way.
                await transaction.execute_query("UPDATE head SET seq = seq WHERE key = ''")
                for one in jobs:
                    outcomes.append(await self._attempt(transaction, one.job))
        except Exception as failure:  # whatever the driver says: the writer goes on, and everybody is told
            await self._undo()
            outcomes = [(None, self._lost(failure))] * len(jobs)
            is_act = True
        finally:
            self._has_committed(is_act)
        for one, (result, refused) in zip(jobs, outcomes, strict=True):
            if refused is None and one.then is not None:
                self._tell(one.then, result)
        for one, outcome in zip(jobs, outcomes, strict=True):
            _answer(one.done, *outcome)

    async def _take_in(self, program: Program, pieces: list[Piece]) -> None:
        """A run in one transaction; where that fails, each in its own, so that no piece is lost with another. Two that
        fail after each other: it is the database, and nobody waits any longer."""
        failed, in_a_row = await self._tried_in_one(program, pieces), 0
        if failed is None:
            return
        for piece in pieces:
            if len(pieces) > 1 and in_a_row < 2:
                failed = await self._tried_in_one(program, [piece])
                in_a_row = in_a_row + 1 if failed else 0
            if failed is not None:
                _answer(piece.done, None, failed)

    async def _tried_in_one(self, program: Program, pieces: list[Piece]) -> Lost | None:
        """What was lost, where the transaction failed; else everybody is answered."""
        _ = self.version
        self._is_committing, failed = True, None
        results: list[Any] = []
        try:
            results = await self._run(program([piece.item for piece in pieces]))
        except Exception as failure:
            failed = self._lost(failure)
        finally:
            self._has_committed(is_act=failed is not None)
        for piece, result in zip(pieces, results, strict=False):
            self._tell(piece.then, result)
        for piece, result in zip(pieces, results, strict=False):
            _answer(piece.done, result, None)
        return failed

    async def _run(self, steps: Steps[list[Any]]) -> list[Any]:
        if not self._settings.is_sqlite:
            async with in_transaction():
                return await drive(steps)
        async with self._connection().acquire_connection() as connection:
            # The driver offers no name of its own for a whole run in its thread; by single steps each would wait for
            # the thread and be waited for, which costs more than the step.
            outcomes: list[Any] = await connection._execute(at_once, connection._conn, steps)
        return outcomes

    def _lost(self, failure: Exception) -> Lost:
        self.when_lost()
        return Lost(type(failure).__name__)

    def _has_committed(self, is_act: bool) -> None:
        self._is_committing = False
        if self._file is not None:
            self._changes = self._changed()
        if is_act:
            self._version += 1

    def _tell(self, then: Callable[[Any], None], result: Any) -> None:
        """A count that cannot take what was kept is built again; the writer goes on, and what is kept stays kept."""
        try:
            then(result)
        except Exception as failure:
            log.error("what was kept could not be counted in\n%s", trace(failure))
            self.when_lost()

    async def _attempt(self, transaction: BaseDBAsyncClient, job: Job) -> tuple[Any, Exception | None]:
        await transaction.execute_query("SAVEPOINT job")
        try:
            result = await job()
        except Exception as refused:  # the job's own refusal goes back to whoever asked; the others go on
            await transaction.execute_query("ROLLBACK TO SAVEPOINT job")
            return None, Lost(type(refused).__name__) if _is_deadlock(refused) else refused
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


async def _data_version() -> int:
    """Moves when another connection has committed to this file, never by our own commits."""
    return int((await rows("PRAGMA data_version"))[0]["data_version"])


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


def is_writing() -> bool:
    """Is this inside a job, which holds the writer's transaction?"""
    return _WRITES.get()


def connection() -> BaseDBAsyncClient:
    """The connection of whoever asks: inside a job, the writer's transaction."""
    return get_connection("default")


async def rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows of a query written with ? for values, on either database."""
    return await connection().execute_query_dict(_numbered(sql), list(values))


async def tuples(sql: str, *values: object) -> Sequence[Any]:
    """The same rows as the driver gives them, by place; of what reads alone."""
    found: Sequence[Any] = (await connection().execute_query(_numbered(sql), list(values)))[1]
    return found


async def put_many(sql: str, values: Sequence[tuple[Any, ...]]) -> None:
    """The same statement for each of these, in one visit."""
    if values:
        await connection().execute_many(_numbered(sql), cast(list[Any], values))


def _numbered(sql: str) -> str:
    """As the database of this connection writes the places of values."""
    if connection().capabilities.dialect == "sqlite":
        return sql
    first, *parts = sql.split("?")
    return first + "".join(f"${n}{part}" for n, part in enumerate(parts, 1))


async def drive(steps: Steps[T]) -> T:
    """What comes of these steps, in the transaction of whoever asks."""
    return await one_by_one(steps, rows)


def _answer(done: asyncio.Future[Any], result: Any, refused: Exception | None) -> None:
    """Whoever waited may have gone; that is no error of the writer."""
    if done.cancelled():
        return
    if refused is None:
        done.set_result(result)
    else:
        done.set_exception(refused)
        done.exception()


async def lock_head(key: str) -> tuple[int, str, str]:
    """The end of a chain and its secret, held until the transaction ends."""
    statement, values = hold_end(key)
    found = await rows(statement, *values)
    return (found[0]["seq"], found[0]["hash"], found[0]["secret"]) if found else (0, "", "")


async def move_head(key: str, seq: int, sealed: str, secret: str) -> None:
    statement, values = move_end(key, seq, sealed, secret)
    await rows(statement, *values)


async def hold_session_of(seat_id: int) -> None:
    """Nobody else adds to the session of this seat until the transaction ends."""
    if connection().capabilities.support_for_update:
        for found in await rows("SELECT session_id FROM seat WHERE id = ?", seat_id):
            await hold(f"session-{found['session_id']}")


async def hold(key: str) -> None:
    """Nobody else adds to this chain until the transaction ends; what is read from here on stays true in it."""
    if connection().capabilities.support_for_update:
        await lock_head(key)


async def ballots_after(round_id: int, seq: int) -> list[dict[str, Any]]:
    """Every ballot of a round after this journal number, oldest first, with the seat's present group and state."""
    return await rows(
        "SELECT b.seq, b.seat_id, b.slot, b.marks, s.role, s.group_key, s.withdrawn"
        " FROM ballot b JOIN seat s ON s.id = b.seat_id WHERE b.round_id = ? AND b.seq > ? ORDER BY b.seq",
        round_id,
        seq,
    )


async def thirds(round_id: int) -> Sequence[tuple[int, int]]:
    """Of a round's ballots the number, and the third of the order in which the card stood, where that is known."""
    return await tuples("SELECT seq, third FROM ballot WHERE round_id = ? AND third > 0", round_id)


async def entries_after(head: str, seq: int, acts: tuple[str, ...]) -> list[dict[str, Any]]:
    """The lines of these acts after this number, oldest first."""
    marks = ", ".join("?" for _ in acts)
    wanted = f"head = ? AND seq > ? AND act IN ({marks})"
    sql = f"SELECT seq, act, payload, about_id FROM entry WHERE {wanted} ORDER BY seq"  # noqa: S608
    return await rows(sql, head, seq, *acts)
