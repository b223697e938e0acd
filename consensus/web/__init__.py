"""The application as the server sees it: every URL on one screen, the middleware, the lifespan.

A route's name is its row in the access table (guard.ACCESS). Nothing else belongs here.
"""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from consensus.conduct import analyse, finish_due, unanalysed
from consensus.house import House, build, open_house
from consensus.settings import Settings
from consensus.statics import Statics
from consensus.store import Lost
from consensus.web import (
    bringing,
    consent_text,
    consenting,
    entrance,
    facilitator,
    home,
    leaving,
    manual,
    participant,
    reasons,
    researcher,
    setup,
    staff,
)
from consensus.web.asking import BODY, Page, guarded
from consensus.web.drawings import draw
from consensus.web.errors import Errors
from consensus.web.shield import Shield
from consensus.web.sockets import Live, frame

log = logging.getLogger(__name__)
PACKED = [Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)]
UPLOAD = 2_500_000  # bytes of a form that brings statements: a file, and beside it the text of one


def urls(house: House) -> list[BaseRoute]:
    def get(path: str, page: Page, name: str) -> Route:
        return Route(path, guarded(house, name, page), methods=["GET"], name=name, middleware=PACKED)

    def post(path: str, page: Page, name: str, shows: Page | None = None, most: int = BODY) -> Route:
        asked = guarded(house, name, page, shows, most)
        return Route(path, asked, methods=["POST"], name=name, middleware=PACKED)

    def parcel(path: str, page: Page, name: str) -> Route:  # packed already
        return Route(path, guarded(house, name, page), methods=["GET"], name=name)

    here = "/sessions/{session:int}"
    return [
        get("/", entrance.landing, "landing"),
        post("/", entrance.enter_code, "enter_code", entrance.landing),
        get("/j/{link}", entrance.invitation, "invitation"),
        post("/j/{link}", entrance.accept, "accept", entrance.invitation),
        get("/staff/key/{link}", entrance.staff_key, "staff_key"),
        post("/staff/key/{link}", entrance.turn_key, "turn_key", entrance.staff_key),
        get("/staff/sign-in", entrance.sign_in_page, "sign_in_page"),
        post("/staff/sign-in", entrance.sign_in, "sign_in", entrance.sign_in_page),
        post("/sign-out", entrance.sign_out, "sign_out"),
        # a study and its sessions, before they run
        get("/studies", staff.studies, "studies"),
        get("/studies/new", staff.new_study, "new_study"),
        post("/studies/new", staff.create_study, "create_study", staff.new_study),
        get("/studies/{study:int}/sessions/new", staff.new_session, "new_session"),
        post("/studies/{study:int}/sessions/new", staff.create_session, "create_session", staff.new_session),
        get("/studies/{study:int}/consent", consent_text.consent_text, "consent_text"),
        post("/studies/{study:int}/consent", consent_text.write, "write_consent", consent_text.consent_text),
        get(f"{here}/setup", setup.plan, "setup"),
        post(f"{here}/setup", setup.drop, "drop_round", setup.plan),
        get(f"{here}/setup/{{round}}", setup.edit, "edit_round"),
        post(f"{here}/setup/{{round}}", setup.save, "plan_round", setup.edit),
        get(f"{here}/statements", bringing.statements, "statements"),
        post(f"{here}/statements", bringing.bring_statements, "bring_statements", bringing.statements, UPLOAD),
        get(f"{here}/roster", bringing.people, "roster"),
        post(f"{here}/roster", bringing.seat_people, "seat_people", bringing.people),
        *_answering(get, post, here),
        # a session, as the team runs it
        get(f"{here}/console", facilitator.console, "console"),
        post(f"{here}/console", facilitator.cast_desk, "cast_desk", facilitator.console),
        post(f"{here}/rounds/{{round}}/{{act}}", facilitator.run_round, "run_round", facilitator.console),
        get(f"{here}/seats", facilitator.seat_sheet, "seats"),
        post(f"{here}/seats", facilitator.change_seat, "change_seat", facilitator.seat_sheet),
        get(f"{here}/reasons/{{round}}", reasons.reasons, "reasons"),
        post(f"{here}/reasons/{{round}}", reasons.choose, "choose_reasons", reasons.reasons),
        get(f"{here}/projector", facilitator.projector, "projector"),
        get(f"{here}/frame/{{audience}}", frame, "frame"),
        # what a session leaves
        get(f"{here}/results", researcher.results, "results"),
        get(f"{here}/journal", researcher.journal, "journal"),
        parcel(f"{here}/parcel/row-level", researcher.row_level, "row_level"),
        parcel(f"{here}/parcel/released", researcher.released, "released"),
        WebSocketRoute(f"{here}/live/{{audience}}", Live(house).answer, name="live"),
        get("/help/{document}", manual.manual, "manual"),
        Mount("/help/images", StaticFiles(directory=house.settings.docs / "images"), name="pictures"),
        Mount("/static", Statics.load(house.settings.static), name="static"),
    ]


def _answering(get: Callable[..., Route], post: Callable[..., Route], here: str) -> list[BaseRoute]:
    """A session, as a participant meets it."""
    return [
        get(here, home.home, "home"),
        get(f"{here}/take", participant.take, "take"),
        post(f"{here}/take", participant.cast, "cast", participant.take),
        post(f"{here}/consent", consenting.agree, "agree", participant.take),
        get(f"{here}/agreed", consenting.agreed_to, "agreed"),
        post(f"{here}/agreed", consenting.change, "change_agreed", consenting.agreed_to),
        get(f"{here}/practice", participant.practice, "practice"),
        get(f"{here}/withdraw", leaving.withdrawal, "withdrawal"),
        post(f"{here}/withdraw", leaving.withdraw, "withdraw", leaving.withdrawal),
    ]


def make_app(settings: Settings, house: House | None = None) -> Starlette:
    house = house or build(settings)
    house.rooms.draw = partial(draw, house)
    errors = Errors(house)
    mimetypes.init()  # reads a file at its first use: now, before anybody is served

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_house(house):
            beside = [asyncio.create_task(_tick(house), name="clock"), asyncio.create_task(_study(house), name="study")]
            try:
                yield
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    app = Starlette(
        routes=urls(house),
        lifespan=lifespan,
        middleware=[Middleware(Shield, settings=settings)],
        exception_handlers={HTTPException: errors.http, Lost: errors.lost, Exception: errors.crash},
    )
    app.state.house = house
    return app


async def _tick(house: House) -> None:
    """Once a second: close the rounds whose grace has run out. A failure is logged and the clock goes on."""
    while True:
        await asyncio.sleep(1)
        try:
            await finish_due(house)
        except Exception:
            log.exception("the clock failed")


async def _study(house: House) -> None:
    """Works out what closed rounds wait for, beside the clock, which must not wait for it. A round that cannot be
    worked out is logged once and holds up no other."""
    given_up: set[int] = set()
    while True:
        await asyncio.sleep(1)
        for row in [row for row in await unanalysed() if row.id not in given_up]:
            try:
                await analyse(house, row)
            except Exception:
                log.exception("round %s was not worked out", row.id)
                given_up.add(row.id)
