"""The second seal: made beside the writer where a close is, kept inside the job that closes, and taken back with it.

What a file may tell of it is fixed here: each counted ballot, each text and what is said about people under a salt of
its own, the sums by thirds of the order of the cards, the figures that need to know who answered two rounds. Where a
card stood is then forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from secrets import token_hex
from typing import Any

from consensus import leaves, models, sql, store
from consensus.card_order import THIRDS
from consensus.conduct.about_people import about, facts_of
from consensus.count import Counted, Warm, earlier
from consensus.counting import Counting
from consensus.house import House
from consensus.lasting import emptied, in_turns
from consensus.outcome import findings_data
from consensus.reopening import times
from rounds import KINDS
from rounds.contract import Ballot, Finding, Role, Round
from rounds.kind import Kind
from rounds.measures.order_effect import Third, order_effect

PIECE = 250  # ballots of which the leaves are made at once: between two pieces others are served
Leaf = tuple[int, int, int, bool, bool, str, str, str]  # by the columns of sql.LEAF
Drafts = dict[int, tuple[Ballot, Sequence[Leaf]]]  # by the ballot's number


@dataclass(frozen=True, slots=True)
class Seal:
    """What the root covers: leaves, and what is stored with the round."""

    leaves: list[Leaf]
    order: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    root: str


def counted_ballots(kind: Kind, counted: Counted) -> Sequence[Ballot]:
    """The ballots that stand in what a closed round tells. Where people only write, no figure gives anybody away."""
    return counted.visible if kind.columns(counted.round.settings) else counted.standing


async def drafted(house: House, row: models.Round, warm: Warm) -> Drafts:
    """The leaves of what stands before a close, which will mostly stand in it, made before anybody waits for them.
    Where a leaf depends on what else is counted there is none."""
    kind, found = KINDS[row.kind], Drafts()
    if kind.renumbered is not None:
        return found
    alone = (ballot for ballot in warm.ballots() if ballot.slot is not None)
    await in_turns(_drafted(_grower(house, row, kind, {}), alone, found), warm.number)
    return found


async def seal_of(house: House, row: models.Round, counted: Counted, drafts: Drafts) -> Seal:
    """The seal of a round that is about to close."""
    kind, round = KINDS[row.kind], counted.round
    ballots = counted_ballots(kind, counted)
    before = await earlier(row)
    others = counted_ballots(kind, await house.counts.now(before)) if before else ()
    thirds = list(await store.thirds(row.id))
    has_people = kind.columns(round.settings) and await models.Study.exists(
        sessions__id=row.session_id, has_analysis_file=True
    )
    # A large round takes a while: in a thread, or in turns, so that everybody else is served meanwhile.
    is_told = kind.renumbered is not None
    named = ((ballot.seq, ballot.slot) for ballot in ballots if is_told or ballot.slot is None)
    names = await asyncio.to_thread(leaves.numbers, named)
    grower, grown = _grower(house, row, kind, names), list[Leaf]()
    await in_turns(_grown(grower, ballots, drafts, grown), len(ballots))
    if has_people:
        facts = await facts_of(row.session_id, house.settings.secret)
        await in_turns(_about(row, grower.named, ballots, facts, grown), len(ballots))
    order, findings = await asyncio.to_thread(_sums, row, counted, ballots, others, thirds)
    await in_turns(emptied(thirds))
    root = await asyncio.to_thread(leaves.root, row.key, (leaf[-1] for leaf in grown), order, findings)
    return Seal(grown, order, findings, root)


async def keep_seal(row: models.Round, seal: Seal) -> dict[str, object]:
    """Inside the job; what the journal's line of the close says of it."""
    await store.put_many(sql.LEAF, seal.leaves)
    await models.Ballot.filter(round_id=row.id, third__gt=0).update(third=0)
    row.seal = {"root": seal.root, "order": seal.order, "findings": seal.findings}
    return {"root": seal.root, "leaves": len(seal.leaves)}


async def unseal(row: models.Round) -> None:
    """The close is taken back. What it told by thirds stays told."""
    await models.Leaf.filter(round_id=row.id).delete()


