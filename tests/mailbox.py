"""A real mail server on loopback, for tests: it keeps what it is given, refuses whom it is told to, and may be slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """refusals, texts: what it answers to a recipient, or to the text for one. drops: it hangs up after their text.

    held: the answer to the text of this number, from 1, waits until go is set; what was sent is kept all the same.
    """

    port: int = 0
    kept: list[tuple[str, bytes]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)
    held: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def letters(self) -> list[EmailMessage]:
        return [self.parsed(data) for _, data in self.kept]

    def to(self, address: str) -> list[EmailMessage]:
        return [self.parsed(data) for recipient, data in self.kept if recipient == address]

    @staticmethod
    def parsed(data: bytes) -> EmailMessage:
        found = message_from_bytes(data.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (address,) = envelope.rcpt_tos
        if address in self.texts:
            return self.texts[address]
        assert isinstance(envelope.content, bytes)
        async with self.changed:
            self.kept.append((address, envelope.content))
            self.changed.notify_all()
        if address in self.drops:
            assert server.transport is not None
            server.transport.close()
        if len(self.kept) == self.held:
            await self.go.wait()
        return "250 OK"

    async def holds(self, n: int) -> None:
        """Wait until so many have come."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: len(self.kept) >= n)

    def greet(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="localhost", loop=asyncio.get_running_loop())


@asynccontextmanager
async def open_mailbox(port: int = 0) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(mailbox.greet, "127.0.0.1", port)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        mailbox.go.set()
        server.close()
        await server.wait_closed()
