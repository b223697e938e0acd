"""Whether a figure of people may be told, and whether an interval of it means anything: counted in people.

Answers are not people: four people who answer thirteen times are four. Every measure that needs a floor of people, or
draws them again, asks here first. No measure of agreement belongs here, and no figure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.result import Result, undefined

SMALL = 5  # people in a stratum, below which an interval is flagged


def panel_people(ratings: ArrayLike, fewest: int, missing: float = 0) -> Result:
    """How many people a panel's agreement rests on. Value: may it be told?

    ratings (people, statements); `missing` or NaN is no answer. A statement is paired where two people answered it,
    a person where they answered such a statement. value: paired people reach `fewest`. n: people with an answer.
    more: people, answers, complete_people (rows without a gap), complete_statements (columns without one),
    paired_people, paired_answers, paired_statements. Never undefined: nobody is nobody.
    """
    given = answered(np.asarray(ratings, dtype=np.float64), missing)
    paired = given.sum(axis=0) > 1
    pairs = given[:, paired]
    more = {
        "people": int(given.any(axis=1).sum()),
        "answers": int(given.sum()),
        "complete_people": int((given.all(axis=1) & given.any(axis=1)).sum()),
        "complete_statements": int((given.all(axis=0) & given.any(axis=0)).sum()),
        "paired_people": int(pairs.any(axis=1).sum()),
        "paired_answers": int(pairs.sum()),
        "paired_statements": int(paired.sum()),
    }
    return Result(more["paired_people"] >= fewest, more["people"], "panel_people", {"fewest": fewest}, more)


def interval_guard(ratings: ArrayLike, strata: ArrayLike, missing: float = 0) -> Result:
    """Whether drawing people again inside their strata can say anything. Value: True.

    ratings (people, statements), strata (people,); people without an answer (`missing` or NaN) are left out. n: people.
    more: people, alone (people whose stratum is only theirs). Flag: small_group (a stratum under five). Undefined:
    empty; n1 (more than half of the people are alone: their draw is always themselves); no_variation (all people of
    each stratum answered alike: every draw is the same, and a width of nought would pass for certainty).
    """
    table = np.asarray(ratings, dtype=np.float64)
    given = answered(table, missing)
    there = given.any(axis=1)
    rows = np.where(given, table, np.nan)[there]
    labels, stratum, sizes = np.unique(np.asarray(strata)[there], return_inverse=True, return_counts=True)
    people, alone = len(rows), int((sizes == 1).sum())
    more: dict[str, Any] = {"people": people, "alone": alone, "small_group": bool(people and sizes.min() < SMALL)}
    reason = "empty" if not people else "n1" if 2 * alone > people else ""
    if not reason and all(_alike(rows[stratum == place]) for place in range(len(labels))):
        reason = "no_variation"
    if reason:
        return undefined(reason, n=people, method="interval_guard", more=more)
    return Result(True, people, "interval_guard", {}, more, flags=("small_group",) * more["small_group"])


def answered(table: NDArray[Any], missing: float) -> NDArray[np.bool_]:
    """Where there is an answer: neither `missing` nor NaN."""
    return np.asarray((table != missing) & ~np.isnan(table))


def _alike(rows: NDArray[np.float64]) -> bool:
    return bool(((rows == rows[0]) | (np.isnan(rows) & np.isnan(rows[0]))).all())
