"""The sites, arms and what is known of sites, as their form holds them: rows that buttons add, move and take away.

Each press sends the whole form, which comes back with all that was typed: no script is needed. A row keeps its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consensus.facts import StudyFacts
from consensus.imports.names import spaced
from consensus.sites import below, in_order
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from consensus.web.setup.wordings import Problems, required

MOST = {"site": 100, "known": 12, "arm": 6}
LETTER = {"site": "s", "known": "k", "arm": "a"}
OFFERED_ARMS = ("experimental", "control")
KEY = re.compile(r"[ska][1-9][0-9]{0,3}")
BUTTONS = ("up", "down", "drop", "drop_known", "drop_arm", "add_site", "add_in", "add_known", "add_arm", "offer_arms")
NUMBER = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,6})?")
LONGEST = 200  # characters of what is known of a site


@dataclass(frozen=True, slots=True)
class Row:
    """A site, an arm or something known. within: of a site. about: what is known of it, by key, as it is typed."""

    key: str
    names: Mapping[str, str]
    within: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    is_number: bool = False

    @property
    def is_named(self) -> bool:
        return any(self.names.values())


@dataclass(frozen=True, slots=True)
class Draft:
    """added: the key of the row that a button has just made, or ""."""

    sites: tuple[Row, ...]
    known: tuple[Row, ...]
    arms: tuple[Row, ...]
    added: str = ""

    def below(self, key: str) -> list[Row]:
        return [row for row in self.sites if row.within == key]


def is_pressed(ask: Ask) -> bool:
    """Was a row to be added, moved or taken away, and nothing to be saved?"""
    return any(name in ask.typed for name in BUTTONS)


def draft(ask: Ask, study: StudyFacts) -> Draft:
    """As it is typed, with what the button that was pressed changes; as it is stored, where nothing was."""
    held = _stored(study)
    if "sites" not in ask.typed:
        return held
    typed = Draft(_typed(ask, "site", held.sites), _typed(ask, "known", held.known), _typed(ask, "arm", held.arms))
    return _moved(ask, _dropped(ask, _added(ask, typed)))


def _stored(study: StudyFacts) -> Draft:
    sites = [
        Row(
            one["key"],
            one["names"],
            one.get("within", ""),
            {name: str(value) for name, value in (one.get("about") or {}).items()},
        )
        for one, _ in in_order(study.sites)
    ]
    known = [Row(one["key"], one["names"], is_number=bool(one.get("is_number"))) for one in study.known]
    return Draft(tuple(sites), tuple(known), tuple(Row(one["key"], one["names"]) for one in study.arms))


def _typed(ask: Ask, what: str, stored: Sequence[Row]) -> tuple[Row, ...]:
    """The rows of a form that was sent, in its order. Keys are ours: what is no key names no row."""
    ours = {row.key for row in stored}
    keys = [key for key in ask.typed.one(f"{what}s").split() if key in ours or KEY.fullmatch(key)]
    rows = []
    for key in dict.fromkeys(keys):
        names = {name: ask.typed.one(f"{what}.{key}.{name}") for name in LANGUAGES}
        about = {name.rpartition(".")[2]: ask.typed.one(name) for name in ask.typed if name.startswith(f"about.{key}.")}
        within, is_number = ask.typed.one(f"within.{key}"), ask.typed.one(f"known.{key}.number") == "1"
        rows.append(Row(key, names, within if within in keys else "", about, is_number))
    return tuple(rows)


def _free(what: str, rows: Iterable[Row]) -> str:
    numbers = [int(row.key[1:]) for row in rows if KEY.fullmatch(row.key)]
    return f"{LETTER[what]}{max(numbers, default=0) + 1}"


def _new(what: str, rows: Sequence[Row], names: Mapping[str, str] | None = None, within: str = "") -> Row:
    return Row(_free(what, rows), names or dict.fromkeys(LANGUAGES, ""), within)


def _added(ask: Ask, now: Draft) -> Draft:
    within = ask.typed.one("add_in")
    if len(now.sites) < MOST["site"] and ("add_site" in ask.typed or within in {row.key for row in now.below("")}):
        row = _new("site", now.sites, within=within)
        return replace(now, sites=(*now.sites, row), added=row.key)
    if "add_known" in ask.typed and len(now.known) < MOST["known"]:
        row = _new("known", now.known)
        return replace(now, known=(*now.known, row), added=row.key)
    if "add_arm" in ask.typed and len(now.arms) < MOST["arm"]:
        row = _new("arm", now.arms)
        return replace(now, arms=(*now.arms, row), added=row.key)
    if "offer_arms" in ask.typed and not now.arms:
        for name in OFFERED_ARMS:
            words = {language: ask.house.texts.say(language, f"sites.arm.{name}") for language in LANGUAGES}
            now = replace(now, arms=(*now.arms, _new("arm", now.arms, words)))
        return replace(now, added=now.arms[0].key)
    return now


def _dropped(ask: Ask, now: Draft) -> Draft:
    """A site goes with those that are within it."""
    gone = ask.typed.one("drop")
    sites = tuple(row for row in now.sites if not gone or gone not in {row.key, row.within})
    known = tuple(row for row in now.known if row.key != ask.typed.one("drop_known"))
    arms = tuple(row for row in now.arms if row.key != ask.typed.one("drop_arm"))
    return replace(now, sites=sites, known=known, arms=arms)


def _moved(ask: Ask, now: Draft) -> Draft:
    """Among those of its own level and place."""
    sites = list(now.sites)
    for button, step in {"up": -1, "down": 1}.items():
        here = next((row for row in sites if row.key == ask.typed.one(button)), None)
        if here is None:
            continue
        beside = now.below(here.within)
        at = beside.index(here) + step
        if 0 <= at < len(beside):
            one, other = sites.index(here), sites.index(beside[at])
            sites[one], sites[other] = sites[other], sites[one]
    return replace(now, sites=tuple(sites))


def read(ask: Ask, now: Draft, study: StudyFacts, problems: Problems) -> dict[str, list[dict[str, Any]]]:
    """As conduct takes them. A new row without any name is left out; one that was there needs its names."""
    stored = {row.key for rows in (study.sites, study.known, study.arms) for row in _keyed(rows)}
    known = [
        {"key": row.key, "names": _names(ask, "known", row, study, problems), "is_number": row.is_number}
        for row in now.known
        if row.is_named or row.key in stored
    ]
    sites = [
        {
            "key": row.key,
            "names": _names(ask, "site", row, study, problems),
            "within": row.within,
            "about": _about(ask, row, known, problems),
        }
        for row in now.sites
        if row.is_named or row.key in stored or any(one.is_named for one in now.below(row.key))
    ]
    arms = [
        {"key": row.key, "names": _names(ask, "arm", row, study, problems)}
        for row in now.arms
        if row.is_named or row.key in stored
    ]
    for what, rows in (("known", known), ("arm", arms)):
        _refuse_namesakes(ask, what, rows, problems)
    for key in ["", *(site["key"] for site in below(sites, ""))]:
        _refuse_namesakes(ask, "site", below(sites, key), problems)
    return {"sites": [dict(site) for site, _ in in_order(sites)], "known": known, "arms": arms}


def _keyed(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    return [Row(one["key"], one["names"]) for one in rows]


def _names(ask: Ask, what: str, row: Row, study: StudyFacts, problems: Problems) -> dict[str, str]:
    return {name: required(ask, f"{what}.{row.key}.{name}", problems, what) for name in study.languages}


def _about(ask: Ask, row: Row, known: Sequence[Mapping[str, Any]], problems: Problems) -> dict[str, Any]:
    """What is known of a site, where something is: a number as a number, a text as it is written."""
    found: dict[str, Any] = {}
    for one in known:
        written, name = row.about.get(one["key"], ""), f"about.{row.key}.{one['key']}"
        if not written:
            continue
        if len(written) > LONGEST:
            problems.append((name, ask.say("too_long", n=LONGEST, now=len(written))))
        elif not one["is_number"]:
            found[one["key"]] = written
        elif NUMBER.fullmatch(written):
            value = float(written.replace(",", "."))
            found[one["key"]] = int(value) if value.is_integer() else value
        else:
            problems.append((name, ask.say("sites.number.bad")))
    return found


def _refuse_namesakes(ask: Ask, what: str, rows: Iterable[Mapping[str, Any]], problems: Problems) -> None:
    """As a list of people would take them for one."""
    whose: dict[frozenset[str], str] = {}
    for row in rows:
        for language, name in row["names"].items():
            if name and whose.setdefault(spaced(name), row["key"]) != row["key"]:
                problems.append((f"{what}.{row['key']}.{language}", ask.say("sites.twice", name=name)))
