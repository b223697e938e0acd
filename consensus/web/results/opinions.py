"""The map of opinions of the ratings of a session: what is told to everyone who sits in it, and to a participant their
own place.

That place is worked out while the page is asked for, from that seat's own answers, and is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import models
from consensus import opinions as maps
from consensus.facts import RoundFacts
from consensus.opinion_drawing import LETTERS, Area, areas, spot
from consensus.results import released as list_of
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.state import load_state
from consensus.web.view import plain
from rounds.contract import Role


@dataclass(frozen=True, slots=True)
class Own:
    """Where the reader stands: in the picture, and the group whose middle is nearest."""

    x: float
    y: float
    letter: str


@dataclass(frozen=True, slots=True)
class Map:
    """Of a rating. told: as stored, None while it is being worked out. own: of the reader, where there is any."""

    row: RoundFacts
    told: dict[str, Any] | None
    areas: tuple[Area, ...]
    own: Own | None

    @property
    def counts(self) -> list[tuple[str, Sequence[Sequence[int]]]]:
        """By statement, for each group how many agree, disagree and answered; those that are not told are left out."""
        counts = self.told["more"]["counts"] if self.told else {}
        return [(name, rows) for name, rows in counts.items() if rows is not None]

    @property
    def is_alike(self) -> bool:
        return bool(self.told and self.told["reason"] in {"noise", "constant"})


def has_map(rows: Sequence[models.Round]) -> bool:
    """Is there a page, or will there be?"""
    return any(maps.told_of(row) is not None or maps.is_due(row) for row in rows)


async def opinions(ask: Ask) -> Response:
    rows = await models.Round.filter(session_id=ask.here.id, state=RoundState.CLOSED).order_by("position")
    if not has_map(rows):
        raise HTTPException(404)
    every = await models.Round.filter(session_id=ask.here.id).order_by("position")
    view = plain(await load_state(ask.house, ask.here))
    facts = {one.key: one for one in view.rounds}
    found = [await _map(ask, row, facts[row.key]) for row in rows if has_map([row])]
    known = {name: history.last for name, history in list_of(every).histories.items()}
    return ask.page("opinions.html", view=view, maps=found, known=known)


async def _map(ask: Ask, row: models.Round, facts: RoundFacts) -> Map:
    told = maps.told_of(row)
    if told is None or told["value"] is None:
        return Map(facts, told, (), None)
    side = told["more"]["side"]
    return Map(facts, told, areas(told["value"], side), await _own(ask, row, told))


async def _own(ask: Ask, row: models.Round, told: dict[str, Any]) -> Own | None:
    """Of a participant, for that seat's own eyes."""
    if ask.mine.role != Role.PARTICIPANT:
        return None
    counted = await ask.house.counts.now(row)
    at = maps.place_of(row, counted, counted.own.get(str(ask.mine.id), {}).values())
    if at is None:
        return None
    away = [(at[0] - x) ** 2 + (at[1] - y) ** 2 for x, y in (group["centre"] for group in told["value"])]
    return Own(*spot(at, told["more"]["side"]), LETTERS[away.index(min(away))])
