"""Acts on a round that has opened: it shows more or less, begins to close, is closed, is opened again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from consensus import models, reopening
from consensus.attendance import Attendance
from consensus.conduct.acting import CLOCK, Refused, actor, round_in
from consensus.conduct.numbering import number_left
from consensus.conduct.opening import note, shows_to_participants, words_in
from consensus.conduct.passing import is_passed_on
from consensus.conduct.sealing import Drafts, Seal, drafted, keep_seal, seal_of, unseal
from consensus.count import Counted
from consensus.counting import closes_once, planned_blocks
from consensus.counts import AtClose, Prepared, Stale
from consensus.groups import told
from consensus.house import House
from consensus.journal import Actor, head_of, write
from consensus.lasting import emptied, in_turns
from consensus.outcome import digest, tally_data
from consensus.states import UNDER_WAY, RoundState
from rounds import KINDS, disclosure
from rounds.contract import BallotError, Block, Tally, is_answered, says
from rounds.disclosure import Mode, may_tighten
from rounds.proposals import without, written

TRIES = 3  # at counting before the job that closes


@dataclass(frozen=True, slots=True)
class Left:
    """What a close writes, worked out before. aside: how many answers are set aside."""

    at: AtClose
    attendance: Attendance
    outcome: dict[str, Any]
    aside: int
    seal: Seal


async def close_round(house: House, by: models.Seat, round_id: int, at_once: bool = False) -> None:
    """Begin to close: no new cards; what is under way is still taken for the round's grace, then it is closed."""

    async def job(left: Left | None) -> None:
        row = await round_in(by.session_id, round_id)
        _is_under_way(row)
        if row.state == RoundState.CLOSING and not at_once:
            return  # asked twice: the time that people were given stays the same
        if _ends_at_once(row, at_once):
            left = await _still(house, row, left)
            _refuse(row, left.at.waits)
            await _finish(row, actor(by), left)
            return
        _refuse(row, await _waits(house, row))
        row.state, row.closing_at = RoundState.CLOSING, time.time()
        await row.save(update_fields=["state", "closing_at"])
        await write(head_of(row.session_id), actor(by), "close_round", {"round": row.key, "grace": row.grace})

    row = await round_in(by.session_id, round_id)
    is_last = row.state in UNDER_WAY and _ends_at_once(row, at_once)
    await _close(house, row, job, is_last)


def _ends_at_once(row: models.Round, at_once: bool) -> bool:
    return at_once or row.grace == 0 or not shows_to_participants(row)


async def _close(house: House, row: models.Round, job: Callable[[Left | None], Awaitable[None]], is_last: bool) -> None:
    """What a close writes is worked out beside the writer, so that other sessions do not wait for it: first a count,
    while people go on; then, while their answers wait, what came since and all that follows. Where something came
    between all the same, it begins again; at the last the job works it out by itself. is_last: it does close."""
    for _ in range(TRIES if is_last else 0):
        ready = await house.counts.prepared(row, await words_in(row.session_id))
        drafts = await drafted(house, row, ready.in_found or ready.first)
        left, is_closed = None, False
        with suppress(Stale):
            async with house.pauses.of(row.id):
                left = await _left(house, await models.Round.get(id=row.id), ready, drafts)
                await house.act(row.session_id, partial(job, left))
                is_closed = True
        # Not where whoever closes has gone: the job may come yet.
        made, left = [left.seal.leaves] if left else [], None
        await in_turns(ready.emptied())
        await in_turns(emptied(drafts, *made))
        if is_closed:
            return
    await house.act(row.session_id, partial(job, None))


async def end_grace(house: House, by: models.Seat, round_id: int) -> None:
    """Close at once what is closing; never a round that a colleague has kept open meanwhile."""

    async def job(left: Left | None) -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.CLOSING:
            raise Refused("refused.not_closing")
        left = await _still(house, row, left)
        _refuse(row, left.at.waits)
        await _finish(row, actor(by), left)

    row = await round_in(by.session_id, round_id)
    await _close(house, row, job, row.state == RoundState.CLOSING)


