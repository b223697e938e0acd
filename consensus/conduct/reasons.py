"""The act of showing what people wrote: reasons of a closed round, de-identified, beside a card of the next."""

from __future__ import annotations

from collections.abc import Mapping

from consensus import models
from consensus.conduct.acting import Refused, actor, round_in
from consensus.house import House
from consensus.journal import head_of, write
from consensus.reasons import MOST, written
from consensus.states import RoundState


async def show_reasons(house: House, by: models.Seat, round_id: int, statement: str, chosen: Mapping[int, str]) -> None:
    """chosen: by the number of its ballot, the words to show; it keeps its own. The last choice counts."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.CLOSED:
            raise Refused("refused.reasons_open")
        known = {reason.seq for reason in await written(house, row) if reason.statement == statement}
        if not chosen.keys() <= known or not all(chosen.values()):
            raise Refused("refused.no_such_reason")
        if len(chosen) > MOST:
            raise Refused("refused.too_many_reasons", n=MOST)
        others = [one for one in row.reasons or [] if one["statement"] != statement]
        row.reasons = [*others, *({"seq": seq, "statement": statement, "text": chosen[seq]} for seq in sorted(chosen))]
        await row.save(update_fields=["reasons"])
        said = {"round": row.key, "statement": statement, "n": len(chosen)}
        await write(head_of(row.session_id), actor(by), "show_reasons", said)

    await house.act(by.session_id, job)


async def forget_reasons(seat: models.Seat) -> None:
    """Inside the act that erases what a seat said: what was shown of it goes too."""
    gone = {ballot["seq"] for ballot in await models.Ballot.filter(seat_id=seat.id).values("seq")}
    for row in await models.Round.filter(session_id=seat.session_id, reasons__isnull=False):
        row.reasons = [one for one in row.reasons if one["seq"] not in gone]
        await row.save(update_fields=["reasons"])
