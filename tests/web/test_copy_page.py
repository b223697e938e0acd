"""The page on which a session is copied: what is taken, what was typed, and whose it is."""

from __future__ import annotations

from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.consensus.test_copies import ARMS, SITES


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house)


async def english(site: Site, mail: str = "fay@example.org") -> httpx2.AsyncClient:
    browser = await site.sign_in(mail)
    browser.cookies.set("language", "en", domain="127.0.0.1")
    return browser


def path(table: Table) -> str:
    return f"/sessions/{table.session.id}/copy"


async def test_the_page_says_what_is_taken_and_what_is_not_in_both_languages(site: Site, here: Table) -> None:
    await conduct.add_seats(site.house, here.fay, [Guest(Role.PARTICIPANT, "patients", "fr", "Aline")])
    fay = await english(site)
    page = unescape((await fay.get(path(here))).text)
    assert "3 imported statements, under their numbers." in page
    assert "Answers, figures and decisions." in page
    assert "Take the 1 person who takes part" in page
    assert "11 people without a name or address are not taken" in page
    page = unescape((await fay.get(path(here) + "?lang=fr")).text)
    assert "Copier cette séance" in page and "Les réponses, les chiffres et les décisions." in page


async def test_it_is_reached_from_the_plan_and_from_the_list_of_studies(site: Site, here: Table) -> None:
    fay = await english(site)
    for page in (f"/sessions/{here.session.id}/setup", "/studies"):
        assert f'href="{path(here)}"' in (await fay.get(page)).text


async def test_a_copy_leads_to_its_own_plan(site: Site, here: Table) -> None:
    fay = await english(site)
    sent = await fay.post(path(here), data={"title.fr": "Laval", "title.en": "Laval", "next": "1"})
    made = await models.Session.all().order_by("-id").first()
    assert made is not None and sent.headers["location"] == f"/sessions/{made.id}/setup"
    assert (made.title, made.follows) == ({"fr": "Laval", "en": "Laval"}, here.session.id)
    assert (await fay.get(sent.headers["location"])).status_code == 200


async def test_a_title_left_empty_takes_the_name_of_the_site(site: Site, here: Table) -> None:
    await models.Study.filter(id=here.session.study_id).update(sites=SITES, arms=ARMS)
    fay = await english(site)
    assert "Quebec – Laval" in unescape((await fay.get(path(here))).text)
    for site_key in ("laval", "quebec"):
        await fay.post(path(here), data={"title.fr": "", "title.en": "", "site": site_key})
    quebec, laval = await models.Session.all().order_by("-id").limit(2)
    assert laval.title == {"fr": "Estrie – Laval", "en": "Estrie – Laval"}
    assert quebec.title == {"fr": "Estrie – Québec", "en": "Estrie – Quebec"}
    await fay.post(f"/sessions/{laval.id}/copy", data={"site": "quebec"})
    again = await models.Session.all().order_by("-id").first()
    assert again is not None and again.title == quebec.title  # one name of a site replaces the other


async def test_what_is_wrong_is_told_and_what_was_typed_stays(site: Site, here: Table) -> None:
    fay = await english(site)
    sent = await fay.post(
        path(here), data={"title.fr": "Laval", "title.en": "", "planned_on": "2027-03-01", "next": "1"}
    )
    page = unescape(sent.text)
    assert sent.status_code == 422 and "Give the copy a title, or choose another site." in page
    assert 'value="Laval"' in page and 'value="2027-03-01"' in page and 'name="next" value="1" checked' in page
    sent = await fay.post(path(here), data={"title.fr": "A", "title.en": "A", "site": "atlantis"})
    assert sent.status_code == 422 and "This study has no such site. Load the page again." in unescape(sent.text)
    assert await models.Session.all().count() == 1


async def test_only_the_facilitator_of_the_session_copies_it(site: Site, here: Table) -> None:
    for mail, role in (("cof@example.org", Role.COFACILITATOR), ("obs@example.org", Role.OBSERVER)):
        staff = await conduct.add_staff(site.house, mail, "Them", PASSWORD)
        await conduct.add_seats(site.house, here.fay, [Guest(role, staff_id=staff.id)])
    await conduct.add_staff(site.house, "out@example.org", "Outsider", PASSWORD)
    wanted = {"title.fr": "X", "title.en": "X"}
    for browser, status in (
        (await site.sign_in("cof@example.org"), 403),
        (await site.sign_in("obs@example.org"), 403),
        (await site.sign_in("out@example.org"), 404),
        (await site.sit(here.aline), 403),
        (site.client(), 401),
    ):
        assert (await browser.get(path(here))).status_code == status
        assert (await browser.post(path(here), data=wanted)).status_code == status
    assert await models.Session.all().count() == 1