def _refuse(row: models.Round, waits: BallotError | None) -> None:
    """Refused while something waits for an answer of the team."""
    if waits:
        raise Refused(f"{row.kind}.{waits.key}", **waits.values)


async def _waits(house: House, row: models.Round) -> BallotError | None:
    counted = await house.counts.now(row)
    return KINDS[row.kind].leftover(counted.round, counted.official)


async def keep_open(house: House, by: models.Seat, round_id: int) -> None:
    """Take the close back while its grace runs. What came meanwhile stays marked as late, and counts."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.CLOSING:
            raise Refused("refused.not_closing")
        row.state, row.closing_at = RoundState.OPEN, None
        await row.save(update_fields=["state", "closing_at"])
        await write(head_of(row.session_id), actor(by), "keep_open", {"round": row.key})

    await house.act(by.session_id, job)


async def finish_due(house: House) -> None:
    """Close the rounds whose grace has run out; asked every second."""
    for row in await models.Round.filter(state=RoundState.CLOSING):
        if row.closing_at is not None and row.closing_at + row.grace <= time.time():
            await _finish_one(house, row)


async def _finish_one(house: House, due: models.Round) -> None:
    async def job(left: Left | None) -> None:
        row = await round_in(due.session_id, due.id)
        if row.state != RoundState.CLOSING:
            return
        left = await _still(house, row, left)
        # What came late may wait for an answer of the team: then the team closes, not the clock.
        if left.at.waits is None:
            await _finish(row, CLOCK, left)

    if await _waits(house, due) is None:  # asked every second: nothing is prepared that the job would not take
        await _close(house, due, job, is_last=True)


async def _left(house: House, row: models.Round, ready: Prepared | None, drafts: Drafts) -> Left:
    """What the round leaves: one count, which decides, goes on and is told, and the blocks that it speaks of."""
    attendance = await Attendance.of(row.session_id)
    at = await house.counts.at_close(row, await words_in(row.session_id), ready)
    # Of many people this takes a while: in a thread, so that everybody else is served meanwhile.
    outcome, aside = await asyncio.to_thread(_outcome, at.counted, attendance, planned_blocks(row))
    return Left(at, attendance, outcome, aside, await seal_of(house, row, at.counted, drafts))


async def _still(house: House, row: models.Round, left: Left | None) -> Left:
    """Inside the job: what was worked out before, if it holds; Stale where it does not."""
    if left is None:
        return await _left(house, row, None, {})
    await house.counts.assert_still(row, left.at)
    if await Attendance.of(row.session_id) != left.attendance:
        raise Stale
    return left


async def _finish(row: models.Round, by: Actor, left: Left) -> None:
    """Store what the round leaves. What people wrote goes on untold, since nobody has compiled it yet."""
    row.state, row.outcome, row.made = RoundState.CLOSED, left.outcome, left.at.made
    said: dict[str, object] = {"round": row.key, "outcome": digest(row.outcome)}
    said |= await keep_seal(row, left.seal)
    await row.save(update_fields=["state", "outcome", "made", "seal"])
    await number_left(row)
    if KINDS[row.kind].is_counted:
        said["blocks"] = [told(block) for block in row.made["blocks"]]
        said |= {"counted": len(left.at.counted.visible), "set_aside": left.aside}
    await write(head_of(row.session_id), by, reopening.CLOSED, said)


def _outcome(counted: Counted, attendance: Attendance, planned: Sequence[Block]) -> tuple[dict[str, Any], int]:
    """What is stored, and how many answers are set aside."""
    kind, tally = KINDS[counted.round.kind], left(counted)
    seen = {block for line in tally.lines for block, row in line.by_block.items() if says(row)}
    theirs = written(kind, counted.round.statements, tally)
    outcome = {
        "told": tally_data(without(tally, theirs)),
        **({"left": tally_data(tally)} if theirs else {}),
        "held": sorted(
            line.statement for line in tally.lines if not is_answered(line) and line.statement in counted.heard
        ),
        "is_silent": kind.is_counted and not kind.ordered and not counted.visible,
        "ballots": counted.ballots,
        # How many answered of a group that is not told is the team's to know, and in no outcome.
        "answered": {block: n for block, n in counted.answered.items() if block in seen or not kind.is_counted},
        "seats": attendance.asked(counted.own, counted.round.blocks),
        "asked": sum(attendance.asked(counted.own, planned).values()),
    }
    return outcome, len(counted.aside) if kind.is_counted else 0


def left(counted: Counted) -> Tally:
    """The one count of a closed round. Where the team works on the statements, all of its work goes on."""
    kind, round = KINDS[counted.round.kind], counted.round
    empty = kind.tally(kind.start(round), round)
    tally = disclosure.told(counted.shown, empty, kind.columns(round.settings))
    if not kind.ordered:
        return tally
    work = counted.official
    return replace(tally, statements=work.statements, places=work.places, ended=work.ended)


async def reopen_round(house: House, by: models.Seat, round_id: int, reason: str) -> None:
    """Take the close back, while nothing builds on it, for a reason that is printed as a deviation. What was frozen
    stays frozen; what was released stays so until enough people answer anew (rounds.disclosure, reopening)."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.CLOSED:
            raise Refused("refused.not_closed")
        later = models.Round.filter(session_id=row.session_id, position__gt=row.position)
        if await later.exclude(state=RoundState.DRAFT).exists():
            raise Refused("refused.built_on")
        if closes_once(row):
            raise Refused("refused.closed_once")
        if not await models.Session.exists(id=row.session_id, frozen_at=""):
            raise Refused("refused.frozen_session")
        if await is_passed_on(row.session_id):
            raise Refused("refused.passed_on")
        if not reason:
            raise Refused("refused.why_reopen")
        row.notes = [*row.notes, *note(reopening.REOPEN, reason, [digest(row.outcome)])]
        row.state, row.closing_at, row.outcome, row.findings = RoundState.OPEN, None, None, None
        row.ends_at, row.paused_left = None, None
        await row.save()
        await unseal(row)
        said = {"round": row.key, "notes": digest(row.notes)}
        await write(head_of(row.session_id), actor(by), reopening.REOPEN, said)

    await house.act(by.session_id, job)


