"""Every statement that a session ever had: its words each time it was met, where it stood, where it ended or became
others. Bookkeeping on what the closed rounds left; no figure, no order, no file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from consensus.facts import RoundFacts
from consensus.results.stages import ClosedRound
from rounds.contract import Decision, Place, Statement
from rounds.lineage import Stage, endings


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a statement stood when a round closed. is_said: the place says something of it; without a rule "undecided"
    would be a verdict that nobody gave."""

    row: RoundFacts
    place: Place
    is_said: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """A statement from its first words to its end.

    versions: its words each time it was met, oldest first; none where they are told nowhere. met: the round in which
    it was first met; is_brought: it was there when that round began. parents: what it was made of. path: its places,
    oldest round first. end: where it went no further; None where it became others. became: those, with the round.
    """

    versions: tuple[Statement, ...]
    met: RoundFacts
    is_brought: bool
    path: tuple[Stop, ...] = ()
    end: Stop | None = None
    became: tuple[tuple[str, RoundFacts], ...] = ()

    @property
    def first(self) -> Statement:
        return self.versions[0]

    @property
    def last(self) -> Statement:
        return self.versions[-1]

    @property
    def parents(self) -> tuple[str, ...]:
        return self.first.parents


def natural(name: str) -> tuple[object, ...]:
    """S2 before S10."""
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name))


def histories(closed: Sequence[ClosedRound], silent: Set[str] = frozenset()) -> dict[str, History]:
    """By number, in the order in which they appeared. silent: those whose words are told nowhere; their places are."""
    met: dict[str, tuple[RoundFacts, bool]] = {}
    versions: dict[str, list[Statement]] = {}
    path: dict[str, list[Stop]] = {}
    for stage in closed:
        made = (*stage.tally.statements, *stage.tally.ended)
        for statement, is_brought in [*((s, True) for s in stage.came), *((s, False) for s in made)]:
            met.setdefault(statement.id, (stage.row, is_brought))
            versions.setdefault(statement.id, []).append(statement)
        for name, place in stage.tally.places.items():
            path.setdefault(name, []).append(_stop(stage, place))
    became: dict[str, list[tuple[str, RoundFacts]]] = {}
    for child, seen in versions.items():
        for parent in seen[0].parents:
            became.setdefault(parent, []).append((child, met[child][0]))
    ends = _ends(closed)
    return {
        name: History(
            versions=tuple(map(_silenced, seen) if name in silent else seen),
            met=met[name][0],
            is_brought=met[name][1],
            path=tuple(path.get(name, ())),
            end=ends.get(name) if name not in became else None,
            became=tuple(became.get(name, ())),
        )
        for name, seen in versions.items()
    }


def _silenced(statement: Statement) -> Statement:
    return replace(statement, wordings=dict.fromkeys(statement.wordings, ""))


def _stop(stage: ClosedRound, place: Place) -> Stop:
    return Stop(stage.row, place, stage.rule is not None or place.zone not in set(Decision))


def _ends(closed: Sequence[ClosedRound]) -> dict[str, Stop]:
    stages = {c.row.key: Stage(c.row.key, c.came, c.tally.statements, c.tally.places) for c in closed}
    known = {stage.row.key: stage for stage in closed}
    found = {e.statement.id: _stop(known[e.round], e.place) for e in endings(list(stages.values()))}
    for stage in closed:
        gone = [name for name in stage.tally.places if name not in stage.stood]
        found |= {name: _stop(stage, stage.tally.places[name]) for name in gone}
    return found
