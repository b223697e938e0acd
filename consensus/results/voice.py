"""Whether groups were heard alike: what became of what each wrote, whose first places are on the list, who spoke.

The hidden groups are chosen once, by authors, for all stages: what is told of the others at one stage less another is
never of fewer than the floor. Pure: what it is given is plain, and nothing of a withheld group leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consensus.results.cards import Results
from consensus.results.stages import ClosedRound
from rounds.contract import Block, Decision, Value
from rounds.listing import ranks
from rounds.measures.result import Result
from rounds.measures.voice import hidden_groups, speaking, survival

VOICE, WRITTEN = "voice", "written"
NOBODY = ""  # who wrote what was brought: a row of its own
STAGES = ("compiled", "selected", "final")


@dataclass(frozen=True, slots=True)
class Wrote:
    """Whose proposals are whose. authors: people by group. group_of: of each proposal, NOBODY where no person wrote."""

    authors: Mapping[str, int]
    group_of: Mapping[str, str]


def ancestors(names: AbstractSet[str], parents: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """These and everything that they were made of."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += parents.get(name, ())
    return frozenset(found)


def survived(wrote: Wrote, alive: Mapping[str, AbstractSet[str]], floor: int) -> list[dict[str, Any]]:
    """A row a group, in the order of authors. alive: the proposals that live on, by stage. stages: None for a group
    that is withheld; of each else how many, and between which numbers 95 % of blind choices lie."""
    groups = list(wrote.authors)
    people = list(wrote.authors.values())
    proposed = [sum(of == group for of in wrote.group_of.values()) for group in groups]
    results = {
        stage: survival(proposed, [_of(wrote, group, names) for group in groups], people, floor=floor)
        for stage, names in alive.items()
    }
    hidden = hidden_groups(people, floor)
    return [
        {"group": group, WRITTEN: None, "stages": None}
        if at in hidden
        else {"group": group, WRITTEN: proposed[at], "stages": {name: _at(one, at) for name, one in results.items()}}
        | {"counts": {stage: _of(wrote, group, names) for stage, names in alive.items()}}
        for at, group in enumerate(groups)
    ]


def _of(wrote: Wrote, group: str, names: AbstractSet[str]) -> int:
    return sum(of == group and name in names for name, of in wrote.group_of.items())


def _at(result: Result, at: int) -> list[int] | None:
    """What a blind choice would give; None where nothing lives on, or nothing was written."""
    found: list[int | None] = list(result.more["chance"][at]) if result.value is not None else []
    return [end for end in found if end is not None] or None


def spoken(turns: Sequence[int], groups: Sequence[str], floor: int) -> list[dict[str, Any]]:
    """A row a group, in the order of names: people and turns; None for one that is withheld. [] where nobody spoke."""
    if not any(turns):
        return []
    told = speaking(turns, groups, floor=floor)
    rows = []
    for at, group in enumerate(told.more["groups"]):
        is_hidden, people = at in told.more["withheld"], told.more["people"][at]
        n = sum(turn for turn, of in zip(turns, groups, strict=True) if of == group)
        rows.append({"group": group, "people": None if is_hidden else people, "turns": None if is_hidden else n})
    return rows


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of a block answered in a step; None: fewer than the floor."""

    stage: ClosedRound
    blocks: tuple[tuple[Block, int | None], ...]


@dataclass(frozen=True, slots=True)
class Top:
    """Of the first places that a block gave, how many are among the first of the list."""

    block: Block
    shared: int
    of: int


def turnouts(results: Results, answered: Mapping[str, Mapping[str, int]], floor: int) -> list[Turnout]:
    """answered: by round and block, as the close told it."""
    return [
        Turnout(stage, tuple((block, _from(answered[stage.key].get(block.key), floor)) for block in stage.blocks))
        for stage in results.closed
        if stage.answered is not None and stage.blocks
    ]


def _from(n: int | None, floor: int) -> int | None:
    return n if n is not None and n >= floor else None


def tops(results: Results) -> Iterator[Top]:
    """From figures that are told by block: the first places in its own order, ties as a whole."""
    stage = results.ordering
    found = stage.findings.get(("", "side_by_side")) if stage else None
    if stage is None or stage.figure is None or found is None:
        return
    k, name, best = found.parameters["k"], stage.figure.name, -1 if stage.figure.is_share else 1
    first = {line.statement for line in stage.tally.lines if _is_first(line.values.get("rank"), k)}
    for block in stage.blocks:
        told = {line.statement: line.by_block.get(block.key, {}).get(name) for line in stage.tally.lines}
        keys = {card: best * Fraction(key) for card, key in told.items() if isinstance(key, int | Fraction)}
        if keys:
            own = ranks(keys)
            mine = {card for card, place in own.items() if _is_first(place, k)}
            yield Top(block, len(mine & first), len(mine))


def _is_first(place: Value, k: int) -> bool:
    return isinstance(place, int) and place <= k


def final_of(results: Results) -> frozenset[str]:
    """The statements that a rule kept on the list; all of it where no rule decided."""
    kept = {card.statement.id for card in results.listed if card.decision is Decision.KEPT}
    return frozenset(kept or {card.statement.id for card in results.listed})
