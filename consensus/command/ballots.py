"""A file of rankings as a panel: PrefLib, a list, or a row a person; with the weights that its groups get.

Nothing is ordered here.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consensus.command import columns, preflib, reading
from consensus.command.tidy import Note
from consensus.imports.numbers import is_date, is_no_answer, number, shown
from rounds.measures.pairwise import Unranked, Whole, balanced_weights, pairwise

MOST = 100_000_000  # places in all ballots; more do not fit into a small computer's memory


@dataclass(frozen=True, slots=True)
class Panel:
    """ranks (people, statements), 0 = not ranked. groups: indices by person. weights: whole numbers that give every
    group the same say, or None. pairs: the table of pairs under these weights. n: people whose ballot ranks anything.
    notes: what has to be said of the file first.
    """

    statements: tuple[str, ...]
    ranks: NDArray[np.integer[Any]]
    groups: NDArray[np.intp]
    group_names: tuple[str, ...]
    unranked: Unranked
    weights: Whole | None
    pairs: Whole
    n: int
    ghost: float
    notes: tuple[Note, ...]

    @property
    def unit(self) -> float:
        """What one unit of weight is worth in people, so that the weights of all add up to their number."""
        return 1.0 if self.weights is None else self.n / max(1, int(self.weights.sum()))


def panel_of(args: Namespace, data: bytes) -> Panel:
    """tidy.Malformed for a file that cannot be taken, ValueError for options that do not fit it."""
    ending = PurePath(args.file).suffix.casefold().removeprefix(".")
    if preflib.holds(data, ending):
        if args.group:
            raise ValueError("a PrefLib file knows no groups; use a list with a column of groups")
        held = preflib.read(data, ending)
        statements, names, notes = held.statements, held.groups, held.notes
        if int(held.times.sum()) * len(statements) > MOST:
            raise ValueError(f"more than {MOST} places in all ballots together")
        ranks = np.repeat(held.ranks.astype(np.min_scalar_type(len(statements))), held.times, axis=0)
        groups = np.repeat(held.group_of, held.times)
    else:
        sheet = reading.sheet(args, data, columns.RANK, _doubled)
        statements, names, notes = sheet.statements, sheet.groups, sheet.notes
        ranks, groups = sheet.values, sheet.group_of
    if args.balanced and not args.group:
        raise ValueError("--balanced gives groups the same say; name their column with --group")
    handed_in = np.asarray(ranks.any(axis=1))
    weights = balanced_weights(groups, present=handed_in)[0] if args.balanced else None
    pairs = pairwise(ranks, unranked=args.unranked, weights=weights)
    n = int(handed_in.sum())
    return Panel(statements, ranks, groups, names, args.unranked, weights, pairs, n, args.ghost, notes)


def _doubled(cell: str) -> int:
    """Twice the rank, which may be one of 2.5 that two statements share; only the order counts. A blank is none."""
    if is_no_answer(cell):
        return 0
    try:
        twice = 2 * number(cell)
    except ValueError:
        raise ValueError(f"{shown(cell)} is not a rank") from None
    if is_date(cell) or twice.denominator != 1 or twice < 2:
        raise ValueError(f"{shown(cell)} is not a rank; 1 is the best, and a blank is not ranked")
    return int(twice)
