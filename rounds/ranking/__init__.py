"""Ranking: each person puts the statements that matter most in order, alone.

The list is in the order of the mean rank, the Borda order in figures that people can read, unless the setting order
says another: Borda by the share of others a card stands above, Schulze or Kemeny from pairs (pairs.py). Cards given
the same place are a tie and stay one, in a ballot and in the list. No drawing of lots, no hidden tie-break. What other
methods and weights would list, and how sure each place is, is worked out at the close (findings.py).

How a mean rank is made. In one ballot, cards placed together share the mean of the places they take up (1, 2.5,
2.5). A card left out of a ballot: with unranked = "below" it shares the mean of the places that remain, so every
ballot says something of every card; with "absent" the ballot says nothing of it, and the mean is over the ballots
that placed it, among the cards they placed and may be told (few.py). Pairs then rest on who placed both, who may be
very few: no list is made of them. Mean rank and Borda points (m minus the shared place) give one order where every
ballot covers every card: Borda, Mémoire sur les élections au scrutin (1781,
printed 1784).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import product

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
    number_in,
    one,
)
from rounds.kind import Kind
from rounds.listing import leaves, tally_of
from rounds.measures.kemeny import SUBSETS
from rounds.ranking import reading
from rounds.ranking.few import narrowed
from rounds.ranking.findings import analyse
from rounds.ranking.pairs import FROM_PAIRS, pair_ranks
from rounds.ranking.play import play

MOST_PLACES = 20
CHOICES = {"unranked": ("below", "absent"), "order": ("mean_rank", "borda", *FROM_PAIRS)}
FIGURES = {"mean_rank": "mean_rank", "borda": "beaten"}  # that a list is in the order of; pairs have none


@dataclass(frozen=True, slots=True)
class Settings:
    """top: how many places people may give, 1 to 20. unranked: where the cards left out stand, below or absent. order:
    how the list is made of the ballots."""

    top: int = 5
    unranked: str = "below"
    order: str = "mean_rank"

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise BallotError("bad_setting", name=name, value=getattr(self, name))
        if self.order in FROM_PAIRS and self.unranked == "absent":
            raise BallotError("pairs_of_few", name="order", value=self.order)
        if not 1 <= self.top <= MOST_PLACES:
            raise BallotError("bad_top", name="top", value=self.top, most=MOST_PLACES)


@dataclass(frozen=True, slots=True)
class Sums:
    """sums: (block, statement, sum) -> number. Of a statement: placed, first, places (twice its shared places), beside
    (cards in the ballots that placed it). Of a block, under statement "": ballots, cards (placed in all its ballots).
    pairs: (block, upper, lower) -> ballots that place both, the upper not under the lower; None where none are asked.
    """

    pairs: Counter[tuple[str, str, str]] | None = None
    sums: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def columns(settings: Settings) -> tuple[Column, ...]:
    beaten = (Column("beaten", orders=True, is_share=True),) if settings.order == "borda" else ()
    return (
        Column("rank", verdict=True, by_block=False),
        Column("rank_balanced", verdict=True, by_block=False),
        *beaten,
        Column("mean_rank", orders=settings.order == "mean_rank"),
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
    for name in form:
        card = name.removeprefix("place.")
        text = one(form, name)
        if card == name or not text:
            continue
        if card not in known:
            raise BallotError("no_such_card", card=card)
        place = number_in(text, digits=3)
        if not place or place > top:
            raise BallotError("no_such_place", value=text[:20], card=card, top=top)
        tiers.setdefault(place, []).append(card)
    if not tiers:
        raise BallotError("place_one")
    return {"order": [sorted(tiers[number]) for number in sorted(tiers)]}


def slot(marks: Marks) -> str | None:
    return ""


def parts(marks: Marks) -> Mapping[str, bool]:
    """A saved ballot is an answer, whole."""
    return {"": True}


def is_narrowed(settings: Settings) -> bool:
    """Where a card left out says nothing, who speaks of a card is who placed it."""
    return settings.unranked == "absent"


def start(round: Round) -> Sums:
    return Sums(Counter() if round.settings.order in FROM_PAIRS else None)


def add(count: Sums, ballot: Ballot, sign: int) -> None:
    block, sums = str(ballot.block), count.sums
    cards = sum(len(tier) for tier in ballot.marks["order"])
    sums[block, "", "ballots"] += sign
    sums[block, "", "cards"] += sign * cards
    above = 0
    for tier in ballot.marks["order"]:
        for card in tier:
            sums[block, card, "placed"] += sign
            sums[block, card, "first"] += sign * (above == 0)
            sums[block, card, "places"] += sign * (2 * above + len(tier) + 1)
            sums[block, card, "beside"] += sign * cards
        above += len(tier)
    if count.pairs is not None:
        placed: list[str] = []
        for tier in ballot.marks["order"]:
            placed += tier
            for upper, lower in product(placed, tier):
                count.pairs[block, upper, lower] += sign


def tally(count: Sums, round: Round) -> Tally:
    def sums(block: str, card: str) -> dict[str, int]:
        own = {name: count.sums[block, card, name] for name in ("placed", "first", "places", "beside")}
        is_heard = own["placed"] or not is_narrowed(round.settings)  # where nobody placed it, nobody speaks of it
        return own | {name: count.sums[block, "", name] if is_heard else 0 for name in ("ballots", "cards")}

    figures, order = partial(_figures, round=round), round.settings.order
    if count.pairs is not None:
        return tally_of(round, sums, figures, ranked=pair_ranks(round, sums, count.pairs))
    return tally_of(round, sums, figures, by=FIGURES[order], highest_first=order == "borda")


def _figures(sums: Mapping[str, int], round: Round) -> dict[str, Value]:
    """mean_rank is None where no ballot says anything of the statement; beaten where none holds it against another,
    unless there is none."""
    voices, places, others = sums["placed"], sums["places"], sums["beside"] - sums["placed"]
    if round.settings.unranked == "below":
        left_out = sums["ballots"] - sums["placed"]
        voices = sums["ballots"]
        places += sums["cards"] - sums["beside"] + left_out * (len(round.statements) + 1)
        others = voices * (len(round.statements) - 1)
    mean = Fraction(places, 2 * voices) if voices else None
    found: dict[str, Value] = {
        name: sums[of] for name, of in (("placed", "placed"), ("n", "ballots"), ("first", "first"))
    }
    if round.settings.order == "borda":
        is_alone = bool(voices) and len(round.statements) == 1
        found["beaten"] = 1 - Fraction(places - 2 * voices, 2 * others) if others else Fraction(1) if is_alone else None
    return {"mean_rank": mean, **found}


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ("",)


def leftover(round: Round, now: Tally) -> BallotError | None:
    return None


def most(settings: Settings) -> int | None:
    """Kemeny's list is proven to be the best up to here, on any machine and each time anew."""
    return SUBSETS if settings.order == "kemeny" else None


def means(settings: Settings) -> str:
    return "means" if settings.order == "mean_rank" else f"means.{settings.order}"


def seconds(settings: Settings, cards: int) -> int:
    return 30 + 8 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    """A row for each card placed: its place in this ballot, a tie sharing the best (1, 2, 2, 4)."""
    above = 0
    for tier in marks["order"]:
        for card in tier:
            yield Answer(card, "place", above + 1)
        above += len(tier)


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
    choices=CHOICES,
    most=most,
    means=means,
    fewest_told=5,  # an order of fewer people can be told apart
    parts=parts,
    is_narrowed=is_narrowed,
    narrowed=narrowed,
    leaves=leaves,
    analyse=analyse,
)
