"""What an embedded file is asked, by whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from consensus import store

CLOCKS = {"clock", "findings", "other programs", "post"}  # what asks by the second, for nobody


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[bool, str]]]:
    """Every statement, and whether the writer made it."""
    seen: list[tuple[bool, str]] = []

    def watched(client: type, name: str) -> None:
        real = getattr(client, name)

        async def told(self: object, sql: str, *more: object) -> object:
            task = asyncio.current_task()
            if task is None or task.get_name() not in CLOCKS:
                seen.append((store.is_writing(), sql))
            return await real(self, sql, *more)

        monkeypatch.setattr(client, name, told)

    for client in (SqliteClient, SqliteTransactionWrapper):
        for name in ("execute_query", "execute_insert", "execute_many", "execute_query_dict"):
            if name in vars(client):
                watched(client, name)
    yield seen
