"""The flag "this matters most to me" beside a rating: each person may mark up to so many of the statements.

One ballot of its own slot holds all that a person marked, so that a later one replaces it. It has a part of its own:
who gives it is told from k on, like any answer, and no score moves by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rounds.contract import BallotError, Column, Form, Marks, Round, one

FLAGS = "flags"  # the slot, the part, and the field that says that a form is of flags
FIELD = "flag."  # before the number of a statement
MOST = 20
N = ""  # stands for the statement where the people are counted

Counts = Mapping[tuple[str, str, str, Any], int]


def checked(most: int) -> None:
    if not 0 <= most <= MOST:
        raise BallotError("bad_flags", name=FLAGS, value=most, most=MOST)


def columns(most: int) -> tuple[Column, ...]:
    """flagged: how many marked the statement; flag_n: of how many who marked any or said that none stands out."""
    return (Column("flagged", part=FLAGS), Column("flag_n", part=FLAGS)) if most else ()


def read(form: Form, round: Round) -> Marks:
    """One box a statement; what is not ticked is not sent. None is an answer too."""
    most: int = round.settings.flags
    if not most:
        raise BallotError("no_flags")
    flagged = sorted(field.removeprefix(FIELD) for field in form if field.startswith(FIELD) and one(form, field))
    unknown = next((card for card in flagged if card not in round.ids), None)
    if unknown is not None:
        raise BallotError("no_such_card", card=unknown[:20])
    if len(flagged) > most:
        raise BallotError("too_many_flags", n=len(flagged) - most, most=most)
    return {"card": "", "values": {}, "reason": "", FLAGS: flagged}


def keys(block: str, marks: Marks) -> Iterable[tuple[str, str, str, int]]:
    """What a ballot of flags adds to the counts."""
    return ((block, card, FLAGS, 1) for card in (N, *marks[FLAGS]))


def figures(count: Counts, block: str, card: str) -> dict[str, int]:
    return {"flagged": count.get((block, card, FLAGS, 1), 0), "flag_n": count.get((block, N, FLAGS, 1), 0)}
