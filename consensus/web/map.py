"""Every URL of the product, by whom it is for. A route's name is its row in the access table (guard.ACCESS).

Nothing is answered here.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from consensus.house import House
from consensus.limits import FORM, Limits
from consensus.statics import Statics
from consensus.web import help
from consensus.web.asking import Ask, Most, Page, answer_of_here, form_of_ours, guarded
from consensus.web.entrance import room, sign_in
from consensus.web.participant import answer, consent, device, home, ideas, leave, profile
from consensus.web.results import (
    brought,
    compare,
    individual,
    matrix,
    opinions,
    plan_of_action,
    results,
    sensitivity,
    voice,
    where_from,
)
from consensus.web.setup import (
    about,
    apart,
    bringing,
    changing,
    consent_text,
    copying,
    evidence,
    flows,
    freezing,
    imports,
    keeping,
    own_protocols,
    panel,
    panel_people,
    passing,
    plan,
    questions,
    series,
    sites,
    studies,
    study_page,
    together,
    waves,
)
from consensus.web.sockets import Live, frame
from consensus.web.team import (
    call_list,
    console,
    double_entry,
    invitations,
    reasons,
    rehearsals,
    room_controls,
    sheets,
    whereabouts,
)

PROJECT = Limits(FORM.fields, 50_000_000)  # of one that brings a project of coded interviews, packed
UPLOAD = Limits(FORM.fields, 2_500_000)  # of a form that brings a list: a file, and beside it the text of one
HERE = "/sessions/{session:number}"
PLAN = "/studies/{study:number}/plan"
BROUGHT = "/brought/{brought:number}"


class Number(Convertor[int]):
    """The number of a line in the database; one that is too long for any is 0, which names nothing either."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        return int(value) if len(value) < 10 else 0

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", Number())


async def _upload(ask: Ask) -> Limits:
    return UPLOAD


