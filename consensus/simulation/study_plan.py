"""What a rehearsed study plans at its end: a line for each of its first next steps, sent to whoever took part.

Who leads and until when is seeded; the last of the lines has no horizon, as in real plans something is still missing.
"""

from __future__ import annotations

from consensus import conduct, models
from consensus.house import House
from consensus.plan_of_action import POOLED, Line
from consensus.results.next_steps import HELPS, HINDERS, Listed, NextStep, listed_for, sources
from consensus.simulation import panel

LINES = 3
PATIENCE = 3600.0  # seconds that it waits for the pooled list
MEASURES = (
    "Part des personnes qui ont un plan écrit / Share of people who have a written plan",
    "Cliniques où une personne répond / Clinics where a person answers",
    "Heures réservées par semaine / Hours set aside in a week",
)


async def plan(house: House, staff: models.Staff, study_id: int, seed: int) -> int:
    """How many lines were written; 0 where no next step came first."""
    source, listed = await _chosen(house, study_id)
    if not listed.steps:
        return 0
    study = await models.Study.get(id=study_id)
    await conduct.choose_source(house, staff, study_id, source)
    for place, step in enumerate(listed.steps[:LINES]):
        line = _line(study, listed, step, place, seed)
        await conduct.write_line(house, staff, study_id, line, Line(step.key))
    await conduct.send_plan(house, staff, study_id)
    return len(listed.steps[:LINES])


async def _chosen(house: House, study_id: int) -> tuple[str, Listed]:
    """The pooled list; where no next step is first there, the list of the last session where one is."""
    worked = await house.studies.of(study_id, patience=PATIENCE)
    source, listed = POOLED, await listed_for(study_id, POOLED, worked.pool if worked else None)
    for row in reversed(await sources(study_id)):
        if not listed.steps:
            source = str(row.id)
            listed = await listed_for(study_id, source, None)
    return source, listed


def _line(study: models.Study, listed: Listed, step: NextStep, place: int, seed: int) -> Line:
    drawn = panel.chance(seed, "plan", place)
    groups, sites = ([str(one["key"]) for one in found or ()] for found in (study.groups, study.sites))
    begins = 6 * place
    return Line(
        statement=step.key,
        leads=tuple(sorted(drawn.sample(groups, min(2, len(groups))), key=groups.index)),
        level=step.statement.level or "meso",
        start=begins if place < LINES - 1 else None,
        end=begins + 12 if place < LINES - 1 else None,
        measure=MEASURES[place],
        helps=tuple(key for key, _ in listed.of_nature(HELPS)[:1]),
        hinders=tuple(key for key, _ in listed.of_nature(HINDERS)[:1]),
        sites=tuple(sites[:2]),
    )
