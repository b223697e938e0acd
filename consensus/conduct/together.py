"""Acts on several sessions of a study at once, by whoever is facilitator of each: a list brought, days and moments
planned, invitations asked for. All of them, or none.

What is done in each is what its own act does; each has its own line in its journal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.mails import invite
from consensus.conduct.planned import plan_moments
from consensus.conduct.sessions import bring, brought_as, is_taken
from consensus.house import House
from consensus.journal import head_of, write
from consensus.outcome import digest, statement_data
from consensus.states import RoundState
from rounds.contract import Role, Statement


@dataclass(frozen=True, slots=True)
class Days:
    """Of one session. planned_on: its day or "". opens_at, closes_at: of its first round, None: by hand."""

    planned_on: str = ""
    opens_at: float | None = None
    closes_at: float | None = None


async def desks(staff: models.Staff, study_id: int) -> dict[int, models.Seat]:
    """The facilitator's seats of an account in the sessions of a study, in the order in which these were made."""
    held = models.Seat.filter(staff_id=staff.id, role=Role.FACILITATOR, withdrawn="", session__study_id=study_id)
    seats = await held.filter(session__rehearses__isnull=True).order_by("session_id").select_related("session")
    return {seat.session_id: seat for seat in seats}


async def _hold_all(staff: models.Staff, study_id: int, sessions: Collection[int]) -> list[models.Seat]:
    for session in sorted(set(sessions)):  # in one order, so that no two wait for each other
        await store.hold(head_of(session))
    mine = await desks(staff, study_id)
    if not sessions:
        raise Refused("refused.no_session_ticked")
    if not set(sessions) <= mine.keys():
        raise Refused("refused.no_such_session")
    return [mine[session] for session in sorted(set(sessions))]


async def bring_together(
    house: House, staff: models.Staff, study_id: int, sessions: Collection[int], statements: Sequence[Statement]
) -> None:
    """One list to each of these sessions, none of which has begun to work on statements; instead of lists of before."""

    async def job() -> None:
        for desk in await _hold_all(staff, study_id, sessions):
            rows = await models.Round.filter(session_id=desk.session_id)
            if is_taken(rows):
                raise Refused("refused.one_has_begun", title=_title(desk, staff))
            await bring(desk, [statement_data(one) for one in brought_as(rows, statements)])

    await house.act(lambda _: sorted(set(sessions)), job)


def _title(desk: models.Seat, staff: models.Staff) -> str:
    titles = desk.session.title
    return titles.get(staff.language) or next(iter(titles.values()), "")


async def take_list_back(house: House, staff: models.Staff, study_id: int, sessions: Collection[int]) -> None:
    """What a file brought goes from each of these sessions, as long as no round has opened; what others passed on to
    them stays."""

    async def job() -> None:
        for desk in await _hold_all(staff, study_id, sessions):
            if await models.Round.filter(session_id=desk.session_id).exclude(state=RoundState.DRAFT).exists():
                raise Refused("refused.one_has_begun", title=_title(desk, staff))
            await bring(desk, [])

    await house.act(lambda _: sorted(set(sessions)), job)


async def plan_days(house: House, staff: models.Staff, study_id: int, days: Mapping[int, Days]) -> int:
    """The planned day of each session, and the moments of its first round; how many sessions that changed."""

    async def job() -> int:
        changed = 0
        for desk in await _hold_all(staff, study_id, days):
            changed += await _plan(desk, days[desk.session_id], _title(desk, staff))
        return changed

    return await house.act(lambda _: sorted(days), job)


async def _plan(desk: models.Seat, day: Days, title: str) -> bool:
    session = await models.Session.get(id=desk.session_id)
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    first = rows[0] if rows else None
    moments = (first.opens_at, first.closes_at) if first else (None, None)
    is_moved, is_timed = day.planned_on != session.planned_on, (day.opens_at, day.closes_at) != moments
    if not is_moved and not is_timed:
        return False
    if any(row.state != RoundState.DRAFT for row in rows) or (is_timed and first is None):
        raise Refused("refused.one_has_begun", title=title)
    if is_moved:
        session.planned_on = day.planned_on
        await session.save(update_fields=["planned_on"])
        new = {"planned_on": day.planned_on}
        said = {"changed": sorted(new), "site": session.site, "arm": session.arm, "hash": digest(new)}
        await write(head_of(session.id), actor(desk), "change_session", said)
    if is_timed and first is not None:
        await plan_moments(desk, first, day.opens_at, day.closes_at)
    return True


async def invite_together(house: House, staff: models.Staff, study_id: int, sessions: Collection[int]) -> int:
    """Everybody who has an address and was not invited, in each of these sessions: how many seats. Who has a seat in
    several gets one mail with all the links (mails.take_mails)."""

    async def job() -> int:
        return sum([await invite(desk) for desk in await _hold_all(staff, study_id, sessions)])

    return await house.act(lambda _: sorted(set(sessions)), job)
