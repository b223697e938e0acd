"""A study as if it had some of its sessions alone, and the sets of them that are worth it: those that asked the same.

Told cells are left in or left out, whole. No ballot is cut anew for a choice, and who sat in several sessions keeps
the part of a voice that the whole study gives them in each, since how many they are in one choice and in another would
tell who they are. So whatever is worked out of a choice could be worked out of the study's own file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

from consensus.results.study.data import OTHERS, Cell, Ordered, StudyResults, StudyStatement
from consensus.results.study.ordered import same_of
from consensus.results.study.pooled import Pooled, pooled

Told = TypeVar("Told", Cell, Ordered)
MOST = 6  # sets that are proposed
FEWEST = 2  # sessions of a set, and statements that they share
LOOKED_AT = 500  # sets among which these are looked for


@dataclass(frozen=True)
class Proposed:
    """of: sessions that asked the same statements. theme, nature: what all of these are about, "" where they differ.
    people: who answered, session by session. pool: their list."""

    of: tuple[str, ...]
    theme: str
    nature: str
    people: int
    pool: Pooled


def chosen(results: StudyResults, of: Sequence[str]) -> tuple[str, ...]:
    """Of the sessions that are named those that there are, in their order; all of them where none is."""
    there = tuple(one.key for one in results.sessions)
    return tuple(key for key in there if key in set(of)) or there


def narrowed(results: StudyResults, of: Sequence[str]) -> StudyResults:
    """of: as chosen() gives it. All sessions: the study as it is."""
    if len(of) == len(results.sessions):
        return results
    sessions = tuple(one for one in results.sessions if one.key in of)
    return replace(
        results,
        sessions=sessions,
        lists=results.lists if any(one.lists for one in sessions) else (),
        statements=tuple(_asked(one, of) for one in results.statements if set(one.asked) & set(of)),
        outcomes=tuple(one for one in results.outcomes if one.session in of),
        cells=_voiced([one for one in results.cells if one.session in of]),  # OTHERS sat in sessions that may be out
        ordered=_voiced([one for one in results.ordered if one.session in of]),
        placed=(),  # of ballots that were cut for the whole study, or told again in ordered
        parts=(),
    )


def pooled_of(results: StudyResults, of: Sequence[str]) -> Pooled:
    return pooled(narrowed(results, of))


def _asked(one: StudyStatement, of: Sequence[str]) -> StudyStatement:
    return replace(one, asked={key: name for key, name in one.asked.items() if key in of})


def _voiced(cells: Sequence[Told]) -> tuple[Told, ...]:
    """Where one session alone is left of a statement, each of its people is one."""
    where: dict[str, set[str]] = {}
    for cell in cells:
        where.setdefault(cell.statement, set()).add(cell.session)
    alone = {statement for statement, sessions in where.items() if len(sessions) == 1}
    return tuple(replace(cell, voices=Fraction(cell.n)) if cell.statement in alone else cell for cell in cells)


def proposed(results: StudyResults) -> tuple[Proposed, ...]:
    """The sets of sessions that lists are made of: each time the one that adds most figures to those before."""
    sets = [of for of in _sets(results) if FEWEST <= len(of) < len(results.sessions)]
    common = {of: _common(results, of) for of in sets}
    seen: set[tuple[str, str]] = set()
    found: list[Proposed] = []
    while len(found) < MOST and sets:
        fresh = {of: {(key, session) for key in common[of] for session in of} - seen for of in sets}
        best = max(sets, key=lambda of: (len(fresh[of]), -sets.index(of)))
        if len(fresh[best]) < FEWEST * FEWEST:
            break
        sets.remove(best)
        one = _named(results, best)
        seen |= fresh[best]
        if len(one.pool.rows) >= FEWEST:
            found.append(one)
    return tuple(found)


def _sets(results: StudyResults) -> list[tuple[str, ...]]:
    """What asked each statement, and what asked several of them; those that ordered the same list."""
    where: dict[str, set[str]] = {}
    for cell in results.cells:
        if cell.session != OTHERS:
            where.setdefault(cell.statement, set()).add(cell.session)
    found = dict.fromkeys(frozenset(sessions) for sessions in where.values())
    for one, other in combinations(list(found), 2):
        if len(found) < LOOKED_AT:
            found.setdefault(one & other)
    found |= dict.fromkeys(map(frozenset, same_of(results.ordered).values()))
    return [tuple(sorted(of, key=int)) for of in found]


def _common(results: StudyResults, of: Sequence[str]) -> frozenset[str]:
    return frozenset(one.key for one in results.statements if set(of) <= set(one.asked))


def _named(results: StudyResults, of: tuple[str, ...]) -> Proposed:
    pool = pooled_of(results, of)
    keys = {row.statement for row in pool.rows}
    there = [one for one in results.statements if one.key in keys]
    themes, natures = ({getattr(one, name) for one in there} for name in ("theme", "nature"))
    people = sum(one.people or 0 for one in results.sessions if one.key in of)
    return Proposed(of, _only(themes), _only(natures), people, pool)


def _only(names: set[str]) -> str:
    return next(iter(names)) if len(names) == 1 else ""
