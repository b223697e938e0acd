"""What a session found goes to another of its study, by forms that need no script; and who must not see any of it."""

from __future__ import annotations

import re

import httpx2

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.protocol import read
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.consensus.test_numbers import LIST, another, brought
from tests.consensus.test_passing import WRITING, names, rated


async def over(site: Site) -> tuple[Table, models.Seat]:
    """A session that found that P002 matters most, and the desk of another, which has not begun."""
    table = await lay_table(site.house)
    desk = await another(table)
    await rated(table, "P002")
    return table, desk


async def page_of(client: httpx2.AsyncClient, seat: models.Seat, page: str, language: str = "en") -> str:
    answer = await client.get(f"/sessions/{seat.session_id}/{page}?lang={language}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def in_english(site: Site, mail: str = "fay@example.org") -> httpx2.AsyncClient:
    client = await site.sign_in(mail)
    await client.get("/studies?lang=en")
    return client


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_what_would_go_is_shown_first_and_goes_at_a_press(site: Site) -> None:
    table, desk = await over(site)
    client = await in_english(site)
    assert f"/sessions/{table.session.id}/passing" in await page_of(client, table.fay, "results")
    asked = plain(await page_of(client, table.fay, "passing"))
    assert "Montréal It holds 0 statements." in asked and "All statements of the list 3 statements" in asked
    form = {"to": str(desk.session_id), "takes": "all", "first": "1"}
    url = f"/sessions/{table.session.id}/passing"
    shown = plain((await client.post(url, data={**form, "do": "look"})).text)
    assert "1 statement goes to “Montréal”" in shown and "P002 Statement 2. Rank 1 of 3 · 7 to 9: 100%" in shown
    assert await names(desk.session_id) == [], "nothing goes before it is asked for"
    gone = await client.post(url, data={**form, "do": "confirm"})
    assert gone.status_code == 303
    assert gone.headers["location"] == f"/sessions/{desk.session_id}/statements?from={table.session.id}&came=1"
    there = plain((await client.get(gone.headers["location"])).text)
    assert "1 statement came in from another session." in there and "From the session “Estrie”" in there
    assert "P001 Statement 2. Rank 1 of 3 · 7 to 9: 100% · No. 2 in the study" in there


async def test_what_came_is_taken_out_again_as_a_whole_or_one_by_one(site: Site) -> None:
    table, desk = await over(site)
    await conduct.pass_on(site.house, table.fay, desk.session_id)
    client = await in_english(site)
    url = f"/sessions/{desk.session_id}/statements/passed"
    one = await client.post(url, data={"session": str(table.session.id), "statement": "P002"})
    assert one.headers["location"].endswith("/statements?out=1") and await names(desk.session_id) == ["P001", "P003"]
    await client.post(url, data={"session": str(table.session.id), "statement": ""})
    assert await names(desk.session_id) == []
    again = await client.post(url, data={"session": str(table.session.id), "statement": ""})
    assert "These statements are no longer here." in plain(again.text)


async def test_a_preview_tells_what_is_there_already(site: Site) -> None:
    table, desk = await over(site)
    await brought(table, desk, LIST[0])
    client = await in_english(site)
    form = {"to": str(desk.session_id), "takes": "all", "do": "look"}
    shown = plain((await client.post(f"/sessions/{table.session.id}/passing", data=form)).text)
    assert "2 statements go to “Montréal”" in shown and "1 more is there already." in shown
    assert "7 to 9: 0% Already there" in shown


async def test_nothing_typed_is_lost_where_something_is_wrong(site: Site) -> None:
    table, desk = await over(site)
    client = await in_english(site)
    url = f"/sessions/{table.session.id}/passing"
    wrong = (
        await client.post(url, data={"to": str(desk.session_id), "takes": "all", "first": "two", "do": "look"})
    ).text
    assert "is a whole number from 1 to 9,999" in plain(wrong) and 'value="two"' in wrong
    nobody = await client.post(url, data={"takes": "all", "first": "2", "do": "look"})
    assert "Choose the session that takes the statements." in plain(nobody.text) and 'value="2"' in nobody.text
    none = await client.post(url, data={"to": str(desk.session_id), "takes": "fridge", "do": "look"})
    assert "There is no such statement to pass on." in plain(none.text)


async def test_a_session_that_cannot_take_is_told_why(site: Site) -> None:
    table, desk = await over(site)
    await another(table, "Laval", WRITING)
    row = await models.Round.get(session_id=desk.session_id)
    await conduct.import_statements(site.house, desk, LIST)
    await conduct.open_round(site.house, desk, row.id)
    page = plain(await page_of(await site.sign_in(), table.fay, "passing"))
    assert "Laval: people write their ideas first there." in page and "Montréal" not in page
    assert "No session of this study can take statements." in page


async def test_before_a_step_has_closed_there_is_nothing_to_pass_on(site: Site) -> None:
    table = await lay_table(site.house)
    client = await in_english(site)
    assert "There is nothing to pass on yet." in plain(await page_of(client, table.fay, "passing"))
    assert "/passing" not in await page_of(client, table.fay, "results")


async def test_in_french_it_says_the_same(site: Site) -> None:
    table, desk = await over(site)
    await conduct.pass_on(site.house, table.fay, desk.session_id, first=1)
    client = await in_english(site)
    assert "Transmettre à une autre séance" in plain(await page_of(client, table.fay, "passing", "fr"))
    there = plain(await page_of(client, desk, "statements", "fr"))
    assert "Rang 1 sur 3 · 7 à 9 : 100 % · Nº 2 dans l’étude" in there


async def test_nobody_else_passes_on_or_takes_out(site: Site) -> None:
    """A participant, an observer, a co-facilitator, a facilitator of another study, a stranger."""
    table, desk = await over(site)
    await conduct.pass_on(site.house, table.fay, desk.session_id)
    other = await conduct.add_staff(site.house, "ola@example.org", "Ola", PASSWORD)
    study = await models.Study.get(id=table.session.study_id)
    await conduct.create_session(site.house, other, await elsewhere(site, study), {"en": "X", "fr": "X"}, [])
    guests = [Guest(Role.OBSERVER), Guest(Role.COFACILITATOR)]
    seats = await conduct.add_seats(site.house, table.fay, guests)
    clients = [await site.sit(seat) for seat in (table.aline, *seats)]
    clients += [await site.sign_in("ola@example.org"), site.client()]
    form = {"to": str(desk.session_id), "takes": "all", "do": "confirm"}
    out = {"session": str(table.session.id), "statement": ""}
    for client in clients:
        assert (await client.get(f"/sessions/{table.session.id}/passing")).status_code in {401, 403, 404}
        assert (await client.post(f"/sessions/{table.session.id}/passing", data=form)).status_code in {401, 403, 404}
        answer = await client.post(f"/sessions/{desk.session_id}/statements/passed", data=out)
        assert answer.status_code in {401, 403, 404} and "Statement" not in answer.text
    assert len(await names(desk.session_id)) == 3


async def elsewhere(site: Site, like: models.Study) -> models.Study:
    names = ("title", "question", "consent", "languages", "groups", "help_name", "help_phone", "retention")
    staff = await models.Staff.get(mail="ola@example.org")
    return await conduct.create_study(site.house, staff, **{name: getattr(like, name) for name in names})


async def test_a_facilitator_of_another_study_cannot_pass_on_into_this_one(site: Site) -> None:
    table, desk = await over(site)
    other = await lay_table(site.house, title="Ailleurs")
    await rated(other, "P001")
    ola = await conduct.add_staff(site.house, "ola@example.org", "Ola", PASSWORD)
    (seat,) = await conduct.add_seats(site.house, other.fay, [Guest(Role.FACILITATOR, staff_id=ola.id)])
    client = await in_english(site, "ola@example.org")
    form = {"to": str(desk.session_id), "takes": "all", "do": "confirm"}
    answer = await client.post(f"/sessions/{seat.session_id}/passing", data=form)
    assert "You cannot pass statements on to this session." in plain(answer.text) and "Montréal" not in answer.text
    assert await names(desk.session_id) == [] and table.fay.id


async def test_the_team_sees_on_each_card_where_it_comes_from_and_nobody_else(site: Site) -> None:
    """On the desk while it works, and in the results; participants and observers read of their own session alone."""
    table = await lay_table(site.house)
    desk = await another(table, "National", read("triage", is_imported=True))
    await rated(table, "P002")
    await conduct.pass_on(site.house, table.fay, desk.session_id, first=1)
    guests = [Guest(Role.PARTICIPANT, "patients", "en"), Guest(Role.OBSERVER), Guest(Role.COFACILITATOR)]
    seats = await conduct.add_seats(site.house, desk, guests)
    await conduct.consent(site.house, seats[0])
    there = Table(site.house, await models.Session.get(id=desk.session_id), desk, [], table.odile)
    await there.open("compilation")
    client, line = await in_english(site), "Estrie · Rank 1 of 3 · 7 to 9: 100%"
    assert line in plain(await page_of(client, desk, "console"))
    await there.cast(desk, "compilation", act="accept", of="P001")
    assert line in plain(await page_of(client, desk, "console")), "also on what was made of it"
    await there.close("compilation")
    listed = await page_of(client, desk, "results")
    assert "Estrie · P002 · Rank 1 of 3 · 7 to 9: 100%" in plain(listed) and "No. 2 in the study" in listed
    assert f'href="/sessions/{table.session.id}/results"' in listed
    participant, observer, helper = [await site.sit(seat) for seat in seats]
    for reader in (participant, observer):
        page = await page_of(reader, desk, "results")
        assert "Statement 2." in page and "Estrie" not in page and "in the study" not in page
    theirs = await page_of(helper, desk, "results")
    assert "Estrie · P002 · Rank 1 of 3" in plain(theirs)
    assert f'href="/sessions/{table.session.id}/results"' not in theirs, "they have no seat there"
