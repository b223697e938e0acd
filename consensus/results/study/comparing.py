"""The same statements side by side: by session, site, province, arm or group, and what the panels share.

Columns are sums of whole told cells; where a column is one session, what that session told. What was not asked is told
apart from what is withheld, and neither is ever a nought. No test, no cause, no order by anything but the pooled list
or a figure that the study brought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from consensus.results.study.data import (
    NOT_ASKED,
    OTHERS,
    TOLD,
    UNDEFINED,
    WITHHELD,
    Cell,
    Ordered,
    Outcome,
    Part,
    Placed,
    StudyResults,
    StudySession,
)
from consensus.results.study.lists import by_list
from consensus.results.study.people import AND, CUTS
from consensus.results.study.pooled import Pooled
from consensus.results.study.sums import DROPPED, KEPT, Sum, by_statement, rule_of, sum_of, verdict_of

SESSION, SITE, PROVINCE, ARM, GROUP, *PARTED = BY = ("session", "site", "province", "arm", "group", *CUTS)
*_, OWN_SITE = CUTS
FAR = 4  # places from the pooled rank, from which on a rank is outlined
UNITES = Fraction(3, 4)  # in the high band in every session and every group
CAMP = Fraction(1, 3)  # in the high and in the low band, each
APART = Fraction(1, 4)  # between the share of a group and that of all others
FEWEST = 5  # people of a group, under which it is not said to stand apart


@dataclass(frozen=True, slots=True)
class Column:
    """key: of the session, site or arm; of groups, their keys with +. sessions: by key. people: None where no number
    may be told. about: what is known of the site."""

    key: str
    groups: tuple[str, ...]
    sessions: tuple[str, ...]
    people: int | None
    about: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One statement in one column. status: told, withheld, undefined or not_asked; figures are None but where told.
    rank: the session's own, or among the statements that every session was asked. is_far: FAR places or more from the
    pooled one, both among those statements. sure: between which places a session's own lay in nine of ten resamples."""

    status: str
    n: int | None = None
    high: int | None = None
    low: int | None = None
    median: Fraction | None = None
    rank: int | None = None
    is_far: bool = False
    verdict: str = ""
    certainty: str = ""
    sure: tuple[int, int] | None = None

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.high, self.n) if self.n and self.high is not None else None


@dataclass(frozen=True, slots=True)
class Row:
    """rank: in the pooled list, by the headline; None where it has no place there. first: in the first places of how
    many sessions, of how many that were asked."""

    statement: str
    rank: int | None
    figures: tuple[Figure, ...]
    first: tuple[int, int]

    @property
    def ranks(self) -> tuple[int, ...]:
        return tuple(one.rank for one in self.figures if one.rank is not None)


