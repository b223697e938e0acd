"""What stands beside the round on the team's pages: what needs attention, and the room's door and screen.

Facts for templates, and the forms that change them; no act is done here but through conduct.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from starlette.responses import Response

from consensus import conduct, models
from consensus.attention import Need, People, Situation, needs
from consensus.conduct import Refused
from consensus.facts import RoundFacts, rounds_of
from consensus.pictures import drawn
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.state import State
from rounds.contract import Role


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
    return drawn(link, 4, omitsize=True)


@dataclass(frozen=True, slots=True)
class Pressing:
    """A need as the console shows it. path: where it is mended; leaves: that is not on this page."""

    key: str
    at: str
    values: Mapping[str, object]
    sign: str
    path: str

    @property
    def is_warning(self) -> bool:
        return self.at != "calls"

    @property
    def leaves(self) -> bool:
        return self.at != "card"


SIGNS = {"calls": "hand", "timer": "clock", "seats": "people", "card": "pencil", "entries": "merge"}


def pressing(state: State, language: str) -> list[Pressing]:
    """What needs the team in the round under way, the most pressing first."""
    found = []
    for need in _needs(state, language):
        path = _mended_at(f"/sessions/{state.session.id}", need)
        found.append(Pressing(need.key, need.at, need.values, SIGNS[need.at], path))
    return found


def _mended_at(session: str, need: Need) -> str:
    match need.at:
        case "calls":
            return "#hands"
        case "timer":
            return "#controls"
        case "card":
            return f"{session}/console?card={need.values['card']}"
        case "entries":
            return f"{session}/seats/{need.values['seat']}/answers"
    return f"{session}/seats"


def _needs(state: State, language: str) -> list[Need]:
    if not state.is_open or state.kind is None or state.counted is None:
        return needs(Situation(is_asking=False, floor=state.study.floor, calls=len(state.calls)))
    timer = state.timer
    people = [People(p.name, p.seats, p.online or 0, p.done or 0) for p in state.presence(language)]
    return needs(
        Situation(
            is_asking=Role.PARTICIPANT in state.kind.cast_by,
            floor=state.study.floor,
            people=people,
            left=None if timer is None or timer.is_paused or state.closing else timer.left,
            lacking=lacking_of(state),
            calls=len(state.calls),
            unsettled=state.unsettled,
        )
    )


def lacking_of(state: State) -> list[str]:
    """Cards that the team can still reword and that miss a language; people are shown them here or in a later step."""
    if not (state.is_open and state.is_of_team and state.counted is not None and state.counted.round.statements):
        return []
    return conduct.untranslated(state.counted.official.statements, state.session.languages)


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many people of a block have come in, of how many."""

    name: str
    shape: int
    seats: int
    come: int


async def arrived(state: State, language: str) -> list[Arrived]:
    """For the big screen: the blocks of the floor or more; who a smaller one is waiting for would be a name."""
    here = await models.Seat.filter(session_id=state.session.id, role=Role.PARTICIPANT, withdrawn="")
    found = []
    for block in state.blocks or await conduct.blocks_now(state.session):
        people = [seat for seat in here if seat.group in block.groups]
        come = sum(seat.is_entered or seat.is_simulated for seat in people)
        found.append(Arrived(state.block_name(block, language), state.shape(block), len(people), come))
    return [one for one in found if one.seats >= state.study.floor]


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands in the way of a round that has not opened. after: the step that must close first. refused, values:
    the sentence that says why it cannot open. lacking: cards that miss a language; reason: the one that the session
    gave. before: the step whose cards they are, None where they were imported."""

    after: RoundFacts | None = None
    refused: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    lacking: Sequence[str] = ()
    reason: str = ""
    before: RoundFacts | None = None


async def opening_of(state: State) -> Opening:
    row = state.row
    if row is None or row.state != RoundState.DRAFT:
        return Opening()
    earlier = [one for one in rounds_of(state.rounds) if one.position < row.position]
    if waiting := [one for one in earlier if one.state != RoundState.CLOSED]:
        return Opening(after=waiting[0])
    try:
        found = await conduct.coming(row)
    except Refused as refused:
        return Opening(refused=refused.key, values=refused.values)
    return Opening(lacking=found.lacking, reason=found.reason, before=earlier[-1] if earlier else None)


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
    await conduct.set_timer(ask.house, ask.mine, row.id, ask.typed.number("minutes", digits=4) or 0)


async def run_room(ask: Ask) -> Response:
    """The door of the room, and what its big screen shows."""
    match ask.typed.one("do"):
        case "open":
            await conduct.open_door(ask.house, ask.mine, "newcomers" in ask.typed)
        case "close":
            await conduct.close_door(ask.house, ask.mine)
        case "screen":
            await conduct.show_screen(ask.house, ask.mine, ask.typed.one("screen"))
        case _:
            raise Refused("refused.no_such_screen")
    return ask.go("console", session=ask.here.id)


async def answer_call(ask: Ask) -> Response:
    """A raised hand was answered; or, taken back, is up again."""
    wanted = ask.typed.number("call")
    if wanted is None:
        raise Refused("refused.call_gone")
    if "undo" in ask.typed:
        await conduct.reopen_call(ask.house, ask.mine, wanted)
        return ask.go("console", session=ask.here.id)
    await conduct.answer_call(ask.house, ask.mine, wanted)
    return ask.go("console", session=ask.here.id, query=urlencode({"answered": wanted}))
