"""The result of a session becomes the input of another, as long as that one has not begun; and the way back.

What is told of the statements goes along (consensus/passed.py), and their number in the study. Several sessions may
pass on to one, and what it has already comes once. Nothing of the giving session changes but a line of its journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.numbering import free_names
from consensus.house import House
from consensus.journal import head_of, write
from consensus.numbers import forget, number, numbers_of
from consensus.outcome import digest, statement_data
from consensus.passed import Taken, as_brought, chosen, passed_into, standing, taken_by, taken_data, takers
from consensus.results import Card, Results, released
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Role
from rounds.lineage import ALL
from rounds.proposals import writes


async def pass_on(house: House, by: models.Seat, to: int, takes: str = ALL, first: int | None = None) -> int:
    """The statements of a session go to another of its study, which has not begun. How many came in.

    by: the facilitator's seat in the session that gives, what its last closed round left. to: the session that takes;
    the same account is facilitator there. takes: "all" of the list, what was decided ("kept", "dropped", "undecided"),
    a place in which statements stand, or "nature:" with a nature. first: only the first so many of them, ties whole.
    """

    async def job() -> int:
        await _hold(by.session_id, to)
        giving = await models.Session.get(id=by.session_id)
        desk = await _desk(by, giving, to)
        taking = await models.Session.get(id=to)
        await _assert_takes(taking)
        results = released(await models.Round.filter(session_id=giving.id).order_by("position"))
        cards = chosen(results, takes, first)
        if not cards:
            raise Refused("refused.nothing_to_pass")
        names, taken = await _come_in(giving, taking, results, cards, takes, first)
        if taken is not None:
            said = {"n": len(names), "hash": digest(taken_data(taken))}
            await write(head_of(giving.id), actor(by), "pass_on", {"session": taking.id, **said})
            await write(head_of(taking.id), actor(desk), "take_from", {"session": giving.id, **said})
        return len(names)

    return await house.act(lambda _: (by.session_id, to), job)


async def _hold(*sessions: int) -> None:
    for session in sorted(set(sessions)):  # in one order, so that no two wait for each other
        await store.hold(head_of(session))


async def _desk(by: models.Seat, giving: models.Session, to: int) -> models.Seat:
    """The seat of the same account in the session that takes. Whoever has none hears nothing of that session."""
    if by.role != Role.FACILITATOR or by.withdrawn or by.staff_id is None:
        raise Refused("refused.no_such_session")
    desk = (
        await models.Seat.filter(session_id=to, staff_id=by.staff_id, role=Role.FACILITATOR, withdrawn="")
        .select_related("session")
        .first()
    )
    if desk is None or to == giving.id or desk.session.study_id != giving.study_id:
        raise Refused("refused.no_such_session")
    if giving.rehearses is not None or desk.session.rehearses is not None:
        raise Refused("refused.rehearsal_passes")
    return desk


async def _assert_takes(taking: models.Session) -> None:
    rows = await models.Round.filter(session_id=taking.id).order_by("position")
    if any(row.state != RoundState.DRAFT for row in rows):
        raise Refused("refused.taker_begun")
    if is_written_first(rows[0] if rows else None):
        raise Refused("refused.taker_writes")


def is_written_first(first: models.Round | None) -> bool:
    """Do people write in the first round of a session? Then nothing that was there before goes on."""
    return first is not None and writes(KINDS[first.kind])


async def _come_in(
    giving: models.Session,
    taking: models.Session,
    results: Results,
    cards: Sequence[Card],
    takes: str,
    first: int | None,
) -> tuple[list[str], Taken | None]:
    """What the new ones are called; and what is written, None where nothing is new."""
    numbers = await number(giving.study_id, giving.id, [card.statement.id for card in cards])
    there = {number: name for name, number in (await numbers_of(taking.id)).items()}
    new = [card for card in cards if numbers[card.statement.id] not in there]
    called = free_names([{"id": f"P{n:03}"} for n in range(1, len(new) + 1)], taking.imported)
    here = {card.statement.id: there.get(numbers[card.statement.id], "") for card in cards}
    here |= {card.statement.id: name for card, name in zip(new, called, strict=True)}
    passed = {name: numbers[card.statement.id] for card, name in zip(new, called, strict=True)}
    await number(taking.study_id, taking.id, called, passed, giving.id)
    names = [card.statement.id for card in cards]
    told = [standing(results, card, here[name], numbers[name]) for card, name in zip(cards, names, strict=True)]
    taken = Taken(giving.id, results.closed[-1].key, takes, first, tuple(told))
    entries = list(taken_by(taking))
    if taken in entries:
        return [], None
    entries = _with(entries, taken)
    brought = [statement_data(as_brought(card.statement, name)) for card, name in zip(new, called, strict=True)]
    taking.imported, taking.takes_from = [*taking.imported, *brought], list(map(taken_data, entries))
    await taking.save(update_fields=["imported", "takes_from"])
    return called, taken


async def is_passed_on(session_id: int) -> bool:
    """Does another session build on what this one found?"""
    giving = await models.Session.get(id=session_id)
    others = await models.Session.filter(study_id=giving.study_id, takes_from__not_isnull=True)
    return bool(takers(others, session_id))


def _with(entries: Sequence[Taken], taken: Taken) -> list[Taken]:
    """What was taken so before is told anew; else it comes last."""
    if all(entry.what != taken.what for entry in entries):
        return [*entries, taken]
    return [taken if entry.what == taken.what else entry for entry in entries]


async def take_out(house: House, by: models.Seat, giving: int, statement: str = "") -> int:
    """The way back, in the session that took: what came from another goes, or one statement of it; what a file brought
    too, or a third session passed on, stays. How many went."""

    async def job() -> int:
        await store.hold(head_of(by.session_id))
        taking = await models.Session.get(id=by.session_id)
        if await models.Round.filter(session_id=taking.id).exclude(state=RoundState.DRAFT).exists():
            raise Refused("refused.taker_begun")
        before = passed_into(taking)
        entries = [_without(entry, giving, statement) for entry in taken_by(taking)]
        if tuple(entries) == taken_by(taking):
            raise Refused("refused.not_taken")
        taking.takes_from = [taken_data(entry) for entry in entries if entry.statements] or None
        gone = await _let_go(taking, before)
        taking.imported = [one for one in taking.imported if one["id"] not in gone]
        await taking.save(update_fields=["imported", "takes_from"])
        said = {"session": giving, "n": len(gone), "hash": digest(sorted(gone))}
        await write(head_of(taking.id), actor(by), "take_out", said)
        return len(gone)

    return await house.act(by.session_id, job)


def _without(entry: Taken, giving: int, statement: str) -> Taken:
    if entry.session != giving:
        return entry
    return replace(entry, statements=tuple(one for one in entry.statements if statement and one.statement != statement))


async def _let_go(taking: models.Session, before: Mapping[str, Sequence[int]]) -> set[str]:
    """The statements that nobody passes on any more, and no file brought: they have no number here any more. Of what
    another session passes on too, the number comes from that one."""
    still = passed_into(taking)
    rows = await models.StudyNumber.filter(
        session_id=taking.id, statement__in=list(before), passed_from__not_isnull=True
    )
    gone = {row.statement for row in rows if row.statement not in still}
    await forget(taking.id, gone)
    for row in rows:
        if row.statement in still:
            row.passed_from = still[row.statement][0]
            await row.save(update_fields=["passed_from"])
    return gone
