"""Acts on evidence: coded interviews are brought and taken back, quotations read, allowed and released.

Each is a line of the journal of the house with numbers, never with words. What is told to whom is evidence.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused
from consensus.conduct.leading import of_staff
from consensus.conduct.sessions import bring, is_taken
from consensus.house import House
from consensus.imports.coded import Reading
from consensus.imports.names import same
from consensus.journal import HOUSE, head_of, minute, write
from consensus.outcome import statement_data, statement_from
from consensus.passed import passed_into
from rounds import KINDS
from rounds.contract import Statement
from rounds.proposals import writes

READ, RELEASE, HOLD, ALLOW, FORBID = ACTS = ("read", "release", "hold", "allow", "forbid")


@dataclass(frozen=True, slots=True)
class Came:
    """number: of the import. there: statements that the session had already."""

    number: int
    statements: int
    there: int
    sources: int
    quotations: int


async def bring_coded(house: House, by: models.Seat, staff: models.Staff, reading: Reading) -> Came:
    """All of it in one act: statements that the session lacks, sources, quotations and what rests on what."""

    async def job() -> Came:
        await store.hold(HOUSE)
        await store.hold(head_of(by.session_id))
        session = await models.Session.get(id=by.session_id)
        called, new = _matched(reading.statements, session)
        if new:
            rows = await models.Round.filter(session_id=session.id)
            if is_taken(rows):
                raise Refused("refused.coded_begun", n=len(new))
            prefix = "B" if any(writes(KINDS[row.kind]) for row in rows) else "P"
            await bring(by, [*_own(session), *(statement_data(one) for one in _numbered(new, session, prefix))])
            session = await models.Session.get(id=session.id)
            called, missing = _matched(reading.statements, session)
            assert not missing
        number = await _store(session, reading, called)
        quotations, there = len(reading.quotations), len(reading.statements) - len(new)
        said = {"study": session.study_id, "session": session.id, "number": number, "statements": len(new)}
        said |= {"sources": len(reading.sources), "quotations": quotations}
        await write(HOUSE, of_staff(staff), "bring_evidence", said)
        return Came(number, len(new), there, len(reading.sources), quotations)

    return await house.act(by.session_id, job)


def _own(session: models.Session) -> list[dict[str, Any]]:
    """Without what other sessions passed on, which stays by itself."""
    passed = passed_into(session)
    return [one for one in session.imported if one["id"] not in passed]


def _matched(read: Sequence[Statement], session: models.Session) -> tuple[dict[str, str], list[Statement]]:
    """What each is called in the session: by its number in the file, or else by its words; and those that are not in
    it."""
    held = [statement_from(data) for data in session.imported]
    by_number = {one.source_id: one.id for one in held if one.source_id}
    by_words = {(name, same(text)): one.id for one in held for name, text in one.wordings.items() if text}
    called: dict[str, str] = {}
    new: list[Statement] = []
    for one in read:
        words = [
            by_words[said] for said in ((name, same(text)) for name, text in one.wordings.items()) if said in by_words
        ]
        found = by_number.get(one.source_id) if one.source_id else None
        if found or words:
            called[one.id] = found or words[0]
        else:
            new.append(one)
    return called, new


def _numbered(new: Sequence[Statement], session: models.Session, prefix: str) -> list[Statement]:
    held = {data["id"] for data in session.imported}
    last = max((int(name[1:]) for name in held if name[1:].isdigit()), default=0)
    return [replace(one, id=f"{prefix}{last + place:03}") for place, one in enumerate(new, 1)]


async def _store(session: models.Session, reading: Reading, called: Mapping[str, str]) -> int:
    """The number of the import."""
    study = session.study_id
    newest = await models.Source.filter(study_id=study).order_by("-came_in").first()
    number = (newest.came_in if newest else 0) + 1
    sources = [
        await models.Source.create(
            study_id=study,
            label=one.label,
            kind=one.kind,
            site=one.site,
            informant=one.informant,
            people=one.people,
            came_in=number,
        )
        for one in reading.sources
    ]
    links: list[models.Evidence] = []
    for one in reading.quotations:
        source = sources[one.source]
        quotation = await models.Quotation.create(
            study_id=study, source_id=source.id, text=one.text, language=one.language, may_quote=one.may_quote
        )
        links += [_link(session, called[name], source.id, quotation.id) for name in one.statements]
    links += [_link(session, called[name], sources[place].id, None) for name, place in reading.without_words]
    await models.Evidence.bulk_create(links)
    return number


def _link(session: models.Session, name: str, source: int, quotation: int | None) -> models.Evidence:
    return models.Evidence(
        study_id=session.study_id, session_id=session.id, statement=name, source_id=source, quotation_id=quotation
    )


async def take_back_coded(house: House, staff: models.Staff, study_id: int, number: int) -> int:
    """An import as if it had never come, until something rests on it: a quotation read, or a step that opened. How many
    quotations went. Statements that it brought stay in the list, where they can be replaced."""

    async def job() -> int:
        await store.hold(HOUSE)
        sources = [one.id for one in await models.Source.filter(study_id=study_id, came_in=number)]
        if not sources:
            raise Refused("refused.no_such_import")
        if not await can_be_taken_back(study_id, number):
            raise Refused("refused.evidence_rests")
        n = await models.Quotation.filter(source_id__in=sources).count()
        await models.Evidence.filter(source_id__in=sources).delete()
        await models.Quotation.filter(source_id__in=sources).delete()
        await models.Source.filter(id__in=sources).delete()
        said = {"study": study_id, "number": number, "sources": len(sources), "quotations": n}
        await write(HOUSE, of_staff(staff), "take_back_evidence", said)
        return n

    return await house.act(None, job)


async def can_be_taken_back(study_id: int, number: int) -> bool:
    """Has nobody read a quotation of it, and no step opened in a session that it came to?"""
    sources = [one.id for one in await models.Source.filter(study_id=study_id, came_in=number)]
    if await models.Quotation.filter(source_id__in=sources).exclude(read_at="").exists():
        return False
    sessions = await models.Evidence.filter(source_id__in=sources).distinct().values_list("session_id", flat=True)
    return not is_taken(await models.Round.filter(session_id__in=list(sessions)))


async def judge_quotations(house: House, staff: models.Staff, study_id: int, act: str, numbers: Sequence[int]) -> int:
    """One act on each of these quotations: read, its yes recorded or taken back, released or held. How many moved.

    Refused whole where one is to be released that nobody read, or that has no yes.
    """

    async def job() -> int:
        await store.hold(HOUSE)
        rows = await models.Quotation.filter(study_id=study_id, id__in=list(numbers)).order_by("id")
        if not rows:
            raise Refused("refused.no_quotation")
        unread = [one for one in rows if not (one.read_at and one.may_quote)]
        if act == RELEASE and unread:
            raise Refused("refused.not_read", n=len(unread))
        moved = [one for one in rows if _is_moved(one, act, staff)]
        for one in moved:
            await one.save()
        if moved:
            said = {"study": study_id, "do": act, "quotations": [one.id for one in moved]}
            await write(HOUSE, of_staff(staff), "judge_quotations", said)
        return len(moved)

    return await house.act(None, job)


def _is_moved(one: models.Quotation, act: str, staff: models.Staff) -> bool:
    """Change the row; False where it says so already. Without a yes nothing stays released."""
    before = (one.read_at, one.released_at, one.may_quote)
    now = minute()
    if act == READ and not one.read_at:
        one.read_at, one.read_by = now, staff.id
    elif act == RELEASE and not one.released_at:
        one.released_at, one.released_by = now, staff.id
    elif act in {HOLD, FORBID}:
        one.released_at, one.released_by = "", None
    if act in {ALLOW, FORBID}:
        one.may_quote = act == ALLOW
    return before != (one.read_at, one.released_at, one.may_quote)
