"""The tour is held to the code: what it names is there, and a vote that is followed goes the way that it tells."""

from __future__ import annotations

import ast
import asyncio
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import httpx2
import pytest

from consensus import export, models
from consensus.live import Audience
from consensus.web.view import CONSOLE
from rounds import KINDS
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
ROWS = [line for line in TOUR.splitlines() if line.startswith("|") and "`" in line]
WAY = [line for line in TOUR.partition("\n## ")[0].splitlines() if line in ROWS]
FEWER_THAN = 17  # files on the way of one vote
NAMED = re.compile("`([^`]+)`")
CLOCKS = {"clock", "findings", "other programs", "post"}  # tasks that run by the second, for nobody's vote
KIND = "rating"


def places(row: str) -> Iterator[tuple[str, list[str]]]:
    """The files that a row names, each with the names of it that follow."""
    found: list[tuple[str, list[str]]] = []
    for name in NAMED.findall(row):
        if "/" in name:
            found.append((name, []))
        else:
            found[-1][1].append(name)
    yield from found


def files(path: str) -> list[Path]:
    """Those that are there; of <kind>, of each kind that has it."""
    meant = [ROOT / path.replace("<kind>", kind) for kind in KINDS] if "<kind>" in path else [ROOT / path]
    return [file for file in meant if file.exists()]


def names_in(file: Path) -> set[str]:
    """What a file defines: functions, classes, their methods; of a template its blocks."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return set(re.findall(r"{%-? block (\w+)", text))
    of_a_kind = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tops = [node for node in ast.parse(text).body if isinstance(node, of_a_kind)]
    inside = {f"{top.name}.{one.name}" for top in tops for one in top.body if isinstance(one, of_a_kind)}
    return inside | {top.name for top in tops}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[2].strip())
def test_what_the_tour_names_is_there(row: str) -> None:
    for path, names in places(row):
        assert files(path), path
        known = set().union(*map(names_in, files(path))) if names else set()
        assert set(names) <= known, path


def test_the_way_of_a_vote_is_short_and_one_row_a_file() -> None:
    way = [path for row in WAY for path, _ in places(row)]
    assert len(way) == len(WAY) == len(set(way)) < FEWER_THAN


class Followed:
    """The functions of ours that ran, by file and name, each where it was first entered."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], None] = {}
        self.is_on = False
        self._ours: dict[CodeType, tuple[str, str] | None] = {}

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if not self.is_on or event != "call":
            return
        if frame.f_code not in self._ours:
            self._ours[frame.f_code] = self._place(frame.f_code)
        place = self._ours[frame.f_code]
        if place and place not in self.seen and not _of_a_clock():
            self.seen[place] = None

    @staticmethod
    def _place(code: CodeType) -> tuple[str, str] | None:
        path = Path(code.co_filename)
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in {"consensus", "rounds", "templates"}:
            return None
        name = code.co_qualname.partition(".<locals>")[0].removeprefix("block_")
        return path.relative_to(ROOT).as_posix(), name

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys(path for path, _ in self.seen))


def _of_a_clock() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread of its own: the driver of an embedded file
        return False
    return task is not None and task.get_name() in CLOCKS


@pytest.fixture
def followed() -> Iterator[Followed]:
    """Asked for before the site, so that the threads of its database are followed too."""
    before, found = (sys.getprofile(), threading.getprofile()), Followed()
    sys.setprofile(found)
    threading.setprofile(found)
    yield found
    found.is_on = False
    sys.setprofile(before[0])
    threading.setprofile(before[1])


ANSWER = {"round": KIND, "card": "P001", "importance": "5"}


async def _met(site: Site, table: Table, followed: Followed) -> httpx2.AsyncClient:
    """Somebody who has the form before them."""
    aline = await site.sit(table.aline)
    followed.is_on = True
    assert (await aline.get(f"/sessions/{table.session.id}/take")).status_code == 200
    assert (f"templates/rounds/{KIND}.html", "ballot") in followed.seen
    followed.is_on, followed.seen = False, {}
    return aline


async def _press(aline: httpx2.AsyncClient, table: Table, key: str) -> None:
    answer = await aline.post(f"/sessions/{table.session.id}/take", data=ANSWER | {"key": key})
    assert answer.status_code == 303


def _way() -> list[tuple[str, str]]:
    """After the form, by file and the first name that the tour gives of it."""
    told = [next(places(row)) for row in WAY]
    return [(path.replace("<kind>", KIND), names[0]) for path, names in told][1:]


async def test_a_vote_goes_the_way_that_the_tour_tells(followed: Followed, site: Site) -> None:
    """From the form to the file, through every file of the first table in its order."""
    table = await lay_table(site.house)
    await table.open(KIND)
    await models.Study.filter(sessions__id=table.session.id).update(is_row_level_allowed=True)
    for seat in table.seats[1:]:
        await table.cast(seat, KIND, card="P001", importance="5")
    console, aline = Audience(CONSOLE, "en", role=Role.FACILITATOR), await _met(site, table, followed)
    with site.house.rooms.watch(table.session.id, console, None) as watcher:
        drawings = watcher.drawings()
        await anext(drawings)  # of all that came before
        followed.is_on = True
        await _press(aline, table, "a vote")
        await asyncio.wait_for(anext(drawings), 60)
    await table.close(KIND)
    await export.individual(site.house, table.session)
    way = _way()
    assert [place for place in followed.seen if place in way] == way


async def test_until_it_is_acknowledged_a_vote_meets_no_file_that_the_tour_leaves_out(
    followed: Followed, site: Site
) -> None:
    table = await lay_table(site.house)
    await table.open(KIND)
    aline = await _met(site, table, followed)
    await _press(aline, table, "the first")  # reads what the next one finds in memory
    followed.is_on = True
    await _press(aline, table, "the second")
    followed.is_on = False
    named = {path.replace("<kind>", KIND) for row in ROWS for path, _ in places(row)}
    assert [file for file in followed.files if file not in named] == []
