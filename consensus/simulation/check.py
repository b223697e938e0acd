"""Rehearsal: the real server on a free port, and a synthetic panel that plays a whole protocol through it.

People act through the same links, forms and sockets as anyone; the laws of the house are checked as it goes, and the
first one that does not hold ends the rehearsal, and after every incident again (incidents.py). Nothing here knows a
kind of round: what people send is said by each kind's play.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from consensus import conduct, models, protocol, seats
from consensus.conduct import Guest, Refused
from consensus.count import recount
from consensus.counting import Counting, blocks_of
from consensus.export import individual
from consensus.export.verify import verify_file
from consensus.house import House, build
from consensus.journal import first_breach, head_of
from consensus.outcome import left_by, statement_from, tally_from
from consensus.reopening import times
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.simulation import panel
from consensus.simulation.incidents import Occasions, has_valid, kept, marks_of, met
from consensus.simulation.people import SimulatedPeople
from consensus.states import RoundState
from consensus.web.app import make_app
from rounds import KINDS
from rounds.contract import Form, Role
from rounds.lineage import Stage, breaches

PASSWORD = "rehearsal, not a secret"  # noqa: S105  # of a staff account that lives as long as the rehearsal
LEAVING = 4  # of so many people one stops before a step is asked again, as in Delphi panels that report it
COLLISION = 5  # the act at which two of the team meet

Say = Callable[[str], None]


class Broken(Exception):
    """A law of the house did not hold; the message says which, and where."""


def held(law: bool, message: str) -> None:
    if not law:
        raise Broken(message)


@dataclass
class Person:
    """Somebody with a seat, a browser without a screen, and an open socket."""

    number: int
    seat: models.Seat
    client: httpx2.AsyncClient
    frames: list[str] = field(default_factory=list)
    left: bool = False

    @property
    def page(self) -> str:
        name = "take" if self.seat.role == Role.PARTICIPANT else "console"
        return f"/sessions/{self.seat.session_id}/{name}"

    async def send(self, round_key: str, form: Form, key: str = "") -> httpx2.Response:
        fields = {name: list(values) for name, values in form.items()}
        fields |= {"round": [round_key], "key": [key or token_hex(8)]}
        return await self._post(self.page, fields)

    async def press(self, path: str, **fields: str) -> httpx2.Response:
        return await self._post(f"/sessions/{self.seat.session_id}/{path}", {k: [v] for k, v in fields.items()})

    async def _post(self, path: str, fields: Mapping[str, list[str]]) -> httpx2.Response:
        body = urlencode(fields, doseq=True)
        return await self.client.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})


@dataclass
class Rehearsal:
    house: House
    session: models.Session
    people: list[Person]
    team: list[Person]
    seed: int
    say: Say
    match: panel.Match | None = None
    occasions: Occasions = field(default_factory=Occasions)

    def __post_init__(self) -> None:
        self.by_seat = {person.seat.id: person for person in (*self.people, *self.team)}
        seated, team = [p.seat for p in self.people], [p.seat for p in self.team]
        self.simulated = SimulatedPeople(self.house, seated, team, self.seed, self.send)

    @property
    def facilitator(self) -> Person:
        return self.team[0]

    async def rounds(self) -> list[models.Round]:
        return await models.Round.filter(session_id=self.session.id).order_by("position")

    async def play_round(self, key: str) -> None:
        began = time.perf_counter()
        answer = await self.facilitator.press(f"rounds/{key}/open")
        held(answer.status_code == 303, f"{key}: the round did not open ({answer.status_code})")
        row = await self.row(key)
        with self.away(row):
            await self.simulated.play(row, self.collide)
        if not KINDS[row.kind].ordered:
            for person in self.people[:2]:
                await self.change(row, person)
        if key == self.occasions.last:
            await self.one_erases(f"while {key} was open")
        await self.check_round(row)
        await self.close(row)
        row = await self.row(key)
        for line in met(row, await self.house.counts.now(row), self.match):
            self.say(line)
        if key == self.occasions.first:
            await self.open_again(row)
        # Else chance says whether the clock came before whoever leaves next: the same seed would give another list.
        await conduct.analyse_due(self.house, self.session.id)
        if key == self.occasions.second:
            await self.one_erases(f"after {key} was closed")
        row = await self.row(key)
        n = await models.Ballot.filter(round_id=row.id).count()
        went_on = len(tally_from(left_by(row.outcome)).statements)
        took = time.perf_counter() - began
        self.say(f"{key}: {n} ballots, {went_on} statements at its end, {took:.1f} s")

    @contextmanager
    def away(self, row: models.Round) -> Iterator[None]:
        """In one round a group stays away, without which another may be counted with nobody."""
        here = list(self.simulated.people)
        if self.match and row.key == self.occasions.first:
            self.simulated.people = [seat for seat in here if seat.group != self.match.friend]
        yield
        self.simulated.people = here

    async def open_again(self, row: models.Round) -> None:
        """A closed round is opened while nothing builds on it; as many people of one block as it takes answer anew."""
        counted, counting = await self.house.counts.now(row), Counting.of(row)
        assert counting is not None
        found = [[p for p in self.people if counted.blocks.get(p.seat.id) == b.key] for b in blocks_of(row)]
        block = next((people for people in found if len(people) >= counting.k), None)
        if block is None:
            return
        answer = await self.facilitator.press(f"rounds/{row.key}/reopen", reason="Closed too early.")
        held(answer.status_code == 303, f"{row.key}: the round was not opened again: {_problem(answer.text)}")
        row, anew = await self.row(row.key), block[: counting.k]
        seqs = await self._answered_anew(row, anew)
        await self.check_round(row)
        await self.close(row)
        counts = await models.Leaf.filter(round_id=row.id, seq__in=seqs).distinct().values_list("seq", flat=True)
        held(len(counts) == len(seqs), f"{row.key}: {len(counts)} of {len(seqs)} people who answered anew were counted")
        self.say(f"{row.key}: opened again: {len(seqs)} people of one block answered anew and were counted")

    async def _answered_anew(self, row: models.Round, people: Sequence[Person]) -> list[int]:
        """Their ballots, all to one card: the first to which everybody gives an answer with a value."""
        offered = [await self.simulated.forms(row, person.seat, "anew") for person in people]
        for forms in zip(*offered, strict=False):
            for person, form in zip(people, forms, strict=True):
                await self.send(person.seat, row, form)
            ballots = await models.Ballot.filter(round_id=row.id).order_by("-seq").limit(len(people))
            if all(has_valid(KINDS[row.kind], ballot) for ballot in ballots):
                return [ballot.seq for ballot in ballots]
        raise Broken(f"{row.key}: there is no card to which {len(people)} people give an answer")

    async def row(self, key: str) -> models.Round:
        return await models.Round.get(session_id=self.session.id, key=key)

    async def send(self, seat: models.Seat, row: models.Round, form: Form) -> None:
        answer = await self.by_seat[seat.id].send(row.key, form)
        held(answer.status_code == 303, f"{row.key}: an answer was refused: {_problem(answer.text)}")

    async def change(self, row: models.Round, person: Person) -> None:
        """Another answer replaces the first; the same one pressed twice counts once."""
        again = list(await self.simulated.forms(row, person.seat, "changed"))
        if not again:
            return
        key, mine = token_hex(8), models.Ballot.filter(round_id=row.id, seat_id=person.seat.id)
        before = await mine.count()
        for _ in range(2):
            await person.send(row.key, again[0], key)
        held(await mine.count() == before + 1, f"{row.key}: one answer pressed twice counted otherwise than once")

    async def collide(self, number: int, row: models.Round, form: Form) -> bool:
        """Once a round, two of the team send one act at once: one is kept, the other told; then it is taken back."""
        if number != COLLISION:
            return False
        before = await models.Ballot.filter(round_id=row.id).count()
        answers = await asyncio.gather(*(person.send(row.key, form) for person in self.team))
        codes = sorted(answer.status_code for answer in answers)
        held(codes == [303, 422], f"{row.key}: two acts on one card were answered {codes}")
        held(await models.Ballot.filter(round_id=row.id).count() == before + 1, f"{row.key}: both acts were kept")
        last = await models.Ballot.filter(round_id=row.id).order_by("-seq").first()
        assert last is not None
        undone = await self.facilitator.send(row.key, {"act": ["undo"], "undo": [str(last.seq)]})
        held(undone.status_code == 303, f"{row.key}: an act could not be taken back: {_problem(undone.text)}")
        return True

    async def close(self, row: models.Round) -> None:
        for fields in ({}, {"now": "1"}):  # the second time ends the grace
            answer = await self.facilitator.press(f"rounds/{row.key}/close", **fields)
            held(answer.status_code == 303, f"{row.key}: the round did not close: {_problem(answer.text)}")
            if (await self.row(row.key)).state == RoundState.CLOSED:
                return
        raise Broken(f"{row.key}: the round is not closed")

    # --- laws

    async def check_count(self, row: models.Round) -> None:
        """Live tally = recount."""
        live = await self.house.counts.now(row)
        again = (await recount(row)).take_stock()
        held(live.official == again.official, f"{row.key}: the live tally is not the recount")
        held(live.shown == again.shown, f"{row.key}: what is shown is not what a recount would show")

    async def check_round(self, row: models.Round) -> None:
        """The count; settings do not change; hidden figures are on no page; strangers see nothing."""
        await self.check_count(row)
        try:
            await conduct.plan_round(self.house, self.facilitator.seat, row.id, protocol.plan_of(row))
        except Refused:
            pass
        else:
            raise Broken(f"{row.key}: the settings of an open round could be changed")
        if row.disclosure in {"facilitator", "at_close"}:
            for person in self.people:
                page = "" if person.left else (await person.client.get(person.page)).text
                pushed = [frame for frame in person.frames[-1:] if row.hash[:12] in frame]  # not of the round before
                if times(row.notes):
                    pushed = []  # what its first close told may still stand on a slow screen
                shown = any('id="tally-title"' in text for text in (page, *pushed))
                held(not shown, f"{row.key}: a participant was shown figures before the close")
        held(self.house.rooms.failures == 0, f"{row.key}: a live drawing failed")
        async with _browser(self.house.settings) as stranger:
            answer = await stranger.get(self.facilitator.page)
        held(answer.status_code == 401, f"{row.key}: a stranger was answered {answer.status_code}")

    async def check_statements(self) -> None:
        """Every statement ends in one place; nothing comes from nowhere."""
        session = await models.Session.get(id=self.session.id)
        brought, stages = frozenset(one["id"] for one in session.imported), []
        for row in await self.rounds():
            tally = tally_from(left_by(row.outcome))
            came = tuple(map(statement_from, row.statements))
            stages.append(Stage(row.key, came, tally.statements, tally.places, row.takes_of, brought))
        found = breaches(stages)
        held(not found, "; ".join(found[:3]))

    async def check_journal(self) -> None:
        """No line is missing, and each ballot has one, erased or not."""
        lines = await models.Entry.filter(head=head_of(self.session.id)).order_by("seq").values()
        breach = first_breach(lines)
        held(breach is None, f"the journal: {breach}")
        cast = sum(line["act"] == "cast" for line in lines)
        rows = await models.Ballot.filter(seat_id__in=[p.seat.id for p in (*self.people, *self.team)]).count()
        held(cast == rows, f"the journal has {cast} ballots, the table {rows}")

    async def one_erases(self, when: str) -> None:
        """Somebody withdraws and has everything erased: it is in no file, the counts and the journal hold."""
        person, database = self._others()[:3][-1], self.house.settings.database
        marks = await marks_of(person.seat)
        found = await asyncio.to_thread(kept, database, marks)
        held(found == len(marks), f"of {len(marks)} marks to be erased {found} were found in the database")
        await self._leave(person, "erase")
        found = await asyncio.to_thread(kept, database, marks)
        held(found == 0, f"{found} of {len(marks)} marks of erased answers are in the files of the database")
        left = await models.Ballot.filter(seat_id=person.seat.id, marks__isnull=False).count()
        held(left == 0, f"{left} ballots of a withdrawn person were not erased")
        again = await person.client.get(person.page)
        held(again.status_code == 401, f"a withdrawn person was answered {again.status_code}")
        for row in await self.rounds():
            if row.state != RoundState.DRAFT:
                await self.check_count(row)
        await self.check_journal()
        self.say(f"1 person had everything erased {when}")

    def _others(self) -> list[Person]:
        """Who is still here and in no group that is to be counted with one other alone."""
        matched = {self.match.few, self.match.friend} if self.match else set()
        return [person for person in self.people if not person.left and person.seat.group not in matched]

    async def some_leave(self, one_in: int) -> None:
        """Before people are asked again, one in so many of them stops; what they said stays."""
        leaving = self._others()[2::one_in]  # the first two change their minds
        for person in leaving:
            await self._leave(person, "stop")
        self.say(f"{len(leaving)} people stop here")

    async def _leave(self, person: Person, choice: str) -> None:
        answer = await person.press("withdraw", choice=choice)
        held(answer.status_code == 200, f"a withdrawal was answered {answer.status_code}")
        person.left = True
        self.simulated.people.remove(person.seat)


def _problem(html: str) -> str:
    """The sentence of a refusal, for whoever reads why a rehearsal stopped."""
    _, found, rest = html.partition('id="errors-title"')
    return rest.partition("<li>")[2].partition("</li>")[0][:300] if found else html[:200]


# --- the stage


@dataclass(frozen=True, slots=True)
class Scene:
    """A server of its own with two of staff, who are signed in each with a browser."""

    house: House
    settings: Settings
    staff: list[models.Staff]
    browsers: list[httpx2.AsyncClient]


@asynccontextmanager
async def scene_in(folder: Path) -> AsyncIterator[Scene]:
    listener = listen(0)
    settings = Settings(database=str(folder / "rehearsal.db"), secret=token_hex(32), origin=origin_of(listener))
    house = build(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(make_app(settings, house), listener))
        staff = [await conduct.add_staff(house, f"{n}@example.org", n, PASSWORD) for n in ("facilitator", "second")]
        yield Scene(house, settings, staff, [await _signed_in(stack, settings, one) for one in staff])


@asynccontextmanager
async def at_table(
    scene: Scene,
    session: models.Session,
    guests: Sequence[Guest],
    seed: int,
    say: Say,
    match: panel.Match | None = None,
) -> AsyncIterator[Rehearsal]:
    """Everybody of a session seated, connected and watching, beside its team; nobody any more at the end."""
    first = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    second = Guest(Role.COFACILITATOR, language="en", staff_id=scene.staff[1].id)
    made = await conduct.add_seats(scene.house, first, [second, *guests])
    team = [Person(n, seat, scene.browsers[n]) for n, seat in enumerate((first, made[0]))]
    async with AsyncExitStack() as stack:
        seated = [await _seated(stack, scene.settings, n, seat) for n, seat in enumerate(made[1:])]
        await _watch(stack, scene.settings, [*team, *seated])
        say(f"{scene.settings.origin}: {len(seated)} people, {len(team)} facilitators, everybody connected")
        yield Rehearsal(scene.house, session, seated, team, seed, say, match)


@asynccontextmanager
async def staged(folder: Path, name: str, people: int, seed: int, say: Say) -> AsyncIterator[Rehearsal]:
    """A server with a session of this protocol, and everybody seated, connected and watching."""
    match = panel.match(people, seed)
    apart = match.apart if match else []
    async with scene_in(folder) as scene:
        study = await conduct.create_study(scene.house, scene.staff[0], **panel.STUDY, apart=apart)
        title = {"en": "Rehearsal", "fr": "Répétition"}
        session = await conduct.create_session(scene.house, scene.staff[0], study, title, protocol.read(name))
        async with at_table(scene, session, panel.guests(people), seed, say, match) as rehearsal:
            rehearsal.occasions = Occasions.of(await rehearsal.rounds())
            yield rehearsal


def _browser(settings: Settings) -> httpx2.AsyncClient:
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain http only: no certificates to read, and none would do
    told = {"Origin": settings.origin}
    idle = httpx2.Limits(keepalive_expiry=2)  # less than the server's five: it never hangs up as a request leaves
    return httpx2.AsyncClient(base_url=settings.origin, headers=told, timeout=60, verify=plain, limits=idle)


async def _client(stack: AsyncExitStack, settings: Settings) -> httpx2.AsyncClient:
    return await stack.enter_async_context(_browser(settings))


async def _signed_in(stack: AsyncExitStack, settings: Settings, staff: models.Staff) -> httpx2.AsyncClient:
    client = await _client(stack, settings)
    answer = await client.post("/staff/sign-in", data={"mail": staff.mail, "password": PASSWORD})
    held(answer.status_code == 303, f"staff sign-in was answered {answer.status_code}")
    return client


async def _seated(stack: AsyncExitStack, settings: Settings, number: int, seat: models.Seat) -> Person:
    """By the link, then the consent, as on a telephone."""
    client = await _client(stack, settings)
    link = f"/j/{seats.token(settings, 'seat', seat.id, seat.issue)}"
    shown = await client.get(link)
    held(shown.status_code == 200, f"a seat's link was answered {shown.status_code}")
    entered = await client.post(link)
    held(entered.status_code == 303, f"a seat's button was answered {entered.status_code}")
    person = Person(number, seat, client)
    agreed = await person.press("consent", agree="1", **{f"purpose.{name}": "1" for name in panel.allowed(number)})
    held(agreed.status_code == 303, f"a consent was answered {agreed.status_code}")
    return person


async def _watch(stack: AsyncExitStack, settings: Settings, people: list[Person]) -> None:
    """Everybody's page has an open socket; what it shows is kept, newest last."""
    tasks = [asyncio.create_task(_follow(settings, person)) for person in people]

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(stop)
    for _ in range(200):
        if all(person.frames for person in people):
            return
        await asyncio.sleep(0.05)
    raise Broken("not every socket was shown the state when it joined")


