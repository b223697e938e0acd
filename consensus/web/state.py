"""A session as it stands: its rounds, the one that is under way, and what each audience may see of it.

The one place where a page, a socket or the projector gets a tally from: always through disclosure. A template never
sees a State, only the view that consensus/web/view.py makes of it. Nothing is counted or drawn here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, cast

from consensus import models
from consensus.attendance import Attendance
from consensus.came import CameFrom, came_into
from consensus.count import Counted
from consensus.counting import blocks_of, planned_blocks
from consensus.double_entry import unsettled
from consensus.facts import NO_ROOM, Everyone, block_name, shape_of
from consensus.house import House
from consensus.memory import twin
from consensus.outcome import seats_then, tally_from, told_by
from consensus.reopening import sets_aside, times
from consensus.states import UNDER_WAY, RoundState
from consensus.text import LANGUAGES
from consensus.timer import Closing, Timer, closing_of, timer_of
from consensus.web.covered import Cover, cover_of
from consensus.web.team.calls import Waiting, waiting_in
from rounds import KINDS
from rounds.contract import TEAM, Block, Role, Tally
from rounds.disclosure import Mode, may_see
from rounds.kind import Kind
from rounds.proposals import compiles

T = TypeVar("T")
# Of a round, what every drawing needs; statements and outcomes are large, and read where they are shown.
LIGHT = (
    "id",
    "session_id",
    "position",
    "key",
    "kind",
    "takes",
    "settings",
    "rule",
    "disclosure",
    "grace",
    "state",
    "closing_at",
    "is_looked",
    "is_shown",
    "blocks",
    "made",
    "counting",
    "is_together",
    "hash",
    "notes",
    "ends_at",
    "paused_left",
    "is_circular",
)


@dataclass(frozen=True, slots=True)
class Presence:
    """One block's people: how many are asked, have answered something, have answered everything, have a page open.

    seats: those of the opening (block.seats) and who came since. done: who has done what is asked, where a half is
    nothing. None: not for this audience.
    """

    block: Block
    shape: int
    name: str
    seats: int
    answered: int | None
    finished: int | None
    done: int | None
    online: int | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """The same of several blocks together."""

    seats: int
    answered: int
    finished: int
    done: int
    online: int


def together(people: Sequence[Presence]) -> Turnout | None:
    """None where nobody may be told."""
    if not people:
        return None
    sums = {name: sum(getattr(one, name) or 0 for one in people) for name in Turnout.__slots__}
    return Turnout(**sums)


@dataclass(frozen=True, slots=True)
class Scene:
    """The study and the rounds of a session, read together between two acts. came: what it took of other sessions.
    known: what follows from them alone."""

    study: models.Study
    rounds: Sequence[models.Round]
    came: CameFrom
    known: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    async def of(cls, session: models.Session) -> Scene:
        study = await models.Study.get(id=session.study_id)
        rounds = await models.Round.filter(session_id=session.id).only(*LIGHT).order_by("position")
        return cls(study, rounds, await came_into(session))


@dataclass(frozen=True, slots=True)
class State:
    """rounds: all, in order. row: the one looked at. counted: its count, None before it opens. calls: raised hands.

    seats: people asked, by block. unsettled: seats of which two entries differ, while the round is open. came: what the
    session took of others. known: of the scene, which all states between two acts share; a closed round, which says
    more, has its own.
    """

    study: models.Study
    session: models.Session
    rounds: Sequence[models.Round]
    row: models.Round | None
    counted: Counted | None
    online: Mapping[str, int]
    seats: Mapping[str, int]
    calls: tuple[Waiting, ...] = ()
    unsettled: tuple[int, ...] = ()
    origin: str = ""  # of this installation, for what is shown as an address
    everyone: Everyone = NO_ROOM
    came: CameFrom = field(default_factory=dict)
    cover: Cover = str  # what the team's pages call something that one person wrote
    known: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What work gives: of the study, the rounds, the language and the role alone, never of a count or a person."""
        place = key, self.row.id if self.row else None
        if place not in self.known:
            self.known[place] = work()
        return cast(T, self.known[place])

    @property
    def timer(self) -> Timer | None:
        return timer_of(self.row, time.time())

    @property
    def closing(self) -> Closing | None:
        return closing_of(self.row)

    @property
    def kind(self) -> Kind | None:
        return KINDS[self.row.kind] if self.row else None

    @property
    def blocks(self) -> tuple[Block, ...]:
        row = self.row
        return self.once("blocks", lambda: blocks_of(row)) if row else ()

    @property
    def planned(self) -> tuple[Block, ...]:
        """Those of the opening."""
        row = self.row
        return self.once("planned", lambda: planned_blocks(row)) if row else ()

    @property
    def is_open(self) -> bool:
        return self.row is not None and self.row.state in UNDER_WAY

    def counts(self, group: str) -> bool:
        """Does this group count in the round? Not if it came after the opening: then its answers would be refused."""
        return any(group in block.groups for block in self.planned)

    @property
    def is_over(self) -> bool:
        """Does the round take nothing any more? Also while its close, which is due, is not yet written."""
        closing = self.closing
        return self.row is not None and (
            self.row.state == RoundState.CLOSED or (closing is not None and closing.until.timestamp() < time.time())
        )

    @property
    def is_again(self) -> bool:
        """Do participants answer after a close that was taken back?"""
        is_asking = self.is_open and self.kind is not None and Role.PARTICIPANT in self.kind.cast_by
        return is_asking and self.row is not None and times(self.row.notes) > 0

    @property
    def is_of_team(self) -> bool:
        """Does the team act in it too?"""
        return self.kind is not None and bool(self.kind.cast_by & TEAM)

    @property
    def is_teams_alone(self) -> bool:
        """Does the team work in it, and nobody else?"""
        return self.kind is not None and compiles(self.kind)

    @property
    def sets_aside(self) -> bool:
        """Would a close of this round, once it is reopened, set answers of one or two people aside?"""
        return self.kind is not None and self.counted is not None and sets_aside(self.kind, self.counted.round.settings)

    def block_name(self, block: Block, language: str) -> str:
        return block_name(self.study.groups, block, language, self.everyone)

    def shape(self, block: Block) -> int:
        return shape_of(self.study.groups, block, self.everyone)

    def presence(self, language: str) -> list[Presence]:
        """Always live, and the team's: how many have answered, by block, never names and never what they said."""
        counted = self.counted
        answered: Mapping[str, int] = counted.answered if counted else {}
        finished: Mapping[str, int] = counted.finished if counted else {}
        done = finished if counted and counted.asked else answered
        return [
            Presence(
                block=block,
                shape=shape,
                name=name,
                seats=self.seats.get(block.key, block.seats),
                answered=answered.get(block.key, 0),
                finished=finished.get(block.key, 0),
                done=done.get(block.key, 0),
                online=self.online.get(block.key, 0),
            )
            for block, shape, name in self.once(("named", language), lambda: self._named(language))
        ]

    def _named(self, language: str) -> list[tuple[Block, int, str]]:
        return [(block, self.shape(block), self.block_name(block, language)) for block in self.blocks]

    def tally(self, role: Role | None, card: str = "") -> Tally | None:
        """The figures that this audience may see now, or None. role None: the projector. card: one they answered."""
        if self.row is None or self.counted is None:
            return None
        if self.row.state == RoundState.CLOSED:
            return tally_from(told_by(self.row.outcome))
        if self.is_teams_alone and role not in TEAM:
            return Tally()  # statements that are not ready: some are still the words of one person
        mode = Mode(self.row.disclosure)
        if not may_see(mode, role, closed=False, answered=bool(card), shown=self.row.is_shown):
            return None
        if mode is Mode.FACILITATOR and role is not None and not self.row.is_looked:
            return None
        tally = self.counted.shown
        if mode is Mode.AFTER_OWN:
            lines = tuple(line for line in tally.lines if line.statement == card)
            return Tally(lines, tally.statements, tally.places) if lines else None  # a card that is no statement
        return tally

    def turn(self) -> str:
        """Changes when a participant is asked for something else: another round, or within it another card."""
        if self.row is None or self.kind is None:
            return "none."
        asked = self.counted.asked if self.counted else ()
        if self.kind.ordered:  # what is asked moves with every ballot
            return self._turn(asked)
        return self.once(("turn", asked), lambda: self._turn(asked))

    def _turn(self, asked: tuple[str, ...]) -> str:
        assert self.row is not None
        again = "|again" * times(self.row.notes)
        # A round that closes still asks the same: whoever is in the middle of an answer goes on.
        stage = RoundState.OPEN if self.is_open else self.row.state
        within = self.cover(f"{stage}|{'|'.join(asked)}{again}")[:12]  # what is asked may be named by a ballot's number
        return f"{self.row.id}-{stage}.{within}"


