"""What is wrong with one line of a text that somebody brought, or has to be known of it.

Shared by the readers of rosters and of files of statements; neither asks a database nor says a sentence here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """line: as an editor counts them, from 1. key names the reason, values fill it; values are cut to be shown."""

    line: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def problem(line: int, key: str, value: str = "", **values: object) -> Problem:
    shown = value if len(value) <= 40 else value[:39] + "…"
    return Problem(line, key, {"value": shown, **values})
