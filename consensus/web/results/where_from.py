"""Where a statement comes from, for one reader: the team sees all of it, everybody else what evidence.py tells them.

A page of its own; where scripts run, the same part of it opens beside the page that led here.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import models
from consensus.evidence import family_of, whence
from consensus.facts import group_name
from consensus.sites import own_name
from consensus.web.asking import Ask
from rounds.contract import REALIST, TEAM, Role

MOST = 12  # quotations that stand there at once


async def where_from(ask: Ask) -> Response:
    is_team = ask.mine.role in TEAM
    if ask.mine.role == Role.PARTICIPANT and not ask.mine.consented:
        raise HTTPException(404)
    study = await models.Study.get(id=ask.here.study_id)
    name = str(ask.request.path_params["statement"])[:64]
    family = await family_of(ask.here, name, is_team)
    if family is None:
        raise HTTPException(404)
    found = await whence(study, family, is_team)
    sites, groups = study.sites or (), study.groups
    given = {
        "statement": family.statement,
        "family": family,
        "parents": family.parents if is_team else (),
        "whence": found,
        "is_team": is_team,
        "first": found.said[:MOST],
        "others": found.said[MOST:],
        "realist": [(one, getattr(family.statement, one)) for one in REALIST if getattr(family.statement, one)],
        "site_name": {said.site: own_name(sites, said.site, ask.language) for said in found.said if said.site},
        "informant_name": {
            said.informant: group_name(groups, said.informant, ask.language) for said in found.said if said.informant
        },
        "back_to": _back(ask),
    }
    return ask.page("where_from.html", **given)


def _back(ask: Ask) -> str:
    """The page of this session that most likely led here; a participant's is their own."""
    page = "take" if ask.mine.role == Role.PARTICIPANT else "console" if ask.mine.role in TEAM else "results"
    return f"/sessions/{ask.here.id}/{page}"
