"""A session that is over, read at one moment: everything that a parcel tells, as plain data.

The aliases of a parcel are drawn here, from the server's secret: always the same, and not those of the journal.
Nothing here writes, counts or decides what may be told.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus import models
from consensus.conduct import Refused
from consensus.count import Counted, block_of
from consensus.export.measures import Opened
from consensus.export.tables import Cast
from consensus.house import House
from consensus.journal import head_of
from consensus.outcome import findings_from, tally_from
from consensus.store import Lost
from rounds import KINDS
from rounds.contract import Finding, Kind, Role, Round, Tally
from rounds.rules import rule_data

TRIES = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed round. decided: its official outcome as it was stored, which went on. told: what anyone may see of it.

    now: the official count of the ballots that stand today; it differs where somebody withdrew after the close.
    findings: the slow figures of what anyone may see.
    """

    row: models.Round
    round: Round
    kind: Kind
    decided: Tally
    told: Tally
    now: Tally
    findings: tuple[Finding, ...]

    @property
    def key(self) -> str:
        return self.round.key

    @property
    def rule(self) -> Mapping[str, Any] | None:
        return rule_data(self.round.rule)


@dataclass(frozen=True, slots=True)
class Moment:
    """entries: the journal's lines as written. casts: every ballot, in the order of the journal."""

    study: models.Study
    session: models.Session
    rounds: tuple[Closed, ...]
    casts: tuple[Cast, ...]
    entries: tuple[Mapping[str, Any], ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self.session.languages))

    @property
    def opened(self) -> list[Opened]:
        return [Opened(closed.round, closed.row.hash) for closed in self.rounds]

    @property
    def head(self) -> str:
        return str(self.entries[-1]["hash"]) if self.entries else ""


async def read(house: House, session: models.Session) -> Moment:
    """The session now. Refused while a round is not closed. Every act has a journal line: where none came meanwhile,
    all that was read is of one moment."""
    for _ in range(TRIES):
        before = await _last(session)
        moment = await _read(house, session)
        if before == await _last(session) == len(moment.entries):
            return moment
    raise Lost("the session does not come to rest")


async def _last(session: models.Session) -> int:
    head = await models.Head.get_or_none(key=head_of(session.id))
    return head.seq if head else 0


async def _read(house: House, session: models.Session) -> Moment:
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    if not rows or any(row.state != "closed" for row in rows):
        raise Refused("refused.session_not_over")
    session = await models.Session.get(id=session.id)
    entries = await models.Entry.filter(head=head_of(session.id)).order_by("seq").values()
    seats = await models.Seat.filter(session_id=session.id)
    counted = [await house.counts.now(row) for row in rows]
    rounds = tuple(_closed(row, one) for row, one in zip(rows, counted, strict=True))
    found = await models.Ballot.filter(round_id__in=[row.id for row in rows]).order_by("seq").values()
    casts = _casts(rounds, found, {seat.id: seat for seat in seats}, aliases(house, session, seats), entries)
    return Moment(await models.Study.get(id=session.study_id), session, rounds, casts, tuple(entries))


def _closed(row: models.Round, counted: Counted) -> Closed:
    return Closed(
        row=row,
        round=counted.round,
        kind=KINDS[row.kind],
        decided=tally_from(row.outcome["official"]),
        told=tally_from(row.outcome["released"]),
        now=counted.official,
        findings=findings_from(row.findings or ()),
    )


def aliases(house: House, session: models.Session, seats: Sequence[models.Seat]) -> dict[int, str]:
    """Seat -> A01, A02... in an order that only the server can draw, and always draws the same."""

    def drawn(seat: models.Seat) -> bytes:
        said = f"export alias|{session.id}|{seat.id}".encode()
        return hmac.digest(house.settings.secret.encode(), said, "sha256")

    return {seat.id: f"A{number:02}" for number, seat in enumerate(sorted(seats, key=drawn), start=1)}


def _casts(
    rounds: Sequence[Closed],
    ballots: Sequence[Mapping[str, Any]],
    seats: Mapping[int, models.Seat],
    names: Mapping[int, str],
    entries: Sequence[Mapping[str, Any]],
) -> tuple[Cast, ...]:
    round_of = {closed.row.id: closed.round for closed in rounds}
    minutes = {entry["seq"]: str(entry["at"]) for entry in entries}
    casts = []
    for ballot in ballots:
        seat, round = seats[ballot["seat_id"]], round_of[ballot["round_id"]]
        is_of_the_panel = seat.role == Role.PARTICIPANT
        casts.append(
            Cast(
                seq=ballot["seq"],
                minute=minutes.get(ballot["seq"], ""),
                round=round.key,
                alias=names[seat.id],
                role=seat.role,
                block=(block_of(round.blocks, seat.group) or "") if is_of_the_panel else "",
                slot=ballot["slot"],
                language=ballot["language"],
                position=ballot["position"],
                entered_by=ballot["entered_by"],
                is_late=ballot["is_late"],
                salt=ballot["salt"],
                marks=None if ballot["marks"] is None else json.loads(ballot["marks"]),
            )
        )
    return tuple(casts)