@dataclass(frozen=True, slots=True)
class Opposed:
    """Kept in some sessions, set aside in others."""

    statement: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A group whose share lies far from that of all others together."""

    statement: str
    groups: tuple[str, ...]
    share: Fraction
    others: Fraction

    @property
    def gap(self) -> Fraction:
        return abs(self.share - self.others)


@dataclass(frozen=True, slots=True)
class Comparison:
    by: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    opposed: tuple[Opposed, ...]
    unite: tuple[str, ...]
    divide: tuple[str, ...]
    apart: tuple[Aside, ...]
    top: int

    @property
    def far(self) -> tuple[str, ...]:
        """The statements of which a rank is outlined."""
        return tuple(row.statement for row in self.rows if any(one.is_far for one in row.figures))


def is_in(cell: Cell | Ordered | Placed, column: Column, by: str) -> bool:
    """Is this cell, whole, a part of this column?"""
    if by in PARTED:
        return isinstance(cell, Part) and cell.by == by and column.key in labels_of(cell)
    return cell.session in column.sessions and (by != GROUP or cell.groups == column.groups)


def labels_of(part: Part) -> list[str]:
    """Under what a part is counted: people of several sites at each."""
    return part.label.split(AND) if part.by == OWN_SITE else [part.label]


def at_several_sites(results: StudyResults) -> int:
    """How many people, at least, are counted at more than one site: those of one session who answered one statement,
    all of whom are told apart. 0 where nobody is counted so; never 1 to k - 1."""
    n = Counter[tuple[str, str]]()
    for part in results.parts:
        n[part.session, part.statement] += part.n if len(labels_of(part)) > 1 else 0
    return max(n.values(), default=0)


def compared(results: StudyResults, pool: Pooled, by: str = SESSION) -> Comparison:
    """by: one of BY. Rows list by list, under the columns of the study. ValueError: of none of these."""
    whole = _Bench(results, pool, by)
    if not pool.lists:
        return whole.laid()
    lists = [_Bench(own, one, by, whole.columns).laid() for own, one in zip(by_list(results), pool.lists, strict=True)]
    rows, opposed, unite, divide, apart = (
        tuple(found for one in lists for found in getattr(one, name))
        for name in ("rows", "opposed", "unite", "divide", "apart")
    )
    return Comparison(by, whole.columns, rows, opposed, unite, divide, apart, pool.top)


class _Bench:
    def __init__(self, results: StudyResults, pool: Pooled, by: str, columns: Sequence[Column] = ()) -> None:
        if by not in BY:
            raise ValueError(f"no such columns: {by}")
        self.results, self.pool, self.by, self.given = results, pool, by, tuple(columns)
        self.cells = by_statement(results.cells)
        self.source: Mapping[str, Sequence[Cell]] = by_statement(results.parts) if by in PARTED else self.cells
        self.outcomes = {(one.session, one.statement): one for one in results.outcomes}
        self.rule = rule_of(results)
        self.ranks = {row.statement: row.by_scheme[pool.headline].rank for row in pool.rows}

    def laid(self) -> Comparison:
        order = [row.statement for row in self.pool.rows] + [row.statement for row in self.pool.apart]
        asked = {one.key: tuple(sorted(one.asked, key=int)) for one in self.results.statements}
        return Comparison(
            by=self.by,
            columns=self.columns,
            rows=tuple(self._row(key, asked[key]) for key in order),
            opposed=tuple(found for key in order if (found := self._opposed(key))),
            unite=tuple(key for key in order if self._unites(key)),
            divide=tuple(key for key in order if self._divides(key)),
            apart=tuple(aside for key in order for aside in self._asides(key)),
            top=self.pool.top,
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        if self.given:
            return self.given
        if self.by == GROUP:
            return tuple(self._group(groups) for groups in _groups(self.results))
        if self.by in PARTED:
            labels = {label for part in self.results.parts if part.by == self.by for label in labels_of(part)}
            places = {str(site["key"]): at for at, site in enumerate(self.results.sites)} if self.by == OWN_SITE else {}
            return tuple(map(self._parted, sorted(labels, key=lambda key: (places.get(key, len(places)), key))))
        found: dict[str, list[StudySession]] = {}
        for one in self.results.sessions:
            found.setdefault(one.key if self.by == SESSION else getattr(one, self.by), []).append(one)
        order = {key: place for place, key in enumerate(self._order())}
        keys = sorted(found, key=lambda key: (order.get(key, len(order)), key))
        return tuple(self._column(key, found[key]) for key in keys if key)

    def _order(self) -> list[str]:
        if self.by == ARM:
            return [str(arm["key"]) for arm in self.results.arms]
        if self.by == SESSION:
            return [one.key for one in self.results.sessions]
        return [str(site["key"]) for site in self.results.sites]

    def _column(self, key: str, sessions: Sequence[StudySession]) -> Column:
        people = [one.people for one in sessions]
        whole = None if any(n is None for n in people) else sum(n or 0 for n in people)
        place = sessions[0].site if self.by == SESSION else key
        about = self.results.site(place).get("about") or {} if self.by != ARM else {}
        return Column(key, (), tuple(one.key for one in sessions), whole, about)

    def _group(self, groups: tuple[str, ...]) -> Column:
        """Only sessions in which they were counted so: alone, or together with these."""
        own = [cell for cell in _all(self.results) if cell.groups == groups]
        sessions = tuple(dict.fromkeys(cell.session for cell in own))
        people = sum(max(cell.n for cell in own if cell.session == session) for session in sessions)
        return Column("+".join(groups), groups, sessions, people, {})

    def _parted(self, label: str) -> Column:
        """People of one label in all cells. How many is told by statement alone."""
        own = [part for part in self.results.parts if part.by == self.by and label in labels_of(part)]
        about = self.results.site(label).get("about") or {} if self.by == OWN_SITE else {}
        return Column(label, (), tuple(dict.fromkeys(part.session for part in own)), None, about)

    def _row(self, key: str, asked: Sequence[str]) -> Row:
        figures = tuple(self._figure(key, column, asked) for column in self.columns)
        own = [self.outcomes[session, key] for session in asked]
        tops = [one.rank is not None and one.rank <= self.pool.top for one in own]
        return Row(key, self.ranks.get(key), figures, (sum(tops), len(tops)))

    def _figure(self, key: str, column: Column, asked: Sequence[str]) -> Figure:
        there = [session for session in column.sessions if session in asked]
        if OTHERS in column.sessions and not there:
            there = list(asked) if any(is_in(cell, column, self.by) for cell in self.cells.get(key, [])) else []
        if not there:
            return Figure(NOT_ASKED)
        if self.by not in {GROUP, *PARTED} and len(column.sessions) == 1:
            return self._own(self.outcomes[there[0], key])
        own = [cell for cell in self.source.get(key, []) if is_in(cell, column, self.by)]
        total = sum_of(own)
        rank = self._orders[column.key].get(key)
        if total is None and rank is None:
            states = {self.outcomes[session, key].state for session in there}
            return Figure(WITHHELD if states & {TOLD, WITHHELD} else UNDEFINED)
        verdict = verdict_of(self.rule, total.box) if total else ""
        n, high, low, median = (total.n, total.high, total.low, total.median) if total else (None, None, None, None)
        return Figure(TOLD, n, high, low, median, rank, self._is_far(key, rank), verdict)

    def _own(self, told: Outcome) -> Figure:
        if told.state != TOLD:
            return Figure(told.state)
        place = self._own_orders[told.session].get(told.statement)
        return Figure(
            TOLD,
            told.n,
            told.high,
            told.low,
            told.median,
            told.rank,
            self._is_far(told.statement, place),
            told.verdict,
            told.certainty,
            (floor(told.sure[0]), ceil(told.sure[1])) if told.sure else None,
        )

    def _is_far(self, key: str, rank: int | None) -> bool:
        pooled = self.ranks.get(key)
        return rank is not None and pooled is not None and abs(rank - pooled) >= FAR

    @cached_property
    def _own_orders(self) -> dict[str, dict[str, int]]:
        return {one.key: self._own_order(one.key) for one in self.results.sessions}

    def _own_order(self, session: str) -> dict[str, int]:
        """The session's ranks, among the statements of the pooled list alone."""
        own = {key: told.rank for (of, key), told in self.outcomes.items() if of == session and key in self.ranks}
        there = sorted(rank for rank in own.values() if rank is not None)
        return {key: 1 + there.index(rank) for key, rank in own.items() if rank is not None}

    @cached_property
    def _orders(self) -> dict[str, dict[str, int]]:
        """By column, the places of the common statements."""
        return {column.key: self._order_of(column) for column in self.columns}

    def _order_of(self, column: Column) -> dict[str, int]:
        scores: dict[str, Fraction] = {}
        for key in self.ranks:
            if self.results.placed and self.by not in PARTED:
                placed = [one for one in self.results.placed if one.statement == key and is_in(one, column, self.by)]
                if placed:
                    scores[key] = Fraction(sum(one.under for one in placed), sum(one.n for one in placed))
            elif total := sum_of([cell for cell in self.source.get(key, []) if is_in(cell, column, self.by)]):
                scores[key] = total.share
        ordered = sorted(scores.values(), reverse=True)
        return {key: 1 + ordered.index(score) for key, score in scores.items()}

    def _opposed(self, key: str) -> Opposed | None:
        said = {session: told.verdict for (session, of), told in self.outcomes.items() if of == key}
        kept, dropped = (tuple(s for s, verdict in said.items() if verdict == one) for one in (KEPT, DROPPED))
        return Opposed(key, kept, dropped) if kept and dropped else None

    def _unites(self, key: str) -> bool:
        parts = list(self._parts(key))
        return len(parts) > 1 and all(part.share >= UNITES for part in parts)

    def _parts(self, key: str) -> Iterator[Sum]:
        """Of a statement, the sum of every session and of every group."""
        cells = self.cells.get(key, [])
        for name in ("session", "groups"):
            for value in dict.fromkeys(getattr(cell, name) for cell in cells):
                if total := sum_of([cell for cell in cells if getattr(cell, name) == value]):
                    yield total

    def _divides(self, key: str) -> bool:
        total = sum_of(self.cells.get(key, []))
        return total is not None and min(total.high, total.low) >= CAMP * total.n

    def _asides(self, key: str) -> Iterator[Aside]:
        cells = self.cells.get(key, [])
        for groups in dict.fromkeys(cell.groups for cell in cells):
            own = sum_of([cell for cell in cells if cell.groups == groups])
            others = sum_of([cell for cell in cells if not set(cell.groups) & set(groups)])
            if own and others and min(own.n, others.n) >= FEWEST and abs(own.share - others.share) >= APART:
                yield Aside(key, groups, own.share, others.share)


def _groups(results: StudyResults) -> list[tuple[str, ...]]:
    """In the order of the study: those alone before those that were counted together."""
    order = {str(group["key"]): place for place, group in enumerate(results.groups)}
    found = {cell.groups for cell in _all(results)}
    return sorted(found, key=lambda groups: (len(groups), [order.get(key, len(order)) for key in groups], groups))


def _all(results: StudyResults) -> list[Cell | Placed]:
    return [*results.cells, *results.placed]
