"""Validation: the list is read back to everyone, who agree, ask for a change, or object with a reason.

The team answers each change, one by one: taken, with a new wording, or left, with a reason. What the person is told
and what the statement says are two texts; a wording is taken only once its difference was seen. Nobody answers an
objection: it stands in the list. No statement is added, dropped or reordered here.

A change is one statement in one ballot, named "<seq of the ballot>-<statement>". Where its author casts again, the
old ballot no longer stands: its changes are gone, and with them what the team answered, new wordings included;
what the new ballot asks waits for an answer. So the outcome rests on standing ballots only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace

from rounds.contract import (
    EVERYONE_AT_THE_TABLE,
    Answer,
    Ballot,
    BallotError,
    By,
    Column,
    Form,
    Line,
    Marks,
    Place,
    Role,
    Round,
    Tally,
    Value,
)
from rounds.kind import Kind
from rounds.validation import reading
from rounds.validation.forms import SAYS, read_act, read_answers
from rounds.validation.play import play
from rounds.validation.replay import Todo, replay
from rounds.written import LONGEST


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to choose: the three answers are the method (Gervais & Pépin 2002)."""


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("n"),
        *(Column(say) for say in SAYS),
        Column("taken", by_block=False),
        Column("left", by_block=False),
        Column("reasons", counted=False, verdict=True, by_block=False, is_text=True),
    )


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """A participant's answers to all statements, or one act of the team on a change that waits."""
    if by.role is Role.PARTICIPANT:
        return {"said": read_answers(form, round), "lang": by.language}
    assert now is not None, "an ordered kind is given the tally of this moment"
    return read_act(form, round, now)


def slot(marks: Marks) -> str | None:
    return "" if "said" in marks else None


def parts(marks: Marks) -> Mapping[str, bool]:
    """The statements that are answered."""
    return dict.fromkeys(marks["said"], True)


def cut(marks: Marks, parts: Set[str]) -> Marks:
    return {**marks, "said": {card: answer for card, answer in marks["said"].items() if card in parts}}


def start(round: Round) -> dict[int, Ballot]:
    return {}


def add(count: dict[int, Ballot], ballot: Ballot, sign: int) -> None:
    if sign > 0:
        count[ballot.seq] = ballot
    else:
        del count[ballot.seq]


def tally(count: dict[int, Ballot], round: Round) -> Tally:
    ballots = [count[seq] for seq in sorted(count)]
    statements, todo = replay(ballots, round)
    said = [ballot for ballot in ballots if "said" in ballot.marks]
    lines = tuple(_line(statement.id, said, todo, round) for statement in round.statements)
    places = {statement.id: Place(zone="validated") for statement in statements}
    return Tally(lines, statements, places, todo=todo)


def _line(card: str, said: Iterable[Ballot], todo: Todo, round: Round) -> Line:
    by_block: dict[str, dict[str, int]] = {block.key: dict.fromkeys(("n", *SAYS), 0) for block in round.blocks}
    for ballot in said:
        answer = ballot.marks["said"].get(card)
        if answer and ballot.block in by_block:
            by_block[ballot.block]["n"] += 1
            by_block[ballot.block][answer["say"]] += 1
    values: dict[str, Value] = {name: sum(row[name] for row in by_block.values()) for name in ("n", *SAYS)}
    changes = [change for change in todo.changes if change.statement == card]
    values["taken"] = sum(change.answer == "take" for change in changes)
    values["left"] = sum(change.answer == "leave" for change in changes)
    values["reasons"] = " | ".join(o.text for o in todo.objections if o.statement == card) or None
    return Line(card, values, by_block)


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    return ("",)


def leftover(round: Round, now: Tally) -> BallotError | None:
    waiting = [change for change in now.todo.changes if change.answer is None]
    return BallotError("changes_wait", n=len(waiting)) if waiting else None


def covered(todo: Todo, cover: Callable[[str], str]) -> Todo:
    """The same work with other names for the changes: their own hold a ballot's number, which tells when it came."""
    changes = tuple(replace(change, id=cover(change.id)) for change in todo.changes)
    history = tuple(replace(done, change=cover(done.change)) for done in todo.history)
    return replace(todo, changes=changes, history=history)


def seconds(settings: Settings, cards: int) -> int:
    return 30 + 10 * cards


def renumbered(marks: Marks, names: Mapping[int, int]) -> Marks:
    """A change is told by its statement alone, after 1, or after 0 where its author is not counted: neither leads to
    the author's answers. Nor does the language they read in."""
    told = {name: value for name, value in marks.items() if name != "lang" or "act" in marks}
    if "undo" in marks:
        told["undo"] = names.get(marks["undo"], 0)
    if "change" in marks:
        seq, _, card = marks["change"].partition("-")
        told["change"] = f"{names.get(int(seq), 0)}-{card}"
    return told


def answers(marks: Marks) -> Iterable[Answer]:
    """A participant's answer to each statement; of the team, what was done to which change, a row a wording."""
    for card, answer in marks.get("said", {}).items():
        yield Answer(card, "validation", answer["say"], answer["text"])
    act = marks.get("act")
    if act == "undo":
        yield Answer("", act, marks["undo"])
    elif act:
        card = marks["change"].partition("-")[2]
        texts: Mapping[str, str] = {f"{act}.{name}": text for name, text in marks.get("wordings", {}).items()}
        told = {act: marks["reason"]} if marks.get("reason") or not texts else {}
        for name, text in {**told, **texts}.items():
            yield Answer(card, name, marks["change"], text)


KIND = Kind(
    cast_by=EVERYONE_AT_THE_TABLE,
    disclosure="at_close",
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
    words_a_card=LONGEST,  # one form holds a text for every statement
    parts=parts,
    cut=cut,
    is_whole=True,
    reads_back=True,
    covered=covered,
    renumbered=renumbered,
)
