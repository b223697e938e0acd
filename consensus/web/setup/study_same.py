"""What the sessions of a study have in common, and what differs between them and why: to be known before any of their
figures stand side by side.

Like is compared with like: sessions of one level of sites, one protocol, one moment. Plans are compared here, never
answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus.facts import StudyFacts
from consensus.sites import site_of
from consensus.text import listed
from consensus.web.asking import Ask
from consensus.web.setup.study_rows import SessionRow
from rounds import KINDS
from rounds.rules import rule_from


@dataclass(frozen=True, slots=True)
class Same:
    """what: one of ASPECTS. value: in words."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Where a session is not as most are. what: one of ASPECTS. value, usual: its own and theirs, in words."""

    what: str
    value: str
    usual: str


@dataclass(frozen=True, slots=True)
class Other:
    """A session that differs. why: as the team wrote it, or "". is_ours: the reader may write it."""

    id: int
    title: Mapping[str, str]
    odd: tuple[Odd, ...]
    why: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """families: how many kinds of sessions there are, each compared among themselves alone."""

    same: tuple[Same, ...]
    others: tuple[Other, ...]
    families: int = 1


def alike(ask: Ask, study: StudyFacts, rows: Sequence[SessionRow], ours: Sequence[int]) -> Alike:
    """ours: the sessions of which the reader may write why they differ. Of two values that are as usual as each other
    the one that comes first on the page is the usual one."""
    same: list[Same] = []
    odd: dict[int, list[Odd]] = {}
    families: dict[tuple[object, ...], set[int]] = {}
    for row in rows:
        families.setdefault((_level(study, row), row.protocol, row.moment), set()).add(row.id)
    for what, read in ASPECTS.items():
        values = {row.id: value for row in rows if (value := read(ask, row)) is not None}
        if len(set(values.values())) == 1:
            same.append(Same(what, next(iter(values.values()))[1]))
        for family in families.values():
            _differ(ask, what, {number: value for number, value in values.items() if number in family}, odd)
    same.append(Same("floor", ask.say("study.same.under", n=study.floor)))
    others = (Other(row.id, row.title, tuple(odd[row.id]), row.why, row.id in ours) for row in rows if row.id in odd)
    return Alike(tuple(same), tuple(others), len(families))


def _level(study: StudyFacts, row: SessionRow) -> int:
    """0 without a site, 1 of the upper level, 2 of the lower one."""
    site = site_of(study.sites, row.site)
    return 0 if site is None else 2 if site.get("within") else 1


def _differ(ask: Ask, what: str, values: Mapping[int, tuple[Any, str]], odd: dict[int, list[Odd]]) -> None:
    usual = Counter(values.values()).most_common(1)[0][0] if values else ((), "")
    for number, value in values.items():
        if value != usual:
            said = value[1] if value[1] != usual[1] else ask.say("study.same.others", value=value[1])
            odd.setdefault(number, []).append(Odd(what, said, usual[1]))


Value = tuple[Any, str] | None  # what is compared, and how it is said; None: there is nothing yet to compare


def _statements(ask: Ask, row: SessionRow) -> Value:
    if row.statements:
        return row.statements, ask.say("study.same.statements", n=len(row.statements))
    writes = bool(row.rounds) and KINDS[row.rounds[0]["kind"]].fewest == 0
    return ((), ask.say("study.same.written")) if writes else None


def _languages(ask: Ask, row: SessionRow) -> Value:
    return row.languages, listed(ask.language, [ask.say(f"language.{name}") for name in row.languages])


def _steps(ask: Ask, row: SessionRow) -> Value:
    kinds = tuple(one["kind"] for one in row.rounds)
    return (kinds, listed(ask.language, [ask.say(f"{kind}.title") for kind in kinds])) if kinds else None


def _scale(ask: Ask, row: SessionRow) -> Value:
    found = tuple(dict.fromkeys(_scales(row)))
    said = [ask.say("study.same.scale", low=low, high=high) for low, high in found]
    return (found, listed(ask.language, said)) if found else None


def _scales(row: SessionRow) -> Iterator[tuple[int, int]]:
    for one in row.rounds:
        kind = KINDS[one["kind"]]
        if scale := kind.scale(kind.Settings(**one["settings"])):
            yield 1, scale.top


def _rule(ask: Ask, row: SessionRow) -> Value:
    rules = [rule for one in row.rounds if (rule := rule_from(one["rule"])) is not None]
    found = tuple(dict.fromkeys(ask.say(key, **values) for key, values in (rule.words() for rule in rules)))
    return (found, " ".join(found)) if found else None


ASPECTS: Mapping[str, Callable[[Ask, SessionRow], Value]] = {
    "statements": _statements,
    "languages": _languages,
    "steps": _steps,
    "scale": _scale,
    "rule": _rule,
}
