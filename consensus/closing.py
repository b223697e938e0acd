"""What a close at this moment would do with the people of each group: told from who answered validly, never from what.

Pure. The close itself makes its blocks by the same function (rounds.blocks.made); here they are only foretold, so that
whoever is about to close reads who would be counted with whom, and who in nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rounds.blocks import NEVER_APART, Apart, Made, made
from rounds.contract import Block

Cell = tuple[str, str]  # statement, part of it


@dataclass(frozen=True, slots=True)
class People:
    """A group: its key, the people asked, those who gave a valid answer; valid: how many did, by cell."""

    key: str
    seats: int
    answered: int
    valid: Mapping[Cell, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fate:
    """Groups that a close would count in one block. is_aside: too few, and counted in nothing. never_with: the groups
    that answered too, and with which these are never counted. thin: statements on which fewer than k of them gave a
    valid answer; there they are not counted either."""

    groups: tuple[People, ...]
    is_aside: bool = False
    never_with: tuple[str, ...] = ()
    thin: int = 0


@dataclass(frozen=True, slots=True)
class Foretold:
    """fates: of every group that answered, in the declared order. answered: people in all. of: the statements asked.

    is_fixed: somebody saw figures, or the blocks were made before, so that groups join no other any more.
    is_together: everybody is one block anyway.
    """

    k: int
    answered: int
    of: int
    is_fixed: bool
    fates: tuple[Fate, ...]
    is_together: bool = False

    @property
    def is_empty(self) -> bool:
        """Would the round close without figures?"""
        return all(fate.is_aside for fate in self.fates)

    @property
    def is_plain(self) -> bool:
        """Is there nothing to say of it?"""
        return bool(self.fates) and not any(fate.is_aside or fate.thin or self.joins(fate) for fate in self.fates)

    def joins(self, fate: Fate) -> tuple[People, ...]:
        """Of groups that are counted together, those in which too few answered to stand alone."""
        if self.is_together:
            return ()
        return tuple(group for group in fate.groups if group.answered < self.k) if len(fate.groups) > 1 else ()


def foretell(
    people: Sequence[People],
    k: int,
    *,
    of: int = 0,
    apart: Apart = NEVER_APART,
    planned: Sequence[Block] = (),
    is_fixed: bool = False,
    is_whole: bool = False,
    is_together: bool = False,
) -> Foretold:
    """people: of every group, in the declared order. of: how many statements are asked, 0 where none is by itself.

    is_fixed: the blocks planned stay, and a small one is set aside; else they are made of people. is_whole: see
    rounds.blocks.made.
    """
    here = {group.key: group for group in people if group.answered}
    found = Made(tuple(planned))
    if not is_fixed:
        found = made([(group.key, group.answered) for group in here.values()], k, apart, is_whole=is_whole)
    present = [[here[key] for key in block.groups if key in here] for block in found.blocks]
    fates = [_fate(groups, k) for groups in present if groups]
    for key in found.aside:
        fates.append(Fate((here[key],), is_aside=True, never_with=_kept_from(key, here, apart)))
    order = {key: place for place, key in enumerate(here)}
    fates.sort(key=lambda fate: order[fate.groups[0].key])
    return Foretold(k, sum(group.answered for group in here.values()), of, is_fixed, tuple(fates), is_together)


def _kept_from(key: str, here: Mapping[str, People], apart: Apart) -> tuple[str, ...]:
    return tuple(other for other in here if frozenset((key, other)) in apart)


def _fate(groups: Sequence[People], k: int) -> Fate:
    if sum(group.answered for group in groups) < k:
        return Fate(tuple(groups), is_aside=True)
    valid: Counter[Cell] = Counter()
    for group in groups:
        valid.update(group.valid)
    return Fate(tuple(groups), thin=len({statement for (statement, _), n in valid.items() if n < k}))
