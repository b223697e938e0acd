"""The plan of action leaves with its study once it was sent: as it was sealed, with a table that follows from it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models
from consensus.export.sheets import SUMS, json_bytes, parcel
from consensus.export.study import study_parcel
from consensus.export.study.plan import FILES, PLAN, TABLE, plan_files
from consensus.export.verify import verify
from consensus.house import House
from consensus.plan_of_action import POOLED, Line
from tests.studies import RANKING, RATING, Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}
SOURCES = (POOLED, "a session")


async def _planned(house: House, source: str) -> Played:
    """A line for the first step, not sent."""
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2, 3), plans=(RATING, RANKING)), by_chance(1))
    of = source if source == POOLED else str(played.sessions[0].id)
    await conduct.choose_source(house, played.fay, played.study.id, of)
    row = await models.StudyNumber.filter(session_id=played.sessions[0].id).order_by("number").first()
    assert row is not None
    key = str(row.number)
    line = Line(key, ("patients",), "a union", "meso", 0, 6, measure="Hours a week")
    await conduct.write_line(house, played.fay, played.study.id, line, Line(key))
    return played


def _inside(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("source", SOURCES)
async def test_what_was_sent_is_in_the_parcel_and_verified_and_a_later_draft_is_not(
    house: House, tmp_path: Path, source: str
) -> None:
    played = await _planned(house, source)
    number = played.study.id
    draft = await study_parcel(house, number)
    assert not FILES & _inside(draft).keys() and "plan_line" not in json.loads(_inside(draft)["manifest.json"])
    assert await _key(draft, tmp_path) == "verify.whole_study", "as parcels of before, it has no plan"
    await conduct.send_plan(house, played.fay, number)
    sent = await study_parcel(house, number)
    assert await _key(sent, tmp_path) == "verify.whole_study"
    told = json.loads(_inside(sent)[PLAN])
    (line,) = told["lines"]
    assert line["measure"] == "Hours a week" and told["steps"]
    assert told["source"] in {POOLED, *(one["key"] for one in json.loads(_inside(sent)["manifest.json"])["sessions"])}
    rows = list(csv.DictReader(io.StringIO(_inside(sent)[TABLE].decode())))
    assert [row["number"] for row in rows] == [step["statement"] for step in told["steps"]]
    now = Line(**{**line, "leads": ("patients",), "helps": (), "hinders": (), "sites": ()})
    await conduct.write_line(house, played.fay, number, Line(now.statement, measure="A later draft"), now)
    assert b"A later draft" not in await study_parcel(house, number)


@pytest.mark.parametrize("source", SOURCES)
async def test_a_plan_that_was_touched_is_found(house: House, tmp_path: Path, source: str) -> None:
    played = await _planned(house, source)
    await conduct.send_plan(house, played.fay, played.study.id)
    files = _inside(await study_parcel(house, played.study.id))
    told, manifest = json.loads(files[PLAN]), json.loads(files["manifest.json"])

    async def key(**changed: bytes) -> str:
        left = {name: data for name, data in {**files, **changed}.items() if name != SUMS and data}
        return await _key(parcel(left), tmp_path)

    def plan(**fields: Any) -> bytes:
        return json_bytes({**told, **fields})

    lines = [{**told["lines"][0], "measure": "Another"}]
    steps = [{**told["steps"][0], "rank": 99}, *told["steps"][1:]]
    gone = [{**told["steps"][0], "statement": "999"}, *told["steps"][1:]]
    planted = {**manifest, "plan_line": {**manifest["plan_line"], "payload": "{}"}}
    other = {**manifest, "plan_line": None}
    assert await key(**{PLAN: plan(lines=lines)}) == "verify.other_plan"
    assert await key(**{PLAN: plan(steps=steps)}) == "verify.other_plan"
    assert await key(**{PLAN: plan(steps=gone)}) == "verify.other_plan"
    assert await key(**{TABLE: files[TABLE].replace(b"number", b"place", 1)}) == "verify.other_plan"
    for planned in [gone, steps] if source == POOLED else [gone]:  # with a table that follows from it
        agreed = {**told, "steps": planned}
        assert await key(**plan_files(agreed)) == "verify.other_study"
    assert await key(**{"manifest.json": json_bytes(planted)}) == "verify.changed"
    assert await key(**{"manifest.json": json_bytes(other)}) == "verify.extra"
    assert await key(**{TABLE: b""}) == "verify.missing"


async def _key(data: bytes, folder: Path) -> str:
    path = folder / "study.zip"
    await asyncio.to_thread(path.write_bytes, data)
    return (await asyncio.to_thread(verify, path)).key
