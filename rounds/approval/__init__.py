"""Approval: each person marks the statements that matter most to them, alone: up to k of n, without an order.

The list is in the order of the share of people who chose a statement, of all who answered. Silence about a statement
is no vote against it: nobody rejects what they leave out, so a rule of shares keeps or leaves open, and never drops.
Equal shares share a rank. At equal weight per block the order is that of the mean of the blocks' shares. How sure each
place is, is worked out at the close (findings.py).

Approval voting: Brams and Fishburn, American Political Science Review 72 (1978), 831-847, doi 10.2307/1955105, where
people choose as many as they like. Here it is limited: whoever would choose more than k has to leave some out, so a
share is of choices, not of all who approve.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rounds import listing
from rounds.approval import reading
from rounds.approval.findings import analyse
from rounds.approval.play import play
from rounds.approval.reading import limit
from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Decision,
    Form,
    Marks,
    Role,
    Round,
    Tally,
    Value,
    one,
)
from rounds.kind import Kind
from rounds.rules import Chosen, Rule

MOST_CHOICES = 100
# (block, statement) -> people who chose it; under statement "": people who answered.
Sums = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """most: statements that each person may choose, 1 to 100. fewer: they may choose fewer, one at least.

    rotate: each person meets the statements in another order.
    """

    most: int = 5
    fewer: bool = True
    rotate: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MOST_CHOICES:
            raise BallotError("bad_most", name="most", value=self.most, most=MOST_CHOICES)


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("rank", verdict=True, by_block=False),
        Column("rank_balanced", verdict=True, by_block=False),
        Column("chosen"),
        Column("share", orders=True, is_share=True),
        Column("n"),
        Column("decision", verdict=True, by_block=False),
    )


def is_rotated(settings: Settings) -> bool:
    return settings.rotate


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One box a statement; what is not ticked is not sent."""
    fields = ((field.removeprefix("choose."), field) for field in form if field.startswith("choose."))
    chosen = sorted(card for card, field in fields if one(form, field))
    unknown = next((card for card in chosen if card not in round.ids), None)
    if unknown is not None:
        raise BallotError("no_such_card", card=unknown[:20])
    most = limit(round)
    if len(chosen) > most:
        raise BallotError("too_many", n=len(chosen) - most, most=most)
    if not chosen:
        raise BallotError("choose_some")
    if len(chosen) < most and not round.settings.fewer:
        raise BallotError("too_few", n=most - len(chosen), most=most)
    return {"chosen": chosen}


def slot(marks: Marks) -> str | None:
    return ""


def parts(marks: Marks) -> Mapping[str, bool]:
    """A saved ballot is an answer, whole."""
    return {"": True}


def start(round: Round) -> Sums:
    return Counter()


def add(count: Sums, ballot: Ballot, sign: int) -> None:
    block = str(ballot.block)
    count[block, ""] += sign
    for card in ballot.marks["chosen"]:
        count[block, card] += sign


def tally(count: Sums, round: Round) -> Tally:
    def sums(block: str, card: str) -> dict[str, int]:
        return {"chosen": count[block, card], "n": count[block, ""]}

    def decide(card: str) -> Decision | None:
        if not isinstance(round.rule, Chosen):
            return None
        return round.rule.decide({block.key: (count[block.key, card], count[block.key, ""]) for block in round.blocks})

    return listing.tally_of(round, sums, _figures, by="share", highest_first=True, decide=decide)


def _figures(sums: Mapping[str, int]) -> dict[str, Value]:
    """share is None without a ballot."""
    chosen, n = sums["chosen"], sums["n"]
    return {"chosen": chosen, "share": Fraction(chosen, n) if n else None, "n": n}


def leaves(settings: Settings, rule: Rule | None) -> tuple[str, ...]:
    return (Decision.KEPT, Decision.UNDECIDED) if isinstance(rule, Chosen) else listing.leaves(settings, rule)


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ("",)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return 30 + 6 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    """A row for each statement chosen."""
    for card in marks["chosen"]:
        yield Answer(card, "chosen", 1)


KIND = Kind(
    cast_by=frozenset({Role.PARTICIPANT}),
    disclosure="at_close",
    Settings=Settings,
    columns=columns,
    read=read,
    slot=slot,
    start=start,
    add=add,
    tally=tally,
    asked=asked,
    leftover=leftover,
    seconds=seconds,
    answers=answers,
    play=play,
    reading=reading,
    fewest_told=5,  # an order of fewer people can be told apart
    rules=("chosen",),
    is_rotated=is_rotated,
    parts=parts,
    leaves=leaves,
    analyse=analyse,
)
