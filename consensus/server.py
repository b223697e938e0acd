"""The server round the application: how uvicorn is run, and which port it takes.

Its own access log is off: paths hold seat links. Nothing of the product lives here.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from consensus.pushing import Pushing
from consensus.traces import Discreet

FIRST, LAST = 8000, 8100
YOUNG = 200_000  # objects made, and not yet gone, between two looks for those that hold one another


def listen(port: int | None = None, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket: on this port, or on the first free one from 8000. port 0: any free one."""
    for wanted in [port] if port is not None else range(FIRST, LAST):
        # Said to be TCP, or asyncio leaves its delay on: then each answer of two writes waits 40 ms for the other side.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wanted))
        except OSError:
            listener.close()
            continue
        listener.listen(1024)
        return listener
    raise OSError(f"no free port from {FIRST} to {LAST - 1}" if port is None else f"port {port} is taken")


def origin_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


class _NoPath(logging.Filter):
    """Of the server's own lines, those that tell the request of a socket."""

    def filter(self, record: logging.LogRecord) -> bool:
        return '"WebSocket ' not in str(record.msg)


NOTHING, NO_PATH, DISCREET = _Nothing(), _NoPath(), Discreet()
SERVERS = ("uvicorn.error", "uvicorn.asgi", "websockets", "websockets.server", "websockets.protocol")
# They quote what they are given: statements with their values, forms, what a task was asked.
LIBRARIES = ("asyncio", "aiosqlite", "tortoise", "tortoise.db_client", "asyncpg.pool", "python_multipart.multipart")


def silence() -> None:
    """No request path in any log, whoever runs the application and however it is told to log: paths hold seat links.
    Nothing of what people wrote either, which libraries quote.

    By filters, since a server's own settings may reset levels and handlers, and the flag `disabled`, but not these.
    """
    logging.getLogger("uvicorn.access").addFilter(NOTHING)
    for name in SERVERS:
        logging.getLogger(name).addFilter(NO_PATH)
    for name in (*SERVERS, *LIBRARIES):
        logging.getLogger(name).addFilter(DISCREET)


def speak() -> None:
    """Lines of a process that is ours have their time and level."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def config(app: Starlette) -> uvicorn.Config:
    silence()
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws=Pushing,
        ws_max_size=16384,
        ws_per_message_deflate=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )


@asynccontextmanager
async def running(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """The application answers inside; everything it took is done before the end, which no tick is waited for."""
    told = config(app)
    told.load()
    server = uvicorn.Server(told)
    server.lifespan = told.lifespan_class(told)
    await server.startup([listener])
    ticking = asyncio.create_task(server.main_loop(), name="server")
    try:
        yield
    finally:
        ticking.cancel()
        await server.shutdown([listener])
        listener.close()


def settle() -> None:
    """Python looks for objects that hold one another after every 700 new ones. While a thousand people are answered at
    once that many are always new, and all alive: a third of the time of a vote went into the looking."""
    gc.collect()
    gc.freeze()  # what is here now stays until the end
    gc.set_threshold(YOUNG, 10, 10)


def serve(app: Starlette, listener: socket.socket) -> None:
    """Answer until the process is told to stop."""
    settle()
    uvicorn.Server(config(app)).run(sockets=[listener])
