"""What a session leaves, put together for reading: the prioritised list, where everything else ended, how it was made.

Only what the rounds left at their close and anyone may see (Round.outcome["released"]) comes in. Pure assembling: no
figure is computed, nothing is drawn, no language is chosen and no kind of round is named here. Columns are known by
their names: a round with rank and mean_rank ranks, with n and high scores, with agree and object validates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from consensus import models
from consensus.outcome import block_from, statement_from, tally_from
from rounds import KINDS
from rounds.contract import Block, Decision, Line, Place, Statement, Tally
from rounds.lineage import Stage, endings, taken

RANKS, SCORES, VALIDATES = {"rank", "mean_rank"}, {"n", "high"}, {"agree", "object"}
BEST = (Decision.KEPT, Decision.UNDECIDED, Decision.DROPPED)


@dataclass(frozen=True)
class Closed:
    """A round that is over. came: the statements it began with; tally: what it left, as anyone may see it."""

    row: models.Round
    came: tuple[Statement, ...]
    tally: Tally
    blocks: tuple[Block, ...]

    @cached_property
    def lines(self) -> dict[str, Line]:
        return {line.statement: line for line in self.tally.lines}

    @property
    def stood(self) -> set[str]:
        return {statement.id for statement in self.tally.statements}

    def has(self, columns: set[str]) -> bool:
        return any(columns <= set(line.values) for line in self.tally.lines)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Every setting of the round, those left as they were offered included."""
        return asdict(KINDS[self.row.kind].Settings(**self.row.settings))

    @property
    def scale(self) -> Any:
        """The scale that people answered on (top, low, high), where the kind has scales; else None."""
        return getattr(KINDS[self.row.kind], "SCALES", {}).get(self.settings.get("scale"))

    def hidden(self, card: str) -> list[Block]:
        """The blocks whose figures on this statement are not shown."""
        line = self.lines.get(card)
        return [block for block in self.blocks if line is None or block.key not in line.by_block]


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
    is_under: bool = False
    is_cut: bool = False

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
    def climbs(self) -> list[dict[str, Any]]:
        """Rank by round, where more than one round ranked; else []."""
        if len(self.orderings) < 2:
            return []
        cards = [card.statement.id for card in self.listed]
        return [{"label": card, "ranks": [_rank(stage, card) for stage in self.orderings]} for card in cards]

    @property
    def points(self) -> list[dict[str, Any]]:
        """Both medians of each statement that was scored twice in one round."""
        scored = [(card.statement.id, card.scored.values) for card in self.listed if card.scored]
        return [
            {"label": name, "x": values["second_median"], "y": values["median"]}
            for name, values in scored
            if values.get("second_median") is not None and values.get("median") is not None
        ]

    def least(self, axis: str) -> int:
        """Where an axis of the points begins: a whole unit below the lowest, the scale's 1 at least."""
        return max(1, int(min(point[axis] for point in self.points)) - 1)


def last(closed: Sequence[Closed], columns: set[str]) -> Closed | None:
    return next((stage for stage in reversed(closed) if stage.has(columns)), None)


def _rank(stage: Closed, card: str) -> Any:
    line = stage.lines.get(card)
    return line.values["rank"] if line else None


def closed_round(row: models.Round) -> Closed:
    came = tuple(map(statement_from, row.statements or []))
    return Closed(row, came, tally_from(row.outcome["released"]), tuple(map(block_from, row.blocks or [])))


def assemble(rows: Sequence[models.Round]) -> Results:
    """rows: a session's rounds in order."""
    closed = tuple(closed_round(row) for row in rows if row.state == "closed")
    following = next((row for row in rows if row.state != "closed"), None)
    return Results(rows, closed, *_Bench(closed).lay_out(following))


