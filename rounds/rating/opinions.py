"""A rating as votes: who answers alike, and where somebody stands among them.

An answer in the high band agrees, one in the low band disagrees, one between passes; no answer is no vote. Rows of
people are put in an order of their own, so that no order of ballots or names of seats moves a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Round
from rounds.measures.landscape import landscape, placed
from rounds.measures.opinions import PEOPLE, told
from rounds.measures.result import Result
from rounds.rating.scales import SCALES

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Charted:
    """told: for anyone. loadings (2, statements), means (statements,), NaN where nobody voted: they place somebody who
    asks for their own place, and rest on everybody's votes to the last digit, so they are told to nobody."""

    told: Result
    loadings: Floats
    means: Floats


def charted(round: Round, ballots: Iterable[Ballot], k: int, seed: int) -> Charted | None:
    """By the criterion that decides. ballots: those that may be told. None under 100 people with an answer."""
    answers: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        if ballot.block is not None:
            answers.setdefault(ballot.seat, []).append(ballot)
    rows = [votes(round, [ballot.marks for ballot in own]) for own in answers.values()]
    table = np.array([row for row in rows if not np.isnan(row).all()])
    if len(table) < PEOPLE:
        return None
    table = table[np.lexsort(np.nan_to_num(table, nan=2.0).T[::-1])]
    found = landscape(table, seed=seed)
    shown = told(table, found, k)
    nothing = np.full(table.shape[1], np.nan)
    axes, means = found.more.get("loadings"), found.more.get("means")
    if shown.value is None or axes is None or means is None:
        return Charted(shown, np.zeros((2, table.shape[1])), nothing)
    return Charted(shown, axes, means)


def votes(round: Round, marks: Iterable[Mapping[str, Any]]) -> Floats:
    """(statements,), of one person: +1, 0, -1, NaN for none."""
    scale, places = SCALES[round.settings.scale], {one.id: place for place, one in enumerate(round.statements)}
    row = np.full(len(places), np.nan)
    for mark in marks:
        value = mark["values"].get(round.settings.criterion)
        if isinstance(value, int) and mark["card"] in places:
            row[places[mark["card"]]] = int(value >= scale.high[0]) - int(value <= scale.low[1])
    return row


def own_place(
    round: Round, marks: Iterable[Mapping[str, Any]], loadings: Sequence[Sequence[float]], means: Sequence[float | None]
) -> tuple[float, float] | None:
    """Where a person stands, for that person alone. None without a vote on the map."""
    at = placed(votes(round, marks)[None], np.array(loadings, dtype=np.float64), np.array(means, dtype=np.float64))[0]
    return None if np.isnan(at).any() else (float(at[0]), float(at[1]))
