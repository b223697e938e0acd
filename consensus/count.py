"""Stored ballots -> count -> tally: the only way to a tally, for pages, sockets, exports and the outcome of a round.

A round is counted from its first ballot (recount) and moved by each that follows (Warm.fold); which counts a process
keeps, and when one is dropped, is counts.py's. One count decides and is told: of the ballots that the gate lets
through. What the team works on (official) is the count of all that stand; no figure of it leaves its desk. Nothing here
writes, and no figure is computed here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from weakref import ref

from consensus import models, reopening
from consensus.counting import Counting, block_then, blocks_of
from consensus.folding import AT_ONCE, folded
from consensus.given import Given, Progress
from consensus.journal import canonical, head_of
from consensus.lasting import emptied, in_turns
from consensus.outcome import statement_from, tally_from, told_by
from consensus.reading import Stored, stored
from consensus.states import RoundState
from rounds import KINDS
from rounds.blocks import Made
from rounds.contract import Ballot, Block, Card, Marks, Role, Round, Tally, is_answered
from rounds.gate import Gate
from rounds.kind import Kind
from rounds.rules import rule_from

ALIKE = 4_000  # answers that are kept as they were read, for the next who says the same
LOOKS = ("look", "show")
# Acts that change which earlier ballots stand, where they count, or what of them is told.
UNSETTLING = ("regroup", "withdraw", reopening.CLOSED, reopening.REOPEN, *LOOKS)
Moves = Mapping[int, Sequence[tuple[int, str]]]  # corrected groups by seat: number in the journal, the group left there


class Said(dict[str, Any]):
    """What somebody said, as it was read."""

    __slots__ = ("_mark",)
    _mark: str

    @property
    def mark(self) -> str:
        """Tells these words from others, and nothing of them."""
        try:
            return self._mark
        except AttributeError:
            self._mark = sha256(canonical(self).encode()).hexdigest()[:8]
            return self._mark


def mark_of(marks: Marks) -> str:
    """Worked out once for all who said it."""
    return (marks if isinstance(marks, Said) else Said(marks)).mark


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
        """Of all standing ballots: what the team works on."""
        return self._warm.kind.tally(self._warm.count, self.round)

    @cached_property
    def shown(self) -> Tally:
        """Of the ballots that are counted: every figure and verdict that is told."""
        return self._warm.shown()

    @property
    def cards(self) -> Mapping[str, Card]:
        """What people are asked about, in the order of the round; forgotten with the count, so by an erasure too."""
        return self._warm.cards

    @property
    def own(self) -> Mapping[str, Mapping[str, Marks]]:
        """What each seat says at present, by slot; to be shown to that seat only. It follows the ballots."""
        return self._warm.own

    @property
    def ballots(self) -> int:
        return self._warm.number

    @property
    def standing(self) -> tuple[Ballot, ...]:
        """The ballots of the official tally."""
        return tuple(self._warm.ballots())

    @cached_property
    def visible(self) -> tuple[Ballot, ...]:
        """The ballots that are counted, each cut to the parts that are told."""
        return tuple(self._warm.visible())

    @cached_property
    def aside(self) -> frozenset[int]:
        """The standing ballots of which no part is told as it stands now."""
        aside = self._warm.gate.aside()
        if not self._warm.is_narrowed:
            return aside
        passed = {ballot.seq for ballot in self._warm.gate.visible()}
        return aside | (passed - {ballot.seq for ballot in self.visible})

    @property
    def is_silent(self) -> bool:
        """Was nobody shown a figure of it while it was open?"""
        return self._warm.gate.is_silent

    @cached_property
    def heard(self) -> frozenset[str]:
        """The statements to which any answer of a participant stands, counted or not. Where it would tell that somebody
        spoke of a statement, all of them."""
        kind, everybody = self._warm.kind, Block("all", (), 0)
        round = replace(self.round, blocks=(everybody,))
        count = kind.start(round)
        for ballot in self._warm.ballots():
            kind.add(count, ballot._replace(block="all") if ballot.role == Role.PARTICIPANT else ballot, +1)
        found = frozenset(line.statement for line in kind.tally(count, round).lines if is_answered(line))
        return frozenset(s.id for s in round.statements if found) if self._warm.is_narrowed else found

    @property
    def blocks(self) -> Mapping[int, str | None]:
        """The block in which each participant counts who ever answered, by seat."""
        return self._warm.blocks

    @property
    def given(self) -> Given:
        """Of the standing answers: who gave what. It follows the ballots."""
        return self._warm.given

    @property
    def told(self) -> Given:
        """The same of the answers that are counted."""
        return self._warm.told().given

    @cached_property
    def valid(self) -> dict[str, int]:
        """People by group of whom a valid answer stands, to whatever was asked."""
        return dict(+self._warm.given.valid)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The slots that a participant is asked to fill now."""
        return self._warm.kind.asked(self.round, self.official) if self._warm.kind.ordered else self._warm.asked

    @cached_property
    def answered(self) -> dict[str, int]:
        """People by block who gave at least one answer of those asked."""
        return dict(self._warm.progress(self.asked).answered)

    @cached_property
    def finished(self) -> dict[str, int]:
        """People by block who gave every answer asked."""
        return dict(self._warm.progress(self.asked).finished)


