"""What people read of a round of points: one's own sheet while it is filled in, and the list that all of them make.

Rows only, of what may be seen. No sheet is read into a ballot here, and none is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rounds.contract import Round, Statement, Tally
from rounds.measures.phrases import certainty_of as certainty_of
from rounds.measures.phrases import edge as edge
from rounds.reading import Row, rows_of

AXIS = (0, 10)  # on which the means of the blocks lie


def limit(round: Round) -> int:
    """The points that one statement may get from one person."""
    return round.settings.most or int(round.settings.total)


def sum_of(round: Round) -> int:
    """The points that one person can give: all of them, but where so few statements may not take so many."""
    return min(int(round.settings.total), limit(round) * len(round.statements))


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a sheet. value: as it was typed; points: what it is worth; is_wrong: it cannot be taken."""

    statement: Statement
    value: str
    points: int
    is_wrong: bool


def entries(
    statements: Iterable[Statement], form: Mapping[str, list[str]], own: Mapping[str, int], most: int
) -> tuple[Entry, ...]:
    """What was typed, else what one gave. most: points that one statement may get."""
    return tuple(
        _entry(one, next(iter(form.get(f"points.{one.id}", ())), "") if form else str(own.get(one.id, "")), most)
        for one in statements
    )


def _entry(statement: Statement, value: str, most: int) -> Entry:
    try:
        points = int(value)
    except ValueError:
        return Entry(statement, value, 0, value != "")
    return Entry(statement, value, points, points < 0 or points > most)


def left(entries: Iterable[Entry], total: int) -> int:
    """The points that are not given yet; below 0 too many were."""
    return total - sum(max(0, entry.points) for entry in entries)


def wrong(entries: Iterable[Entry]) -> Entry | None:
    """The first field that cannot be taken."""
    return next((entry for entry in entries if entry.is_wrong), None)


def rows(tally: Tally, round: Round) -> tuple[Row, ...]:
    """The highest mean of a block lies at the end of the axis; nothing under one point does."""
    means = (part.get("mean") for line in tally.lines for part in line.by_block.values())
    most = max((mean for mean in means if isinstance(mean, Fraction | int)), default=Fraction(1))
    return rows_of(tally, round, "mean", AXIS[1] / Fraction(max(most, 1)))
