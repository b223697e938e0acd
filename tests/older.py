"""A database as an earlier version left it: the present one, taken back by migrations, or one that was kept."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tortoise.migrations.executor import MigrationTarget

from consensus import store
from consensus.house import build, open_house
from consensus.settings import Settings
from consensus.store import connection
from consensus.upgrade import APPS, Upgrade


async def go_back_to(migration: str) -> None:
    """Tables and columns that came after this migration are gone; whoever opens the database next brings them back."""
    is_file = connection().capabilities.dialect == "sqlite"
    if is_file:  # there a table that loses a column is made anew, and others point to it
        await store.rows("PRAGMA foreign_keys = OFF")
    await Upgrade(connection(), APPS).migrate([MigrationTarget("models", migration)], direction="backward")
    if is_file:
        await store.rows("PRAGMA foreign_keys = ON")


DUMPS = Path(__file__).parent / "data" / "older"
# In an order in which each points at what is there.
TABLES = ("staff", "study", "session", "round", "person", "seat", "ballot", "head", "entry")


async def laid_down(database: str, dump: str, migration: str) -> None:
    """The sessions of a dump (tests/data/older), in a database of the same shape: a file, or one of a server."""
    kept = await asyncio.to_thread(_read, dump)
    if "://" not in database:
        await asyncio.to_thread(_write, database, kept)
        return
    async with open_house(build(Settings(database=database, secret="a secret of forty characters, for tests only"))):
        await go_back_to(migration)
        for table in TABLES:
            said = json.dumps(_rows(kept, table))
            await store.rows(
                f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", CAST(? AS json))', said
            )
            if "id" in {column for row in _rows(kept, table) for column in row}:
                await store.rows(
                    f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), (SELECT max(id) FROM \"{table}\"))"
                )


def _read(dump: str) -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    kept.row_factory = sqlite3.Row
    kept.executescript((DUMPS / dump).read_text(encoding="utf-8"))
    return kept


def _write(database: str, kept: sqlite3.Connection) -> None:
    Path(database).unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as made:
        kept.backup(made)


def _rows(kept: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    types = {row["name"]: row["type"] for row in kept.execute(f'PRAGMA table_info("{table}")')}
    rows = [dict(row) for row in kept.execute(f'SELECT * FROM "{table}"')]
    return [
        {name: json.loads(said) if types[name] == "JSON" and said is not None else said for name, said in row.items()}
        for row in rows
    ]
