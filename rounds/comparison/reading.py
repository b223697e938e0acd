"""What people read of a comparison: the list, and where each block lies between never and always chosen.

Rows only, of what may be seen. Nothing is counted here.
"""

from __future__ import annotations

from rounds.contract import Round, Tally
from rounds.measures.phrases import certainty_of as certainty_of
from rounds.measures.phrases import edge as edge
from rounds.reading import Row, rows_of

AXIS = (-1, 1)  # least important whenever it was shown, most important whenever it was


def rows(tally: Tally, round: Round) -> tuple[Row, ...]:
    return rows_of(tally, round, "per_showing")
