"""The list as anyone may see it, from the rows of the table: only what was released at the close of each round, and
of what people wrote only what the team has compiled since.

Outcomes are read here and nowhere else for a page; what a parcel tells is read in consensus/export.
"""

from __future__ import annotations

from collections.abc import Sequence

from consensus import models
from consensus.counting import blocks_of
from consensus.facts import RoundFacts, rounds_of
from consensus.outcome import asked_then, findings_from
from consensus.proposals import came_to, told, uncompiled
from consensus.results.assembling import assemble
from consensus.results.cards import Results
from consensus.results.stages import ClosedRound, held_by
from consensus.states import RoundState
from rounds.contract import Finding, Statement, Tally
from rounds.lineage import ALL


def released(rows: Sequence[models.Round]) -> Results:
    """rows: a session's rounds in order."""
    facts, raw = rounds_of(rows), uncompiled(rows)
    closed = [
        closed_round(
            one,
            row,
            came=came_to(row),
            tally=told(row, raw),
            held=held_by(row.outcome),
            findings=findings_from(row.findings or ()),
        )
        for one, row in zip(facts, rows, strict=True)
        if row.state == RoundState.CLOSED
    ]
    following = next((row for row in rows if row.state != RoundState.CLOSED), None)
    goes_on = following is not None and following.takes_of in {"", *(one.key for one in closed[-1:])}
    return assemble(facts, closed, following.takes if following and goes_on else ALL)


def closed_round(
    facts: RoundFacts,
    row: models.Round,
    *,
    came: tuple[Statement, ...],
    tally: Tally,
    held: frozenset[str],
    findings: tuple[Finding, ...],
) -> ClosedRound:
    """tally, findings: what may be told. held: the statements of which answers were given and none is told."""
    blocks, answered = blocks_of(row), row.outcome.get("answered")
    return ClosedRound(
        row=facts,
        came=came,
        tally=tally,
        blocks=blocks,
        rule=row.rule,
        seats=asked_then(blocks, row.outcome),
        answered=sum(answered.values()) if answered else None,
        stored=findings,
        held=held,
    )
