"""What is said of a session is changed until somebody may rest on it; then its page says what stays, and why."""

from __future__ import annotations

import html

import pytest

from consensus import conduct, models
from tests.conftest import Site, Table, lay_table
from tests.web.test_sites import TWO_LEVELS, way

ABOUT = {"title.en": "Halifax", "title.fr": "Halifax", "site": "s2", "arm": "a1", "planned_on": "2027-01-12"}


async def laid(site: Site) -> Table:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert (await fay.post(way(table), data=TWO_LEVELS)).status_code == 303
    return table


async def stored(table: Table) -> models.Session:
    return await models.Session.get(id=table.session.id)


async def test_a_session_gets_its_site_arm_and_day_when_it_is_made(site: Site) -> None:
    table = await laid(site)
    fay, path = await site.sign_in(), f"/studies/{table.session.study_id}/sessions/new"
    page = html.unescape((await fay.get(f"{path}?lang=en")).text)
    assert "Nova Scotia – Halifax clinic" in page
    sent = {**ABOUT, "protocol": "delphi", "statements": "write"}
    assert (await fay.post(path, data=sent)).status_code == 303
    made = await models.Session.all().order_by("-id").first()
    assert made is not None
    assert (made.site, made.arm, made.planned_on, made.protocol) == ("s2", "a1", "2027-01-12", "delphi")


@pytest.mark.parametrize(
    "wrong, sentence",
    [({"planned_on": "soon"}, "Choose a day, or leave it empty."), ({"site": "s9"}, "This study has no such site.")],
)
async def test_a_wrong_place_is_said_and_nothing_is_lost(site: Site, wrong: dict[str, str], sentence: str) -> None:
    table = await laid(site)
    fay = await site.sign_in()
    for path in (f"/studies/{table.session.study_id}/sessions/new", f"/sessions/{table.session.id}/about"):
        sent = {**ABOUT, "protocol": "delphi", "statements": "write", **wrong}
        answer = await fay.post(f"{path}?lang=en", data=sent)
        assert answer.status_code == 422
        assert sentence in html.unescape(answer.text)
        assert 'value="Halifax"' in answer.text
    assert (await stored(table)).title["en"] == "Estrie"


async def test_it_is_changed_until_a_step_opens(site: Site) -> None:
    table = await laid(site)
    fay, path = await site.sign_in(), f"/sessions/{table.session.id}/about"
    assert (await fay.post(path, data={**ABOUT, "why": "Asked for by the site."})).status_code == 303
    session = await stored(table)
    assert (session.title["en"], session.site, session.why) == ("Halifax", "s2", "Asked for by the site.")
    line = await models.Entry.get(act="change_session")
    assert "Halifax" not in line.payload
    assert "Asked" not in line.payload
    await table.open("rating")
    page = (await fay.get(f"{path}?lang=en")).text
    assert "since a step has opened with them" in page
    assert 'name="site"' not in page
    assert 'name="title.en"' in page
    assert (await fay.post(path, data={**ABOUT, "site": "", "title.en": "Halifax 2"})).status_code == 303
    session = await stored(table)
    assert (session.title["en"], session.site) == ("Halifax 2", "s2"), "a field that is fixed stays as it is"


async def test_its_title_stays_once_somebody_has_answered_under_it(site: Site) -> None:
    table = await laid(site)
    fay, path = await site.sign_in(), f"/sessions/{table.session.id}/about"
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    assert await models.Ballot.all().count() == 1
    page = (await fay.get(f"{path}?lang=en")).text
    assert 'name="title.en"' not in page
    assert (await fay.post(path, data={**ABOUT, "why": "Later."})).status_code == 303
    session = await stored(table)
    assert (session.title["en"], session.why) == ("Estrie", "Later.")
    with pytest.raises(conduct.Refused, match="answered_already"):
        await conduct.change_session(site.house, table.fay, title={"en": "Other", "fr": "Autre"})
    with pytest.raises(conduct.Refused, match="place_firm"):
        await conduct.change_session(site.house, table.fay, site="s1")


async def test_only_the_facilitator_finds_the_page(site: Site) -> None:
    table = await laid(site)
    path = f"/sessions/{table.session.id}/about"
    assert (await (await site.sit(table.aline)).get(path)).status_code == 403
    assert (await site.client().get(path)).status_code == 401
    elsewhere = await lay_table(site.house, title="Ailleurs")
    assert (await (await site.sit(elsewhere.aline)).get(path)).status_code == 404
