"""The day of a study's freeze, and the second signature where one of a session's team is given individual answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, zones
from consensus.conduct import Refused
from consensus.facts import SessionFacts
from consensus.freeze import NOTICE_DAYS, day_of
from consensus.web.asking import LARGEST, Ask
from consensus.web.results.individual import name_of
from consensus.web.setup.studies import open_study, signed_in


async def freeze(ask: Ask) -> Response:
    return await _form(ask, await open_study(ask))


async def _form(ask: Ask, study: models.Study) -> Response:
    sessions = await models.Session.filter(study_id=study.id, rehearses__isnull=True).order_by("id")
    given = {
        "day": day_of(study),
        "earliest": zones.today_in(study.zone) + timedelta(days=NOTICE_DAYS),
        "notice": NOTICE_DAYS,
        "frozen": [(SessionFacts.of(row), ask.minute(row.frozen_at)) for row in sessions if row.frozen_at],
        "is_saved": "saved" in ask.request.query_params,
    }
    return ask.page("setup/freeze.html", problems=[("until", ask.error)] if ask.error else [], **given)


async def set_freeze(ask: Ask) -> Response:
    study = await open_study(ask)
    try:
        day = date.fromisoformat(ask.typed.one("until"))
    except ValueError:
        raise Refused("refused.freeze_day") from None
    await conduct.set_freeze(ask.house, signed_in(ask), study.id, day)
    return ask.go("freeze", study=study.id, query="saved=yes")


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A file that waits for a second person. can_sign: this reader may be that one."""

    id: int
    session: SessionFacts
    name: str
    role: str
    can_sign: bool


async def signatures(ask: Ask) -> Response:
    study = await _study_to_sign(ask)
    sessions = {row.id: row for row in await models.Session.filter(study_id=study.id, rehearses__isnull=True)}
    waiting = models.Grant.filter(session_id__in=list(sessions), is_team=True, signed_at="").order_by("id")
    mine = models.Seat.filter(session_id__in=list(sessions), staff_id=signed_in(ask).id)
    sits_in = {seat.session_id for seat in await mine}
    found = []
    for grant in await waiting:
        seat = await models.Seat.get(id=grant.seat_id).select_related("person", "staff")
        row = sessions[grant.session_id]
        can_sign = bool(row.frozen_at) and row.id not in sits_in
        found.append(Unsigned(grant.id, SessionFacts.of(row), name_of(seat), seat.role, can_sign))
    return ask.page("setup/signatures.html", unsigned=found, is_saved="saved" in ask.request.query_params)


async def sign(ask: Ask) -> Response:
    study = await _study_to_sign(ask)
    number = ask.typed.number("grant") or 0
    grant = await models.Grant.get_or_none(id=number)
    if grant is None or not await models.Session.exists(id=grant.session_id, study_id=study.id):
        raise Refused("refused.nothing_to_sign")
    await conduct.sign_answers(ask.house, signed_in(ask), grant.session_id, grant.id)
    return ask.go("signatures", study=study.id, query="saved=yes")


async def _study_to_sign(ask: Ask) -> models.Study:
    """Whoever runs a session of the study, or an administrator, who sits in none."""
    if not signed_in(ask).is_administrator:
        return await open_study(ask)
    number = ask.request.path_params["study"]
    found = await models.Study.get_or_none(id=number) if number <= LARGEST else None
    if found is None:
        raise HTTPException(404)
    ask.study = found
    if ask.language not in found.languages:
        ask.language = ask.languages()[0]
    return found
