"""A rehearsal ends with 0 only if every law held: whole, repeatable, and quick to see what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from zipfile import ZipFile

import httpcore2  # noqa: F401  # read from disk at the first request, which would hold everybody up
import pytest

from consensus import models, panel, protocol, store
from consensus.export.verify import verify_file
from consensus.rehearse import Broken, Rehearsal, staged

PEOPLE, SEED = 10, 7
LONG = 300  # seconds that two rehearsals at once may take on a busy machine
Hurt = Callable[[Rehearsal, models.Round], Awaitable[None]]


@pytest.fixture(autouse=True)
def the_phrase_book_is_read_before_anybody_waits() -> None:
    panel.book()


def results(parcel: Path) -> tuple[bytes, bytes]:
    with ZipFile(parcel) as opened:
        return opened.read("results.csv"), opened.read("measures.csv")


def begun(parcel: Path, name: str = "triage") -> subprocess.Popen[str]:
    words = ["rehearse", name, "--people", str(PEOPLE), "--seed", str(SEED), "--out", str(parcel)]
    command = [sys.executable, "-m", "consensus", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_rehearsal_ends_well_and_the_same_seed_gives_the_same_list(tmp_path: Path) -> None:
    parcels = [tmp_path / f"{name}.zip" for name in ("one", "two")]
    rehearsals = [begun(parcel) for parcel in parcels]
    for rehearsal in rehearsals:
        said, _ = rehearsal.communicate(timeout=LONG)
        assert rehearsal.returncode == 0, said
        lines = said.splitlines()
        assert lines[-1].startswith("every law held")
        for plan in protocol.read("triage"):
            assert any(line.startswith(f"{plan.key}: ") for line in lines)
    code, told = verify_file(parcels[1])
    assert code == 0, told
    assert results(parcels[0]) == results(parcels[1])


def test_the_other_protocols_hold_every_law_too(tmp_path: Path) -> None:
    others = {"delphi": "rating2,S", "ram": "rating2,S", "priorities": "points,,allocation"}
    rehearsals = [(name, begun(tmp_path / f"{name}.zip", name)) for name in others]
    for name, rehearsal in rehearsals:
        said, _ = rehearsal.communicate(timeout=LONG)
        assert rehearsal.returncode == 0, said
        with ZipFile(tmp_path / f"{name}.zip") as opened:
            measures = opened.read("measures.csv").decode()
        assert others[name] in measures and (",movement," in measures) == ("rating2" in measures)
    assert [*others] == [name for name in protocol.names() if name != "triage"]


async def an_answer_is_changed(rehearsal: Rehearsal, row: models.Round) -> None:
    """In the table, behind the back of everybody: the warm count still knows what was said."""
    await store.rows(
        "UPDATE ballot SET marks = replace(marks, '\"text\":\"', '\"text\":\"Not ') WHERE round_id = ?", row.id
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
    async with staged(tmp_path, "triage", 5, SEED, lambda line: None) as rehearsal:
        row = (await rehearsal.rounds())[0]
        await rehearsal.facilitator.press(f"rounds/{row.key}/open")
        row = await rehearsal.row(row.key)
        await rehearsal.troupe.play(row)
        await rehearsal.house.counts.now(row)
        await hurt(rehearsal, row)
        with pytest.raises(Broken, match=law):
            await rehearsal.check_round(row)
            await rehearsal.check_journal()


BEHIND_ITS_BACK = """
import asyncio, sys
from consensus import store
from consensus.rehearse import rehearse

def say(line):
    print(line, flush=True)
    if line.startswith("gather: "):
        lost = store.rows("DELETE FROM entry WHERE head LIKE 'session-%' AND seq = 9")
        asyncio.get_running_loop().create_task(lost)

sys.exit(asyncio.run(rehearse("triage", 5, 7, None, say)))
"""


def test_a_rehearsal_whose_journal_lost_a_line_ends_with_1() -> None:
    done = subprocess.run([sys.executable, "-c", BEHIND_ITS_BACK], capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "a law did not hold: the journal: entry 9 is missing"
