"""Everything that is said of a study, worked out once for each state of it: read beside the writer, worked out in a
thread, kept until something of it changes. Of all who look at once, one asks.

No page waits for it longer than a moment. What is worked out is in the files beside this one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consensus import models
from consensus.outcome import digest
from consensus.results.study.alike import Alike, alike_of
from consensus.results.study.audit import is_made_of, unsound
from consensus.results.study.chosen import Proposed, pooled_of, proposed
from consensus.results.study.comparing import BY, Comparison, compared
from consensus.results.study.data import OTHERS, StudyResults
from consensus.results.study.moments import Moments, moments_of
from consensus.results.study.panels import Panels, panels_of
from consensus.results.study.pooled import Pooled, pooled
from consensus.results.study.reading import Answers, read_study
from consensus.states import RoundState
from consensus.store import Store

CHOICES = 64  # lists of chosen sessions that are kept, of all studies
PATIENCE = 2.0  # seconds that a page waits before it says that figures are being worked out
STUDY = ("title", "groups", "floor", "sites", "known", "arms", "headline")
SESSION = ("id", "title", "site", "arm", "follows", "frozen_at")
CLOSED = ("id", "hash", "notes", "findings")
NUMBER = ("session_id", "statement", "number")
SEAT = ("id", "person_id", "withdrawn")


@dataclass(frozen=True)
class Worked:
    """version: of the state that it was worked out of. sides: by what the columns are.
    unsound: statements of which something would tell of few people; then no page shows any of it. proposed: sets of
    sessions that asked the same statements, each with its list."""

    version: str
    results: StudyResults
    pool: Pooled
    sides: Mapping[str, Comparison]
    panels: Panels
    moments: tuple[Moments, ...]
    unsound: tuple[str, ...]
    proposed: tuple[Proposed, ...]
    alike: tuple[Alike, ...]


class Studies:
    """What one process has worked out, by study."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._worked: dict[int, Worked] = {}
        self._under_way: dict[int, tuple[str, asyncio.Task[Worked]]] = {}
        self._choices: OrderedDict[tuple[str, tuple[str, ...]], asyncio.Task[Pooled]] = OrderedDict()
        self._turn = asyncio.Semaphore(1)  # one choice at a time: who asks for many waits, and nobody else

    async def of(self, study_id: int, patience: float = PATIENCE) -> Worked | None:
        """None while it is being worked out. DoesNotExist: no such study."""
        version = await version_of(study_id)
        found = self._worked.get(study_id)
        if found is not None and found.version == version:
            return found
        at, task = self._under_way.get(study_id, ("", None))
        if task is None or at != version:
            task = asyncio.create_task(self._store.during(worked_out(study_id, version)), name=f"study {study_id}")
            self._under_way[study_id] = version, task
            task.add_done_callback(lambda done: self._keep(study_id, done))
        done, _ = await asyncio.wait([task], timeout=patience)
        return task.result() if done else None

    async def of_some(self, worked: Worked, of: Sequence[str], patience: float = PATIENCE) -> Pooled | None:
        """The pooled list of these sessions alone, as chosen() names them. None while it is being worked out.
        ValueError: it would be no sum of told cells; a defect of ours."""
        if len(of) == len(worked.results.sessions):
            return worked.pool
        ready = next((one.pool for one in worked.proposed if one.of == tuple(of)), None)
        if ready is not None:
            return ready
        key = worked.version, tuple(of)
        task = self._choices.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            if not self._has_room():
                return None  # so many wait already; the page asks again
            task = self._choices[key] = asyncio.create_task(self._some(worked.results, tuple(of)), name="chosen")
        self._choices.move_to_end(key)
        done, _ = await asyncio.wait([task], timeout=patience)
        return task.result() if done else None

    def _has_room(self) -> bool:
        """Room for one more: the one that nobody asked for longest goes, of those that are worked out."""
        if len(self._choices) >= CHOICES:
            gone = next((key for key, task in self._choices.items() if task.done()), None)
            if gone is None:
                return False
            del self._choices[gone]
        return True

    async def _some(self, results: StudyResults, of: tuple[str, ...]) -> Pooled:
        async with self._turn:
            return await asyncio.to_thread(_checked, results, of)

    def _keep(self, study_id: int, done: asyncio.Task[Worked]) -> None:
        if self._under_way.get(study_id, ("", None))[1] is done:
            del self._under_way[study_id]
            if not done.cancelled() and done.exception() is None:
                self._worked[study_id] = done.result()

    async def close(self) -> None:
        """Whoever waited has gone."""
        under_way: list[asyncio.Task[Any]] = [*(task for _, task in self._under_way.values()), *self._choices.values()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def version_of(study_id: int) -> str:
    """Another one as soon as anything is another that a study's figures rest on."""
    sessions = models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")
    rows = await sessions.values_list(*SESSION)
    ids = [row[0] for row in rows]
    rounds = models.Round.filter(session_id__in=ids, state=RoundState.CLOSED).order_by("id")
    return digest(
        [
            await models.Study.get(id=study_id).values_list(*STUDY),
            rows,
            [[row.id, row.hash, row.notes, row.findings is None] for row in await rounds.only(*CLOSED)],
            await models.StudyTable.filter(study_id=study_id, is_draft=False).order_by("id").values_list("hash"),
            await models.StudyNumber.filter(study_id=study_id).order_by("id").values_list(*NUMBER),
            await models.Seat.filter(session_id__in=ids).order_by("id").values_list(*SEAT),
        ]
    )


async def worked_out(study_id: int, version: str) -> Worked:
    results, answers = await read_study(study_id)
    return await asyncio.to_thread(_worked, version, results, answers)


def _worked(version: str, results: StudyResults, answers: Answers) -> Worked:
    pool = pooled(results)
    others = [replace(one, session=OTHERS) for one in answers.unseen]
    sides = {by: compared(results, pool, by) for by in BY}
    told = (*answers.scored, *others)
    found = unsound(results, pool, sides, told, answers.placed)
    panels, moments = panels_of(results, pool, answers), moments_of(results, answers)
    return Worked(version, results, pool, sides, panels, moments, found, proposed(results), alike_of(results))


def _checked(results: StudyResults, of: tuple[str, ...]) -> Pooled:
    pool = pooled_of(results, of)
    if not is_made_of(results, of, pool):
        raise ValueError("no sum of told cells")
    return pool
