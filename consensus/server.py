"""The server round the application: how uvicorn is run, and which port it takes.

Its own access log is off: paths hold seat links. Nothing of the product lives here.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

FIRST, LAST = 8000, 8100


def listen(port: int | None = None, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket: on this port, or on the first free one from 8000. port 0: any free one."""
    for wanted in [port] if port is not None else range(FIRST, LAST):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
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


def config(app: Starlette) -> uvicorn.Config:
    logging.getLogger("uvicorn.access").disabled = True  # even where somebody gives it a place to write to
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="auto",
        ws_max_size=16384,
        ws_per_message_deflate=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )


@asynccontextmanager
async def running(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """The application answers inside; everything it took is done before the end."""
    server = uvicorn.Server(config(app))
    task = asyncio.create_task(server._serve([listener]), name="server")
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended before it answered")
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()


def serve(app: Starlette, listener: socket.socket) -> None:
    """Answer until the process is told to stop."""
    uvicorn.Server(config(app)).run(sockets=[listener])
