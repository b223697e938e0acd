"""Told cells cut by what their people are: the language they answer in, an arm of their own, the sites to which they
belong. Only where every part of every cell is nobody or at least k people, for all cells and all statements, and for
all cuts together; else no cell is cut so, since a table that leaves out one cell tells which.

Sites cut by all of somebody's sites at once: people of two are a part of their own, which the column of each site adds
as a whole. No column divides a part, so columns may share people and still tell of no few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction

from consensus.results.study.data import OTHERS, Bands, Cell, Part, StudyResults
from consensus.results.study.people import AND, CUTS, Answered

OWN_SITE = CUTS[2]
Place = tuple[str, tuple[str, ...], str]


def parts_of(results: StudyResults, answers: Sequence[Answered]) -> tuple[Part, ...]:
    """answers: those of the cells. What was cut in an earlier table stays as it was cut, and is asked of again."""
    cells = [cell for cell in results.cells if cell.session != OTHERS]
    sessions = {one.key: one for one in results.sessions}
    inside: dict[Place, list[Answered]] = {(cell.session, cell.groups, cell.statement): [] for cell in cells}
    for one in answers:
        for statement in one.values:
            if (one.session, one.groups, statement) in inside:
                inside[one.session, one.groups, statement].append(one)
    told: list[int] = []
    for at in range(len(CUTS)):
        labels = {one.labels[at] for one in answers}
        if _cuts(CUTS[at], labels) and _may(results.k, cells, inside, [*told, at]):
            told.append(at)
    before: dict[tuple[str, Place], list[Part]] = {}
    for part in results.parts:
        before.setdefault((part.by, (part.session, part.groups, part.statement)), []).append(part)
    return tuple(
        part
        for at in told
        for cell in cells
        for part in before.get((CUTS[at], (cell.session, cell.groups, cell.statement)))
        or _cut(cell, inside, at, sessions[cell.session].of(cell.statement).bands)
    )


def _cuts(by: str, labels: Set[str]) -> bool:
    """Are people told apart by it, and, by sites, otherwise than by those of their sessions?"""
    return len(labels) > 1 and "" not in labels and (by != OWN_SITE or any(AND in label for label in labels))


def _may(k: int, cells: Sequence[Cell], inside: Mapping[Place, Sequence[Answered]], cuts: Sequence[int]) -> bool:
    for cell in cells:
        people = inside[cell.session, cell.groups, cell.statement]
        sizes: dict[tuple[str, ...], int] = {}
        for one in people:
            label = tuple(one.labels[at] for at in cuts)
            sizes[label] = sizes.get(label, 0) + 1
        if len(people) != cell.n or min(sizes.values(), default=0) < k:
            return False
    return True


def _cut(
    cell: Cell,
    inside: Mapping[Place, Sequence[Answered]],
    at: int,
    scale: Bands | None,
) -> Iterator[Part]:
    people = inside[cell.session, cell.groups, cell.statement]
    if scale is None:
        return
    top, low, high = scale
    for label in sorted({one.labels[at] for one in people}):
        values = [one.values[cell.statement] for one in people if one.labels[at] == label]
        votes = tuple(values.count(value) for value in range(1, top + 1))
        in_high, in_low = (sum(votes[band[0] - 1 : band[1]]) for band in (high, low))
        n = len(values)
        where = (cell.session, cell.groups, cell.statement)
        yield Part(*where, n, in_high, in_low, votes, Fraction(n), CUTS[at], label)
