"""Every URL of the product, by whom it is for. A route's name is its row in the access table (guard.ACCESS).

Nothing is answered here.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from consensus.house import House
from consensus.statics import Statics
from consensus.web import (
    bringing,
    consent_text,
    consenting,
    desk,
    device,
    entering,
    entrance,
    facilitator,
    home,
    invitations,
    leaving,
    manual,
    participant,
    reasons,
    rehearsals,
    researcher,
    room,
    setup,
    staff,
)
from consensus.web.asking import BODY, Page, guarded
from consensus.web.sockets import Live, frame

PACKED = [Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)]
UPLOAD = 2_500_000  # bytes of a form that brings statements: a file, and beside it the text of one
HERE = "/sessions/{session:int}"


@dataclass(frozen=True, slots=True)
class Ways:
    """Routes behind the access table. shows: the page that is drawn again when a form is refused."""

    house: House

    def get(self, path: str, page: Page, name: str, shows: Page | None = None) -> Route:
        return Route(path, guarded(self.house, name, page, shows), methods=["GET"], name=name, middleware=PACKED)

    def post(self, path: str, page: Page, name: str, shows: Page | None = None, most: int = BODY) -> Route:
        asked = guarded(self.house, name, page, shows, most)
        return Route(path, asked, methods=["POST"], name=name, middleware=PACKED)

    def parcel(self, path: str, page: Page, name: str) -> Route:  # packed already
        return Route(path, guarded(self.house, name, page), methods=["GET"], name=name)


def urls(house: House) -> list[BaseRoute]:
    ways = Ways(house)
    here = [*_set_up(ways), *_answer(ways), *_keep(ways), *_run(ways), *_enter_for(ways), *_leave(ways)]
    return [*_enter(ways), *_studies(ways), *here, *_served(house)]


def _enter(way: Ways) -> list[Route]:
    """The ways in and out; opening a link changes nothing."""
    return [
        way.get("/", entrance.landing, "landing"),
        way.post("/", entrance.enter_code, "enter_code", entrance.landing),
        way.get("/j/{link}", entrance.invitation, "invitation"),
        way.post("/j/{link}", entrance.accept, "accept", entrance.invitation),
        way.get("/r/{code}", room.room, "room", entrance.landing),
        way.post("/r/{code}", room.join, "join", room.again),
        way.get("/staff/key/{link}", entrance.staff_key, "staff_key"),
        way.post("/staff/key/{link}", entrance.turn_key, "turn_key", entrance.staff_key),
        way.get("/staff/sign-in", entrance.sign_in_page, "sign_in_page"),
        way.post("/staff/sign-in", entrance.sign_in, "sign_in", entrance.sign_in_page),
        way.post("/sign-out", entrance.sign_out, "sign_out"),
    ]


def _studies(way: Ways) -> list[Route]:
    """A study and its sessions."""
    return [
        way.get("/studies", staff.studies, "studies"),
        way.get("/studies/new", staff.new_study, "new_study"),
        way.post("/studies/new", staff.create_study, "create_study", staff.new_study),
        way.get("/studies/{study:int}/sessions/new", staff.new_session, "new_session"),
        way.post("/studies/{study:int}/sessions/new", staff.create_session, "create_session", staff.new_session),
        way.get("/studies/{study:int}/consent", consent_text.consent_text, "consent_text"),
        way.post("/studies/{study:int}/consent", consent_text.write, "write_consent", consent_text.consent_text),
    ]


def _set_up(way: Ways) -> list[Route]:
    """A session before it runs."""
    return [
        way.get(HERE + "/setup", setup.plan, "setup"),
        way.post(HERE + "/setup", setup.drop, "drop_round", setup.plan),
        way.get(HERE + "/setup/{round}", setup.edit, "edit_round"),
        way.post(HERE + "/setup/{round}", setup.save, "plan_round", setup.edit),
        way.get(HERE + "/statements", bringing.statements, "statements"),
        way.post(HERE + "/statements", bringing.bring_statements, "bring_statements", bringing.statements, UPLOAD),
        way.get(HERE + "/roster", bringing.people, "roster"),
        way.post(HERE + "/roster", bringing.seat_people, "seat_people", bringing.people),
        way.post(HERE + "/rehearse", rehearsals.rehearse, "rehearse", facilitator.console),
        way.get(HERE + "/invitations", invitations.invitations, "invitations"),
        way.post(HERE + "/invitations", invitations.mails, "mails", invitations.invitations),
    ]


def _answer(way: Ways) -> list[Route]:
    """A session, as a participant meets it."""
    return [
        way.get(HERE, home.home, "home"),
        way.get(HERE + "/take", participant.take, "take"),
        way.post(HERE + "/take", participant.cast, "cast", participant.take),
        way.post(HERE + "/consent", consenting.agree, "agree", participant.take),
        way.get(HERE + "/agreed", consenting.agreed_to, "agreed"),
        way.post(HERE + "/agreed", consenting.change, "change_agreed", consenting.agreed_to),
        way.post(HERE + "/calls", participant.call, "call", participant.take),
        way.get(HERE + "/practice", participant.practice, "practice"),
        way.get(HERE + "/withdraw", leaving.withdrawal, "withdrawal"),
        way.post(HERE + "/withdraw", leaving.withdraw, "withdraw", leaving.withdrawal),
    ]


def _keep(way: Ways) -> list[Route]:
    """The device on which a participant answers."""
    return [
        way.get("/worker.js", device.worker, "worker"),
        way.post(HERE + "/device", device.own_device, "own_device", participant.take),
        way.get(HERE + "/kept", device.kept, "kept"),
        way.get(HERE + "/pause", device.pause, "pause"),
        way.post(HERE + "/finish", device.finish, "finish"),
        way.get(HERE + "/thanks", device.thanks, "thanks"),
    ]


def _run(way: Ways) -> list[Route]:
    """A session, as the team runs it."""
    return [
        way.get(HERE + "/console", facilitator.console, "console"),
        way.post(HERE + "/console", facilitator.cast_desk, "cast_desk", facilitator.console),
        way.post(HERE + "/rounds/{round}/{act}", facilitator.run_round, "run_round", facilitator.console),
        way.post(HERE + "/room", desk.run_room, "run_room", facilitator.console),
        way.post(HERE + "/calls/answer", desk.answer_call, "answer_call", facilitator.console),
        way.get(HERE + "/reasons/{round}", reasons.reasons, "reasons"),
        way.post(HERE + "/reasons/{round}", reasons.choose, "choose_reasons", reasons.reasons),
        way.get(HERE + "/seats", facilitator.seat_sheet, "seats"),
        way.post(HERE + "/seats", facilitator.change_seat, "change_seat", facilitator.seat_sheet),
        way.get(HERE + "/projector", facilitator.projector, "projector"),
        way.get(HERE + "/frame/{audience}", frame, "frame"),
        way.get(HERE + "/rehearsal", rehearsals.rehearsal, "rehearsal"),
        way.post(HERE + "/rehearsal", rehearsals.play, "play", facilitator.console),
        way.get(HERE + "/seats/{seat:int}/see", rehearsals.see_as, "see_as"),
    ]


def _enter_for(way: Ways) -> list[Route]:
    """Answers that come by telephone or on paper, as the team enters them."""
    seat = HERE + "/seats/{seat:int}"
    return [
        way.get(seat + "/answers", entering.enter_for, "enter_for"),
        way.post(seat + "/answers", entering.begin_for, "begin_for", entering.enter_for),
        way.post(seat + "/differences", entering.settle_for, "settle_for", entering.enter_for),
        way.get(seat + "/answers/{by}/{turn}", entering.answers_for, "answers_for"),
        way.post(seat + "/answers/{by}/{turn}", entering.cast_for, "cast_for", entering.answers_for),
        way.get(HERE + "/entries", entering.entries, "entries"),
    ]


def _leave(way: Ways) -> list[Route]:
    """What a session leaves."""
    return [
        way.get(HERE + "/results", researcher.results, "results"),
        way.get(HERE + "/results/chart/{chart}.svg", researcher.chart, "chart"),
        way.get(HERE + "/journal", researcher.journal, "journal"),
        way.parcel(HERE + "/parcel/row-level", researcher.row_level, "row_level"),
        way.parcel(HERE + "/parcel/released", researcher.released, "released"),
    ]


def _served(house: House) -> list[BaseRoute]:
    """What is live, help to read, and files."""
    return [
        WebSocketRoute(HERE + "/live/{audience}", Live(house).answer, name="live"),
        Ways(house).get("/help/{document}", manual.manual, "manual"),
        Mount("/help/images", StaticFiles(directory=house.settings.docs / "images"), name="pictures"),
        Mount("/static", Statics.load(house.settings.static), name="static"),
    ]
