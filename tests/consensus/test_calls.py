"""Raised hands: one of a kind a seat, in order of arrival, and nobody learns whose unless the button said so."""

from __future__ import annotations

import pytest

from consensus import conduct, models
from consensus.conduct import Guest, Refused
from consensus.journal import head_of
from consensus.live import Audience
from consensus.protocol import Plan
from consensus.web.state import State, load_state
from consensus.web.team.calls import own_calls, waiting_in
from consensus.web.view import CONSOLE, seen_by
from rounds.contract import Role
from tests.conftest import Table, lay_table

WALL = [Plan(key="wall", kind="wall", disclosure="live", grace=0, settings={})]


async def queue(table: Table) -> list[tuple[str, str | None, str, int]]:
    calls = (await load_state(table.house, table.session)).calls
    return [(call.what, call.block.key if call.block else None, call.name, call.number) for call in calls]


async def test_hands_wait_in_the_order_in_which_they_came(table: Table) -> None:
    await table.open("rating")
    await conduct.call(table.house, table.bob, "question")
    await conduct.call(table.house, table.aline, "objection")
    await conduct.call(table.house, table.seats[1], "question")
    assert [what for what, *_ in await queue(table)] == ["question", "objection", "question"]


async def test_one_hand_of_a_kind_waits_for_a_seat(table: Table) -> None:
    for _ in range(3):
        await conduct.call(table.house, table.aline, "question")
    await conduct.call(table.house, table.aline, "objection")
    assert [what for what, *_ in await queue(table)] == ["question", "objection"]
    assert await models.Entry.filter(head=head_of(table.session.id), act="call").count() == 2


async def test_a_hand_is_lowered_by_its_owner_alone(table: Table) -> None:
    await conduct.call(table.house, table.aline, "question")
    await conduct.take_back(table.house, table.bob, "question")
    assert len(await queue(table)) == 1
    await conduct.take_back(table.house, table.aline, "question")
    assert await queue(table) == [] and (await own_calls(table.aline, None))["question"].state == "withdrawn"


async def test_a_hand_is_answered_and_that_is_taken_back(table: Table) -> None:
    await conduct.call(table.house, table.aline, "question")
    call = await models.Call.get()
    await conduct.answer_call(table.house, table.fay, call.id)
    assert await queue(table) == [] and (await own_calls(table.aline, None))["question"].state == "answered"
    with pytest.raises(Refused):
        await conduct.answer_call(table.house, table.fay, call.id)
    await conduct.reopen_call(table.house, table.fay, call.id)
    assert len(await queue(table)) == 1


async def test_an_answered_hand_does_not_come_back_beside_a_new_one(table: Table) -> None:
    await conduct.call(table.house, table.aline, "question")
    call = await models.Call.get()
    await conduct.answer_call(table.house, table.fay, call.id)
    await conduct.call(table.house, table.aline, "question")
    with pytest.raises(Refused):
        await conduct.reopen_call(table.house, table.fay, call.id)


async def test_a_team_answers_no_hand_of_another_session(table: Table) -> None:
    await conduct.call(table.house, table.odile, "question")
    call = await models.Call.get()
    with pytest.raises(Refused) as refused:
        await conduct.answer_call(table.house, table.fay, call.id)
    assert refused.value.key == "refused.call_gone" and await queue(table) == []


async def test_a_question_names_nobody_and_a_wish_to_speak_does(table: Table) -> None:
    guest = Guest(Role.PARTICIPANT, "patients", name="Zoé Tremblay")
    (zoe,) = await conduct.add_seats(table.house, table.fay, [guest])
    await conduct.consent(table.house, zoe)
    await table.open("rating")
    for seat in (zoe, table.aline):
        for what in conduct.CALL_KINDS:
            await conduct.call(table.house, seat, what)
    for what, _block, name, number in await queue(table):
        assert (name != "" or number != 0) == (what == "speak")
    named = [told[2:] for told in await queue(table) if told[0] == "speak"]
    assert named == [("Zoé Tremblay", len(table.seats) + 1), ("", 1)]


