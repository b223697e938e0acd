"""One request, understood: who asks, in which session and language, what was typed; and the ways to answer.

guarded() stands before every page: it looks the asker up, asks guard, and turns a refusal into the same page with a
sentence and everything that was typed. Nothing here knows what a page shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Message, Receive

from consensus import models, seats
from consensus.conduct import Refused
from consensus.guard import STAFF, Who, may
from consensus.house import House
from consensus.seats import owner_mark
from consensus.text import LANGUAGES
from rounds.contract import TEAM, BallotError, Form, Role

LARGEST = 2**31 - 1  # no number in the database is larger
BODY = 256 * 1024  # bytes of a form
GUISE = "guise"  # the cookie that says which simulated person the team looks like, on the pages of a rehearsal
FORGET = {"Clear-Site-Data": '"cache", "storage"'}  # the browser drops what it kept of ours, but for the cookie
FIELDS = 400  # a compilation form may carry many; more is no form of ours


@dataclass(slots=True)
class Ask:
    """typed: the form as it was sent, shown again after a refusal or in the other language. error: a sentence."""

    house: House
    request: HTTPConnection
    seat: models.Seat | None
    staff: models.Staff | None
    session: models.Session | None
    study: models.Study | None
    language: str
    typed: Form = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    error: str = ""
    status: int = 200
    is_own: bool | None = None  # the device: theirs, shared, or not asked yet
    guise: models.Seat | None = None  # the simulated person whose pages this member of the team opened

    def let_in(self, what: str) -> bool:
        """May they? Where the team may not, the simulated person may whose pages they opened; then that one asks."""
        if may(what, self.who):
            return True
        if self.guise is None or not may(what, who(None, self.guise)):
            return False
        self.seat, self.staff, self.is_own = self.guise, None, False
        return True

    @property
    def who(self) -> frozenset[Who]:
        return who(self.staff, self.seat)

    @property
    def here(self) -> models.Session:
        assert self.session is not None
        return self.session

    @property
    def mine(self) -> models.Seat:
        assert self.seat is not None
        return self.seat

    def say(self, key: str, /, **values: object) -> str:
        return self.house.texts.say(self.language, key, **values)

    def page(self, template: str, **context: Any) -> Response:
        return HTMLResponse(self.drawn(template, **context), self.status, headers={"Cache-Control": "no-store"})

    def drawn(self, template: str, **context: Any) -> str:
        """A whole page; its header, language toggle and help come from here."""
        return self.house.pages.whole(template, self.language, {**self.frame(), **context})

    def frame(self) -> dict[str, Any]:
        return {
            "path": self.request.url.path,
            "query": {name: value for name, value in self.request.query_params.items() if name != "lang"},
            "typed": Typed(self.typed),
            "error": self.error,
            "key": token_urlsafe(16),
            "session": self.session,
            "study": self.study,
            "seat": self.seat,
            "staff": self.staff,
            "is_own": self.is_own,
            "is_guised": self.seat is not None and self.seat is self.guise,
            "play": self.house.plays.of(self.session.id) if self.session else None,
            "owner": owner_mark(self.house.settings, self.seat) if self.seat else "",
            "who": self.who,
            "may": lambda what: may(what, self.who),
            "languages": self.languages(),
        }

    def languages(self) -> list[str]:
        return [name for name in LANGUAGES if not self.study or name in self.study.languages]

    def go(self, route: str, **values: Any) -> Response:
        """See other: the next page, by its name."""
        query = values.pop("query", "")
        url = self.request.url_for(route, **values).path
        return RedirectResponse(f"{url}?{query}" if query else url, 303)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, for a template: one value, all values, or nothing."""

    form: Form

    def __call__(self, name: str, default: str = "") -> str:
        values = self.form.get(name)
        return values[0] if values else default

    def has(self, name: str, value: str) -> bool:
        return value in self.form.get(name, ())

    def __bool__(self) -> bool:
        return bool(self.form)


def who(staff: models.Staff | None, seat: models.Seat | None) -> frozenset[Who]:
    found: set[Who] = set()
    if staff is not None:
        found.add(STAFF)
        if staff.is_administrator:
            found.add(Role.ADMINISTRATOR)
    if seat is not None:
        found.add(Role(seat.role))
    return frozenset(found)


Page = Callable[[Ask], Awaitable[Response]]


