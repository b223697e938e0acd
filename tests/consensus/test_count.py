"""One number everywhere: whatever happens, the live tally is the recount of the ballots, for every kind of round."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.conduct import Refused, Submission
from consensus.count import Counted, frozen, recount
from consensus.counts import Counts
from consensus.groups import block_of_word
from consensus.house import House, build, open_house
from consensus.journal import head_of
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds import KINDS
from rounds.contract import Ballot, Role, Tally
from tests.conftest import SECRET, Table, fresh, lay_table
from tests.panel import form_of

RULES: dict[str, Any] = {
    "rating": {"name": "share", "percent": 60, "scope": "balanced"},
    "ranking": {"name": "first", "n": 2},
    "points": {"name": "first", "n": 1},
    "comparison": {"name": "first", "n": 1},
    "approval": {"name": "chosen", "percent": 60, "scope": "every"},
}
STEPS = 20


def _house(path: Path) -> House:
    return build(Settings(database=str(path), secret=SECRET))


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one session per kind, its round open; each example begins with a copy of it."""
    path = fresh(tmp_path_factory.mktemp("laid") / "laid.db")

    async def lay() -> None:
        async with open_house(_house(path)) as house:
            for kind in KINDS:
                plan = Plan(key=kind, kind=kind, disclosure="live", grace=0, rule=RULES.get(kind))
                await (await lay_table(house, [plan], title=kind)).open(kind)

    asyncio.run(lay())
    return path


async def _by_hand(row: models.Round, chance: Random) -> tuple[Tally, list[Ballot]]:
    """The tally counted by hand: the last ballot of each seat in each slot, in the block of its first, in any order."""
    kind, round = KINDS[row.kind], await frozen(row)
    standing: dict[tuple[int, Any], Ballot] = {}
    blocks: dict[int, str | None] = {}
    for stored in await models.Ballot.filter(round_id=row.id).order_by("seq"):
        seat = await models.Seat.get(id=stored.seat_id)
        if seat.id not in blocks:
            group = await _group_then(seat, stored.seq)
            blocks[seat.id] = block_of_word(round.blocks, group) if seat.role == Role.PARTICIPANT else None
        if stored.marks is not None:
            block = blocks[seat.id]
            marks = json.loads(stored.marks)
            ballot = Ballot(stored.seq, str(seat.id), Role(seat.role), block, stored.slot, marks)
            standing[seat.id, stored.seq if stored.slot is None else stored.slot] = ballot
    count, ballots = kind.start(round), list(standing.values())
    chance.shuffle(ballots)
    for ballot in ballots:
        kind.add(count, ballot, +1)
    return kind.tally(count, round), ballots


def _gave(kind: Any, ballots: Iterable[Ballot]) -> tuple[object, ...]:
    """People, slots and their parts, walked through."""
    ours = [ballot for ballot in ballots if ballot.block is not None and ballot.slot is not None]
    cells = {(b.slot, part) for b in ours for part in (kind.parts(b.marks) if kind.is_counted else ())}
    return len({b.seat for b in ours}), {b.slot for b in ours}, cells


async def _presence(counted: Counted, kind: Any, ballots: list[Ballot]) -> tuple[object, ...]:
    """Who answered, finished and answered validly, walked through."""
    slots: dict[tuple[str, str], set[Any]] = {}
    for ballot in ballots:
        if ballot.block is not None:
            slots.setdefault((ballot.seat, ballot.block), set()).add(ballot.slot)
    asked = set(counted.asked)
    answered = Counter(block for (_, block), theirs in slots.items() if theirs & asked or not asked)
    finished = Counter(block for (_, block), theirs in slots.items() if asked and asked <= theirs)
    theirs = [
        b for b in ballots if b.role == Role.PARTICIPANT and kind.is_counted and any(kind.parts(b.marks).values())
    ]
    valid = Counter([(await models.Seat.get(id=int(seat))).group for seat in {ballot.seat for ballot in theirs}])
    return answered, finished, valid


