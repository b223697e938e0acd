"""Where a person belongs in the study: their sites beside the session's, and their arm, corrected by the facilitator.

Until when this may be done is conduct's question.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from consensus import conduct, models
from consensus.facts import StudyFacts
from consensus.sites import all_of, full_name
from consensus.text import listed, pick
from consensus.web.asking import Ask
from consensus.web.setup.about import arms_or_none
from consensus.web.setup.places import offered_sites
from rounds.contract import Role


def study_facts(ask: Ask) -> StudyFacts:
    assert ask.study is not None
    return StudyFacts.of(ask.study)


def places_of(ask: Ask, seat: models.Seat) -> str:
    """The names of all sites of a person, the session's first, and of their arm, or else the session's; "" of none."""
    study = study_facts(ask)
    names = [full_name(study.sites, key, ask.language) for key in all_of(ask.here.site, seat.sites)]
    arm = seat.arm or ask.here.arm
    names += [pick(one["names"], ask.language) for one in study.arms if one["key"] == arm]
    return listed(ask.language, names)


async def _person(ask: Ask) -> models.Seat:
    number = ask.request.path_params["seat"]
    seat = await models.Seat.get_or_none(id=number, session_id=ask.here.id, role=Role.PARTICIPANT)
    if seat is None or seat.withdrawn:
        raise HTTPException(404)
    return seat


async def whereabouts(ask: Ask) -> Response:
    seat, study = await _person(ask), study_facts(ask)
    person = await models.Person.get_or_none(id=seat.person_id) if seat.person_id else None
    sites = offered_sites(study.sites, ask.language)
    given = {
        "name": person.name if person else "",
        "its": seat.id,
        "sites": [one for one in sites if one[0] != ask.here.site],
        "own_site": dict(sites).get(ask.here.site, ""),
        "arms": arms_or_none(ask, study),
        "chosen": ask.typed.many("site") if ask.typed else seat.sites or [],
        "arm": ask.typed.one("arm") if ask.typed else seat.arm,
    }
    return ask.page("facilitator/whereabouts.html", **given)


async def relocate(ask: Ask) -> Response:
    seat = await _person(ask)
    await conduct.relocate(ask.house, ask.mine, seat.id, ask.typed.many("site"), ask.typed.one("arm"))
    path = ask.address("seats", session=ask.here.id)
    return RedirectResponse(f"{path}?at={seat.id}#card-{seat.id}", 303)
