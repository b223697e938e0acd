"""The list as plain data, ready for JSON: what every file of it is written from, and nothing else.

Of the whole: ranked_by, the key of the round that gives the ranks, or ""; languages; columns, the figures there may be,
in their order: name (round.column, or round.column[block]), round, kind, column, block ("": everyone), part (of several
questions to a statement the one that it counts, or ""), unit ("share": a part of one; "number": a count, a place, a
point of the scale; or a word), counted (by the second count of a parcel).

Of a statement, in the order of the list: section (listed, ended, or became others); texts by language ("" where they
are not told); rank (1 the first, equals the best: 1, 2, 2, 4; null: nothing orders it); rank_balanced (at equal weight
per block); tied (null without a rank); verdict; certainty (a word of rounds.measures.phrases, or ""); band (low and
high place in nine of ten resamples, n people, method; null: not known); ended_in, ended_at, how, reason, owner, became;
figures by name, exact: a fraction is {"of": [numerator, denominator]}; missing, by name, why a figure of a round that
knew the statement is not there (withheld: too few answered; undefined: nothing gives it). 0 is a figure like another.
Of a session with several lists, ranked_by has several keys with a space between; list, of a statement: the one of its
list, "" where it stands on none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from consensus.outcome import value_data
from consensus.results.cards import Card, Results
from consensus.results.stages import ABSENT, ClosedRound
from rounds.contract import Column

LISTED, ENDED, BECAME = "listed", "ended", "became"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a round, of everyone or of a block."""

    name: str
    round: str
    kind: str
    column: str
    block: str
    part: str
    unit: str
    counted: bool


def figures(stage: ClosedRound) -> list[tuple[Column, Figure]]:
    """Each column, followed by its blocks."""
    found = []
    for column in stage.columns:
        for block in ["", *(block.key for block in stage.blocks if column.by_block)]:
            name = f"{stage.key}.{column.name}" + (f"[{block}]" if block else "")
            unit = "share" if column.is_share else "number"
            one = Figure(name, stage.key, stage.row.kind, column.name, block, column.part, unit, column.counted)
            found.append((column, one))
    return found


def plain(results: Results, languages: Sequence[str]) -> dict[str, Any]:
    named = [(stage, column, one) for stage in results.closed for column, one in figures(stage)]
    sections = [(LISTED, results.listed), *((ENDED, group.cards) for group in results.ended), (BECAME, results.others)]
    return {
        "ranked_by": results.ranked_by,
        "languages": list(languages),
        "columns": [asdict(one) for _, _, one in named],
        "statements": [
            {**_card(card, section, languages, named), **_list_of(results, card)}
            for section, cards in sections
            for card in cards
        ],
    }


def _list_of(results: Results, card: Card) -> dict[str, str]:
    """Of several lists, the one that it stands on: the round that ranks it, or else the last of it."""
    if not results.lists:
        return {}
    return {"list": next((one.ranked_by or one.key for one in results.lists if card in one.listed), "")}


def _card(
    card: Card, section: str, languages: Sequence[str], named: Sequence[tuple[ClosedRound, Column, Figure]]
) -> dict[str, Any]:
    name, history = card.statement.id, card.history
    place = card.end.place if card.end else None
    why = {one.name: stage.reason(name, column, one.block) for stage, column, one in named}
    return {
        "statement": name,
        "source_id": card.statement.source_id,
        "section": section,
        "texts": {language: card.statement.wordings.get(language, "") for language in languages},
        "rank": card.rank,
        "rank_balanced": card.rank_balanced,
        "tied": None if card.rank is None else card.is_tied,
        "verdict": card.verdict,
        "certainty": card.certainty[0] if card.certainty else "",
        "band": _band(card),
        "ended_in": history.end.row.key if history.end else history.became[0][1].key if history.became else "",
        "ended_at": place.zone if place else "",
        "how": place.how if place else "",
        "reason": place.reason if place else "",
        "owner": place.owner if place else "",
        "became": [child for child, _ in history.became],
        "figures": {
            one.name: value_data(stage.value(name, one.column, one.block))
            for stage, _, one in named
            if not why[one.name]
        },
        "missing": {one: reason for one, reason in why.items() if reason not in {"", ABSENT}},
    }


def _band(card: Card) -> dict[str, Any] | None:
    if card.sure is None or card.band is None:
        return None
    low, high = card.band
    return {"low": low, "high": high, "n": card.sure.n, "method": card.sure.method}
