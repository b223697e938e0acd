"""The socket that the server listens on, and the process that it is."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from consensus.server import YOUNG, listen


async def test_no_answer_waits_for_the_other_side_to_ask_for_more() -> None:
    """Else each answer that is written in two parts is held back for 40 ms, on every page."""
    at_once: asyncio.Queue[int] = asyncio.Queue()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await at_once.put(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen(0)
    server = await asyncio.start_server(answer, sock=listener)
    async with server:
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await at_once.get() != 0
        writer.close()
        await writer.wait_closed()


def test_while_a_room_is_answered_nothing_looks_for_lost_objects_all_the_time(tmp_path: Path) -> None:
    """However it is started: by our command, which serves by serve(), or by another server."""
    told = "import gc; print(gc.get_threshold()[0], gc.get_freeze_count() > 10_000)"
    ours = f"import uvicorn; from consensus import server; uvicorn.Server.run = lambda *_, **__: exec({told!r}); "
    ours += "server.serve(lambda *_: None, server.listen(0))"
    environment = {"CONSENSUS_DATABASE": str(tmp_path / "a.db"), "CONSENSUS_SECRET": "s" * 64}
    for program in (ours, f"import asgi; {told}"):
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
        assert done.stdout.split() == [str(YOUNG), "True"], done.stderr
