"""What people read of an approval: one's own boxes while they are ticked, and the list that all of them make.

Rows only, of what may be seen. No form is read into a ballot here, and none is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rounds.contract import Round, Statement, Tally
from rounds.measures.phrases import certainty_of as certainty_of
from rounds.measures.phrases import edge as edge
from rounds.reading import Row, rows_of

AXIS = (0, 1)  # chosen by nobody, by everybody


def limit(round: Round) -> int:
    """The statements that one person may choose: no more than there are."""
    return min(int(round.settings.most), len(round.statements))


@dataclass(frozen=True, slots=True)
class Entry:
    """One box of the form."""

    statement: Statement
    is_chosen: bool


def entries(statements: Iterable[Statement], form: Mapping[str, list[str]], own: Sequence[str]) -> tuple[Entry, ...]:
    """What was ticked, else what one chose."""
    return tuple(Entry(one, any(form.get(f"choose.{one.id}", ())) if form else one.id in own) for one in statements)


def rows(tally: Tally, round: Round) -> tuple[Row, ...]:
    return rows_of(tally, round, "share")
