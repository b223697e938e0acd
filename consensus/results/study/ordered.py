"""What a session told of the order of its own list: places, choices, points or sets won; by block, whole, never cut.

Two orders are of one way where the same figure is made of the same list under the same settings. Nothing else may be
put in one order: a choice of three among ten says another thing than one of three among five. Borda points and places
are one figure: m less the mean place is the mean of the points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from consensus.results.stages import ClosedRound
from consensus.results.study.data import Ordered

PLACES, BORDA, CHOSEN, GIVEN, WINS = "places", "borda", "chosen", "given", "wins"
ONE_FIGURE = {BORDA: PLACES}
Same = tuple[str, frozenset[str]]  # what may stand in one order: figure with settings, statements


def ordered_in(session: str, stage: ClosedRound, told: Mapping[str, str]) -> Iterator[Ordered]:
    """told: by name there, what the study calls each statement. Nothing of a round whose blocks told nothing, or that
    counts everybody together."""
    way = way_of(stage)
    for line in stage.lines.values() if way else ():
        for block in stage.blocks:
            row = line.by_block.get(block.key, {})
            n, total = row.get("n"), _total(way.split()[0], row, len(stage.lines))
            if isinstance(n, int) and total is not None:
                where = (session, stage.key, way, block.groups, told[line.statement])
                yield Ordered(*where, n, total, Fraction())


def way_of(stage: ClosedRound) -> str:
    """Its figure, and what of its settings the figure hangs on; "" where it has none that can be summed."""
    if stage.row.closes_once:
        return ""
    if stage.has({"mean_rank", "placed", "n"}):
        return BORDA if stage.settings.get("order") == "borda" else PLACES
    if stage.has({"chosen", "n"}):
        return f"{CHOSEN} {stage.settings['most']}"
    if stage.has({"mean", "given", "n"}):
        return f"{GIVEN} {stage.settings['total']}"
    if stage.has({"per_showing", "n"}):
        return WINS
    return ""


def _total(way: str, row: Mapping[str, object], m: int) -> Fraction | None:
    """The sum over its people; what has a mean alone is taken as often as people gave it."""
    n = row.get("n")
    name = {CHOSEN: "chosen", GIVEN: "mean", WINS: "per_showing"}.get(way, "mean_rank")
    value = row.get(name)
    if not isinstance(n, int) or not n or not isinstance(value, int | Fraction):
        return None
    if name == "mean_rank":
        return n * (m - Fraction(value))
    return Fraction(value) if name == "chosen" else n * Fraction(value)


def same_of(ordered: Sequence[Ordered]) -> dict[Same, tuple[str, ...]]:
    """The sessions of each way and list, those of most sessions first; equals as the sessions come."""
    lists: dict[tuple[str, str, str], set[str]] = {}
    for one in ordered:
        lists.setdefault((one.session, one.round, one.way), set()).add(one.statement)
    found: dict[Same, list[str]] = {}
    for (session, _, way), those in lists.items():
        found.setdefault((ONE_FIGURE.get(way, way), frozenset(those)), []).append(session)
    return {same: tuple(found[same]) for same in sorted(found, key=lambda same: -len(found[same]))}
