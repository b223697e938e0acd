"""Rounds open and close by themselves at planned moments, also those that passed while the server was down.

The moment is put into the database; nobody waits for it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from consensus import conduct, models, zones
from consensus.conduct.planned import moment
from consensus.house import House
from consensus.mail.letters import letters_of
from consensus.post import written_to
from consensus.protocol import Plan
from consensus.tasks import clock
from tests.conftest import Table, lay_table

HOUR, DAY = 3600.0, 86400.0
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=60, settings={})
AGAIN = Plan(key="again", kind="rating", disclosure="at_close", grace=0, settings={})


async def at(table: Table, key: str, **moments: float | None) -> None:
    """As if they had been planned so, however long ago."""
    await models.Round.filter(session_id=table.session.id, key=key).update(**moments)


async def last_line(act: str) -> dict[str, Any]:
    entry = await models.Entry.filter(act=act).order_by("-id").first()
    assert entry is not None, act
    return {"role": entry.role, **json.loads(entry.payload)}


async def states(table: Table) -> list[str]:
    rows = await models.Round.filter(session_id=table.session.id).order_by("position")
    return [str(row.state) for row in rows]


async def test_a_round_opens_at_its_moment_and_closes_through_its_grace(house: House) -> None:
    table = await lay_table(house, [RATING])
    row, now = await table.row("rating"), time.time()
    await conduct.plan_times(house, table.fay, row.id, now + HOUR, now + 2 * HOUR)
    await conduct.moments_due(house)
    assert await states(table) == ["draft"]
    await at(table, "rating", opens_at=now - 1)
    await conduct.moments_due(house)
    assert await states(table) == ["open"]
    said = await last_line("open_round")
    assert (said["role"], said["planned"], "late" in said) == ("clock", moment(now - 1), False)
    await conduct.moments_due(house)
    assert await models.Entry.filter(act="open_round").count() == 1
    await table.cast(table.aline, "rating", card="P001", importance="5")
    await at(table, "rating", closes_at=time.time() - 1)
    await conduct.moments_due(house)
    assert await states(table) == ["closing"]
    await table.cast(table.aline, "rating", card="P002", importance="5")  # what is under way is still taken
    await at(table, "rating", closing_at=time.time() - 61)
    await conduct.finish_due(house)
    assert await states(table) == ["closed"]
    assert (await last_line("close_round"))["role"] == "clock"


async def _looks() -> AsyncIterator[None]:
    while True:
        yield
        await asyncio.sleep(0.05)


async def test_the_clock_itself_keeps_them(house: House) -> None:
    table = await lay_table(house, [AGAIN])
    await at(table, "again", opens_at=time.time() - 1)
    task = asyncio.create_task(clock.run(house))
    try:
        async with asyncio.timeout(20):
            async for _ in _looks():
                if await states(table) == ["open"]:
                    break
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_passed_while_the_server_was_down_is_done_at_the_next_look_and_said_to_be_late(house: House) -> None:
    table = await lay_table(house, [AGAIN])
    await at(table, "again", opens_at=time.time() - 2 * HOUR, closes_at=time.time() + HOUR)
    await conduct.moments_due(house)
    assert await states(table) == ["open"] and (await last_line("open_round"))["late"] in {119, 120}
    await at(table, "again", closes_at=time.time() - HOUR)
    await conduct.moments_due(house)
    assert await states(table) == ["closed"]


async def test_a_round_whose_two_moments_passed_does_not_open_and_the_team_is_told(house: House) -> None:
    table = await lay_table(house, [AGAIN])
    await at(table, "again", opens_at=time.time() - 2 * HOUR, closes_at=time.time() - HOUR)
    await conduct.moments_due(house)
    row = await table.row("again")
    assert (row.state, row.opens_at, [one["act"] for one in row.notes]) == ("draft", None, ["not_opened"])
    assert (await last_line("not_opened"))["role"] == "clock"


async def test_what_could_not_be_opened_is_told_once_and_nothing_is_lost(house: House) -> None:
    """The step before is still open."""
    table = await lay_table(house, [RATING, AGAIN])
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="5")
    planned = time.time() - 1
    await at(table, "again", opens_at=planned)
    for _ in range(3):
        await conduct.moments_due(house)
    row = await table.row("again")
    assert await states(table) == ["open", "draft"] and await models.Ballot.all().count() == 1
    assert [(one["act"], one["about"]) for one in row.notes] == [("not_opened", [moment(planned)])]
    assert await models.Entry.filter(act="not_opened").count() == 1
    await table.close("rating")
    await conduct.open_round(house, table.fay, row.id)  # by hand, as ever
    assert await states(table) == ["closed", "open"]


async def test_a_close_that_waits_for_the_team_is_left_to_the_team(house: House) -> None:
    table = await lay_table(house, [Plan(key="wall", kind="wall", disclosure="live", grace=0, settings={})])
    await table.open("wall")
    await at(table, "wall", closes_at=time.time() - 1)
    await conduct.moments_due(house)
    row = await table.row("wall")
    if row.state == "open":  # cards lie that nobody has placed
        assert [one["act"] for one in row.notes] == ["not_closed"] and row.closes_at is None


async def test_more_time_is_given_for_a_reason_and_never_taken_away(house: House) -> None:
    table = await lay_table(house, [RATING])
    row, now = await table.open("rating"), time.time()
    await conduct.extend(house, table.fay, row.id, now + HOUR, "")  # nobody was told a moment before
    assert (await last_line("set_deadline"))["closes"] == moment(now + HOUR)
    for closes, reason, key in (
        (now + HOUR / 2, "Snow", "refused.only_later"),
        (now + 2 * HOUR, "", "refused.why_extend"),
        (now - HOUR, "Snow", "refused.past_moment"),
    ):
        with pytest.raises(conduct.Refused, match=key):
            await conduct.extend(house, table.fay, row.id, closes, reason)
    await conduct.extend(house, table.fay, row.id, now + DAY, "A storm.")
    row = await table.row("rating")
    assert row.closes_at == now + DAY
    assert row.notes == [{"act": "extend", "reason": "A storm.", "about": [moment(now + HOUR), moment(now + DAY)]}]
    assert "storm" not in json.dumps(await last_line("extend_deadline"))


async def test_a_close_taken_back_is_not_made_again_by_the_clock(house: House) -> None:
    table = await lay_table(house, [RATING])
    row = await table.open("rating")
    await at(table, "rating", closes_at=time.time() - 1)
    await conduct.moments_due(house)
    await conduct.keep_open(house, table.fay, row.id)
    await conduct.moments_due(house)
    assert await states(table) == ["open"] and (await table.row("rating")).closes_at is None


async def test_moments_that_make_no_sense_are_refused(house: House) -> None:
    table = await lay_table(house, [RATING])
    row, now = await table.row("rating"), time.time()
    for opens, closes, key in (
        (now - 5, None, "refused.past_moment"),
        (None, now - 5, "refused.past_moment"),
        (now + DAY, now + HOUR, "refused.closes_first"),
    ):
        with pytest.raises(conduct.Refused, match=key):
            await conduct.plan_times(house, table.fay, row.id, opens, closes)
    await table.open("rating")
    with pytest.raises(conduct.Refused, match=r"refused\.frozen"):
        await conduct.plan_times(house, table.fay, row.id, now + HOUR, None)


def test_a_day_and_time_is_read_as_the_clock_of_the_study_says_it() -> None:
    zone = "America/Toronto"
    assert zones.moment_in(zone, "2026-12-17T17:00") == datetime(2026, 12, 17, 22, 0, tzinfo=UTC)
    assert zones.moment_in(zone, "2026-07-17T17:00") == datetime(2026, 7, 17, 21, 0, tzinfo=UTC)
    for said in ("2026-03-08T02:30", "tomorrow", "2026-12-17T17:00+01:00", "0001-01-01T00:00", ""):
        assert zones.moment_in(zone, said) is None, said
    twice = zones.moment_in(zone, "2026-11-01T01:30")
    assert twice == datetime(2026, 11, 1, 5, 30, tzinfo=UTC) and zones.said_in(zone, twice) == "2026-11-01T01:30"


async def test_a_reminder_says_until_when_and_goes_out_once_on_the_last_day(house: House) -> None:
    table = await lay_table(house, [RATING])
    session = await models.Session.get(id=table.session.id).select_related("study")
    await table.open("rating")
    bob = next(seat for seat in table.seats if seat.language == "en")
    letter = letters_of(house.texts, session, session.study, "reminder")["en"]
    bare = written_to(house, letter, session.study, bob, "Bob").body
    assert "Open until" not in bare and "\n\n\n" not in bare
    closes = datetime(2026, 12, 17, 22, 0, tzinfo=UTC)
    told = written_to(house, letter, session.study, bob, "Bob", closes).body
    assert "Open until December 17, 2026, 17:00 (Eastern Standard Time)." in told
    await conduct.plan_reminders(house, table.fay, 7)
    for closes_at, n in ((time.time() + 3 * DAY, 0), (time.time() + DAY / 2, 1), (time.time() + DAY / 2, 1)):
        await at(table, "rating", closes_at=closes_at)
        await models.Entry.filter(act="open_round").update(at=moment(time.time() - DAY))
        await conduct.remind_due(house)
        assert await models.Entry.filter(act="queue_reminders").count() == n
