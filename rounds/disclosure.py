"""What a viewer may see of a tally, and when. Every page, socket, export and report passes here.

Blocks: groups too small to be shown are pooled, once, when the round opens. Gate: the ballots that may be
counted in what is shown; a figure that is shown is always an ordinary count, of fewer ballots. Nothing here
knows a kind of round or hides a figure after it was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rounds.contract import Ballot, Block, Column, Role, Tally

STEP = 3  # a block's figures move only when at least so many of its people answered or changed their answer


class Mode(StrEnum):
    """When figures may be seen; a mode may only be tightened once the round is open."""

    LIVE = "live"
    AFTER_OWN = "after_own"
    FACILITATOR = "facilitator"
    AT_CLOSE = "at_close"


def may_tighten(old: Mode, new: Mode) -> bool:
    """True when nobody would see more than before. after_own and facilitator each show what the other hides."""
    return old is new or old is Mode.LIVE or new is Mode.AT_CLOSE


def may_see(mode: Mode, role: Role | None, closed: bool, answered: bool = False, shown: bool = False) -> bool:
    """May this viewer see figures now? answered: has answered this card; shown: the facilitator shows it.

    role None is the projector: it sees what everyone may, and in the facilitator mode what is shown to the room.
    """
    if closed:
        return True
    if mode is Mode.LIVE:
        return True
    if mode is Mode.AFTER_OWN:
        return role is Role.PARTICIPANT and answered
    if mode is Mode.FACILITATOR:
        return shown if role is None else role in {Role.FACILITATOR, Role.COFACILITATOR}
    return False


def pool(groups: Sequence[tuple[str, int]], k: int) -> tuple[Block, ...]:
    """Blocks of at least k seats: small groups are joined in the given order; what is left joins the smallest pool,
    or the smallest block where there is no pool.

    groups: (key, seats) in the declared order of pooling. Groups without seats are left out. With fewer than
    2k people in all there is one block. k >= 1.
    """
    present = [(key, seats) for key, seats in groups if seats > 0]
    if not present:
        return ()
    if sum(seats for _, seats in present) < 2 * k:
        return (_block(present),)
    alone = [[group] for group in present if group[1] >= k]
    pooled: list[list[tuple[str, int]]] = []
    open_pool: list[tuple[str, int]] = []
    for group in present:
        if group[1] >= k:
            continue
        open_pool.append(group)
        if sum(seats for _, seats in open_pool) >= k:
            pooled.append(open_pool)
            open_pool = []
    if open_pool:
        smallest = min(pooled or alone, key=lambda block: sum(seats for _, seats in block))
        smallest.extend(open_pool)
    order = {key: place for place, (key, _) in enumerate(present)}
    blocks = sorted(alone + pooled, key=lambda block: min(order[key] for key, _ in block))
    return tuple(_block(block) for block in blocks)


def _block(groups: Iterable[tuple[str, int]]) -> Block:
    listed = list(groups)
    keys = tuple(key for key, _ in listed)
    return Block(key="+".join(keys), groups=keys, seats=sum(seats for _, seats in listed))


@dataclass(slots=True)
class _Cell:
    """The ballots of one block in one slot: those that stand, those counted in what is shown.

    fresh: people whose standing ballot came here since the last step. Only these make a step: they were in nothing
    shown before, so that no sum or difference of what was ever shown speaks of fewer than STEP people. since: likewise,
    since the close that last released this cell. is_torn: what was shown may not be told any more, until the next step.
    """

    standing: dict[str, Ballot | None] = field(default_factory=dict)  # None: an answer erased since
    shown: dict[str, Ballot | None] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    since: set[str] = field(default_factory=set)
    is_released: bool = False  # at a close
    is_torn: bool = False

    def put(self, seat: str, ballot: Ballot | None, is_fresh: bool) -> None:
        self.standing[seat] = ballot
        if is_fresh:
            self.fresh.add(seat)
            self.since.add(seat)

    def drop(self, seat: str) -> None:
        self.standing.pop(seat, None)
        self.fresh.discard(seat)
        self.since.discard(seat)

    def erase(self, seat: str) -> None:
        self.drop(seat)
        if seat in self.shown:
            self.shown[seat], self.is_torn = None, True

    def step(self, k: int) -> None:
        if len(self.standing) >= k and (not self.shown or len(self.fresh) >= STEP):
            self._show()

    def close(self, k: int, is_aside: bool) -> None:
        """is_aside: what came since the close before is set aside, so that this cell has nothing new to show."""
        if is_aside or (self.is_released and len(self.since) < STEP):
            if not self.is_released or self.is_torn:
                self._hide()  # shown meanwhile, or less than was released: neither may be told beside the other
        elif len(self.standing) >= k:
            self._show()
            self.is_released, self.since = True, set()
        else:
            self._hide()

    def _show(self) -> None:
        self.shown, self.fresh, self.is_torn = dict(self.standing), set(), False

    def _hide(self) -> None:
        self.shown, self.is_torn = dict.fromkeys(self.shown), True

    def visible(self, least: int | None) -> list[Ballot]:
        """least: of a closed round, how many must be left where somebody was erased since; None while it is open."""
        ballots = [ballot for ballot in self.shown.values() if ballot is not None]
        is_enough = len(ballots) == len(self.shown) or (least is not None and len(ballots) >= least)
        return ballots if is_enough else []  # one erased while it is open: nothing until the next step


class Gate:
    """Which ballots of a round may be counted in what is shown, as they come, by block and slot.

    A cell (block, slot) shows from k of its own ballots on, and moves when at least STEP of its people answered or
    changed their answer since it last moved. Who leaves or is moved to another block makes no step: it is seen at
    the next. Ballots of the team always pass. The same events give the same state, so that a restart shows what was
    shown; a ballot whose marks were erased is put as None, and counts for the steps as it did when it came.

    A round that was closed may be reopened: what the close released stays until STEP people of the cell answered
    anew, also at the next close. too_few() gives the answers that a verdict must not count then.
    """

    def __init__(self, k: int) -> None:
        self.k = k
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._outside: dict[tuple[str, str | int], Ballot | None] = {}  # the team's, and those of people in no block
        self._regrouped: set[str] = set()
        self._is_closed = self._is_released = False
        self._anew: dict[str, dict[str, set[int]]] = {}  # slot -> seat -> ballots since a close last counted the slot
        self._aside: frozenset[int] = frozenset()

    def put(self, seat: str, block: str | None, slot: str | None, ballot: Ballot | None, seq: int) -> None:
        """A ballot came; None stands for one whose marks were erased since."""
        if block is None or slot is None:
            self._outside[seat, seq if slot is None else slot] = ballot
            return
        if self._is_released:
            self._anew.setdefault(slot, {}).setdefault(seat, set()).add(seq)
        cell = self._cells.setdefault((block, slot), _Cell())
        cell.put(seat, ballot, is_fresh=True)
        cell.step(self.k)

    def leave(self, seat: str) -> None:
        """A seat withdrew and had its answers erased: what counts them is hidden at once, in every block."""
        self._outside = {place: ballot for place, ballot in self._outside.items() if place[0] != seat}
        for people in self._anew.values():
            people.pop(seat, None)
        for cell in self._cells.values():
            cell.erase(seat)

    def regroup(self, seat: str, block: str | None) -> None:
        """A seat's group was corrected: its answers stand in another block, or in none, from the next step on."""
        self._regrouped.add(seat)
        for (old, slot), cell in list(self._cells.items()):
            if old == block or seat not in cell.standing:
                continue
            ballot = cell.standing[seat]
            cell.drop(seat)
            self._move(seat, block, slot, ballot)
        for whose, place in list(self._outside):
            if block is not None and whose == seat and isinstance(place, str):
                self._move(seat, block, place, self._outside.pop((whose, place)))

    def _move(self, seat: str, block: str | None, slot: str, ballot: Ballot | None) -> None:
        moved = replace(ballot, block=block) if ballot is not None else None
        if block is None:
            self._outside[seat, slot] = moved
            return
        cell = self._cells.setdefault((block, slot), _Cell())
        cell.put(seat, moved, is_fresh=False)
        if not self._is_closed:
            cell.step(self.k)

    def too_few(self) -> frozenset[int]:
        """Ballots since an earlier close in slots where fewer than STEP people answered anew: a verdict that moved by
        them would tell them."""
        few = [people for people in self._anew.values() if len(people) < STEP]
        return frozenset(seq for people in few for seqs in people.values() for seq in seqs)

    def close(self, aside: Set[int] = frozenset()) -> None:
        """The round closed: every cell with at least k ballots shows all of them, the others show nothing; released
        before, a cell shows more only of STEP people. aside: the ballots that this close sets aside, of too_few()."""
        few = {slot for slot, people in self._anew.items() if any(seqs & aside for seqs in people.values())}
        for (_, slot), cell in self._cells.items():
            cell.close(self.k, slot in few)
        self._anew = {slot: self._anew[slot] for slot in few}
        self._is_closed, self._is_released, self._aside = True, True, frozenset(aside)

    def reopen(self) -> None:
        """The close is taken back; what was set aside counts again like any other answer."""
        self._is_closed, self._aside = False, frozenset()
        for cell in self._cells.values():
            cell.step(self.k)

    def visible(self) -> list[Ballot]:
        """The ballots that may be counted in what is shown; never two of one seat in one slot."""
        least = self.k if self._is_closed else None
        cells = [cell for place, cell in self._cells.items() if not self._is_doubled(*place)]
        outside = [b for place, b in self._outside.items() if b is not None and not self._is_still_shown(*place)]
        outside = [ballot for ballot in outside if ballot.seq not in self._aside]
        return outside + [ballot for cell in cells for ballot in cell.visible(least)]

    def _is_still_shown(self, seat: str, slot: str | int) -> bool:
        """Is this seat, which is in no block now, still shown in the one that it left?"""
        cells = self._cells.items() if seat in self._regrouped else ()
        return any(seat in cell.shown for (_, where), cell in cells if where == slot)

    def _is_doubled(self, block: str, slot: str) -> bool:
        """Does this cell still show someone who left it for a block that shows them too?"""
        cell = self._cells[block, slot]
        gone = (self._regrouped & cell.shown.keys()) - cell.standing.keys()
        others = [other for (where, s), other in self._cells.items() if s == slot and where != block] if gone else []
        return any(seat in other.shown for seat in gone for other in others)


def released(shown: Tally, official: Tally, empty: Tally, columns: Iterable[Column]) -> Tally:
    """A closed round as anyone may see it: figures from the ballots that may be shown, verdicts as decided.

    A decision, a rank or a place is the outcome of the whole round and is told; every sum is a sum of what is
    shown, so that no block under k can be computed by subtraction. empty: the tally of no ballots; a block or a
    line that is like it shows nothing, and says so by absence, not by 0.
    """
    verdicts = {column.name for column in columns if column.verdict}
    figures = {line.statement: line for line in shown.lines}
    nothing = {line.statement: line for line in empty.lines}
    lines = []
    for line in official.lines:
        seen, bare = figures.get(line.statement), nothing.get(line.statement)
        is_seen = seen is not None and (bare is None or seen.by_block != bare.by_block)
        values = dict(seen.values) if seen and is_seen else dict.fromkeys(line.values)
        values.update({name: line.values[name] for name in verdicts if name in line.values})
        blocks = seen.by_block if seen and is_seen else {}
        told = {key: row for key, row in blocks.items() if bare is None or row != bare.by_block.get(key)}
        lines.append(replace(line, values=values, by_block=told))
    return replace(official, lines=tuple(lines), more=shown.more, todo=None)
