"""How large a form may be: what follows from the round that it answers, and for every other form one measure.

A limit of the plumbing never refuses an answer that a round asks for; a round that could not be answered stays shut.
"""

from __future__ import annotations

from dataclasses import dataclass

from rounds.kind import Kind

CEILING = 64_000_000  # bytes of one form that this server reads at all
A_SIGN = 12  # bytes of one character, as a browser writes the longest in a form
A_CARD = 400  # bytes of its fields' names and short values
FIELDS_A_CARD = 4


@dataclass(frozen=True, slots=True)
class Limits:
    fields: int = 400
    size: int = 256 * 1024  # bytes

    def to_hold(self, other: Limits) -> Limits:
        return Limits(max(self.fields, other.fields), max(self.size, other.size))


FORM = Limits()


def of_round(kind: Kind, cards: int) -> Limits:
    """What the largest form of a round with so many cards needs."""
    return Limits(FORM.fields + FIELDS_A_CARD * cards, FORM.size + cards * (A_CARD + A_SIGN * kind.words_a_card))


def can_be_answered(kind: Kind, cards: int) -> bool:
    return of_round(kind, cards).size <= CEILING
