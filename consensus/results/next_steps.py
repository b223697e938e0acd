"""The final next steps of a study, from the list that its plan of action comes from, and the factors it may name.

Only what closed rounds told is read; the order is the list's own, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consensus import models
from consensus.numbers import numbers_of
from consensus.plan_of_action import POOLED
from consensus.results.cards import Card, Results
from consensus.results.reading import released
from consensus.results.study.pooled import Pooled
from consensus.states import RoundState
from rounds.contract import Statement

HELPS, HINDERS, NEXT_STEP = "helps", "hinders", "next_step"


@dataclass(frozen=True, slots=True)
class NextStep:
    """key: its number in the study, as text. rank: on the list, None where nothing ranks it. session: the one of which
    the list, or its words, come."""

    key: str
    statement: Statement
    rank: int | None
    session: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What a plan reads. steps: in the order of the list. factors: statements of the lists that help or hinder, by
    number. results: of the session that is the source; None where the list is pooled."""

    steps: tuple[NextStep, ...]
    factors: Mapping[str, Statement]
    results: Results | None = None

    def step(self, key: str) -> NextStep | None:
        return next((step for step in self.steps if step.key == key), None)

    def of_nature(self, nature: str) -> list[tuple[str, Statement]]:
        return [(key, one) for key, one in self.factors.items() if one.nature == nature]


@dataclass(frozen=True, slots=True)
class _Told:
    session: int
    results: Results
    numbers: Mapping[str, int]

    def cards(self) -> Iterator[tuple[str, Card]]:
        for card in self.results.listed:
            if card.statement.id in self.numbers:
                yield str(self.numbers[card.statement.id]), card


async def sources(study_id: int) -> list[models.Session]:
    """Sessions of the study that have a list by now."""
    rows = await models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")
    closed = models.Round.filter(session_id__in=[row.id for row in rows], state=RoundState.CLOSED)
    over = {one.session_id for one in await closed.only("id", "session_id")}
    return [row for row in rows if row.id in over]


async def listed_for(study_id: int, source: str, pool: Pooled | None) -> Listed:
    """source: as a plan keeps it. pool: the pooled list, None where there is none yet."""
    told = [await _told(row) for row in await sources(study_id)]
    factors = {
        key: card.statement for one in told for key, card in one.cards() if card.statement.nature in {HELPS, HINDERS}
    }
    if source == POOLED:
        return Listed(tuple(_pooled(told, pool)), factors)
    here = next((one for one in told if str(one.session) == source), None)
    if here is None:
        return Listed((), factors)
    steps = [NextStep(key, card.statement, card.rank, here.session) for key, card in _kept(here)]
    return Listed(tuple(steps), factors, here.results)


async def _told(row: models.Session) -> _Told:
    rounds = await models.Round.filter(session_id=row.id).order_by("position")
    return _Told(row.id, released(rounds), await numbers_of(row.id))


def _kept(one: _Told) -> Iterator[tuple[str, Card]]:
    """Those that a rule left on the list; where no statement has a nature, each is a step."""
    cards = [(key, card) for key, card in one.cards() if not card.is_under]
    has_natures = any(card.statement.nature for _, card in cards)
    yield from ((key, card) for key, card in cards if card.statement.nature == NEXT_STEP or not has_natures)


def _pooled(told: list[_Told], pool: Pooled | None) -> Iterator[NextStep]:
    """Of each list its own first places."""
    known = {str(one.numbers[name]): (one, name) for one in reversed(told) for name in one.numbers}
    found = []
    for own in pool.each if pool else ():
        for row in own.rows:
            one, name = known.get(row.statement, (None, ""))
            history = one.results.histories.get(name) if one else None
            rank = row.by_scheme[own.headline].rank
            if one and history:
                found.append(
                    (NextStep(row.statement, history.last, rank, one.session), rank is None or rank <= own.top)
                )
    has_natures = any(step.statement.nature for step, _ in found)
    for step, is_first in found:
        if is_first and (step.statement.nature == NEXT_STEP or not has_natures):
            yield step
