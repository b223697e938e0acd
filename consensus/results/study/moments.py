"""Two moments of one table beside each other: what changed by statement and group, and whether people changed their
mind or other people came.

What each moment told is told again. What is said of the same people is a part of both, so it is told only where in each
told cell the people who stayed, who left and who came are none or at least k: else a difference would speak of few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from consensus.results.study.data import Cell, StudyResults, StudySession
from consensus.results.study.people import Answered, Who
from consensus.results.study.reading import Answers
from consensus.results.study.sums import by_statement, sum_of
from rounds.measures.verdicts import decider, verdict_change
from rounds.rules import Ram, Share, Spread, rule_from

Groups = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Then:
    """A share in the high band at both moments, of everybody or of a group."""

    groups: Groups
    n: int
    high: int
    n_now: int
    high_now: int

    @property
    def before(self) -> Fraction:
        return Fraction(self.high, self.n)

    @property
    def after(self) -> Fraction:
        return Fraction(self.high_now, self.n_now)

    @property
    def change(self) -> Fraction:
        """In parts of 1; over 0: more people agree now."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Stayed:
    """Of one statement, the people who answered both times. cause: none, people, opinions or both."""

    n: int
    changed: int
    left: int
    joined: int
    before: str
    after: str
    cause: str


@dataclass(frozen=True, slots=True)
class Change:
    """whole: None where a moment tells nothing of it. same: None where it may not be told, or no rule can say it."""

    statement: str
    before: str
    after: str
    whole: Then | None
    by_group: tuple[Then, ...]
    same: Stayed | None


@dataclass(frozen=True, slots=True)
class Moments:
    """Counts of people are None where one of them, or what is left of one, is 1 to k - 1. replaced: who left and whose
    group has somebody new."""

    earlier: str
    later: str
    stayed: int | None
    left: int | None
    joined: int | None
    replaced: int | None
    changes: tuple[Change, ...]
    only_then: tuple[str, ...]
    only_now: tuple[str, ...]


def moments_of(results: StudyResults, answers: Answers) -> tuple[Moments, ...]:
    """One for each session that is the next moment of another that told figures too."""
    keys = {one.key for one in results.sessions}
    return tuple(
        _Bench(results, answers, results.session(one.follows), one).moments()
        for one in results.sessions
        if one.follows in keys
    )


class _Bench:
    def __init__(self, results: StudyResults, answers: Answers, then: StudySession, now: StudySession) -> None:
        self.results, self.then, self.now = results, then, now
        self.cells = by_statement(results.cells)
        self.verdicts = {(one.session, one.statement): one.verdict for one in results.outcomes}
        self.said = [[one for one in answers.scored if one.session == at.key] for at in (then, now)]
        self.is_as_told = answers.is_as_told

    def moments(self) -> Moments:
        both = [{one.who: one.groups for one in said} for said in self.said]
        stayed = both[0].keys() & both[1].keys()
        left, joined = (Counter(groups for who, groups in at.items() if who not in stayed) for at in both)
        asked = [{one.key for one in self.results.statements if at.key in one.asked} for at in (self.then, self.now)]
        order = [one.key for one in self.results.statements]
        return Moments(
            earlier=self.then.key,
            later=self.now.key,
            **self._people(len(stayed), left.total(), joined.total(), (left & joined).total()),
            changes=tuple(self._change(key) for key in order if key in asked[0] & asked[1]),
            only_then=tuple(key for key in order if key in asked[0] - asked[1]),
            only_now=tuple(key for key in order if key in asked[1] - asked[0]),
        )

    def _people(self, stayed: int, left: int, joined: int, replaced: int) -> dict[str, int | None]:
        """All of them or none: how many answered at each moment is told, and what is left of a sum would be few."""
        parts = (stayed, left, joined, replaced, left - replaced, joined - replaced)
        is_told = all(n == 0 or n >= self.results.k for n in parts)
        counts = {"stayed": stayed, "left": left, "joined": joined, "replaced": replaced}
        return {name: n if is_told else None for name, n in counts.items()}

    def _change(self, key: str) -> Change:
        cells = [[one for one in self.cells.get(key, []) if one.session == at.key] for at in (self.then, self.now)]
        before, after = (self.verdicts.get((at.key, key), "") for at in (self.then, self.now))
        by_group = {one.groups: one for one in cells[1]}
        pairs = [(one, by_group[one.groups]) for one in cells[0] if one.groups in by_group]
        return Change(
            statement=key,
            before=before,
            after=after,
            whole=_then((), cells[0], cells[1]),
            by_group=tuple(then for one, other in pairs if (then := _then(one.groups, [one], [other]))),
            same=self._same(key, cells),
        )

    def _same(self, key: str, cells: Sequence[Sequence[Cell]]) -> Stayed | None:
        at_then, at_now = (at.of(key) for at in (self.then, self.now))
        rules = [rule_from(at.rule) for at in (at_then, at_now)]
        if not self.is_as_told or not all(cells) or at_then.scale != at_now.scale or at_now.bands is None:
            return None
        then, now = ({one.who: one for one in said if key in one.values} for said in self.said)
        if not all(
            self._may_tell(of, other, told) for of, other, told in ((then, now, cells[0]), (now, then, cells[1]))
        ):
            return None
        people = sorted({*then, *now})
        x, y = (np.array([of[who].values[key] if who in of else 0 for who in people]) for of in (then, now))
        sides = []
        for rule, ratings, of in zip(rules, (x, y), (then, now), strict=True):
            if not isinstance(rule, Share | Ram | Spread):
                return None
            blocks = ["+".join(of[who].groups) if who in of else "" for who in people]
            sides.append(decider(rule, _Bands(*at_now.bands), ratings, blocks))
        found = verdict_change(x, y, *sides)
        more = found.more
        counts = {name: int(more[name]) for name in ("changed", "left", "joined")}
        return Stayed(
            n=found.n or 0,
            **counts,
            before=str(more["stayers_before"]),
            after=str(more["stayers_after"]),
            cause=str(found.value),
        )

    def _may_tell(self, of: Mapping[Who, Answered], other: Mapping[Who, Answered], told: Sequence[Cell]) -> bool:
        """Are those who stayed, and the rest, none or at least k in each told cell, and all of them in one?"""
        parts: dict[Groups, Counter[bool]] = {}
        for who, one in of.items():
            parts.setdefault(one.groups, Counter())[who in other] += 1
        k = self.results.k
        return {cell.groups: cell.n for cell in told} == {groups: sum(n.values()) for groups, n in parts.items()} and (
            all(n >= k for some in parts.values() for n in some.values())
        )


@dataclass(frozen=True, slots=True)
class _Bands:
    top: int
    low: tuple[int, int]
    high: tuple[int, int]


def _then(groups: Groups, then: Sequence[Cell], now: Sequence[Cell]) -> Then | None:
    one, other = sum_of(then), sum_of(now)
    return Then(groups, one.n, one.high, other.n, other.high) if one and other else None


def told_changes(moments: Moments) -> Iterator[Change]:
    """Those of which both moments told something, the largest first."""
    there = [change for change in moments.changes if change.whole]
    yield from sorted(there, key=lambda change: -abs(change.whole.change) if change.whole else Fraction())
