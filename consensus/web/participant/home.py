"""A participant's home: the steps of the session as a list of tasks, and what to do now.

Only a person's own progress and the state of each step are told here; figures and other people's answers never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from consensus import models
from consensus.facts import RoundFacts
from consensus.house import House
from consensus.results.ideas import has_written
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.participant.consent import erasing
from consensus.web.state import State, load_state
from consensus.web.view import plain
from rounds import KINDS
from rounds.contract import Role

DONE, GOING, START, LATER, OVER, NOT_ASKED = "done", "going", "start", "later", "over", "not_asked"


@dataclass(frozen=True, slots=True)
class Task:
    """A step, as it stands for one person. n: answers asked, 0 where none are counted. minutes: about how long yet."""

    row: RoundFacts
    state: str
    done: int = 0
    n: int = 0
    minutes: int = 0

    @property
    def is_waiting(self) -> bool:
        """Something can be answered now."""
        return self.state in {GOING, START}


async def home(ask: Ask) -> Response:
    if not ask.mine.consented:
        return ask.go("take", session=ask.here.id)
    state = await load_state(ask.house, ask.here)
    tasks = await tasks_of(state, ask.mine)
    return ask.page(
        "participant/home.html",
        view=plain(state),
        tasks=tasks,
        now=next((task for task in tasks if task.is_waiting), None),
        next=next((task for task in tasks if task.state == LATER), None),
        group=own_group(ask),
        erasing=erasing(ask),
        has_ideas=await has_written(ask.mine),
        has_results=any(row.state == RoundState.CLOSED for row in state.rounds),
    )


def own_group(ask: Ask) -> dict[str, Any] | None:
    """From whose view this person answers."""
    assert ask.study is not None
    return next((group for group in ask.study.groups if group["key"] == ask.mine.group), None)


async def is_asked(house: House, seat: models.Seat) -> bool:
    """Is there something to do at once: the consent, or an open step that is not finished?"""
    if not seat.consented:
        return True
    state = await load_state(house, await models.Session.get(id=seat.session_id))
    return any(task.is_waiting for task in await tasks_of(state, seat))


async def tasks_of(state: State, seat: models.Seat) -> list[Task]:
    mine = models.Ballot.filter(seat_id=seat.id, marks__isnull=False)
    answered = {ballot["round_id"] for ballot in await mine.distinct().values("round_id")}
    rows = [row for row in plain(state).rounds if Role.PARTICIPANT in KINDS[row.kind].cast_by]
    return [_task(state, row, seat, row.id in answered) for row in rows]


def _task(state: State, row: RoundFacts, seat: models.Seat, has_answered: bool) -> Task:
    if row.state == RoundState.DRAFT:
        return Task(row, LATER)
    if row.state == RoundState.CLOSED:
        return Task(row, DONE if has_answered else OVER)
    if state.row is None or state.counted is None or row.id != state.row.id:
        return Task(row, GOING if has_answered else START)
    if not state.counts(seat.group):
        return Task(row, NOT_ASKED)
    kind, round = KINDS[row.kind], state.counted.round
    slots = kind.asked(round, None)  # where what is asked follows a meeting, nothing is finished before the close
    own = state.counted.own.get(str(seat.id), {})
    left = [slot for slot in slots if slot not in own]
    minutes = kind.minutes(round, len(left) or 1, len(slots) or 1)
    if slots and not left:
        return Task(row, DONE, len(slots), len(slots))
    if len(slots) > len(left):
        return Task(row, GOING, len(slots) - len(left), len(slots), minutes)
    return Task(row, GOING if own else START, minutes=minutes)
