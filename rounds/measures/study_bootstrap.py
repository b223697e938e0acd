"""How sure a pooled list is: people drawn again inside their session and group, or whole sessions.

People drawn again say whether other people of these sessions would have made the same list; other sessions are another
question, for which sessions are drawn, and which so few as most studies have hardly answer: there what leaving one out
changes says more (pooled_order.py). No ballot is read here: points of each person come in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.divisions import common_of
from rounds.measures.guards import interval_guard
from rounds.measures.panels import too_few
from rounds.measures.pooling import SCHEMES, Origin
from rounds.measures.resampling import places, snapped, weights
from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNITS = ("person", "session")
ENOUGH = 8  # sessions, from which on drawing them says something
AT_ONCE = 2_000_000  # figures at a time: bounds the memory

Stratum = tuple[Origin, Floats]  # the people of one group in one session: points (people, statements)


def study_bootstrap(
    scores: ArrayLike,
    origins: Sequence[Origin],
    k: int,
    *,
    scheme: str = "nested",
    unit: str = "person",
    seed: int = 0,
    resamples: int = 1000,
) -> Result:
    """In what share of the resamples each statement is among the first k of the pooled list. Value: p_top.

    scores (people, statements): points among the common statements, higher is better, NaN = none; origins (people,).
    scheme: how people are counted, anew in each resample. unit: person (drawn inside session and group, so that every
    stratum keeps its size) or session (a session drawn twice is two). A statement that a session gave no point has no
    place in the pooled list: its p_top is NaN, as is one that no resample has. Statements tied across the edge share
    the places left. n: people with a point for a common statement. more: common, strata, singletons (strata of one
    person, which never vary), sessions. p_top does not depend on the order of people, nor on what a session is called
    but by the luck of the draw. Flags: small_group (unit person: a stratum under five), few_sessions (unit session:
    under eight).
    Undefined: empty, no_common; unit person: n1 (more than half of the people are alone in their stratum), no_variation
    (all people of each stratum have the same points); unit session: one_panel. ValueError: no such scheme or unit, k or
    resamples under 1, shapes that do not fit. Efron 1979, doi:10.1214/aos/1176344552.
    """
    if scheme not in SCHEMES or unit not in UNITS or k < 1 or resamples < 1:
        raise ValueError("no such scheme or unit, or k or resamples under 1")
    chosen = {"k": k, "scheme": scheme, "unit": unit, "seed": seed, "resamples": resamples}
    points, people, common = _people(scores, origins)
    strata = _strata(points, people)
    sessions = {stratum.session for stratum, _ in strata}
    more: dict[str, Any] = {
        "common": tuple(np.flatnonzero(common).tolist()),
        "strata": len(strata),
        "singletons": sum(len(rows) == 1 for _, rows in strata),
        "sessions": len(sessions),
    }
    n = len(people)
    reason, flags = _guarded(strata, len(sessions), unit)
    reason = reason if not n or common.any() else "no_common"
    if reason:
        return undefined(reason, n=n, method="study_bootstrap", parameters=chosen, more=more)
    sums, had = np.zeros(len(common)), np.zeros(len(common))
    for drawn in _draws(strata, unit, seed, resamples):
        means = drawn.mean(range(len(strata)), scheme)
        shares = places(snapped(means, [rows for _, rows in strata]), k)[1]
        sums[common] += np.nansum(shares, axis=0)
        had[common] += (~np.isnan(shares)).sum(axis=0)
    p_top = np.divide(sums, had, out=np.full(len(common), np.nan), where=had > 0)
    return Result(p_top, n, "study_bootstrap", chosen, more, flags=flags)


def _people(scores: ArrayLike, origins: Sequence[Origin]) -> tuple[Floats, list[Origin], NDArray[np.bool_]]:
    """Points (people, common statements) and origins of whoever has one, and which statements are common.

    Everything that was scored where nothing is common.
    """
    points = np.asarray(scores, dtype=np.float64)
    if points.ndim != 2 or len(origins) != len(points):
        raise ValueError("scores are (people, statements), with an origin per person")
    codes = {session: code for code, session in enumerate(dict.fromkeys(origin.session for origin in origins))}
    sessions = np.array([codes[origin.session] for origin in origins], dtype=np.int64)
    there = ~np.isnan(points).all(axis=1)
    common = common_of(points[there], sessions[there])
    if common.any():
        points = points[:, common]
        there = ~np.isnan(points).all(axis=1)
    return points[there], [origins[row] for row in np.flatnonzero(there).tolist()], common


def _strata(points: Floats, people: Sequence[Origin]) -> list[Stratum]:
    """Strata by name and people by their points, so that a shuffled file gives the same draws."""
    strata: dict[tuple[Hashable, Hashable], tuple[Origin, list[int]]] = {}
    for row, origin in enumerate(people):
        strata.setdefault((origin.session, origin.group), (origin, []))[1].append(row)
    named = sorted(strata.values(), key=lambda stratum: (str(stratum[0].session), str(stratum[0].group)))
    return [(origin, points[rows][np.lexsort(points[rows].T)]) for origin, rows in named]


def _guarded(strata: Sequence[Stratum], sessions: int, unit: str) -> tuple[str, tuple[str, ...]]:
    """Why drawing says nothing, else ""; and flags."""
    if unit == "session":
        return too_few(sessions), ("few_sessions",) * (sessions < ENOUGH)
    labels = np.repeat(np.arange(len(strata)), [len(rows) for _, rows in strata])
    table = np.concatenate([rows for _, rows in strata]) if strata else np.zeros((0, 1))
    guard = interval_guard(table, labels, missing=np.nan)
    return guard.reason, guard.flags


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Some resamples. sums, and how many people they are over: (strata, resamples, statements); copies of the session
    of each stratum: (strata, resamples).
    """

    origins: Sequence[Origin]
    sums: Floats
    there: Floats
    copies: Floats

    def mean(self, strata: Sequence[int], scheme: str, depth: int = 0) -> Floats:
        """Of these strata: of whoever shares their one voice, else of those who do, one voice each. NaN: nobody."""
        paths = [self.origins[stratum].path(scheme) for stratum in strata]
        if depth == len(paths[0]):
            chosen = list(strata)
            return _ratio(self.sums[chosen].sum(axis=0), self.there[chosen].sum(axis=0))
        inner: dict[Hashable, list[int]] = {}
        for stratum, path in zip(strata, paths, strict=True):
            inner.setdefault(path[depth], []).append(stratum)
        total, voices = np.zeros_like(self.sums[0]), np.zeros_like(self.sums[0])
        for some in inner.values():
            means = self.mean(some, scheme, depth + 1)
            is_session = depth == 0 and scheme in ("session", "nested")
            voice = np.where(np.isnan(means), 0, self.copies[some[0]][:, None] if is_session else 1)
            total += voice * np.nan_to_num(means)
            voices += voice
        return _ratio(total, voices)