async def _group_then(seat: models.Seat, seq: int) -> str:
    """A group corrected since counts in its new block from the next round on."""
    lines = await models.Entry.filter(head=head_of(seat.session_id), act="regroup", seq__gt=seq).order_by("seq")
    return next((str(json.loads(line.payload)["from"]) for line in lines if line.about_id == seat.id), seat.group)


def _said(counted: Counted) -> tuple[object, ...]:
    presence = counted.answered, counted.finished, counted.valid, counted.own, counted.ballots
    return counted.official, counted.shown, sorted(counted.given.by_group()), *presence


async def _step(house: House, table: Table, row: models.Round, chance: Random) -> None:
    everyone = [table.fay, *table.seats]
    voters = [seat for seat in everyone if Role(seat.role) in KINDS[row.kind].cast_by]
    what = chance.choices(["cast", "turn", "regroup", "stop", "erase"], [20, 2, 2, 1, 1])[0]
    if (state := (await models.Round.get(id=row.id)).state) == "closed" and chance.random() < 0.7:
        what = "turn"
    if what == "turn" and state == "closed":
        await conduct.reopen_round(house, table.fay, row.id, "Some answers came late.")
    elif what == "turn":
        await conduct.close_round(house, table.fay, row.id, at_once=True)
    elif what == "cast":
        # Without bias the team would sit idle in a crowd of eleven.
        team = [seat for seat in voters if seat.role != Role.PARTICIPANT]
        seat = chance.choice(team if team and chance.random() < 0.5 else voters)
        now = (await house.counts.now(row)).official
        form = form_of(row.kind, chance, await frozen(row), now, Role(seat.role))
        await conduct.cast(house, seat.id, row.id, Submission(form, os.urandom(8).hex(), seat.language))
    elif what == "regroup":
        group = chance.choice(["patients", "caregivers", "clinicians"])
        await conduct.regroup(house, table.fay, chance.choice(table.seats).id, group)
    else:
        await conduct.withdraw(house, chance.choice(table.seats), erase=what == "erase")


async def played(path: Path, kind: str, seed: int) -> None:
    """Random acts on one session; after each, the live count is the recount, and that by hand."""
    chance, second = Random(seed), Counts()
    house = _house(path)
    await house.store.open()
    try:
        row = await models.Round.get(key=kind)
        session = await models.Session.get(id=row.session_id)
        people = await models.Seat.filter(session_id=session.id).order_by("id")
        fay = next(seat for seat in people if seat.role == Role.FACILITATOR)
        panel = [seat for seat in people if seat.role == Role.PARTICIPANT]
        table = Table(house, session, fay, panel, panel[0])
        for _ in range(STEPS):
            with suppress(Refused):
                await _step(house, table, row, chance)
            first, again = await house.counts.now(row), (await recount(row)).take_stock()
            assert _said(first) == _said(again)
            if chance.random() < 0.5:  # the second follower looks in now and then, and has more to catch up with
                assert _said(await second.now(row)) == _said(again)
            official, standing = await _by_hand(row, chance)
            kind_of = KINDS[kind]
            assert first.official == official
            assert (first.answered, first.finished, first.valid) == await _presence(first, kind_of, standing)
            for gave, ballots in ((first.given, standing), (first.told, first.visible)):
                assert (gave.people, gave.slots, gave.cells) == _gave(kind_of, ballots)
            if chance.random() < 0.08:
                await house.store.close()
                house = _house(path)
                await house.store.open()
        assert _said(await second.now(row)) == _said(await house.counts.now(row))
    finally:
        await house.store.close()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_the_live_tally_is_the_recount_at_every_step(laid: Path, tmp_path: Path, kind: str, seed: int) -> None:
    """Others at each run; forty of each kind: `python -m tests.long live_is_recount`."""
    path = tmp_path / f"{kind}-{seed}.db"
    shutil.copy(laid, path)
    asyncio.run(played(path, kind, seed))


