"""The knobs of the wall, and its fixed words: zones, ways of deciding, signals.

The order of zones is the order in which the wall lists them. Nothing is read, counted or moved here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rounds.contract import BallotError

MEMORY, GROUPING, SELECTION, FRIDGE, VETO, BIN = ZONES = ("memory", "grouping", "selection", "fridge", "veto", "bin")
WAYS_TO_DECIDE = ("no_objection", "after_rewording", "after_discussion")
SIGNALS = ("keep", "unsure", "drop")


@dataclass(frozen=True, slots=True)
class Settings:
    """names: zone -> language -> another name for it. veto_means: language -> what a veto is here and who decides.

    selection_size: how many cards the group aims for, 0 for no aim; it is shown and never enforced.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    veto_means: Mapping[str, str] = field(default_factory=dict)
    selection_size: int = 0

    def __post_init__(self) -> None:
        for zone in self.names:
            if zone not in ZONES:
                raise BallotError("bad_setting", value=zone)
        if self.selection_size < 0:
            raise BallotError("bad_size", value=self.selection_size)

    def name(self, zone: str, language: str) -> str:
        """The name that the team gave to a zone, "" where it keeps its own (key zone.<zone>)."""
        return self.names.get(zone, {}).get(language, "")