class _Bench:
    """The work of assembling: every statement by its number, and every place it stood in."""

    def __init__(self, closed: Sequence[Closed]) -> None:
        self._closed = closed
        self._known: dict[str, Statement] = {}
        self._versions: dict[str, list[Statement]] = {}
        self._path: dict[str, list[Stop]] = {}
        for stage in closed:
            for statement in (*stage.came, *stage.tally.statements, *stage.tally.ended):
                self._known[statement.id] = statement
                self._versions.setdefault(statement.id, []).append(statement)
            for name, place in stage.tally.places.items():
                self._path.setdefault(name, []).append(Stop(stage.row, place))

    def lay_out(self, following: models.Round | None) -> tuple[tuple[Card, ...], tuple[Ended, ...]]:
        names, ended = self._listed(following), self._ended()
        groups: dict[tuple[int, str], list[str]] = {}
        rows = {stage.row.position: stage.row for stage in self._closed}
        for name, stop in ended:
            if name not in names:
                groups.setdefault((stop.row.position, stop.place.zone), []).append(name)
        found = [Ended(rows[at], zone, tuple(map(self._card, group))) for (at, zone), group in groups.items()]
        return self._with_cut([self._card(name) for name in names]), tuple(found)

    def _listed(self, following: models.Round | None) -> list[str]:
        """The numbers on the list: those of the last ordering, in its order, then what else goes on."""
        going = self._going(following)
        ordering = last(self._closed, RANKS)
        alive = {statement.id for statement in going} | {name for name, _ in self._ended()}
        ranked = [name for name in ordering.lines if name in alive] if ordering else []
        return ranked + [statement.id for statement in self._best_first(going) if statement.id not in ranked]

    def _going(self, following: models.Round | None) -> tuple[Statement, ...]:
        """The statements of the list: what the last round left, or what the next one takes of it."""
        if not self._closed:
            return ()
        tally = self._closed[-1].tally
        return taken(tally.statements, tally.places, following.takes if following else "all")

    def _ended(self) -> list[tuple[str, Stop]]:
        """Where each statement ended, newest round first; by number within a round."""
        stages = [Stage(c.row.key, c.came, c.tally.statements, c.tally.places) for c in self._closed]
        rows = {stage.row.key: stage.row for stage in self._closed}
        found = [(e.statement.id, Stop(rows[e.round], e.place)) for e in endings(stages)]
        for stage in self._closed:
            gone = [name for name in stage.tally.places if name not in stage.stood]
            found += [(name, Stop(stage.row, stage.tally.places[name])) for name in gone]
        return sorted(found, key=lambda end: (-end[1].row.position, end[0]))

    def _best_first(self, statements: Iterable[Statement]) -> list[Statement]:
        """Where nothing was ranked: kept ones first, then by median and share of high answers; else as they came."""
        scoring = last(self._closed, SCORES)
        if scoring is None:
            return list(statements)
        return sorted(statements, key=lambda statement: _merit(scoring.lines.get(statement.id)))

    def _card(self, name: str) -> Card:
        statement = self._known.get(name) or Statement(name, {"": ""}, "")
        versions = self._versions.get(name, [])
        earlier = [v for place, v in enumerate(versions) if v.wordings not in [w.wordings for w in versions[:place]]]
        return Card(
            statement,
            ranked=self._line(name, RANKS),
            scored=self._line(name, SCORES),
            judged=self._line(name, VALIDATES),
            path=tuple(self._path.get(name, ())),
            earlier=tuple(v for v in earlier if v.wordings != statement.wordings),
            made_of=self._origins(statement, {name}),
        )

    def _line(self, name: str, columns: set[str]) -> Line | None:
        stage = last(self._closed, columns)
        return stage.lines.get(name) if stage else None

    def _origins(self, statement: Statement, seen: set[str]) -> tuple[Origin, ...]:
        parents = [self._first(name) for name in statement.parents if name in self._known and name not in seen]
        return tuple(Origin(p, self._line(p.id, SCORES), self._origins(p, seen | {p.id})) for p in parents)

    def _first(self, name: str) -> Statement:
        """An original in its own first words."""
        return self._versions[name][0] if name in self._versions else self._known[name]

    def _with_cut(self, cards: list[Card]) -> tuple[Card, ...]:
        kept = [card.decision is Decision.KEPT for card in cards]
        if not last(self._closed, RANKS) or not any(kept) or all(kept):
            return tuple(cards)
        cut = kept.index(False)
        return tuple(
            card if is_kept else replace(card, is_under=True, is_cut=place == cut)
            for place, (card, is_kept) in enumerate(zip(cards, kept, strict=True))
        )


def _merit(line: Line | None) -> tuple[int, Fraction, Fraction]:
    if line is None:
        return len(BEST), Fraction(), Fraction()
    verdict = BEST.index(line.decision) if line.decision else len(BEST)
    return verdict, -_fraction(line.values, "median"), -_share(line.values)


def _fraction(values: Mapping[str, Any], name: str) -> Fraction:
    return Fraction(values.get(name) or 0)


def _share(values: Mapping[str, Any]) -> Fraction:
    return Fraction(values["high"] or 0, values["n"]) if values.get("n") else Fraction()
