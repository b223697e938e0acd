"""measures.csv: the slow figures of every round, a row a figure, with n, method, parameters and why one is undefined.

Told is what was stored at the close. Whoever checks a file of individual answers has it worked out again, of ballots as
the file tells them and rounds as the manifest tells them. No figure is computed here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus.export.sheets import Row, Sheet, sheet
from consensus.journal import canonical
from consensus.outcome import findings_data, seed_of
from rounds import KINDS
from rounds.contract import Ballot, Finding, Round

MEASURES = ("round", "statement", "measure", "value", "n", "method", "parameters", "more", "reason", "flags")
NEAR = 1e-6  # how far two machines may be apart in a figure that is no fraction of counts


@dataclass(frozen=True, slots=True)
class Frozen:
    """A round, and the seal under which it opened."""

    round: Round
    hash: str


def worked_out(ballots: Sequence[Ballot], one: Frozen) -> tuple[Finding, ...]:
    """Of the ballots that count, what needs no other round."""
    return KINDS[one.round.kind].analyse(one.round, ballots, (), seed_of(one.hash))


def measure_sheet(findings: Mapping[str, Iterable[Finding]]) -> Sheet:
    """findings: by round, in order."""
    return sheet(MEASURES, [_row(key, data) for key, found in findings.items() for data in findings_data(found)])


def _row(round_key: str, data: dict[str, Any]) -> Row:
    """Single values as they are, everything else as JSON; undefined is empty, and a number that is withheld too."""
    return {
        "round": round_key,
        "statement": data["statement"],
        "measure": data["measure"],
        "value": data["value"] if isinstance(data["value"], str) else _json(data["value"]),
        "n": "" if data["n"] is None else str(data["n"]),
        "method": data["method"],
        "parameters": _json(data["parameters"] or None),
        "more": _json(data["more"] or None),
        "reason": data["reason"] or "",
        "flags": " ".join(data["flags"]),
    }


def _json(value: Any) -> str:
    return "" if value is None else canonical(value)


def is_same(given: Row, again: Row) -> bool:
    """The same row, but for the last digits of a fraction, which follow the machine, as does how far a search came
    that was stopped before its proof."""
    if all("not_proven" in row["flags"].split() for row in (given, again)):
        return given["measure"] == again["measure"]
    return all(_is_near(given[name], again[name]) for name in MEASURES)


def _is_near(given: str, again: str) -> bool:
    if given == again:
        return True
    try:
        return _are_near(json.loads(given), json.loads(again))
    except ValueError:
        return False


def _are_near(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_are_near(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_are_near, one, other))
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return bool(one == other)
