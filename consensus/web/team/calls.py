"""Raised hands as they may be told: in order of arrival, with the block only where enough people sit in it.

A name is read for those alone whose button said that it would be shown. Nothing is written or drawn here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consensus import models
from consensus.conduct import NAMED
from consensus.count import block_of
from consensus.states import CallState
from rounds.contract import Block, Role


@dataclass(frozen=True, slots=True)
class Waiting:
    """A raised hand. block: None where it would tell too much. name, number: of the seat, for those of NAMED alone."""

    id: int
    what: str
    about: str
    block: Block | None = None
    name: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A participant's own raised hand: waiting, answered or withdrawn."""

    id: int
    what: str
    state: str


async def waiting_in(session: models.Session, blocks: Sequence[Block], floor: int) -> tuple[Waiting, ...]:
    """The queue of a session, oldest first."""
    calls = await models.Call.filter(session_id=session.id, state=CallState.WAITING).order_by("id")
    if not calls:
        return ()
    sitting = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT).order_by("id")
    numbers = {seat.id: number for number, seat in enumerate(sitting, 1)}
    groups = {seat.id: seat.group for seat in sitting}
    large = _large(sitting, blocks, floor)
    names = await _names([call.seat_id for call in calls if call.what in NAMED])
    return tuple(
        Waiting(
            id=call.id,
            what=call.what,
            about=call.about,
            block=large.get(groups.get(call.seat_id, "")),
            name=names.get(call.seat_id, "") if call.what in NAMED else "",
            number=numbers.get(call.seat_id, 0) if call.what in NAMED else 0,
        )
        for call in calls
    )


def _large(sitting: Sequence[models.Seat], blocks: Sequence[Block], floor: int) -> Mapping[str, Block]:
    """By group, its block, where at least floor people came into it and are still there."""
    present = Counter(block_of(blocks, seat.group) for seat in sitting if seat.consented and not seat.withdrawn)
    large = [block for block in blocks if block.seats >= floor and present[block.key] >= floor]
    return {group: block for block in large for group in block.groups}


async def _names(seat_ids: Sequence[int]) -> Mapping[int, str]:
    named = await models.Seat.filter(id__in=list(seat_ids)).select_related("person") if seat_ids else []
    return {seat.id: seat.person.name for seat in named if seat.person}


async def own_calls(seat: models.Seat, row: models.Round | None) -> Mapping[str, OwnCall]:
    """A participant's own: of each kind the newest that waits, or that was answered in this round."""
    calls = await models.Call.filter(seat_id=seat.id).order_by("id")
    here = row.id if row else None
    own = [call for call in calls if call.state == CallState.WAITING or call.round_id == here]
    return {call.what: OwnCall(call.id, call.what, call.state) for call in own}
