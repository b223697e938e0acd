"""What people write alone goes to the team until it is compiled: no page, frame, socket or file gives it to others
(attack 16 of the study of small cells). Who wrote it reads their own; who erases it finds it nowhere any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest
from starlette.routing import Route
from websockets.asyncio.client import connect

from consensus import conduct, models, protocol, seats
from consensus.export import individual, released
from consensus.protocol import Plan
from consensus.web.map import urls
from consensus.web.results.charts import CHARTS
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.consensus.test_export import told
from tests.web.test_access import LAST, PARTS, _all

OTHERS = ("participant", "author", "observer", "researcher", "stranger")
AUDIENCES = ("console", "room", "projector")
WRITERS = 6


def text_of(place: int) -> str:
    return f"A pelican numbered {place} said so"


@dataclass
class Study:
    """One session of a protocol in which six people have written; ids: the number of each text."""

    site: Site
    table: Table
    browsers: dict[str, httpx2.AsyncClient] = field(default_factory=dict)

    @property
    def here(self) -> str:
        return f"/sessions/{self.table.session.id}"

    @property
    def author(self) -> models.Seat:
        return self.table.seats[0]

    @classmethod
    async def of(cls, site: Site, plans: list[Plan]) -> Study:
        table = await lay_table(site.house, plans=plans)
        await models.Session.filter(id=table.session.id).update(imported=[])  # people write here
        return cls(site, table)

    async def write(self) -> None:
        await self.table.open("gather")
        for place, seat in enumerate(self.table.seats[:WRITERS]):
            await self.table.cast(seat, "gather", card="1", text=text_of(place), nature="helps")
        await self.table.close("gather")

    async def act(self, act: str, *of: int, **form: str) -> None:
        fields = {name.replace("__", "."): [value] for name, value in form.items()}
        names = [await self.number(place) for place in of]
        submission = conduct.Submission({"act": [act], "of": names, "looked": ["1"], **fields}, f"{act}{of}", "en")
        await conduct.cast(self.site.house, self.table.fay.id, (await self.table.row("compilation")).id, submission)

    async def number(self, place: int) -> str:
        left = (await self.table.row("gather")).outcome["left"]["statements"]
        return next(str(one["id"]) for one in left if text_of(place) in one["wordings"].values())

    async def texts(self) -> list[str]:
        """The number of every text, asked for as a statement."""
        left = (await self.table.row("gather")).outcome or {}
        return [str(one["id"]) for one in left.get("left", {}).get("statements", ())] or ["P001"]

    async def compile(self) -> None:
        """One text is taken as it is, two are merged, one is rejected for its reason; two wait."""
        await self.table.open("compilation")
        await self.act("accept", 0)
        await self.act("merge", 1, 2, wording__en="What birds say", wording__fr="Ce que disent les oiseaux")
        await self.act("reject", 3, reason="It names somebody.")

    async def finish(self) -> None:
        await self.act("reject", 4, reason="Outside the question.")
        await self.act("reject", 5, reason="Outside the question.")
        await self.table.close("compilation")

    async def sit(self) -> None:
        guests = [conduct.Guest(Role.OBSERVER), conduct.Guest(Role.RESEARCHER)]
        observer, researcher = await conduct.add_seats(self.site.house, self.table.fay, guests)
        self.browsers = {
            "participant": await self.site.sit(self.table.bob),
            "author": await self.site.sit(self.author),
            "observer": await self.site.sit(observer),
            "researcher": await self.site.sit(researcher),
            "stranger": self.site.client(),
            "team": await self.site.sign_in(),
        }

    async def paths(self) -> list[str]:
        """Every address that is only looked at, filled with all there is."""
        session = await models.Session.get(id=self.table.session.id)
        keys = await models.Round.filter(session_id=session.id).values_list("key", flat=True)
        settings, bob = self.site.house.settings, self.table.bob
        known = {
            "step": ["1"],
            "session": [session.id],
            "study": [session.study_id],
            "member": [one.id for one in await models.Member.filter(study_id=session.study_id).limit(2)],
            "statement": await self.texts(),
            "brought": [1],
            "round": list(keys),
            "document": ["participant", "facilitator"],
            "seat": [seat.id for seat in self.table.seats[:2]],
            "by": ["paper"],
            "turn": ["first", "again"],
            "code": [session.room],
            "chart": list(CHARTS),
            "audience": list(AUDIENCES),
            "link": [seats.token(settings, "seat", bob.id, bob.issue)],
        }
        found: list[str] = []
        for route in _all(urls(self.site.house)):
            if not isinstance(route, Route) or "GET" not in (route.methods or ()) or route.name in LAST:
                continue
            paths = [route.path]
            for part in PARTS.finditer(route.path):
                values = known[part.group(1)]
                paths = [path.replace(part.group(0), str(value)) for path in paths for value in values]
            found += paths
        asked = "?lang=en&round=compilation&card=P001&sheet=merge"
        return [*found, *(path + asked for path in found if path.startswith(self.here))]

    async def told(self, who: str) -> str:
        """All that this person can get: every page, frame and file, and the first drawing of every socket."""
        browser = self.browsers[who]
        mine = dict(browser.cookies.items())
        drawn = []
        for path in await self.paths():
            browser.cookies.clear()  # some pages sign a device out
            for name, value in mine.items():
                browser.cookies.set(name, value, domain="127.0.0.1")
            drawn.append((await browser.get(path)).text)
        return "".join([*drawn, *[await self._socket(mine, name) for name in AUDIENCES]])

    async def _socket(self, cookies: dict[str, str], audience: str) -> str:
        url = f"{self.site.origin.replace('http', 'ws', 1)}{self.here}/live/{audience}"
        headers = {"Origin": self.site.origin, "Cookie": "; ".join(f"{n}={value}" for n, value in cookies.items())}
        try:
            async with connect(url, additional_headers=headers, proxy=None) as socket, asyncio.timeout(5):
                return str(await socket.recv())
        except Exception:  # whatever refuses it: the access test says who may watch
            return ""


PLAYED = [("triage", 3), ("delphi", 5), ("priorities", 3)]


@pytest.fixture(params=PLAYED, ids=lambda of: f"{of[0]}-{of[1]}")
async def study(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Study]:
    name, floor = request.param
    study = await Study.of(site, protocol.read(name))
    await models.Study.filter(id=study.table.session.study_id).update(floor=floor)
    await conduct.open_door(site.house, study.table.fay, takes_newcomers=False)
    await study.write()
    await study.sit()
    yield study


async def nobody_else_reads(study: Study) -> None:
    for who in OTHERS:
        told = await study.told(who)
        own = 0 if who == "author" else None
        assert [place for place in range(WRITERS) if text_of(place) in told and place != own] == [], who
    assert text_of(5) in (await study.browsers["team"].get(f"{study.here}/console")).text


async def test_closed_texts_are_the_teams_alone(study: Study) -> None:
    assert text_of(0) in (await study.browsers["author"].get(f"{study.here}/take")).text, "one's own stays in view"
    await nobody_else_reads(study)
    stored = (await study.table.row("gather")).outcome
    assert "pelican" in json.dumps(stored["left"]) and "pelican" not in json.dumps(stored["told"])


async def test_while_the_team_compiles_nobody_else_reads_what_it_works_on(study: Study) -> None:
    await study.compile()
    await nobody_else_reads(study)
    page = (await study.browsers["participant"].get(f"{study.here}/results?lang=en")).text
    assert "once the team has made statements of it" in page


async def test_the_list_begins_with_what_was_compiled(study: Study) -> None:
    await study.compile()
    await study.finish()
    page = (await study.browsers["participant"].get(f"{study.here}/results?lang=en")).text
    assert "What birds say" in page and text_of(1) in page and "It names somebody." in page


# Erased


async def everywhere(study: Study) -> str:
    """All that a participant and the team read, and all that the database holds in its files."""
    told = [await study.told(who) for who in ("participant", "team")]
    return "".join([*told, await asyncio.to_thread(files_of, study)])


def files_of(study: Study) -> str:
    found = sorted(Path(study.site.house.settings.database).parent.glob("test.db*"))
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in found)


@pytest.mark.parametrize("place", [0, 3, 5], ids=["taken as it is", "rejected", "waiting"])
async def test_erased_words_leave_every_page_and_what_was_stored(site: Site, place: int) -> None:
    study = await Study.of(site, protocol.read("delphi"))
    await study.write()
    await study.sit()
    await study.compile()
    number, seal = await study.number(place), (await study.table.row("compilation")).hash
    assert text_of(place) in await asyncio.to_thread(files_of, study)
    await conduct.withdraw(site.house, study.table.seats[place], erase=True)
    row, gather = await study.table.row("compilation"), await study.table.row("gather")
    held = json.dumps([row.statements, gather.outcome])
    assert text_of(place) not in held and number in held and row.hash == seal
    if place:
        assert text_of(place) not in await everywhere(study)
    else:
        made = (await site.house.counts.now(row)).official.statements
        assert text_of(place) in made[0].wordings.values(), "the team's own card stays"
    assert text_of(1) in held and text_of(1) in await asyncio.to_thread(files_of, study), "the others' stay"


async def test_what_its_author_erased_waits_for_nobody(site: Site) -> None:
    study = await Study.of(site, protocol.read("delphi"))
    await study.write()
    await study.compile()
    number = await study.number(5)
    await study.act("reject", 4, reason="Outside the question.")
    await conduct.withdraw(site.house, study.table.seats[5], erase=True)
    row = await study.table.close("compilation")
    assert row.outcome["told"]["places"][number]["zone"] == "erased"
    page = (await (await site.sit(study.table.bob)).get(f"{study.here}/results?lang=en")).text
    assert "Erased by the person who wrote it" in page and text_of(5) not in page


async def test_who_says_the_same_keeps_theirs(site: Site) -> None:
    table = await lay_table(site.house, plans=protocol.read("delphi"))
    await table.open("gather")
    for seat in table.seats[0], table.seats[2]:
        await table.cast(seat, "gather", card="1", text=text_of(0), nature="helps")
    await table.close("gather")
    await conduct.withdraw(site.house, table.aline, erase=True)
    left = (await table.row("gather")).outcome["left"]["statements"]
    assert sorted("".join(one["wordings"].values()) for one in left) == ["", text_of(0)]


async def test_a_parcel_of_erased_words_still_proves_itself(site: Site, tmp_path: Path) -> None:
    study = await Study.of(site, protocol.read("delphi")[:2])
    await study.write()
    await study.compile()
    await study.finish()
    await conduct.withdraw(site.house, study.table.seats[3], erase=True)
    for write in (individual, released):
        parcel = await write(site.house, study.table.session)
        code, said = await asyncio.to_thread(told, tmp_path, parcel)
        assert code == 0, said
        assert text_of(3).encode() not in parcel


# Nobody is shown what nobody compiled


async def test_no_step_shows_people_what_nobody_compiled(site: Site) -> None:
    plans = [plan for plan in protocol.read("delphi") if plan.kind != "compilation"]
    study = await Study.of(site, [plans[0], replace(plans[1], takes="all")])
    await study.write()
    with pytest.raises(conduct.Refused) as refused:
        await study.table.open("rating1", reason="Nobody translated them.")
    assert refused.value.key == "refused.not_compiled"


async def test_the_compilation_stays_in_the_plan_while_people_write(site: Site) -> None:
    table = await lay_table(site.house, plans=protocol.read("delphi"))
    with pytest.raises(conduct.Refused) as refused:
        await conduct.drop_round(site.house, table.fay, (await table.row("compilation")).id)
    assert refused.value.key == "refused.needs_compilation"
    await conduct.drop_round(site.house, table.fay, (await table.row("gather")).id)
    await conduct.drop_round(site.house, table.fay, (await table.row("compilation")).id)


async def test_no_statement_carries_a_group_a_name_or_an_alias(site: Site) -> None:
    study = await Study.of(site, protocol.read("delphi")[:2])
    await study.write()
    await study.compile()
    await study.finish()
    rows = [await study.table.row(key) for key in ("gather", "compilation")]
    stored = json.dumps([[row.statements, row.outcome["told"], row.outcome.get("left")] for row in rows])
    groups = {seat.group for seat in study.table.seats}
    assert not [name for name in groups if name in stored]
