"""Whether sums that were told, taken together, speak of fewer than k people: the last look before a table is kept.

People are unknowns, sums are rows. Where leaving out the columns of fewer than k people lowers the rank of all rows, a
combination of sums is about those people alone. Sums of whole cells of k people never are, so what is found here is a
defect of whoever made the tables. It says nothing of free text, nor of a 0 or an "all", which tells everybody.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence, Set

import numpy as np
from numpy.typing import NDArray

Person = Hashable
Answer = tuple[Person, Hashable]  # a person, and where they gave this answer: one unknown
PRIME = 2_147_483_647  # ranks are counted in whole numbers of this field, where no rounding hides an equation
TRIES = 20_000  # choices of people that are tried; where there are more, nothing may be told

Ints = NDArray[np.int64]


def given_away(sums: Sequence[Set[Answer]], k: int) -> tuple[Person, ...]:
    """Fewer than k people of whom a combination of these sums speaks alone; () where there are none.

    sums: of one statement, each as the answers in it. Answers that are in the same sums are one unknown. Where too many
    choices of people would have to be tried, the last of them is given back: what cannot be checked is not told.
    ValueError: k under 1.
    """
    if k < 1:
        raise ValueError("k is at least 1")
    rows = [row for row in dict.fromkeys(map(frozenset, sums)) if row]
    inside: dict[Answer, list[int]] = {}
    for at, row in enumerate(rows):
        for answer in row:
            inside.setdefault(answer, []).append(at)
    people: dict[tuple[int, ...], set[Person]] = {}
    for (person, _), places in inside.items():
        people.setdefault(tuple(places), set()).add(person)
    whose = [people[places] for places in sorted(people)]
    table = np.array([[at in places for places in sorted(people)] for at in range(len(rows))], dtype=np.int64)
    for part in _apart(reduced(table)) if rows else ():
        if found := _few(part, whose, k):
            return tuple(sorted(found, key=str))
    return ()


def _few(part: Ints, whose: Sequence[Set[Person]], k: int) -> frozenset[Person]:
    """Of rows that hang together, each column an unknown of some people."""
    columns = [int(at) for at in np.flatnonzero(part.any(axis=0))]
    everybody = frozenset(person for at in columns for person in whose[at])
    if len(everybody) < k:
        return everybody
    if len(part) == 1:
        return frozenset()
    owned: dict[frozenset[int], set[Person]] = {}
    for person in everybody:
        owned.setdefault(frozenset(at for at in columns if person in whose[at]), set()).add(person)
    alike = sorted(
        (frozenset(those) for those in owned.values() if len(those) < k), key=lambda those: str(sorted(map(str, those)))
    )
    for tries, those in enumerate(_largest(alike, k)):
        kept = [at for at in columns if not whose[at] <= those]
        if tries == TRIES or len(reduced(part[:, kept])) < len(part):
            return those
    return frozenset()


def _largest(parts: Sequence[frozenset[Person]], k: int) -> Iterator[frozenset[Person]]:
    """Choices of these parts of fewer than k people to which none of the later ones can be added: leaving out more
    people never raises a rank, so their parts need no try."""

    def grown(at: int, chosen: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
        is_full = True
        for further in range(at, len(parts)):
            if size + len(parts[further]) < k:
                is_full = False
                yield from grown(further + 1, (*chosen, further), size + len(parts[further]))
        if is_full and chosen:
            yield chosen

    for chosen in grown(0, (), 0):
        yield frozenset(person for at in chosen for person in parts[at])


def _apart(rows: Ints) -> Iterator[Ints]:
    """Reduced rows in lots that share no column: a combination of sums is one of each lot."""
    left = set(range(len(rows)))
    while left:
        lot = {left.pop()}
        while True:
            columns = np.flatnonzero(rows[sorted(lot)].any(axis=0))
            touching = {at for at in left if rows[at, columns].any()}
            if not touching:
                break
            lot |= touching
            left -= touching
        yield rows[sorted(lot)]


def reduced(table: Ints) -> Ints:
    """The rows that say the same with as many noughts as elimination leaves (reduced echelon form), of whole numbers,
    exact but for a factor of one large prime. As many rows as the rank."""
    rows, found = table.astype(np.int64) % PRIME, 0
    for column in range(rows.shape[1]):
        below = np.flatnonzero(rows[found:, column])
        if not len(below):
            continue
        pivot = found + int(below[0])
        rows[[found, pivot]] = rows[[pivot, found]]
        rows[found] = rows[found] * pow(int(rows[found, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != found]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[found] % PRIME) % PRIME
        found += 1
        if found == len(rows):
            break
    return rows[:found]
