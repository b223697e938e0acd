"""The work of putting the list together: every statement by its number, and every place it stood in.

Pure assembling of what the closed rounds left; no figure is computed, nothing is drawn, no language is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from consensus import models
from consensus.outcome import block_from, statement_from, tally_from
from consensus.results.cards import Card, Ended, Origin, Results, Stop
from consensus.results.stages import RANKS, SCORES, VALIDATES, Closed, change_of, last, merit, rank_of, rankings
from rounds.contract import Decision, Line, Statement
from rounds.lineage import Stage, endings, taken


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
        return sorted(statements, key=lambda statement: merit(scoring.lines.get(statement.id)))

    def _card(self, name: str) -> Card:
        statement = self._known.get(name) or Statement(name, {"": ""}, "")
        versions = self._versions.get(name, [])
        earlier = [v for place, v in enumerate(versions) if v.wordings not in [w.wordings for w in versions[:place]]]
        ranking = rankings(self._closed)
        ranks = [rank_of(stage, name) for stage in ranking]
        return Card(
            statement,
            rank=ranks[-1] if ranks else None,
            before=ranks[-2] if len(ranks) > 1 else None,
            change=change_of([stage for stage in self._closed if stage.has(SCORES)], name),
            sure=ranking[-1].findings.get((name, "bootstrap")) if ranking else None,
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
