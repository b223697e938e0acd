"""Where the statements lie: counts and verdicts by any two of the fields that statements carry, and who supports each.

Verdicts and figures by group are those that were told at the close; nothing else is counted. A field more is a line of
FIELDS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consensus.results.cards import Card, Results
from rounds.contract import SPREADS, Statement
from rounds.lineage import LEVELS, NATURES

FIELDS: Mapping[str, tuple[str, ...]] = {  # what it may say, in order; () where it is free: then in the order of words
    "level": LEVELS,
    "nature": NATURES,
    "theme": (),
    "site": (),
    "spread": SPREADS,
}
KEPT, UNDECIDED, DROPPED, OPEN = VERDICTS = ("kept", "undecided", "dropped", "open")  # open: no rule decided of it
DOWN, ACROSS = "level", "nature"


@dataclass(frozen=True, slots=True)
class Item:
    """A statement as one session left it. supports: by block that is told of it, do more than half say high? session:
    its number. place: on its list, or None."""

    statement: Statement
    verdict: str
    supports: Mapping[str, bool]
    session: int = 0
    place: int | None = None

    def says(self, field: str) -> tuple[str, ...]:
        """What a field of it says; a field of several names each, and one of nothing says ""."""
        said = str(getattr(self.statement, field, ""))
        return tuple(dict.fromkeys(filter(None, (part.strip() for part in said.split(";"))))) or ("",)


@dataclass(frozen=True, slots=True)
class Cell:
    """verdicts: how many of each, in their order. third: what the items say of the remaining field, the most first."""

    down: str
    across: str
    items: tuple[Item, ...]
    third: tuple[tuple[str, int], ...]

    @property
    def verdicts(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, sum(one.verdict == name for one in self.items)) for name in VERDICTS)


@dataclass(frozen=True, slots=True)
class Matrix:
    """rows: by what they say of `down`, a cell for each of heads."""

    down: str
    across: str
    third: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def items_of(results: Results, session: int = 0) -> list[Item]:
    """Every statement that stands or ended, as it is told."""
    return [
        Item(card.statement, card.decision or OPEN, dict(_supports(results, card)), session, card.rank)
        for card in results.cards
        if not card.statement.is_erased
    ]


def _supports(results: Results, card: Card) -> Iterator[tuple[str, bool]]:
    for block in results.scoring.blocks if results.scoring and card.scored else ():
        told = card.scored.by_block.get(block.key, {}) if card.scored else {}
        high, n = told.get("high"), told.get("n")
        if isinstance(high, int) and isinstance(n, int) and n:
            yield block.key, 2 * high > n


def filtered(items: Iterable[Item], chosen: Mapping[str, Sequence[str]]) -> list[Item]:
    """chosen: by field, by "verdict" or by "block" what an item has to say, one of several; nothing chosen is no
    filter. Of blocks every one has to support it."""
    return [one for one in items if all(_holds(one, name, some) for name, some in chosen.items() if some)]


def _holds(one: Item, name: str, some: Sequence[str]) -> bool:
    if name == "verdict":
        return one.verdict in some
    if name == "block":
        return all(one.supports.get(block) for block in some)
    return bool(set(one.says(name)) & set(some))


def values_of(items: Iterable[Item], field: str) -> tuple[str, ...]:
    """What is said of a field: its own words in their order, or those that are there; "" last, where some say
    nothing."""
    there = {said for one in items for said in one.says(field)}
    known = FIELDS[field] or sorted(there - {""}, key=str.casefold)
    return (*known, *sorted(there - set(known) - {""}), *([""] if "" in there else ()))


def matrix_of(items: Sequence[Item], down: str = DOWN, across: str = ACROSS) -> Matrix:
    """ValueError: fields that are none, or twice the same."""
    if down == across or not {down, across} <= FIELDS.keys():
        raise ValueError("two fields of FIELDS")
    third = next(name for name in ("theme", "level", "nature") if name not in {down, across})
    heads, rows = values_of(items, across), values_of(items, down)
    by_cell: dict[tuple[str, str], list[Item]] = {}
    for one in items:
        for at in [(row, head) for row in one.says(down) for head in one.says(across)]:
            by_cell.setdefault(at, []).append(one)
    cells = [(row, tuple(_cell(row, head, by_cell.get((row, head), ()), third) for head in heads)) for row in rows]
    return Matrix(down, across, third, heads, tuple(cells))


def _cell(down: str, across: str, items: Iterable[Item], third: str) -> Cell:
    held = tuple(items)
    said: dict[str, int] = {}
    for one in held:
        for word in filter(None, one.says(third)):
            said[word] = said.get(word, 0) + 1
    return Cell(down, across, held, tuple(sorted(said.items(), key=lambda pair: (-pair[1], pair[0].casefold()))))
