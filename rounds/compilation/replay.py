"""The team's acts played again, in the order of the journal: what is open, what stands, what went where.

The acts carry the ids of what they made, so that a replay never depends on counting. An act whose cards were
already gone changes nothing and says so in the history. Never add here: reading a form, or a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rounds.compilation.duplicates import Pair
from rounds.compilation.flags import Flag
from rounds.contract import LATER, Ballot, Marks, Place, Role, Statement

ACCEPTED, REJECTED, ERASED = "accepted", "rejected", "erased"
HOW = {"accept": "accepted", "accept_all": "accepted", "merge": "merged", "split": "split", "add": "added"}


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the team. of: the cards it took or changed; made: the statements it made or reworded.

    undoes: the seq of the act that this one undoes, or None. stands: False once undone, or where its cards were
    gone before it came. held_by: the seq of a later standing act that builds on it and must be undone first, or None.
    """

    seq: int
    act: str
    role: Role
    of: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    reason: str = ""
    undoes: int | None = None
    stands: bool = True
    held_by: int | None = None

    @property
    def can_be_undone(self) -> bool:
        return self.stands and self.undoes is None and self.held_by is None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the proposals that came in have been handled."""

    handled: int
    total: int


@dataclass(frozen=True, slots=True)
class Todo:
    """What the team has to handle: texts, never figures.

    open: proposals that wait, in their order. flags: by open proposal and language, where anything was found.
    duplicates: likely ones among open proposals and standing statements. history: every act, oldest first.
    rejected: proposals and statements, in the order of the acts; the tally's places give the reasons. next: the
    number of the next statement. originals: the proposals (and additions) behind each statement. earlier: wordings
    a statement had before, oldest first. taken: the act that took a card which is gone. progress: likewise in numbers.
    """

    open: tuple[Statement, ...]
    flags: Mapping[str, Mapping[str, tuple[Flag, ...]]]
    duplicates: tuple[Pair, ...]
    history: tuple[Act, ...]
    rejected: tuple[Statement, ...]
    next: int
    originals: Mapping[str, tuple[str, ...]]
    earlier: Mapping[str, tuple[Mapping[str, str], ...]]
    taken: Mapping[str, Act]
    progress: Progress

    def act(self, seq: int) -> Act | None:
        return next((act for act in self.history if act.seq == seq), None)


@dataclass(slots=True)
class Board:
    """The cards while the acts are played; handled by replay() alone."""

    open: dict[str, Statement]
    live: dict[str, Statement] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    rejected: list[Statement] = field(default_factory=list)
    earlier: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    taken: dict[str, Act] = field(default_factory=dict)
    history: list[Act] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in self.open or name in self.live

    def take(self, name: str, act: Act) -> tuple[str, ...]:
        """Take a card off the board; the originals behind it."""
        self.taken[name] = act
        if name in self.open:
            del self.open[name]
            return (name,)
        self.places.pop(name)
        return self.live.pop(name).parents or (name,)  # without parents: the team's own addition

    def put(self, made: Mapping[str, Any], parents: tuple[str, ...], act: Act) -> None:
        self.live[made["id"]] = _statement(made, parents)
        self.places[made["id"]] = Place(ACCEPTED, HOW[act.act], act.reason)


def number(name: str) -> int:
    """The number of a statement of this house, S01 -> 1; 0 for any other id."""
    digits = name[1:]
    return int(digits) if name[:1] == "S" and digits.isdecimal() and len(digits) < 9 else 0


def replay(count: Mapping[int, Ballot], statements: Iterable[Statement]) -> Board:
    """The board after all standing acts. count: ballots by seq; statements: what the round began with."""
    board = Board({statement.id: statement for statement in statements})
    ballots = [count[seq] for seq in sorted(count)]
    undone = {ballot.marks["undo"] for ballot in ballots if ballot.marks["act"] == "undo"}
    for ballot in ballots:
        act = _act(ballot)
        if ballot.seq in undone or not _fits(board, act):
            act = replace(act, stands=False)
        elif act.undoes is None:
            PLAY[act.act](board, act, ballot.marks)
        board.history.append(act)
    _hold(board.history)
    _settle(board)
    _let_go(board)
    return board


def _act(ballot: Ballot) -> Act:
    marks = ballot.marks
    return Act(
        seq=ballot.seq,
        act=marks["act"],
        role=ballot.role,
        of=tuple(marks.get("of", ())),
        made=tuple(made["id"] for made in marks.get("made", ())),
        reason=marks.get("reason", ""),
        undoes=marks.get("undo"),
    )


def _fits(board: Board, act: Act) -> bool:
    if act.act in {"reword", "check"}:
        return all(name in board.live for name in act.of)
    is_new = not any(board.has(name) or name in board.taken for name in act.made)
    return is_new and all(board.has(name) for name in act.of)


def _gather(board: Board, act: Act, marks: Marks) -> None:
    """Several cards become one, one becomes several, or one becomes a statement."""
    behind = _joined(board.take(name, act) for name in act.of)
    for made in marks["made"]:
        board.put(made, behind, act)


def _each(board: Board, act: Act, marks: Marks) -> None:
    for name, made in zip(act.of, marks["made"], strict=True):
        board.put(made, board.take(name, act), act)


def _reword(board: Board, act: Act, marks: Marks) -> None:
    (made,) = marks["made"]
    old = board.live[made["id"]]
    board.earlier.setdefault(old.id, []).append(old.wordings)
    board.live[old.id] = _statement(made, old.parents)


def _check(board: Board, act: Act, marks: Marks) -> None:
    old = board.live[act.of[0]]
    left = tuple(language for language in old.unchecked if language not in marks["languages"])
    board.live[old.id] = replace(old, unchecked=left)


def _reject(board: Board, act: Act, marks: Marks) -> None:
    for name in act.of:
        card = board.open.get(name) or board.live[name]
        behind = board.take(name, act)
        board.rejected.append(replace(card, parents=() if behind == (name,) else behind))
        board.places[name] = Place(REJECTED, reason=act.reason)


PLAY: dict[str, Callable[[Board, Act, Marks], None]] = {
    "accept": _gather,
    "accept_all": _each,
    "merge": _gather,
    "split": _gather,
    "add": _gather,
    "reword": _reword,
    "check": _check,
    "reject": _reject,
}


def _hold(history: list[Act]) -> None:
    """Tell each standing act which later one builds on a card that it made or touched."""
    last: dict[str, int] = {}
    for act in history:
        last.update(dict.fromkeys(act.of, act.seq) if act.stands else {})
    for place, act in enumerate(history):
        later = max((last.get(name, 0) for name in act.of + act.made), default=0)
        history[place] = replace(act, held_by=later) if act.stands and later > act.seq else act


def _settle(board: Board) -> None:
    """A proposal of which nothing stands any more ends where its last pieces ended: rejected, for their reasons."""
    standing = {name for statement in board.live.values() for name in statement.parents}
    reasons: dict[str, list[str]] = {}
    for card in board.rejected:
        for name in card.parents or (card.id,):
            reasons.setdefault(name, []).append(board.places[card.id].reason)
    for name, given in reasons.items():
        if name not in standing:
            board.places.setdefault(name, Place(REJECTED, reason="; ".join(dict.fromkeys(given))))


def _let_go(board: Board) -> None:
    """Nobody can handle what its author erased meanwhile: it waits for nothing, and ends here."""
    for name in [name for name, card in board.open.items() if card.is_erased]:
        del board.open[name]
        board.places[name] = Place(ERASED)


def _joined(parts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))


def _statement(made: Mapping[str, Any], parents: tuple[str, ...]) -> Statement:
    return Statement(
        id=made["id"],
        wordings=made["wordings"],
        original=made["original"],
        unchecked=tuple(made["unchecked"]),
        parents=parents,
        nature=made["nature"],
        level=made["level"],
        theme=made["theme"],
        source=made["source"],
        **{name: made[name] for name in LATER if name in made},
    )
