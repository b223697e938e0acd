"""A rehearsal ends with 0 only if every law held: whole, repeatable, and quick to see what is wrong."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpcore2  # noqa: F401  # read from disk at the first request, which would hold everybody up
import pytest

from consensus import models, protocol, store
from consensus.export.folder import verify_folder
from consensus.export.sheets import SUMS, json_bytes, zipped
from consensus.export.sheets import parcel as zip_of
from consensus.export.verify import verify_file
from consensus.simulation import panel
from consensus.simulation.check import Broken, Rehearsal, staged
from rounds.blocks import made
from tests.conftest import fresh
from tests.consensus.test_export import flipped, told
from tests.warm import command

PEOPLE, SEED = 10, 7
DELPHI = 24  # people of a Delphi of whom enough stay to be compared
LONG = 300  # seconds that a rehearsal may take on a busy machine
# A column that is told of each protocol.
MEASURED = {
    "triage": "rating",
    "delphi": "rating2,S",
    "ram": "rating2,S",
    "priorities": "points,,allocation",
    "jla_top_ten": "approval,S",
    "nominal_group": "ranking2,S",
}
WHOLE = {"jla_top_ten", "nominal_group"}  # each answer has a value
AGAIN = "nominal_group"  # the quickest is played twice here; a TRIAGE twice by test_rehearse_study.py
Hurt = Callable[[Rehearsal, models.Round], Awaitable[None]]


@pytest.fixture(autouse=True)
def the_phrase_book_is_read_before_anybody_waits() -> None:
    panel.book()


def results(parcel: Path) -> tuple[bytes, bytes]:
    with ZipFile(parcel) as opened:
        return opened.read("results.csv"), opened.read("measures.csv")


def rewritten(parcel: Path, into: Path, manifest: dict[str, Any]) -> None:
    """The same parcel with another manifest, and with sums that fit it."""
    with ZipFile(parcel) as opened, ZipFile(into, "w") as other:
        files = {name: opened.read(name) for name in opened.namelist()}
        files["manifest.json"] = json_bytes(manifest)
        lines = files.pop(SUMS).decode().splitlines()
        named = [line.split()[-1] for line in lines]
        files[SUMS] = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in named).encode()
        for name, data in files.items():
            other.writestr(name, data)


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal left, and what it said."""

    parcel: Path
    said: str


def rehearsed(parcel: Path, name: str, people: int) -> Rehearsed:
    words = ("--people", str(people), "--seed", str(SEED), "--out", str(parcel))
    code, said, err = command("rehearse", name, *words, timeout=LONG)
    assert (code, err) == (0, ""), said + err
    return Rehearsed(parcel, said)


VALUELESS = r"answers without a value: \d+ cells with fewer than 5 others, not told"
MET = (
    r"a small group: \S+ counted together, \d+ people",
    r"a pair never counted together: \d+ (person|people) set aside",
    VALUELESS,
    r"opened again: 5 people of one block answered anew and were counted",
    r"1 person had everything erased while \w+ was open",
    r"1 person had everything erased after \w+ was closed",
)


def meets_all(said: str, people: int, is_whole: bool) -> None:
    """What few people do to a count is in its lines; the few who are set aside in one step are counted in another."""
    missing = [line for line in MET if not re.search(line, said)]
    assert missing == ([VALUELESS] if is_whole else []), said
    match = panel.match(people, SEED)
    assert match is not None
    together = [set(groups.split("+")) for groups in re.findall(r"a small group: (\S+) counted", said)]
    assert {match.few, match.friend} in together, said


def flips_are_found(parcel: Path, folder: Path) -> None:
    """In every file; with the sums written again in those of which every byte is sealed."""
    with ZipFile(parcel) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    dice = random.Random(SEED)
    for name, data in files.items():
        for place in {0, len(data) - 1, *(dice.randrange(len(data)) for _ in range(3))}:
            code, sentence = told(folder, zipped(flipped(files, name, place, dice.randrange(8))))
            assert code == 1 and name in sentence, (name, place, sentence)
    summed = {name: data for name, data in files.items() if name != SUMS}
    for name in ("sealed.csv", "leaves.csv", "answers.csv", "results.csv", "recount.py"):
        place = dice.randrange(len(files[name]))
        assert told(folder, zip_of(flipped(summed, name, place, dice.randrange(3))))[0] == 1, (name, place)


def ends_well(rehearsal: Rehearsed, name: str, people: int) -> None:
    """Every step is told, every law held, all that few people do to a count was met, and the parcel is whole."""
    lines = rehearsal.said.splitlines()
    assert lines[-1].startswith("every law held")
    for plan in protocol.read(name):
        assert any(line.startswith(f"{plan.key}: ") for line in lines)
    meets_all(rehearsal.said, people, name in WHOLE)
    code, said = verify_file(rehearsal.parcel)
    assert code == 0, said
    with ZipFile(rehearsal.parcel) as opened:
        measures = opened.read("measures.csv").decode("utf-8-sig")
    assert MEASURED[name] in measures
    if (name, people) == ("delphi", DELPHI):
        assert ",movement," in measures
        _tells_nobody_who_left(list(csv.DictReader(io.StringIO(measures))))
    elif people == PEOPLE:  # whoever erased sat in the only group told in both rounds: nothing is left to compare
        assert ",movement," not in measures


