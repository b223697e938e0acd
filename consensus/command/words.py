"""Results in words: places with their ties, and what must be said beside a figure. No column and no file here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consensus.imports.numbers import shown
from consensus.text import Texts
from rounds.measures import phrases
from rounds.measures.result import Result


def in_english(key: str, values: Mapping[str, object]) -> str:
    """The commands speak English, in the sentences of everyone."""
    texts = Texts.load()
    return texts.say("en", key, **values)


def many(n: int, one: str, several: str) -> str:
    return f"{n} {one if n == 1 else several}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names as a message quotes them, the first ones where they are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more


def noted(file: str, notes: Sequence[tuple[int, str]]) -> Iterator[str]:
    """What has to be said of a file, before any figure."""
    yield from (f"{file}:{line}: remark: {said}" for line, said in notes)
    if notes:
        yield ""


def remark(result: Result) -> str:
    """Why a figure is undefined, or what must be said beside it, in words."""
    why = phrases.reason(result)
    said = [why] if why else phrases.flags(result)
    return "; ".join(in_english(f"measures.{key}", values) for key, values in said)


def ranked(order: Result) -> dict[int, str]:
    """The shared place of each statement of an order: 1, 2=, 2=, 4. Of several orders that are as good, the places that
    all of them have in common."""
    places: dict[int, str] = {}
    for tied in (order.value and order.more.get("places")) or order.value or ():
        said = f"{len(places) + 1}" + "=" * (len(tied) > 1)
        places.update(dict.fromkeys(tied, said))
    return places
