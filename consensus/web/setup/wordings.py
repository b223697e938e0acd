"""Texts that a set-up form must have: what somebody typed, or what is the matter with it, by field."""

from __future__ import annotations

from collections.abc import Sequence

from consensus.web.asking import Ask

LONGEST = {"title": 200, "question": 500, "consent": 10_000, "group": 80, "help_name": 120, "help_phone": 40}
LONGEST["news"] = 500  # what is new in a later consent
LONGEST["profile_question"] = 160

Problems = list[tuple[str, str]]  # (field, sentence), as the page shows them


def required(ask: Ask, name: str, problems: Problems, kind: str = "") -> str:
    value = ask.typed.one(name).replace("\r\n", "\n")
    longest = LONGEST[kind or name]
    if not value:
        problems.append((name, ask.say(f"missing.{kind or name}")))
    elif len(value) > longest:
        problems.append((name, ask.say("too_long", n=longest, now=len(value))))
    return value


def wordings(ask: Ask, name: str, spoken: Sequence[str], problems: Problems) -> dict[str, str]:
    return {language: required(ask, f"{name}.{language}", problems, name) for language in spoken}