async def test_a_count_asked_for_twice_is_counted_once(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    assert await table.house.counts.now(row) is await table.house.counts.now(row)


async def test_a_withdrawal_that_keeps_the_answers_costs_no_second_recount(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await conduct.withdraw(table.house, table.aline, erase=False)
    assert await table.house.counts.now(row) is await table.house.counts.now(row)


async def test_a_recount_beside_people_who_vote_and_leave_misses_nobody(table: Table) -> None:
    row = await table.open("rating")
    for turn, leaver in enumerate(table.seats[:-1]):
        counts = Counts()
        recounting = asyncio.create_task(counts.now(row))
        for _ in range(turn):  # reads take turns: the writes come after another one of the recount's each time
            await models.Head.all().count()
        ballot = Submission({"card": ["P001"], "importance": [str(1 + turn % 9)]}, f"turn {turn}", "en")
        vote = conduct.cast(table.house, table.bob.id, row.id, ballot)
        await asyncio.gather(vote, conduct.withdraw(table.house, leaver, erase=True))  # these two share a commit
        await recounting
        assert _said(await counts.now(row)) == _said((await recount(row)).take_stock())


async def test_an_act_that_shares_its_commit_with_a_look_is_counted_in(table: Table) -> None:
    row = await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="5")
    counts, go_on = table.house.counts, asyncio.Event()
    await counts.now(row)
    await table.house.store.write(lambda: asyncio.sleep(0))  # whoever looks next asks for what is new
    busy = asyncio.create_task(table.house.store.write(go_on.wait, is_act=False))
    look = asyncio.create_task(counts.now(row))
    await asyncio.sleep(0.1)
    act = asyncio.create_task(conduct.withdraw(table.house, table.seats[0], erase=True))
    await asyncio.sleep(0.1)
    go_on.set()
    await asyncio.gather(busy, look, act)
    assert (await counts.now(row)).ballots == (await recount(row)).take_stock().ballots == len(table.seats) - 1


async def test_people_are_counted_as_having_answered_never_what_they_said(table: Table) -> None:
    row = await table.open("rating")
    for card in ("P001", "P002", "P003"):
        await table.cast(table.aline, "rating", card=card, importance="7")
    await table.cast(table.bob, "rating", card="P001", importance="2")
    counted = await table.house.counts.now(row)
    assert counted.answered == {"patients": 1, "caregivers+clinicians": 1}
    assert counted.finished == {"patients": 1}


async def test_each_person_is_told_what_they_themselves_said(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.cast(table.bob, "rating", card="P001", importance="2")
    own = (await table.house.counts.now(row)).own
    assert own[str(table.aline.id)]["P001"]["values"] == {"importance": 7}
    assert own[str(table.bob.id)]["P001"]["values"] == {"importance": 2}


async def test_a_withdrawn_persons_erased_answer_is_in_no_count(table: Table) -> None:
    row = await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await conduct.withdraw(table.house, table.aline, erase=True)
    counted = await table.house.counts.now(row)
    line = counted.official.line("P001")
    assert line is not None and line.values["n"] == len(table.seats) - 1
    assert str(table.aline.id) not in counted.own


async def test_a_stopped_persons_answer_still_counts(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await conduct.withdraw(table.house, table.aline, erase=False)
    line = (await table.house.counts.now(row)).official.line("P001")
    assert line is not None and line.values["n"] == 1


async def test_a_corrected_group_counts_from_the_next_round_on_and_moves_no_answer(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await conduct.regroup(table.house, table.fay, table.aline.id, "clinicians")
    await table.cast(table.aline, "rating", card="P002", importance="7")
    tally = (await table.house.counts.now(row)).official
    for line in tally.lines[:2]:
        assert line.by_block["patients"]["n"] == 1 and line.by_block["caregivers+clinicians"]["n"] == 0
