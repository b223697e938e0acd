"""A rating as votes: an answer in the high band agrees, one in the low band disagrees, one between passes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Marks, Round
from rounds.rating.scales import SCALES


def as_votes(round: Round, marks: Iterable[Marks]) -> NDArray[np.float64]:
    """(statements,), of one person by the criterion that decides: +1, 0, -1; NaN for no answer."""
    scale, places = SCALES[round.settings.scale], {one.id: place for place, one in enumerate(round.statements)}
    row = np.full(len(places), np.nan)
    for mark in marks:
        value = mark["values"].get(round.settings.criterion)
        if isinstance(value, int) and mark["card"] in places:
            row[places[mark["card"]]] = int(value >= scale.high[0]) - int(value <= scale.low[1])
    return row
