"""A file with a row a person and a column a statement, as REDCap, LimeSurvey and Google Forms write it, into answers.

Which columns are answers is named by whoever asks, or seen by what they hold; whatever is left out is told. A column
of orders such as A>B>C is one of rankings. Nothing here knows a scale.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from consensus.command import columns
from consensus.command.tidy import Answer, Malformed, Note
from consensus.command.words import in_english, listed, many
from consensus.imports.headers import Headed, find_header
from consensus.imports.names import fold
from consensus.imports.numbers import is_dont_know, is_no_answer, number, shown
from consensus.imports.problems import remark
from consensus.imports.reader import Row, Table
from consensus.imports.separators import TITLES

_CODE = re.compile(r"AO?0*(\d{1,3})")  # of an answer in LimeSurvey
_IN_BRACKETS = re.compile(r".*\[([^\[\]]+)\]\s*")
_NUMBERED = re.compile(r"\d+\s*[.):]\s+(?=\S)")
MOST_PEOPLE = 100_000  # in one row


@dataclass(frozen=True, slots=True)
class Wide:
    """picked: the places of the answers, and the names of their statements. person, group, count: places, None without
    one. order: the place of a column of orders, instead of picked. codes: the places where A1, A2, ... stand for 1, 2,
    ... left: the titles of what is no answer. given: how many cells hold one.
    """

    headed: Headed
    picked: Mapping[int, str]
    person: int | None
    group: int | None
    count: int | None
    order: int | None
    codes: frozenset[int]
    left: Sequence[str]
    given: int

    def answers(self) -> Iterator[Answer]:
        for row in self.headed.rows:
            person = _cell(row, self.person) if self.person is not None else f"row {row.line}"
            group = _cell(row, self.group)
            for one in self._people(row, person):
                for statement, cell in self._given(row):
                    yield Answer(row.line, one, statement, group, cell)

    def notes(self) -> Iterator[Note]:
        """How the file was understood."""
        line, names = self.headed.line, list(self.picked.values())
        for title in self.headed.remarks:
            if title.key == "import.title":
                yield Note(title.line, in_english(title.key, title.values))
        if self.order is not None:
            yield Note(line, f"each row is an order of statements, in column {shown(self.headed.titles[self.order])}")
        else:
            taken = many(len(names), "column is a statement", "columns are statements")
            yield Note(line, f"{taken}, with {many(self.given, 'answer', 'answers')}: {listed(names)}")
        if self.person is None:
            counted = None if self.count is None else shown(self.headed.titles[self.count])
            each = f"as many people as column {counted} says" if counted else "one person"
            yield Note(line, f"no column names people; each row is {each}")
        if self.left:
            yield Note(line, f"left out: {listed(self.left, 20)}")
        if self.codes:
            yield Note(line, "the answers A1, A2, ... were read as 1, 2, ...")

    def _given(self, row: Row) -> Iterator[tuple[str, str]]:
        if self.order is not None:
            yield from _ordered(row, self.order)
            return
        for place, name in self.picked.items():
            cell = _cell(row, place)
            coded = _CODE.fullmatch(cell) if place in self.codes else None
            yield name, coded[1] if coded else cell

    def _people(self, row: Row, person: str) -> Sequence[str]:
        """As many as gave this row."""
        if self.count is None:
            return (person,)
        cell = _cell(row, self.count) or "0"
        times = number(cell) if _is_number(cell) else None
        if times is None or times.denominator != 1 or not 0 <= times <= MOST_PEOPLE:
            raise Malformed(row.line, f"{shown(cell)} is not a count of people")
        return [f"{person}, {i}" for i in range(1, int(times) + 1)]


def read(table: Table, answer: str, group: str | None, named: str) -> Wide:
    """named: columns, parted by commas; "" to pick those that hold only numbers. Malformed where there are none."""
    headed = _headed(table)
    if headed.problems:
        raise Malformed(headed.problems[0].line, "more cells than columns that have a name")
    titles = headed.titles
    person = headed.columns.get(columns.PARTICIPANT, _coded(titles))
    count = next((p for p, t in enumerate(titles) if answer == columns.RANK and t.casefold() in columns.COUNTS), None)
    grouping = group_place(headed, group)
    kept = {person, count, grouping, *headed.columns.values()}
    free = [place for place, title in enumerate(titles) if place not in kept and title]
    cells = {place: [cell for row in headed.rows if (cell := _cell(row, place))] for place in range(len(titles))}
    picked = _named(headed, named) if named else [p for p in free if _is_answers(titles[p], cells[p])]
    order = None
    if answer == columns.RANK and (named or not picked) and (found := _orders(picked or free, cells)) is not None:
        picked, order = [], found
    if not picked and order is None:
        raise Malformed(headed.line, "no column holds only numbers; name those of the answers with --columns A,B,C")
    return Wide(
        headed,
        dict(zip(picked, _statements([titles[place] for place in picked]), strict=True)),
        person,
        grouping,
        count,
        order,
        codes=frozenset(place for place in picked if cells[place] and _is_coded(set(cells[place]))),
        left=[titles[place] for place in free if place not in picked and place != order],
        given=sum(len(cells[place]) for place in picked),
    )


def _headed(table: Table) -> Headed:
    """Most such files name no column that we know: the first row that has several cells names them."""
    headed = find_header(table, columns.in_wide())
    if headed.line:
        return headed
    at = next((at for at, row in enumerate(table.rows[:TITLES]) if len(row.cells) > 1), 0)
    head = table.rows[at]
    if all(_is_number(cell) or not cell for cell in head.cells):
        raise Malformed(head.line, "the first line has to name the columns")
    titles = tuple(remark(row.line, "title", row.cells[0]) for row in table.rows[:at])
    return Headed(head.line, {}, head.cells, table.rows[at + 1 :], remarks=titles)


def _coded(titles: Sequence[str]) -> int | None:
    """LimeSurvey may write "id. Response ID"."""
    return next((place for place, title in enumerate(titles) if fold(title.partition(".")[0]) == "id"), None)


def group_place(headed: Headed, group: str | None) -> int | None:
    """The column that is asked for, as it is written, or by a synonym of "group". Malformed where there is none."""
    if group is None:
        return None
    for alike in (str.casefold, fold):
        places = [place for place, title in enumerate(headed.titles) if alike(title) == alike(group.strip())]
        if len(places) > 1:
            raise Malformed(headed.line, f"more than one column {group}")
        if places:
            return places[0]
    if columns.is_group(group) and columns.GROUP in headed.columns:
        return headed.columns[columns.GROUP]
    raise Malformed(headed.line, f"no column {group}; the columns are {listed(headed.titles)}")


def _cell(row: Row, place: int | None) -> str:
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _named(headed: Headed, named: str) -> list[int]:
    folded = [fold(title) for title in headed.titles]
    wanted = [named] if named in headed.titles else next(csv.reader([named], skipinitialspace=True))
    places: list[int] = []
    for name in wanted:
        found = [p for p, title in enumerate(headed.titles) if title == name.strip()]
        found = found or [p for p, title in enumerate(folded) if title == fold(name)]
        if len(found) != 1:
            raise Malformed(headed.line, f"{'more than one' if found else 'no'} column {shown(name)}")
        places += found
    return list(dict.fromkeys(places))


def _is_answers(title: str, cells: Sequence[str]) -> bool:
    """Most cells are numbers: one that is not is then refused where it stands, not left out with its column."""
    given = {cell: times for cell, times in Counter(cells).items() if not _is_none(cell)}
    numbers = sum(times for cell, times in given.items() if _is_number(cell) or _CODE.fullmatch(cell))
    return not columns.is_bookkeeping(title) and 2 * numbers > sum(given.values())


def _is_coded(cells: Set[str]) -> bool:
    return all(_CODE.fullmatch(cell) or _is_none(cell) for cell in cells)


def _is_none(cell: str) -> bool:
    return is_no_answer(cell) or is_dont_know(cell)


def _is_number(cell: str) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True


def _orders(places: Sequence[int], cells: dict[int, list[str]]) -> int | None:
    """The only column whose cells are orders such as A>B>C."""
    found = [place for place in places if cells[place] and 2 * sum(">" in c for c in cells[place]) > len(cells[place])]
    return found[0] if len(found) == 1 else None


def _ordered(row: Row, place: int) -> Iterator[tuple[str, str]]:
    for rank, tied in enumerate(_cell(row, place).split(">"), 1):
        for name in re.split("[=~]", tied):
            if not name.strip():
                raise Malformed(row.line, f"an order cannot be read: {shown(_cell(row, place))}")
            yield name.strip(), str(rank)


def _statements(titles: Sequence[str]) -> tuple[str, ...]:
    """What is asked: the text in the last brackets, or the title without its number; whole where two would be alike."""
    short = [found[1].strip() if (found := _IN_BRACKETS.fullmatch(title)) else title for title in titles]
    short = [_NUMBERED.sub("", title, count=1) if _NUMBERED.match(title) else title for title in short]
    return tuple(short if len(set(short)) == len(short) else titles)