async def load_state(house: House, session: models.Session, key: str = "") -> State:
    """The session now. key: the round to look at; without it the one that is under way, else the last that closed."""
    of, number = house.memory.of, session.id
    scene = await scene_of(house, session)
    rows = [twin(row) for row in scene.rounds]
    row = next((r for r in rows if r.key == key), None) or _under_way(rows)
    is_closed = row is not None and row.state == RoundState.CLOSED
    if row and is_closed:
        row = twin(await of(("closed", row.id), partial(models.Round.get, id=row.id)))
    state = State(
        study=twin(scene.study),
        session=session,
        rounds=rows,
        row=row,
        counted=None,
        online=house.rooms.online(number),
        seats={},
        origin=house.settings.origin,
        everyone=_everyone(house, scene),
        came=scene.came,
        cover=cover_of(house.settings.secret, row.id if row else 0),
        known={} if is_closed else scene.known,
    )
    blocks, place = state.blocks, row.id if row else None
    calls = await of(("calls", number, place), lambda: waiting_in(session, blocks, scene.study.floor))
    if row is None or row.state == RoundState.DRAFT:
        return replace(state, calls=calls)
    differing = () if is_closed else await of(("differing", row.id), partial(unsettled, row.id))
    attendance = await of(("attendance", number), lambda: Attendance.of(number))
    counted = await house.counts.now(row)  # the last to wait for: what is read of it from here on belongs together
    asked = seats_then(blocks, row.outcome) if is_closed else attendance.asked(counted.own, blocks)
    return replace(state, counted=counted, seats=asked, calls=calls, unsettled=differing)


async def scene_of(house: House, session: models.Session) -> Scene:
    return await house.memory.of(("scene", session.id), lambda: Scene.of(session))


def _everyone(house: House, scene: Scene) -> Everyone:
    if "everyone" not in scene.known:
        words = {language: house.texts.say(language, "everyone") for language in LANGUAGES}
        scene.known["everyone"] = Everyone.of(scene.rounds, words)
    return cast(Everyone, scene.known["everyone"])


async def blocks_of_session(house: House, session: models.Session) -> tuple[Block, ...]:
    """Those of the round under way."""
    row = _under_way((await scene_of(house, session)).rounds)
    return blocks_of(row) if row else ()


def _under_way(rows: Sequence[models.Round]) -> models.Round | None:
    opened = [row for row in rows if row.state in UNDER_WAY]
    if opened:
        return opened[0]
    closed = [row for row in rows if row.state == RoundState.CLOSED]
    return closed[-1] if closed else (rows[0] if rows else None)
