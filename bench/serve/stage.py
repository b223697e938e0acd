"""Where a benchmark plays: databases laid once and copied, servers on them, and the people who sit there.

In a folder that is thrown away. After a benchmark every acknowledged vote is looked for in the database, and the close
of the round must have counted each: a fast server that forgets is worth nothing.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from bench.serve.figures import LONGEST, Sample, measured
from bench.serve.people import NotAnswered, Person, Votes
from bench.serve.processes import Process
from bench.serve.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Hall:
    """A session that is laid: how many sit there, what they are asked, and what they have said already."""

    people: int
    statements: int
    stored: int = 0
    mode: str = "groups"


ASKED, PARTS = "--asked", "--parts"  # see server.py
QUICK_HALL = Hall(24, 4, 96, "room")


@dataclass(slots=True)
class Site:
    """A server that answers, and the people of its session. taken: votes that it acknowledged; at: when, by card."""

    hall: Hall
    process: Process
    file: Path
    laid: dict[str, Any]
    people: list[Person]
    desk: Person
    at: dict[str, list[float]] = field(default_factory=dict)
    taken: int = 0
    is_closed: bool = False

    @property
    def port(self) -> int:
        return int(self.process.told["port"])

    @property
    def round_path(self) -> str:
        return f"/sessions/{self.laid['session']}/rounds/rating"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[tuple[Sample, Votes]]:
        """A turn of voting: the sample is filled from what was acknowledged."""
        votes = Votes(at=self.at)
        with measured(self.process) as sample:
            yield sample, votes
        sample.number, sample.waits = len(votes), votes.waits

    def keep(self, votes: Votes) -> None:
        """These were votes: they must be in the database."""
        self.taken += len(votes)

    async def is_up(self) -> None:
        """Answers anything at all."""
        stranger = self.desk.stranger()
        await stranger.get("/")
        stranger.line.close()

    async def is_ready(self) -> None:
        """Answers, has drawn its pages once and counted what is stored."""
        await self.people[0].get(f"/sessions/{self.laid['session']}/take")
        await self.desk.get(f"/sessions/{self.laid['session']}/console")

    async def check(self) -> None:
        """Every vote that was acknowledged is stored, and the close counts each person's last answer to each card."""
        if not self.is_closed:
            await self.close_round()
        look_for(self.file, self.hall.stored + self.taken)

    async def close_round(self) -> None:
        answer = await self.desk.line.ask(self.port, self.desk.post(f"{self.round_path}/close", ""))
        if answer.status != 303:
            raise NotAnswered(f"the close: {answer.status}")
        self.is_closed = True

    async def asked(self) -> dict[str, int]:
        """What SQLite was asked since the last time, on a server that counts it."""
        answer = await self.desk.get("/asked")
        found: dict[str, int] = json.loads(answer.body)
        return found

    async def shares(self) -> dict[str, float]:
        """On what it spent its processor since the last time, by part, on a server that looks."""
        found: dict[str, float] = json.loads((await self.desk.get("/parts")).body)
        return {part: seconds / (sum(found.values()) or 1) for part, seconds in found.items()}


def look_for(file: Path, taken: int) -> None:
    """NotAnswered unless so many ballots are stored, and the close has counted what stands of them."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
        (stored,) = base.execute("SELECT count(*) FROM ballot").fetchone()
        (standing,) = base.execute("SELECT count(*) FROM (SELECT DISTINCT seat_id, slot FROM ballot)").fetchone()
        (counted,) = base.execute("SELECT json_extract(outcome, '$.ballots') FROM round").fetchone()
    if stored != taken:
        raise NotAnswered(f"{taken} votes were acknowledged, {stored} are stored")
    if counted != standing:
        raise NotAnswered(f"{standing} answers stand, {counted} are counted")


class Stage:
    """Where sizes say so, one hall and one server serve every benchmark that needs none of its own."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.folder, self.sizes = folder, sizes
        self.log = folder / "log"
        self._secret = token_hex(32)
        self._laid: dict[Hall, dict[str, Any]] = {}
        self._copies = 0
        self._shared: Site | None = None

    def hall(self, wished: Hall) -> Hall:
        return QUICK_HALL if self.sizes.is_shared else wished

    async def database(self, hall: Hall) -> Path:
        """A copy of this hall of its own; laid at the first time."""
        whole = self.folder / f"{hall.people}-{hall.statements}-{hall.stored}-{hall.mode}.db"
        if hall not in self._laid:
            of = (hall.people, hall.statements, hall.stored, hall.mode)
            lays = await Process.start("bench.serve.laying", whole, self._secret, *of, log=self.log)
            await lays.end()
            self._laid[hall] = lays.told
        self._copies += 1
        copy = self.folder / f"copy-{self._copies}.db"
        await asyncio.to_thread(shutil.copy, whole, copy)
        return copy

    @asynccontextmanager
    async def serving(
        self, wished: Hall, *, is_fresh: bool = False, is_warm: bool = True, told: tuple[str, ...] = ()
    ) -> AsyncIterator[Site]:
        """A server on a copy of this hall; what it acknowledged is looked for at the end.

        is_fresh: a process of its own, whatever sizes say. is_warm: its pages were drawn once. told: what it tells of
        itself, of ASKED and PARTS.
        """
        if self.sizes.is_shared and not is_fresh:
            if self._shared is None:
                self._shared = await self._begun(self.hall(wished), (ASKED, PARTS))
                await self._shared.is_ready()
            yield self._shared
            return
        site = await self._begun(self.hall(wished), told)
        try:
            if is_warm:
                await asyncio.wait_for(site.is_ready(), LONGEST)
            yield site
            await asyncio.wait_for(site.check(), LONGEST)
        finally:
            await self._ended(site)

    async def _begun(self, hall: Hall, told: tuple[str, ...]) -> Site:
        file = await self.database(hall)
        words = (file, self._secret, *told)
        process = await Process.start("bench.serve.server", *words, log=self.log)
        laid, port = self._laid[hall], int(process.told["port"])

        def browser(number: int, value: str) -> Person:
            return Person(number, port, laid["session"], laid["cards"], f"{laid['cookie']}={value}")

        people = [browser(number, value) for number, value in enumerate(laid["cookies"])]
        return Site(hall, process, file, laid, people, browser(0, laid["desk"]))

    async def _ended(self, site: Site) -> None:
        for person in (*site.people, site.desk):
            person.line.close()
        await site.process.end()
        for left in self.folder.glob(f"{site.file.name}*"):
            left.unlink()

    async def close(self) -> None:
        """The shared server too has kept what it acknowledged."""
        if self._shared is not None:
            try:
                await self._shared.check()
            finally:
                await self._ended(self._shared)

    async def inside(self, wished: Hall, turns: int) -> dict[str, Any]:
        """What counting.py tells of this hall."""
        hall = self.hall(wished)
        file = await self.database(hall)
        of = (file, self._secret, self._laid[hall]["round"], turns)
        counts = await Process.start("bench.serve.counting", *of, log=self.log)
        await counts.end()
        return counts.told

    @asynccontextmanager
    async def other(self, module: str, *words: object) -> AsyncIterator[Process]:
        """Another server, to be compared with."""
        process = await Process.start(module, *words, log=self.log)
        try:
            yield process
        finally:
            await process.end()
