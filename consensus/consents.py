"""What people agree to: the versions of a study's consent, its purposes, and what one seat agreed to.

Taking part is required; every other purpose is asked apart, and has an effect on what leaves the house. Only data are
read here: a version is written, and agreed to, by conduct.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from consensus import models

QUOTE, REUSE = "quote", "reuse"
PURPOSES = (QUOTE, REUSE)  # the few that a study may ask beside taking part


@dataclass(frozen=True, slots=True)
class Version:
    """texts, news (what is new in it): a wording per language. purposes: asked in it. since: a day, "" if unknown.
    until: the last day on which answers can be erased, "" where the text tells none."""

    number: int
    texts: Mapping[str, str]
    purposes: tuple[str, ...] = ()
    since: str = ""
    news: Mapping[str, str] = field(default_factory=dict)
    until: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a seat said last. at: to the minute, UTC."""

    version: int
    purposes: tuple[str, ...]
    language: str
    at: str


def versions(study: models.Study) -> list[Version]:
    """Oldest first; a study from before there were versions has its one text."""
    told = study.versions or [version_data(Version(1, study.consent))]
    return [Version(**{**data, "purposes": tuple(data["purposes"])}) for data in told]


def present(study: models.Study) -> Version:
    return versions(study)[-1]


def version_data(version: Version) -> dict[str, Any]:
    """Without a date where none is told, as versions were kept before there were any."""
    data = {**asdict(version), "purposes": list(version.purposes)}
    return data if version.until else {name: said for name, said in data.items() if name != "until"}


def agreed(seat: models.Seat) -> Agreed | None:
    said = seat.agreed
    return Agreed(said["version"], tuple(said["purposes"]), said["language"], said["at"]) if said else None


def told_until(study: models.Study, seat: models.Seat) -> str:
    """The last day on which this person can have their answers erased, by the version that they agreed to; "": always,
    as none was told in it."""
    said = agreed(seat)
    return next((one.until for one in versions(study) if said and one.number == said.version), "")


def allows(study: models.Study, seat: models.Seat, purpose: str) -> bool | None:
    """None: the study does not ask. Who has not said yes, in whatever version they read, has not."""
    if purpose not in present(study).purposes:
        return None
    said = agreed(seat)
    return said is not None and purpose in said.purposes
