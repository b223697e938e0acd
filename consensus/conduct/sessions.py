"""Acts that make and plan: staff, studies, sessions, the rounds of a session before they open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from consensus import models, seats, store
from consensus.conduct.acting import CLOCK, Refused, actor, mailbox, round_in
from consensus.conduct.headline import write_headline
from consensus.conduct.numbering import number_brought
from consensus.conduct.opening import as_counted, sources
from consensus.conduct.people import add_seat
from consensus.conduct.planning import named, refuse_namesakes
from consensus.consents import Version, version_data
from consensus.counting import closes_once
from consensus.house import House
from consensus.journal import HOUSE, Actor, canonical, head_of, write
from consensus.outcome import digest, statement_data
from consensus.protocol import Plan, planned_rule, proposed
from consensus.states import RoundState
from consensus.zones import today_in
from rounds import KINDS
from rounds.blank import is_blank
from rounds.contract import Role, Statement
from rounds.kind import Kind
from rounds.lineage import ALL, LEVELS, NATURES, Choice
from rounds.proposals import compiles, writes
from rounds.rules import rule_data
from rounds.stopping import stopping_from

PLANNED = ("settings", "rule", "disclosure", "grace", "takes", "takes_of", "is_together", "stopping")


async def add_staff(house: House, mail: str, name: str, password: str, is_administrator: bool = False) -> models.Staff:
    if len(password) < seats.PASSWORD_LENGTH:
        raise Refused("refused.short_password", n=seats.PASSWORD_LENGTH)
    address = mailbox(mail)
    if is_blank(name):
        raise Refused("refused.no_name")
    hashed = await seats.hash_password(password)

    async def job() -> models.Staff:
        if await seats.staff_by_mail(address) is not None:
            raise Refused("refused.mail_taken")
        staff = await models.Staff.create(mail=address, name=name, password=hashed, is_administrator=is_administrator)
        await write(HOUSE, CLOCK, "add_staff", {"staff": staff.id, "administrator": is_administrator})
        return staff

    return await house.act(None, job)


async def create_study(house: House, staff: models.Staff, purposes: Sequence[str] = (), **fields: Any) -> models.Study:
    """purposes: what people may agree to beside taking part. The consent is its first version.

    Without a zone of its own the study has the installation's. apart: pairs of groups, never counted together.
    has_analysis_file: asked here and never later, so that whoever agrees has read it.
    """
    fields = study_fields(house, fields)

    async def job() -> models.Study:
        return await make_study(staff, purposes, fields)

    return await house.act(None, job)


def study_fields(house: House, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a new study, as it is stored. Refused: it makes no sense."""
    if fields.get("has_analysis_file") and not fields.get("is_row_level_allowed", True):
        raise Refused("refused.analysis_needs_rows")
    found = {"zone": house.settings.zone, **fields}
    if "apart" in found:
        found["apart"] = pairs_of(found["groups"], found["apart"])
    return found


async def make_study(staff: models.Staff, purposes: Sequence[str], fields: Mapping[str, Any]) -> models.Study:
    """Inside a job: a study of study_fields."""
    since = today_in(fields["zone"]).isoformat()
    versions = [version_data(Version(1, fields["consent"], tuple(purposes), since))]
    study = await models.Study.create(versions=versions, **fields)
    said = {"study": study.id, "hash": digest([dict(fields), versions])}
    if study.has_analysis_file:
        said["analysis"] = True
    by = Actor("staff", name=str(staff.id))
    await write(HOUSE, by, "create_study", said)
    await write_headline(by, study.id, study.headline)  # whatever is chosen later has a line after this one
    return study


async def keep_apart(house: House, staff: models.Staff, study_id: int, pairs: Iterable[Sequence[str]]) -> None:
    """Which groups of a study are never counted together, by their keys: in rounds that open from now on."""

    async def job() -> list[int]:
        await store.hold(HOUSE)
        found = await models.Session.filter(study_id=study_id).order_by("id").values_list("id", flat=True)
        sessions = [int(str(number)) for number in found]
        for number in sessions:  # no round opens between two readings of the study
            await store.hold(head_of(number))
        study = await models.Study.get(id=study_id)
        study.apart = pairs_of(study.groups, pairs)
        for row in await models.Round.filter(session_id__in=sessions, state=RoundState.DRAFT, is_together=True):
            if study.apart and not closes_once(row):  # others count everybody together only where no pair forbids it
                raise Refused("refused.apart_together")
        await study.save(update_fields=["apart"])
        said = {"study": study_id, "apart": study.apart or []}
        await write(HOUSE, Actor("staff", name=str(staff.id)), "keep_apart", said)
        return sessions

    await house.act(lambda sessions: sessions, job)


