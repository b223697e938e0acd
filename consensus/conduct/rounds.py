"""Acts on a round: it opens, shows more or less, begins to close, is closed, is opened again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from consensus import models, reopening
from consensus.conduct.acting import CLOCK, Refused, actor, round_in
from consensus.count import Sitting
from consensus.house import House
from consensus.journal import Actor, head_of, write
from consensus.outcome import SEALED, digest, seal, statement_data, statement_from, tally_data, tally_from
from rounds import KINDS
from rounds.contract import Role, Statement
from rounds.disclosure import Mode, may_tighten, pool, released
from rounds.lineage import taken


async def incoming(row: models.Round) -> tuple[Statement, ...]:
    """The statements that a round takes: of the round before, or those imported for the first."""
    before = (
        await models.Round.filter(session_id=row.session_id, position__lt=row.position).order_by("-position").first()
    )
    if before is None:
        session = await models.Session.get(id=row.session_id)
        return tuple(map(statement_from, session.imported))
    if before.outcome is None:
        raise Refused("refused.round_before_open")
    tally = tally_from(before.outcome["official"])
    return taken(tally.statements, tally.places, row.takes)


async def open_round(house: House, by: models.Seat, round_id: int, reason: str = "") -> None:
    """Freeze statements, settings, rule and blocks, print their hash, and let people answer.

    reason: why a statement may lack a wording in one of the session's languages; without it the round stays shut.
    """

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != "draft":
            raise Refused("refused.frozen")
        statements = await incoming(row)
        session = await models.Session.get(id=row.session_id).select_related("study")
        lacking = untranslated(statements, session.languages) if _shows_to_participants(row) else []
        if lacking and not reason:
            raise Refused("refused.untranslated", cards=", ".join(lacking), n=len(lacking))
        row.statements = [statement_data(statement) for statement in statements]
        row.blocks = [_block_data(block) for block in await blocks_now(session)]
        row.settings = asdict(KINDS[row.kind].Settings(**row.settings))  # defaults too: all of it is sealed
        row.state = "open"
        row.hash = seal({name: getattr(row, name) for name in SEALED}, digest(row.statements))
        row.notes = [*row.notes, *_note("open_untranslated", reason, lacking)]
        await row.save()
        said = {"round": row.key, "hash": row.hash, "notes": digest(row.notes)}
        await write(head_of(row.session_id), actor(by), "open_round", said)

    await house.store.write(job)
    house.rooms.touch(by.session_id)


def _shows_to_participants(row: models.Round) -> bool:
    return Role.PARTICIPANT in KINDS[row.kind].cast_by


def _block_data(block: Any) -> dict[str, object]:
    return {"key": block.key, "groups": list(block.groups), "seats": block.seats}


def _note(act: str, reason: str, about: Sequence[str]) -> list[dict[str, object]]:
    return [{"act": act, "reason": reason, "about": list(about)}] if reason and about else []


def untranslated(statements: Sequence[Statement], languages: Sequence[str]) -> list[str]:
    """The statements that lack a wording in one of these languages."""
    return [s.id for s in statements if any(not s.wordings.get(language) for language in languages)]


async def blocks_now(session: models.Session) -> tuple[Any, ...]:
    """The blocks that a round opened now would have: small groups pooled in the study's order."""
    study = await models.Study.get(id=session.study_id)
    sitting = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT, withdrawn="").values_list(
        "group", flat=True
    )
    present = [str(group) for group in sitting]
    counted = [(group["key"], present.count(group["key"])) for group in study.groups]
    return pool(counted, study.floor)


async def close_round(house: House, by: models.Seat, round_id: int, at_once: bool = False) -> None:
    """Begin to close: no new cards; what is under way is still taken for the round's grace, then it is closed."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        _is_under_way(row)
        if row.state == "closing" and not at_once:
            return  # asked twice: the time that people were given stays the same
        counted = await house.counts.now(row)
        if held := KINDS[row.kind].leftover(counted.round, counted.official):
            raise Refused(f"{row.kind}.{held.key}", **held.values)
        if at_once or row.grace == 0 or not _shows_to_participants(row):
            await _finish(house, row, actor(by))
            return
        row.state, row.closing_at = "closing", time.time()
        await row.save(update_fields=["state", "closing_at"])
        await write(head_of(row.session_id), actor(by), "close_round", {"round": row.key, "grace": row.grace})

    await house.store.write(job)
    house.rooms.touch(by.session_id)


async def keep_open(house: House, by: models.Seat, round_id: int) -> None:
    """Take the close back while its grace runs. What came meanwhile stays marked as late, and counts."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != "closing":
            raise Refused("refused.not_closing")
        row.state, row.closing_at = "open", None
        await row.save(update_fields=["state", "closing_at"])
        await write(head_of(row.session_id), actor(by), "keep_open", {"round": row.key})

    await house.store.write(job)
    house.rooms.touch(by.session_id)


