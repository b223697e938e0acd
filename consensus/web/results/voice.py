"""Whether groups were heard alike: a question for who runs the session, and the same counts as a file.

What was told at the closes only; counts under the floor are withheld, and no person is named (consensus/results/voice).
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import models
from consensus.export.voices import FILE, voice_sheet
from consensus.outcome import findings_from
from consensus.results.stages import ClosedRound
from consensus.results.voice import VOICE, Turnout, tops, turnouts
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.results.results import told_to
from consensus.web.results.sensitivity import csv_of
from rounds.contract import Block, Finding

Blocks = tuple[tuple[Block, int | None], ...]  # with how many answered, None under the floor


async def voice(ask: Ask) -> Response:
    shown = await told_to(ask)
    results = shown["results"]
    rows = await _closed(ask)
    found = [one.result for row in rows for one in _findings(row) if one.measure == VOICE]
    answered = {row.key: row.outcome.get("answered") or {} for row in rows}
    floor = ask.study.floor if ask.study else 0
    given = {
        "heard": found[-1] if found else None,
        "turnouts": _alike(turnouts(results, answered, floor)),
        "tops": list(tops(results)),
        "floor": floor,
    }
    return ask.page("results/voice.html", **shown, **given)


def _alike(found: list[Turnout]) -> list[tuple[list[ClosedRound], Blocks]]:
    """Steps at which the same people answered are told once, together."""
    steps: dict[Blocks, list[ClosedRound]] = {}
    for one in found:
        steps.setdefault(one.blocks, []).append(one.stage)
    return [(stages, blocks) for blocks, stages in steps.items()]


async def voice_file(ask: Ask) -> Response:
    return csv_of(voice_sheet([_findings(row) for row in await _closed(ask)]).csv(), FILE)


async def _closed(ask: Ask) -> list[models.Round]:
    return await models.Round.filter(session_id=ask.here.id, state=RoundState.CLOSED).order_by("position")


def _findings(row: models.Round) -> tuple[Finding, ...]:
    return findings_from(row.findings or ())
