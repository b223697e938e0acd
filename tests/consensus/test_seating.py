"""Thousands of people are seated as one act: each gets their own name, number and code, or nobody does."""

from __future__ import annotations

import asyncio

import pytest

from consensus import conduct, models, seats
from consensus.conduct import Guest, Refused
from consensus.house import build, open_house
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import GROUPS, SECRET, lay_table

KEYS = [group["key"] for group in GROUPS]


def guest(n: int) -> Guest:
    """Every third has no name; two of them have the same."""
    name = "" if n % 3 == 0 else f"Zoé {n // 2 if n < 4 else n}"
    return Guest(Role.PARTICIPANT, KEYS[n % 3], "en" if n % 2 else "fr", name, "", f"418 555-{n:04}" if name else "")


async def test_each_seat_is_that_of_its_guest_on_either_database(database: str) -> None:
    settings = Settings(database=database, secret=SECRET)
    async with open_house(build(settings)) as house:
        one, other = await lay_table(house), await lay_table(house, title="Ailleurs")
        guests = [guest(n) for n in range(600)]
        made, _ = await asyncio.gather(
            conduct.add_seats(house, one.fay, guests), conduct.add_seats(house, other.fay, guests[:300])
        )
        held = await models.Seat.filter(id__in=[seat.id for seat in made]).order_by("id").select_related("person")
        assert [seat.id for seat in held] == [seat.id for seat in made]
        for seat, wanted in zip(held, guests, strict=True):
            person = (seat.person.name, seat.person.phone) if seat.person else ("", "")
            assert (*person, seat.group, seat.language) == (wanted.name, wanted.phone, wanted.group, wanted.language)
            assert (seat.session_id, seat.issue, seat.consented) == (one.session.id, 1, False)
            assert seat.code == seats.code_digest(settings, seats.short_code(settings, seat))
        assert await models.Person.all().count() == 600


async def test_a_colleague_has_one_seat_however_often_a_list_names_them(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        nora = await conduct.add_staff(house, "nora@example.org", "Nora", "correct horse battery")
        before, watcher = await models.Seat.all().count(), Guest(Role.OBSERVER, staff_id=nora.id)
        for guests in ([watcher, watcher], [guest(1), Guest(Role.OBSERVER, staff_id=table.fay.staff_id)]):
            with pytest.raises(Refused, match=r"refused\.seated_already"):
                await conduct.add_seats(house, table.fay, guests)
        assert await models.Seat.all().count() == before
