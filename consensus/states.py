"""The states in which rows of the database stand, as they are written there.

Nothing here says what leads from one to another: acts do (conduct).
"""

from __future__ import annotations

from enum import StrEnum


class RoundState(StrEnum):
    """closing: no new cards, what is under way is still taken."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


UNDER_WAY = (RoundState.OPEN, RoundState.CLOSING)


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class CallState(StrEnum):
    """Of a raised hand."""

    WAITING = "waiting"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Left(StrEnum):
    """Whether somebody left the study, and what they asked for."""

    NOT = ""
    STOPPED = "stopped"
    ERASED = "erased"


class EnteredBy(StrEnum):
    """How an answer came: from the person's own device, or through the team."""

    SELF = "self"
    PHONE = "phone"
    PAPER = "paper"


METHODS = (EnteredBy.PHONE, EnteredBy.PAPER)
