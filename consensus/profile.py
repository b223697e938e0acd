"""Questions about people that a study asks at entry: what they are, what an answer to them may be, what is told of it.

An answer is a purpose of its own: whoever leaves a question empty has agreed to nothing, and nothing is kept. Only data
are read here; conduct/profiles.py writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from consensus import models
from consensus.states import Left
from consensus.text import pick
from rounds.contract import Role
from rounds.participants import told

MOST = 8  # questions of a study
MOST_CHOICES = 12
LONGEST = 80  # characters of a short text
NONE, OTHERS, WITHHELD = "none", "others", "withheld"  # what stands in a table instead of an answer

Question = Mapping[str, Any]


def choices_of(question: Question) -> list[str]:
    """The keys of its choices; none where people write a few words."""
    return [choice["key"] for choice in question.get("choices") or ()]


def in_words(question: Question, answer: str, language: str) -> str:
    """An answer as people read it."""
    names = {choice["key"]: choice["names"] for choice in question.get("choices") or ()}
    return pick(names[answer], language) if answer in names else answer


async def have_answered(study_id: int) -> bool:
    """Did anybody of a real session answer one?"""
    real = models.Seat.filter(session__study_id=study_id, session__rehearses__isnull=True, is_simulated=False)
    return await real.filter(profile__isnull=False).exists()


async def table_of(session: models.Session, study: models.Study) -> list[dict[str, Any]]:
    """The participants' table of a session as its study's questions and its people stand now."""
    people = models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT, agreed__isnull=False)
    said = [seat.profile or {} for seat in await people.exclude(withdrawn=Left.ERASED).only("id", "profile")]
    questions: list[Question] = study.profile or []
    given = [[one.get(question["key"], "") for one in said] for question in questions]
    return [_told_of(*both, study.languages, study.floor) for both in zip(questions, given, strict=True)]


def _told_of(question: Question, answers: Sequence[str], languages: Sequence[str], k: int) -> dict[str, Any]:
    """One question, with its words as they are now. people: None where they are among the others; a text that few
    people wrote stands nowhere."""
    is_choice, given = bool(choices_of(question)), [answer for answer in answers if answer]
    n = Counter(given if is_choice else map(_same, given))
    names = {choice["key"]: choice["names"] for choice in question.get("choices") or ()}
    names = names or {text: dict.fromkeys(languages, text) for text in sorted(n, key=lambda text: (-n[text], text))}
    data = {"key": question["key"], "names": question["names"], "cells": [], NONE: None, OTHERS: None}
    found = told([*(n[key] for key in names), len(answers) - len(given)], k)
    if found is None:
        return data
    cells = zip(names, found.cells, strict=False)
    shown = [{"key": key, "names": names[key], "n": people} for key, people in cells if is_choice or people]
    return {**data, "cells": shown, NONE: found.cells[-1], OTHERS: found.others}


def is_withheld(told_of: Mapping[str, Any]) -> bool:
    """Is nothing told of a question?"""
    return told_of[NONE] is None and told_of[OTHERS] is None


def _same(text: str) -> str:
    """Two people who write it so wrote the same."""
    return " ".join(text.split()).casefold()
