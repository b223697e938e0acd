"""What each column of a brought table is taken for: as its header says, as its cells suggest, or as a person chose.

A person may correct everything that was found; what nobody knows is left alone, and told. Which columns there are and
what they mean, a caller says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from consensus.imports.headers import Columns, Headed, find_header
from consensus.imports.lines import Problem
from consensus.imports.problems import remark
from consensus.imports.reader import Row, Table
from consensus.imports.separators import TITLES

SHOWN = 2  # cells of a column, to tell which one it is
Guess = Callable[[Sequence[Row]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said of it; where nothing was said, what was found counts. columns: by place, "" leaves one alone.

    separator: "" parts nothing.
    """

    separator: str | None = None
    header: bool | None = None
    columns: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """title: as it is written, or "". name: what it is taken for; "" is left alone. first: its first filled cells."""

    place: int
    title: str
    name: str
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """header: its line, 0 where there is none. is_told: the header itself says what the columns are.

    columns: those that hold something or have a title. remarks: to be known before anything is taken; problems: why it
    cannot be.
    """

    table: Table
    header: int
    is_told: bool
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    remarks: tuple[Problem, ...]
    problems: tuple[Problem, ...]

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    def cell(self, row: Row, name: str) -> str:
        """What stands in this column; "" where the row is shorter, or where there is no such column."""
        place = next((column.place for column in self.columns if column.name == name), len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""


def arrange(table: Table, known: Columns, choices: Choices, guess: Guess, *, is_strict: bool = False) -> Arranged:
    """guess: what the columns are where no header says it, from the rows. Unreadable: a header contradicts itself."""
    headed = _headed(table, known, choices.header, is_strict)
    found = {place: name for name, place in headed.columns.items()} or dict(guess(headed.rows))
    names = {**found, **choices.columns}
    columns = tuple(_columns(headed, names))
    remarks = [*table.remarks, *(said for said in headed.remarks if said.key != "import.unknown_columns")]
    left = [column.title or str(column.place + 1) for column in columns if not column.name and column.first]
    if left:
        remarks.append(remark(headed.line or 1, "unknown_columns", n=len(left), columns=_some(left)))
    problems = (*headed.problems, *_twice(columns, headed.line or 1))
    return Arranged(table, headed.line, bool(headed.columns), columns, headed.rows, tuple(remarks), problems)


def _twice(columns: Sequence[Column], line: int) -> Iterator[Problem]:
    """A person may choose one thing for two columns."""
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            yield remark(line, "chosen_twice", column.title or str(column.place + 1))
        seen |= {column.name} - {""}


def _headed(table: Table, known: Columns, wanted: bool | None, is_strict: bool) -> Headed:
    if wanted is False:
        return Headed(0, {}, (), table.rows)
    headed = find_header(table, known, is_strict=is_strict)
    if headed.line or not wanted:
        return headed
    at = next((at for at, row in enumerate(table.rows[:TITLES]) if len(row.cells) > 1), 0)
    head = table.rows[at]
    titles = tuple(remark(row.line, "title", row.cells[0]) for row in table.rows[:at])
    return Headed(head.line, {}, head.cells, table.rows[at + 1 :], remarks=titles)


def _columns(headed: Headed, names: Mapping[int, str]) -> Iterator[Column]:
    wide = max((len(row.cells) for row in headed.rows), default=0)
    for place in range(max(wide, len(headed.titles))):
        filled = [row.cells[place] for row in headed.rows if place < len(row.cells) and row.cells[place]]
        title = headed.titles[place] if place < len(headed.titles) else ""
        if title or filled:
            yield Column(place, title, names.get(place, ""), tuple(filled[:SHOWN]))


def _some(names: Sequence[str], most: int = 8) -> str:
    """A file of ours has hundreds of columns of figures."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
