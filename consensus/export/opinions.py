"""opinions.json: the maps of opinions of a session, by round, as the page draws them; only where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from consensus import models
from consensus.opinions import told_of

MAPS = "opinions.json"


def opinions_of(rows: Iterable[models.Round]) -> dict[str, Any]:
    return {row.key: told for row in rows if (told := told_of(row)) is not None}


def is_few(told: Mapping[str, Any]) -> bool:
    """Does it tell of fewer people than it says it may, in a group, an area, or on a statement?"""
    k, groups = told["parameters"]["k"], told["value"] or []
    counts = [group["people"] for group in groups] + [tile["people"] for group in groups for tile in group["tiles"]]
    answered = [row[2] for rows in told["more"].get("counts", {}).values() for row in rows or ()]
    return any(0 < n < k for n in (*counts, *answered))