async def _follow(settings: Settings, person: Person) -> None:
    audience = "room" if person.seat.role == Role.PARTICIPANT else "console"
    url = f"{settings.origin.replace('http', 'ws', 1)}/sessions/{person.seat.session_id}/live/{audience}"
    cookie = {"Cookie": f"{settings.cookie}={person.client.cookies[settings.cookie]}"}
    with suppress(ConnectionClosed):
        async with connect(url, origin=Origin(settings.origin), additional_headers=cookie, max_size=None) as socket:
            async for frame in socket:
                if "hx-partial" not in str(frame):
                    continue  # a beat
                person.frames = [*person.frames[-1:], str(frame)]


async def rehearse(name: str, people: int, seed: int, out: Path | None, say: Say, leaving: int = LEAVING) -> int:
    """Play the protocol; 0 if every law held, 1 with the first that did not. leaving: one in so many, 0 for nobody."""
    began = time.perf_counter()
    with TemporaryDirectory(prefix="table-ronde-") as folder:
        try:
            async with staged(Path(folder), name, people, seed, say) as rehearsal:
                await _whole(rehearsal, Path(folder) / "parcel.zip" if out is None else out, leaving)
        except Broken as broken:
            say(f"a law did not hold: {broken}")
            return 1
    say(f"every law held, {time.perf_counter() - began:.1f} s")
    return 0


async def _whole(rehearsal: Rehearsal, out: Path, leaving: int) -> None:
    planned = await rehearsal.rounds()
    for number, row in enumerate(planned):
        if leaving and row.kind in {before.kind for before in planned[:number]}:
            await rehearsal.some_leave(leaving)
        await rehearsal.play_round(row.key)
    await handed_over(rehearsal, out)


async def handed_over(rehearsal: Rehearsal, out: Path) -> None:
    """What was played is whole, and its parcel is written and verified."""
    await rehearsal.check_journal()
    await rehearsal.check_statements()
    parcel = await individual(rehearsal.house, rehearsal.session, seed=rehearsal.seed)
    await asyncio.to_thread(out.write_bytes, parcel)
    code, told = await asyncio.to_thread(verify_file, out)
    held(code == 0, f"the parcel: {told}")
    rehearsal.say(f"{out.name}: {len(parcel) // 1024} KB, {told.splitlines()[-1]}")
