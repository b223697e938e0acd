"""Sessions with random people, played to the end: after every act no combination of all that was told speaks of fewer
than k answers, in 200 rounds. About 15 minutes.

Short form: tests/plays/test_worlds.py
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

from tests.attacks.story import MODES, Script
from tests.attacks.worlds import alone, few_of
from tests.conftest import fresh

NAMES = ("triage", "delphi", "priorities")
ROUNDS = 200


async def test_no_sums_of_many_sessions_speak_of_few(tmp_path: Path) -> None:
    played, found = 0, {}
    for seed in count():
        script = Script(NAMES[seed % 3], (3, 5)[seed // 3 % 2], seed, MODES[seed // 6 % 3])
        story = await alone(fresh(tmp_path / f"{seed}.db"), script)
        leaks = few_of(story)
        played, found = played + len(story.states), found | ({seed: leaks} if leaks else {})
        sums = sum(map(len, story.states.values()))
        print(f"{script.name}, k {script.k}, {script.mode}, seed {seed}: {sums} sums, few: {leaks}", flush=True)
        if played >= ROUNDS:
            break
    assert not found, f"of {played} rounds"
