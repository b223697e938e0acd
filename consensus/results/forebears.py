"""Statements that other sessions passed on, as they were there: what each was made of, and on into further sessions.

Of another session only what was told there, and its words only to whoever has a seat in it. Nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from consensus import models
from consensus.came import Came, came_into
from consensus.results.cards import Origin, Results
from consensus.results.origins import origins
from consensus.results.reading import released


@dataclass(frozen=True, slots=True)
class Forebear:
    """A statement in the session that passed it on. made_of: what it was made of there; before: where those came from,
    and itself, by statement there. Both are empty where the reader has no seat there, has_seat."""

    came: Came
    has_seat: bool
    made_of: tuple[Origin, ...] = ()
    before: Mapping[str, tuple[Forebear, ...]] = field(default_factory=dict)


Forebears = Mapping[str, tuple[Forebear, ...]]


async def forebears(session: models.Session, seats_in: Set[int]) -> Forebears:
    """By statement of a session, those that it was in the sessions that passed it on. seats_in: the sessions in which
    the reader has a seat; of others no words are told, but what was written when it was passed on."""
    found: dict[str, tuple[Forebear, ...]] = {}
    families: dict[int, tuple[Results, Forebears]] = {}
    for statement, sessions in (await came_into(session)).items():
        found[statement] = tuple([await _forebear(one, seats_in, families) for one in sessions])
    return found


async def _forebear(came: Came, seats_in: Set[int], families: dict[int, tuple[Results, Forebears]]) -> Forebear:
    number = came.session.id
    if number not in seats_in:
        return Forebear(came, has_seat=False)
    if number not in families:
        rows = await models.Round.filter(session_id=number).order_by("position")
        families[number] = released(rows), await forebears(await models.Session.get(id=number), seats_in)
    results, before = families[number]
    history = results.histories.get(came.told.was)
    made_of = origins(results.closed, results.histories, history, {came.told.was}) if history else ()
    return Forebear(came, True, made_of, before)
