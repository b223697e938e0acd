"""Who is asking: seat links and codes, staff sign-in, the one cookie.

A link and a code are derived from the server's secret, the seat and its issue number: a sheet can be printed again,
raising the number revokes it, and the database alone opens no seat. What an asker may do is guard's question.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from secrets import choice, token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from consensus import models
from consensus.settings import Settings
from consensus.store import Store

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 signs, none that looks like another
CODE_LENGTH = 8
ROOM_LENGTH = 6  # of a room's code: 29.7 bits, on a screen that the whole room sees, and gone with the door
SEAT_LIFE = 90 * 86400  # seconds; a seat is closed by withdrawal, revocation or the end of the study
STAFF_LIFE = 12 * 3600
PASSWORD_LENGTH = 12

_hasher = PasswordHasher()
_hashing = asyncio.Semaphore(2)  # a hash takes 64 MiB


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking. Both None: a stranger. A member of staff takes the seat of the session at hand, if any."""

    staff: models.Staff | None = None
    seat: models.Seat | None = None
    is_own: bool | None = None  # is the device theirs? None: they were not asked


NOBODY = Asker()


def _derived(settings: Settings, *parts: object) -> bytes:
    text = "|".join(map(str, parts))
    return hmac.digest(settings.secret.encode(), text.encode(), "sha256")


def token(settings: Settings, what: str, number: int, issue: int) -> str:
    """The secret part of a link: 132 bits, after the number that finds the line."""
    return f"{number}-{urlsafe_b64encode(_derived(settings, what, number, issue)).decode()[:22]}"


def short_code(settings: Settings, seat: models.Seat) -> str:
    """The short code of a seat, in two halves: 39.6 bits, to be read over the telephone."""
    number = int.from_bytes(_derived(settings, "code", seat.id, seat.issue), "big")
    signs = ""
    for _ in range(CODE_LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return f"{signs[:4]}-{signs[4:]}"


def code_digest(settings: Settings, code: str) -> str:
    """How a code is kept, so that the seat is found by it: keyed, since codes are short."""
    return _derived(settings, "digest", plain_code(code)).hex()


def plain_code(code: str) -> str:
    """A code as it was typed, without the dash, spaces and small letters."""
    return "".join(sign for sign in code.upper() if sign in ALPHABET)


def owner_mark(settings: Settings, seat: models.Seat) -> str:
    """Whose answers wait on a device: a name that says nothing elsewhere, and outlives a new sheet."""
    return _derived(settings, "owner", seat.id).hex()[:16]


def new_alias() -> str:
    return "".join(choice(ALPHABET) for _ in range(6))


def _number(link: str) -> int | None:
    head = link.partition("-")[0]
    return int(head) if head.isdecimal() and len(head) < 10 else None


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


async def seat_of(settings: Settings, link: str) -> models.Seat | None:
    number = _number(link)
    seat = await models.Seat.get_or_none(id=number) if number is not None else None
    if seat is None or not _is_same(link, token(settings, "seat", seat.id, seat.issue)):
        return None
    return seat if not seat.withdrawn else None


async def staff_of(settings: Settings, link: str) -> models.Staff | None:
    number = _number(link)
    staff = await models.Staff.get_or_none(id=number) if settings.staff_keys and number is not None else None
    if staff is None or not _is_same(link, token(settings, "staff", staff.id, staff.issue)):
        return None
    return staff


async def seat_by_code(settings: Settings, code: str) -> models.Seat | None:
    return await models.Seat.get_or_none(code=code_digest(settings, code), withdrawn="")


async def session_of_room(code: str) -> models.Session | None:
    """The session whose door this code opens."""
    plain = plain_code(code)
    return await models.Session.filter(room=plain).first() if len(plain) == ROOM_LENGTH else None


async def hash_password(password: str) -> str:
    async with _hashing:
        return await asyncio.to_thread(_hasher.hash, password)


async def staff_by_password(mail: str, password: str) -> models.Staff | None:
    """The same work is done for an unknown address, so that time tells nothing."""
    staff = await models.Staff.get_or_none(mail=mail.strip().lower())
    async with _hashing:
        stored = staff.password if staff else await asyncio.to_thread(_decoy)
        try:
            await asyncio.to_thread(_hasher.verify, stored, password)
        except VerificationError:
            return None
    return staff


def _decoy() -> str:
    if not _decoys:
        _decoys.append(_hasher.hash(token_urlsafe()))
    return _decoys[0]


_decoys: list[str] = []


async def sign_in(
    store: Store, *, seat: models.Seat | None = None, staff: models.Staff | None = None
) -> tuple[str, int]:
    """A new cookie value and its life in seconds; the database keeps its digest only."""
    who = seat or staff
    assert who is not None
    value, life = token_urlsafe(24), SEAT_LIFE if seat else STAFF_LIFE
    ids: dict[str, Any] = {"seat_id": seat.id if seat else None, "staff_id": staff.id if staff else None}

    async def job() -> None:
        await models.Login.filter(until__lt=time.time()).delete()
        await models.Login.create(digest=_digest(value), issue=who.issue, until=time.time() + life, **ids)
        if seat is not None:
            await models.Seat.filter(id=seat.id, is_entered=False).update(is_entered=True)

    await store.write(job)
    return value, life


async def sign_out(store: Store, value: str) -> None:
    async def job() -> None:
        await models.Login.filter(digest=_digest(value)).delete()

    await store.write(job)


async def own_device(store: Store, value: str, is_own: bool) -> None:
    """Whether the device of this cookie belongs to its person; not an act of the session, so without a line."""

    async def job() -> None:
        await models.Login.filter(digest=_digest(value)).update(is_own=is_own)

    await store.write(job)


async def asker(value: str | None) -> Asker:
    """Whose cookie this is; a revoked, withdrawn or expired one is nobody's."""
    login = await models.Login.get_or_none(digest=_digest(value), until__gt=time.time()) if value else None
    if login is None:
        return NOBODY
    if login.staff_id is not None:
        staff = await models.Staff.get_or_none(id=login.staff_id, issue=login.issue)
        return Asker(staff=staff, is_own=login.is_own)
    seat = await models.Seat.get_or_none(id=login.seat_id, issue=login.issue)
    return Asker(seat=seat if seat and seat.withdrawn == "" else None, is_own=login.is_own)


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()
