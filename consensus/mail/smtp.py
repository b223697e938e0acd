"""The only module that speaks SMTP: puts a mail together as plain text, and hands it to the house's server.

Nothing that the server says is kept but its three figures, because its words hold addresses. No picture, no other
host, nothing that tells who opened a mail. What is sent to whom, and when, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPResponseException, SMTPSenderRefused

from consensus.addresses import wire
from consensus.mail.letters import Letter
from consensus.settings import LOOPBACK, Settings

Connection = aiosmtplib.SMTP
PATIENCE = 30  # seconds for one answer of the server


@dataclass(frozen=True, slots=True)
class Outcome:
    """state: sent, failed, later (try again), back (was not begun). reason: a code, or the server's three figures."""

    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail, ready to be put together. number: secret and lasting, so that a second try is the same mail."""

    to: str
    reply_to: str
    language: str
    letter: Letter
    number: str


class Unreachable(Exception):
    """No mail can be handed over now; reason is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sender(settings: Settings) -> str:
    """The bare address that the server is told; "" where no mail is sent."""
    address = parseaddr(settings.mail_from)[1]
    return wire(address) if address else ""


def composed(settings: Settings, outgoing: OutgoingMail) -> bytes | None:
    """The mail as it travels; None where the address cannot be written as one."""
    mail = EmailMessage(policy=policy.SMTP)
    try:
        mail["From"] = Address(parseaddr(settings.mail_from)[0], addr_spec=sender(settings))
        mail["To"] = Address(addr_spec=wire(outgoing.to))
        if outgoing.reply_to:
            mail["Reply-To"] = Address(addr_spec=wire(outgoing.reply_to))
        mail["Subject"] = outgoing.letter.subject
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<{outgoing.number}@{sender(settings).rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(outgoing.letter.body, cte="quoted-printable")
        mail["Content-Language"] = outgoing.language  # after the content, which clears what was said of an earlier one
        return mail.as_bytes()
    except (ValueError, IndexError, MessageError):
        return None


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connection]:
    """A connection to the house's server, signed in; Unreachable where there is none."""
    client = _client(settings)
    try:
        await client.connect()
    except SMTPAuthenticationError as refused:
        raise Unreachable("login") from refused
    except (SMTPException, OSError, ValueError) as failure:
        raise Unreachable("no_connection") from failure
    try:
        yield client
        with suppress(SMTPException, OSError):  # what was handed over stays handed over, however they part
            await client.quit()
    finally:
        client.close()


def _client(settings: Settings) -> Connection:
    """A password never travels in the clear, but to this machine."""
    parts = urlsplit(settings.smtp)
    host = parts.hostname or ""
    is_tls = parts.scheme == "smtps"
    return Connection(
        hostname=host,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        local_hostname=sender(settings).rpartition("@")[2],
        timeout=PATIENCE,
        use_tls=is_tls,
        start_tls=True if parts.username and not is_tls and host not in LOOPBACK else None,
    )


async def hand_over(client: Connection, settings: Settings, to: str, mail: bytes) -> Outcome:
    """One mail. After its text has begun to travel, only an answer of the server can say that it did not arrive."""
    try:
        await client.mail(sender(settings))
        await client.rcpt(wire(to))
    except SMTPResponseException as refused:
        return await _refused(client, refused)
    except (SMTPException, OSError):
        return Outcome("later", "no_connection")
    try:
        await client.data(mail)
    except SMTPResponseException as refused:
        return await _refused(client, refused)
    except (SMTPException, OSError):
        return Outcome("failed", "unknown")
    return Outcome("sent")


async def _refused(client: Connection, refused: SMTPResponseException) -> Outcome:
    """4xx: later; 5xx: never. The server is asked to forget what was begun, so that the next mail can follow."""
    with suppress(SMTPException, OSError):
        await client.rset()
    if not 500 <= refused.code < 600:
        return Outcome("later", str(refused.code) if 400 <= refused.code < 500 else "no_connection")
    return Outcome("failed", "sender" if isinstance(refused, SMTPSenderRefused) else str(refused.code))
