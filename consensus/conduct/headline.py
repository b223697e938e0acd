"""Which way of counting leads in a study's pooled list: chosen before anybody can know what it would favour.

Nothing is pooled here.
"""

from __future__ import annotations

from consensus import models, store
from consensus.conduct.acting import Refused
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, write
from consensus.states import RoundState
from rounds.measures.pooling import SCHEMES


async def may_choose_headline(study_id: int) -> bool:
    """Not any more once a round of the study has opened; rehearsals do not count."""
    opened = models.Round.filter(session__study_id=study_id, session__rehearses__isnull=True)
    return not await opened.exclude(state=RoundState.DRAFT).exists()


async def write_headline(by: Actor, study_id: int, headline: str) -> None:
    """Inside a job: the line of the journal that the parcel of the study shows."""
    await write(HOUSE, by, "choose_headline", {"study": study_id, "headline": headline})


async def choose_headline(house: House, staff: models.Staff, study_id: int, headline: str) -> None:
    """One of rounds.measures.pooling.SCHEMES; refused once a round has opened. Who may is asked before."""

    async def job() -> list[int]:
        await store.hold(HOUSE)
        found = await models.Session.filter(study_id=study_id).order_by("id").values_list("id", flat=True)
        sessions = [int(str(number)) for number in found]
        for number in sessions:  # no round opens meanwhile
            await store.hold(head_of(number))
        if headline not in SCHEMES:
            raise Refused("refused.no_such_scheme")
        if not await may_choose_headline(study_id):
            raise Refused("refused.headline_fixed")
        await models.Study.filter(id=study_id).update(headline=headline)
        await write_headline(Actor("staff", name=str(staff.id)), study_id, headline)
        return sessions

    await house.act(lambda sessions: sessions, job)
