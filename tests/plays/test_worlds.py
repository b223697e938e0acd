"""Two worlds that differ in nothing but answers of which nobody may be told: whatever anybody fetches is the same in
both, byte for byte. Whole sessions as the protocols give them, with a pair that is never counted together, people who
say "I don't know", change their mind, have everything erased, answer too late.

The official database, hashes, one-time keys and the clock are apart.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.attacks.story import Script
from tests.attacks.worlds import alone, differing, few_of, read

READERS = frozenset({"facilitator", "patients", "managers", "observer"})


def copies(blank: Path, folder: Path) -> tuple[Path, Path]:
    one, other = (Path(shutil.copy(blank, folder / f"{name}.db")) for name in ("one", "other"))
    return one, other


@pytest.mark.parametrize(
    ("script", "moments"),
    [
        (Script("triage", 3, 2, "facilitator"), {"rating late", "validation again more"}),
        (Script("delphi", 3, 1, "live"), {"rating1 late", "rating2 again more"}),
        (Script("priorities", 5, 3), {"points late", "validation again more"}),
    ],
    ids=lambda given: given.name if isinstance(given, Script) else "",
)
async def test_an_answer_that_is_never_told_changes_no_byte(
    blank: Path, tmp_path: Path, script: Script, moments: set[str]
) -> None:
    one, other = copies(blank, tmp_path)
    first, story = await read(one, script, moments, who=READERS, is_short=True)
    untold = story.untold()
    assert first.keys() == moments and len(untold) > 4, "some answers are never told"
    second, _ = await read(other, replace(script, differs=untold), moments, who=READERS, is_short=True)
    assert [one for one in differing(first, second) if not is_for_the_team(*one[:2])] == []


def is_for_the_team(moment: str, place: str) -> bool:
    """Objections go to the team, without whose they are, though they be in no figure (rounds/validation)."""
    return moment.startswith("validation") and place.startswith("facilitator") and "console" in place


@pytest.mark.parametrize(("k", "seed"), [(3, 4), (5, 5)])
async def test_before_the_close_no_answer_changes_a_byte(blank: Path, tmp_path: Path, k: int, seed: int) -> None:
    """Nobody looked: everybody's answers but those of who reads along may be any others."""
    (one, other), last = copies(blank, tmp_path), "rating1 late"
    first, story = await read(one, Script("delphi", k, seed), {last}, last, READERS, is_short=True)
    assert len(story.untold()) > 3 * k
    second, _ = await read(other, Script("delphi", k, seed, differs=story.untold()), {last}, last, READERS, True)
    assert differing(first, second) == []


@pytest.mark.parametrize("mode", ["at_close", "facilitator"])
async def test_who_answered_of_a_group_that_is_not_told_is_the_teams_to_know(
    blank: Path, tmp_path: Path, mode: str
) -> None:
    """One of two managers answers, or not: the others read the same, and so does the big screen. The journal, which
    they do not read, says how many answers are set aside."""
    (one, other), last, script = copies(blank, tmp_path), "rating1 closed", Script("delphi", 3, 1, mode)
    who = READERS - {"facilitator"}
    first, story = await read(one, script, {last}, last, who)
    quiet = len(story.table.seats) - 1
    assert story.table.seats[quiet].group == "managers"
    second, _ = await read(other, replace(script, absent={quiet}), {last}, last, who)
    assert [place for _, place, _ in differing(first, second) if not place.endswith("/journal")] == []


@pytest.mark.parametrize(
    "script",
    [Script("triage", 5, 6, "live"), Script("delphi", 3, 6, "facilitator"), Script("priorities", 5, 7)],
    ids=lambda script: script.name,
)
async def test_no_sums_of_all_moments_speak_of_few(blank: Path, tmp_path: Path, script: Script) -> None:
    """After every act; a longer search is `python -m tests.long sums`."""
    story = await alone(Path(shutil.copy(blank, tmp_path / "one.db")), script)
    assert story.states and not few_of(story)
