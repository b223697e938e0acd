"""A session copied for the next table: the same plan and the same people if wished, and nothing of what happened."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as chance
from hypothesis import strategies as some

from consensus import conduct, models, protocol, seats
from consensus.conduct import Copy, Guest, Refused
from consensus.house import House
from consensus.journal import first_breach, head_of
from consensus.outcome import SEALED
from consensus.protocol import Plan
from rounds.contract import Role
from rounds.disclosure import Mode
from tests.conftest import PASSWORD, Table, lay_table

TITLE = {"en": "Laval", "fr": "Laval"}
SITES = [
    {"key": "quebec", "names": {"en": "Quebec", "fr": "Québec"}, "within": "", "about": {}},
    {"key": "laval", "names": {"en": "Laval", "fr": "Laval"}, "within": "quebec", "about": {}},
]
ARMS = [{"key": "trial", "names": {"en": "Trial", "fr": "Essai"}}]
MIXED = [
    Plan(key="gather", kind="gather", disclosure="at_close"),
    Plan(key="compilation", kind="compilation", disclosure="at_close"),
    Plan(key="rating", kind="rating", disclosure="facilitator", grace=7),
]


async def copied(table: Table, **said: Any) -> models.Session:
    return await conduct.copy_session(table.house, table.fay, Copy(**{"title": TITLE, **said}))


async def plans_of(session: models.Session) -> list[Plan]:
    return [protocol.plan_of(row) for row in await models.Round.filter(session_id=session.id).order_by("position")]


async def desk_of(session: models.Session) -> models.Seat:
    return await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)


async def with_sites(table: Table) -> None:
    await models.Study.filter(id=table.session.study_id).update(sites=SITES, arms=ARMS)


async def named(table: Table, *names: str) -> list[models.Seat]:
    """People of whom the team knows who they are."""
    guests = [Guest(Role.PARTICIPANT, "patients", "fr", name, f"{name.lower()}@example.org") for name in names]
    return await conduct.add_seats(table.house, table.fay, guests)


async def test_a_copy_has_the_plan_the_statements_the_letters_and_the_languages(table: Table) -> None:
    row = await table.row("rating")
    plan = replace(protocol.plan_of(row), grace=11, settings={**row.settings, "scale": "1-5"})
    await conduct.plan_round(table.house, table.fay, row.id, plan)
    letters = {"invitation": {"fr": {"subject": "Venez", "body": "Bonjour"}}}
    await models.Session.filter(id=table.session.id).update(letters=letters, protocol="delphi", languages=["fr"])
    await models.Round.filter(id=row.id).update(title={"fr": "Premier tour"}, stopping={"at_most": 3})
    made = await copied(table)
    old = await models.Session.get(id=table.session.id)
    assert await plans_of(made) == [replace(plan, title={"fr": "Premier tour"}, stopping={"at_most": 3})]
    assert (made.imported, made.letters, made.languages) == (old.imported, letters, ["fr"])
    assert (made.study_id, made.protocol, made.title) == (old.study_id, "delphi", TITLE)
    new = await models.Round.get(session_id=made.id)
    assert (new.title, new.stopping, new.state) == ({"fr": "Premier tour"}, {"at_most": 3}, "draft")


async def test_a_copy_says_its_site_arm_and_day_and_what_it_follows(table: Table) -> None:
    await with_sites(table)
    made = await copied(table, site="laval", arm="trial", planned_on="2027-03-01", is_next=True)
    assert (made.site, made.arm, made.planned_on, made.follows) == ("laval", "trial", "2027-03-01", table.session.id)
    assert (await copied(table)).follows is None


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"site": "atlantis"}, "refused.no_such_site"),
        ({"arm": "left"}, "refused.no_such_arm"),
        ({"planned_on": "soon"}, "refused.planned_day"),
    ],
)
async def test_what_the_study_does_not_have_is_refused_and_leaves_nothing(
    table: Table, said: dict[str, str], key: str
) -> None:
    await with_sites(table)
    before = await models.Session.all().count()
    with pytest.raises(Refused) as refused:
        await copied(table, **said)
    assert refused.value.key == key
    assert await models.Session.all().count() == before


async def test_nothing_that_happened_is_in_the_copy_of_a_session_that_is_over(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="9")
    await conduct.tighten(table.house, table.fay, (await table.row("rating")).id, Mode.AT_CLOSE, "A quarrel.")
    await table.close("rating")
    await conduct.open_door(table.house, table.fay, True)
    await models.Session.filter(id=table.session.id).update(remind_days=2, screen="pause")
    made = await copied(table, with_people=True)
    row = await models.Round.get(session_id=made.id)
    assert (row.state, row.disclosure) == ("draft", "facilitator")  # as it was planned
    none = (row.outcome, row.findings, row.blocks, row.statements, row.seal, row.made, row.counting, row.reasons)
    assert none == (None,) * 8 and row.notes == [] and row.hash == ""
    assert (made.room, made.takes_newcomers, made.screen, made.remind_days, made.frozen_at) == ("", False, "", 0, "")
    assert not await models.Ballot.filter(round_id=row.id).exists()
    assert not await models.Mail.filter(session_id=made.id).exists()


async def test_the_team_comes_along_in_its_roles_and_whoever_copies_facilitates(table: Table) -> None:
    roles = [Role.FACILITATOR, Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER]
    for role in roles:
        staff = await conduct.add_staff(table.house, f"{role}@example.org", role.title(), PASSWORD)
        await conduct.add_staff(table.house, f"other-{role}@example.org", role.title(), PASSWORD)
        await conduct.add_seats(table.house, table.fay, [Guest(role, staff_id=staff.id)])
    made = await copied(table)
    seated = await models.Seat.filter(session_id=made.id).order_by("id")
    assert [seat.role for seat in seated] == [Role.FACILITATOR, *roles]
    assert seated[0].staff_id == table.fay.staff_id
    assert not any(seat.role == Role.PARTICIPANT for seat in seated)


async def test_people_are_the_same_people_in_seats_of_their_own(table: Table) -> None:
    first, second = await named(table, "Aline", "Bob")
    await models.Seat.filter(id=first.id).update(sites=["laval"], arm="trial", profile={"age": "30"}, consented=True)
    made = await copied(table, with_people=True)
    seated = await models.Seat.filter(session_id=made.id, role=Role.PARTICIPANT).order_by("id")
    assert [seat.person_id for seat in seated] == [first.person_id, second.person_id]
    one = seated[0]
    assert (one.group, one.language, one.sites, one.arm) == ("patients", "fr", ["laval"], "trial")
    assert one.profile is None and one.agreed is None and not one.consented and not one.is_entered
    links = [seats.token(table.house.settings, "seat", seat.id, seat.issue) for seat in (first, one)]
    assert links[0] != links[1]
    assert seats.short_code(table.house.settings, first) != seats.short_code(table.house.settings, one)
    assert await models.Person.all().count() == 2


async def test_whoever_left_and_whoever_nobody_knows_stays_behind(table: Table) -> None:
    first, second = await named(table, "Aline", "Bob")
    await conduct.withdraw(table.house, first, erase=False)
    made = await copied(table, with_people=True)
    seated = await models.Seat.filter(session_id=made.id, role=Role.PARTICIPANT)
    assert [seat.person_id for seat in seated] == [second.person_id]


async def test_who_leaves_one_table_keeps_the_seat_and_the_name_at_the_other(table: Table) -> None:
    first = (await named(table, "Aline"))[0]
    made = await copied(table, with_people=True)
    there = await models.Seat.get(session_id=made.id, role=Role.PARTICIPANT)
    await conduct.withdraw(table.house, await models.Seat.get(id=first.id), erase=True)
    assert (await models.Seat.get(id=first.id)).person_id is None
    held = await models.Seat.get(id=there.id).select_related("person")
    assert held.person is not None and held.person.name == "Aline" and held.withdrawn == ""
    await conduct.withdraw(table.house, held, erase=False)
    assert not await models.Person.exists()


async def test_statements_that_were_brought_keep_their_numbers(table: Table) -> None:
    await models.StudyNumber.filter(session_id=table.session.id).delete()
    for number, statement in ((4, "P001"), (9, "P002"), (11, "V001")):
        await models.StudyNumber.create(
            study_id=table.session.study_id, number=number, session_id=table.session.id, statement=statement
        )
    made = await copied(table)
    kept = await models.StudyNumber.filter(session_id=made.id).order_by("number")
    assert [(one.number, one.statement) for one in kept] == [(4, "P001"), (9, "P002")]  # V001 was made at that table


async def test_a_copy_of_a_copy_is_the_same_plan_again(table: Table) -> None:
    await named(table, "Aline")
    first = await copied(table, with_people=True, is_next=True)
    again = Copy(title={"en": "Sept-Îles", "fr": "Sept-Îles"}, with_people=True)
    second = await conduct.copy_session(table.house, await desk_of(first), again)
    assert await plans_of(second) == await plans_of(first) == await plans_of(table.session)
    assert second.imported == first.imported and second.follows is None
    people = await models.Seat.filter(role=Role.PARTICIPANT, session_id__in=[first.id, second.id])
    assert len(people) == 2 and len({seat.person_id for seat in people}) == 1


async def test_the_journal_tells_of_which_session_it_is_a_copy_and_nobody_by_name(table: Table) -> None:
    await named(table, "Aline")
    made = await copied(table, with_people=True)
    lines = await models.Entry.filter(head=head_of(made.id)).order_by("seq")
    assert first_breach([dict(line) for line in lines]) is None
    assert [line.act for line in lines] == ["create_session", "import", "add_seats", "copy_session"]
    assert json.loads(lines[-1].payload) == {"of": table.session.id, "people": 1, "is_next": False}
    assert "Aline" not in "".join(line.payload for line in lines)


async def test_the_session_that_is_copied_is_left_as_it_was(table: Table) -> None:
    def old() -> Any:
        return models.Entry.filter(head=head_of(table.session.id)).count()

    before, row = await old(), await table.row("rating")
    await copied(table, with_people=True)
    assert await old() == before and dict(await table.row("rating")) == dict(row)


async def test_a_rehearsal_is_not_copied_and_a_seat_without_an_account_copies_nothing(table: Table) -> None:
    await models.Session.filter(id=table.session.id).update(rehearses=1)
    with pytest.raises(Refused, match=r"refused\.is_rehearsal"):
        await copied(table)
    with pytest.raises(Refused, match=r"refused\.copy_account"):
        await conduct.copy_session(table.house, table.aline, Copy(title=TITLE))


@chance(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=some.sampled_from(sorted(protocol.names())),
    grace=some.integers(0, 600),
    is_together=some.booleans(),
    is_begun=some.booleans(),
)
async def test_a_copy_opens_with_all_that_the_original_sealed(
    house: House, name: str, grace: int, is_together: bool, is_begun: bool
) -> None:
    """Whatever was planned, and whether or not the original has begun, what is sealed at the opening is the same."""
    plans = [replace(plan, grace=grace) for plan in protocol.read(name, is_imported=True)]
    plans[0] = replace(plans[0], is_together=is_together and not plans[0].needs_groups)
    table = await lay_table(house, plans)
    first = (await plans_of(table.session))[0].key
    made = None if is_begun else await copied(table)
    try:
        await table.open(first)
    except Refused:  # more statements are needed, or they must be compiled: then neither opens
        made = made or await copied(table)
        row = await models.Round.get(session_id=made.id, key=first)
        with pytest.raises(Refused):
            await conduct.open_round(house, await desk_of(made), row.id)
        return
    made = made or await copied(table)
    await conduct.add_seats(
        house,
        await desk_of(made),
        [Guest(Role.PARTICIPANT, seat.group, seat.language) for seat in table.seats],
    )
    row = await models.Round.get(session_id=made.id, key=first)
    await conduct.open_round(house, await desk_of(made), row.id)
    opened, original = await models.Round.get(id=row.id), await table.row(first)
    assert {key: getattr(opened, key) for key in SEALED} == {key: getattr(original, key) for key in SEALED}
    assert opened.hash == original.hash
