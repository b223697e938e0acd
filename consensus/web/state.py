"""A session as it stands: its rounds, the one that is under way, and what each audience may see of it.

The one place where a page, a socket or the projector gets a tally from: always through disclosure. Nothing is
counted or drawn here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from consensus import models
from consensus.count import Counted, Sitting
from consensus.entries import unsettled
from consensus.house import House
from consensus.outcome import block_from, findings_by, seats_then, tally_from
from consensus.reopening import sets_aside, times
from consensus.text import pick
from consensus.timer import Timer, timer_of
from consensus.web.queue import Waiting, waiting_in
from rounds import KINDS
from rounds.contract import TEAM, Block, Card, Kind, Role, Tally
from rounds.disclosure import Mode, may_see
from rounds.measures.result import Result

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
    "hash",
    "notes",
    "ends_at",
    "paused_left",
)


@dataclass(frozen=True, slots=True)
class Presence:
    """One block's people: how many are asked, have a page open, answered, have answered everything.

    seats: those of the opening (block.seats) and who came since.
    """

    block: Block
    shape: int
    name: str
    seats: int
    online: int
    answered: int
    finished: int


@dataclass(frozen=True, slots=True)
class State:
    """rounds: all, in order. row: the one looked at. counted: its count, None before it opens. calls: raised hands.

    seats: people asked, by block. unsettled: seats of which two entries differ, while the round is open.
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

    @property
    def timer(self) -> Timer | None:
        return timer_of(self.row, time.time())

    def objecting(self, about: str) -> int:
        """How many people object to the one thing that is asked now; a number, never who."""
        return sum(call.what == "objection" and call.about == about for call in self.calls)

    @property
    def kind(self) -> Kind | None:
        return KINDS[self.row.kind] if self.row else None

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(map(block_from, self.row.blocks or [])) if self.row else ()

    @property
    def is_open(self) -> bool:
        return self.row is not None and self.row.state in {"open", "closing"}

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
    def sets_aside(self) -> bool:
        """Would a close of this round, once it is reopened, set answers of one or two people aside?"""
        return self.kind is not None and self.counted is not None and sets_aside(self.kind, self.counted.round.settings)

    def can_reopen(self, row: models.Round) -> bool:
        """Closed, and nothing builds on it yet."""
        later = [one for one in self.rounds if one.position > row.position]
        return row.state == "closed" and all(one.state == "draft" for one in later)

    def nth(self, row: models.Round) -> int:
        """Its number among the rounds of its kind; 0 where it is the only one."""
        same = [one.id for one in self.rounds if one.kind == row.kind]
        return same.index(row.id) + 1 if len(same) > 1 else 0

    def group_name(self, key: str, language: str) -> str:
        return next((pick(group["names"], language) for group in self.study.groups if group["key"] == key), key)

    def block_name(self, block: Block, language: str) -> str:
        return " + ".join(self.group_name(key, language) for key in block.groups)

    def shape(self, block: Block) -> int:
        """The sign of a block: that of its first group."""
        return next((int(g["shape"]) for g in self.study.groups if g["key"] == block.groups[0]), 1)

    def presence(self, language: str) -> list[Presence]:
        """Always live: who has answered, by block, never names and never what they said."""
        counted = self.counted
        return [
            Presence(
                block=block,
                shape=self.shape(block),
                name=self.block_name(block, language),
                seats=self.seats.get(block.key, block.seats),
                online=self.online.get(block.key, 0),
                answered=counted.answered.get(block.key, 0) if counted else 0,
                finished=counted.finished.get(block.key, 0) if counted else 0,
            )
            for block in self.blocks
        ]

    def tally(self, role: Role | None, card: str = "") -> Tally | None:
        """The figures that this audience may see now, or None. role None: the projector. card: one they answered."""
        if self.row is None or self.counted is None:
            return None
        if self.row.state == "closed":
            return tally_from(self.row.outcome["released"])
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

    @property
    def findings(self) -> dict[tuple[str, str], Result]:
        """The slow figures of a closed round, by statement and measure."""
        return findings_by(self.row.findings) if self.row is not None and self.row.state == "closed" else {}

    def turn(self) -> str:
        """Changes when a participant is asked for something else: another round, or within it another card."""
        if self.row is None or self.kind is None:
            return "none."
        asked = self.counted.asked if self.counted else ()
        again = "|again" * times(self.row.notes)
        within = sha256(f"{self.row.state}|{'|'.join(asked)}{again}".encode()).hexdigest()[:12]
        return f"{self.row.id}-{self.row.state}.{within}"


async def look(house: House, session: models.Session, key: str = "") -> State:
    """The session now. key: the round to look at; without it the one that is under way, else the last that closed."""
    study = await models.Study.get(id=session.study_id)
    rows = await models.Round.filter(session_id=session.id).only(*LIGHT).order_by("position")
    row = next((r for r in rows if r.key == key), None) or _under_way(rows)
    if row and row.state == "closed":
        row = await models.Round.get(id=row.id)
    blocks = tuple(map(block_from, row.blocks or [])) if row else ()
    calls = await waiting_in(session, blocks, study.floor)
    online, origin = house.rooms.online(session.id), house.settings.origin
    if row is None or row.state == "draft":
        return State(study, session, rows, row, None, online, {}, calls, (), origin)
    differing = () if row.state == "closed" else await unsettled(row.id)
    sitting = await Sitting.of(session.id)
    counted = await house.counts.now(row)  # the last to wait for: what is read of it from here on belongs together
    asked = seats_then(blocks, row.outcome) if row.state == "closed" else sitting.asked(counted)
    return State(study, session, rows, row, counted, online, asked, calls, differing, origin)


def _under_way(rows: Sequence[models.Round]) -> models.Round | None:
    opened = [row for row in rows if row.state in {"open", "closing"}]
    if opened:
        return opened[0]
    closed = [row for row in rows if row.state == "closed"]
    return closed[-1] if closed else (rows[0] if rows else None)


def rotated(cards: Sequence[Card], seat: models.Seat) -> list[Card]:
    """The cards in this person's own order: the same circle, begun elsewhere for each, the same at every visit."""
    if not cards:
        return []
    start = int(sha256(seat.alias.encode()).hexdigest(), 16) % len(cards)
    return [*cards[start:], *cards[:start]]


def drawn(state: State, language: str, **more: Any) -> dict[str, Any]:
    """What every drawing of a session is given."""
    return {
        "state": state,
        "row": state.row,
        "round": state.counted.round if state.counted else None,
        "todo": state.counted.official.todo if state.counted else None,
        "presence": state.presence(language),
        "timer": state.timer,
        "now": time.time(),
        "session": state.session,
        "study": state.study,
        **more,
    }
