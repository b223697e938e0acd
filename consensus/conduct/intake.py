"""A run of ballots, checked and kept in one piece: what is asked of the database and written, one step after another.

keep() knows no driver. It yields a statement and its values and is sent the rows: on SQLite a whole run is one visit to
the database, elsewhere the same steps are asked one by one. What it refuses it returns, so that one ballot that is
refused spoils no other of the run. Nothing here reads a form or knows what a ballot means.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from consensus import sql
from consensus.conduct.acting import Refused
from consensus.conduct.heard import Sent, copied, outdone, salted
from consensus.journal import Actor, Chain, canonical, commitment, halves, head_of
from consensus.sql import Rows, Steps
from consensus.states import EnteredBy, RoundState
from rounds import KINDS
from rounds.contract import Marks, Role
from rounds.words import bare, words


@dataclass(frozen=True, slots=True)
class Receipt:
    """A ballot that was kept: its journal number. A copy gets that receipt again; what comes after a newer answer of
    the same device, the receipt of the newer."""

    seq: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a kind made of a form. slot: where it stands; None: beside the others."""

    marks: Marks
    slot: str | None


@dataclass(frozen=True, slots=True)
class Entering:
    """Somebody of the team who entered it, and how it came. wrong_code: why the code that they gave is none, where they
    gave one; has_code: it is the person's own, so that it may replace what the person answered."""

    by: Actor
    method: str
    has_code: bool = False
    wrong_code: Refused | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot on its way. said: what the kind made of the form, or why it refused it; read for a seat in this group.

    third: see Submission.
    """

    seat_id: int
    round_id: int
    session_id: int
    group: str
    form: Sent
    said: Answer | Refused
    language: str
    third: int = 0
    entered: Entering | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """session_id: where. receipt: None where the person's own answer stands, which whoever enters for them does not
    replace. row: the new ballot as counts know it; None where none was added."""

    session_id: int
    receipt: Receipt | None
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The seat is in another group than the form was read for: to be read again."""


Outcome = Kept | Moved | Refused


@dataclass(frozen=True, slots=True)
class Case:
    """What must be known to take a ballot: the seat, and the round's moment."""

    seat_id: int
    role: Role
    group: str
    withdrawn: str
    consented: bool
    session_id: int
    round_id: int
    key: str
    kind: str
    state: str
    closing_at: float | None
    grace: int


def case_of(seat_id: int, round_id: int) -> Steps[Case | None]:
    found = yield sql.case(seat_id, round_id)
    if not found:
        return None
    row = dict(found[0])
    return Case(**row | {"role": Role(row["role"]), "consented": bool(row["consented"])})


def check_open(case: Case) -> bool:
    """May this seat answer now? True if the answer is late but still taken."""
    if case.withdrawn:
        raise Refused("refused.withdrawn")
    if case.role not in KINDS[case.kind].cast_by:
        raise Refused("refused.not_yours_to_cast")
    if not case.consented:
        raise Refused("refused.consent_first")
    is_team = case.role != Role.PARTICIPANT
    if case.state == RoundState.OPEN or (case.state == RoundState.CLOSING and is_team):
        return False  # the team may still answer what came late
    under_way = case.state == RoundState.CLOSING and time.time() <= (case.closing_at or 0) + case.grace
    if under_way:
        return True
    raise Refused("refused.not_open_yet" if case.state == RoundState.DRAFT else "refused.closed")


def keep(casts: Sequence[Cast]) -> Steps[list[Outcome]]:
    """One outcome for each, in their order. All are kept in one transaction, or none."""
    chains: dict[int, Chain] = {}
    for session_id in sorted({cast.session_id for cast in casts}):  # two processes never wait for each other
        chains[session_id] = yield from _held(session_id)
    outcomes: list[Outcome] = []
    for cast in casts:
        try:
            outcomes.append((yield from _kept(cast, chains[cast.session_id])))
        except Refused as refused:
            outcomes.append(refused)
    for chain in chains.values():
        yield sql.move_end(chain.head, chain.seq, chain.hash, chain.secret)
    return outcomes


def settle(case: Case, cast: Cast, said: Answer) -> Steps[int]:
    """Keep one whatever came before it: the number of its line."""
    is_late, chain = check_open(case), (yield from _held(cast.session_id))
    yield from _added(chain, case, cast, said, is_late)
    yield sql.move_end(chain.head, chain.seq, chain.hash, chain.secret)
    return chain.seq


