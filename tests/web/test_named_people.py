"""What the team sees of a named person is that they came in, and nothing of what they did after it.

Two worlds that are the same but for who it was: of two people who both came in, one agrees to everything, answers and
stays on the page, the other does nothing. Whatever the team may open is the same in both, byte for byte.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import zipfile
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

import httpx2
import pytest
from starlette.routing import BaseRoute, Mount, Route
from tortoise.backends.base.executor import EXECUTOR_CACHE
from websockets.asyncio.client import connect

from consensus import conduct, models, seats
from consensus.conduct import EnteredFor, Guest, Submission
from consensus.guard import may
from consensus.house import build, open_house
from consensus.protocol import Plan
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from consensus.web.map import urls
from rounds.contract import Role
from tests.conftest import SECRET, Site, Table, lay_table

TEAM = (Role.FACILITATOR, Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)
KINDS = ("gather", "compilation", "rating", "ranking")
PLANS = [Plan(key=kind, kind=kind, disclosure="at_close", grace=0, settings={}) for kind in KINDS]
PARTS = re.compile(r"{(\w+)(?::\w+)?}")
CARDS = ("S01", "S02", "S03")
BROUGHT = ("P001", "P002", "P003")
# Individual answers and their aliases have tests of their own; a socket is no page.
ELSEWHERE = {"row_level", "analysis", "live"}


@dataclass
class World:
    """A served copy of one and the same session; who: the one of the two that acts."""

    site: Site
    table: Table
    who: models.Seat
    desks: dict[Role, httpx2.AsyncClient]

    async def pages(self) -> dict[str, str]:
        """Everything that the team may open, by who opens it and where."""
        found = {}
        for role, desk in self.desks.items():
            for route in routes(urls(self.site.house)):
                if may(str(route.name), frozenset({role})):
                    for path in filled(route.path, self.table):
                        found[f"{role} {path}"] = await self._read(desk, path)
        for audience in ("console", "projector"):
            found[f"socket {audience}"] = await self._socket(audience)
        return found

    async def _read(self, desk: httpx2.AsyncClient, path: str) -> str:
        answer = await desk.get(path)
        if answer.headers.get("content-type") != "application/zip":
            return self._blind(f"{answer.status_code} {answer.text}")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as parcel:
            tables = sorted(name for name in parcel.namelist() if name.endswith(".csv"))
            return self._blind("\n".join(parcel.read(name).decode() for name in tables))

    async def _socket(self, audience: str) -> str:
        async with self._watching(audience, self.desks[Role.FACILITATOR]) as socket, asyncio.timeout(5):
            return self._blind(str(await socket.recv()))

    def _watching(self, audience: str, browser: httpx2.AsyncClient) -> connect:
        url = self.site.origin.replace("http", "ws", 1) + f"/sessions/{self.table.session.id}/live/{audience}"
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        return connect(url, additional_headers={"Cookie": cookies, "Origin": self.site.origin}, proxy=None)

    @asynccontextmanager
    async def on_the_page(self) -> AsyncIterator[None]:
        browser = await self.site.sit(self.who)
        async with self._watching("room", browser) as socket:
            await socket.recv()
            yield
        await browser.aclose()

    def _blind(self, text: str) -> str:
        """Without the address of this copy, also where it is drawn, one-time keys, moments and seals."""
        text = re.sub(r'<div aria-hidden="true"><svg.*?</svg></div>', "", text, flags=re.DOTALL)
        text = text.replace(self.site.origin, "").replace(self.site.origin.partition("//")[2], "")
        text = re.sub(r'value="[\w-]{22}"|data-now="[^"]*"|\b[0-9a-f]{8,64}\b', "", text)
        return re.sub(r"\d+:\d\d(?::\d\d)?|\d+\u00a0h\u00a0\d\d", "", text)


def routes(found: Iterable[BaseRoute]) -> list[Route]:
    inside = [one for route in found if isinstance(route, Mount) for one in routes(route.routes or [])]
    pages = [route for route in found if isinstance(route, Route) and "GET" in (route.methods or set())]
    return [route for route in (*pages, *inside) if "{session" in route.path and route.name not in ELSEWHERE]


def filled(path: str, table: Table) -> list[str]:
    """The addresses of a page. One whose parts nobody filled in here fails: it may tell of people too."""
    known: dict[str, list[object]] = {
        "session": [table.session.id],
        "seat": [seat.id for seat in table.seats[:2]],
        "round": [plan.key for plan in PLANS],
        "by": ["phone", "paper"],
        "turn": ["first", "again"],
        "chart": ["rank-by-round", "first"],
        "audience": ["console", "projector"],
        "statement": ["P001"],
    }
    paths = [path]
    for part in PARTS.finditer(path):
        paths = [path.replace(part.group(0), str(value)) for path in paths for value in known[part.group(1)]]
    return paths


async def lay(database: str) -> Table:
    """The session in which both worlds begin. Aline and Carole are patients, have names, and read in French."""
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay_table(house, PLANS)
        await models.Study.filter(id=table.session.study_id).update(has_call_list=True)
        for seat, name, mail in zip(table.seats, ("Aline Roy", "Carole Dubé"), ("a@example.org", ""), strict=False):
            person = await models.Person.create(name=name, mail=mail, phone="418 555-0100")
            fresh = {"consented": False, "agreed": None, "language": "fr"}
            await models.Seat.filter(id=seat.id).update(person_id=person.id, **fresh)
            seat.language = "fr"
        sent = {"what": "invitation", "issue": 1, "state": "sent", "queued_at": 1.0, "due_at": 1.0, "sent_at": 1.0}
        await models.Mail.create(session_id=table.session.id, seat_id=table.seats[0].id, **sent)
        table.seats += await conduct.add_seats(house, table.fay, [Guest(role) for role in TEAM[1:]])
        await table.open("gather")
    return table


@asynccontextmanager
async def served(database: Path, table: Table, acts: int) -> AsyncIterator[World]:
    """acts: which of the two."""
    EXECUTOR_CACHE.clear()
    listener = listen(0)
    settings = Settings(database=str(database), secret=SECRET, origin=origin_of(listener), staff_keys=True)
    settings = replace(settings, smtp="smtp://127.0.0.1:1", mail_from="table@example.org")
    house = build(settings)
    async with running(make_app(settings, house), listener):
        site = Site(house, settings.origin)
        seated = zip(TEAM[1:], table.seats[-3:], strict=True)
        try:
            desks = {Role.FACILITATOR: await site.sign_in()} | {role: await site.sit(seat) for role, seat in seated}
            yield World(site, replace(table, house=house), table.seats[acts], desks)
        finally:
            await site.close()


async def stages_of(world: World) -> AsyncIterator[str]:
    """At each of them the team looks everywhere."""
    table, house, who = world.table, world.site.house, world.who
    for seat in table.seats[:2]:  # in the same order whoever acts: that they came in is the team's to know
        await seats.sign_in(house.store, seat=seat)
    await conduct.consent(house, who, ["quote", "reuse"])
    yield "agreed"
    for seat, text in zip((who, *table.seats[2:4]), ("One plan.", "One nurse.", "One number."), strict=True):
        await table.cast(seat, "gather", card="1", text=text)
    await table.close("gather")
    await conduct.analyse_due(house)
    compilation = await table.open("compilation")
    for proposal in BROUGHT:
        form = {"act": ["accept"], "of": [proposal], "looked": ["1"]}
        await conduct.cast(house, table.fay.id, compilation.id, Submission(form, proposal, "fr"))
    await table.close("compilation")
    await conduct.analyse_due(house)  # a line that a task writes has its place in both worlds
    await table.open("rating", "Nobody translates here.")
    await table.cast(who, "rating", card=CARDS[0], importance="7", reason="Because.")
    yield "answered some"
    paper = Submission({"card": [CARDS[1]], "importance": ["4"]}, "k", "fr")
    await conduct.cast(house, table.seats[2].id, (await table.row("rating")).id, paper, EnteredFor(table.fay, "paper"))
    for card in CARDS:
        await table.cast(who, "rating", card=card, importance="8")
    await conduct.call(house, who, "question")
    yield "answered all"
    for seat in table.seats[2:11]:
        for card in CARDS:
            await table.cast(seat, "rating", card=card, importance="6")
    await table.close("rating")
    await conduct.analyse_due(house)
    yield "closed"
    await conduct.withdraw(house, table.seats[4], erase=True)
    await table.open("ranking")
    await table.cast(who, "ranking", place__S01="1", place__S02="2")
    yield "ranked"


async def test_the_team_sees_who_came_in_and_never_what_they_did(tmp_path: Path, blank: Path) -> None:
    base = shutil.copy(blank, tmp_path / "base.db")
    table = await lay(str(base))
    seen: list[dict[str, dict[str, str]]] = []
    for acts in (0, 1):
        copy = Path(shutil.copy(base, tmp_path / f"{acts}.db"))
        found: dict[str, dict[str, str]] = {}
        async with served(copy, table, acts) as world, aclosing(stages_of(world)) as stages:
            async for stage in stages:
                async with world.on_the_page():
                    found[stage] = await world.pages()
        seen.append(found)
    assert len(seen[0]) == 5 and all(len(pages) > 60 for pages in seen[0].values())
    for stage, pages in seen[0].items():
        for path, page in pages.items():
            told = list(unified_diff(page.split("\n"), seen[1][stage][path].split("\n"), n=0, lineterm=""))
            assert not told, (stage, path, told)


async def test_the_same_search_finds_who_came_in(tmp_path: Path, blank: Path) -> None:
    """Where one of the two has come in, and not the other, the page of the seats tells them apart, as it may."""
    base = shutil.copy(blank, tmp_path / "base.db")
    table = await lay(str(base))
    seen = []
    for acts in (0, 1):
        async with served(Path(shutil.copy(base, tmp_path / f"{acts}.db")), table, acts) as world:
            await seats.sign_in(world.site.house.store, seat=world.who)
            seen.append(await world.pages())
    differ = {path.rpartition("/")[2] for path, page in seen[0].items() if page != seen[1][path]}
    assert differ == {"seats"}


@pytest.mark.parametrize("floor", [3, 5])
async def test_the_big_screen_and_the_room_tell_no_block_under_the_floor(site: Site, floor: int) -> None:
    """Two caregivers whom nobody may be counted with: the screen leaves them out, and no total gives them away."""
    table = await lay_table(site.house)
    await models.Study.filter(id=table.session.study_id).update(floor=floor)
    row = await table.open("rating")
    blocks = [("patients", 5), ("caregivers", 2), ("clinicians", 4)]
    data = [{"key": key, "groups": [key], "seats": seats} for key, seats in blocks]
    await models.Round.filter(id=row.id).update(blocks=data)
    site.house.counts.forget()
    for card in BROUGHT:
        for seat in (table.seats[0], table.seats[5], table.seats[7]):
            await table.cast(seat, "rating", card=card, importance="5")
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(table.aline)) as aline:
        console = (await fay.get(f"{here}/frame/console?lang=en")).text
        assert "<b>1/5</b>" in console and "<b>1/2</b>" in console and "<b>1/4</b>" in console
        screen = (await fay.get(f"{here}/frame/projector?lang=en")).text
        assert re.findall(r"<b>(\d/\d)</b>", screen) == (["1/5", "1/4"] if floor == 3 else ["1/5"])
        room = (await aline.get(f"{here}/frame/room?lang=en")).text
        assert ("Answered: 2 of 9." if floor == 3 else "Answered: 1 of 5.") in room
        assert not re.search(r"<b>\d/\d</b>|Caregivers|[34] of 11", room)
        await conduct.open_door(site.house, table.fay, takes_newcomers=False)
        await conduct.show_screen(site.house, table.fay, "join")
        joining = (await fay.get(f"{here}/projector?lang=en")).text
        assert re.findall(r"<b>(\d/\d)</b>", joining) == (["1/5", "0/4"] if floor == 3 else ["1/5"])


async def test_half_a_sheet_is_the_teams_to_know(site: Site) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="5")
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        assert "<b>1/5</b>" in (await fay.get(f"{here}/frame/console")).text
        screen = (await fay.get(f"{here}/frame/projector")).text
        assert "<b>0/5</b>" in screen and "1/5" not in screen
