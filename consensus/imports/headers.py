"""Which row names the columns, and which column is meant by each name: looked up by kind of file, in any order.

A caller gives the columns it knows, each with its synonyms in both languages. Columns that it does not know are told,
never guessed and never lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consensus.imports.lines import Problem
from consensus.imports.names import fold
from consensus.imports.problems import remark, unreadable
from consensus.imports.reader import Row, Table
from consensus.imports.separators import TITLES

_MORE = re.compile(r"[\n(\[]")

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Headed:
    """line: of the header, 0 where there is none; then columns is empty and rows holds every row.

    columns: the place of each known one, by its own name. titles: the header as it is written. unknown: the places of
    columns that hold something and that nobody knows. problems: cells that stand under no name, each with its line.
    """

    line: int
    columns: Mapping[str, int]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    unknown: tuple[int, ...] = ()
    remarks: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()

    def cell(self, row: Row, name: str) -> str:
        """What stands in this column; "" where the row is shorter, or where the file has no such column."""
        place = self.columns.get(name, len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""


def folded(columns: Columns) -> frozenset[str]:
    """Every name by which these columns are known; what reader.read() takes as names."""
    return frozenset(fold(word) for name, synonyms in columns.items() for word in (name, *synonyms))


def find_header(table: Table, columns: Columns, required: Collection[str] = (), *, is_strict: bool = False) -> Headed:
    """is_strict: one known name is no header, since the rows themselves may hold it, as a roster holds "en".

    required: Unreadable where there is a header without one of them.
    """
    known = {fold(word): name for name, synonyms in reversed(list(columns.items())) for word in (*synonyms, name)}
    at = next((at for at, row in enumerate(table.rows[:TITLES]) if _is_header(row, known, is_strict)), None)
    if at is None or any(len(row.cells) > 1 for row in table.rows[:at]):
        return Headed(0, {}, (), table.rows)
    head, rows = table.rows[at], table.rows[at + 1 :]
    found = _places(head, columns)
    if missing := [name for name in required if name not in found]:
        raise unreadable(head.line, "no_column", ", ".join(missing), columns=", ".join(required))
    filled = _filled(rows)
    unknown = tuple(place for place in filled if place < len(head.cells) and head.cells[place])
    unknown = tuple(place for place in unknown if place not in found.values())
    remarks = [remark(row.line, "title", row.cells[0]) for row in table.rows[:at]]
    if unknown:
        columns_left = ", ".join(head.cells[place] for place in unknown)
        remarks.append(remark(head.line, "unknown_columns", n=len(unknown), columns=columns_left))
    return Headed(head.line, found, head.cells, rows, unknown, tuple(remarks), tuple(_nameless(head, rows, filled)))


def _is_header(row: Row, known: Mapping[str, str], is_strict: bool) -> bool:
    if any("@" in cell for cell in row.cells):
        return False
    words = {fold(cell) for cell in row.cells}
    if len(row.cells) > 1:
        words |= {_short(cell) for cell in row.cells}
    named = {known[word] for word in words & known.keys()}
    return len(named) > 1 or (bool(named) and (len(row.cells) == 1 or not is_strict))


def _places(head: Row, columns: Columns) -> dict[str, int]:
    """Where each column stands; its own name goes before its synonyms, an earlier one before a later, and all before
    names with more to them."""
    found: dict[str, int] = {}
    for written in ([fold(cell) for cell in head.cells], [_short(cell) for cell in head.cells]):
        for name, synonyms in columns.items():
            if name in found:
                continue
            for word in map(fold, (name, *synonyms)):
                places = [place for place, cell in enumerate(written) if cell == word and place not in found.values()]
                if len(places) > 1:
                    raise unreadable(head.line, "column_twice", head.cells[places[1]])
                if places:
                    found[name] = places[0]
                    break
    return found


def _short(cell: str) -> str:
    """Of "Value (1 to 9)" and of a name over two lines, what comes first."""
    return fold(_MORE.split(cell, maxsplit=1)[0])


def _filled(rows: Sequence[Row]) -> list[int]:
    """The places of all columns that hold something in any row."""
    return sorted({place for row in rows for place, cell in enumerate(row.cells) if cell})


def _nameless(head: Row, rows: Sequence[Row], filled: Sequence[int]) -> Iterator[Problem]:
    bare = [place for place in filled if place >= len(head.cells) or not head.cells[place]]
    for row in rows if bare else ():
        place = next((place for place in bare if place < len(row.cells) and row.cells[place]), None)
        if place is not None:
            yield remark(row.line, "cell_without_column", row.cells[place], n=place + 1)
