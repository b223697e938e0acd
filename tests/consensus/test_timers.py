"""A planned end is a promise about time: it tells, and ends nothing."""

from __future__ import annotations

import json
import time

import pytest

from consensus import conduct, models
from consensus.conduct import Refused, timers
from consensus.house import build, open_house
from consensus.journal import first_breach, head_of
from consensus.live import Room
from consensus.settings import Settings
from consensus.timer import Timer, is_marked, timer_of
from tests.conftest import Table, lay_table


async def acts(table: Table, *names: str) -> list[dict[str, object]]:
    lines = await models.Entry.filter(head=head_of(table.session.id), act__in=names).order_by("seq")
    return [{"act": line.act, "role": line.role, **json.loads(line.payload)} for line in lines]


async def left(table: Table) -> Timer | None:
    return timer_of(await table.row("rating"), time.time())


async def test_a_timer_is_set_extended_paused_resumed_and_stopped(table: Table) -> None:
    row = await table.open("rating")
    await conduct.set_timer(table.house, table.fay, row.id, 10)
    set_at = (await table.row("rating")).ends_at
    assert set_at is not None and 595 < set_at - time.time() <= 600
    await conduct.extend_timer(table.house, table.fay, row.id)
    assert (await table.row("rating")).ends_at == set_at + 300
    await conduct.pause_timer(table.house, table.fay, row.id)
    paused = await left(table)
    assert paused is not None and paused.is_paused and 890 <= paused.left <= 900
    await conduct.extend_timer(table.house, table.fay, row.id)
    await conduct.resume_timer(table.house, table.fay, row.id)
    running = await left(table)
    assert running is not None and not running.is_paused and 1190 <= running.left <= 1200
    await conduct.stop_timer(table.house, table.fay, row.id)
    assert await left(table) is None
    written = await acts(table, "set_timer", "extend_timer", "pause_timer", "resume_timer", "stop_timer")
    assert [line["act"] for line in written] == [
        *("set_timer", "extend_timer", "pause_timer", "extend_timer", "resume_timer", "stop_timer"),
    ]
    assert all(line["round"] == "rating" and line["role"] == "facilitator" for line in written)
    assert first_breach(await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()) is None


async def test_time_that_is_up_ends_nothing(table: Table) -> None:
    row = await table.open("rating")
    await models.Round.filter(id=row.id).update(ends_at=time.time() - 3600)
    over = await left(table)
    assert over is not None and over.is_over and over.left == 0
    await table.cast(table.aline, "rating", card="P001", importance="7")
    assert await models.Ballot.filter(is_late=False).count() == 1
    assert (await table.row("rating")).state == "open"


async def test_five_minutes_more_count_from_now_where_the_time_is_up(table: Table) -> None:
    row = await table.open("rating")
    await models.Round.filter(id=row.id).update(ends_at=time.time() - 3600)
    await conduct.extend_timer(table.house, table.fay, row.id)
    now = await left(table)
    assert now is not None and 295 <= now.left <= 300


@pytest.mark.parametrize("minutes", [0, -1, 601])
async def test_a_timer_has_between_one_minute_and_ten_hours(table: Table, minutes: int) -> None:
    row = await table.open("rating")
    with pytest.raises(Refused) as refused:
        await conduct.set_timer(table.house, table.fay, row.id, minutes)
    assert refused.value.key == "refused.minutes"


async def test_what_has_no_timer_is_not_extended_paused_resumed_or_stopped(table: Table) -> None:
    row = await table.open("rating")
    for act in (conduct.extend_timer, conduct.pause_timer, conduct.resume_timer, conduct.stop_timer):
        with pytest.raises(Refused) as refused:
            await act(table.house, table.fay, row.id)
        assert refused.value.key == "refused.no_timer"
    assert await acts(table, "extend_timer", "pause_timer", "resume_timer", "stop_timer") == []


async def test_only_an_open_round_of_the_own_session_has_a_timer(table: Table) -> None:
    row = await table.row("rating")
    with pytest.raises(Refused):
        await conduct.set_timer(table.house, table.fay, row.id, 5)
    await table.open("rating")
    with pytest.raises(Refused):
        await conduct.set_timer(table.house, table.odile, row.id, 5)
    assert await left(table) is None


async def test_a_timer_survives_a_restart(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        row = await table.open("rating")
        await conduct.set_timer(house, table.fay, row.id, 10)
        before = (await table.row("rating")).ends_at
    async with open_house(build(settings)):
        again = await models.Round.get(id=row.id)
        assert again.ends_at == before and timer_of(again, time.time()) is not None


def test_everybody_is_told_at_five_minutes_one_minute_and_the_end() -> None:
    told = [second for second in range(400) if is_marked(400.0, second - 1, second)]
    assert told == [100, 340] and is_marked(400.0, 399, 400) and not is_marked(400.0, 400, 401)


async def test_the_rooms_are_drawn_again_when_the_time_is_up(table: Table) -> None:
    row = await table.open("rating")
    now = time.time()
    await models.Round.filter(id=row.id).update(ends_at=now)
    room = table.house.rooms._rooms.setdefault(table.session.id, Room())
    await timers.tell_due(table.house, now - 1, now + 1)
    await timers.tell_due(table.house, now + 1, now + 2)
    assert room.touches == 1


# Taking the close back


async def test_a_close_is_taken_back_while_its_grace_runs(table: Table) -> None:
    row = await table.open("rating")
    await models.Round.filter(id=row.id).update(grace=60)
    await conduct.close_round(table.house, table.fay, row.id)
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await conduct.keep_open(table.house, table.fay, row.id)
    kept = await table.row("rating")
    assert (kept.state, kept.closing_at) == ("open", None)
    await conduct.finish_due(table.house)
    await table.cast(table.bob, "rating", card="P001", importance="8")
    assert [ballot.is_late for ballot in await models.Ballot.all().order_by("seq")] == [True, False]
    assert [line["act"] for line in await acts(table, "close_round", "keep_open")] == ["close_round", "keep_open"]


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_a_round_that_is_open_or_closed_has_no_close_to_take_back(table: Table, state: str) -> None:
    row = await table.open("rating")
    if state == "closed":
        await table.close("rating")
    with pytest.raises(Refused) as refused:
        await conduct.keep_open(table.house, table.fay, row.id)
    assert refused.value.key == "refused.not_closing" and (await table.row("rating")).state == state
