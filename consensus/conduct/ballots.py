"""The act of answering, for oneself or for somebody else: one ballot is kept, and acknowledged after the commit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.count import block_of
from consensus.entries import METHODS, SELF, standing
from consensus.house import House
from consensus.journal import Actor, canonical, commitment, halves, head_of, write
from rounds import KINDS
from rounds.contract import TEAM, BallotError, By, Form, Role
from rounds.words import bare, words


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


@dataclass(frozen=True, slots=True)
class Through:
    """Who enters an answer for somebody else, and how it came: phone or paper.

    replaces: also an answer that the person gave themself.
    """

    by: models.Seat
    method: str
    replaces: bool = False

    def __post_init__(self) -> None:
        if self.by.role not in TEAM or self.method not in METHODS:
            raise Refused("refused.choose_method")


async def cast(
    house: House, seat_id: int, round_id: int, envelope: Envelope, through: Through | None = None
) -> Receipt:
    """Keep one ballot. Everything is checked inside the transaction; the receipt is given after the commit."""

    async def job() -> tuple[Receipt, int]:
        await store.hold_session_of(seat_id)  # what is read from here on stays true until the ballot is kept
        case = await store.case_of(seat_id, round_id, envelope.key)
        if case is None:
            raise Refused("refused.no_such_round")
        session_id = int(case["session_id"])
        # Back and another choice on the same page is a new ballot; only the same form again is a repeat.
        if case["last_body"] == envelope.body():
            return Receipt(case["last_seq"], bool(case["last_late"])), session_id
        is_late = moment(case)
        marks, slot = await read(house, case, envelope)
        if through is not None:
            await _not_theirs(case, slot, through)
        return Receipt(await keep(case, envelope, marks, slot, is_late, through), is_late), session_id

    receipt, session_id = await house.store.write(job)
    house.rooms.touch(session_id)
    return receipt


def moment(case: Mapping[str, Any]) -> bool:
    """May this seat answer now? True if the answer is late but still taken."""
    if case["withdrawn"]:
        raise Refused("refused.withdrawn")
    if Role(case["role"]) not in KINDS[case["kind"]].cast_by:
        raise Refused("refused.not_yours_to_cast")
    if not case["consented"]:
        raise Refused("refused.consent_first")
    is_team = case["role"] != Role.PARTICIPANT
    if case["state"] == "open" or (case["state"] == "closing" and is_team):
        return False  # the team may still answer what came late
    under_way = case["state"] == "closing" and time.time() <= (case["closing_at"] or 0) + case["grace"]
    if under_way:
        return True
    raise Refused("refused.not_open_yet" if case["state"] == "draft" else "refused.closed")


async def read(house: House, case: Mapping[str, Any], envelope: Envelope) -> tuple[Mapping[str, Any], str | None]:
    """What the kind makes of the form; a kind whose ballots build on one another sees the tally of this moment."""
    kind, now = KINDS[case["kind"]], None
    round = await house.counts.round(case["round_id"])
    if kind.ordered:
        row = await models.Round.get(id=case["round_id"]).only("id", "session_id", "kind", "state")
        now = (await house.counts.now(row)).official
    block = block_of(round.blocks, case["group_key"]) if case["role"] == Role.PARTICIPANT else None
    if case["role"] == Role.PARTICIPANT and block is None:
        raise Refused("refused.joined_later")
    by = By(Role(case["role"]), str(case["seat_id"]), block, envelope.language)
    try:
        marks = kind.read(envelope.form, round, by, now)
    except BallotError as refused:
        raise Refused(f"{case['kind']}.{refused.key}", **refused.values) from None
    return marks, kind.slot(marks)


async def _not_theirs(case: Mapping[str, Any], slot: str | None, through: Through) -> None:
    """What somebody answered themself is replaced only where that is meant."""
    stands = (await standing(case["round_id"], case["seat_id"])).get(slot or "")
    if stands is not None and stands.entered_by == SELF and not through.replaces:
        raise Refused("refused.answered_themself")


async def keep(
    case: Mapping[str, Any],
    envelope: Envelope,
    marks: Mapping[str, Any],
    slot: str | None,
    is_late: bool,
    through: Through | None = None,
) -> int:
    salt = token_hex(16)
    of_marks, of_words = halves(salt)
    sealed = commitment(of_marks, {"round": case["key"], "slot": slot, "marks": bare(marks)})
    said = {"round": case["key"], "commitment": sealed, "words": commitment(of_words, words(marks))}
    is_participant = case["role"] == Role.PARTICIPANT
    by = Actor(case["role"], "" if is_participant else case["alias"])  # no line tells whose ballot it is
    if through is not None:
        by, said["entered_by"] = actor(through.by), through.method
    seq = await write(head_of(case["session_id"]), by, "cast", said)
    await models.Ballot.create(
        round_id=case["round_id"],
        seat_id=case["seat_id"],
        seq=seq,
        slot=slot,
        marks=canonical(marks),
        salt=salt,
        language=envelope.language,
        position=envelope.position,
        entered_by=through.method if through else SELF,
        key=envelope.key,
        body=envelope.body(),
        is_late=is_late,
    )
    return seq
