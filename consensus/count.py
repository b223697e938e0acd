"""Stored ballots -> count -> tally: the only way to a tally, for pages, sockets, exports and the outcome of a round.

A warm count remembers its last journal number and folds what follows; a withdrawal, a corrected group or any doubt
rebuilds it from the first ballot. Two counts are kept of a round: the official one, of all standing ballots, and
what may be shown, of the ballots that disclosure lets through. What the close of a reopened round set aside stands in
neither. Nothing here writes, and no figure is computed here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tortoise.functions import Count

from consensus import models, reopening, store
from consensus.journal import head_of
from consensus.outcome import block_from, statement_from, tally_from
from rounds import KINDS
from rounds.contract import Ballot, Block, Kind, Marks, Role, Round, Tally
from rounds.disclosure import Gate
from rounds.rules import rule_from

# Acts that change which earlier ballots stand, where they count, or what of them is shown.
UNSETTLING = ("regroup", "withdraw", reopening.CLOSED, reopening.REOPEN)


class Counted:
    """A round counted. Each part is counted when it is first looked at: a ballot needs no tally to be kept.

    Parts that are looked at before the next `await` belong together; after it a newer ballot may be in those to come.
    last: the journal number up to which ballots are in.
    """

    def __init__(self, warm: Warm) -> None:
        self._warm = warm
        self.round = warm.round
        self.last = warm.last

    @cached_property
    def official(self) -> Tally:
        """Of all standing ballots."""
        return self._warm.kind.tally(self._warm.count, self.round)

    @cached_property
    def shown(self) -> Tally:
        """Of the ballots that disclosure lets through."""
        kind, count = self._warm.kind, self._warm.kind.start(self.round)
        for ballot in self.visible:
            kind.add(count, ballot, +1)
        return kind.tally(count, self.round)

    @cached_property
    def own(self) -> Mapping[str, Mapping[str, Marks]]:
        """What each seat says at present, by slot; to be shown to that seat only."""
        own: dict[str, dict[str, Marks]] = {}
        for ballot in self._warm.standing.values():
            if ballot.slot is not None:
                own.setdefault(ballot.seat, {})[ballot.slot] = ballot.marks
        return own

    @property
    def ballots(self) -> int:
        return len(self._warm.standing)

    @property
    def visible(self) -> tuple[Ballot, ...]:
        """The ballots that may be counted in what is shown."""
        return tuple(self._warm.gate.visible())

    @property
    def aside(self) -> frozenset[int]:
        """The ballots that the last close set aside; none while the round is open."""
        return self._warm.aside

    @property
    def too_few(self) -> frozenset[int]:
        """The ballots that a close would set aside now."""
        return self._warm.gate.too_few() if self._warm.sets_aside else frozenset()

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The slots that a participant is asked to fill now."""
        needed = self.official if self._warm.kind.ordered else None
        return self._warm.kind.asked(self.round, needed)

    @cached_property
    def answered(self) -> dict[str, int]:
        """People by block who gave at least one answer of those asked."""
        asked = set(self.asked)
        return self._people(lambda slots: bool(slots & asked) or not asked)

    @cached_property
    def finished(self) -> dict[str, int]:
        """People by block who gave every answer asked."""
        asked = set(self.asked)
        return self._people(lambda slots: bool(asked) and asked <= slots)

    def _people(self, is_one: Callable[[set[str]], bool]) -> dict[str, int]:
        filled: dict[tuple[str, str], set[str]] = {}
        for ballot in self._warm.standing.values():
            if ballot.block is not None and ballot.slot is not None:
                filled.setdefault((ballot.block, ballot.seat), set()).add(ballot.slot)
        return dict(Counter(block for (block, _), slots in filled.items() if is_one(slots)))


async def frozen(row: models.Round) -> Round:
    """The round as the method knows it: settings, rule, blocks and statements as they were frozen at opening."""
    kind = KINDS[row.kind]
    session = await models.Session.get(id=row.session_id)
    passed = await models.Round.filter(session_id=row.session_id, position__lt=row.position).order_by("position")
    same = await earlier(row)
    return Round(
        key=row.key,
        kind=row.kind,
        settings=kind.Settings(**row.settings),
        languages=tuple(session.languages),
        blocks=tuple(map(block_from, row.blocks or [])),
        statements=tuple(map(statement_from, row.statements or [])),
        rule=rule_from(row.rule),
        before={r.key: tally_from(r.outcome["released"]) for r in passed if r.outcome},
        earlier=await frozen(same) if same else None,
    )


