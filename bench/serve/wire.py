"""The client, as light as Python allows: HTTP/1.1 kept alive and pushed frames, on raw protocols.

It reads of an answer what it must to know where that ends. Only loopback. Nothing here knows what is asked.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple, cast

END = b"\r\n\r\n"
LENGTH, CHUNKED = b"\r\ncontent-length: ", b"\r\ntransfer-encoding: chunked"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Answer(NamedTuple):
    """at: when its last byte was read."""

    status: int
    head: bytes
    body: bytes
    at: float


class Line(asyncio.Protocol):
    """One connection of a browser: a request, its answer, the next request."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, port: int, request: bytes) -> Answer:
        """Opened where it is not. A server that closes a resting line just then is asked once more, as browsers do."""
        is_rested = self._transport is not None
        try:
            return await self._asked(port, request)
        except ConnectionError:
            if not is_rested or self._read:
                raise
        return await self._asked(port, request)

    async def _asked(self, port: int, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            self._read.clear()
            await loop.create_connection(lambda: self, "127.0.0.1", port)
        assert self._transport is not None and self._answer is None, "one request at a time"
        self._answer = loop.create_future()
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no kind that asyncio names

    def data_received(self, data: bytes) -> None:
        self._read += data
        if (answer := _whole(self._read)) and self._answer is not None and not self._answer.done():
            self._read.clear()
            self._answer.set_result(answer)

    def connection_lost(self, failure: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up before it answered"))


def _whole(read: bytearray) -> Answer | None:
    """An answer that is all there."""
    end = read.find(END)
    if end < 0:
        return None
    head, begin = bytes(read[: end + 2]), end + len(END)
    if (at := head.lower().find(LENGTH)) >= 0:
        length = int(head[at + len(LENGTH) : head.index(b"\r\n", at + 2)])
        if len(read) < begin + length:
            return None
    elif CHUNKED in head.lower() and not read.endswith(b"\r\n0" + END):
        return None
    return Answer(int(head[9:12]), head, bytes(read[begin:]), time.perf_counter())


def header(answer: Answer, name: str) -> str:
    """One header of it, or ""."""
    for line in answer.head.decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return ""


class Socket(asyncio.Protocol):
    """One page that watches. heard: called with each frame of text and the moment it was read.

    frames, size: how many came, and their bytes. is_stalled: it reads its first frame and nothing more.
    """

    def __init__(self, heard: Callable[[Socket, bytes, float], None] | None = None, is_stalled: bool = False) -> None:
        self.frames = self.size = self.refused = 0
        self.opened = self.first = 0.0
        self.code = 0
        self._heard = heard
        self._is_stalled = is_stalled
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._is_open = False
        self._came = asyncio.Event()

    async def open(self, port: int, path: str, headers: str) -> None:
        self.opened = time.perf_counter()
        loop = asyncio.get_running_loop()
        if self._is_stalled:
            await loop.create_connection(lambda: self, sock=await _narrow(port))
        else:
            await loop.create_connection(lambda: self, "127.0.0.1", port)
        key = b64encode(os.urandom(16)).decode()
        asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        asked += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"
        assert self._transport is not None
        self._transport.write(asked.encode())

    async def began(self) -> None:
        """Until its first frame is there."""
        await self._came.wait()
        if not self.frames:
            raise ConnectionError(f"a page without a frame: answered {self.refused}, closed with {self.code}")

    @property
    def is_over(self) -> bool:
        return self._transport is None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no kind that asyncio names

    def connection_lost(self, failure: Exception | None) -> None:
        self._transport = None
        self._came.set()

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._is_open and not self._shake_hands():
            return
        while (found := _frame(self._read)) is not None:
            sort, begin, end = found
            payload = bytes(self._read[begin:end])
            del self._read[:end]
            self._take(sort, payload)

    def _shake_hands(self) -> bool:
        end = self._read.find(END)
        if end < 0:
            return False
        if (status := int(self._read[9:12])) != 101:
            self.refused = status
            self.close()
            return False
        del self._read[: end + len(END)]
        self._is_open = True
        return True

    def _take(self, sort: int, payload: bytes) -> None:
        assert self._transport is not None
        if sort == PING:
            self._transport.write(bytes([0x80 | PONG, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # masked by nothing
        elif sort == CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
            self._transport.close()
        elif sort == TEXT and not payload.startswith(b'{"beat"'):
            now = time.perf_counter()
            self.frames, self.size = self.frames + 1, self.size + len(payload)
            if self.frames == 1:
                self.first = now
                self._came.set()
                if self._is_stalled:
                    self._transport.pause_reading()
            if self._heard is not None:
                self._heard(self, payload, now)


async def _narrow(port: int) -> socket.socket:
    """A connection that takes little before it is full, so that a page that reads nothing is soon felt."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    return made


def _frame(read: bytearray) -> tuple[int, int, int] | None:
    """Sort, begin and end of the payload of a frame that is all there; the server masks nothing and splits nothing."""
    if len(read) < 2:
        return None
    length, begin = read[1] & 0x7F, 2
    if length == 126:
        length, begin = int.from_bytes(read[2:4], "big"), 4
    elif length == 127:
        length, begin = int.from_bytes(read[2:10], "big"), 10
    return (read[0] & 0x0F, begin, begin + length) if len(read) >= begin + length else None
