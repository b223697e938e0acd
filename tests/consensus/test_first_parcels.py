"""Parcels of /1 and /1.1 stay verifiable, whatever becomes of ballots, rounds and reports.

Those kept here are judged by the programs of their own time (consensus.export.first), which take nothing living but how
a file is opened and read.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consensus.export import first, opened
from consensus.export.first.ballots import answer_sheet, ballot_sheet, cast_from
from consensus.export.first.kinds import KINDS
from consensus.export.first.recounting import joined
from consensus.export.first.sealed import canonical, line_hash
from consensus.export.manifest import FORMAT
from consensus.export.opened import Breach
from consensus.export.sheets import SUMS, parcel, zipped
from consensus.export.verify import verify_file
from tests.consensus.test_export import flipped, rows, run_recount, told, unpacked

ROOT = Path(__file__).parents[2]
PARCELS = ROOT / "tests" / "data" / "parcels"
TRIAGE, DELPHI, PRIORITIES = "format-1.1-triage", "format-1.1-delphi", "format-1.1-priorities"
ROW_LEVEL = ["format-1", TRIAGE, DELPHI, PRIORITIES]
RELEASED = {"format-1-released": "format-1", f"{TRIAGE}-released": TRIAGE}
ALL = [*ROW_LEVEL, *RELEASED]
LIVING = {"consensus.export.opened", "consensus.export.sheets"}


@cache
def kept(name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((PARCELS / name).iterdir())}


def manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


def breach(files: Mapping[str, bytes]) -> str:
    """What its own time finds wrong in a parcel of which somebody wrote the sums again; "" for nothing."""
    try:
        first.check(files, manifest(files))
    except Breach as found:
        return f"{found.key} {found.values}"
    return ""


def changed(files: Mapping[str, bytes], name: str, old: str, new: str) -> dict[str, bytes]:
    text = files[name].decode()
    assert old in text, (name, old)
    return {**files, name: text.replace(old, new, 1).encode()}


def with_cells(files: Mapping[str, bytes], seq: str, cells: Mapping[str, str]) -> dict[str, bytes]:
    """ballots.csv with other words in the row of one ballot."""
    found = [{**row, **cells} if row["seq"] == seq else row for row in rows(files, "ballots.csv")]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(found[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(found)
    return {**files, "ballots.csv": out.getvalue().encode()}


# Whole


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ALL)
def test_a_parcel_of_then_is_whole_and_the_verdict_names_its_format(name: str, language: str, tmp_path: Path) -> None:
    """And of one with answers, that its measures rest on their sum."""
    files, path = kept(name), tmp_path / "parcel.zip"
    path.write_bytes(zipped(files))
    code, sentence = verify_file(path, language)
    assert code == 0 and sentence.endswith(manifest(files)["chain"]["head"]), sentence
    assert f", {manifest(files)['format']}. " in sentence
    assert ("measures.csv" in sentence) == (name in ROW_LEVEL)


def test_a_measure_is_not_worked_out_again_and_its_sum_is_compared(tmp_path: Path) -> None:
    files = changed(kept(TRIAGE), "measures.csv", ",mean,", ",mien,")
    assert breach(files) == "" and "measures.csv" in told(tmp_path, zipped(files))[1]


def test_what_is_written_now_has_another_name() -> None:
    assert FORMAT not in first.FORMATS


@pytest.mark.parametrize("name", ROW_LEVEL)
def test_the_recount_that_it_carries_still_runs_alone(name: str, tmp_path: Path) -> None:
    done = run_recount(unpacked(tmp_path, kept(name)))
    assert done.returncode == 0 and "all agree" in done.stdout and not done.stderr, done


@pytest.mark.parametrize("name", [TRIAGE, DELPHI, PRIORITIES])
def test_the_second_count_kept_for_it_is_the_one_it_carries(name: str) -> None:
    """To the byte, so that no part of it was touched since."""
    assert kept(name)["recount.py"] == joined(round["kind"] for round in manifest(kept(name))["rounds"])


@pytest.mark.parametrize("name", RELEASED)
def test_the_zip_is_still_written_as_it_was(name: str) -> None:
    """A released parcel tells the hash of the whole zip with the individual answers."""
    assert manifest(kept(name))["row_level_sha256"] == sha256(zipped(kept(RELEASED[name]))).hexdigest()


def test_those_kept_cover_reopening_erasure_feedback_and_every_kind() -> None:
    rounds = {name: {one["key"]: one for one in manifest(kept(name))["rounds"]} for name in ROW_LEVEL}
    triage = rows(kept(TRIAGE), "ballots.csv")
    assert [len(rounds[TRIAGE][key]["notes"]) for key in ("rating", "ranking", "wall")] == [2, 1, 0]
    assert {row["round"] for row in triage if row["set_aside"] == "yes"} == {"rating", "ranking"}
    assert len({(row["set_aside"], row["erased"]) for row in triage}) == 4
    assert {row["withheld"] for row in triage} == {"yes", "no"}
    one, two = (rounds[DELPHI][key]["settings"] for key in ("rating1", "rating2"))
    assert one["second"] and two["feedback"]
    assert {one["kind"] for each in rounds.values() for one in each.values()} == set(KINDS)
    assert {manifest(kept(name))["format"] for name in ALL} == first.FORMATS


# Changed


@pytest.mark.parametrize("name", ALL)
def test_any_flipped_byte_of_any_file_is_found_and_its_file_named(name: str, tmp_path: Path) -> None:
    files, dice = kept(name), random.Random(name)
    for file, data in files.items():
        for place in {0, len(data) - 1, *(dice.randrange(len(data)) for _ in range(3))}:
            code, sentence = told(tmp_path, zipped(flipped(files, file, place, dice.randrange(8))))
            assert code == 1 and file in sentence, (file, place, sentence)


@pytest.mark.parametrize("name", [TRIAGE, DELPHI, PRIORITIES])
def test_a_flipped_byte_is_found_though_the_sums_were_written_again(name: str) -> None:
    """In files of which every byte is sealed, or follows from another file."""
    files, dice = kept(name), random.Random(name)
    for file in ("answers.csv", "journal.jsonl", "moves.csv", "recount.py", "results.csv"):
        for place in (dice.randrange(len(files[file])) for _ in range(8)):
            assert breach(flipped(files, file, place, dice.randrange(3))), (file, place)


SEALED = (
    *("seq", "round", "slot", "replaces", "entered_by", "standing", "set_aside", "erased", "withheld"),
    *("words_salt", "salt", "marks"),
)


@pytest.mark.parametrize("name", [TRIAGE, DELPHI, PRIORITIES])
@pytest.mark.parametrize("column", SEALED)
def test_a_cell_of_a_ballot_that_was_changed_is_found(name: str, column: str) -> None:
    """Of one that is told whole; of an erased answer nothing is left that could be changed but who gave it."""
    ballots = [row for row in rows(kept(name), "ballots.csv") if row["salt"] and row["words_salt"]]
    for row in random.Random(name).sample(ballots, 6):
        assert breach(with_cells(kept(name), row["seq"], {column: row[column] + "1"})), row["seq"]


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "why"),
    [
        (TRIAGE, "journal.jsonl", '"reopen"', '"opened"', "verify.entry_changed"),
        (TRIAGE, "manifest.json", '"act": "reopen"', '"act": "remark"', "verify.other_close"),
        (TRIAGE, "manifest.json", '"percent": 60', '"percent": 61', "verify.other_hash"),
        (TRIAGE, "manifest.json", '"rehearsal": true', '"rehearsal": false', "verify.denied_rehearsal"),
        (TRIAGE, "manifest.json", '"kind": "wall"', '"kind": "shared"', "verify.unknown_kind"),
        (TRIAGE, "people.csv", ",no,", ",yes,", "verify.half_withheld"),
        (DELPHI, "results.json", '"rank": 1,', '"rank": 2,', "verify.row"),
        (PRIORITIES, "proposals.csv", "P001", "P009", "verify.unknown_statement"),
        (f"{TRIAGE}-released", "chain_head.txt", "simulated people: no result\n", "", "verify.denied_rehearsal"),
        ("format-1", "answers.csv", ",importance,", ",import,", "verify.row"),
    ],
)
def test_what_was_rewritten_with_its_sums_is_named(name: str, file: str, old: str, new: str, why: str) -> None:
    assert breach(changed(kept(name), file, old, new)).startswith(f"{why} ")


def test_a_ballot_not_set_aside_or_one_erased_by_hand_is_found() -> None:
    ballots = rows(kept(TRIAGE), "ballots.csv")
    aside = next(row for row in ballots if row["set_aside"] == "yes" and row["erased"] == "no")
    assert breach(with_cells(kept(TRIAGE), aside["seq"], {"set_aside": "no"}))
    gone = {"marks": "", "salt": "", "words_salt": "", "erased": "yes", "standing": "no"}
    assert breach(with_cells(kept(TRIAGE), aside["seq"], gone)).startswith("verify.half_erased ")


def test_an_answer_that_was_not_set_aside_in_any_file_is_found_by_the_second_count() -> None:
    """Somebody who writes journal, ballots and answers again: all agree, but two people moved a figure already told."""
    files, kinds = kept(TRIAGE), {one["key"]: one["kind"] for one in manifest(kept(TRIAGE))["rounds"]}
    lines = [json.loads(line) for line in files["journal.jsonl"].decode().splitlines()]
    last = [line for line in lines if line["act"] == "closed" and '"round":"ranking"' in line["payload"]][-1]
    last["payload"] = canonical({**json.loads(last["payload"]), "set_aside": []})
    prev = ""
    for line in lines:
        line["prev"], line["hash"] = prev, line_hash(prev, line)
        prev = line["hash"]
    casts = [cast_from(row) for row in rows(files, "ballots.csv")]
    casts = [replace(cast, is_aside=cast.is_aside and cast.round != "ranking") for cast in casts]
    head = {"chain": {"entries": len(lines), "head": prev}}
    lie = {
        "journal.jsonl": "".join(canonical(line) + "\n" for line in lines).encode(),
        "manifest.json": json.dumps(manifest(files) | head).encode(),
        "ballots.csv": ballot_sheet(casts).csv(),
        "answers.csv": answer_sheet(casts, kinds).csv(),
    }
    assert f"entry {last['seq']}, set_aside: ballot " in breach({**files, **lie})


def test_a_file_too_few_or_too_many_is_named(tmp_path: Path) -> None:
    files = kept("format-1")
    less = {name: data for name, data in files.items() if name not in {"moves.csv", SUMS}}
    assert "moves.csv is missing" in told(tmp_path, parcel(less))[1]
    assert "results.json" in told(tmp_path, parcel({**files, "results.json": b"{}\n"}))[1]
    assert breach({name: data for name, data in kept(TRIAGE).items() if name != "results.json"})


@pytest.mark.parametrize("odd", [{"format": []}, {"format": {}}, {"contains": []}, {"format": "table-ronde/9"}])
def test_a_manifest_of_odd_words_is_refused_in_a_sentence(odd: dict[str, Any], tmp_path: Path) -> None:
    files = kept("format-1")
    data = json.dumps({**manifest(files), **odd}).encode()
    code, sentence = told(tmp_path, parcel({**files, "manifest.json": data}))
    assert code == 1 and sentence.startswith("manifest.json")


# Apart


@pytest.mark.parametrize("path", sorted((ROOT / "consensus/export/first").rglob("*.py")), ids=lambda path: path.stem)
def test_it_takes_nothing_living_but_how_a_file_is_opened_and_read(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        ours = {name for name in names if name.split(".")[0] in {"consensus", "rounds"}}
        assert not {name for name in ours - LIVING if not name.startswith("consensus.export.first.")}


def test_its_tables_may_still_be_as_large_as_they_were() -> None:
    grown = {"answers.csv", "ballots.csv", "journal.jsonl", "measures.csv", "moves.csv", "results.csv", "results.json"}
    assert {*grown, "statements.csv"} <= opened.GROWS and opened.SMALL >= 2**23 and opened.MOST >= 2**28
