"""The live drawings: for each audience and language, the parts of its page that follow the session.

A page includes the same blocks when it first loads; sockets and the five-second question get them from here. One
drawing per audience and language, whatever the number of watchers.
"""

from __future__ import annotations

import asyncio
from typing import Any

from consensus import models
from consensus.house import House
from consensus.live import Audience
from consensus.web.desk import door, needs_of
from consensus.web.state import State, drawn, look
from rounds.contract import Role

CONSOLE, ROOM, PROJECTOR = "console", "room", "projector"
# For each audience, the template that frames a kind's blocks, and the parts of the page that are live.
FRAMES = {
    CONSOLE: ("facilitator/console.html", ("steps", "timer", "desk", "attention", "calls", "presence")),
    ROOM: ("participant/round.html", ("live", "timer")),
    PROJECTOR: ("projector.html", ("big", "corner")),
}
ROLES = {CONSOLE: Role.FACILITATOR, ROOM: Role.PARTICIPANT, PROJECTOR: None}


def kind_template(state: State) -> str | None:
    return f"rounds/{state.row.kind}.html" if state.row else None


def screen_template(state: State) -> str | None:
    """What the big screen shows: the round, or what the team chose instead."""
    return f"screens/{state.session.screen}.html" if state.session.screen else kind_template(state)


def context(state: State, audience: Audience) -> dict[str, Any]:
    """What the blocks of one audience are given, on the page and on the socket alike."""
    return drawn(
        state,
        audience.language,
        audience=audience.name,
        card=audience.card,
        tally=state.tally(ROLES[audience.name], audience.card),
        turn=state.turn(),
        **_beside(state, audience),
    )


def _beside(state: State, audience: Audience) -> dict[str, Any]:
    """What stands beside the round. Who raised a hand is told to the team alone; the big screen shows a number."""
    if audience.name == CONSOLE:
        return {"queue": state.calls, "needs": needs_of(state, audience.language), "door": door(state)}
    if audience.name == PROJECTOR:
        return {"hands": len(state.calls), "door": door(state)}
    return {"up": [call.id for call in state.calls]}


def parts(house: House, state: State, audience: Audience, given: dict[str, Any]) -> str:
    """The live parts, each addressed to its place on the page. given: the context of this audience."""
    frame, names = FRAMES[audience.name]
    given = given | {"frame": frame}
    own = screen_template if audience.name == PROJECTOR else kind_template
    template = own(state) or frame
    drawings = []
    for name in names:
        drawing = house.pages.block(template, frame, name, audience.language, given)
        drawings.append(f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{drawing}</hx-partial>')
    return "".join(drawings)


async def draw(house: House, session_id: int, audiences: frozenset[Audience]) -> dict[Audience, str]:
    session = await models.Session.get_or_none(id=session_id)
    if session is None:
        return {}  # a rehearsal that was thrown away while somebody still looked at it
    state = await look(house, session)
    drawings = {}
    # All figures first: they are of one moment, whoever answers while the pages are drawn.
    given = {audience: context(state, audience) for audience in audiences}
    for audience in audiences:
        drawings[audience] = parts(house, state, audience, given[audience])
        await asyncio.sleep(0)  # whoever answers meanwhile does not wait for all audiences
    return drawings
