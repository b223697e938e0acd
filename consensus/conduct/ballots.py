"""The act of answering, for oneself or for somebody else: one ballot is kept, and acknowledged after the commit."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial

from consensus import models, seats, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.heard import body_of, sent
from consensus.conduct.intake import (
    Answer,
    Case,
    Cast,
    Entering,
    Kept,
    Moved,
    Outcome,
    Receipt,
    case_of,
    check_open,
    keep,
)
from consensus.count import block_of
from consensus.house import House
from consensus.journal import head_of, write
from consensus.states import METHODS, RoundState
from rounds import KINDS
from rounds.contract import TEAM, BallotError, By, Form, Role


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted form and what surrounds it. key: made with the page; the same form with it counts once. third: where
    the card stood in the order of this person; 0 where nobody knows."""

    form: Form
    key: str
    language: str
    third: int = 0

    def body(self) -> str:
        return body_of(self.form)


@dataclass(frozen=True, slots=True)
class EnteredFor:
    """Who enters an answer for somebody else, and how it came: phone or paper.

    code: the person's own, without which no answer that they gave themself is replaced.
    """

    by: models.Seat
    method: str
    code: str = ""

    def __post_init__(self) -> None:
        if self.by.role not in TEAM or self.method not in METHODS:
            raise Refused("refused.choose_method")


async def cast(
    house: House, seat_id: int, round_id: int, submission: Submission, through: EnteredFor | None = None
) -> Receipt:
    """Keep one ballot. Everything is checked inside the transaction; the receipt is given after the commit."""

    def count(kept: Outcome) -> None:
        if isinstance(kept, Kept) and kept.row is not None:
            house.counts.kept(round_id, kept.row)

    outcome: Outcome = Moved()
    ready = await _ready(house, seat_id, round_id, submission) if through is None else None
    await house.pauses.over(round_id)
    if ready:
        outcome = await house.store.take(keep, ready, then=count)
    if isinstance(outcome, Moved):
        job = partial(_cast, house, seat_id, round_id, submission, through)
        # What the team enters changes what it is shown of entries; a person's own ballot changes counts alone.
        outcome = await house.store.write(job, is_act=through is not None, then=count)
    if isinstance(outcome, Refused):
        raise outcome
    assert isinstance(outcome, Kept)
    house.rooms.touch(outcome.session_id)
    if outcome.receipt is None:
        raise Refused("refused.answered_themself")
    return outcome.receipt


async def _ready(house: House, seat_id: int, round_id: int, submission: Submission) -> Cast | None:
    """The form, read before it waits for the writer; None where its kind sees what was said until its own moment."""
    of = house.store.memory.of
    seat = await of(("seat", seat_id), lambda: models.Seat.get_or_none(id=seat_id))
    row = await of(("taking", round_id), partial(_opened, round_id))
    if seat is None or row is None or KINDS[row.kind].ordered:
        return None
    of_seat = (seat.id, Role(seat.role), seat.group, seat.withdrawn, seat.consented, seat.session_id)
    case = Case(*of_seat, row.id, row.key, row.kind, row.state, row.closing_at, row.grace)
    return await _on_its_way(house, case, submission)


def _opened(round_id: int) -> Awaitable[models.Round | None]:
    opened = models.Round.filter(id=round_id).exclude(state=RoundState.DRAFT)
    return opened.only("id", "key", "kind", "state", "closing_at", "grace").first()


async def _cast(
    house: House, seat_id: int, round_id: int, submission: Submission, through: EnteredFor | None
) -> Outcome:
    """Inside a job."""
    await store.hold_session_of(seat_id)  # what is read from here on stays true until the ballot is kept
    case = await _case(seat_id, round_id)
    entered = await _entered_for(house, seat_id, through) if through else None
    outcome = (await store.drive(keep([await _on_its_way(house, case, submission, entered)])))[0]
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


async def _case(seat_id: int, round_id: int) -> Case:
    case = await store.drive(case_of(seat_id, round_id))
    if case is None:
        raise Refused("refused.no_such_round")
    return case


async def _on_its_way(house: House, case: Case, submission: Submission, entered: Entering | None = None) -> Cast:
    said: Answer | Refused
    try:
        check_open(case)
        said = await read(house, case, submission)
    except Refused as refused:
        said = refused  # a copy of what was taken gets its receipt all the same
    form = sent(house, case.seat_id, submission.form, submission.key)
    of_case = (case.seat_id, case.round_id, case.session_id, case.group)
    return Cast(*of_case, form, said, submission.language, submission.third, entered)


async def _entered_for(house: House, seat_id: int, through: EnteredFor) -> Entering:
    seat, wrong = await models.Seat.get(id=seat_id), None
    if through.code and not seats.is_code_of(house.settings, seat, through.code):
        wrong = Refused("refused.not_their_code")
    return Entering(actor(through.by), through.method, bool(through.code), wrong)


async def weigh(house: House, seat_id: int, round_id: int, submission: Submission) -> None:
    """Refuse what cast would refuse now; nothing is kept."""
    case = await _case(seat_id, round_id)
    check_open(case)
    await read(house, case, submission)


async def read(house: House, case: Case, submission: Submission) -> Answer:
    """What the kind makes of the form; a kind whose ballots build on one another sees the tally of this moment."""
    kind, now = KINDS[case.kind], None
    round = await house.counts.round(case.round_id)
    if kind.ordered:
        row = await models.Round.get(id=case.round_id).only("id", "session_id", "kind", "state")
        now = (await house.counts.now(row)).official
    block = block_of(round.blocks, case.group) if case.role == Role.PARTICIPANT else None
    if case.role == Role.PARTICIPANT and not await _is_asked(house, case):
        raise Refused("refused.joined_later")
    present = house.rooms.online(case.session_id) if kind.ordered else {}
    by = By(case.role, str(case.seat_id), block, submission.language, present)
    try:
        marks = kind.read(submission.form, round, by, now)
    except BallotError as refused:
        raise Refused(f"{case.kind}.{refused.key}", **refused.values) from None
    return Answer(marks, kind.slot(marks))


async def _is_asked(house: House, case: Case) -> bool:
    """Was this group there when the round opened? A close may have left it out of every block; it still may answer."""
    return block_of(await house.counts.planned(case.round_id), case.group) is not None


async def tell_asked(case: Case, by: models.Seat) -> None:
    """Inside a job: the team learns whether an answer stands. Neither whose nor which, nor what it says."""
    await write(head_of(case.session_id), actor(by), "ask_answered", {"round": case.key})
