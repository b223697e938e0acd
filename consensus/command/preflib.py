"""Ballots of the PrefLib formats soc, soi, toc and toi, today's and the older one, as they are found.

Strict or with ties (t), of all alternatives or incomplete (i). Known by what is inside, whatever the name. Equal orders
are added up, an empty order ranks nobody, and a head that counts otherwise is told; what cannot be is refused on its
line. No method belongs here. Mattei & Walsh 2013, doi 10.1007/978-3-642-41575-3_20.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from consensus.command.reading import malformed, told
from consensus.command.tidy import Malformed, Note, nearly_same
from consensus.imports import cells, encoding
from consensus.imports.numbers import number, shown
from consensus.imports.problems import Unreadable, remark

ENDINGS = ("soc", "soi", "toc", "toi")
OTHERS = {
    "cat": "categories",
    "tog": "a graph of a tournament",
    "mjg": "a graph of majorities",
    "wmg": "a weighted graph of majorities",
    "pwg": "a weighted graph of pairs",
    "wmd": "a weighted matching",
}
MOST = 999_999_999  # people, or alternatives

_ALTERNATIVES, _VOTERS, _ORDERS = _COUNTS = ("NUMBER ALTERNATIVES", "NUMBER VOTERS", "NUMBER UNIQUE ORDERS")
_HEAD = re.compile(r"^\s*#\s*(?:DATA TYPE|NUMBER ALTERNATIVES|ALTERNATIVE NAME \d+)\s*:", re.IGNORECASE | re.MULTILINE)
_BEFORE = re.compile(r"\s*(\d{1,6})\s*\n\s*1\s*,[^\n]*\n(?:\s*\d+\s*,[^\n]*\n)*\s*\d+\s*,\s*\d+\s*,\s*\d+\s*(?:\n|\Z)")
_NAME = re.compile(r"ALTERNATIVE NAME (\d{1,9})", re.ASCII)
_PLACE = re.compile(r"\s*(?:\{([^{}]*)\}|([^{},]*))\s*")

_Lines = Sequence[tuple[int, str]]  # the lines that are not blank, with their numbers


class _Given(NamedTuple):
    """As it was written: how many gave this order."""

    line: int
    times: str
    order: str


@dataclass(slots=True)
class _Read:
    """What a file holds, before it is checked. counts: by key of the head, with their lines. kind: of DATA TYPE."""

    names: dict[int, str] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    kind: tuple[int, str] = (1, "")
    body: list[_Given] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ballots:
    """statements: names, made different where two are alike. ranks: int (orders, statements), 1 = best, 0 = not
    ranked. times: how many people gave each order. groups, group_of: names, and an index for each order; one group
    named "" where the file knows of none.
    """

    statements: tuple[str, ...]
    ranks: NDArray[np.int64]
    times: NDArray[np.int64]
    groups: tuple[str, ...]
    group_of: NDArray[np.intp]
    notes: tuple[Note, ...] = ()


def holds(data: bytes, ending: str) -> bool:
    """Is this a file of PrefLib? Its head says so, or its name."""
    start = data[:20_000].replace(b"\0", b"").decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return ending in (*ENDINGS, *OTHERS) or bool(_HEAD.search(start) or _BEFORE.match(start.removeprefix("ï»¿")))


def read(data: bytes, ending: str) -> Ballots:
    """ending: as the file is named, which counts where its head names no kind. Malformed with the line and reason."""
    try:
        decoded = encoding.decode(data)
    except Unreadable as wrong:
        raise malformed(wrong) from None
    text, remarks = cells.cleaned(decoded.text)
    if decoded.is_guessed:
        remarks = (remark(1, "encoding", decoded.encoding), *remarks)
    lines = [(n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise Malformed(1, "the file is empty")
    found = _today(lines) if any(line.startswith("#") for _, line in lines) else _before(lines)
    kind = _kind(found, ending)
    m = _alternatives(found)
    orders = _orders(found, m, kind)
    for key, *held in ((_VOTERS, sum(orders.values())), (_ORDERS, len(orders), len(found.body))):
        line, said = found.counts.get(key, (1, held[0]))
        if said not in held:
            found.notes.append(Note(line, f"{key} is {said}, and the file holds {held[0]}; those of the file count"))
    return Ballots(
        _labels(found.names),
        np.array(list(orders), dtype=np.int64).reshape(len(orders), m),
        np.array(list(orders.values()), dtype=np.int64),
        ("",),
        np.zeros(len(orders), dtype=np.intp),
        (*told(remarks), *nearly_same("alternatives", list(found.names.values())), *found.notes),
    )


def _today(lines: _Lines) -> _Read:
    """A head of lines "# KEY: value", any other line with # a remark, then "how many: order"."""
    found = _Read()
    for line, text in lines:
        before, colon, after = text.partition(":")
        key, value = " ".join(before.removeprefix("#").upper().split()), after.strip()
        if not text.startswith("#"):
            if not colon and found.kind[1] not in OTHERS:
                raise Malformed(line, f"no colon in {shown(text)}; an order is written 3: 1,2,4")
            found.body.append(_Given(line, before, after))
        elif key in _COUNTS and value:
            found.counts[key] = line, _number(line, value)
        elif colon and key == "DATA TYPE":
            found.kind = line, value.lower().removeprefix(".")
        elif colon and (named := _NAME.fullmatch(key)):
            _name(found, line, int(named[1]), value)
    return found


