"""The map of opinions of a closed round, as it is stored with what the close left, and read.

What anyone may read of it is `told`. What places a person (`loadings`, `means`) rests on everybody's votes to the last
digit: it is in no page and no file, and used only to tell somebody where they stand themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from consensus import models
from consensus.count import Counted
from consensus.outcome import seed_of
from consensus.states import RoundState
from rounds import KINDS
from rounds.measures.opinions import PEOPLE, named
from rounds.opinions import charted, own_place

STORED = "opinions"


def worked_out(row: models.Round, counted: Counted, k: int) -> dict[str, Any]:
    """To be stored; {} where no map is due. Slow: some seconds, on nothing but the count."""
    found = charted(KINDS[row.kind], counted.round, counted.visible, k, seed_of(row.hash))
    if found is None:
        return {}
    means = [None if mean != mean else mean for mean in found.means.tolist()]  # noqa: PLR0124  # NaN is no JSON
    told = named(found.told, [one.id for one in counted.round.statements])
    return {"told": told, "loadings": found.loadings.tolist(), "means": means}


def told_of(row: models.Round) -> dict[str, Any] | None:
    """What anyone may read, as plain data (rounds.measures.opinions.named), or None."""
    stored = _stored(row)
    return stored["told"] if stored else None


def is_due(row: models.Round) -> bool:
    """Is it being worked out? Whether enough people answered a statement is known when it is."""
    if KINDS[row.kind].as_votes is None or row.state != RoundState.CLOSED or row.findings is not None:
        return False
    answered: dict[str, int] = (row.outcome or {}).get("answered", {})
    return sum(answered.values()) >= PEOPLE


def place_of(row: models.Round, counted: Counted, marks: Iterable[Mapping[str, Any]]) -> tuple[float, float] | None:
    """Where somebody stands on it by these marks, their own; None where no map is told, or nothing places them."""
    stored = _stored(row)
    if not stored or stored["told"]["value"] is None:
        return None
    return own_place(KINDS[row.kind], counted.round, marks, stored["loadings"], stored["means"])


def _stored(row: models.Round) -> Mapping[str, Any] | None:
    return (row.outcome or {}).get(STORED) if row.state == RoundState.CLOSED else None
