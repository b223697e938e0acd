"""Who is asking: seat links and codes, staff sign-in, the one cookie.

A link and a code are derived from the server's secret, the seat and its issue number: a sheet can be printed again,
raising the number revokes it, and the database alone opens no seat. What an asker may do is guard's question.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from consensus import models
from consensus import store as stored
from consensus.addresses import LONGEST, alike
from consensus.journal import Actor, head_of, minute, write
from consensus.memory import twin
from consensus.settings import Settings
from consensus.store import Store

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 signs, none that looks like another
CODE_LENGTH = 8
ROOM_LENGTH = 6  # of a room's code: 29.7 bits, on a screen that the whole room sees, and gone with the door
SEAT_LIFE = 90 * 86400  # seconds; a seat is closed by withdrawal, revocation or the end of the study
STAFF_LIFE = 12 * 3600
PASSWORD_LENGTH = 12
LINK, DEVICE, LIST = "link", "device", "list"  # what a notice tells
OLDEST = 100  # how many links of a seat back one is still known for what it was

_hasher = PasswordHasher()
_hashing = asyncio.Semaphore(2)  # a hash takes 64 MiB


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking. Both None: a stranger. A member of staff takes the seat of the session at hand, if any."""

    staff: models.Staff | None = None
    seat: models.Seat | None = None
    login: models.Login | None = None  # the device on which they are signed in


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


def device_mark(settings: Settings, seat_id: int, said: str) -> str:
    """A device as one seat's answers know it: the mark of the same device beside another seat is another one."""
    return _derived(settings, "device", seat_id, said).hex()[:16]


def _number(link: str) -> int | None:
    head = link.partition("-")[0]
    return int(head) if head.isdecimal() and len(head) < 10 else None


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


async def seat_of(settings: Settings, link: str) -> models.Seat | None:
    seat = await linked(settings, link)
    return seat if seat and not seat.withdrawn else None


async def linked(settings: Settings, link: str) -> models.Seat | None:
    """Whose link this is, also of somebody who left the study."""
    number = _number(link)
    seat = await models.Seat.get_or_none(id=number) if number is not None else None
    return seat if seat and _is_same(link, token(settings, "seat", seat.id, seat.issue)) else None


async def replaced(settings: Settings, link: str) -> models.Seat | None:
    """Whose link this was, until the team made them a new one after they had come in."""
    number = _number(link)
    seat = await models.Seat.get_or_none(id=number) if number is not None else None
    if seat is None or not await models.Notice.exists(seat_id=seat.id, what=LINK):
        return None
    earlier = range(max(1, seat.issue - OLDEST), seat.issue)
    return seat if any(_is_same(link, token(settings, "seat", seat.id, issue)) for issue in earlier) else None


def is_code_of(settings: Settings, seat: models.Seat, code: str) -> bool:
    """Is this the code that only this person should know?"""
    return _is_same(plain_code(code), plain_code(short_code(settings, seat)))


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


async def staff_by_mail(mail: str) -> models.Staff | None:
    """Who signs in with this address, however it is written. Accounts of earlier versions stay as they were typed."""
    if len(mail) > 2 * LONGEST:
        return None
    return await models.Staff.filter(mail__in={alike(mail), mail.strip().lower()}).order_by("id").first()


