"""Which stakeholder groups are counted together: planned by seats when a round opens, made of people at its close.

A group of k or more stands alone; smaller ones join. Pairs that a study never counts together stay apart, whatever
that costs: then answers may be set aside. It depends on who answered, never on what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from rounds.contract import Block

Group = tuple[str, int]  # key, people
Apart = Set[frozenset[str]]  # pairs of groups that are never counted together
NEVER_APART: Apart = frozenset()


@dataclass(frozen=True, slots=True)
class Made:
    """The blocks of a round as its first close made them.

    seats: people who gave a valid answer. aside: groups whose answers are counted nowhere. Without a block nothing is
    told of the round.
    """

    blocks: tuple[Block, ...]
    aside: tuple[str, ...] = ()


def planned(groups: Sequence[Group], k: int, apart: Apart = NEVER_APART) -> tuple[Block, ...]:
    """The blocks of a round that opens. groups: (key, seats), in the declared order; those without seats are left out.

    A group that may join no other has a block of its own, small as it is: it may still grow, and is set aside if not.
    """
    blocks, alone = _joined(groups, k, apart)
    return _in_order([*blocks, *alone], groups)


def together(groups: Sequence[Group]) -> tuple[Block, ...]:
    """One block of everybody."""
    present = [group for group in groups if group[1] > 0]
    return (_block(present),) if present else ()


def made(groups: Sequence[Group], k: int, apart: Apart = NEVER_APART, *, is_whole: bool = False) -> Made:
    """The blocks of a round at its first close. groups: (key, people who gave a valid answer), in the declared order.

    Groups in which nobody answered are in no block. Under k people in all there is none: nothing is told. is_whole:
    where one group is too small, all are one block, so that nobody is set aside whom no pair keeps apart.
    """
    joined, alone = _joined(groups, k, apart)
    present = [group for group in groups if group[1] > 0]
    if is_whole and any(n < k for _, n in present) and not _has_pair(present, apart):
        joined, alone = [present], []
    blocks = [block for block in joined if _size(block) >= k]
    short = [block for block in joined if _size(block) < k]  # everybody together, and still too few
    aside = {key for block in [*short, *alone] for key, _ in block}
    return Made(_in_order(blocks, groups), tuple(key for key, _ in groups if key in aside))


def _joined(groups: Sequence[Group], k: int, apart: Apart) -> tuple[list[list[Group]], list[list[Group]]]:
    """Sets of groups that are counted together, and the groups under k that may join none of them."""

    def may_join(group: Group, block: Iterable[Group]) -> bool:
        return all(frozenset((group[0], other)) not in apart for other, _ in block)

    present = [group for group in groups if group[1] > 0]
    if _size(present) < 2 * k and not _has_pair(present, apart):
        return ([present] if present else []), []
    blocks = [[group] for group in present if group[1] >= k]
    waiting: list[list[Group]] = []
    for group in (group for group in present if group[1] < k):
        pool = next((pool for pool in waiting if may_join(group, pool)), None)
        if pool is None:
            waiting.append([group])
            continue
        pool.append(group)
        if _size(pool) >= k:
            waiting.remove(pool)
            blocks.append(pool)
    alone: list[list[Group]] = []
    for group in (group for pool in waiting for group in pool):
        may = [block for block in blocks if may_join(group, block)]
        if may:
            min(may, key=_size).append(group)
        else:
            alone.append([group])
    return blocks, alone


def _has_pair(groups: Iterable[Group], apart: Apart) -> bool:
    here = {key for key, _ in groups}
    return any(pair <= here for pair in apart)


def _size(block: Iterable[Group]) -> int:
    return sum(people for _, people in block)


def _in_order(blocks: Sequence[Sequence[Group]], groups: Sequence[Group]) -> tuple[Block, ...]:
    """Blocks and the groups in them, in the declared order."""
    order = {key: place for place, (key, _) in enumerate(groups)}
    sorted_ = [sorted(block, key=lambda group: order[group[0]]) for block in blocks]
    return tuple(_block(block) for block in sorted(sorted_, key=lambda block: order[block[0][0]]))


def _block(groups: Sequence[Group]) -> Block:
    keys = tuple(key for key, _ in groups)
    return Block(key="+".join(keys), groups=keys, seats=_size(groups))
