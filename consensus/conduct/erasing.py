"""Acts that erase a whole study: its lead asks, a second person confirms, and nothing is left but a certificate.

The certificate is the line of the journal of the house, which holds counts, days and hashes, and no word of the study.
"""

from __future__ import annotations

from consensus import models, store
from consensus.conduct.acting import Refused
from consensus.conduct.deleting import Gone, delete_people, delete_session, forget
from consensus.conduct.leading import led, none_open, of_staff
from consensus.erasure import ASK, ERASE, TAKE_BACK, Certificate, Request, certificates, waiting
from consensus.house import House
from consensus.journal import HOUSE, head_of, write
from consensus.leading import facilitates, lead_of, turns
from consensus.sql import OF_A_STUDY
from rounds.contract import Role


async def ask_erasure(house: House, staff: models.Staff, study_id: int, name: str) -> None:
    """name: the title of the study, as the lead typed it. What is asked for lapses after some days."""

    async def job() -> None:
        await store.hold(HOUSE)
        study = await led(staff, study_id)
        _is_named(study, name)
        await none_open(study_id)
        if await waiting(study_id):
            raise Refused("refused.erasure_waits")
        await write(HOUSE, of_staff(staff), ASK, {"study": study_id})

    await house.act(None, job)


async def take_back_erasure(house: House, staff: models.Staff, study_id: int) -> None:
    """By its lead, or by whoever could confirm it."""

    async def job() -> None:
        await store.hold(HOUSE)
        if await waiting(study_id) is None:
            raise Refused("refused.no_erasure")
        if await lead_of(study_id) != staff.id and not await may_confirm(staff, study_id):
            raise Refused("refused.not_second")
        await write(HOUSE, of_staff(staff), TAKE_BACK, {"study": study_id})

    await house.act(None, job)


async def may_confirm(staff: models.Staff, study_id: int) -> bool:
    """An administrator, or another facilitator of the study; never its lead."""
    if await lead_of(study_id) == staff.id:
        return False
    return staff.is_administrator or await facilitates(staff.id, study_id)


async def erase_study(house: House, staff: models.Staff, study_id: int, name: str) -> Certificate:
    """Everything of the study, its sessions and their rehearsals; once the page says so, also in the files of the
    database. name: its title, as the second person typed it."""
    for rehearsal in await models.Session.filter(study_id=study_id, rehearses__isnull=False).only("id"):
        await house.running.stop(rehearsal.id)
    gone = Gone()

    async def job() -> list[int]:
        await store.hold(HOUSE)
        study = await models.Study.get_or_none(id=study_id)
        asked = await waiting(study_id)
        if study is None or asked is None or await lead_of(study_id) != asked.by:
            raise Refused("refused.no_erasure")
        if asked.by == staff.id or not await may_confirm(staff, study_id):
            raise Refused("refused.not_second")
        _is_named(study, name)
        await none_open(study_id)
        return await _erase(staff, study_id, asked, gone)

    await house.act(lambda sessions: sessions, job)
    forget(house, gone)
    await house.store.empty_files(OF_A_STUDY)
    return (await certificates())[study_id]


def _is_named(study: models.Study, name: str) -> None:
    if _same(name) not in {_same(title) for title in study.title.values() if title}:
        raise Refused("refused.other_name")


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()


async def _erase(staff: models.Staff, study_id: int, asked: Request, gone: Gone) -> list[int]:
    sessions = [session.id for session in await models.Session.filter(study_id=study_id).order_by("id").only("id")]
    for number in sessions:
        await store.hold(head_of(number))
    said = await _certified(study_id)
    panel = [member.person_id for member in await models.Member.filter(study_id=study_id).only("id", "person_id")]
    await models.Member.filter(study_id=study_id).delete()
    for number in sessions:
        await delete_session(number, gone)
    await delete_people(panel)
    await models.StudyNumber.filter(study_id=study_id).delete()
    await models.StudyTable.filter(study_id=study_id).delete()
    for table in (models.Evidence, models.Quotation, models.Source):
        await table.filter(study_id=study_id).delete()
    await models.PlanOfAction.filter(study_id=study_id).delete()
    await models.Study.filter(id=study_id).delete()
    told = {"study": study_id, "asked_by": asked.by, "asked_at": asked.at, **said}
    await write(HOUSE, of_staff(staff), ERASE, told)
    return sessions


async def _certified(study_id: int) -> dict[str, object]:
    """What the certificate says of real sessions, before they go."""
    real = [one.id for one in await models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")]
    rounds = [row.id for row in await models.Round.filter(session_id__in=real).only("id")]
    heads = {head.key: head for head in await models.Head.filter(key__in=[head_of(number) for number in real])}
    made = (await turns(study_id)).get(study_id, [])
    return {
        "made_at": made[0].at if made else "",
        "sessions": len(real),
        "rounds": len(rounds),
        "people": await models.Seat.filter(session_id__in=real, role=Role.PARTICIPANT).count(),
        "answers": await models.Ballot.filter(round_id__in=rounds).count(),
        "lines": sum(head.seq for head in heads.values()),
        "heads": [[heads[key].seq, heads[key].hash] for key in map(head_of, real) if key in heads],
    }
