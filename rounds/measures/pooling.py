"""One figure of several sessions together, under five ways of counting, of which none is the right one.

    person   every person has one voice         what do most people say
    group    every group, over all sessions     what if each kind of stakeholder had one voice
    session  every session                      what if each session had one voice
    site     every site, of one or more         what if each clinic or province had one voice
    nested   every session, and inside it       both
             every group present

What a session was not asked is no vote, no zero and no session: it leaves every divisor. Groups are those fixed for the
whole study. Shares are exact. Orders of sessions: pooled_order.py; how sure they are: study_bootstrap.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, lcm, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from rounds.contract import Decision
from rounds.measures.result import Result, undefined
from rounds.rules import Box, Share

SCHEMES = ("person", "group", "session", "site", "nested")
HEAVY = 5  # times what everybody weighs at equal weight, from which on somebody's weight is flagged
HALF = 2  # where the weights leave less than half of what the people would be worth, too

Path = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where some people come from. A site may hold several sessions, a session no two sites."""

    session: Hashable
    site: Hashable
    group: Hashable

    def path(self, scheme: str) -> Path:
        """Who shares their one voice, from the whole study inwards."""
        paths: dict[str, Path] = {
            "person": (),
            "group": (self.group,),
            "session": (self.session,),
            "site": (self.site,),
            "nested": (self.session, self.group),
        }
        return paths[scheme]


@dataclass(frozen=True, slots=True)
class Cell:
    """The answers of one group of one session to one statement; box None: the session was not asked."""

    origin: Origin
    box: Box | None


