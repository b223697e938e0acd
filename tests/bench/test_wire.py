"""The bench's client reads what real servers send, in whatever pieces it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench.serve.wire import Line, Socket, header

CHUNKED = b"HTTP/1.1 303 See Other\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo"
ASK = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _server(answers: Answers) -> AsyncIterator[int]:
    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def _pieces(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    for piece in pieces:
        await asyncio.sleep(0.01)
        writer.write(piece)
        await writer.drain()


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 303 See Other\r\nloca", b"tion: /there\r\ncontent-length: 4\r\n\r\nb", b"ody"),
        (
            b"HTTP/1.1 303 See Other\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo",
            b"dy\r\n0\r\n\r\n",
        ),
    ],
    ids=["by length", "in chunks"],
)
async def test_an_answer_is_whole_before_it_counts(pieces: tuple[bytes, ...]) -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await _pieces(writer, *pieces)
        writer.close()

    async with _server(answers) as port:
        line = Line()
        answer = await line.ask(port, ASK)
        assert (answer.status, header(answer, "location")) == (303, "/there")
        assert answer.body.endswith((b"body", b"0\r\n\r\n"))
        line.close()


async def test_a_line_that_was_closed_at_rest_is_opened_again() -> None:
    came = 0

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        if came == 1:
            await reader.readuntil(b"\r\n\r\n")  # hangs up on the second question
        writer.close()

    async with _server(answers) as port:
        line = Line()
        assert [(await line.ask(port, ASK)).status for _ in range(2)] == [200, 200]
        assert came == 2
        line.close()


async def test_a_server_that_hangs_up_is_told() -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with _server(answers) as port:
        with pytest.raises(ConnectionError):
            await Line().ask(port, ASK)


async def test_frames_of_every_size_are_read_and_pings_answered() -> None:
    sizes = [1, 125, 126, 65_535, 65_536, 200_000]
    answered = asyncio.Event()

    async def watched(socket: ServerConnection) -> None:
        for size in sizes:
            await socket.send("x" * size)
        await socket.send('{"beat": 10.0}')
        await (await socket.ping())
        answered.set()
        await socket.wait_closed()

    read: list[int] = []
    async with serve(watched, "127.0.0.1", 0, compression=None) as server:
        page = Socket(lambda page, text, at: read.append(len(text)))
        await page.open(next(iter(server.sockets)).getsockname()[1], "/", "")
        await page.began()
        async with asyncio.timeout(30):
            await answered.wait()
        assert read == sizes
        assert (page.frames, page.size) == (len(sizes), sum(sizes))
        page.close()


async def test_a_refused_page_is_told() -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with _server(answers) as port:
        page = Socket()
        await page.open(port, "/", "")
        with pytest.raises(ConnectionError, match="answered 403"):
            await page.began()
