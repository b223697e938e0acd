"""What the acts of the team did to the list, replayed in the order in which they came.

Only standing ballots count: an act on a change that is gone does nothing. No form is read here, no figure made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from rounds.contract import Ballot, Marks, Round, Statement


@dataclass(frozen=True, slots=True)
class Change:
    """A change that someone asks for. answer: take, leave, or None while it waits; reason: what the person is told."""

    id: str
    statement: str
    text: str
    lang: str
    answer: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    statement: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Done:
    """An answer of the team that counts. seq: what an undo names. can_undo: no later wording builds on it.

    before, after: the wordings that it changed, by language.
    """

    seq: int
    act: str
    change: str
    statement: str
    can_undo: bool = True
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Todo:
    """Texts without block, seat or order of arrival; history in the order in which the team acted."""

    changes: tuple[Change, ...]
    objections: tuple[Objection, ...]
    history: tuple[Done, ...]


def replay(ballots: Sequence[Ballot], round: Round) -> tuple[tuple[Statement, ...], Todo]:
    """ballots: those that stand, by seq. The statements as they now read, and what the team has to handle."""
    changes, objections = _texts(ballots)
    statements = {statement.id: statement for statement in round.statements}
    undone = {ballot.marks["undo"] for ballot in ballots if ballot.marks.get("act") == "undo"}
    history: list[Done] = []
    for ballot in ballots:
        act, name = ballot.marks.get("act"), str(ballot.marks.get("change"))
        change = changes.get(name) if act in {"take", "leave"} and ballot.seq not in undone else None
        if change is None or change.answer is not None:
            continue
        changes[change.id] = replace(change, answer=act, reason=ballot.marks.get("reason", ""))
        was = statements[change.statement]
        if act == "take":
            statements[change.statement] = reworded(was, ballot.marks)
        before, after = _changed(was.wordings, statements[change.statement].wordings)
        history.append(Done(ballot.seq, str(act), change.id, change.statement, True, before, after))
    done = tuple(replace(step, can_undo=not _built_on(step, history)) for step in history)
    waiting = tuple(sorted(changes.values(), key=lambda change: _apart(change.text, change.statement)))
    return tuple(statements.values()), Todo(waiting, tuple(objections), done)


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    names = [language for language in new if old.get(language, "") != new[language]]
    return {name: old.get(name, "") for name in names}, {name: new[name] for name in names}


def _texts(ballots: Sequence[Ballot]) -> tuple[dict[str, Change], list[Objection]]:
    changes: dict[str, Change] = {}
    objections: list[Objection] = []
    for ballot in ballots:
        for card, answer in ballot.marks.get("said", {}).items():
            if answer["say"] == "change":
                name = f"{ballot.seq}-{card}"
                changes[name] = Change(name, card, answer["text"], ballot.marks["lang"])
            elif answer["say"] == "object":
                objections.append(Objection(card, answer["text"], ballot.marks["lang"]))
    objections.sort(key=lambda objection: _apart(objection.text, objection.statement))
    return changes, objections


def _apart(text: str, statement: str) -> tuple[str, str]:
    """An order that says nothing of who wrote, or when."""
    return sha256(text.encode()).hexdigest(), statement


def reworded(statement: Statement, marks: Marks) -> Statement:
    """The statement with a new wording; the wordings that did not follow are to be checked, unless they were."""
    given: Mapping[str, str] = marks["wordings"]
    wordings = {**statement.wordings, **given}
    if marks["checked"]:
        return replace(statement, wordings=wordings, unchecked=())
    behind = sorted(language for language, text in wordings.items() if text and language not in given)
    return replace(statement, wordings=wordings, unchecked=tuple(behind))


def _built_on(step: Done, history: Sequence[Done]) -> bool:
    return step.act == "take" and any(
        later.act == "take" and later.statement == step.statement and later.seq > step.seq for later in history
    )
