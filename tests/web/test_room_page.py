"""The room's way in over HTTP, as a telephone without JavaScript meets it."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing

import httpx2
import pytest

from consensus import conduct, models, seats
from consensus.conduct import Guest
from consensus.web.entrance import sign_in
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table


@pytest.fixture
async def here(site: Site) -> Table:
    table = await lay_table(site.house)
    await conduct.add_seats(site.house, table.fay, [Guest(Role.PARTICIPANT, "patients", "fr")])
    await conduct.open_door(site.house, table.fay, takes_newcomers=False)
    return table


async def code_of(table: Table) -> str:
    return (await models.Session.get(id=table.session.id)).room


async def press(browser: httpx2.AsyncClient, code: str, **form: str) -> httpx2.Response:
    return await browser.post(f"/r/{code}?lang=en", data=form)


async def test_the_page_says_who_invites_and_records_nothing(site: Site, here: Table) -> None:
    async with site.client() as phone:
        page = await phone.get(f"/r/{await code_of(here)}?lang=en")
    assert page.status_code == 200 and "Fay Roy" in page.text and "Caregivers" in page.text
    assert page.text.count('name="group"') == 3 and page.text.count('class="shape"') == 3
    assert "checked" not in page.text.partition('name="language"')[0]  # no group is chosen for anybody
    assert await models.Login.all().count() == 0 and not await models.Seat.filter(is_entered=True)


async def test_the_button_gives_a_seat_and_its_code_once(site: Site, here: Table) -> None:
    code = await code_of(here)
    async with site.client() as phone, site.client() as other:
        joined = await press(phone, code, group="patients", language="en")
        own = re.search(r'class="owncode">([A-Z2-9]{4}-[A-Z2-9]{4})<', joined.text)
        assert joined.status_code == 200 and own and joined.headers["Cache-Control"] == "no-store"
        assert (await phone.get(f"/sessions/{here.session.id}/take")).status_code == 200
        again = await press(phone, code, group="clinicians", language="en")
        assert again.status_code == 303 and again.headers["location"].endswith("/take")
        assert own[1] not in (await phone.get(f"/r/{code}?lang=en")).text
        back = await other.post("/", data={"code": own[1].lower()})
        assert back.status_code == 303 and back.headers["location"].endswith("/take")
    assert await models.Seat.filter(is_entered=True).count() == 1


async def test_the_code_field_of_the_landing_page_takes_the_rooms_code(site: Site, here: Table) -> None:
    code = await code_of(here)
    async with site.client() as phone:
        answer = await phone.post("/", data={"code": f" {code[:3].lower()} {code[3:]}"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{code}")


async def test_a_group_must_be_chosen_and_what_was_typed_is_kept(site: Site, here: Table) -> None:
    async with site.client() as phone:
        answer = await press(phone, await code_of(here), language="fr")
        assert answer.status_code == 422 and site.house.texts.say("en", "refused.choose_group") in answer.text
        assert 'value="fr" checked' in answer.text
        full = await press(phone, await code_of(here), group="clinicians", language="fr")
        assert full.status_code == 422 and site.house.texts.say("en", "refused.room_full") in full.text
        assert 'value="clinicians" checked' in full.text


async def test_the_page_is_read_in_the_other_language_with_what_was_typed(site: Site, here: Table) -> None:
    async with site.client() as phone:
        page = await press(phone, await code_of(here), group="patients", language="en", say_in="fr")
        gone = await press(phone, "AAAAAA", say_in="fr")
    assert gone.status_code == 422 and site.house.texts.say("fr", "refused.wrong_room") in gone.text
    assert page.status_code == 200 and site.house.texts.say("fr", "room.group") in page.text
    assert 'value="patients" checked' in page.text and not await models.Seat.filter(is_entered=True)


async def test_a_wrong_code_leads_to_the_field_with_a_sentence(site: Site, here: Table) -> None:
    async with site.client() as phone:
        for answer in (await phone.get("/r/AAAAAA?lang=en"), await press(phone, "<b>x", group="patients")):
            assert answer.status_code == 422
            assert site.house.texts.say("en", "refused.wrong_room") in answer.text and 'name="code"' in answer.text
            assert "<b>x" not in answer.text
        await conduct.close_door(site.house, here.fay)
        assert (await phone.get(f"/r/{await code_of(here) or 'AAAAAA'}")).status_code == 422


async def test_wrong_room_codes_slow_down_room_codes_alone(site: Site, here: Table) -> None:
    async with site.client() as phone:
        for _ in range(3):
            await phone.get("/r/AAAAAA")
        assert not sign_in.paces.rooms._tried
        for _ in range(3):
            await press(phone, "AAAAAA", group="patients")
        assert sign_in.paces.rooms._tried["127.0.0.1"][0] == 3 and not sign_in.paces.seats._tried
        assert (await press(phone, await code_of(here), group="patients", language="en")).status_code == 200


async def test_somebody_of_another_session_takes_a_seat_here(site: Site, here: Table) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    async with aclosing(await site.sit(elsewhere.aline)) as odile:
        page = await odile.get(f"/r/{await code_of(here)}?lang=en")
        assert "Estrie" in page.text and "Ailleurs" not in page.text
        assert (await press(odile, await code_of(here), group="patients", language="en")).status_code == 200
        assert (await odile.get(f"/sessions/{here.session.id}/take")).status_code == 200
        assert (await odile.get(f"/sessions/{elsewhere.session.id}/take")).status_code == 404


async def test_of_two_who_press_at_once_for_one_seat_one_gets_it(site: Site, here: Table) -> None:
    code = await code_of(here)
    async with site.client() as first, site.client() as second:
        pressed = (press(phone, code, group="patients", language="fr") for phone in (first, second))
        answers = await asyncio.gather(*pressed)
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_seat_that_was_entered_by_its_link_is_not_given_again(site: Site, here: Table) -> None:
    seat = await models.Seat.filter(session_id=here.session.id, consented=False, role="participant").get()
    async with aclosing(await site.sit(seat)) as owner, site.client() as phone:
        assert (await press(phone, await code_of(here), group="patients", language="fr")).status_code == 422
        assert (await owner.get(f"/sessions/{here.session.id}/take")).status_code == 200
    same = await models.Seat.get(id=seat.id)
    assert same.issue == seat.issue and seats.short_code(site.house.settings, same)


async def test_a_newcomer_to_an_open_round_counts_among_those_asked(site: Site, here: Table) -> None:
    await here.open("rating")
    await conduct.open_door(site.house, here.fay, takes_newcomers=True)
    for _ in range(2):  # the free seat, which the opening knew, and a new one
        seat = await conduct.join(site.house, await code_of(here), "patients", "en")
        await conduct.consent(site.house, seat)
        here.seats.insert(0, seat)
    for seat in here.seats[:7]:
        for card in ("P001", "P002", "P003"):
            await here.cast(seat, "rating", card=card, importance="7")
    place = f"/sessions/{here.session.id}"
    desk, phone = await site.sign_in(), await site.sit(here.bob)
    async with aclosing(desk), aclosing(phone):
        assert "<b>7/7</b>" in (await desk.get(f"{place}/console?lang=en")).text
        assert "<b>7/7</b>" in (await desk.get(f"{place}/projector?lang=en")).text
        assert "Answered: 7 of 13." in (await phone.get(f"{place}/take?lang=en")).text
        await here.close("rating")
        assert "People counted: 7 of 13" in (await desk.get(f"{place}/results?lang=en")).text


async def test_a_seat_taken_twice_from_one_page_is_one_seat(site: Site, here: Table) -> None:
    """The answer was lost on its way, with the cookie; the same page is sent again, and once more long after."""
    await conduct.open_door(site.house, here.fay, takes_newcomers=True)
    code = await code_of(here)
    async with site.client() as phone:
        page = (await phone.get(f"/r/{code}")).text
        key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    seen = []
    for _ in range(3):
        async with site.client() as phone:
            joined = await press(phone, code, group="patients", language="en", key=key)
            seen += re.findall(r'class="owncode">([A-Z2-9]{4}-[A-Z2-9]{4})<', joined.text)
            assert (await phone.get(f"/sessions/{here.session.id}/take")).status_code == 200
    assert len(seen) == 3 and len(set(seen)) == 1
    assert await models.Seat.filter(is_entered=True).count() == 1
    async with site.client() as phone:
        await press(phone, code, group="patients", language="en", key="another page")
    assert await models.Seat.filter(is_entered=True).count() == 2
