"""From answers to counts: the one table that every measure of ratings starts from.

Counting only: no figure is made of the counts here, and nothing here knows what an answer means.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

CHUNK = 1 << 16  # answers at a time: the places they are counted at stay in the processor's cache


def count_table(ratings: NDArray[Any], groups: NDArray[Any], *, top: int, group_count: int) -> Ints:
    """How many people of each group gave each statement each value: counts[group, statement, value - 1].

    ratings: integers (people, statements), 1..top, 0 = no answer. groups: integers (people,), 0..group_count - 1.
    Returns int64 (group_count, statements, top). No people, or no statements, give a table of zeros.
    ValueError: a rating off the scale, a group that does not exist, or not one group for each person.
    """
    people, statements = ratings.shape
    if groups.shape != (people,):
        raise ValueError(f"{people} people and groups of shape {groups.shape}")
    _within(ratings, top, "answer")
    _within(groups, group_count - 1, "group")
    width = statements * (top + 1)
    starts = np.arange(statements) * (top + 1)
    rows = groups.astype(np.int64)[:, np.newaxis] * width
    counts = np.zeros(group_count * width, np.int64)
    step = max(1, CHUNK // max(1, statements))
    for at in range(0, people, step):
        places = np.add(ratings[at : at + step], starts, dtype=np.int64, casting="unsafe")  # uint64 would turn float
        places += rows[at : at + step]
        counts += np.bincount(places.ravel(), minlength=counts.size)
    return counts.reshape(group_count, statements, top + 1)[:, :, 1:].copy()


def move(counts: Ints, group: int, statement: int, old: int, new: int) -> None:
    """One live vote, in place: an answer changes from old to new; 0 on either side is no answer.

    counts: as count_table gives them. ValueError, and nothing moved: off the scale, or no such old answer to take away.
    """
    row = counts[group, statement]
    for value in (old, new):
        if not 0 <= value <= len(row):
            raise ValueError(f"{value} is off the scale 1..{len(row)}")
    if old and not row[old - 1]:
        raise ValueError(f"nobody in group {group} gave statement {statement} a {old}")
    if old:
        row[old - 1] -= 1
    if new:
        row[new - 1] += 1


def _within(values: NDArray[Any], last: int, what: str) -> None:
    if values.dtype.kind not in "iu":
        raise ValueError(f"a {what} is a whole number, not {values.dtype}")
    if values.size and (values.min() < 0 or values.max() > last):
        wrong = values[(values < 0) | (values > last)][0]
        raise ValueError(f"{what} {wrong} is not in 0..{last}")
