"""Tables are made with less work than by the ORM alone, and are the ORM's to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.models import Model

from consensus import models, store
from consensus.settings import Settings
from consensus.upgrade import APPS, Upgrade


@pytest.fixture(autouse=True)
def blocking_calls_are_refused() -> None:
    """Migrations are read from disk, at start, before anybody waits."""


async def made(path: Path, executor: type[MigrationExecutor]) -> list[str]:
    """What is written of the tables."""
    EXECUTOR_CACHE.clear()
    with TortoiseContext() as context:
        await context.init(config=store.config(Settings(database=str(path), secret="x" * 40)))
        await executor(store.connection(), APPS).migrate()
        found = await store.rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
        await context.close_connections()
    return [str(row["sql"]) for row in found]


async def test_the_tables_are_those_that_the_orm_makes(tmp_path: Path) -> None:
    ours, theirs = [await made(tmp_path / f"{one.__name__}.db", one) for one in (Upgrade, MigrationExecutor)]
    assert len(ours) > 20
    assert ours == theirs


async def test_the_tables_have_the_columns_of_the_models(tmp_path: Path) -> None:
    EXECUTOR_CACHE.clear()
    with TortoiseContext() as context:
        await context.init(config=store.config(Settings(database=str(tmp_path / "columns.db"), secret="x" * 40)))
        await Upgrade(store.connection(), APPS).migrate()
        for model in (value for value in vars(models).values() if isinstance(value, type) and value is not Model):
            if issubclass(model, Model):
                found = await store.rows(f"PRAGMA table_info('{model._meta.db_table}')")
                assert {str(row["name"]) for row in found} == set(model._meta.fields_db_projection.values()), model
        await context.close_connections()
