"""What a stopping rule says of a round that is over, from the rows of its session: its verdicts, and how far answers
moved since the round before, both as they were told and sealed.

Read only; the acts stand in conduct/series.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consensus import models
from consensus.outcome import findings_by, told_by
from consensus.states import RoundState
from rounds.stopping import Said, nth_of, says, stopping_from

DEPARTED = "depart"  # the note with the reason why the team did otherwise


def said_of(rows: Sequence[models.Round], row: models.Round) -> Said | None:
    """rows: of its session, in order. None where the round has no such rule, or is not over."""
    rule = stopping_from(row.stopping)
    if rule is None or row.state != RoundState.CLOSED:
        return None
    until_here = [one for one in rows if one.position <= row.position]
    before = until_here[-2] if len(until_here) > 1 and until_here[-2].kind == row.kind else None
    moved = {card: found.value for (card, name), found in _sealed(row).items() if name == "scheibe" and card}
    nth = nth_of([one.kind for one in until_here])
    return says(rule, nth, _decisions(row), _decisions(before) if before else {}, moved)


def has_departed(row: models.Round) -> bool:
    return any(note["act"] == DEPARTED for note in row.notes)


def _decisions(row: models.Round) -> dict[str, str | None]:
    lines = told_by(row.outcome)["lines"] if row.outcome else []
    return {line["statement"]: line["decision"] for line in lines}


def _sealed(row: models.Round) -> Mapping[tuple[str, str], Any]:
    return findings_by(row.seal["findings"] if row.seal else ())
