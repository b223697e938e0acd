"""The network between browsers and the server, to be held, cut and mended: real connections, through a port of its own.

Held: every socket that was open stays so and hears nothing more, as when a router forgets it; new ones pass. Cut:
nobody is let through at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from consensus.house import build
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from tests.conftest import Site


@dataclass(eq=False)
class Wire:
    port: int
    is_cut: bool = False
    gates: list[asyncio.Event] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def hold(self) -> None:
        for gate in self.gates:
            gate.clear()

    def cut(self) -> None:
        self.is_cut = True
        for writer in self.writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.is_cut = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        if self.is_cut:
            writer.transport.abort()
            return
        gate = asyncio.Event()
        gate.set()
        with suppress(OSError):
            first = await reader.read(65536)
            if b"Sec-WebSocket-Key" in first:
                self.gates.append(gate)
            there, on = await asyncio.open_connection("127.0.0.1", self.port)
            self.writers.append(on)
            on.write(first)
            await asyncio.gather(_carry(reader, on, gate), _carry(there, writer, gate))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            await gate.wait()
            writer.write(piece)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[tuple[Site, Wire]]:
    """A served house, and the wire to it."""
    listener, before = listen(0), listen(0)
    wire = Wire(listener.getsockname()[1])
    carrying = await asyncio.start_server(wire.connect, sock=before)
    settings = replace(settings, origin=origin_of(before))
    house = build(settings)
    async with running(make_app(settings, house), listener):
        opened = Site(house, settings.origin)
        yield opened, wire
        await opened.close()
        wire.cut()
        carrying.close()
