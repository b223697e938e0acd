"""results.json: the list as the assembler put it together; results.csv: the same as a table, made of the former.

Columns are named <round>.<column>, and <round>.<column>[<block>] where a figure exists by block. No time, no random
code and no number of the database belongs here. Which figures are told is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from consensus.export.moment import Moment, ReleasedRound
from consensus.export.sheets import Sheet, decimal, sheet, text
from consensus.facts import rounds_of
from consensus.outcome import value_from
from consensus.results import Results, assemble, closed_round
from consensus.results.stages import WITHHELD, held_by
from rounds.contract import Line, Tally, figure

RANKS = ("rank", "rank_balanced", "tied", "verdict", "rank_low", "rank_high", "certainty", "withheld")
RECOUNTED = ("rank", "rank_balanced")  # of these, by recount.py
ENDED = ("ended_in", "ended_at", "how", "reason", "owner", "became")


def list_of(moment: Moment, silent: Set[str]) -> Results:
    """The list of a session that is over, with the figures, statements and places of the close.

    silent: statements whose words are not told.
    """
    facts = rounds_of([closed.row for closed in moment.rounds])
    stages = [
        closed_round(
            one,
            closed.row,
            came=closed.round.statements,
            tally=Tally(
                released_tally(closed).lines,
                closed.decided.statements,
                closed.decided.places,
                ended=closed.decided.ended,
            ),
            held=held_by(closed.row.outcome),
            findings=closed.findings,
        )
        for one, closed in zip(facts, moment.rounds, strict=True)
    ]
    return assemble(facts, stages, silent=silent)


def result_sheet(told: Mapping[str, Any]) -> Sheet:
    """told: the list as results.json tells it."""
    texts = {f"text_{language}": language for language in told["languages"]}
    lists = ["list"] if any("list" in one for one in told["statements"]) else []  # where there are several
    rows = []
    for one in told["statements"]:
        row = {"statement": one["statement"], "source_id": one["source_id"], **{name: one[name] for name in lists}}
        row |= {column: one["texts"][at] for column, at in texts.items()}
        row |= {
            **_ranks(one, told["columns"]),
            **{name: one[name] for name in ENDED},
            "became": " ".join(one["became"]),
        }
        found = {name: figure(value_from(value)) for name, value in one["figures"].items()}
        rows.append({**row, **{column["name"]: found.get(column["name"], "") for column in told["columns"]}})
    named = (column["name"] for column in told["columns"])
    return sheet(["statement", "source_id", *lists, *texts, *RANKS, *ENDED, *named], rows)


def _ranks(one: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    band = one["band"] or {"low": None, "high": None}
    return {
        **{name: text(one[name]) for name in ("rank", "rank_balanced", "tied", "verdict", "certainty")},
        "rank_low": decimal(band["low"]),
        "rank_high": decimal(band["high"]),
        "withheld": " ".join(_withheld(one, columns)),
    }


def _withheld(one: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rounds, the blocks of them, and where only a part of either is held back, the parts."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for column in columns:
        is_held = one["missing"].get(column["name"]) == WITHHELD
        parts = found.setdefault((column["round"], column["block"]), {})
        parts[column["part"]] = parts.get(column["part"], False) or is_held
    named = []
    for (key, block), parts in found.items():
        held = [""] if all(parts.values()) else [f".{part}" for part, is_held in parts.items() if is_held]
        named += [f"{key}{part}[{block}]" if block else key + part for part in held]
    return named


def released_tally(closed: ReleasedRound) -> Tally:
    """What anyone may see, as it was told at the close; only texts are those that stand today and may be quoted.

    A text (no decision, no figure) may be a person's own, who erased it since: then it is in no file any more. Where
    everybody decided and a block is hidden, as in rounds of before, verdicts would tell of it: then none is told.
    """
    now = {line.statement: line for line in closed.spoken.lines}
    columns = closed.kind.columns(closed.round.settings)
    texts, verdicts = ({c.name for c in columns if c.is_text}, {c.name for c in columns if c.verdict})
    blocks = {block.key for block in closed.round.blocks}
    is_hidden = not closed.is_of_one_count and any(blocks - line.by_block.keys() for line in closed.told.lines)
    silenced = verdicts if is_hidden and closed.kind.is_counted else set()
    lines = tuple(_as_told(line, now.get(line.statement), texts, silenced) for line in closed.told.lines)
    return Tally(lines, closed.told.statements, closed.told.places)


def _as_told(line: Line, now: Line | None, texts: Set[str], silenced: Set[str]) -> Line:
    told = dict(line.values)
    for name, value in line.values.items():
        if name in silenced:
            told[name] = None
        elif name in texts and value is not None:
            told[name] = now.values.get(name) if now else None
    return Line(line.statement, told, line.by_block, None if silenced else line.decision)
