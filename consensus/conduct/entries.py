"""Acts on what the team enters for people: an answer is entered again, to be compared; a difference is settled.

A second entry is never counted. No line of the journal tells whose answer it is, or what it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.ballots import Envelope, Through, keep, moment, read
from consensus.entries import SELF, Check, checks, standing
from consensus.house import House
from consensus.journal import canonical, head_of, write


async def _case(by: models.Seat, seat_id: int, round_id: int, key: str) -> Mapping[str, Any]:
    await store.hold_session_of(seat_id)
    case = await store.case_of(seat_id, round_id, key)
    if case is None or case["session_id"] != by.session_id:
        raise Refused("refused.no_such_round")
    moment(case)
    return case


async def enter_again(house: House, seat_id: int, round_id: int, envelope: Envelope, through: Through) -> bool:
    """Keep the second entry of an answer, in the place of an earlier second one. True: it says what the first says."""

    async def job() -> bool:
        case = await _case(through.by, seat_id, round_id, envelope.key)
        marks, place = await read(house, case, envelope)
        slot, said = place or "", canonical(marks)
        before = await models.SecondEntry.get_or_none(round_id=round_id, seat_id=seat_id, slot=slot)
        first = (await standing(round_id, seat_id)).get(slot)
        is_same = first is not None and first.marks == said
        if before is not None and (before.key, before.marks) == (envelope.key, said):
            return is_same
        if first is not None and first.entered_by == SELF:
            raise Refused("refused.nothing_to_check")
        if before is not None:
            await before.delete()
        await models.SecondEntry.create(
            round_id=round_id,
            seat_id=seat_id,
            slot=slot,
            marks=said,
            method=through.method,
            by_id=through.by.id,
            is_same_hand=await _is_same_hand(first, through.by),
            differed=not is_same,
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
            key=envelope.key,
        )
        line = {"round": case["key"], "entered_by": through.method, "same": is_same}
        await write(head_of(case["session_id"]), actor(through.by), "enter_again", line)
        return is_same

    said_same = await house.store.write(job)
    house.rooms.touch(through.by.session_id)
    return said_same


async def _is_same_hand(first: models.Ballot | None, by: models.Seat) -> bool:
    """The journal alone knows who entered the first."""
    if first is None:
        return False
    return await models.Entry.exists(head=head_of(by.session_id), seq=first.seq, alias=by.alias)


async def settle(house: House, by: models.Seat, seat_id: int, round_id: int, slot: str, seen: str, choice: str) -> None:
    """Choose one of two entries that differ. seen: what whoever chooses had before them, as look_of says it."""

    async def job() -> None:
        case = await _case(by, seat_id, round_id, "")
        check = (await checks(round_id, seat_id)).get(slot)
        if check is None or not check.waits or look_of(check) != seen:
            raise Refused("refused.nothing_to_settle")
        second = check.second
        second.settled = check.first.seq if check.first else 0
        if choice == "second":
            second.settled = await _take_second(case, check, by)
        await second.save(update_fields=["settled"])
        said = {"round": case["key"], "chosen": choice}
        await write(head_of(by.session_id), actor(by), "settle_entry", said)

    if choice not in {"first", "second"}:
        raise Refused("refused.choose_entry")
    await house.store.write(job)
    house.rooms.touch(by.session_id)


def look_of(check: Check) -> str:
    """Changes when one of the two is entered anew."""
    return f"{check.first.seq if check.first else 0}-{check.second.id}"


async def _take_second(case: Mapping[str, Any], check: Check, by: models.Seat) -> int:
    second, first = check.second, check.first
    seat = await models.Seat.get(id=second.seat_id)
    marks = json.loads(second.marks)
    envelope = Envelope({"second": [str(second.id)]}, second.key, seat.language)
    through = Through(by, first.entered_by if first else second.method)
    return await keep(case, envelope, marks, second.slot, moment(case), through)
