"""What people read of a list in an order: a row for each statement, and where each block lies beside it.

For the kinds that leave one; each says in its own reading.py which figure gives the order. Rows only, of what may be
seen: no figure is worked out and nothing is put in order here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from rounds.contract import Block, Line, Round, Statement, Tally


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the axis, and the blocks that lie there."""

    at: Fraction
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One statement. told: the figure of each block that has one; hidden: the blocks of which nothing is shown."""

    statement: Statement
    line: Line
    told: tuple[tuple[Block, Fraction | int], ...] = ()
    spots: tuple[Spot, ...] = ()
    hidden: tuple[Block, ...] = ()


def rows_of(tally: Tally, round: Round, name: str, scale: Fraction | int = 1) -> tuple[Row, ...]:
    """name: the column that gives the order. scale: what its values are multiplied with to lie on the axis."""
    known = {statement.id: statement for statement in tally.statements}
    return tuple(_row(known[line.statement], line, round.blocks, name, scale) for line in tally.lines)


def _row(statement: Statement, line: Line, blocks: Iterable[Block], name: str, scale: Fraction | int) -> Row:
    told: list[tuple[Block, Fraction | int]] = []
    hidden: list[Block] = []
    places: dict[Fraction, list[Block]] = {}
    for block in blocks:
        part = line.by_block.get(block.key, {})
        value = part.get(name)
        if not part.get("n"):
            hidden.append(block)
        elif isinstance(value, Fraction | int):
            told.append((block, value))
            places.setdefault(Fraction(value) * scale, []).append(block)
    spots = tuple(Spot(at, tuple(places[at])) for at in sorted(places))
    return Row(statement, line, tuple(told), spots, tuple(hidden))