def _sums(
    row: models.Round,
    counted: Counted,
    ballots: Sequence[Ballot],
    others: Sequence[Ballot],
    thirds: Sequence[tuple[int, int]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """By thirds of the order of the cards, and over two rounds."""
    kind, round, counting = KINDS[row.kind], counted.round, Counting.of(row)
    order, found = list[dict[str, Any]](), list[Finding]()
    # Where somebody saw a figure before, sums by thirds beside it could tell a few people.
    if counting is not None and counted.is_silent and not times(row.notes):
        order, found = _by_order(kind, round, ballots, {seq: third for seq, third in thirds}, counting.k)  # noqa: C416
    findings = findings_data([*found, *(kind.across(round, ballots, others) if kind.across else ())])
    if row.seal:  # closed before: the sums of then stay, since the thirds of then are forgotten
        order = row.seal["order"]
        findings += [one for one in row.seal["findings"] if one["method"] == "order_effect"]
    return order, findings


def _by_order(
    kind: Kind, round: Round, ballots: Sequence[Ballot], thirds: Mapping[int, int], k: int
) -> tuple[list[dict[str, Any]], list[Finding]]:
    if kind.by_order is None or not kind.is_rotated(round.settings):
        return [], []
    told = kind.by_order(round, ballots, thirds, k)
    rows = [_third(criterion, one) for criterion, found in told.items() for one in found]
    prefixes = dict(zip(told, ("", "second_"), strict=False))
    return rows, [Finding("", f"{prefixes[name]}order_effect", order_effect(found)) for name, found in told.items()]


def _third(criterion: str, one: Third) -> dict[str, Any]:
    median = None if one.median is None else float(one.median)
    told = {"statement": one.statement, "criterion": criterion, "third": THIRDS[one.third - 1]}
    return {**told, "n": one.n, "median": median, "high": one.high}


@dataclass(frozen=True, slots=True)
class _Grower:
    """Makes the leaves of one ballot. named: the alias of a seat in this round. names: see leaves.numbers."""

    row: models.Round
    kind: Kind
    has_figures: bool
    named: Callable[[str], str]
    names: Mapping[int, int]

    def leaves(self, ballot: Ballot) -> list[Leaf]:
        """Of the team's ballots all, of a participant's the answer, and each text apart from it."""
        kind, key, found = self.kind, self.row.key, list[Leaf]()
        is_theirs = ballot.role == Role.PARTICIPANT
        slot, marks = leaves.numbered(kind, ballot, self.names)
        if self.has_figures:
            marks = leaves.without_words(marks) if is_theirs else marks
            number = None if ballot.slot is not None else self.names[ballot.seq]
            answer = leaves.answer_said(key, self.named(ballot.seat), ballot.block or "", slot, number, marks)
            found.append(_leaf(self.row.id, ballot, answer))
        texts = {(a.statement, a.text) for a in kind.answers(ballot.marks) if a.text} if is_theirs else set()
        for statement, text in sorted(texts):
            found.append(_leaf(self.row.id, ballot, leaves.words_said(key, statement, text), is_words=True))
        return found


def _grower(house: House, row: models.Round, kind: Kind, names: Mapping[int, int]) -> _Grower:
    named = cache(partial(leaves.alias_of, house.settings.secret, row.session_id, row.key))
    return _Grower(row, kind, bool(kind.columns(kind.Settings(**row.settings))), named, names)


def _drafted(grower: _Grower, ballots: Iterator[Ballot], found: Drafts) -> Iterator[None]:
    while some := list(islice(ballots, PIECE)):
        found.update((ballot.seq, (ballot, grower.leaves(ballot))) for ballot in some)
        yield


def _grown(grower: _Grower, ballots: Sequence[Ballot], drafts: Drafts, grown: list[Leaf]) -> Iterator[None]:
    """The leaves of these ballots; those that were drafted of the very same ballot are taken as they are."""
    for first in range(0, len(ballots), PIECE):
        for ballot in ballots[first : first + PIECE]:
            ready = drafts.get(ballot.seq)
            grown += ready[1] if ready and ready[0] == ballot else grower.leaves(ballot)
        yield


def _about(
    row: models.Round,
    named: Callable[[str], str],
    ballots: Sequence[Ballot],
    facts: dict[str, dict[str, str]],
    grown: list[Leaf],
) -> Iterator[None]:
    """Leaves about people are added to those that are grown."""
    for number, (ballot, said) in enumerate(about(row.key, ballots, facts, named)):
        grown.append(_leaf(row.id, ballot, said, is_person=True))
        if number % PIECE == 0:
            yield


def _leaf(round_id: int, ballot: Ballot, said: str, is_words: bool = False, is_person: bool = False) -> Leaf:
    salt = token_hex(16)
    return round_id, int(ballot.seat), ballot.seq, is_words, is_person, said, salt, leaves.leaf(salt, said)
