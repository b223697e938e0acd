"""The ways in and out: a seat's link or code, staff sign-in, this device's sign-out.

Opening a link changes nothing: mail scanners open links. Only the button on the page it shows does. Nobody's password
or link is ever drawn or logged here.
"""

from __future__ import annotations

import time
from collections import deque

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import models, seats
from consensus.conduct import Refused
from consensus.guard import STAFF
from consensus.web.asking import FORGET, Ask
from consensus.web.home import is_asked
from rounds.contract import Role

# Wrong codes or passwords from one address in 15 minutes: a whole room may share one. A link is never counted.
TRIES, WINDOW = 30, 900
ALL_TRIES = 100  # wrong ones from all addresses in one minute: in 8 hours, a chance of 3 in a million to hit one of 50


class Tries:
    """Wrong tries of late, by address and in all; a right one is never counted."""

    def __init__(self) -> None:
        self._by_address: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()

    def check(self, address: str) -> None:
        now = time.monotonic()
        for line, window in [(self._all, 60), *((line, WINDOW) for line in self._by_address.values())]:
            while line and line[0] < now - window:
                line.popleft()
        self._by_address = {known: line for known, line in self._by_address.items() if line}
        mine = self._by_address.get(address, ())
        if len(mine) >= TRIES or len(self._all) >= ALL_TRIES:
            raise Refused("refused.too_many_tries", n=WINDOW // 60)

    def wrong(self, address: str) -> None:
        self._by_address.setdefault(address, deque()).append(time.monotonic())
        self._all.append(time.monotonic())


tries = Tries()


def address(ask: Ask) -> str:
    return ask.request.client.host if ask.request.client else ""


async def landing(ask: Ask) -> Response:
    if ask.seat is not None and ask.staff is None and ask.status == 200:
        return await _home(ask, ask.seat)
    if STAFF in ask.who and ask.status == 200:
        return ask.go("studies")
    return ask.page("landing.html")


async def _home(ask: Ask, seat: models.Seat) -> Response:
    """Where a seat begins; a participant, right where something is asked of them."""
    if seat.role == Role.PARTICIPANT:
        return ask.go("take" if await is_asked(ask.house, seat) else "home", session=seat.session_id)
    if seat.role in {Role.FACILITATOR, Role.COFACILITATOR}:
        return ask.go("console", session=seat.session_id)
    return ask.go("results", session=seat.session_id)


async def enter_code(ask: Ask) -> Response:
    tries.check(address(ask))
    code = ask.typed.get("code", [""])[0]
    if await seats.session_of_room(code):
        return ask.go("room", code=seats.plain_code(code))
    seat = await seats.seat_by_code(ask.house.settings, code) if code else None
    if seat is None:
        tries.wrong(address(ask))
        raise Refused("refused.wrong_code")
    return await _let_in(ask, seat=seat)


async def invitation(ask: Ask) -> Response:
    """What a seat's link shows: who invites, and a button. Nothing is recorded."""
    seat = await _invited(ask)
    session = await models.Session.get(id=seat.session_id).select_related("study")
    ask.session, ask.study = session, session.study
    if "lang" not in ask.request.query_params and "language" not in ask.request.cookies:
        ask.language = seat.language
    return ask.page("invitation.html", invited=seat)


async def accept(ask: Ask) -> Response:
    return await _let_in(ask, seat=await _invited(ask))


async def _invited(ask: Ask) -> models.Seat:
    seat = await seats.seat_of(ask.house.settings, ask.request.path_params["link"])
    if seat is None:
        raise HTTPException(404)
    return seat


async def staff_key(ask: Ask) -> Response:
    """The demo's printed link of a member of staff: a page with a button, like a seat's."""
    staff = await _keyed(ask)
    return ask.page("staff/key.html", invited=staff)


async def turn_key(ask: Ask) -> Response:
    staff = await _keyed(ask)
    return await _let_in(ask, staff=staff, where=ask.request.query_params.get("to", ""))


async def _keyed(ask: Ask) -> models.Staff:
    staff = await seats.staff_of(ask.house.settings, ask.request.path_params["link"])
    if staff is None:
        raise HTTPException(404)
    return staff


async def sign_in_page(ask: Ask) -> Response:
    return ask.page("staff/sign_in.html")


async def sign_in(ask: Ask) -> Response:
    tries.check(address(ask))
    mail, password = (ask.typed.get(name, [""])[0] for name in ("mail", "password"))
    staff = await seats.staff_by_password(mail, password)
    ask.typed = {"mail": [mail]}  # a password is never shown again
    if staff is None:
        tries.wrong(address(ask))
        raise Refused("refused.wrong_password")
    return await _let_in(ask, staff=staff)


async def _let_in(
    ask: Ask, seat: models.Seat | None = None, staff: models.Staff | None = None, where: str = ""
) -> Response:
    value, life = await seats.sign_in(ask.house.store, seat=seat, staff=staff)
    ask.seat, ask.staff = seat, staff
    response = _to(ask, where) if where else (await _home(ask, seat) if seat else ask.go("studies"))
    hand_cookie(ask, response, value, life)
    return response


def hand_cookie(ask: Ask, response: Response, value: str, life: int) -> None:
    settings = ask.house.settings
    response.set_cookie(
        settings.cookie, value, max_age=life, path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def _to(ask: Ask, where: str) -> Response:
    """where: NAME-SESSION, a known page of a session; anything else leads to the list of studies."""
    name, _, number = where.partition("-")
    if name in {"console", "projector", "results"} and number.isdecimal():
        return ask.go(name, session=int(number))
    return ask.go("studies")


async def sign_out(ask: Ask) -> Response:
    """This device forgets: the cookie dies here and on the server, the browser's stores are cleared."""
    if value := ask.request.cookies.get(ask.house.settings.cookie):
        await seats.sign_out(ask.house.store, value)
    response = ask.go("landing")
    response.delete_cookie(ask.house.settings.cookie, path="/", secure=ask.house.settings.is_https, httponly=True)
    response.headers.update(FORGET)
    return response
