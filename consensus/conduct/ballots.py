"""The act of answering: one ballot is kept, and acknowledged after the commit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused, actor, round_in
from consensus.count import Counted, block_of
from consensus.house import House
from consensus.journal import Actor, canonical, commitment, head_of, write
from rounds import KINDS
from rounds.contract import BallotError, By, Form, Role


@dataclass(frozen=True, slots=True)
class Receipt:
    """A ballot that was kept: its journal number. The same key gets the same receipt again."""

    seq: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """A submitted form and what surrounds it. key: random, made with the page; the same form with it counts once."""

    form: Form
    key: str
    language: str
    position: int = 0

    def body(self) -> str:
        said = {name: list(values) for name, values in self.form.items() if name not in {"key", "say_in"}}
        return sha256(canonical(said).encode()).hexdigest()


async def cast(house: House, seat_id: int, round_id: int, envelope: Envelope) -> Receipt:
    """Keep one ballot. Everything is checked inside the transaction; the receipt is given after the commit."""

    async def job() -> tuple[Receipt, int]:
        seat = await models.Seat.get(id=seat_id)
        row = await round_in(seat.session_id, round_id)
        await store.lock_head(head_of(seat.session_id))  # from here on nobody else adds to this session
        # Back and another choice on the same page is a new ballot; only the same form again is a repeat.
        last = await models.Ballot.filter(seat_id=seat.id, round_id=row.id, key=envelope.key).order_by("-seq").first()
        if last is not None and last.body == envelope.body():
            return Receipt(last.seq, last.is_late), seat.session_id
        is_late = _moment(row, seat)
        counted = await house.counts.now(row)
        marks, slot = _read(row, counted, seat, envelope)
        return Receipt(await _keep(row, seat, envelope, marks, slot, is_late), is_late), seat.session_id

    receipt, session_id = await house.store.write(job)
    house.rooms.touch(session_id)
    return receipt


def _moment(row: models.Round, seat: models.Seat) -> bool:
    """May this seat answer now? True if the answer is late but still taken."""
    if seat.withdrawn:
        raise Refused("refused.withdrawn")
    if Role(seat.role) not in KINDS[row.kind].cast_by:
        raise Refused("refused.not_yours_to_cast")
    if not seat.consented:
        raise Refused("refused.consent_first")
    if row.state == "open":
        return False
    under_way = row.state == "closing" and row.closing_at is not None and time.time() <= row.closing_at + row.grace
    if under_way and seat.role == Role.PARTICIPANT:
        return True
    raise Refused("refused.not_open_yet" if row.state == "draft" else "refused.closed")


def _read(
    row: models.Round, counted: Counted, seat: models.Seat, envelope: Envelope
) -> tuple[Mapping[str, Any], str | None]:
    kind = KINDS[row.kind]
    block = block_of(counted.round.blocks, seat.group) if seat.role == Role.PARTICIPANT else None
    if seat.role == Role.PARTICIPANT and block is None:
        raise Refused("refused.joined_later")
    by = By(Role(seat.role), str(seat.id), block, envelope.language)
    try:
        marks = kind.read(envelope.form, counted.round, by, counted.official if kind.ordered else None)
    except BallotError as refused:
        raise Refused(f"{row.kind}.{refused.key}", **refused.values) from None
    return marks, kind.slot(marks)


async def _keep(
    row: models.Round, seat: models.Seat, envelope: Envelope, marks: Mapping[str, Any], slot: str | None, is_late: bool
) -> int:
    salt = token_hex(16)
    sealed = commitment(salt, {"round": row.key, "slot": slot, "marks": marks})
    by = actor(seat) if seat.role != Role.PARTICIPANT else Actor(seat.role)  # no line tells whose ballot it is
    seq = await write(head_of(row.session_id), by, "cast", {"round": row.key, "commitment": sealed})
    await models.Ballot.create(
        round_id=row.id,
        seat_id=seat.id,
        seq=seq,
        slot=slot,
        marks=canonical(marks),
        salt=salt,
        language=envelope.language,
        position=envelope.position,
        key=envelope.key,
        body=envelope.body(),
        is_late=is_late,
    )
    return seq
