"""One person in one study: known by an address, of its panel once seated, forgotten where no seat needs the name.

Inside jobs only: each of these is a part of an act. Nothing here looks at what anybody answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from consensus import models
from consensus.addresses import alike
from consensus.conduct.acting import Refused
from rounds.contract import Role

AT_ONCE = 250  # rows in one statement: a few milliseconds of everybody's time


async def known_by(told: Mapping[str, models.Person], study_id: int) -> dict[str, int]:
    """Who of these, by their address, is a person of the study already. What nobody knew of them yet is added; what is
    known stays as it is."""
    found: dict[str, int] = {}
    mails = list(told)
    for start in range(0, len(mails), AT_ONCE):
        held = models.Member.filter(study_id=study_id, person__mail__in=mails[start : start + AT_ONCE])
        for member in await held.order_by("-id").select_related("person"):
            found[member.person.mail] = member.person_id
            await _complete(member.person, told[member.person.mail])
    return found


async def _complete(known: models.Person, told: models.Person) -> None:
    missing = {name: getattr(told, name) for name in ("name", "phone") if not getattr(known, name)}
    if missing := {name: value for name, value in missing.items() if value}:
        await models.Person.filter(id=known.id).update(**missing)


async def has_mail(study_id: int, but: int, mail: str) -> bool:
    """Does this address belong to somebody of the study, but for one person?"""
    others = models.Member.filter(study_id=study_id).exclude(person_id=but)
    held = [str(kept) for kept in await others.values_list("person__mail", flat=True)]
    return await asyncio.to_thread(lambda: any(kept and alike(kept) == mail for kept in held))


async def seated_once(session_id: int, people: Sequence[int]) -> None:
    """Nobody sits twice at one table, and nobody is seated where they have left."""
    if len(set(people)) < len(people):
        raise Refused("refused.seated_twice")
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        seated = models.Seat.filter(session_id=session_id, person_id__in=some).order_by("id")
        if (seat := await seated.first().select_related("person")) and seat.person:
            raise Refused("refused.person_seated", name=_called(seat.person))
        for member in await models.Member.filter(person_id__in=some, has_left__not_isnull=True).select_related(
            "person"
        ):
            if session_id in member.has_left:
                raise Refused("refused.has_left", name=_called(member.person))


def _called(person: models.Person) -> str:
    return person.name or person.mail or person.phone


async def join_panel(study_id: int, made: Sequence[models.Seat]) -> None:
    """Whoever takes part and is known is of the panel of the study."""
    seated = {seat.person_id: seat for seat in made if seat.person_id and seat.role == Role.PARTICIPANT}
    held = models.Member.filter(study_id=study_id, person_id__in=list(seated))
    there = {member.person_id for member in await held}
    await models.Member.bulk_create(
        models.Member(
            study_id=study_id,
            person_id=number,
            group=seat.group,
            language=seat.language,
            sites=seat.sites or [],
            arm=seat.arm,
        )
        for number, seat in seated.items()
        if number not in there
    )


async def unname(seat: models.Seat, person_id: int) -> None:
    """Nothing leads from this seat to its person any more; a name that no other seat needs is erased. Who keeps one is
    remembered as having left this session, and is never seated there again."""
    await models.Seat.filter(id=seat.id).update(person_id=None)
    if not await models.Seat.exists(person_id=person_id):
        await models.Person.filter(id=person_id).delete()
        return
    for member in await models.Member.filter(person_id=person_id):
        left = sorted({*(member.has_left or ()), seat.session_id})
        await models.Member.filter(id=member.id).update(has_left=left)