async def frozen(row: models.Round) -> Round:
    """The round as the method knows it: settings, rule and statements as they were frozen at opening; its blocks."""
    kind = KINDS[row.kind]
    session = await models.Session.get(id=row.session_id)
    passed = await models.Round.filter(session_id=row.session_id, position__lt=row.position).order_by("position")
    same = await earlier(row)
    return Round(
        key=row.key,
        kind=row.kind,
        settings=kind.Settings(**row.settings),
        languages=tuple(session.languages),
        blocks=blocks_of(row),
        statements=tuple(map(statement_from, row.statements or [])),
        rule=rule_from(row.rule),
        before={r.key: tally_from(told_by(r.outcome)) for r in passed if r.outcome},
        earlier=await frozen(same) if same else None,
    )


def block_of(blocks: Sequence[Block], group: str) -> str | None:
    """The block in which a group counts; None for the team, and for a group that joined after the opening."""
    return next((block.key for block in blocks if group in block.groups), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told, counted. given: who gave what of it."""

    count: Any
    given: Given


@dataclass(slots=True)
class Warm:
    """One round's running counts. settled: the number in the journal at which everybody's group was settled, where its
    first close made the blocks of people; 0: a group counts as it was when the seat first answered."""

    round: Round
    kind: Kind
    gate: Gate
    moves: Moves
    settled: int = 0
    last: int = 0
    version: int | None = None  # of the store: at it, whatever is committed is counted in; None: there may be more
    count: Any = None  # of all that stands
    is_narrowed: bool = field(init=False)  # whether a card is told may follow from every ballot
    given: Given = field(init=False)
    cards: dict[str, Card] = field(init=False)
    standing: dict[int, dict[str | int, Ballot]] = field(default_factory=dict)  # of each seat, by slot; in none, by seq
    number: int = 0  # of these ballots
    own: dict[str, dict[str, Marks]] = field(default_factory=dict)  # what stands of each seat, by slot
    groups: dict[int, str] = field(default_factory=dict)  # of the participants who answered, as they are now
    blocks: dict[int, str | None] = field(default_factory=dict)  # once somebody counts in one, it stays
    _counted: ref[Counted] | None = None  # which holds this count: to hold it too would be a ring (lasting.py)
    _told: Told | None = None
    _shown: Tally | None = None  # of what is told, until something of it moves
    _progress: Progress | None = None
    _said: dict[str, Said] = field(default_factory=dict)  # forgotten with the count, so by an erasure too

    def __post_init__(self) -> None:
        self.is_narrowed = self.kind.is_narrowed(self.round.settings)
        self.given = Given(self.kind)
        self.cards = {card.id: card for card in self.kind.cards(self.round)}
        self.count = self.kind.start(self.round)
        if not self.kind.ordered:  # then the same is asked all the time
            self._progress = Progress(self.kind.asked(self.round, None))

    def fold(self, row: Mapping[str, Any]) -> None:
        """Count one stored ballot in, and the one that it replaces out."""
        self.take(row["seq"], row["seat_id"], row["slot"], row["marks"], row["role"], row["group_key"])

    def take(self, seq: int, seat: int, slot: str | None, marks: str | None, role: str, group: str) -> None:
        """The same, of the parts of a row."""
        block = self.block_of(seq, seat, role, group)  # also of an answer that was erased: it was counted when it came
        ballot = None if marks is None else Ballot(seq, str(seat), Role(role), block, slot, self.marks_of(marks))
        if ballot is not None and ballot.role is not Role.PARTICIPANT:
            self._turn(ballot)
        self.gate.put(str(seat), block, slot, ballot, seq)
        self.last = seq
        self._counted = None
        if ballot is None:
            return
        theirs, place = self.standing.setdefault(seat, {}), seq if slot is None else slot
        replaced = theirs.get(place)
        if replaced is not None:
            self._add(self.count, self.given, replaced, -1)
        self._add(self.count, self.given, ballot, +1)
        theirs[place] = ballot
        self.number += replaced is None
        if slot is not None:
            self.own.setdefault(ballot.seat, {})[slot] = ballot.marks
            if self._progress is not None and replaced is None:
                self._progress.fill(ballot.seat, slot, block)

    def _add(self, count: Any, given: Given, ballot: Ballot, sign: int) -> None:
        self.kind.add(count, ballot, sign)
        if ballot.role is Role.PARTICIPANT:
            given.add(ballot, sign, self.groups[int(ballot.seat)])

    def ballots(self) -> Iterator[Ballot]:
        """All that stand."""
        for theirs in self.standing.values():
            yield from theirs.values()

    def count_in(self, ballots: Sequence[Ballot]) -> None:
        """Count these in, which stand and are all that anybody has said in their places; the gate knows them."""
        self._add_all(self.count, self.given, ballots)
        self.number += len(ballots)
        own, progress = self.own, self._progress
        for ballot in ballots:
            slot = ballot.slot
            if slot is not None:
                theirs = own.get(ballot.seat)
                if theirs is None:
                    theirs = own[ballot.seat] = {}
                theirs[slot] = ballot.marks
                if progress is not None:
                    progress.fill(ballot.seat, slot, ballot.block)

    def _add_all(self, count: Any, given: Given, ballots: Sequence[Ballot]) -> None:
        """Count these in, which are no two of one seat in one slot."""
        add, groups = self.kind.add, self.groups
        for ballot in ballots:
            add(count, ballot, +1)
        given.add_all([ballot for ballot in ballots if ballot.role is Role.PARTICIPANT], groups)

    def _turn(self, act: Ballot) -> None:
        """An act of the team may end what was asked, and ask something else."""
        if self.kind.ends and self.kind.ends(act.marks):
            self.gate.end()
        if self.kind.asks and (asked := self.kind.asks(act)):
            self.gate.ask(*asked)

    def block_of(self, seq: int, seat: int, role: str, group: str) -> str | None:
        """Where somebody counts who says something at this number of the journal."""
        if role != Role.PARTICIPANT:
            return None
        self.groups[seat] = group
        if seat not in self.blocks:
            moves = self.moves.get(seat, ())
            self.blocks[seat] = block_then(self.round.blocks, group, moves, max(seq, self.settled))
        return self.blocks[seat]

    def marks_of(self, text: str) -> Said:
        """Most people say what others say too: the same words are read, and lie in memory, once."""
        if (marks := self._said.get(text)) is None:
            marks = Said(json.loads(text))
            if len(self._said) < ALIKE:
                self._said[text] = marks
        return marks

    def unsettle(self, entry: Mapping[str, Any]) -> Iterator[None]:
        """A withdrawal, a look, a close or its end, at its own moment among the ballots; place by place."""
        match entry["act"]:
            case "withdraw":
                yield from self.gate.leaving(str(entry["about_id"]))
            case reopening.CLOSED:
                yield from self.gate.closing()
            case reopening.REOPEN:
                self.gate.reopen()
            case "look" | "show":
                yield from self.gate.speaking()

    def visible(self) -> Sequence[Ballot]:
        """The ballots that are counted, each cut to the parts that are told."""
        passed = self.gate.visible()
        return self.kind.narrowed(passed, self.gate.k) if self.is_narrowed else passed

    def told(self) -> Told:
        """The count of what is told, moved by what entered and left since this was last asked."""
        moved = None if self.is_narrowed else self.gate.moved()
        if moved is None or self._told is None:
            self._told = Told(self.kind.start(self.round), Given(self.kind))
            moved = [(+1, ballot) for ballot in self.visible()]
            self._shown = None
        self._tell(moved)
        return self._told

    def shown(self) -> Tally:
        """The tally of what is told: the same object while nothing of it moves."""
        told = self.told()
        if self._shown is None:
            self._shown = self.kind.tally(told.count, self.round)
        return self._shown

    def tell(self) -> Iterator[None]:
        """Count what is told, place by place: whoever asks next counts what moved since."""
        if not self.is_narrowed:
            self.gate.moved()
            self._told, self._shown = Told(self.kind.start(self.round), Given(self.kind)), None
            for ballots in self.gate.by_place():
                for first in range(0, len(ballots), AT_ONCE):
                    self._add_all(self._told.count, self._told.given, ballots[first : first + AT_ONCE])
                    yield

    def _tell(self, moved: Iterable[tuple[int, Ballot]]) -> None:
        assert self._told is not None
        for sign, ballot in moved:
            self._add(self._told.count, self._told.given, ballot, sign)
            self._shown = None

    def progress(self, asked: tuple[str, ...]) -> Progress:
        """Of what is asked now, which changes where the team works on what people answer."""
        if self._progress is None or self._progress.asked != asked:
            self._progress = Progress(asked)
            for seat, slots in self.own.items():
                for slot in slots:
                    self._progress.fill(seat, slot, self.blocks.get(int(seat)))
        return self._progress

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked all the time, of a kind whose ballots do not build on one another."""
        assert self._progress is not None and not self.kind.ordered
        return self._progress.asked

    def emptied(self) -> Iterator[None]:
        """Nobody needs it any more, nor ever asks it again."""
        yield from emptied(self.own)
        yield from emptied(self.standing)
        yield from self.gate.emptied()

    def take_stock(self) -> Counted:
        """The count of this moment; the same object until another ballot comes, while somebody holds it."""
        counted = self._counted() if self._counted else None
        if counted is None:
            counted = Counted(self)
            self._counted = ref(counted)
        return counted


async def earlier(row: models.Round) -> models.Round | None:
    """The last closed round of the same kind before this one, in which the same seats answered."""
    closed = models.Round.filter(
        session_id=row.session_id, kind=row.kind, state=RoundState.CLOSED, position__lt=row.position
    )
    return await closed.order_by("-position").first()


async def recount(row: models.Round, found: Made | None = None) -> Warm:
    """A round counted from its first ballot, with closes, looks, withdrawals and corrected groups at their own moments.

    Everybody else is served meanwhile. found: the blocks that a close is about to make, which is not written yet.
    """
    kept, warm = await _begun(row, found)
    await in_turns(folded(warm, kept, deque(that_matter(kept.entries, warm.round.key))), kept.number)
    await in_turns(warm.tell(), warm.number)
    return warm


async def _begun(row: models.Round, found: Made | None) -> tuple[Stored, Warm]:
    """All that is stored of a round, and a count of nothing yet."""
    key, kind = head_of(row.session_id), KINDS[row.kind]
    while True:
        before = (await models.Head.get(key=key)).seq
        study = await models.Study.get(sessions__id=row.session_id)
        row = await models.Round.get(id=row.id)
        round = await frozen(row)
        kept = await stored(row.id, key, UNSETTLING)
        # A close may have made other blocks between the two readings.
        if not kept.entries or kept.entries[-1]["seq"] <= before:
            break
    counting = Counting.of(row)
    round = replace(round, blocks=found.blocks) if found else round
    k, is_silent = (counting.k, counting.is_silent) if counting else (study.floor, False)
    seats = {block.key: block.seats for block in round.blocks}
    warm = Warm(round, kind, Gate(k, kind if kind.is_counted else None, seats, is_silent), _moves(kept))
    if found is not None:
        warm.settled = kept.last
    elif row.made and row.made["of_people"]:
        warm.settled = next(seq for act, seq, _ in reopening.turns(kept.entries, row.key) if act == reopening.CLOSED)
    return kept, warm


def _moves(kept: Stored) -> Moves:
    moves: dict[int, list[tuple[int, str]]] = {}
    for entry in kept.entries:
        if entry["act"] == "regroup":
            said = json.loads(entry["payload"])
            moves.setdefault(entry["about_id"], []).append((entry["seq"], said["from"]))
    return moves


def that_matter(entries: Sequence[Mapping[str, Any]], round_key: str) -> list[Mapping[str, Any]]:
    """Withdrawals that kept the answers, and closes of other rounds, change no count."""
    return [entry for entry in entries if _matters(entry["act"], json.loads(entry["payload"]), round_key)]


def _matters(act: str, said: Mapping[str, Any], round_key: str) -> bool:
    if act in {reopening.CLOSED, reopening.REOPEN, *LOOKS}:
        return bool(said["round"] == round_key)
    return act == "regroup" or bool(said["erased"])
