"""Acts on a study's plan of action: where it comes from, a line, a version of before again, sending it.

Each adds a version and a line to the journal of the house; none changes one of before. A line is checked here; what
the list says is results/next_steps.py's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from consensus import models, store
from consensus.conduct.acting import Refused
from consensus.house import House
from consensus.journal import HOUSE, Actor, minute, write
from consensus.outcome import digest
from consensus.plan_of_action import NOTHING, POOLED, UNITS, Line, Version, line_data, version_of
from rounds.lineage import LEVELS

LONGEST = 300  # characters of a measure, or of who else leads
FARTHEST = 600  # months or years

Change = Callable[[Version], Version]


async def choose_source(house: House, staff: models.Staff, study_id: int, source: str) -> None:
    """POOLED, or the number of a session of the study. What was written for a statement stays with it."""

    async def check(_: models.Study) -> None:
        real = models.Session.filter(study_id=study_id, rehearses__isnull=True)
        if source != POOLED and not (source.isdecimal() and await real.filter(id=int(source)).exists()):
            raise Refused("refused.no_such_list")

    await _add(house, staff, study_id, "choose_plan_source", lambda last: replace(last, source=source), check)


async def write_line(house: House, staff: models.Staff, study_id: int, line: Line, seen: Line) -> None:
    """seen: the line as the form showed it; refused where somebody has changed it since."""

    async def check(study: models.Study) -> None:
        _check(line, study)

    def change(last: Version) -> Version:
        if last.line(line.statement) not in {seen, line}:
            raise Refused("refused.plan_line_changed")
        return replace(last, lines={**last.lines, line.statement: line})

    await _add(house, staff, study_id, "write_plan_line", change, check)


async def go_back(house: House, staff: models.Staff, study_id: int, number: int) -> None:
    """The version with this number, once more, as a new one."""
    row = await models.PlanOfAction.get_or_none(study_id=study_id, number=number)
    if row is None:
        raise Refused("refused.no_such_version")
    old = version_of(row)
    await _add(
        house,
        staff,
        study_id,
        "go_back_in_plan",
        lambda last: replace(last, source=old.source, lines=old.lines),
    )


async def send_plan(house: House, staff: models.Staff, study_id: int) -> None:
    """From now on participants read it, as it is at this moment."""

    def change(last: Version) -> Version:
        if not last.source:
            raise Refused("refused.plan_empty")
        return replace(last, sent_at=minute())

    await _add(house, staff, study_id, "send_plan", change)


async def _add(
    house: House,
    staff: models.Staff,
    study_id: int,
    act: str,
    change: Change,
    check: Callable[[models.Study], Awaitable[None]] | None = None,
) -> None:
    async def job() -> None:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        if check is not None:
            await check(study)
        row = await models.PlanOfAction.filter(study_id=study_id).order_by("-number").first()
        last = replace(version_of(row), sent_at="") if row else NOTHING
        new = change(last)
        if row is None or new != last:
            await _keep(staff, study_id, act, replace(new, number=last.number + 1))

    await house.act(None, job)


async def _keep(staff: models.Staff, study_id: int, act: str, new: Version) -> None:
    lines = [line_data(line) for line in new.lines.values()]
    await models.PlanOfAction.create(
        study_id=study_id,
        number=new.number,
        at=minute(),
        by_id=staff.id,
        what=act,
        source=new.source,
        lines=lines,
        sent_at=new.sent_at,
    )
    said: Mapping[str, object] = {"study": study_id, "version": new.number, "hash": digest(lines)}
    await write(HOUSE, Actor("staff", name=str(staff.id)), act, said)


def _check(line: Line, study: models.Study) -> None:
    groups = {group["key"] for group in study.groups}
    sites = {site["key"] for site in study.sites or ()}
    if set(line.leads) - groups or set(line.sites) - sites or line.level not in {"", *LEVELS} or line.unit not in UNITS:
        raise Refused("refused.plan_choice")
    if max(len(line.others), len(line.measure)) > LONGEST:
        raise Refused("refused.plan_long", n=LONGEST)
    if line.start is not None and line.end is None:
        raise Refused("refused.plan_no_end")
    if line.end is not None and not 0 <= (line.start or 0) <= line.end <= FARTHEST:
        raise Refused("refused.plan_horizon", n=FARTHEST)
