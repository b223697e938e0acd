"""Acts that make and plan: staff, studies, sessions, the rounds of a session before they open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consensus import models, seats, store
from consensus.conduct.acting import CLOCK, Refused, actor, round_in
from consensus.conduct.people import add_seat
from consensus.consents import Version, today, version_data
from consensus.house import House
from consensus.journal import HOUSE, Actor, canonical, head_of, write
from consensus.outcome import digest, statement_data
from consensus.protocol import Plan, planned_rule
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.rules import rule_data


async def add_staff(house: House, mail: str, name: str, password: str, is_administrator: bool = False) -> models.Staff:
    if len(password) < seats.PASSWORD_LENGTH:
        raise Refused("refused.short_password", n=seats.PASSWORD_LENGTH)
    hashed = await seats.hash_password(password)

    async def job() -> models.Staff:
        if await models.Staff.exists(mail=mail.lower()):
            raise Refused("refused.mail_taken")
        staff = await models.Staff.create(
            mail=mail.lower(), name=name, password=hashed, is_administrator=is_administrator
        )
        await write(HOUSE, CLOCK, "add_staff", {"staff": staff.id, "administrator": is_administrator})
        return staff

    return await house.store.write(job)


async def create_study(house: House, staff: models.Staff, purposes: Sequence[str] = (), **fields: Any) -> models.Study:
    """purposes: what people may agree to beside taking part. The consent is its first version."""

    async def job() -> models.Study:
        versions = [version_data(Version(1, fields["consent"], tuple(purposes), today()))]
        study = await models.Study.create(versions=versions, **fields)
        said = {"study": study.id, "hash": digest([fields, versions])}
        await write(HOUSE, Actor("staff", str(staff.id)), "create_study", said)
        return study

    return await house.store.write(job)


async def create_session(
    house: House, staff: models.Staff, study: models.Study, title: Mapping[str, str], plans: Sequence[Plan]
) -> models.Session:
    """A session with its rounds as the protocol plans them; whoever creates it takes the facilitator's seat."""

    async def job() -> models.Session:
        desk = await lay_session(house, staff, plans, study=study, title=dict(title), languages=study.languages)
        return await models.Session.get(id=desk.session_id)

    return await house.store.write(job)


async def lay_session(house: House, staff: models.Staff, plans: Sequence[Plan], **fields: Any) -> models.Seat:
    """Inside a job: a session with its rounds; the facilitator's seat in it."""
    session = await models.Session.create(imported=[], **fields)
    for position, plan in enumerate(plans):
        await _add_round(session, position, plan)
    seat = await add_seat(house, session, Role.FACILITATOR, staff=staff, language=staff.language)
    payload = {"study": session.study_id, "rounds": [[plan.key, plan.kind] for plan in plans]}
    await write(head_of(session.id), actor(seat), "create_session", payload)
    return seat


async def _add_round(session: models.Session, position: int, plan: Plan) -> None:
    await models.Round.create(
        session=session,
        position=position,
        key=plan.key,
        kind=plan.kind,
        takes=plan.takes,
        settings=dict(plan.settings),
        rule=rule_data(planned_rule(plan)),
        disclosure=plan.disclosure,
        grace=plan.grace,
        notes=[],
    )


async def import_statements(house: House, by: models.Seat, statements: Sequence[Statement]) -> None:
    async def job() -> None:
        await store.hold(head_of(by.session_id))
        if await models.Round.filter(session_id=by.session_id).exclude(state="draft").exists():
            raise Refused("refused.already_begun")
        await bring(by, [statement_data(statement) for statement in statements])

    await house.store.write(job)


async def bring(by: models.Seat, data: list[dict[str, Any]]) -> None:
    """Inside a job: statements that were not written here."""
    await models.Session.filter(id=by.session_id).update(imported=data)
    await write(head_of(by.session_id), actor(by), "import", {"n": len(data), "hash": digest(data)})


async def plan_round(house: House, by: models.Seat, round_id: int, plan: Plan) -> None:
    """Settings, rule and disclosure of a round that has not opened; after that they never change."""
    settings = KINDS[plan.kind].Settings(**plan.settings)  # refuses what makes no sense
    rule = rule_data(planned_rule(plan))

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != "draft":
            raise Refused("refused.frozen")
        row.settings, row.rule, row.disclosure, row.grace = dict(plan.settings), rule, plan.disclosure, plan.grace
        await row.save(update_fields=["settings", "rule", "disclosure", "grace"])
        said = {"round": row.key, "hash": digest([canonical(row.settings), rule, plan.disclosure, plan.grace])}
        await write(head_of(row.session_id), actor(by), "plan_round", said)

    del settings
    await house.store.write(job)


async def drop_round(house: House, by: models.Seat, round_id: int) -> None:
    """Take a round that has not opened out of the plan."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != "draft":
            raise Refused("refused.frozen")
        await row.delete()
        await write(head_of(row.session_id), actor(by), "drop_round", {"round": row.key})

    await house.store.write(job)