async def test_the_journal_tells_neither_name_nor_seat(table: Table) -> None:
    await table.open("rating")
    await conduct.call(table.house, table.aline, "speak")
    await conduct.take_back(table.house, table.aline, "speak")
    lines = await models.Entry.filter(head=head_of(table.session.id), act__in=["call", "take_back_call"])
    assert len(lines) == 2
    for line in lines:
        assert (line.role, line.alias) == ("participant", "")
        assert (line.by_id, line.about_id) == (None, None) and "seat" not in line.payload


async def test_the_block_is_shown_from_as_many_people_as_the_floor(table: Table) -> None:
    await table.open("rating")
    await conduct.call(table.house, table.aline, "question")
    ((_, block, *_),) = await queue(table)
    assert block == "patients"


async def test_a_block_of_three_is_never_shown(table: Table) -> None:
    """Five sit in the block and two have left: three people are too few."""
    await table.open("rating")
    for seat in table.seats[1:3]:
        await conduct.withdraw(table.house, seat, erase=False)
    await conduct.call(table.house, table.aline, "question")
    ((_, block, *_),) = await queue(table)
    assert block is None


async def test_people_who_have_not_come_in_do_not_hide_the_one_who_has(table: Table) -> None:
    await models.Seat.filter(id__in=[seat.id for seat in table.seats[1:3]]).update(consented=False)
    await table.open("rating")
    await conduct.call(table.house, table.aline, "question")
    ((_, block, *_),) = await queue(table)
    assert block is None


async def test_whoever_has_not_consented_or_has_left_raises_no_hand(table: Table) -> None:
    await conduct.withdraw(table.house, table.bob, erase=True)
    await models.Seat.filter(id=table.aline.id).update(consented=False)
    for seat, key in ((table.bob, "refused.withdrawn"), (table.aline, "refused.consent_first")):
        with pytest.raises(Refused) as refused:
            await conduct.call(table.house, seat, "question")
        assert refused.value.key == key
    with pytest.raises(Refused):
        await conduct.call(table.house, table.seats[1], "lunch")
    assert await models.Call.all().count() == 0


async def test_who_leaves_takes_the_hands_along(table: Table) -> None:
    await conduct.call(table.house, table.aline, "question")
    await conduct.withdraw(table.house, table.aline, erase=False)
    assert await models.Call.all().count() == 0


def objecting(state: State, about: str) -> int:
    return seen_by(state, Audience(CONSOLE, "en")).objections.get(about, 0)


async def test_an_objection_is_counted_at_the_one_thing_that_is_asked(table: Table) -> None:
    here = await lay_table(table.house, WALL, title="Mur")
    await here.open("wall")
    await here.cast(here.fay, "wall", act="call", card="P001")
    for seat in (here.aline, here.bob):
        await conduct.call(here.house, seat, "objection")
    await conduct.call(here.house, here.seats[1], "question")
    state = await load_state(here.house, here.session)
    assert state.counted is not None and objecting(state, state.counted.asked[0]) == 2
    await here.cast(here.fay, "wall", act="call", card="P002")
    state = await load_state(here.house, here.session)
    assert state.counted is not None and objecting(state, state.counted.asked[0]) == 0 and len(state.calls) == 3


async def test_where_many_things_are_asked_a_hand_is_about_none_of_them(table: Table) -> None:
    await table.open("rating")
    await conduct.call(table.house, table.aline, "objection")
    assert (await models.Call.get()).about == ""


async def test_a_hand_raised_before_any_round_shows_no_block(table: Table) -> None:
    await conduct.call(table.house, table.aline, "question")
    assert [call.block for call in await waiting_in(table.session, (), 5)] == [None]


async def test_a_copy_of_a_press_raises_or_lowers_no_hand_again(table: Table) -> None:
    house, aline = table.house, table.aline
    await conduct.call(house, aline, "question", "page")
    await conduct.take_back(house, aline, "question", "next page")
    await conduct.call(house, aline, "question", "page")
    assert await queue(table) == []
    await conduct.call(house, aline, "question", "a third page")
    await conduct.take_back(house, aline, "question", "next page")
    assert len(await queue(table)) == 1