def weights(origins: Sequence[Origin], sizes: Sequence[int], scheme: str) -> list[Fraction]:
    """What one person of each origin weighs; everybody together 1, 0 where nobody is.

    sizes: how many people of each origin there are. ValueError: no such scheme, unequal lengths.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"no such scheme: {scheme}")
    paths = [origin.path(scheme) for origin in origins]
    people: Counter[Path] = Counter()
    for path, size in zip(paths, sizes, strict=True):
        people[path] += size
    nodes = {path[:depth] for path, size in people.items() if size for depth in range(1, len(path) + 1)}
    voices = Counter(node[:-1] for node in nodes)

    def share(path: Path) -> Fraction:
        return Fraction(1, people[path] * prod(voices[path[:depth]] for depth in range(len(path))))

    return [share(path) if size else Fraction() for path, size in zip(paths, sizes, strict=True)]


def pooling(cells: Sequence[Cell], rule: Share) -> Result:
    """The share of all sessions on one statement under each scheme, and what the rule's limits make of it.

    cells: one per session and group. rule: its limits are asked of the pooled share, whatever its scope. Value: share
    by scheme. n: people who answered, each once. more: by scheme low (share in the opposite band), verdict, n_eff
    (1 / sum of squared weights: so many people at equal weight would leave as much chance) and heaviest (the largest
    weight, in times of an equal one); sessions (how many come to each decision alone, all their people together), agree
    (the five verdicts are one), not_asked (sessions), silent (sessions that were asked and did not answer),
    dropped_groups (groups of which nobody answered). Flag: uneven (by some scheme one person weighs more than five
    times an equal weight, or n_eff is under half of n).
    Undefined: not_asked (of no session), empty. Weights: Kish 1965, Survey Sampling.
    """
    decide = replace(rule, scope="pooled")
    boxes: dict[Hashable, Box] = {}
    asked = [(cell.origin, cell.box) for cell in cells if cell.box is not None]
    for origin, box in asked:
        boxes[origin.session] = _sum(boxes.get(origin.session, Box(0, 0, 0)), box)
    origins, sizes = [origin for origin, _ in asked], [box.n for _, box in asked]
    n = sum(sizes)
    more: dict[str, Any] = {
        "not_asked": _first_seen(cell.origin.session for cell in cells if cell.origin.session not in boxes),
        "silent": tuple(session for session, box in boxes.items() if not box.n),
        "dropped_groups": _unheard(cells),
    }
    if not n:
        return undefined("empty" if asked else "not_asked", n=0, method="pooling", more=more)
    high, low, verdict, n_eff, heaviest = {}, {}, {}, {}, {}
    for scheme in SCHEMES:
        each = weights(origins, sizes, scheme)
        high[scheme] = sum((weight * box.high for weight, (_, box) in zip(each, asked, strict=True)), Fraction())
        low[scheme] = sum((weight * box.low for weight, (_, box) in zip(each, asked, strict=True)), Fraction())
        verdict[scheme] = decide.decide({"": _whole(high[scheme], low[scheme])})
        n_eff[scheme] = 1 / sum((weight**2 * size for weight, size in zip(each, sizes, strict=True)), Fraction())
        heaviest[scheme] = max(each) * n
    alone = Counter(decide.decide({"": box}) for box in boxes.values() if box.n)
    more |= {
        "low": low,
        "verdict": verdict,
        "n_eff": n_eff,
        "heaviest": heaviest,
        "sessions": {decision: alone[decision] for decision in Decision},
        "agree": len(set(verdict.values())) == 1,
    }
    uneven = max(heaviest.values()) > HEAVY or HALF * min(n_eff.values()) < n
    return Result(
        high, n, "pooling", {"percent": rule.percent, "opposite": rule.opposite}, more, flags=("uneven",) * uneven
    )


def stratified_shares(tables: ArrayLike) -> Result:
    """How far two groups lie apart in their share, each session compared inside itself. Value: the joined difference.

    tables (sessions, 4): votes and other answers of the first group, votes and other answers of the second. Sessions in
    which a group did not answer say nothing of it and are left out. n: answers in the others. more: sessions (how many
    these are), left_out (the places of the rest), or (the joined odds ratio, None where the divisor is 0), chi2
    (without continuity) and its p, both None where no session's answers differ, p_exact (over all divisions inside
    sessions, two-sided by the distance from the expected number), crude (difference of the shares of these sessions'
    people taken together: it may point the other way). All but p exact. Undefined: empty, one_group (no session has
    answers of both). ValueError: no such tables. Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719.
    """
    rows = np.asarray(tables)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype.kind not in "iu" or rows.min(initial=0) < 0:
        raise ValueError("tables are (sessions, 4), whole numbers from 0")
    both = (rows[:, 0] + rows[:, 1] > 0) & (rows[:, 2] + rows[:, 3] > 0)
    used: list[list[int]] = rows[both].tolist()
    n = int(rows[both].sum())
    more: dict[str, Any] = {"sessions": len(used), "left_out": tuple(np.flatnonzero(~both).tolist())}
    if not used:
        return undefined("one_group" if rows.any() else "empty", n=0, method="stratified_shares", more=more)
    ahead, sides, same, crossed, centre, spread = (
        sum(parts, Fraction()) for parts in zip(*map(_parts, used), strict=True)
    )
    votes, (first, second) = sum(row[0] for row in used), (_share(used, place) for place in (0, 2))
    chi2 = (votes - centre) ** 2 / spread if spread else None
    more |= {
        "or": same / crossed if crossed else None,
        "chi2": chi2,
        "p": None if chi2 is None else float(chdtrc(1, float(chi2))),
        "p_exact": _far(used, abs(votes - centre), centre),
        "crude": first - second,
    }
    return Result(ahead / sides, n, "stratified_shares", {}, more)


def _sum(one: Box, other: Box) -> Box:
    return Box(one.high + other.high, one.low + other.low, one.n + other.n)


def _whole(high: Fraction, low: Fraction) -> Box:
    """Shares as a count of as many as it takes to be exact."""
    n = lcm(high.denominator, low.denominator)
    return Box(int(high * n), int(low * n), n)


def _first_seen(names: Iterable[Hashable]) -> tuple[Hashable, ...]:
    return tuple(dict.fromkeys(names))


def _unheard(cells: Sequence[Cell]) -> tuple[Hashable, ...]:
    heard = {cell.origin.group for cell in cells if cell.box is not None and cell.box.n}
    return _first_seen(cell.origin.group for cell in cells if cell.origin.group not in heard)


def _parts(row: Sequence[int]) -> tuple[Fraction, ...]:
    """Of one session: what it adds to the difference and its divisor, to the odds and theirs, to the expected votes of
    the first group and their variance.
    """
    a, b, c, d = row
    n, first, second, votes, others = sum(row), a + b, c + d, a + c, b + d
    parts = (a * second - c * first, first * second, a * d, b * c, first * votes)
    return *(Fraction(part, n) for part in parts), Fraction(first * second * votes * others, n**2 * (n - 1))


def _share(rows: Sequence[Sequence[int]], place: int) -> Fraction:
    votes, others = (sum(row[at] for row in rows) for at in (place, place + 1))
    return Fraction(votes, votes + others)


def _far(rows: Sequence[Sequence[int]], reach: Fraction, centre: Fraction) -> Fraction:
    """The share of all divisions, inside each session, whose votes of the first group lie as far from the centre."""
    ways = Counter({0: 1})
    for a, b, c, d in rows:
        grown: Counter[int] = Counter()
        for taken in range(max(0, a - d), min(a + b, a + c) + 1):
            choices = comb(a + b, taken) * comb(c + d, a + c - taken)
            for before, many in ways.items():
                grown[before + taken] += many * choices
        ways = grown
    far = sum(many for votes, many in ways.items() if abs(votes - centre) >= reach)
    return Fraction(far, sum(ways.values()))
