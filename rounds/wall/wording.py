"""The words of cards in a form: what was written, for new cards and for old ones, and what is still to be checked.

Only words: where a card goes, and whether it may, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rounds.contract import BallotError, Form, Statement
from rounds.written import LONGEST, written


def wordings(form: Form, languages: Sequence[str], end: str = "") -> dict[str, str]:
    """language -> text, of the fields wording.<language><end> that hold one."""
    texts = {language: written(form, f"wording.{language}{end}", LONGEST) for language in languages}
    return {language: text for language, text in texts.items() if text}


def piece_numbers(form: Form) -> list[str]:
    """The numbers n of the fields wording.<language>.n, in order."""
    ends = {name.rsplit(".", 1)[1] for name in form if name.startswith("wording.") and name.count(".") == 2}
    return sorted((end for end in ends if end.isdecimal()), key=int)


def new_card(card: str, words: Mapping[str, str], parents: Sequence[Statement], checked: bool) -> dict[str, Any]:
    """A new card as marks. Words taken over from a parent that were still to be checked remain so."""
    if not words:
        raise BallotError("no_wording")
    first = parents[0].original
    doubtful = {(language, s.wordings.get(language)) for s in parents for language in s.unchecked}
    return {
        "id": card,
        "wordings": dict(words),
        "original": first if first in words else next(iter(words)),
        "unchecked": [] if checked else [language for language in words if (language, words[language]) in doubtful],
    }


def reworded(old: Statement, words: Mapping[str, str], checked: bool) -> dict[str, Any]:
    """New words of a card as marks; a field left empty keeps what was there.

    A wording that did not follow a change in the other language is to be checked, unless it was.
    """
    changed = {language for language, text in words.items() if text != old.wordings.get(language)}
    if not changed:
        raise BallotError("same_words", card=old.id)
    wordings = {**old.wordings, **words}
    unchecked = [] if checked else [language for language in wordings if language not in changed]
    return {"card": old.id, "wordings": wordings, "unchecked": unchecked}
