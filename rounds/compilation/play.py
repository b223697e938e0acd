"""How a synthetic team compiles: sure duplicates are merged, one proposal is split, one rejected, the rest accepted.

One statement is reworded and the rewording undone, so that a rehearsal has met every act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rounds.compilation.replay import Todo
from rounds.contract import By, Form, Round, Statement, Tally
from rounds.play import Book, Chance, form, said, translated

SURE = 99  # percent alike from which the synthetic team takes two texts for one


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    """The next act, or none when everything is handled."""
    assert now is not None
    todo: Todo = now.todo
    acts = [act.act for act in todo.history]
    waiting = {card.id: card for card in todo.open}
    pair = next((p for p in todo.duplicates if p.alike >= SURE and {p.first, p.second} <= set(waiting)), None)
    if pair is not None:
        words = _words(waiting[pair.first], round, book)
        because = {"reason": [said(by, "They say the same.", "Elles disent la même chose.")]}
        yield {"act": ["merge"], "of": [pair.first, pair.second], "looked": ["1"], **because, **words}
    elif todo.open and "split" not in acts and len(todo.open) > 3:
        first, second = todo.open[:2]
        pieces = {f"wording.{lang}.1": [text] for lang, text in _translations(first, round, book).items()}
        pieces |= {f"wording.{lang}.2": [text] for lang, text in _translations(second, round, book).items()}
        because = {"reason": [said(by, "Two ideas in one.", "Deux idées en une.")]}
        yield {"act": ["split"], "of": [first.id], "looked": ["1"], **because, **pieces}
    elif todo.open and "reject" not in acts and len(todo.open) > 3:
        yield form(act="reject", of=todo.open[0].id, reason=said(by, "Outside the question.", "Hors de la question."))
    elif todo.open:
        because = {"reason": [said(by, "It answers the question.", "Elle répond à la question.")]}
        yield {
            "act": ["accept"],
            "of": [todo.open[0].id],
            "looked": ["1"],
            **because,
            **_words(todo.open[0], round, book),
        }
    elif "reword" not in acts and now.statements:
        card = now.statements[0]
        longer = {f"wording.{lang}": [f"{text} *"] for lang, text in card.wordings.items()}
        yield {"act": ["reword"], "of": [card.id], "looked": ["1"], "checked": ["1"], **longer}
    elif "reword" in acts and "undo" not in acts:
        yield form(act="undo", undo=next(act.seq for act in todo.history if act.act == "reword"))


def _translations(card: Statement, round: Round, book: Book) -> Mapping[str, str]:
    text = card.wordings[card.original]
    return {lang: card.wordings.get(lang) or translated(text, lang, book) for lang in round.languages}


def _words(card: Statement, round: Round, book: Book) -> Mapping[str, list[str]]:
    return {f"wording.{lang}": [text] for lang, text in _translations(card, round, book).items()}