def pairs_of(groups: Sequence[Mapping[str, Any]], pairs: Iterable[Sequence[str]] | None) -> list[list[str]] | None:
    """As they are stored: each pair once, in the order of the groups; None for none."""
    order = [str(group["key"]) for group in groups]
    found: set[tuple[str, ...]] = set()
    for pair in pairs or ():
        if not set(pair) <= set(order):
            raise Refused("refused.no_such_group")
        if len(set(pair)) != 2:
            raise Refused("refused.not_a_pair")
        found.add(tuple(sorted(pair, key=order.index)))
    return [list(pair) for pair in sorted(found, key=lambda pair: [order.index(key) for key in pair])] or None


async def create_session(
    house: House,
    staff: models.Staff,
    study: models.Study,
    title: Mapping[str, str],
    plans: Sequence[Plan],
    **about: str,
) -> models.Session:
    """A session with its rounds as the protocol plans them; whoever creates it takes the facilitator's seat. about: the
    name of its protocol, its site, arm and planned day."""

    check_place(study, about)

    async def job() -> models.Session:
        told = {"title": dict(title), "languages": study.languages, **about}
        desk = await lay_session(house, staff, plans, study=study, **told)
        return await models.Session.get(id=desk.session_id)

    return await house.act(None, job)


def check_place(study: models.Study, about: Mapping[str, Any]) -> None:
    """Refused where the study has no such site or arm; a session need not have one."""
    known = {"site": study.sites, "arm": study.arms}
    for what, rows in known.items():
        if about.get(what, "") not in {"", *(row["key"] for row in rows or ())}:
            raise Refused(f"refused.no_such_{what}")


async def lay_session(house: House, staff: models.Staff, plans: Sequence[Plan], **fields: Any) -> models.Seat:
    """Inside a job: a session with its rounds; the facilitator's seat in it."""
    if not await models.Study.exists(id=fields["study"].id, put_away_at=""):
        raise Refused("refused.put_away")
    plans = [as_counted(plan, fields["study"]) for plan in plans]
    session = await models.Session.create(imported=[], **fields)
    for position, plan in enumerate(plans):
        await lay_round(session, position, plan)
    seat = await add_seat(house, session, Role.FACILITATOR, staff=staff, language=staff.language)
    payload = {"study": session.study_id, "rounds": [[plan.key, plan.kind] for plan in plans]}
    await write(head_of(session.id), actor(seat), "create_session", payload)
    return seat


async def lay_round(session: models.Session, position: int, plan: Plan) -> None:
    await models.Round.create(
        session=session,
        position=position,
        key=plan.key,
        kind=plan.kind,
        takes=plan.takes,
        takes_of=plan.takes_of,
        settings=dict(plan.settings),
        rule=rule_data(planned_rule(plan)),
        disclosure=plan.disclosure,
        grace=plan.grace,
        is_together=plan.is_together,
        title=dict(plan.title) or None,
        stopping=dict(plan.stopping) if plan.stopping else None,
        notes=[],
    )


async def import_statements(house: House, by: models.Seat, statements: Sequence[Statement]) -> None:
    async def job() -> None:
        await store.hold(head_of(by.session_id))
        rows = await models.Round.filter(session_id=by.session_id)
        if is_taken(rows):
            raise Refused("refused.already_begun")
        await bring(by, [statement_data(statement) for statement in brought_as(rows, statements)])

    await house.act(by.session_id, job)


def brought_as(rows: Sequence[models.Round], statements: Sequence[Statement]) -> list[Statement]:
    """People number what they write P001, P002, ...; what is brought beside it is told apart."""
    prefix = "B" if any(writes(KINDS[row.kind]) for row in rows) else "P"
    return [replace(one, id=prefix + one.id[1:]) if one.id[:1] in "BP" else one for one in statements]


def is_taken(rows: Sequence[models.Round]) -> bool:
    """Has a round opened that works on statements? While people write, others may still be brought."""
    return any(row.state != RoundState.DRAFT and not writes(KINDS[row.kind]) for row in rows)


async def bring(by: models.Seat, data: list[dict[str, Any]]) -> None:
    """Inside a job: statements that were not written here, instead of those that were brought before."""
    session = await models.Session.get(id=by.session_id)
    if session.rehearses is None:
        data = await number_brought(session, data)
    await models.Session.filter(id=session.id).update(imported=data)
    await write(head_of(by.session_id), actor(by), "import", {"n": len(data), "hash": digest(data)})


