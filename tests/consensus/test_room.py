"""The room's door: a code that opens it, free seats first, and no seat for two people."""

from __future__ import annotations

import pytest

from consensus import conduct, models, seats
from consensus.attendance import Attendance
from consensus.conduct import Guest, Refused
from consensus.conduct import room as rooms
from consensus.counting import blocks_of
from consensus.house import build, open_house
from consensus.journal import head_of
from consensus.outcome import asked_then
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import SECRET, Table, lay_table


async def opened(table: Table, takes_newcomers: bool = False) -> str:
    await conduct.open_door(table.house, table.fay, takes_newcomers)
    return (await models.Session.get(id=table.session.id)).room


async def free_seat(table: Table, group: str = "patients", language: str = "fr") -> models.Seat:
    (seat,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.PARTICIPANT, group, language)])
    return seat


async def test_a_door_has_a_code_of_six_signs_that_is_in_no_journal_line(table: Table) -> None:
    code = await opened(table)
    assert len(code) == 6 and set(code) <= set(seats.ALPHABET)
    found = await seats.session_of_room(f" {code[:3].lower()}-{code[3:]} ")
    assert found is not None and found.id == table.session.id
    assert not [line for line in await models.Entry.all() if code in line.payload]


async def test_a_new_code_replaces_the_old_and_a_closed_door_has_none(table: Table) -> None:
    first, second = await opened(table), await opened(table)
    assert first != second and await seats.session_of_room(first) is None
    await conduct.show_screen(table.house, table.fay, "join")
    await conduct.close_door(table.house, table.fay)
    session = await models.Session.get(id=table.session.id)
    assert (session.room, session.screen) == ("", "") and await seats.session_of_room(second) is None
    assert await seats.session_of_room("") is None


