"""The ways in: a link or a code lets its own seat in, as often as it is used; looking at a link does nothing."""

from __future__ import annotations

import asyncio
import re
import time
from hashlib import sha256

import httpx2
import pytest

from consensus import conduct, models, seats
from consensus.web.entrance import sign_in
from consensus.web.pace import FREE, LONGEST, LOOKS, SOURCES, STEP, TOGETHER, WINDOW, Pace, delay_of, source_of
from tests.conftest import PASSWORD, Site, Table, lay_table


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house)


def _link(site: Site, seat: models.Seat) -> str:
    return f"/j/{seats.token(site.house.settings, 'seat', seat.id, seat.issue)}"


def _code(site: Site, seat: models.Seat) -> str:
    return seats.short_code(site.house.settings, seat)


async def _lands(browser: httpx2.AsyncClient, answer: httpx2.Response, table: Table) -> None:
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/sessions/{table.session.id}"  # nothing is asked yet
    assert (await browser.get(answer.headers["location"])).status_code == 200


async def test_opening_a_link_records_nothing_and_lets_nobody_in(site: Site, here: Table) -> None:
    before = await models.Entry.all().count()
    async with site.client() as scanner:
        for _ in range(3):
            page = await scanner.get(_link(site, here.aline))
            assert page.status_code == 200 and "set-cookie" not in page.headers
            assert (await scanner.head(_link(site, here.aline))).status_code == 200
        assert (await scanner.get(f"/sessions/{here.session.id}/take")).status_code == 401
    assert await models.Login.all().count() == 0 and await models.Entry.all().count() == before


async def test_the_page_of_a_link_speaks_the_language_of_its_seat(site: Site, here: Table) -> None:
    async with site.client() as browser:
        for seat in (here.seats[0], here.seats[1]):
            page = await browser.get(_link(site, seat))
            assert f'<html lang="{seat.language}">' in page.text
        other = await browser.get(_link(site, here.seats[0]) + "?lang=en")
        assert '<html lang="en">' in other.text


async def test_a_link_is_good_again_and_on_another_device(site: Site, here: Table) -> None:
    async with site.client() as phone, site.client() as laptop:
        for browser in (phone, laptop, phone):
            await _lands(browser, await browser.post(_link(site, here.aline)), here)
        for browser in (phone, laptop):
            assert (await browser.get(f"/sessions/{here.session.id}/take")).status_code == 200


async def test_a_code_lets_in_however_it_is_written(site: Site, here: Table) -> None:
    code = _code(site, here.aline)
    for written in (code, code.lower(), code.replace("-", " "), f"  {code}  "):
        async with site.client() as browser:
            await _lands(browser, await browser.post("/", data={"code": written}), here)


async def test_a_wrong_code_is_a_sentence_and_stays_in_its_field(site: Site, here: Table) -> None:
    async with site.client() as browser:
        answer = await browser.post("/", data={"code": "WRNG-CODE"}, headers={"Accept-Language": "en"})
        assert answer.status_code == 422
        assert site.house.texts.say("en", "refused.wrong_code") in answer.text
        assert 'value="WRNG-CODE"' in answer.text


async def test_the_other_language_keeps_the_code_that_was_typed(site: Site, here: Table) -> None:
    async with site.client() as browser:
        answer = await browser.post("/", data={"code": _code(site, here.aline), "say_in": "en"})
        assert answer.status_code == 200 and '<html lang="en">' in answer.text
        assert f'value="{_code(site, here.aline)}"' in answer.text and "language=en" in answer.headers["set-cookie"]
    assert await models.Login.all().count() == 0


@pytest.mark.parametrize("link", ["/j/1", "/j/1-x", "/j/-", "/j/9999999999-x", "/j/%C3%A9", "/j/1-%C3%A9", "/j/a b"])
async def test_a_link_that_opens_nothing_is_not_found(site: Site, here: Table, link: str) -> None:
    async with site.client() as browser:
        assert (await browser.get(link)).status_code == 404
        assert (await browser.post(link)).status_code == 404


