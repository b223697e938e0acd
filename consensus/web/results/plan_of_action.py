"""The plan of action of a study: the page of its team, the form of one line, files, and what participants read.

A plan reads the list that the team chose, and never changes it. Whoever leads the study or facilitates in it writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.export.sheets import json_bytes
from consensus.export.study.plan import PLAN, TABLE, plan_sheet, plan_told
from consensus.leading import facilitates, lead_of
from consensus.plan_of_action import NOTHING, POOLED, UNITS, Line, Version, changed, line_data, missing, sent
from consensus.plan_of_action import versions as versions_of
from consensus.results.next_steps import HELPS, HINDERS, Listed, NextStep, listed_for, sources
from consensus.web.asking import Ask
from consensus.web.results.compare import of_mine
from consensus.web.setup.studies import signed_in
from rounds.contract import Statement, number_in
from rounds.lineage import LEVELS


@dataclass(frozen=True, slots=True)
class Row:
    """A next step and what is planned for it. level: as the plan says, else as the statement does. bar: where the
    bar of its horizon begins and how long it is, in hundredths of the longest; None where no horizon is said."""

    step: NextStep
    line: Line
    level: str
    helps: tuple[tuple[str, Statement], ...]
    hinders: tuple[tuple[str, Statement], ...]
    bar: tuple[float, float] | None


async def plan(ask: Ask) -> Response:
    """version: an earlier one, to read and to go back to; level: only steps of this one."""
    study = await of_mine(ask)
    known = await versions_of(study.id)
    wanted = number_in(ask.request.query_params.get("version", ""), digits=6)
    at = next((one for one in known if one.number == wanted), known[-1] if known else NOTHING)
    before = next((one for one in known if one.number == at.number - 1), NOTHING)
    listed, is_ready = await _listed(ask, study.id, at)
    rows = rows_of(listed, at)
    level = ask.request.query_params.get("level", "")
    names = dict(await models.Staff.filter(id__in=[one.by for one in known if one.by]).values_list("id", "name"))
    return ask.page(
        "study/plan_of_action.html",
        version=at,
        versions=[(one, ask.minute(one.at), names.get(one.by, "")) for one in reversed(known)],
        changes={key: fields for key, fields in changed(before, at).items() if wanted},
        is_last=not known or at is known[-1],
        rows=[row for row in rows if level in {"", row.level}],
        levels=[(one, n) for one in LEVELS if (n := sum(row.level == one for row in rows))],
        level=level,
        n=len(rows),
        gaps=[(name, n) for name, n in missing([row.line for row in rows]).items() if n],
        is_ready=is_ready,
        listed=listed,
        results=listed.results,
        sources=[(str(one.id), one.title) for one in await sources(study.id)],
        pooled=POOLED,
        may_write=await _writes(ask, study.id),
        is_saved="saved" in ask.request.query_params,
    )


def rows_of(listed: Listed, at: Version) -> list[Row]:
    lines = {step.key: at.line(step.key) for step in listed.steps}
    longest = max((line.months[1] for line in lines.values() if line.months), default=0) or 1
    return [_row(step, lines[step.key], listed, longest) for step in listed.steps]


def _row(step: NextStep, line: Line, listed: Listed, longest: int) -> Row:
    helps, hinders = (
        tuple((key, listed.factors[key]) for key in keys if key in listed.factors)
        for keys in (line.helps, line.hinders)
    )
    months = line.months
    bar = (100 * months[0] / longest, max(2.0, 100 * (months[1] - months[0]) / longest)) if months else None
    return Row(step, line, line.level or step.statement.level, helps, hinders, bar)


async def _listed(ask: Ask, study_id: int, at: Version) -> tuple[Listed, bool]:
    """False where the pooled list is not ready yet, or is held back."""
    worked = await ask.house.studies.of(study_id) if at.source == POOLED else None
    pool = worked.pool if worked is not None and not worked.unsound else None
    return await listed_for(study_id, at.source, pool), at.source != POOLED or pool is not None


async def _writes(ask: Ask, study_id: int) -> bool:
    if ask.staff is None:
        return False
    return await lead_of(study_id) == ask.staff.id or await facilitates(ask.staff.id, study_id)


async def _to_write(ask: Ask) -> models.Study:
    study = await of_mine(ask)
    if not await _writes(ask, study.id):
        raise HTTPException(404)
    return study


async def change(ask: Ask) -> Response:
    """Choose the list, go back to a version, send it to participants."""
    study, staff, act = await _to_write(ask), signed_in(ask), ask.typed.one("act")
    if act == "source":
        await conduct.choose_source(ask.house, staff, study.id, ask.typed.one("source"))
    elif act == "back":
        await conduct.go_back(ask.house, staff, study.id, ask.typed.number("version") or 0)
    elif act == "send":
        await conduct.send_plan(ask.house, staff, study.id)
    else:
        raise Refused("refused.plan_choice")
    return ask.go("plan_of_action", study=study.id, query="saved=yes")


async def line(ask: Ask) -> Response:
    """The form of one line; after a refusal with what was typed."""
    study = await _to_write(ask)
    step, listed, now = await _step(ask, study.id)
    shown = _typed(ask, step.key) if ask.typed else now
    return ask.page(
        "study/plan_line.html",
        step=step,
        line=shown,
        start=ask.typed.one("start") if ask.typed else now.start,
        end=ask.typed.one("end") if ask.typed else now.end,
        seen=ask.typed.one("seen") or json.dumps(line_data(now)),
        levels=LEVELS,
        units=UNITS,
        factors=[(name, listed.of_nature(nature)) for name, nature in (("helps", HELPS), ("hinders", HINDERS))],
        gaps=now.gaps,
    )


async def _step(ask: Ask, study_id: int) -> tuple[NextStep, Listed, Line]:
    known = await versions_of(study_id)
    at = known[-1] if known else NOTHING
    listed, _ = await _listed(ask, study_id, at)
    step = listed.step(str(ask.request.path_params["step"]))
    if step is None:
        raise HTTPException(404)
    return step, listed, at.line(step.key)


def _typed(ask: Ask, key: str) -> Line:
    """As the form says it; what is no number is none here, and refused by write."""
    typed = ask.typed
    return Line(
        statement=key,
        leads=tuple(typed.many("leads")),
        others=typed.one("others").strip(),
        level=typed.one("level"),
        start=typed.number("start", digits=3),
        end=typed.number("end", digits=3),
        unit=typed.one("unit") or UNITS[0],
        measure=typed.one("measure").strip(),
        helps=tuple(filter(None, typed.many("helps"))),
        hinders=tuple(filter(None, typed.many("hinders"))),
        sites=tuple(typed.many("sites")),
    )


async def write_line(ask: Ask) -> Response:
    study = await _to_write(ask)
    step, listed, now = await _step(ask, study.id)
    new = _typed(ask, step.key)
    if any(ask.typed.one(name).strip() and getattr(new, name) is None for name in ("start", "end")):
        raise Refused("refused.plan_number")
    if {*new.helps, *new.hinders} - listed.factors.keys() - {*now.helps, *now.hinders}:
        raise Refused("refused.plan_choice")
    seen = now if ask.typed.one("seen") in {"", json.dumps(line_data(now))} else Line(step.key, measure="\0")
    await conduct.write_line(ask.house, signed_in(ask), study.id, new, seen)
    return ask.go("plan_of_action", study=study.id, query="saved=yes")


async def _told(ask: Ask) -> dict[str, Any]:
    study = await of_mine(ask)
    known = await versions_of(study.id)
    at = known[-1] if known else NOTHING
    return plan_told(at, (await _listed(ask, study.id, at))[0])


async def plan_file(ask: Ask) -> Response:
    """The last version, a row for each next step."""
    headers = {"Content-Disposition": f'attachment; filename="{TABLE}"', "Cache-Control": "no-store"}
    return Response(plan_sheet(await _told(ask)), media_type="text/csv; charset=utf-8", headers=headers)


async def plan_data(ask: Ask) -> Response:
    """The same for machines."""
    headers = {"Content-Disposition": f'attachment; filename="{PLAN}"', "Cache-Control": "no-store"}
    return Response(json_bytes(await _told(ask)), media_type="application/json; charset=utf-8", headers=headers)


async def sent_plan(ask: Ask) -> Response:
    """The plan as it was last sent, for whoever sits in a session of the study; before, it is not there."""
    at = await sent(ask.here.study_id) if ask.here.rehearses is None else None
    if at is None:
        raise HTTPException(404)
    listed, _ = await _listed(ask, ask.here.study_id, at)
    return ask.page("study/sent_plan.html", version=at, when=ask.minute(at.sent_at), rows=rows_of(listed, at))
