"""What the team meets: the console, the working surface of the round under way, the projector, the seats.

No figure is asked for here but through State; no act is done here but through conduct.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, seats
from consensus.conduct import Envelope, Refused
from consensus.live import Audience
from consensus.web.asking import Ask
from consensus.web.drawings import CONSOLE, PROJECTOR, context, kind_template
from consensus.web.state import State, look
from rounds.contract import Role
from rounds.disclosure import Mode
from rounds.rules import rule_from


async def console(ask: Ask) -> Response:
    state = await look(ask.house, ask.here, ask.request.query_params.get("round", ""))
    template = kind_template(state) or "facilitator/console.html"
    audience = Audience(CONSOLE, ask.language)
    given = context(state, audience) | {
        "frame": "facilitator/console.html",
        "is_live": state.row is not None and not ask.request.query_params.get("round"),
        "card": ask.typed.get("card", [""])[0] or ask.request.query_params.get("card", ""),
        "sheet": ask.typed.get("sheet", [""])[0] or ask.request.query_params.get("sheet", ""),
        "rule": _rule(state),
        "lacking": await _lacking(ask, state),
        "pools": await _pools(ask, state),
        "action": ask.request.url_for("cast_desk", session=ask.here.id).path,
        "saved": ask.request.query_params.get("saved", ""),
    }
    return ask.page(template, **given)


def _rule(state: State) -> tuple[str, dict[str, object]] | None:
    rule = rule_from(state.row.rule) if state.row else None
    return rule.words() if rule else None


async def _lacking(ask: Ask, state: State) -> list[str]:
    """Before a round opens: the statements without a wording in one of the languages."""
    if state.row is None or state.row.state != "draft":
        return []
    try:
        return conduct.untranslated(await conduct.incoming(state.row), ask.here.languages)
    except Refused:
        return []


async def _pools(ask: Ask, state: State) -> list[tuple[int, str, int]]:
    """The blocks as they are, or as they would be if the round opened now: shape, name, people."""
    blocks = state.blocks or await conduct.blocks_now(ask.here)
    return [(state.shape(block), state.block_name(block, ask.language), block.seats) for block in blocks]


async def run_round(ask: Ask) -> Response:
    """Open, close, show, hide, tighten or drop the round named in the path."""
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"])
    if row is None:
        raise HTTPException(404)
    reason = ask.typed.get("reason", [""])[0].strip()
    match ask.request.path_params["act"]:
        case "open":
            await conduct.open_round(ask.house, ask.mine, row.id, reason)
        case "close":
            await conduct.close_round(ask.house, ask.mine, row.id, at_once=row.state == "closing")
        case "show" | "hide" as act:
            await conduct.show(ask.house, ask.mine, row.id, act == "show")
        case "look":
            await conduct.look(ask.house, ask.mine, row.id)
        case "tighten":
            await conduct.tighten(ask.house, ask.mine, row.id, _mode(ask), reason)
        case "drop":
            await conduct.drop_round(ask.house, ask.mine, row.id)
        case _:
            raise HTTPException(404)
    return ask.go("console", session=ask.here.id)


def _mode(ask: Ask) -> Mode:
    try:
        return Mode(ask.typed.get("disclosure", [""])[0])
    except ValueError:
        raise Refused("refused.only_tighter") from None


async def cast_desk(ask: Ask) -> Response:
    """An act of the team on the round under way: a move, a merge, an answer to a change."""
    meant = ask.typed.get("round", [""])[0]
    row = await models.Round.get_or_none(session_id=ask.here.id, key=meant)
    if row is None:
        raise Refused("refused.no_such_round")
    envelope = Envelope(ask.typed, ask.typed.get("key", [""])[0][:64], ask.language)
    receipt = await conduct.cast(ask.house, ask.mine.id, row.id, envelope)
    return ask.go("console", session=ask.here.id, query=urlencode({"saved": receipt.seq}))


async def projector(ask: Ask) -> Response:
    state = await look(ask.house, ask.here)
    template = kind_template(state) or "projector.html"
    return ask.page(template, frame="projector.html", **context(state, Audience(PROJECTOR, ask.language)))


async def seat_sheet(ask: Ask) -> Response:
    """Every participant's link and code, to be printed and handed out."""
    rows = (
        await models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT).order_by("id").select_related("person")
    )
    settings = ask.house.settings
    sheet: list[dict[str, Any]] = [
        {
            "seat": row,
            "name": row.person.name if row.person else "",
            "link": settings.origin + _link(ask, seats.token(settings, "seat", row.id, row.issue)),
            "code": seats.short_code(settings, row),
        }
        for row in rows
    ]
    return ask.page("facilitator/seats.html", sheet=sheet, groups=ask.study.groups if ask.study else [])


def _link(ask: Ask, token: str) -> str:
    return str(ask.request.url_for("invitation", link=token).path)


async def change_seat(ask: Ask) -> Response:
    seat_id = int(ask.typed.get("seat", ["0"])[0])
    if "revoke" in ask.typed:
        await conduct.revoke(ask.house, ask.mine, seat_id)
    else:
        await conduct.regroup(ask.house, ask.mine, seat_id, ask.typed.get("group", [""])[0])
    return ask.go("seats", session=ask.here.id)
