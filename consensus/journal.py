"""The append-only log of every act: a chain per session, each line sealed by the one before it.

Values enter as salted commitments, so that a withdrawal can erase a value and leave the chain whole. Times are to
the minute. A seat is told by a handle that only its own line has, so that two lines about one person do not look alike.
Never write a name, a text, a vote or a token here.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]  # CPython's own
from secrets import token_hex
from typing import Any

from consensus import models, store

MINUTE = "%Y-%m-%dT%H:%MZ"
HOUSE = "house"  # the chain of acts that belong to no session


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a role, and the seat where a handle of it may be told. name: of somebody who has no seat."""

    role: str
    seat: int | None = None
    name: str = ""


# An encoder as json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False) makes it anew for each text,
# which takes as long as the text. A vote spells eight.
_never = json.JSONEncoder().default
_spelled = c_make_encoder(None, _never, encode_basestring, None, ":", ",", True, False, True)


def canonical(value: object) -> str:
    """One spelling per value: sorted keys, no spaces, accents as they are."""
    return "".join(_spelled(value, 0))


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


def handle(secret: str, act: str, number: int, seat: int) -> str:
    """What a line calls a seat. secret: of its chain; without it no two handles of one seat can be brought together."""
    return hmac.new(secret.encode(), canonical([act, number, seat]).encode(), "sha256").hexdigest()[:16]


@dataclass(slots=True)
class Chain:
    """The end of a chain: number and hash of its last line ("" before the first), and its secret."""

    head: str
    seq: int
    hash: str
    secret: str

    def add(self, actor: Actor, act: str, payload: Mapping[str, Any], about: Sequence[int] = ()) -> dict[str, Any]:
        """The next line as it is kept, by column; the chain ends with it from here on. about: see write."""
        prev, number = self.hash, self.seq + 1
        self.secret = self.secret or token_hex(16)
        by = "" if actor.seat is None else handle(self.secret, act, number, actor.seat)
        told = {"about": sorted(handle(self.secret, act, number, seat) for seat in about)} if about else {}
        line: dict[str, Any] = {
            "seq": number,
            "at": minute(),
            "role": actor.role,
            "alias": by or actor.name,
            "act": act,
            "payload": canonical({**payload, **told}),
        }
        self.seq, self.hash = number, seal(prev, line)
        meant = about[0] if len(about) == 1 else None
        return line | {"head": self.head, "prev": prev, "hash": self.hash, "by_id": actor.seat, "about_id": meant}


def minute(moment: datetime | None = None) -> str:
    """A moment as it is kept, to the minute, UTC; without one, now."""
    return _minute(int(time.time()) // 60) if moment is None else moment.strftime(MINUTE)


@lru_cache(maxsize=1)
def _minute(number: int) -> str:
    """So many minutes after 1970: spelled once, until the next one begins."""
    return datetime.fromtimestamp(number * 60, UTC).strftime(MINUTE)


def moment_of(minute: str) -> datetime:
    return datetime.strptime(minute, MINUTE).replace(tzinfo=UTC)


async def write(head: str, actor: Actor, act: str, payload: Mapping[str, Any], about: Sequence[int] = ()) -> int:
    """Add a line inside the writer's transaction; its number orders all acts of the chain. about: the seats that are
    meant, whose handles stand in an order of their own."""
    chain = Chain(head, *await store.lock_head(head))
    is_new = not chain.hash
    await models.Entry.create(**chain.add(actor, act, payload, about))
    if is_new:
        await models.Head.create(key=head, seq=1, hash=chain.hash, secret=chain.secret)
    else:
        await store.move_head(head, chain.seq, chain.hash, chain.secret)
    return chain.seq


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a chain stops being whole: an entry that is missing, or one that was changed."""

    entry: int
    is_missing: bool

    def __str__(self) -> str:
        return f"entry {self.entry} {'is missing' if self.is_missing else 'was changed'}"


def missing_after(lines: Sequence[Mapping[str, Any]], seq: int, sealed: str) -> int | None:
    """The last line's number, where it is not the one that the head names by number and hash; None where it is."""
    last, hash = (lines[-1]["seq"], lines[-1]["hash"]) if lines else (0, "")
    return None if (last, hash) == (seq, sealed) else last


def first_breach(lines: Iterable[Mapping[str, Any]]) -> Gap | None:
    """The first line that does not follow from the one before it, or None for a whole chain."""
    prev = ""
    for number, line in enumerate(lines, 1):
        if line["seq"] != number:
            return Gap(number, is_missing=True)
        if line["prev"] != prev or line["hash"] != seal(prev, line):
            return Gap(number, is_missing=False)
        prev = line["hash"]
    return None
