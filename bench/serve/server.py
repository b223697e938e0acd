"""The product's own server in a process of its own, and beside its routes one that does nothing.

    python -m bench.serve.server DATABASE SECRET [--asked] [--parts]

Application, middleware, listener and configuration are those of `consensus serve`. The no-op stands behind the same
middleware, reads its form and answers 303: what any vote costs on this server at least. --asked: SQLite's statements
and steps are told at /asked; that costs time, so never measure time with it. --parts: on what the processor's time is
spent is told at /parts.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bench.serve.orphan import end_with_parent
from bench.serve.parts import Parts
from bench.serve.processes import open_files
from consensus.server import listen, origin_of, serve, speak
from consensus.settings import Settings
from consensus.web.app import make_app

STEPS = 10  # of SQLite's machine between two calls of the handler
asked = {"statements": 0, "steps": 0}
parts = Parts()


async def noop(request: Request) -> Response:
    form = await request.form()
    return RedirectResponse(f"/noop?saved={form['card']}", 303)


async def turn(request: Request) -> Response:
    """A turn at the writer, in which nothing is written."""
    form = await request.form()
    await request.app.state.house.store.write(partial(asyncio.sleep, 0), is_act=False)
    return RedirectResponse(f"/turn?saved={form['card']}", 303)


async def tell_parts(request: Request) -> Response:
    return JSONResponse(parts.told())


async def tell_asked(request: Request) -> Response:
    told = dict(asked)
    asked.update(statements=0, steps=0)
    return JSONResponse(told)


def watch_sqlite() -> None:
    """Every connection made from here on counts what it is asked, whoever makes it."""
    connect = sqlite3.connect

    def statement(_: str) -> None:
        asked["statements"] += 1

    def step() -> int:
        asked["steps"] += STEPS
        return 0

    def watched(*words: Any, **how: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*words, **how)
        made.set_trace_callback(statement)
        made.set_progress_handler(step, STEPS)
        return made

    sqlite3.connect = watched  # type: ignore[assignment]


def main(database: str, secret: str, *more: str) -> None:
    end_with_parent()
    open_files()
    speak()
    if "--asked" in more:
        watch_sqlite()
    if "--parts" in more:
        parts.watch()
    listener = listen(0)
    app = make_app(Settings(database=database, secret=secret, origin=origin_of(listener)))
    app.router.routes.insert(0, Route("/noop", noop, methods=["POST"], name="noop"))
    app.router.routes.insert(0, Route("/turn", turn, methods=["POST"], name="turn"))
    app.router.routes.insert(0, Route("/asked", tell_asked, name="asked"))
    app.router.routes.insert(0, Route("/parts", tell_parts, name="parts"))
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    serve(app, listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