def block_of(blocks: Sequence[Block], group: str) -> str | None:
    """The block in which a group counts; None for the team, and for a group that joined after the opening."""
    return next((block.key for block in blocks if group in block.groups), None)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Participants who are here, by group; those who left, as (seat, group)."""

    here: Mapping[str, int]
    gone: Sequence[tuple[str, str]]

    @classmethod
    async def of(cls, session_id: int) -> Sitting:
        people = models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT)
        here = people.filter(withdrawn="").annotate(n=Count("id")).group_by("group").values("group", "n")
        gone = people.exclude(withdrawn="").values("id", "group")
        return cls({one["group"]: one["n"] for one in await here}, [(str(p["id"]), p["group"]) for p in await gone])

    def asked(self, counted: Counted) -> dict[str, int]:
        """How many people an open round asks, by block: those of its opening, and as many more as came since.

        Whoever left counts while their answers do. Told beside who has answered; no rule, block or disclosure reads it.
        """
        present = Counter(self.here)
        present.update(group for seat, group in self.gone if seat in counted.own)
        return {
            block.key: max(block.seats, sum(present[group] for group in block.groups)) for block in counted.round.blocks
        }


@dataclass(slots=True)
class Warm:
    """One round's running counts."""

    round: Round
    kind: Kind
    gate: Gate
    seats: dict[int, Any]  # alias and group changes by seat, to place an old ballot in the block of its time
    aside: frozenset[int] = frozenset()  # in the gate at their own moment, in no count
    last: int = 0
    count: Any = None
    standing: dict[tuple[int, str | int], Ballot] = field(default_factory=dict)
    counted: Counted | None = None

    def fold(self, row: Mapping[str, Any]) -> None:
        """Count one stored ballot in, and the one that it replaces out."""
        seat, seq = int(row["seat_id"]), int(row["seq"])
        now = self._block(row["role"], row["group_key"])
        block_then = self._block_at(seat, seq, row["group_key"]) if row["role"] == Role.PARTICIPANT else None
        ballot = self._ballot(row, now) if row["marks"] is not None else None
        shown = self._ballot(row, block_then) if row["marks"] is not None else None
        self.gate.put(str(seat), block_then, row["slot"], shown, seq)
        self.last = seq
        if ballot is None or seq in self.aside:
            return
        place = (seat, seq if ballot.slot is None else ballot.slot)
        replaced = self.standing.get(place)
        if replaced is not None:
            self.kind.add(self.count, replaced, -1)
        self.kind.add(self.count, ballot, +1)
        self.standing[place] = ballot

    def _block(self, role: str, group: str) -> str | None:
        return block_of(self.round.blocks, group) if role == Role.PARTICIPANT else None

    def _block_at(self, seat: int, seq: int, group: str) -> str | None:
        for changed_at, before in self.seats.get(seat, ()):
            if changed_at > seq:
                return block_of(self.round.blocks, before)
        return block_of(self.round.blocks, group)

    def _ballot(self, row: Mapping[str, Any], block: str | None) -> Ballot:
        marks = json.loads(row["marks"])
        return Ballot(int(row["seq"]), str(row["seat_id"]), Role(row["role"]), block, row["slot"], marks)

    def unsettle(self, entry: Mapping[str, Any], seats: Mapping[str, int]) -> None:
        """A withdrawal, a corrected group, a close or its end, at its own moment among the ballots."""
        said = json.loads(entry["payload"])
        match entry["act"]:
            case "withdraw":
                self.gate.leave(str(seats[said["alias"]]))
            case "regroup":
                self.gate.regroup(str(seats[said["alias"]]), block_of(self.round.blocks, said["to"]))
            case reopening.CLOSED:
                self.gate.close(frozenset(said.get(reopening.SET_ASIDE, ())))
            case reopening.REOPEN:
                self.gate.reopen()

    @property
    def sets_aside(self) -> bool:
        return reopening.sets_aside(self.kind, self.round.settings)

    def take_stock(self) -> Counted:
        """The count of this moment; the same object until another ballot comes."""
        if self.counted is None:
            self.counted = Counted(self)
        return self.counted


