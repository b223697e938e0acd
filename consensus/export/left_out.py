"""Which leaves a file of individual answers opens, and which stay bare: no row may be found by what the others lack.

A told sum less the rows of a file is the answer of whoever is not in it. So where one to k - 1 counted people of a cell
are missing, because they erased or do not let others use their answers, the cell is left out as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from consensus.conduct import Refused
from rounds.kind import Kind


@dataclass(frozen=True, slots=True)
class Answered:
    """A counted answer of a participant. marks: None where it was erased. number: of its leaf."""

    number: int
    seat: int
    block: str
    slot: str
    marks: Any


Place = tuple[str, str]  # block, slot


def refuse_few(people: Set[int], out: Set[int], k: int) -> None:
    """Refused: few of those who answered keep their answers from later research, and the file would point to them."""
    if 0 < len(people & out) < k:
        raise Refused("refused.few_keep_back")


def closed_cells(kind: Kind, answers: Iterable[Answered], out: Set[int], k: int) -> frozenset[Place]:
    """The cells of a round that no row may come from. out: the seats that are in no file."""
    cells: dict[Place, list[Answered]] = {}
    for one in answers:
        if one.marks is None or one.seat in out:
            cells.setdefault((one.block, one.slot), []).append(one)
    return frozenset(place for place, missing in cells.items() if not _are_many(kind, missing, k))


def _are_many(kind: Kind, missing: Iterable[Answered], k: int) -> bool:
    """In every part that one of them answered, did k or more give a valid answer, of those whose answer is known?"""
    valid: dict[str, set[int]] = {}
    for one in missing:
        parts = kind.parts(one.marks) if one.marks is not None else {}
        for part, is_valid in parts.items():
            valid.setdefault(part, set()).update({one.seat} if is_valid else ())
    return bool(valid) and all(len(seats) >= k for seats in valid.values())
