"""The groups of a study as its form asks for them: those that are offered, own ones beside them, in one order.

A new study is offered six; one that is changed, those that it has. On the page a group keeps its key wherever it is
moved. That of an own group is made here, never of its name. The order is that in which small groups are counted
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus.groups import free, words_of
from consensus.imports.names import spaced
from consensus.text import LANGUAGES, listed, pick
from consensus.web.asking import Ask
from consensus.web.setup.wordings import Problems, required

# Offered to every new study, in the order in which small ones are counted together; with their shapes.
OFFERED = {"patients": 1, "caregivers": 2, "community": 5, "clinicians": 3, "managers": 4, "ministry": 6}
MOST = 12
SHAPES = range(1, MOST + 1)
OWN = tuple(f"g{n}" for n in range(len(OFFERED) + 1, len(OFFERED) + MOST + 1))
MOVES = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class Stock:
    """What the form offers. shapes, names: by key; names is empty where the language's own word is taken. has_keys: the
    groups keep their keys, since seats already name them."""

    shapes: Mapping[str, int]
    names: Mapping[str, Mapping[str, str]]
    has_keys: bool = False

    @classmethod
    def of(cls, groups: Sequence[Mapping[str, Any]]) -> Stock:
        """Of a study that is there."""
        return cls({one["key"]: one["shape"] for one in groups}, {one["key"]: one["names"] for one in groups}, True)

    @property
    def own(self) -> tuple[str, ...]:
        """Keys for groups that are added on the page."""
        return tuple(key for key in OWN if key not in self.shapes)


NEW = Stock(OFFERED, {})


@dataclass(frozen=True, slots=True)
class Row:
    """label: what the page calls the group; names: what stands in its fields at first; shape: 0 of an own group."""

    key: str
    label: str
    names: Mapping[str, str]
    shape: int


def rows(ask: Ask, stock: Stock = NEW) -> list[Row]:
    return [
        Row(key, _label(ask, key, stock), _names(ask, key, stock), stock.shapes.get(key, 0))
        for key in _order(ask, stock)
    ]


def is_redrawn(ask: Ask, problems: Problems, stock: Stock = NEW) -> bool:
    """Was a group to be moved or added, and nothing to be kept yet?"""
    if "add" in ask.typed and len(_taking_part(ask, stock)) >= MOST:
        problems.append(("add", ask.say("study.groups.most", n=MOST)))
    return not {"add", *MOVES}.isdisjoint(ask.typed)


def read_groups(ask: Ask, spoken: Sequence[str], problems: Problems, stock: Stock = NEW) -> list[dict[str, Any]]:
    """Own groups get the shapes that no other has, so that a colour comes twice only where there are more than six."""
    keys, shapes = _taking_part(ask, stock), stock.shapes
    if not keys:
        problems.append((f"group.{next(iter(shapes))}", ask.say("missing.groups")))
    if len(keys) > MOST:
        problems.append(("add", ask.say("study.groups.most", n=MOST)))
    left = [shape for shape in SHAPES if shape not in {shapes[key] for key in keys if key in shapes}]
    groups: list[dict[str, Any]] = []
    for key in keys[:MOST]:
        names = {name: required(ask, f"group.{key}.{name}", problems, "group") for name in spoken}
        groups.append({"key": key, "names": names, "shape": shapes[key] if key in shapes else left.pop(0)})
    refuse_namesakes(ask, groups, problems)
    return _with_keys(groups, stock)


def read_apart(ask: Ask, groups: Sequence[Mapping[str, Any]], problems: Problems) -> list[list[str]] | None:
    """Only pairs of two groups that take part, by the keys that these have now."""
    key_of = dict(zip(_taking_part(ask, NEW), (group["key"] for group in groups), strict=False))
    pairs = ticked_pairs(ask, _order(ask, NEW))
    for first, second in pairs:
        if not {first, second} <= key_of.keys() or first == second:
            names = listed(ask.language, [_label(ask, key, NEW) for key in (first, second) if key in (*OFFERED, *OWN)])
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


def _order(ask: Ask, stock: Stock) -> list[str]:
    """As the page that was sent had them, with what its buttons change."""
    held = [key for key in ask.typed.one("order").split() if key in (*stock.shapes, *stock.own)]
    keys = list(dict.fromkeys([*held, *stock.shapes, *(key for key in stock.own if _is_named(ask, key))]))
    for button, step in MOVES.items():
        here = keys.index(ask.typed.one(button)) if ask.typed.one(button) in keys else -1
        if here >= 0 and 0 <= here + step < len(keys):
            keys[here], keys[here + step] = keys[here + step], keys[here]
    unused = [key for key in stock.own if key not in keys]
    is_added = "add" in ask.typed and unused and len(_taking(ask, keys, stock)) < MOST
    return [*keys, unused[0]] if is_added else keys


def _taking_part(ask: Ask, stock: Stock) -> list[str]:
    return _taking(ask, _order(ask, stock), stock)


def _taking(ask: Ask, keys: Iterable[str], stock: Stock) -> list[str]:
    """Those offered that are ticked; own ones with a name in any language."""
    return [key for key in keys if (f"group.{key}" in ask.typed if key in stock.shapes else _is_named(ask, key))]


def _is_named(ask: Ask, key: str) -> bool:
    return any(ask.typed.one(f"group.{key}.{language}") for language in LANGUAGES)


def _names(ask: Ask, key: str, stock: Stock) -> Mapping[str, str]:
    if key in stock.names:
        return {name: stock.names[key].get(name, "") for name in LANGUAGES}
    return {name: ask.house.texts.say(name, f"group.{key}") if key in stock.shapes else "" for name in LANGUAGES}


def _label(ask: Ask, key: str, stock: Stock) -> str:
    typed = ask.typed.one(f"group.{key}.{ask.language}")
    return typed or (
        pick(_names(ask, key, stock), ask.language)
        if key in stock.shapes
        else ask.say("study.group.own", n=int(key[1:]))
    )


def refuse_namesakes(ask: Ask, groups: Iterable[Mapping[str, Any]], problems: Problems) -> None:
    """As a list of people would take them for one, which may name its groups in either language."""
    whose: dict[frozenset[str], str] = {}
    for group in groups:
        for language, name in group["names"].items():
            if name and whose.setdefault(spaced(name), group["key"]) != group["key"]:
                problems.append((f"group.{group['key']}.{language}", ask.say("study.group.twice", name=name)))


def _with_keys(groups: Sequence[Mapping[str, Any]], stock: Stock) -> list[dict[str, Any]]:
    """Offered ones are kept under the word that files have for them, own ones under a key that is no such word; those
    of a study that is there, under the key that they have."""
    words = words_of(groups)
    taken = {*words.values(), *(stock.shapes if stock.has_keys else ())}
    kept = {key: key if stock.has_keys else words[key] for key in words if key in stock.shapes}
    keys = {key: kept.get(key) or free(key, taken) for key in words}
    return [{**group, "key": keys[group["key"]]} for group in groups]
