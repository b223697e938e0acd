"""Acts on raised hands: a participant asks, objects or wishes to speak, and takes it back; the team answers.

No line of the journal tells whose hand it was, and no words are kept: people say them aloud.
"""

from __future__ import annotations

import time

from consensus import models
from consensus.conduct.acting import Refused, actor, seat_in
from consensus.conduct.heard import hear, heard
from consensus.house import House
from consensus.journal import Actor, head_of, write
from consensus.states import UNDER_WAY, CallState
from rounds.contract import Role

QUESTION, OBJECTION, FLOOR = "question", "objection", "speak"
CALL_KINDS = (QUESTION, OBJECTION, FLOOR)
NAMED = frozenset({FLOOR})  # only these show who calls, and their button says so

ANYBODY = Actor(Role.PARTICIPANT)


async def call(house: House, seat: models.Seat, what: str, key: str = "") -> None:
    """Raise a hand. One of a kind is waiting at most: asked twice, it keeps its place in the queue.

    key: made with the page; a copy of what was pressed raises no hand that was lowered or answered since.
    """
    if what not in CALL_KINDS:
        raise Refused("refused.no_such_call")

    async def job() -> None:
        caller = await seat_in(seat.session_id, seat.id)
        if caller.withdrawn or not caller.consented:
            raise Refused("refused.withdrawn" if caller.withdrawn else "refused.consent_first")
        if await _is_copy(seat.id, "call", what, key) or await _waiting(seat.id, what):
            return
        row = await models.Round.get_or_none(session_id=seat.session_id, state__in=UNDER_WAY)
        made = await models.Call.create(
            session_id=seat.session_id,
            round_id=row.id if row else None,
            seat_id=seat.id,
            what=what,
            about=await _about(house, row),
            at=time.time(),
        )
        await _write(made, row.key if row else "", "call", ANYBODY)

    await house.act(seat.session_id, job)


async def _is_copy(seat_id: int, act: str, what: str, key: str) -> bool:
    said = (act, seat_id, what, key)
    if not key or await heard(*said) is None:
        if key:
            await hear(seat_id, *said)
        return False
    return True


async def _about(house: House, row: models.Round | None) -> str:
    """What everybody is asked at this moment, where it is one thing."""
    asked = (await house.counts.now(row)).asked if row else ()
    return asked[0] if len(asked) == 1 else ""


async def _waiting(seat_id: int, what: str) -> models.Call | None:
    return await models.Call.filter(seat_id=seat_id, what=what, state=CallState.WAITING).first()


async def _write(made: models.Call, key: str, act: str, by: Actor) -> None:
    said = {"call": made.id, "what": made.what} | ({"round": key} if key else {})
    await write(head_of(made.session_id), by, act, said)


async def take_back(house: House, seat: models.Seat, what: str, key: str = "") -> None:
    """The caller lowers the hand; where none of this kind is up, nothing happens, nor by a copy of what was pressed."""

    async def job() -> None:
        await seat_in(seat.session_id, seat.id)
        if await _is_copy(seat.id, "take_back_call", what, key):
            return
        made = await _waiting(seat.id, what)
        if made is not None:
            await _move(made, CallState.WITHDRAWN, "take_back_call", ANYBODY)

    await house.act(seat.session_id, job)


async def answer_call(house: House, by: models.Seat, call_id: int) -> None:
    await _turn(house, by, call_id, CallState.WAITING, CallState.ANSWERED, "answer_call")


async def reopen_call(house: House, by: models.Seat, call_id: int) -> None:
    """Undo of answering: the hand is up again, at its old place."""
    await _turn(house, by, call_id, CallState.ANSWERED, CallState.WAITING, "reopen_call")


async def _turn(house: House, by: models.Seat, call_id: int, before: str, after: str, act: str) -> None:
    async def job() -> None:
        await seat_in(by.session_id, by.id)
        made = await models.Call.get_or_none(id=call_id, session_id=by.session_id, state=before)
        if made is None or (after == CallState.WAITING and await _waiting(made.seat_id, made.what)):
            raise Refused("refused.call_gone")
        await _move(made, after, act, actor(by))

    await house.act(by.session_id, job)


async def _move(made: models.Call, state: str, act: str, by: Actor) -> None:
    made.state = state
    await made.save(update_fields=["state"])
    row = await models.Round.get_or_none(id=made.round_id).only("id", "key") if made.round_id else None
    await _write(made, row.key if row else "", act, by)
