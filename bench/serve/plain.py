"""What simpler applications do with a vote, on the same server program: a row and its commit, or the ORM's upsert.

    python -m bench.serve.plain FILE

Without seats, journal, counts or rooms. SQLite is as careful as the product's: WAL, synchronous FULL.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from tortoise import Tortoise, fields
from tortoise.models import Model

from bench.serve.orphan import end_with_parent
from bench.serve.processes import open_files
from consensus.server import listen, serve


class Vote(Model):
    id = fields.IntField(primary_key=True)
    person = fields.CharField(max_length=64)
    card = fields.CharField(max_length=16)
    value = fields.IntField()

    class Meta:
        table = "vote"
        unique_together = (("person", "card"),)


def app_of(file: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        credentials = {"file_path": f"{file}.orm", "synchronous": "FULL"}
        connected = {"default": {"engine": "tortoise.backends.sqlite", "credentials": credentials}}
        apps = {"models": {"models": [__name__]}}
        await Tortoise.init(config={"connections": connected, "apps": apps}, _enable_global_fallback=True)
        await Tortoise.generate_schemas()
        async with aiosqlite.connect(file) as base:
            await base.execute("PRAGMA journal_mode = WAL")
            await base.execute("PRAGMA synchronous = FULL")
            await base.execute("CREATE TABLE vote (person TEXT, card TEXT, value INTEGER)")
            app.state.base = base
            yield
        await Tortoise.close_connections()

    routes = [
        Route("/", lambda _: PlainTextResponse("here")),
        Route("/insert", insert, methods=["POST"]),
        Route("/upsert", upsert, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def insert(request: Request) -> Response:
    """A row, and its own commit."""
    said = await _said(request)
    base = request.app.state.base
    await base.execute("INSERT INTO vote (person, card, value) VALUES (:person, :card, :value)", said)
    await base.commit()
    return RedirectResponse("/", 303)


async def upsert(request: Request) -> Response:
    said = await _said(request)
    value = said.pop("value")
    await Vote.update_or_create({"value": value}, **said)
    return RedirectResponse("/", 303)


async def _said(request: Request) -> dict[str, Any]:
    form = await request.form()
    return {"person": request.headers["cookie"][:64], "card": form["card"], "value": int(str(form["importance"]))}


def main(file: str) -> None:
    end_with_parent()
    open_files()
    listener = listen(0)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    serve(app_of(file), listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
