"""What can be reached from an object: its attributes, items, closures, bound objects, and so on to the end.

Modules, classes and the globals of functions are where a walk stops: they are the program, not the session.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

ENDS = (str, bytes, int, float, type, ModuleType, CodeType, BuiltinFunctionType)


def _next(thing: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, FunctionType):
        yield from ((f"closure of {thing.__name__}", cell) for cell in thing.__closure__ or ())
        yield from (("default", value) for value in (thing.__defaults__, thing.__kwdefaults__) if value)
        return
    if isinstance(thing, dict):
        yield from ((f"[{name!r}]", value) for name, value in thing.items())
        yield from (("key", name) for name in thing)
        return
    yield from ((type(thing).__name__, other) for other in gc.get_referents(thing))


def reached(begin: object, is_barred: Callable[[object], bool]) -> str:
    """The way to the first barred object, or ""."""
    seen: dict[int, object] = {id(begin): begin}
    waiting: list[tuple[str, object]] = [("", begin)]
    while waiting:
        way, thing = waiting.pop()
        if is_barred(thing):
            return f"{way}: {type(thing).__name__}"
        for step, other in _next(thing):
            if id(other) not in seen and not isinstance(other, ENDS):
                seen[id(other)] = other
                waiting.append((f"{way} > {step}", other))
    return ""
