"""The lists of a study whose sessions have several: what stands on one never competes with what stands on another.

Two statements are of one list where a session with several lists put them on the same. What such sessions put on none
follows those that it shares a list with in another session; whatever is left is one more.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from consensus.results.study.data import StudyResults, StudySession


def lists_in(
    several: Sequence[Set[str]], single: Sequence[Set[str]], order: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """several: the lists of sessions that have several; single: of those that have one; order: all statements. () where
    nothing keeps any apart."""
    found: list[frozenset[str]] = []
    for those in several:
        touching = [one for one in found if one & those]
        found = [one for one in found if one not in touching] + [frozenset(those).union(*touching)]
    known = frozenset[str]().union(*found)
    for those in single:
        touching = [one for one in found if one & those]
        if len(touching) == 1:
            fresh = those - known
            found[found.index(touching[0])] |= fresh
            known |= fresh
    named = [tuple(key for key in order if key in one) for one in (*found, frozenset(order) - known)]
    there = sorted(filter(None, named), key=lambda one: (known.isdisjoint(one), order.index(one[0])))
    return tuple(there) if several and len(there) > 1 else ()


def by_list(results: StudyResults) -> tuple[StudyResults, ...]:
    """A study as if it had one list alone, for each that it has; itself where it has one."""
    found = [_narrowed(results, frozenset(keys)) for keys in results.lists]
    return tuple(one for one in found if one.statements) or (results,)


def _narrowed(results: StudyResults, keys: frozenset[str]) -> StudyResults:
    statements = tuple(one for one in results.statements if one.key in keys)
    asked = {session for one in statements for session in one.asked}
    split = {(one.session, one.round) for one in results.ordered if one.statement not in keys}
    return replace(
        results,
        sessions=tuple(_of(one, keys) for one in results.sessions if one.key in asked),
        statements=statements,
        outcomes=tuple(one for one in results.outcomes if one.statement in keys),
        cells=tuple(one for one in results.cells if one.statement in keys),
        placed=tuple(one for one in results.placed if one.statement in keys),
        parts=tuple(one for one in results.parts if one.statement in keys),
        ordered=tuple(
            one for one in results.ordered if one.statement in keys and (one.session, one.round) not in split
        ),
        lists=(),
    )


def _of(session: StudySession, keys: frozenset[str]) -> StudySession:
    return session.of(next((key for one in session.lists for key in one.statements if key in keys), ""))
