"""What the team meets: the console, the working surface of the round under way, the projector, the seats.

No figure is asked for here but through State; no act is done here but through conduct.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import segno
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, seats
from consensus.conduct import Envelope, Refused
from consensus.live import Audience
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.desk import run_timer
from consensus.web.drawings import CONSOLE, PROJECTOR, context, kind_template, screen_template
from consensus.web.state import State, look
from rounds.contract import Role, one
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
        "answered": await _answered(ask),
        "reopens": "reopen" in {*ask.request.query_params, ask.request.path_params.get("act", "")},
    }
    return ask.page(template, **given)


async def _answered(ask: Ask) -> int | None:
    """The raised hand that was answered last, to be taken back."""
    wanted = ask.request.query_params.get("answered", "")
    if not (wanted.isdecimal() and len(wanted) < 10):
        return None
    found = await models.Call.get_or_none(id=int(wanted), session_id=ask.here.id, state="answered")
    return found.id if found else None


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
    """Open, close, keep open, reopen, show, hide, tighten or drop the round named in the path; or its timer."""
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"])
    if row is None:
        raise HTTPException(404)
    reason = ask.typed.get("reason", [""])[0].strip()
    match ask.request.path_params["act"]:
        case "open":
            await conduct.open_round(ask.house, ask.mine, row.id, reason)
        case "close":
            await conduct.close_round(ask.house, ask.mine, row.id, at_once="now" in ask.typed)
        case "keep":
            await conduct.keep_open(ask.house, ask.mine, row.id)
        case "reopen":
            await conduct.reopen_round(ask.house, ask.mine, row.id, reason)
        case "timer" | "extend" | "pause" | "resume" | "stop" as act:
            await run_timer(ask, row, act)
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
    template = screen_template(state) or "projector.html"
    return ask.page(template, frame="projector.html", **context(state, Audience(PROJECTOR, ask.language)))


async def seat_sheet(ask: Ask) -> Response:
    """Every participant's card, in their language, to be printed and handed out; and who else sits here."""
    held = await models.Seat.filter(session_id=ask.here.id).order_by("id").select_related("person", "staff")
    people = [seat for seat in held if seat.role == Role.PARTICIPANT]
    given = {
        "sheet": await asyncio.to_thread(_cards, ask, people),
        "team": [seat for seat in held if seat.staff_id is not None and not seat.withdrawn],
        "groups": ask.study.groups if ask.study else [],
        "host": urlsplit(ask.house.settings.origin).netloc,
    }
    return ask.page("facilitator/seats.html", **given)


def _cards(ask: Ask, people: Sequence[models.Seat]) -> list[dict[str, Any]]:
    """Link, code and picture of each seat. Drawing takes milliseconds a seat: not in the event loop."""
    settings = ask.house.settings
    cards: list[dict[str, Any]] = []
    for number, seat in enumerate(people, 1):
        link = settings.origin + _link(ask, seats.token(settings, "seat", seat.id, seat.issue))
        picture = segno.make(link, error="m", micro=False).svg_inline(scale=3, border=2, light="#fff")
        cards.append(
            {
                "seat": seat,
                "number": number,
                "name": seat.person.name if seat.person else "",
                "link": link,
                "code": seats.short_code(settings, seat),
                "picture": Markup(picture),  # noqa: S704  # drawn from our own link: figures and letters only
                "say": partial(ask.house.texts.say, seat.language),
                "pick": partial(pick, language=seat.language),
            }
        )
    return cards


def _link(ask: Ask, token: str) -> str:
    return str(ask.request.url_for("invitation", link=token).path)


async def change_seat(ask: Ask) -> Response:
    """A new link for a seat, or its right group."""
    wanted = one(ask.typed, "seat")
    if not (wanted.isdecimal() and len(wanted) < 10):
        raise Refused("refused.no_such_seat")
    if "revoke" in ask.typed:
        await conduct.revoke(ask.house, ask.mine, int(wanted))
        return ask.go("seats", session=ask.here.id)
    group = one(ask.typed, "group")
    if group not in {known["key"] for known in (ask.study.groups if ask.study else [])}:
        raise Refused("refused.no_such_group")
    await conduct.regroup(ask.house, ask.mine, int(wanted), group)
    return ask.go("seats", session=ask.here.id)
