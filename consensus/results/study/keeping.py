"""The tables of a study that are kept: what a freeze added to the sums of its sessions, read back as it was told.

Written by conduct/study_tables.py, once each and never changed; here they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consensus import models
from consensus.results.study.data import OTHERS, Cell, Part

VERSION = "table-ronde-study/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """sessions: by key, those that the last table holds. others, parts: as it told them."""

    sessions: tuple[str, ...] = ()
    others: tuple[Cell, ...] = ()
    parts: tuple[Part, ...] = ()

    def covers(self, sessions: Iterable[str]) -> bool:
        """Does it hold all of these?"""
        return bool(self.sessions) and set(sessions) <= set(self.sessions)


async def kept_of(study_id: int) -> Kept:
    last = await models.StudyTable.filter(study_id=study_id, is_draft=False).order_by("-id").first()
    return kept_from(last.data) if last else Kept()


def kept_from(data: Mapping[str, Any]) -> Kept:
    told = data["results"]
    return Kept(
        tuple(one["key"] for one in told["sessions"]),
        tuple(Cell(**_fields(one)) for one in told["cells"] if one["session"] == OTHERS),
        tuple(Part(**_fields(one), by=one["by"], label=one["label"]) for one in told["parts"]),
    )


def _fields(one: Mapping[str, Any]) -> dict[str, Any]:
    whole = {name: one[name] for name in ("session", "statement", "n", "high", "low")}
    lists: dict[str, Sequence[Any]] = {name: tuple(one[name]) for name in ("groups", "votes")}
    return {**whole, **lists, "voices": Fraction(*one["voices"]["of"])}
