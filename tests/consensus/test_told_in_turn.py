"""Whoever keeps every figure that was ever shown learns nothing of fewer than k people: polled frames, looks, closes,
reopenings, repeated rounds. Played through the real acts; the sums are searched as tests/rounds/hunt.py says."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from consensus import conduct, models
from consensus.count import recount
from consensus.counts import Counts
from consensus.house import House
from consensus.outcome import lines_data, tally_from, told_by
from consensus.protocol import Plan
from consensus.web.state import load_state
from rounds import KINDS
from rounds.contract import Role, Round, Tally
from rounds.disclosure import told
from tests.conftest import Table, lay_table
from tests.rounds.hunt import State, few

RULE: dict[str, Any] = {"name": "share", "percent": 60, "scope": "every"}
CARDS = ("P001", "P002")
AUDIENCES: Sequence[Role | None] = (Role.FACILITATOR, Role.PARTICIPANT, None)
PANEL = ["patients"] * 7 + ["caregivers"] * 6 + ["clinicians"] * 5


def plan(mode: str, key: str = "rating", **more: Any) -> Plan:
    return Plan(key=key, kind="rating", disclosure=mode, grace=0, rule=RULE, **more)


async def laid(house: House, k: int, *plans: Plan, together: bool = False) -> Table:
    table = await lay_table(house, list(plans))
    await models.Study.filter(id=table.session.study_id).update(floor=k)
    await models.Round.filter(session_id=table.session.id).update(is_together=together)
    if together:
        share = {**RULE, "scope": "pooled"}
        await models.Round.filter(session_id=table.session.id).update(rule=share)
    missing = list(PANEL)
    for seat in table.seats:
        missing.remove(seat.group)
    more = await conduct.add_seats(
        house, table.fay, [conduct.Guest(Role.PARTICIPANT, group, "en") for group in missing]
    )
    for seat in more:
        await conduct.consent(house, seat)
    table.seats += more
    return table


class Watcher:
    """Keeps what every audience is shown of a round, as sets of answers; each tally is counted again by hand."""

    def __init__(self, table: Table, key: str = "rating") -> None:
        self.table, self.key = table, key
        self.states: set[State] = set()

    async def look(self) -> bool:
        """Does anybody see figures now?"""
        state = await load_state(self.table.house, await models.Session.get(id=self.table.session.id), self.key)
        shown = [tally for role in AUDIENCES if (tally := state.tally(role)) is not None]
        assert state.row is not None
        if not shown:
            return False
        counted = await self.table.house.counts.now(await models.Round.get(id=state.row.id))
        again = by_hand(counted.round, counted.visible)
        for tally in shown:
            as_shown = tally if state.row.state == "closed" else bare(tally, counted.round)
            assert lines_data(as_shown.lines) == lines_data(again.lines), "verdicts and figures are of what is told"
        for card in CARDS:
            for block in counted.round.blocks:
                seqs = [
                    ballot.seq
                    for ballot in counted.visible
                    if ballot.slot == card
                    and ballot.block == block.key
                    and ballot.marks["values"]["importance"] != "dont_know"
                ]
                if seqs:
                    self.states.add(((block.key, card, ""), frozenset((card, "", seq) for seq in seqs)))
        return True


def by_hand(round: Round, ballots: Sequence[Any]) -> Tally:
    kind, count = KINDS[round.kind], KINDS[round.kind].start(round)
    for ballot in ballots:
        kind.add(count, ballot, +1)
    return bare(kind.tally(count, round), round)


def bare(tally: Tally, round: Round) -> Tally:
    kind = KINDS[round.kind]
    return told(tally, kind.tally(kind.start(round), round), kind.columns(round.settings))


async def answer(table: Table, chance: Random, times: int, watcher: Watcher, seats: Sequence[models.Seat]) -> None:
    """So many answers by whoever, changed ones and "I don't know" among them; somebody looks after each."""
    for _ in range(times):
        value = chance.choice(["1", "5", "9", "9", "dont_know"])
        await table.cast(chance.choice(seats), watcher.key, card=chance.choice(CARDS), importance=value)
        await watcher.look()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("k", [3, 5])
async def test_a_console_polled_after_each_answer_and_the_close_tell_nobody(house: House, k: int, seed: int) -> None:
    table, chance = await laid(house, k, plan("facilitator")), Random(seed)
    row, watcher = await table.open("rating"), Watcher(table)
    await answer(table, chance, 15, watcher, table.seats)
    assert not watcher.states, "nobody looked yet"
    await conduct.reveal_figures(house, table.fay, row.id)
    await watcher.look()
    await answer(table, chance, 30 * k, watcher, table.seats)
    await table.close("rating")
    assert await watcher.look()
    assert watcher.states and few(watcher.states, k) == ()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("k", [3, 5])
async def test_live_figures_of_the_whole_room_move_and_tell_nobody(house: House, k: int, seed: int) -> None:
    table, chance = await laid(house, k, plan("live"), together=True), Random(seed)
    await table.open("rating")
    watcher = Watcher(table)
    for seat in table.seats:
        for card in CARDS:
            await table.cast(seat, "rating", card=card, importance=chance.choice(["1", "5", "9"]))
            await watcher.look()
    moved = len(watcher.states)
    assert moved > 3, "they move while the room answers"
    await answer(table, chance, 12, watcher, table.seats)
    await table.close("rating")
    await watcher.look()
    assert few(watcher.states, k) == () and len({cell[0] for cell, _ in watcher.states}) == 1


@pytest.mark.parametrize("k", [3, 5])
async def test_after_a_look_a_group_of_one_is_not_counted_with_another(house: House, k: int) -> None:
    table = await laid(house, k, plan("facilitator"))
    row, watcher = await table.open("rating"), Watcher(table)
    first = [seat for seat in table.seats if seat.group == "patients"]
    for seat in first:
        await table.cast(seat, "rating", card="P001", importance="9")
    await conduct.reveal_figures(house, table.fay, row.id)
    assert await watcher.look()
    alone = next(seat for seat in table.seats if seat.group == "caregivers")
    await table.cast(alone, "rating", card="P001", importance="1")
    closed = await table.close("rating")
    await watcher.look()
    line = tally_from(told_by(closed.outcome)).line("P001")
    assert line is not None and set(line.by_block) == {"patients"} and line.values["low"] == 0
    assert not closed.made["of_people"] and few(watcher.states, k) == ()


@pytest.mark.parametrize("k", [3, 5])
async def test_a_second_round_on_the_same_statements_keeps_the_blocks_of_the_first(house: House, k: int) -> None:
    table = await laid(house, k, plan("at_close", "one"), plan("at_close", "two"))
    await table.open("one")
    for seat in table.seats:
        await table.cast(seat, "one", card="P001", importance="5")
    first = await table.close("one")
    await table.open("two")
    here = [seat for seat in table.seats if seat.group == "patients"]
    alone = next(seat for seat in table.seats if seat.group == "clinicians")
    for seat in [*here, alone]:
        await table.cast(seat, "two", card="P001", importance="9")
    second = await table.close("two")
    line = tally_from(told_by(second.outcome)).line("P001")
    assert line is not None and set(line.by_block) == {"patients"}, (
        "together with another group one person would be told"
    )
    assert [block["groups"] for block in second.made["blocks"]] == [block["groups"] for block in first.made["blocks"]]
    assert line.values["n"] == len(here)


@pytest.mark.parametrize("k", [3, 5])
async def test_reopened_for_fewer_than_k_no_figure_and_no_verdict_moves(house: House, k: int) -> None:
    table = await laid(house, k, plan("at_close"))
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5")
    first = await table.close("rating")
    row = await table.row("rating")
    await conduct.reopen_round(house, table.fay, row.id, "Some sheets came late.")
    for seat in table.seats[: k - 1]:
        await table.cast(seat, "rating", card="P001", importance="9")
    second = await table.close("rating")
    assert second.outcome["told"] == first.outcome["told"]
    assert second.outcome["held"] == first.outcome["held"] and second.made == first.made


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("k", [3, 5])
async def test_looks_erasures_and_reopenings_in_any_order_tell_nobody(house: House, k: int, seed: int) -> None:
    """The live count is the recount after each of them."""
    table, chance = await laid(house, k, plan("facilitator")), Random(seed)
    row, watcher = await table.open("rating"), Watcher(table)
    people = list(table.seats)
    for turn in range(6):
        await answer(table, chance, 14, watcher, people)
        match chance.choice(["look", "leave", "turn", "turn"]):
            case "look":
                await conduct.reveal_figures(house, table.fay, row.id)
            case "leave":
                gone = people.pop(chance.randrange(len(people)))
                await conduct.withdraw(house, gone, erase=True)
            case _:
                await table.close("rating")
                await watcher.look()
                await conduct.reopen_round(house, table.fay, row.id, f"Again {turn}.")
        live, again = await house.counts.now(row), (await recount(row)).take_stock()
        assert (live.visible, live.aside, live.shown) == (again.visible, again.aside, again.shown)
        assert (await Counts().now(row)).shown == live.shown
    await table.close("rating")
    await watcher.look()
    assert few(watcher.states, k) == ()
