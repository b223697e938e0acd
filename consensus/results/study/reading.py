"""The sessions of a study as anyone may see them, from the rows of the tables: closed rounds only, never a rehearsal,
and of these only what was released at the close.

A statement is the same in two sessions where both call it by one number of the study. Nothing is summed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consensus import models
from consensus.freeze import is_frozen
from consensus.results.cards import Results
from consensus.results.histories import natural
from consensus.results.reading import released
from consensus.results.stages import ClosedRound, rank_of
from consensus.results.study.data import (
    TOLD,
    UNDEFINED,
    WITHHELD,
    Cell,
    Outcome,
    Placed,
    StudyResults,
    StudySession,
    StudyStatement,
)
from consensus.results.study.keeping import kept_of
from consensus.results.study.ordered import ordered_in
from consensus.results.study.people import Answered, Heard, heard_in, is_as_told, with_voices
from consensus.results.study.places import Placing, placed_of
from rounds.contract import Block, Line
from rounds.rules import First, rule_from

BETWEEN = " "  # the names of one statement in a session, where it has several
SUMS = {"mean_rank", "placed", "n"}  # the columns of an order of which every ballot covers every card


@dataclass(frozen=True, slots=True)
class Read:
    """One session, read. told: by number there, what the study calls each statement. scored, placed: what people
    answered in its last round that scored, and that ordered."""

    row: models.Session
    key: str
    results: Results
    told: Mapping[str, str]
    numbers: Mapping[str, int]
    is_frozen: bool
    scored: Heard
    placed: Heard

    @property
    def scoring(self) -> ClosedRound | None:
        """The last round of scores in bands; others have no low side."""
        stage = self.results.scoring
        return stage if stage is not None and stage.has({"low"}) else None

    @property
    def placing(self) -> ClosedRound | None:
        """The round that orders, where its sums are those of whole ballots."""
        stage = self.results.ordering
        return stage if stage is not None and stage.has(SUMS) and not stage.row.closes_once else None

    @property
    def stages(self) -> list[ClosedRound]:
        found = [self.scoring, self.results.ordering]
        return [stage for stage in found if stage is not None]


@dataclass(frozen=True)
class Answers:
    """What people answered in the rounds whose figures are read. is_as_told: these are the ballots of the closes, and
    none was erased since; only then may anything be worked out of them. unseen: in no told cell."""

    scored: tuple[Answered, ...]
    placed: tuple[Answered, ...]
    unseen: tuple[Answered, ...]
    is_as_told: bool


async def study_results(study_id: int) -> StudyResults:
    """What the closed rounds of a study told. DoesNotExist: no such study."""
    return (await read_study(study_id))[0]


async def read_study(study_id: int) -> tuple[StudyResults, Answers]:
    """The same, and the answers that it was counted from."""
    study = await models.Study.get(id=study_id)
    rows = await models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")
    read = [await _read(row, str(place)) for place, row in enumerate(rows, start=1)]
    told = [one for one in read if one.stages]
    scored, placed = (tuple(a for one in told for a in getattr(one, name).told) for name in ("scored", "placed"))
    unseen = tuple(answered for one in told for answered in one.scored.unseen)
    cells = list(_cells(told))
    placing = _placing(told)
    places = placed_of(placing, study.floor) if placing else []
    ordered = [
        cell for one in told if one.results.ordering for cell in ordered_in(one.key, one.results.ordering, one.told)
    ]
    keys = {one.row.id: one.key for one in told}
    kept = await kept_of(study_id)
    results = StudyResults(
        k=study.floor,
        title=study.title,
        languages=tuple(study.languages),
        headline=study.headline,
        groups=tuple(study.groups),
        sites=tuple(study.sites or ()),
        known=tuple(study.known or ()),
        arms=tuple(study.arms or ()),
        sessions=tuple(_session(one, study, keys, [*cells, *places]) for one in told),
        waiting=len(read) - len(told),
        statements=_statements(told),
        outcomes=tuple(outcome for one in told for outcome in _outcomes(one)),
        cells=(*with_voices(cells, scored, is_whole=False), *kept.others),
        parts=kept.parts,
        placed=tuple(with_voices(places, placed, is_whole=True)),
        is_frozen=kept.covers([one.key for one in told]) and all(one.is_frozen for one in read),
        ordered=tuple(with_voices(ordered, placed, is_whole=True)),
    )
    return results, Answers(scored, placed, unseen, is_as_told(cells, scored))


async def _read(row: models.Session, key: str) -> Read:
    rounds = await models.Round.filter(session_id=row.id).order_by("position")
    results = released(rounds)
    numbered = await models.StudyNumber.filter(session_id=row.id).order_by("number", "statement")
    numbers = {one.statement: one.number for one in numbered}
    told = {name: str(numbers.get(name) or f"{key}.{name}") for name in results.histories}
    scored, placed = [
        await heard_in(key, row.id, stage.row.id if stage else None, told)
        for stage in (results.scoring, results.ordering)
    ]
    return Read(row, key, results, told, numbers, await is_frozen(row), scored, placed)


def _placing(read: Sequence[Read]) -> list[Placing]:
    """None unless every session that orders anything does so by whole ballots."""
    if any(one.results.ordering is not None and one.placing is None for one in read):
        return []
    return [Placing(one.key, stage, one.told, one.placed.told) for one in read if (stage := one.placing)]


def _session(one: Read, study: models.Study, keys: Mapping[int, str], cells: Sequence[Cell | Placed]) -> StudySession:
    scoring = one.scoring
    within = {str(site["key"]): str(site.get("within") or "") for site in study.sites or ()}
    asked = [stage.answered for stage in one.stages if stage.answered is not None]
    people = max(asked, default=0)
    groups = dict.fromkeys(cell.groups for cell in cells if cell.session == one.key)
    return StudySession(
        id=one.row.id,
        key=one.key,
        title=one.row.title,
        site=one.row.site,
        province=within.get(one.row.site) or one.row.site,
        arm=one.row.arm,
        groups=tuple(groups),
        people=people if people >= study.floor else None,
        scale=str(scoring.settings.get("scale", "")) if scoring else "",
        bands=(scoring.scale.top, scoring.scale.low, scoring.scale.high) if scoring and scoring.scale else None,
        rule=scoring.rule if scoring else None,
        top=_top(one),
        scored=scoring.key if scoring else "",
        placed=one.placing.key if one.placing else "",
        follows=keys.get(one.row.follows or 0, ""),
        is_frozen=one.is_frozen,
    )


def _top(one: Read) -> int | None:
    """How many are first: what its rule keeps, or else how many places a ballot had."""
    ordering = one.results.ordering
    if ordering is None:
        return None
    rule = rule_from(ordering.rule)
    if isinstance(rule, First):
        return rule.n
    places = ordering.settings.get("top")
    return places if isinstance(places, int) and places < len(ordering.lines) else None


def _statements(read: Sequence[Read]) -> tuple[StudyStatement, ...]:
    """By number, then those that are a session's own. Words: those of the first session that asked."""
    found: dict[str, tuple[int | None, Any, dict[str, str]]] = {}
    for one in read:
        for stage in one.stages:
            for name in stage.lines:
                key = one.told[name]
                last = one.results.histories[name].last
                names = found.setdefault(key, (one.numbers.get(name), last, {}))[2]
                names[one.key] = BETWEEN.join(dict.fromkeys([*names.get(one.key, "").split(), name]))
    numbered = sorted(found, key=lambda key: (found[key][0] is None, found[key][0] or 0, natural(key)))
    return tuple(
        StudyStatement(key, number, said.wordings, said.original, asked, said.theme, said.nature)
        for key in numbered
        for number, said, asked in [found[key]]
    )


