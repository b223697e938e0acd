"""A study leaves as one file: whole, the same twice, recounted by a program that shares nothing with ours."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.export.sheets import SUMS, parcel
from consensus.export.study import study_parcel
from consensus.export.verify import verify, verify_file
from consensus.house import House
from consensus.results.study.data import StudyResults, as_data
from consensus.results.study.restored import restored
from consensus.results.study.working import worked_out
from tests.studies import RANKING, RATING, Panel, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}


async def made(house: House, lists: tuple[tuple[int, ...], ...] = ((1, 2, 3, 4), (1, 2, 3, 4), (4, 3, 2, 1))) -> bytes:
    played = await lay_study(house)
    for number, statements in enumerate(lists, start=1):
        await played.add(Panel(f"c{1 + number % 5}", FULL, statements, plans=(RATING, RANKING)), by_chance(number))
    return await study_parcel(house, played.study.id)


def inside(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def again(files: Mapping[str, bytes], **changed: bytes) -> bytes:
    """Packed anew, sums included, as somebody would who wants nothing to be noticed."""
    return parcel({name: data for name, data in files.items() if name != SUMS} | changed)


def counted(files: Mapping[str, bytes], folder: Path, language: str = "en") -> tuple[int, str]:
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    command = [sys.executable, "-I", "recount.py", language]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    return done.returncode, done.stdout.decode()


def agrees(data: bytes, folder: Path) -> None:
    (folder / "study.zip").write_bytes(data)
    for language in ("en", "fr"):
        code, told = verify_file(folder / "study.zip", language)
        assert code == 0, told
        (folder / language).mkdir()
        code, told = counted(inside(data), folder / language, language)
        assert code == 0, told


SEVERAL = [((1, 2, 3, 4),) * 2, ((1, 2, 3, 4), (2, 3, 4, 5), (4, 3, 2, 6)), ((1, 2), (2, 3)) * 6]


@pytest.mark.parametrize("lists", SEVERAL)
async def test_it_is_whole_and_the_second_count_agrees(
    house: House, tmp_path: Path, lists: tuple[tuple[int, ...], ...]
) -> None:
    data = await made(house, lists)
    await asyncio.to_thread(agrees, data, tmp_path)


async def test_the_same_study_gives_the_same_bytes(house: House) -> None:
    data = await made(house)
    study = await models.Study.all().first()
    assert study is not None
    assert await study_parcel(house, study.id) == data


async def test_what_it_tells_is_read_back_as_it_was(house: House) -> None:
    await made(house)
    study = await models.Study.all().first()
    assert study is not None
    results = (await worked_out(study.id, "")).results
    found = restored(StudyResults, json.loads(json.dumps(as_data(results))))
    bare = replace(results, sessions=tuple(replace(one, id=0) for one in results.sessions))
    assert as_data(found) == as_data(results) and found == restored(StudyResults, as_data(bare))


async def test_a_study_of_which_no_session_is_over_has_none(house: House) -> None:
    played = await lay_study(house)
    with pytest.raises(Refused, match="study_not_over"):
        await study_parcel(house, played.study.id)


async def test_whatever_is_changed_is_found(house: House, tmp_path: Path) -> None:
    await asyncio.to_thread(finds_changes, inside(await made(house)), tmp_path)


async def test_the_headline_is_the_one_that_the_journal_fixed(house: House, tmp_path: Path) -> None:
    """In the parcel of a study of which the row was changed behind the journal; and in one whose files all agree."""
    played = await lay_study(house)
    await conduct.choose_headline(house, played.fay, played.study.id, "site")
    await played.add(Panel("c1", FULL, (1, 2, 3), plans=(RATING,)), by_chance(1))
    files = inside(await study_parcel(house, played.study.id))
    line = json.loads(files["manifest.json"])["headline_line"]
    assert line["hash"] == (await models.Entry.filter(act="choose_headline").order_by("-seq").first()).hash
    assert json.loads(line["payload"]) == {"study": played.study.id, "headline": "site"}
    await models.Study.filter(id=played.study.id).update(headline="person")
    planted = inside(await study_parcel(house, played.study.id))
    assert json.loads(planted["manifest.json"])["headline"] == "person"
    await asyncio.to_thread(finds_another_headline, files, planted, tmp_path)


def finds_another_headline(files: Mapping[str, bytes], planted: Mapping[str, bytes], folder: Path) -> None:
    def key(packed: Mapping[str, bytes], **line: object) -> str:
        manifest = json.loads(packed["manifest.json"])
        manifest["headline_line"] = {**manifest["headline_line"], **line} if line else manifest["headline_line"]
        data = again(packed, **{"manifest.json": json.dumps(manifest).encode()})
        (folder / "planted.zip").write_bytes(data)
        return verify(folder / "planted.zip").key

    assert key(files) == "verify.whole_study"
    assert key(planted) == "verify.other_headline"
    said = json.loads(planted["manifest.json"])["headline_line"]["payload"].replace("site", "person")
    assert key(planted, payload=said) == "verify.changed", "a line that was never sealed"
    assert key(files, act="change_study") == "verify.changed"
    lost = json.loads(files["manifest.json"]) | {"headline_line": None}
    (folder / "lost.zip").write_bytes(again(files, **{"manifest.json": json.dumps(lost).encode()}))
    assert verify(folder / "lost.zip").key == "verify.other_headline"


def finds_changes(files: Mapping[str, bytes], tmp_path: Path) -> None:
    study = json.loads(files["study.json"])
    study["cells"][0]["high"] += 1 if study["cells"][0]["high"] < study["cells"][0]["n"] else -1
    pooled = files["pooled.csv"].decode().split("\n")
    pooled[1] = pooled[1].replace(",1,", ",2,", 1)
    manifest = json.loads(files["manifest.json"])
    manifest["headline"] = "person"
    spelled = (json.dumps(study, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
    cases = {
        "verify.other_study_table": {"pooled.csv": "\n".join(pooled).encode()},
        "verify.other_study": {"manifest.json": json.dumps(manifest).encode()},
        "verify.changed": {"sessions/1.zip": files["sessions/2.zip"]},
        "verify.missing": {},
        "verify.other_recount": {"recount.py": files["recount.py"] + b"#"},
        "verify.unreadable": {"study.json": b"{}"},
    }
    for key, changed in cases.items():
        data = again({n: d for n, d in files.items() if key != "verify.missing" or n != "moments.json"}, **changed)
        (tmp_path / "changed.zip").write_bytes(data)
        assert verify(tmp_path / "changed.zip").key == key
    (tmp_path / "folder").mkdir()
    code, told = counted({**files, "study.json": spelled}, tmp_path / "folder")
    assert code == 1 and "study.json, session" in told
