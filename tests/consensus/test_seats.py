"""A link or a code opens its own seat, as long as it is good, and nothing else does."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from consensus import conduct, models, seats
from consensus.house import House
from consensus.settings import Settings
from consensus.store import Store
from tests.conftest import HONEST, PASSWORD, Table


def _link(table: Table, seat: models.Seat) -> str:
    return seats.token(table.house.settings, "seat", seat.id, seat.issue)


async def _by_link(table: Table, link: str) -> int | None:
    seat = await seats.seat_of(table.house.settings, link)
    return seat.id if seat else None


async def test_a_seats_link_and_code_find_it(table: Table) -> None:
    for seat in table.seats:
        assert await _by_link(table, _link(table, seat)) == seat.id
        found = await seats.seat_by_code(table.house.settings, seats.short_code(table.house.settings, seat))
        assert found is not None and found.id == seat.id


async def test_a_code_is_read_however_it_is_written(table: Table) -> None:
    code = seats.short_code(table.house.settings, table.aline)
    for written in (code.lower(), code.replace("-", ""), f" {code[:4]} {code[5:]} ", code.replace("-", " - ")):
        found = await seats.seat_by_code(table.house.settings, written)
        assert found is not None and found.id == table.aline.id


async def test_a_revoked_seat_opens_only_with_its_new_link_and_code(table: Table) -> None:
    settings, old = table.house.settings, table.aline
    await conduct.revoke(table.house, table.fay, old.id)
    new = await models.Seat.get(id=old.id)
    assert await _by_link(table, _link(table, old)) is None
    assert await seats.seat_by_code(settings, seats.short_code(settings, old)) is None
    assert await _by_link(table, _link(table, new)) == new.id
    found = await seats.seat_by_code(settings, seats.short_code(settings, new))
    assert found is not None and found.id == new.id


async def test_a_withdrawn_seat_opens_no_more(table: Table) -> None:
    settings = table.house.settings
    await conduct.withdraw(table.house, table.aline, erase=False)
    assert await _by_link(table, _link(table, table.aline)) is None
    assert await seats.seat_by_code(settings, seats.short_code(settings, table.aline)) is None


async def test_the_database_alone_opens_no_seat(table: Table) -> None:
    other = replace(table.house.settings, secret="another secret, of forty characters too")
    for seat in table.seats:
        assert await _by_link(table, seats.token(other, "seat", seat.id, seat.issue)) is None
        assert await seats.seat_by_code(table.house.settings, seats.short_code(other, seat)) is None
        assert await seats.seat_by_code(table.house.settings, seat.code) is None


@pytest.mark.parametrize("link", ["", "-", "1", "x-y", "1-", "999999-abc", "99999999999999999999-abc", "١-abc", "1-é"])
async def test_a_link_that_makes_no_sense_opens_nothing(table: Table, link: str) -> None:
    assert await seats.seat_of(table.house.settings, link) is None
    assert await seats.staff_of(table.house.settings, link) is None


async def test_the_link_of_one_seat_with_the_number_of_another_opens_nothing(table: Table) -> None:
    secret = _link(table, table.aline).partition("-")[2]
    assert await _by_link(table, f"{table.bob.id}-{secret}") is None


async def test_a_seats_link_is_no_staff_key_and_a_staff_key_no_seat(table: Table) -> None:
    staff = await models.Staff.get()
    key = seats.token(table.house.settings, "staff", staff.id, staff.issue)
    assert await seats.staff_of(table.house.settings, key) is not None
    assert await seats.seat_of(table.house.settings, key) is None
    link = seats.token(table.house.settings, "seat", staff.id, staff.issue)
    assert await seats.staff_of(table.house.settings, link) is None


async def test_staff_keys_open_nothing_where_they_are_not_allowed(table: Table) -> None:
    staff = await models.Staff.get()
    plain = replace(table.house.settings, staff_keys=False)
    assert await seats.staff_of(plain, seats.token(plain, "staff", staff.id, staff.issue)) is None


def test_ten_thousand_codes_are_all_different(settings: Settings) -> None:
    made = {seats.short_code(settings, models.Seat(id=number, issue=1)) for number in range(10_000)}
    assert len(made) == 10_000
    assert all(set(code) <= {*seats.ALPHABET, "-"} and len(code) == 9 for code in made)


def test_codes_use_every_sign_about_equally(settings: Settings) -> None:
    signs = "".join(seats.short_code(settings, models.Seat(id=number, issue=1)) for number in range(5_000))
    counts = [signs.count(sign) for sign in seats.ALPHABET]
    assert len(seats.ALPHABET) == 31 and not set("01OIL") & {*seats.ALPHABET}
    assert max(counts) / min(counts) < 1.3


async def test_an_account_is_found_however_its_address_is_written(house: House) -> None:
    staff = await conduct.add_staff(house, "Fay@exämple.org", "Fay", PASSWORD)
    for written in ("fay@exämple.org", "FAY@xn--exmple-cua.org", "\u200bfay@exämple.org "):
        found = await seats.staff_by_password(written, PASSWORD)
        assert found is not None and found.id == staff.id
        with pytest.raises(conduct.Refused, match="mail_taken"):
            await conduct.add_staff(house, written, "Fay", PASSWORD)
    with pytest.raises(conduct.Refused, match=r"address\.dots"):
        await conduct.add_staff(house, "fay..x@example.org", "Fay", PASSWORD)


async def test_an_account_of_an_earlier_version_still_signs_in(house: House) -> None:
    staff = await conduct.add_staff(house, "fay@example.org", "Fay", PASSWORD)
    for kept in ("fay@xn--exmple-cua.org", "fay@mail.local"):
        await models.Staff.filter(id=staff.id).update(mail=kept)
        found = await seats.staff_by_password(kept.upper(), PASSWORD)
        assert found is not None and found.id == staff.id


async def test_a_staff_password_is_kept_as_argon2id_and_checked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_hasher", HONEST)
    staff = await conduct.add_staff(house, "Fay@Example.org", "Fay", PASSWORD)
    assert staff.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and PASSWORD not in staff.password
    found = await seats.staff_by_password(" FAY@example.org ", PASSWORD)
    assert found is not None and found.id == staff.id
    assert await seats.staff_by_password("fay@example.org", PASSWORD + " ") is None
    assert await seats.staff_by_password("nobody@example.org", PASSWORD) is None


async def _asks(store: Store, value: str | None) -> tuple[bool, bool]:
    asker = await seats.asker(store, value)
    return asker.seat is not None, asker.staff is not None


async def test_a_cookie_is_somebodys_until_the_sign_out(table: Table) -> None:
    store = table.house.store
    mine, life = await seats.sign_in(store, seat=table.aline)
    fays, staff_life = await seats.sign_in(store, staff=await models.Staff.get())
    assert (await _asks(store, mine), await _asks(store, fays)) == ((True, False), (False, True))
    assert life > staff_life
    await seats.sign_out(store, mine)
    assert (await _asks(store, mine), await _asks(store, fays)) == ((False, False), (False, True))


@pytest.mark.parametrize("value", [None, "", "x", "é", "a" * 5000])
async def test_a_cookie_that_was_never_given_is_nobodys(table: Table, value: str | None) -> None:
    assert await _asks(table.house.store, value) == (False, False)


async def test_the_database_keeps_no_cookie(table: Table) -> None:
    value, _ = await seats.sign_in(table.house.store, seat=table.aline)
    assert value not in str(await models.Login.all().values())


async def test_an_expired_cookie_is_nobodys_and_is_swept_away(table: Table) -> None:
    value, _ = await seats.sign_in(table.house.store, seat=table.aline)
    await models.Login.all().update(until=time.time() - 1)
    assert await _asks(table.house.store, value) == (False, False)
    await seats.sign_in(table.house.store, seat=table.bob)
    assert await models.Login.all().count() == 1


@pytest.mark.parametrize("end", ["revoke", "withdraw"])
async def test_a_seat_that_ends_signs_out_its_devices(table: Table, end: str) -> None:
    value, _ = await seats.sign_in(table.house.store, seat=table.aline)
    if end == "revoke":
        await conduct.revoke(table.house, table.fay, table.aline.id)
    else:
        await conduct.withdraw(table.house, table.aline, erase=False)
    assert await _asks(table.house.store, value) == (False, False)


async def test_a_cookie_of_an_earlier_issue_is_nobodys(table: Table) -> None:
    value, _ = await seats.sign_in(table.house.store, seat=table.aline)
    await models.Seat.filter(id=table.aline.id).update(issue=2)
    assert await _asks(table.house.store, value) == (False, False)
