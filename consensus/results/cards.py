"""The prioritised list as data: its statements with everything said of each, and what the page says of them all.

Only what the rounds left at their close and anyone may see is in it. Nothing is looked up or drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consensus import models
from consensus.results.stages import RANKS, SCORES, VALIDATES, Closed, last, rank_of, rankings
from rounds.contract import Block, Decision, Line, Place, Statement
from rounds.measures.phrases import Phrase, certainty_of
from rounds.measures.result import Result


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a statement stood when a round closed."""

    row: models.Round
    place: Place


@dataclass(frozen=True, slots=True)
class Origin:
    """A statement that another was made of, with what it was made of itself. line: how it was scored, or None."""

    statement: Statement
    line: Line | None
    made_of: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A statement with everything said of it. Lines are None where no such round knew it.

    rank: its place on the list, equals sharing the best; None where nothing orders it. before: that of the round of the
    same sort before. change: what happened to its scores since then, as a sentence. sure: how sure its rank is.
    path: its places, oldest round first. earlier: wordings it had under the same number, oldest first. is_under: a
    rule kept others of the list, and not this one; is_cut: the first of those.
    """

    statement: Statement
    ranked: Line | None
    scored: Line | None
    judged: Line | None
    path: tuple[Stop, ...]
    earlier: tuple[Statement, ...]
    made_of: tuple[Origin, ...]
    rank: int | None = None
    before: int | None = None
    change: Phrase | None = None
    sure: Result | None = None
    is_under: bool = False
    is_cut: bool = False

    @property
    def certainty(self) -> Phrase | None:
        """How sure its place among the first is, in words."""
        if self.sure is None or self.sure.more.get("p_top") is None:
            return None
        return certainty_of(self.sure)

    @property
    def end(self) -> Stop | None:
        return self.path[-1] if self.path else None

    @property
    def decision(self) -> Decision | None:
        """What a rule decided: on its rank, or else in the last round that it stood in."""
        if self.ranked:
            return self.ranked.decision
        zone = self.end.place.zone if self.end else ""
        return Decision(zone) if zone in set(Decision) else None

    @property
    def objection(self) -> str:
        value = self.judged.values.get("reasons") if self.judged else None
        return str(value or "")

    def where(self, row: models.Round) -> Place | None:
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

    row: models.Round
    zone: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Results:
    """rounds: all, in order; closed: those that are over. ordering, scoring, validating: the last of each, or None."""

    rounds: Sequence[models.Round]
    closed: tuple[Closed, ...]
    listed: tuple[Card, ...]
    ended: tuple[Ended, ...]

    @property
    def is_final(self) -> bool:
        return bool(self.rounds) and len(self.closed) == len(self.rounds)

    @property
    def under_way(self) -> models.Round | None:
        return next((row for row in self.rounds if row.state != "closed"), None)

    @property
    def ordering(self) -> Closed | None:
        return last(self.closed, RANKS)

    @property
    def scoring(self) -> Closed | None:
        return last(self.closed, SCORES)

    @property
    def validating(self) -> Closed | None:
        return last(self.closed, VALIDATES)

    @property
    def begun_with(self) -> int:
        """How many proposals or imported statements there were at the start."""
        return len(self.closed[0].came or self.closed[0].tally.statements) if self.closed else 0

    @property
    def first(self) -> tuple[Statement, ...]:
        """The statements that share the first rank."""
        return tuple(card.statement for card in self.listed if card.ranked and card.ranked.values["rank"] == 1)

    @property
    def contested(self) -> int:
        """How many statements of the list carry an objection."""
        return sum(bool(card.objection) for card in self.listed)

    @property
    def kept(self) -> int:
        """How many statements of the list a rule kept; 0 where no rule decided."""
        return sum(card.decision is Decision.KEPT for card in self.listed)

    @property
    def panels(self) -> list[tuple[tuple[Block, ...], list[models.Round]]]:
        """People by block, with the rounds that counted them so."""
        found: dict[tuple[Block, ...], list[models.Round]] = {}
        for stage in self.closed:
            found.setdefault(stage.blocks, []).append(stage.row)
        return list(found.items())

    @property
    def orderings(self) -> list[Closed]:
        return [stage for stage in self.closed if stage.has(RANKS)]

    @property
    def rankings(self) -> list[Closed]:
        """The rounds that rank the list: those that order it, or else those that score it."""
        return rankings(self.closed)

    @property
    def climbs(self) -> list[dict[str, Any]]:
        """Rank by round, where more than one round ranked; else []."""
        if len(self.rankings) < 2:
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
