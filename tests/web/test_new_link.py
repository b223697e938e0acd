"""A link is its person's alone once they have come in: the team sees it no more.

Whatever happens to the seat is told to its person, on each of their devices.
"""

from __future__ import annotations

import json
import re
from contextlib import aclosing

import httpx2
import pytest

from consensus import conduct, models, seats, store
from consensus.conduct import Refused
from consensus.house import build, open_house
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import SECRET, Site, Table, lay_table
from tests.older import go_back_to

CALL = "819 555-0100"


@pytest.fixture
async def here(site: Site) -> Table:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await lay_table(site.house)
    table.odile = elsewhere.aline
    return table


def link_of(site: Site, seat: models.Seat) -> str:
    return f"/j/{seats.token(site.house.settings, 'seat', seat.id, seat.issue)}"


async def now(seat: models.Seat) -> models.Seat:
    return await models.Seat.get(id=seat.id)


def keys_in(site: Site, page: httpx2.Response, table: Table) -> set[int]:
    """The seats whose link or code a page holds."""
    settings = site.house.settings
    found = [(seat.id, link_of(site, seat), seats.short_code(settings, seat)) for seat in table.seats]
    return {number for number, link, code in found if link in page.text or code in page.text}


def notices(page: httpx2.Response) -> str:
    found = re.search(r'<div id="notices"[^>]*>(.*?)</div>\s*(?:</form>\s*)?</div>', page.text, re.DOTALL)
    return found[1] if found else ""


async def read_all(browser: httpx2.AsyncClient, table: Table, page: httpx2.Response) -> httpx2.Response:
    (last,) = re.findall(r'name="last" value="(\d+)"', page.text)
    here = f"/sessions/{table.session.id}"
    assert (await browser.post(f"{here}/notices", data={"last": last})).status_code == 303
    return await browser.get(here)


async def test_the_team_sees_a_link_only_until_somebody_has_come_in_by_it(site: Site, here: Table) -> None:
    sheet = f"/sessions/{here.session.id}/seats?lang=en"
    async with aclosing(await site.sign_in()) as fay:
        everybody = {seat.id for seat in here.seats}
        assert keys_in(site, await fay.get(sheet), here) == everybody
        async with aclosing(await site.sit(here.aline)):
            page = await fay.get(sheet)
            assert keys_in(site, page, here) == everybody - {here.aline.id}
            assert page.text.count("The link and code are no longer shown.") == 1
            assert page.text.count("Has not come in yet.") == len(here.seats) - 1
        pages = ("console", "setup", "roster", "invitations", "journal", "results", "entries")
        for path in (*pages, f"seats/{here.aline.id}/answers"):
            assert not keys_in(site, await fay.get(f"/sessions/{here.session.id}/{path}"), here), path


async def test_a_new_link_signs_out_is_written_down_and_is_told_to_its_person(site: Site, here: Table) -> None:
    old, path = link_of(site, here.aline), f"/sessions/{here.session.id}"
    async with aclosing(await site.sit(here.aline)) as phone, aclosing(await site.sit(here.aline)) as laptop:
        async with aclosing(await site.sign_in()) as fay:
            made = await fay.post(f"{path}/seats", data={"seat": str(here.aline.id), "revoke": "1"})
            assert made.status_code == 303
            page = await fay.get(f"{path}/seats?lang=en")
            assert "Has not come in by the new link yet." in page.text
            assert link_of(site, await now(here.aline)) in page.text
        for device in (phone, laptop):
            assert (await device.get(path)).status_code == 401
        assert not await models.Login.filter(seat_id=here.aline.id).exists()
        (line,) = await models.Entry.filter(act="revoke")
        assert (line.role, line.by_id) == (Role.FACILITATOR, here.fay.id)
        for language, said in (
            ("en", "The team made a new link for you"),
            ("fr", "L’équipe vous a fait un nouveau lien"),
        ):
            gone = await phone.get(f"{old}?lang={language}")
            assert gone.status_code == 410 and said in gone.text and CALL in gone.text
            assert "<form method" not in gone.text and "set-cookie" not in {
                name for name, value in gone.headers.items() if "language" not in value
            }
            assert (await phone.post(old, params={"lang": language})).status_code == 410
        for device in (phone, laptop):  # each of them reads it, until it says that it has
            await device.post(link_of(site, await now(here.aline)))
            for page_path in (f"{path}?lang=en", f"{path}/take?lang=en"):
                told = await device.get(page_path)
                assert "The team made a new link for you" in notices(told) and CALL in notices(told)
                assert "call Fay Roy, 819 555-0100" in notices(told)
            assert not notices(await read_all(device, here, told)).strip()


async def test_a_link_that_nobody_used_is_replaced_without_a_word(site: Site, here: Table) -> None:
    old = link_of(site, here.aline)
    await conduct.revoke(site.house, here.fay, here.aline.id)
    async with site.client() as browser:
        assert (await browser.get(old)).status_code == 404
        await browser.post(link_of(site, await now(here.aline)))
        assert not notices(await browser.get(f"/sessions/{here.session.id}")).strip()


