"""The one place where the list is put together, for the page, the charts, the files and whatever else shows it: which
statements stand on it, in what order, with which rank and ties; where every other one went.

Pure assembling of what the closed rounds left; no figure is computed, nothing is drawn, no language is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from consensus.facts import RoundFacts
from consensus.results.cards import Card, Ended, Results
from consensus.results.histories import History, histories, natural
from consensus.results.origins import origins
from consensus.results.stages import (
    RANKS,
    SCORES,
    VALIDATES,
    ClosedRound,
    change_of,
    last,
    last_places,
    merit,
    rank_of,
    rankings,
    tied,
)
from rounds.contract import Decision, Line, Statement
from rounds.lineage import ALL, taken


def assemble(
    rounds: Sequence[RoundFacts], closed: Sequence[ClosedRound], takes: str = ALL, silent: Set[str] = frozenset()
) -> Results:
    """rounds: of a session, in order; closed: those of them that are over. takes: what the next one takes of the
    statements. silent: the statements whose words are told nowhere."""
    bench = _Bench(closed, histories(closed, silent))
    return Results(rounds, tuple(closed), *bench.lay_out(takes), bench.histories)


class _Bench:
    """The work of assembling: every statement by its number, and every place it stood in."""

    def __init__(self, closed: Sequence[ClosedRound], known: Mapping[str, History]) -> None:
        self._closed = closed
        self.histories = known
        self._rankings = rankings(closed)
        self._last = last_places({name: rank_of(one, name) for one in self._rankings[-1:] for name in one.lines})

    def lay_out(self, takes: str) -> tuple[tuple[Card, ...], tuple[Ended, ...], tuple[Card, ...]]:
        names = self._listed(takes)
        ended = [name for name, history in self.histories.items() if history.end and name not in names]
        groups: dict[tuple[int, str], list[str]] = {}
        for name in sorted(ended, key=self._newest_first):
            stop = self.histories[name].end
            assert stop is not None
            groups.setdefault((stop.row.position, stop.place.zone), []).append(name)
        rows = {stage.row.position: stage.row for stage in self._closed}
        found = [Ended(rows[at], zone, tuple(map(self._card, group))) for (at, zone), group in groups.items()]
        counted = {name for stage in self._closed for name in stage.lines} & self.histories.keys()
        others = sorted(counted - set(names) - set(ended), key=natural)
        return self._with_cut(self._with_ties(map(self._card, names))), tuple(found), tuple(map(self._card, others))

    def _newest_first(self, name: str) -> tuple[int, tuple[object, ...]]:
        stop = self.histories[name].end
        return (-stop.row.position if stop else 0, natural(name))

    def _listed(self, takes: str) -> list[str]:
        """The numbers on the list: those of the last ordering that became no others, then what else goes on."""
        going = self._going(takes)
        ordering = last(self._closed, RANKS)
        standing = {statement.id for statement in going}
        alive = standing | {name for name, history in self.histories.items() if history.end}
        ranked = [name for name in ordering.lines if name in alive] if ordering else []
        ranked.sort(key=self._by_rank)
        return ranked + [statement.id for statement in self._best_first(going) if statement.id not in ranked]

    def _going(self, takes: str) -> tuple[Statement, ...]:
        """The statements of the list: what the last round left, or what the next one takes of it."""
        if not self._closed:
            return ()
        tally = self._closed[-1].tally
        return taken(tally.statements, tally.places, takes)

    def _by_rank(self, name: str) -> tuple[bool, int, tuple[object, ...]]:
        rank = rank_of(self._rankings[-1], name)
        return (rank is None, rank or 0, natural(name))

    def _best_first(self, statements: Iterable[Statement]) -> list[Statement]:
        """Where nothing was ranked: kept ones first, then by median and share of high answers; else as they came."""
        scoring = last(self._closed, SCORES)
        if scoring is None:
            return list(statements)
        return sorted(statements, key=lambda statement: (merit(scoring.lines.get(statement.id)), natural(statement.id)))

    def _card(self, name: str) -> Card:
        history = self.histories[name]
        distinct = {tuple(sorted(version.wordings.items())): version for version in reversed(history.versions)}
        earlier = [version for version in reversed(distinct.values()) if version.wordings != history.last.wordings]
        ranks = [rank_of(stage, name) for stage in self._rankings]
        return Card(
            history,
            lines={stage.row.key: stage.lines[name] for stage in self._closed if name in stage.lines},
            rank=ranks[-1] if ranks else None,
            last=self._last.get(name),
            before=ranks[-2] if len(ranks) > 1 else None,
            change=change_of([stage for stage in self._closed if stage.has(SCORES)], name),
            sure=self._rankings[-1].findings.get((name, "bootstrap")) if ranks else None,
            ranked=self._line(name, RANKS),
            scored=self._line(name, SCORES),
            judged=self._line(name, VALIDATES),
            earlier=tuple(earlier),
            made_of=origins(self._closed, self.histories, history, {name}),
        )

    def _line(self, name: str, columns: set[str]) -> Line | None:
        stage = last(self._closed, columns)
        return stage.lines.get(name) if stage else None

    def _with_ties(self, cards: Iterable[Card]) -> list[Card]:
        listed = list(cards)
        share = tied({card.statement.id: card.rank for card in listed})
        return [replace(card, is_tied=card.statement.id in share) for card in listed]

    def _with_cut(self, cards: list[Card]) -> tuple[Card, ...]:
        kept = [card.decision is Decision.KEPT for card in cards]
        if not last(self._closed, RANKS) or not any(kept) or all(kept):
            return tuple(cards)
        cut = kept.index(False)
        return tuple(
            card if is_kept else replace(card, is_under=True, is_cut=place == cut)
            for place, (card, is_kept) in enumerate(zip(cards, kept, strict=True))
        )
