"""A round that was closed too early is opened again: for a reason, and without telling what one or two people said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.count import Counts, recount
from consensus.export import released, row_level
from consensus.export.sheets import parcel
from consensus.export.verify import verify
from consensus.house import House, build, open_house
from consensus.journal import canonical, head_of, seal
from consensus.outcome import digest, tally_from
from consensus.protocol import Plan
from consensus.reasons import shown
from consensus.settings import Settings
from consensus.web.state import look
from rounds import KINDS
from rounds.contract import Line, Tally
from tests.conftest import Table, lay_table
from tests.consensus.test_export import inside, rows, run_recount, unpacked

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


def outcome(row: models.Round, which: str = "official", card: str = "P001") -> Line:
    return line_of(tally_from(row.outcome[which]), card)


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
    assert line is not None and (line.act, line.role, line.alias) == ("reopen", "facilitator", table.fay.alias)
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
    assert (await look(house, table.session)).tally(None) is not None
    await reopen(table)
    state = await look(house, table.session)
    assert state.row is not None and state.row.state == "open" and state.tally(None) is None
    assert state.findings == {}


# What a later close counts


async def test_two_new_answers_are_set_aside_and_the_answers_of_then_stand(house: House) -> None:
    table = await rated(house)
    first = await table.row("rating")
    await reopen(table)
    await say(table, table.seats[:2], 9)
    row = await table.close("rating")
    assert row.outcome["official"] == first.outcome["official"]
    assert row.outcome["released"] == first.outcome["released"]
    assert await closes(table) == [
        {"round": "rating", "outcome": digest(first.outcome)},
        {"round": "rating", "outcome": digest(row.outcome), "set_aside": await seqs(table, *table.seats[:2])},
    ]
    own = (await house.counts.now(row)).own[str(table.aline.id)]
    assert own["P001"]["values"] == {"importance": 5}


async def test_three_new_answers_move_verdict_and_figures(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:3], 9)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 3 == outcome(row, "released").by_block["patients"]["high"]
    assert (await closes(table))[-1]["set_aside"] == []


async def test_three_in_all_move_the_verdict_though_no_block_may_show_it(house: House) -> None:
    table = await lay_table(house, [RATING])
    await table.open("rating")
    await say(table, table.seats, 5)
    await table.close("rating")
    await reopen(table)
    await say(table, [*table.seats[:2], table.bob], 9)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 3
    told = outcome(row, "released")
    assert told.values["high"] == 0 and [block["high"] for block in told.by_block.values()] == [0, 0]


async def test_each_card_is_judged_by_itself(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:3], 9)
    await say(table, table.seats[:1], 9, "P002")
    row = await table.close("rating")
    assert outcome(row).values["high"] == 3 and outcome(row, card="P002").values["n"] == 0
    assert (await closes(table))[-1]["set_aside"] == await seqs(table, table.aline)


async def test_one_person_who_answers_three_times_is_one_person(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    for value in (7, 8, 9):
        await say(table, [table.aline], value)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 0 and len((await closes(table))[-1]["set_aside"]) == 3


async def test_what_was_set_aside_counts_with_others_after_another_reopening(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:2], 9)
    await table.close("rating")
    row = await reopen(table, reason="One more sheet.")
    assert line_of((await house.counts.now(row)).official).values["high"] == 2, "open again, everything counts"
    await say(table, table.seats[2:3], 9)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 3 and [note["reason"] for note in row.notes] == [WHY, "One more sheet."]


async def test_who_answered_anew_and_had_it_erased_is_not_one_of_the_three(house: House) -> None:
    table = await rated(house)
    await reopen(table)
    await say(table, table.seats[:3], 9)
    await conduct.withdraw(house, table.aline, erase=True)
    row = await table.close("rating")
    assert outcome(row).values["high"] == 0 and outcome(row).values["n"] == 8
    assert outcome(row, "released").by_block == {}, "beside what was released, eight would tell what she said"
    assert (await closes(table))[-1]["set_aside"] == await seqs(table, *table.seats[1:3])


async def test_an_erasure_after_the_close_changes_nothing_of_what_it_set_aside_or_counted(house: House) -> None:
    for new, high in ((2, 0), (3, 2)):
        table = await rated(house)
        await reopen(table)
        await say(table, table.seats[:new], 9)
        row = await table.close("rating")
        await conduct.withdraw(house, table.aline, erase=True)
        counted = await house.counts.now(row)
        assert line_of(counted.official).values["high"] == high and line_of(counted.official).values["n"] == 8


async def test_what_people_wrote_is_never_set_aside(house: House) -> None:
    table = await lay_table(house, [Plan(key="gather", kind="gather", disclosure="at_close", grace=0)])
    await conduct.import_statements(house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="A first sentence")
    await table.close("gather")
    await reopen(table, "gather")
    await table.cast(table.bob, "gather", card="1", text="A late sentence")
    row = await table.close("gather")
    assert len(row.outcome["official"]["statements"]) == 2 and "set_aside" not in (await closes(table))[-1]


async def test_what_the_team_does_is_never_set_aside(house: House) -> None:
    table = await lay_table(house, [Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    await table.open("wall")
    for card in ("P001", "P002", "P003"):
        await put(table, card, "selection", how="no_objection")
    await table.close("wall")
    await reopen(table, "wall")
    await put(table, "P001", "bin", how="after_discussion", reason="It was the wrong place")
    row = await table.close("wall")
    assert row.outcome["official"]["places"]["P001"]["zone"] == "bin"
    assert (await closes(table))[-1]["set_aside"] == []


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
        assert row.outcome["official"] == first.outcome["official"]
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

    monkeypatch.setattr(KINDS["rating"], "analyse", slow)
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
    first = await seqs(table, *table.seats[:2])
    await conduct.show_reasons(house, table.fay, row.id, "P001", dict.fromkeys(first, "A reason"))
    await reopen(table)
    await refused(conduct.show_reasons(house, table.fay, row.id, "P001", {}), "refused.reasons_open")
    await say(table, [*table.seats[1:3], table.seats[3]], 9)
    await table.close("rating")
    second = await table.open("rating2")
    assert await shown(house, second, "P001") == ["A reason"]


# Parcels


async def parcels(house: House, new: int, leaves: bool = False) -> tuple[Table, bytes, bytes]:
    table = await rated(house)
    await reopen(table)
    await refused(row_level(house, table.session), "refused.session_not_over")
    await say(table, table.seats[:new], 9)
    await table.close("rating")
    if leaves:
        await conduct.withdraw(house, table.aline, erase=True)
    return table, await row_level(house, table.session), await released(house, table.session)


def stored(folder: Path, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "parcel.zip"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("new", [2, 3])
@pytest.mark.parametrize("leaves", [False, True])
async def test_a_parcel_of_a_reopened_round_is_whole_and_counts_again(
    house: House, tmp_path: Path, new: int, leaves: bool
) -> None:
    _, data, told = await parcels(house, new, leaves)
    for one in (data, told):
        verdict = await asyncio.to_thread(verify, stored(tmp_path, one))
        assert verdict.is_whole, (verdict.key, verdict.values)
    files = inside(data)
    done = await asyncio.to_thread(run_recount, unpacked(tmp_path, files))
    assert done.returncode == 0, done.stdout
    ballots = rows(files, "ballots.csv")
    aside = [row for row in ballots if row["set_aside"] == "yes"]
    assert len(aside) == (2 if new == 2 else 0) and {row["standing"] for row in aside} <= {"no"}
    assert sum(row["standing"] == "yes" for row in ballots) == (8 if leaves else 9)
    line = next(row for row in rows(files, "results.csv") if row["statement"] == "P001")
    assert line["rating.high"] == str((new == 3) * (new - leaves))
    manifest = json.loads(files["manifest.json"])
    assert [note["act"] for note in manifest["rounds"][0]["notes"]] == ["reopen"]


def rewritten(files: dict[str, bytes], **said: Any) -> bytes:
    """The journal of a parcel with another line for the last close, and a chain that is whole again."""
    entries = [json.loads(line) for line in files["journal.jsonl"].decode().split("\n")[:-1]]
    last = max(place for place, entry in enumerate(entries) if entry["act"] == "closed")
    payload = {**json.loads(entries[last]["payload"]), **said}
    entries[last]["payload"] = canonical({name: value for name, value in payload.items() if value is not None})
    prev = ""
    for entry in entries:
        entry["prev"], entry["hash"] = prev, seal(prev, entry)
        prev = entry["hash"]
    manifest = json.loads(files["manifest.json"])
    manifest["chain"]["head"] = prev
    lines = "".join(canonical(entry) + "\n" for entry in entries)
    return parcel({**files, "journal.jsonl": lines.encode(), "manifest.json": json.dumps(manifest).encode()})


@pytest.mark.parametrize(
    ("new", "takes", "key"),
    [
        (2, [], "verify.recount"),  # both should have been set aside
        (2, [0], "verify.recount"),  # one of them only
        (3, [0, 1, 2], "verify.recount"),  # three people should have counted
        (3, None, "verify.other_close"),  # the close does not say
    ],
)
async def test_verify_refuses_a_close_that_sets_aside_otherwise_than_the_rule(
    house: House, tmp_path: Path, new: int, takes: list[int] | None, key: str
) -> None:
    table, data, _ = await parcels(house, new)
    late = await seqs(table, *table.seats[:new])
    aside = None if takes is None else [late[place] for place in takes]
    files = inside(data)
    verdict = await asyncio.to_thread(verify, stored(tmp_path, rewritten(files, set_aside=aside)))
    assert (verdict.is_whole, verdict.key) == (False, key)


async def test_verify_refuses_a_reopening_that_is_not_among_the_deviations(house: House, tmp_path: Path) -> None:
    _, data, _ = await parcels(house, 3)
    files = inside(data)
    manifest = json.loads(files["manifest.json"])
    manifest["rounds"][0]["notes"] = []
    files["manifest.json"] = json.dumps(manifest).encode()
    verdict = await asyncio.to_thread(verify, stored(tmp_path, parcel(files)))
    assert verdict.key == "verify.other_close"


async def test_the_second_count_refuses_a_ballot_that_hides_that_it_was_set_aside(house: House, tmp_path: Path) -> None:
    _, data, _ = await parcels(house, 2)
    files = inside(data)
    head, *lines = files["ballots.csv"].decode().split("\r\n")
    place = head.split(",").index("set_aside")
    cells = [line.split(",", place + 1) for line in lines if line]
    hidden = [",".join([*line[:place], "no", line[place + 1]]) for line in cells]
    files["ballots.csv"] = "\r\n".join([head, *hidden, ""]).encode()
    done = await asyncio.to_thread(run_recount, unpacked(tmp_path, files))
    assert done.returncode == 1 and "set_aside" in done.stdout
