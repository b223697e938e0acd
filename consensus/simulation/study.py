"""A whole study rehearsed: a house of its own, every session of a study protocol with simulated people, each played in
its order, passed on to the next, checked like any rehearsal; parcels and the study's tables are written into a folder.

Who sits where and what is brought is seeded: the same seed gives the same pooled results, byte for byte. How one
session is played is in check.py, what the folder holds in study_files.py. Nothing here knows a kind of round.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from consensus import conduct, models, study_protocol, study_words
from consensus.conduct import Guest, Refused
from consensus.export.folder import write_sums
from consensus.simulation import panel
from consensus.simulation.check import Broken, Rehearsal, Say, Scene, at_table, handed_over, held, scene_in
from consensus.simulation.study_files import parcel_name, write_study
from consensus.study_protocol import Brings, PlannedSession, StudyProtocol
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.proposals import writes

START = date(2026, 1, 15)  # of the first moment; rehearsed studies have dates, and the same ones
LANGUAGES = ("fr", "en")


@dataclass
class Studied:
    """The study as far as it was played. sat: who sat in each session, as guests that are known, in their order."""

    scene: Scene
    planned: StudyProtocol
    study: models.Study
    laid: dict[str, models.Session]
    seed: int
    say: Say
    out: Path
    sat: dict[str, list[Guest]] = field(default_factory=dict)

    async def play(self) -> None:
        for number, one in enumerate(self.planned.sessions, 1):
            began = time.perf_counter()
            guests = self.guests(one)
            self.say(f"session {number} of {len(self.planned.sessions)}, {one.key}: {len(guests)} people")
            await self.begin(one)
            seed = panel.chance(self.seed, one.key).getrandbits(31)
            async with at_table(self.scene, self.laid[one.key], guests, seed, _quiet) as rehearsal:
                self.sat[one.key] = [_known(person.seat, one) for person in rehearsal.people]
                await self.table(one, rehearsal, number)
            self.say(f"    over, verified, {time.perf_counter() - began:.1f} s")

    async def table(self, one: PlannedSession, rehearsal: Rehearsal, number: int) -> None:
        if one.brings and writes(KINDS[one.plans[0].kind]):
            rehearsal.simulated.book = [dict(statement.wordings) for statement in self.brought(one, one.brings)]
        rows = await rehearsal.rounds()
        for place, row in enumerate(rows, 1):
            self.say(f"    {place} of {len(rows)}, {row.key}")
            await rehearsal.play_round(row.key)
        await handed_over(rehearsal, self.out / parcel_name(number, one.key))

    async def begin(self, one: PlannedSession) -> None:
        """What a session brings, and what others pass on to it."""
        here = await self.desk(one.key)
        if one.brings and not writes(KINDS[one.plans[0].kind]):
            await conduct.import_statements(self.scene.house, here, self.brought(one, one.brings))
        for takes in one.takes_from:
            giving = await self.desk(takes.session)
            try:
                n = await conduct.pass_on(self.scene.house, giving, here.session_id, takes.takes, takes.first)
            except Refused as refused:
                raise Broken(f"{one.key}: nothing came from {takes.session}: {refused.key}") from refused
            self.say(f"    {n} statements from {takes.session}")

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
        sent = [guest for sends in one.sends for guest in _some(self.sat[sends.session], sends.people)]
        gone = [_last(sent, group) for group, n in one.people.items() for _ in range(n)] if one.left_out else []
        stay = [guest for guest in sent if guest not in gone]
        return list(dict.fromkeys([*stay, *new]))


def _quiet(line: str) -> None:
    """Lines about one session are told by the study."""


def _known(seat: models.Seat, one: PlannedSession) -> Guest:
    """Whoever sits in a session, as a guest of a later one: from there, and still in the same arm."""
    sites = tuple(seat.sites or ()) or ((one.site,) if one.site else None)
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


def _last(guests: Sequence[Guest], group: str) -> Guest | None:
    return next((guest for guest in reversed(guests) if guest.group == group), None)


def _day(months: int) -> str:
    years, month = divmod(START.month - 1 + months, 12)
    return START.replace(year=START.year + years, month=month + 1).isoformat()


async def _laid(scene: Scene, planned: StudyProtocol) -> tuple[models.Study, dict[str, models.Session]]:
    texts = scene.house.texts
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
    return await conduct.lay_study(scene.house, scene.staff[0], planned, titles, planned_on=days, **fields)


async def rehearse_study(name: str, seed: int, out: Path, say: Say, is_short: bool = False) -> int:
    """Play the study into this folder, which is there; 0 if every law held, 1 with the first that did not."""
    began, planned = time.perf_counter(), study_protocol.read(name, is_short)
    with TemporaryDirectory(prefix="table-ronde-") as folder:
        try:
            async with scene_in(Path(folder)) as scene:
                study, laid = await _laid(scene, planned)
                say(f"{name}: {len(laid)} sessions of one study, at {scene.settings.origin}")
                studied = Studied(scene, planned, study, laid, seed, say, out)
                await studied.play()
                for line in await write_study(scene.house, study.id, out):
                    say(line)
                await asyncio.to_thread(write_sums, out)
                held(scene.house.rooms.failures == 0, "a live drawing failed")
        except Broken as broken:
            say(f"a law did not hold: {broken}")
            return 1
    say(f"every law held in {len(laid)} sessions, {time.perf_counter() - began:.1f} s")
    return 0
