"""What a study told, out of its file again: the frozen data that as_data wrote, by the types of their fields.

Nothing is worked out, and nothing is believed: whoever reads a file of others compares it with its parts.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from consensus.results.study.data import HIDDEN

T = TypeVar("T")


def restored(kind: type[T], data: Any) -> T:
    """kind: a frozen dataclass; what a file of before did not know is as by default. KeyError, TypeError or ValueError:
    the data are not of it."""
    made: T = _value(kind, data)
    return made


def _value(kind: Any, data: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return _made(kind, data)
    of = get_origin(kind)
    if of in (Union, types.UnionType):
        return _either(get_args(kind), data)
    if of is tuple:
        return _tuple(get_args(kind), data)
    if isinstance(of, type) and issubclass(of, Mapping):
        return {key: _value(get_args(kind)[1], value) for key, value in dict(data).items()}
    if kind is Fraction:
        return Fraction(*map(_whole, data["of"]))
    if kind in (int, float, str, bool) and not _is(kind, data):
        raise TypeError(f"{data!r} is no {kind.__name__}")
    return float(data) if kind is float else data


def _made(kind: Any, data: Any) -> Any:
    given, hints = dict(data), _hints(kind)
    known = {one.name: one.default is MISSING for one in fields(kind) if one.name != HIDDEN}
    if not {name for name, is_needed in known.items() if is_needed} <= set(given) <= set(known):
        raise KeyError(f"other fields than those of {kind.__name__}")
    hidden = {one.name: 0 for one in fields(kind) if one.name == HIDDEN}
    return kind(**hidden, **{name: _value(hints[name], value) for name, value in given.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _either(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None and types.NoneType in kinds:
        return None
    (kind,) = [kind for kind in kinds if kind is not types.NoneType]
    return _value(kind, data)


def _tuple(kinds: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError("no list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_value(kinds[0], value) for value in data)
    return tuple(_value(kind, value) for kind, value in zip(kinds, data, strict=True))


def _is(kind: type, data: Any) -> bool:
    if kind is float:
        return isinstance(data, int | float) and not isinstance(data, bool)
    return type(data) is kind


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value
