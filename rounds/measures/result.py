"""One figure with what a reader needs to trust it: n, method, parameters; or null with a reason.

Every measure gives this and nothing else. No formula belongs here, and no sentence for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

# Why a figure is undefined. A measure that needs another word adds it here, with what it means.
REASONS = {
    "empty": "no valid answer",
    "n1": "one answer or one person, where two are needed",
    "one_statement": "one statement, where two are needed",
    "constant": "all answers are equal",
    "no_variation": "everybody of a group answered alike",
    "flat": "the statements differ no more than chance would make them: no variance to divide by",
    "one_group": "answers from one group, where two are needed",
    "one_panel": "answers from one session, where two are needed",
    "no_common": "no statement was put to all of these sessions",
    "not_asked": "not asked in this session",
    "k2": "a scale of two points, where three are needed",
    "no_pairs": "nobody answered both",
    "no_change": "nobody changed",
    "too_few": "fewer people than the measure needs",
    "withheld": "worked out, but not shown: too few people",
    "no_edge": "the list is no longer than its first places",
    "not_connected": "some statements were never compared with the others, or never lost or won",
    "zero_quartiles": "the quartiles add up to zero",
    "incomplete": "answers are missing where the measure needs all of them",
    "noise": "no more structure than chance gives",
    "entangled": "too many statements hang together in majority cycles for a complete list",
    "not_converged": "the iteration did not settle",
    "no_winner": "no statement beats every other one",
}

# What must be said beside a figure that is defined.
FLAGS = {
    "not_unique": "other orders are as good",
    "not_proven": "the search stopped before the proof; bound gives how much better an order could be",
    "outside_manual": "the panel is smaller than the manual's rule was made for",
    "non_standard_scale": "answers were rescaled to 1-9 first",
    "dropped_people": "people with missing answers were left out; more gives how many",
    "dropped_groups": "groups without a valid answer were left out; more names them",
    "dropped_criteria": "criteria without a valid answer were left out; more names them",
    "small_group": "a group has fewer than five people",
    "small_panel": "a session has fewer than four people: to be shown, not tested",
    "few_in_panel": "a session has fewer than eight people: a permuted test of ranks says more",
    "few_sessions": "fewer than eight sessions: what leaving one out changes says more",
    "uneven": "one way of counting leans on a few people, who weigh far more than others",
    "no_variation": "everybody of a group answered alike: a width of nought is no certainty",
    "normalised": "sheets over the budget were scaled down",
    "unplaced": "statements never compared with another were left out of the order; more names them",
    "partial": "the method leaves some statements unordered that stand in different places here",
    "single_winner": "made for one winner, not for a list",
    "ignores_second_support": "eliminates by first places only",
}


@dataclass(frozen=True, slots=True)
class Result:
    """value: the figure, None where it is undefined (then reason is a key of REASONS, else "").

    n: the people (or answers, where the docstring says so) it rests on; None only where it is withheld with the
    figure. method: the name of the measure. parameters: everything that could have been chosen otherwise. more: figures
    that belong to it (statistic, df, p, interval). flags: keys of FLAGS.
    """

    value: Any
    n: int | None
    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.reason):
            raise ValueError("a figure is undefined with a reason, or defined without one")
        unknown = {self.reason} - {"", *REASONS} | set(self.flags) - set(FLAGS)
        if unknown or (self.n is None and self.reason != "withheld"):
            raise ValueError(f"unknown reason or flag: {sorted(unknown)}")


def undefined(
    reason: str,
    *,
    n: int | None,
    method: str,
    parameters: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Result:
    """No figure, and why."""
    return Result(None, n, method, parameters or {}, more or {}, reason)


def withheld(result: Result, n: int | None, **parameters: Any) -> Result:
    """The figure was worked out and is not shown. n: only where that number itself may be told."""
    return undefined("withheld", n=n, method=result.method, parameters={**result.parameters, **parameters})


def as_data(result: Result) -> dict[str, Any]:
    """Plain JSON: Fractions and numpy numbers as numbers, arrays and tuples as lists."""
    return {
        "value": _plain(result.value),
        "n": result.n,
        "method": result.method,
        "parameters": _plain(result.parameters),
        "more": _plain(result.more),
        "reason": result.reason or None,
        "flags": list(result.flags),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return _plain(value.tolist())
    if isinstance(value, float) and value != value:
        return None
    return value
