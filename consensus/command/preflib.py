"""Ballots of the PrefLib formats soc, soi, toc and toi, today's and the older one, read and checked line by line.

Strict or with ties (t), of all alternatives or incomplete (i). What the header counts has to be what the body holds:
a file that was cut is refused, not ranked. No method belongs here. Mattei & Walsh 2013,
doi 10.1007/978-3-642-41575-3_20.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consensus.command.tidy import Malformed, decode, shown

ENDINGS = ("soc", "soi", "toc", "toi")

_ALTERNATIVES, _VOTERS, _ORDERS = _COUNTS = ("NUMBER ALTERNATIVES", "NUMBER VOTERS", "NUMBER UNIQUE ORDERS")
_BREAK = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"ALTERNATIVE NAME (\d{1,9})", re.ASCII)
_PLACE = re.compile(r"\s*(?:\{([^{}]*)\}|([^{},]+))\s*")

_Lines = Sequence[tuple[int, str]]  # the lines that are not blank, with their numbers
_Body = list[tuple[int, str, str]]  # line, how many, order


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


def read(data: bytes, ending: str) -> Ballots:
    """ending: soc, soi, toc or toi, as the file is named. Malformed with the line and the reason."""
    lines = [(n, text.strip()) for n, text in enumerate(_BREAK.split(decode(data)), 1) if text.strip()]
    names, counts, body = _today(lines, ending) if lines[0][1].startswith("#") else _before(lines)
    _agrees(counts, _ALTERNATIVES, len(names), "names of alternatives")
    if sorted(names) != list(range(1, len(names) + 1)):
        raise Malformed(counts[_ALTERNATIVES][0], "the alternatives are not numbered 1, 2, 3, ...")
    seen: dict[tuple[int, ...], int] = {}
    times = []
    for line, many, text in body:
        order = _order(line, text, len(names), ending)
        if order in seen:
            raise Malformed(line, f"the same order as on line {seen[order]}")
        seen[order] = line
        times.append(_number(line, many))
    _agrees(counts, _VOTERS, sum(times), "ballots")
    _agrees(counts, _ORDERS, len(seen), "orders")
    ranks = np.array(list(seen), dtype=np.int64).reshape(len(times), len(names))
    return Ballots(_labels(names), ranks, np.array(times, dtype=np.int64), ("",), np.zeros(len(times), dtype=np.intp))


def _today(lines: _Lines, ending: str) -> tuple[dict[int, str], dict[str, tuple[int, int]], _Body]:
    """A header of lines "# KEY: value", then "how many: order"."""
    names: dict[int, str] = {}
    counts: dict[str, tuple[int, int]] = {}
    body: _Body = []
    for line, text in lines:
        before, colon, after = text.partition(":")
        key, value = before.removeprefix("#").strip().upper(), after.strip()
        if not colon:
            raise Malformed(line, f"no colon in {shown(text)}")
        if not before.startswith("#"):
            body.append((line, before, after))
        elif key in _COUNTS:
            counts[key] = line, _number(line, value)
        elif key == "DATA TYPE" and value.lower() != ending:
            raise Malformed(line, f"the type is {shown(value)}, and the file is named .{ending}")
        elif named := _NAME.fullmatch(key):
            _name(names, line, int(named[1]), value)
    return names, counts, body


def _before(lines: _Lines) -> tuple[dict[int, str], dict[str, tuple[int, int]], _Body]:
    """How many alternatives; "number,name" for each; "voters,voters,orders"; then "how many,order"."""
    first, m = lines[0][0], _number(*lines[0])
    if len(lines) < m + 2:
        raise Malformed(lines[-1][0], "the file ends inside its header")
    names: dict[int, str] = {}
    for line, text in lines[1 : m + 1]:
        number, _, name = text.partition(",")
        _name(names, line, _number(line, number), name.strip())
    line, text = lines[m + 1]
    sums = text.split(",")
    if len(sums) != 3:
        raise Malformed(line, "expected three counts: voters, voters, orders")
    voters, again, orders = (_number(line, count) for count in sums)
    if voters != again:
        raise Malformed(line, f"{voters} voters, and {again} votes")
    parted = ((n, *text.partition(",")) for n, text in lines[m + 2 :])
    body = [(n, many, order) for n, many, _, order in parted]
    return names, {_ALTERNATIVES: (first, m), _VOTERS: (line, voters), _ORDERS: (line, orders)}, body


def _name(names: dict[int, str], line: int, number: int, name: str) -> None:
    if number in names:
        raise Malformed(line, f"alternative {number} is named twice")
    names[number] = name or str(number)


def _number(line: int, text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10 and int(digits)):
        raise Malformed(line, f"{shown(digits)} is not a count of 1 or more")
    return int(digits)


def _agrees(counts: dict[str, tuple[int, int]], key: str, held: int, what: str) -> None:
    if key not in counts:
        raise Malformed(1, f"the header has no {key}")
    line, said = counts[key]
    if said != held:
        raise Malformed(line, f"{key} is {said}, and the file holds {held} {what}")


def _order(line: int, text: str, m: int, ending: str) -> tuple[int, ...]:
    """The rank of each alternative: 1, 2, ... by place, equal in braces, 0 where the order does not name it."""
    ranks = [0] * m
    for rank, place in enumerate(_places(line, text), 1):
        if len(place) > 1 and ending.startswith("s"):
            raise Malformed(line, f"equal ranks, and .{ending} files have none")
        for digits in place:
            number = _number(line, digits)
            if number > m:
                raise Malformed(line, f"there is no alternative {number}")
            if ranks[number - 1]:
                raise Malformed(line, f"alternative {number} stands twice in one order")
            ranks[number - 1] = rank
    if ending.endswith("c") and not all(ranks):
        raise Malformed(line, f"alternative {ranks.index(0) + 1} is not ranked, and .{ending} orders are complete")
    return tuple(ranks)


def _places(line: int, text: str) -> Iterator[list[str]]:
    """The places of "3,{1,2},4", from the best."""
    rest = "," + text
    while rest:
        found = _PLACE.match(rest, 1) if rest.startswith(",") else None
        if not found:
            raise Malformed(line, f"an order cannot be read at {shown(rest)}")
        yield (found[2] or found[1]).split(",")
        rest = rest[found.end() :]


def _labels(names: dict[int, str]) -> tuple[str, ...]:
    times = Counter(names.values())
    return tuple(f"{names[i]} ({i})" if times[names[i]] > 1 else names[i] for i in sorted(names))
