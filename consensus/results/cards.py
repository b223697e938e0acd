"""The prioritised list as data: its statements with everything said of each, and what the page says of them all.

Only what the rounds left at their close and anyone may see is in it. Nothing is looked up or drawn here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from consensus.facts import RoundFacts
from consensus.results.histories import History, Stop
from consensus.results.stages import RANKS, SCORES, VALIDATES, ClosedRound, last, rank_of, rankings
from consensus.states import RoundState
from rounds.contract import Block, Decision, Line, Place, Statement
from rounds.measures.phrases import Phrase, certainty_of, edge, no_band
from rounds.measures.result import Result


@dataclass(frozen=True, slots=True)
class Origin:
    """A statement that another was made of, with what it was made of itself. line: how it was scored, or None."""

    statement: Statement
    line: Line | None
    made_of: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A statement with everything said of it. Lines are None where no such round knew it.

    history: its words, its places, its end. lines: its figures by the key of each round that has any. rank: its place
    on the list, equals sharing the best (1, 2, 2, 4); None where nothing orders it. last: the last place of its tie in
    that round. is_tied: another has the same rank. before: its rank in the round of the same sort before. change: what
    happened to its scores since then, in words. sure: how sure its rank is. earlier: wordings it had under the same
    number, oldest first. is_under: a rule kept others of the list, and not this one; is_cut: the first of those.
    """

    history: History
    lines: Mapping[str, Line]
    ranked: Line | None
    scored: Line | None
    judged: Line | None
    earlier: tuple[Statement, ...]
    made_of: tuple[Origin, ...]
    rank: int | None = None
    last: int | None = None
    is_tied: bool = False
    before: int | None = None
    change: Phrase | None = None
    sure: Result | None = None
    is_under: bool = False
    is_cut: bool = False

    @property
    def statement(self) -> Statement:
        return self.history.last

    @property
    def path(self) -> tuple[Stop, ...]:
        return self.history.path

    @property
    def end(self) -> Stop | None:
        return self.history.end

    @property
    def rank_balanced(self) -> int | None:
        """Its place at equal weight per block; None where nothing was ordered so."""
        found = self.ranked.values.get("rank_balanced") if self.ranked else None
        return found if isinstance(found, int) else None

    @property
    def band(self) -> tuple[float, float] | None:
        """Between which places its rank lay in nine of ten resamples."""
        return tuple(self.sure.value) if self.sure and self.sure.value is not None else None

    @property
    def places(self) -> tuple[int, int] | None:
        """The same in whole places."""
        return (floor(self.band[0]), ceil(self.band[1])) if self.band else None

    @property
    def risen(self) -> int | None:
        """By how many places, since the round of the same sort before; below 0 where it fell."""
        return None if self.before is None or self.rank is None else self.before - self.rank

    @property
    def certainty(self) -> Phrase | None:
        """How sure its place among the first is, in words."""
        if self.sure is None or self.rank is None or self.last is None:
            return None
        return certainty_of(self.sure, (self.rank, self.last))

    @property
    def decision(self) -> Decision | None:
        """What a rule decided: on its rank, or else in the last round that it stood in."""
        if self.ranked:
            return self.ranked.decision
        zone = self.end.place.zone if self.end else ""
        return Decision(zone) if zone in set(Decision) else None

    @property
    def verdict(self) -> str:
        """What was decided of it: a decision, or else the place where it ended; "" where nothing was."""
        if self.end and not self.end.is_said:
            return ""
        return self.decision or (self.end.place.zone if self.end else "")

    @property
    def objection(self) -> str:
        value = self.judged.values.get("reasons") if self.judged else None
        return str(value or "")

    def where(self, row: RoundFacts) -> Place | None:
        return next((stop.place for stop in self.path if stop.row.id == row.id), None)

    @property
    def how(self) -> Stop | None:
        """The last place that says how the group came to it."""
        return next((stop for stop in reversed(self.path) if stop.place.how), None)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two lists of first places. differ: the numbers that stand on one of them only."""

    pooled: tuple[Statement, ...]
    balanced: tuple[Statement, ...]
    differ: frozenset[str]
    has_small_block: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """Statements that went no further: those of one round that ended in one place."""

    row: RoundFacts
    zone: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Results:
    """The list of a session, in its order, and what it was made of. lists: where it has several, each by itself, with
    its own rounds; then listed is one after another. () where it has one.

    rounds: all, in order; closed: those that are over, with their figures. listed: the statements that stand, by rank,
    equals by number. ended: those that went no further, the latest round first. others: those that became others, where
    a round has figures of them. histories: every statement that there ever was. ordering, scoring, validating: the last
    round of each sort, or None. Figures are counts, shares exact fractions, ranks whole numbers; None is never 0, and
    reason() says why it stands there.
    """

    rounds: Sequence[RoundFacts]
    closed: tuple[ClosedRound, ...]
    listed: tuple[Card, ...]
    ended: tuple[Ended, ...]
    others: tuple[Card, ...]
    histories: Mapping[str, History]
    lists: tuple[Results, ...] = ()

    @property
    def key(self) -> str:
        """Of the round that its list comes from."""
        return self.closed[-1].key if self.closed else ""

    @property
    def cards(self) -> tuple[Card, ...]:
        """All of them, in the order in which they are told."""
        return (*self.listed, *(card for group in self.ended for card in group.cards), *self.others)

    @property
    def ranked_by(self) -> str:
        """The key of the round that gives the ranks, or ""; of several lists the keys, with a space between."""
        if self.lists:
            return " ".join(one.ranked_by for one in self.lists if one.ranked_by)
        return self.rankings[-1].row.key if self.rankings else ""

    @property
    def is_final(self) -> bool:
        return bool(self.rounds) and len(self.closed) == len(self.rounds)

    @property
    def under_way(self) -> RoundFacts | None:
        return next((row for row in self.rounds if row.state != RoundState.CLOSED), None)

    @property
    def ordering(self) -> ClosedRound | None:
        return last(self.closed, RANKS)

    @property
    def scoring(self) -> ClosedRound | None:
        return last(self.closed, SCORES)

    @property
    def validating(self) -> ClosedRound | None:
        return last(self.closed, VALIDATES)

    @property
    def begun_with(self) -> int:
        """How many proposals or imported statements there were at the start."""
        return len(self.closed[0].came or self.closed[0].tally.statements) if self.closed else 0

    @property
    def first(self) -> tuple[Statement, ...]:
        """The statements that share the first rank."""
        if self.lists:
            return ()
        return tuple(card.statement for card in self.listed if self.ordering and card.rank == 1)

    @property
    def contested(self) -> int:
        """How many statements of the list carry an objection."""
        return sum(bool(card.objection) for card in self.listed)

    @property
    def kept(self) -> int:
        """How many statements of the list a rule kept; 0 where no rule decided."""
        return sum(card.decision is Decision.KEPT for card in self.listed)

    @property
    def panels(self) -> list[tuple[tuple[Block, ...], list[RoundFacts]]]:
        """People by block, with the rounds that counted them so."""
        found: dict[tuple[Block, ...], list[RoundFacts]] = {}
        for stage in self.closed:
            found.setdefault(stage.blocks, []).append(stage.row)
        return list(found.items())

    @property
    def orderings(self) -> list[ClosedRound]:
        return [stage for stage in self.closed if stage.has(RANKS)]

    @property
    def rankings(self) -> list[ClosedRound]:
        """The rounds that rank the list: those that order it, or else those that score it."""
        return rankings(self.closed)

    @property
    def ranking_before(self) -> ClosedRound | None:
        """The one before the last of them."""
        return self.rankings[-2] if len(self.rankings) > 1 else None

    @property
    def sure(self) -> Result | None:
        """How the certainty of the places was found, where any has one."""
        return next((card.sure for card in self.listed if card.sure), None)

    @property
    def climbs(self) -> list[dict[str, Any]]:
        """Rank by round, where more than one round ranked; else []."""
        if len(self.rankings) < 2 or self.lists:
            return []
        cards = [card.statement.id for card in self.listed]
        return [{"label": card, "ranks": [rank_of(stage, card) for stage in self.rankings]} for card in cards]

    @property
    def sides(self) -> Sides | None:
        """The first places over all people beside those at equal weight per block; None where nobody compared them."""
        found = self.ordering.findings.get(("", "side_by_side")) if self.ordering else None
        if found is None or found.value is None or "balanced_top" not in found.more:
            return None
        known = {card.statement.id: card.statement for card in self.listed}
        tops = (found.more["pooled_top"], found.more["balanced_top"])
        pooled, balanced = (tuple(known[name] for name in top if name in known) for top in tops)
        return Sides(pooled, balanced, frozenset(found.value), "small_group" in found.flags)

    @property
    def is_unique(self) -> bool | None:
        """Is there one order with the fewest contradictions? None where that is not known."""
        found = self.ordering.findings.get(("", "kemeny")) if self.ordering else None
        return found.more.get("unique") if found else None

    @property
    def edge(self) -> Phrase | None:
        """How few other answers would change the list, where that was counted, of all who answered, and is few."""
        margin = self.ordering.findings.get(("", "edge_margin")) if self.ordering else None
        return edge(margin) if margin and self.ordering and margin.n == self.ordering.answered else None

    @property
    def is_read_otherwise(self) -> bool:
        """Is there a page of what would change it?"""
        found = self.ordering.findings.get(("", "readings")) if self.ordering else None
        return found is not None and found.value is not None

    @property
    def heard(self) -> Mapping[str, Any]:
        """By group that may be told: what became of what it wrote (voice.py)."""
        found = self.closed[-1].findings.get(("", "voice")) if self.closed else None
        return {one["group"]: one for one in found.value if one["stages"]} if found else {}

    @property
    def unsure(self) -> Phrase | None:
        """Why nothing is said of how sure the places are, or what must be said beside it."""
        found = self.ordering.findings.get(("", "bootstrap")) if self.ordering else None
        return no_band(found) if found else None

    @property
    def points(self) -> list[dict[str, Any]]:
        """Both medians of each statement that was scored twice in one round."""
        scored = [(card.statement.id, card.scored.values) for card in self.listed if card.scored]
        return [
            {"label": name, "x": values["second_median"], "y": values["median"]}
            for name, values in scored
            if values.get("second_median") is not None and values.get("median") is not None
        ]

    @property
    def charts(self) -> tuple[str, ...]:
        """The charts that there is something to draw in, by their names in an address."""
        found = {"rank-by-round": bool(self.climbs), "two-scores": len(self.points) > 1}
        return tuple(name for name, is_there in found.items() if is_there)

    def least(self, axis: str) -> int:
        """Where an axis of the points begins: a whole unit below the lowest, the scale's 1 at least."""
        return max(1, int(min(point[axis] for point in self.points)) - 1)