def _held(session_id: int) -> Steps[Chain]:
    """The end of the session's chain; what is read from here on stays true until the ballots are kept."""
    key = head_of(session_id)
    found = yield sql.hold_end(key)
    return Chain(key, found[0]["seq"], found[0]["hash"], found[0]["secret"])  # it began with the session


def _kept(cast: Cast, chain: Chain) -> Steps[Kept | Moved]:
    case = yield from case_of(cast.seat_id, cast.round_id)
    if case is None:
        raise Refused("refused.no_such_round")
    before = yield from _sent_before(cast)
    # Back and another choice on the same page is a new ballot; a copy of what was taken, even long ago, is not.
    copy = copied(cast.form, before)
    if copy and not (yield from _is_meant_again(cast.form, copy)):
        return Kept(case.session_id, _receipt(copy))
    is_late = check_open(case)
    if case.group != cast.group:
        return Moved()
    if isinstance(cast.said, Refused):
        raise cast.said
    if newer := outdone(cast.form, cast.said.slot, before):
        return Kept(case.session_id, _receipt(newer))
    if cast.entered is not None and not (yield from _may_replace(cast, cast.said.slot, cast.entered)):
        yield sql.add("entry", chain.add(cast.entered.by, "ask_answered", {"round": case.key}))
        return Kept(case.session_id, None)
    row = yield from _added(chain, case, cast, cast.said, is_late)
    return Kept(case.session_id, Receipt(row["seq"], is_late), row)


def _receipt(ballot: Mapping[str, Any]) -> Receipt:
    return Receipt(int(ballot["seq"]), bool(ballot["is_late"]))


def _sent_before(cast: Cast) -> Steps[Rows]:
    form = cast.form
    found = yield sql.sent_before(cast.seat_id, cast.round_id, form.key, form.device, form.number)
    return sorted(found, key=lambda ballot: int(ballot["seq"]))


def _is_meant_again(form: Sent, copy: Mapping[str, Any]) -> Steps[bool]:
    """Said anew on the same page: its device says that it sent this later, and something else was said meanwhile.

    A button pressed twice says nothing new; then the ballot that is there gets the later number.
    """
    if not form.is_after(copy):
        return False
    if (yield sql.said_since(copy, form.key)):
        return True
    yield sql.renumber(copy["id"], form.number)
    return False


def _may_replace(cast: Cast, slot: str | None, entered: Entering) -> Steps[bool]:
    """What somebody answered themself is replaced only with the code that they know."""
    if entered.wrong_code is not None:
        raise entered.wrong_code
    stand = yield sql.standing(cast.seat_id, cast.round_id, slot or "")
    newest = max(stand, key=lambda ballot: int(ballot["seq"]), default=None)
    return newest is None or newest["entered_by"] != EnteredBy.SELF or entered.has_code


def _added(chain: Chain, case: Case, cast: Cast, said: Answer, is_late: bool) -> Steps[Mapping[str, Any]]:
    """The ballot as counts know it, once it and its line are written."""
    salt, text = token_hex(16), canonical(said.marks)
    of_marks, of_words = halves(salt)
    sealed = commitment(of_marks, {"round": case.key, "slot": said.slot, "marks": bare(said.marks)})
    line = {"round": case.key, "commitment": sealed, "words": commitment(of_words, words(said.marks))}
    is_participant = case.role == Role.PARTICIPANT
    by = Actor(case.role, None if is_participant else case.seat_id)  # no line tells whose ballot it is
    if cast.entered is not None:
        by, line["entered_by"] = cast.entered.by, cast.entered.method
    yield sql.add("entry", chain.add(by, "cast", line))
    yield sql.add(
        "ballot",
        {
            "round_id": case.round_id,
            "seat_id": case.seat_id,
            "seq": chain.seq,
            "slot": said.slot,
            "marks": text,
            "salt": salt,
            "language": cast.language,
            "third": cast.third,
            "entered_by": cast.entered.method if cast.entered else EnteredBy.SELF,
            "key": cast.form.key,
            "body": salted(salt, cast.form),
            "device": cast.form.device,
            "number": cast.form.number,
            "is_late": is_late,
        },
    )
    of_seat = {"seat_id": case.seat_id, "role": case.role, "group_key": case.group, "withdrawn": case.withdrawn}
    return of_seat | {"seq": chain.seq, "slot": said.slot, "marks": text}
