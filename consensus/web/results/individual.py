"""Individual answers: who is given them, on which conditions, and the file itself.

The facilitator names receivers; a receiver reads the conditions and accepts them before the first file. Whether there
is a file at this moment, and for whom, is asked of conduct.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from consensus import conduct, export, models
from consensus.conduct import Refused
from consensus.freeze import conditions, day_of, is_draft, is_frozen
from consensus.web.asking import Ask
from consensus.web.results.results import parcel_of
from rounds.contract import TEAM, Role


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to whom individual answers are, or may be, given. state: none, unsigned, given or accepted."""

    id: int
    name: str
    role: str
    is_team: bool
    state: str


async def individual(ask: Ask) -> Response:
    assert ask.study is not None
    mine = await models.Grant.get_or_none(seat_id=ask.mine.id)
    frozen = await is_frozen(ask.here)
    given: dict[str, Any] = {
        "day": day_of(ask.study),
        "is_frozen": frozen,
        "frozen_at": ask.minute(ask.here.frozen_at) if ask.here.frozen_at else "",
        "is_draft": frozen and await is_draft(ask.here),
        "mine": _state(mine),
        "conditions": conditions(ask.study.has_analysis_file),
        "receivers": await _receivers(ask) if ask.mine.role == Role.FACILITATOR else [],
    }
    return ask.page("individual.html", **given)


def _state(grant: models.Grant | None) -> str:
    if grant is None:
        return "none"
    if grant.is_team and not grant.signed_at:
        return "unsigned"
    return "accepted" if grant.accepted_at else "given"


async def _receivers(ask: Ask) -> list[Receiver]:
    """Researchers first, then the team, each in the order in which they were seated."""
    roles = [Role.RESEARCHER, *TEAM]
    held = models.Seat.filter(session_id=ask.here.id, role__in=roles, withdrawn="").order_by("id")
    grants = {grant.seat_id: grant for grant in await models.Grant.filter(session_id=ask.here.id)}
    found = [
        Receiver(seat.id, name_of(seat), seat.role, await conduct.sat_on_team(seat), _state(grants.get(seat.id)))
        for seat in await held.select_related("person", "staff")
    ]
    return sorted(found, key=lambda one: one.role != Role.RESEARCHER)


def name_of(seat: models.Seat) -> str:
    who = seat.staff or seat.person
    return who.name if who else ""


async def give(ask: Ask) -> Response:
    wanted = ask.typed.number("seat")
    if wanted is None:
        raise Refused("refused.no_such_seat")
    await conduct.give_answers(ask.house, ask.mine, ask.here.id, wanted)
    return ask.go("individual", session=ask.here.id)


async def accept(ask: Ask) -> Response:
    if "accept" not in ask.typed:
        raise Refused("refused.conditions_first")
    await conduct.accept_conditions(ask.house, ask.mine)
    return ask.go("individual", session=ask.here.id)


async def row_level(ask: Ask) -> Response:
    """Individual answers under aliases."""
    return await _file(ask, export.individual, {"fr": "reponses-individuelles"}.get(ask.language, "individual-answers"))


async def analysis(ask: Ask) -> Response:
    """The same with one alias over rounds, where the study has such a file."""
    return await _file(ask, export.analysis, {"fr": "analyse"}.get(ask.language, "analysis"))


async def _file(ask: Ask, write: Callable[..., Awaitable[bytes]], sort: str) -> Response:
    """Where there is no file, or not for them: the page that says why, and when. In a rehearsal nobody sits, so its
    team has it without more."""
    try:
        grant = await models.Grant.get_or_none(seat_id=ask.mine.id)
        if ask.here.rehearses is None:
            await conduct.may_fetch(ask.here, grant)
            if grant is not None and not grant.accepted_at:
                return ask.go("individual", session=ask.here.id)
        is_for_team = grant is not None and grant.is_team
        return parcel_of(ask, await write(ask.house, ask.here, is_for_team=is_for_team), sort)
    except Refused as refused:
        ask.error, ask.status = ask.say(refused.key, **refused.values), 422
        return await individual(ask)
