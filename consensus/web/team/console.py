"""What the team meets: the console, the working surface of the round under way, the projector.

No figure is asked for here but through State; no act is done here but through conduct.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused, Submission
from consensus.live import Audience
from consensus.numbers import Twin, twins_of
from consensus.panel import Standing, standings
from consensus.states import CallState, RoundState
from consensus.web.asking import Ask, meant
from consensus.web.covered import uncovered
from consensus.web.render import beside, context, kind_template, screen_template
from consensus.web.setup.imports import titled
from consensus.web.setup.places import site_names
from consensus.web.setup.times import set_deadline
from consensus.web.state import State, load_state
from consensus.web.team.room_controls import run_timer
from consensus.web.view import CONSOLE, PROJECTOR
from rounds import KINDS
from rounds.contract import number_in
from rounds.disclosure import Mode
from rounds.proposals import compiles


async def console(ask: Ask) -> Response:
    looked_at = _looked_at(ask)
    state = await load_state(ask.house, ask.here, looked_at)
    template = kind_template(state) or "facilitator/console.html"
    audience = Audience(CONSOLE, ask.language, round=looked_at, role=ask.mine.role)
    # What the frame of every page gives (typed, error, may) stands before what a live drawing has in its place.
    given = (
        await beside(state, audience)
        | ask.frame()
        | context(state, audience)
        | {
            "frame": "facilitator/console.html",
            "looked_at": looked_at,
            "card": ask.typed.one("card") or ask.request.query_params.get("card", ""),
            "sheet": ask.typed.one("sheet") or ask.request.query_params.get("sheet", ""),
            "action": ask.address("cast_desk", session=ask.here.id),
            "saved": ask.request.query_params.get("saved", ""),
            "answered": await _answered(ask),
            "same": ask.request.query_params.get("same", ""),
            "twins": await _twins(ask, state),
            "quotas": await _quotas(ask),
            "site_names": site_names(ask.study.sites or (), ask.language) if ask.study else {},
            "reopens": "reopen" in {*ask.request.query_params, ask.request.path_params.get("act", "")},
        }
    )
    return ask.page(template, **given)


async def _twins(ask: Ask, state: State) -> list[tuple[Twin, list[Mapping[str, str]]]]:
    """Of what the last act of an open compilation made, or of the card that is open: what another session of the study
    has in the same words."""
    asked = ask.request.query_params
    row, counted, seq = state.row, state.counted, number_in(asked.get("saved", ""))
    if row is None or counted is None or row.state != RoundState.OPEN or not compiles(KINDS[row.kind]):
        return []
    left = counted.official
    act = left.todo.act(seq) if seq is not None else None
    names = {asked.get("card", ""), *(act.made if act else ())} - {""}
    if not names:
        return []
    names |= {parent for one in left.statements if one.id in names for parent in one.parents}
    return await titled(ask, [twin for twin in await twins_of(ask.here, left.statements) if twin.statement in names])


def _looked_at(ask: Ask) -> str:
    """The round that was asked for. After a refusal: the one that was to open, with the field that it needs; for any
    other act the one under way, since what was pressed may belong to one that is over."""
    if ask.request.path_params.get("act") in {"open", "reopen"}:
        return str(ask.request.path_params["round"])
    return ask.request.query_params.get("round", "")[:40]


async def _quotas(ask: Ask) -> list[Standing]:
    """How far the quotas of the study are that concern this table: everywhere, or at its site and what that lies in."""
    if ask.study is None or not ask.study.quotas or ask.here.rehearses is not None:
        return []
    above = {str(site["key"]): str(site.get("within", "")) for site in ask.study.sites or ()}
    here = {"", ask.here.site, above.get(ask.here.site, "")}
    return [line for line in await standings(ask.study) if line.site in here]


async def _answered(ask: Ask) -> int | None:
    """The raised hand that was answered last, to be taken back."""
    wanted = number_in(ask.request.query_params.get("answered", ""))
    if wanted is None:
        return None
    found = await models.Call.get_or_none(id=wanted, session_id=ask.here.id, state=CallState.ANSWERED)
    return found.id if found else None


async def run_round(ask: Ask) -> Response:
    """Open, close, keep open, reopen, show, hide, tighten or drop the round named in the path; or its timer."""
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"])
    if row is None:
        raise HTTPException(404)
    reason = ask.typed.one("reason")
    match ask.request.path_params["act"]:
        case "open":
            await conduct.open_round(ask.house, ask.mine, row.id, reason)
        case "close" if "now" in ask.typed:
            await conduct.end_grace(ask.house, ask.mine, row.id)
        case "close":
            await conduct.close_round(ask.house, ask.mine, row.id)
        case "keep":
            await conduct.keep_open(ask.house, ask.mine, row.id)
        case "reopen":
            await conduct.reopen_round(ask.house, ask.mine, row.id, reason)
        case "timer" | "extend" | "pause" | "resume" | "stop" as act:
            await run_timer(ask, row, act)
        case "deadline":
            await set_deadline(ask, row)
        case "show" | "hide" as act:
            await conduct.show(ask.house, ask.mine, row.id, act == "show")
        case "look":
            await conduct.reveal_figures(ask.house, ask.mine, row.id)
        case "tighten":
            await conduct.tighten(ask.house, ask.mine, row.id, _mode(ask), reason)
        case "drop":
            await conduct.drop_round(ask.house, ask.mine, row.id)
        case _:
            raise HTTPException(404)
    return ask.go("console", session=ask.here.id)


def _mode(ask: Ask) -> Mode:
    try:
        return Mode(ask.typed.one("disclosure"))
    except ValueError:
        raise Refused("refused.only_tighter") from None


async def cast_desk(ask: Ask) -> Response:
    """An act of the team on the round under way: a move, a merge, an answer to a change. look: what it would do is
    shown first, and nothing is kept."""
    row = await meant(ask)
    form = await uncovered(ask.house, row, ask.typed)
    submission = Submission(form, ask.typed.key, ask.language)
    if "look" in ask.typed:
        await conduct.weigh(ask.house, ask.mine.id, row.id, submission)
        return await console(ask)
    receipt = await conduct.cast(ask.house, ask.mine.id, row.id, submission)
    return ask.go("console", session=ask.here.id, query=urlencode({"saved": receipt.seq}))


async def projector(ask: Ask) -> Response:
    state = await load_state(ask.house, ask.here)
    template = screen_template(state) or "projector.html"
    audience = Audience(PROJECTOR, ask.language)
    return ask.page(template, frame="projector.html", **context(state, audience) | await beside(state, audience))
