"""Rule 28: before a table of a study is shown or kept, all sums that its pages, files and sessions tell of a statement
are looked at together. And each of them must be the sum of whole told cells, or it is told nowhere.

The look itself is rounds/audit.py. No figure is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consensus.results.study.comparing import PARTED, Comparison, is_in
from consensus.results.study.data import TOLD, Cell, Ordered, Part, Placed, StudyResults
from consensus.results.study.people import CUTS, Answered
from consensus.results.study.pooled import Pooled
from consensus.results.study.sums import by_statement
from rounds.audit import Answer, given_away

Place = tuple[str, tuple[str, ...], str]  # session, block, statement
Sums = dict[str, list[frozenset[Answer]]]  # by statement


def unsound(
    results: StudyResults,
    pool: Pooled,
    sides: Mapping[str, Comparison],
    scored: Sequence[Answered],
    placed: Sequence[Answered] = (),
    before: Sequence[StudyResults] = (),
) -> tuple[str, ...]:
    """The statements of which something would tell of fewer than k people, or is no sum of told cells; () as it should
    be. scored, placed: whose answers the cells hold. before: the same study as it was told earlier."""
    found = {key for key, is_sum in _checked(results, pool, sides) if not is_sum}
    for kind, answers in (("cells", scored), ("placed", placed), ("ordered", placed)):
        told: Sums = {}
        for state in (*before, results):
            shown = sides if state is results and kind != "ordered" else {}  # no column is a sum of own lists
            for key, rows in _sums(getattr(state, kind), answers, shown).items():
                told.setdefault(key, []).extend(rows)
            asked = sides if state is results else {}
            for key, rows in _parts(state.parts if kind == "cells" else (), answers, asked).items():
                told.setdefault(key, []).extend(rows)
        found |= {key for key, rows in told.items() if given_away(rows, results.k)}
    return tuple(key for key in (one.key for one in results.statements) if key in found)


def _parts(parts: Sequence[Part], answers: Sequence[Answered], sides: Mapping[str, Comparison]) -> Sums:
    """Each part of a cell, all of one label together, and every column that adds those of several labels."""
    found: Sums = {}
    members: list[tuple[Part, frozenset[Answer]]] = []
    for by, label in dict.fromkeys((part.by, part.label) for part in parts):
        theirs = [one for one in answers if one.labels[CUTS.index(by)] == label]
        own = [part for part in parts if (part.by, part.label) == (by, label)]
        people = people_of(own, theirs)
        members += [(part, people[part.session, part.groups, part.statement]) for part in own]
        for key, rows in _sums(own, theirs, {}).items():
            found.setdefault(key, []).extend(rows)
    for by in PARTED:
        for column in sides[by].columns if by in sides else ():
            inside = [(part.statement, those) for part, those in members if is_in(part, column, by)]
            for key in dict.fromkeys(key for key, _ in inside):
                found.setdefault(key, []).append(frozenset().union(*(those for of, those in inside if of == key)))
    return found


def people_of(cells: Sequence[Cell | Ordered | Placed], answers: Sequence[Answered]) -> dict[Place, frozenset[Answer]]:
    """Whose answers each cell holds. Those who erased theirs since stay in it, as people of whom nothing is known."""
    named: dict[Place, set[Answer]] = {(cell.session, cell.groups, cell.statement): set() for cell in cells}
    for one in answers:
        for statement in one.values:
            place = (one.session, one.groups, statement)
            if place in named:
                named[place].add((one.who, one.session))
    for cell in cells:
        place = (cell.session, cell.groups, cell.statement)
        gone = range(max(0, cell.n - len(named[place])))
        named[place] |= {(("gone", cell.session, cell.groups, at), cell.session) for at in gone}
    return {place: frozenset(members) for place, members in named.items()}


def _sums(
    cells: Sequence[Cell | Ordered | Placed], answers: Sequence[Answered], sides: Mapping[str, Comparison]
) -> Sums:
    """By statement: every cell, every column, all together."""
    found, members = Sums(), people_of(cells, answers)
    for key in dict.fromkeys(cell.statement for cell in cells):
        own = [cell for cell in cells if cell.statement == key]
        parts = [own, *([cell] for cell in own)]
        parts += [
            [cell for cell in own if is_in(cell, column, by)] for by, side in sides.items() for column in side.columns
        ]
        found[key] = [
            frozenset().union(*(members[cell.session, cell.groups, cell.statement] for cell in part)) for part in parts
        ]
    return found


def _checked(results: StudyResults, pool: Pooled, sides: Mapping[str, Comparison]) -> Iterator[tuple[str, bool]]:
    """Of each told figure over cells: is it their sum?"""
    by_place, parted = by_statement(results.cells), by_statement(results.parts)
    cells: list[Cell | Ordered | Placed] = [*results.cells, *results.placed, *results.ordered, *results.parts]
    yield from ((cell.statement, cell.n >= results.k) for cell in cells)
    for row in (*pool.rows, *pool.apart):
        if row.whole is not None:
            yield row.statement, row.whole.n == sum(cell.n for cell in by_place.get(row.statement, ()))
    for by, side in sides.items():
        for one in side.rows:
            for column, figure in zip(side.columns, one.figures, strict=True):
                if figure.status == TOLD and figure.n is not None:
                    there: Sequence[Cell] = (parted if by in PARTED else by_place).get(one.statement, ())
                    own = [cell for cell in there if is_in(cell, column, by)]
                    yield one.statement, (figure.n, figure.high) == (sum(c.n for c in own), sum(c.high for c in own))


def is_made_of(results: StudyResults, of: Sequence[str], pool: Pooled) -> bool:
    """Is a list of some sessions the sum of the whole cells that these told in the study?"""
    there = [cell for cell in results.cells if cell.session in of]
    by_place = by_statement(there)
    sums = {
        key: tuple(sum(getattr(c, name) for c in own) for name in ("n", "high", "low")) for key, own in by_place.items()
    }
    rows = [row for row in (*pool.rows, *pool.apart) if row.whole is not None]
    return all(cell.n >= results.k for cell in there) and all(
        (row.whole.n, row.whole.high, row.whole.low) == sums.get(row.statement) for row in rows if row.whole
    )
