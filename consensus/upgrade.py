"""Tables are brought up to date by the ORM's own migrations, without what it does beside them.

It makes every model anew before each of a migration's operations and after, ready to be asked for rows, and hardly any
operation looks at one: nine tenths of a first start went there. Here models are made where somebody looks at one, and
none can be asked for rows: a migration speaks SQL. What an operation does to a table is the ORM's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

APPS: dict[str, dict[str, Any]] = {"models": {"models": ["consensus.models"], "migrations": "consensus.migrations"}}


class _Models(StateApps):
    def _build_initial_querysets(self) -> None:
        """Of none is a row asked for."""


class _Schema(State):
    """The tables at one moment."""

    def __init__(self, models: dict[tuple[str, str], ModelState]) -> None:
        self.models = models

    @cached_property
    def apps(self) -> StateApps:  # type: ignore[override]  # made late
        return _Models(dict.fromkeys(APPS, "default")).clone(self.models)

    def reload_model(self, app_label: str, model_name: str) -> None:
        self.reload_models([(app_label, model_name)])

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        if "apps" in self.__dict__:  # else nobody has looked
            super().reload_models(model_tuples)

    def clone(self) -> _Schema:
        return _Schema({key: model.clone() for key, model in self.models.items()})


class Upgrade(MigrationExecutor):
    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        """The tables after what was applied."""
        schema = _Schema({})
        for key in self._full_plan():
            if key == upto:
                break
            if key in applied:
                schema = self._after(key, schema)
        return schema

    async def _project_state_cache(self, applied: set[MigrationKey]) -> dict[MigrationKey, State]:
        """The tables before each of them, for whoever goes back."""
        schema, before = _Schema({}), dict[MigrationKey, State]()
        for key in self._full_plan():
            if key in applied:
                before[key], schema = schema, self._after(key, schema)
        return before

    def _after(self, key: MigrationKey, schema: _Schema) -> _Schema:
        migration, after = self.loader.graph.nodes[key], schema.clone()
        assert migration is not None, f"{key} was applied, and is no more"
        for operation in migration.operations:
            operation.state_forward(key.app_label, after)
        return after
