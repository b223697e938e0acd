"""Acts on consent: a version is written, somebody agrees to the one in force, or changes what they allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.ballots import Through
from consensus.consents import PURPOSES, Version, present, today, version_data, versions
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, write
from consensus.outcome import digest
from consensus.text import pick
from rounds.contract import Role


async def consent(
    house: House,
    seat: models.Seat,
    purposes: Iterable[str] = (),
    language: str = "",
    version: int | None = None,
    through: Through | None = None,
) -> None:
    """Agree to the text in force, and to those of its purposes; said again, the last one counts.

    version: the one that was read. Without an alias in the journal, like a ballot: its minute and the purposes would
    else tie that alias to the one of the answers. through: who writes down what the person said on the telephone or on
    paper; their alias is told, and how it came.
    """

    async def job() -> None:
        await store.hold(head_of(seat.session_id))
        await agree(seat, purposes, language, version, through)

    await house.store.write(job)


async def agree(
    seat: models.Seat,
    purposes: Iterable[str] = (),
    language: str = "",
    version: int | None = None,
    through: Through | None = None,
) -> None:
    """The same, inside a job that holds the session."""
    study = await models.Study.get(sessions__id=seat.session_id)
    now, spoken = present(study), language or seat.language
    if version is not None and version != now.number:
        raise Refused("refused.consent_changed")
    given = [name for name in now.purposes if name in set(purposes)]
    said = {"version": now.number, "language": spoken, "purposes": given}
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
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
        found = await models.Session.filter(study_id=study_id).order_by("id").values_list("id", flat=True)
        sessions = [int(str(number)) for number in found]
        for number in sessions:  # no ballot under way is kept between this and the asking
            await store.hold(head_of(number))
        study = await models.Study.get(id=study_id)
        now, wanted = present(study), {*present(study).purposes, *purposes}
        asked = tuple(name for name in PURPOSES if name in wanted)
        if dict(now.texts) == dict(texts) and now.purposes == asked:
            raise Refused("refused.consent_same")
        new = Version(now.number + 1, dict(texts), asked, today(), dict(news))
        study.versions = [version_data(one) for one in (*versions(study), new)]
        study.consent = dict(texts)
        await study.save(update_fields=["versions", "consent"])
        people = models.Seat.filter(session_id__in=sessions, role=Role.PARTICIPANT, is_simulated=False)
        await people.update(consented=False)
        said = {"study": study_id, "version": new.number, "hash": digest(version_data(new))}
        await write(HOUSE, Actor("staff", str(staff.id)), "write_consent", said)
        return new.number, sessions

    number, sessions = await house.store.write(job)
    for session in sessions:
        house.rooms.touch(session)
    return number
