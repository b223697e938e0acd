"""The act that lays a whole study by a protocol: the study, and each of its sessions as being set up.

All of it or nothing. What was laid may be changed as if it had been made by hand; who takes part and which statements
are brought are not laid here; what one session is to pass on to another is planned, and passed on by whoever runs it
(passing.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from consensus import models
from consensus.conduct.sessions import lay_session, make_study, study_fields
from consensus.house import House
from consensus.journal import HOUSE, Actor, write
from consensus.passed import Flow
from consensus.study_protocol import StudyProtocol


async def lay_study(
    house: House,
    staff: models.Staff,
    planned: StudyProtocol,
    titles: Mapping[str, Mapping[str, str]],
    purposes: Sequence[str] = (),
    planned_on: Mapping[str, str] | None = None,
    **fields: Any,
) -> tuple[models.Study, dict[str, models.Session]]:
    """The study, and its sessions by their keys in the protocol; whoever lays it is the facilitator of each.

    titles: of each session, a wording per language. planned_on: its day, where it is known. fields: of create_study,
    with the names of sites and arms.
    """
    fields = study_fields(house, {**fields, "headline": planned.headline})

    async def job() -> tuple[models.Study, dict[str, models.Session]]:
        study = await make_study(staff, purposes, fields)
        laid: dict[str, models.Session] = {}
        for one in planned.sessions:
            known = {
                "study": study,
                "title": dict(titles[one.key]),
                "languages": study.languages,
                "site": one.site,
                "arm": one.arm,
                "protocol": planned.name,
                "planned_on": (planned_on or {}).get(one.key, ""),
                "follows": laid[one.follows].id if one.follows else None,
                "flows": [asdict(Flow(laid[t.session].id, t.takes, t.first)) for t in one.takes_from] or None,
            }
            desk = await lay_session(house, staff, one.plans, **known)
            laid[one.key] = await models.Session.get(id=desk.session_id)
        said = {"study": study.id, "protocol": planned.name, "sessions": len(laid)}
        await write(HOUSE, Actor("staff", name=str(staff.id)), "lay_study", said)
        return study, laid

    return await house.act(None, job)
