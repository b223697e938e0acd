"""The acts of the team, done again in order: from the ballots to the wall as it stands.

An act that was undone is left out; one whose card is not there changes nothing. Ids of new cards come from the
ballots, never from counting. Whether an act may be taken was settled when it was read, never here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rounds.contract import REALIST, Ballot, Marks, Place, Round, Statement, joined
from rounds.wall.background import Background
from rounds.wall.settings import FRIDGE, MEMORY, ZONES
from rounds.wall.state import Act, Table, Wall

NUMBERED = re.compile(r"S(\d+)")


@dataclass(slots=True)
class Board:
    """The wall in the making. statements, places: live cards only. calls: card -> its calls, oldest first."""

    statements: dict[str, Statement]
    came: frozenset[str]
    highest: int
    places: dict[str, Place] = field(default_factory=dict)
    zones: dict[str, dict[str, None]] = field(default_factory=lambda: {zone: {} for zone in ZONES})
    versions: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    calls: dict[str, list[int]] = field(default_factory=dict)
    table: Table | None = None
    history: list[Act] = field(default_factory=list)

    def put(self, card: str, place: Place) -> None:
        if card in self.places:
            del self.zones[self.places[card].zone][card]
        self.zones[place.zone][card] = None
        self.places[card] = place
        self.visits[card] = self.visits.get(card, 0) + (place.zone == FRIDGE)

    def take_away(self, card: str) -> Statement:
        del self.zones[self.places.pop(card).zone][card]
        if self.table and self.table.card == card:
            self.table = None
        return self.statements.pop(card)

    def make(self, piece: Mapping[str, Any], parents: list[Statement], place: Place, seq: int) -> None:
        """A new card, made of parents already taken away. Its parents are the cards that came into the round."""
        card = str(piece["id"])
        self.statements[card] = Statement(
            id=card,
            wordings=piece["wordings"],
            original=piece["original"],
            unchecked=tuple(piece["unchecked"]),
            parents=self._origins(parents),
            nature=_common({s.nature for s in parents}),
            level=_common({s.level for s in parents}),
            theme=_common({s.theme for s in parents}),
            source=_common({s.source for s in parents}),
            source_id=joined(s.source_id for s in parents),
            site=joined(s.site for s in parents),
            spread=_common({s.spread for s in parents}),
            **{name: joined(getattr(s, name) for s in parents) for name in REALIST},
        )
        self.visits[card] = max(self.visits[parent.id] for parent in parents)
        self.put(card, place)
        self.versions[card] = seq

    def _origins(self, parents: list[Statement]) -> tuple[str, ...]:
        """Every parent that came into the round; for one made in this round, what it was made of."""
        names = (name for s in parents for name in ([s.id] if s.id in self.came else s.parents))
        return tuple(dict.fromkeys(names))

    def wall(self, background: Background) -> Wall:
        history = tuple(reversed(self.history))
        cards = self.statements.items()
        return Wall(
            table=self.table,
            zones={zone: tuple(cards) for zone, cards in self.zones.items()},
            cards=dict(cards),
            places=dict(self.places),
            originals={card: background.originals(statement) for card, statement in cards},
            beside={card: background.beside(statement) for card, statement in cards},
            versions={card: self.versions[card] for card in self.statements},
            visits={card: self.visits[card] for card in self.statements},
            history=history,
            next_id=numbered(self.highest + 1),
            undo=next((act for act in history if not act.undone and act.act not in {"undo", "show"}), None),
        )


def numbered(number: int) -> str:
    return f"S{number:02d}"


def number_of(card: str) -> int:
    """The number in the id of a statement; 0 for an id of another form."""
    found = NUMBERED.fullmatch(card)
    return int(found[1]) if found else 0


def _common(said: set[str]) -> str:
    """What all of them say, or nothing."""
    return said.pop() if len(said) == 1 else ""


def replay(acts: Mapping[int, tuple[Act, Marks]], round: Round) -> Board:
    """acts: the team's acts by seq, each as told() tells it, with its marks."""
    board = _opened(round)
    undone = {marks["undo"] for _, marks in acts.values() if marks["act"] == "undo"}
    for seq in sorted(acts):
        act, marks = acts[seq]
        board.history.append(replace(act, undone=True) if seq in undone else act)
        board.highest = max([board.highest, *map(number_of, act.made)])
        if seq not in undone and all(card in board.statements for card in named(marks)):
            DO[marks["act"]](board, marks, seq)
    return board