def _before(lines: _Lines) -> _Read:
    """How many alternatives; "number,name" for each; "voters,voters,orders"; then "how many,order"."""
    found = _Read()
    first, m = lines[0][0], _number(*lines[0])
    if len(lines) < m + 2:
        raise Malformed(lines[-1][0], "the file ends inside its head")
    for line, text in lines[1 : m + 1]:
        digits, _, name = text.partition(",")
        _name(found, line, _number(line, digits), name.strip())
    line, text = lines[m + 1]
    sums = text.rstrip(", ").split(",")
    if len(sums) != 3:
        raise Malformed(line, "expected three counts: voters, voters, orders")
    voters, again, orders = (_number(line, count) for count in sums)
    if voters != again:
        found.notes.append(Note(line, f"the head says {voters} voters, and {again} votes"))
    found.counts = {_ALTERNATIVES: (first, m), _VOTERS: (line, voters), _ORDERS: (line, orders)}
    for n, text in lines[m + 2 :]:
        times, _, order = text.partition(",")
        found.body.append(_Given(n, times, order))
    return found


def _name(found: _Read, line: int, at: int, name: str) -> None:
    if at == 0:
        raise Malformed(line, "alternative 0: alternatives are numbered from 1")
    if at in found.names:
        raise Malformed(line, f"alternative {at} is named twice")
    found.names[at] = name or str(at)


def _kind(found: _Read, ending: str) -> str:
    """soc, soi, toc or toi: what the head says, else the name of the file, else the widest."""
    line, said = found.kind
    kind = said or (ending if ending in (*ENDINGS, *OTHERS) else "toi")
    if kind not in ENDINGS:
        what = f", {OTHERS[kind]}," if kind in OTHERS else ""
        raise Malformed(line, f"the kind is {shown(kind)}{what} which holds no orders; {', '.join(ENDINGS)} are read")
    if said and ending in ENDINGS and said != ending:
        found.notes.append(Note(line, f"the file is named .{ending}, and its head says {said}, which counts"))
    return kind


def _alternatives(found: _Read) -> int:
    """How many there are, each with a name, or its number instead."""
    line, m = found.counts.get(_ALTERNATIVES, (1, len(found.names)))
    if not m:
        raise Malformed(line, "the head names no alternative")
    if len(found.names) != m:
        raise Malformed(line, f"{_ALTERNATIVES} is {m}, and the file names {len(found.names)}")
    if max(found.names) > m:
        raise Malformed(line, "the alternatives are not numbered 1, 2, 3, ...")
    return m


def _orders(found: _Read, m: int, kind: str) -> Mapping[tuple[int, ...], int]:
    """Each order once, with how many people gave it."""
    first: dict[tuple[int, ...], int] = {}
    times: Counter[tuple[int, ...]] = Counter()
    empty = 0
    for given in found.body:
        order = _order(given, m, kind)
        many = _number(given.line, given.times)
        if order in first:
            found.notes.append(Note(given.line, f"the same order as on line {first[order]}; the two are added up"))
        first.setdefault(order, given.line)
        times[order] += many
        empty += 0 if any(order) else many
    if empty:
        found.notes.append(Note(1, f"{empty} of {sum(times.values())} ballots rank nobody"))
    return times


def _order(given: _Given, m: int, kind: str) -> tuple[int, ...]:
    """The rank of each alternative: 1, 2, ... by place, equal in braces, 0 where the order does not name it."""
    line, ranks = given.line, [0] * m
    for rank, place in enumerate(filter(None, _places(line, given.order)), 1):
        if len(place) > 1 and kind.startswith("s"):
            raise Malformed(line, f"equal ranks, and .{kind} files have none")
        for digits in place:
            at = _number(line, digits)
            if at == 0:
                raise Malformed(line, "alternative 0: alternatives are numbered from 1")
            if at > m:
                raise Malformed(line, f"there is no alternative {at}")
            if ranks[at - 1]:
                raise Malformed(line, f"alternative {at} stands twice in one order")
            ranks[at - 1] = rank
    if kind.endswith("c") and any(ranks) and not all(ranks):
        raise Malformed(line, f"alternative {ranks.index(0) + 1} is not ranked, and .{kind} orders are complete")
    return tuple(ranks)


def _places(line: int, text: str) -> Iterator[list[str]]:
    """The places of "3,{1,2},4", from the best; empty braces and commas too many are no place."""
    rest = "," + text
    while rest:
        found = _PLACE.match(rest, 1) if rest.startswith(",") else None
        if not found:
            raise Malformed(line, f"an order cannot be read at {shown(rest)}")
        yield [digits for digits in (found[1] or found[2] or "").split(",") if digits.strip()]
        rest = rest[found.end() :]


def _number(line: int, text: str) -> int:
    try:
        count = number(text)
    except ValueError:
        raise Malformed(line, f"{shown(text.strip())} is not a count") from None
    if count.denominator != 1 or not 0 <= count <= MOST:
        raise Malformed(line, f"{shown(text.strip())} is not a count of whole people or alternatives")
    return int(count)


def _labels(names: Mapping[int, str]) -> tuple[str, ...]:
    times = Counter(names.values())
    return tuple(f"{names[at]} ({at})" if times[names[at]] > 1 else names[at] for at in sorted(names))
