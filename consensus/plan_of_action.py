"""The plan of action of a study: its lines, what is missing in them, what changed from one version to the next.

A plan reads a list and never writes it. A version is never changed: another is added, by conduct/plan_of_action.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from consensus import models

POOLED = "pooled"  # the list that a plan comes from, beside the numbers of sessions
MONTHS, YEARS = UNITS = ("months", "years")
GAPS = ("lead", "horizon", "measure", "factors")


@dataclass(frozen=True, slots=True)
class Line:
    """What is planned for one next step. statement: its number in the study, as text.

    leads: groups of the study by key; others: further kinds of organisation, in the team's words. start, end: the
    horizon in units from now; None where it is not said. helps, hinders: statements of the study by number. sites:
    those that begin, by key.
    """

    statement: str
    leads: tuple[str, ...] = ()
    others: str = ""
    level: str = ""
    start: int | None = None
    end: int | None = None
    unit: str = MONTHS
    measure: str = ""
    helps: tuple[str, ...] = ()
    hinders: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Of GAPS, what nobody has said yet."""
        said = (self.leads or self.others, self.end is not None, self.measure, self.helps or self.hinders)
        return tuple(name for name, value in zip(GAPS, said, strict=True) if not value)

    @property
    def months(self) -> tuple[int, int] | None:
        """From which month to which; None where no horizon is said."""
        each = 12 if self.unit == YEARS else 1
        return None if self.end is None else ((self.start or 0) * each, self.end * each)


@dataclass(frozen=True, slots=True)
class Version:
    """number: from 1. by: the account that made it, None where it is gone. what: the act that made it. source:
    POOLED or the number of a session, as text, "" before one is chosen. lines: by statement. sent_at: "" in a draft."""

    number: int
    at: str
    by: int | None
    what: str
    source: str
    lines: Mapping[str, Line]
    sent_at: str

    def line(self, statement: str) -> Line:
        return self.lines.get(statement) or Line(statement)


NOTHING = Version(0, "", None, "", "", {}, "")


def line_data(line: Line) -> dict[str, Any]:
    return asdict(line)


def line_from(data: Mapping[str, Any]) -> Line:
    said: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in data.items()}
    return Line(**said)


def version_of(row: models.PlanOfAction) -> Version:
    lines = {one["statement"]: line_from(one) for one in row.lines}
    return Version(row.number, row.at, row.by_id, row.what, row.source, lines, row.sent_at)


async def versions(study_id: int) -> list[Version]:
    """Oldest first."""
    return [version_of(row) for row in await models.PlanOfAction.filter(study_id=study_id).order_by("number")]


async def sent(study_id: int) -> Version | None:
    """The last one that was sent to participants."""
    row = await models.PlanOfAction.filter(study_id=study_id).exclude(sent_at="").order_by("-number").first()
    return version_of(row) if row else None


def changed(before: Version, after: Version) -> dict[str, tuple[str, ...]]:
    """By statement, the fields of its line that differ, in the order of Line; statements as the two list them."""
    found = {}
    for statement in dict.fromkeys([*after.lines, *before.lines]):
        old, new = before.line(statement), after.line(statement)
        names = tuple(one.name for one in fields(Line) if getattr(old, one.name) != getattr(new, one.name))
        if names:
            found[statement] = names
    return found


def missing(lines: Sequence[Line]) -> dict[str, int]:
    """How many of these have each gap."""
    return {name: sum(name in line.gaps for line in lines) for name in GAPS}
