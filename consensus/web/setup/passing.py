"""Passing on what a session found to another of its study: which one, which statements, what would go; then it goes.

What may be taken and what is told of it says consensus/passed.py; conduct/passing.py acts. Nothing is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.facts import SessionFacts
from consensus.numbers import numbers_of
from consensus.passed import NATURE, Standing, chosen, offered, standing
from consensus.results import Results, released
from consensus.states import RoundState
from consensus.web.asking import Ask
from rounds.contract import Role, Statement
from rounds.lineage import ALL

MOST = 9999  # of a list, the first so many


@dataclass(frozen=True, slots=True)
class Taker:
    """A session to which this one may pass on. is_written_first: it takes nothing, as people write there first."""

    session: SessionFacts
    is_written_first: bool


@dataclass(frozen=True, slots=True)
class Going:
    """A statement that would go. number: in the study, None until it has one. is_there: the other session has it."""

    statement: Statement
    told: Standing
    number: int | None
    is_there: bool


async def passing(ask: Ask) -> Response:
    """The form, and under it what would go once that is asked for."""
    if ask.here.rehearses is not None:
        raise HTTPException(404)
    results = await _results(ask)
    takers = await _takers(ask)
    going: tuple[Going, ...] = ()
    to = next((one for one in takers if str(one.session.id) == ask.typed.one("to")), None)
    if to is not None and "do" in ask.typed and not ask.error:
        going = await _going(ask, results, to.session.id)
    given = {
        "takers": takers,
        "to": to,
        "offers": offered(results),
        "is_ordered": bool(results.ranked_by),
        "going": going,
        "new": sum(not one.is_there for one in going),
        "natures": NATURE,
    }
    return ask.page("setup/passing.html", **given)


async def _results(ask: Ask) -> Results:
    return released(await models.Round.filter(session_id=ask.here.id).order_by("position"))


async def _takers(ask: Ask) -> list[Taker]:
    """The sessions of the study that have not begun, where the same account is facilitator."""
    held = models.Seat.filter(staff_id=ask.mine.staff_id or 0, role=Role.FACILITATOR, withdrawn="")
    mine = await held.filter(session__study_id=ask.here.study_id, session__rehearses=None).select_related("session")
    rows = await models.Round.filter(session_id__in=[seat.session_id for seat in mine]).order_by("position")
    begun = {row.session_id for row in rows if row.state != RoundState.DRAFT}
    first = {row.session_id: row for row in reversed(rows)}
    sessions = sorted((seat.session for seat in mine), key=lambda one: one.id)
    return [
        Taker(SessionFacts.of(one), conduct.is_written_first(first.get(one.id)))
        for one in sessions
        if one.id != ask.here.id and one.id not in begun
    ]


async def _going(ask: Ask, results: Results, to: int) -> tuple[Going, ...]:
    cards = chosen(results, _takes(ask), _first(ask))
    if not cards:
        raise Refused("refused.nothing_to_pass")
    numbers = await numbers_of(ask.here.id)
    there = set((await numbers_of(to)).values())
    found = [(card, numbers.get(card.statement.id)) for card in cards]
    return tuple(Going(card.statement, standing(results, card), number, number in there) for card, number in found)


def _takes(ask: Ask) -> str:
    return ask.typed.one("takes") or ALL


def _first(ask: Ask) -> int | None:
    if not ask.typed.one("first"):
        return None
    first = ask.typed.number("first", digits=4)
    if not first:
        raise Refused("passing.bad_first", most=MOST)
    return first


async def pass_on(ask: Ask) -> Response:
    """First what would go is shown, then it goes."""
    first, to = _first(ask), ask.typed.number("to", digits=9)
    if to is None:
        raise Refused("missing.taker")
    if ask.typed.one("do") != "confirm":
        return await passing(ask)
    n = await conduct.pass_on(ask.house, ask.mine, to, _takes(ask), first)
    return ask.go("statements", session=to, query=urlencode({"from": ask.here.id, "came": n}))


async def take_out(ask: Ask) -> Response:
    """In the session that took: what came from another goes, or one statement of it."""
    giving = ask.typed.number("session", digits=9) or 0
    n = await conduct.take_out(ask.house, ask.mine, giving, ask.typed.one("statement"))
    return ask.go("statements", session=ask.here.id, query=urlencode({"out": n}))
