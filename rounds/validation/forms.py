"""Reads the forms of a validation round: a participant's answers, and the acts of the team.

Every refusal names its sentence. Nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rounds.contract import BallotError, Form, Marks, Round, Statement, Tally, one
from rounds.validation.replay import Change
from rounds.written import LONGEST, plain, written

SAYS = ("agree", "change", "object")
TEXT_MISSING = {"change": "change_missing", "object": "objection_missing"}


def read_answers(form: Form, round: Round) -> dict[str, dict[str, str]]:
    """statement -> what is said of it and the text with it. Statements without an answer are left out."""
    known = {statement.id for statement in round.statements}
    for field in form:
        kind, dot, card = field.partition(".")
        if kind in {"say", "text"} and dot and card not in known and one(form, field):
            raise BallotError("no_such_card", card=card)
    said: dict[str, dict[str, str]] = {}
    for statement in round.statements:
        answer = _answer(form, statement.id)
        if answer:
            said[statement.id] = answer
    if not said:
        raise BallotError("say_one")
    return said


def _answer(form: Form, card: str) -> dict[str, str] | None:
    say, text = one(form, f"say.{card}"), _text(form, f"text.{card}")
    if not say:
        if text:  # words are never dropped in silence
            raise BallotError("say_missing", card=card)
        return None
    if say not in SAYS:
        raise BallotError("no_such_say", value=say[:20])
    if say in TEXT_MISSING and not text:
        raise BallotError(TEXT_MISSING[say], card=card)
    return {"say": say, "text": text}


def _text(form: Form, field: str) -> str:
    return written(form, field, LONGEST)


def read_act(form: Form, round: Round, now: Tally) -> Marks:
    act = one(form, "act") or one(form, "look")
    if act == "take":
        return _take(form, round, now)
    if act == "leave":
        return _leave(form, now)
    if act == "undo":
        return _undo(form, now)
    raise BallotError("no_such_act")


def _waiting(form: Form, now: Tally) -> Change:
    """The change that the form names, if it still waits for an answer."""
    name = one(form, "change")
    change: Change | None = next((change for change in now.todo.changes if change.id == name), None)
    if change is None:
        raise BallotError("change_gone")
    if change.answer is not None:
        raise BallotError("change_answered")
    return change


def _take(form: Form, round: Round, now: Tally) -> Marks:
    """wordings: those that differ from what stands now: a field left as it was offered is not given.

    Where an earlier change already brought the wording, what stands is given again, so that it outlives that change.
    Taken only by someone who saw what it replaces (seen.<language>); a form that asks to look says so, and is not cast.
    """
    change = _waiting(form, now)
    given = {language: _text(form, f"wording.{language}") for language in round.languages}
    given = {language: text for language, text in given.items() if text}
    if not given:
        raise BallotError("wording_missing")
    current = _named(now.statements, change.statement)
    new = {language: text for language, text in given.items() if text != current.wordings.get(language)}
    if not new and current.wordings == _named(round.statements, change.statement).wordings:
        raise BallotError("wording_same")
    settled = {language: text for language, text in given.items() if language not in current.unchecked}
    wordings = new or settled or given
    if not one(form, "look"):
        _has_seen(form, current, wordings)
    marks = {"act": "take", "change": change.id, "wordings": wordings, "checked": bool(one(form, "checked"))}
    reason = _text(form, "reason")
    return marks | {"reason": reason} if reason else marks


def _has_seen(form: Form, current: Statement, wordings: Mapping[str, str]) -> None:
    """The wording that stands now is the one that was shown beside the new one."""
    if any(plain(one(form, f"seen.{name}")) != plain(current.wordings.get(name, "")) for name in wordings):
        raise BallotError("look_first", card=current.id)


def _named(statements: Sequence[Statement], card: str) -> Statement:
    return next(statement for statement in statements if statement.id == card)


def _leave(form: Form, now: Tally) -> Marks:
    change = _waiting(form, now)
    reason = _text(form, "reason")
    if not reason:
        raise BallotError("reason_missing")
    current = _named(now.statements, change.statement).wordings
    typed = {language: _text(form, f"wording.{language}") for language in current if f"wording.{language}" in form}
    if any(text != plain(current[language]) for language, text in typed.items()):
        raise BallotError("wording_too")
    return {"act": "leave", "change": change.id, "reason": reason}


def _undo(form: Form, now: Tally) -> Marks:
    step = next((step for step in now.todo.history if str(step.seq) == one(form, "undo")), None)
    if step is None:
        raise BallotError("nothing_to_undo")
    if not step.can_undo:
        raise BallotError("undo_later_first", card=step.statement)
    return {"act": "undo", "undo": step.seq}
