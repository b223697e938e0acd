"""Rows of the tables as plain, frozen data: what a page, a list of results or a file may hold of them.

What leads from a row to more than its reader may see (outcomes, findings, ballots, codes, passwords, the rows that are
related to it) is not here, and is never added. Nothing is counted, looked up or decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from consensus import models
from consensus.counting import CountedTogether, Counting, blocks_of, closes_once, told_of
from consensus.states import RoundState
from consensus.text import listed, pick
from rounds.contract import Block
from rounds.lineage import ALL

Groups = Iterable[Mapping[str, Any]]


def group_name(groups: Groups, key: str, language: str) -> str:
    return next((pick(group["names"], language) for group in groups if group["key"] == key), key)


def shape_of_group(groups: Groups, key: str) -> int:
    return next((int(group["shape"]) for group in groups if group["key"] == key), 1)


def pair_name(groups: Groups, pair: Iterable[str], language: str) -> str:
    """Groups as one says them together."""
    return listed(language, [group_name(groups, key, language) for key in pair])


@dataclass(frozen=True, slots=True)
class Everyone:
    """The whole room as one block. keys: of the blocks that are it; words: what it is called, by language."""

    keys: frozenset[str] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[models.Round], words: Mapping[str, str]) -> Everyone:
        """A block that is a part of the room in another round keeps the names of its groups in both."""
        opened = [(row.is_together, blocks_of(row)) for row in rows]
        parts = {block.key for _, blocks in opened if len(blocks) > 1 for block in blocks}
        whole = {block.key for is_together, blocks in opened if is_together for block in blocks}
        return cls(frozenset(whole - parts), words)


NO_ROOM = Everyone()


def block_name(groups: Groups, block: Block, language: str, everyone: Everyone = NO_ROOM) -> str:
    """All its groups, as one says them together; no reader hears of the first alone. The whole room has its own."""
    return everyone.words[language] if block.key in everyone.keys else pair_name(groups, block.groups, language)


def shape_of(groups: Groups, block: Block, everyone: Everyone = NO_ROOM) -> int:
    """The sign of a block: that of its first group; 0 of the whole room, which is no group."""
    if block.key in everyone.keys:
        return 0
    return next((int(group["shape"]) for group in groups if group["key"] == block.groups[0]), 1)


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """apart: pairs of groups, by their keys, that are never counted together."""

    id: int
    title: Mapping[str, str]
    question: Mapping[str, str]
    languages: tuple[str, ...]
    groups: tuple[Mapping[str, Any], ...]
    floor: int
    help_name: str
    help_phone: str
    retention: str
    is_row_level_allowed: bool
    zone: str
    apart: tuple[tuple[str, ...], ...]
    has_call_list: bool
    has_analysis_file: bool
    sites: tuple[Mapping[str, Any], ...]
    known: tuple[Mapping[str, Any], ...]
    arms: tuple[Mapping[str, Any], ...]
    profile: tuple[Mapping[str, Any], ...]
    headline: str
    is_put_away: bool

    @classmethod
    def of(cls, row: models.Study) -> StudyFacts:
        return cls(
            id=row.id,
            title=row.title,
            question=row.question,
            languages=tuple(row.languages),
            groups=tuple(row.groups),
            floor=row.floor,
            help_name=row.help_name,
            help_phone=row.help_phone,
            retention=row.retention,
            is_row_level_allowed=row.is_row_level_allowed,
            zone=row.zone,
            apart=tuple(map(tuple, row.apart or ())),
            has_call_list=row.has_call_list,
            has_analysis_file=row.has_analysis_file,
            sites=tuple(row.sites or ()),
            known=tuple(row.known or ()),
            arms=tuple(row.arms or ()),
            profile=tuple(row.profile or ()),
            headline=row.headline,
            is_put_away=bool(row.put_away_at),
        )


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """brought: how many statements came from a file."""

    id: int
    title: Mapping[str, str]
    languages: tuple[str, ...]
    brought: int
    takes_newcomers: bool
    screen: str
    rehearses: int | None
    site: str
    arm: str
    protocol: str
    planned_on: str
    follows: int | None
    why: str

    @classmethod
    def of(cls, row: models.Session) -> SessionFacts:
        return cls(
            id=row.id,
            title=row.title,
            languages=tuple(row.languages),
            brought=len(row.imported),
            takes_newcomers=row.takes_newcomers,
            screen=row.screen,
            rehearses=row.rehearses,
            site=row.site,
            arm=row.arm,
            protocol=row.protocol,
            planned_on=row.planned_on,
            follows=row.follows,
            why=row.why,
        )


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """number: its place among the steps of the session, from 1, whatever was taken out. nth: its number among the
    rounds of its kind, 0 where it is the only one. can_reopen: closed, and nothing builds on it yet. blocks: none
    before it opens. counted_as: who was counted together, once it has closed. k: valid answers under which nothing of a
    group is told, as it opened; 0 before, and of a round of before. title: a name of its own, by language; {} where it
    has that of its kind. takes_of: the key of the earlier round that it takes statements of, "" for the one before.
    opens_at, closes_at: planned moments. has_stopping: a rule says whether it is asked again."""

    id: int
    key: str
    kind: str
    position: int
    state: str
    settings: Mapping[str, Any]
    disclosure: str
    grace: int
    is_looked: bool
    is_shown: bool
    hash: str
    notes: tuple[Mapping[str, Any], ...]
    is_together: bool
    closes_once: bool
    k: int
    nth: int
    can_reopen: bool
    blocks: tuple[Block, ...]
    counted_as: CountedTogether | None
    title: Mapping[str, str] = field(default_factory=dict)
    takes: str = ALL
    takes_of: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    has_stopping: bool = False
    number: int = 0

    def told_last(self, *acts: str) -> Mapping[str, Any] | None:
        """The last of its notes that is of one of these acts."""
        return next((note for note in reversed(self.notes) if note["act"] in acts), None)


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def rounds_of(rows: Sequence[models.Round]) -> tuple[RoundFacts, ...]:
    """rows: all rounds of a session, in order."""
    kinds = [row.kind for row in rows]
    seen: dict[str, int] = {}
    found = []
    for number, row in enumerate(rows, 1):
        seen[row.kind] = seen.get(row.kind, 0) + 1
        later = (other for other in rows if other.position > row.position)
        found.append(
            RoundFacts(
                id=row.id,
                number=number,
                key=row.key,
                kind=row.kind,
                title=row.title or {},
                takes=row.takes,
                takes_of=row.takes_of,
                opens_at=_moment(row.opens_at),
                closes_at=_moment(row.closes_at),
                has_stopping=bool(row.stopping),
                position=row.position,
                state=row.state,
                settings=row.settings,
                disclosure=row.disclosure,
                grace=row.grace,
                is_looked=row.is_looked,
                is_shown=row.is_shown,
                hash=row.hash,
                notes=tuple(row.notes),
                is_together=row.is_together,
                closes_once=closes_once(row),
                k=counting.k if (counting := Counting.of(row)) else 0,
                nth=seen[row.kind] if kinds.count(row.kind) > 1 else 0,
                can_reopen=row.state == RoundState.CLOSED
                and not closes_once(row)
                and all(other.state == RoundState.DRAFT for other in later),
                blocks=blocks_of(row),
                counted_as=told_of(row) if row.state == RoundState.CLOSED else None,
            )
        )
    return tuple(found)


def round_name(say: Callable[[str], str], row: RoundFacts, language: str) -> str:
    """What every page and file calls a round: its own name, or that of its kind, numbered where a session has several
    of it. say: a sentence by its key, in the same language."""
    if own := pick(row.title, language):
        return own
    return say(f"{row.kind}.title") + (f"\u00a0{row.nth}" if row.nth else "")


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """A place in a session, as whoever sits there or runs the session may see it. name: of who sits there, or ""."""

    id: int
    session_id: int
    role: str
    group: str
    language: str
    consented: bool
    withdrawn: str
    is_simulated: bool
    name: str = ""

    @classmethod
    def of(cls, row: models.Seat, name: str = "") -> SeatFacts:
        return cls(
            id=row.id,
            session_id=row.session_id,
            role=row.role,
            group=row.group,
            language=row.language,
            consented=row.consented,
            withdrawn=row.withdrawn,
            is_simulated=row.is_simulated,
            name=name,
        )


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A named person as the team may know them, and no more: never what they agreed to, answered, or when they were
    here. has_come: by the link that they have now. has_new_link: the team made it after they had come in."""

    id: int
    name: str
    group: str
    language: str
    has_come: bool
    has_left: bool
    is_simulated: bool
    sites: tuple[str, ...]
    arm: str
    has_new_link: bool = False

    @classmethod
    def of(cls, row: models.Seat, name: str = "", has_new_link: bool = False) -> PersonFacts:
        return cls(
            id=row.id,
            name=name,
            group=row.group,
            language=row.language,
            has_come=row.is_entered,
            has_left=bool(row.withdrawn),
            is_simulated=row.is_simulated,
            sites=tuple(row.sites or ()),
            arm=row.arm,
            has_new_link=has_new_link,
        )


@dataclass(frozen=True, slots=True)
class StaffFacts:
    name: str

    @classmethod
    def of(cls, row: models.Staff) -> StaffFacts:
        return cls(row.name)
