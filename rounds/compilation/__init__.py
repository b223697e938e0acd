"""Compilation: the team makes statements of proposals: accepts, rewords, merges, splits, rejects with a reason, adds.

Every act is a ballot of the team and is replayed by seq; proposals are never changed, originals stay behind every
statement, undo names the act that it undoes. Reading is in acts.py, the replay in replay.py; flags.py and
duplicates.py only suggest. Never add here: an act that no person asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rounds.compilation import reading
from rounds.compilation.acts import OPTIONAL, REASONS, read_act
from rounds.compilation.duplicates import pairs
from rounds.compilation.flags import Flag, flags
from rounds.compilation.play import play
from rounds.compilation.replay import Board, Progress, Todo, number, replay
from rounds.contract import (
    TEAM,
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Form,
    Line,
    Marks,
    Round,
    Statement,
    Tally,
)
from rounds.kind import Kind
from rounds.rules import Rule

CHOICES = {"reasons": REASONS}


@dataclass(frozen=True, slots=True)
class Settings:
    """reasons: whether accepting, joining and splitting ask for one, as rejecting and adding always do. A round of
    before, which does not say, asks for none and takes it."""

    reasons: str = OPTIONAL

    def __post_init__(self) -> None:
        if self.reasons not in REASONS:
            raise BallotError("bad_setting", name="reasons", value=self.reasons)


def columns(settings: Settings) -> tuple[Column, ...]:
    return (Column("proposals", by_block=False),)


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One act, checked against the cards of this moment. BallotError where it cannot be taken."""
    return read_act(form, round, now or tally({}, round))


def slot(marks: Marks) -> str | None:
    return None


def renumbered(marks: Marks, names: Mapping[int, int]) -> Marks:
    return {**marks, "undo": names.get(marks["undo"], 0)} if "undo" in marks else marks


def start(round: Round) -> dict[int, Ballot]:
    return {}


def add(count: dict[int, Ballot], ballot: Ballot, sign: int) -> None:
    if sign > 0:
        count[ballot.seq] = ballot
    else:
        count.pop(ballot.seq, None)


def tally(count: dict[int, Ballot], round: Round) -> Tally:
    board = replay(count, round.statements)
    statements = tuple(board.live[name] for name in sorted(board.live, key=number))
    proposals = {statement.id for statement in round.statements}
    lines = tuple(Line(s.id, {"proposals": len(proposals.intersection(s.parents))}) for s in statements)
    ended = tuple(card for card in board.rejected if card.id not in proposals)
    return Tally(lines, statements, board.places, todo=_todo(board, statements, round), ended=ended)


def _todo(board: Board, statements: tuple[Statement, ...], round: Round) -> Todo:
    waiting = tuple(board.open.values())
    used = [name for act in board.history for name in act.made] + [s.id for s in round.statements]
    originals = {s.id: s.parents for s in statements}
    behind = {s.id: frozenset({s.id}) for s in waiting} | {name: frozenset(of) for name, of in originals.items()}
    return Todo(
        open=waiting,
        flags={s.id: found for s in waiting if (found := _flags(s))},
        duplicates=pairs([(s, behind[s.id]) for s in waiting + statements], round.languages),
        history=tuple(board.history),
        rejected=tuple(board.rejected),
        next=1 + max(map(number, used), default=0),
        originals=originals,
        earlier={name: tuple(wordings) for name, wordings in board.earlier.items()},
        taken=board.taken,
        progress=Progress(len(round.statements) - len(waiting), len(round.statements)),
    )


def for_all(todo: Todo) -> Progress:
    """How far the team is; the texts that it works on may still point to somebody."""
    return todo.progress


def _flags(statement: Statement) -> dict[str, tuple[Flag, ...]]:
    return {language: found for language, text in statement.wordings.items() if (found := flags(text))}


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ()


def leftover(round: Round, now: Tally) -> BallotError | None:
    if now.todo.open:
        return BallotError("still_open", n=len(now.todo.open))
    return None if now.statements else BallotError("nothing_accepted")


def leaves(settings: Settings, rule: Rule | None) -> tuple[str, ...]:
    return ("accepted",)


def seconds(settings: Settings, cards: int) -> int:
    return 0  # the team's work, none of a participant's time


def answers(marks: Marks) -> Iterable[Answer]:
    """One row an act: the cards it took, its name, what it made (or the seq it undoes), and its reason."""
    made = " ".join(made["id"] for made in marks.get("made", ()))
    result = marks.get("undo", made) or None
    yield Answer(" ".join(marks.get("of", ())), marks["act"], result, marks.get("reason", ""))


KIND = Kind(
    cast_by=TEAM,
    disclosure="live",
    Settings=Settings,
    columns=columns,
    read=read,
    slot=slot,
    start=start,
    add=add,
    tally=tally,
    asked=asked,
    leftover=leftover,
    seconds=seconds,
    answers=answers,
    play=play,
    ordered=True,
    reading=reading,
    choices=CHOICES,
    leaves=leaves,
    for_all=for_all,
    renumbered=renumbered,
)
