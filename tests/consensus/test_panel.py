"""The panel of a study: each person once, in as many sessions as they sit in; drawn in waves, told against quotas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consensus import conduct, models, store
from consensus.conduct import Copy, Draw, Guest, Refused, Told
from consensus.conduct.waves import drawn_of
from consensus.house import House
from consensus.imports import roster
from consensus.imports.places import Places
from consensus.journal import HOUSE
from consensus.mail.letters import INVITATION
from consensus.panel import Standing, members_of, standings
from consensus.zones import today_in
from rounds.contract import Role
from tests.conftest import GROUPS, Table
from tests.consensus.test_copies import ARMS, SITES, TITLE, desk_of, with_sites

LATER = "2999-01-01"


def somebody(name: str, group: str = "patients", mail: str = "", **said: Any) -> Guest:
    return Guest(Role.PARTICIPANT, group, "fr", name, mail or f"{name.lower()}@example.org", **said)


async def fay_of(table: Table) -> models.Staff:
    return await models.Staff.get(id=table.fay.staff_id)


async def bring(table: Table, *guests: Guest) -> tuple[int, int]:
    return await conduct.add_members(table.house, await fay_of(table), table.session.study_id, guests)


async def second(table: Table, **said: Any) -> models.Session:
    return await conduct.copy_session(table.house, table.fay, Copy(**{"title": TITLE, **said}))


async def line(study_id: int, group: str, site: str = "") -> Standing:
    study = await models.Study.get(id=study_id)
    return next(one for one in await standings(study) if (one.group, one.site) == (group, site))


# One person


async def test_somebody_with_the_same_address_is_one_person_however_they_come(table: Table) -> None:
    assert await bring(table, somebody("Aline"), somebody("Bob")) == (2, 0)
    assert await bring(table, somebody("A. Roy", mail="aline@example.org", phone="1"), somebody("Zoé")) == (1, 1)
    seated = await conduct.add_seats(table.house, table.fay, [somebody("Line", mail="aline@example.org")])
    made = await second(table)
    again = await conduct.add_seats(table.house, await desk_of(made), [somebody("aline")])
    assert seated[0].person_id == again[0].person_id
    person = await models.Person.get(id=seated[0].person_id)
    assert (person.name, person.phone) == ("Aline", "1")  # what is known stays, what was not is added
    assert await models.Person.all().count() == await models.Member.all().count() == 3


async def test_people_of_two_studies_stay_two_people(table: Table) -> None:
    await bring(table, somebody("Aline"))
    elsewhere = await models.Session.get(id=table.odile.session_id)
    await conduct.add_members(table.house, await fay_of(table), elsewhere.study_id, [somebody("Aline")])
    assert await models.Person.all().count() == 2


async def test_the_roster_of_a_session_adds_to_the_panel_and_a_rehearsal_does_not(table: Table) -> None:
    guests = [somebody("Aline", sites=("laval",), arm="trial"), Guest(Role.PARTICIPANT, "patients", "fr")]
    await conduct.add_seats(table.house, table.fay, guests)
    (member,) = await models.Member.all()  # nobody knows who sits in a seat without a name
    assert (member.group, member.language, member.sites, member.arm) == ("patients", "fr", ["laval"], "trial")
    await models.Session.filter(id=table.session.id).update(rehearses=table.odile.session_id)
    await conduct.add_seats(table.house, table.fay, [somebody("Bob")])
    assert await models.Member.all().count() == 1
    (again,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline")])
    assert again.person_id != member.person_id  # whoever goes with a rehearsal is nobody of the panel


async def test_whoever_sat_before_there_was_a_panel_is_of_it_once(table: Table) -> None:
    """As a database of an earlier version is brought up to date."""
    await conduct.add_seats(table.house, table.fay, [somebody("Aline"), somebody("Bob", "clinicians")])
    await second(table, with_people=True)
    bob = await models.Seat.filter(group="clinicians", person_id__isnull=False).order_by("id").first()
    assert bob is not None and bob.person_id is not None
    await models.Member.exclude(person_id=bob.person_id).delete()
    await table.house.store.write(lambda: store.rows(import_module("consensus.migrations.0022_panel").MEMBERS))
    told = [(one.person.name, one.group) for one in await models.Member.all().select_related("person")]
    assert sorted(told) == [("Aline", "patients"), ("Bob", "clinicians")]


async def test_a_name_that_changes_in_the_panel_changes_at_every_table(table: Table) -> None:
    await conduct.add_seats(table.house, table.fay, [somebody("Aline"), somebody("Bob")])
    made = await second(table, with_people=True)
    member = await models.Member.filter(person__name="Aline").get()
    told = Told("Aline Roy", "Aline.Roy@example.org", "", "clinicians", "fr")
    await conduct.change_member(table.house, await fay_of(table), made.study_id, member.id, told)
    for session in (table.session, made):
        seat = (
            await models.Seat.filter(session_id=session.id, person_id=member.person_id).get().select_related("person")
        )
        assert seat.person is not None and seat.person.name == "Aline Roy"
        assert seat.person.mail == "aline.roy@example.org" and seat.group == "patients"
    with pytest.raises(Refused, match=r"refused\.mail_of_another"):
        taken = Told("Aline", "bob@example.org", "", "patients", "fr")
        await conduct.change_member(table.house, await fay_of(table), made.study_id, member.id, taken)


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (Told("", "", "", "patients", "fr"), "refused.nobody_known"),
        (Told("A", "not an address", "", "patients", "fr"), "address"),
        (Told("A", "", "", "martians", "fr"), "refused.no_such_group"),
        (Told("A", "", "", "patients", "fr", ("atlantis",)), "refused.no_such_site"),
        (Told("A", "", "", "patients", "fr", (), "left"), "refused.no_such_arm"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_changes(table: Table, told: Told, key: str) -> None:
    await bring(table, somebody("Aline"))
    member = await models.Member.get()
    fay, study = await fay_of(table), table.session.study_id
    for act in (
        conduct.change_member(table.house, fay, study, member.id, told),
        conduct.add_member(table.house, fay, study, told),
    ):
        with pytest.raises(Refused) as refused:
            await act
        assert refused.value.key.startswith(key)
    assert (await models.Person.get()).name == "Aline"


async def test_a_member_of_another_study_is_nobody_here(table: Table) -> None:
    await bring(table, somebody("Aline"))
    elsewhere = await models.Session.get(id=table.odile.session_id)
    member, told = await models.Member.get(), Told("Eve", "", "", "patients", "fr")
    for act in (
        conduct.change_member(table.house, await fay_of(table), elsewhere.study_id, member.id, told),
        conduct.remove_member(table.house, await fay_of(table), elsewhere.study_id, member.id),
    ):
        with pytest.raises(Refused, match=r"refused\.no_such_member"):
            await act
    desk = await models.Seat.get(session_id=elsewhere.id, role=Role.FACILITATOR)
    with pytest.raises(Refused, match=r"refused\.nobody_to_seat"):
        await conduct.seat_members(table.house, desk, {member.id})


# Seated, and gone again


async def test_people_of_the_panel_are_seated_once_in_each_session(table: Table) -> None:
    await bring(table, somebody("Aline"), somebody("Bob", "clinicians"))
    members = {member.id for member in await models.Member.all()}
    assert await conduct.seat_members(table.house, table.fay, members) == 2
    with pytest.raises(Refused, match=r"refused\.nobody_to_seat"):
        await conduct.seat_members(table.house, table.fay, members)
    made = await second(table)
    assert await conduct.seat_members(table.house, await desk_of(made), members) == 2
    facts = await members_of(table.session.study_id)
    assert [[session for session, _ in one.sits] for one in facts] == [[table.session.id, made.id]] * 2


async def test_who_left_a_session_is_never_seated_there_again_and_stays_elsewhere(table: Table) -> None:
    (aline,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline")])
    made = await second(table, with_people=True)
    await conduct.consent(table.house, aline)
    await table.open("rating")
    await table.cast(await models.Seat.get(id=aline.id), "rating", card="P001", importance="9")
    await conduct.withdraw(table.house, await models.Seat.get(id=aline.id), erase=True)
    (member,) = await members_of(table.session.study_id)
    assert (member.name, member.left) == ("Aline", (table.session.id,))
    assert [session for session, _ in member.sits] == [made.id]
    with pytest.raises(Refused, match=r"refused\.nobody_to_seat"):
        await conduct.seat_members(table.house, table.fay, {member.id})
    with pytest.raises(Refused, match=r"refused\.has_left.*Aline"):
        await conduct.add_seats(table.house, table.fay, [somebody("Aline")])


async def test_erasing_answers_at_one_table_leaves_those_of_the_others(table: Table) -> None:
    (aline,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline")])
    made = await second(table, with_people=True)
    there, desk = await models.Seat.get(session_id=made.id, role=Role.PARTICIPANT), await desk_of(made)
    other = Table(table.house, made, desk, [there], table.odile)
    for one, seat in ((table, aline), (other, there)):
        await conduct.consent(one.house, seat)
        await one.open("rating")
        await one.cast(await models.Seat.get(id=seat.id), "rating", card="P001", importance="9")
    await conduct.withdraw(table.house, await models.Seat.get(id=aline.id), erase=True)
    assert (await models.Ballot.get(seat_id=aline.id)).marks is None
    assert (await models.Ballot.get(seat_id=there.id)).marks is not None
    assert (await models.Seat.get(id=there.id)).withdrawn == ""


async def test_who_leaves_the_last_session_is_forgotten_by_the_panel(table: Table) -> None:
    (aline,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline")])
    await conduct.withdraw(table.house, aline, erase=False)
    assert not await models.Person.exists() and not await models.Member.exists()


async def test_a_name_is_erased_with_the_member_unless_a_session_needs_it(table: Table) -> None:
    await bring(table, somebody("Aline"), somebody("Bob"))
    aline, bob = await models.Member.all().order_by("id")
    await conduct.seat_members(table.house, table.fay, {bob.id})
    fay, study = await fay_of(table), table.session.study_id
    await conduct.remove_member(table.house, fay, study, aline.id)
    assert [person.name for person in await models.Person.all()] == ["Bob"]
    with pytest.raises(Refused, match=r"refused\.member_sits"):
        await conduct.remove_member(table.house, fay, study, bob.id)
    assert await models.Member.all().count() == 1


async def test_a_group_that_is_corrected_in_a_session_is_corrected_in_the_panel(table: Table) -> None:
    (aline,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline")])
    await conduct.regroup(table.house, table.fay, aline.id, "clinicians")
    assert (await models.Member.get()).group == "clinicians"


async def test_no_line_of_the_journal_names_anybody(table: Table) -> None:
    await bring(table, somebody("Aline"), somebody("Bob"))
    member = await models.Member.filter(person__name="Bob").get()
    fay, study = await fay_of(table), table.session.study_id
    told = Told("Bobby", "bobby@example.org", "", "patients", "fr")
    await conduct.change_member(table.house, fay, study, member.id, told)
    await conduct.remove_member(table.house, fay, study, member.id)
    lines = await models.Entry.filter(head=HOUSE, act__contains="member").order_by("seq")
    assert [(one.act, json.loads(one.payload)) for one in lines] == [
        ("add_members", {"study": study, "new": 2, "known": 0}),
        ("change_member", {"study": study}),
        ("remove_member", {"study": study}),
    ]


# A list


def read(text: str) -> roster.Reading:
    def names(known: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(name, one["key"]) for one in known for name in (*one["names"].values(), one["key"])]

    sites, arms = Places(names(SITES)), Places(names(ARMS))
    return roster.parse(text, roster.Book(names(GROUPS), ["fr", "en"], sites=sites, arms=arms))


def test_a_list_says_sites_and_arm_by_their_names_in_either_language() -> None:
    found = read("Nom;Groupe;Clinique;Bras\nAline;Patients;Laval, Québec;essai\nBob;patients;;\n")
    assert [(guest.sites, guest.arm) for guest in found.guests] == [(("laval", "quebec"), "trial"), ((), "")]


def test_a_site_or_an_arm_that_the_study_does_not_have_is_told_by_its_line() -> None:
    found = read("name,group,site,arm\nAline,Patients,Atlantis,\nBob,Patients,,Left\n")
    assert [line.problem.key for line in found.bad if line.problem] == ["roster.bad_site", "roster.bad_arm"]


def test_a_study_without_sites_reads_nothing_of_them() -> None:
    book = roster.Book([("Patients", "patients")], ["fr"])
    assert roster.parse("name,group,site\nAline,Patients,Laval\n", book).guests[0].sites == ()


# Waves


async def drawn(table: Table, **said: Any) -> int:
    draw = Draw(**{"seed": "one", "day": LATER, **said})
    return await conduct.draw_wave(table.house, await fay_of(table), table.session.study_id, draw)


async def test_a_wave_takes_a_share_of_each_group_at_each_site(table: Table) -> None:
    await with_sites(table)
    people = [somebody(f"P{n}", sites=("laval",)) for n in range(6)] + [somebody(f"Q{n}") for n in range(4)]
    await bring(table, *people, *(somebody(f"C{n}", "clinicians", sites=("laval", "quebec")) for n in range(5)))
    assert await drawn(table, share=50) == 3 + 2 + 3  # a half is rounded up
    taken = await models.Member.filter(wave=1)
    assert sorted((one.group, one.sites[:1]) for one in taken).count(("patients", [])) == 2
    assert await drawn(table, people=1, group="patients", site="quebec") == 1  # Laval lies in it
    (later,) = await models.Member.filter(wave=2)
    assert later.sites == ["laval"] and later.group == "patients"


async def test_nobody_is_drawn_twice_nor_whoever_sits_somewhere(table: Table) -> None:
    await bring(table, *(somebody(f"P{n}") for n in range(5)))
    first = await models.Member.all().order_by("id").first()
    assert first is not None
    await conduct.seat_members(table.house, table.fay, {first.id})
    assert await drawn(table, people=3) == 3
    assert await drawn(table, share=100) == 1
    assert (await models.Member.get(id=first.id)).wave == 0
    with pytest.raises(Refused, match=r"refused\.nobody_left_to_draw"):
        await drawn(table, share=100)
    assert [wave["people"] for wave in (await models.Study.get(id=table.session.study_id)).waves] == [3, 1]


async def test_the_journal_says_seed_and_counts_of_a_draw_and_nobody(table: Table) -> None:
    await bring(table, *(somebody(f"P{n}") for n in range(4)))
    await drawn(table, share=25, seed="a seed")
    entry = await models.Entry.filter(head=HOUSE, act="draw_wave").get()
    study = table.session.study_id
    told = {"study": study, "wave": 1, "seed": "a seed", "day": LATER, "of": 4, "drawn": 1}
    assert json.loads(entry.payload) == told


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"seed": "", "people": 1}, "refused.no_seed"),
        ({"seed": "x" * 61, "people": 1}, "refused.no_seed"),
        ({"share": 0}, "refused.draw_nobody"),
        ({"share": 101}, "refused.draw_nobody"),
        ({"people": 1, "day": "soon"}, "refused.wave_day"),
        ({"people": 1, "day": "2020-01-01"}, "refused.wave_day"),
    ],
)
async def test_a_draw_that_says_too_little_draws_nobody(table: Table, said: dict[str, Any], key: str) -> None:
    await bring(table, somebody("Aline"))
    with pytest.raises(Refused) as refused:
        await drawn(table, **said)
    assert refused.value.key == key and not await models.Member.filter(wave__gt=0).exists()


async def test_a_wave_of_today_is_in_time(table: Table) -> None:
    await bring(table, somebody("Aline"))
    study = await models.Study.get(id=table.session.study_id)
    assert await drawn(table, people=1, day=today_in(study.zone).isoformat()) == 1


@given(
    members=some.lists(some.integers(1, 10**6), unique=True), seed=some.text(min_size=1), share=some.integers(1, 100)
)
def test_the_same_seed_draws_the_same_people_whatever_their_order(members: list[int], seed: str, share: int) -> None:
    draw = Draw(seed=seed, day=LATER, share=share)
    first = drawn_of(members, draw)
    assert first == drawn_of(members[::-1], draw) and set(first) <= set(members) and len(set(first)) == len(first)
    assert abs(len(first) - len(members) * share / 100) <= 0.5


# Quotas


async def test_a_quota_counts_each_person_once_in_whatever_sessions_they_sit(table: Table) -> None:
    study = table.session.study_id
    seated = await conduct.add_seats(table.house, table.fay, [somebody("Aline"), somebody("Bob"), somebody("Zoé")])
    await conduct.set_quotas(table.house, await fay_of(table), study, [("patients", "", 8)])
    before = await line(study, "patients")
    assert (before.wanted, before.invited, before.came, before.missing) == (
        8,
        5,
        0,
        8,
    )
    made = await second(table, with_people=True)
    await conduct.queue_invitations(table.house, table.fay)
    await conduct.queue_invitations(table.house, await desk_of(made))
    there = await models.Seat.filter(session_id=made.id, person_id=seated[0].person_id).get()
    await models.Seat.filter(id__in=[seated[0].id, there.id, seated[1].id]).update(is_entered=True)
    now = await line(study, "patients")
    assert (now.invited, now.came, now.missing, now.left) == (8, 2, 6, 0)
    await conduct.withdraw(table.house, await models.Seat.get(id=seated[1].id), erase=True)
    gone = await line(study, "patients")
    assert (gone.came, gone.missing, gone.left) == (1, 7, 1)


async def test_an_invitation_that_failed_invited_nobody(table: Table) -> None:
    (aline,) = await conduct.add_seats(table.house, table.fay, [somebody("Aline", "caregivers")])
    await conduct.queue_invitations(table.house, table.fay)
    study = table.session.study_id
    assert (await line(study, "caregivers")).invited == 3
    await models.Mail.filter(seat_id=aline.id, what=INVITATION).update(state="failed")
    assert (await line(study, "caregivers")).invited == 2


async def test_a_quota_of_a_site_counts_whoever_belongs_to_it_by_seat_by_session_or_by_the_panel(table: Table) -> None:
    await with_sites(table)
    study = table.session.study_id
    made = await second(table, site="laval")
    guests = [somebody("Aline"), somebody("Bob", sites=("quebec",))]
    await conduct.add_seats(table.house, await desk_of(made), guests)
    await conduct.queue_invitations(table.house, await desk_of(made))
    wanted = [("patients", "", 9), ("patients", "laval", 2), ("patients", "quebec", 1)]
    await conduct.set_quotas(table.house, await fay_of(table), study, wanted)
    told = [(one.site, one.invited) for one in await standings(await models.Study.get(id=study))]
    assert told == [("", 7), ("quebec", 2), ("laval", 2)]  # Laval lies in Québec, and nobody counts twice there


async def test_quotas_are_kept_in_order_changed_and_taken_back(table: Table) -> None:
    study, fay = table.session.study_id, await fay_of(table)
    for bad in (("martians", "", 1), ("patients", "atlantis", 1), ("patients", "", 0), ("patients", "", 10**6)):
        with pytest.raises(Refused, match=r"refused\.bad_quota"):
            await conduct.set_quotas(table.house, fay, study, [bad])
    await conduct.set_quotas(table.house, fay, study, [("clinicians", "", 4), ("patients", "", 5)])
    assert [one.group for one in await standings(await models.Study.get(id=study))] == ["patients", "clinicians"]
    met = await line(study, "clinicians")
    assert met.wanted == 4 and not met.is_met
    await conduct.set_quotas(table.house, fay, study, [])
    lines = await standings(await models.Study.get(id=study))
    assert [one.wanted for one in lines] == [None] * 3 and not any(one.is_met for one in lines)


async def test_who_sits_in_a_rehearsal_counts_for_nothing(table: Table, house: House) -> None:
    before = await standings(await models.Study.get(id=table.session.study_id))
    await conduct.rehearse(house, table.fay, [Guest(Role.PARTICIPANT, "patients", is_simulated=True)], [])
    assert await standings(await models.Study.get(id=table.session.study_id)) == before
