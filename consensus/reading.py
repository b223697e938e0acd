"""All that is stored of one round, as it stood at one moment: read once, in slices, beside the writer.

On SQLite by a connection of its own, which sees what is committed and waits for nobody; on PostgreSQL in a transaction
of its own. Inside a job, as the job sees it. Nothing here writes, or knows what a ballot means.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tortoise.backends.sqlite.client import SqliteClient
from tortoise.transactions import in_transaction

from consensus import store

SLICE = 2_000  # rows
Row = Sequence[Any]  # seq, seat, slot, marks as text, role, group; the last two as they are at that moment
BALLOTS = (
    "SELECT b.seq, b.seat_id, b.slot, b.marks, s.role, s.group_key FROM ballot b JOIN seat s ON s.id = b.seat_id"
    " WHERE b.round_id = ? AND b.seq > ? ORDER BY b.seq LIMIT ?"
)
HEAD = "SELECT seq FROM head WHERE key = ?"
ENTRIES = "SELECT seq, act, payload, about_id FROM entry WHERE head = ? AND act IN ({}) ORDER BY seq"


@dataclass(slots=True)
class Stored:
    """last: the number of the chain's newest line. entries: the lines of the acts that were asked for."""

    last: int = 0
    entries: Sequence[Mapping[str, Any]] = ()
    slices: deque[Sequence[Row]] = field(default_factory=deque)

    @property
    def number(self) -> int:
        """Of the ballots that have not been taken."""
        return sum(map(len, self.slices))

    def ballots(self) -> Iterator[Row]:
        """Oldest first, once: what has been taken is forgotten, so that rows and counts do not lie here twice."""
        while self.slices:
            yield from self.slices.popleft()


async def stored(round_id: int, head: str, acts: Sequence[str]) -> Stored:
    client = store.connection()
    if store.is_writing():
        await store.hold(head)
        return await _read(round_id, head, acts)
    if isinstance(client, SqliteClient):
        return await asyncio.to_thread(_read_file, client.filename, round_id, head, acts)
    async with in_transaction() as transaction:
        await transaction.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await _read(round_id, head, acts)


async def _read(round_id: int, head: str, acts: Sequence[str]) -> Stored:
    found, after = Stored(), 0
    found.last = (await store.rows(HEAD, head))[0]["seq"]
    found.entries = await store.rows(_entries(acts), head, *acts)
    while ballots := await store.tuples(BALLOTS, round_id, after, SLICE):
        found.slices.append(ballots)
        after = ballots[-1][0]
    return found


def _read_file(path: str, round_id: int, head: str, acts: Sequence[str]) -> Stored:
    """In a thread: everything in one transaction that reads, which nobody waits for."""
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
        file.execute("BEGIN")
        found, names = Stored(), ("seq", "act", "payload", "about_id")
        (found.last,) = file.execute(HEAD, [head]).fetchone()
        found.entries = [dict(zip(names, row, strict=True)) for row in file.execute(_entries(acts), [head, *acts])]
        ballots = file.execute(BALLOTS, [round_id, 0, -1])  # -1: all of them
        while rows := ballots.fetchmany(SLICE):
            found.slices.append(rows)
        return found


def _entries(acts: Sequence[str]) -> str:
    return ENTRIES.format(", ".join("?" for _ in acts))
