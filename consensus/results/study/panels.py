"""How alike the sessions of a study are: what two share in their first places, held against the same people divided by
chance, and how often they come to one verdict.

Slow where people are divided; asked in a thread, never in the event loop. Figures over all told cells of two sessions,
never of few people: a session of which no number of people may be told is compared with none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from consensus.results.study.data import RARE, StudyResults
from consensus.results.study.lists import by_list
from consensus.results.study.people import Answered
from consensus.results.study.pooled import Pooled
from consensus.results.study.reading import Answers
from rounds.contract import Decision
from rounds.measures.divisions import overlap_reference, panels_differ
from rounds.measures.orders import Order
from rounds.measures.pairwise import doubled_points
from rounds.measures.panels import core_overlap, panel_tau, panels_tau, rbo, top_overlap
from rounds.measures.pooling import Origin
from rounds.measures.result import Result
from rounds.measures.study_bootstrap import study_bootstrap
from rounds.measures.unison import panel_verdicts

DRAWS, RESAMPLES = 999, 1000
SEVERAL = "lists"  # why a figure of one order is not said of several lists
PLACES_TOLD = 3  # decimals: figures of whole rows of people are told no finer


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sessions. shared: of the first places among the statements put to both; about: how many the same people
    divided by chance would share, and no_more: in what part of the divisions as few; None where a session has under
    four people, or its answers are not those of the close any more. tau, tau_b, overlap: for files."""

    one: str
    other: str
    common: int
    size: int
    shared: int | None
    about: float | None
    no_more: float | None
    tau: float | None
    tau_b: float | None
    rbo: float | None


@dataclass(frozen=True, slots=True)
class Panels:
    """top: how many places are first. first: by statement, in the first places of how many sessions; of: of how many.
    core: those that are first in all. same: the share of pairs of sessions with the same verdict. differ, differ_p: how
    far the panels lie apart, and the share of divisions with as much. sure: by statement, in what share of resamples it
    is among the first of the pooled list."""

    top: int
    pairs: tuple[Pair, ...]
    of: int
    common: int
    core: tuple[str, ...]
    first: Mapping[str, int]
    same: float | None
    unanimous: int | None
    judged: int
    kappa: float | None
    ac2: float | None
    mean_tau: float | None
    central: tuple[str, ...]
    differ: float | None
    differ_p: float | None
    sure: Mapping[str, float]
    reasons: Mapping[str, str]
    lists: tuple[Panels, ...] = field(default=(), metadata=RARE)


def panels_of(results: StudyResults, pool: Pooled, answers: Answers) -> Panels:
    """Of several lists each by itself; of all together what is said of verdicts, and of each statement."""
    if not pool.lists:
        return _Bench(results, pool, answers).panels()
    own = tuple(
        _Bench(part, one, _within(answers, part)).panels()
        for part, one in zip(by_list(results), pool.lists, strict=True)
    )
    first, sure = ({key: n for one in own for key, n in getattr(one, name).items()} for name in ("first", "sure"))
    said = {**_judged(results), "first": first, "sure": sure, "core": tuple(key for one in own for key in one.core)}
    unsaid: dict[str, Any] = dict.fromkeys(("mean_tau", "differ", "differ_p"))
    reasons = dict.fromkeys(("core", "tau", "differ", "sure"), SEVERAL)
    return Panels(top=pool.top, pairs=(), of=0, common=0, central=(), reasons=reasons, lists=own, **said, **unsaid)


def _within(answers: Answers, part: StudyResults) -> Answers:
    keys = {one.key for one in part.statements}
    scored, placed = (
        tuple(one for one in said if one.values.keys() & keys) for said in (answers.scored, answers.placed)
    )
    return replace(answers, scored=scored, placed=placed)


def _judged(results: StudyResults) -> dict[str, Any]:
    found = _verdicts(results)
    return {
        "same": _told(found.value),
        "unanimous": found.more.get("unanimous"),
        "judged": found.n or 0,
        "kappa": _told(found.more.get("kappa")),
        "ac2": _told(found.more.get("ac2")),
    }


def _verdicts(results: StudyResults) -> Result:
    said = {(one.session, one.statement): one.verdict for one in results.outcomes}
    return panel_verdicts(
        [
            [Decision(verdict) if (verdict := said.get((one.key, asked.key))) else None for asked in results.statements]
            for one in results.sessions
            if one.people is not None
        ]
    )


