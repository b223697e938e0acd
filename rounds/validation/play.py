"""How synthetic people validate: most agree, some ask for a change, a few object; the team answers each change."""

from __future__ import annotations

from collections.abc import Iterable

from rounds.contract import TEAM, By, Form, Round, Statement, Tally
from rounds.play import Book, Chance, form, said


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    assert now is not None
    return _answer(by, now) if by.role in TEAM else _say(round, by, chance)


def _say(round: Round, by: By, chance: Chance) -> Iterable[Form]:
    answers: dict[str, list[str]] = {}
    for statement in round.statements:
        drawn = chance.random()
        if drawn < 0.04:
            change = said(by, "Say it shorter.", "Dites-le plus court.")
            answers |= {f"say.{statement.id}": ["change"], f"text.{statement.id}": [change]}
        elif drawn < 0.06:
            reason = said(by, "It does not go far enough.", "Cela ne va pas assez loin.")
            answers |= {f"say.{statement.id}": ["object"], f"text.{statement.id}": [reason]}
        else:
            answers[f"say.{statement.id}"] = ["agree"]
    if answers:
        yield answers


def _answer(by: By, now: Tally) -> Iterable[Form]:
    """The first change that waits: the very first one is taken, the others are left with a reason."""
    waiting = next((change for change in now.todo.changes if change.answer is None), None)
    if waiting is None:
        return
    if not now.todo.history:
        card: Statement = next(s for s in now.statements if s.id == waiting.statement)
        words = {f"wording.{lang}": [f"{text.rstrip('.')} (bis)."] for lang, text in card.wordings.items()}
        seen = {f"seen.{lang}": [text] for lang, text in card.wordings.items()}
        yield {"act": ["take"], "change": [waiting.id], "checked": ["1"], **seen, **words}
    else:
        reason = said(by, "The group chose this wording.", "Le groupe a choisi ce libellé.")
        yield form(act="leave", change=waiting.id, reason=reason)
