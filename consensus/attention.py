"""What needs the facilitator now: short sentences, each with the place where it is mended. Pure.

No figure of a tally and no name of a person comes in here; groups are told by their names, a person by the seat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NEAR = 300  # seconds left in which few answers are worth a word


@dataclass(frozen=True, slots=True)
class People:
    """A block: its name, its seats, those with a page open, those who have done what is asked."""

    name: str
    seats: int
    online: int
    done: int


@dataclass(frozen=True, slots=True)
class Situation:
    """A round under way. is_asking: participants may answer. left: seconds, None without a timer that runs.

    lacking: cards that the team could still reword and that miss a language. calls: raised hands. unsettled: seats for
    which the team entered answers twice, and not the same.
    """

    is_asking: bool
    floor: int
    people: Sequence[People] = ()
    left: int | None = None
    lacking: Sequence[str] = ()
    calls: int = 0
    unsettled: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """key: the sentence; values fill it. at: where it is mended: "calls", "timer", "seats", "card" or "entries"."""

    key: str
    at: str
    values: Mapping[str, object] = field(default_factory=dict)


def needs(now: Situation) -> list[Need]:
    """The most pressing first; nothing, where all goes well."""
    found: list[Need] = []
    if now.calls:
        found.append(Need("needs.calls", "calls", {"n": now.calls}))
    if now.is_asking:
        found += _time(now)
    if now.lacking:
        values = {"n": len(now.lacking), "cards": ", ".join(now.lacking), "card": now.lacking[0]}
        found.append(Need("needs.wording", "card", values))
    if now.unsettled:
        found.append(Need("needs.entries", "entries", {"n": len(now.unsettled), "seat": now.unsettled[0]}))
    if now.is_asking:
        small = [people for people in now.people if 0 < people.seats < now.floor]
        found += [Need("needs.hands", "seats", {"block": people.name, "n": people.seats}) for people in small]
        large = [people for people in now.people if people.seats >= now.floor]  # of a few, it would tell who is away
        away = [people.name for people in large if people.done < people.seats and not people.online]
        if away and len(now.people) == 1:
            found.append(Need("needs.nobody.all", "seats"))
        elif away:
            found.append(Need("needs.nobody", "seats", {"block": ", ".join(away)}))
    return found


def _time(now: Situation) -> list[Need]:
    if now.left is None:
        return []
    done, seats = sum(people.done for people in now.people), sum(people.seats for people in now.people)
    if now.left == 0:
        return [Need("needs.over", "timer", {"done": done, "n": seats})]
    if now.left <= NEAR and 2 * done < seats:
        return [Need("needs.few", "timer", {"done": done, "n": seats})]
    return []
