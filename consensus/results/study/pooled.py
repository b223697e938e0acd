"""The pooled list: each statement that every session was asked, under five ways of counting, of which the study chose
one before its first round. What would change it: another way, one session less, one group less.

One figure orders it: places, or another of the sessions' own lists where these are of one way, or else shares. Figures
of two ways are never in one order; who is left out stands beside it, with the reason.

From told cells alone, exactly, so that a file can hold it and anyone can work it out again. Readings are counted, and
are no probability. What was not asked in a session is no vote there, and stands in a second list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from consensus.results.study.data import OTHERS, RARE, Cell, Placed, StudyResults
from consensus.results.study.lists import by_list
from consensus.results.study.ordered import BORDA, ONE_FIGURE, PLACES, same_of
from consensus.results.study.sums import Sum, by_statement, origins_of, rule_of, sum_of, totals, verdict_of, whole
from rounds.measures.pooling import HALF, HEAVY, SCHEMES

FIRST = 10  # how long a list of first places is where nothing says so
SHARES = "shares"  # what the order is made of, where it is no list of theirs


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement under one way of counting. share, low: of the high and low band, None where nobody rated. under: the
    mean of what orders it, where that is no share of ratings; of places, how many of the common statements stand under
    it. rank: equals share the best; None where it has no place. n_eff: so many people at equal weight would leave as
    much to chance. heaviest: the largest weight of a person, in times of an equal one."""

    share: Fraction | None
    low: Fraction | None
    verdict: str
    under: Fraction | None
    rank: int | None
    is_tied: bool
    n_eff: Fraction | None
    heaviest: Fraction | None


@dataclass(frozen=True, slots=True)
class PooledRow:
    """n: answers in told cells. people: who gave them, each once. asked: the sessions. alone: how many sessions come to
    each decision alone. agree: its place and verdict are the same under all ways. stays: in how many of all readings it
    is among the first; stays_without: in how many lists without one session."""

    statement: str
    n: int
    people: Fraction
    whole: Sum | None
    asked: tuple[str, ...]
    alone: Mapping[str, int]
    by_scheme: Mapping[str, Weighed]
    agree: bool
    is_uneven: bool
    stays: int = 0
    stays_without: int = 0