async def test_whoever_comes_in_by_the_new_link_first_hides_nothing_from_its_person(site: Site, here: Table) -> None:
    """A facilitator makes a new link, comes in by it, says that it was read, and makes another for the person."""
    async with aclosing(await site.sit(here.aline)):
        await conduct.revoke(site.house, here.fay, here.aline.id)
    async with site.client() as thief:
        await thief.post(link_of(site, await now(here.aline)))
        await read_all(thief, here, await thief.get(f"/sessions/{here.session.id}"))
    await conduct.revoke(site.house, here.fay, here.aline.id)
    async with site.client() as aline:
        await aline.post(link_of(site, await now(here.aline)))
        told = notices(await aline.get(f"/sessions/{here.session.id}?lang=en"))
        assert told.count(" · ") == 2 and "new link for you" in told and "on another device" in told


async def test_a_new_device_is_told_on_the_others_and_in_the_journal(site: Site, here: Table) -> None:
    path = f"/sessions/{here.session.id}"
    async with aclosing(await site.sit(here.aline)) as phone, aclosing(await site.sit(here.bob)) as bob:
        assert not notices(await phone.get(path)).strip()
        async with site.client() as laptop:
            code = seats.short_code(site.house.settings, here.aline)
            assert (await laptop.post("/", data={"code": code})).status_code == 303
            for language, said in (("en", "on another device"), ("fr", "sur un autre appareil")):
                told = await phone.get(f"{path}?lang={language}")
                assert said in notices(told) and CALL in notices(told)
            assert not notices(await read_all(phone, here, told)).strip()
            assert not notices(await bob.get(path)).strip()
        lines = await models.Entry.filter(act="device").order_by("seq")
        assert [(line.role, line.alias, json.loads(line.payload)) for line in lines] == [("participant", "", {})] * 3
        assert (await phone.get(f"{path}/journal")).status_code == 403
        again = await phone.post(link_of(site, here.aline))  # the same device comes in again: it is no new one
        assert again.status_code == 303 and await models.Entry.filter(act="device").count() == 3
        assert await models.Login.filter(seat_id=here.aline.id).count() == 2


async def test_entering_another_seat_signs_the_earlier_one_out_of_this_device(site: Site, here: Table) -> None:
    async with aclosing(await site.sit(here.aline)) as tablet, aclosing(await site.sit(here.aline)) as phone:
        before = dict(tablet.cookies.items())
        await tablet.post(link_of(site, here.bob))
        async with site.client() as copy:  # of the cookie that the tablet had
            for name, value in before.items():
                copy.cookies.set(name, value, domain="127.0.0.1")
            assert (await copy.get(f"/sessions/{here.session.id}")).status_code == 401
        assert await models.Login.filter(seat_id=here.aline.id).count() == 1
        assert (await phone.get(f"/sessions/{here.session.id}")).status_code == 200
        await conduct.open_door(site.house, here.fay, takes_newcomers=True)
        door = (await models.Session.get(id=here.session.id)).room
        await phone.post(link_of(site, here.odile))  # and by the code of a room, from another session's seat
        form = {"group": "patients", "language": "fr", "key": "k"}
        assert (await phone.post(f"/r/{door}", data=form)).status_code == 200
        assert not await models.Login.filter(seat_id=here.odile.id).exists()


async def test_a_seat_whose_person_got_a_new_link_is_given_to_nobody_by_the_rooms_code(site: Site) -> None:
    table = await lay_table(site.house)
    await models.Seat.filter(session_id=table.session.id, role="participant").update(consented=False, agreed=None)
    await conduct.open_door(site.house, table.fay, takes_newcomers=False)
    code = (await models.Session.get(id=table.session.id)).room
    await seats.sign_in(site.house.store, seat=table.aline)
    await conduct.revoke(site.house, table.fay, table.aline.id)
    taken = {(await conduct.join(site.house, code, "patients", "fr")).id for _ in range(4)}
    assert table.aline.id not in taken and len(taken) == 4
    with pytest.raises(Refused, match=r"refused\.room_full"):
        await conduct.join(site.house, code, "patients", "fr")


async def test_what_is_told_goes_with_whoever_leaves(site: Site, here: Table) -> None:
    for _ in range(2):
        await seats.sign_in(site.house.store, seat=here.aline)
    assert await models.Notice.filter(seat_id=here.aline.id).count() == 2
    await conduct.withdraw(site.house, here.aline, erase=True)
    assert not await models.Notice.filter(seat_id=here.aline.id).exists()


async def test_nobody_reads_away_what_another_was_told(site: Site, here: Table) -> None:
    path = f"/sessions/{here.session.id}"
    async with aclosing(await site.sit(here.aline)) as phone, aclosing(await site.sit(here.aline)):
        assert "autre appareil" in notices(await phone.get(path))
        outside = [(await site.sit(here.odile), 404), (await site.sign_in(), 403), (site.client(), 401)]
        for browser, status in [*outside, (await site.sit(here.bob), 303)]:
            assert (await browser.post(f"{path}/notices", data={"last": "999999"})).status_code == status
            await browser.aclose()
        assert "autre appareil" in notices(await phone.get(path))


async def test_seats_that_were_entered_before_the_upgrade_keep_their_link_to_themselves(database: str) -> None:
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        await table.open("rating")
        await table.cast(table.aline, "rating", card="P001", importance="7")
        await seats.sign_in(house.store, seat=table.bob)
        await store.rows("UPDATE seat SET is_entered = FALSE")
        await go_back_to("0011_cells")
    async with open_house(build(settings)):
        entered = await models.Seat.filter(is_entered=True).values_list("id", flat=True)
        assert set(entered) == {table.aline.id, table.bob.id}
        assert not (await models.Study.get(id=table.session.study_id)).has_call_list
