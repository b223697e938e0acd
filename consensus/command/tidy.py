"""Answers, one a line, made into a matrix; the first line that cannot be taken ends it with the reason.

What an answer may be, its command says: nothing here knows a scale, a rank or a file. Names that look alike stay
apart, and are told before any figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from consensus.command.words import listed
from consensus.imports.names import alike
from consensus.imports.numbers import is_date, may_become_date, number, shown

FEW = 5  # of a kind that are named; of the others how many they are


class Malformed(Exception):
    """A file that cannot be taken: the line, from 1 as editors count, and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


class Note(NamedTuple):
    """What has to be said of a file before any figure. line: where it begins."""

    line: int
    said: str


class Answer(NamedTuple):
    """As it was written. line: where. group: "" where nobody asks for it."""

    line: int
    person: str
    statement: str
    group: str
    cell: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Names in the order in which the file first says them.

    values: int (people, statements), as read from each cell, 0 where there is no line. group_of: index into groups
    for each person; zeros, and one group named "", where no groups were asked for.
    """

    people: tuple[str, ...]
    statements: tuple[str, ...]
    groups: tuple[str, ...]
    group_of: NDArray[np.intp]
    values: NDArray[np.int64]
    notes: tuple[Note, ...] = ()

    def noted(self, notes: Iterable[Note]) -> Sheet:
        return replace(self, notes=(*notes, *self.notes))


def gather(
    answers: Iterable[Answer], value: Callable[[str], int], *, grouped: bool, last: bool = False, wide: bool = False
) -> Sheet:
    """value: what a cell says, where 0 is no answer; its ValueError is the reason why it cannot be taken.

    last: of several answers of a person to a statement the last one counts; otherwise they are refused. wide: a line
    holds many answers, so a reason names the statement. Malformed for answers that cannot be taken.
    """
    people, statements, groups = _Names(), _Names(), _Names()
    known: dict[str, int] = {}
    wrong: dict[str, tuple[int, str]] = {}
    homes: dict[int, tuple[int, int]] = {}
    found: list[tuple[int, int, int, int]] = []
    for answer in answers:
        if not answer.person or not answer.statement:
            raise Malformed(answer.line, f"no {'statement' if answer.person else 'participant'}")
        person, statement = people.place(answer.person), statements.place(answer.statement)
        if answer.cell not in known:
            try:
                known[answer.cell] = value(answer.cell)
            except ValueError as why:
                known[answer.cell] = 0
                column = f"in column {shown(answer.statement)}: " if wide else ""
                wrong[answer.cell] = answer.line, f"{column}{why}"
        if grouped:
            _join(answer, homes.setdefault(person, (groups.place(answer.group), answer.line)), groups)
        found.append((person, statement, known[answer.cell], answer.line))
    if wrong:
        raise _all_wrong(wrong)
    if not found:
        raise Malformed(1, "no answer below the names of the columns")
    values, again = _matrix(np.array(found, dtype=np.int64), people.names, statements.names, last)
    notes = [*_alike(people, statements, groups), *_dates(statements.names)]
    if len(statements.names) > 1 and len(found) == len(people.names) > FEW:
        notes.append(Note(1, "each participant answers one statement only; is that column the right one?"))
    if again:
        notes.append(
            Note(1, f"{again} of {len(found)} answers were given again later in the file; the last one counts")
        )
    return Sheet(
        tuple(people.names),
        tuple(statements.names),
        tuple(groups.names) if grouped else ("",),
        np.array([homes[person][0] if grouped else 0 for person in range(len(people.names))], dtype=np.intp),
        values,
        tuple(notes),
    )


class _Names:
    """Names, each with its place: the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, name: str) -> int:
        return self.places.setdefault(name, len(self.places))

    @property
    def names(self) -> list[str]:
        return list(self.places)


def _all_wrong(wrong: dict[str, tuple[int, str]]) -> Malformed:
    """The first, with the others of its kind named beside it: a file of words has several."""
    (line, reason), *_ = wrong.values()
    others = list(wrong)[1:]
    return Malformed(line, reason + (f"; nor can {listed(others, FEW)} be taken" if others else ""))


def _join(answer: Answer, home: tuple[int, int], groups: _Names) -> None:
    """A person stays in the group of their first line."""
    if not answer.group:
        raise Malformed(answer.line, f"no group for {shown(answer.person)}")
    if groups.place(answer.group) != home[0]:
        who, here, there = shown(answer.person), shown(answer.group), shown(groups.names[home[0]])
        raise Malformed(answer.line, f"{who} is in group {here} here and in {there} on line {home[1]}")


def _matrix(
    found: NDArray[np.int64], people: Sequence[str], statements: Sequence[str], last: bool
) -> tuple[NDArray[np.int64], int]:
    """The answers in their places, and how many of them a later one replaces."""
    person, statement, value, line = found.T
    places = person * len(statements) + statement
    order = np.argsort(places, kind="stable")
    again = np.flatnonzero(np.diff(places[order]) == 0)
    if again.size and not last:
        at = again[np.argmin(line[order[again + 1]])]
        first, second = order[at], order[at + 1]
        who, what = shown(people[person[second]]), shown(statements[statement[second]])
        why = f"{who} answered {what} already on line {line[first]}; with --last the last answer counts"
        raise Malformed(int(line[second]), why)
    values = np.zeros((len(people), len(statements)), dtype=np.int64)
    kept = order[np.append(np.diff(places[order]) != 0, True)]
    values[person[kept], statement[kept]] = value[kept]
    return values, int(again.size)


def _alike(people: _Names, statements: _Names, groups: _Names) -> Iterator[Note]:
    """Each name stays what it is: two are never made one without a word, nor one two."""
    for kind, names in (("participants", people), ("statements", statements), ("groups", groups)):
        yield from nearly_same(kind, names.names)


def nearly_same(kind: str, names: Sequence[str]) -> Iterator[Note]:
    pairs = alike(names)
    for pair in pairs[:FEW]:
        told = " and ".join(shown(name) for name in pair)
        yield Note(1, f"the {kind} {told} differ only by case, accents, blanks or signs, and were kept apart")
    if len(pairs) > FEW:
        yield Note(1, f"{len(pairs) - FEW} more {kind} differ from another only so")


def _dates(statements: Sequence[str]) -> Iterator[Note]:
    if changed := [name for name in statements if is_date(name) or may_become_date(name)]:
        yield Note(1, f"a spreadsheet may have made dates of names, or may do so: {listed(changed, FEW)}")


def whole(text: str) -> int:
    """A whole number, as people write one; ValueError with the reason where it is not."""
    if is_date(text):
        raise ValueError(f"{shown(text)} is a date, which a spreadsheet makes of entries such as 1-9")
    try:
        found = number(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is not a whole number") from None
    if found.denominator != 1:
        raise ValueError(f"{shown(text)} is not a whole number")
    return int(found)