def _is_under_way(row: models.Round) -> None:
    if row.state not in UNDER_WAY:
        raise Refused("refused.not_open")


async def tighten(house: House, by: models.Seat, round_id: int, mode: Mode, reason: str) -> None:
    """Show less than was planned; more is never possible once a round is open. Printed as a deviation."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        _is_under_way(row)
        if mode == row.disclosure or not may_tighten(Mode(row.disclosure), mode) or not reason:
            raise Refused("refused.only_tighter")
        row.notes = [*row.notes, *note("tighten", reason, [row.disclosure, mode])]
        row.disclosure = mode
        await row.save(update_fields=["disclosure", "notes"])
        said = {"round": row.key, "disclosure": mode, "notes": digest(row.notes)}
        await write(head_of(row.session_id), actor(by), "tighten", said)

    await house.act(by.session_id, job)


async def show(house: House, by: models.Seat, round_id: int, is_shown: bool) -> None:
    """Show the figures to the room, or stop showing them; only where the mode leaves that to the facilitator."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.disclosure != Mode.FACILITATOR:
            raise Refused("refused.not_yours_to_show")
        _is_under_way(row)
        await models.Round.filter(id=row.id).update(is_shown=is_shown)
        await write(head_of(row.session_id), actor(by), "show" if is_shown else "hide", {"round": row.key})

    await house.act(by.session_id, job)


async def reveal_figures(house: House, by: models.Seat, round_id: int) -> None:
    """The team looks at the figures before the close; that is written down, and printed. Only where the mode leaves it
    to the team: elsewhere it would fix the groups and show nothing."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.disclosure != Mode.FACILITATOR:
            raise Refused("refused.no_look")
        _is_under_way(row)  # a look before it opens would not be one
        await models.Round.filter(id=row.id).update(is_looked=True)
        await write(head_of(row.session_id), actor(by), "look", {"round": row.key})

    await house.act(by.session_id, job)
