"""What is told of people by question: never a count under k, and no way round to one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.participants import Told, told

PLACES = st.lists(st.integers(0, 14), min_size=1, max_size=7)
FLOORS = st.integers(3, 6)


@given(PLACES, FLOORS)
def test_every_figure_is_nothing_or_enough_people_and_all_are_everybody(people: list[int], k: int) -> None:
    found = told(people, k)
    if found is not None:
        figures = [n for n in (*found.cells, found.others) if n is not None]
        assert all(n == 0 or n >= k for n in figures) and sum(figures) == sum(people)
        assert all(cell in {n, None} for cell, n in zip(found.cells, people, strict=True))
        assert (found.others is None) == (None not in found.cells)


def _worlds(found: Told, k: int, n: int) -> Iterator[tuple[int, ...]]:
    """All panels of which the same would be told."""
    hidden = found.cells.count(None)
    for drawn in product(range(k), repeat=hidden):
        if sum(drawn) == (found.others or 0):
            rest = iter(drawn)
            world = tuple(next(rest) if cell is None else cell for cell in found.cells)
            assert told(world, k) == found and sum(world) == n
            yield world


@given(PLACES, st.integers(3, 5))
def test_no_joined_place_can_be_worked_out_by_whoever_knows_the_rule(people: list[int], k: int) -> None:
    found = told(people, k)
    if found is not None and found.others is not None:
        worlds = list(_worlds(found, k, sum(people)))
        for place, cell in enumerate(found.cells):
            assert cell is not None or len({world[place] for world in worlds}) > 1


@given(PLACES, FLOORS)
def test_the_order_of_the_places_changes_nothing(people: list[int], k: int) -> None:
    found, turned = told(people, k), told(people[::-1], k)
    assert (found is None) == (turned is None)
    if found is not None and turned is not None:
        assert (found.cells[::-1], found.others) == (turned.cells, turned.others)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([7, 0, 5], Told((7, 0, 5))),
        ([9, 4, 3], Told((9, None, None), 7)),
        ([9, 4, 0, 1], Told((9, None, None, None), 5)),
        ([9, 4], None),
        ([9, 4, 4], None),
        ([9, 5, 1], None),
        ([4, 3, 3, 4], None),
        ([4], None),
        ([0, 0], None),
    ],
)
def test_small_places_are_joined_or_the_question_is_withheld(people: list[int], said: Told | None) -> None:
    assert told(people, 5) == said