async def test_a_revoked_link_looks_like_one_that_never_was(site: Site, here: Table) -> None:
    old = _link(site, here.aline)
    await conduct.revoke(site.house, here.fay, here.aline.id)
    async with site.client() as browser:
        gone, never = await browser.get(old), await browser.get("/j/1-x")
        assert (gone.status_code, gone.text) == (never.status_code, never.text)


# Guessing


async def _guess(browser: httpx2.AsyncClient, times: int) -> list[int]:
    return [(await browser.post("/", data={"code": f"AAAA-{n:04}"})).status_code for n in range(times)]


@pytest.mark.parametrize("erase", [False, True])
async def test_the_link_of_somebody_who_left_says_so(site: Site, here: Table, erase: bool) -> None:
    await conduct.withdraw(site.house, here.aline, erase=erase)
    async with site.client() as browser:
        await browser.get("/?lang=fr")
        for answer in (await browser.get(_link(site, here.aline)), await browser.post(_link(site, here.aline))):
            assert answer.status_code == 410 and "set-cookie" not in answer.headers
            assert "Vous ne participez plus à l’étude" in answer.text and "<form method" not in answer.text
            assert ("effacées" if erase else "gardées") in answer.text


async def test_who_guesses_is_slowed_down_and_a_right_code_always_lets_in(site: Site, here: Table) -> None:
    async with site.client() as browser:
        began = time.monotonic()
        assert set(await _guess(browser, FREE)) == {422}
        quick = time.monotonic() - began
        began = time.monotonic()
        assert set(await _guess(browser, 4)) == {422}
        assert time.monotonic() - began > 15 * STEP and quick < 15 * STEP + 5
        began = time.monotonic()
        await _lands(browser, await browser.post("/", data={"code": _code(site, here.bob)}), here)
        assert time.monotonic() - began < LONGEST + 2


async def test_seat_codes_room_codes_and_passwords_are_counted_apart(site: Site, here: Table) -> None:
    for pace in (sign_in.paces.seats, sign_in.paces.rooms):
        for _ in range(60):
            pace._count("127.0.0.1")
    began = time.monotonic()
    fay = await site.sign_in()
    await fay.aclose()
    assert time.monotonic() - began < LONGEST


async def test_looking_at_a_wrong_code_never_counts(site: Site, here: Table) -> None:
    """As pictures on another site can make any browser do."""
    async with site.client() as browser:
        assert {(await browser.get("/r/AAAAAA")).status_code for _ in range(30)} == {422}
        for way in ("/?code=AAAA-AAAA", "/staff/sign-in?mail=x&password=y", "/j/1-x"):
            await browser.get(way)
    paces = (sign_in.paces.seats, sign_in.paces.rooms, sign_in.paces.passwords)
    assert not any(pace._tried for pace in paces)


async def test_who_looks_for_a_room_by_guessing_its_address_is_slowed_down_and_the_right_one_opens(
    site: Site, here: Table
) -> None:
    await conduct.open_door(site.house, here.fay, takes_newcomers=True)
    code = (await models.Session.get(id=here.session.id)).room
    for _ in range(LOOKS + 60):
        sign_in.paces.looks._count("127.0.0.1")
    async with site.client() as browser:
        for path, status in (("/r/AAAAAA", 422), (f"/r/{code}", 200)):
            began = time.monotonic()
            assert (await browser.get(path)).status_code == status
            assert LONGEST <= time.monotonic() - began < LONGEST + 2
        began = time.monotonic()
        assert (await browser.post("/", data={"code": code})).status_code == 303
        assert time.monotonic() - began < LONGEST
    assert delay_of(LOOKS, LOOKS) == 0 and delay_of(LOOKS + 1, LOOKS) == STEP


async def test_a_room_full_of_right_codes_never_waits(site: Site, here: Table) -> None:
    async with site.client() as browser:
        for number in range(FREE + 5):
            code = _code(site, here.seats[number % len(here.seats)])
            assert (await browser.post("/", data={"code": code})).status_code == 303
    assert not sign_in.paces.seats._tried


async def test_many_at_once_from_one_source_stand_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consensus.web.pace.LONGEST", 0.1)
    pace, began = Pace(), time.monotonic()
    await asyncio.gather(*(pace.before("here") for _ in range(FREE + 3 * TOGETHER)))
    assert time.monotonic() - began > 0.25
    assert not pace._lines
    await pace.before("there")


