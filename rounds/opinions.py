"""The map of opinions of a round whose kind has votes: who answers alike, and where one person stands among them.

Rows of people are put in an order of their own, so that no order of ballots and no name of a seat moves a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Marks, Round
from rounds.kind import Kind
from rounds.measures.landscape import landscape, placed
from rounds.measures.opinions import PEOPLE, told
from rounds.measures.result import Result

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Charted:
    """told: for anyone. loadings (2, statements), means (statements,), NaN where nobody voted: they place somebody who
    asks for their own place, and rest on everybody's votes to the last digit, so they are told to nobody."""

    told: Result
    loadings: Floats
    means: Floats


def charted(kind: Kind, round: Round, ballots: Iterable[Ballot], k: int, seed: int) -> Charted | None:
    """ballots: those that may be told. None where the kind has no votes, and under 100 people with one."""
    if kind.as_votes is None:
        return None
    given: dict[str, list[Marks]] = {}
    for ballot in ballots:
        if ballot.block is not None:
            given.setdefault(ballot.seat, []).append(ballot.marks)
    rows = [kind.as_votes(round, marks) for marks in given.values()]
    table = np.array([row for row in rows if not np.isnan(row).all()])
    if len(table) < PEOPLE:
        return None
    table = table[np.lexsort(np.nan_to_num(table, nan=2.0).T[::-1])]
    found = landscape(table, seed=seed)
    shown = told(table, found, k)
    if shown.value is None:
        size = table.shape[1]
        return Charted(shown, np.zeros((2, size)), np.full(size, np.nan))
    return Charted(shown, found.more["loadings"], found.more["means"])


def own_place(
    kind: Kind,
    round: Round,
    marks: Iterable[Marks],
    loadings: Sequence[Sequence[float]],
    means: Sequence[float | None],
) -> tuple[float, float] | None:
    """Where a person stands, for that person alone. None without a vote on the map."""
    if kind.as_votes is None:
        return None
    axes, middle = np.array(loadings, dtype=np.float64), np.array(means, dtype=np.float64)
    at = placed(kind.as_votes(round, marks)[None], axes, middle)[0]
    return None if np.isnan(at).any() else (float(at[0]), float(at[1]))
