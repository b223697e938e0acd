"""Pages on which a study's sessions are planned, given a list and invited at once; only by whoever runs them."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.numbers import numbers_of
from consensus.passed import Flow, flows_into, flows_left
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.consensus.test_numbers import LIST as STATEMENTS
from tests.consensus.test_numbers import another

PAGES = ("days", "list", "invite", "flows")
LIST = "id,text_en,text_fr,source\n1,A bed.,Un lit.,Smith 2020\n2,A nurse.,Une infirmière.,\n"


@pytest.fixture
async def table(site: Site) -> Table:
    return await lay_table(site.house)


@pytest.mark.parametrize("page", PAGES)
async def test_they_are_pages_in_both_languages_and_closed_to_outsiders(site: Site, table: Table, page: str) -> None:
    await another(table)
    fay, here = await site.sign_in(), f"/studies/{table.session.study_id}/{page}"
    for language in ("en", "fr"):
        answer = await fay.get(f"{here}?lang={language}")
        assert answer.status_code == 200 and f'<html lang="{language}' in answer.text
    await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD)
    assert (await (await site.sign_in("ada@example.org")).get(here)).status_code == 404
    study = (await fay.get(f"/studies/{table.session.study_id}")).text
    assert f'href="{here}"' in study


async def test_a_list_is_looked_at_once_and_goes_to_the_ticked_sessions_and_back(site: Site, table: Table) -> None:
    one, two = await another(table, "A"), await another(table, "B")
    fay, here = await site.sign_in(), f"/studies/{table.session.study_id}/list"
    form = {"text": LIST, "session": [str(one.session_id), str(two.session_id)]}
    looked = html.unescape((await fay.post(f"{here}?lang=en", data={**form, "do": "look"})).text)
    assert "Smith 2020" in looked and "Bring it to the ticked sessions" in looked
    assert not await numbers_of(one.session_id)
    given = await fay.post(here, data={**form, "do": "confirm"}, follow_redirects=True)
    assert "Take it back from 2 sessions" in html.unescape((await fay.get(f"{given.url}&lang=en")).text)
    assert await numbers_of(one.session_id) == await numbers_of(two.session_id) != {}
    await fay.post(here, data={"session": form["session"], "do": "undo"})
    assert not await numbers_of(one.session_id) and not await numbers_of(two.session_id)


async def test_nothing_ticked_is_said_and_keeps_what_was_typed(site: Site, table: Table) -> None:
    fay, here = await site.sign_in(), f"/studies/{table.session.study_id}/list?lang=en"
    page = html.unescape((await fay.post(here, data={"text": LIST, "do": "look"})).text)
    assert "Tick at least one session." in page and "A nurse." in page


async def test_days_of_all_sessions_are_saved_with_one_press(site: Site, table: Table) -> None:
    new = await another(table)
    fay, here = await site.sign_in(), f"/studies/{table.session.study_id}/days"
    form = {f"planned_on.{table.session.id}": "2030-03-01", f"planned_on.{new.session_id}": "2030-03-02"}
    form[f"opens_at.{new.session_id}"] = "2030-03-02T09:00"
    assert (await fay.post(here, data=form)).status_code == 303
    assert (await models.Session.get(id=new.session_id)).planned_on == "2030-03-02"
    page = (await fay.get(here)).text
    assert "2030-03-01" in page and "2030-03-02T09:00" in page
    wrong = await fay.post(f"{here}?lang=en", data={**form, f"opens_at.{new.session_id}": "soon"})
    assert "2030-03-01" in wrong.text and (await models.Session.get(id=new.session_id)).planned_on == "2030-03-02"


async def test_invitations_are_counted_before_they_are_asked_for(site: Site, table: Table) -> None:
    new, study = await another(table), table.session.study_id
    group = (await models.Study.get(id=study)).groups[0]["key"]
    for desk in (table.fay, new):
        await conduct.add_seats(site.house, desk, [Guest(Role.PARTICIPANT, group, name="Ann", mail="ann@example.org")])
    fay, here = await site.sign_in(), f"/studies/{study}/invite?lang=en"
    ticked = [str(table.session.id), str(new.session_id)]
    page = html.unescape((await fay.post(here, data={"session": ticked, "do": "look"})).text)
    if not site.house.settings.sends_mail:
        assert "mail" in page and not await models.Mail.exists()
        return
    assert "1 person would be written to" in page and "It is about 2 seats." in page
    await fay.post(here, data={"session": ticked, "do": "confirm"})
    assert await models.Mail.filter(session_id__in=[int(one) for one in ticked]).count() == 2


async def test_a_planned_flow_stands_on_the_study_page_and_is_passed_on_with_one_press(
    site: Site, table: Table
) -> None:
    new, study = await another(table, "National"), table.session.study_id
    fay, here = await site.sign_in(), f"/studies/{study}/flows"
    form = {"source": str(table.session.id), "to": str(new.session_id), "takes": "all", "first": ""}
    assert (await fay.post(here, data={**form, "do": "add"})).status_code == 303
    assert flows_into(await models.Session.get(id=new.session_id)) == (Flow(table.session.id),)
    page = html.unescape((await fay.get(f"/studies/{study}?lang=en")).text)
    assert "Passes its list on to “National”" in page and "Pass its list" not in page
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    page = html.unescape((await fay.get(f"/studies/{study}?lang=en")).text)
    assert "Pass its list on to “National”" in page
    await fay.post(f"/sessions/{table.session.id}/passing", data={**form, "do": "confirm"})
    assert not flows_left(await models.Session.get(id=new.session_id))
    assert "passed on" in (await fay.get(f"/studies/{study}?lang=en")).text
    await fay.post(here, data={**form, "do": "drop"})
    assert not flows_into(await models.Session.get(id=new.session_id))


async def test_the_same_words_under_another_number_are_offered_on_the_page_of_statements(
    site: Site, table: Table
) -> None:
    new = await another(table)
    await conduct.bring_together(
        site.house,
        await models.Staff.get(id=table.fay.staff_id),
        table.session.study_id,
        [new.session_id],
        [replace(one, source_id=f"X{n}") for n, one in enumerate(STATEMENTS)],
    )
    fay, here = await site.sign_in(), f"/sessions/{new.session_id}/statements"
    assert "Same statement: take no. 1" in html.unescape((await fay.get(f"{here}?lang=en")).text)
    await fay.post(f"{here}/same", data={"statement": "P001"})
    assert (await numbers_of(new.session_id))["P001"] == 1