def guarded(
    house: House, what: str, page: Page, shows: Page | None = None, most: int = BODY
) -> Callable[[Request], Awaitable[Response]]:
    """page behind the access table. shows: the page drawn again when a form is refused or read in another language.

    most: bytes of a form; a larger one is refused as it comes.
    """

    async def endpoint(request: Request) -> Response:
        ask = await understand(house, request)
        if not ask.let_in(what):
            raise HTTPException(403 if ask.who else 401)
        if request.method == "POST":
            await _read_form(ask, Request(request.scope, _at_most(most, request)))
        said_in = ask.typed.get("say_in", [""])[0]
        if shows is not None and said_in in LANGUAGES:
            ask.language = said_in
            return remember(house, await shows(ask), said_in)
        try:
            response = await page(ask)
        except (Refused, BallotError) as refused:
            if shows is None:
                raise HTTPException(409) from refused
            ask.error, ask.status = ask.say(refused.key, **_in_words(ask, refused)), 422
            response = await shows(ask)
            response.headers["HX-Push-Url"] = "false"  # the page it came from keeps its address
        return remember(house, response, request.query_params.get("lang"))

    return endpoint


def _in_words(ask: Ask, refused: Refused | BallotError) -> dict[str, object]:
    """The values of a refusal; one that is a code becomes its words: value v of field f is "<kind>.f.v"."""
    kind = refused.key.partition(".")[0]
    words = {name: f"{kind}.{name}.{value}" for name, value in refused.values.items()}
    has = ask.house.texts.has
    return {name: ask.say(words[name]) if has(ask.language, words[name]) else v for name, v in refused.values.items()}


async def understand(house: House, request: HTTPConnection) -> Ask:
    """Who asks, and where. An object of a session that the asker does not sit in is not found, like one that is not."""
    asker = await seats.asker(request.cookies.get(house.settings.cookie))
    session_id = request.path_params.get("session")
    session = study = None
    seat = asker.seat
    if session_id is not None:
        session = await models.Session.get_or_none(id=session_id) if session_id <= LARGEST else None
        if session is not None and asker.staff is not None:
            seat = await models.Seat.get_or_none(session_id=session_id, staff_id=asker.staff.id, withdrawn="")
        if session is None or seat is None or seat.session_id != session.id:
            raise HTTPException(404 if asker.staff or asker.seat else 401)
    elif seat is not None:
        session = await models.Session.get(id=seat.session_id)
    if session is not None:
        study = await models.Study.get(id=session.study_id)
    language = _language(request, seat, asker.staff, study)
    guise = await _guise(request, session, seat)
    return Ask(house, request, seat, asker.staff, session, study, language, is_own=asker.is_own, guise=guise)


async def _guise(
    request: HTTPConnection, session: models.Session | None, seat: models.Seat | None
) -> models.Seat | None:
    """No credential: who runs a rehearsal may look like any of its simulated people, and like nobody else."""
    wanted = request.cookies.get(GUISE, "")
    if session is None or session.rehearses is None or seat is None or seat.role not in TEAM:
        return None
    if not (wanted.isdecimal() and len(wanted) < 10):
        return None
    found = models.Seat.filter(id=int(wanted), session_id=session.id, role=Role.PARTICIPANT)
    return await found.get_or_none(is_simulated=True, withdrawn="")


def _language(
    request: HTTPConnection, seat: models.Seat | None, staff: models.Staff | None, study: models.Study | None
) -> str:
    offered = [name for name in LANGUAGES if not study or name in study.languages]
    wished = [request.query_params.get("lang"), request.cookies.get("language")]
    wished += [seat.language if seat else None, staff.language if staff else None]
    wished += [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((name for name in wished if name in offered), offered[0])


def _at_most(most: int, request: Request) -> Receive:
    """Receive the body of a request, up to so many bytes."""
    left = most
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > most:
        raise HTTPException(413)

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return receive


async def _read_form(ask: Ask, request: Request) -> None:
    form: FormData = await request.form(max_files=1, max_fields=FIELDS, max_part_size=1_000_000)
    ask.typed = {name: [str(v) for v in form.getlist(name) if isinstance(v, str)] for name in form}
    ask.files = {name: value for name, value in form.items() if isinstance(value, UploadFile)}


def remember(house: House, response: Response, language: str | None) -> Response:
    if language in LANGUAGES:
        response.set_cookie("language", language, max_age=365 * 86400, samesite="lax", secure=house.settings.is_https)
    return response
