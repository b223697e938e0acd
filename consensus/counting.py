"""How a round is to be counted, sealed at its opening, and the blocks that its first close made of people.

Rows in, plain data out; nothing is counted or told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from consensus import models
from consensus.groups import block_of_word, named
from consensus.outcome import block_from
from rounds import KINDS
from rounds.blocks import Apart, Made, made
from rounds.contract import Block
from rounds.disclosure import SILENT, Mode


@dataclass(frozen=True, slots=True)
class Counting:
    """k: valid answers under which nothing is told. order: the groups of the study, in its order. apart: pairs that are
    never counted together. is_together: everybody is one block. mode: when figures may be seen, as it was opened.
    as_in: the round whose blocks it has, "" where it has its own. Groups by their words.
    """

    k: int
    order: tuple[str, ...]
    apart: tuple[tuple[str, ...], ...]
    is_together: bool
    mode: str
    as_in: str = ""

    @classmethod
    def of(cls, row: models.Round) -> Counting | None:
        """None of a round that was opened before its counting was sealed: its blocks stay as they are."""
        return counting_from(row.counting) if row.counting else None

    @property
    def is_silent(self) -> bool:
        """Is nothing shown before the close, unless the team looks?"""
        return self.mode in SILENT

    @property
    def makes_blocks(self) -> bool:
        """Does its first close make the blocks of people, if nobody saw a figure?"""
        return self.is_silent and not self.is_together and not self.as_in


@dataclass(frozen=True, slots=True)
class CountedTogether:
    """A round that is closed, in words to come. k: answers under which nothing is told. joined: groups that the close
    counted together, because one of them was too small. aside: groups of which nobody is counted; whether nobody of
    them answered, or too few, is told to none.
    """

    k: int
    joined: tuple[tuple[str, ...], ...]
    aside: tuple[str, ...]


def counting_from(data: Mapping[str, Any]) -> Counting:
    return Counting(**{**data, "order": tuple(data["order"]), "apart": tuple(map(tuple, data["apart"]))})


def counting_data(counting: Counting) -> dict[str, Any]:
    return {**asdict(counting), "order": list(counting.order), "apart": [list(pair) for pair in counting.apart]}


def apart_of(study: models.Study) -> Apart:
    """The pairs of groups that a study never counts together, by their keys."""
    return frozenset(frozenset(pair) for pair in study.apart or ())


def planned_counting(study: models.Study, row: models.Round, words: Mapping[str, str], as_in: str) -> Counting:
    """How a round counts that is opened now. words: of the groups."""
    order = tuple(words[group["key"]] for group in study.groups)
    pairs = (tuple(sorted((words[key] for key in pair), key=order.index)) for pair in apart_of(study))
    k = max(study.floor, KINDS[row.kind].fewest_told)
    return Counting(k, order, tuple(sorted(pairs)), row.is_together, Mode(row.disclosure), as_in)


def closes_once(row: models.Round) -> bool:
    """Do its figures rest on who spoke of each statement alone? See Kind.is_narrowed."""
    kind = KINDS[row.kind]
    return kind.is_narrowed(kind.Settings(**row.settings))


def planned_blocks(row: models.Round) -> tuple[Block, ...]:
    """The blocks of its opening: who is in none of them came later, and cannot answer."""
    return tuple(map(block_from, row.blocks or []))


def blocks_of(row: models.Round) -> tuple[Block, ...]:
    """The blocks in which it is counted: those of its first close, or those of its opening."""
    return tuple(map(block_from, row.made["blocks"])) if row.made else planned_blocks(row)


def told_of(row: models.Round) -> CountedTogether | None:
    """Who was counted together, as its first close left it; None while there was none, and of a round of before."""
    counting = Counting.of(row)
    if counting is None or not row.made or not KINDS[row.kind].is_counted:
        return None
    held, aside = blocks_of(row), frozenset(row.made["aside"])
    joined = tuple(block.groups for block in held if len(block.groups) > 1 and not aside & set(block.groups))
    counted = {group for block in held for group in block.groups} - aside
    asked = [group for block in planned_blocks(row) for group in block.groups]
    is_of_people = bool(row.made["of_people"]) and not counting.is_together
    return CountedTogether(counting.k, joined if is_of_people else (), tuple(g for g in asked if g not in counted))


def made_data(found: Made, *, of_people: bool) -> dict[str, Any]:
    """What a row keeps of its first close. of_people: made there; else they are those of its opening."""
    blocks = [{"key": block.key, "groups": list(block.groups), "seats": block.seats} for block in found.blocks]
    return {"blocks": blocks, "aside": list(found.aside), "of_people": of_people}


def made_of(
    groups: Sequence[tuple[str, int]],
    seats: Mapping[str, int],
    counting: Counting,
    words: Mapping[str, str],
    is_whole: bool,
) -> Made:
    """groups: (key, people who gave a valid answer). seats: people asked, by key. is_whole: see rounds.blocks.made."""
    key_of = {word: key for key, word in words.items()}
    apart = frozenset(frozenset(key_of[word] for word in pair) for pair in counting.apart)
    found = made(groups, counting.k, apart, is_whole=is_whole)
    asked = [Block(block.key, block.groups, sum(seats.get(key, 0) for key in block.groups)) for block in found.blocks]
    return Made(named(asked, words), found.aside)


def as_planned(blocks: Iterable[Block], valid: Mapping[str, int], k: int) -> Made:
    """The blocks stay. valid: people who gave a valid answer, by group: of a block with fewer than k, nobody counts;
    whether nobody of it answered, or too few, is told to none."""
    held = tuple(blocks)
    few = [block for block in held if sum(valid.get(group, 0) for group in block.groups) < k]
    return Made(held, tuple(group for block in few for group in block.groups))


def block_then(blocks: Sequence[Block], group: str, moves: Iterable[tuple[int, str]], when: int) -> str | None:
    """The block in which somebody counts who is in this group now. moves: (number in the journal, the group left
    there, as the journal calls it), oldest first. when: the number at which the group was settled."""
    for moved_at, before in moves:
        if moved_at > when:
            return block_of_word(blocks, before)
    return next((block.key for block in blocks if group in block.groups), None)
