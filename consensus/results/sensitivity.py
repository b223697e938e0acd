"""What would change a list: its places in every other reading, who would cross the line of its first places, and how
few ballots would move that line.

Read from the slow figures that were told after the close (rounds/ranking/steady.py): nothing is counted here, no ballot
is read, no sentence is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consensus.results.cards import Results
from consensus.results.stages import ClosedRound
from rounds.contract import Statement
from rounds.measures.result import Result

LIST, GROUP = "list", "group"
IN, OUT = "in", "out"
FAR = 2  # places from which on a move inside the list is marked
BELOW = 2  # statements under the line that are shown whatever they do


@dataclass(frozen=True, slots=True)
class Way:
    """Another reading. family: method, weight or group; way: its name, of a group the key of its block."""

    family: str
    way: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in one reading; None where it has none. crosses: it goes OUT of the first places, comes IN, or ""."""

    place: int | None
    crosses: str = ""
    is_far: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """redrawn: in what share of redrawings of the panel it is among the first; None where that is not told."""

    statement: Statement
    place: int
    redrawn: Fraction | None
    cells: tuple[Cell, ...]
    is_cut: bool = False

    @property
    def crosses(self) -> bool:
        return any(cell.crosses for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Carried:
    """What leaving out one block does to the first places: statements with their place before and after."""

    block: str
    falls: tuple[tuple[Statement, int, int | None], ...]
    rises: tuple[tuple[Statement, int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """k: how many places are the first. inside: statements among them; stay: those of them that are there in every
    reading; depend: the places of the others. families: each with how many ways it has, in their order. carried: of
    each block that was left out. margin: how few ballots would change the set, where that is counted; bound: at least
    so many, in the orders made of pairs, or None. resamples: redrawings of the panel, 0 where there are none."""

    stage: ClosedRound
    k: int
    n: int
    ways: tuple[Way, ...]
    rows: tuple[Row, ...]
    inside: int
    stay: int
    depend: tuple[int, ...]
    carried: tuple[Carried, ...]
    margin: Result | None
    bound: int | None
    resamples: int

    @property
    def families(self) -> tuple[tuple[str, int], ...]:
        names = dict.fromkeys(way.family for way in self.ways)
        return tuple((name, sum(way.family == name for way in self.ways)) for name in names)

    @property
    def has_groups(self) -> bool:
        return any(way.family == GROUP for way in self.ways)


def sensitivity_of(results: Results) -> Sensitivity | None:
    """Of one list. None: no round has put it in an order that was read in other ways, or there is no line in it."""
    stage = results.ordering
    found = stage.findings.get(("", "readings")) if stage else None
    if stage is None or found is None or found.value is None:
        return None
    k, names = found.parameters["k"], found.more["statements"]
    first, *others = found.more["readings"]
    listed = dict(zip(names, first["places"], strict=True))
    ways = tuple(Way(one["family"], one["way"]) for one in others)
    known = {name: results.histories[name].last for name in names if name in results.histories}
    rows = sorted(_rows(stage, known, listed, [one["places"] for one in others], k), key=lambda row: row.place)
    inside = [row for row in rows if row.place <= k]
    margin, drawn = (stage.findings.get(("", name)) for name in ("edge_margin", "bootstrap"))
    return Sensitivity(
        stage=stage,
        k=k,
        n=found.n or 0,
        ways=ways,
        rows=tuple(_shown(rows, k)),
        inside=len(inside),
        stay=sum(not row.crosses for row in inside),
        depend=tuple(sorted({row.place for row in inside if row.crosses})),
        carried=tuple(_carried(way.way, at, rows) for at, way in enumerate(ways) if way.family == GROUP),
        margin=margin if margin and margin.value is not None else None,
        bound=found.more["bound"],
        resamples=drawn.parameters.get("resamples", 0) if drawn and drawn.value is not None else 0,
    )


def _rows(
    stage: ClosedRound,
    known: Mapping[str, Statement],
    listed: Mapping[str, int | None],
    others: Sequence[Sequence[int | None]],
    k: int,
) -> Iterator[Row]:
    """Statements with a place on the list; who has none is not read in other ways."""
    for at, (name, place) in enumerate(listed.items()):
        if place is None or name not in known:
            continue
        sure = stage.findings.get((name, "bootstrap"))
        drawn = Fraction(sure.more["p_top"]).limit_denominator(10_000) if sure and sure.value is not None else None
        yield Row(known[name], place, drawn, tuple(_cell(place, one[at], k) for one in others))


def _cell(listed: int, place: int | None, k: int) -> Cell:
    is_in, was_in = place is not None and place <= k, listed <= k
    crosses = "" if is_in == was_in else IN if is_in else OUT
    return Cell(place, crosses, place is not None and abs(place - listed) >= FAR)


def _shown(rows: Sequence[Row], k: int) -> Iterator[Row]:
    """The first places, what stands just under the line, and whatever would cross it."""
    under = 0
    for row in rows:
        is_under = row.place > k
        if not is_under or row.crosses or under < BELOW:
            yield Row(row.statement, row.place, row.redrawn, row.cells, is_cut=is_under and not under)
            under += is_under


def _carried(block: str, at: int, rows: Sequence[Row]) -> Carried:
    moved: dict[str, Any] = {IN: [], OUT: []}
    for row in rows:
        cell = row.cells[at]
        if cell.crosses:
            moved[cell.crosses].append((row.statement, row.place, cell.place))
    return Carried(block, tuple(moved[OUT]), tuple(moved[IN]))