async def test_no_two_doors_have_one_code(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = await lay_table(table.house, title="Mauricie")
    code = await opened(table)
    drawn = iter([code, code, "ABCDEF"])
    monkeypatch.setattr(rooms, "_new_code", lambda: next(drawn))
    assert await opened(elsewhere) == "ABCDEF"


async def test_a_free_seat_without_a_name_is_given_in_the_language_asked_for(table: Table) -> None:
    french, english = await free_seat(table), await free_seat(table, language="en")
    code = await opened(table)
    assert (await conduct.join(table.house, code, "patients", "en")).id == english.id
    other = await conduct.join(table.house, code, "patients", "en")
    assert (other.id, other.language) == (french.id, "en")
    with pytest.raises(Refused) as refused:
        await conduct.join(table.house, code, "patients", "en")
    assert refused.value.key == "refused.room_full"


async def test_a_seat_of_a_named_person_or_one_that_was_entered_is_never_given(table: Table) -> None:
    named = Guest(Role.PARTICIPANT, "patients", name="Zoé Tremblay")
    await conduct.add_seats(table.house, table.fay, [named])
    entered, gone = await free_seat(table), await free_seat(table)
    await seats.sign_in(table.house.store, seat=entered)
    await conduct.withdraw(table.house, gone, erase=False)
    code = await opened(table)
    with pytest.raises(Refused):
        await conduct.join(table.house, code, "patients", "fr")


async def test_a_printed_card_of_a_seat_that_was_taken_opens_nothing(table: Table) -> None:
    settings, seat = table.house.settings, await free_seat(table)
    link, short = seats.token(settings, "seat", seat.id, seat.issue), seats.short_code(settings, seat)
    taken = await conduct.join(table.house, await opened(table), "patients", "fr")
    assert taken.id == seat.id and await seats.seat_of(settings, link) is None
    assert await seats.seat_by_code(settings, short) is None
    found = await seats.seat_by_code(settings, seats.short_code(settings, taken))
    assert found is not None and found.id == seat.id


async def test_a_newcomer_gets_a_new_seat_only_where_that_is_allowed(table: Table) -> None:
    code = await opened(table)
    with pytest.raises(Refused):
        await conduct.join(table.house, code, "clinicians", "en")
    code = await opened(table, takes_newcomers=True)
    seat = await conduct.join(table.house, code, "clinicians", "en")
    assert (seat.group, seat.language, seat.consented) == ("clinicians", "en", False)
    line = await models.Entry.filter(head=head_of(table.session.id), act="join").get()
    assert line.by_id == seat.id and code not in line.payload


async def test_who_comes_after_the_opening_is_among_those_asked_and_the_blocks_stay(table: Table) -> None:
    row = await table.open("rating")

    async def asked() -> int:
        counted = await table.house.counts.now(row)
        return (await Attendance.of(row.session_id)).asked(counted.own, counted.round.blocks)["patients"]

    assert await asked() == 5
    newcomer = await conduct.join(table.house, await opened(table, takes_newcomers=True), "patients", "en")
    assert await asked() == 6
    await conduct.consent(table.house, newcomer)
    await table.cast(newcomer, "rating", card="P001", importance="7")
    await conduct.withdraw(table.house, newcomer, erase=False)  # what they answered stays, and they with it
    assert await asked() == 6
    for gone in table.seats[:2]:
        await conduct.withdraw(table.house, gone, erase=False)
        assert await asked() == 5  # nobody sees on a screen that somebody has left
    closed = await table.close("rating")
    assert [(block["key"], block["seats"]) for block in closed.blocks][0] == ("patients", 5)


async def test_who_comes_after_the_close_was_not_asked(table: Table) -> None:
    await table.open("rating")
    code = await opened(table, takes_newcomers=True)
    await conduct.join(table.house, code, "patients", "en")
    closed = await table.close("rating")
    await conduct.join(table.house, code, "patients", "en")
    assert asked_then(blocks_of(closed), closed.outcome) == len(table.seats) + 1


async def test_newcomers_end_somewhere(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST", len(table.seats) + 1)
    code = await opened(table, takes_newcomers=True)
    await conduct.join(table.house, code, "patients", "fr")
    with pytest.raises(Refused):
        await conduct.join(table.house, code, "patients", "fr")


async def test_a_group_without_a_block_in_an_open_round_is_told_so(table: Table) -> None:
    await models.Seat.filter(session_id=table.session.id, group__in=["caregivers", "clinicians"]).update(
        withdrawn="stopped"
    )
    await table.open("rating")
    row = await table.row("rating")
    row.blocks = [{**row.blocks[0], "groups": ["patients"]}]
    await row.save(update_fields=["blocks"])
    code = await opened(table, takes_newcomers=True)
    with pytest.raises(Refused) as refused:
        await conduct.join(table.house, code, "clinicians", "fr")
    assert refused.value.key == "refused.room_without_block"
    assert (await conduct.join(table.house, code, "patients", "fr")).group == "patients"


async def test_a_wrong_code_or_group_opens_nothing(table: Table) -> None:
    code = await opened(table, takes_newcomers=True)
    for tried, group, key in ((code[::-1], "patients", "wrong_room"), ("", "patients", "wrong_room")):
        with pytest.raises(Refused) as refused:
            await conduct.join(table.house, tried, group, "fr")
        assert refused.value.key == f"refused.{key}"
    with pytest.raises(Refused) as refused:
        await conduct.join(table.house, code, "astronauts", "fr")
    assert refused.value.key == "refused.choose_group"


async def test_the_screen_shows_how_to_join_only_while_the_door_is_open(table: Table) -> None:
    with pytest.raises(Refused) as refused:
        await conduct.show_screen(table.house, table.fay, "join")
    assert refused.value.key == "refused.door_shut"
    await conduct.show_screen(table.house, table.fay, "pause")
    with pytest.raises(Refused):
        await conduct.show_screen(table.house, table.fay, "../x")
    assert (await models.Session.get(id=table.session.id)).screen == "pause"


async def test_the_desk_works_on_either_database(database: str) -> None:
    """Timer, raised hand, door and seat, through the tables as migrations made them."""
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        table = await lay_table(house)
        row = await table.open("rating")
        await conduct.set_timer(house, table.fay, row.id, 10)
        await conduct.pause_timer(house, table.fay, row.id)
        await conduct.call(house, table.aline, "speak")
        await conduct.answer_call(house, table.fay, (await models.Call.get()).id)
        seat = await conduct.join(house, await opened(table, takes_newcomers=True), "patients", "fr")
        await seats.sign_in(house.store, seat=seat)
        assert (await table.row("rating")).paused_left and (await models.Call.get()).state == "answered"
        await conduct.withdraw(house, table.aline, erase=True)
        assert await models.Call.all().count() == 0
