"""What would change this list: the page for whoever sits in the session, and the same figures as a file.

Only what was told after the close is on it (consensus/results/sensitivity.py).
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import models
from consensus.export.measures import measure_sheet
from consensus.export.readings import FILE, reading_sheet
from consensus.outcome import findings_from
from consensus.results.sensitivity import sensitivity_of
from consensus.states import RoundState
from consensus.text import listed
from consensus.web.asking import Ask
from consensus.web.results.results import told_to


async def sensitivity(ask: Ask) -> Response:
    shown = await told_to(ask)
    found = [sensitivity_of(one) for one in shown["results"].lists or (shown["results"],)]
    lists = [(one, listed(ask.language, list(map(str, one.depend)))) for one in found if one is not None]
    return ask.page("results/sensitivity.html", **shown, lists=lists)


async def sensitivity_file(ask: Ask) -> Response:
    closed = await models.Round.filter(session_id=ask.here.id, state=RoundState.CLOSED).order_by("position")
    told = measure_sheet({row.key: findings_from(row.findings or ()) for row in closed})
    return csv_of(reading_sheet(told.rows).csv(), FILE)


def csv_of(data: bytes, name: str) -> Response:
    """A table as a file of that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)
