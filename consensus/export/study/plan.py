"""The plan of action as files: plan.json, and plan.csv, which follows from it.

In the parcel of a study stands what was last sent to participants, with the line of the house's journal that sealed it;
a draft stays with the team. Groups, sites and factors go by their keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from consensus import models
from consensus.export.opened import Breach
from consensus.export.sheets import json_bytes, sheet
from consensus.export.study.headline import COLUMNS as ENTRY
from consensus.journal import HOUSE, seal
from consensus.outcome import digest
from consensus.plan_of_action import POOLED, Line, Version, line_data, line_from, sent
from consensus.results.next_steps import Listed, listed_for
from consensus.results.study.data import StudyResults
from consensus.results.study.pooled import pooled
from consensus.results.study.working import Worked

PLAN, TABLE = "plan.json", "plan.csv"
FILES = frozenset({PLAN, TABLE})
ACT = "send_plan"
SAID = ("level", "leads", "others", "start", "end", "unit", "measure", "helps", "hinders", "sites", "gaps")


class Step(NamedTuple):
    """A next step, as plan.json tells it: its place on the list, None where it has none, and its words by language."""

    statement: str
    rank: int | None
    level: str
    texts: Mapping[str, str]


def plan_told(at: Version, listed: Listed) -> dict[str, Any]:
    """A version as data. lines: as they were written; steps: every next step of its list, in its order."""
    return {
        "version": at.number,
        "at": at.at,
        "source": at.source,
        "sent_at": at.sent_at,
        "lines": [line_data(line) for line in at.lines.values()],
        "steps": [
            {
                "statement": step.key,
                "rank": step.rank,
                "level": step.statement.level,
                "texts": dict(step.statement.wordings),
            }
            for step in listed.steps
        ],
    }


def plan_sheet(told: Mapping[str, Any]) -> bytes:
    """A row for each next step, with a space between keys; its words in every language that any of them has."""
    steps = [Step(**one) for one in told["steps"]]
    languages = sorted({name for step in steps for name in step.texts})
    heads = ("number", "rank", *(f"text[{name}]" for name in languages), *SAID)
    lines = {one["statement"]: line_from(one) for one in told["lines"]}
    rows = []
    for step in steps:
        line = lines.get(step.statement, Line(step.statement))
        words = [step.texts.get(name) for name in languages]
        cells = (step.statement, step.rank, *words, line.level or step.level, *_said(line))
        rows.append({head: "" if cell is None else str(cell) for head, cell in zip(heads, cells, strict=True)})
    return sheet(heads, rows).csv()


def _said(line: Line) -> Iterator[object]:
    """SAID after the level; without a horizon it has no unit."""
    for name in SAID[1:]:
        value = getattr(line, name) if name != "unit" or line.end is not None else ""
        yield " ".join(value) if isinstance(value, tuple) else value


async def plan_sent(study_id: int, worked: Worked) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What was last sent, and its line of the journal; None where nothing was, or its session is not over yet.
    source: POOLED, or the session by its key in the parcel."""
    at = await sent(study_id)
    keys = {POOLED: POOLED} | {str(one.id): one.key for one in worked.results.sessions}
    if at is None or at.source not in keys:
        return None
    lines = await models.Entry.filter(head=HOUSE, act=ACT).order_by("-seq").values(*ENTRY)
    said = ((line, json.loads(line["payload"])) for line in lines)
    line = next(line for line, one in said if (one["study"], one["version"]) == (study_id, at.number))
    told = plan_told(at, await listed_for(study_id, at.source, worked.pool))
    return {**told, "source": keys[at.source]}, line


def plan_files(told: Mapping[str, Any]) -> dict[str, bytes]:
    return {PLAN: json_bytes(told), TABLE: plan_sheet(told)}


def check_plan(files: Mapping[str, bytes], manifest: Mapping[str, Any], results: StudyResults) -> None:
    """Breach: not what the journal sealed, not what its table says, or steps that the study does not have so."""
    line, told = manifest["plan_line"], json.loads(files[PLAN])
    if set(line) != set(ENTRY) or line["act"] != ACT or line["hash"] != seal(line["prev"], line):
        raise Breach("verify.changed", file="manifest.json")
    said = json.loads(line["payload"])
    if (said["version"], said["hash"]) != (told["version"], digest(told["lines"])):
        raise Breach("verify.other_plan", file=PLAN)
    for name, data in plan_files(told).items():
        if files[name] != data:
            raise Breach("verify.other_plan", file=name)
    known = {str(one.number) for one in results.statements}
    steps = [Step(**one) for one in told["steps"]]
    if not known >= {step.statement for step in steps}:
        raise Breach("verify.other_study", file=PLAN)
    if told["source"] == POOLED:
        pool = pooled(results)
        ranks = {row.statement: row.by_scheme[pool.headline].rank for row in pool.rows}
        if any(ranks.get(step.statement) != step.rank for step in steps):
            raise Breach("verify.other_study", file=PLAN)