class Counts:
    """The warm counts of one process."""

    def __init__(self) -> None:
        self._warm: dict[int, Warm] = {}
        self._rounds: dict[int, Round] = {}

    def forget(self) -> None:
        """Doubt: the next look rebuilds every count from the first ballot."""
        self._warm.clear()
        self._rounds.clear()

    def drop(self, rounds: Iterable[int]) -> None:
        """These rounds are gone."""
        for number in rounds:
            self._warm.pop(number, None)
            self._rounds.pop(number, None)

    async def round(self, round_id: int) -> Round:
        """A round that has opened, as it was frozen: it never changes again."""
        if round_id not in self._rounds:
            row = await models.Round.get(id=round_id)
            if row.state == "draft":
                return await frozen(row)
            self._rounds[round_id] = await frozen(row)
        return self._rounds[round_id]

    async def now(self, row: models.Round) -> Counted:
        """The round counted at this moment; inside a job, with what the jobs before it wrote."""
        warm = self._warm.get(row.id)
        if warm is not None:
            ballots = await store.ballots_after(row.id, warm.last)
            unsettled = await store.entries_after(head_of(row.session_id), warm.last, UNSETTLING)
            if not _that_matter(unsettled, warm.round.key) and self._warm.get(row.id) is warm:
                # Another reader may have folded meanwhile: between here and the end nothing waits.
                for ballot in ballots:
                    if ballot["seq"] > warm.last:
                        warm.fold(ballot)
                        warm.counted = None
                return warm.take_stock()
        warm = await recount(row)
        self._warm[row.id] = warm
        return warm.take_stock()

    async def at_close(self, row: models.Round) -> Counted:
        """The round as a close at this moment leaves it; to be asked inside the job that closes it."""
        aside = (await self.now(row)).too_few
        warm = await recount(row, aside)
        warm.gate.close(aside)
        return warm.take_stock()


async def earlier(row: models.Round) -> models.Round | None:
    """The last closed round of the same kind before this one, in which the same seats answered."""
    closed = models.Round.filter(session_id=row.session_id, kind=row.kind, state="closed", position__lt=row.position)
    return await closed.order_by("-position").first()


async def recount(row: models.Round, aside: frozenset[int] | None = None) -> Warm:
    """A round counted from its first ballot, with closes, withdrawals and corrected groups at their own moments.

    aside: what a close that is not written yet sets aside; None: what the journal says.
    """
    study = await models.Study.get(sessions__id=row.session_id)
    round, kind = await frozen(await models.Round.get(id=row.id)), KINDS[row.kind]
    last, ballots, entries = await _settled(row)
    seat_of = {s["alias"]: s["id"] for s in await models.Seat.filter(session_id=row.session_id).values("id", "alias")}
    moves: dict[int, list[tuple[int, str]]] = {}
    for entry in entries:
        if entry["act"] == "regroup":
            said = json.loads(entry["payload"])
            moves.setdefault(seat_of[said["alias"]], []).append((entry["seq"], said["from"]))
    if aside is None:
        aside = reopening.aside_now(entries, round.key)
    warm = Warm(round, kind, Gate(study.floor), moves, aside, count=kind.start(round))
    events = [*ballots, *_that_matter(entries, round.key)]
    for event in sorted(events, key=lambda event: int(event["seq"])):
        if "act" in event:
            warm.unsettle(event, seat_of)
        else:
            warm.fold(event)
    warm.last = last
    return warm


async def _settled(row: models.Round) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    """The chain's last number, and the ballots and unsettling acts up to it, though others write meanwhile."""
    key = head_of(row.session_id)
    while True:
        last = (await models.Head.get(key=key)).seq
        ballots = await store.ballots_after(row.id, 0)
        entries = await store.entries_after(key, 0, UNSETTLING)
        # The ballots carry the groups of the moment when they were read: no act may lie between that and last.
        if not entries or entries[-1]["seq"] <= last:
            return last, [ballot for ballot in ballots if ballot["seq"] <= last], entries


def _that_matter(entries: Sequence[Mapping[str, Any]], round_key: str) -> list[Mapping[str, Any]]:
    """Withdrawals that kept the answers, and closes of other rounds, change no count."""
    return [entry for entry in entries if _matters(entry["act"], json.loads(entry["payload"]), round_key)]


def _matters(act: str, said: Mapping[str, Any], round_key: str) -> bool:
    if act in {reopening.CLOSED, reopening.REOPEN}:
        return bool(said["round"] == round_key)
    return act == "regroup" or bool(said["erased"])
