"""A round that was closed too early is opened again: for a reason, and without telling what one or two people said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.count import recount
from consensus.counts import Counts
from consensus.house import House, build, open_house
from consensus.journal import head_of
from consensus.live import Audience
from consensus.outcome import digest, tally_from
from consensus.protocol import Plan
from consensus.reasons import shown
from consensus.settings import Settings
from consensus.web.state import load_state
from consensus.web.view import CONSOLE, seen_by
from rounds import KINDS
from rounds.contract import Line, Tally
from tests.conftest import Table, lay_table

RULE: dict[str, Any] = {"name": "share", "percent": 60, "scope": "pooled"}
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, rule=RULE)
RANKING = Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0)
WHY = "Two sheets came late."


async def rated(house: House, *plans: Plan) -> Table:
    """Nine of eleven people say 5 of the first card: nothing is decided. The round is closed."""
    table = await lay_table(house, [RATING, *plans])
    await table.open("rating")
    await say(table, table.seats[:9], 5)
    await table.close("rating")
    return table


async def say(table: Table, seats: Sequence[models.Seat], value: int, card: str = "P001") -> None:
    for seat in seats:
        await table.cast(seat, "rating", card=card, importance=str(value))


async def reopen(table: Table, key: str = "rating", reason: str = WHY) -> models.Round:
    row = await table.row(key)
    await conduct.reopen_round(table.house, table.fay, row.id, reason)
    return await table.row(key)


async def refused(act: Awaitable[object], key: str) -> None:
    lines = await models.Entry.all().count()
    with pytest.raises(Refused) as found:
        await act
    assert found.value.key == key and await models.Entry.all().count() == lines


def line_of(tally: Tally, card: str = "P001") -> Line:
    line = tally.line(card)
    assert line is not None
    return line


def outcome(row: models.Round, card: str = "P001") -> Line:
    return line_of(tally_from(row.outcome["told"]), card)


async def closes(table: Table) -> list[dict[str, Any]]:
    lines = await models.Entry.filter(head=head_of(table.session.id), act="closed").order_by("seq")
    return [json.loads(line.payload) for line in lines]


async def seqs(table: Table, *seats: models.Seat) -> list[int]:
    """The last ballots of these people."""
    found = [await models.Ballot.filter(seat_id=seat.id).order_by("-seq").first() for seat in seats]
    return sorted(ballot.seq for ballot in found if ballot)


# The act


async def test_a_closed_round_is_opened_again_as_it_was_frozen_and_says_why(house: House) -> None:
    table = await rated(house)
    await conduct.analyse_due(house)
    await models.Round.all().update(ends_at=1.0, paused_left=2.0, closing_at=3.0)
    before = await table.row("rating")
    row = await reopen(table)
    assert (row.state, row.outcome, row.findings) == ("open", None, None)
    assert (row.closing_at, row.ends_at, row.paused_left) == (None, None, None)
    names = ("hash", "settings", "rule", "blocks", "statements", "kind", "takes", "disclosure")
    assert [getattr(row, name) for name in names] == [getattr(before, name) for name in names]
    assert row.notes == [{"act": "reopen", "reason": WHY, "about": [digest(before.outcome)]}]
    line = await models.Entry.filter(head=head_of(table.session.id)).order_by("-seq").first()
    assert line is not None and (line.act, line.role, line.by_id) == ("reopen", "facilitator", table.fay.id)
    assert json.loads(line.payload) == {"round": "rating", "notes": digest(row.notes)}


async def test_it_is_refused_without_a_reason_and_for_a_round_that_is_not_closed(house: House) -> None:
    table = await lay_table(house, [RATING])
    row = await table.row("rating")
    await refused(conduct.reopen_round(house, table.fay, row.id, WHY), "refused.not_closed")
    await table.open("rating")
    await refused(conduct.reopen_round(house, table.fay, row.id, WHY), "refused.not_closed")
    await table.close("rating")
    await refused(conduct.reopen_round(house, table.fay, row.id, ""), "refused.why_reopen")
    await reopen(table)
    await refused(conduct.reopen_round(house, table.fay, row.id, WHY), "refused.not_closed")


async def test_it_is_refused_once_a_later_round_builds_on_it(house: House) -> None:
    table = await rated(house, RANKING)
    row = await reopen(table)
    later = await table.row("ranking")
    await refused(conduct.open_round(house, table.fay, later.id), "refused.round_before_open")
    await table.close("rating")
    await table.open("ranking")
    await refused(conduct.reopen_round(house, table.fay, row.id, WHY), "refused.built_on")
    await table.close("ranking")
    await refused(conduct.reopen_round(house, table.fay, row.id, WHY), "refused.built_on")
    assert (await reopen(table, "ranking")).state == "open"


async def test_a_round_of_another_session_is_not_reopened(house: House) -> None:
    table, other = await rated(house), await lay_table(house, title="Ailleurs")
    row = await table.row("rating")
    await refused(conduct.reopen_round(house, other.fay, row.id, WHY), "refused.no_such_round")


async def test_earlier_answers_stand_and_can_be_changed(house: House) -> None:
    table = await rated(house)
    row = await reopen(table)
    assert (await house.counts.now(row)).own[str(table.aline.id)]["P001"]["values"] == {"importance": 5}
    await say(table, [table.aline], 9)
    assert (await house.counts.now(row)).own[str(table.aline.id)]["P001"]["values"] == {"importance": 9}


async def test_while_it_is_open_again_nobody_sees_more_than_the_mode_says(house: House) -> None:
    table = await rated(house)
    assert (await load_state(house, table.session)).tally(None) is not None
    await reopen(table)
    state = await load_state(house, table.session)
    assert state.row is not None and state.row.state == "open" and state.tally(None) is None
    assert seen_by(state, Audience(CONSOLE, "en")).findings == {}


# What a later close counts


async def test_fewer_new_answers_than_the_floor_are_set_aside_and_the_answers_of_then_stand(house: House) -> None:
    table = await rated(house)
    first = await table.row("rating")
    await reopen(table)
    await say(table, table.seats[:4], 9)
    row = await table.close("rating")
    assert row.outcome["told"] == first.outcome["told"] and row.made == first.made
    once, again = await closes(table)
    assert [(said["counted"], said["set_aside"], said["leaves"]) for said in (once, again)] == [(9, 0, 9), (9, 4, 9)]
    assert once["root"] != again["root"], "the salts of a close are its own"
    own = (await house.counts.now(row)).own[str(table.aline.id)]
    assert own["P001"]["values"] == {"importance": 9}, "a person still sees their own answer"


async def test_as_many_new_answers_as_the_floor_move_verdict_and_figures(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:5], 9)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 5 and outcome(row).values["n"] == 9
    assert (await closes(table))[-1]["set_aside"] == 0


async def test_each_block_is_judged_by_itself(house: House) -> None:
    table = await lay_table(house, [RATING])
    await table.open("rating")
    await say(table, table.seats, 5)
    await table.close("rating")
    await reopen(table)
    await say(table, [*table.seats[:4], table.bob], 9)
    row = await table.close("rating")
    assert [block["high"] for block in outcome(row).by_block.values()] == [0, 0] and outcome(row).values["high"] == 0
    await reopen(table)
    await say(table, table.seats[4:5], 9)
    row = await table.close("rating")
    assert [block["high"] for block in outcome(row).by_block.values()] == [5, 0]


async def test_each_card_is_judged_by_itself(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:5], 9)
    await say(table, table.seats[:1], 9, "P002")
    row = await table.close("rating")
    assert outcome(row).values["high"] == 5 and outcome(row, card="P002").values["n"] is None
    assert (await closes(table))[-1]["set_aside"] == 1


async def test_one_person_who_answers_five_times_is_one_person(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    for value in (5, 6, 7, 8, 9):
        await say(table, [table.aline], value)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 0 and (await closes(table))[-1]["set_aside"] == 1


async def test_what_was_set_aside_counts_with_others_after_another_reopening(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:4], 9)
    await table.close("rating")
    row = await reopen(table, reason="One more sheet.")
    assert line_of((await house.counts.now(row)).official).values["high"] == 4, "for the team everything stands"
    await say(table, table.seats[4:5], 9)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 5 and [note["reason"] for note in row.notes] == [WHY, "One more sheet."]


async def test_who_answered_anew_and_had_it_erased_is_not_one_of_them(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:5], 9)
    await conduct.withdraw(house, table.aline, erase=True)
    row = await table.close("rating")
    assert outcome(row).by_block == {}, "beside what was told, eight would tell what she said"
    assert outcome(row).values["n"] is None and row.outcome["held"] == ["P001"]


async def test_an_erasure_after_the_close_leaves_what_was_told_and_tells_nothing_new(house: House) -> None:
    table = await rated(house)
    first = await table.row("rating")
    await conduct.withdraw(house, table.aline, erase=True)
    row = await table.row("rating")
    assert row.outcome["told"] == first.outcome["told"]
    assert (await house.counts.now(row)).visible == ()
    await reopen(table)
    await say(table, table.seats[1:5], 9)
    assert outcome(await table.close("rating")).values["n"] is None
    await reopen(table)
    await say(table, table.seats[5:6], 9)
    assert outcome(await table.close("rating")).values["n"] == 8


async def test_a_group_that_nobody_answered_for_may_answer_once_it_is_open_again(house: House) -> None:
    """It is in no block then: its answers are kept, and counted nowhere."""
    table = await lay_table(house, [RATING])
    await table.open("rating")
    await say(table, table.seats[:5], 5)
    await table.close("rating")
    row = await reopen(table)
    await say(table, table.seats[5:], 9)
    row = await table.close("rating")
    assert list(outcome(row).by_block) == ["patients"] and outcome(row).values["n"] == 5
    assert (await closes(table))[-1]["set_aside"] == 6
    assert (await house.counts.now(row)).own[str(table.seats[5].id)]["P001"]["values"] == {"importance": 9}


async def test_what_people_wrote_is_never_set_aside(house: House) -> None:
    table = await lay_table(house, [Plan(key="gather", kind="gather", disclosure="at_close", grace=0)])
    await conduct.import_statements(house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="A first sentence")
    await table.close("gather")
    await reopen(table, "gather")
    await table.cast(table.bob, "gather", card="1", text="A late sentence")
    row = await table.close("gather")
    assert len(row.outcome["left"]["statements"]) == 2 and "set_aside" not in (await closes(table))[-1]


async def test_what_the_team_does_is_never_set_aside(house: House) -> None:
    table = await lay_table(house, [Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    await table.open("wall")
    for card in ("P001", "P002", "P003"):
        await put(table, card, "selection", how="no_objection")
    await table.close("wall")
    await reopen(table, "wall")
    await put(table, "P001", "bin", how="after_discussion", reason="It was the wrong place")
    row = await table.close("wall")
    assert row.outcome["told"]["places"]["P001"]["zone"] == "bin"
    assert (await closes(table))[-1]["set_aside"] == 0


async def put(table: Table, card: str, to: str, **more: str) -> None:
    seen = (await table.house.counts.now(await table.row("wall"))).official.todo.versions[card]
    await table.cast(table.fay, "wall", act="move", card=card, to=to, seen=str(seen), **more)


# One number everywhere


async def test_a_restart_at_any_moment_counts_the_same(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await rated(house)
        first = await table.row("rating")
        await reopen(table)
        await say(table, table.seats[:1], 9)
    async with open_house(build(settings)) as again:
        table.house = again
        row = await table.row("rating")
        assert line_of((await again.counts.now(row)).official).values["high"] == 1
        await say(table, table.seats[1:2], 9)
        row = await table.close("rating")
        assert row.outcome["told"] == first.outcome["told"]
        told = await again.counts.now(row)
        again.counts.forget()
        for other in (await again.counts.now(row), await Counts().now(row), (await recount(row)).take_stock()):
            assert (other.official, other.shown, other.own) == (told.official, told.shown, told.own)


async def test_a_warm_count_of_another_process_follows_close_and_reopening(house: House) -> None:
    table, second = await rated(house), Counts()
    row = await table.row("rating")
    for act in (reopen, say, Table.close, reopen):
        await second.now(row)
        more = (table.seats[:2], 9) if act is say else ("rating",)
        await act(table, *more)  # type: ignore[operator]
        one, other = await second.now(row), await house.counts.now(row)
        assert (one.official, one.shown, one.aside) == (other.official, other.shown, other.aside)


async def test_findings_that_were_under_way_are_not_those_of_the_reopened_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await rated(house)
    whole, loop = KINDS["rating"].analyse, asyncio.get_running_loop()
    asked: list[int] = []

    def slow(*given: Any) -> Any:
        asked.append(len(given[1]))
        if len(asked) == 1:  # in the thread that works them out: meanwhile the round is opened, answered and closed
            asyncio.run_coroutine_threadsafe(meanwhile(), loop).result(30)
        return whole(*given)

    async def meanwhile() -> None:
        await reopen(table)
        await say(table, table.seats[:9], 9)
        await table.close("rating")

    monkeypatch.setitem(KINDS, "rating", replace(KINDS["rating"], analyse=slow))
    await conduct.analyse_due(house)
    row = await table.row("rating")
    found = {(one["statement"], one["measure"]): one["value"] for one in row.findings}
    assert found["P001", "mean"] == 9.0 and len(asked) == 2
    lines = [line.act for line in await models.Entry.filter(head=head_of(table.session.id)).order_by("seq")]
    assert lines.count("analyse") == 1


async def test_reasons_chosen_for_the_next_round_are_those_that_still_stand(house: House) -> None:
    table = await lay_table(house, [RATING, replace(RATING, key="rating2", settings={"feedback": True})])
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5", reason=f"Reason {seat.id}")
    row = await table.close("rating")
    first = await seqs(table, table.seats[0], table.seats[5])
    await conduct.show_reasons(house, table.fay, row.id, "P001", dict.fromkeys(first, "A reason"))
    await reopen(table)
    await refused(conduct.show_reasons(house, table.fay, row.id, "P001", {}), "refused.reasons_open")
    await say(table, table.seats[:5], 9)
    await table.close("rating")
    second = await table.open("rating2")
    assert await shown(house, second, "P001") == ["A reason"]