async def staff_by_password(mail: str, password: str) -> models.Staff | None:
    """The same work is done for an unknown address, so that time tells nothing."""
    staff = await staff_by_mail(mail)
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
    store: Store, *, seat: models.Seat | None = None, staff: models.Staff | None = None, before: str = ""
) -> tuple[str, int]:
    """A new cookie value and its life in seconds; the database keeps its digest only.

    before: the cookie that this device had until now; whoever that was is signed out of it. A device that is new to a
    seat is told to the seat's other devices, and is a line of the journal, without an alias: by its minute the alias
    would be tied to whoever was seen to come in.
    """
    who = seat or staff
    assert who is not None
    value, life = token_urlsafe(24), SEAT_LIFE if seat else STAFF_LIFE
    ids: dict[str, Any] = {"seat_id": seat.id if seat else None, "staff_id": staff.id if staff else None}

    async def job() -> None:
        if seat is not None:
            await stored.hold(head_of(seat.session_id))
        await models.Login.filter(until__lt=time.time()).delete()
        was = await models.Login.get_or_none(digest=_digest(before)) if before else None
        if was is not None:
            await models.Login.filter(id=was.id).delete()
        is_back = was is not None and seat is not None and (was.seat_id, was.issue) == (seat.id, seat.issue)
        read = was.read if was is not None and is_back else 0
        made = await models.Login.create(
            digest=_digest(value), issue=who.issue, until=time.time() + life, read=read, **ids
        )
        if seat is not None and await models.Seat.exists(id=seat.id, issue=seat.issue, withdrawn=""):
            await models.Seat.filter(id=seat.id).update(is_entered=True)
            if not is_back:
                await notify(seat.id, DEVICE, made.id)
                await write(head_of(seat.session_id), Actor(seat.role), DEVICE, {})

    await _of_device(store, job, _digest(before), seat.id if seat else None)
    return value, life


async def notify(seat_id: int, what: str, login_id: int | None = None) -> None:
    """Inside a job: something that the person of this seat reads on each of their devices."""
    at = minute()
    await models.Notice.create(seat_id=seat_id, what=what, at=at, login_id=login_id)


async def unread(store: Store, login: models.Login) -> list[models.Notice]:
    """What this device was not told yet, oldest first; never of itself."""

    def read() -> Awaitable[list[models.Notice]]:
        return models.Notice.filter(seat_id=login.seat_id).order_by("id")

    found = await store.memory.of(("notices", login.seat_id), read)
    return [notice for notice in found if notice.id > login.read and notice.login_id != login.id]


async def read_notices(store: Store, login: models.Login, last: int) -> None:
    """Read on this device; the others still show them. Not an act of the session, so without a line."""

    async def job() -> None:
        await models.Login.filter(id=login.id, read__lt=last).update(read=last)

    await _of_device(store, job, login.digest)


async def sign_out(store: Store, value: str) -> None:
    async def job() -> None:
        await models.Login.filter(digest=_digest(value)).delete()

    await _of_device(store, job, _digest(value))


async def own_device(store: Store, value: str, is_own: bool) -> None:
    """Whether the device of this cookie belongs to its person; not an act of the session, so without a line."""

    async def job() -> None:
        await models.Login.filter(digest=_digest(value)).update(is_own=is_own)

    await _of_device(store, job, _digest(value))


async def _of_device(store: Store, job: Callable[[], Awaitable[None]], digest: str, seat_id: int | None = None) -> None:
    """What happens to one device, and to its seat, touches nothing else: a whole room that comes in at once, or leaves,
    does not make everybody read the session again."""
    keys = [("login", digest), ("seat", seat_id), ("notices", seat_id)]
    await store.write(job, is_act=False, then=lambda _: store.memory.forget(*keys))


async def asker(store: Store, value: str | None) -> Asker:
    """Whose cookie this is; a revoked, withdrawn or expired one is nobody's."""
    login = await _login(store, _digest(value)) if value else None
    if login is None or login.until <= time.time():
        return NOBODY
    if login.staff_id is not None:
        staff = await store.memory.of(("staff", login.staff_id), lambda: models.Staff.get_or_none(id=login.staff_id))
        return Asker(staff=twin(staff) if staff and staff.issue == login.issue else None, login=login)
    seat = await store.memory.of(("seat", login.seat_id), lambda: models.Seat.get_or_none(id=login.seat_id))
    is_in = seat is not None and seat.issue == login.issue and seat.withdrawn == ""
    return Asker(seat=twin(seat) if is_in else None, login=login)


async def _login(store: Store, digest: str) -> models.Login | None:
    return await store.memory.of(("login", digest), lambda: models.Login.get_or_none(digest=digest))


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()
