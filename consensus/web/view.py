"""What a page is given of a session: a frozen view that holds what its audience may see, and leads no further.

The one place where a State becomes something that a template may read. A field that a page needs is added here, with
what every audience gets of it; a State, a count, a row of the database or a function that holds one never is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Any

from consensus.came import CameFrom
from consensus.facts import (
    NO_ROOM,
    Everyone,
    RoundFacts,
    SessionFacts,
    StudyFacts,
    block_name,
    group_name,
    rounds_of,
    shape_of,
)
from consensus.live import Audience
from consensus.outcome import findings_by, left_by, tally_from
from consensus.results.stages import last_places_of
from consensus.states import RoundState
from consensus.timer import Closing, Timer
from consensus.web.covered import work_of
from consensus.web.showing import Shown, shown_of
from consensus.web.state import Presence, State, Turnout, together
from rounds.contract import TEAM, Block, Line, Place, Role, Round, Statement, Tally
from rounds.kind import Kind
from rounds.measures.result import Result

CONSOLE, ROOM, PROJECTOR = "console", "room", "projector"
ROLES = {CONSOLE: Role.FACILITATOR, ROOM: Role.PARTICIPANT, PROJECTOR: None}


@dataclass(frozen=True)
class View:
    """A session as one audience may see it.

    rounds: all, in order. row: the one looked at, as it stands; round: the same as the method knows it, once it opened.
    seats: people asked, by block. presence: how many have answered, by block, as far as this audience may know it;
    turnout: the same of everybody. tally: the figures, where they may be seen now; last: of each statement in its list,
    the last place of its tie. todo: the work of the team; to others, what the kind opens of it. standing,
    places: the statements as they now stand and where; to the team. objections: how many object, by
    what is asked; to the team. came: what the session took of others, by statement; to the team. turn: changes when a
    participant is asked for something else.
    """

    study: StudyFacts
    session: SessionFacts
    rounds: tuple[RoundFacts, ...]
    row: RoundFacts | None
    kind: Kind | None
    blocks: tuple[Block, ...]
    seats: Mapping[str, int]
    is_again: bool
    is_of_team: bool
    sets_aside: bool
    round: Round | None = None
    presence: tuple[Presence, ...] = ()
    turnout: Turnout | None = None
    timer: Timer | None = None
    closing: Closing | None = None
    turn: str = ""
    tally: Tally | None = None
    last: Mapping[str, int] = field(default_factory=dict)
    shown: Shown | None = None
    todo: Any = None
    standing: tuple[Statement, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    objections: Mapping[str, int] = field(default_factory=dict)
    stored: tuple[Mapping[str, Any], ...] = ()
    everyone: Everyone = NO_ROOM
    came: CameFrom = field(default_factory=dict)

    @cached_property
    def findings(self) -> dict[tuple[str, str], Result]:
        """The slow figures of a closed round, as they were released, by statement and measure."""
        return findings_by(self.stored)

    @property
    def scene(self) -> View:
        """The same without all that moves while a round is open: what is drawn from this alone stays."""
        still = without_figures(self)
        return replace(still, turn="", todo=None, standing=(), places={}, objections={}, stored=self.stored)

    def behind(self, line: Line) -> tuple[object, ...]:
        """All that moves of what the figures of a statement are drawn from, beside the scene."""
        held = self.shown and (self.shown.is_any, self.shown.n > 0, self._held.get(line.statement), self._held.get(""))
        silent = tuple(one.block.key for one in self.presence if one.answered == 0)
        return line, self._statements.get(line.statement), held, silent

    @cached_property
    def _held(self) -> dict[str, set[str | None]]:
        """What is held back of each statement: parts of it, or all (None)."""
        found: dict[str, set[str | None]] = {}
        if self.shown is not None:
            for statement, part in (*self.shown.parts, *((one, None) for one in self.shown.held)):
                found.setdefault(statement, set()).add(part)
        return found

    @cached_property
    def _statements(self) -> dict[str, Statement]:
        return {one.id: one for one in self.tally.statements} if self.tally is not None else {}

    @property
    def reading(self) -> ModuleType | None:
        """What the kind's template asks for its rows."""
        return self.kind.reading if self.kind else None

    @property
    def means(self) -> str:
        """The key of the kind's sentence that says what its list is in the order of."""
        return self.kind.means(self.kind.Settings(**self.row.settings)) if self.kind and self.row else ""

    @cached_property
    def to_come(self) -> tuple[RoundFacts, ...]:
        """The steps after this one that have not opened."""
        now = self.row
        return tuple(
            row for row in self.rounds if now and row.position > now.position and row.state == RoundState.DRAFT
        )

    @property
    def next(self) -> RoundFacts | None:
        return self.to_come[0] if self.to_come else None

    @property
    def has_feedback_to_come(self) -> bool:
        """Does a later step of the same kind show what people wrote in this one?"""
        kind, now = self.kind, self.row
        if kind is None or now is None:
            return False
        return any(row.kind == now.kind and kind.has_feedback(kind.Settings(**row.settings)) for row in self.to_come)

    @cached_property
    def steps(self) -> dict[str, RoundFacts]:
        """The rounds by key, for what an earlier one says."""
        return {row.key: row for row in self.rounds}

    @cached_property
    def answered(self) -> dict[str, int | None]:
        """How many have answered anything, by block; None where this audience may not know it."""
        return {one.block.key: one.answered for one in self.presence}

    def group_name(self, key: str, language: str) -> str:
        return group_name(self.study.groups, key, language)

    def group_names(self, keys: Iterable[str], language: str) -> list[str]:
        return [self.group_name(key, language) for key in keys]

    def block_name(self, block: Block, language: str) -> str:
        return block_name(self.study.groups, block, language, self.everyone)

    def shape(self, block: Block) -> int:
        return shape_of(self.study.groups, block, self.everyone)


