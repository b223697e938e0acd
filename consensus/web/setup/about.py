"""The page “about this session”: title, site, arm, planned day, and why it differs from the others of its study; the
same fields are asked with a new session.

Whether they may change is asked of firmness.py and decided by conduct; what sites and arms are called, of places.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from consensus import conduct, models
from consensus.facts import StudyFacts
from consensus.firmness import firm_session
from consensus.text import day
from consensus.web.asking import Ask
from consensus.web.setup.places import Offered, offered_arms, offered_sites
from consensus.web.setup.wordings import LONGEST, Problems, wordings


def places(ask: Ask, study: StudyFacts) -> dict[str, Any]:
    """What the form offers: sites by their whole names, and arms; [] where the study has none."""
    sites = offered_sites(study.sites, ask.language)
    return {
        "sites": [("", ask.say("about.no_site")), *sites] if sites else [],
        "arms": arms_or_none(ask, study),
    }


def arms_or_none(ask: Ask, study: StudyFacts) -> Offered:
    arms = offered_arms(study.arms, ask.language)
    return [("", ask.say("about.no_arm")), *arms] if arms else []


def read_place(ask: Ask, problems: Problems) -> dict[str, str]:
    """Site, arm and day as they are typed; a key that the study does not have is refused by the act."""
    planned = ask.typed.one("planned_on")
    try:
        planned = date.fromisoformat(planned).isoformat() if planned else ""
    except ValueError:
        problems.append(("planned_on", ask.say("about.planned_on.bad")))
    return {"site": ask.typed.one("site")[:40], "arm": ask.typed.one("arm")[:40], "planned_on": planned}


async def about(ask: Ask) -> Response:
    return await _form(ask, [])


async def _form(ask: Ask, problems: Problems) -> Response:
    assert ask.study is not None
    study, held = StudyFacts.of(ask.study), await firm_session(ask.here.id)
    given: Mapping[str, Any] = {
        **places(ask, study),
        "problems": problems or ([("", ask.error)] if ask.error else []),
        "planned": day(ask.language, date.fromisoformat(planned)) if (planned := ask.here.planned_on) else "",
        "is_opened": held.is_opened,
        "is_answered": held.is_answered,
        "is_saved": "saved" in ask.request.query_params and not ask.typed,
    }
    return ask.page("setup/about.html", **given)


async def change(ask: Ask) -> Response:
    """Fields that are fixed are not in the form, and stay."""
    problems: Problems = []
    fields: dict[str, Any] = {}
    held = await firm_session(ask.here.id)
    session = await models.Session.get(id=ask.here.id)
    if not held.is_answered:
        fields["title"] = wordings(ask, "title", session.languages, problems)
    if not held.is_opened:
        fields |= read_place(ask, problems)
    why = ask.typed.one("why").replace("\r\n", "\n")
    if len(why) > LONGEST["why"]:
        problems.append(("why", ask.say("too_long", n=LONGEST["why"], now=len(why))))
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return await _form(ask, problems)
    await conduct.change_session(ask.house, ask.mine, why=why, **fields)
    return ask.go("about", session=ask.here.id, query="saved=yes")