@dataclass(frozen=True, slots=True)
class Without:
    """The list without one session: which statements come in, and which go."""

    session: str
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A session of which nothing is in the order. reason: few (no number of its people may be told), way (its list is
    of another way), list (of other statements), none (it has no such figure)."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """of: the sessions that were asked for; left_out: those of them that are not in the order. basis: what orders it,
    shares or one of the ways of ordered.py. top: how many are first. rows: best first by the headline; apart: asked
    in some sessions only. differ: first by one way and not by another. readings: ways x (all, without each session,
    without each group). lists: where the study has several, each; then the rows are one list after another, each with
    the places of its own, and a number of all is no number of one: readings 0, basis ""."""

    headline: str
    of: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    basis: str
    top: int
    rows: tuple[PooledRow, ...]
    apart: tuple[PooledRow, ...]
    differ: tuple[str, ...]
    without: tuple[Without, ...]
    readings: int
    lists: tuple[Pooled, ...] = field(default=(), metadata=RARE)

    @property
    def each(self) -> tuple[Pooled, ...]:
        """List by list; itself where there is one."""
        return self.lists or (self,)

    @property
    def decisive(self) -> tuple[Without, ...]:
        return tuple(one for one in self.without if one.enters or one.leaves)

    @property
    def always(self) -> bool:
        """Is the list the same however it is made?"""
        first = [row for row in self.rows if row.stays]
        return bool(self.readings) and all(row.stays == self.readings for row in first)


def pooled(results: StudyResults) -> Pooled:
    lists = tuple(_Bench(own).pooled() for own in by_list(results))
    return lists[0] if len(lists) == 1 else _joined(results, lists)


def _joined(results: StudyResults, lists: Sequence[Pooled]) -> Pooled:
    """A session is left out that is in the order of no list."""
    there = {one.session: one for own in lists for one in own.left_out}
    used = {key for own in lists for key in own.of} - {key for key in there if _is_in_none(key, lists)}
    without: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for one in (one for own in lists for one in own.without):
        enters, leaves = without.get(one.session, ((), ()))
        without[one.session] = (*enters, *one.enters), (*leaves, *one.leaves)
    return Pooled(
        headline=results.headline,
        of=tuple(one.key for one in results.sessions),
        left_out=tuple(found for key, found in there.items() if key not in used),
        basis="",
        top=max(own.top for own in lists),
        rows=tuple(row for own in lists for row in own.rows),
        apart=tuple(row for own in lists for row in own.apart),
        differ=tuple(key for own in lists for key in own.differ),
        without=tuple(Without(key, *without[key]) for key in sorted(without, key=int)),
        readings=0,
        lists=tuple(lists),
    )


def _is_in_none(session: str, lists: Sequence[Pooled]) -> bool:
    asked = [own for own in lists if session in own.of]
    return all(session in {one.session for one in own.left_out} for own in asked)


class _Bench:
    def __init__(self, results: StudyResults) -> None:
        self.results = results
        self.origins = origins_of(results)
        self.rule = rule_of(results)
        self.scored = by_statement(results.cells)
        self.basis, cells = _basis(results)
        self.ordering: Sequence[Cell | Placed] = cells if self.basis != SHARES else results.cells
        self.placed: dict[str, list[Placed]] = {}
        for cell in cells:
            self.placed.setdefault(cell.statement, []).append(cell)

    @cached_property
    def asking(self) -> dict[str, tuple[str, ...]]:
        """The sessions that asked about each statement."""
        return {one.key: tuple(sorted(one.asked, key=int)) for one in self.results.statements}

    @cached_property
    def common(self) -> tuple[str, ...]:
        """The statements that every session was asked that told anything."""
        if self.basis != SHARES:
            return tuple(one.key for one in self.results.statements if one.key in self.placed)
        return rated_by_all(self.results)

    @cached_property
    def top(self) -> int:
        said = Counter(one.top for one in self.results.sessions if one.top)
        most = max(said, key=lambda top: (said[top], top)) if said else FIRST
        return most if most < len(self.common) else max(1, len(self.common) // 2)

    def pooled(self) -> Pooled:
        ranks = {scheme: self._ranks(scheme) for scheme in SCHEMES}
        tops = {scheme: self._first(scheme) for scheme in SCHEMES}
        head = self.results.headline
        sessions = {one.key for one in self.results.sessions}
        lone = [(one, self._first(head, without_session=one)) for one in sorted(sessions, key=int)]
        without = tuple(
            Without(one, self._in_order(found - tops[head]), self._in_order(tops[head] - found))
            for one, found in lone
            if len(sessions) > 1 and found
        )
        readings = [found for scheme in SCHEMES for found in self._readings(scheme) if found]
        stays = Counter(key for found in readings for key in found)
        alone = Counter(key for _, found in lone for key in found)
        rows = [self._row(key, ranks, stays[key], alone[key]) for key in self.common]
        rows.sort(key=lambda row: (row.by_scheme[head].rank or len(rows) + 1, self._places[row.statement]))
        others = [one.key for one in self.results.statements if one.key not in self.common]
        return Pooled(
            headline=head,
            of=tuple(one.key for one in self.results.sessions),
            left_out=tuple(self._left_out()),
            basis=self.basis,
            top=self.top,
            rows=tuple(rows),
            apart=tuple(self._row(key, {}, 0, 0) for key in others),
            differ=tuple(key for key in self.common if len({key in tops[scheme] for scheme in SCHEMES}) > 1),
            without=without,
            readings=len(readings),
        )

    def _left_out(self) -> Iterator[LeftOut]:
        there = {cell.session for cell in self.ordering}
        ways = {one.session: ONE_FIGURE.get(one.way, one.way) for one in self.results.ordered}
        mine = {ways[session] for session in there if session in ways}
        for one in self.results.sessions:
            if one.key in there:
                continue
            own = ways.get(one.key) if self.basis != SHARES else None
            reason = "few" if one.people is None else "none" if own is None else "list" if own in mine else "way"
            yield LeftOut(one.key, reason)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {one.key: place for place, one in enumerate(self.results.statements)}

    def _in_order(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(keys, key=self._places.__getitem__))

    def _readings(self, scheme: str) -> Iterator[frozenset[str]]:
        cells = self.ordering
        sessions, groups = ({getattr(cell, name) for cell in cells} for name in ("session", "groups"))
        yield self._first(scheme)
        if len(sessions) > 1:
            yield from (self._first(scheme, without_session=one) for one in sorted(sessions))
        if len(groups) > 1:
            yield from (self._first(scheme, without_groups=one) for one in sorted(groups))

    def _scores(
        self, scheme: str, without_session: str = "", without_groups: tuple[str, ...] | None = None
    ) -> dict[str, Fraction]:
        """By common statement, what orders it; the more, the better. Of nobody's answers there is none."""
        found = {}
        for key in self.common:
            cells = self.placed.get(key, []) if self.basis != SHARES else self.scored.get(key, [])
            there = [one for one in cells if one.session != without_session and one.groups != without_groups]
            if there:
                weighed = zip(totals(there, self.origins, scheme), there, strict=True)
                found[key] = sum((weight * _merit(cell) for weight, cell in weighed), Fraction())
        return found

    def _ranks(self, scheme: str) -> dict[str, int]:
        scores = self._scores(scheme)
        ordered = sorted(scores.values(), reverse=True)
        return {key: 1 + ordered.index(score) for key, score in scores.items()}

    def _first(
        self, scheme: str, without_session: str = "", without_groups: tuple[str, ...] | None = None
    ) -> frozenset[str]:
        """The first places; a tie across the edge is in as a whole."""
        scores = self._scores(scheme, without_session, without_groups)
        edge = sorted(scores.values(), reverse=True)[: self.top]
        return frozenset(key for key, score in scores.items() if score >= edge[-1])

    def _row(self, key: str, ranks: Mapping[str, Mapping[str, int]], stays: int, stays_without: int) -> PooledRow:
        scored, placed = self.scored.get(key, []), self.placed.get(key, [])
        by_scheme = {scheme: self._weighed(key, scored, placed, ranks.get(scheme, {}), scheme) for scheme in SCHEMES}
        said = {one.verdict for one in by_scheme.values()}
        boxes: dict[str, list[Cell]] = {}
        for cell in scored:
            boxes.setdefault(cell.session, []).append(cell)
        boxes.pop(OTHERS, None)
        alone = Counter(verdict_of(self.rule, total.box) for own in boxes.values() if (total := sum_of(own)))
        heavy = [one.heaviest for one in by_scheme.values() if one.heaviest is not None]
        least = [one.n_eff for one in by_scheme.values() if one.n_eff is not None]
        cells: Sequence[Cell | Placed] = scored or placed
        n, people = sum(cell.n for cell in cells), sum((cell.voices for cell in cells), Fraction())
        return PooledRow(
            statement=key,
            n=n,
            people=people,
            whole=sum_of(scored),
            asked=self.asking[key],
            alone={verdict: number for verdict, number in sorted(alone.items()) if verdict},
            by_scheme=by_scheme,
            agree=len(said) == 1 and len({one.rank for one in by_scheme.values()}) == 1,
            is_uneven=bool(heavy) and (max(heavy) > HEAVY or HALF * min(least) < people),
            stays=stays,
            stays_without=stays_without,
        )

    def _weighed(
        self, key: str, scored: Sequence[Cell], placed: Sequence[Placed], ranks: Mapping[str, int], scheme: str
    ) -> Weighed:
        share = low = under = n_eff = heaviest = None
        verdict = ""
        if scored:
            each = totals(scored, self.origins, scheme)
            pairs = list(zip(each, scored, strict=True))
            share = sum((weight * Fraction(cell.high, cell.n) for weight, cell in pairs), Fraction())
            low = sum((weight * Fraction(cell.low, cell.n) for weight, cell in pairs), Fraction())
            verdict = verdict_of(self.rule, whole(share, low))
        if placed:
            pairs_of = zip(totals(placed, self.origins, scheme), placed, strict=True)
            under = sum((weight * _merit(cell) for weight, cell in pairs_of), Fraction())
        cells: Sequence[Cell | Placed] = scored or placed
        if cells:
            each = totals(cells, self.origins, scheme)
            n_eff = 1 / sum((one**2 / cell.voices for one, cell in zip(each, cells, strict=True)), Fraction())
            most = max(one / cell.voices for one, cell in zip(each, cells, strict=True))
            heaviest = most * sum((cell.voices for cell in cells), Fraction())
        rank = ranks.get(key)
        is_tied = rank is not None and sum(other == rank for other in ranks.values()) > 1
        return Weighed(share, low, verdict, under, rank, is_tied, n_eff, heaviest)