def plain(state: State) -> View:
    """What every page may know: the steps, the groups, and how far the round is. No figure, no answer."""
    return replace(_still(state), session=SessionFacts.of(state.session), seats=state.seats)


def _still(state: State) -> View:
    """What of it stays until the next act, whoever looks."""
    return state.once("plain", lambda: _plain(state))


def _plain(state: State) -> View:
    now = state.row
    rounds = rounds_of([now if now is not None and row.id == now.id else row for row in state.rounds])
    return View(
        study=StudyFacts.of(state.study),
        session=SessionFacts.of(state.session),
        rounds=rounds,
        row=next((row for row in rounds if now is not None and row.id == now.id), None),
        kind=state.kind,
        blocks=state.blocks,
        seats={},
        is_again=state.is_again,
        is_of_team=state.is_of_team,
        sets_aside=state.sets_aside,
        everyone=state.everyone,
    )


def entered(state: State, language: str) -> View:
    """For the team on a person's own forms: what is asked, and nothing that anybody answered before."""
    round = _round(state, None)
    asked = replace(round, before={}, earlier=None) if round else None
    presence = tuple(_unheard(state.presence(language)))
    return replace(plain(state), timer=state.timer, closing=state.closing, presence=presence, round=asked)


def _unheard(people: Sequence[Presence]) -> Iterator[Presence]:
    """The blocks, and nothing of who has answered."""
    for one in people:
        yield Presence(one.block, one.shape, one.name, one.seats, None, None, None, None)


def _presence(state: State, name: str, language: str) -> tuple[list[Presence], Turnout | None]:
    """The team: every block. The big screen: who is done, in blocks of the floor or more, since half a sheet is the
    team's to know and a small block is a few named people. Participants: the total; of the blocks that the big screen
    shows, where it hides one, or the rest would be the hidden one's."""
    people, floor = state.presence(language), state.study.floor
    if name == CONSOLE:
        return [replace(one, online=None) for one in people], together(people)
    large = [one for one in people if one.seats >= floor]
    if name == PROJECTOR:
        done = {one.block.key: one.done for one in large}
        return [replace(one, done=done.get(one.block.key)) for one in _unheard(people)], together(large)
    return list(_unheard(people)), together(people if len(people) == 1 else large)


def seen_by(state: State, audience: Audience) -> View:
    """What this audience follows live, on the page and on the socket alike."""
    role = ROLES[audience.name]
    is_team = role in TEAM
    tally, left = state.tally(role, audience.card), _left(state) if is_team else Tally()
    presence, turnout = _presence(state, audience.name, audience.language)
    return replace(
        _still(state),
        session=SessionFacts.of(state.session),
        seats=state.seats,
        timer=state.timer,
        closing=state.closing,
        presence=tuple(presence),
        turnout=turnout,
        round=state.once(("round", role), lambda: _round(state, role)),
        turn=state.turn(),
        tally=tally,
        last=last_places_of(tally),
        shown=shown_of(state, tally),
        todo=_work(state, role),
        standing=left.statements,
        places=left.places,
        objections=_objections(state) if is_team else {},
        came=state.came if is_team else {},
        stored=tuple(state.row.findings or ())
        if state.row is not None and state.row.state == RoundState.CLOSED
        else (),
    )


def without_figures(view: View) -> View:
    """For a page that may be read an hour later: nothing that others did meanwhile."""
    return replace(
        view, presence=(), turnout=None, timer=None, closing=None, tally=None, last={}, shown=None, stored=()
    )


def given(view: View, **more: Any) -> dict[str, Any]:
    """The names by which templates know the parts of a view."""
    return {
        "view": view,
        "row": view.row,
        "round": view.round,
        "todo": view.todo,
        "tally": view.tally,
        "presence": view.presence,
        "turnout": view.turnout,
        "timer": view.timer,
        "turn": view.turn,
        "now": time.time(),
        "session": view.session,
        "study": view.study,
        **more,
    }


def _round(state: State, role: Role | None) -> Round | None:
    """Without what earlier rounds left, but for the last of its kind; without texts that only the team works on."""
    if state.counted is None or state.kind is None:
        return None
    round, last = state.counted.round, state.counted.round.earlier
    before = {key: tally for key, tally in round.before.items() if last is not None and key == last.key}
    is_read = role in TEAM or Role.PARTICIPANT in state.kind.cast_by
    return replace(
        round,
        before=before,
        earlier=replace(last, before={}, earlier=None) if last else None,
        statements=round.statements if is_read else (),
    )


def _work(state: State, role: Role | None) -> Any:
    if state.counted is None or state.kind is None:
        return None
    if role in TEAM:
        return work_of(state.kind, state.counted.official.todo, state.cover)
    if state.kind.for_all is None:
        return None
    return work_of(state.kind, state.kind.for_all(state.counted.official.todo), state.cover)


def _is_read_by_team(state: State) -> bool:
    """Texts that people write alone are read once the round has closed; what the team works on, always."""
    return state.counted is not None and (state.is_of_team or not state.is_open)


def _left(state: State) -> Tally:
    """Of a closed round what it left, under the numbers that it gave, whatever was erased since."""
    if state.row is None or state.counted is None or not _is_read_by_team(state):
        return Tally()
    return tally_from(left_by(state.row.outcome)) if state.row.state == RoundState.CLOSED else state.counted.official


def _objections(state: State) -> Mapping[str, int]:
    """How many people object to the one thing that is asked now; a number, never who."""
    return Counter(call.about for call in state.calls if call.what == "objection")
