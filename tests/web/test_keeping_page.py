"""The page on which a study is handed over, put away and erased, and the certificate; as each side sees it."""

from __future__ import annotations

from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from rounds.contract import Role
from tests.conftest import PASSWORD, RATING, Site, Table, lay_table

TITLE = "Case management"


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house, [*RATING])


async def other(site: Site, name: str, is_administrator: bool = False) -> httpx2.AsyncClient:
    await conduct.add_staff(site.house, f"{name}@example.org", name.title(), PASSWORD, is_administrator)
    return await site.sign_in(f"{name}@example.org")


async def beside(site: Site, table: Table, name: str = "max", role: Role = Role.FACILITATOR) -> httpx2.AsyncClient:
    browser = await other(site, name)
    staff = await models.Staff.get(mail=f"{name}@example.org")
    await conduct.add_seats(site.house, table.fay, [Guest(role, staff_id=staff.id)])
    return browser


def at(table: Table, act: str = "") -> str:
    return f"/studies/{table.session.study_id}/keeping{act}"


async def read(browser: httpx2.AsyncClient, path: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path}?lang={language}")).text)


async def test_both_sides_read_that_a_study_was_handed_over(site: Site, here: Table) -> None:
    fay, max_ = await site.sign_in(), await other(site, "max")
    assert (await max_.get(at(here))).status_code == 404
    told = await fay.post(at(here, "/hand-over"), data={"mail": "max@example.org", "stays": "leave"})
    assert told.headers["location"] == "/studies"
    assert "Fay handed it over to Max on" in await read(fay, "/studies")
    assert "Fay handed it over to you on" in await read(max_, "/studies")
    assert "Vous l’avez reçue de Fay le" in await read(max_, "/studies", "fr")
    assert (await fay.get(at(here))).status_code == 404 and "Hand over the study" in await read(max_, at(here))
    assert (await fay.get(f"/sessions/{here.session.id}/console")).status_code == 404
    assert (await max_.get(f"/sessions/{here.session.id}/console")).status_code == 200


async def test_a_wrong_address_is_told_and_stays_in_its_field(site: Site, here: Table) -> None:
    fay = await site.sign_in()
    page = await fay.post(at(here, "/hand-over"), data={"mail": "nobody@example.org", "stays": "leave"})
    assert page.status_code == 422 and 'value="nobody@example.org"' in page.text and 'href="#f-mail"' in page.text
    assert 'value="leave" checked' in page.text


async def test_a_study_put_away_leaves_the_list_is_read_and_comes_back_at_one_press(site: Site, here: Table) -> None:
    fay, study = await site.sign_in(), here.session.study_id
    assert (await fay.post(at(here, "/away"))).status_code == 303
    page = await read(fay, "/studies")
    assert "1 study put away" in page and f"/studies/{study}/sessions/new" not in page
    assert (await fay.get(f"/sessions/{here.session.id}/results")).status_code == 200
    form = {"title.fr": "Suite", "title.en": "Next", "protocol": "delphi"}
    refused = await fay.post(f"/studies/{study}/sessions/new?lang=en", data=form)
    assert refused.status_code == 422 and "This study is put away. Bring it back first." in refused.text
    assert (await fay.post(at(here, "/away"), data={"back": "1"})).status_code == 303
    assert f"/studies/{study}/sessions/new" in await read(fay, "/studies")


async def test_two_people_erase_a_study_and_both_have_the_certificate(site: Site, here: Table) -> None:
    fay, max_, ada = await site.sign_in(), await beside(site, here), await other(site, "ada", True)
    study = here.session.study_id
    page = await read(fay, at(here))
    assert "not over: there is no file" in page and "Ask to erase the study" in page
    assert "Ask to erase the study" not in await read(max_, at(here))
    await fay.post(at(here, "/erase"), data={"act": "ask", "name": TITLE})
    assert "A second person must confirm" in await read(fay, at(here)) and "Erase everything" not in await read(
        fay, at(here)
    )
    for second in (max_, ada):
        assert at(here) in await read(second, "/studies") and "Erase everything now" in await read(second, at(here))
    wrong = await max_.post(at(here, "/erase"), data={"act": "confirm", "name": "Case"})
    assert wrong.status_code == 422 and 'value="Case"' in wrong.text and 'href="#f-name"' in wrong.text
    done = await max_.post(at(here, "/erase"), data={"act": "confirm", "name": "gestion de cas"})
    assert done.headers["location"] == f"/erased/{study}"
    assert (await fay.get(at(here))).status_code == 404
    for browser in (fay, max_, ada):
        assert f'href="/erased/{study}"' in await read(browser, "/studies")
        page = await read(browser, f"/erased/{study}")
        assert "Max (account" in page and "11 seats of participants" in page and TITLE not in page
        file = await browser.get(f"/erased/{study}/certificate.txt")
        assert "Certificat d’effacement" in file.text and "Certificate of erasure" in file.text
        assert "attachment" in file.headers["content-disposition"] and TITLE not in file.text


async def test_a_parcel_is_offered_first_where_a_session_is_over(site: Site, here: Table) -> None:
    await here.open("rating")
    for seat in here.seats:
        await here.cast(seat, "rating", card="P001", importance="7")
    await here.close("rating")
    fay, ada = await site.sign_in(), await other(site, "ada", True)
    path = f"/sessions/{here.session.id}/parcel/released"
    assert f'href="{path}"' in await read(fay, at(here))
    assert (await fay.get(path)).headers["content-type"] == "application/zip"
    assert path not in await read(ada, at(here)), "who sits in no session has none of its files"


async def test_an_outsider_neither_reads_nor_does_any_of_it(site: Site, here: Table) -> None:
    fay, max_ = await site.sign_in(), await beside(site, here)
    rita, eve = await beside(site, here, "rita", Role.RESEARCHER), await other(site, "eve")
    aline, stranger = await site.sit(here.aline), site.client()
    acts = {"/hand-over": {"mail": "eve@example.org"}, "/away": {}, "/erase": {"act": "ask", "name": TITLE}}
    for browser in (rita, eve, aline, stranger):
        assert (await browser.get(at(here))).status_code in {401, 403, 404}
        for act, form in acts.items():
            assert (await browser.post(at(here, act), data=form)).status_code in {401, 403, 404}
    for act, form in acts.items():
        assert (await max_.post(at(here, act), data=form)).status_code == 422, "who facilitates does not lead"
    await fay.post(at(here, "/erase"), data={"act": "ask", "name": TITLE})
    for browser in (rita, eve, aline, stranger):
        told = await browser.post(at(here, "/erase"), data={"act": "confirm", "name": TITLE})
        assert told.status_code in {401, 403, 404}
    assert (await fay.post(at(here, "/erase"), data={"act": "confirm", "name": TITLE})).status_code == 422
    assert await models.Study.exists(id=here.session.study_id)
    await max_.post(at(here, "/erase"), data={"act": "confirm", "name": TITLE})
    for browser in (rita, eve, stranger):
        for page in ("", "/certificate.txt"):
            assert (await browser.get(f"/erased/{here.session.study_id}{page}")).status_code in {401, 404}
    assert (await aline.get(f"/sessions/{here.session.id}")).status_code == 401, "their devices are signed out"
