"""Answers that come by telephone or on paper: entered by the team, entered again, compared, settled, reported."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from consensus import conduct, models, seats
from consensus.conduct import EnteredFor, Guest, Refused, Submission
from consensus.double_entry import Check, checks, reports, standing, unsettled
from consensus.export import individual, released
from consensus.export.verify import verify_file
from rounds.contract import Role
from tests.conftest import Table
from tests.consensus.test_export import inside, rows

WHY = "A heron reason told on the telephone"


async def colleague(table: Table) -> models.Seat:
    (seat,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.COFACILITATOR)])
    return seat


def sheet(value: int, card: str = "P001", reason: str = "", key: str = "") -> Submission:
    form = {"card": [card], "importance": [str(value)], "reason": [reason]}
    return Submission(form, key or os.urandom(8).hex(), "fr")


async def enter(table: Table, value: int, by: models.Seat | None = None, method: str = "paper", **more: str) -> None:
    through = EnteredFor(by or table.fay, method)
    await conduct.cast(table.house, table.aline.id, (await table.row("rating")).id, sheet(value, **more), through)


async def again(table: Table, value: int, by: models.Seat, **more: str) -> bool:
    submission, through = sheet(value, **more), EnteredFor(by, "paper")
    return await conduct.enter_again(table.house, table.aline.id, (await table.row("rating")).id, submission, through)


async def check_of(table: Table) -> Check:
    return (await checks((await table.row("rating")).id, table.aline.id))["P001"]


async def settle(table: Table, choice: str, seen: str = "") -> None:
    row, seen = await table.row("rating"), seen or conduct.look_of(await check_of(table))
    await conduct.settle(table.house, table.fay, table.aline.id, row.id, "P001", seen, choice)


async def says(table: Table) -> int:
    counted = await table.house.counts.now(await table.row("rating"))
    return int(counted.own[str(table.aline.id)]["P001"]["values"]["importance"])


async def test_an_answer_entered_for_somebody_counts_at_once(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    assert await says(table) == 7
    ballot = await models.Ballot.get(seat_id=table.aline.id)
    assert (ballot.entered_by, ballot.third) == ("paper", 0)


async def test_the_journal_tells_who_entered_and_how_but_not_for_whom_or_what(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7, method="phone", reason=WHY)
    await again(table, 3, table.fay, reason=WHY)
    lines = await models.Entry.filter(act__in=["cast", "enter_again"]).order_by("seq")
    assert [(line.role, line.by_id) for line in lines] == [("facilitator", table.fay.id)] * 2
    cast, twice = (json.loads(line.payload) for line in lines)
    assert cast["entered_by"] == "phone" and cast.keys() == {"round", "commitment", "words", "entered_by"}
    assert twice == {"round": "rating", "entered_by": "paper", "same": False}
    told = "".join(line.payload for line in await models.Entry.all())
    assert WHY not in told and "importance" not in told
    assert not any(line.about_id or "about" in line.payload for line in lines)


async def with_code(table: Table, code: str, value: int, by: models.Seat | None = None) -> None:
    through, row = EnteredFor(by or table.fay, "phone", code=code), await table.row("rating")
    await conduct.cast(table.house, table.aline.id, row.id, sheet(value), through)


async def test_the_last_answer_stands_and_the_persons_own_only_goes_with_their_code(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    await table.cast(table.aline, "rating", card="P001", importance="2")
    assert await says(table) == 2
    settings = table.house.settings
    for by in (table.fay, await colleague(table)):
        with pytest.raises(Refused, match=r"refused\.answered_themself"):
            await enter(table, 8, by)
        for code in ("AAAA-AAAA", seats.short_code(settings, table.bob)):
            with pytest.raises(Refused, match=r"refused\.not_their_code"):
                await with_code(table, code, 8, by)
    assert await says(table) == 2
    await with_code(table, seats.short_code(settings, table.aline).lower().replace("-", " "), 8)
    assert await says(table) == 8


async def test_to_be_refused_for_an_answer_is_a_line_like_asking_for_it(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="2")
    row = await table.row("rating")
    with pytest.raises(Refused, match=r"refused\.answered_themself"):
        await enter(table, 8)
    assert await conduct.ask_answered(table.house, table.fay, table.aline.id, row.id, "P001")
    assert not await conduct.ask_answered(table.house, table.fay, table.aline.id, row.id, "P002")
    lines = await models.Entry.filter(act="ask_answered")
    assert [(line.by_id, json.loads(line.payload)) for line in lines] == [(table.fay.id, {"round": "rating"})] * 3


async def test_only_the_team_enters_and_only_from_telephone_or_paper(table: Table) -> None:
    with pytest.raises(Refused):
        EnteredFor(table.bob, "paper")
    with pytest.raises(Refused):
        EnteredFor(table.fay, "self")


async def test_nothing_is_entered_in_another_session(table: Table) -> None:
    await table.open("rating")
    row = await table.row("rating")
    with pytest.raises(Refused):
        await conduct.cast(table.house, table.odile.id, row.id, sheet(5), EnteredFor(table.fay, "paper"))
    with pytest.raises(Refused):
        await conduct.enter_again(table.house, table.odile.id, row.id, sheet(5), EnteredFor(table.fay, "paper"))
    assert not await models.Ballot.all().count() and not await models.SecondEntry.all().count()


async def test_without_consent_nothing_is_entered_and_consent_is_written_with_its_method(table: Table) -> None:
    await table.open("rating")
    await models.Seat.filter(id=table.aline.id).update(consented=False)
    with pytest.raises(Refused, match=r"refused\.consent_first"):
        await enter(table, 7)
    with pytest.raises(Refused, match=r"refused\.consent_first"):
        await again(table, 7, table.fay)
    await conduct.consent(table.house, table.aline, through=EnteredFor(table.fay, "phone"))
    await enter(table, 7)
    before = await models.Entry.all().count()
    await conduct.consent(table.house, table.aline, ["quote"], through=EnteredFor(table.fay, "phone"))
    assert await models.Entry.all().count() == before  # what somebody agreed to is theirs to change
    line = await models.Entry.filter(act="consent").order_by("-seq").first()
    assert line and line.by_id == table.fay.id and json.loads(line.payload)["entered_by"] == "phone"


async def test_a_closed_round_and_a_seat_that_left_take_nothing(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    await again(table, 3, table.fay)
    await conduct.withdraw(table.house, table.seats[1], erase=False)
    row = await table.row("rating")
    with pytest.raises(Refused, match=r"refused\.withdrawn"):
        await conduct.cast(table.house, table.seats[1].id, row.id, sheet(5), EnteredFor(table.fay, "paper"))
    await table.close("rating")
    for refused in (enter(table, 8), again(table, 7, table.fay), settle(table, "second")):
        with pytest.raises(Refused, match=r"refused\.closed"):
            await refused
    assert await says(table) == 7


async def test_a_second_entry_is_compared_and_never_counted(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    other = await colleague(table)
    assert not await again(table, 3, other) and await says(table) == 7
    assert (await check_of(table)).waits
    assert await again(table, 7, other) and not (await check_of(table)).waits
    assert await models.SecondEntry.all().count() == 1 and await models.Ballot.all().count() == 1


async def test_the_same_second_form_sent_twice_is_one_entry(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    for _ in range(2):
        await again(table, 3, table.fay, key="once")
    assert await models.Entry.filter(act="enter_again").count() == 1


async def test_choosing_the_second_makes_it_the_answer_and_choosing_the_first_leaves_it(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7, method="phone")
    await again(table, 3, table.fay)
    await settle(table, "first")
    assert await says(table) == 7 and not (await check_of(table)).waits
    await again(table, 4, table.fay)
    await settle(table, "second")
    assert await says(table) == 4 and not (await check_of(table)).waits
    assert [ballot.entered_by for ballot in await models.Ballot.all()] == ["phone", "phone"]


async def test_who_waits_for_a_choice_is_known_until_it_is_made_or_they_leave(table: Table) -> None:
    row = await table.open("rating")
    assert await unsettled(row.id) == ()
    await enter(table, 7)
    await again(table, 7, table.fay)
    assert await unsettled(row.id) == ()
    await again(table, 3, table.fay)
    assert await unsettled(row.id) == (table.aline.id,)
    await settle(table, "second")
    assert await unsettled(row.id) == ()
    await again(table, 5, table.fay)
    assert await unsettled(row.id) == (table.aline.id,)
    await conduct.withdraw(table.house, table.aline, erase=False)
    assert await unsettled(row.id) == ()


async def test_what_was_not_seen_is_not_chosen(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    await again(table, 3, table.fay)
    seen = conduct.look_of(await check_of(table))
    await again(table, 5, table.fay)
    with pytest.raises(Refused, match=r"refused\.nothing_to_settle"):
        await settle(table, "second", seen)
    with pytest.raises(Refused, match=r"refused\.choose_entry"):
        await settle(table, "both")
    assert await says(table) == 7


async def test_ones_own_answer_stands_and_changes_nothing_that_the_team_sees(table: Table) -> None:
    row = await table.open("rating")
    await enter(table, 7)
    await again(table, 3, table.fay)
    before = await reports(table.session.id)
    await table.cast(table.aline, "rating", card="P001", importance="9")
    assert (await check_of(table)).waits and await unsettled(row.id) == (table.aline.id,)
    assert await reports(table.session.id) == before
    await settle(table, "second")
    assert not (await check_of(table)).waits and await unsettled(row.id) == ()
    assert not await again(table, 9, table.fay) and await again(table, 7, table.fay)
    assert await says(table) == 9


async def test_erasing_takes_the_second_entry_along(table: Table) -> None:
    await table.open("rating")
    await enter(table, 7)
    await again(table, 3, table.fay)
    await conduct.withdraw(table.house, table.aline, erase=True)
    assert not await models.SecondEntry.all().count() and await reports(table.session.id) == []
    assert await standing((await table.row("rating")).id, table.aline.id) == {}


async def test_the_report_counts_people_answers_and_differences(table: Table) -> None:
    await table.open("rating")
    other = await colleague(table)
    await enter(table, 7)
    await enter(table, 5, card="P002", method="phone")
    await again(table, 3, other)
    await again(table, 5, table.fay, card="P002")
    await settle(table, "second")
    (report,) = await reports(table.session.id)
    assert (report.round, report.phone, report.paper, report.twice) == ("rating", 1, 1, 1)
    assert (report.compared, report.different, report.settled, report.same_hand) == (2, 1, 1, 1)


async def test_a_file_tells_of_no_answer_how_it_came_and_counts_from_k_on(table: Table, tmp_path: Path) -> None:
    await table.open("rating")
    await enter(table, 7)
    await again(table, 3, await colleague(table))
    await settle(table, "second")
    for seat in table.seats[1:]:
        await table.cast(seat, "rating", card="P001", importance="6")
    await table.close("rating")
    data = await individual(table.house, table.session)
    files = inside(data)
    (told,) = rows(files, "double_entry.csv")
    few = ["paper", "twice", "compared", "different", "settled", "same_hand"]
    assert told == dict.fromkeys(few, "") | {"round": "rating", "phone": "0"}, "fewer than k people"
    assert not [name for name, data in files.items() if b"entered_by" in data]
    for number, parcel in enumerate([data, await released(table.house, table.session)]):
        (tmp_path / f"{number}.zip").write_bytes(parcel)
        code, said = await asyncio.to_thread(verify_file, tmp_path / f"{number}.zip")
        assert code == 0, said
