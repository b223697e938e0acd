"""The page on which a session is copied for another table: what is taken and what is not, and what the copy is called.

Nothing is copied here; that is an act.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Copy, Refused
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.setup.places import offered_arms, offered_sites
from consensus.web.setup.wordings import LONGEST, Problems
from rounds.contract import Role


async def copying(ask: Ask) -> Response:
    return await _form(ask, [("", ask.error)] if ask.error else [])


async def _form(ask: Ask, problems: Problems) -> Response:
    if ask.here.rehearses is not None:
        raise Refused("refused.is_rehearsal")
    here = models.Seat.filter(session_id=ask.here.id, withdrawn="")
    people = here.filter(role=Role.PARTICIPANT)
    known = await people.filter(person_id__isnull=False).count()
    given = {
        "problems": problems,
        "sites": offered_sites(ask.study.sites or (), ask.language) if ask.study else [],
        "arms": offered_arms(ask.study.arms or (), ask.language) if ask.study else [],
        "rounds": await models.Round.filter(session_id=ask.here.id).count(),
        "team": await here.filter(staff_id__isnull=False).count() - 1,
        "known": known,
        "unknown": await people.count() - known,
    }
    return ask.page("setup/copy.html", **given)


async def copy_session(ask: Ask) -> Response:
    problems: Problems = []
    wanted = Copy(
        title=_titles(ask, problems),
        site=ask.typed.one("site"),
        arm=ask.typed.one("arm"),
        planned_on=ask.typed.one("planned_on"),
        is_next=ask.typed.one("next") == "1",
        with_people=ask.typed.one("people") == "1",
    )
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return await _form(ask, problems)
    made = await conduct.copy_session(ask.house, ask.mine, wanted)
    return ask.go("setup", session=made.id)


def _titles(ask: Ask, problems: Problems) -> dict[str, str]:
    """As typed; left empty, the title of the session with the name of the site."""
    found: dict[str, str] = {}
    for language in ask.here.languages:
        title = ask.typed.one(f"title.{language}") or _proposed(ask, language)
        if not title:
            problems.append((f"title.{language}", ask.say("copy.no_title")))
        elif len(title) > LONGEST["title"]:
            problems.append((f"title.{language}", ask.say("too_long", n=LONGEST["title"], now=len(title))))
        found[language] = title
    return found


def _proposed(ask: Ask, language: str) -> str:
    """Where the title names the site of the session, the name of the new one stands there instead."""
    names = {site["key"]: pick(site["names"], language) for site in (ask.study.sites if ask.study else None) or ()}
    wanted = names.get(ask.typed.one("site"), "")
    title, own = pick(ask.here.title, language), names.get(ask.here.site, "")
    if not wanted or wanted == own:
        return ""
    return title.replace(own, wanted) if own and own in title else f"{title} – {wanted}"
