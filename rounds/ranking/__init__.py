"""Ranking: each person puts the statements that matter most in order, alone.

The list is in the order of the mean rank, the Borda order in figures that people can read. Cards given the same
place are a tie and stay one, in a ballot and in the list. No drawing of lots, no hidden tie-break. What other
methods and weights would list, and how sure each place is, is worked out at the close (findings.py).

How a mean rank is made. In one ballot, cards placed together share the mean of the places they take up (1, 2.5,
2.5). A card left out of a ballot: with unranked = "below" it shares the mean of the places that remain, so every
ballot says something of every card; with "absent" the ballot says nothing of it, and the mean is over the ballots
that placed it, among the cards they placed. Mean rank and Borda points (m minus the shared place) give one order
where every ballot covers every card: Borda, Mémoire sur les élections au scrutin (1781, printed 1784).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Form,
    Marks,
    Role,
    Round,
    Tally,
    Value,
    one,
)
from rounds.listing import tally_of
from rounds.measures.phrases import certainty_of as certainty_of
from rounds.ranking.findings import analyse as analyse
from rounds.ranking.play import play as play

cast_by = frozenset({Role.PARTICIPANT})
ordered = False
disclosure = "facilitator"

MOST_PLACES = 20
# (block, statement, sum) -> number. Of a statement: placed, first, places (twice its shared places), beside (cards
# in the ballots that placed it). Of a block, under statement "": ballots, cards (placed in all its ballots).
Sums = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """top: how many places people may give, 1 to 20. unranked: where the cards left out stand, below or absent."""

    top: int = 5
    unranked: str = "below"

    choices = {"unranked": ("below", "absent")}

    def __post_init__(self) -> None:
        if self.unranked not in type(self).choices["unranked"]:
            raise BallotError("bad_setting", name="unranked", value=self.unranked)
        if not 1 <= self.top <= MOST_PLACES:
            raise BallotError("bad_top", name="top", value=self.top, most=MOST_PLACES)


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("rank", verdict=True, by_block=False),
        Column("rank_balanced", verdict=True, by_block=False),
        Column("mean_rank", orders=True),
        Column("placed"),
        Column("n"),
        Column("first"),
        Column("decision", verdict=True, by_block=False),
    )


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """Places as numbers, one field a card; the same number is a tie, a gap between numbers means nothing."""
    top: int = round.settings.top
    known = {statement.id for statement in round.statements}
    tiers: dict[int, list[str]] = {}
    for field in form:
        card = field.removeprefix("place.")
        text = one(form, field)
        if card == field or not text:
            continue
        if card not in known:
            raise BallotError("no_such_card", card=card)
        if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= top):
            raise BallotError("no_such_place", value=text[:20], card=card, top=top)
        tiers.setdefault(int(text), []).append(card)
    if not tiers:
        raise BallotError("place_one")
    return {"order": [sorted(tiers[number]) for number in sorted(tiers)]}


def slot(marks: Marks) -> str | None:
    return ""


def start(round: Round) -> Sums:
    return Counter()


def add(count: Sums, ballot: Ballot, sign: int) -> None:
    block = str(ballot.block)
    cards = sum(len(tier) for tier in ballot.marks["order"])
    count[block, "", "ballots"] += sign
    count[block, "", "cards"] += sign * cards
    above = 0
    for tier in ballot.marks["order"]:
        for card in tier:
            count[block, card, "placed"] += sign
            count[block, card, "first"] += sign * (above == 0)
            count[block, card, "places"] += sign * (2 * above + len(tier) + 1)
            count[block, card, "beside"] += sign * cards
        above += len(tier)


def tally(count: Sums, round: Round) -> Tally:
    def sums(block: str, card: str) -> dict[str, int]:
        own = {name: count[block, card, name] for name in ("placed", "first", "places", "beside")}
        return own | {name: count[block, "", name] for name in ("ballots", "cards")}

    return tally_of(round, sums, partial(_figures, round=round), by="mean_rank")


def _figures(sums: Mapping[str, int], round: Round) -> dict[str, Value]:
    """mean_rank is None where no ballot says anything of the statement."""
    voices, places = sums["placed"], sums["places"]
    if round.settings.unranked == "below":
        left_out = sums["ballots"] - sums["placed"]
        voices = sums["ballots"]
        places += sums["cards"] - sums["beside"] + left_out * (len(round.statements) + 1)
    mean = Fraction(places, 2 * voices) if voices else None
    return {"mean_rank": mean, "placed": sums["placed"], "n": sums["ballots"], "first": sums["first"]}


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ("",)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def seconds(settings: Settings, cards: int) -> int:
    return 30 + 8 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    """A row for each card placed: its place in this ballot, a tie sharing the best (1, 2, 2, 4)."""
    above = 0
    for tier in marks["order"]:
        for card in tier:
            yield Answer(card, "place", above + 1)
        above += len(tier)
