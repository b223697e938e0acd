"""What a study leaves: one file with the released parcel of every session that is over, what they say side by side, the
pooled list, the family tree of its statements, and a program that adds the pooled figures up again.

Nothing is in it that the pages of the study do not tell. The same data give the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import Any

from consensus import __version__, models
from consensus.conduct import Refused, analyse_due
from consensus.conduct.opening import words_in
from consensus.export import released
from consensus.export.sheets import json_bytes, parcel
from consensus.export.study.headline import chosen_in_journal
from consensus.export.study.plan import plan_files, plan_sent
from consensus.export.study.tables import alike_sheet, comparison_sheet, pooled_sheet
from consensus.house import House
from consensus.journal import head_of
from consensus.results.study.alike import Alike
from consensus.results.study.chosen import Proposed, proposed
from consensus.results.study.comparing import BY, compared
from consensus.results.study.data import StudyResults, as_data
from consensus.results.study.pooled import pooled
from consensus.results.study.working import Worked
from consensus.text import LANGUAGES, Texts

FORMAT = "table-ronde-study/1"
PARCELS = "sessions/"
LONGEST = 3600.0  # seconds that a file waits for what is worked out


@dataclass(frozen=True, slots=True)
class Told:
    """A session in the file: its parcel, what it calls the groups of the study, the end of its journal."""

    key: str
    data: bytes
    words: Mapping[str, str]
    head: str


async def study_parcel(house: House, study_id: int) -> bytes:
    """Refused: no session of it is over, or one that told figures is not. DoesNotExist: no such study."""
    study = await models.Study.get(id=study_id)
    for number in await models.Session.filter(study_id=study_id, rehearses__isnull=True).values_list("id", flat=True):
        await analyse_due(house, int(str(number)))  # slow figures stand in it, whoever asks first
    worked = await house.studies.of(study_id, patience=LONGEST)
    if worked is None:
        raise Refused("refused.study_not_over")
    if worked.unsound:  # no page shows it either
        raise Refused("refused.study_unsound")
    told = [await _told(house, one.id, one.key) for one in worked.results.sessions]
    if not told:
        raise Refused("refused.study_not_over")
    lines = {"headline_line": await chosen_in_journal(study_id)}
    plan = await plan_sent(study_id, worked)
    if plan is not None:
        lines["plan_line"] = plan[1]
    files = plan_files(plan[0]) if plan else {}
    return await asyncio.to_thread(_parcel, house.texts, study, worked, told, lines, files)


async def _told(house: House, session_id: int, key: str) -> Told:
    session = await models.Session.get(id=session_id)
    data = await released(house, session)
    head = await models.Head.get(key=head_of(session_id))
    return Told(key, data, await words_in(session_id), f"{head.seq}:{head.hash}")


def _parcel(
    texts: Texts,
    study: models.Study,
    worked: Worked,
    told: list[Told],
    lines: Mapping[str, Any],
    plan: Mapping[str, bytes],
) -> bytes:
    results = worked.results
    return parcel(
        {
            "manifest.json": json_bytes(_manifest(study, worked, told, lines)),
            "README.txt": _readme(texts, results, bool(plan)),
            "study.json": json_bytes(as_data(results)),
            "panels.json": json_bytes(as_data(worked.panels)),
            "moments.json": json_bytes(as_data(worked.moments)),
            "alike.json": json_bytes(as_data(worked.alike)),
            "recount.py": program(),
            **plan,
            **sheets(results, worked.panels.sure, worked.alike, worked.proposed),
            **{f"{PARCELS}{one.key}.zip": one.data for one in told},
        }
    )


def sheets(
    results: StudyResults, sure: Mapping[str, float], alike: Sequence[Alike], sets: Sequence[Proposed] | None = None
) -> dict[str, bytes]:
    """The tables that follow from what the sessions told. sets: as proposed() gives them; None: ask it."""
    pool = pooled(results)
    sides = {by: compared(results, pool, by) for by in BY}
    sets = proposed(results) if sets is None else sets
    return {
        "comparison.csv": comparison_sheet(results, sides),
        "alike.csv": alike_sheet(alike),
        "pooled.csv": pooled_sheet(results, pool, sure),
        **{chosen_name(at): pooled_sheet(results, one.pool, {}) for at, one in enumerate(sets, 1)},
    }


def chosen_name(at: int) -> str:
    """Of the list of some sessions alone, the at-th that is proposed."""
    return f"pooled-{at}.csv"


def program() -> bytes:
    source = resources.files("consensus.export.study").joinpath("recount.py").read_text(encoding="utf-8")
    return source.replace("\r\n", "\n").encode()


def _manifest(study: models.Study, worked: Worked, told: list[Told], lines: Mapping[str, Any]) -> dict[str, Any]:
    """lines: of the house's journal, which fixed the headline and sealed the plan of action, if one was sent."""
    results = worked.results
    return {
        "format": FORMAT,
        "software": {"name": "table-ronde", "version": __version__},
        "study": {"title": study.title, "question": study.question, "zone": study.zone},
        "languages": list(results.languages),
        "floor": results.k,
        "headline": results.headline,
        **lines,
        "is_draft": not results.is_frozen,
        "chosen": [{"file": chosen_name(at), "of": list(one.of)} for at, one in enumerate(worked.proposed, 1)],
        "sessions": [
            {
                "key": one.key,
                "title": results.session(one.key).title,
                "sha256": sha256(one.data).hexdigest(),
                "head": one.head,
                "groups": dict(one.words),
            }
            for one in told
        ],
    }


def _readme(texts: Texts, results: StudyResults, has_plan: bool) -> bytes:
    keys = ["study.readme.what", *(["study.readme.plan"] if has_plan else [])]
    keys += [*([] if results.is_frozen else ["study.readme.draft"]), "study.readme.recount"]
    lines = [texts.say(language, key) for language in LANGUAGES for key in keys]
    return ("\n".join(lines) + "\n").encode()
