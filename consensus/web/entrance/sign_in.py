"""The ways in and out: a seat's link or code, staff sign-in, this device's sign-out.

Opening a link changes nothing: mail scanners open links. Only the button on the page it shows does. Nobody's password
or link is ever drawn or logged here.
"""

from __future__ import annotations

import re
from hashlib import sha256

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from consensus import models, seats
from consensus.addresses import alike
from consensus.conduct import Refused
from consensus.guard import STAFF
from consensus.states import Left
from consensus.web.asking import FORGET, Ask, remember
from consensus.web.form import Typed
from consensus.web.pace import Paces, source_of
from consensus.web.participant.home import is_asked
from rounds.contract import Role

paces = Paces()
OURS = re.compile(r"/(sessions|studies)(/[\w.-]*)*(\?[\w=&%.+-]*)?")  # pages to which signing in may lead back


def source(ask: Ask) -> str:
    return source_of(ask.request.client.host if ask.request.client else "")


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
    code, origin = ask.typed.one("code"), source(ask)
    pace = paces.rooms if len(seats.plain_code(code)) == seats.ROOM_LENGTH else paces.seats
    await pace.before(origin)
    is_room = await seats.session_of_room(code) is not None
    seat = await seats.seat_by_code(ask.house.settings, code) if code and not is_room else None
    if seat is None and not is_room:
        raise Refused("refused.wrong_code")
    pace.right(origin)
    if seat is None:
        return ask.go("room", code=seats.plain_code(code))
    return await _let_in(ask, seat=seat)


async def invitation(ask: Ask) -> Response:
    """What a seat's link shows: who invites, and a button; or that one has left, or that the team made a new link.
    Nothing is recorded."""
    settings = ask.house.settings
    found = await seats.linked(settings, _link(ask))
    seat = found or await seats.replaced(settings, _link(ask))
    if seat is None:
        raise HTTPException(404)
    session = await models.Session.get(id=seat.session_id).select_related("study")
    ask.session, ask.study = session, session.study
    if "lang" not in ask.request.query_params and "language" not in ask.request.cookies:
        ask.language = seat.language
    if found is None and not seat.withdrawn:
        ask.status, ask.seat, ask.staff = 410, None, None
        made = await models.Notice.filter(seat_id=seat.id, what=seats.LINK).order_by("-id").first()
        return ask.page("participant/replaced.html", when=ask.minute(made.at) if made else "")
    if seat.withdrawn:
        ask.status = 410
        return ask.page("participant/farewell.html", choice="erase" if seat.withdrawn == Left.ERASED else "stop")
    return ask.page("invitation.html")


async def accept(ask: Ask) -> Response:
    seat = await seats.seat_of(ask.house.settings, _link(ask))
    return await _let_in(ask, seat=seat) if seat else await invitation(ask)


def _link(ask: Ask) -> str:
    return str(ask.request.path_params["link"])


async def staff_door(ask: Ask) -> Response:
    """What one guesses: to the sign-in, or past it."""
    return ask.go("studies" if STAFF in ask.who else "sign_in_page")


async def staff_key(ask: Ask) -> Response:
    """The demo's printed link of a member of staff: a page with a button, like a seat's."""
    staff = await _keyed(ask)
    return ask.page("staff/key.html", name=staff.name)


async def turn_key(ask: Ask) -> Response:
    staff = await _keyed(ask)
    return await _let_in(ask, staff=staff, where=ask.request.query_params.get("to", ""))


async def _keyed(ask: Ask) -> models.Staff:
    staff = await seats.staff_of(ask.house.settings, ask.request.path_params["link"])
    if staff is None:
        raise HTTPException(404)
    return staff


async def sign_in_page(ask: Ask) -> Response:
    to = ask.request.query_params.get("to", "")
    return ask.page("staff/sign_in.html", to=to if OURS.fullmatch(to) else "")


async def sign_in(ask: Ask) -> Response:
    mail, password = (ask.typed(name) for name in ("mail", "password"))
    whose = (source(ask), sha256(alike(mail).encode()).hexdigest())  # where it is tried, and what for
    await paces.passwords.before(*whose)
    staff = await seats.staff_by_password(mail, password)
    ask.typed = Typed({"mail": [mail]})  # a password is never shown again
    if staff is None:
        raise Refused("refused.wrong_password")
    paces.passwords.right(*whose)
    response = await _let_in(ask, staff=staff, where=ask.request.query_params.get("to", ""))
    return remember(ask.house, response, ask.language)  # the page after it speaks as the one before


async def _let_in(
    ask: Ask, seat: models.Seat | None = None, staff: models.Staff | None = None, where: str = ""
) -> Response:
    cookie = await signed_in(ask, seat, staff)
    response = _to(ask, where) if where else (await _home(ask, seat) if seat else ask.go("studies"))
    hand_cookie(ask, response, *cookie)
    return response


async def signed_in(ask: Ask, seat: models.Seat | None, staff: models.Staff | None = None) -> tuple[str, int]:
    """The cookie of who comes in. Whoever sat on this device before is signed out of it, on the server too."""
    before, left = ask.request.cookies.get(ask.house.settings.cookie, ""), ask.seat
    cookie = await seats.sign_in(ask.house.store, seat=seat, staff=staff, before=before)
    if left is not None and (seat is None or seat.id != left.id):
        ask.house.rooms.part(left.session_id, left.id)
    if seat is not None:
        ask.house.pictures.drop(seat.id)
        ask.house.rooms.touch(seat.session_id)
    ask.seat, ask.staff = seat, staff
    return cookie


def hand_cookie(ask: Ask, response: Response, value: str, life: int) -> None:
    settings = ask.house.settings
    response.set_cookie(
        settings.cookie, value, max_age=life, path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def _to(ask: Ask, where: str) -> Response:
    """where: NAME-SESSION, a known page of a session, or a page of the team's; anything else leads to the studies."""
    if OURS.fullmatch(where):
        return RedirectResponse(where, 303)
    name, _, number = where.partition("-")
    if name in {"console", "projector", "results"} and number.isdecimal():
        return ask.go(name, session=int(number))
    return ask.go("studies")


async def sign_out(ask: Ask) -> Response:
    """This device forgets: the cookie dies here and on the server, the browser's stores are cleared."""
    if value := ask.request.cookies.get(ask.house.settings.cookie):
        await seats.sign_out(ask.house.store, value)
        if ask.seat is not None:
            ask.house.rooms.part(ask.seat.session_id, ask.seat.id)
    response = ask.go("landing")
    response.delete_cookie(ask.house.settings.cookie, path="/", secure=ask.house.settings.is_https, httponly=True)
    response.headers.update(FORGET)
    return response
