"""Every page of the product at every moment at which it looks different: found by following links, as people do.

A small session of each protocol is played and stopped; at each stop every kind of person follows every link that
leads to a page they have not yet seen at such a moment. Nothing is drawn or promised here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

import httpx2
from starlette.routing import BaseRoute, Match, Route

from consensus import conduct, models, protocol, seats
from consensus.conduct import Guest
from consensus.export.study import study_parcel
from consensus.house import House
from consensus.plan_of_action import Line
from consensus.results.next_steps import listed_for
from consensus.simulation import demo, panel, player
from consensus.simulation.people import SimulatedPeople
from consensus.web.map import urls
from rounds import KINDS
from rounds.contract import TEAM, Form, Role, Statement
from rounds.disclosure import Mode
from tests import coded
from tests.studies import Panel, by_chance, lay_study

EVERY = 4  # person of the demo's panel: some of each block, with so low a floor
FLOOR = 2
STATEMENTS = 5
ACTS = 3  # of the team, before its work is looked at
# What a page shows there depends on how far the session is; elsewhere one look is enough.
MOVING = frozenset({"take", "console", "projector"})
FIGURES = frozenset({"results", "matrix", "study_matrix", "sensitivity", "voice"})  # that the last round fills
SHARED = frozenset(
    {"manual", "studies", "new_study", "journal", "questions", "keeping", "erased"}
)  # the same for whoever may see it
WORDS = frozenset({"reason", "owner", "theme", "answer"})  # fields in which people write, beside texts of the book
STAGES = ("to come", "open", "under way", "closed")
NO_PAGES = frozenset(  # files, sockets, and doors that only lead elsewhere
    {"frame", "row_level", "analysis", "released"}
    | {"static", "pictures", "live", "kept", "worker", "chart", "rehearsal", "see_as"}
    | {"opinions"}  # of a hundred people or more
    | {"staff_door", "statement_copy", "certificate", "study_parcel", "compare_file", "pooled_file"}
    | {"sensitivity_file", "matrix_file", "voice_file", "study_matrix_file", "evidence_template"}
    | {"plan_file", "plan_data"}
    | {"brought_parcel", "brought_compare_file", "brought_pooled_file"}
)
PERSON, NEWCOMER, TEAM_MEMBER, RESEARCHER, STRANGER = "participant", "newcomer", "facilitator", "researcher", "stranger"


@dataclass(frozen=True, slots=True)
class Moment:
    """A kind of round, as far as it is. again: it shows what the last of its kind gave. is_last: nothing follows."""

    kind: str
    again: bool
    stage: str
    is_last: bool = False

    def __str__(self) -> str:
        return f"{self.kind}{' again' if self.again else ''} {self.stage}"


@dataclass(frozen=True, slots=True)
class Visit:
    """who opens what, and when."""

    who: str
    path: str
    route: str
    moment: Moment

    def __str__(self) -> str:
        return f"{self.moment}: {self.who} at {self.path}"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


@dataclass
class Tour:
    """cookies: what each kind of person shows at the door of the session that is being played.

    stages: those at which it stops. mark: added to all that people write, to find it again.
    """

    house: House
    stages: Sequence[str] = STAGES
    mark: str = ""
    staff: dict[str, models.Staff] = field(default_factory=dict)
    study: models.Study | None = None
    session: models.Session | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[object, ...]] = field(default_factory=set)
    rows: dict[str, models.Round] = field(default_factory=dict)
    quoted: str = ""  # a statement that interviews speak of
    played: set[tuple[str, bool]] = field(default_factory=set)
    of_study: int = 0  # sessions of the study so far
    has_plan: bool = False
    map: list[BaseRoute] = field(init=False)

    def __post_init__(self) -> None:
        self.map = urls(self.house)

    async def stops(self, names: Sequence[str] = ()) -> AsyncIterator[list[Visit]]:
        """The visits of every stop; the next one is played when these have been made."""
        await self._begin()
        for name in names or protocol.names():
            await self._lay(name)
            async for moment in self._play():
                yield [visit async for visit in self._found(moment)]

    def routes(self) -> set[str]:
        """The pages that there are."""
        gets = (one for one in self.map if isinstance(one, Route) and "GET" in (one.methods or ()))
        return {one.name for one in gets} - NO_PAGES

    async def _begin(self) -> None:
        self.staff = await demo.hired(self.house)
        written = {name: self._marked(panel.STUDY[name]) for name in ("title", "question", "consent", "help_name")}
        groups = [{**group, "names": self._marked(group["names"])} for group in panel.STUDY["groups"]]
        told = {**panel.STUDY, **written, "groups": groups, "floor": FLOOR, "has_call_list": True}
        self.study = await conduct.create_study(self.house, self.staff["facilitator"], **told)
        sites = [{"key": "s1", "names": {"en": "Québec", "fr": "Québec"}, "within": "", "about": {}}]
        sites += [{"key": "s2", "names": {"en": "Estrie", "fr": "Estrie"}, "within": "s1", "about": {"k1": "town"}}]
        known = [{"key": "k1", "names": {"en": "Rurality", "fr": "Ruralité"}, "is_number": False}]
        arms = [{"key": "a1", "names": {"en": "Control", "fr": "Témoin"}}]
        for row in [*sites, *known, *arms]:
            row["names"] = self._marked(row["names"])
        await conduct.change_sites(self.house, self.staff["facilitator"], self.study.id, sites, known, arms)
        self.study = await models.Study.get(id=self.study.id)
        await self._fill_panel(self.study)
        await self._ask_of_people()
        await self._erase_another(told)
        await self._bring_another()
        for one in self.staff.values():
            await models.Staff.filter(id=one.id).update(name=self._marked(one.name))

    async def _ask_of_people(self) -> None:
        """A choice and a short text, at entry."""
        assert self.study is not None
        names, choices = self._marked({"en": "Where?", "fr": "Où?"}), [{"en": "City", "fr": "Ville"}] * 2
        chosen = [{"key": f"c{n}", "names": self._marked(one)} for n, one in enumerate(choices)]
        asked = [{"key": "area", "names": names, "choices": chosen}, {"key": "gender", "names": names, "choices": []}]
        await conduct.write_questions(self.house, self.staff["facilitator"], self.study.id, asked)

    async def _erase_another(self, told: dict[str, Any]) -> None:
        """A study of which a certificate is left."""
        lead = self.staff["facilitator"]
        second = await conduct.add_staff(self.house, "second@demo.example", "Ada", "a long password", True)
        gone = await conduct.create_study(self.house, lead, **told)
        await conduct.ask_erasure(self.house, lead, gone.id, gone.title["en"])
        await conduct.erase_study(self.house, second, gone.id, gone.title["en"])

    async def _bring_another(self) -> None:
        """A study of another house, at two moments."""
        played = await lay_study(self.house)
        for follows in (None, 0):
            await played.add(Panel("c1", {"patients": 6, "clinicians": 6}, (1, 2), follows=follows), by_chance(1))
        data = await study_parcel(self.house, played.study.id)
        await conduct.keep_brought(self.house, None, data, self._marked({"en": "Elsewhere", "fr": "Ailleurs"}))

    async def _fill_panel(self, study: models.Study) -> None:
        """Two people, a quota, and a wave of one of them whose day never comes."""
        lead, key = self.staff["facilitator"], str(study.groups[0]["key"])
        people = [Guest(Role.PARTICIPANT, key, name=self._marked(name), mail=f"{name}@example.org") for name in "pq"]
        await conduct.add_members(self.house, lead, study.id, people)
        await conduct.set_quotas(self.house, lead, study.id, [(key, "", 3)])
        await conduct.draw_wave(self.house, lead, study.id, conduct.Draw(seed="tour", day="2999-01-01", people=1))

    def _marked(self, written: Any) -> Any:
        if isinstance(written, str):
            return written + self.mark if written else ""
        return {name: self._marked(text) for name, text in written.items()}

    def _card(self, statement: Statement) -> Statement:
        texts = {name: self._marked(getattr(statement, name)) for name in ("wordings", "theme", "source")}
        card = replace(statement, source_id=self._marked(f"{statement.id}-"), **texts) if self.mark else statement
        return coded.explained(card, self._marked)

    def _elsewhere(self, cards: list[Statement]) -> list[Statement]:
        """One of them as another file had it: the team says whether it is the same as in the sessions before."""
        assert self.session is not None
        first, *others = cards
        return [replace(first, source_id=f"{first.source_id or first.id}-{self.session.id}"), *others]

    async def _lay(self, name: str) -> None:
        assert self.study is not None
        # What people write, and how the team compiles it, is seen once: the later sessions begin with statements.
        plans = protocol.read(name, is_imported=bool(self.played))
        title = self._marked({"en": name.title(), "fr": name.title()})
        self.session = await conduct.create_session(
            self.house, self.staff["facilitator"], self.study, title, plans, site="s2"
        )
        self.of_study += 1
        desk = await models.Seat.get(session_id=self.session.id, role=Role.FACILITATOR)
        said = await asyncio.to_thread(panel.statements)
        cards, is_written = list(map(self._card, said[:STATEMENTS])), plans[0].is_skipped_by_import
        if not is_written:  # nobody writes: statements come from elsewhere
            cards = self._elsewhere(cards)
            await conduct.import_statements(self.house, desk, cards)
        talks = coded.reading(cards[:2], self._marked, str(self.study.groups[0]["key"]))
        await coded.bring(self.house, desk, self.staff["facilitator"], talks)
        self.quoted = "B001" if is_written else "P001"
        guests = [Guest(Role(role), staff_id=one.id) for role, one in self.staff.items() if role == "researcher"]
        known = {"name": self._marked("Ann Roy"), "mail": "ann@example.org"} if self.mark else {}
        answering = [replace(guest, **known) for guest in panel.guests(sum(panel.SIZES.values()))[::EVERY]]
        made = await conduct.add_seats(self.house, desk, [*guests, *answering])
        people = [seat for seat in made if seat.role == Role.PARTICIPANT]
        for seat in people[:-1]:
            await conduct.consent(self.house, seat)
        self.cookies = {
            PERSON: (await seats.sign_in(self.house.store, seat=people[0]))[0],
            NEWCOMER: (await seats.sign_in(self.house.store, seat=people[-1]))[0],
            TEAM_MEMBER: (await seats.sign_in(self.house.store, staff=self.staff["facilitator"]))[0],
            RESEARCHER: (await seats.sign_in(self.house.store, staff=self.staff["researcher"]))[0],
            STRANGER: "",
        }

    async def _play(self) -> AsyncIterator[Moment]:
        assert self.session is not None
        simulated = await player.simulated_in(self.house, self.session)
        simulated.book, send = [self._marked(words) for words in simulated.book], simulated.send

        async def say(seat: models.Seat, row: models.Round, form: Form) -> None:
            words = {name: [self._marked(text) for text in said] for name, said in form.items() if name in WORDS}
            await send(seat, row, {**form, **words})

        simulated.send = say
        simulated.people = [seat for seat in simulated.people if seat.consented]
        self.rows = {row.key: row for row in await models.Round.filter(session_id=self.session.id).order_by("position")}
        rows = list(self.rows.values())
        for row in rows:
            if not {_sort(later) for later in rows[rows.index(row) :]} - self.played:
                return  # the rest has been seen in another protocol
            self.played.add(_sort(row))
            for stage in STAGES:
                await self._reach(stage, simulated, row)
                if stage in self.stages:
                    yield _moment(row, stage, row is rows[-1])

    async def _reach(self, stage: str, simulated: SimulatedPeople, row: models.Round) -> None:
        if stage == "open":
            await player.open_round(self.house, simulated, row)
        elif stage == "under way":
            await self._half(simulated, row)
        elif stage == "closed":
            await player.play_round(self.house, simulated, row)
            await conduct.analyse_due(self.house)
            await row.refresh_from_db()
            await self._plan()

    async def _plan(self) -> None:
        """Once, of a list with some steps: the first has a line in each version, the others are gaps; one is sent."""
        assert self.study is not None and self.session is not None
        lead, source = self.staff["facilitator"], str(self.session.id)
        steps = (await listed_for(self.study.id, source, None)).steps
        if self.has_plan or len(steps) < 2:
            return
        self.has_plan, key, before = True, steps[0].key, Line(steps[0].key)
        await conduct.choose_source(self.house, lead, self.study.id, source)
        for end in (6, 18):
            now = Line(key, (str(self.study.groups[0]["key"]),), self._marked("a union"), "meso", 0, end, sites=("s1",))
            now = replace(now, measure=self._marked("Hours set aside in a week"))
            await conduct.write_line(self.house, lead, self.study.id, now, before)
            before = now
        await conduct.send_plan(self.house, lead, self.study.id)

    async def _half(self, simulated: SimulatedPeople, row: models.Round) -> None:
        """Everybody but one has answered; that one has answered some. The team has begun, and looked."""
        first, *others = simulated.people
        if KINDS[row.kind].cast_by & TEAM:
            await demo.begin_meeting(simulated, row, ACTS)
        else:
            await asyncio.gather(*(simulated.answer(row, seat) for seat in others))
            forms = list(await simulated.forms(row, first))
            for form in forms[: len(forms) // 2]:
                await simulated.send(first, row, form)
        if row.disclosure == Mode.FACILITATOR:
            await conduct.reveal_figures(self.house, simulated.team[0], row.id)

    async def _found(self, moment: Moment) -> AsyncIterator[Visit]:
        here = f"/sessions/{self.session.id}" if self.session else ""
        reasons = [f"reasons/{key}" for key in self.rows]
        papers = await self._papers()
        shut = [await door() for door in (self._invitation, self._staff_key, self._door)]
        study = f"/studies/{self.study.id}" if self.study else ""
        # No link leads there while there are none; those that lead to a plan were seen before it.
        unlinked = [f"{study}/{page}" for page in ("moments", "pooled?of=1", "plan")] if study else []
        pages = ("console", "statements", f"where/{self.quoted}", *reasons, *papers)
        doors = {
            PERSON: ["/", f"{here}/thanks", f"{here}/where/{self.quoted}"],
            NEWCOMER: ["/"],
            TEAM_MEMBER: ["/", *unlinked, *(f"{here}/{page}" for page in pages)],
            RESEARCHER: [f"{here}/results", f"{here}/where/{self.quoted}"],
            STRANGER: [*shut, "/", "/no", f"{here}/seats"],
        }
        for who, paths in doors.items():
            async for visit in self._follow(who, paths, moment):
                yield visit

    async def _papers(self) -> list[str]:
        """Where the team enters answers for somebody: behind a question, so that no link leads there."""
        assert self.session is not None
        seat = await models.Seat.filter(session_id=self.session.id, role=Role.PARTICIPANT).order_by("id").first()
        return [f"seats/{seat.id}/answers/paper/{turn}" for turn in ("first", "again")] if seat else []

    async def _invitation(self) -> str:
        assert self.session is not None
        seat = await models.Seat.filter(session_id=self.session.id, role=Role.PARTICIPANT).order_by("-id").first()
        assert seat is not None
        return f"/j/{seats.token(self.house.settings, 'seat', seat.id, seat.issue)}"

    async def _door(self) -> str:
        """The way in that the big screen shows."""
        assert self.session is not None
        await self.session.refresh_from_db()
        if not self.session.room:
            desk = await models.Seat.get(session_id=self.session.id, role=Role.FACILITATOR)
            await conduct.open_door(self.house, desk, takes_newcomers=True)
            await self.session.refresh_from_db()
        return f"/r/{self.session.room}"

    async def _staff_key(self) -> str:
        staff = self.staff["facilitator"]
        return f"/staff/key/{seats.token(self.house.settings, 'staff', staff.id, staff.issue)}"

    async def _follow(self, who: str, doors: list[str], moment: Moment) -> AsyncIterator[Visit]:
        """The pages behind these doors that this person has not seen at such a moment."""
        origin, waiting, tried = self.house.settings.origin, list(doors), set[str]()
        jar = {self.house.settings.cookie: self.cookies[who]} if self.cookies[who] else {}
        async with httpx2.AsyncClient(base_url=origin, cookies=jar, verify=False, follow_redirects=True) as browser:
            while waiting:
                wanted = waiting.pop(0)
                # A participant's front door leads elsewhere as the session goes on.
                is_tried_again = who == PERSON and wanted == "/" and wanted not in tried
                if not is_tried_again and not self._is_new(who, wanted, moment):
                    continue
                tried.add(wanted)
                answer = await browser.get(wanted)
                if answer.status_code >= 400 and who != STRANGER:
                    continue  # not at this moment
                path = answer.url.raw_path.decode()  # where the door led
                if not self._is_new(who, path, moment):
                    continue
                self.seen.update((self._key(who, wanted, moment), self._key(who, path, moment)))
                yield Visit(who, path, self._route(path), moment)
                links = _Links()
                links.feed(answer.text)
                waiting += filter(None, (_local(path, href) for href in links.found))

    def _is_new(self, who: str, path: str, moment: Moment) -> bool:
        parts = urlsplit(path)
        if self._route(path) in NO_PAGES or "lang" in dict(parse_qsl(parts.query)) or self._is_elsewhere(parts.path):
            return False
        return self._key(who, path, moment) not in self.seen

    def _key(self, who: str, path: str, moment: Moment) -> tuple[object, ...]:
        """What two visits have in common that show the same."""
        parts = urlsplit(path)
        route, asked = self._route(path), dict(parse_qsl(parts.query))
        sheet = asked.get("sheet", "")
        shape = tuple(sorted(asked.keys() - {"round"})), "" if sheet.isdecimal() else sheet
        whose = "" if route in SHARED else who
        return whose, route, shape, self._when(who, route, parts.path, asked, moment)

    def _when(self, who: str, route: str, path: str, asked: dict[str, str], moment: Moment) -> object:
        """What else this page depends on."""
        if who in {STRANGER, NEWCOMER}:
            return path if route == "" else ""
        if route == "study":
            return self.of_study > 1  # several can then be planned at once
        if "reopen" in asked:
            return ""  # the same question in every round
        if row := self.rows.get(asked.get("round", "")):
            is_here = _sort(row) == (moment.kind, moment.again)
            stage = {"draft": "to come", "closed": "closed"}.get(row.state, "under way")
            return str(moment) if is_here else str(_moment(row, stage))
        if route == "edit_round":
            return self.rows[path.rpartition("/")[2]].kind
        if route == "answers_for":
            return moment.kind  # the second entry is drawn as the first
        if route == "home":
            return moment.stage
        if route == "where_from":
            return path.endswith(f"/{self.quoted}")
        if route == "plan_of_action":
            return self.has_plan
        if route == "ideas":
            return moment.kind if moment.stage == "closed" else ""
        if route in FIGURES:
            return moment.kind if moment.is_last and moment.stage == "closed" else ""
        return str(moment) if route in MOVING else path if route in {"", "manual"} else ""

    def _is_elsewhere(self, path: str) -> bool:
        """Another session than the one that is being played."""
        return path.startswith("/sessions/") and self.session is not None and path.split("/")[2] != str(self.session.id)

    def _route(self, path: str) -> str:
        return next(_matching(self.map, urlsplit(path).path), "")


def _sort(row: models.Round) -> tuple[str, bool]:
    return row.kind, bool(row.settings.get("feedback"))


def _moment(row: models.Round, stage: str, is_last: bool = False) -> Moment:
    return Moment(*_sort(row), stage, is_last)


def _matching(routes: Sequence[BaseRoute], path: str) -> Iterator[str]:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for route in routes:
        if route.matches(scope)[0] is Match.FULL:
            yield str(getattr(route, "name", ""))


def _local(page: str, href: str) -> str:
    """Where a link on this page leads, within our own site; "" elsewhere."""
    parts = urlsplit(urljoin(page, href))
    return "" if parts.scheme or parts.netloc else urlunsplit(("", "", parts.path, parts.query, ""))
