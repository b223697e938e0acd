"""Whom the analysis file follows over rounds, and what it says of them: nobody stands out by what is said about people.

One name over rounds joins the blocks in which somebody was counted and the rounds in which they were. So whoever shares
these with fewer than k people is not followed: their answers stay under the names of each round. As these few would be
found by what the others lack, more are let go with them, in the order of their names, which nobody can foretell, until
no block and no told sum over two rounds lacks one to k - 1. Then a column is left out, for everybody, as long as any
combination is of fewer than k. Answers themselves are not looked at: who knows those of one round may find the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from consensus.export.left_out import Answered
from consensus.export.rows import Opened
from rounds import KINDS

PLACES = ("site", "arm")  # only of sessions that have some
BLANKED = ("entered", *PLACES, "language", "group")  # in this order, from the one that an analysis misses least
PERSON = "person"
Trace = tuple[str, ...]  # the block of each round, "" where the file has no answer of this person
Place = tuple[str, str]  # slot, part of it


@dataclass(frozen=True, slots=True)
class Asked:
    """A round as its leaves tell it. shown: the numbers of those of its answers that the file opens. about: by seat,
    what may be said of whoever answered, by name."""

    key: str
    kind: str
    answers: tuple[Answered, ...]
    shown: Set[int]
    about: Mapping[int, Mapping[str, Opened]]

    def blocks(self) -> dict[int, str]:
        """The block of each person of whom the file has an answer."""
        return {one.seat: one.block for one in self.answers if one.number in self.shown}


@dataclass(frozen=True, slots=True)
class Followed:
    """leaves: what the file opens about people. people: how many it follows. told, blank: the columns that it has, and
    that it leaves out."""

    leaves: tuple[Opened, ...]
    people: int
    told: tuple[str, ...]
    blank: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """People of whom one sum that is told speaks together. people: whose answers are in the file. lacking: how many
    more there are. is_lacking: somebody is in no row, though it may not be known whether this sum is theirs."""

    people: frozenset[str]
    lacking: int = 0
    is_lacking: bool = False

    def wanting(self, out: Set[str], k: int) -> int:
        """How many more must go, so that it lacks nobody, k people, or all."""
        gone = len(self.people & out) + self.lacking
        return max(0, k - gone) if gone or self.is_lacking else 0


def follow(rounds: Sequence[Asked], k: int) -> Followed:
    rounds = [asked for asked in rounds if asked.shown]
    names = {seat: said[PERSON].data[PERSON] for asked in rounds for seat, said in asked.about.items()}
    blocks = [asked.blocks() for asked in rounds]
    seats = sorted({seat for found in blocks for seat in found})
    traces = {names[seat]: tuple(found.get(seat, "") for found in blocks) for seat in seats}
    out = let_go(traces, list(_over_rounds(rounds, names)), k)
    own = {names[seat]: _own(rounds, traces[names[seat]], seat) for seat in seats if names[seat] not in out}
    last = {name: {what: found[-1].get(what) for what in BLANKED} for name, found in own.items()}
    said = {name: {what: one.data[what] for what, one in found.items() if one} for name, found in last.items()}
    held = held_columns(said.values())
    told = told_columns([(traces[name], said[name]) for name in own], k)
    leaves = [found[PERSON] for each in own.values() for found in each]
    leaves += [one for found in last.values() for what, one in found.items() if one and what in told]
    return Followed(tuple(leaves), len(own), told, tuple(what for what in held if what not in told))


def _own(rounds: Sequence[Asked], trace: Trace, seat: int) -> list[Mapping[str, Opened]]:
    return [asked.about[seat] for asked, block in zip(rounds, trace, strict=True) if block]


def let_go(traces: Mapping[str, Trace], parts: Sequence[Part], k: int) -> frozenset[str]:
    """Whom the file does not follow."""
    parts = [*_places(traces), *parts]
    out: set[str] = set()
    while True:
        before, sizes = len(out), Counter(trace for name, trace in traces.items() if name not in out)
        out |= {name for name, trace in traces.items() if name not in out and sizes[trace] < k}
        for part in parts:
            if n := part.wanting(out, k):
                out |= set(sorted(part.people - out)[:n])
        if len(out) == before:
            return frozenset(out)


def _places(traces: Mapping[str, Trace]) -> list[Part]:
    """Each block of each round."""
    found: dict[tuple[int, str], set[str]] = {}
    for name, trace in traces.items():
        for place in enumerate(trace):
            found.setdefault(place, set()).add(name)
    return [Part(frozenset(people)) for (_, block), people in sorted(found.items()) if block]


def held_columns(said: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Those of which there is something to say: sites and arms where somebody has one."""
    known = {what for one in said for what, value in one.items() if value}
    return tuple(what for what in BLANKED if what not in PLACES or what in known)


def told_columns(people: Iterable[tuple[Trace, Mapping[str, str]]], k: int) -> tuple[str, ...]:
    """Those with which each combination is of nobody or of k people and more."""
    given = list(people)
    told = list(held_columns(said for _, said in given))
    while told and smallest((trace, *(said.get(what) for what in told)) for trace, said in given) < k:
        del told[0]
    return tuple(told)


def smallest(combinations: Iterable[object]) -> float:
    """How many share the rarest; infinite where there is none."""
    return min(Counter(combinations).values(), default=float("inf"))


def _over_rounds(rounds: Sequence[Asked], names: Mapping[int, str]) -> Iterator[Part]:
    """What figures over two rounds speak of: who answered a part of a slot in both, or in one of them alone."""
    last: dict[str, Asked] = {}
    for asked in rounds:
        if KINDS[asked.kind].across and asked.kind in last:
            yield from _between(last[asked.kind], asked, names)
        last[asked.kind] = asked


def _between(earlier: Asked, later: Asked, names: Mapping[int, str]) -> Iterator[Part]:
    (then, lost), (now, lost_now) = _valid(earlier), _valid(later)
    for place in sorted(then.keys() | now.keys()):
        first, second = then.get(place, {}), now.get(place, {})
        both = {seat: first[seat] and second[seat] for seat in first.keys() & second.keys()}
        once = [{seat: one[seat] for seat in one.keys() - both.keys()} for one in (first, second)]
        for those in (both, *once):
            people = frozenset(names[seat] for seat, is_shown in those.items() if is_shown)
            lacking = len(those) - len(people)
            yield Part(people, lacking, bool(lacking) or place[0] in lost | lost_now)


def _valid(asked: Asked) -> tuple[dict[Place, dict[int, bool]], set[str]]:
    """By part of a slot, who answered it validly, and whether the file has their answer; slots with an erased one."""
    found: dict[Place, dict[int, bool]] = {}
    lost = {one.slot for one in asked.answers if one.marks is None}
    for one in asked.answers:
        parts = KINDS[asked.kind].parts(one.marks) if one.marks is not None else {}
        for part, is_valid in parts.items():
            if is_valid:
                found.setdefault((one.slot, part), {})[one.seat] = one.number in asked.shown
    return found, lost
