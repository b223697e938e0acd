"""The pages of a study's panel: brought, found, seated, drawn and counted; by whoever runs a session of it alone."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Draw, Guest
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.consensus.test_copies import TITLE, with_sites
from tests.consensus.test_panel import LATER, bring, drawn, fay_of, second, somebody
from tests.web.test_copy_page import english

LIST = (
    "Name;E-mail;Group;Language;Site;Arm\n"
    "Aline;aline@example.org;Patients;fr;Québec - Laval;Trial\n"
    "Bob;;Clinicians;en;;\n"
)


@pytest.fixture
async def here(site: Site) -> Table:
    table = await lay_table(site.house)
    await with_sites(table)
    return table


def panel_of(table: Table, page: str = "") -> str:
    return f"/studies/{table.session.study_id}/panel{page}"


async def read(browser: httpx2.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def names_in(page: str) -> list[str]:
    return re.findall(r'<th scope="row" dir="auto"><a href="[^"]*">([^<]*)</a>', page)


# Brought


async def test_a_list_is_looked_at_first_and_then_taken_whole(site: Site, here: Table) -> None:
    fay = await english(site)
    looked = unescape((await fay.post(panel_of(here, "/new"), data={"roster": LIST, "do": "look"})).text)
    assert "Add 2 people" in looked and "Quebec – Laval" in looked and "Trial" in looked
    assert not await models.Member.exists()
    (mark,) = re.findall(r'name="mark" value="(\w+)"', looked)
    taken = await fay.post(panel_of(here, "/new"), data={"roster": LIST, "do": "confirm", "mark": mark})
    page = await read(fay, taken.headers["location"])
    assert "2 people are added." in page and names_in(page) == ["Aline", "Bob"]
    aline = await models.Member.filter(person__name="Aline").get()
    assert (aline.group, aline.language, aline.sites, aline.arm) == ("patients", "fr", ["laval"], "trial")


async def test_whoever_is_known_by_the_address_is_told_before_and_after(site: Site, here: Table) -> None:
    await bring(here, somebody("Aline"))
    fay = await english(site)
    looked = unescape((await fay.post(panel_of(here, "/new"), data={"roster": LIST, "do": "look"})).text)
    assert looked.count("In the panel already: the same person") == 1
    roster = f"/sessions/{here.session.id}/roster"
    looked = unescape((await fay.post(roster, data={"roster": LIST, "do": "look"})).text)
    assert looked.count("In the panel already: the same person") == 1
    taken = await fay.post(panel_of(here, "/new"), data={"roster": LIST, "do": "confirm"})
    page = await read(fay, taken.headers["location"])
    assert "1 person is added. 1 person was there already, by the address." in page


async def test_a_line_that_cannot_be_taken_takes_nobody_and_loses_nothing(site: Site, here: Table) -> None:
    fay = await english(site)
    wrong = LIST.replace("Québec - Laval", "Atlantis")
    sent = await fay.post(panel_of(here, "/new"), data={"roster": wrong, "do": "confirm"})
    page = unescape(sent.text)
    assert sent.status_code == 422 and "The study has no site “Atlantis”." in page and "Bob;;" in page
    assert not await models.Member.exists()


async def test_one_person_can_be_typed_and_is_kept_on_the_page_when_something_lacks(site: Site, here: Table) -> None:
    fay, path = await english(site), panel_of(here, "/new?by=one")
    sent = await fay.post(path, data={"name": "Zoé", "mail": "not an address", "group": "patients"})
    assert sent.status_code == 422 and 'value="Zoé"' in sent.text and 'value="not an address"' in sent.text
    sent = await fay.post(path, data={"name": "Zoé", "group": "patients", "sites": ["laval", "quebec"], "arm": "trial"})
    assert names_in(await read(fay, sent.headers["location"])) == ["Zoé"]
    assert (await models.Member.get()).sites == ["laval", "quebec"]


# Found and seated


async def test_five_hundred_people_come_in_pages_and_are_found(site: Site, here: Table) -> None:
    await bring(here, *(somebody(f"P{n:03}", "clinicians" if n % 10 == 0 else "patients") for n in range(500)))
    fay = await english(site)
    page = await read(fay, panel_of(here))
    assert len(names_in(page)) == 50 and "1 to 50 of 500." in page
    assert names_in(await read(fay, panel_of(here, "?page=10")))[-1] == "P499"
    assert len(names_in(await read(fay, panel_of(here, "?group=clinicians&where=nowhere")))) == 50
    found = await fay.post(panel_of(here), data={"do": "find", "sought": "p49"})
    assert names_in(unescape(found.text)) == [f"P{n}" for n in range(490, 500)]
    assert found.status_code == 200 and "p49" not in str(found.url)  # a name stands in no address
    led = await fay.post(panel_of(here), data={"do": "find", "sought": "", "group": "patients"})
    assert led.headers["location"].endswith("?group=patients")


async def test_an_arm_is_found_and_seated_alone(site: Site, here: Table) -> None:
    fay = await english(site)
    await fay.post(panel_of(here, "/new"), data={"roster": LIST, "do": "confirm"})
    assert names_in(await read(fay, panel_of(here, "?arm=trial"))) == ["Aline"]
    sent = {"do": "seat_all", "sought": "", "arm": "trial", "session": str(here.session.id)}
    told = await read(fay, (await fay.post(panel_of(here), data=sent)).headers["location"])
    assert "1 person now has a seat." in told or "1 person has a seat now." in told
    assert await models.Seat.filter(session_id=here.session.id, person__name="Bob").count() == 0


async def test_the_panel_leads_to_the_other_pages_of_its_study(site: Site, here: Table) -> None:
    fay = await english(site)
    page, study = await read(fay, panel_of(here)), f"/studies/{here.session.study_id}"
    for leads in (study, f"{study}/compare", f"{study}/pooled"):
        assert f'href="{leads}"' in page


async def test_those_ticked_or_all_of_a_filter_are_seated_in_a_session_of_ones_own(site: Site, here: Table) -> None:
    await bring(here, somebody("Aline"), somebody("Bob"), somebody("Zoé", "clinicians"))
    aline = await models.Member.filter(person__name="Aline").get()
    fay = await english(site)
    ticked = {"do": "seat", "member": [str(aline.id)], "session": str(here.session.id), "sought": ""}
    page = await read(fay, (await fay.post(panel_of(here), data=ticked)).headers["location"])
    assert "1 person has a seat now." in page and page.count("Estrie</span>") == 1
    assert f'href="/sessions/{here.session.id}/invitations"' in page
    every = {"do": "seat_all", "group": "patients", "session": str(here.session.id), "sought": ""}
    assert (await fay.post(panel_of(here), data=every)).status_code == 303
    seated = await models.Seat.filter(session_id=here.session.id, person_id__isnull=False).select_related("person")
    assert sorted(seat.person.name for seat in seated if seat.person) == ["Aline", "Bob"]
    again = await fay.post(panel_of(here), data=every)
    assert again.status_code == 422 and "All of them sit there already" in unescape(again.text)


@pytest.mark.parametrize("do", ["seat", "seat_all"])
async def test_nobody_is_seated_in_a_session_of_others_or_in_none(site: Site, here: Table, do: str) -> None:
    await bring(here, somebody("Aline"))
    member = await models.Member.get()
    other = await lay_table(site.house, title="Ailleurs")
    made = await second(here)
    await models.Seat.filter(session_id=made.id, role=Role.FACILITATOR).update(role=Role.COFACILITATOR)
    fay = await english(site)
    for session in ("", "999", str(other.session.id), str(made.id)):
        form = {"do": do, "member": [str(member.id)], "session": session, "sought": ""}
        sent = await fay.post(panel_of(here), data=form)
        assert sent.status_code == 422 and "Choose the session in which they are to sit." in unescape(sent.text)
    nobody = {"do": "seat", "session": str(here.session.id), "sought": ""}
    assert "Tick at least one person" in unescape((await fay.post(panel_of(here), data=nobody)).text)
    assert not await models.Seat.filter(person_id=member.person_id).exists()


async def test_the_panel_tells_who_came_and_who_left_and_never_who_answered(site: Site, here: Table) -> None:
    aline, bob = await conduct.add_seats(site.house, here.fay, [somebody("Aline"), somebody("Bob")])
    await conduct.copy_session(site.house, here.fay, conduct.Copy(TITLE, with_people=True))
    await models.Seat.filter(id__in=[aline.id, bob.id]).update(is_entered=True)
    for seat in (aline, bob):
        await conduct.consent(site.house, seat)
    await here.open("rating")
    fay, bare = await english(site), re.compile(r'value="[\w-]{22}"')
    member = await models.Member.filter(person_id=aline.person_id).get()
    pages = [panel_of(here), panel_of(here, f"/{member.id}"), panel_of(here, "/waves"), panel_of(here, "/quotas")]

    async def seen() -> list[str]:
        return [re.sub(r"\b[0-9a-f]{8,64}\b", "", bare.sub("", await read(fay, page))) for page in pages]

    before = await seen()
    assert before[0].count("Came in") == 2
    await here.cast(await models.Seat.get(id=aline.id), "rating", card="P001", importance="9")
    assert await seen() == before
    await conduct.withdraw(site.house, await models.Seat.get(id=bob.id), erase=True)
    after = await read(fay, panel_of(here))
    assert "Has left it" in after and after.count("Came in") == 1


# One person


async def test_a_person_is_corrected_and_taken_out(site: Site, here: Table) -> None:
    await bring(here, somebody("Aline"), somebody("Bob"))
    aline, bob = await models.Member.all().order_by("id")
    fay, path = await english(site), panel_of(here, f"/{aline.id}")
    told = {"name": "Aline Roy", "mail": "roy@example.org", "group": "clinicians", "language": "en", "sites": ["laval"]}
    assert (await fay.post(path, data=told)).status_code == 303
    page = await read(fay, path)
    assert 'value="Aline Roy"' in page and 'value="laval" checked' in page
    taken = await fay.post(path, data=told | {"mail": "bob@example.org"})
    assert taken.status_code == 422 and "Another person of the panel has this address." in unescape(taken.text)
    assert (await fay.post(path, data={"do": "remove"})).status_code == 303
    assert names_in(await read(fay, panel_of(here))) == ["Bob"]
    assert (await fay.get(path)).status_code == 404
    await conduct.seat_members(site.house, here.fay, {bob.id})
    kept = await fay.post(panel_of(here, f"/{bob.id}"), data={"do": "remove"})
    assert kept.status_code == 422 and await models.Person.exists(name="Bob")


# Waves and quotas


async def test_a_wave_is_drawn_on_a_page_and_its_people_are_found(site: Site, here: Table) -> None:
    await bring(here, *(somebody(f"P{n}") for n in range(4)))
    fay, path = await english(site), panel_of(here, "/waves")
    assert "4 people can be drawn." in await read(fay, path)
    form = {"group": "", "site": "", "by": "share", "n": "50", "day": LATER, "seed": "spring"}
    wrong = await fay.post(path, data=form | {"n": "0"})
    assert wrong.status_code == 422 and 'value="spring"' in wrong.text
    page = await read(fay, (await fay.post(path, data=form)).headers["location"])
    assert "2 people were drawn." in page
    assert len(names_in(await read(fay, panel_of(here, "?wave=1")))) == 2
    assert "Wave 1, on January 1, 2999" in await read(fay, path) and "Seed: spring" in await read(fay, path)


async def test_a_wave_whose_day_has_come_is_told_until_its_people_have_a_seat(site: Site, here: Table) -> None:
    await bring(here, *(somebody(f"P{n}") for n in range(2)))
    await drawn(here, people=2)
    fay = await english(site)
    assert "have no seat yet" not in await read(fay, panel_of(here))
    await models.Study.filter(id=here.session.study_id).update(waves=[{"day": "2026-01-31", "seed": "a", "people": 2}])
    assert "Wave 1, on January 31, 2026: 2 people of it have no seat yet." in await read(fay, panel_of(here))
    await conduct.seat_members(site.house, here.fay, {member.id for member in await models.Member.all()})
    assert "have no seat yet" not in await read(fay, panel_of(here))


async def test_quotas_are_set_and_told_on_the_panel_and_on_the_console(site: Site, here: Table) -> None:
    fay, path = await english(site), panel_of(here, "/quotas")
    assert "No quota" in await read(fay, panel_of(here))
    console = f"/sessions/{here.session.id}/console"
    assert "Wanted: 8" not in await read(fay, console)
    wrong = await fay.post(path, data={"quota.patients.": "many", "quota.clinicians.": "4"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.text and 'value="4"' in wrong.text
    sent = await fay.post(path, data={"quota.patients.": "8", "quota.patients.laval": "2", "quota.clinicians.": ""})
    page = await read(fay, sent.headers["location"])
    assert "8 are missing" in page and "2 are missing" in page and "No quota" not in page
    assert 'name="quota.patients." type="number" value="8"' in await read(fay, path)
    page = await read(fay, console)
    assert "Wanted: 8. Invited: 5. Came: 0. Missing: 8." in page and "Wanted: 2" not in page  # another site's
    await models.Session.filter(id=here.session.id).update(site="laval")
    site.house.memory.forget(("session", here.session.id))
    assert "Wanted: 2. Invited: 5. Came: 0. Missing: 2." in await read(fay, console)


# Outsiders


async def test_the_panel_is_for_whoever_runs_a_session_of_the_study(site: Site, here: Table) -> None:
    (aline,) = await conduct.add_seats(site.house, here.fay, [somebody("Aline")])
    member = await models.Member.get()
    for mail, role in (("cof@example.org", Role.COFACILITATOR), ("obs@example.org", Role.OBSERVER)):
        staff = await conduct.add_staff(site.house, mail, "Them", PASSWORD)
        await conduct.add_seats(site.house, here.fay, [Guest(role, staff_id=staff.id)])
    await conduct.add_staff(site.house, "out@example.org", "Outsider", PASSWORD)
    other = await lay_table(site.house, title="Ailleurs")
    askers = [
        (await site.sign_in("cof@example.org"), 404),
        (await site.sign_in("obs@example.org"), 404),
        (await site.sign_in("out@example.org"), 404),
        (await site.sit(aline), 403),
        (site.client(), 401),
    ]
    pages = ("", "/new", "/waves", "/quotas", f"/{member.id}")
    for browser, status in askers:
        for page in pages:
            for answer in (await browser.get(panel_of(here, page)), await browser.post(panel_of(here, page), data={})):
                assert answer.status_code == status and "Aline" not in answer.text
    fay = await site.sign_in()
    assert (await fay.get(panel_of(other, f"/{member.id}"))).status_code == 404  # of another study


async def test_whoever_leaves_is_told_what_they_keep_elsewhere(site: Site, here: Table) -> None:
    (aline,) = await conduct.add_seats(site.house, here.fay, [somebody("Aline")])
    leave = f"/sessions/{here.session.id}/withdraw?lang=en"
    browser = await site.sit(aline)
    await conduct.consent(site.house, aline)
    assert "You also have a seat in" not in await read(browser, leave)
    await conduct.copy_session(site.house, here.fay, conduct.Copy(TITLE, with_people=True))
    assert "You also have a seat in: Laval. You keep it." in await read(browser, leave)


async def test_a_draw_of_the_same_seed_is_the_same_draw(site: Site, here: Table) -> None:
    await bring(here, *(somebody(f"P{n}") for n in range(20)))
    draw = Draw(seed="autumn", day=LATER, people=5)
    study, fay = here.session.study_id, await fay_of(here)
    await conduct.draw_wave(site.house, fay, study, draw)
    first = {member.id for member in await models.Member.filter(wave=1)}
    await models.Member.filter(wave=1).update(wave=0)
    await conduct.draw_wave(site.house, fay, study, draw)
    assert {member.id for member in await models.Member.filter(wave=2)} == first
