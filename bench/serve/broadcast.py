"""The limit of fan-out: a server that only sends the same bytes to all who watch, by websockets' own broadcast.

    python -m bench.serve.broadcast BYTES PAUSE

PAUSE: seconds between two frames; 0: each watcher gets one when it joins, and nothing more.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.serve.orphan import end_with_parent
from bench.serve.processes import open_files


async def main(size: int, pause: float) -> None:
    watchers: set[ServerConnection] = set()
    number = 0

    async def watched(socket: ServerConnection) -> None:
        await socket.send(f"{number:<{size}}")
        watchers.add(socket)
        try:
            await socket.wait_closed()
        finally:
            watchers.discard(socket)

    async with serve(watched, "127.0.0.1", 0, compression=None, backlog=1024) as server:
        print(json.dumps({"port": next(iter(server.sockets)).getsockname()[1]}), flush=True)
        while True:
            await asyncio.sleep(pause or 3600)
            number += 1  # no two frames are the same
            broadcast(watchers, f"{number:<{size}}")


if __name__ == "__main__":
    end_with_parent()
    open_files()
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
