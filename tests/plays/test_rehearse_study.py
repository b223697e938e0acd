"""Each protocol of a study is rehearsed in its short form: every parcel verified, and the same seed gives the same
tables byte for byte."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from consensus import study_protocol
from consensus.conduct import Guest
from consensus.export.folder import verify_folder
from consensus.export.sheets import SUMS
from consensus.simulation.study import _without_last
from consensus.simulation.study_files import MOMENTS, PLAN, POOLED, RESULTS
from rounds.contract import Role
from tests.warm import command

LONG = 600  # seconds that a study may take on a busy machine


def rehearsed(out: Path, name: str, *words: str, seed: int = 1) -> str:
    code, said, err = command("rehearse", name, "--seed", str(seed), "--out", str(out), *words, timeout=LONG)
    assert (code, err) == (0, ""), said + err
    return said


def tables(folder: Path) -> dict[str, bytes]:
    """What the study tells, beside the parcels, of which each has salts of its own."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".json", ".csv"}}


def ends_well(folder: Path, said: str, planned: study_protocol.StudyProtocol) -> None:
    assert said.splitlines()[-1].startswith(f"every law held in {len(planned.sessions)} sessions")
    found = list(verify_folder(folder))
    assert {code for code, _ in found} == {0}, found
    assert len(found) == len(planned.sessions) + 1, "each session, and the study as one file"
    results = json.loads((folder / RESULTS).read_bytes())
    assert len(results["sessions"]) == len(planned.sessions) and results["waiting"] == 0
    assert results["headline"] == planned.headline and (folder / POOLED).stat().st_size
    passed = {takes.session for one in planned.sessions for takes in one.takes_from}
    assert all(f"statements from {session}" in said for session in passed)
    assert bool(json.loads((folder / MOMENTS).read_bytes())) == any(one.follows for one in planned.sessions)
    with (folder / PLAN).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert 0 < sum(bool(row["measure"]) for row in rows) <= 3, "lines of the plan of action"
    numbers = {statement["number"] for statement in results["statements"]}
    assert None not in numbers, "each statement has a number in the study"


@pytest.mark.parametrize("name", study_protocol.names())
def test_a_short_study_ends_well(tmp_path: Path, name: str) -> None:
    """Whole, and each twice with one seed: `python -m tests.long studies`."""
    said = rehearsed(tmp_path / "one", name, "--short")
    ends_well(tmp_path / "one", said, study_protocol.read(name, is_short=True))
    if name == "case_management_spread":  # all kinds of rounds of a TRIAGE
        rehearsed(tmp_path / "two", name, "--short")
        assert tables(tmp_path / "one") == tables(tmp_path / "two"), "the same seed gives the same study"
        a_touched_folder_is_found(tmp_path / "two")


def a_touched_folder_is_found(folder: Path) -> None:
    pooled, parcel = folder / POOLED, next(folder.glob("*.zip"))
    data, whole = pooled.read_bytes(), parcel.read_bytes()
    pooled.write_bytes(data.replace(b"1", b"2", 1))
    assert [(code, told) for code, told in verify_folder(folder) if code] == [(1, f"{POOLED}: is not what {SUMS} says")]
    pooled.write_bytes(data)
    parcel.write_bytes(whole[:-100])
    assert [code for code, told in verify_folder(folder) if parcel.name in told] == [1, 1]
    parcel.write_bytes(whole)
    (folder / "more.csv").write_bytes(b"")
    assert [told for code, told in verify_folder(folder) if code] == [f"more.csv: is not what {SUMS} says"]


def test_as_many_do_not_come_back_as_are_new() -> None:
    guests = [Guest(Role.PARTICIPANT, group, person_id=n) for n, group in enumerate("aabba")]
    assert [guest.person_id for guest in _without_last(guests, {"a": 2, "b": 1})] == [0, 2]


def test_an_empty_folder_holds_nothing_to_verify(tmp_path: Path) -> None:
    assert [code for code, _ in verify_folder(tmp_path)] == [2]


def test_a_study_is_not_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for out in (["--out", str(tmp_path)], []):
        code, said, _ = command("rehearse", "ehealth_scale_up", "--short", *out, timeout=LONG)
        assert code == 2 and "folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