async def plan_round(house: House, by: models.Seat, round_id: int, plan: Plan) -> None:
    """What a round takes, its settings, rule, disclosure, name and who is counted together, before it opens; after that
    all but its name never change."""
    settings = KINDS[plan.kind].Settings(**plan.settings)  # refuses what makes no sense
    rule = rule_data(planned_rule(plan))

    async def job(plan: Plan = plan) -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.DRAFT:
            raise Refused("refused.frozen")
        if closes_once(row):  # that it counted everybody together came of its settings
            plan = replace(plan, is_together=False)
        plan = as_counted(plan, await models.Study.get(sessions__id=by.session_id))
        if (plan.takes, plan.takes_of) != (row.takes, row.takes_of):
            await refuse_untakable(row, plan)
        row.settings, row.rule, row.disclosure, row.grace = dict(plan.settings), rule, plan.disclosure, plan.grace
        row.takes, row.takes_of, row.is_together = plan.takes, plan.takes_of, plan.is_together
        stopping_from(plan.stopping)  # refuses what makes no sense
        row.stopping = dict(plan.stopping) if plan.stopping else None
        row.title = named(plan.title, (await models.Session.get(id=row.session_id)).languages)
        await refuse_namesakes(row, row.title)
        await row.save(update_fields=[*PLANNED, "title"])
        planned = [canonical(row.settings), *(getattr(row, name) for name in PLANNED[1:]), row.title]
        said = {"round": row.key, "hash": digest(planned)}
        await write(head_of(row.session_id), actor(by), "plan_round", said)

    del settings
    await house.act(by.session_id, job)


async def refuse_untakable(row: models.Round, plan: Plan) -> None:
    """Inside a job: may a round take this? A place that it was planned with before is left to it."""
    choice, known = Choice.of(plan.takes), await sources(row)
    is_same = (choice.place, plan.takes_of) == (Choice.of(row.takes).place, row.takes_of)
    if not is_same and choice.place not in known.get(plan.takes_of, ()):
        raise Refused("refused.no_such_place")
    if str(choice) != plan.takes or not (set(choice.natures) <= {*NATURES} and set(choice.levels) <= {*LEVELS}):
        raise Refused("refused.no_such_choice")


async def _are_written_before(row: models.Round) -> bool:
    """Do people write, in a round before this one, what only the team may read until it has worked on it?"""
    earlier = await models.Round.filter(session_id=row.session_id, position__lt=row.position).only("id", "kind")
    later = await models.Round.filter(session_id=row.session_id, position__gt=row.position).exists()
    return later and any(writes(KINDS[one.kind]) for one in earlier)


def may_be_added(kind: Kind) -> bool:
    """Do people answer it alone, about statements that are there?"""
    return kind.is_counted and kind.fewest > 0 and not kind.ordered


def places_to_add(rows: Sequence[models.Round]) -> list[str]:
    """The rounds before which one may be added, by their keys, "" for the end: those that have not opened and take
    statements that the team has made. Nothing is added to a session that is over."""
    drafts = [row for row in rows if row.state == RoundState.DRAFT]
    found = [row.key for row in drafts if KINDS[row.kind].fewest and not compiles(KINDS[row.kind])]
    return [*found, ""] if drafts and drafts[-1] is rows[-1] else found


async def add_round(house: House, by: models.Seat, kind: str, before: str = "") -> None:
    """One round more, before one that has not opened or at the end. It takes what that one was to take, which then
    takes all that it leaves."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        rows = await models.Round.filter(session_id=by.session_id).order_by("position")
        if kind not in KINDS or not may_be_added(KINDS[kind]):
            raise Refused("refused.no_such_kind")
        if before not in places_to_add(rows):
            raise Refused("refused.not_before")
        later = rows[[row.key for row in rows].index(before) :] if before else []
        takes, of = (later[0].takes, later[0].takes_of) if later else (ALL, "")
        position = later[0].position if later else rows[-1].position + 1
        for row in reversed(later):
            row.position += 1
            row.takes, row.takes_of = (ALL, "") if row is later[0] else (row.takes, row.takes_of)
            await row.save(update_fields=["position", "takes", "takes_of"])
        session = await models.Session.get(id=by.session_id).prefetch_related("study")
        plan = replace(proposed(kind, {row.key for row in rows}), takes=takes, takes_of=of)
        await lay_round(session, position, as_counted(plan, session.study))
        said = {"round": plan.key, "kind": kind, "before": before}
        await write(head_of(by.session_id), actor(by), "add_round", said)

    await house.act(by.session_id, job)


async def drop_round(house: House, by: models.Seat, round_id: int) -> None:
    """Take a round that has not opened out of the plan."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.DRAFT:
            raise Refused("refused.frozen")
        if compiles(KINDS[row.kind]) and await _are_written_before(row):
            raise Refused("refused.needs_compilation")
        await row.delete()
        await write(head_of(row.session_id), actor(by), "drop_round", {"round": row.key})

    await house.act(by.session_id, job)
