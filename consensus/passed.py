"""What a session took of others, as it stands in its row (Session.takes_from), and what may be taken of a session.

What was told of a statement there goes along, so that nobody has to look it up again: its place on that list, a share,
what was decided. Only what anyone of that session may see is in it. Nothing here writes or draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

from consensus import models
from consensus.facts import RoundFacts
from consensus.outcome import value_data, value_from
from consensus.results import Card, Results
from consensus.results.histories import Stop
from rounds import KINDS
from rounds.contract import Decision, Statement
from rounds.lineage import ALL
from rounds.proposals import compiles

DECIDED = tuple(decision.value for decision in Decision)
NATURE = "nature:"  # before the nature of which all statements are taken


@dataclass(frozen=True, slots=True)
class Standing:
    """A statement as it stood on the list of the session that passed it on.

    statement: what it is called here; was: there; number: in the study. rank: its place there, equals sharing the best;
    of: how many had one; None and 0 where nothing was ordered. share: of the answers told there, those in the high band
    of the scale (None: those that agree), or the share that the list is in the order of, by its column; None where none
    is told. verdict: what was decided of it, or
    the place where it stood if that says something, else ""; kind, names: whose place that is, and what the team called
    it.
    """

    statement: str
    was: str
    number: int
    rank: int | None = None
    of: int = 0
    share: Fraction | None = None
    band: tuple[int, int] | None = None
    column: str = ""
    verdict: str = ""
    kind: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """takes: what may be taken; n: how many statements that is; row: in whose place they stand, where it is a place."""

    takes: str
    n: int
    row: RoundFacts | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one session gave at one time. session: its number; round: the key of its last closed round then; takes: what
    was taken of its list; first: only so many of it, None for all of them."""

    session: int
    round: str
    takes: str = ALL
    first: int | None = None
    statements: tuple[Standing, ...] = field(default=())

    @property
    def what(self) -> tuple[int, str, int | None]:
        return self.session, self.takes, self.first


@dataclass(frozen=True, slots=True)
class Flow:
    """What a session is to take of another, as planned: the list of session number session, as Taken has it."""

    session: int
    takes: str = ALL
    first: int | None = None

    @property
    def what(self) -> tuple[int, str, int | None]:
        return self.session, self.takes, self.first


def flows_into(session: models.Session) -> tuple[Flow, ...]:
    """What this session is to take of others, in the order in which it was planned."""
    return tuple(Flow(**entry) for entry in session.flows or ())


def flows_left(session: models.Session) -> list[Flow]:
    """Of these, what it has not taken yet."""
    there = {entry.what for entry in taken_by(session)}
    return [flow for flow in flows_into(session) if flow.what not in there]


def taken_by(session: models.Session) -> tuple[Taken, ...]:
    """What this session took of others, in the order in which it did."""
    return tuple(
        Taken(**{**entry, "statements": tuple(map(_standing, entry["statements"]))})
        for entry in session.takes_from or ()
    )


def _standing(data: Mapping[str, Any]) -> Standing:
    share = value_from(data["share"])
    band = tuple(data["band"]) if data["band"] else None
    return Standing(**{**data, "share": share if isinstance(share, Fraction) else None, "band": band})


def taken_data(taken: Taken) -> dict[str, Any]:
    rows = [{**asdict(one), "share": value_data(one.share)} for one in taken.statements]
    return {**asdict(taken), "statements": rows}


def passed_into(session: models.Session) -> dict[str, list[int]]:
    """{statement here: the sessions that passed it on, in their order}."""
    found: dict[str, list[int]] = {}
    for entry in taken_by(session):
        for one in entry.statements:
            sessions = found.setdefault(one.statement, [])
            if entry.session not in sessions:
                sessions.append(entry.session)
    return found


