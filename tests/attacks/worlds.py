"""Two worlds: one session played twice, where only answers that nobody is told differ. What anybody may fetch is the
same. And what is told is searched for sums of few people.

`python -m tests.long sums` plays many sessions and searches their sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from difflib import unified_diff
from pathlib import Path

from tortoise.backends.base.executor import EXECUTOR_CACHE

from consensus.house import build, open_house
from consensus.settings import Settings
from tests.attacks.reader import EVERYBODY, reading
from tests.attacks.story import Script, Story
from tests.conftest import SECRET
from tests.rounds.hunt import Answer, few

Bytes = dict[str, dict[str, str]]  # by moment, by who and where


async def alone(database: Path, script: Script) -> Story:
    """The session played, and nobody reads: for the sums."""
    EXECUTOR_CACHE.clear()
    async with open_house(build(Settings(database=str(database), secret=SECRET, origin="http://127.0.0.1:9"))) as house:
        story = await Story.lay(house, script)
        async for _ in story.play():
            pass
        return story


async def until(database: Path, script: Script, moment: str) -> frozenset[int]:
    """The answers of which nothing was told up to this moment; it, where it comes."""
    EXECUTOR_CACHE.clear()
    async with open_house(build(Settings(database=str(database), secret=SECRET, origin="http://127.0.0.1:9"))) as house:
        story = await Story.lay(house, script)
        async for now in story.play():
            if now.name == moment:
                break
        return story.untold()


async def read(
    database: Path,
    script: Script,
    moments: Set[str] = frozenset(),
    last: str = "",
    who: Set[str] = EVERYBODY,
    is_short: bool = False,
) -> tuple[Bytes, Story]:
    """Everything that can be fetched at these moments, all where none is named. last: the play ends there."""
    found: Bytes = {}
    async with reading(database, script) as reader:
        async for now in reader.story.play():
            if now.name in moments or not moments:
                found[now.name] = await reader.everything(now.row, who, is_short)
            if now.name == last:
                break
        return found, reader.story


def differing(one: Bytes, other: Bytes) -> list[tuple[str, str, list[str]]]:
    """Where two worlds can be told apart: moment, who and where, the lines."""
    found = []
    for moment, pages in one.items():
        for place in pages.keys() | other[moment].keys():
            there, here = pages.get(place, ""), other[moment].get(place, "")
            if there != here:
                lines = list(unified_diff(there.split("\n"), here.split("\n"), n=0, lineterm=""))
                found.append((moment, place, lines))
    return found


def few_of(story: Story) -> Mapping[str, tuple[Answer, ...]]:
    """By round: fewer than k answers of which a combination of all that was told speaks alone."""
    found = {key: few(states, story.script.k) for key, states in story.states.items()}
    return {key: answers for key, answers in found.items() if answers}
