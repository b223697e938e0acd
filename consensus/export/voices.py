"""voice.csv: what became of what each group wrote, and how often it was heard, as it was told at the last close.

A row a group and a stage. Empty where a group is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from consensus.export.sheets import Row, Sheet, sheet, text
from consensus.results.voice import VOICE, WRITTEN
from rounds.contract import Finding

FILE = "voice.csv"
COLUMNS = ("group", "stage", "n", "chance_low", "chance_high", "people")
TURNS = "turns"


def measured(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stand in measures.csv."""
    return [one for one in findings if one.measure != VOICE]


def voice_sheet(rounds: Iterable[Iterable[Finding]]) -> Sheet:
    """rounds: the findings of each."""
    told = [one for findings in rounds for one in findings if one.measure == VOICE]
    return sheet(COLUMNS, [row for one in told for row in _rows(one.result.value, one.result.more["turns"])])


def _rows(groups: Iterable[dict[str, Any]], turns: Iterable[dict[str, Any]]) -> Iterator[Row]:
    for one in groups:
        yield _row(one["group"], WRITTEN, one[WRITTEN])
        for stage, chance in (one["stages"] or {}).items():
            yield _row(one["group"], stage, one["counts"][stage], chance or ())
    for one in turns:
        yield _row(one["group"], TURNS, one["turns"], people=one["people"])


def _row(group: str, stage: str, n: int | None, chance: Iterable[int] = (), people: int | None = None) -> Row:
    low, high = chance or (None, None)
    told = {"group": group, "stage": stage, "n": text(n), "people": text(people)}
    return told | {"chance_low": text(low), "chance_high": text(high)}
