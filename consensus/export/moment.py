"""A session that is over, read at one moment: everything that its files tell, as plain data.

Figures are those of the closes; what people have taken back since is in none of it. Nothing here writes, counts a
figure or decides what may be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from consensus import models
from consensus.conduct import Refused
from consensus.consents import QUOTE, REUSE, allows
from consensus.count import Counted
from consensus.counting import Counting
from consensus.double_entry import Report, reports
from consensus.evidence import counted
from consensus.export.following import Asked
from consensus.export.left_out import Answered, closed_cells, refuse_few
from consensus.export.rows import Opened, in_order
from consensus.export.sheets import Row, text
from consensus.freeze import left_out
from consensus.groups import words_of
from consensus.house import House
from consensus.journal import head_of
from consensus.numbers import numbers_of
from consensus.outcome import findings_from, left_by, tally_from, told_by
from consensus.states import RoundState
from consensus.store import Lost
from rounds import KINDS
from rounds.contract import TEAM, Ballot, Finding, Role, Round, Tally
from rounds.kind import Kind
from rounds.rules import rule_data
from rounds.words import bare

TRIES = 20


@dataclass(frozen=True, slots=True)
class ReleasedRound:
    """A closed round. decided: what it left, which went on. told, findings: what anyone may see of it.

    now: the count of the ballots that stand today, for the statements that nobody says any more. quoted: the same,
    without the words of those who did not agree to be quoted. kept: nor of those whom no later research may use.
    spoken: as quoted, of the ballots that the close counted alone.
    leaves: all of its second seal, by hash; None: it was closed by an earlier version, and has none. left_out: the
    blocks of which some answers are in no file.
    """

    row: models.Round
    round: Round
    kind: Kind
    decided: Tally
    told: Tally
    now: Tally
    quoted: Tally
    kept: Tally
    spoken: Tally
    findings: tuple[Finding, ...]
    leaves: tuple[str, ...] | None
    left_out: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.round.key

    @property
    def rule(self) -> Mapping[str, Any] | None:
        return rule_data(self.round.rule)

    @property
    def is_of_one_count(self) -> bool:
        """Did what is told decide? In rounds of before, everybody did."""
        return "told" in self.row.outcome


@dataclass(frozen=True, slots=True)
class Moment:
    """chain: the journal's last number and its hash. opened: the leaves that a file of individual answers opens.
    doubles: what was entered for people, by round. is_simulated: anybody of it is no person. asked: the same
    rounds, with what an analysis file may say about people. numbers: of statements in the study, none of a rehearsal.
    evidence: sources of a statement, by kind, from k on.
    """

    study: models.Study
    session: models.Session
    rounds: tuple[ReleasedRound, ...]
    chain: tuple[int, str]
    opened: tuple[Opened, ...]
    doubles: tuple[Row, ...]
    is_simulated: bool
    asked: tuple[Asked, ...]
    numbers: Mapping[str, int]
    evidence: tuple[tuple[str, str, int], ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self.session.languages))

    @property
    def words(self) -> dict[str, str]:
        """What the files call the groups of the study."""
        return words_of(self.study.groups, [block for closed in self.rounds for block in closed.round.blocks])

    @property
    def kinds(self) -> dict[str, str]:
        return {closed.key: closed.round.kind for closed in self.rounds}


async def read(house: House, session: models.Session) -> Moment:
    """The session now. Refused while a round is not closed. Every act has a journal line: where none came meanwhile,
    all that was read is of one moment."""
    for _ in range(TRIES):
        before = await _chain(session)
        moment = await _read(house, session)
        if before == await _chain(session) == moment.chain:
            return moment
    raise Lost("the session does not come to rest")


async def _chain(session: models.Session) -> tuple[int, str]:
    head = await models.Head.get_or_none(key=head_of(session.id))
    return (head.seq, head.hash) if head else (0, "")


async def _read(house: House, session: models.Session) -> Moment:
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    if not rows or any(row.state != RoundState.CLOSED for row in rows):
        raise Refused("refused.session_not_over")
    chain, session = await _chain(session), await models.Session.get(id=session.id)
    seats = await models.Seat.filter(session_id=session.id)
    people = [seat for seat in seats if seat.role == Role.PARTICIPANT]
    study = await models.Study.get(id=session.study_id)
    unbound = await left_out(session) if session.frozen_at else frozenset[int]()
    sides = Sides(
        silent=frozenset(seat.id for seat in people if allows(study, seat, QUOTE) is False),
        out=unbound | {seat.id for seat in people if allows(study, seat, REUSE) is False},
        people=frozenset(seat.id for seat in people),
        k=study.floor,
    )
    rounds, opened, asked = [], [], []
    for row in rows:
        closed, found, told = await _closed(row, await house.counts.now(row), sides)
        rounds.append(closed)
        opened += found
        asked.append(told)
    kinds = {closed.key: closed.round.kind for closed in rounds}
    doubles = [_from_k_on(one, study.floor) for one in await reports(session.id)]
    is_simulated = session.rehearses is not None or any(seat.is_simulated for seat in seats)
    leaves, numbers = in_order(opened, kinds), await numbers_of(session.id)
    return Moment(
        study=study,
        session=session,
        rounds=tuple(rounds),
        chain=chain,
        opened=leaves,
        doubles=tuple(doubles),
        is_simulated=is_simulated,
        asked=tuple(asked),
        numbers=numbers,
        evidence=await _evidence(study, session, rounds),
    )


async def _evidence(
    study: models.Study, session: models.Session, rounds: Sequence[ReleasedRound]
) -> tuple[tuple[str, str, int], ...]:
    """Of the statements that stood when a round closed; nothing where the study has no evidence."""
    names = dict.fromkeys(one.id for closed in rounds for one in closed.decided.statements)
    return tuple(await counted(study.id, session, sorted(names, key=lambda name: (len(name), name)), study.floor))


@dataclass(frozen=True, slots=True)
class Sides:
    """Seats. silent: may not be quoted. out: in no file, since they do not let others use their answers or the freeze
    did not bind them. people: the participants. k: the floor."""

    silent: Set[int]
    out: Set[int]
    people: Set[int]
    k: int


async def refuse_where_few_keep_back(session: models.Session) -> None:
    """Refused: one to k - 1 of those who answered keep their answers from later research."""
    study = await models.Study.get(id=session.study_id)
    people = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT)
    rounds = [row.id for row in await models.Round.filter(session_id=session.id).only("id")]
    told = (
        await models.Leaf.filter(round_id__in=rounds, said__isnull=False).distinct().values_list("seat_id", flat=True)
    )
    out = {seat.id for seat in people if allows(study, seat, REUSE) is False}
    refuse_few({int(str(seat)) for seat in told}, out, study.floor)


async def _closed(row: models.Round, counted: Counted, sides: Sides) -> tuple[ReleasedRound, list[Opened], Asked]:
    kind, round = KINDS[row.kind], counted.round
    leaves = await models.Leaf.filter(round_id=row.id).order_by("id").values()
    sealed = {leaf["seq"] for leaf in leaves}
    blocks, opened, asked = await _opened(row, counted, leaves, sides)
    standing = [_quotable(ballot, sides.silent) for ballot in counted.standing]
    closed = ReleasedRound(
        row=row,
        round=round,
        kind=kind,
        decided=tally_from(left_by(row.outcome)),
        told=tally_from(told_by(row.outcome)),
        now=counted.official,
        quoted=_count(kind, round, standing),
        kept=_count(kind, round, [_quotable(ballot, sides.silent | sides.out) for ballot in counted.standing]),
        spoken=_count(kind, round, [b for b in standing if b.role in TEAM or not row.seal or b.seq in sealed]),
        findings=findings_from(row.findings or ()),
        leaves=tuple(sorted(leaf["hash"] for leaf in leaves)) if row.seal else None,
        left_out=tuple(sorted(blocks)),
    )
    return closed, opened, asked


def _quotable(ballot: Ballot, silent: Set[int]) -> Ballot:
    if int(ballot.seat) not in silent:
        return ballot
    return Ballot(ballot.seq, ballot.seat, ballot.role, ballot.block, ballot.slot, bare(ballot.marks))


def _count(kind: Kind, round: Round, ballots: Sequence[Ballot]) -> Tally:
    count = kind.start(round)
    for ballot in ballots:
        kind.add(count, ballot, +1)
    return kind.tally(count, round)


async def _opened(
    row: models.Round, counted: Counted, leaves: Sequence[Mapping[str, Any]], sides: Sides
) -> tuple[set[str], list[Opened], Asked]:
    """The blocks of which some answers stay out, the leaves that are opened, and what else may be, about people."""
    kind = KINDS[row.kind]
    ballots = {b["seq"]: b for b in await models.Ballot.filter(round_id=row.id).values("seq", "slot", "marks")}
    given: dict[int, Answered] = {}
    for leaf in leaves:
        if not (leaf["is_words"] or leaf["is_person"]) and leaf["seat_id"] in sides.people:
            ballot = ballots[leaf["seq"]]
            marks = json.loads(leaf["said"])["marks"] if leaf["said"] else None
            block = counted.blocks.get(leaf["seat_id"]) or ""
            given[leaf["id"]] = Answered(leaf["id"], leaf["seat_id"], block, ballot["slot"] or "", marks)
    counting = Counting.of(row)
    k = counting.k if counting else sides.k
    cells = closed_cells(kind, given.values(), sides.out, k) if kind.is_counted else frozenset()
    blocks, opened, shown = set(), list[Opened](), set[int]()
    about: dict[int, dict[str, Opened]] = {}
    for leaf in leaves:
        answered = given.get(leaf["id"])
        is_out = leaf["said"] is None or leaf["seat_id"] in sides.out
        is_out = is_out or (leaf["is_words"] and leaf["seat_id"] in sides.silent)
        if leaf["is_person"]:
            if not is_out:
                one = Opened(row.key, leaf["salt"], leaf["said"])
                about.setdefault(leaf["seat_id"], {})[one.about] = one
        elif answered is not None and (is_out or (answered.block, answered.slot) in cells):
            blocks.add(answered.block)
        elif not is_out:
            opened.append(Opened(row.key, leaf["salt"], leaf["said"]))
            shown |= {answered.number} if answered else set()
    return blocks, opened, Asked(row.key, row.kind, tuple(given.values()), shown, about)


PEOPLE, ENTERED_TWICE = ("phone", "paper", "twice"), ("compared", "different", "settled", "same_hand")


def _from_k_on(report: Report, k: int) -> Row:
    """Counts of people from k on, and counts of answers where as many were entered twice; else nothing."""
    told = asdict(report)
    few = [name for name in PEOPLE if 0 < told[name] < k]
    few += [name for name in ENTERED_TWICE if told["twice"] < k or 0 < told[name] < k]
    return {name: "" if name in few else text(value) for name, value in told.items()}
