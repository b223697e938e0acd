"""A long list in pages: the rows of one page, their places in the list, and the ways to the other pages.

Filters stand in the address of a page; what somebody searches by does not, since names and codes belong in no log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from rounds.contract import number_in

T = TypeVar("T")
PAGE = 50  # rows
LONGEST = 6  # figures of a number in an address
NEAR = 1  # pages on each side of this one that the pager names


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """first, last: places of the rows, from 1. n: rows of the whole list. query: the filters, as an address has them.

    named: pages to go to, 0 where some are left out.
    """

    rows: tuple[T, ...]
    first: int
    last: int
    n: int
    page: int
    pages: int
    query: str
    named: tuple[int, ...]

    def at(self, page: int) -> str:
        return f"?{self.query}&page={page}" if self.query else f"?page={page}"


def listed(rows: Sequence[T], page: int, filters: Mapping[str, object], size: int = PAGE) -> Listed[T]:
    """A page that is not there is the nearest that is."""
    pages = max(1, -(-len(rows) // size))
    page = min(max(page, 1), pages)
    shown = tuple(rows[(page - 1) * size : page * size])
    first = (page - 1) * size + 1 if shown else 0
    query = urlencode({name: value for name, value in filters.items() if value})
    return Listed(
        shown, first, first + len(shown) - 1 if shown else 0, len(rows), page, pages, query, _named(page, pages)
    )


def _named(page: int, pages: int) -> tuple[int, ...]:
    wanted = sorted({1, pages, *range(max(1, page - NEAR), min(pages, page + NEAR) + 1)})
    found: list[int] = []
    for number in wanted:
        if found and number > found[-1] + 1:
            found.append(number - 1 if number == found[-1] + 2 else 0)
        found.append(number)
    return tuple(found)


def figure(written: str) -> int:
    """A number of an address or a field; 0 for anything else."""
    return number_in(written, LONGEST) or 0
