"""The live drawings: for each audience and language, the parts of its page that follow the session.

A page includes the same blocks when it first loads; sockets and the five-second question get them from here. One
drawing per audience and language, whatever the number of watchers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from consensus import conduct, models
from consensus.guard import may
from consensus.house import House
from consensus.live import Audience, Picture
from consensus.sections import Cut, Drawing, cut
from consensus.states import RoundState
from consensus.web.form import Typed
from consensus.web.state import State, load_state
from consensus.web.team.foretelling import close_of
from consensus.web.team.room_controls import arrived, door, lacking_of, opening_of, pressing
from consensus.web.view import CONSOLE, PROJECTOR, ROOM, given, seen_by
from rounds.contract import Block, Role
from rounds.disclosure import Mode
from rounds.rules import rule_from

# For each audience, the template that frames a kind's blocks, and the parts of the page that are live.
FRAMES = {
    CONSOLE: ("facilitator/console.html", ("steps", "head", "controls", "desk", "attention", "calls", "presence")),
    ROOM: ("participant/round.html", ("closing", "live", "timer")),
    PROJECTOR: ("projector.html", ("big", "corner")),
}


def kind_template(state: State) -> str | None:
    return f"rounds/{state.row.kind}.html" if state.row else None


def screen_template(state: State) -> str | None:
    """What the big screen shows: the round, or what the team chose instead."""
    return f"screens/{state.session.screen}.html" if state.session.screen else kind_template(state)


def context(state: State, audience: Audience) -> dict[str, Any]:
    """What the blocks of one audience are given, on the page and on the socket alike."""
    view = seen_by(state, audience)
    return given(view, audience=audience.name, card=audience.card, **_beside(state, audience))


def _beside(state: State, audience: Audience) -> dict[str, Any]:
    """What stands beside the round. Who raised a hand is told to the team alone; the big screen shows a number."""
    if audience.name == CONSOLE:
        return {"queue": state.calls, "needs": pressing(state, audience.language), "door": door(state)}
    if audience.name == PROJECTOR:
        return {"hands": len(state.calls), "door": door(state)}
    return {"up": [call.id for call in state.calls]}


async def beside(state: State, audience: Audience) -> dict[str, Any]:
    """What the console says of the round beside its figures: its rule, its blocks, what opening it now would need. The
    big screen: who has come in, until something is asked."""
    if audience.name == PROJECTOR:
        waits = state.row is None or state.row.state == RoundState.DRAFT or state.session.screen == "join"
        return {"arrived": await arrived(state, audience.language) if waits else []}
    if audience.name != CONSOLE:
        return {}
    rule = rule_from(state.row.rule) if state.row else None
    blocks = state.blocks or await _planned(state)
    foretold, mode = await close_of(state), state.row.disclosure if state.row else ""
    role = frozenset({Role(audience.role)}) if audience.role else frozenset()
    return {
        "rule": rule.words() if rule else None,
        "pools": [(state.shape(block), state.block_name(block, audience.language), block.seats) for block in blocks],
        "opening": await opening_of(state),
        "foretold": foretold,
        "fixes": foretold.k if foretold and not foretold.is_fixed and mode == Mode.FACILITATOR else 0,
        "lacking": lacking_of(state),
        "may": lambda what: may(what, role),
        "typed": Typed(),
        "error": "",
        "saved": "",
    }


async def _planned(state: State) -> tuple[Block, ...]:
    """The blocks that the round would open with now."""
    row = await models.Round.get_or_none(id=state.row.id) if state.row else None
    return await conduct.blocks_now(state.session, row)


def parts(house: House, state: State, audience: Audience, shown: dict[str, Any], last: object = None) -> Drawing:
    """The live parts, each addressed to its place on the page. shown: the context of this audience. last: the drawing
    before, of which what stays is kept."""
    frame, names = FRAMES[audience.name]
    own = screen_template if audience.name == PROJECTOR else kind_template
    template = own(state) or frame

    def drawn(section: Cut) -> Iterator[tuple[str, str]]:
        given = shown | {"frame": frame, "section": section}
        return house.pages.blocks(template, frame, names, audience.language, given)

    # Where ballots build on one another, what they move may be changed in place: nobody could say that it stayed.
    is_still = not (state.kind and state.kind.ordered)
    of = {"template": template, **shown, "now": None} if is_still else object()
    return cut(drawn, of, lambda: (template, shown["view"].scene), last)


async def draw(house: House, session_id: int, wanted: Mapping[Audience, Picture | None]) -> dict[Audience, Drawing]:
    """wanted: the audiences, each with its last drawing."""
    session = await models.Session.get_or_none(id=session_id)
    if session is None:
        return {}  # a rehearsal that was thrown away while somebody still looked at it
    states, more = {}, {}
    for audience in wanted:
        if audience.round not in states:
            states[audience.round] = await load_state(house, session, audience.round)
        more[audience] = await beside(states[audience.round], audience)
    drawings = {}
    # All figures first: they are of one moment, whoever answers while the pages are drawn.
    shown = {audience: context(states[audience.round], audience) | more[audience] for audience in wanted}
    for audience, last in wanted.items():
        drawings[audience] = parts(house, states[audience.round], audience, shown[audience], last)
        await asyncio.sleep(0)  # whoever answers meanwhile does not wait for all audiences
    return drawings