def _draws(strata: Sequence[Stratum], unit: str, seed: int, resamples: int) -> Iterator[_Drawn]:
    """A few resamples at a time."""
    origins = [origin for origin, _ in strata]
    sessions = list(dict.fromkeys(origin.session for origin in origins))
    sizes = [len(sessions)] if unit == "session" else [len(rows) for _, rows in strata]
    scores = [np.nan_to_num(rows) for _, rows in strata]
    given = [np.asarray(~np.isnan(rows), dtype=np.float64) for _, rows in strata]
    at_once = max(1, AT_ONCE // (len(strata) * scores[0].shape[1]))
    for every in weights(sizes, resamples, seed):
        for start in range(0, len(every[0]), at_once):
            drawn = [times[start : start + at_once] for times in every]
            copies = np.ones((len(strata), len(drawn[0])))
            if unit == "session":
                copies = drawn[0].T[[sessions.index(origin.session) for origin in origins]]
                drawn = [np.outer(times, np.ones(len(rows))) for times, (_, rows) in zip(copies, strata, strict=True)]
            sums, there = (np.stack([w @ t for w, t in zip(drawn, table, strict=True)]) for table in (scores, given))
            yield _Drawn(origins, sums, there, copies)


def _ratio(total: Floats, voices: Floats) -> Floats:
    return np.divide(total, voices, out=np.full_like(total, np.nan), where=voices > 0)
