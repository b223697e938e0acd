"""Whoever reads everything: each page, part, frame, chart and file that any role may fetch at one moment, as bytes."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
from starlette.routing import BaseRoute, Mount, Route
from tortoise.backends.base.executor import EXECUTOR_CACHE
from websockets.asyncio.client import connect

from consensus import export, models
from consensus.guard import Who, may
from consensus.house import build
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from consensus.web.map import urls
from consensus.web.results.charts import CHARTS
from rounds.contract import Role
from tests.attacks.story import Script, Story
from tests.conftest import SECRET, Site

EVERYBODY = frozenset({"facilitator", "cofacilitator", "observer", "researcher", "patients", "managers", "stranger"})
PARTS = re.compile(r"{(\w+)(?::\w+)?}")
# A page that cannot depend on what people answer, and sockets, which are read by themselves.
NOT_READ = frozenset({"live", "row_level", "roster", "invitations", "edit_round", "statement_copy", "answers_for"})
# Pages that tell of the session as it was set up; read in the long run alone.
STILL = frozenset(
    {"setup", "statements", "consent", "practice", "agreed", "withdrawal", "pause", "thanks", "enter_for"}
)
WHEN = re.compile(r"\d+:\d\d(?::\d\d)?|\d+\u00a0h\u00a0\d\d|\d\d\d\d-\d\d-\d\dT[\d:.]+Z?")
HASHES = re.compile(r'value="[\w-]{22}"|data-now="[^"]*"|\b[0-9a-f]{8,64}\b')
DRAWN = re.compile(r'<div aria-hidden="true"><svg.*?</svg></div>', re.DOTALL)
# A length is that of the body, which is compared; moments in it may be written longer or shorter.
HEADERS = frozenset({"date", "set-cookie", "server", "content-length"})


@dataclass
class Reader:
    """browsers: by who reads; the second name tells two of a role apart."""

    site: Site
    story: Story
    browsers: dict[str, tuple[Who, httpx2.AsyncClient]] = field(default_factory=dict)

    @property
    def here(self) -> str:
        return f"/sessions/{self.story.table.session.id}"

    async def sit_down(self) -> None:
        self.browsers["facilitator"] = (Role.FACILITATOR, await self.site.sign_in())
        for role, seat in self.story.team.items():
            self.browsers[str(role)] = (role, await self.site.sit(seat))
        for seat in self.story.watchers:
            self.browsers[f"{seat.group}"] = (Role.PARTICIPANT, await self.site.sit(seat))
        self.browsers["stranger"] = (None, self.site.client())

    async def everything(self, row: models.Round, who: Set[str] = EVERYBODY, is_short: bool = False) -> dict[str, str]:
        """By who reads and where. row: the round that is looked at, where a page can be asked for one. is_short: each
        page in one language."""
        found: dict[str, str] = {}
        for name, (role, browser) in self.browsers.items():
            for path in self._paths(role, row, is_short) if name in who else ():
                found[f"{name} {path}"] = await self._read(browser, path)
        for name, audience in (("facilitator", "console"), ("observer", "projector"), ("patients", "room")):
            if name in who:
                found[f"{name} socket {audience}"] = await self._frame(self.browsers[name][1], audience)
        if "facilitator" not in who:
            return found
        try:
            for team in (False, True):
                data = await export.individual(self.site.house, self.story.table.session, is_for_team=team)
                found[f"individual answers {team}"] = self.bare(unpacked(data))
        except Exception as refused:  # no file at this moment: its reason is what is told
            found["individual answers"] = type(refused).__name__
        return found

    def _paths(self, role: Who, row: models.Round, is_short: bool) -> Iterator[str]:
        for route in routes(urls(self.site.house)):
            if not may(str(route.name), frozenset({role})):
                continue
            if is_short and (route.name in STILL or (route.name == "chart" and row.state != "closed")):
                continue
            for path in self._filled(route.path, row):
                yield path
                if route.name in {"console", "results", "frame", "take"}:
                    if not is_short:
                        yield f"{path}?lang=en"
                    yield f"{path}?round={row.key}&card=P001"

    def _filled(self, path: str, row: models.Round) -> list[str]:
        known: dict[str, list[object]] = {
            "session": [self.story.table.session.id],
            "seat": [self.story.table.seats[2].id],
            "round": [row.key],
            "chart": list(CHARTS),
            "statement": ["P001"],
            "audience": ["console", "room", "projector"],
        }
        paths = [path]
        for part in PARTS.finditer(path):
            paths = [path.replace(part.group(0), str(value)) for path in paths for value in known[part.group(1)]]
        return paths

    async def _read(self, browser: httpx2.AsyncClient, path: str) -> str:
        answer = await browser.get(path, headers={"Accept-Encoding": "identity"})
        is_parcel = answer.headers.get("content-type") == "application/zip"
        heads = [f"{name}: {value}" for name, value in answer.headers.items() if name not in HEADERS]
        body = unpacked(answer.content) if is_parcel else answer.text
        return self.bare("\n".join([str(answer.status_code), *heads, body]))

    async def _frame(self, browser: httpx2.AsyncClient, audience: str) -> str:
        url = self.site.origin.replace("http", "ws", 1) + f"{self.here}/live/{audience}"
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        headers = {"Cookie": cookies, "Origin": self.site.origin}
        async with connect(url, additional_headers=headers, proxy=None) as socket, asyncio.timeout(20):
            return self.bare(str(await socket.recv()))

    def bare(self, text: str) -> str:
        """Without the address of this copy, one-time keys, moments and hashes."""
        text = DRAWN.sub("", text).replace(self.site.origin.rpartition(":")[2], "")
        return WHEN.sub("", HASHES.sub("", text))


def routes(found: Iterable[BaseRoute]) -> list[Route]:
    inside = [one for route in found if isinstance(route, Mount) for one in routes(route.routes or [])]
    pages = [route for route in found if isinstance(route, Route) and "GET" in (route.methods or set())]
    return [route for route in (*pages, *inside) if "{session" in route.path and route.name not in NOT_READ]


def unpacked(data: bytes) -> str:
    """Every file of a parcel. Salts, roots and what is in their order are drawn by chance: of those tables the rest."""
    told = []
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        for name in sorted(parcel.namelist()):
            text = parcel.read(name).decode()
            if name == "manifest.json":
                manifest = json.loads(text)
                manifest.pop("chain", None)
                for one in manifest.get("rounds", ()):
                    one.get("seal", {}).pop("root", None)
                text = json.dumps(manifest, indent=1, sort_keys=True)
            elif name == "sealed.csv":
                rows = [{k: v for k, v in row.items() if k != "salt"} for row in csv.DictReader(io.StringIO(text))]
                text = "\n".join(sorted(map(str, rows)))
            elif name in {"SHA256SUMS", "chain_head.txt"}:
                text = str(len(text))
            told.append(f"== {name}\n{text}")
    return "\n".join(told)


@asynccontextmanager
async def reading(database: Path, script: Script) -> AsyncIterator[Reader]:
    """A served copy of a new session of this script."""
    EXECUTOR_CACHE.clear()
    listener = listen(0)
    settings = Settings(database=str(database), secret=SECRET, origin=origin_of(listener), staff_keys=True)
    house = build(replace(settings, smtp="smtp://127.0.0.1:1", mail_from="table@example.org"))
    async with running(make_app(settings, house), listener):
        site = Site(house, settings.origin)
        try:
            reader = Reader(site, await Story.lay(house, script))
            await reader.sit_down()
            yield reader
        finally:
            await site.close()