async def finish_due(house: House) -> None:
    """Close the rounds whose grace has run out; asked every second."""
    for row in await models.Round.filter(state="closing"):
        if row.closing_at is not None and row.closing_at + row.grace <= time.time():
            await _finish_one(house, row)
            house.rooms.touch(row.session_id)


async def _finish_one(house: House, due: models.Round) -> None:
    async def job() -> None:
        row = await round_in(due.session_id, due.id)
        if row.state != "closing":
            return
        counted = await house.counts.now(row)
        # What came late may wait for an answer of the team: then the team closes, not the clock.
        if KINDS[row.kind].leftover(counted.round, counted.official) is None:
            await _finish(house, row, CLOCK)

    await house.store.write(job)


async def _finish(house: House, row: models.Round, by: Actor) -> None:
    """Store what the round leaves: the official outcome, which goes on, and what anyone may see of it."""
    sitting = await Sitting.of(row.session_id)
    counted = await house.counts.at_close(row)
    kind, round = KINDS[row.kind], counted.round
    empty = kind.tally(kind.start(round), round)
    row.state = "closed"
    row.outcome = {
        "official": tally_data(counted.official),
        "released": tally_data(released(counted.shown, counted.official, empty, kind.columns(round.settings))),
        "ballots": counted.ballots,
        "answered": dict(counted.answered),
        "seats": sitting.asked(counted),
    }
    await row.save(update_fields=["state", "outcome"])
    said: dict[str, object] = {"round": row.key, "outcome": digest(row.outcome)}
    if reopening.times(row.notes) and reopening.sets_aside(kind, round.settings):
        said[reopening.SET_ASIDE] = sorted(counted.aside)
    await write(head_of(row.session_id), by, reopening.CLOSED, said)


async def reopen_round(house: House, by: models.Seat, round_id: int, reason: str) -> None:
    """Take the close back, while nothing builds on it, for a reason that is printed as a deviation. What was frozen
    stays frozen; what was released stays so until enough people answer anew (rounds.disclosure, reopening)."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.state != "closed":
            raise Refused("refused.not_closed")
        later = models.Round.filter(session_id=row.session_id, position__gt=row.position)
        if await later.exclude(state="draft").exists():
            raise Refused("refused.built_on")
        if not reason:
            raise Refused("refused.why_reopen")
        row.notes = [*row.notes, *_note(reopening.REOPEN, reason, [digest(row.outcome)])]
        row.state, row.closing_at, row.outcome, row.findings = "open", None, None, None
        row.ends_at, row.paused_left = None, None
        await row.save()
        said = {"round": row.key, "notes": digest(row.notes)}
        await write(head_of(row.session_id), actor(by), reopening.REOPEN, said)

    await house.store.write(job)
    house.rooms.touch(by.session_id)


def _is_under_way(row: models.Round) -> None:
    if row.state not in {"open", "closing"}:
        raise Refused("refused.not_open")


async def tighten(house: House, by: models.Seat, round_id: int, mode: Mode, reason: str) -> None:
    """Show less than was planned; more is never possible once a round is open. Printed as a deviation."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        _is_under_way(row)
        if mode == row.disclosure or not may_tighten(Mode(row.disclosure), mode) or not reason:
            raise Refused("refused.only_tighter")
        row.notes = [*row.notes, *_note("tighten", reason, [row.disclosure, mode])]
        row.disclosure = mode
        await row.save(update_fields=["disclosure", "notes"])
        said = {"round": row.key, "disclosure": mode, "notes": digest(row.notes)}
        await write(head_of(row.session_id), actor(by), "tighten", said)

    await house.store.write(job)
    house.rooms.touch(by.session_id)


async def show(house: House, by: models.Seat, round_id: int, is_shown: bool) -> None:
    """Show the figures to the room, or stop showing them; only where the mode leaves that to the facilitator."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        if row.disclosure != Mode.FACILITATOR:
            raise Refused("refused.not_yours_to_show")
        await models.Round.filter(id=row.id).update(is_shown=is_shown)
        await write(head_of(row.session_id), actor(by), "show" if is_shown else "hide", {"round": row.key})

    await house.store.write(job)
    house.rooms.touch(by.session_id)


async def look(house: House, by: models.Seat, round_id: int) -> None:
    """The team looks at the figures before the close; that is written down, and printed."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        _is_under_way(row)  # a look before it opens would not be one
        await models.Round.filter(id=row.id).update(is_looked=True)
        await write(head_of(row.session_id), actor(by), "look", {"round": row.key})

    await house.store.write(job)
    house.rooms.touch(by.session_id)
