"""Whose words may be told: of a closed round, the texts that the team has compiled since; of an open one, none.

The one answer for the list of results, whoever reads it. Nothing here writes; the acts stand in conduct/proposals.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from consensus import models
from consensus.outcome import left_by, statement_from, tally_from, told_by
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Statement, Tally
from rounds.proposals import compiles, without, written


def came_to(row: models.Round) -> tuple[Statement, ...]:
    return tuple(map(statement_from, row.statements or []))


def proposals_of(row: models.Round) -> tuple[Tally, frozenset[str]]:
    """What a closed round left, and the proposals among it."""
    left = tally_from(left_by(row.outcome))
    return left, written(KINDS[row.kind], came_to(row), left)


def uncompiled(rows: Sequence[models.Round]) -> frozenset[str]:
    """The proposals of these rounds, in order, that no closed round of the team has taken in."""
    raw: set[str] = set()
    for row in rows:
        if row.state == RoundState.CLOSED:
            raw |= proposals_of(row)[1]
            raw -= {statement.id for statement in came_to(row) if compiles(KINDS[row.kind])}
    return frozenset(raw)


def told(row: models.Round, raw: frozenset[str]) -> Tally:
    """What anyone may see of a closed round. raw: the proposals that are still the team's alone."""
    released = tally_from(told_by(row.outcome))
    left, theirs = proposals_of(row)
    if not theirs:
        return released
    whole = replace(released, statements=left.statements, places=left.places, ended=left.ended)
    return without(whole, theirs & raw)