def test_what_was_tried_is_forgotten_and_never_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("consensus.web.pace.time.monotonic", lambda: now[0])
    pace = Pace()
    assert [pace._count("here") for _ in range(3)] == [1, 2, 3]
    now[0] += WINDOW + 1
    assert pace._count("here") == 1
    for number in range(SOURCES + 50):
        pace._count(f"address {number}")
    assert len(pace._tried) == SOURCES
    assert delay_of(FREE) == 0 and delay_of(FREE + 1) == STEP and delay_of(10**6) == LONGEST
    assert source_of("2001:db8::1") == source_of("2001:db8::2") != source_of("2001:db8:1::1")


# Staff


async def test_staff_sign_in_and_out(site: Site, here: Table) -> None:
    fay = await site.sign_in()
    assert (await fay.get("/studies")).status_code == 200
    before = dict(fay.cookies.items())
    out = await fay.post("/sign-out")
    assert out.status_code == 303 and out.headers["clear-site-data"] == '"cache", "storage"'
    for name, value in before.items():  # a copy of the cookie is worth nothing either
        fay.cookies.set(name, value, domain="127.0.0.1")
    assert (await fay.get("/studies")).status_code == 401
    await fay.aclose()


@pytest.mark.parametrize("mail", ["fay@example.org", "nobody@example.org"])
async def test_a_wrong_password_tells_nothing_and_is_never_shown_again(site: Site, here: Table, mail: str) -> None:
    async with site.client() as browser:
        form = {"mail": mail, "password": "wrong horse battery"}
        answer = await browser.post("/staff/sign-in", data=form, headers={"Accept-Language": "en"})
        assert answer.status_code == 422 and "wrong horse" not in answer.text
        assert site.house.texts.say("en", "refused.wrong_password") in answer.text
        assert f'value="{mail}"' in answer.text


async def test_the_other_language_never_shows_a_password(site: Site, here: Table) -> None:
    async with site.client() as browser:
        form = {"mail": "fay@example.org", "password": PASSWORD, "say_in": "en"}
        answer = await browser.post("/staff/sign-in", data=form)
        assert answer.status_code == 200 and PASSWORD not in answer.text and "fay@example.org" in answer.text


async def test_who_guesses_a_password_never_locks_its_owner_out(site: Site, here: Table) -> None:
    for whose in ("127.0.0.1", sha256(b"fay@example.org").hexdigest()):
        for _ in range(200):
            sign_in.paces.passwords._count(whose)
    began = time.monotonic()
    fay = await site.sign_in()
    await fay.aclose()
    assert STEP < time.monotonic() - began < LONGEST + 2


async def test_a_staff_key_opens_its_page_and_leads_nowhere_else(site: Site, here: Table) -> None:
    staff = await models.Staff.get()
    key = f"/staff/key/{seats.token(site.house.settings, 'staff', staff.id, staff.issue)}"
    async with site.client() as browser:
        assert (await browser.get(key)).status_code == 200 and not browser.cookies
        for where, leads in {
            f"console-{here.session.id}": f"/sessions/{here.session.id}/console",
            "//evil.example": "/studies",
            "https://evil.example-1": "/studies",
            "console-x": "/studies",
            "seats-1": "/studies",
            "": "/studies",
        }.items():
            answer = await browser.post(key, params={"to": where})
            assert (answer.status_code, answer.headers["location"]) == (303, leads), where


async def test_no_page_before_the_button_holds_a_secret_of_another(site: Site, here: Table) -> None:
    async with site.client() as browser:
        page = (await browser.get(_link(site, here.aline))).text
    assert not re.search("|".join(_code(site, seat) for seat in here.seats), page)
    assert all(_link(site, seat) not in page for seat in here.seats[1:])


async def test_the_address_that_staff_guess_leads_to_signing_in(site: Site, here: Table) -> None:
    async with site.client() as browser:
        answer = await browser.get("/staff")
        assert answer.status_code in {303, 307} and answer.headers["location"] == "/staff/sign-in"
