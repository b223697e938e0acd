"""Acts on consent: a version is written, somebody agrees to the one in force, or changes what they allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.ballots import EnteredFor
from consensus.consents import PURPOSES, Version, present, version_data, versions
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, minute, write
from consensus.outcome import digest
from consensus.text import pick
from consensus.zones import today_in
from rounds.contract import Role


async def consent(
    house: House,
    seat: models.Seat,
    purposes: Iterable[str] = (),
    language: str = "",
    version: int | None = None,
    through: EnteredFor | None = None,
) -> None:
    """Agree to the text in force, and to those of its purposes; said again, the last one counts.

    version: the one that was read. No line tells whose it is, like a ballot. through: who writes down what the person
    said on the telephone or on paper; a handle of theirs is told, and how it came. What the person agreed to themself
    before stands: nothing is written.
    """

    async def job() -> None:
        await store.hold(head_of(seat.session_id))
        await agree(seat, purposes, language, version, through)

    await house.act(seat.session_id, job)


async def agree(
    seat: models.Seat,
    purposes: Iterable[str] = (),
    language: str = "",
    version: int | None = None,
    through: EnteredFor | None = None,
) -> None:
    """The same, inside a job that holds the session."""
    study = await models.Study.get(sessions__id=seat.session_id)
    now, spoken = present(study), language or seat.language
    if version is not None and version != now.number:
        raise Refused("refused.consent_changed")
    if through is not None and await models.Seat.exists(id=seat.id, consented=True):
        return
    given = [name for name in now.purposes if name in set(purposes)]
    said = {"version": now.number, "language": spoken, "purposes": given}
    at = minute()
    if not await models.Seat.filter(id=seat.id, withdrawn="").update(consented=True, agreed={**said, "at": at}):
        raise Refused("refused.withdrawn")
    said["hash"] = digest(pick(now.texts, spoken))
    by = Actor(seat.role)
    if through is not None:
        by, said["entered_by"] = actor(through.by), through.method
    await write(head_of(seat.session_id), by, "consent", said)


async def write_consent(
    house: House,
    staff: models.Staff,
    study_id: int,
    texts: Mapping[str, str],
    news: Mapping[str, str],
    purposes: Iterable[str] = (),
) -> int:
    """A new version: everybody is asked again before their next answer, and what they answered stays.

    A purpose once asked is asked in every later version too, so that nobody's no is forgotten. The new number.
    """

    async def job() -> tuple[int, list[int]]:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        now, wanted = present(study), {*present(study).purposes, *purposes}
        asked = tuple(name for name in PURPOSES if name in wanted)
        if dict(now.texts) == dict(texts) and now.purposes == asked:
            raise Refused("refused.consent_same")
        return await add_version(staff, study, replace(now, texts=dict(texts), purposes=asked, news=dict(news)))

    number, _ = await house.act(lambda version: version[1], job)
    return number


async def add_version(staff: models.Staff, study: models.Study, version: Version) -> tuple[int, list[int]]:
    """Inside a job that holds the house: the next version of a consent, to which nobody has agreed. Its number, and the
    study's sessions."""
    found = await models.Session.filter(study_id=study.id).order_by("id").values_list("id", flat=True)
    sessions = [int(str(number)) for number in found]
    for number in sessions:  # no ballot under way is kept between this and the asking
        await store.hold(head_of(number))
    new = replace(version, number=present(study).number + 1, since=today_in(study.zone).isoformat())
    study.versions = [version_data(one) for one in (*versions(study), new)]
    study.consent = dict(new.texts)
    await study.save(update_fields=["versions", "consent"])
    people = models.Seat.filter(session_id__in=sessions, role=Role.PARTICIPANT, is_simulated=False)
    await people.update(consented=False)
    said = {"study": study.id, "version": new.number, "hash": digest(version_data(new))}
    if new.until:
        said["until"] = new.until
    await write(HOUSE, Actor("staff", name=str(staff.id)), "write_consent", said)
    return new.number, sessions
