"""One request, understood: who asks, in which session and language, what was typed; and the ways to answer.

guarded() stands before every page: it looks the asker up, asks guard, and turns a refusal into the same page with a
sentence and everything that was typed. Nothing here knows what a page shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from consensus import models, seats
from consensus.conduct import Refused
from consensus.facts import SeatFacts, SessionFacts, StaffFacts, StudyFacts
from consensus.guard import STAFF, Who, may
from consensus.house import House
from consensus.journal import moment_of
from consensus.limits import FORM, Limits, of_round
from consensus.memory import twin
from consensus.seats import owner_mark
from consensus.states import RoundState
from consensus.text import LANGUAGES, when
from consensus.web.form import Typed, read_form
from consensus.web.packing import packed
from consensus.web.refused import unshown
from rounds import KINDS
from rounds.contract import TEAM, BallotError, Role, number_in

LARGEST = 2**31 - 1  # no number in the database is larger
VIEW_AS = "guise"  # the cookie that says which simulated person the team looks like, on the pages of a rehearsal
FORGET = {"Clear-Site-Data": '"cache", "storage"'}  # the browser drops what it kept of ours, but for the cookie


@dataclass(slots=True)
class Ask:
    """typed: the form as it was sent, shown again after a refusal or in the other language. error: a sentence.

    about: the round that this form was made for, once it is known.
    """

    house: House
    request: HTTPConnection
    seat: models.Seat | None
    staff: models.Staff | None
    session: models.Session | None
    study: models.Study | None
    language: str
    typed: Typed = field(default_factory=Typed)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    about: str = ""
    error: str = ""
    status: int = 200
    is_own: bool | None = None  # the device: theirs, shared, or not asked yet
    guise: models.Seat | None = None  # the simulated person whose pages this member of the team opened
    login: models.Login | None = None  # the device
    unread: Sequence[models.Notice] = ()  # what a participant was not told yet on this device

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

    @property
    def zone(self) -> str:
        """In which the study tells the time."""
        assert self.study is not None
        return self.study.zone

    @property
    def groups(self) -> Sequence[Mapping[str, Any]]:
        """Of the study; none on a page of none."""
        return self.study.groups if self.study else ()

    def say(self, key: str, /, **values: object) -> str:
        return self.house.texts.say(self.language, key, **values)

    def minute(self, at: str) -> str:
        """A minute of the database as the reader says it: day and time."""
        return when(self.language, moment_of(at), self.zone)

    def page(self, template: str, **context: Any) -> Response:
        html = self.drawn(template, **context)
        if self.error and (left := unshown(self.typed, html)):
            html = self.drawn(template, **context | {"unshown": left})
        return HTMLResponse(html, self.status, headers={"Cache-Control": "no-store"})

    def drawn(self, template: str, **context: Any) -> str:
        """A whole page; its header, language toggle and help come from here."""
        return self.house.pages.whole(template, self.language, {**self.frame(), **context})

    def frame(self) -> dict[str, Any]:
        return {
            "path": self.request.scope["path"],
            "queried": [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"],
            "query": {name: value for name, value in self.request.query_params.items() if name != "lang"},
            "typed": self.typed,
            "error": self.error,
            "unshown": {},
            "session": SessionFacts.of(self.session) if self.session else None,
            "study": StudyFacts.of(self.study) if self.study else None,
            "seat": SeatFacts.of(self.seat) if self.seat else None,
            "staff": StaffFacts.of(self.staff) if self.staff else None,
            "is_own": self.is_own,
            "notices": self._notices(),
            "is_guised": self.seat is not None and self.seat is self.guise,
            "play": self.house.running.of(self.session.id) if self.session else None,
            "owner": owner_mark(self.house.settings, self.seat) if self.seat else "",
            "who": self.who,
            "may": _asks(self.who),
            "languages": self.languages(),
        }

    def _notices(self) -> Mapping[str, object]:
        """What is told, by its kind: the moments, oldest first. last: to be sent back once it was read."""
        told: dict[str, list[str]] = {}
        for notice in self.unread:
            told.setdefault(notice.what, []).append(self.minute(notice.at))
        return {"told": told, "last": self.unread[-1].id} if told else {}

    def languages(self) -> list[str]:
        return [name for name in LANGUAGES if not self.study or name in self.study.languages]

    def address(self, route: str, **values: Any) -> str:
        """The path of a page, by its name."""
        path: str = self.request.app.state.addresses[route].url_path_for(route, **values)
        return path

    def go(self, route: str, **values: Any) -> Response:
        """See other: the next page, by its name."""
        query = values.pop("query", "")
        url = self.address(route, **values)
        return RedirectResponse(f"{url}?{query}" if query else url, 303)


def _asks(who: frozenset[Who]) -> Callable[[str], bool]:
    """May they? For templates: apart from the asker, who leads to everything."""
    return lambda what: may(what, who)


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
Most = Callable[[Ask], Awaitable[Limits]]


async def form_of_ours(ask: Ask) -> Limits:
    return FORM


async def answer_of_here(ask: Ask) -> Limits:
    """The largest that a round of this session asks for; a closed one refuses by a sentence, so it is read too."""

    async def read() -> Limits:
        limits = FORM
        rows = models.Round.filter(session_id=ask.here.id).exclude(state=RoundState.DRAFT).only("id", "kind")
        for row in await rows:
            frozen = await ask.house.counts.round(row.id)
            limits = limits.to_hold(of_round(KINDS[row.kind], len(frozen.statements)))
        return limits

    return await ask.house.memory.of(("largest", ask.here.id), read)


def guarded(
    house: House,
    what: str,
    page: Page,
    shows: Page | None = None,
    most: Most = form_of_ours,
    *,
    is_packed: bool = False,
) -> Callable[[Request], Awaitable[ASGIApp]]:
    """page behind the access table. shows: the page drawn again when a form is refused or read in another language.

    most: how large a form may be; a larger one is refused as it comes. is_packed: what it answers is packed already.
    """

    async def endpoint(request: Request) -> ASGIApp:
        response = await house.store.during(answer(request))
        return response if is_packed else packed(request, response)

    async def answer(request: Request) -> Response:
        ask = await understand(house, request)
        if not ask.let_in(what):
            raise HTTPException(403 if ask.who else 401)
        if request.method == "GET":
            await tell_unread(ask)
        if request.method == "POST":
            limits = await most(ask)
            ask.typed, ask.files = await read_form(request, limits)
        said_in = ask.typed.one("say_in")
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
        return remember(house, response, _asked_language(request))

    return endpoint


async def tell_unread(ask: Ask) -> None:
    """For a page of a participant: what happened to their seat and was not told yet on this device."""
    if ask.seat is not None and ask.login is not None and ask.seat is not ask.guise:
        ask.unread = await seats.unread(ask.house.store, ask.login) if ask.seat.role == Role.PARTICIPANT else ()


def _in_words(ask: Ask, refused: Refused | BallotError) -> dict[str, object]:
    """The values of a refusal; one that is a code becomes its words: value v of field f is "<kind>.f.v"."""
    kind = refused.key.partition(".")[0]
    words = {name: f"{kind}.{name}.{value}" for name, value in refused.values.items()}
    has = ask.house.texts.has
    return {name: ask.say(words[name]) if has(ask.language, words[name]) else v for name, v in refused.values.items()}


async def understand(house: House, request: HTTPConnection) -> Ask:
    """Who asks, and where. An object of a session that the asker does not sit in is not found, like one that is not."""
    if any("\0" in str(part) for part in request.path_params.values()):
        raise HTTPException(404)
    asker = await seats.asker(house.store, request.cookies.get(house.settings.cookie))
    session_id = request.path_params.get("session")
    session = study = None
    seat = asker.seat
    if session_id is not None:
        session = await session_of(house, session_id)
        if session is not None and asker.staff is not None:
            seat = await _seat_of_staff(house, session_id, asker.staff.id)
        if session is None or seat is None or seat.session_id != session.id:
            raise HTTPException(404 if asker.staff or asker.seat else 401)
    elif seat is not None:
        session = await session_of(house, seat.session_id)
    if session is not None:
        study = await study_of(house, session)
    language = _language(request, seat, asker.staff, study)
    guise = await _guise(request, session, seat)
    ask = Ask(house, request, seat, asker.staff, session, study, language, guise=guise, login=asker.login)
    ask.is_own = asker.login.is_own if asker.login else None
    return ask


async def session_of(house: House, number: int) -> models.Session | None:
    if number > LARGEST:
        return None
    return twin(await house.memory.of(("session", number), lambda: models.Session.get_or_none(id=number)))


async def _seat_of_staff(house: House, session_id: int, staff_id: int) -> models.Seat | None:
    def read() -> Awaitable[models.Seat | None]:
        return models.Seat.filter(session_id=session_id, staff_id=staff_id, withdrawn="").first()

    return twin(await house.memory.of(("seat of", session_id, staff_id), read))


async def study_of(house: House, session: models.Session) -> models.Study:
    return twin(await house.memory.of(("study", session.study_id), lambda: models.Study.get(id=session.study_id)))


async def _guise(
    request: HTTPConnection, session: models.Session | None, seat: models.Seat | None
) -> models.Seat | None:
    """No credential: who runs a rehearsal may look like any of its simulated people, and like nobody else."""
    wanted = number_in(request.cookies.get(VIEW_AS, ""))
    if session is None or session.rehearses is None or seat is None or seat.role not in TEAM or wanted is None:
        return None
    found = models.Seat.filter(id=wanted, session_id=session.id, role=Role.PARTICIPANT)
    return await found.get_or_none(is_simulated=True, withdrawn="")


def _language(
    request: HTTPConnection, seat: models.Seat | None, staff: models.Staff | None, study: models.Study | None
) -> str:
    offered = [name for name in LANGUAGES if not study or name in study.languages]
    return next((name for name in _wished(request, seat, staff) if name in offered), offered[0])


def _asked_language(request: HTTPConnection) -> str | None:
    """In the address, which mostly asks nothing at all; to read nothing takes as long as to read something."""
    return request.query_params.get("lang") if request.scope["query_string"] else None


def _wished(request: HTTPConnection, seat: models.Seat | None, staff: models.Staff | None) -> Iterator[str | None]:
    yield _asked_language(request)
    yield request.cookies.get("language")
    yield seat.language if seat else None
    yield staff.language if staff else None
    yield from (part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(","))


async def meant(ask: Ask) -> models.Round:
    """The round that a form was made for, by its field: never the one that happens to be open."""
    session_id, key = ask.here.id, ask.typed.one("round")

    def read() -> Awaitable[models.Round | None]:
        return models.Round.filter(session_id=session_id, key=key).first()

    row = twin(await ask.house.memory.of(("round", session_id, key), read))
    if row is None:
        raise Refused("refused.no_such_round")
    ask.about = row.key
    return row


def remember(house: House, response: Response, language: str | None) -> Response:
    if language in LANGUAGES:
        response.set_cookie("language", language, max_age=365 * 86400, samesite="lax", secure=house.settings.is_https)
    return response
