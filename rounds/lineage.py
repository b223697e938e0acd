"""Where statements come from and where they end: the conservation law.

Every proposal or imported statement, and every piece of one that was split, ends in exactly one place; nothing
appears without a parent. Pure bookkeeping on what the rounds left; no kind of round is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rounds.contract import Place, Statement

ORIGINS = {"written", "added"}  # no parent is needed: a participant's words, an act with a reason
ALL = "all"  # what a round takes, unless it is those of one place
BROUGHT = "brought"  # of no round: what was brought from elsewhere
NATURES = ("helps", "hinders", "next_step")
LEVELS = ("macro", "meso", "micro")
NOWHERE = Place(zone="")


@dataclass(frozen=True, slots=True)
class Stage:
    """One closed round: what came in, every statement that stood at its end, where each of them stood. of: the earlier
    round from which it took them, "" for the one before."""

    round: str
    came: tuple[Statement, ...]
    stood: tuple[Statement, ...]
    places: Mapping[str, Place]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a statement ended: in the list of the last round, or in a place of an earlier one."""

    statement: Statement
    round: str
    place: Place
    final: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What a round takes: all, or the statements of one place; of them all, or those of these natures and levels.

    Written place, place/natures or place/natures/levels, with commas between several: "kept/hinders,helps/macro". A
    place alone is what it always was. No nature, or each of them, is no choice by nature: those without one come too.
    """

    place: str = ALL
    natures: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @classmethod
    def of(cls, takes: str) -> Choice:
        place, natures, levels = (takes.split("/") + ["", ""])[:3]
        return cls(place, *(tuple(filter(None, several.split(","))) for several in (natures, levels)))

    def __str__(self) -> str:
        natures, levels = _chosen(self.natures, NATURES), _chosen(self.levels, LEVELS)
        return "/".join([self.place, natures, levels]).rstrip("/")

    def with_place(self, place: str) -> Choice:
        return Choice(place, self.natures, self.levels)

    def holds(self, statement: Statement, place: str | None) -> bool:
        """place: where the statement stands, None where it stands nowhere."""
        is_there = self.place in {ALL, place}
        is_such = not self.natures or statement.nature in self.natures
        return is_there and is_such and (not self.levels or statement.level in self.levels)


def _chosen(some: Iterable[str], all_of: Sequence[str]) -> str:
    """In one spelling, whatever order they were ticked in; nothing where that is each of them."""
    chosen = [name for name in all_of if name in set(some)]
    return "" if len(chosen) == len(all_of) else ",".join(chosen)


def taken(statements: Sequence[Statement], places: Mapping[str, Place], takes: str) -> tuple[Statement, ...]:
    """The statements that a round takes of those that another one left."""
    choice = Choice.of(takes)
    return tuple(s for s in statements if choice.holds(s, places[s.id].zone if s.id in places else None))


def breaches(stages: Sequence[Stage]) -> list[str]:
    """What was lost, doubled or made of nothing, in words; [] when every statement is accounted for."""
    found: list[str] = []
    for stage in stages:
        came = {s.id for s in stage.came}
        stood = [s.id for s in stage.stood]
        found += [f"{stage.round}: {name} stands twice" for name in sorted({n for n in stood if stood.count(n) > 1})]
        parents: dict[str, list[str]] = {}
        for statement in stage.stood:
            for parent in statement.parents if statement.id not in came else ():
                parents.setdefault(parent, []).append(statement.id)
            how = stage.places.get(statement.id, NOWHERE).how
            if statement.id not in came and not statement.parents and how not in ORIGINS:
                found.append(f"{stage.round}: {statement.id} has no parent")
        for name in sorted(came):
            ends = (name in stood) + (name in parents) + (name in stage.places and name not in stood)
            if ends != 1:
                found.append(f"{stage.round}: {name} ends in {ends} places")
    left = {stage.round: {s.id for s in stage.stood} for stage in stages}
    for before, after in zip(stages, stages[1:], strict=False):
        if after.of == BROUGHT:
            continue  # from elsewhere
        known = left[after.of or before.round]
        found += [f"{after.round}: {s.id} came from nowhere" for s in after.came if s.id not in known]
    return found


def endings(stages: Sequence[Stage]) -> list[Ending]:
    """Where every statement that stood anywhere ended, the last round's first, then earlier rounds', newest first."""
    ends: list[Ending] = []
    gone_on: set[str] = set()
    for place, stage in enumerate(reversed(stages)):
        for statement in stage.stood:
            if statement.id not in gone_on:
                where = stage.places.get(statement.id, Place(zone="end"))
                ends.append(Ending(statement, stage.round, where, final=place == 0))
        gone_on |= {s.id for s in stage.came} | {s.id for s in stage.stood}
    return ends


def roots(statement: Statement, known: Mapping[str, Statement]) -> tuple[str, ...]:
    """The originals behind a statement, in their order: itself where it has no parent that is known."""
    if not statement.parents:
        return (statement.id,)
    found: list[str] = []
    for parent in statement.parents:
        nested: Iterable[str] = roots(known[parent], known) if parent in known else (parent,)
        found += [name for name in nested if name not in found]
    return tuple(found)
