"""Acts on what the team enters for people: an answer is entered again, to be compared; a difference is settled; it is
asked whether an answer stands.

A second entry is never counted. No line of the journal tells whose answer it is, or what it says.
"""

from __future__ import annotations

import json

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.ballots import EnteredFor, Submission, read, tell_asked
from consensus.conduct.heard import Sent, body_of, hear, heard, sent
from consensus.conduct.intake import Answer, Case, Cast, Entering, case_of, check_open
from consensus.conduct.intake import settle as keep_settled
from consensus.double_entry import Check, checks, entered, standing
from consensus.house import House
from consensus.journal import canonical, head_of, minute, write
from consensus.states import EnteredBy


async def _case(by: models.Seat, seat_id: int, round_id: int) -> Case:
    await store.hold_session_of(seat_id)
    case = await store.drive(case_of(seat_id, round_id))
    if case is None or case.session_id != by.session_id:
        raise Refused("refused.no_such_round")
    check_open(case)
    return case


async def enter_again(house: House, seat_id: int, round_id: int, submission: Submission, through: EnteredFor) -> bool:
    """Keep the second entry of an answer, in the place of an earlier second one. True: it says what the first says."""

    async def job() -> bool:
        case = await _case(through.by, seat_id, round_id)
        form = sent(house, seat_id, submission.form, submission.key)
        answer = await read(house, case, submission)
        slot, said = answer.slot or "", canonical(answer.marks)
        before = await models.SecondEntry.get_or_none(round_id=round_id, seat_id=seat_id, slot=slot)
        first = (await entered(round_id, seat_id)).get(slot)
        is_same = first is not None and first.marks == said
        if await _is_old(form, round_id, seat_id, before):
            return is_same
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
            at=minute(),
            key=form.key,
            device=form.device,
            number=form.number,
        )
        line = {"round": case.key, "entered_by": through.method, "same": is_same}
        await write(head_of(case.session_id), actor(through.by), "enter_again", line)
        return is_same

    return await house.act(through.by.session_id, job)


async def _is_old(form: Sent, round_id: int, seat_id: int, before: models.SecondEntry | None) -> bool:
    """A copy of a second entry that was taken, or one that its device sent before the one that stands."""
    told = ("second entry", seat_id, round_id, form.key, form.body)
    is_known = await heard(*told) is not None
    if not is_known:
        await hear(seat_id, *told)
    if before is None:
        return False
    stands = {"device": before.device, "number": before.number}
    return form.is_before(stands) or (is_known and not form.is_after(stands))


async def _is_same_hand(first: models.Ballot | None, by: models.Seat) -> bool:
    """The journal alone knows who entered the first."""
    if first is None:
        return False
    return await models.Entry.exists(head=head_of(by.session_id), seq=first.seq, by_id=by.id)


async def settle(house: House, by: models.Seat, seat_id: int, round_id: int, slot: str, seen: str, choice: str) -> None:
    """Choose one of two entries that differ. seen: what whoever chooses had before them, as look_of says it."""

    async def job() -> None:
        case = await _case(by, seat_id, round_id)
        check = (await checks(round_id, seat_id)).get(slot)
        if check is None or not check.waits or look_of(check) != seen:
            raise Refused("refused.nothing_to_settle")
        second = check.second
        second.settled = check.first.seq if check.first else 0
        if choice == "second":
            second.settled = await _take_second(case, check, by)
        await second.save(update_fields=["settled"])
        said = {"round": case.key, "chosen": choice}
        await write(head_of(by.session_id), actor(by), "settle_entry", said)

    if choice not in {"first", "second"}:
        raise Refused("refused.choose_entry")
    await house.act(by.session_id, job)


def look_of(check: Check) -> str:
    """Changes when one of the two is entered anew."""
    return f"{check.first.seq if check.first else 0}-{check.second.id}"


async def _take_second(case: Case, check: Check, by: models.Seat) -> int:
    """Not where the person has answered themself since: their answer stands, and nobody is told."""
    second, first = check.second, check.first
    stands = (await standing(case.round_id, case.seat_id)).get(second.slot)
    if stands is not None and stands.entered_by == EnteredBy.SELF:
        return first.seq if first else 0
    seat = await models.Seat.get(id=second.seat_id)
    answer = Answer(json.loads(second.marks), second.slot)
    form = Sent(second.key, body_of({"second": [str(second.id)]}))
    entered = Entering(actor(by), first.entered_by if first else second.method)
    of_case = (case.seat_id, case.round_id, case.session_id, case.group)
    return await store.drive(keep_settled(case, Cast(*of_case, form, answer, seat.language, entered=entered), answer))


async def ask_answered(house: House, by: models.Seat, seat_id: int, round_id: int, slot: str) -> bool:
    """Does an answer of this person stand here? Each asking is a line of the journal."""

    async def job() -> bool:
        case = await _case(by, seat_id, round_id)
        await tell_asked(case, by)
        return slot in await standing(round_id, seat_id)

    return await house.act(by.session_id, job)
