"""Protocols of whole studies: many sessions as data, read from rounds/protocols/*.toml with [[session]] tables.

A file says once what happens "at" each site of a level, for each arm, at each moment; reading it lays one session for
each, in the order in which they are held, and says who takes what from whom. Nothing here makes a study, opens a round
or names a kind; what a session is called is in the catalogues, by keys (study_words.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consensus import protocol
from consensus.protocol import Plan
from rounds.lineage import ALL
from rounds.measures.pooling import SCHEMES

FEW_SITES, FEW_PEOPLE, FEW_STATEMENTS = 3, 6, 10  # of the short form: so many at most in one level, session, list


class BadProtocol(ValueError):
    """The file makes no sense; the message says where, for whoever writes protocols."""


@dataclass(frozen=True, slots=True)
class Site:
    """level: the key of its level. n: its place, from 1 on, among those within the same one. within: key or ""."""

    key: str
    level: str
    n: int
    within: str = ""


@dataclass(frozen=True, slots=True)
class Brings:
    """Which statements a rehearsal brings, of the list of this name; each filter empty: all. some: so many drawn, 0:
    all of them. Where people write themselves, it is what they write."""

    list: str
    natures: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    some: int = 0


@dataclass(frozen=True, slots=True)
class Takes:
    """From the session of this key. takes, first: as conduct.pass_on has them."""

    session: str
    takes: str = ALL
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Sends:
    """Some of the people of another session sit here too: so many, of every group in turn; 0: all of them."""

    session: str
    people: int = 0


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session to be. entry: the table that it was made of. moment: from 1 on, of so many; months: after the start.

    follows: the session of which it is the next moment, or "". people: simulated ones who are new, by group. sends: who
    sits here beside them and sits elsewhere too. left_out: so many of these do not come back.
    """

    key: str
    entry: str
    plans: tuple[Plan, ...]
    site: str = ""
    arm: str = ""
    moment: int = 1
    moments: int = 1
    months: int = 0
    follows: str = ""
    brings: Brings | None = None
    takes_from: tuple[Takes, ...] = ()
    people: Mapping[str, int] = field(default_factory=dict)
    sends: tuple[Sends, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class StudyProtocol:
    """headline: the way of counting that leads. groups: their keys, in their order of pooling."""

    name: str
    headline: str
    groups: tuple[str, ...]
    sites: tuple[Site, ...]
    arms: tuple[str, ...]
    sessions: tuple[PlannedSession, ...]


def names() -> list[str]:
    """The protocols of studies that are offered, in the places that they give themselves."""
    return list(protocol.named(is_study=True))


def read(name: str, is_short: bool = False) -> StudyProtocol:
    """KeyError: no such protocol. BadProtocol: it makes no sense. is_short: few sites and people, for a quick look."""
    if name not in names():
        raise KeyError(name)
    return parsed(name, protocol.data(name), is_short)


def parsed(name: str, data: Mapping[str, Any], is_short: bool = False) -> StudyProtocol:
    sites, groups = tuple(_sites(data.get("level", ()), is_short)), tuple(data.get("groups", ()))
    arms, headline = tuple(data.get("arms", ())), data.get("headline", "nested")
    if headline not in SCHEMES:
        raise BadProtocol(f"{name}: there is no way of counting called {headline}")
    laid: list[PlannedSession] = []
    for entry in data["session"]:
        laid += _laid(name, entry, sites, arms, laid)
    laid.sort(key=lambda one: one.months)  # stable: within a moment, in the order of the file
    found = StudyProtocol(name, headline, groups, sites, arms, tuple(map(_few, laid)) if is_short else tuple(laid))
    _check(found)
    return found


def _sites(levels: Sequence[Mapping[str, Any]], is_short: bool) -> Iterator[Site]:
    above: list[Site] = []
    for depth, level in enumerate(levels):
        if depth == 0:
            keys = list(level["sites"]) if "sites" in level else [f"s{n}" for n in range(1, level["each"] + 1)]
            here = [Site(key, level["key"], n) for n, key in enumerate(keys, 1)]
            here = here[:FEW_SITES] if is_short else here
        else:
            each = 1 if is_short else level["each"]
            here = [Site(f"{up.key}{n}", level["key"], n, up.key) for up in above for n in range(1, each + 1)]
        yield from here
        above = here


def _laid(
    name: str, entry: Mapping[str, Any], sites: Sequence[Site], arms: Sequence[str], before: Sequence[PlannedSession]
) -> Iterator[PlannedSession]:
    """The sessions of one table: for each moment, site and arm."""
    level, months = entry.get("at", ""), entry.get("moments", [0])
    if level and level not in {site.level for site in sites}:
        raise BadProtocol(f"{name}: {entry['key']} is held at {level}, which is no level of sites")
    here = [site for site in sites if site.level == level] if level else [None]
    plans = _plans(name, entry)
    for moment, month in enumerate(months, 1):
        for site in here:
            for arm in arms if entry.get("by_arm") else [""]:
                place = [entry["key"], *([site.key] if site else []), *([arm] if arm else [])]
                now = [*place, *([str(moment)] if len(months) > 1 else [])]
                one = PlannedSession(
                    key="-".join(now),
                    entry=entry["key"],
                    plans=plans,
                    site=site.key if site else "",
                    arm=arm,
                    moment=moment,
                    moments=len(months),
                    months=month,
                    follows="-".join([*place, str(moment - 1)]) if moment > 1 else "",
                    brings=_brings(entry),
                )
                yield _joined(name, one, entry, sites, before)


def _plans(name: str, entry: Mapping[str, Any]) -> tuple[Plan, ...]:
    if "protocol" in entry:
        takes = not entry.get("writes", False)
        return tuple(protocol.read(entry["protocol"], is_imported=takes))
    if not entry.get("round"):
        raise BadProtocol(f"{name}: {entry['key']} has no rounds")
    return tuple(map(protocol.planned, entry["round"]))


def _brings(entry: Mapping[str, Any]) -> Brings | None:
    told = entry.get("brings")
    if told is None:
        return None
    lists = {key: tuple(told.get(key, ())) for key in ("natures", "levels", "themes")}
    return Brings(told["list"], **lists, some=told.get("some", 0))


def _joined(
    name: str,
    one: PlannedSession,
    entry: Mapping[str, Any],
    sites: Sequence[Site],
    before: Sequence[PlannedSession],
) -> PlannedSession:
    """With what it takes of earlier sessions, and who comes from them. The same people come to the next moment."""
    takes: list[Takes] = []
    for told in entry.get("takes_from", ()):
        given = _near(name, one, told["session"], sites, before)
        takes += [Takes(other.key, told.get("takes", ALL), told.get("first")) for other in given]
    is_next = bool(one.follows) and "sends" not in entry  # the same people as last time
    sends = [Sends(one.follows)] if is_next else []
    for told in entry.get("sends", ()):
        sends += [Sends(other.key, told.get("each", 0)) for other in _near(name, one, told["session"], sites, before)]
    people = entry.get("people", {})
    if is_next:
        people = entry.get("newcomers", {}) if one.site in entry.get("newcomers_at", [one.site]) else {}
    left_out = sum(people.values()) if is_next else 0
    return replace(one, takes_from=tuple(takes), sends=tuple(sends), people=dict(people), left_out=left_out)


def _near(
    name: str, one: PlannedSession, entry: str, sites: Sequence[Site], before: Sequence[PlannedSession]
) -> list[PlannedSession]:
    """The sessions of that table at this site or within it, in this arm; their last moment, or the same one."""
    within = {site.key for site in sites if one.site in {"", site.key, site.within}} | {""}
    found = [
        other
        for other in before
        if other.entry == entry
        and other.site in within
        and (not one.arm or other.arm in {"", one.arm})
        and other.moment == (one.moment if one.moments == other.moments else other.moments)
    ]
    if not found:
        raise BadProtocol(f"{name}: {one.key} asks for {entry}, which no session before it is called")
    return found


def _few(one: PlannedSession) -> PlannedSession:
    """The short form of a session: a few people, of every group in turn, and a few statements."""
    left, people = FEW_PEOPLE, dict.fromkeys(one.people, 0)
    while left and any(people[group] < one.people[group] for group in people):
        for group in people:
            if left and people[group] < one.people[group]:
                people[group] += 1
                left -= 1
    brings = one.brings and replace(one.brings, some=min(one.brings.some or FEW_STATEMENTS, FEW_STATEMENTS))
    return replace(one, people=people, brings=brings)


def _check(found: StudyProtocol) -> None:
    """What reads well and cannot be held: keys twice, people of no group, what is taken before it is there."""
    held: set[str] = set()
    for one in found.sessions:
        if one.key in held:
            raise BadProtocol(f"{found.name}: two sessions are called {one.key}")
        if strangers := sorted(set(one.people) - set(found.groups)):
            raise BadProtocol(f"{found.name}: {one.key} seats {strangers[0]}, which is no group of the study")
        for other in (*(taken.session for taken in one.takes_from), *(sent.session for sent in one.sends)):
            if other not in held:
                raise BadProtocol(f"{found.name}: {one.key} needs {other}, which is not over before it")
        if one.brings is None and not one.takes_from:
            raise BadProtocol(f"{found.name}: {one.key} has no statements: it neither brings nor takes any")
        held.add(one.key)
