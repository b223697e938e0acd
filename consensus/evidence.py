"""Where a statement comes from: its sources by kind, its quotations, and what of both a participant may see.

The one place that decides what is told beyond the team. Site and kind of informant, with the kind of source, are told
together only where at least k informants of the study share all three; a quotation only where they do or the team
released it by an act, and never without a recorded yes to quoting and a person who read it. Nothing here writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consensus import models
from consensus.evidence_words import KINDS, WRITTEN
from consensus.outcome import left_by, statement_from
from rounds import KINDS as ROUNDS
from rounds.contract import Statement
from rounds.proposals import compiles, writes

Cell = tuple[str, str, str]  # kind of source, site, kind of informant
Named = tuple[int, str]  # a statement in a session


@dataclass(frozen=True, slots=True)
class Said:
    """A quotation as somebody may see it. site, informant: "" where they are not told. label: the team's name of the
    source, "" beyond the team."""

    text: str
    language: str
    kind: str
    site: str = ""
    informant: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Whence:
    """kinds: how many sources of each kind, in the order of KINDS, none at 0. held_back: quotations with a yes, and
    read, that too few informants share. waiting: those that nobody has read, or without a yes; for the team."""

    kinds: tuple[tuple[str, int], ...]
    said: tuple[Said, ...]
    held_back: int
    waiting: int = 0

    @property
    def sources(self) -> int:
        return sum(n for _, n in self.kinds)


@dataclass(frozen=True, slots=True)
class Family:
    """statement: the one that was asked for. roots: what it and its forebears are, in every session of the study that
    has them. written: how many of these somebody wrote here."""

    statement: Statement
    roots: frozenset[Named]
    written: int
    parents: tuple[Statement, ...] = ()


def cell_of(source: models.Source) -> Cell:
    return source.kind, source.site, source.informant


def shared(sources: Iterable[models.Source]) -> Counter[Cell]:
    """How many informants of the study share a kind of source, a site and a kind of informant."""
    found: Counter[Cell] = Counter()
    for source in sources:
        found[cell_of(source)] += source.people
    return found


def is_quotable(quotation: models.Quotation) -> bool:
    """A yes is recorded, and a person of the team has read it."""
    return quotation.may_quote and bool(quotation.read_at)


def told(quotation: models.Quotation, source: models.Source, people: Mapping[Cell, int], k: int) -> Said | None:
    """As a participant may see it; None where they may not."""
    if not is_quotable(quotation):
        return None
    if people[cell_of(source)] >= k:
        return Said(quotation.text, quotation.language, source.kind, source.site, source.informant)
    return Said(quotation.text, quotation.language, source.kind) if quotation.released_at else None


def by_kind(sources: Iterable[models.Source], written: int = 0) -> tuple[tuple[str, int], ...]:
    """How many sources of each kind; what people wrote here beside what was brought as such."""
    counted = Counter(source.kind for source in sources)
    counted[WRITTEN] += written
    return tuple((kind, counted[kind]) for kind in KINDS if counted[kind])


async def whence(study: models.Study, family: Family, is_team: bool) -> Whence:
    """What a statement rests on. Quotations stand in the order of their words, which is nobody's. How many sentences
    people wrote is for the team: whoever wrote one of two would know that one other did."""
    links = await _links(family.roots)
    known = {one.id: one for one in await models.Source.filter(study_id=study.id)}
    kinds = by_kind(
        [known[number] for number in sorted({one.source_id for one in links})], family.written if is_team else 0
    )
    wanted = sorted({one.quotation_id for one in links if one.quotation_id})
    quotations = await models.Quotation.filter(id__in=wanted)
    people = shared(known.values())
    shown: list[Said] = []
    held_back = waiting = 0
    for one in quotations:
        source = known[one.source_id]
        waiting += not is_quotable(one)
        may_see = told(one, source, people, study.floor)
        held_back += is_quotable(one) and may_see is None
        if is_team:
            shown.append(Said(one.text, one.language, source.kind, source.site, source.informant, source.label))
        elif may_see is not None:
            shown.append(may_see)
    shown.sort(key=lambda said: (said.text, said.language, said.kind))
    return Whence(kinds, tuple(shown), held_back, waiting if is_team else 0)


async def _links(roots: Iterable[Named]) -> list[models.Evidence]:
    names: dict[int, list[str]] = {}
    for session, name in roots:
        names.setdefault(session, []).append(name)
    found: list[models.Evidence] = []
    for session, those in sorted(names.items()):
        found += await models.Evidence.filter(session_id=session, statement__in=those)
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    """What a session knows of its statements. last: as each was last met; written: proposals of people; unseen:
    those that belong to the team alone."""

    last: Mapping[str, Statement]
    written: frozenset[str]
    unseen: frozenset[str]


async def _held(session: models.Session) -> _Held:
    last = {data["id"]: statement_from(data) for data in session.imported}
    brought = set(last)
    written: set[str] = set()
    shown: set[str] = set()
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        kind, came = ROUNDS[row.kind], [statement_from(data) for data in row.statements or ()]
        left = left_by(row.outcome) if row.outcome else {}
        made = [statement_from(data) for name in ("statements", "ended") for data in left.get(name, ())]
        last |= {one.id: one for one in (*came, *made)}
        if writes(kind):
            written |= {one.id for one in made if not one.parents} - brought
        elif compiles(kind):
            shown |= {one.id for one in made}
        else:
            shown |= {one.id for one in (*came, *made)}
    return _Held(last, frozenset(written), frozenset(written - shown))


async def family_of(
    session: models.Session, name: str, is_team: bool, known: dict[int, _Held] | None = None
) -> Family | None:
    """A statement with everything that it was made of, here and wherever in the study it has its number; None where
    there is none, or where it is words of somebody that the team alone reads. known: sessions that were looked at."""
    known = {} if known is None else known
    here = known.get(session.id) or await _held(session)
    known[session.id] = here
    if name not in here.last or (name in here.unseen and not is_team):
        return None
    statement = here.last[name]
    roots: set[Named] = set()
    todo: list[Named] = [(session.id, name)]
    while todo:
        at = todo.pop()
        if at in roots:
            continue
        roots.add(at)
        number, called = at
        if number not in known:
            known[number] = await _held(await models.Session.get(id=number))
        found = known[number].last.get(called)
        todo += [(number, parent) for parent in (found.parents if found else ())]
        todo += await _same(session, number, called)
    written = sum(called in known[number].written for number, called in roots)
    parents = tuple(here.last[one] for one in statement.parents if one in here.last)
    return Family(statement, frozenset(roots), written, parents)


async def _same(session: models.Session, number: int, called: str) -> list[Named]:
    """The same statement in other sessions of the study; of a rehearsal, that of the session which it rehearses."""
    if number == session.id and session.rehearses is not None:
        return [(session.rehearses, called)]
    own = await models.StudyNumber.get_or_none(session_id=number, statement=called)
    if own is None:
        return []
    rows = models.StudyNumber.filter(study_id=own.study_id, number=own.number)
    return [(row.session_id, row.statement) for row in await rows.order_by("id")]


async def counted(study_id: int, session: models.Session, names: Sequence[str], k: int) -> list[tuple[str, str, int]]:
    """(statement, kind, sources) for a file that anyone may have: from k sources of a kind on, nothing below."""
    if not await models.Evidence.exists(study_id=study_id):
        return []
    known = {one.id: one for one in await models.Source.filter(study_id=study_id)}
    found: list[tuple[str, str, int]] = []
    held: dict[int, _Held] = {}
    for name in names:
        family = await family_of(session, name, is_team=True, known=held)
        links = await _links(family.roots) if family else []
        kinds = by_kind([known[number] for number in {one.source_id for one in links}])
        found += [(name, kind, n) for kind, n in kinds if n >= k]
    return found
