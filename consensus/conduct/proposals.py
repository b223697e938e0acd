"""What people wrote leaves what the rounds stored, with the answers of whoever erases theirs.

What the team made of it stays, as the team's own card; so do numbers and places, so that every proposal still ends in
exactly one. Never add here: an act of its own. It is part of the one that erases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consensus import models
from consensus.count import recount
from consensus.outcome import digest, statement_data, statement_from
from consensus.proposals import proposals_of
from consensus.states import RoundState
from rounds import KINDS
from rounds.proposals import emptied, erased, writes

OUTCOMES = ("left", "told", "official", "released")  # the last two of rounds of before
LISTS = ("statements", "ended")


async def forget_proposals(session_id: int) -> list[int]:
    """Inside the act that erases what a seat said, after its marks are gone. The rounds that held words of theirs."""
    rows = await models.Round.filter(session_id=session_id).order_by("position")
    gone: dict[str, Mapping[str, str]] = {}
    held = []
    for row in rows:
        if row.state == RoundState.CLOSED and writes(KINDS[row.kind]):
            left, theirs = proposals_of(row)
            now = (await recount(row)).take_stock().official
            names = erased(left, theirs, now)
            gone |= {one.id: one.wordings for one in left.statements if one.id in names and not one.is_erased}
        if gone and _forget(row, gone):
            await row.save(update_fields=["statements", "statements_hash", "outcome"])
            held.append(row.id)
    return held


def _forget(row: models.Round, gone: Mapping[str, Mapping[str, str]]) -> bool:
    """Where this round has words of theirs, they leave it. What it took stays sealed as when it opened."""
    before = digest(row.statements) if row.statements is not None else ""
    taken = row.statements is not None and _empty(row.statements, gone)
    if taken and not row.statements_hash:
        row.statements_hash = before
    stored = [row.outcome[name] for name in OUTCOMES if name in row.outcome] if row.outcome else []
    told = [_empty(one[part], gone) for one in stored for part in LISTS]
    return any([taken, *told])


def _empty(statements: list[dict[str, Any]], gone: Mapping[str, Mapping[str, str]]) -> bool:
    places = [n for n, one in enumerate(statements) if one["id"] in gone and one["wordings"] == gone[one["id"]]]
    for place in places:
        statements[place] = statement_data(emptied(statement_from(statements[place])))
    return bool(places)
