"""What stands beside the round on the team's pages: what needs attention, and the room's door and screen.

Facts for templates, and the forms that change them; no act is done here but through conduct.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

import segno
from markupsafe import Markup
from starlette.responses import Response

from consensus import conduct, models
from consensus.attention import Need, People, Situation, needs
from consensus.conduct import Refused
from consensus.web.asking import Ask
from consensus.web.state import State
from rounds.contract import TEAM, Role, one


@dataclass(frozen=True, slots=True)
class Door:
    """The open door of a session's room: the code in two halves, the address, and both as a picture."""

    code: str
    host: str
    link: str
    picture: Markup


def door(state: State) -> Door | None:
    code = state.session.room
    if not code:
        return None
    link = f"{state.origin}/r/{code}"
    return Door(f"{code[:3]}-{code[3:]}", urlsplit(state.origin).netloc, link, _picture(link))


@lru_cache(maxsize=64)
def _picture(link: str) -> Markup:
    drawing = segno.make(link, error="m", micro=False).svg_inline(scale=4, border=2, light="#fff", omitsize=True)
    return Markup(drawing)  # noqa: S704  # drawn from our own link: figures and letters only


def needs_of(state: State, language: str) -> list[Need]:
    """What needs the team in the round under way."""
    if not state.is_open or state.kind is None or state.counted is None:
        return needs(Situation(is_asking=False, floor=state.study.floor, calls=len(state.calls)))
    timer, is_whole = state.timer, bool(state.counted.asked)
    people = [
        People(p.name, p.seats, p.online, p.finished if is_whole else p.answered) for p in state.presence(language)
    ]
    return needs(
        Situation(
            is_asking=Role.PARTICIPANT in state.kind.cast_by,
            floor=state.study.floor,
            people=people,
            left=None if timer is None or timer.is_paused else timer.left,
            lacking=_lacking(state),
            calls=len(state.calls),
            unsettled=state.unsettled,
        )
    )


def _lacking(state: State) -> list[str]:
    """Cards that people are shown, that the team can still reword, and that miss a language."""
    assert state.kind is not None and state.counted is not None
    if not (Role.PARTICIPANT in state.kind.cast_by and state.kind.cast_by & TEAM and state.counted.round.statements):
        return []
    return conduct.untranslated(state.counted.official.statements, state.session.languages)


TIMERS = {
    "extend": conduct.extend_timer,
    "pause": conduct.pause_timer,
    "resume": conduct.resume_timer,
    "stop": conduct.stop_timer,
}


async def run_timer(ask: Ask, row: models.Round, act: str) -> None:
    if act in TIMERS:
        await TIMERS[act](ask.house, ask.mine, row.id)
        return
    wanted = one(ask.typed, "minutes").strip()
    minutes = int(wanted) if wanted.isdecimal() and len(wanted) < 5 else 0
    await conduct.set_timer(ask.house, ask.mine, row.id, minutes)


async def run_room(ask: Ask) -> Response:
    """The door of the room, and what its big screen shows."""
    match one(ask.typed, "do"):
        case "open":
            await conduct.open_door(ask.house, ask.mine, "newcomers" in ask.typed)
        case "close":
            await conduct.close_door(ask.house, ask.mine)
        case "screen":
            await conduct.show_screen(ask.house, ask.mine, one(ask.typed, "screen"))
        case _:
            raise Refused("refused.no_such_screen")
    return ask.go("console", session=ask.here.id)


async def answer_call(ask: Ask) -> Response:
    """A raised hand was answered; or, taken back, is up again."""
    wanted = one(ask.typed, "call")
    if not (wanted.isdecimal() and len(wanted) < 10):
        raise Refused("refused.call_gone")
    if "undo" in ask.typed:
        await conduct.reopen_call(ask.house, ask.mine, int(wanted))
        return ask.go("console", session=ask.here.id)
    await conduct.answer_call(ask.house, ask.mine, int(wanted))
    return ask.go("console", session=ask.here.id, query=urlencode({"answered": wanted}))
