"""The call list: only where the plan has it, only who has no e-mail and has not finished, told each time."""

from __future__ import annotations

import re
from contextlib import aclosing

import pytest

from consensus import conduct, models
from consensus.conduct import Guest, Refused
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.web.test_new_link import notices
from tests.web.test_setup_pages import STUDY, newcomer

CARDS = ("P001", "P002", "P003")
NAMES = ("Aline Roy", "Léa Morin", "Zoé Hardy", "Max Côté")


@pytest.fixture
async def here(site: Site) -> Table:
    """Aline and Léa have no address, Léa has finished; Zoé has one; Max left. All of one group."""
    table = await lay_table(site.house)
    await models.Study.filter(id=table.session.study_id).update(has_call_list=True)
    mails = ("", "", "zoe@example.org", "")
    told = zip(NAMES, mails, strict=True)
    guests = [Guest(Role.PARTICIPANT, "patients", "fr", name, mail, "418 555-0100") for name, mail in told]
    people = await conduct.add_seats(site.house, table.fay, guests)
    for seat in people:
        await conduct.consent(site.house, seat)
    await table.open("rating")
    await table.cast(people[0], "rating", card="P001", importance="7")
    for card in CARDS:
        await table.cast(people[1], "rating", card=card, importance="7")
    await conduct.withdraw(site.house, people[3], erase=False)
    table.seats += people
    return table


def path_of(table: Table) -> str:
    return f"/sessions/{table.session.id}/call-list"


async def test_it_names_who_has_not_finished_and_has_no_address_to_who_asks(site: Site, here: Table) -> None:
    aline = here.seats[-4]
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(aline)) as phone:
        assert f'href="{path_of(here)}"' in (await fay.get(f"/sessions/{here.session.id}/seats")).text
        looked = await fay.get(f"{path_of(here)}?lang=en")
        assert looked.status_code == 200 and not any(name in looked.text for name in NAMES)
        assert not await models.Entry.filter(act="ask_call_list").exists()
        for number in (1, 2):
            asked = await fay.post(path_of(here))
            assert [name for name in NAMES if name in asked.text] == ["Aline Roy"] and "418 555-0100" in asked.text
            assert f"Asked for {number} time" in asked.text and asked.headers["cache-control"] == "no-store"
        looked = await fay.get(path_of(here))
        assert not any(name in looked.text for name in NAMES)
        lines = await models.Entry.filter(act="ask_call_list")
        assert [(line.by_id, line.payload) for line in lines] == [(here.fay.id, '{"round":"rating"}')] * 2
        journal = (await fay.get(f"/sessions/{here.session.id}/journal")).text
        assert journal.count("Asked for the call list") == 2
        for language, said in (("en", "Your name was on it."), ("fr", "Votre nom y était.")):
            told = notices(await phone.get(f"/sessions/{here.session.id}?lang={language}"))
            assert said in told and " · " in told
    assert not await models.Notice.filter(seat_id__in=[seat.id for seat in here.seats[-3:]], what="list").exists()


async def test_without_a_word_in_the_plan_there_is_none(site: Site, here: Table) -> None:
    await models.Study.filter(id=here.session.study_id).update(has_call_list=False)
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.seats[-4])) as aline:
        assert (await fay.get(path_of(here))).status_code == 404
        assert (await fay.post(path_of(here))).status_code == 404
        assert path_of(here) not in (await fay.get(f"/sessions/{here.session.id}/seats")).text
        await models.Seat.filter(id=here.seats[-4].id).update(consented=False)
        assert "il y a encore" not in (await aline.get(f"/sessions/{here.session.id}/take?lang=en")).text
        assert "to call you" not in (await aline.get(f"/sessions/{here.session.id}/take?lang=en")).text
        await models.Study.filter(id=here.session.study_id).update(has_call_list=True)
        assert "to call you" in (await aline.get(f"/sessions/{here.session.id}/take?lang=en")).text
    with pytest.raises(Refused, match=r"refused\.no_call_list"):
        await models.Study.filter(id=here.session.study_id).update(has_call_list=False)
        await conduct.ask_call_list(site.house, here.fay)


async def test_between_two_steps_there_is_nobody_to_call(site: Site, here: Table) -> None:
    await here.close("rating")
    async with aclosing(await site.sign_in()) as fay:
        refused = await fay.post(f"{path_of(here)}?lang=en")
        assert refused.status_code == 422 and "No step is open" in refused.text
    assert not await models.Entry.filter(act="ask_call_list").exists()


async def test_a_study_has_it_only_where_its_box_was_ticked(site: Site) -> None:
    async with aclosing(await newcomer(site)) as nora:
        (box,) = re.findall('<input[^>]* name="call_list"[^>]*>', (await nora.get("/studies/new")).text)
        assert "checked" not in box
        for more in ({}, {"call_list": "1"}):
            assert (await nora.post("/studies/new", data={**STUDY, **more})).status_code == 303
    assert [study.has_call_list for study in await models.Study.all().order_by("id")] == [False, True]


async def test_only_the_facilitator_asks(site: Site, here: Table) -> None:
    roles = (Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)
    made = await conduct.add_seats(site.house, here.fay, [Guest(role) for role in roles])
    outside = await lay_table(site.house, title="Ailleurs")
    held = [(seat, 403) for seat in (*made, here.aline)] + [(outside.aline, 404)]
    browsers = [(await site.sit(seat), status) for seat, status in held] + [(site.client(), 401)]
    for browser, status in browsers:
        assert (await browser.get(path_of(here))).status_code == status
        assert (await browser.post(path_of(here))).status_code == status
        await browser.aclose()
    assert not await models.Entry.filter(act="ask_call_list").exists()
