"""Proposals: statements in the words of the one person who wrote them, before the team has made statements of them.

A raw text may point to somebody. So the team alone reads it until a round in which only the team works has taken it in
and closed; each author reads their own. Pure bookkeeping on what rounds left; no kind of round is named here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import replace

from rounds.contract import TEAM, Role, Statement, Tally
from rounds.kind import Kind


def writes(kind: Kind) -> bool:
    """Is it a round in which people write what the team then works on?"""
    return Role.PARTICIPANT in kind.cast_by and kind.fewest == 0


def compiles(kind: Kind) -> bool:
    """Is it a round in which the team alone works on what came in?"""
    return kind.cast_by <= TEAM


def written(kind: Kind, came: Iterable[Statement], left: Tally) -> frozenset[str]:
    """The numbers of those that this round left in a participant's own words: made there, of nobody else's.

    Where people write, nothing that came goes on, though it may have the same numbers.
    """
    if Role.PARTICIPANT not in kind.cast_by:
        return frozenset()
    known = {statement.id for statement in came} if not writes(kind) else set()
    made = (*left.statements, *left.ended)
    return frozenset(s.id for s in made if s.id not in known and not s.parents)


def without(tally: Tally, names: Set[str]) -> Tally:
    """The same as if these were not there: neither words nor number, nor what was said of them."""
    return replace(
        tally,
        lines=tuple(line for line in tally.lines if line.statement not in names),
        statements=tuple(s for s in tally.statements if s.id not in names),
        places={name: place for name, place in tally.places.items() if name not in names},
        ended=tuple(s for s in tally.ended if s.id not in names),
    )


def erased(left: Tally, names: Set[str], now: Tally) -> frozenset[str]:
    """Of these proposals, those that nobody says any more in the round as it is counted now. Who says the same as
    somebody who erased it keeps theirs: of equal ones the last go."""
    still = Counter(_said(statement) for statement in now.statements)
    gone = set()
    for statement in left.statements:
        if statement.id in names:
            if still[_said(statement)]:
                still[_said(statement)] -= 1
            else:
                gone.add(statement.id)
    return frozenset(gone)


def _said(statement: Statement) -> tuple[object, ...]:
    return (tuple(sorted(statement.wordings.items())), statement.original, statement.nature)


def emptied(statement: Statement) -> Statement:
    """The number of a proposal, and that it was there; nothing of what its author said."""
    return replace(statement, wordings=dict.fromkeys(statement.wordings, ""), nature="", theme="", source="")
