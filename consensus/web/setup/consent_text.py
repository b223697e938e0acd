"""The consent of a study, as the staff who run its sessions write it: a new version, and those before it.

An earlier version is never changed. Who is asked again is said before it is sent.
"""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from consensus import conduct, models, text
from consensus.conduct import Refused
from consensus.consents import PURPOSES, Version, present, versions
from consensus.web.asking import Ask
from consensus.web.participant.consent import ticked_purposes
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.wordings import Problems, wordings
from rounds.contract import Role


async def consent_text(ask: Ask) -> Response:
    return await _form(ask, await open_study(ask), [("", ask.error)] if ask.error else [])


async def _form(ask: Ask, study: models.Study, problems: Problems) -> Response:
    real = models.Seat.filter(session__study_id=study.id, session__rehearses__isnull=True)
    seated = real.filter(role=Role.PARTICIPANT, withdrawn="", consented=True)
    return ask.page(
        "setup/consent.html",
        problems=problems,
        now=present(study),
        earlier=versions(study)[-2::-1],
        since={version.number: _since(ask, version) for version in versions(study)},
        purposes=PURPOSES,
        people=await seated.count(),
        is_saved="saved" in ask.request.query_params,
    )


def _since(ask: Ask, version: Version) -> str:
    return text.day(ask.language, date.fromisoformat(version.since)) if version.since else ""


async def write(ask: Ask) -> Response:
    study = await open_study(ask)
    problems: Problems = []
    texts, news = (wordings(ask, name, study.languages, problems) for name in ("consent", "news"))
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return await _form(ask, study, problems)
    try:
        await conduct.write_consent(ask.house, signed_in(ask), study.id, texts, news, ticked_purposes(ask))
    except Refused as refused:
        ask.error, ask.status = ask.say(refused.key, **refused.values), 422
        return await _form(ask, study, [(f"consent.{study.languages[0]}", ask.error)])
    return ask.go("consent_text", study=study.id, query="saved=yes")
