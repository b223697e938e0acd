"""A whole study rehearsed: a house of its own, every session of a study protocol with simulated people, each played in
its order, passed on to the next, verified; parcels and the study's tables are written into a folder.

In full, everybody comes by links, forms and sockets, and every law of check.py is asked; the short form plays within
the house (player.py). Who sits where and what is brought is seeded: the same seed gives the same pooled results, byte
for byte. What the folder holds is in study_files.py. Nothing here knows a kind of round.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from consensus import conduct, models, study_protocol, study_words
from consensus.conduct import Guest, Refused
from consensus.export import individual
from consensus.export.folder import write_sums
from consensus.export.verify import verify_file
from consensus.house import House, build, open_house
from consensus.settings import Settings
from consensus.simulation import panel, player
from consensus.simulation.check import PASSWORD, Broken, Say, Scene, at_table, handed_over, held, scene_in
from consensus.simulation.study_files import parcel_name, write_study
from consensus.simulation.study_plan import plan
from consensus.study_protocol import Brings, PlannedSession, StudyProtocol
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.proposals import writes

START = date(2026, 1, 15)  # of the first moment; rehearsed studies have dates, and the same ones
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Table:
    """One session to be played: who comes, the seed of what they say, what they write, where its parcel goes."""

    session: models.Session
    guests: Sequence[Guest]
    seed: int
    book: list[dict[str, str]]
    out: Path


Hold = Callable[[Table, Say], Awaitable[list[models.Seat]]]  # plays it to its end; the seats of whoever took part


@dataclass
class Studied:
    """The study as far as it was played. sat: who sat in each session, as guests that are known, in their order."""

    house: House
    planned: StudyProtocol
    laid: dict[str, models.Session]
    seed: int
    say: Say
    out: Path
    hold: Hold
    sat: dict[str, list[Guest]] = field(default_factory=dict)

    async def play(self) -> None:
        for number, one in enumerate(self.planned.sessions, 1):
            await self.play_one(number, one)

    async def play_one(self, number: int, one: PlannedSession) -> None:
        """The session with this number among those of the study, from 1; those before it are over."""
        began = time.perf_counter()
        guests = self.guests(one)
        self.say(f"session {number} of {len(self.planned.sessions)}, {one.key}: {len(guests)} people")
        await self.begin(one)
        seed = panel.chance(self.seed, one.key).getrandbits(31)
        table = Table(self.laid[one.key], guests, seed, self.book(one), self.out / parcel_name(number, one.key))
        seats = await self.hold(table, self.say)
        self.sat[one.key] = [_known(seat, one) for seat in seats]
        self.say(f"    over, verified, {time.perf_counter() - began:.1f} s")

    async def begin(self, one: PlannedSession) -> None:
        """What a session brings, and what others pass on to it."""
        here = await self.desk(one.key)
        if one.brings and not writes(KINDS[one.plans[0].kind]):
            await conduct.import_statements(self.house, here, self.brought(one, one.brings))
        for takes in one.takes_from:
            giving = await self.desk(takes.session)
            try:
                n = await conduct.pass_on(self.house, giving, here.session_id, takes.takes, takes.first)
            except Refused as refused:
                raise Broken(f"{one.key}: nothing came from {takes.session}: {refused.key}") from refused
            self.say(f"    {n} statements from {takes.session}")

    def book(self, one: PlannedSession) -> list[dict[str, str]]:
        """The sentences that people write, where they write; else those that anybody knows."""
        if one.brings and writes(KINDS[one.plans[0].kind]):
            return [dict(statement.wordings) for statement in self.brought(one, one.brings)]
        return panel.book()

    async def desk(self, key: str) -> models.Seat:
        return await models.Seat.get(session_id=self.laid[key].id, role=Role.FACILITATOR)

    def brought(self, one: PlannedSession, brings: Brings) -> list[Statement]:
        """In the order of the list; drawn where only some are brought. Sessions that follow bring the same."""
        found = [
            replace(statement, source_id=f"{brings.list}:{statement.id}")
            for statement in panel.statements(brings.list)
            if (not brings.natures or statement.nature in brings.natures)
            and (not brings.levels or statement.level in brings.levels)
            and (not brings.themes or statement.theme in brings.themes)
        ]
        if not 0 < brings.some < len(found):
            return found
        drawn = panel.chance(self.seed, "brings", one.entry, one.site, one.arm).sample(range(len(found)), brings.some)
        return [found[place] for place in sorted(drawn)]

    def guests(self, one: PlannedSession) -> list[Guest]:
        """New people, and those who sit elsewhere too; some of these do not come back."""
        new: list[Guest] = []
        for group, n in one.people.items():
            for _ in range(n):
                place = len(new)
                name = f"{one.key} {place + 1}"
                language = LANGUAGES[place % 2]
                new.append(Guest(Role.PARTICIPANT, group, language, name, is_simulated=True, arm=one.arm))
        found = [guest for sends in one.sends for guest in _some(self.sat[sends.session], sends.people)]
        sent = list({guest.person_id: guest for guest in found}.values())  # somebody of two sessions comes once
        if one.left_out:
            sent = _without_last(sent, one.people)
        return [*sent, *new]


async def _as_people_come(scene: Scene, table: Table, say: Say) -> list[models.Seat]:
    """By link, form and socket, under every law."""
    async with at_table(scene, table.session, table.guests, table.seed, _quiet) as rehearsal:
        rehearsal.simulated.book = table.book
        rows = await rehearsal.rounds()
        for place, row in enumerate(rows, 1):
            say(f"    {place} of {len(rows)}, {row.key}")
            await rehearsal.play_round(row.key)
        await handed_over(rehearsal, table.out)
        return [person.seat for person in rehearsal.people]


async def within(house: House, table: Table, say: Say) -> list[models.Seat]:
    """By the same acts, without a server between."""
    desk = await models.Seat.get(session_id=table.session.id, role=Role.FACILITATOR)
    made = await conduct.add_seats(house, desk, table.guests)
    for place, seat in enumerate(made):
        await conduct.consent(house, seat, panel.allowed(place))
    simulated = await player.simulated_in(house, table.session)
    simulated.seed, simulated.book = table.seed, table.book
    for row in await models.Round.filter(session_id=table.session.id).order_by("position"):
        await player.play_round(house, simulated, row)
        await conduct.analyse_due(house, table.session.id)
    parcel = await individual(house, table.session, seed=table.seed)
    await asyncio.to_thread(table.out.write_bytes, parcel)
    code, told = await asyncio.to_thread(verify_file, table.out)
    held(code == 0, f"the parcel: {told}")
    return made


def _quiet(line: str) -> None:
    """Lines about one session are told by the study."""


def _known(seat: models.Seat, one: PlannedSession) -> Guest:
    """Whoever sits in a session, as a guest of a later one: from there, and still in the same arm."""
    sites = tuple(seat.sites or ()) or ((one.site,) if one.site else ())
    return Guest(
        Role.PARTICIPANT,
        seat.group,
        seat.language,
        is_simulated=True,
        person_id=seat.person_id,
        sites=sites,
        arm=seat.arm,
    )


def _some(guests: Sequence[Guest], people: int) -> list[Guest]:
    """So many of them, of every group in turn; 0: everybody."""
    if not people:
        return list(guests)
    groups = list(dict.fromkeys(guest.group for guest in guests))
    turns = {group: [guest for guest in guests if guest.group == group] for group in groups}
    longest = max(map(len, turns.values()))
    in_turn = [turns[group][place] for place in range(longest) for group in groups if place < len(turns[group])]
    return in_turn[:people]


def _without_last(guests: Sequence[Guest], gone: Mapping[str, int]) -> list[Guest]:
    """Without the last so many of each group."""
    left, stay = dict(gone), list[Guest]()
    for guest in reversed(guests):
        if left.get(guest.group, 0):
            left[guest.group] -= 1
        else:
            stay.append(guest)
    return stay[::-1]


def _day(months: int) -> str:
    years, month = divmod(START.month - 1 + months, 12)
    return START.replace(year=START.year + years, month=month + 1).isoformat()


async def laid_for(
    house: House, staff: models.Staff, planned: StudyProtocol
) -> tuple[models.Study, dict[str, models.Session]]:
    """A study of this protocol with all its sessions by their key, led by this member of staff; nobody sits in it."""
    texts = house.texts
    groups = [
        {
            "key": group,
            "names": {name: study_words.group_name(texts, name, planned, group) for name in LANGUAGES},
            "shape": shape,
        }
        for shape, group in enumerate(planned.groups, 1)
    ]
    fields = panel.STUDY | {
        "title": {name: texts.say(name, f"protocol.{planned.name}") for name in LANGUAGES},
        "groups": groups,
        "sites": study_words.sites(texts, LANGUAGES, planned) or None,
        "arms": study_words.arms(texts, LANGUAGES, planned) or None,
    }
    titles = study_words.titles(texts, LANGUAGES, planned)
    days = {one.key: _day(one.months) for one in planned.sessions}
    return await conduct.lay_study(house, staff, planned, titles, planned_on=days, **fields)


async def _stage(stack: AsyncExitStack, folder: Path, is_short: bool) -> tuple[House, models.Staff, Hold]:
    """The house, whoever leads the study, and how a session is held."""
    if not is_short:
        scene = await stack.enter_async_context(scene_in(folder))
        return scene.house, scene.staff[0], partial(_as_people_come, scene)
    settings = Settings(database=str(folder / "rehearsal.db"), secret=token_hex(32))
    house = await stack.enter_async_context(open_house(build(settings)))
    staff = await conduct.add_staff(house, "facilitator@example.org", "facilitator", PASSWORD)
    return house, staff, partial(within, house)


async def rehearse_study(name: str, seed: int, out: Path, say: Say, is_short: bool = False) -> int:
    """Play the study into this folder, which is there; 0 if every law held, 1 with the first that did not."""
    began, planned = time.perf_counter(), study_protocol.read(name, is_short)
    with TemporaryDirectory(prefix="table-ronde-") as folder:
        try:
            async with AsyncExitStack() as stack:
                house, staff, hold = await _stage(stack, Path(folder), is_short)
                study, laid = await laid_for(house, staff, planned)
                say(f"{name}: {len(laid)} sessions of one study")
                await Studied(house, planned, laid, seed, say, out, hold).play()
                say(f"    {await plan(house, staff, study.id, seed)} lines of the plan of action, sent")
                for line in await write_study(house, study.id, out):
                    say(line)
                await asyncio.to_thread(write_sums, out)
                held(house.rooms.failures == 0, "a live drawing failed")
        except Broken as broken:
            say(f"a law did not hold: {broken}")
            return 1
    say(f"every law held in {len(laid)} sessions, {time.perf_counter() - began:.1f} s")
    return 0
