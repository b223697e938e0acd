"""What comes into a round, what stands in the way of opening it, and the act that opens it.

Asked before by the console, with the same answers. Nothing of a round that is open is changed here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from consensus import models
from consensus.conduct.acting import Refused, actor, in_use, round_in
from consensus.counting import apart_of, blocks_of, counting_data, planned_counting
from consensus.groups import named, words_of
from consensus.house import House
from consensus.journal import Actor, head_of, write
from consensus.limits import can_be_answered
from consensus.outcome import SEALED, block_from, digest, left_by, seal, statement_data, statement_from, tally_from
from consensus.proposals import uncompiled
from consensus.protocol import Plan, plan_of
from consensus.states import RoundState
from consensus.stopping import has_departed, said_of
from rounds import KINDS
from rounds.blocks import planned, together
from rounds.contract import Block, Role, Statement
from rounds.disclosure import Mode
from rounds.lineage import ALL, BROUGHT, Choice, taken
from rounds.proposals import writes
from rounds.rules import rule_from

UNTRANSLATED = "open_untranslated"  # the note with the reason why statements are shown in one language


@dataclass(frozen=True, slots=True)
class Coming:
    """What a round takes if it opens now. lacking: statements to be shown that miss a language; reason: why, as the
    session was told before, "" where nobody has been asked yet."""

    statements: tuple[Statement, ...]
    lacking: tuple[str, ...] = ()
    reason: str = ""


def shows_to_participants(row: models.Round) -> bool:
    return Role.PARTICIPANT in KINDS[row.kind].cast_by


async def incoming(row: models.Round) -> tuple[Statement, ...]:
    """The statements that a round takes: of the round before or an earlier one, or of those that were brought."""
    if writes(KINDS[row.kind]):
        return ()  # what was brought meets what people write where the team compiles it
    last = await before_of(row)
    if last is not None and last.outcome is None:
        raise Refused("refused.round_before_open")
    before = await source_of(row)
    if before is None:
        session = await models.Session.get(id=row.session_id)
        return taken(tuple(map(statement_from, session.imported)), {}, _of_all(row))
    if before.outcome is None:
        raise Refused("refused.round_before_open")
    tally = tally_from(left_by(before.outcome))
    # Without figures nothing was decided: all go on, whatever place was to be taken.
    takes = _of_all(row) if before.outcome.get("is_silent") else row.takes
    found = taken(tally.statements, tally.places, takes)
    return (*found, *await _brought_beside(row, tally.statements)) if writes(KINDS[before.kind]) else found


def _of_all(row: models.Round) -> str:
    """What it takes where nothing stands in any place, as what was brought: the same natures and levels, of all."""
    return str(Choice.of(row.takes).with_place(ALL))


async def _brought_beside(row: models.Round, written: Sequence[Statement]) -> tuple[Statement, ...]:
    """What was brought, a list or what was said in interviews, beside what people wrote: under numbers of its own."""
    session = await models.Session.get(id=row.session_id)
    known = {statement.id for statement in written}
    brought = map(statement_from, session.imported)
    return tuple(replace(one, id=f"B{n:03}") if one.id in known else one for n, one in enumerate(brought, 1))


async def source_of(row: models.Round) -> models.Round | None:
    """The round that its statements come from; None where they were brought, or it is the first."""
    if row.takes_of == BROUGHT:
        return None
    earlier = models.Round.filter(session_id=row.session_id, position__lt=row.position)
    # Where it has been taken out or moved behind, the one before stands for it.
    named = await earlier.filter(key=row.takes_of).first() if row.takes_of else None
    return named or await before_of(row)


async def before_of(row: models.Round) -> models.Round | None:
    earlier = models.Round.filter(session_id=row.session_id, position__lt=row.position)
    return await earlier.order_by("-position").first()


async def _refuse_against_the_rule(row: models.Round) -> None:
    """Where the round before says by its rule that the series goes on, or is over, another is opened for a reason."""
    rows = await models.Round.filter(session_id=row.session_id, position__lte=row.position).order_by("position")
    last = rows[-2] if len(rows) > 1 else None
    said = said_of(rows, last) if last is not None else None
    if last is None or said is None or has_departed(last):
        return
    if said.is_over == (row.kind == last.kind):
        raise Refused("refused.series_over" if said.is_over else "refused.series_goes_on")


async def _settled(row: models.Round) -> tuple[str, str]:
    """What it takes of and what it takes, as they are sealed: the source by its key where it is not the round before,
    whatever it was planned to be; and no place of a source that has none."""
    source, last = await source_of(row), await before_of(row)
    if source is None:
        return (BROUGHT if last else ""), _of_all(row)
    return ("" if last is not None and source.id == last.id else source.key), row.takes


async def offered(row: models.Round) -> tuple[str, ...]:
    """The places of which a round may take the statements, of the round that they come from; ALL for every one."""
    return places_left(await source_of(row))


def places_left(before: models.Round | None) -> tuple[str, ...]:
    if before is None:
        return (ALL,)
    kind = KINDS[before.kind]
    return (ALL, *kind.leaves(kind.Settings(**before.settings), rule_from(before.rule)))


async def sources(row: models.Round) -> dict[str, tuple[str, ...]]:
    """Of what a round may take, and which places of it: the one before under "", earlier ones that leave statements
    under their keys, what was brought under BROUGHT where nobody writes statements here."""
    rows = await models.Round.filter(session_id=row.session_id, position__lt=row.position).order_by("-position")
    found = {"" if one is rows[0] else one.key: places_left(one) for one in rows if not writes(KINDS[one.kind])}
    if rows and not any(writes(KINDS[one.kind]) for one in rows):
        found[BROUGHT] = (ALL,)
    return found or {"": (ALL,)}


async def coming(row: models.Round) -> Coming:
    """Refused where the round could not be answered: the one before is open, or too few or many statements come."""
    statements, fewest = await incoming(row), KINDS[row.kind].fewest
    if len(statements) < fewest:
        raise Refused(await _why_so_few(row), n=len(statements), fewest=fewest)
    most = KINDS[row.kind].most(KINDS[row.kind].Settings(**row.settings))
    if most is not None and len(statements) > most:
        raise Refused(f"{row.kind}.too_many", n=len(statements), most=most)
    if not can_be_answered(KINDS[row.kind], len(statements)):
        raise Refused("refused.too_large")
    if not (fewest and shows_to_participants(row)):
        return Coming(statements)  # the team meets them, or nobody does
    if await _are_raw(row, statements):
        raise Refused("refused.not_compiled")
    session = await models.Session.get(id=row.session_id)
    return Coming(statements, tuple(untranslated(statements, session.languages)), (await _told(row))[0])


async def _why_so_few(row: models.Round) -> str:
    """Which sentence says what to do."""
    is_chosen = row.takes != ALL
    if await source_of(row) is None and _of_all(row) == ALL:
        return "refused.nothing_imported"
    return "refused.nothing_taken" if is_chosen else "refused.nothing_left"


async def _are_raw(row: models.Round, statements: Sequence[Statement]) -> bool:
    """Is one of them still in the words of the person who wrote it?"""
    earlier = models.Round.filter(session_id=row.session_id, position__lt=row.position)
    raw = uncompiled(await earlier.order_by("position"))
    return any(statement.id in raw for statement in statements)


async def _told(row: models.Round) -> tuple[str, frozenset[str]]:
    """The one reason that the session gave for what misses a language, and the statements that it was given for."""
    rows = await models.Round.filter(session_id=row.session_id).order_by("position").only("id", "notes", "position")
    notes = [note for one in rows for note in one.notes if note["act"] == UNTRANSLATED]
    return (notes[0]["reason"] if notes else ""), frozenset(card for note in notes for card in note["about"])


def untranslated(statements: Sequence[Statement], languages: Sequence[str]) -> list[str]:
    """The statements that lack a wording in one of these languages."""
    return [s.id for s in statements if any(not s.wordings.get(language) for language in languages)]


async def blocks_now(session: models.Session, row: models.Round | None = None) -> tuple[Block, ...]:
    """The blocks that a round opened now would have, small groups pooled in the study's order: planned by seats. row:
    that round; one that asks again what was asked before keeps the blocks of then. None: any round."""
    study = await models.Study.get(id=session.study_id)
    sitting = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT, withdrawn="").values_list(
        "group", flat=True
    )
    present = [str(group) for group in sitting]
    counted = [(group["key"], present.count(group["key"])) for group in study.groups]
    words = await words_in(session.id)
    if row is None:
        return named(planned(counted, study.floor, apart_of(study)), words)
    if row.is_together:
        return named(together(counted), words)
    k, same = max(study.floor, KINDS[row.kind].fewest_told), await asked_before(row)
    before = blocks_of(same) if same else ()
    there = {group for block in before for group in block.groups}
    held = [replace(block, seats=sum(n for key, n in counted if key in block.groups)) for block in before]
    rest = planned([(key, n) for key, n in counted if key not in there], k, apart_of(study))
    return (*held, *named(rest, words))


async def asked_before(row: models.Round) -> models.Round | None:
    """The last closed round of this kind that asked about a statement of this one: its figures are known, so that other
    blocks would tell of few."""
    closed = models.Round.filter(
        session_id=row.session_id, kind=row.kind, state=RoundState.CLOSED, position__lt=row.position
    )
    coming = {statement["id"] for statement in row.statements or []}
    for one in await closed.order_by("-position"):
        if coming & {statement["id"] for statement in one.statements or []}:
            return one
    return None


async def words_in(session_id: int, blocks: Sequence[Mapping[str, Any]] = ()) -> dict[str, str]:
    """What files and the journal of a session call the groups of its study, by their keys. blocks: of a round that
    opens just now."""
    study = await models.Study.get(sessions__id=session_id)
    rows = await models.Round.filter(session_id=session_id).order_by("position").only("id", "blocks", "position")
    told = [*(data for row in rows for data in row.blocks or []), *blocks]
    return words_of(study.groups, map(block_from, told))


def as_counted(plan: Plan, study: models.Study) -> Plan:
    """A plan, with everybody in one block where figures rest on who spoke of each statement and no pair of groups is
    kept apart. Refused where everybody is to be one group and the rule or the study tells groups apart, and where
    figures that are told once are to be seen before."""
    kind = KINDS[plan.kind]
    if kind.is_narrowed(kind.Settings(**plan.settings)):
        if plan.disclosure != Mode.AT_CLOSE:
            raise Refused("refused.told_once")
        plan = replace(plan, is_together=not study.apart)
    if plan.is_together and plan.needs_groups:
        raise Refused("refused.together_rule")
    if plan.is_together and study.apart:
        raise Refused("refused.together_apart")
    return plan


async def open_round(house: House, by: models.Seat, round_id: int, reason: str = "") -> None:
    """Freeze statements, settings, rule and blocks, print their hash, and let people answer.

    reason: why statements may lack a wording in one of the session's languages. Asked once: it stands for the session.
    """
    await open_round_as(house, by.session_id, actor(by), round_id, reason)


async def open_round_as(
    house: House,
    session_id: int,
    by: Actor,
    round_id: int,
    reason: str = "",
    planned: Mapping[str, object] | None = None,
) -> None:
    """The same, whoever opens it. planned: what the journal says beside it, where the clock does."""

    async def job() -> None:
        row = await round_in(session_id, round_id)
        if planned is not None and (row.opens_at is None or row.opens_at > time.time()):
            return  # it was planned anew meanwhile
        if row.state != RoundState.DRAFT:
            raise Refused("refused.frozen")
        await in_use(row.session_id)
        await _refuse_against_the_rule(row)
        found = await coming(row)
        if found.lacking and not (found.reason or reason):
            raise Refused("refused.untranslated", cards=", ".join(found.lacking), n=len(found.lacking))
        session = await models.Session.get(id=row.session_id).select_related("study")
        row.statements = [statement_data(statement) for statement in found.statements]
        row.is_together = as_counted(plan_of(row), session.study).is_together
        row.blocks = [_block_data(block) for block in await blocks_now(session, row)]
        row.settings = asdict(KINDS[row.kind].Settings(**row.settings))  # defaults too: all of it is sealed
        words, same = await words_in(session.id, row.blocks), await asked_before(row)
        row.counting = counting_data(planned_counting(session.study, row, words, same.key if same else ""))
        row.takes_of, row.takes = await _settled(row)
        row.state = RoundState.OPEN
        row.hash = seal(
            {name: getattr(row, name) for name in (*SEALED, "takes_of", "stopping")}, digest(row.statements)
        )
        known = (await _told(row))[1]  # a card that nobody was told of yet is told with this round
        new = [card for card in found.lacking if card not in known]
        row.notes = [*row.notes, *note(UNTRANSLATED, found.reason or reason, new)]
        await row.save()
        said = {"round": row.key, "hash": row.hash, "notes": digest(row.notes), **(planned or {})}
        await write(head_of(row.session_id), by, "open_round", said)

    await house.act(session_id, job)


def _block_data(block: Block) -> dict[str, object]:
    return {"key": block.key, "groups": list(block.groups), "seats": block.seats}


def note(act: str, reason: str, about: Sequence[str]) -> list[dict[str, Any]]:
    """What is printed as a deviation; none without a reason."""
    return [{"act": act, "reason": reason, "about": list(about)}] if reason and about else []
