"""The append-only log of every act: a chain per session, each line sealed by the one before it.

Values enter as salted commitments, so that a withdrawal can erase a value and leave the chain whole. Times are to
the minute. Never write a name, a text, a vote or a token here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from consensus import models, store

HOUSE = "house"  # the chain of acts that belong to no session


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the journal knows them: a role, and a random alias where that may be told."""

    role: str
    alias: str = ""


def canonical(value: object) -> str:
    """One spelling per value: sorted keys, no spaces, accents as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def commitment(salt: str, value: object) -> str:
    return sha256((salt + canonical(value)).encode()).hexdigest()


def halves(salt: str) -> tuple[str, str]:
    """The salts of a ballot's marks and of its words: the first can be told while the second is kept."""
    of_marks, of_words = (sha256(f"{part}|{salt}".encode()).hexdigest()[:32] for part in ("marks", "words"))
    return of_marks, of_words


def seal(prev: str, line: Mapping[str, Any]) -> str:
    """The hash of a line: of the hash before it and of what the line says. payload is its canonical text."""
    said = [line["seq"], line["at"], line["role"], line["alias"], line["act"], line["payload"]]
    return sha256((prev + canonical(said)).encode()).hexdigest()


def head_of(session_id: int) -> str:
    return f"session-{session_id}"


async def write(head: str, actor: Actor, act: str, payload: Mapping[str, Any]) -> int:
    """Add a line inside the writer's transaction; its number orders all acts of the chain."""
    seq, prev = await store.lock_head(head)
    line: dict[str, Any] = {
        "seq": seq + 1,
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "role": actor.role,
        "alias": actor.alias,
        "act": act,
        "payload": canonical(payload),
    }
    sealed = seal(prev, line)
    await models.Entry.create(head=head, prev=prev, hash=sealed, **line)
    if prev:
        await store.move_head(head, seq + 1, sealed)
    else:
        await models.Head.create(key=head, seq=1, hash=sealed)
    return seq + 1


def first_breach(lines: Iterable[Mapping[str, Any]]) -> str | None:
    """The first line that does not follow from the one before it, or None for a whole chain."""
    prev = ""
    for number, line in enumerate(lines, 1):
        if line["seq"] != number:
            return f"entry {number} is missing"
        if line["prev"] != prev or line["hash"] != seal(prev, line):
            return f"entry {number} was changed"
        prev = line["hash"]
    return None
