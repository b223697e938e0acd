"""People of several sites who are told in no session of their own, together: a group of which each site had too few.

Rule 27: of one group, from k people and two sites on, and nobody who is in a told cell. Only in tables made at the
freeze, since a draft that grows by one would tell of that one; and a later table moves such a sum by k people or not
at all. Nobody is put together with another group here, so no pair that a study keeps apart can meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from consensus.results.study.data import OTHERS, Bands, Cell, StudyResults
from consensus.results.study.people import Answered

Key = tuple[tuple[str, ...], str]


def others_of(results: StudyResults, unseen: Sequence[Answered], kept: Sequence[Cell] = ()) -> tuple[Cell, ...]:
    """unseen: answers that are in no told cell, each under the group that the person declared. kept: those sums as the
    last table told them."""
    sites = {one.key: one.site or one.key for one in results.sessions}
    scales = {one.bands for session in results.sessions for one in session.parts if one.bands}
    made = dict(_made(results, unseen, sites, scales.pop())) if len(scales) == 1 else {}
    before = {(cell.groups, cell.statement): cell for cell in kept}
    for key, cell in before.items():
        if key not in made or made[key].n < cell.n + results.k:
            made[key] = cell
    return tuple(made[key] for key in sorted(made))


def _made(
    results: StudyResults, unseen: Sequence[Answered], sites: Mapping[str, str], scale: Bands
) -> Iterator[tuple[Key, Cell]]:
    top, low, high = scale
    told: dict[Key, list[Answered]] = {}
    for one in unseen:
        for statement in one.values:
            told.setdefault((one.groups, statement), []).append(one)
    for (groups, statement), people in told.items():
        who, where = {one.who for one in people}, {sites[one.session] for one in people}
        if len(who) < max(results.k, 1) or len(where) < 2 or len(who) < len(people):
            continue
        values = [one.values[statement] for one in people]
        votes = tuple(values.count(value) for value in range(1, top + 1))
        in_band = [sum(votes[band[0] - 1 : band[1]]) for band in (high, low)]
        cell = Cell(OTHERS, groups, statement, len(people), in_band[0], in_band[1], votes, Fraction(len(people)))
        yield (groups, statement), cell
