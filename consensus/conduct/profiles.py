"""Acts on questions at entry: the study's are written, somebody answers some, and how many said what is told once.

What one person says stands in their seat and nowhere else: no line of a journal tells that they said anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consensus import models, store
from consensus.conduct.acting import CLOCK, Refused
from consensus.freeze import is_over
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, write
from consensus.outcome import digest
from consensus.profile import LONGEST, Question, choices_of, have_answered, table_of


async def write_questions(house: House, staff: models.Staff, study_id: int, questions: Sequence[Question]) -> None:
    """The questions of a study, in their order. Once somebody has answered one, all that there are stay, with their
    choices and their order; only wordings change, and questions are added after them."""

    async def job() -> list[int]:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        before: list[Question] = study.profile or []
        kept = [(one["key"], choices_of(one)) for one in questions[: len(before)]]
        if kept != [(one["key"], choices_of(one)) for one in before] and await have_answered(study_id):
            raise Refused("refused.questions_answered")
        study.profile = list(questions) or None
        await study.save(update_fields=["profile"])
        said = {"study": study_id, "n": len(questions), "hash": digest(study.profile)}
        await write(HOUSE, Actor("staff", name=str(staff.id)), "write_questions", said)
        return [session.id for session in await models.Session.filter(study_id=study_id).only("id")]

    await house.act(lambda sessions: sessions, job)


async def say_profile(house: House, seat: models.Seat, said: Mapping[str, str], is_by_team: bool = False) -> None:
    """What a person says of themself from now on, by question; what they leave empty is kept no more.

    is_by_team: somebody of the team enters it for them; then what the person said before stands.
    """

    async def job() -> bool:
        await store.hold(head_of(seat.session_id))
        row = await models.Seat.get(id=seat.id)
        if row.withdrawn:
            raise Refused("refused.withdrawn")
        if not row.consented:
            raise Refused("refused.consent_first")
        study = await models.Study.get(sessions__id=row.session_id)
        before: Mapping[str, str] = row.profile or {}
        new = _read(study.profile or [], said)
        new = {**new, **before} if is_by_team else new
        if new != before:
            await models.Seat.filter(id=row.id).update(profile=new or None)
        return any(new.get(key) != answer for key, answer in before.items())

    if await house.act(seat.session_id, job):
        await house.store.empty_files()


def _read(questions: Sequence[Question], said: Mapping[str, str]) -> dict[str, str]:
    found = {question["key"]: said.get(question["key"], "").strip() for question in questions}
    for question in questions:
        answer, choices = found[question["key"]], choices_of(question)
        if answer and choices and answer not in choices:
            raise Refused("refused.no_such_choice")
        if len(answer) > LONGEST:
            raise Refused("refused.profile_long", n=LONGEST)
    return {key: answer for key, answer in found.items() if answer}


async def tell_participants(house: House, session_id: int) -> None:
    """The participants' table of a session, once, when it is over. What people change later changes no figure of it: a
    second table would tell who they are."""
    if not await _is_due(session_id):
        return

    async def job() -> None:
        await store.hold(head_of(session_id))
        if await _is_due(session_id):
            session = await models.Session.get(id=session_id).select_related("study")
            table: list[dict[str, Any]] = await table_of(session, session.study)
            await models.Session.filter(id=session_id).update(participants=table)
            await write(head_of(session_id), CLOCK, "tell_participants", {"hash": digest(table)})

    await house.act(session_id, job)


async def _is_due(session_id: int) -> bool:
    waiting = models.Session.filter(id=session_id, participants__isnull=True, study__profile__isnull=False)
    return await waiting.exists() and await is_over(session_id)
