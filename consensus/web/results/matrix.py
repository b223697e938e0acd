"""Where the statements lie, of a session or of all sessions of a study: a matrix, filters that the address keeps, and
the list of what a cell holds.

Only what was told at the closes is counted (consensus/results/matrix.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import models
from consensus.export.matrix import FILE, matrix_sheet
from consensus.results import released
from consensus.results.matrix import (
    ACROSS,
    DOWN,
    FIELDS,
    VERDICTS,
    Item,
    Matrix,
    filtered,
    items_of,
    matrix_of,
    values_of,
)
from consensus.web.asking import Ask
from consensus.web.results.compare import of_mine
from consensus.web.results.results import told_to
from consensus.web.results.sensitivity import csv_of

FILTERS = ("verdict", "block")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. chosen: the filters, by field."""

    down: str
    across: str
    chosen: dict[str, list[str]]

    def address(self, **changed: str) -> str:
        """The same with one value for each of these; "-" is nothing said, "" no filter."""
        pairs = [("down", self.down), ("across", self.across)]
        kept = {**self.chosen, **{name: [value] for name, value in changed.items()}}
        pairs += [(name, value) for name, some in kept.items() for value in some if value]
        return "?" + urlencode(pairs)


def asked_of(ask: Ask) -> Asked:
    said = ask.request.query_params
    down = said["down"] if said.get("down") in FIELDS else DOWN
    across = said["across"] if said.get("across") in FIELDS else ACROSS
    if down == across:
        across = next(name for name in FIELDS if name != down)
    return Asked(down, across, {name: said.getlist(name) for name in (*FIELDS, *FILTERS) if said.get(name)})


async def matrix(ask: Ask) -> Response:
    shown = await told_to(ask)
    scoring = shown["results"].scoring
    given = _given(ask, items_of(shown["results"])) | {"blocks": scoring.blocks if scoring else ()}
    return ask.page("results/matrix.html", **shown, **given, back_to=f"/sessions/{ask.here.id}/results", sessions={})


async def matrix_file(ask: Ask) -> Response:
    return _file(ask, items_of((await told_to(ask))["results"]))


async def study_matrix(ask: Ask) -> Response:
    """Statements of all sessions of a study; one that several judged counts once in each."""
    study = await of_mine(ask)
    items, sessions = await _of_study(study)
    given = _given(ask, items) | {"blocks": (), "results": None, "view": None}
    return ask.page("results/matrix.html", **given, back_to=f"/studies/{study.id}/compare", sessions=sessions)


async def study_matrix_file(ask: Ask) -> Response:
    return _file(ask, (await _of_study(await of_mine(ask)))[0])


async def _of_study(study: models.Study) -> tuple[list[Item], dict[int, Any]]:
    sessions = await models.Session.filter(study_id=study.id, rehearses=None).order_by("id")
    items: list[Item] = []
    for session in sessions:
        rows = await models.Round.filter(session_id=session.id).order_by("position")
        items += items_of(released(rows), session.id)
    return items, {session.id: session.title for session in sessions}


def _laid(ask: Ask, items: list[Item]) -> tuple[Asked, Matrix, list[Item]]:
    """The matrix of what the filters leave, those by its own two fields aside: these choose a cell of it."""
    asked = asked_of(ask)
    chosen = {name: ["" if one == "-" else one for one in some] for name, some in asked.chosen.items()}
    own = {asked.down, asked.across}
    left = filtered(items, {name: some for name, some in chosen.items() if name not in own})
    return asked, matrix_of(left, asked.down, asked.across), filtered(items, chosen)


def _is_said(items: list[Item], field: str) -> bool:
    return any(one.says(field) != ("",) for one in items)


def _file(ask: Ask, items: list[Item]) -> Response:
    return csv_of(matrix_sheet(_laid(ask, items)[1]).csv(), FILE)


def _given(ask: Ask, items: list[Item]) -> dict[str, Any]:
    asked, laid, listed = _laid(ask, items)
    offered = {name: values_of(items, name) for name in FIELDS}
    return {
        "asked": asked,
        "matrix": laid,
        "listed": listed if asked.chosen else [],
        "n": len(items),
        "fields": [name for name in FIELDS if name in {laid.down, laid.across} or _is_said(items, name)],
        "offered": offered,
        "verdicts": [(name, sum(one.verdict == name for one in items)) for name in VERDICTS],
    }
