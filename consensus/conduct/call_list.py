"""The act of asking for the call list: who has no e-mail address and has not finished, to be called.

Only where the study's plan has it. Each asking is a line of the journal, without a name or a number, and each person on
the list reads that they were on it; so a long list is asked for a part at a time, and nobody is on it who is not shown.
"""

from __future__ import annotations

from consensus import models, seats
from consensus.conduct.acting import Refused, actor, seat_in
from consensus.house import House
from consensus.journal import head_of, write
from consensus.turnout import finished, open_to_people
from rounds.contract import Role

CALLED_AT_ONCE = 50  # people


async def ask_call_list(
    house: House, by: models.Seat, group: str = "", after: int = 0
) -> tuple[list[models.Seat], bool]:
    """These people's seats, with their names and telephones, and whether more come after them. group: of this one
    alone. after: the seat that stood last on the part before."""

    async def job() -> tuple[list[models.Seat], bool]:
        await seat_in(by.session_id, by.id)
        study, row = await models.Study.get(sessions__id=by.session_id), await open_to_people(by.session_id)
        if not study.has_call_list:
            raise Refused("refused.no_call_list")
        if row is None:
            raise Refused("refused.nothing_to_call")
        people = models.Seat.filter(session_id=by.session_id, role=Role.PARTICIPANT, withdrawn="", is_simulated=False)
        people = people.filter(id__gt=after, person__mail="", **({"group": group} if group else {}))
        held, is_done = await people.select_related("person").order_by("id"), await finished(house, by.session_id)
        left = [seat for seat in held if not is_done(seat)]
        listed = left[:CALLED_AT_ONCE]
        for seat in listed:
            await seats.notify(seat.id, seats.LIST)
        await write(head_of(by.session_id), actor(by), "ask_call_list", {"round": row.key})
        return listed, len(left) > len(listed)

    return await house.act(by.session_id, job)