async def _project(ask: Ask) -> Limits:
    return PROJECT


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes behind the access table. shows: the page that is drawn again when a form is refused."""

    house: House

    def get(self, path: str, page: Page, name: str, shows: Page | None = None) -> Route:
        return Route(path, guarded(self.house, name, page, shows), methods=["GET"], name=name)

    def post(self, path: str, page: Page, name: str, shows: Page | None = None, most: Most = form_of_ours) -> Route:
        asked = guarded(self.house, name, page, shows, most)
        return Route(path, asked, methods=["POST"], name=name)

    def parcel(self, path: str, page: Page, name: str) -> Route:  # packed already
        return Route(path, guarded(self.house, name, page, is_packed=True), methods=["GET"], name=name)


def urls(house: House) -> list[BaseRoute]:
    ways = Routes(house)
    here = [
        *_evidence(ways),
        *_compare(ways),
        *_keep(ways),
        *_set_up(ways),
        *_run(ways),
        *_enter_for(ways),
        *_leave(ways),
    ]
    # They are tried one after another: first what a whole room asks for at once.
    return [*_answer(ways), *_enter(ways), *_studies(ways), *_panel(ways), *here, *_served(house)]


def _enter(way: Routes) -> list[Route]:
    """The ways in and out; opening a link changes nothing."""
    return [
        way.get("/", sign_in.landing, "landing"),
        way.post("/", sign_in.enter_code, "enter_code", sign_in.landing),
        way.get("/j/{link}", sign_in.invitation, "invitation"),
        way.post("/j/{link}", sign_in.accept, "accept", sign_in.invitation),
        way.get("/r/{code}", room.room, "room", sign_in.landing),
        way.post("/r/{code}", room.join, "join", room.again),
        way.get("/staff", sign_in.staff_door, "staff_door"),
        way.get("/staff/key/{link}", sign_in.staff_key, "staff_key"),
        way.post("/staff/key/{link}", sign_in.turn_key, "turn_key", sign_in.staff_key),
        way.get("/staff/sign-in", sign_in.sign_in_page, "sign_in_page"),
        way.post("/staff/sign-in", sign_in.sign_in, "sign_in", sign_in.sign_in_page),
        way.post("/sign-out", sign_in.sign_out, "sign_out"),
    ]


def _studies(way: Routes) -> list[Route]:
    """A study and its sessions."""
    return [
        way.get("/studies", studies.studies, "studies"),
        way.get("/studies/new", studies.new_study, "new_study"),
        way.post("/studies/new", studies.create_study, "create_study", studies.new_study),
        way.get("/studies/{study:number}", study_page.study, "study"),
        way.get("/studies/{study:number}/sessions/new", studies.new_session, "new_session"),
        way.post("/studies/{study:number}/sessions/new", studies.create_session, "create_session", studies.new_session),
        way.get("/studies/{study:number}/days", together.days, "days"),
        way.post("/studies/{study:number}/days", together.plan_days, "plan_days", together.days, together.form_of_days),
        way.get("/studies/{study:number}/invite", together.inviting, "inviting"),
        way.post("/studies/{study:number}/invite", together.invite, "invite", together.inviting),
        way.get("/studies/{study:number}/list", bringing.bringing, "bringing"),
        way.post("/studies/{study:number}/list", bringing.bring, "bring_list", bringing.bringing, _upload),
        way.get("/studies/{study:number}/flows", flows.flows, "flows"),
        way.post("/studies/{study:number}/flows", flows.plan, "plan_flows", flows.flows),
        way.get("/studies/{study:number}/consent", consent_text.consent_text, "consent_text"),
        way.post("/studies/{study:number}/consent", consent_text.write, "write_consent", consent_text.consent_text),
        way.get("/studies/{study:number}/apart", apart.apart, "apart"),
        way.post("/studies/{study:number}/apart", apart.keep, "keep_apart", apart.apart),
        way.get("/studies/{study:number}/protocols", own_protocols.protocols, "protocols"),
        way.post("/studies/{study:number}/protocols", own_protocols.change, "change_protocol", own_protocols.protocols),
        way.get("/studies/{study:number}/freeze", freezing.freeze, "freeze"),
        way.post("/studies/{study:number}/freeze", freezing.set_freeze, "set_freeze", freezing.freeze),
        way.get("/studies/{study:number}/questions", questions.questions, "questions"),
        way.post("/studies/{study:number}/questions", questions.write, "write_questions", questions.questions),
        way.get("/studies/{study:number}/keeping", keeping.keeping, "keeping"),
        way.post("/studies/{study:number}/keeping/hand-over", keeping.hand_over, "hand_over", keeping.keeping),
        way.post("/studies/{study:number}/keeping/away", keeping.away, "put_away", keeping.keeping),
        way.post("/studies/{study:number}/keeping/erase", keeping.erase, "erase_study", keeping.keeping),
        way.get("/erased/{study:number}", keeping.erased, "erased"),
        way.get("/erased/{study:number}/certificate.txt", keeping.certificate, "certificate"),
        way.get("/studies/{study:number}/edit", changing.edit, "edit_study"),
        way.post("/studies/{study:number}/edit", changing.change, "change_study", changing.edit),
        way.get("/studies/{study:number}/sites", sites.sites, "sites"),
        way.post("/studies/{study:number}/sites", sites.keep_sites, "keep_sites", sites.sites, sites.form_of_sites),
        way.get("/studies/{study:number}/signatures", freezing.signatures, "signatures"),
        way.post("/studies/{study:number}/signatures", freezing.sign, "sign_answers", freezing.signatures),
    ]


def _panel(way: Routes) -> list[Route]:
    """The people of a study, whatever sessions they sit in."""
    here = "/studies/{study:number}/panel"
    return [
        way.get(here, panel.panel, "panel"),
        way.post(here, panel.use_panel, "use_panel", panel.panel),
        way.get(here + "/new", panel_people.new_members, "new_members"),
        way.post(here + "/new", panel_people.add_members, "add_members", panel_people.new_members, _upload),
        way.get(here + "/waves", waves.waves, "waves"),
        way.post(here + "/waves", waves.draw_wave, "draw_wave", waves.waves),
        way.get(here + "/quotas", waves.quotas, "quotas"),
        way.post(here + "/quotas", waves.set_quotas, "set_quotas", waves.quotas),
        way.get(here + "/{member:number}", panel_people.member, "member"),
        way.post(here + "/{member:number}", panel_people.change_member, "change_member", panel_people.member),
    ]


def _evidence(way: Routes) -> list[Route]:
    """Where the statements of a study come from."""
    here = "/studies/{study:number}/evidence"
    return [
        way.get(here, evidence.evidence, "evidence"),
        way.post(here, evidence.judge, "judge_quotations", evidence.evidence),
        way.get(here + "/template.csv", evidence.template, "evidence_template"),
        way.get(here + "/new", evidence.new_evidence, "new_evidence"),
        way.post(here + "/new", evidence.bring_evidence, "bring_evidence", evidence.new_evidence, _project),
        way.get(HERE + "/where/{statement}", where_from.where_from, "where_from"),
    ]


def _compare(way: Routes) -> list[Route]:
    """What the sessions of a study told, side by side and pooled."""
    study = "/studies/{study:number}"
    return [
        way.get(study + "/compare", compare.compare, "compare"),
        way.get(study + "/compare.csv", compare.compare_file, "compare_file"),
        way.get(study + "/matrix", matrix.study_matrix, "study_matrix"),
        way.get(study + "/matrix.csv", matrix.study_matrix_file, "study_matrix_file"),
        way.get(study + "/moments", compare.moments, "moments"),
        way.get(study + "/pooled", compare.pooled, "pooled"),
        way.post(study + "/pooled", compare.choose_headline, "choose_headline", compare.pooled),
        way.get(study + "/pooled.csv", compare.pooled_file, "pooled_file"),
        way.parcel(study + "/parcel", compare.parcel, "study_parcel"),
        way.get(PLAN, plan_of_action.plan, "plan_of_action"),
        way.post(PLAN, plan_of_action.change, "change_plan", plan_of_action.plan),
        way.get(PLAN + ".csv", plan_of_action.plan_file, "plan_file"),
        way.get(PLAN + ".json", plan_of_action.plan_data, "plan_data"),
        way.get(PLAN + "/{step}", plan_of_action.line, "plan_line"),
        way.post(PLAN + "/{step}", plan_of_action.write_line, "write_plan_line", plan_of_action.line),
        way.get(BROUGHT, brought.brought, "brought"),
        way.post(BROUGHT, brought.let_go, "let_go_of_study", brought.brought),
        way.get(BROUGHT + "/compare", brought.compare, "brought_compare"),
        way.get(BROUGHT + "/compare.csv", brought.compare_file, "brought_compare_file"),
        way.get(BROUGHT + "/moments", brought.moments, "brought_moments"),
        way.get(BROUGHT + "/pooled", brought.pooled, "brought_pooled"),
        way.get(BROUGHT + "/pooled.csv", brought.pooled_file, "brought_pooled_file"),
        way.parcel(BROUGHT + "/parcel", brought.parcel, "brought_parcel"),
    ]


def _set_up(way: Routes) -> list[Route]:
    """A session before it runs."""
    return [
        way.get(HERE + "/setup", plan.plan, "setup"),
        way.post(HERE + "/setup", plan.drop, "drop_round", plan.plan),
        way.post(HERE + "/rounds", plan.add, "add_round", plan.plan),
        way.get(HERE + "/about", about.about, "about"),
        way.post(HERE + "/about", about.change, "change_session", about.about),
        way.post(HERE + "/protocol", own_protocols.save, "save_protocol", plan.plan),
        way.post(HERE + "/series", series.decide, "decide_series", plan.plan),
        way.get(HERE + "/setup/{round}", plan.edit, "edit_round"),
        way.post(HERE + "/setup/{round}", plan.save, "plan_round", plan.edit),
        way.post(HERE + "/setup/{round}/counted", plan.count_as, "count_as", plan.plan),
        way.post(HERE + "/setup/{round}/place", plan.move, "move_round", plan.plan),
        way.get(HERE + "/statements", imports.statements, "statements"),
        way.post(HERE + "/statements", imports.bring_statements, "bring_statements", imports.statements, _upload),
        way.post(HERE + "/statements/same", imports.take_number, "take_number", imports.statements),
        way.get(HERE + "/statements.csv", imports.statement_copy, "statement_copy"),
        way.get(HERE + "/passing", passing.passing, "passing"),
        way.post(HERE + "/passing", passing.pass_on, "pass_on", passing.passing),
        way.post(HERE + "/statements/passed", passing.take_out, "take_out", imports.statements),
        way.get(HERE + "/roster", imports.people, "roster"),
        way.post(HERE + "/roster", imports.seat_people, "seat_people", imports.people, _upload),
        way.get(HERE + "/copy", copying.copying, "copying"),
        way.post(HERE + "/copy", copying.copy_session, "copy_session", copying.copying),
        way.post(HERE + "/rehearse", rehearsals.rehearse, "rehearse", console.console),
        way.get(HERE + "/invitations", invitations.invitations, "invitations"),
        way.post(HERE + "/invitations", invitations.mails, "mails", invitations.invitations),
    ]


def _answer(way: Routes) -> list[Route]:
    """A session, as a participant meets it."""
    return [
        way.post(HERE + "/take", answer.cast, "cast", answer.take, answer_of_here),
        way.get(HERE + "/take", answer.take, "take"),
        way.get(HERE, home.home, "home"),
        way.post(HERE + "/consent", consent.agree, "agree", answer.take),
        way.get(HERE + "/agreed", consent.agreed_to, "agreed"),
        way.post(HERE + "/agreed", consent.change, "change_agreed", consent.agreed_to),
        way.get(HERE + "/ideas", ideas.ideas, "ideas"),
        way.get(HERE + "/profile", profile.profile, "profile"),
        way.post(HERE + "/profile", profile.save, "say_profile", profile.profile),
        way.post(HERE + "/calls", answer.call, "call", answer.take),
        way.get(HERE + "/practice", answer.practice, "practice"),
        way.get(HERE + "/withdraw", leave.withdrawal, "withdrawal"),
        way.post(HERE + "/withdraw", leave.withdraw, "withdraw", leave.withdrawal),
    ]


def _keep(way: Routes) -> list[Route]:
    """The device on which a participant answers."""
    return [
        way.get("/worker.js", device.worker, "worker"),
        way.post(HERE + "/device", device.own_device, "own_device", answer.take),
        way.post(HERE + "/notices", device.read_notices, "read_notices"),
        way.get(HERE + "/kept", device.kept, "kept"),
        way.get(HERE + "/pause", device.pause, "pause"),
        way.post(HERE + "/finish", device.finish, "finish"),
        way.get(HERE + "/thanks", device.thanks, "thanks"),
    ]


def _run(way: Routes) -> list[Route]:
    """A session, as the team runs it."""
    return [
        way.get(HERE + "/console", console.console, "console"),
        way.post(HERE + "/console", console.cast_desk, "cast_desk", console.console, answer_of_here),
        way.post(HERE + "/rounds/{round}/{act}", console.run_round, "run_round", console.console),
        way.post(HERE + "/room", room_controls.run_room, "run_room", console.console),
        way.post(HERE + "/calls/answer", room_controls.answer_call, "answer_call", console.console),
        way.get(HERE + "/reasons/{round}", reasons.reasons, "reasons"),
        way.post(HERE + "/reasons/{round}", reasons.choose, "choose_reasons", reasons.reasons, reasons.reasons_of_here),
        way.get(HERE + "/seats", sheets.seat_sheet, "seats"),
        way.post(HERE + "/seats", sheets.change_seat, "change_seat", sheets.seat_sheet),
        way.post(HERE + "/seats/find", sheets.find_seat, "find_seat", sheets.seat_sheet),
        way.get(HERE + "/seats/{seat:number}/sites", whereabouts.whereabouts, "whereabouts"),
        way.post(HERE + "/seats/{seat:number}/sites", whereabouts.relocate, "relocate", whereabouts.whereabouts),
        way.get(HERE + "/call-list", call_list.call_list, "call_list"),
        way.post(HERE + "/call-list", call_list.ask_call_list, "ask_call_list", call_list.call_list),
        way.get(HERE + "/projector", console.projector, "projector"),
        way.get(HERE + "/frame/{audience}", frame, "frame"),
        way.get(HERE + "/rehearsal", rehearsals.rehearsal, "rehearsal"),
        way.post(HERE + "/rehearsal", rehearsals.play, "play", console.console),
        way.get(HERE + "/seats/{seat:number}/see", rehearsals.see_as, "see_as"),
    ]


def _enter_for(way: Routes) -> list[Route]:
    """Answers that come by telephone or on paper, as the team enters them."""
    seat = HERE + "/seats/{seat:number}"
    return [
        way.get(seat + "/answers", double_entry.enter_for, "enter_for"),
        way.post(seat + "/answers", double_entry.begin_for, "begin_for", double_entry.enter_for),
        way.post(seat + "/differences", double_entry.settle_for, "settle_for", double_entry.enter_for),
        way.get(seat + "/answers/{by}/{turn}", double_entry.answers_for, "answers_for"),
        way.post(
            seat + "/answers/{by}/{turn}", double_entry.cast_for, "cast_for", double_entry.answers_for, answer_of_here
        ),
        way.post(
            seat + "/answers/{by}/{turn}/asked", double_entry.ask_answered, "ask_answered", double_entry.answers_for
        ),
        way.get(HERE + "/entries", double_entry.entries, "entries"),
    ]


def _leave(way: Routes) -> list[Route]:
    """What a session leaves."""
    return [
        way.get(HERE + "/results", results.results, "results"),
        way.get(HERE + "/plan", plan_of_action.sent_plan, "sent_plan"),
        way.get(HERE + "/results/chart/{chart}.svg", results.chart, "chart"),
        way.get(HERE + "/results/sensitivity", sensitivity.sensitivity, "sensitivity"),
        way.get(HERE + "/results/sensitivity.csv", sensitivity.sensitivity_file, "sensitivity_file"),
        way.get(HERE + "/results/matrix", matrix.matrix, "matrix"),
        way.get(HERE + "/results/matrix.csv", matrix.matrix_file, "matrix_file"),
        way.get(HERE + "/results/voice", voice.voice, "voice"),
        way.get(HERE + "/results/voice.csv", voice.voice_file, "voice_file"),
        way.get(HERE + "/results/opinions", opinions.opinions, "opinions"),
        way.get(HERE + "/journal", results.journal, "journal"),
        way.get(HERE + "/individual", individual.individual, "individual"),
        way.post(HERE + "/individual", individual.accept, "accept_conditions", individual.individual),
        way.post(HERE + "/individual/give", individual.give, "give_answers", individual.individual),
        way.parcel(HERE + "/parcel/row-level", individual.row_level, "row_level"),
        way.parcel(HERE + "/parcel/analysis", individual.analysis, "analysis"),
        way.parcel(HERE + "/parcel/released", results.released, "released"),
    ]


def _served(house: House) -> list[BaseRoute]:
    """What is live, help to read, and files."""
    return [
        WebSocketRoute(HERE + "/live/{audience}", Live(house).answer, name="live"),
        Routes(house).get("/help/{document}", help.manual, "manual"),
        Mount("/help/images", StaticFiles(directory=house.settings.docs / "images"), name="pictures"),
        Mount("/static", Statics.load(house.settings.static), name="static"),
    ]