def offered(results: Results) -> list[Offer]:
    """What may be taken of a session's results: all of its list first, then by what was decided, by where statements
    stand, by nature. What is the same as all of them, or nothing, is not offered."""
    cards = _cards(results)
    zones = {zone: card.end.row for card in reversed(cards) for zone in _places(card) if card.end}
    natures = (card.statement.nature for card in results.listed if card.statement.nature)
    named = (*DECIDED, *(zone for zone in zones if zone not in DECIDED), *sorted({NATURE + one for one in natures}))
    whole = {card.statement.id for card in chosen(results, ALL)}
    found = [Offer(ALL, len(whole))] if whole else []
    for takes in named:
        names = {card.statement.id for card in chosen(results, takes)}
        if names and names != whole:
            found.append(Offer(takes, len(names), None if takes in DECIDED else zones.get(takes)))
    return found


def chosen(results: Results, takes: str, first: int | None = None) -> list[Card]:
    """The cards that are taken, in the order of the list. first: those of the first so many places among them, ties as
    a whole; where nothing is ordered, none is first."""
    cards = [card for card in results.listed if not card.statement.is_erased] if takes == ALL else _cards(results)
    found = list(filter(_wanted(takes), cards))
    if first is None:
        return found
    ranks = [card.rank for card in found if card.rank is not None]
    return [card for card in found if card.rank is not None and card.rank <= max(ranks[:first], default=0)]


def _cards(results: Results) -> list[Card]:
    """Statements that were cards: not what people wrote and the team did not take up."""
    ended = [card for group in results.ended if not compiles(KINDS[group.row.kind]) for card in group.cards]
    return [card for card in (*results.listed, *ended) if not card.statement.is_erased]


def _wanted(takes: str) -> Callable[[Card], bool]:
    if takes == ALL:
        return lambda card: True
    if takes.startswith(NATURE):
        return lambda card: NATURE + card.statement.nature == takes
    return lambda card: takes in _places(card)


def _places(card: Card) -> tuple[str, ...]:
    """What was decided of it last, and where it stands."""
    ranked = card.ranked.decision if card.ranked else None
    decided = ranked or next((stop.place.zone for stop in reversed(card.path) if _decides(stop)), "")
    zone = card.end.place.zone if card.end and card.end.is_said else ""
    return tuple(dict.fromkeys(filter(None, (decided, zone))))


def _decides(stop: Stop) -> bool:
    return stop.is_said and stop.place.zone in DECIDED


def _verdict(card: Card) -> dict[str, Any]:
    """A place says something where the round had others, too."""
    first = next(iter(_places(card)), "")
    if first in DECIDED or not card.end:
        return {"verdict": first}
    row = card.end.row
    kind = KINDS[row.kind]
    if len(kind.leaves(kind.Settings(**row.settings), None)) == 1:
        return {}
    return {"verdict": first, "kind": row.kind, "names": row.settings.get("names", {}).get(first) or {}}


def standing(results: Results, card: Card, statement: str = "", number: int = 0) -> Standing:
    """What is told of a card where it stands. statement, number: what it is called in the session that takes it, and in
    the study."""
    of = sum(other.rank is not None for other in results.cards)
    return Standing(
        statement=statement,
        was=card.statement.id,
        number=number,
        rank=card.rank,
        of=of if card.rank is not None else 0,
        **_share(results, card),
        **_verdict(card),
    )


def _share(results: Results, card: Card) -> dict[str, Any]:
    ordering, scoring = results.ordering, results.scoring
    if ordering and card.ranked and ordering.figure and ordering.figure.is_share:
        found = card.ranked.values.get(ordering.figure.name)
        share = Fraction(found) if isinstance(found, int | Fraction) else None
        return {"share": share, "column": f"{ordering.row.kind}.column.{ordering.figure.name}"}
    high, n = (card.scored.values.get(name) if card.scored else None for name in ("high", "n"))
    if not (scoring and scoring.scale and isinstance(high, int) and isinstance(n, int) and n):
        return {}
    return {"share": Fraction(high, n), "band": scoring.scale.high if scoring.scale.is_graded else None}


def as_brought(statement: Statement, name: str) -> Statement:
    """A statement as it begins elsewhere: its words and what is known of it; what it was made of stays there."""
    return replace(statement, id=name, parents=())


def takers(sessions: Iterable[models.Session], number: int) -> list[models.Session]:
    """Those of these sessions that took something of this one."""
    return [one for one in sessions if any(entry.session == number for entry in taken_by(one))]