@pytest.mark.parametrize("name", protocol.names())
def test_a_rehearsal_ends_well(tmp_path: Path, name: str) -> None:
    """Of a Delphi one in four leaves, few of each block: nothing tells who they were. With more people, and each twice:
    `python -m tests.long rehearsals`."""
    people = DELPHI if name == "delphi" else PEOPLE
    rehearsal = rehearsed(tmp_path / "one.zip", name, people)
    ends_well(rehearsal, name, people)
    flips_are_found(rehearsal.parcel, tmp_path)
    says_who_its_people_were(rehearsal.parcel, tmp_path)
    if name == AGAIN:
        rehearsed(tmp_path / "two", name, people)  # a name that is of no file is of a folder
        assert sorted(path.name for path in (tmp_path / "two").iterdir()) == [SUMS, f"{name}.zip"]
        assert [code for code, _ in verify_folder(tmp_path / "two")] == [0]
        again = results(tmp_path / "two" / f"{name}.zip")
        assert results(rehearsal.parcel) == again, "the same seed gives the same list"


def says_who_its_people_were(parcel: Path, folder: Path) -> None:
    with ZipFile(parcel) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    assert manifest["rehearsal"] is True, "its people were simulated"
    denied = folder / "denied.zip"
    rewritten(parcel, denied, manifest | {"rehearsal": False})
    code, told = verify_file(denied)
    assert code == 1 and "simulated" in told


def _tells_nobody_who_left(rows: list[dict[str, str]]) -> None:
    """One or two of every block leave: fewer than five, whose answers a change or their share would give away."""
    left = [row for row in rows if row["measure"] == "attrition"]
    assert left and {row["reason"] for row in left if row["statement"]} <= {"withheld", "one_group"}
    assert not [row for row in left if row["value"] and row["statement"]]


@pytest.mark.parametrize("people", [5, 9, 10, 12, 16, 24, 30])
def test_the_few_are_counted_with_their_friends_or_with_nobody(people: int) -> None:
    """Whatever the seed; where a panel is too small for both, nobody is kept apart."""
    sizes = Counter(guest.group for guest in panel.guests(people))
    groups = [(group["key"], sizes[group["key"]]) for group in panel.GROUPS]
    found = [panel.match(people, seed) for seed in range(8)]
    assert found == [panel.match(people, seed) for seed in range(8)]
    for match in found:
        assert (match is None) == (people < 10)
        if match is not None:
            apart = frozenset(map(frozenset, match.apart))
            blocks = [set(block.groups) for block in made(groups, 5, apart).blocks]
            assert {match.few, match.friend} in blocks
            without = [(key, n * (key != match.friend)) for key, n in groups]
            assert made(without, 5, apart).aside == (match.few,)


async def an_answer_is_changed(rehearsal: Rehearsal, row: models.Round) -> None:
    """In the table, behind the back of everybody: the warm count still knows what was said."""
    await store.rows(
        'UPDATE ballot SET marks = replace(marks, \'"text":"\', \'"text":"Not \') WHERE round_id = ?', row.id
    )


async def a_line_is_taken_out(rehearsal: Rehearsal, row: models.Round) -> None:
    await store.rows("DELETE FROM entry WHERE head = ? AND seq = 9", f"session-{rehearsal.session.id}")


async def figures_are_shown_too_early(rehearsal: Rehearsal, row: models.Round) -> None:
    """A page that says more than its mode allows."""
    await models.Round.filter(id=row.id).update(disclosure="live")
    row.disclosure = "at_close"


async def a_drawing_fails(rehearsal: Rehearsal, row: models.Round) -> None:
    rehearsal.house.rooms.failures += 1


async def settings_stay_open(rehearsal: Rehearsal, row: models.Round) -> None:
    await models.Round.filter(id=row.id).update(state="draft")


@pytest.mark.parametrize(
    ("hurt", "law"),
    [
        (an_answer_is_changed, "the live tally is not the recount"),
        (figures_are_shown_too_early, "before the close"),
        (a_drawing_fails, "a live drawing failed"),
        (settings_stay_open, "settings of an open round could be changed"),
        (a_line_is_taken_out, "the journal"),
    ],
)
async def test_a_law_that_is_broken_ends_the_rehearsal_and_is_named(tmp_path: Path, hurt: Hurt, law: str) -> None:
    fresh(tmp_path / "rehearsal.db")
    async with staged(tmp_path, "triage", 5, SEED, lambda line: None) as rehearsal:
        row = (await rehearsal.rounds())[0]
        await rehearsal.facilitator.press(f"rounds/{row.key}/open")
        row = await rehearsal.row(row.key)
        await rehearsal.simulated.play(row)
        await rehearsal.house.counts.now(row)
        await hurt(rehearsal, row)
        with pytest.raises(Broken, match=law):
            await rehearsal.check_round(row)
            await rehearsal.check_journal()


BEHIND_ITS_BACK = """
import asyncio, sys
from consensus import store
from consensus.simulation.check import rehearse

def say(line):
    print(line, flush=True)
    if line.startswith("gather: "):
        lost = store.rows("DELETE FROM entry WHERE head LIKE 'session-%' AND seq = 9")
        asyncio.get_running_loop().create_task(lost)

sys.exit(asyncio.run(rehearse("priorities", 5, 7, None, say)))
"""


def test_a_rehearsal_whose_journal_lost_a_line_ends_with_1() -> None:
    done = subprocess.run([sys.executable, "-c", BEHIND_ITS_BACK], capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "a law did not hold: the journal: entry 9 is missing"
