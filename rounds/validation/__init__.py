"""Validation: the list is read back to everyone, who agree, ask for a change, or object with a reason.

The team answers each change, one by one: taken, with a new wording, or left, with a reason. Nobody answers an
objection: it stands in the list. No statement is added, dropped or reordered here.

A change is one statement in one ballot, named "<seq of the ballot>-<statement>". Where its author casts again, the
old ballot no longer stands: its changes are gone, and with them what the team answered, new wordings included;
what the new ballot asks waits for an answer. So the outcome rests on standing ballots only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    no_findings,
)
from rounds.validation.forms import SAYS, read_act, read_answers
from rounds.validation.play import play as play
from rounds.validation.replay import Todo, replay

cast_by = EVERYONE_AT_THE_TABLE
ordered = True
disclosure = "at_close"
analyse = no_findings


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to choose: the three answers are the method (Gervais & Pépin 2002)."""


def columns(settings: Settings) -> tuple[Column, ...]:
    return (
        Column("n"),
        *(Column(say) for say in SAYS),
        Column("taken", by_block=False),
        Column("left", by_block=False),
        Column("reasons", verdict=True, by_block=False),
    )


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """A participant's answers to all statements, or one act of the team on a change that waits."""
    if by.role is Role.PARTICIPANT:
        return {"said": read_answers(form, round), "lang": by.language}
    assert now is not None, "an ordered kind is given the tally of this moment"
    return read_act(form, round, now)


def slot(marks: Marks) -> str | None:
    return "" if "said" in marks else None


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


def seconds(settings: Settings, cards: int) -> int:
    return 30 + 10 * cards


def answers(marks: Marks) -> Iterable[Answer]:
    """A participant's answer to each statement; of the team, what was done to which change, a row a wording."""
    for card, answer in marks.get("said", {}).items():
        yield Answer(card, "validation", answer["say"], answer["text"])
    act = marks.get("act")
    if act == "undo":
        yield Answer("", act, marks["undo"])
    elif act:
        card = marks["change"].partition("-")[2]
        texts: Mapping[str, str] = {act: marks["reason"]} if act == "leave" else marks["wordings"]
        for name, text in texts.items() or [("", "")]:
            yield Answer(card, act if name in {act, ""} else f"{act}.{name}", marks["change"], text)