def _opened(round: Round) -> Board:
    """Every statement in memory, and the highest number that any round has used."""
    highest = max(map(number_of, _ids_used(round)), default=0)
    board = Board({s.id: s for s in round.statements}, frozenset(s.id for s in round.statements), highest)
    for statement in round.statements:
        board.put(statement.id, Place(MEMORY))
        board.versions[statement.id] = 0
    return board


def _ids_used(round: Round) -> Iterator[str]:
    listed = [round.statements, *(tally.statements for tally in round.before.values())]
    for statements in listed:
        for statement in statements:
            yield statement.id
            yield from statement.parents
    for tally in round.before.values():
        yield from tally.places


def named(marks: Marks) -> tuple[str, ...]:
    """The cards that an act needs on the wall. An undo needs none: what it takes back may be what made them."""
    if marks["act"] == "undo":
        return ()
    if marks["act"] == "merge":
        return tuple(marks["cards"])
    return (marks["card"],) if "card" in marks else ()


def told(ballot: Ballot) -> Act:
    """A ballot of the team as the history tells it."""
    marks = ballot.marks
    made = tuple(piece["id"] for piece in marks.get("pieces", ()))
    return Act(
        seq=ballot.seq,
        act=marks["act"],
        role=ballot.role,
        seat=ballot.seat,
        cards=(*(marks["cards"] if marks["act"] == "undo" else named(marks)), *made),
        made=made,
        from_zone=marks.get("from", ""),
        to_zone=marks.get("to", ""),
        how=marks.get("how", ""),
        reason=reason_of(marks),
        undoes=marks.get("undo"),
    )


def reason_of(marks: Marks) -> str:
    return str(marks.get("reason") or marks.get("override") or "")


def _place(marks: Marks) -> Place:
    return Place(marks["to"], marks["how"], reason_of(marks), marks["owner"])


def _call(board: Board, marks: Marks, seq: int) -> None:
    board.table = Table(marks["card"], seq)
    board.calls.setdefault(marks["card"], []).append(seq)


def _show(board: Board, marks: Marks, seq: int) -> None:
    if board.table and board.table.card == marks["card"]:
        board.table = replace(board.table, is_shown=True)


def _clear(board: Board, marks: Marks, seq: int) -> None:
    board.table = None


def _move(board: Board, marks: Marks, seq: int) -> None:
    board.put(marks["card"], _place(marks))
    board.versions[marks["card"]] = seq


def _merge(board: Board, marks: Marks, seq: int) -> None:
    parents = [board.take_away(card) for card in marks["cards"]]
    board.make(marks["pieces"][0], parents, _place(marks), seq)


def _split(board: Board, marks: Marks, seq: int) -> None:
    parent = board.take_away(marks["card"])
    for piece in marks["pieces"]:
        board.make(piece, [parent], Place(MEMORY), seq)


def _reword(board: Board, marks: Marks, seq: int) -> None:
    """Other words, or (a check) the same words looked at."""
    old = board.statements[marks["card"]]
    words = marks.get("wordings", old.wordings)
    board.statements[old.id] = replace(old, wordings=words, unchecked=tuple(marks["unchecked"]))
    board.versions[old.id] = seq


def _undo(board: Board, marks: Marks, seq: int) -> None:
    """Nothing to do: the act that it names was left out."""


DO: dict[str, Callable[[Board, Marks, int], None]] = {
    "call": _call,
    "show": _show,
    "clear": _clear,
    "move": _move,
    "merge": _merge,
    "split": _split,
    "reword": _reword,
    "check": _reword,
    "undo": _undo,
}
