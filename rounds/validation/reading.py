"""What people read of a validation round: the form as it stands, and the team's answers beside what was asked for.

Rows only, of what may be seen. Nothing is read into a ballot here, counted or decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rounds.contract import Block, Form, Line, Round, Statement, Tally, Value
from rounds.validation.forms import TEXT_MISSING
from rounds.validation.replay import Change, Done, Todo

BIG = 6  # lines that can be read from the last row


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement in somebody's form. fault: the field that lacks something, say or text, or ""."""

    statement: Statement
    say: str
    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One statement's figures. parts: of each block of the round, {} where none may be shown."""

    statement: Statement
    line: Line
    parts: tuple[Mapping[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An answer of the team, with the change that it answered."""

    done: Done
    change: Change


def entries(
    statements: Iterable[Statement], form: Form, own: Mapping[str, Mapping[str, str]], is_refused: bool
) -> tuple[Entry, ...]:
    """What is said of each statement, as it was typed, else as it stands. In a refused form one field is to blame: the
    first that lacks something, else the first of all."""
    found = [
        _entry(one, _typed(form, one.id) if form else own.get(one.id, {"say": "", "text": ""})) for one in statements
    ]
    if not is_refused:
        return tuple(found)
    blamed = next((one for one in found if _fault(one)), found[0] if found else None)
    return tuple(replace(one, fault=_fault(one) or "say") if one is blamed else one for one in found)


def _typed(form: Form, card: str) -> dict[str, str]:
    return {name: next(iter(form.get(f"{name}.{card}", ())), "") for name in ("say", "text")}


def _entry(statement: Statement, said: Mapping[str, str]) -> Entry:
    return Entry(statement, said["say"], said["text"])


def _fault(entry: Entry) -> str:
    has_words = bool(entry.text.strip())
    if entry.say in TEXT_MISSING and not has_words:
        return "text"
    return "say" if has_words and not entry.say else ""


def rows(tally: Tally, round: Round) -> tuple[Row, ...]:
    known = {statement.id: statement for statement in tally.statements}
    return tuple(Row(known[line.statement], line, tuple(_parts(line, round.blocks))) for line in tally.lines)


def _parts(line: Line, blocks: Sequence[Block]) -> Iterator[Mapping[str, Value]]:
    for block in blocks:
        part = line.by_block.get(block.key, {})
        yield part if part.get("n") else {}


def waiting(todo: Todo) -> tuple[Change, ...]:
    """The changes that the team has not answered."""
    return tuple(change for change in todo.changes if change.answer is None)


def waits(todo: Todo, name: str) -> Change | None:
    """The change of this name, while it waits."""
    return next((change for change in waiting(todo) if change.id == name), None)


def steps(todo: Todo) -> tuple[Step, ...]:
    """What the team answered, newest first."""
    changes = {change.id: change for change in todo.changes}
    return tuple(Step(done, changes[done.change]) for done in reversed(todo.history))


def taken(todo: Todo, seq: str) -> Done | None:
    """The wording that was just taken, by the number in the page's address."""
    return next((done for done in todo.history if done.act == "take" and str(done.seq) == seq), None)


def by_id(statements: Iterable[Statement]) -> dict[str, Statement]:
    """The statements as they now stand, to be looked up."""
    return {statement.id: statement for statement in statements}