def _cells(read: Sequence[Read]) -> Iterator[Cell]:
    for one in read:
        stage = one.scoring
        for line, block, row in _rows(stage) if stage else ():
            if row.get("n"):
                votes = tuple(int(row[f"v{value}"]) for value in range(1, stage.scale.top + 1)) if stage else ()
                figures = {name: int(row[name]) for name in ("n", "high", "low")}
                yield Cell(one.key, block.groups, one.told[line.statement], **figures, votes=votes, voices=Fraction())


def _rows(stage: ClosedRound) -> Iterator[tuple[Line, Block, Mapping[str, Any]]]:
    for line in stage.lines.values():
        for block in stage.blocks:
            if block.key in line.by_block:
                yield line, block, line.by_block[block.key]


def _outcomes(one: Read) -> Iterator[Outcome]:
    asked: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for stage in one.stages for name in stage.lines):
        asked.setdefault(one.told[name], []).append(name)
    for key, names in asked.items():
        yield _outcome(one, key, names)


def _outcome(one: Read, key: str, names: Sequence[str]) -> Outcome:
    """names: of the statement there; it may have got another between two rounds."""
    scoring, ordering = one.scoring, one.results.ordering
    card = next((card for card in one.results.cards if card.statement.id in names), None)
    line = next((scoring.lines[name] for name in names if name in scoring.lines), None) if scoring else None
    values: Mapping[str, Any] = line.values if line else {}
    n = values.get("n") or None
    ranks = [rank_of(ordering, name) for name in names] if ordering else [card.rank if card and n else None]
    rank = next((found for found in ranks if found is not None), None)
    held = [stage for stage in one.stages if stage.held & set(names)]
    state = TOLD if n or rank is not None else WITHHELD if held else UNDEFINED
    decided = (line.decision if line else None) or (card.decision if card else None)
    return Outcome(
        session=one.key,
        statement=key,
        state=state,
        n=n,
        high=values.get("high") if n else None,
        low=values.get("low") if n else None,
        median=Fraction(values["median"]) if n and values.get("median") is not None else None,
        verdict=str(decided or ""),
        rank=rank,
        is_tied=bool(card and card.is_tied),
        sure=card.band if card else None,
        certainty=card.certainty[0] if card and card.certainty else "",
    )