class _Bench:
    def __init__(self, results: StudyResults, pool: Pooled, answers: Answers) -> None:
        self.results, self.pool = results, pool
        self.numbers = {one.key: at for at, one in enumerate(results.statements)}
        self.keys = list(self.numbers)
        self.sessions = [one for one in results.sessions if one.people is not None]
        self.orders = {one.key: self._order(one.key) for one in self.sessions}
        self.is_placed = bool(results.placed)
        given = answers.placed if self.is_placed else answers.scored
        self.answers = {
            one.key: [said for said in given if said.session == one.key] if answers.is_as_told else []
            for one in self.sessions
        }

    def panels(self) -> Panels:
        orders = list(self.orders.values())
        core, taus, verdicts = core_overlap(orders, self.pool.top), panels_tau(orders), _verdicts(self.results)
        there, named = core.more.get("in_panels", {}), [one.key for one in self.sessions]
        everybody = [said for one in named for said in self.answers[one]]
        differ = self._differ(everybody)
        sure = self._sure(everybody)
        found = {"core": core, "tau": taus, "verdicts": verdicts, "differ": differ, "sure": sure}
        return Panels(
            top=self.pool.top,
            pairs=tuple(self._pair(one, other) for one, other in combinations(named, 2)),
            of=len(core.more.get("panels", ())),
            common=core.n or 0,
            core=tuple(self.keys[at] for at in core.value or ()),
            first={self.keys[at]: times for at, times in there.items()},
            **_judged(self.results),
            mean_tau=_told(taus.value),
            central=tuple(named[at] for at in taus.more.get("most_central", ())),
            differ=_told(differ.more.get("share")) if differ else None,
            differ_p=_told(differ.more.get("p_permutation")) if differ and not differ.flags else None,
            sure=self._by_statement(sure),
            reasons={name: one.reason if one else "withheld" for name, one in found.items()},
        )

    def _order(self, session: str) -> Order:
        """Its list, as ties, by number of the statement."""
        ties: dict[int, list[int]] = {}
        for told in self.results.outcomes:
            if told.session == session and told.rank is not None:
                ties.setdefault(told.rank, []).append(self.numbers[told.statement])
        return tuple(tuple(sorted(ties[rank])) for rank in sorted(ties))

    def _pair(self, one: str, other: str) -> Pair:
        a, b, top = self.orders[one], self.orders[other], self.pool.top
        shared, tau = top_overlap(a, b, top), panel_tau(a, b)
        by_chance = self._by_chance([*self.answers[one], *self.answers[other]])
        depth = rbo(a, b, str(1 - Fraction(1, top)) if top > 1 else "0.5")
        return Pair(
            one=one,
            other=other,
            common=shared.n or 0,
            size=min(top, shared.n or 0),
            shared=shared.value,
            about=_told(by_chance.more.get("expected"), 1) if by_chance else None,
            no_more=_told(by_chance.more.get("p_at_most"), 2) if by_chance else None,
            tau=_told(tau.value),
            tau_b=_told(tau.more.get("tau_b")),
            rbo=_told(depth.value),
        )

    def _by_chance(self, said: Sequence[Answered]) -> Result | None:
        if not said:
            return None
        found = overlap_reference(
            self._scores(said), [one.session for one in said], self.pool.top, groups=_groups(said), draws=DRAWS
        )
        return None if found.flags or found.reason else found

    def _differ(self, said: Sequence[Answered]) -> Result | None:
        if not said:
            return None
        return panels_differ(self._scores(said), [one.session for one in said], groups=_groups(said), draws=DRAWS)

    def _sure(self, said: Sequence[Answered]) -> Result | None:
        """People drawn again inside session and group: would other people of these sessions list it first?"""
        if not said:
            return None
        sites = {one.key: one.site or one.key for one in self.sessions}
        origins = [Origin(one.session, sites[one.session], one.groups) for one in said]
        scores = self._scores(said)
        return study_bootstrap(scores, origins, self.pool.top, scheme=self.pool.headline, resamples=RESAMPLES)

    def _by_statement(self, sure: Result | None) -> dict[str, float]:
        if sure is None or sure.value is None:
            return {}
        return {self.keys[at]: round(float(p), PLACES_TOLD) for at, p in enumerate(sure.value) if p == p}

    def _scores(self, said: Sequence[Answered]) -> Any:
        """(people, statements): values, or points among the statements that all of these were asked; NaN: none."""
        asked = [
            {one.key for one in self.results.statements if session in one.asked}
            for session in {one.session for one in said}
        ]
        common = [key for key in self.keys if all(key in keys for keys in asked)]
        table = np.full((len(said), len(self.keys)), np.nan)
        if not common:
            return table
        at = [self.numbers[key] for key in common]
        given = np.array([[one.values.get(key, 0) for key in common] for one in said], dtype=np.int64)
        if not self.is_placed:
            table[:, at] = np.where(given > 0, given, np.nan)
            return table
        points = doubled_points(given) / 2
        points[~given.any(axis=1)] = np.nan
        table[:, at] = points
        return table


def _groups(said: Sequence[Answered]) -> list[str]:
    return ["+".join(one.groups) for one in said]


def _told(value: Any, decimals: int = PLACES_TOLD) -> float | None:
    return None if value is None else round(float(value), decimals)
