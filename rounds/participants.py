"""How many people of a session said what of themselves, as far as it may be told: no count under k, by no way round.

One question at a time, and everybody has one place in it: an answer, or none. What each answer means is nobody's
matter here, and nothing of a ballot is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """cells: by place, how many people; None: among the others. others: how many these are together, None where no
    place is joined."""

    cells: tuple[int | None, ...]
    others: int | None = None


def told(people: Sequence[int], k: int) -> Told | None:
    """people: in each place, answers that nobody gave and people without one among them. Each figure that is told is 0
    or at least k; None: nothing of the question is.

    As soon as one place holds 1 to k - 1 people, it is joined with all that are under k, empty ones too, so that nobody
    reads in how many places the others are. Where they are everybody, under k together, or must all hold k - 1, nothing
    is: a place from k on is never joined, since what is left of the sum would say how many it hides.
    """
    if not any(0 < n < k for n in people):
        return Told(tuple(people)) if any(people) else None
    small = [n for n in people if n < k]
    others = sum(small)
    if len(small) == len(people) or others < k or others == len(small) * (k - 1):
        return None
    return Told(tuple(n if n >= k else None for n in people), others)
