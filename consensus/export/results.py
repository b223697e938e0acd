"""results.csv: first the statements of the last ranking, by rank; then every other statement, with where it ended.

Columns are named <round>.<column>, and <round>.<column>[<block>] where a figure exists by block. No time, no random
code and no number of the database belongs here. Which figures are told is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consensus.export.known import Known, natural, words
from consensus.export.moment import Closed, Moment
from consensus.export.sheets import Sheet, sheet
from rounds.contract import Column, Decision, Line, Tally, Value, figure

RANKS = ("rank", "rank_balanced")
ENDED = ("ended_in", "ended_at", "how", "reason", "owner", "became")


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of results.csv. block "": everyone."""

    round: str
    kind: str
    column: Column
    block: str = ""

    @property
    def name(self) -> str:
        return f"{self.round}.{self.column.name}" + (f"[{self.block}]" if self.block else "")


def figures(closed: Closed) -> list[Figure]:
    """The columns of one round, each followed by its blocks."""
    found = []
    for column in closed.kind.columns(closed.round.settings):
        blocks = [block.key for block in closed.round.blocks] if column.by_block else []
        found += [Figure(closed.key, closed.round.kind, column, block) for block in ["", *blocks]]
    return found


def ranked_by(rounds: Sequence[Closed]) -> str:
    """The key of the last round that ranks, or ""."""
    ranking = [c.key for c in rounds if any(one.name == "rank" for one in c.kind.columns(c.round.settings))]
    return ranking[-1] if ranking else ""


def columns(moment: Moment) -> list[str]:
    texts = [f"text_{language}" for language in moment.languages]
    named = [one.name for closed in moment.rounds for one in figures(closed)]
    return ["statement", *texts, *RANKS, *ENDED, *named]


def result_sheet(moment: Moment, known: Known, tallies: Mapping[str, Tally], hidden: Iterable[str] = ()) -> Sheet:
    """tallies: the figures to tell, by round. hidden: statements whose words are not told."""
    lines = {key: {line.statement: line for line in tally.lines} for key, tally in tallies.items()}
    ranking, untold = lines.get(ranked_by(moment.rounds), {}), set(hidden)
    rows = []
    for name in order(moment, known, lines):
        texts = words(known.last[name], moment.languages)
        row = {"statement": name, **(dict.fromkeys(texts, "") if name in untold else texts)}
        row |= {rank: figure(ranking[name].values.get(rank)) if name in ranking else "" for rank in RANKS}
        row |= _ended(known, name)
        for closed in moment.rounds:
            line = lines[closed.key].get(name)
            row |= {one.name: figure(_value(line, one)) for one in figures(closed)}
        rows.append(row)
    return sheet(columns(moment), rows)


def _value(line: Line | None, one: Figure) -> Value:
    if line is None:
        return None
    return (line.by_block.get(one.block, {}) if one.block else line.values).get(one.column.name)


def _ended(known: Known, name: str) -> dict[str, str]:
    end, became = known.ends.get(name), known.children(name)
    if end is None:
        where = became[0][1] if became else ""
        children = " ".join(child for child, _ in became)
        return {**dict.fromkeys(ENDED, ""), "ended_in": where, "became": children}
    place = end.place
    told = {"ended_at": place.zone, "how": place.how, "reason": place.reason, "owner": place.owner}
    return {"ended_in": end.round, **told, "became": ""}


def order(moment: Moment, known: Known, lines: Mapping[str, Mapping[str, Line]]) -> list[str]:
    """By rank, ties in the order of their numbers; then what ended, the latest round first; then what became others.

    What became others is listed where a round has figures of it.
    """
    ranking = lines.get(ranked_by(moment.rounds), {})
    age = {closed.key: -place for place, closed in enumerate(moment.rounds)}
    ended = sorted(known.ends.keys() - ranking.keys(), key=lambda name: (age[known.ends[name].round], natural(name)))
    counted = {name for of_round in lines.values() for name in of_round} & known.first.keys()
    others = sorted(counted - ranking.keys() - known.ends.keys(), key=natural)
    return [*sorted(ranking, key=lambda name: (_rank(ranking[name]), natural(name))), *ended, *others]


def _rank(line: Line) -> tuple[bool, int]:
    rank = line.values.get("rank")
    return (False, rank) if isinstance(rank, int) else (True, 0)


def released_tally(closed: Closed) -> Tally:
    """What anyone may see, as it was released at the close; only texts are those that stand today and may be quoted.

    A text (no decision, no figure) may be a person's own, who erased it since: then it is in no file any more.
    """
    now = {line.statement: line for line in closed.quoted.lines}
    lines = tuple(_without_erased_texts(line, now.get(line.statement)) for line in closed.told.lines)
    return Tally(lines, closed.told.statements, closed.told.places)


def _without_erased_texts(line: Line, now: Line | None) -> Line:
    told = dict(line.values)
    for name, value in line.values.items():
        if isinstance(value, str) and not is_decision(value):
            told[name] = now.values.get(name) if now else None
    return Line(line.statement, told, line.by_block, line.decision)


def is_decision(value: Value) -> bool:
    return isinstance(value, str) and value in set(Decision)


def corrected(rounds: Sequence[Closed]) -> list[str]:
    """The rounds whose figures are no longer those of the close, because somebody withdrew or was regrouped since."""
    return [closed.key for closed in rounds if closed.now.lines != closed.decided.lines]


def as_decided(rounds: Sequence[Closed]) -> dict[str, dict[str, dict[str, str]]]:
    """Ranks and decisions of the close where today's figures give others: round -> statement -> column -> value."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for closed in rounds:
        now = {line.statement: line.values for line in closed.now.lines}
        for line in closed.decided.lines:
            for name in (column.name for column in closed.kind.columns(closed.round.settings) if column.verdict):
                value = line.values.get(name)
                is_told = isinstance(value, int) or is_decision(value)
                if is_told and value != now.get(line.statement, {}).get(name):
                    found.setdefault(closed.key, {}).setdefault(line.statement, {})[name] = figure(value)
    return found
