"""What a rehearsal meets beside people who answer: when a group stays away, a step is opened again, answers are erased;
what a close left of few people, in lines; what of an erased answer lies in no file.

Nothing here acts, sends a form or ends a rehearsal.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from consensus import models
from consensus.count import Counted
from consensus.counting import Counting, blocks_of
from consensus.simulation.panel import Match
from rounds import KINDS
from rounds.disclosure import SILENT
from rounds.kind import Kind

FILES = ("", "-wal", "-shm")  # what SQLite writes beside its file


@dataclass(frozen=True, slots=True)
class Occasions:
    """Rounds by their keys, "" where there are too few of them. first: somebody's friends stay away, and it is opened
    again after its close. second: after its close one person has everything erased. last: another does while it is
    open."""

    first: str = ""
    second: str = ""
    last: str = ""

    @classmethod
    def of(cls, rows: Iterable[models.Round]) -> Occasions:
        """Of the rounds whose answers are counted, and told at the close alone."""
        keys = [row.key for row in rows if KINDS[row.kind].is_counted and row.disclosure in SILENT]
        return cls(keys[0], keys[1] if len(keys) > 1 else "", keys[-1]) if keys else cls()


def has_valid(kind: Kind, ballot: models.Ballot) -> bool:
    return ballot.marks is not None and any(kind.parts(json.loads(ballot.marks)).values())


def met(row: models.Round, counted: Counted, match: Match | None) -> list[str]:
    """What a closed round did with few people: who was counted with whom, who was set aside, where too few knew."""
    kind, counting = KINDS[row.kind], Counting.of(row)
    if not (kind.is_counted and counting and counting.is_silent and row.made):
        return []
    aside, lines = set(row.made["aside"]), []
    for block in blocks_of(row):
        people = _people(counted, block.groups)
        if len(block.groups) > 1 and not aside & set(block.groups):
            lines.append(f"{row.key}: a small group: {block.key} counted together, {people} people")
    for group in row.made["aside"]:
        few = _people(counted, [group])
        is_pair = _is_kept_apart(row, group, match)
        why = "a pair never counted together" if is_pair else "a block that stays and is small"
        if few:
            lines.append(f"{row.key}: {why}: {few} {'person' if few == 1 else 'people'} set aside")
    if cells := _thin(kind, counted, {block.key for block in blocks_of(row)}, counting.k):
        lines.append(f"{row.key}: answers without a value: {cells} cells with fewer than {counting.k} others, not told")
    return lines


def _people(counted: Counted, groups: Sequence[str]) -> int:
    return sum(counted.valid.get(group, 0) for group in groups)


def _is_kept_apart(row: models.Round, group: str, match: Match | None) -> bool:
    """Would these have been counted with somebody, were it not for a pair?"""
    return bool(row.made["of_people"]) and match is not None and group == match.few


def _thin(kind: Kind, counted: Counted, blocks: Set[str], k: int) -> int:
    """Parts of slots that k people or more of a block answered, fewer of them with a value."""
    answered: Counter[tuple[str, str, str]] = Counter()
    valid: Counter[tuple[str, str, str]] = Counter()
    for ballot in counted.standing:
        if ballot.block in blocks and ballot.slot is not None:
            for part, is_valid in kind.parts(ballot.marks).items():
                cell = (str(ballot.block), ballot.slot, part)
                answered[cell] += 1
                valid[cell] += is_valid
    return sum(n >= k > valid[cell] for cell, n in answered.items())


async def marks_of(seat: models.Seat) -> list[bytes]:
    """What stands in the database beside this person's answers alone: drawn for each of them, found nowhere else."""
    drawn: list[str] = []
    for ballot in await models.Ballot.filter(seat_id=seat.id):
        drawn += [ballot.salt or "", ballot.key, ballot.body]
    drawn += [leaf.salt or "" for leaf in await models.Leaf.filter(seat_id=seat.id)]
    return [one.encode() for one in drawn if len(one) >= len("sixteen of a key")]


def kept(database: str, marks: Sequence[bytes]) -> int:
    """How many of these a file of the database holds."""
    files = [Path(database + ending) for ending in FILES]
    data = b"".join(file.read_bytes() for file in files if file.exists())
    return sum(mark in data for mark in marks)
