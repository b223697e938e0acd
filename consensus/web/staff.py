"""What a signed-in member of staff meets before any session: the studies and their sessions.

Who may see which session is decided by the seats that staff hold in them.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import models
from consensus.web.asking import Ask


async def studies(ask: Ask) -> Response:
    assert ask.staff is not None
    held = await models.Seat.filter(staff_id=ask.staff.id).select_related("session__study").order_by("session_id")
    shelves: dict[int, tuple[models.Study, list[tuple[models.Session, models.Seat]]]] = {}
    for seat in held:
        study = seat.session.study
        shelves.setdefault(study.id, (study, []))[1].append((seat.session, seat))
    return ask.page("staff/studies.html", shelves=list(shelves.values()))
