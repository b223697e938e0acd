"""The groups of a new study as its form asks for them: six that are offered, own ones beside them, in one order.

On the page a group keeps its key wherever it is moved. That of an own group is made here, never of its name. The order
is that in which small groups are counted together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus.groups import free, words_of
from consensus.imports.roster import spaced
from consensus.text import LANGUAGES, listed
from consensus.web.asking import Ask
from consensus.web.setup.wordings import Problems, required

# Offered to every new study, in the order in which small ones are counted together; with their shapes.
OFFERED = {"patients": 1, "caregivers": 2, "community": 5, "clinicians": 3, "managers": 4, "ministry": 6}
MOST = 12
SHAPES = range(1, MOST + 1)
OWN = tuple(f"g{n}" for n in range(len(OFFERED) + 1, len(OFFERED) + MOST + 1))
MOVES = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class Row:
    """label: what the page calls the group; names: what stands in its fields at first; shape: 0 of an own group."""

    key: str
    label: str
    names: Mapping[str, str]
    shape: int


def rows(ask: Ask) -> list[Row]:
    return [Row(key, _label(ask, key), _names(ask, key), OFFERED.get(key, 0)) for key in _order(ask)]


def is_redrawn(ask: Ask, problems: Problems) -> bool:
    """Was a group to be moved or added, and no study to be made?"""
    if "add" in ask.typed and len(_taking_part(ask)) >= MOST:
        problems.append(("add", ask.say("study.groups.most", n=MOST)))
    return not {"add", *MOVES}.isdisjoint(ask.typed)


def read_groups(ask: Ask, spoken: Sequence[str], problems: Problems) -> list[dict[str, Any]]:
    """Own groups get the shapes that no other has, so that a colour comes twice only where there are more than six."""
    keys = _taking_part(ask)
    if not keys:
        problems.append((f"group.{next(iter(OFFERED))}", ask.say("missing.groups")))
    if len(keys) > MOST:
        problems.append(("add", ask.say("study.groups.most", n=MOST)))
    left = [shape for shape in SHAPES if shape not in {OFFERED[key] for key in keys if key in OFFERED}]
    groups: list[dict[str, Any]] = []
    for key in keys[:MOST]:
        names = {name: required(ask, f"group.{key}.{name}", problems, "group") for name in spoken}
        groups.append({"key": key, "names": names, "shape": OFFERED[key] if key in OFFERED else left.pop(0)})
    _refuse_namesakes(ask, groups, problems)
    return _with_keys(groups)


def read_apart(ask: Ask, groups: Sequence[Mapping[str, Any]], problems: Problems) -> list[list[str]] | None:
    """Only pairs of two groups that take part, by the keys that these have now."""
    key_of = dict(zip(_taking_part(ask), (group["key"] for group in groups), strict=False))
    pairs = ticked_pairs(ask, _order(ask))
    for first, second in pairs:
        if not {first, second} <= key_of.keys() or first == second:
            names = listed(ask.language, [_label(ask, key) for key in (first, second) if key in (*OFFERED, *OWN)])
            problems.append((f"apart.{first}", ask.say("study.apart.bad", names=names)))
    return [[key_of.get(key, key) for key in pair] for pair in pairs] or None


def ticked_pairs(ask: Ask, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Groups that are never counted together: of each pair the form asks the first for the second. Whichever of the
    two comes first now is the first, if the groups were moved since."""
    place = {key: n for n, key in enumerate(keys)}
    asked = [(first, second) for first in keys for second in ask.typed.many(f"apart.{first}")]
    return [(b, a) if place.get(b, len(keys)) < place[a] else (a, b) for a, b in asked]


def by_first(pairs: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return found


def _order(ask: Ask) -> list[str]:
    """As the page that was sent had them, with what its buttons change."""
    held = [key for key in ask.typed.one("order").split() if key in (*OFFERED, *OWN)]
    keys = list(dict.fromkeys([*held, *OFFERED, *(key for key in OWN if _is_named(ask, key))]))
    for button, step in MOVES.items():
        here = keys.index(ask.typed.one(button)) if ask.typed.one(button) in keys else -1
        if here >= 0 and 0 <= here + step < len(keys):
            keys[here], keys[here + step] = keys[here + step], keys[here]
    unused = [key for key in OWN if key not in keys]
    is_added = "add" in ask.typed and unused and len(_taking(ask, keys)) < MOST
    return [*keys, unused[0]] if is_added else keys


def _taking_part(ask: Ask) -> list[str]:
    return _taking(ask, _order(ask))


def _taking(ask: Ask, keys: Iterable[str]) -> list[str]:
    """Those offered that are ticked; own ones with a name in any language."""
    return [key for key in keys if (f"group.{key}" in ask.typed if key in OFFERED else _is_named(ask, key))]


def _is_named(ask: Ask, key: str) -> bool:
    return any(ask.typed.one(f"group.{key}.{language}") for language in LANGUAGES)


def _names(ask: Ask, key: str) -> dict[str, str]:
    return {name: ask.house.texts.say(name, f"group.{key}") if key in OFFERED else "" for name in LANGUAGES}


def _label(ask: Ask, key: str) -> str:
    typed = ask.typed.one(f"group.{key}.{ask.language}")
    return typed or (ask.say(f"group.{key}") if key in OFFERED else ask.say("study.group.own", n=int(key[1:])))


def _refuse_namesakes(ask: Ask, groups: Iterable[Mapping[str, Any]], problems: Problems) -> None:
    """As a list of people would take them for one, which may name its groups in either language."""
    whose: dict[frozenset[str], str] = {}
    for group in groups:
        for language, name in group["names"].items():
            if name and whose.setdefault(spaced(name), group["key"]) != group["key"]:
                problems.append((f"group.{group['key']}.{language}", ask.say("study.group.twice", name=name)))


def _with_keys(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Offered ones are kept under the word that files have for them, own ones under a key that is no such word."""
    words = words_of(groups)
    keys = {key: words[key] if key in OFFERED else free(key, words.values()) for key in words}
    return [{**group, "key": keys[group["key"]]} for group in groups]
