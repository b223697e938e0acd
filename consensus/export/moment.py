"""A session that is over, read at one moment: everything that a parcel tells, as plain data.

The aliases of a parcel are drawn here, from the server's secret: always the same, and not those of the journal.
Nothing here writes, counts or decides what may be told.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from consensus import models
from consensus.conduct import Refused
from consensus.consents import PURPOSES, QUOTE, agreed, allows
from consensus.count import Counted, block_of
from consensus.entries import reports
from consensus.export.measures import Opened, ballot_of
from consensus.export.sheets import Row, text
from consensus.export.tables import Cast, standing
from consensus.house import House
from consensus.journal import halves, head_of
from consensus.outcome import findings_from, tally_from
from consensus.store import Lost
from rounds import KINDS
from rounds.contract import Finding, Kind, Role, Round, Tally
from rounds.rules import rule_data
from rounds.words import bare, words

TRIES = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed round. decided: its official outcome as it was stored, which went on. told: what anyone may see of it.

    now: the official count of the ballots that stand today; it differs where somebody withdrew after the close.
    quoted: the same count, without the words of those who did not agree to be quoted; no figure differs.
    findings: the slow figures of what anyone may see.
    """

    row: models.Round
    round: Round
    kind: Kind
    decided: Tally
    told: Tally
    now: Tally
    quoted: Tally
    findings: tuple[Finding, ...]

    @property
    def key(self) -> str:
        return self.round.key

    @property
    def rule(self) -> Mapping[str, Any] | None:
        return rule_data(self.round.rule)


@dataclass(frozen=True, slots=True)
class Moment:
    """entries: the journal's lines as written. casts: every ballot, in the order of the journal, less what is withheld.

    people: the participants whose answers these are, by alias, and what they agreed to. doubles: what was entered for
    people, by round.
    """

    study: models.Study
    session: models.Session
    rounds: tuple[Closed, ...]
    casts: tuple[Cast, ...]
    entries: tuple[Mapping[str, Any], ...]
    people: tuple[Row, ...]
    doubles: tuple[Row, ...]

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
    study, names = await models.Study.get(id=session.study_id), aliases(house, session, seats)
    found = await models.Ballot.filter(round_id__in=[row.id for row in rows]).order_by("seq").values()
    round_of = {row.id: one.round for row, one in zip(rows, counted, strict=True)}
    silent = {s.id for s in seats if s.role == Role.PARTICIPANT and allows(study, s, QUOTE) is False}
    aside = frozenset[int]().union(*(one.aside for one in counted))
    casts = _casts(round_of, found, {seat.id: seat for seat in seats}, names, entries, silent, aside)
    rounds = tuple(_closed(row, one, casts) for row, one in zip(rows, counted, strict=True))
    people = _people(study, seats, names, casts)
    doubles = [{name: text(value) for name, value in asdict(one).items()} for one in await reports(session.id)]
    return Moment(study, session, rounds, casts, tuple(entries), people, tuple(doubles))


def _number(alias: str) -> int:
    return int(alias.removeprefix("A"))


def _people(
    study: models.Study, seats: Sequence[models.Seat], names: Mapping[int, str], casts: Sequence[Cast]
) -> tuple[Row, ...]:
    told = {cast.alias for cast in casts if cast.marks is not None and cast.role == Role.PARTICIPANT}
    rows = []
    for seat in sorted(seats, key=lambda seat: _number(names[seat.id])):
        if names[seat.id] in told:
            said = agreed(seat)
            row = {"alias": names[seat.id], "consent_version": text(said.version if said else None)}
            rows.append({**row, **{purpose: text(allows(study, seat, purpose)) for purpose in PURPOSES}})
    return tuple(rows)


def _quoted(round: Round, kind: Kind, casts: Sequence[Cast]) -> Tally:
    """Counted again, of the ballots as the parcel tells them."""
    stands, count = standing(casts), kind.start(round)
    for cast in casts:
        if cast.seq in stands and cast.round == round.key:
            kind.add(count, ballot_of(cast), +1)
    return kind.tally(count, round)


def _closed(row: models.Round, counted: Counted, casts: Sequence[Cast]) -> Closed:
    is_whole = not any(cast.is_withheld and cast.round == row.key for cast in casts)
    return Closed(
        row=row,
        round=counted.round,
        kind=KINDS[row.kind],
        decided=tally_from(row.outcome["official"]),
        told=tally_from(row.outcome["released"]),
        now=counted.official,
        quoted=counted.official if is_whole else _quoted(counted.round, KINDS[row.kind], casts),
        findings=findings_from(row.findings or ()),
    )


def aliases(house: House, session: models.Session, seats: Sequence[models.Seat]) -> dict[int, str]:
    """Seat -> A01, A02... in an order that only the server can draw, and always draws the same."""

    def drawn(seat: models.Seat) -> bytes:
        said = f"export alias|{session.id}|{seat.id}".encode()
        return hmac.digest(house.settings.secret.encode(), said, "sha256")

    return {seat.id: f"A{number:02}" for number, seat in enumerate(sorted(seats, key=drawn), start=1)}


def _casts(
    rounds: Mapping[int, Round],
    ballots: Sequence[Mapping[str, Any]],
    seats: Mapping[int, models.Seat],
    names: Mapping[int, str],
    entries: Sequence[Mapping[str, Any]],
    silent: Set[int],
    aside: Set[int],
) -> tuple[Cast, ...]:
    """silent: the seats whose words are left out. aside: the ballots that a close set aside."""
    lines = {entry["seq"]: entry for entry in entries}
    casts = []
    for ballot in ballots:
        seat, round, line = seats[ballot["seat_id"]], rounds[ballot["round_id"]], lines.get(ballot["seq"])
        marks = None if ballot["marks"] is None else json.loads(ballot["marks"])
        of_marks, of_words = _salts(ballot["salt"], line)
        is_withheld = marks is not None and seat.id in silent and bool(words(marks))
        if marks is not None and is_withheld:  # one salt for both opens words too: then it is left out with them
            marks, of_marks, of_words = bare(marks), of_marks if of_words else None, None
        is_of_the_panel = seat.role == Role.PARTICIPANT
        casts.append(
            Cast(
                seq=ballot["seq"],
                minute=str(line["at"]) if line else "",
                round=round.key,
                alias=names[seat.id],
                role=seat.role,
                block=(block_of(round.blocks, seat.group) or "") if is_of_the_panel else "",
                slot=ballot["slot"],
                language=ballot["language"],
                position=ballot["position"],
                entered_by=ballot["entered_by"],
                is_late=ballot["is_late"],
                salt=of_marks,
                marks=marks,
                words_salt=of_words,
                is_withheld=is_withheld,
                is_aside=ballot["seq"] in aside,
            )
        )
    return tuple(casts)


def _salts(salt: str | None, line: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Of the marks and of the words; a line from before words were sealed apart has one salt for both."""
    if salt is None or line is None or "words" not in json.loads(line["payload"]):
        return salt, None
    return halves(salt)
