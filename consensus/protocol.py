"""Protocols: sessions as data. An ordered list of rounds with their settings, read from rounds/protocols/*.toml.

A protocol chooses kinds and settings, never behaviour. Nothing here opens a round or names a kind.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import count
from typing import Any

from consensus import models
from rounds import KINDS
from rounds.disclosure import Mode
from rounds.kind import in_minutes
from rounds.proposals import writes
from rounds.rules import SCOPES, Rule, rule_from

MANY_CARDS = 40
LONG = 20 * 60  # seconds of one person's time


@dataclass(frozen=True, slots=True)
class Plan:
    """One round to come. key: its name in exports. takes: all, or the place of the statements that go on to it.

    is_together: everybody in the room is counted as one group.
    """

    key: str
    kind: str
    disclosure: str
    takes: str = "all"
    grace: int = 60
    settings: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, Any] | None = None
    is_skipped_by_import: bool = False  # people need not write what is brought from a file
    is_together: bool = False
    title: Mapping[str, str] = field(default_factory=dict)  # a name of its own, by language
    stopping: Mapping[str, Any] | None = None  # the rule that ends a series of such rounds
    takes_of: str = ""  # the key of the round that it takes statements of, "" for the one before

    @property
    def needs_groups(self) -> bool:
        """Does its rule ask what each group says? Then these cannot be counted as one."""
        scope: str = (self.rule or {}).get("scope", SCOPES[0])
        return scope != SCOPES[0]


def names() -> list[str]:
    """The protocols of one session that are offered, in the places that they give themselves."""
    return list(named(is_study=False))


@cache
def named(is_study: bool) -> tuple[str, ...]:
    """Those of one session, or those of whole studies (study_protocol.py reads these)."""
    folder = resources.files("rounds").joinpath("protocols")
    found = (file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    chosen = [name for name in found if ("session" in _data(name)) == is_study]
    return tuple(sorted(chosen, key=lambda name: (_data(name)["place"], name)))


def read(name: str, is_imported: bool = False) -> list[Plan]:
    """The rounds of a protocol; KeyError for an unknown name. is_imported: statements come from a file."""
    if name not in names():
        raise KeyError(name)
    return _without_skipped([planned(entry) for entry in data(name)["round"]], is_imported)


def data(name: str) -> Mapping[str, Any]:
    """What the file of this protocol holds."""
    return _data(name)


def planned(entry: Mapping[str, Any]) -> Plan:
    """A round as a [[round]] table says it; what it does not say is as its kind has it."""
    return _plan(entry)


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("rounds").joinpath("protocols", f"{name}.toml").read_text(encoding="utf-8"))


def _plan(entry: Mapping[str, Any]) -> Plan:
    kind = KINDS[entry["kind"]]
    settings = asdict(kind.Settings(**entry.get("settings", {})))
    return Plan(
        key=entry.get("key", entry["kind"]),
        kind=entry["kind"],
        disclosure=Mode(entry.get("disclosure", kind.disclosure)),
        takes=entry.get("takes", "all"),
        grace=entry.get("grace", 60),
        settings=settings,
        rule=entry.get("rule"),
        is_skipped_by_import=entry.get("skipped_by_import", False),
        is_together=entry.get("together", False),
        title=entry.get("title", {}),
        takes_of=entry.get("takes_of", ""),
        stopping=entry.get("stopping"),
    )


def entry_of(plan: Plan) -> dict[str, Any]:
    """A round as the data of a protocol: read again, it gives the same plan."""
    said = {
        "key": plan.key,
        "kind": plan.kind,
        "disclosure": str(plan.disclosure),
        "takes": plan.takes,
        "takes_of": plan.takes_of,
        "stopping": dict(plan.stopping) if plan.stopping else None,
        "grace": plan.grace,
        "settings": dict(plan.settings),
        "rule": dict(plan.rule) if plan.rule else None,
        "skipped_by_import": writes(KINDS[plan.kind]),
        "together": plan.is_together,
        "title": dict(plan.title),
    }
    return {name: value for name, value in said.items() if value not in (None, "", {})}


def read_own(protocols: Sequence[Mapping[str, Any]] | None, key: str, is_imported: bool = False) -> list[Plan]:
    """The rounds of a study's own protocol; KeyError for an unknown key."""
    for one in protocols or ():
        if one["key"] == key:
            return _without_skipped([planned(entry) for entry in one["rounds"]], is_imported)
    raise KeyError(key)


def _without_skipped(plans: Sequence[Plan], is_imported: bool) -> list[Plan]:
    return [plan for plan in plans if not (is_imported and plan.is_skipped_by_import)]


def proposed(kind: str, taken: Container[str]) -> Plan:
    """A round of this kind as it is proposed, under a key of its own: the kind's name, numbered where that is taken."""
    numbered = (f"{kind}{n}" if n > 1 else kind for n in count(1))
    return replace(_plan({"kind": kind}), key=next(key for key in numbered if key not in taken))


def plan_of(row: models.Round) -> Plan:
    """A round as it is planned now."""
    known = (row.key, row.kind, row.disclosure, row.takes, row.grace, row.settings, row.rule)
    return Plan(
        *known, is_together=row.is_together, title=row.title or {}, takes_of=row.takes_of, stopping=row.stopping
    )


def is_brought(row: models.Round | None) -> bool:
    """Does this first round begin with statements from elsewhere, because in no protocol people write them here?"""
    plans = [plan for name in names() for plan in read(name)]
    return row is not None and row.kind not in {plan.kind for plan in plans if plan.is_skipped_by_import}


def planned_rule(plan: Plan) -> Rule | None:
    return rule_from(plan.rule)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a round asks of one person. cards: statements expected; is_much: worth a warning at set-up."""

    seconds: int
    cards: int

    @property
    def minutes(self) -> int:
        return in_minutes(self.seconds)

    @property
    def is_much(self) -> bool:
        return self.cards > MANY_CARDS or self.seconds > LONG


def estimate(plan: Plan, cards: int) -> Estimate:
    kind = KINDS[plan.kind]
    return Estimate(kind.seconds(kind.Settings(**plan.settings), cards), cards)


def asked(plan: Plan, cards: int) -> int | None:
    """How many cards the kind makes of so many statements; None where it asks about the statements themselves."""
    kind = KINDS[plan.kind]
    return kind.how_many(kind.Settings(**plan.settings), cards) if kind.how_many else None


def total_minutes(estimates: Sequence[Estimate]) -> int:
    return sum(estimate.minutes for estimate in estimates)
