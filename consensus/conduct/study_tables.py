"""The tables of a study are made when all its sessions are frozen: once, checked, kept, with a line in the journal.

A later session makes a new table beside them; what it moves, it moves by k people or not at all. What is in a table
is worked out in consensus/results/study.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from consensus import models, store
from consensus.conduct.acting import CLOCK
from consensus.house import House
from consensus.journal import HOUSE, minute, write
from consensus.outcome import digest
from consensus.results.study.audit import unsound
from consensus.results.study.comparing import BY, compared
from consensus.results.study.cutting import parts_of
from consensus.results.study.data import OTHERS, StudyResults, as_data
from consensus.results.study.keeping import VERSION, kept_of
from consensus.results.study.others import others_of
from consensus.results.study.pooled import pooled
from consensus.results.study.reading import Answers, read_study


class Unsound(Exception):
    """A table would tell of fewer than k people: a defect of ours. Nothing is kept. Its text names statements only."""


async def keep_tables_due(house: House) -> None:
    """Every study of which all sessions are frozen, and some in no table yet."""
    open_ones = models.Session.filter(rehearses__isnull=True, frozen_at="").values_list("study_id", flat=True)
    frozen = models.Session.filter(rehearses__isnull=True).exclude(study_id__in=await open_ones)
    for study_id in sorted({int(str(number)) for number in await frozen.values_list("study_id", flat=True)}):
        await keep_table(house, study_id)


async def keep_table(house: House, study_id: int) -> models.StudyTable | None:
    """The table of a study whose sessions are all frozen; None where there is nothing new to keep. Unsound: it would
    tell of few."""
    results, answers = await read_study(study_id)
    kept = await kept_of(study_id)
    sessions = [one.key for one in results.sessions]
    if not sessions or not all(one.is_frozen for one in results.sessions) or kept.covers(sessions):
        return None
    data = await asyncio.to_thread(_table, results, answers)

    async def job() -> models.StudyTable | None:
        await store.hold(HOUSE)
        if (await kept_of(study_id)).covers(sessions):  # another process came first
            return None
        row = await models.StudyTable.create(study_id=study_id, at=minute(), data=data, hash=digest(data))
        await write(HOUSE, CLOCK, "keep_table", {"study": study_id, "sessions": len(sessions), "hash": row.hash})
        return row

    return await house.act(None, job)


def _table(results: StudyResults, answers: Answers) -> dict[str, object]:
    before = [cell for cell in results.cells if cell.session == OTHERS]
    own = tuple(cell for cell in results.cells if cell.session != OTHERS)
    whole = replace(results, cells=(*own, *others_of(results, answers.unseen, before)), is_frozen=True)
    whole = replace(whole, parts=parts_of(whole, answers.scored) if answers.is_as_told else results.parts)
    pool = pooled(whole)
    sides = {by: compared(whole, pool, by) for by in BY}
    earlier = [replace(results, parts=results.parts)] if before else []
    told = (*answers.scored, *(replace(one, session=OTHERS) for one in answers.unseen))
    if found := unsound(whole, pool, sides, told, answers.placed, earlier):
        raise Unsound(", ".join(found))
    return {
        "version": VERSION,
        "results": as_data(whole),
        "pooled": as_data(pool),
        "compared": {by: as_data(side) for by, side in sides.items()},
    }