def rated_by_all(results: StudyResults) -> tuple[str, ...]:
    """The statements that were put to every session of which a rating is told."""
    there = {cell.session for cell in results.cells} - {OTHERS}
    return tuple(one.key for one in results.statements if there and there <= set(one.asked))


def _basis(results: StudyResults) -> tuple[str, Sequence[Placed]]:
    """What orders the list, and its cells; none where shares do. A way and list of all sessions comes before shares;
    that of some, the most, only where shares are not of all, and where it is no session's alone beside others."""
    ways = {one.session: one.way for one in results.ordered}
    if results.placed:
        return (BORDA if {ways.get(one.session) for one in results.placed} == {BORDA} else PLACES), results.placed
    (way, _), sessions = next(iter(same_of(results.ordered).items()), (("", None), ()))
    seen = {one.key for one in results.sessions if one.people is not None}
    if not way or (not seen <= set(sessions) and (rated_by_all(results) or len(sessions) < 2)):
        return SHARES, ()
    cells = [one for one in results.ordered if one.session in sessions]
    told = [Placed(one.session, one.groups, one.statement, one.n, one.total, one.voices) for one in cells]
    return (BORDA if {one.way for one in cells} == {BORDA} else way.split()[0]), told


def _merit(cell: Cell | Placed) -> Fraction:
    """What its people give the statement in the mean."""
    return cell.under / cell.n if isinstance(cell, Placed) else Fraction(cell.high, cell.n)
