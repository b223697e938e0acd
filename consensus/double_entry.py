"""Answers that the team entered for people, from telephone or paper: which stand, and how a second entry compares.

Only read here: who enters and settles is conduct's question. A figure here counts answers, never what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus import models
from consensus.states import EnteredBy, RoundState
from rounds.contract import Role


@dataclass(frozen=True, slots=True)
class Check:
    """A second entry beside what the team entered first; None: nothing was.

    What the person answered themself is no part of it: whether they did would be told by what it settles.
    """

    second: models.SecondEntry
    first: models.Ballot | None

    @property
    def is_same(self) -> bool:
        return self.first is not None and self.first.marks == self.second.marks

    @property
    def waits(self) -> bool:
        """They differ, and nobody has chosen yet."""
        return not (self.is_same or self.second.settled == (self.first.seq if self.first else 0))

    @property
    def differed(self) -> bool:
        return self.second.differed or self.waits


async def standing(round_id: int, seat_id: int) -> dict[str, models.Ballot]:
    """What stands of one person in a round, by slot."""
    held = models.Ballot.filter(round_id=round_id, seat_id=seat_id, marks__isnull=False).order_by("seq")
    return {ballot.slot: ballot for ballot in await held if ballot.slot is not None}


async def entered(round_id: int, seat_id: int) -> dict[str, models.Ballot]:
    """What the team entered last for one person in a round, by slot, whether or not the person answered since."""
    held = models.Ballot.filter(round_id=round_id, seat_id=seat_id, marks__isnull=False).exclude(
        entered_by=EnteredBy.SELF
    )
    return {ballot.slot: ballot for ballot in await held.order_by("seq") if ballot.slot is not None}


async def checks(round_id: int, seat_id: int) -> dict[str, Check]:
    """The second entries of one person in a round, by slot."""
    first = await entered(round_id, seat_id)
    found = await models.SecondEntry.filter(round_id=round_id, seat_id=seat_id).order_by("id")
    return {second.slot: Check(second, first.get(second.slot)) for second in found}


async def unsettled(round_id: int) -> tuple[int, ...]:
    """The seats in which two entries differ and nobody has chosen yet, without those of who has left."""
    twice = await models.SecondEntry.filter(round_id=round_id)
    if not twice:
        return ()
    there = models.Seat.filter(id__in={second.seat_id for second in twice}, withdrawn="").order_by("id")
    seat_ids = [int(str(number)) for number in await there.values_list("id", flat=True)]
    held = models.Ballot.filter(round_id=round_id, seat_id__in=seat_ids, marks__isnull=False)
    held = held.exclude(entered_by=EnteredBy.SELF).order_by("seq")
    first = {(ballot.seat_id, ballot.slot): ballot for ballot in await held}
    waiting = {s.seat_id for s in twice if Check(s, first.get((s.seat_id, s.slot))).waits}
    return tuple(seat_id for seat_id in seat_ids if seat_id in waiting)


@dataclass(slots=True)
class Report:
    """One round: people for whom answers were entered by telephone, on paper, twice; answers compared, and so on.

    same_hand: answers of which one person typed both entries.
    """

    round: str
    phone: int = 0
    paper: int = 0
    twice: int = 0
    compared: int = 0
    different: int = 0
    settled: int = 0
    same_hand: int = 0


async def reports(session_id: int) -> list[Report]:
    """Every round in which the team entered an answer, in order."""
    rows = (
        models.Round.filter(session_id=session_id)
        .exclude(state=RoundState.DRAFT)
        .order_by("position")
        .only("id", "key")
    )
    found = [await _report(row) for row in await rows]
    return [one for one in found if one.phone or one.paper or one.compared]


async def _report(row: models.Round) -> Report:
    report = Report(row.key)
    ours = await models.Ballot.filter(round_id=row.id, marks__isnull=False).exclude(entered_by=EnteredBy.SELF)
    twice = await models.SecondEntry.filter(round_id=row.id).values_list("seat_id", flat=True)
    for seat_id in sorted({ballot.seat_id for ballot in ours} | {int(str(number)) for number in twice}):
        if not await models.Seat.exists(id=seat_id, role=Role.PARTICIPANT):
            continue
        methods = {ballot.entered_by for ballot in (await entered(row.id, seat_id)).values()}
        report.phone += EnteredBy.PHONE in methods
        report.paper += EnteredBy.PAPER in methods
        held = (await checks(row.id, seat_id)).values()
        report.twice += bool(held)
        report.compared += len(held)
        report.different += sum(check.differed for check in held)
        report.settled += sum(check.differed and not check.waits for check in held)
        report.same_hand += sum(check.second.is_same_hand for check in held)
    return report
